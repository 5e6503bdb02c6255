"""What a movement of premium makes members owe each other (应付事项), gross or net as agreed.

Gross (全额划付): the issuer passes a member's premium on in full; the member pays the lead fee with
its tax to the lead, the administration fee to the account keeper, and its share of the broker's fee
back to the issuer, who paid the broker.
Net (差额划付): the issuer keeps these from what it passes on, and owes the lead and the account
keeper what it kept for them. Issuer, lead and account keeper may be three members.
A negative amount is owed the other way round: a refund makes premium_return. Per member, what it is
owed less what it owes is exactly what the movement did to its accounts.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from coinsurance.rules.nouns import Component, DayKind
from service.kernel.calendar import OpenTerm, term_end

NET = "net"
REMITTANCE, RETURN = "premium_remittance", "premium_return"
LEAD_FEE, ADMIN_FEE, EXPENSE = "lead_fee", "admin_fee", "expense_share"
ADJUSTMENT = "share_adjustment"
_MIRRORED = {REMITTANCE: RETURN, RETURN: REMITTANCE}

CHARGED = (
    Component.PREMIUM,
    Component.LEAD_FEE,
    Component.LEAD_FEE_TAX,
    Component.BROKER_FEE,
    Component.ADMIN_FEE,
)
"""What members owe each other for; the tax inside a premium is shown and never owed."""
Charges = Mapping[Component, Mapping[str, int]]
"""What a movement did, fen by component and member."""


@dataclass(frozen=True, slots=True)
class Roles:
    """Who issued the policy, who leads, who keeps the accounts: members by USCC."""

    issuer: str
    lead: str
    keeper: str


@dataclass(frozen=True, slots=True)
class Remit:
    """The clause on remittance: gross or net, in how many days of which calendar."""

    mode: str = "gross"
    days: int = 0
    calendar: DayKind = DayKind.CALENDAR
    clause: str = ""


class Due(NamedTuple):
    """What one member owes another; `due_on` None: the official calendar does not reach it."""

    kind: str
    debtor: str
    creditor: str
    amount_fen: int
    clause: str
    due_days: int
    due_calendar: DayKind
    due_on: date | None


def dues(
    charges: Charges,
    roles: Roles,
    remit: Remit,
    arose_on: date,
    clauses: Mapping[Component, str] | None = None,
    *,
    adjustment: bool = False,
) -> list[Due]:
    """The debts of a movement, without those of zero, in the order of the members.

    `adjustment`: a change of shares, whose premium moves as share_adjustment. `clauses`: what the
    fees rest on; without one they cite the clause on remittance.
    """
    owed = _net(charges, roles) if remit.mode == NET else _gross(charges, roles)
    due_on = due_day(arose_on, remit.days, remit.calendar)
    cites = clauses or {}
    found = []
    for kind, debtor, creditor, fen in owed:
        if not fen or debtor == creditor:
            continue
        if fen < 0:
            kind, debtor, creditor, fen = _MIRRORED.get(kind, kind), creditor, debtor, -fen
        component = _COMPONENT.get(kind)
        clause = cites.get(component, "") if component else ""
        if adjustment and component is None:
            kind = ADJUSTMENT
        found.append(
            Due(
                kind,
                debtor,
                creditor,
                fen,
                clause or remit.clause,
                remit.days,
                remit.calendar,
                due_on,
            )
        )
    return found


def mirrored(originals: Iterable[Due], arose_on: date) -> list[Due]:
    """The debts of a reversal: each the other way round, due as long after its own day."""
    return [
        Due(
            _MIRRORED.get(due.kind, due.kind),
            due.creditor,
            due.debtor,
            due.amount_fen,
            due.clause,
            due.due_days,
            due.due_calendar,
            due_day(arose_on, due.due_days, due.due_calendar),
        )
        for due in originals
    ]


def due_day(arose_on: date, days: int, calendar: DayKind) -> date | None:
    """The day a debt falls due; the day it arose is not counted, None beyond the calendar."""
    end = term_end(arose_on, days, working=calendar is DayKind.WORKING)
    return None if isinstance(end, OpenTerm) else end


def net_owed(found: Iterable[Due]) -> dict[str, int]:
    """What each member owes (above zero) or is owed (below zero) on balance."""
    owed: dict[str, int] = {}
    for due in found:
        owed[due.debtor] = owed.get(due.debtor, 0) + due.amount_fen
        owed[due.creditor] = owed.get(due.creditor, 0) - due.amount_fen
    return owed


_COMPONENT = {
    LEAD_FEE: Component.LEAD_FEE,
    ADMIN_FEE: Component.ADMIN_FEE,
    EXPENSE: Component.BROKER_FEE,
}
_Owed = tuple[str, str, str, int]


def _rows(charges: Charges) -> Iterator[tuple[str, int, int, int, int]]:
    """Of each member: premium, lead fee with its tax, administration fee, share of the broker's."""
    premium, *others = (charges.get(component, {}) for component in CHARGED)
    fees, taxes, broker, admin = others
    more = [member for own in others for member in own if member not in premium]
    for member in (*premium, *dict.fromkeys(more)):
        lead = fees.get(member, 0) + taxes.get(member, 0)
        yield member, premium.get(member, 0), lead, admin.get(member, 0), broker.get(member, 0)


def _gross(charges: Charges, roles: Roles) -> list[_Owed]:
    owed: list[_Owed] = []
    for member, premium, lead, admin, broker in _rows(charges):
        owed.append((REMITTANCE, roles.issuer, member, premium))
        if lead:
            owed.append((LEAD_FEE, member, roles.lead, lead))
        if admin:
            owed.append((ADMIN_FEE, member, roles.keeper, admin))
        if broker:
            owed.append((EXPENSE, member, roles.issuer, broker))
    return owed


def _net(charges: Charges, roles: Roles) -> list[_Owed]:
    owed: list[_Owed] = []
    fees = kept_admin = 0
    for member, premium, lead, admin, broker in _rows(charges):
        lead = 0 if member == roles.lead else lead
        admin = 0 if member == roles.keeper else admin
        fees, kept_admin = fees + lead, kept_admin + admin
        owed.append((REMITTANCE, roles.issuer, member, premium - lead - admin - broker))
    owed.append((LEAD_FEE, roles.issuer, roles.lead, fees))
    owed.append((ADMIN_FEE, roles.issuer, roles.keeper, kept_admin))
    return owed
