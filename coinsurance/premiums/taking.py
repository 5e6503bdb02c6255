"""Taking up what the policy says: receipts become movements of the pool, in their order.

Policy and pool cannot disagree: every receipt of the policy has exactly one movement. Changes of
shares that took effect meanwhile are taken up first, so that a receipt never carries them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from catalogue.policies import receipts
from catalogue.policy_forms import ReceiptForm
from coinsurance.premium_shapes import MovementView
from coinsurance.premiums import views, writing
from coinsurance.premiums.gathering import Facts, Flow, StoredSchedule, Waiting, facts_of
from coinsurance.premiums.rows import PlacementRow
from coinsurance.premiums.writing import Write
from coinsurance.rules.exact import Exact
from coinsurance.rules.nouns import DayKind
from coinsurance.rules.premium_cover import condition_fen, cover_from
from coinsurance.rules.premium_dues import Due, mirrored
from coinsurance.rules.premium_series import (
    COMPONENTS,
    Held,
    Movement,
    Part,
    change_shares,
    columns_of,
    debts,
    receive,
    reverse,
)
from coinsurance.rules.workflows import PLACEMENT
from coinsurance.tables import Placement
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.db import sql, sql_row
from service.kernel.errors import Conflict


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was taken up, and the first day of cover after it (None: it has not begun)."""

    taken: list[MovementView]
    cover_from: date | None


async def take_up(actor: Actor, placement: PlacementRow, note: str = "") -> Outcome:
    """Take up everything that waits: changed shares, then receipts. The placement is locked.

    Raises Conflict (premium.receipt_twice) for a bank reference taken up before, and what the
    rules of premium refuse.
    """
    facts = await facts_of(placement)
    if _needs_sources(facts):
        facts = await facts_of(placement, by_source=True)
    run = _Run(actor, facts, note)
    await run.everything_waiting()
    return Outcome(run.taken, await _keep_cover(actor, facts, run.flows))


async def take_in(
    actor: Actor, placement: PlacementRow, facts: Facts, form: ReceiptForm, note: str = ""
) -> Outcome:
    """Record a receipt that was found right and take it up, after everything that waits.

    `facts` were collected for it (`asked`). Raises Conflict (premium.receipt_twice).
    """
    assert facts.coming is not None
    key = facts.coming.receipt_id
    waiting = Waiting(
        key,
        form.source,
        form.amount_fen,
        form.received_on,
        form.bank_reference,
        None,
        None,
        facts.coming.known,
    )
    if _needs_sources(facts):
        facts = await facts_of(placement, by_source=True)
    run = _Run(actor, facts, note)
    await run.everything_waiting(waiting)
    recorded = (
        *receipts.row_of(actor, placement.policy_id, form),
        *receipts.event_of(actor, placement.policy_id, key, form),
    )
    await run.receipt(waiting, recorded)
    return Outcome(run.taken, await _keep_cover(actor, facts, run.flows))


def _needs_sources(facts: Facts) -> bool:
    """Refunds and changes of shares go by what stands on each funding source."""
    return bool(facts.open_schedules()) or any(
        w.amount_fen < 0 or w.mirrors is not None for w in facts.waiting
    )


def _check_twice(waiting: Sequence[Waiting]) -> None:
    seen: set[str] = set()
    for receipt in waiting:
        if receipt.known or receipt.reference in seen:
            raise Conflict(
                "premium.receipt_twice",
                field="bank_reference",
                reference=receipt.bank_reference,
            )
        seen.add(receipt.reference)


class _Run:
    """Movements stored one after the other, each on what the one before left."""

    def __init__(self, actor: Actor, facts: Facts, note: str) -> None:
        self.actor = actor
        self.facts = facts
        self.note = note
        self.taken: list[MovementView] = []
        self.held = facts.held
        self.flows = list(facts.flows)
        self.debts = facts.obligation_count
        self.open = frozenset(stored.id for stored in facts.open_schedules())

    async def everything_waiting(self, *more: Waiting) -> None:
        """Changed shares first, then receipts; `more` are to come and must be new as well."""
        _check_twice([*self.facts.waiting, *more])
        for stored in self.facts.open_schedules():
            await self.change(stored)
        for receipt in self.facts.waiting:
            await self.receipt(receipt)

    async def receipt(self, waiting: Waiting, recorded: tuple[Any, ...] = ()) -> None:
        """Take up one receipt: a mirror of what it turns around, else by the cumulative rule."""
        weights = self.facts.weights(without=self.open)
        rested, on = self.facts.rested, waiting.received_on
        owed: list[Due]
        if waiting.mirrors is not None:
            original = await stored_movement(waiting.mirrors, self.facts)
            movement = reverse(self.held, weights, rested, original, on)
            owed = mirrored(await stored_debts(waiting.mirrors, self.facts), on)
        else:
            movement = receive(self.held, weights, rested, waiting.source, waiting.amount_fen, on)
            owed = debts(movement, rested)
        made = Write(
            movement,
            owed,
            self.number,
            waiting.reference,
            receipt_id=waiting.receipt_id,
            reversal_of=waiting.mirrors,
            note=self.note,
            recorded=recorded,
        )
        await self._store(made)

    async def change(self, stored: StoredSchedule) -> None:
        """Take up one schedule: one movement for each source that it moves premium of."""
        self.open = self.open - {stored.id}
        weights = self.facts.weights(without=self.open)
        rested = replace(self.facts.rested, share_clause=stored.schedule.clause)
        on = stored.schedule.valid_from
        for movement in change_shares(self.held, weights, rested, on):
            made = Write(
                movement,
                debts(movement, rested),
                self.number,
                f"{stored.schedule.number}:{movement.source}",
                schedule_id=stored.id,
                note=self.note,
            )
            await self._store(made)

    @property
    def number(self) -> int:
        """The number of the next movement."""
        return self.facts.movement_count + len(self.taken) + 1

    async def _store(self, made: Write) -> None:
        movement = made.movement

        def meanwhile() -> tuple[Held, MovementView]:
            held = self.held.plus(movement)
            view = views.movement_view(made.number, movement, held.total_fen, made.owed)
            return held, view

        stored = await writing.write(self.actor, self.facts, made, self.debts, meanwhile)
        self.held, view = stored
        self.debts += len(made.owed)
        self.flows.append(Flow(movement.amount_fen, movement.effective_on, movement.kind))
        self.taken.append(view)


