"""A placement's premium made again from its schedules, endorsements and receipts.

What `eastlake verify` compares with the stored parts: every movement is computed anew by the rules,
as known when it was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from coinsurance.premiums.gathering import StoredSchedule
from coinsurance.premiums.taking import part_of
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.fees import fee_terms
from coinsurance.rules.nouns import Component
from coinsurance.rules.premium_cover import Endorsed, change_of
from coinsurance.rules.premium_dues import Roles
from coinsurance.rules.premium_series import (
    Held,
    Movement,
    Terms,
    change_shares,
    columns_of,
    drift,
    is_mirror,
    receive,
    reverse,
)
from coinsurance.rules.premium_weights import Cover, Schedule, Section, Share, Weights, weigh
from service.kernel.db import sql, sql_row
from service.kernel.errors import DomainError


@dataclass(frozen=True, slots=True)
class Stored:
    """A stored movement with what it is linked to."""

    number: int
    movement: Movement
    recorded_at: datetime
    reversal_of: int | None
    schedule_id: int | None
    id: int
    issuer: str


@dataclass(frozen=True, slots=True)
class Known:
    """An endorsement with the moments from which it counted, and from which it did no more."""

    endorsed: Endorsed
    recorded_at: datetime
    undone_at: datetime | None


@dataclass(frozen=True, slots=True)
class Story:
    """Everything that a placement's premium was made of."""

    number: str
    cover: Cover
    schedules: tuple[StoredSchedule, ...]
    endorsed: tuple[Known, ...]
    fees: Terms
    movements: tuple[Stored, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """A member's part that is not what the rules make of it."""

    movement: int
    member: str
    component: str
    stored_fen: int
    counted_fen: int


def faults(story: Story) -> list[Fault]:
    """Every part that differs from the one made anew, and every drift of a fen or more."""
    held, found = Held(), []
    for stored, made in _again(story):
        if made is None:
            found.append(Fault(stored.number, "", "movement", stored.movement.amount_fen, 0))
            held = held.plus(stored.movement)
            continue
        counted = {(p.member, p.component): p for p in made.parts}
        for part in stored.movement.parts:
            other = counted.pop((part.member, part.component), None)
            if other is None or (other.amount_fen, other.to_date_fen, other.exact) != (
                part.amount_fen,
                part.to_date_fen,
                part.exact,
            ):
                fen = other.amount_fen if other else 0
                found.append(
                    Fault(stored.number, part.member, part.component.value, part.amount_fen, fen)
                )
        found += [
            Fault(stored.number, member, component.value, 0, part.amount_fen)
            for (member, component), part in counted.items()
            if part.amount_fen
        ]
        if not is_mirror(stored.movement, held):
            found += [
                Fault(stored.number, member, "drift", int(fen), 0)
                for member, fen in drift(stored.movement).items()
                if abs(fen) >= 1
            ]
        held = held.plus(stored.movement)
    return found


def _again(story: Story) -> Iterator[tuple[Stored, Movement | None]]:
    held = Held()
    by_id: dict[int, Movement] = {}
    waiting: list[Movement] = []
    for stored in story.movements:
        rested = replace(story.fees, roles=_roles(story, stored))
        weights = _weights(story, stored)
        try:
            made: Movement | None
            if stored.movement.kind == "share_change":
                if not waiting:
                    on = stored.movement.effective_on
                    waiting = change_shares(held, weights, rested, on)
                made = waiting.pop(0) if waiting else None
            elif stored.reversal_of is not None:
                original = by_id[stored.reversal_of]
                made = reverse(held, weights, rested, original, stored.movement.effective_on)
            else:
                own = stored.movement
                made = receive(held, weights, rested, own.source, own.amount_fen, own.effective_on)
        except DomainError:
            made = None
        yield stored, made
        by_id[stored.id] = stored.movement
        held = held.plus(stored.movement)


def _roles(story: Story, stored: Stored) -> Roles:
    """Whoever bore no lead fee while others did was the lead; the holder of the money issued."""
    first = story.movements[0].movement
    premium, charged = first.by(Component.PREMIUM), first.by(Component.LEAD_FEE)
    free = [member for member in premium if member not in charged]
    lead = free[0] if charged and len(free) == 1 else ""
    return Roles(stored.issuer, lead, stored.issuer)


def _weights(story: Story, stored: Stored) -> Weights:
    """The weights as known when a movement was recorded."""
    order = {s.id: place for place, s in enumerate(story.schedules)}
    taken = {
        m.schedule_id: m.number for m in reversed(story.movements) if m.schedule_id is not None
    }
    limit = order.get(stored.schedule_id) if stored.schedule_id is not None else None
    first = story.movements[0].recorded_at

    def counts(schedule: StoredSchedule) -> bool:
        if schedule.id in taken:
            return taken[schedule.id] <= stored.number
        if schedule.effective_at > stored.recorded_at:
            return False
        return limit is None or schedule.effective_at <= first or order[schedule.id] < limit

    changes = [
        change
        for known in story.endorsed
        if known.recorded_at <= stored.recorded_at
        and (known.undone_at is None or known.undone_at > stored.recorded_at)
        and (change := change_of(known.endorsed))
    ]
    return weigh(
        replace(
            story.cover,
            schedules=tuple(s.schedule for s in story.schedules if counts(s)),
            changes=tuple(changes),
        )
    )


_PLACEMENT = """
SELECT l.id, l.number, l.risk, l.policy, l.start_on, l.end_on, a.body FROM placement l
  JOIN pool_agreement a ON a.id = l.agreement WHERE l.id = $1
"""
_SCHEDULES = """
SELECT h.id, h.number, s.code, h.valid_from, h.clause, h.effective_at, o.uscc, i.position,
  i.share_units FROM share_schedule h JOIN risk_section s ON s.id = h.section
  JOIN share_item i ON i.schedule = h.id JOIN organisation o ON o.id = i.organisation
WHERE h.placement = $1 AND h.status = 'effective' ORDER BY h.valid_from, h.id, i.position
"""
_ENDORSED = """
SELECT d.number, d.kind, d.effective_on, d.premium_change_fen, d.sum_change_fen, d.old_end_on,
  d.new_end_on, coalesce(s.code, '') AS section, d.recorded_at, u.recorded_at AS undone_at
FROM endorsement d LEFT JOIN endorsement u ON u.undoes = d.id
  LEFT JOIN placement_endorsement e ON e.endorsement = d.id
  LEFT JOIN risk_section s ON s.id = e.section
WHERE d.policy = $1 AND d.undoes IS NULL AND d.premium_change_fen <> 0 ORDER BY d.id
"""
_MOVEMENTS = """
SELECT v.*, h.uscc AS issuer FROM premium_movement v JOIN organisation h ON h.id = v.holder
WHERE v.placement = $1 ORDER BY v.number
"""
_PARTS = """
SELECT p.*, o.uscc FROM premium_part p JOIN organisation o ON o.id = p.organisation
WHERE p.movement = ANY($1::bigint[]) ORDER BY p.id
"""


async def story_of(placement_id: int) -> Story:
    """Read what a placement's premium was made of."""
    row = await sql_row(_PLACEMENT, placement_id)
    assert row is not None
    sections = await sql(
        "SELECT code, premium_fen FROM risk_section WHERE risk = $1 ORDER BY position", row["risk"]
    )
    schedules = _schedules(await sql(_SCHEDULES, placement_id))
    terms = terms_of(row["body"])
    return Story(
        row["number"],
        Cover(
            row["start_on"],
            row["end_on"],
            tuple(Section(s["code"], s["premium_fen"]) for s in sections),
            tuple(s.schedule for s in schedules),
        ),
        schedules,
        tuple(_known(one) for one in await sql(_ENDORSED, row["policy"])),
        Terms(Roles("", "", ""), fee_terms(terms)),
        await _movements(placement_id),
    )


def _schedules(rows: Sequence[Any]) -> tuple[StoredSchedule, ...]:
    items: dict[int, list[Share]] = {}
    heads: dict[int, Any] = {}
    for row in rows:
        heads[row["id"]] = row
        share = Share(row["uscc"], row["position"], row["share_units"])
        items.setdefault(row["id"], []).append(share)
    return tuple(_schedule(head, items[key]) for key, head in heads.items())


def _schedule(head: Mapping[str, Any], shares: Sequence[Share]) -> StoredSchedule:
    day: date = head["valid_from"]
    made = Schedule(head["number"], head["code"], day, tuple(shares), head["clause"])
    return StoredSchedule(head["id"], head["effective_at"], made)


def _known(row: Any) -> Known:
    endorsed = Endorsed(
        row["number"],
        row["kind"],
        row["effective_on"],
        row["premium_change_fen"],
        row["sum_change_fen"],
        row["old_end_on"],
        row["new_end_on"],
        row["section"],
    )
    return Known(endorsed, row["recorded_at"], row["undone_at"])


async def _movements(placement_id: int) -> tuple[Stored, ...]:
    rows = await sql(_MOVEMENTS, placement_id)
    parts: dict[int, list[Any]] = {}
    for part in await sql(_PARTS, [row["id"] for row in rows]):
        parts.setdefault(part["movement"], []).append(part_of(part))
    return tuple(
        Stored(
            row["number"],
            Movement(
                row["kind"],
                row["source"],
                row["amount_fen"],
                row["effective_on"],
                columns_of(parts.get(row["id"], ())),
            ),
            row["recorded_at"],
            row["reversal_of"],
            row["schedule"],
            row["id"],
            row["issuer"],
        )
        for row in rows
    )
