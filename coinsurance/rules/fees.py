"""Fees and taxes of a movement, each on its own base (出单费、经纪费、管理费、税).

Like premium they are cumulative: the fee on the base to date, rounded by the clause, less the fee
so far. So many small receipts cost a member the same fee as one large one, to the fen.

lead fee       every follower, on its own premium to date; the lead pays none to itself
lead fee tax   on the lead fee to date
broker, admin  on the whole premium to date, borne by all members by their weights
premium tax    the tax inside a member's premium (价内税额); shown, never moved
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from coinsurance.rules.agreement.terms import AgreementTerms, LeadFee, ShareFee
from coinsurance.rules.exact import Exact, exact
from coinsurance.rules.nouns import Component
from service.kernel.money import PPM_WHOLE, Rounding, of_ppm, ratio, split

_CLAUSES = {
    Component.LEAD_FEE: "lead_fee",
    Component.LEAD_FEE_TAX: "lead_fee",
    Component.BROKER_FEE: "broker_fee",
    Component.ADMIN_FEE: "admin_fee",
    Component.PREMIUM_TAX: "premium_tax_ppm",
}
OWN_PREMIUM = "follower_premium"
"""Base of the lead fee: a follower's own premium as received."""
OWN_PREMIUM_NET = "follower_premium_without_tax"
"""… less the premium tax inside it."""
GROSS_PREMIUM = "premium_gross"
NET_PREMIUM = "premium_without_tax"


@dataclass(frozen=True, slots=True)
class FeeTerms:
    """The fees that were agreed; None: there is none. `clauses` says what each rests on."""

    lead_fee: LeadFee | None = None
    broker_fee: ShareFee | None = None
    admin_fee: ShareFee | None = None
    premium_tax_ppm: int | None = None
    rounding: Rounding = Rounding.HALF_UP
    clauses: Mapping[Component, str] = field(default_factory=dict)

    def clause(self, component: Component) -> str:
        """The clause that a part of a component cites."""
        return self.clauses.get(component, "")


@dataclass(frozen=True, slots=True)
class FeeBase:
    """What fees are reckoned on: every member's premium to date, the whole, the weights."""

    lead: str
    premium_to_date: Mapping[str, int]
    weights: Mapping[str, int]

    @property
    def total_fen(self) -> int:
        """The whole premium to date."""
        return sum(self.premium_to_date.values())


class FeeToDate(NamedTuple):
    """A member's fee to date, whole and exact."""

    component: Component
    member: str
    to_date_fen: int
    exact: Exact


def fee_terms(terms: AgreementTerms) -> FeeTerms:
    """The fees of an agreement with the clauses they cite."""
    return FeeTerms(
        terms.lead_fee,
        terms.broker_fee,
        terms.admin_fee,
        terms.premium_tax_ppm,
        Rounding(terms.rounding_fee),
        {component: terms.clause(key) for component, key in _CLAUSES.items()},
    )


def fees_to_date(terms: FeeTerms, base: FeeBase) -> list[FeeToDate]:
    """Every fee and tax to date of every member that bears one, in the order of the members."""
    return [fee for reckon in _RECKONED for fee in reckon(terms, base)]


def _lead_fee(terms: FeeTerms, base: FeeBase) -> list[FeeToDate]:
    fee = terms.lead_fee
    if fee is None:
        return []
    found = []
    for member, premium in base.premium_to_date.items():
        if member == base.lead:
            continue
        due = _net(premium, terms) if fee.base == OWN_PREMIUM_NET else premium
        fen = of_ppm(due, fee.rate_ppm, terms.rounding)
        own = exact(due * fee.rate_ppm, PPM_WHOLE)
        found.append(FeeToDate(Component.LEAD_FEE, member, fen, own))
        if fee.tax_ppm:
            tax = of_ppm(fen, fee.tax_ppm, terms.rounding)
            own = exact(fen * fee.tax_ppm, PPM_WHOLE)
            found.append(FeeToDate(Component.LEAD_FEE_TAX, member, tax, own))
    return found


def _share_fee(
    component: Component, fee: ShareFee | None, terms: FeeTerms, base: FeeBase
) -> list[FeeToDate]:
    if fee is None:
        return []
    due = _net(base.total_fen, terms) if fee.base == NET_PREMIUM else base.total_fen
    whole_fen = of_ppm(due, fee.rate_ppm, terms.rounding)
    members = list(base.premium_to_date)
    weights = [base.weights.get(member, 0) for member in members]
    whole = sum(weights)
    if not whole:
        return [FeeToDate(component, member, 0, Exact(0)) for member in members]
    return [
        FeeToDate(component, member, fen, exact(whole_fen * weight, whole))
        for member, fen, weight in zip(members, split(whole_fen, weights), weights, strict=True)
    ]


def _broker_fee(terms: FeeTerms, base: FeeBase) -> list[FeeToDate]:
    return _share_fee(Component.BROKER_FEE, terms.broker_fee, terms, base)


def _admin_fee(terms: FeeTerms, base: FeeBase) -> list[FeeToDate]:
    return _share_fee(Component.ADMIN_FEE, terms.admin_fee, terms, base)


def _premium_tax(terms: FeeTerms, base: FeeBase) -> list[FeeToDate]:
    rate = terms.premium_tax_ppm
    if not rate:
        return []
    return [
        FeeToDate(
            Component.PREMIUM_TAX,
            member,
            ratio(premium, rate, PPM_WHOLE + rate, terms.rounding),
            exact(premium * rate, PPM_WHOLE + rate),
        )
        for member, premium in base.premium_to_date.items()
    ]


def _net(premium_fen: int, terms: FeeTerms) -> int:
    """Premium without the tax inside it."""
    rate = terms.premium_tax_ppm or 0
    return premium_fen - ratio(premium_fen, rate, PPM_WHOLE + rate, terms.rounding)


_RECKONED: Sequence[Callable[[FeeTerms, FeeBase], list[FeeToDate]]] = (
    _lead_fee,
    _broker_fee,
    _admin_fee,
    _premium_tax,
)
