"""Who bears which part of the premium: weights from sections, share schedules and days (权重).

Premium lies evenly over the days it is for, first and last day included (首末日均计入). A member's
weight is the sum, over sections and over the stretches of days on which one schedule holds, of the
stretch's premium × the member's share units: whole numbers, brought to one denominator, no
rounding. A schedule holds from its first day 0:00, an endorsement from its effective day 0:00.

An additional premium lies over the days from its effective day on; a return premium is taken from
what lies there, in proportion, and only what is more than that from the days before. So a member
that came in later never pays for, and never gets back, days it did not cover (POOLS invariant 8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from math import gcd, lcm

from coinsurance.rules import premium_texts as _texts  # noqa: F401  registers the texts
from service.kernel.errors import Refused
from service.kernel.findings import blocker
from service.kernel.shares import WHOLE_UNITS, check_whole

_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Section:
    """A section or layer of the placement (分项) and its premium at inception, in fen."""

    code: str
    premium_fen: int


@dataclass(frozen=True, slots=True)
class Share:
    """A member's share in a schedule, in units of 10^8; `position` orders the members."""

    member: str
    position: int
    units: int


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule of shares of one section; it holds from `valid_from` until the next one.

    Its units sum to `whole_units`: 10^8 for every schedule that is stored.
    """

    number: str
    section: str
    valid_from: date
    shares: tuple[Share, ...]
    clause: str = ""
    whole_units: int = WHOLE_UNITS


@dataclass(frozen=True, slots=True)
class Change:
    """An endorsement that changes the premium, for the days from `from_on` to `to_on`.

    `section` empty: all sections, in proportion to their premium.
    """

    label: str
    amount_fen: int
    from_on: date
    to_on: date
    section: str = ""


@dataclass(frozen=True, slots=True)
class Cover:
    """Everything the weights are made of; `start_on` to `end_on` is the period at inception."""

    start_on: date
    end_on: date
    sections: tuple[Section, ...]
    schedules: tuple[Schedule, ...]
    changes: tuple[Change, ...] = ()


@dataclass(frozen=True, slots=True)
class Piece:
    """Premium that lies evenly over some days of one section; `schedule` holds on all of them."""

    section: str
    from_on: date
    to_on: date
    amount: Fraction
    label: str
    schedule: Schedule | None = None

    @property
    def days(self) -> int:
        """Days of the piece, first and last included."""
        return days_of(self.from_on, self.to_on)


@dataclass(frozen=True, slots=True)
class Weights:
    """Members in their order and what each weighs; `pieces` say where it comes from."""

    members: tuple[str, ...]
    weights: tuple[int, ...]
    pieces: tuple[Piece, ...] = ()

    @property
    def whole(self) -> int:
        """The sum of all weights: the denominator of every entitlement."""
        return sum(self.weights)

    def of(self, member: str) -> int:
        """A member's weight; 0 for one that has no share."""
        return self.weights[self.members.index(member)] if member in self.members else 0


def days_of(from_on: date, to_on: date) -> int:
    """Days from the first to the last, both included (a policy of one day has one)."""
    return (to_on - from_on).days + 1


def members_of(schedules: Iterable[Schedule]) -> tuple[str, ...]:
    """Everybody named in the schedules, in order of position (then of code)."""
    places: dict[str, int] = {}
    for schedule in schedules:
        for share in schedule.shares:
            places[share.member] = min(share.position, places.get(share.member, share.position))
    return tuple(sorted(places, key=lambda member: (places[member], member)))


def check_cover(cover: Cover) -> None:
    """Refuse a cover whose days, sections or schedules leave premium without an owner."""
    found = []
    if cover.end_on < cover.start_on:
        found.append(blocker("premium.ends_before_start", "end_on", start=cover.start_on))
    for section in cover.sections:
        own = [s for s in cover.schedules if s.section == section.code]
        if not any(s.valid_from <= cover.start_on for s in own):
            found.append(
                blocker(
                    "premium.no_schedule", "schedules", section=section.code, day=cover.start_on
                )
            )
        for schedule in own:
            field = f"schedules.{schedule.number}"
            units = [share.units for share in schedule.shares]
            found += check_whole(units, field, schedule.whole_units)
    if found:
        raise Refused(found)


def weigh(cover: Cover) -> Weights:
    """The weights of a cover. Where nothing is due any more, those of its inception.

    Raises Refused (premium.no_schedule, premium.ends_before_start, shares.not_whole).
    """
    check_cover(cover)
    members = members_of(cover.schedules)
    if len(cover.schedules) == 1 and not cover.changes:
        return _plain(cover, members)
    pieces = pieces_of(cover)
    if not any(piece.amount for piece in pieces):
        pieces = pieces_of(replace(cover, changes=()))
    return Weights(members, _whole_weights(members, pieces), tuple(pieces))


