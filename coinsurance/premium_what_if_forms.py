"""Forms of the premium calculators (试算): plain numbers in, nothing is written. Amounts in fen."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from coinsurance.rules.nouns import DayKind
from coinsurance.rules.premium_cover import Amount
from service.kernel.forms import FEN_MAX, Day, Fen, Form, Line, Ppm, Whole
from service.kernel.money import Rounding
from service.kernel.shares import WHOLE_UNITS

MEMBERS_MAX = 200
MOVEMENTS_MAX = 400
SignedFen = Annotated[Whole, Field(ge=-FEN_MAX, le=FEN_MAX)]
Weight = Annotated[Whole, Field(ge=0, le=10**30)]
Units = Annotated[Whole, Field(ge=0, le=WHOLE_UNITS)]
Name = Annotated[Line, Field(min_length=1, max_length=60)]


def _few(named: dict[str, int]) -> dict[str, int]:
    """At most so many names; a limit on the field itself would be published as one of a list."""
    if len(named) > MEMBERS_MAX:
        counts = {"max_length": MEMBERS_MAX, "actual_length": len(named)}
        raise PydanticCustomError("too_long", "too many names", counts)
    return named


FenByName = Annotated[dict[str, Fen], AfterValidator(_few)]
UnitsByName = Annotated[dict[str, Weight], AfterValidator(_few)]


class SplitForm(Form):
    """A total by weights. `history`: earlier movements that share the same weights, in order.

    Without history it is a single division; with it, the parts of the next movement of a series.
    """

    total_fen: SignedFen
    weights: list[Weight] = Field(min_length=1, max_length=MEMBERS_MAX)
    names: list[Name] = Field(default_factory=list, max_length=MEMBERS_MAX)
    history: list[SignedFen] = Field(default_factory=list, max_length=MOVEMENTS_MAX)


class MemberForm(Form):
    """A member in its order; the first holds the roles that nobody names.

    Its share in units of 10^8, or (all members alike) its weight, whatever the weights sum to.
    """

    member: Name
    units: Units = 0
    weight: Weight | None = None
    roles: list[Literal["lead", "issuer", "account_keeper"]] = Field(default_factory=list)


class SectionForm(Form):
    """A section with its premium; `units` by member where it is not shared like the others."""

    code: Name
    premium_fen: Fen
    units: UnitsByName = Field(default_factory=dict)


class LeadFeeForm(Form):
    """The lead fee: rate, base, tax on top."""

    rate_ppm: Ppm
    base: Literal["follower_premium", "follower_premium_without_tax"] = "follower_premium"
    tax_ppm: Ppm = 0


class ShareFeeForm(Form):
    """A fee on the whole premium that all bear by share."""

    rate_ppm: Ppm
    base: Literal["premium_gross", "premium_without_tax"] = "premium_gross"


class FeesForm(Form):
    """All fees; what is left out was not agreed."""

    lead_fee: LeadFeeForm | None = None
    broker_fee: ShareFeeForm | None = None
    admin_fee: ShareFeeForm | None = None
    premium_tax_ppm: Ppm | None = None
    rounding: Rounding = Rounding.HALF_UP


class RemittanceForm(Form):
    """Gross or net, in how many days of which calendar."""

    mode: Literal["gross", "net"] = "gross"
    days: Annotated[Whole, Field(ge=0, le=3660)] = 0
    calendar: DayKind = DayKind.CALENDAR


class EventForm(Form):
    """One thing that happens to the premium, in order.

    receipt       `amount_fen` of `source` on a day; below zero: given back
    reversal      the exact mirror of movement number `of` (counted from 1)
    share_change  new `units` by member from day `on`, of one section or of all
    endorsement   `amount_fen` more or less premium due, for the days from `on` to the end
    """

    kind: Literal["receipt", "reversal", "share_change", "endorsement"] = "receipt"
    on: Day | None = None
    amount_fen: SignedFen = 0
    source: Line = Field("own", min_length=1, max_length=40)
    of: Annotated[Whole, Field(ge=1, le=MOVEMENTS_MAX)] | None = None
    section: Line = Field("", max_length=60)
    units: UnitsByName = Field(default_factory=dict)


class PremiumForm(Form):
    """A placement in plain numbers and what happens to its premium.

    `sections` empty: one section shared by the members' units; its premium is `premium_fen`, else
    the sum of the receipts. The period matters only where shares or premium change within it.
    """

    members: list[MemberForm] = Field(min_length=1, max_length=MEMBERS_MAX)
    start_on: Day = date(2026, 1, 1)
    end_on: Day = date(2026, 12, 31)
    premium_fen: Fen | None = None
    sections: list[SectionForm] = Field(default_factory=list, max_length=20)
    events: list[EventForm] = Field(min_length=1, max_length=MOVEMENTS_MAX)
    fees: FeesForm = FeesForm()
    remittance: RemittanceForm = RemittanceForm()
    no_premium_no_cover: Literal["none", "first_instalment", "full_premium"] = "none"
    instalments: list[Fen] = Field(default_factory=list, max_length=60)


class EndorsementWhatIfForm(Form):
    """What an endorsement does to the premium: by days, from the beginning, or as stated.

    `received` is what each source paid net: what lies above the premium then due goes back.
    `full_period_fen`: an additional premium for the whole period, of which the days left count.
    """

    premium_fen: Annotated[Whole, Field(ge=1, le=FEN_MAX)]
    start_on: Day
    end_on: Day
    effective_on: Day
    method: Amount = Amount.PRO_RATA
    kind: Literal["return_premium", "additional_premium", "cancel"] = "cancel"
    change_fen: SignedFen = 0
    full_period_fen: Fen = 0
    received: FenByName = Field(default_factory=dict)
    members: list[MemberForm] = Field(default_factory=list, max_length=MEMBERS_MAX)
    rounding: Rounding = Rounding.HALF_UP


class RefundForm(Form):
    """A refund: a total shared among the sources as they paid, or an amount for each source.

    `paid` in the order of the sources' first payment; each is taken as one receipt of the series.
    """

    paid: FenByName
    refund_fen: Fen | None = None
    refunds: FenByName = Field(default_factory=dict)
    members: list[MemberForm] = Field(min_length=1, max_length=MEMBERS_MAX)
    fees: FeesForm = FeesForm()
    remittance: RemittanceForm = RemittanceForm()
    on: Day = date(2026, 6, 30)
