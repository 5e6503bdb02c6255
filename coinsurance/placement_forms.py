"""Forms of risks, lines, files and binding (成单). Amounts in fen, shares in 10^8 units."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from catalogue.policy_forms import InstalmentForm, PositiveFen
from coinsurance.rules.nouns import RiskMethod
from service.kernel.forms import Day, Fen, Flag, Form, Id, Line, Ppm, Whole, Words
from service.kernel.shares import WHOLE_UNITS

Code = Annotated[Line, Field(min_length=1, max_length=40, pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]
SectionCode = Annotated[Line, Field(max_length=20, pattern=r"^[A-Za-z0-9._-]*$")]
Units = Annotated[Whole, Field(ge=0, le=WHOLE_UNITS)]
AnyUnits = Annotated[Whole, Field(ge=0, le=10**12)]
Percent = Annotated[Line, Field(max_length=30)]
Note = Annotated[Words, Field(min_length=1, max_length=2000)]


class ZoneForm(Form):
    """An accumulation zone; a park stands alone, every other zone names the one around it."""

    code: Code
    kind: Literal["park", "building", "cleanroom", "process"]
    name: Line = Field(min_length=1, max_length=120)
    parent: Line = Field("", max_length=40)


class SectionForm(Form):
    """A section or layer of a risk with its own participation."""

    code: Line = Field(min_length=1, max_length=20, pattern=r"^[A-Za-z0-9._-]+$")
    title: Line = Field(min_length=1, max_length=120)
    kind: Literal["section", "layer"] = "section"
    attachment_fen: Fen = 0
    limit_fen: PositiveFen
    aggregate_fen: PositiveFen | None = None
    premium_fen: Fen


class RiskZoneForm(Form):
    """A zone the risk lies in, and what part of it may be lost there at once."""

    zone: Code
    at_risk_ppm: Annotated[Ppm, Field(ge=1)]


class RiskValueForm(Form):
    """A row of the schedule of values."""

    item: Line = Field(min_length=1, max_length=200)
    location: Line = Field("", max_length=200)
    value_fen: Fen


class SurveyFactForm(Form):
    """A fact of the survey, such as fire resistance or distance between buildings."""

    name: Line = Field(min_length=1, max_length=80)
    value: Words = Field(min_length=1, max_length=500)


class SurveyForm(Form):
    """What a survey of the site found."""

    surveyed_on: Day | None = None
    surveyor: Line = Field("", max_length=120)
    facts: list[SurveyFactForm] = Field(default_factory=list, max_length=60)


class RiskChangeForm(Form):
    """A risk as the issuer describes it, whole; the premium of its sections makes the premium."""

    insured_uscc: Line = Field(min_length=1, max_length=30)
    product: Line = Field(min_length=1, max_length=20)
    title: Line = Field(min_length=1, max_length=200)
    business_class: Line = Field(min_length=1, max_length=40)
    site: Line = Field("", max_length=200)
    project_name: Line = Field("", max_length=200)
    project_number: Line = Field("", max_length=80)
    method: RiskMethod
    start_on: Day
    end_on: Day
    rate_ppm: Annotated[Ppm, Field(ge=1)]
    sum_insured_fen: PositiveFen
    premium_fen: PositiveFen
    deductible_fen: Fen = 0
    sections: list[SectionForm] = Field(min_length=1, max_length=20)
    zones: list[RiskZoneForm] = Field(default_factory=list, max_length=40)
    values: list[RiskValueForm] = Field(default_factory=list, max_length=500)
    survey: SurveyForm = Field(default_factory=SurveyForm)
    referral: Words = Field("", max_length=2000)


class RiskForm(RiskChangeForm):
    """A new risk of a pool year."""

    pool_year: Line = Field(min_length=1, max_length=40)


class NoteForm(Form):
    """Why a step is taken."""

    note: Note


class MarketForm(Form):
    """Open a risk for lines until a day."""

    lines_until: Day


class LineForm(Form):
    """A line on one section, in units or in percent; `section` may stay empty when there is one.

    `up_to…` lets it be signed above what is written, `amount_max_fen` is the most it may cost.
    """

    section: SectionCode = ""
    written_units: Units | None = None
    written_percent: Percent = ""
    up_to_units: Units | None = None
    up_to_percent: Percent = ""
    amount_max_fen: PositiveFen | None = None
    to_stand: Flag = False
    conditions: Words = Field("", max_length=2000)
    valid_until: Day


class OffPlatformLineForm(LineForm):
    """A line given on paper or by mail, recorded by the issuer with its evidence."""

    uscc: Line = Field(min_length=1, max_length=30)
    evidence_document: Id


class SectionNoteForm(Form):
    """A step on one's own line of a section."""

    section: SectionCode = ""
    note: Words = Field("", max_length=2000)


class SubjectivityForm(Form):
    """A condition to be met by a day."""

    text: Note
    due_on: Day
    before_binding: Flag


