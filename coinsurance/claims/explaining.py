"""Why a claim comes to what it does: cover, authority, deadlines, parts, debts with interest.

Every amount answers which clause it rests on; interest is told as of a day and never stored here.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from coinsurance.access import keep_look
from coinsurance.claim_explain_shapes import (
    AuthorityShape,
    DeadlineShape,
    DebtShape,
    ExplainedPart,
    ExplainedSection,
    Explanation,
    InterestShape,
    StepShape,
)
from coinsurance.claims.deciding import verdict_of
from coinsurance.claims.records import movements_of
from coinsurance.claims.rows import Found, SectionRow, claim_for, sections_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.claims.deadlines import Due, due_after, payment_due
from coinsurance.rules.settlement.day_count import DayCount
from coinsurance.rules.settlement.interest import (
    InterestResult,
    LateDebt,
    Payment,
    RateStep,
    interest,
)
from service.auth import Actor
from service.kernel.calendar import local_day, today
from service.kernel.db import sql, sql_row
from service.kernel.errors import Forbidden

_DEBTS = """
SELECT b.id, b.number, b.kind, b.amount_fen, b.settled_fen, b.due_on, b.arose_on, b.clause,
  b.status, b.debtor, b.creditor, d.uscc AS debtor_uscc, d.short_name AS debtor_name,
  e.uscc AS creditor_uscc, e.short_name AS creditor_name
FROM obligation b JOIN organisation d ON d.id = b.debtor JOIN organisation e ON e.id = b.creditor
WHERE (b.cause_kind = 'claim_movement' AND b.cause IN
    (SELECT id FROM claim_movement WHERE claim = $1))
  OR (b.cause_kind = 'cash_call' AND b.cause IN (SELECT id FROM cash_call WHERE claim = $1))
ORDER BY b.id
"""
_SETTLED = """
SELECT obligation, settled_on, amount_fen FROM discharge WHERE obligation = ANY($1::bigint[])
ORDER BY id
"""


async def explain(actor: Actor, number: str, as_of: date | None = None) -> Explanation:
    """The whole reasoning of a claim for a member on the risk, the committee or the auditor."""
    found = await claim_for(actor, number)
    if found.is_insured:
        raise Forbidden("auth.forbidden")
    await keep_look(actor, "claim", number, "explanation")
    day = as_of or today()
    sections = await sections_of(found.id)
    movements = await movements_of(found)
    return Explanation(
        number,
        day,
        found.row["placement_number"],
        found.row["year"],
        found.row["loss_on"],
        found.clause("share_mode"),
        await _sections(found, sections),
        await _authority(found, sections),
        _deadlines(found),
        [
            ExplainedPart(m.number, m.kind, m.section, m.clause, part)
            for m in movements
            for part in m.parts
        ],
        await _debts(found, day),
    )


async def _sections(found: Found, sections: list[SectionRow]) -> list[ExplainedSection]:
    """The steps of the latest assessment by section."""
    row = await sql_row(
        "SELECT content::text AS content, hash FROM claim_assessment WHERE claim = $1"
        " ORDER BY number DESC LIMIT 1",
        found.id,
    )
    content: dict[str, Any] = msgspec.json.decode(row["content"]) if row else {}
    results = {r["code"]: r for r in content.get("result", {}).get("sections", [])}
    return [
        ExplainedSection(
            section.code,
            section.schedule,
            section.limit_fen,
            section.aggregate_fen,
            section.assessed_fen,
            section.agreed_fen,
            section.paid_fen,
            [msgspec.convert(s, StepShape) for s in results.get(section.code, {}).get("steps", [])],
            row["hash"] if row else "",
        )
        for section in sections
    ]


async def _authority(found: Found, sections: list[SectionRow]) -> AuthorityShape:
    amount_fen = sum(section.assessed_fen for section in sections)
    verdict = await verdict_of(found, amount_fen)
    return AuthorityShape(
        amount_fen,
        verdict.alone,
        verdict.basis.value,
        verdict.role,
        verdict.amount_max_fen,
        list(found.row["flags"]),
        verdict.clause,
        [finding.as_dict() for finding in verdict.findings],
    )


def _deadlines(found: Found) -> list[DeadlineShape]:
    """Notice, payment and reimbursement, each from the fact that starts it."""
    terms, row = found.terms, found.row
    shown = []
    if terms is not None:
        reported = local_day(row["reported_at"])
        shown.append(("notice", due_after(reported, terms.notice, found.clause("notice"))))
    if row["agreed_on"] is not None:
        term = terms.payment if terms else None
        shown.append(("payment", payment_due(row["agreed_on"], term, found.clause("payment"))))
    return [_deadline(name, due) for name, due in shown]


def _deadline(name: str, due: Due) -> DeadlineShape:
    return DeadlineShape(
        name, due.start_on, due.days, due.calendar.value, due.on, due.clause, due.waiting_zh
    )


async def _debts(found: Found, as_of: date) -> list[DebtShape]:
    """The debts the reader may see, each with its interest as of a day."""
    rows = [
        row
        for row in await sql(_DEBTS, found.id)
        if found.view.sees_all
        or found.view.organisation_id in (row["debtor"], row["creditor"])
    ]
    paid = await _settlements([row["id"] for row in rows])
    return [_debt(found, row, paid.get(row["id"], ()), as_of) for row in rows]


async def _settlements(keys: list[int]) -> dict[int, tuple[Payment, ...]]:
    """What was paid on each debt; what was undone was never paid."""
    found: dict[int, list[Payment]] = {}
    for row in await sql(_SETTLED, keys):
        paid = found.setdefault(row["obligation"], [])
        undone = next((p for p in reversed(paid) if p.amount_fen == -row["amount_fen"]), None)
        if undone is not None:
            paid.remove(undone)
        elif row["amount_fen"] > 0:
            paid.append(Payment(row["settled_on"], row["amount_fen"]))
    return {key: tuple(payments) for key, payments in found.items()}


def _debt(found: Found, row: Any, paid: tuple[Payment, ...], as_of: date) -> DebtShape:
    result = interest_of(found.terms, row, paid, as_of)
    return DebtShape(
        row["number"],
        row["kind"],
        row["debtor_uscc"],
        row["debtor_name"],
        row["creditor_uscc"],
        row["creditor_name"],
        row["amount_fen"],
        row["settled_fen"],
        row["status"],
        row["arose_on"],
        row["due_on"],
        row["clause"],
        None if result is None else _interest(found, result),
    )


def interest_of(
    terms: AgreementTerms | None, row: Any, paid: tuple[Payment, ...], as_of: date
) -> InterestResult | None:
    """Interest on a debt as of a day; None where none was agreed or nothing can be late."""
    if terms is None or terms.interest is None or row["due_on"] is None or row["status"] == "void":
        return None
    agreed = terms.interest
    debt = LateDebt(
        row["amount_fen"],
        row["due_on"],
        (RateStep(row["due_on"], agreed.rate_ppm),),
        DayCount(agreed.day_count),
        paid,
    )
    return interest(debt, as_of)


def _interest(found: Found, result: InterestResult) -> InterestShape:
    assert found.terms is not None and found.terms.interest is not None
    return InterestShape(
        result.amount_fen,
        str(result.exact),
        result.days,
        result.open_fen,
        found.terms.interest.rate_ppm,
        found.terms.interest.day_count,
        found.clause("interest"),
        [segment.as_dict() for segment in result.segments],
    )