def _plain(cover: Cover, members: tuple[str, ...]) -> Weights:
    """The commonest case: one section, one schedule, nothing changed: shares are the weights."""
    (schedule,), (section,) = cover.schedules, cover.sections
    amount = Fraction(section.premium_fen)
    piece = Piece(section.code, cover.start_on, cover.end_on, amount, "inception", schedule)
    units = {share.member: share.units for share in schedule.shares}
    own = [units[member] for member in members]
    common = gcd(*own) or 1
    return Weights(members, tuple(weight // common for weight in own), (piece,))


def pieces_of(cover: Cover) -> list[Piece]:
    """The premium cut into stretches of days on which one schedule of its section holds."""
    pieces = [
        Piece(s.code, cover.start_on, cover.end_on, Fraction(s.premium_fen), "inception")
        for s in cover.sections
    ]
    for change in cover.changes:
        if change.amount_fen > 0:
            pieces += _added(cover.sections, change)
        elif change.amount_fen < 0:
            pieces = _taken_back(pieces, change)
    return [part for piece in pieces if piece.amount for part in _by_schedule(piece, cover)]


def unearned_fen(cover: Cover, from_on: date, section: str = "") -> Fraction:
    """The exact premium that lies on the days from one on (未到期保费), of one section or all."""
    pieces = [piece for piece in pieces_of(cover) if section in ("", piece.section)]
    return sum((_after(piece, from_on) for piece in pieces), Fraction(0))


def _added(sections: Sequence[Section], change: Change) -> list[Piece]:
    chosen = [s for s in sections if change.section in ("", s.code)]
    whole = sum(s.premium_fen for s in chosen)
    return [
        Piece(
            s.code,
            change.from_on,
            change.to_on,
            Fraction(change.amount_fen * s.premium_fen, whole)
            if whole
            else Fraction(change.amount_fen, len(chosen)),
            change.label,
        )
        for s in chosen
    ]


def _taken_back(pieces: Sequence[Piece], change: Change) -> list[Piece]:
    cut = [part for piece in pieces for part in _cut(piece, change.from_on)]

    def concerned(piece: Piece, later: bool) -> bool:
        return change.section in ("", piece.section) and later == (piece.from_on >= change.from_on)

    left = Fraction(-change.amount_fen)
    for later in (True, False):
        there = sum((p.amount for p in cut if concerned(p, later)), Fraction(0))
        taken = min(left, there)
        if taken:
            keep = 1 - taken / there
            cut = [replace(p, amount=p.amount * keep) if concerned(p, later) else p for p in cut]
            left -= taken
    return cut


def _cut(piece: Piece, day: date) -> list[Piece]:
    """A piece before and from a day on, each with its part of the premium."""
    if not piece.from_on < day <= piece.to_on:
        return [piece]
    after = _after(piece, day)
    return [
        replace(piece, to_on=day - _ONE_DAY, amount=piece.amount - after),
        replace(piece, from_on=day, amount=after),
    ]


def _after(piece: Piece, day: date) -> Fraction:
    if day <= piece.from_on:
        return piece.amount
    if day > piece.to_on:
        return Fraction(0)
    return piece.amount * days_of(day, piece.to_on) / piece.days


def _by_schedule(piece: Piece, cover: Cover) -> list[Piece]:
    own = sorted(
        (s for s in cover.schedules if s.section == piece.section), key=lambda s: s.valid_from
    )
    parts = [piece]
    for schedule in own:
        parts = [part for p in parts for part in _cut(p, schedule.valid_from)]
    return [
        replace(part, schedule=[s for s in own if s.valid_from <= part.from_on][-1])
        for part in parts
    ]


def _whole_weights(members: Sequence[str], pieces: Sequence[Piece]) -> tuple[int, ...]:
    """Premium × units summed for each member, brought to whole numbers without rounding."""
    premium: dict[str, Fraction] = {}
    shares: dict[str, Mapping[str, int]] = {}
    for piece in pieces:
        assert piece.schedule is not None
        number = piece.schedule.number
        amount = piece.amount / piece.schedule.whole_units
        premium[number] = premium.get(number, Fraction(0)) + amount
        shares[number] = {share.member: share.units for share in piece.schedule.shares}
    scale = lcm(*(amount.denominator for amount in premium.values()))
    whole = {number: int(amount * scale) for number, amount in premium.items()}
    weights = [
        sum(amount * shares[number].get(member, 0) for number, amount in whole.items())
        for member in members
    ]
    common = gcd(*weights) or 1
    return tuple(weight // common for weight in weights)
