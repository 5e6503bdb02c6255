"""Recovery (追回): money that comes back from who was paid, and the ban that follows.

Opened by `recovery_opening`; approved by another person, received in parts, mirrored in the budget.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.books import scheme_book
from catalogue.money_forms import RepaymentForm
from catalogue.paging import check_status, id_page
from catalogue.policies import receipts
from catalogue.products.search import like_pattern
from catalogue.rules.subsidy import ban_until
from catalogue.rules.subsidy.money_workflows import RECOVERY
from catalogue.rules.subsidy.nouns import Instrument, RecoveryStatus
from catalogue.rules.subsidy.workflow import SUBSIDY
from catalogue.subsidies.schemes import RECOVERED, RETURNED, book_of
from catalogue.tables import Application, Recovery
from service.auth import SYSTEM, Actor
from service.kernel import journal, ledger
from service.kernel.calendar import today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.ledger import Line, Posting


@dataclass(frozen=True, slots=True)
class RecoveryShape:
    """A claim for money to come back, in fen; `debtor` is who was paid: the firm or the insurer."""

    number: str
    application: str
    enterprise: str
    policy: str
    payee_kind: str
    debtor: str
    line: int
    cause: str
    amount_fen: int
    received_fen: int
    due_on: date | None
    status: str
    calculation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class RecoveryPage:
    """A page of recoveries, newest first; `next` is null on the last, `previous` on the first."""

    items: list[RecoveryShape]
    next: str | None
    previous: str | None


_RECOVERY = """
SELECT r.id, r.number, a.number AS application, o.name AS enterprise, l.id AS line, r.cause,
  y.id AS policy_id, y.number AS policy, k.payee_kind, a.assessment #>> '{result,instrument}'
  AS instrument, CASE k.payee_kind WHEN 'insurer' THEN n.name ELSE o.name END AS debtor,
  CASE k.payee_kind WHEN 'insurer' THEN n.id ELSE o.id END AS debtor_id,
  r.amount_fen, r.received_fen, r.due_on, r.status, r.calculation::text AS calculation,
  r.opened_by, s.code AS scheme, s.id AS scheme_id, a.id AS application_id, a.enterprise AS firm_id,
  a.status AS application_status, a.approved_by
FROM recovery r JOIN application_line l ON l.id = r.application_line
JOIN application a ON a.id = l.application JOIN scheme s ON s.id = a.scheme
JOIN organisation o ON o.id = a.enterprise JOIN policy y ON y.id = l.policy
JOIN organisation n ON n.id = y.insurer
CROSS JOIN LATERAL (SELECT coalesce((SELECT i.payee_kind FROM payment_item i
  WHERE i.application_line = l.id AND i.status = 'paid' LIMIT 1), 'firm') AS payee_kind) k
"""
_SEEN = " WHERE ($1 OR a.enterprise = $2 OR (n.id = $2 AND k.payee_kind = 'insurer'))"
_FILTERS = """ AND ($3::text IS NULL OR r.status = $3) AND ($4::text IS NULL OR r.number LIKE $4
  OR a.number LIKE $4 OR o.name LIKE $4 OR y.number LIKE $4)"""
CLAIMED = ("false_claim", "duplicate")
"""Causes that no endorsement shows."""
_SHOWN = tuple(RecoveryShape.__dataclass_fields__)


def _shape(row: Any) -> RecoveryShape:
    values = {name: row[name] for name in _SHOWN}
    return RecoveryShape(**{**values, "calculation": journal.parsed(row["calculation"])})


async def _row(number: str, *, lock: bool = False) -> Any:
    row = await sql_row(
        _RECOVERY + " WHERE r.number = $1" + (" FOR UPDATE OF r, l, a" if lock else ""), number
    )
    if row is None:
        raise NotFound("追回", "Recovery", number)
    return row


async def recovery(actor: Actor, number: str) -> RecoveryShape:
    """One recovery, for its firm, who owes it, the committee and the auditor."""
    row = await _row(number)
    if not (actor.sees_all or actor.owns(row["firm_id"]) or actor.owns(row["debtor_id"])):
        raise NotFound("追回", "Recovery", number)
    return _shape(row)


async def recovery_page(
    actor: Actor,
    status: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> RecoveryPage:
    """Recoveries the actor may see, newest first; words of number, application, firm or policy."""
    check_status(status, RecoveryStatus)
    turned = await id_page(
        _RECOVERY + _SEEN + _FILTERS,
        "r.id",
        cursor,
        limit,
        actor.sees_all,
        actor.organisation_id,
        status,
        like_pattern(q) if q else None,
    )
    return RecoveryPage([_shape(row) for row in turned.rows], turned.next, turned.previous)


async def recoveries(actor: Actor, status: str | None = None) -> list[RecoveryShape]:
    """Recoveries the actor may see, newest first."""
    rows = await sql(
        _RECOVERY + _SEEN + " AND ($3::text IS NULL OR r.status = $3) ORDER BY r.id DESC LIMIT 500",
        actor.sees_all,
        actor.organisation_id,
        status,
    )
    return [_shape(row) for row in rows]


async def approve(actor: Actor, number: str) -> RecoveryShape:
    """Approve a recovery: who was paid must pay. Not by who proposed it nor approved the subsidy.

    A false claim also bans the firm for the years that the rule sets.
    """
    async with work():
        row = await _row(number, lock=True)
        if row["status"] != "proposed":
            raise Conflict("recovery.state", status=row["status"])
        if actor.user_id in (row["opened_by"], row["approved_by"]):
            raise Forbidden("auth.four_eyes")
        await move(actor, row, "approve", {"approved_by": actor.user_id})
        if row["cause"] == "false_claim":
            await _ban(row)
    return _shape(await _row(number))


async def _ban(row: Any) -> None:
    values = (await scheme_book(row["scheme_id"])).rules
    if not values.recovery_ban_years:
        return
    start = today()
    await sql(
        "INSERT INTO ban (organisation, recovery, from_on, to_on, clause) VALUES ($1, $2, $3, $4,"
        " $5)",
        row["firm_id"],
        row["id"],
        start,
        ban_until(values, start),
        values.source("recovery_ban_years")[:200],
    )


async def cancel(actor: Actor, number: str) -> RecoveryShape:
    """Drop a proposal that turned out wrong; an approved recovery stays."""
    async with work():
        row = await _row(number, lock=True)
        if row["status"] != "proposed":
            raise Conflict("recovery.state", status=row["status"])
        await move(actor, row, "cancel")
    return _shape(await _row(number))


async def receive(actor: Actor, number: str, form: RepaymentForm) -> RecoveryShape:
    """Book money that came back; never above the claim. The application follows."""
    async with work():
        row = await _row(number, lock=True)
        found: list[Finding] = []
        left_fen = row["amount_fen"] - row["received_fen"]
        if row["status"] != "open":
            raise Conflict("recovery.state", status=row["status"])
        if form.amount_fen > left_fen:
            found.append(blocker("recovery.above_claim", "amount_fen", left_fen=left_fen))
        if form.received_on > today():
            found.append(blocker("recovery.in_future", "received_on", today=today()))
        if found:
            raise Refused(found)
        event = await move(
            actor,
            row,
            "receive" if form.amount_fen == left_fen else "receive_part",
            {"received_fen": row["received_fen"] + form.amount_fen},
            {"amount_fen": form.amount_fen, "reference": form.bank_reference},
            form.received_on,
        )
        await _book(row, form, event)
        if row["cause"] in CLAIMED and row["instrument"] == Instrument.PREMIUM_DIRECT_PAY:
            await _off_the_policy(actor, row, form)
        await _follow(row, form.amount_fen)
    return _shape(await _row(number))


async def move(
    actor: Actor,
    row: Any,
    event: str,
    values: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    day: date | None = None,
) -> int:
    """Take one step of a recovery; returns the journal event's id."""
    _, event_id = await journal.move(
        RECOVERY,
        Recovery,
        row,
        event,
        actor,
        subject_kind="recovery",
        subject=row["number"],
        values=values,
        facts=facts,
        effective_on=day,
    )
    return event_id


