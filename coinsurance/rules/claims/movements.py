"""What may move on a claim (赔案变动) and how each movement is divided.

Payments and advances of a section never exceed what was agreed, and that never exceeds what the
policy pays; recoveries net of cost never exceed payments (POOLS invariant 10). Parts follow the
shares of the loss date by the cumulative rule; a reversal mirrors its original, once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from coinsurance.rules.claims import movement_texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.claims.nouns import ExpenseSharing, MovementKind
from coinsurance.rules.claims.workflow import ADVANCEABLE, PAYABLE, RECOVERABLE, RUNNING, in_words
from coinsurance.rules.exact import Exact, exacts
from service.kernel.findings import Finding, blocker
from service.kernel.money import allocate
from service.kernel.shares import WHOLE_UNITS


@dataclass(frozen=True, slots=True)
class SectionMoney:
    """The running totals of one section of a claim, in fen.

    `authorised_fen` is what may be paid by now: the agreed amount, or before agreement what was
    paid in advance; `limit_left_fen` None: no limit is known that payments could exceed.
    """

    code: str
    authorised_fen: int
    paid_fen: int
    reserve_fen: int
    expense_fen: int
    recovered_fen: int

    @property
    def left_fen(self) -> int:
        """What may still be paid."""
        return self.authorised_fen - self.paid_fen


class Member(NamedTuple):
    """A member on the risk in one section: share, and its parts of the series so far."""

    organisation_id: int
    uscc: str
    share_units: int
    allocated_fen: int = 0
    reserve_fen: int = 0


class MemberPart(NamedTuple):
    """A member's part of one movement, explained: exact entitlement to date and what it got."""

    organisation_id: int
    uscc: str
    share_units: int
    amount_fen: int
    to_date_fen: int
    exact: Exact
    reserve_fen: int = 0

    @property
    def difference(self) -> Exact:
        """What was allocated to date above (or below) the exact entitlement."""
        return self.exact.gap(self.to_date_fen)


def parts_of(
    members: Sequence[Member],
    total_to_date_fen: int,
    *,
    reserve_to_date_fen: int | None = None,
) -> tuple[MemberPart, ...]:
    """Divide the next movement of a series: split(total to date) less what was allocated.

    `reserve_to_date_fen` divides the outstanding reserve in the same way, where it moves too.
    """
    units = [member.share_units for member in members]
    amounts = allocate(total_to_date_fen, units, [m.allocated_fen for m in members])
    reserves = (
        [0] * len(members)
        if reserve_to_date_fen is None
        else allocate(reserve_to_date_fen, units, [m.reserve_fen for m in members])
    )
    entitled = exacts([total_to_date_fen * own for own in units], WHOLE_UNITS)
    return tuple(
        [
            MemberPart(
                member.organisation_id,
                member.uscc,
                member.share_units,
                amount,
                member.allocated_fen + amount,
                Exact(above, below),
                reserve,
            )
            for member, amount, reserve, above, below in zip(
                members, amounts, reserves, *entitled, strict=True
            )
        ]
    )


def expense_members(
    members: Sequence[Member], sharing: str, handler_id: int
) -> tuple[Member, ...]:
    """Who bears an expense: all by share, or the handler alone, by the agreement's own rule."""
    if sharing != ExpenseSharing.HANDLER_BEARS:
        return tuple(members)
    mine = next((m for m in members if m.organisation_id == handler_id), None)
    allocated_fen = mine.allocated_fen if mine else 0
    return (Member(handler_id, mine.uscc if mine else "", WHOLE_UNITS, allocated_fen),)


def mirrored(parts: Sequence[MemberPart]) -> tuple[MemberPart, ...]:
    """The parts of a reversal: the original's with the sign turned, never allocated anew."""
    return tuple(
        MemberPart(
            part.organisation_id,
            part.uscc,
            part.share_units,
            -part.amount_fen,
            part.to_date_fen - part.amount_fen,
            part.exact,
            -part.reserve_fen,
        )
        for part in parts
    )


def _check_day(day: date, not_before: date, today: date, field: str) -> list[Finding]:
    if not_before <= day <= today:
        return []
    return [blocker("claim.day_outside", field, day=day, first=not_before, last=today)]


@dataclass(frozen=True, slots=True)
class PaymentFacts:
    """A payment or an advance about to be made. Fen."""

    status: str
    kind: MovementKind
    amount_fen: int
    section: SectionMoney
    paid_on: date
    not_before: date
    today: date
    advance_max_fen: int = 0
    advance_findings: tuple[Finding, ...] = ()


def check_payment(facts: PaymentFacts) -> list[Finding]:
    """All that stands against a payment: state, amount agreed, day."""
    found = _check_day(facts.paid_on, facts.not_before, facts.today, "paid_on")
    if facts.kind is MovementKind.ADVANCE:
        return [*found, *_check_advance(facts)]
    if facts.status not in PAYABLE:
        found.append(blocker("claim.not_agreed", "status", **in_words(facts.status)))
    if facts.amount_fen > facts.section.left_fen:
        found.append(
            blocker(
                "claim.above_agreed",
                "amount_fen",
                amount_fen=facts.amount_fen,
                agreed_fen=facts.section.authorised_fen,
                paid_fen=facts.section.paid_fen,
                left_fen=facts.section.left_fen,
            )
        )
    return found


