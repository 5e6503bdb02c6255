"""Forms of the calculators of shares, consents, deadlines, agreements (测算); nothing is kept."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from coinsurance.pool_forms import Percent, Units
from coinsurance.rules.nouns import ConsentRule, DayKind
from service.kernel.forms import Day, Flag, Form, Line, Ppm, Whole, Words
from service.kernel.shares import WHOLE_UNITS

Name = Annotated[Line, Field(min_length=1, max_length=60)]
Weight = Annotated[Whole, Field(ge=0, le=10**30)]
Count = Annotated[Whole, Field(ge=0, le=1_000_000)]


class HolderForm(Form):
    """A member: its share (units or percent), or the capacity it commits; votes; day it joined."""

    name: Name
    share_units: Units | None = None
    share: Percent | None = None
    capacity_fen: Weight = 0
    votes: Count = 0
    joined_on: Day | None = None


class LeadRuleForm(Form):
    """How the lead is found, and who wins among equals."""

    rule: Literal["largest_share", "elected"] = "largest_share"
    tie: Literal["position", "capacity", "joined", "uscc", "drawn"] = "position"


class WhatIfSharesForm(Form):
    """Shares of members in their order, or of a pool year as it stands; then one change.

    `exit`: who leaves, its share going to the others in proportion. `newcomer`: who joins with a
    share, the others giving way in proportion, or with capacity where that is the mode.
    """

    mode: Literal["fixed", "capacity"] = "fixed"
    pool_year: Annotated[Line, Field(max_length=40)] = ""
    members: Annotated[list[HolderForm], Field(max_length=200)] = []
    lead: LeadRuleForm | None = None
    exit: Annotated[Line, Field(max_length=60)] = ""
    newcomer: HolderForm | None = None


class WhatIfPartyForm(Form):
    """A member asked: its weight, when it was served, what it answered ("" is silence)."""

    name: Name
    weight_units: Weight = 0
    served_at: datetime | None = None
    answer: Literal["", "consented", "refused", "deemed"] = ""


class WhatIfConsentForm(Form):
    """A consent rule and the answers so far, judged at a moment (now unless told)."""

    rule: ConsentRule
    count: Annotated[Whole, Field(ge=1, le=1000)] | None = None
    threshold_units: Annotated[Whole, Field(ge=1, le=WHOLE_UNITS)] | None = None
    days: Annotated[Whole, Field(ge=0, le=3660)] | None = None
    calendar: DayKind = DayKind.WORKING
    deemed: Flag = False
    parties: Annotated[list[WhatIfPartyForm], Field(min_length=1, max_length=200)]
    moment: datetime | None = None


class TermForm(Form):
    """A term: its first day is not counted; days by the calendar or working days."""

    start_on: Day
    days: Annotated[Whole, Field(ge=0, le=3660)]
    calendar: DayKind = DayKind.CALENDAR


class WhatIfDeadlineForm(Form):
    """Terms that follow each other: `chained` lets each begin on the last day of the one before."""

    terms: Annotated[list[TermForm], Field(min_length=1, max_length=50)]
    chained: Flag = False


class ConductForm(Form):
    """Days that were allowed and taken over all occasions of one measure."""

    allowed_days: Count = 0
    taken_days: Count = 0


class PerformerForm(Form):
    """A member with its present share and its conduct."""

    name: Name
    share_units: Units | None = None
    share: Percent | None = None
    remittance: ConductForm = ConductForm()
    notice: ConductForm = ConductForm()
    consent: ConductForm = ConductForm()


class WhatIfReSigningForm(Form):
    """Next year's shares from conduct: the weights of the measures and the widest cut."""

    remittance_weight: Count = 1
    notice_weight: Count = 1
    consent_weight: Count = 1
    sway_ppm: Ppm = 200_000
    members: Annotated[list[PerformerForm], Field(min_length=1, max_length=200)]


class WhatIfAgreementForm(Form):
    """An agreement as a rule file (TOML), to be checked with its worked cases."""

    text: Annotated[Words, Field(min_length=1, max_length=400_000)]
