"""Reserves, expenses and recoveries of a claim, and the reversal of any movement."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from coinsurance.claim_forms import ExpenseForm, RecoveryForm, ReserveForm, ReversalForm
from coinsurance.claim_shapes import ClaimState
from coinsurance.claims import alerts
from coinsurance.claims.debts import (
    EXPENSE,
    RECOVERY,
    owed_for,
    reimbursement,
    taken_back,
)
from coinsurance.claims.rows import (
    Found,
    SectionRow,
    extra_allocated,
    first_day,
    handled,
    members_of,
    pick,
    sections_of,
)
from coinsurance.claims.states import state_of
from coinsurance.claims.storing import entry_key, store
from coinsurance.claims.writes import Write
from coinsurance.rules import accounts
from coinsurance.rules.claims.movements import (
    Member,
    MemberPart,
    ReserveFacts,
    ReversalFacts,
    check_expense,
    check_recovery,
    check_reserve,
    check_reversal,
    expense_members,
    mirrored,
    paid_event,
    parts_of,
)
from coinsurance.rules.claims.nouns import (
    PAID_KINDS,
    RECOVERY_KINDS,
    RESERVE_KINDS,
    MovementKind,
)
from coinsurance.rules.exact import Exact
from service.auth import Actor
from service.kernel import ledger
from service.kernel.calendar import today
from service.kernel.db import sql, sql_row, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Finding, blockers
from service.kernel.shares import WHOLE_UNITS

MIRROR = "DESIGN law 3"


async def set_reserve(
    actor: Actor,
    number: str,
    section_code: str,
    outstanding_fen: int,
    *,
    effective_on: date | None = None,
    reason: str = "",
    kind: MovementKind = MovementKind.RESERVE,
) -> ClaimState:
    """Set what is still expected to be paid on a section; the change is divided by share."""
    async with work():
        found = await handled(actor, number)
        section = pick(await sections_of(found.id), section_code)
        day = effective_on or today()
        facts = ReserveFacts(
            found.status, outstanding_fen, section.money, today(), day, first_day(found)
        )
        _refuse(check_reserve(facts))
        write = await _reserve_write(found, section, outstanding_fen, day, reason, kind)
        stored = await store(actor, found, section, write)
        await alerts.raise_if_large(actor, number)
    return await state_of(number, movement=stored.shape)


async def _reserve_write(
    found: Found,
    section: SectionRow,
    outstanding_fen: int,
    day: date,
    reason: str,
    kind: MovementKind,
) -> Write:
    change_fen = outstanding_fen - section.reserve_fen
    members = await members_of(section.id, ())
    parts = parts_of(members, 0, reserve_to_date_fen=outstanding_fen)
    return Write(
        kind,
        change_fen,
        change_fen,
        day,
        found.clause("share_mode"),
        parts,
        found.row["handler"],
        "reserve",
        note=reason,
        facts={"section": section.code, "outstanding_fen": outstanding_fen},
    )


async def reserve(actor: Actor, number: str, form: ReserveForm) -> ClaimState:
    """A new estimate of a section, with its reason."""
    return await set_reserve(
        actor,
        number,
        form.section,
        form.outstanding_fen,
        effective_on=form.effective_on,
        reason=form.reason,
    )


def _refuse(found: Sequence[Finding]) -> None:
    if blockers(found):
        raise Refused(found)


async def expense(actor: Actor, number: str, form: ExpenseForm) -> ClaimState:
    """Book a cost the handler paid; it is shared by the agreement's own rule for expenses."""
    async with work():
        found = await handled(actor, number)
        section = pick(await sections_of(found.id), form.section)
        day = form.paid_on or today()
        _refuse(check_expense(found.status, day, first_day(found), today()))
        members = await _expense_members(found, section)
        parts = parts_of(members, section.expense_fen + form.amount_fen)
        write = Write(
            MovementKind.EXPENSE,
            form.amount_fen,
            0,
            day,
            found.clause("expense_sharing"),
            parts,
            found.row["handler"],
            "expense",
            reference=form.reference,
            charge=form.charge.value,
            note=form.note,
            lines=lines_of(found, "claim_expense", parts),
            owed=owed_for(found, EXPENSE, parts, reimbursement(found, day, None)),
            facts={"section": section.code, "charge": form.charge.value},
        )
        stored = await store(actor, found, section, write)
    return await state_of(number, movement=stored.shape)


