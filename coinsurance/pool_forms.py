"""Forms of pools, agreements, years, members, schedules and consents. Amounts in fen.

Shares are written in units of 10^8 (`share_units`) or as a percentage text with its sign (`share`).
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from coinsurance.rules.nouns import PoolRole, ShareMode
from service.kernel.forms import Day, Fen, Form, Line, Whole, Words

Uscc = Annotated[Line, Field(min_length=1, max_length=40, examples=["91420100MA4K00013D"])]
Units = Annotated[Whole, Field(ge=0, le=10**9)]
Percent = Annotated[Line, Field(max_length=60, examples=["12.5%"])]
Resolution = Annotated[Line, Field(min_length=1, max_length=80, examples=["示例决〔2025〕1号"])]
Note = Annotated[Words, Field(max_length=4000)]
Reason = Annotated[Words, Field(min_length=1, max_length=4000)]
Position = Annotated[Whole, Field(ge=1, le=1000)]
Roles = Annotated[list[PoolRole], Field(min_length=1, max_length=6)]
Classes = Annotated[list[Annotated[Line, Field(min_length=1, max_length=40)]], Field(max_length=50)]
Code = Annotated[Line, Field(min_length=1, max_length=60)]


class PoolForm(Form):
    """A new pool (共保体): the family of its published rule book."""

    family: Annotated[Code, Field(examples=["pool/commercial-space"])]


class PoolNoteForm(Form):
    """A step that needs its reason."""

    note: Reason


class StepForm(Form):
    """A step that may carry a note."""

    note: Note = ""


class AgreementForm(Form):
    """A version of the agreement as a rule file (TOML); empty: the pool's published book."""

    text: Annotated[Words, Field(max_length=400_000)] = ""


class AskedForm(Form):
    """An organisation asked for its consent, with its weight where the rule weighs."""

    uscc: Uscc
    weight_units: Units | None = None
    share: Percent | None = None


class VoteForm(Form):
    """Put to the vote. `parties`: the founding members; left out once the pool has members."""

    parties: Annotated[list[AskedForm], Field(max_length=200)] = []
    note: Note = ""


class EffectForm(Form):
    """Let it take effect on the strength of a resolution (决议)."""

    resolution_number: Resolution
    note: Note = ""


class PoolYearForm(Form):
    """A new underwriting year; the calendar year under the version in force unless told."""

    year: Annotated[Whole, Field(ge=2000, le=2200)]
    start_on: Day | None = None
    end_on: Day | None = None
    agreement: Annotated[Line, Field(max_length=40)] = ""


class CapacityForm(Form):
    """What a member commits per risk, per event and in aggregate over the year, in fen."""

    risk_capacity_fen: Fen
    event_capacity_fen: Fen
    aggregate_capacity_fen: Fen


class MembershipForm(CapacityForm):
    """An invitation to a pool year. Without a position the next free one; a lead stands first."""

    uscc: Uscc
    roles: Roles
    excluded_classes: Classes = []
    position: Position | None = None
    bank_account: Annotated[Line, Field(max_length=60)] = ""


class AccountChangeForm(Form):
    """A member's new settlement account (结算账户) and why it changes."""

    bank_account: Annotated[Line, Field(min_length=1, max_length=40)]
    reason: Reason


class AcceptanceForm(Form):
    """A member joins or declines; `accept` false: it does not join."""

    accept: bool = True
    note: Note = ""


class ExitForm(Form):
    """A member leaves at the end of a day; the earliest day the notice allows unless told."""

    note: Reason
    left_on: Day | None = None


class DefaultForm(Form):
    """A member is found in default: it paid late, lost its licence or is insolvent."""

    cause: Literal["late_payment", "licence_lost", "insolvency"]
    note: Reason


class TransferForm(Form):
    """The named member takes over a role that one member holds."""

    role: PoolRole
    resolution_number: Resolution
    note: Note = ""


class ShortfallForm(Form):
    """Ask the others whether they take over what a defaulter left open; nobody is charged yet."""

    note: Reason


class ShortfallChargeForm(Form):
    """Charge the others by consent and resolution; today unless a day is told."""

    resolution_number: Resolution
    effective_on: Day | None = None
    note: Note = ""


class ShortfallReversalForm(Form):
    """Take a charge back whole, as its mirror."""

    reason: Reason
    effective_on: Day | None = None


class ShortfallTakeBackForm(ShortfallReversalForm):
    """The same on a page, which names the charge."""

    charge: Code


class ShareItemForm(Form):
    """A member's share, in units or in percent; neither where it derives from capacity."""

    uscc: Uscc
    share_units: Units | None = None
    share: Percent | None = None


class ScheduleForm(Form):
    """A proposed schedule of a pool year; without shares it derives from the capacities."""

    valid_from: Day | None = None
    mode: ShareMode | None = None
    shares: Annotated[list[ShareItemForm], Field(max_length=200)] = []
    reason: Reason


class ServiceForm(Form):
    """Who was served, how and when (送达); empty: everybody not yet served, now."""

    parties: Annotated[list[Uscc], Field(max_length=200)] = []
    how: Annotated[Line, Field(min_length=1, max_length=120, examples=["系统通知并电子邮件"])]
    served_at: datetime | None = None


class AnswerForm(Form):
    """A member's answer (答复); a refusal says why."""

    answer: Literal["consented", "refused"]
    note: Note = ""
