"""Cash calls (预收赔款): money asked of the members before a large payment.

A call makes one debt for each other member. What later payments take of a call is not asked again
as reimbursement; what no payment took goes back when the call is released.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance.claim_forms import CashCallForm, ReasonForm
from coinsurance.claim_shapes import CallPartShape, CallShape, ClaimState
from coinsurance.claims.debts import CASH_CALL
from coinsurance.claims.rows import Found, SectionRow, handled, members_of, pick, sections_of
from coinsurance.claims.states import state_of
from coinsurance.rules.claims.deadlines import Due, due_after
from coinsurance.rules.claims.movements import MemberPart, parts_of
from coinsurance.rules.claims.workflow import CASH_CALL as CYCLE
from coinsurance.rules.claims.workflow import in_words
from coinsurance.rules.nouns import DayKind
from coinsurance.tables import CashCall
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Finding, blocker
from service.kernel.workflow import SYSTEM


async def call(actor: Actor, number: str, form: CashCallForm) -> ClaimState:
    """Ask the members for their parts of a payment to come; above the threshold only."""
    async with work():
        found = await handled(actor, number)
        section = pick(await sections_of(found.id), form.section)
        called_fen = await _called(section.id)
        checks = _check(found, section, form.amount_fen, called_fen)
        if checks:
            raise Refused(checks)
        assert found.terms is not None
        due = due_after(today(), found.terms.cash_call, found.clause("cash_call"))
        members = await members_of(section.id, ())
        parts = [
            part
            for part in parts_of(members, form.amount_fen)
            if part.organisation_id != found.row["handler"] and part.amount_fen > 0
        ]
        code = await _write(actor, found, section, form, due, parts)
        await journal.record(
            actor,
            "claim",
            number,
            "cash_call",
            note=form.note,
            facts={
                "cash_call": code,
                "amount_fen": form.amount_fen,
                "called_before_fen": called_fen,
                "due_on": due.on.isoformat() if due.on else None,
            },
        )
    return await state_of(number)


async def _called(section_id: int) -> int:
    """What open calls of a section ask for, over all members with the handler's own part."""
    fen: int = await sql_value(
        "SELECT coalesce(sum(amount_fen), 0)::bigint FROM cash_call WHERE section = $1"
        " AND status <> 'released'",
        section_id,
    )
    return fen


def _check(
    found: Found, section: SectionRow, amount_fen: int, called_fen: int
) -> list[Finding]:
    terms = found.terms
    if terms is None or terms.cash_call is None:
        return [blocker("claim.call_not_agreed", "amount_fen")]
    checks = []
    if found.status not in ("agreed", "part_paid"):
        checks.append(blocker("claim.not_agreed", "status", **in_words(found.status)))
    limit_fen = terms.cash_call_threshold_fen
    if limit_fen is not None and amount_fen <= limit_fen:
        checks.append(
            blocker(
                "claim.call_below",
                "amount_fen",
                found.clause("cash_call_threshold_fen"),
                amount_fen=amount_fen,
                limit_fen=limit_fen,
            )
        )
    left_fen = section.authorised_fen - called_fen
    left_fen = min(left_fen, section.authorised_fen - section.paid_fen)
    if amount_fen > left_fen:
        checks.append(
            blocker(
                "claim.call_above_left", "amount_fen", amount_fen=amount_fen, left_fen=left_fen
            )
        )
    return checks


async def _write(
    actor: Actor,
    found: Found,
    section: SectionRow,
    form: CashCallForm,
    due: Due,
    parts: Sequence[MemberPart],
) -> str:
    code = await next_number("CC", now())
    call_id = await sql_value(
        "INSERT INTO cash_call (number, claim, section, amount_fen, status, due_on, due_days,"
        " due_calendar, clause, note, revision, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, 'issued', $5, $6, $7, $8, $9, 1, $10, $11) RETURNING id",
        code,
        found.id,
        section.id,
        form.amount_fen,
        due.on,
        due.days,
        due.calendar.value,
        due.clause,
        form.note,
        now(),
        actor.user_id,
    )
    await journal.record(actor, CYCLE.name, code, "issue", to_status=CYCLE.initial)
    numbers = await _debts(found, call_id, due, [(p.organisation_id, p.amount_fen) for p in parts])
    await sql_many(
        "INSERT INTO cash_call_part (cash_call, organisation, amount_fen, obligation)"
        " SELECT $1, $2, $3, b.id FROM obligation b WHERE b.number = $4",
        [
            (call_id, part.organisation_id, part.amount_fen, serial)
            for part, serial in zip(parts, numbers, strict=True)
        ],
    )
    return code


async def _debts(
    found: Found, call_id: int, due: Due, amounts: Sequence[tuple[int, int]], *, back: bool = False
) -> list[str]:
    """One debt for each member to the handler, or (`back`) from it; returns their numbers."""
    row = await sql_row("SELECT obligation_count FROM claim WHERE id = $1", found.id)
    assert row is not None
    first = row["obligation_count"]
    numbers = [f"{found.number}-{first + n:05d}" for n in range(1, len(amounts) + 1)]
    handler = found.row["handler"]
    await sql_many(
        "INSERT INTO obligation (number, pool_year, placement, kind, debtor, creditor, amount_fen,"
        " settled_fen, arose_on, due_on, due_days, due_calendar, clause, cause_kind, cause, entry,"
        " status, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8, $9, $10, $11, $12,"
        " 'cash_call', $13, 0, 'open', $14)",
        [
            (
                serial,
                found.row["pool_year"],
                found.row["placement"],
                CASH_CALL,
                handler if back else member,
                member if back else handler,
                fen,
                today(),
                due.on,
                due.days,
                due.calendar.value,
                due.clause,
                call_id,
                now(),
            )
            for serial, (member, fen) in zip(numbers, amounts, strict=True)
        ],
    )
    await sql(
        "UPDATE claim SET obligation_count = obligation_count + $2, revision = revision + 1"
        " WHERE id = $1",
        found.id,
        len(amounts),
    )
    return numbers