async def _off_the_policy(actor: Actor, row: Any, form: RepaymentForm) -> None:
    """Premium that the insurer gave back to the scheme is off the policy; the firm owes it now."""
    receipt = await sql_row(
        "SELECT r.id, (SELECT sum(x.amount_fen)::bigint FROM premium_receipt x WHERE"
        " x.policy = r.policy AND x.source = r.source) AS left_fen FROM premium_receipt r"
        " JOIN payment_item i ON i.id = r.payment_item WHERE i.application_line = $1",
        row["line"],
    )
    if receipt is not None and receipt["left_fen"] > 0:
        amount_fen = min(form.amount_fen, receipt["left_fen"])
        await receipts.give_back(actor, receipt["id"], amount_fen, form.received_on)


async def _book(row: Any, form: RepaymentForm, event: int) -> None:
    await ledger.post(
        Posting(
            book=book_of(row["scheme"]),
            key=f"recovery:{row['number']}:{form.bank_reference}",
            reason="recovery",
            clause=row["cause"],
            effective_on=form.received_on,
            lines=[Line(RETURNED, form.amount_fen), Line(RECOVERED, -form.amount_fen)],
            journal_event=event,
            facts={"application_line": row["line"]},
        )
    )


async def _follow(row: Any, amount_fen: int) -> None:
    await sql(
        "UPDATE application_line SET recovered_fen = recovered_fen + $2, status = CASE WHEN"
        " recovered_fen + $2 = paid_fen THEN 'recovered' ELSE status END WHERE id = $1",
        row["line"],
        amount_fen,
    )
    state = await sql_row(
        "UPDATE application SET recovered_fen = recovered_fen + $2, revision = revision + 1"
        " WHERE id = $1 RETURNING id, number, status, recovered_fen = paid_fen AS whole",
        row["application_id"],
        amount_fen,
    )
    assert state is not None
    event = "recover" if state["whole"] else "recover_part"
    roles = {"system", "committee_approver"}
    if any(step.event == event for step in SUBSIDY.steps_from(state["status"])):
        await journal.move(
            SUBSIDY,
            Application,
            {"id": state["id"], "status": state["status"]},
            event,
            SYSTEM,
            subject_kind="application",
            subject=state["number"],
            note=f"追回 {row['number']}",
            roles=roles,
        )


async def running_bans(organisation_id: int, day: date) -> bool:
    """Whether a ban runs for an organisation on a day."""
    return bool(
        await sql_value(
            "SELECT 1 FROM ban WHERE organisation = $1 AND $2 BETWEEN from_on AND to_on LIMIT 1",
            organisation_id,
            day,
        )
    )


register(
    {
        "recovery.above_claim": Text(
            "缴回超过应缴余额 {left_fen}",
            "The repayment is above what is left to pay, {left_fen}",
            "请核对金额",
            "Check the amount",
        ),
        "recovery.in_future": Text(
            "到账日期晚于今天（{today}）",
            "The day of receipt is after today ({today})",
            "请核对日期",
            "Check the day",
        ),
        "recovery.state": Text(
            "追回当前为“{status}”，不能进行此操作",
            "The recovery is {status}; this is not possible now",
            "顺序为：提出、批准、缴回",
            "The order is proposal, approval, repayment",
        ),
    }
)
