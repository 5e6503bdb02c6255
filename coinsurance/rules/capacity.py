"""Capacity (承保能力): per risk, per event in every accumulation zone, and in aggregate.

A member may carry at most its risk capacity of one risk, its event capacity of what one event can
destroy in any zone (园区、楼栋、洁净室、工艺) counted over all pools, and its aggregate capacity in
one pool year. Exposure is rounded up to the fen, room is rounded down, so that a limit is never
passed by rounding (POOLS invariant 3). Amounts in fen, shares in units of 10^8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from coinsurance.rules import capacity_texts as _texts  # noqa: F401  registers the texts
from service.kernel.findings import Finding, blocker
from service.kernel.money import PPM_WHOLE, Rounding, of_ppm, ratio
from service.kernel.shares import WHOLE_UNITS


@dataclass(frozen=True, slots=True)
class Zone:
    """A zone and the one it lies in."""

    code: str
    kind: str
    parent: str | None = None


@dataclass(frozen=True, slots=True)
class SectionShares:
    """A section with its limit, its yearly limit if it has one, and each member's units."""

    limit_fen: int
    shares_units: Mapping[str, int]
    aggregate_fen: int | None = None


@dataclass(frozen=True, slots=True)
class Need:
    """What a risk puts on one member: of one risk, in the year, and in each zone at one event."""

    risk_fen: int = 0
    aggregate_fen: int = 0
    zones_fen: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Capacity:
    """What a member committed in a pool year, and what it carries already.

    `zones_used_fen` counts every pool the member takes part in.
    """

    key: str
    name: str
    risk_fen: int
    event_fen: int
    aggregate_fen: int
    aggregate_used_fen: int = 0
    zones_used_fen: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Room:
    """The most a member can still take of a risk, and which capacity holds it there."""

    amount_fen: int
    held_by: str
    zone: str = ""

    def units(self, limit_fen: int) -> int:
        """The largest line on a section with this limit that stays within the room."""
        return min(WHOLE_UNITS, self.amount_fen * WHOLE_UNITS // limit_fen)


KINDS = ("park", "building", "cleanroom", "process")
"""Kinds of zones from the outermost to the innermost."""
KIND_NAMES = {"park": "园区", "building": "楼栋", "cleanroom": "洁净室", "process": "工艺"}


def at_risk(listed_ppm: Mapping[str, int], zones: Mapping[str, Zone]) -> dict[str, int]:
    """What part of a risk may be lost at once in each listed zone and in every zone above it.

    A zone that is not listed itself holds what lies in it: at most the whole, and at most what a
    listed zone around it holds.
    """
    found = dict(listed_ppm)
    children: dict[str, set[str]] = {}
    for code in listed_ppm:
        for inner, outer in _upward(code, zones):
            children.setdefault(outer, set()).add(inner)
    for code in sorted(children, key=lambda code: -_depth(code, zones)):
        if code not in found:
            around = [listed_ppm[z] for _, z in _upward(code, zones) if z in listed_ppm]
            inside = sum(found[child] for child in children[code])
            found[code] = min(PPM_WHOLE, inside, *around)
    return found


def check_zones(listed_ppm: Mapping[str, int], zones: Mapping[str, Zone]) -> list[Finding]:
    """A zone cannot hold less than a zone inside it."""
    found = []
    for code in listed_ppm:
        for _, outer in _upward(code, zones):
            if outer in listed_ppm and listed_ppm[outer] < listed_ppm[code]:
                found.append(
                    blocker(
                        "capacity.zone_below_inner",
                        "zones",
                        outer=outer,
                        inner=code,
                        outer_ppm=listed_ppm[outer],
                        inner_ppm=listed_ppm[code],
                    )
                )
    return found


def check_parent(kind: str, parent_kind: str | None) -> list[Finding]:
    """A park stands alone; every other zone lies in one of an outer kind."""
    if kind == KINDS[0]:
        return [blocker("zone.park_has_parent", "parent")] if parent_kind else []
    if parent_kind is None:
        return [blocker("zone.parent_missing", "parent", kind_zh=KIND_NAMES[kind], kind_en=kind)]
    if KINDS.index(parent_kind) >= KINDS.index(kind):
        return [
            blocker(
                "zone.parent_not_outer",
                "parent",
                kind_zh=KIND_NAMES[kind],
                parent_zh=KIND_NAMES[parent_kind],
                kind_en=kind,
                parent_en=parent_kind,
            )
        ]
    return []


def _upward(code: str, zones: Mapping[str, Zone]) -> Iterable[tuple[str, str]]:
    """Every step from a zone to the one around it."""
    seen = {code}
    while (parent := zones[code].parent) is not None and parent not in seen:
        seen.add(parent)
        yield code, parent
        code = parent


def _depth(code: str, zones: Mapping[str, Zone]) -> int:
    return sum(1 for _ in _upward(code, zones))


def carried_fen(limit_fen: int, share_units: int) -> int:
    """What a share of a limit can cost, rounded up to the fen."""
    return ratio(limit_fen, share_units, WHOLE_UNITS, Rounding.UP)


def needs(
    sections: Sequence[SectionShares], at_risk_ppm: Mapping[str, int]
) -> dict[str, Need]:
    """What the sections of a risk put on every member; the limits of its sections add up."""
    risk: dict[str, int] = {}
    year: dict[str, int] = {}
    for section in sections:
        yearly = section.limit_fen if section.aggregate_fen is None else section.aggregate_fen
        for key, units in section.shares_units.items():
            risk[key] = risk.get(key, 0) + carried_fen(section.limit_fen, units)
            year[key] = year.get(key, 0) + carried_fen(yearly, units)
    return {key: _need(risk[key], year[key], at_risk_ppm) for key in risk}


def _need(risk_fen: int, aggregate_fen: int, at_risk_ppm: Mapping[str, int]) -> Need:
    zones = {code: of_ppm(risk_fen, ppm, Rounding.UP) for code, ppm in at_risk_ppm.items()}
    return Need(risk_fen, aggregate_fen, zones)


_NOTHING = Need()


def check_need(
    need: Need, capacity: Capacity, before: Need = _NOTHING, field: str = "lines"
) -> list[Finding]:
    """Every capacity that the risk would pass, with what is left.

    `before` is what the same risk puts on the member already: it is taken out of what is used, and
    a need that does not grow is never refused.
    """
    found = []
    if need.risk_fen > max(capacity.risk_fen, before.risk_fen):
        found.append(
            blocker(
                "capacity.risk",
                field,
                member=capacity.name,
                wanted_fen=need.risk_fen,
                capacity_fen=capacity.risk_fen,
                left_fen=capacity.risk_fen,
            )
        )
    used = capacity.aggregate_used_fen - before.aggregate_fen
    if need.aggregate_fen > max(capacity.aggregate_fen - used, before.aggregate_fen):
        found.append(
            blocker(
                "capacity.aggregate",
                field,
                member=capacity.name,
                wanted_fen=need.aggregate_fen,
                capacity_fen=capacity.aggregate_fen,
                left_fen=max(0, capacity.aggregate_fen - used),
            )
        )
    return found + _check_zones_of(need, capacity, before, field)


def _check_zones_of(need: Need, capacity: Capacity, before: Need, field: str) -> list[Finding]:
    found = []
    for zone, wanted in sorted(need.zones_fen.items()):
        kept = before.zones_fen.get(zone, 0)
        left = capacity.event_fen - (capacity.zones_used_fen.get(zone, 0) - kept)
        if wanted > max(left, kept):
            found.append(
                blocker(
                    "capacity.event",
                    field,
                    member=capacity.name,
                    zone=zone,
                    wanted_fen=wanted,
                    capacity_fen=capacity.event_fen,
                    left_fen=max(0, left),
                )
            )
    return found


def room(
    capacity: Capacity, at_risk_ppm: Mapping[str, int], elsewhere: Need = _NOTHING
) -> Room:
    """The most a member can take of a risk beside what it takes on other sections of it."""
    rooms = [
        Room(capacity.risk_fen - elsewhere.risk_fen, "risk"),
        Room(
            capacity.aggregate_fen - capacity.aggregate_used_fen - elsewhere.aggregate_fen,
            "aggregate",
        ),
    ]
    for zone, ppm in sorted(at_risk_ppm.items()):
        left = capacity.event_fen - capacity.zones_used_fen.get(zone, 0)
        most = ratio(max(0, left), PPM_WHOLE, ppm, Rounding.DOWN)
        rooms.append(Room(most - elsewhere.risk_fen, "event", zone))
    least = min(rooms, key=lambda found: found.amount_fen)
    return Room(max(0, least.amount_fen), least.held_by, least.zone)
