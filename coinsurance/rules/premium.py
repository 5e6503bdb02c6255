"""A movement of premium becomes parts of members (保费分摊), by law 2 and law 3.

Receipts and partial refunds: part = split(total to date, weights) − allocated to date, so every
member stays within one fen of its exact entitlement for ever; a member may get −1 fen in a movement
in which its entitlement grows by less than one (Alabama paradox), and the explanation says so.
A refund that gives a funding source everything back copies, with the sign turned, what was
allocated of that source; a reversal copies its original. Both are mirrors and never allocate anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from coinsurance.rules.premium_weights import Weights
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.money import allocate, split

Parts = dict[str, int]
"""Fen by member, in the order of the members."""


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a member has what it has: exact entitlement to date, allocated to date, difference.

    Fractions are exact, in fen. `whole` is the sum of all weights.
    """

    member: str
    position: int
    weight: int
    whole: int
    exact: Fraction
    allocated_fen: int

    @property
    def difference(self) -> Fraction:
        """What was allocated above (or below) the exact entitlement: the member's drift."""
        return self.allocated_fen - self.exact


def parts(total_to_date_fen: int, weights: Weights, allocated: Mapping[str, int]) -> Parts:
    """The parts of a movement by the cumulative rule; `total_to_date_fen` includes it.

    Members that hold something but weigh nothing any more get it taken back. Raises MoneyError.
    """
    members = everybody(weights, allocated)
    before = [allocated.get(member, 0) for member in members]
    given = allocate(total_to_date_fen, weights_for(weights, members), before)
    return dict(zip(members, given, strict=True))


def mirror(given: Mapping[str, int]) -> Parts:
    """The parts of a reversal: those of the original with the sign turned."""
    return {member: -fen for member, fen in given.items()}


def everybody(weights: Weights, *held: Mapping[str, int]) -> tuple[str, ...]:
    """The members of the weights, then whoever else holds something."""
    known = dict.fromkeys(weights.members)
    for holdings in held:
        known.update(dict.fromkeys(m for m, fen in holdings.items() if fen and m not in known))
    return tuple(known)


def weights_for(weights: Weights, members: Sequence[str]) -> tuple[int, ...]:
    """The weights in the order of `members`; 0 for those that are not in them."""
    own = dict(zip(weights.members, weights.weights, strict=True))
    return tuple(own.get(member, 0) for member in members)


def share_change_parts(
    net_by_source: Mapping[str, int],
    weights: Weights,
    allocated_by_source: Mapping[str, Mapping[str, int]],
) -> dict[str, Parts]:
    """What a change of shares moves between members, for each source; each sums to zero.

    Together the sources bring every member to split(total to date, new weights); source by source
    the running total is divided, so that none is a fen apart from its own sum.
    """
    found: dict[str, Parts] = {}
    members = everybody(weights, *allocated_by_source.values())
    own = weights_for(weights, members)
    running, before = 0, (0,) * len(members)
    for source, net in net_by_source.items():
        running += net
        target = split(running, own)
        held = allocated_by_source.get(source, {})
        found[source] = {
            member: after - earlier - held.get(member, 0)
            for member, after, earlier in zip(members, target, before, strict=True)
        }
        before = target
    return found


def explain(
    total_to_date_fen: int, weights: Weights, allocated: Mapping[str, int]
) -> tuple[Explained, ...]:
    """Every member's exact entitlement to date beside what was allocated."""
    members = everybody(weights, allocated)
    own, whole = weights_for(weights, members), weights.whole
    return tuple(
        Explained(
            member,
            position,
            weight,
            whole,
            Fraction(total_to_date_fen * weight, whole) if whole else Fraction(0),
            allocated.get(member, 0),
        )
        for position, (member, weight) in enumerate(zip(members, own, strict=True))
    )


def check_refund(
    paid_by_source: Mapping[str, int], refunds: Mapping[str, int], clause: str = ""
) -> list[Finding]:
    """What keeps refunds (positive fen by source) from being paid: none above what it paid."""
    return [
        blocker(
            "premium.refund_above_paid",
            f"refunds.{source}",
            clause,
            fund=source,
            paid_fen=paid_by_source.get(source, 0),
            refund_fen=fen,
        )
        for source, fen in refunds.items()
        if fen > paid_by_source.get(source, 0)
    ]


def need_refundable(
    paid_by_source: Mapping[str, int], refunds: Mapping[str, int], clause: str = ""
) -> None:
    """Refuse refunds above what their sources paid (law 3)."""
    found = check_refund(paid_by_source, refunds, clause)
    if found:
        raise Refused(found)