_PARTS = """
SELECT p.organisation, o.uscc, o.short_name AS name, p.amount_fen, p.used_fen,
  b.id AS obligation_id, b.number AS obligation, coalesce(b.settled_fen, 0) AS received_fen,
  b.status AS debt_status,
  (SELECT min(r.number) FROM settlement_part t JOIN settlement_run r ON r.id = t.run
    LEFT JOIN payment_instruction i ON i.id = t.instruction WHERE t.obligation = b.id
    AND r.status IN ('proposed', 'agreed', 'instructed', 'part_confirmed')
    AND coalesce(i.status, 'pending') IN ('pending', 'part_paid')) AS run
FROM cash_call_part p JOIN organisation o ON o.id = p.organisation
LEFT JOIN obligation b ON b.id = p.obligation WHERE p.cash_call = $1 ORDER BY p.id
"""


_LOCK = """
SELECT id FROM obligation WHERE id IN (SELECT obligation FROM cash_call_part WHERE cash_call = $1)
ORDER BY id FOR UPDATE
"""


async def release(actor: Actor, number: str, code: str, form: ReasonForm) -> ClaimState:
    """Release a cash call: what was not paid and not used is void, what was paid goes back.

    A member owes of the call what payments took of it; anything received above that is owed back
    by the handler within the agreed days of reimbursement.
    """
    async with work():
        found = await handled(actor, number)
        row = await sql_row(
            "SELECT * FROM cash_call WHERE claim = $1 AND number = $2 FOR UPDATE", found.id, code
        )
        if row is None:
            raise NotFound("预收赔款", "Cash call", code)
        CYCLE.advance(row["status"], "release", actor.roles, form.reason)
        await sql(_LOCK, row["id"])
        parts = await sql(_PARTS, row["id"])
        checks = [
            blocker("claim.call_part_paid", "cash_call", member=part["name"])
            for part in parts
            if 0 < part["received_fen"] < part["amount_fen"]
        ]
        checks += [
            blocker("claim.call_in_run", "cash_call", member=part["name"], run=part["run"])
            for part in parts
            if part["run"] and part["received_fen"] == 0
        ]
        if checks:
            raise Refused(checks)
        await _release_parts(found, row, parts)
        await journal.move(
            CYCLE,
            CashCall,
            row,
            "release",
            actor,
            subject_kind=CYCLE.name,
            subject=code,
            note=form.reason,
            values={"revision": row["revision"] + 1},
        )
    return await state_of(number)


async def _release_parts(found: Found, row: Any, parts: Sequence[Any]) -> None:
    """Unpaid debts are void, except for what payments took; what was paid beyond that goes back."""
    assert found.terms is not None
    unpaid = [part for part in parts if part["received_fen"] == 0]
    await sql(
        "UPDATE obligation SET status = 'void' WHERE id = ANY($1::bigint[])",
        [part["obligation_id"] for part in unpaid],
    )
    first = Due(
        row["due_on"], today(), row["due_days"], DayKind(row["due_calendar"]), row["clause"]
    )
    again = [(part["organisation"], part["used_fen"]) for part in unpaid if part["used_fen"]]
    await _debts(found, row["id"], first, again)
    due = due_after(today(), found.terms.reimbursement, found.clause("reimbursement"))
    back = [
        (part["organisation"], part["received_fen"] - part["used_fen"])
        for part in parts
        if part["received_fen"] > part["used_fen"]
    ]
    await _debts(found, row["id"], due, back, back=True)


async def calls_of(found: Found) -> list[CallShape]:
    """The cash calls of a claim; parts of peers only for those who see all."""
    rows = await sql(
        "SELECT k.*, s.code FROM cash_call k JOIN claim_section s ON s.id = k.section"
        " WHERE k.claim = $1 ORDER BY k.id",
        found.id,
    )
    return [await _shape(found, row) for row in rows]


async def _shape(found: Found, row: Any) -> CallShape:
    parts = await sql(_PARTS, row["id"])
    status = funded(row["status"], [(p["amount_fen"], p["received_fen"]) for p in parts])
    return CallShape(
        row["number"],
        row["code"],
        status,
        CYCLE.label(status),
        row["amount_fen"],
        row["due_on"],
        row["clause"],
        row["note"],
        [
            CallPartShape(
                part["uscc"],
                part["name"],
                part["amount_fen"],
                part["received_fen"],
                part["used_fen"],
                part["obligation"],
            )
            for part in parts
            if found.view.shows(part["organisation"])
        ],
    )


def funded(status: str, parts: Sequence[tuple[int, int]]) -> str:
    """How far a call is paid, judged from its debts when it is read."""
    if status == "released" or not any(received for _, received in parts):
        return status
    event = "fund" if all(received >= asked for asked, received in parts) else "fund_part"
    step = next((s for s in CYCLE.steps_from(status) if s.event == event), None)
    return step.target if step and step.open_to({SYSTEM}) else status