def _check_advance(facts: PaymentFacts) -> list[Finding]:
    """Before agreement: within what the policy pays and what the handler may decide alone."""
    found: list[Finding] = []
    if facts.status not in ADVANCEABLE:
        found.append(blocker("claim.no_advance_now", "status", **in_words(facts.status)))
    to_date_fen = facts.section.paid_fen + facts.amount_fen
    if to_date_fen > facts.advance_max_fen:
        found.append(
            blocker(
                "claim.advance_above_limit",
                "amount_fen",
                to_date_fen=to_date_fen,
                limit_fen=facts.advance_max_fen,
            )
        )
    return [*found, *facts.advance_findings]


def paid_event(status: str, left_fen: int, paid_fen: int) -> str | None:
    """The step that follows when the money has moved; None where the state stays.

    `left_fen` and `paid_fen` are those of the whole claim, after the movement.
    """
    if status == "agreed" and paid_fen:
        return "pay_part" if left_fen else "pay"
    if status == "part_paid" and not left_fen:
        return "pay"
    if status in ("paid", "recovery") and left_fen:
        return "pay_back_part" if paid_fen else "pay_back"
    if status == "part_paid" and not paid_fen:
        return "pay_back"
    return None


@dataclass(frozen=True, slots=True)
class ReserveFacts:
    """A new estimate of what is still to be paid on a section."""

    status: str
    outstanding_fen: int
    section: SectionMoney
    today: date
    effective_on: date
    not_before: date


def check_reserve(facts: ReserveFacts) -> list[Finding]:
    """A reserve is set while the claim runs, and changes something."""
    found = _check_day(facts.effective_on, facts.not_before, facts.today, "effective_on")
    if facts.status not in RUNNING:
        found.append(blocker("claim.not_running", "status", **in_words(facts.status)))
    if facts.outstanding_fen == facts.section.reserve_fen:
        found.append(
            blocker(
                "claim.reserve_unchanged", "outstanding_fen", reserve_fen=facts.outstanding_fen
            )
        )
    return found


def check_expense(status: str, day: date, first: date, today: date) -> list[Finding]:
    """An expense is booked while the claim runs, on a day that has come."""
    found = _check_day(day, first, today, "paid_on")
    if status not in RUNNING:
        found.append(blocker("claim.not_running", "status", **in_words(status)))
    return found


def check_recovery(
    status: str, gross_fen: int, cost_fen: int, section: SectionMoney, day: date, today: date,
    first: date,
) -> list[Finding]:
    """Recoveries net of cost never exceed what was paid; a loss on recovering is an expense."""
    found = _check_day(day, first, today, "received_on")
    if status not in RECOVERABLE:
        found.append(blocker("claim.no_recovery_now", "status", **in_words(status)))
    net_fen = gross_fen - cost_fen
    if net_fen <= 0:
        found.append(blocker("claim.recovery_eaten", "cost_fen", gross_fen=gross_fen))
    elif section.recovered_fen + net_fen > section.paid_fen:
        found.append(
            blocker(
                "claim.recovered_above_paid",
                "gross_fen",
                net_fen=net_fen,
                recovered_fen=section.recovered_fen,
                paid_fen=section.paid_fen,
            )
        )
    return found  # fmt: skip


@dataclass(frozen=True, slots=True)
class ReversalFacts:
    """A movement about to be mirrored. `cash_settled` names what was paid on it between members."""

    status: str
    kind: MovementKind
    amount_fen: int
    effective_on: date
    reversed_on: date
    today: date
    is_reversal: bool
    reversed_before: bool
    section: SectionMoney


def check_reversal(facts: ReversalFacts) -> list[Finding]:
    """A movement is reversed once, not before its own day, and nothing falls below zero."""
    found = _check_day(facts.reversed_on, facts.effective_on, facts.today, "effective_on")
    if facts.status in ("notified", "closed"):
        found.append(blocker("claim.not_running", "status", **in_words(facts.status)))
    if facts.is_reversal:
        found.append(blocker("claim.reversal_of_reversal", "movement"))
    if facts.reversed_before:
        found.append(blocker("claim.reversed_before", "movement"))
    left_fen = facts.section.paid_fen - facts.amount_fen
    paid = facts.kind in (MovementKind.PAYMENT, MovementKind.ADVANCE)
    if paid and left_fen < facts.section.recovered_fen:
        found.append(
            blocker(
                "claim.recovered_above_paid",
                "movement",
                net_fen=0,
                recovered_fen=facts.section.recovered_fen,
                paid_fen=left_fen,
            )
        )
    reserves = facts.kind in (MovementKind.RESERVE, MovementKind.REOPEN)
    if reserves and facts.section.reserve_fen < facts.amount_fen:
        found.append(
            blocker(
                "claim.reserve_used", "movement", reserve_fen=facts.section.reserve_fen,
                amount_fen=facts.amount_fen,
            )
        )  # fmt: skip
    return found


def net_obligations(
    parts: Mapping[int, int], covered: Mapping[int, int], handler_id: int
) -> dict[int, int]:
    """What each other member owes the handler for a movement, in fen; negative: it gets back.

    `parts` are the members' parts, `covered` what a cash call has already asked of them for it.
    """
    owed = {
        member: amount - covered.get(member, 0)
        for member, amount in parts.items()
        if member != handler_id
    }
    return {member: amount for member, amount in owed.items() if amount}


def call_used(parts: Mapping[int, int], called: Mapping[int, int]) -> dict[int, int]:
    """How much of what was called each member's part uses up; never more than either."""
    return {
        member: min(max(0, amount), called.get(member, 0))
        for member, amount in parts.items()
        if called.get(member, 0) > 0 and amount > 0
    }
