"""Fees and taxes of a movement, each on its own base (出单费、经纪费、管理费、税).

Like premium they are cumulative: the fee on the base to date, rounded by the clause, less the fee
so far. So many small receipts cost a member the same fee as one large one, to the fen.

lead fee       every follower, on its own premium to date; the lead pays none to itself
lead fee tax   on the lead fee to date
broker, admin  on the whole premium to date, borne by all members by their weights
premium tax    the tax inside a member's premium (价内税额); shown, never moved
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from coinsurance.rules.agreement.terms import AgreementTerms, LeadFee, ShareFee
from coinsurance.rules.exact import Exact, exacts
from coinsurance.rules.nouns import Component
from service.kernel.money import PPM_WHOLE, Rounding, of_ppm, ratio, ratios, split

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


class FeeColumn(NamedTuple):
    """One fee of all members that bear it, in their order; exact ones as `rules.exact.exacts`."""

    component: Component
    members: tuple[str, ...]
    to_date_fen: tuple[int, ...]
    above: tuple[int, ...]
    below: tuple[int, ...]


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
    return [
        FeeToDate(column.component, member, fen, Exact(above, below))
        for column in fee_columns(terms, base)
        for member, fen, above, below in zip(*column[1:], strict=True)
    ]


def fee_columns(terms: FeeTerms, base: FeeBase) -> list[FeeColumn]:
    """Every fee and tax to date, each of all members that bear it."""
    return [
        *_lead_fee(terms, base),
        *_share_fee(Component.BROKER_FEE, terms.broker_fee, terms, base),
        *_share_fee(Component.ADMIN_FEE, terms.admin_fee, terms, base),
        *_premium_tax(terms, base),
    ]


def _lead_fee(terms: FeeTerms, base: FeeBase) -> list[FeeColumn]:
    fee = terms.lead_fee
    followers = tuple([member for member in base.premium_to_date if member != base.lead])
    if fee is None or not followers:
        return []
    due = [base.premium_to_date[member] for member in followers]
    if fee.base == OWN_PREMIUM_NET:
        due = [_net(premium, terms) for premium in due]
    fens = ratios(due, fee.rate_ppm, PPM_WHOLE, terms.rounding)
    own = exacts([premium * fee.rate_ppm for premium in due], PPM_WHOLE)
    found = [FeeColumn(Component.LEAD_FEE, followers, fens, *own)]
    if fee.tax_ppm:
        taxes = ratios(fens, fee.tax_ppm, PPM_WHOLE, terms.rounding)
        own = exacts([fen * fee.tax_ppm for fen in fens], PPM_WHOLE)
        found.append(FeeColumn(Component.LEAD_FEE_TAX, followers, taxes, *own))
    return found


def _share_fee(
    component: Component, fee: ShareFee | None, terms: FeeTerms, base: FeeBase
) -> list[FeeColumn]:
    if fee is None:
        return []
    due = _net(base.total_fen, terms) if fee.base == NET_PREMIUM else base.total_fen
    whole_fen = of_ppm(due, fee.rate_ppm, terms.rounding)
    members = tuple(base.premium_to_date)
    weights = [base.weights.get(member, 0) for member in members]
    whole = sum(weights)
    fens = split(whole_fen, weights) if whole else (0,) * len(members)
    own = exacts([whole_fen * weight for weight in weights], whole)
    return [FeeColumn(component, members, fens, *own)]


def _premium_tax(terms: FeeTerms, base: FeeBase) -> list[FeeColumn]:
    rate = terms.premium_tax_ppm
    if not rate:
        return []
    due = base.premium_to_date.values()
    below = PPM_WHOLE + rate
    taxes = ratios(tuple(due), rate, below, terms.rounding)
    own = exacts([premium * rate for premium in due], below)
    return [FeeColumn(Component.PREMIUM_TAX, tuple(base.premium_to_date), taxes, *own)]


def _net(premium_fen: int, terms: FeeTerms) -> int:
    """Premium without the tax inside it."""
    rate = terms.premium_tax_ppm or 0
    return premium_fen - ratio(premium_fen, rate, PPM_WHOLE + rate, terms.rounding)