async def _expense_members(found: Found, section: SectionRow) -> tuple[Member, ...]:
    kinds = [MovementKind.EXPENSE.value]
    members = await members_of(section.id, kinds)
    sharing = found.terms.expense_sharing if found.terms else "by_share"
    chosen = expense_members(members, sharing, found.row["handler"])
    if len(chosen) == 1 and chosen[0].organisation_id == found.row["handler"]:
        allocated = await extra_allocated(section.id, found.row["handler"], kinds)
        code = found.row["handler_uscc"]
        return (Member(found.row["handler"], code, WHOLE_UNITS, allocated),)
    return chosen


def lines_of(
    found: Found, recipe: str, parts: Sequence[MemberPart]
) -> list[accounts.AccountLine]:
    """The lines of an entry by a recipe; none where no money moves between members."""
    if not found.in_pool:
        return []
    amounts = {part.uscc: part.amount_fen for part in parts}
    return accounts.recipe(recipe, amounts, holder=found.row["handler_uscc"])


async def recover(actor: Actor, number: str, form: RecoveryForm) -> ClaimState:
    """Book what was recovered or fetched for salvage: its net goes to the members by loss share."""
    async with work():
        found = await handled(actor, number)
        section = pick(await sections_of(found.id), form.section)
        day = form.received_on or today()
        _refuse(
            check_recovery(
                found.status,
                form.gross_fen,
                form.cost_fen,
                section.money,
                day,
                today(),
                first_day(found),
            )
        )
        net_fen = form.gross_fen - form.cost_fen
        members = await members_of(section.id, sorted(RECOVERY_KINDS))
        parts = parts_of(members, section.recovered_fen + net_fen)
        due = reimbursement(found, day, None)
        write = Write(
            MovementKind(form.kind),
            net_fen,
            0,
            day,
            found.clause("reimbursement"),
            parts,
            found.row["handler"],
            "recover_more",
            event="recover" if found.status == "paid" else "",
            cost_fen=form.cost_fen,
            reference=form.reference,
            note=form.note,
            lines=lines_of(found, "recovery", parts),
            owed=owed_for(found, RECOVERY, parts, due, reverse=True),
            facts={
                "section": section.code,
                "gross_fen": form.gross_fen,
                "cost_fen": form.cost_fen,
                "payer": form.payer_name,
            },
        )
        stored = await store(actor, found, section, write)
    return await state_of(number, movement=stored.shape)


_MOVEMENT = """
SELECT m.*, s.code, EXISTS (SELECT 1 FROM claim_movement r WHERE r.reversal_of = m.id) AS reversed
FROM claim_movement m JOIN claim_section s ON s.id = m.section
WHERE m.claim = $1 AND m.number = $2
"""
_PARTS = """
SELECT p.organisation, o.uscc, p.share_units, p.amount_fen, p.reserve_fen, p.called_fen,
  p.exact_numerator, p.exact_denominator,
  (SELECT coalesce(sum(q.amount_fen), 0)::bigint FROM claim_movement n JOIN claim_part q
    ON q.movement = n.id WHERE n.section = $2 AND q.organisation = p.organisation
    AND n.kind = ANY($3::text[])) AS to_date_fen
FROM claim_part p JOIN organisation o ON o.id = p.organisation WHERE p.movement = $1
ORDER BY p.position
"""