async def stored_movement(movement_id: int, facts: Facts) -> Movement:
    """A stored movement as the rules made it."""
    row = await sql_row("SELECT * FROM premium_movement WHERE id = $1", movement_id)
    assert row is not None
    rows = await sql(
        "SELECT p.*, o.uscc FROM premium_part p JOIN organisation o ON o.id = p.organisation"
        " WHERE p.movement = $1 ORDER BY p.id",
        movement_id,
    )
    return Movement(
        row["kind"],
        row["source"],
        row["amount_fen"],
        row["effective_on"],
        columns_of(part_of(part) for part in rows),
    )


def part_of(row: Any) -> Part:
    """A stored part as the rules made it; the row has the member's `uscc`."""
    return Part(
        row["uscc"],
        COMPONENTS[row["component"]],
        row["amount_fen"],
        row["to_date_fen"],
        exact_of(row),
        row["clause"],
    )


def exact_of(row: Any) -> Exact:
    """A stored entitlement; one that is no fraction counts as none, which no check lets pass."""
    try:
        return Exact(int(row["exact_numerator"]), int(row["exact_denominator"]))
    except ValueError:
        return Exact(-1, 3)


_CALENDARS = {kind.value: kind for kind in DayKind}


async def stored_debts(movement_id: int, facts: Facts) -> list[Due]:
    """The debts that a movement made, as they arose."""
    rows = await sql(
        "SELECT * FROM obligation WHERE cause_kind = $1 AND cause = $2 ORDER BY id",
        writing.KIND,
        movement_id,
    )
    usccs = {key: uscc for uscc, key in facts.ids.items()}
    return [
        Due(
            row["kind"],
            usccs[row["debtor"]],
            usccs[row["creditor"]],
            row["amount_fen"],
            row["clause"],
            row["due_days"],
            _CALENDARS[row["due_calendar"]],
            row["due_on"],
        )
        for row in rows
    ]


async def _keep_cover(actor: Actor, facts: Facts, flows: Sequence[Flow]) -> date | None:
    """Cover begins when the agreement's condition is met (见费出单), and not before.

    A reversed receipt was never received: cover that hung on it falls away. Premium returned by an
    endorsement was received, and takes no cover back.
    """
    placement = facts.placement
    condition = facts.terms.no_premium_no_cover
    needed = min(
        condition_fen(condition, facts.inception_fen, facts.instalments), facts.premium_fen
    )
    if needed <= 0 or not flows:
        return placement.cover_from
    received = [
        (flow.on, flow.amount_fen)
        for flow in flows
        if (flow.amount_fen > 0) == (flow.kind == "receipt")
    ]
    start = cover_from(needed, placement.start_on, received)
    if start == placement.cover_from or placement.status == "cancelled":
        return placement.cover_from
    await sql("UPDATE placement SET cover_from = $2 WHERE id = $1", placement.id, start)
    await journal.record(
        actor,
        "placement",
        placement.number,
        "cover",
        facts={
            "cover_from": start.isoformat() if start else None,
            "before": placement.cover_from.isoformat() if placement.cover_from else None,
            "needed_fen": needed,
            "clause": facts.terms.clause("no_premium_no_cover"),
        },
        effective_on=start or flows[-1].on,
    )
    if start is None and placement.status == "in_force":
        await journal.move(
            PLACEMENT,
            Placement,
            placement.as_row(),
            "detach",
            actor,
            subject_kind="placement",
            subject=placement.number,
            roles=SYSTEM.roles,
            values={"revision": placement.revision + 1},
        )
    return start