class GrantForm(Form):
    """A named person may read a confidential file for a period and a purpose."""

    reader: Line = Field(min_length=1, max_length=60)
    purpose: Line = Field(min_length=1, max_length=200)
    from_on: Day
    to_on: Day


class CharacterCheckForm(Form):
    """The insured's consent, and how the contract is shown to it."""

    consent_document: Id
    consented_on: Day
    issued: Literal["all_sign", "agreement_attached"]


class BindForm(Form):
    """Bind a risk: number of the policy, the consent that was checked, how the premium is paid.

    `no_known_loss_document`: the insured's declaration, for a cover that has begun already.
    """

    policy_number: Line = Field(min_length=3, max_length=80)
    consent_document: Id
    instalments: list[InstalmentForm] = Field(default_factory=list, max_length=60)
    object: Line = Field("", max_length=20)
    conditions_accepted: Flag = False
    no_known_loss_document: Id | None = None
    note: Words = Field("", max_length=2000)


class WhatIfLineForm(Form):
    """A line of a signing that is only calculated."""

    name: Line = Field(min_length=1, max_length=120)
    written_units: AnyUnits | None = None
    written_percent: Percent = ""
    up_to_units: AnyUnits | None = None
    up_to_percent: Percent = ""
    amount_max_fen: PositiveFen | None = None
    to_stand: Flag = False
    cut_consented: Flag = False


class WhatIfSigningForm(Form):
    """Sign these lines without writing anything; `limit_fen` gives maximum amounts a meaning.

    `whole_units` is what the lines are parts of; percentages are of 10^8.
    """

    lines: list[WhatIfLineForm] = Field(min_length=1, max_length=100)
    limit_fen: PositiveFen | None = None
    up_allowed: Flag = False
    minimum_units: AnyUnits = 0
    whole_units: Annotated[Whole, Field(ge=1, le=10**12)] = WHOLE_UNITS


class WhatIfNewLineForm(LineForm):
    """What a new or another line on a risk would change."""

    risk: Line = Field(min_length=1, max_length=20)
    uscc: Line = Field("", max_length=30)


class WhatIfShareForm(Form):
    """A member's units on a section."""

    name: Line = Field(min_length=1, max_length=120)
    share_units: Units


class WhatIfSectionForm(Form):
    """A section with everybody's units."""

    limit_fen: PositiveFen
    aggregate_fen: PositiveFen | None = None
    shares: list[WhatIfShareForm] = Field(min_length=1, max_length=100)


class WhatIfZoneForm(Form):
    """A zone with the one around it; without `at_risk_ppm` the risk lies in it through others."""

    code: Code
    kind: Literal["park", "building", "cleanroom", "process"] = "park"
    parent: Line = Field("", max_length=40)
    at_risk_ppm: Annotated[Ppm, Field(ge=1)] | None = None


class ZoneUsedForm(Form):
    """What a member has at risk in a zone already, over all pools."""

    zone: Code
    used_fen: Fen


class WhatIfMemberForm(Form):
    """A member's capacity and what it carries already."""

    name: Line = Field(min_length=1, max_length=120)
    risk_capacity_fen: Fen
    event_capacity_fen: Fen
    aggregate_capacity_fen: Fen
    aggregate_used_fen: Fen = 0
    zones_used: list[ZoneUsedForm] = Field(default_factory=list, max_length=100)


class WhatIfCapacityForm(Form):
    """Would these shares fit the members' capacity?"""

    sections: list[WhatIfSectionForm] = Field(min_length=1, max_length=20)
    zones: list[WhatIfZoneForm] = Field(default_factory=list, max_length=100)
    members: list[WhatIfMemberForm] = Field(min_length=1, max_length=100)


class WhatIfInsurerForm(Form):
    """An insurer of a policy whose character is asked about."""

    name: Line = Field(min_length=1, max_length=120)
    uscc: Line = Field("", max_length=30)
    legal_root: Line = Field(min_length=1, max_length=60)
    kind: Line = Field("insurer", max_length=20)
    active: Flag = True
    share_units: Units
    contract: Line = Field(min_length=1, max_length=120)
    subject: Line = Field(min_length=1, max_length=400)
    liability: Line = Field(min_length=1, max_length=400)
    start_on: Day
    end_on: Day
    sum_insured_fen: Fen
    named: Flag = True
    basis: Literal["signed_share", "cash_received"] = "signed_share"
    conditions: Words = Field("", max_length=2000)


class WhatIfCharacterForm(Form):
    """A policy of several insurers: co-insurance, or reinsurance by another name?"""

    insurers: list[WhatIfInsurerForm] = Field(min_length=1, max_length=100)
    consent: Flag
    consented_on: Day | None = None
    issued: Literal["all_sign", "agreement_attached", "neither"]
    agreement_effective: Flag = True
    lead_fee_ppm: Ppm | None = None
    commission_ppm: Ppm | None = None
    distance_min_ppm: Ppm | None = None