async def reverse(
    actor: Actor, number: str, movement: int, form: ReversalForm, *kinds: MovementKind
) -> ClaimState:
    """Reverse a movement of some kinds by its exact mirror, once; debts and calls follow.

    Raises NotFound for no such movement, Refused with everything that stands against it.
    """
    async with work():
        found = await handled(actor, number)
        original = await sql_row(_MOVEMENT, found.id, movement)
        if original is None or original["kind"] not in {kind.value for kind in kinds}:
            raise NotFound("赔案变动", "Movement", movement)
        section = pick(await sections_of(found.id), original["code"])
        day = form.effective_on or max(today(), original["effective_on"])
        _refuse(check_reversal(_reversal_facts(found, original, section, day)))
        write = await _mirror(found, original, section, day, form.reason)
        stored = await store(actor, found, section, write)
    return await state_of(number, movement=stored.shape)


def _reversal_facts(
    found: Found, original: Any, section: SectionRow, day: date
) -> ReversalFacts:
    return ReversalFacts(
        found.status,
        MovementKind(original["kind"]),
        original["amount_fen"],
        original["effective_on"],
        day,
        today(),
        original["reversal_of"] is not None,
        original["reversed"],
        section.money,
    )


async def _mirror(
    found: Found, original: Any, section: SectionRow, day: date, reason: str
) -> Write:
    kind = MovementKind(original["kind"])
    rows = await sql(_PARTS, original["id"], section.id, _series_kinds(kind))
    parts = mirrored([_part(row) for row in rows])
    next_number = found.row["movement_count"] + 1
    entry = None
    if original["entry"] is not None:
        entry = await ledger.reverse(
            entry_key(found.number, next_number),
            entry_key(found.number, original["number"]),
            effective_on=day,
            reason="claim_reversal",
            clause=MIRROR,
            facts={"claim": found.number, "reverses": original["number"]},
        )
    authorise_fen = -original["amount_fen"] if kind is MovementKind.ADVANCE else 0
    return Write(
        kind,
        -original["amount_fen"],
        -original["reserve_change_fen"],
        day,
        MIRROR,
        parts,
        original["holder"],
        "reverse",
        event=await _event_after(found, section, kind, original["amount_fen"]),
        note=reason,
        reversal_of=original["id"],
        entry=entry,
        owed=await taken_back(original["id"], day),
        called={row["organisation"]: -row["called_fen"] for row in rows if row["called_fen"]},
        call_uses=await _given_back(section.id, rows),
        authorise_fen=authorise_fen if section.agreed_fen is None else 0,
        facts={"reverses": original["number"], "section": section.code},
    )


def _series_kinds(kind: MovementKind) -> list[str]:
    for group in (PAID_KINDS, RECOVERY_KINDS, RESERVE_KINDS):
        if kind in group:
            return sorted(group)
    return [kind.value]


def _part(row: Any) -> MemberPart:
    return MemberPart(
        row["organisation"],
        row["uscc"],
        row["share_units"],
        row["amount_fen"],
        row["to_date_fen"],
        Exact(int(row["exact_numerator"]), int(row["exact_denominator"])),
        row["reserve_fen"],
    )


async def _event_after(
    found: Found, section: SectionRow, kind: MovementKind, amount_fen: int
) -> str:
    if kind not in PAID_KINDS:
        return ""
    sections = await sections_of(found.id)
    paid_fen = sum(each.paid_fen for each in sections) - amount_fen
    authorised_fen = sum(each.authorised_fen for each in sections)
    return paid_event(found.status, authorised_fen - paid_fen, paid_fen) or ""


async def _given_back(section_id: int, rows: Sequence[Any]) -> dict[int, int]:
    """What a reversed payment had used of cash calls is free again, latest call first."""
    wanted = {row["organisation"]: row["called_fen"] for row in rows if row["called_fen"] > 0}
    if not wanted:
        return {}
    found = await sql(
        "SELECT p.id, p.organisation, p.used_fen FROM cash_call_part p JOIN cash_call c"
        " ON c.id = p.cash_call WHERE c.section = $1 AND p.organisation = ANY($2::bigint[])"
        " AND p.used_fen > 0 ORDER BY p.id DESC FOR UPDATE OF p",
        section_id,
        list(wanted),
    )
    freed: dict[int, int] = {}
    for row in found:
        fen = min(wanted[row["organisation"]], row["used_fen"])
        if fen:
            freed[row["id"]] = -fen
            wanted[row["organisation"]] -= fen
    return freed

