"""Tables beside a claim: notices, surveys, assessments, decisions, calls, cover, backstop. Fen."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.constraints import Check, Unique
from piccolo.table import Table

from catalogue.tables.policies import Policy
from catalogue.tables.products import Document
from coinsurance.tables.claims import Claim, ClaimSection
from coinsurance.tables.placements import Placement, RiskSection
from coinsurance.tables.pools import PoolYear
from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class ClaimNotice(Table, tablename="claim_notice"):
    """A notice to one member on the risk (通知): when due, sent, served, acknowledged."""

    id = BigSerial(primary_key=True)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    kind = Varchar(length=10, default=None, null=False)
    round = Integer(default=1)
    text = Text(default="")
    due_on = Date(default=None, null=True)
    due_days = Integer(default=None, null=True)
    due_calendar = Varchar(length=10, default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)
    sent_at = Timestamptz(default=None, null=True)
    served_at = Timestamptz(default=None, null=True)
    served_how = Varchar(length=120, default="")
    acknowledged_at = Timestamptz(default=None, null=True)
    acknowledged_by = BigInt(default=None, null=True)
    recorded_at = Timestamptz(default=None, null=False)

    uq_claim_notice_member_kind_round = Unique([claim, organisation, kind, round])
    ck_claim_notice_kind = Check("kind in ('loss','survey','papers') and round >= 1")
    ck_claim_notice_order = Check(
        "(served_at is null or (sent_at is not null and served_at >= sent_at))"
        " and (acknowledged_at is null or (served_at is not null"
        " and acknowledged_at >= served_at))"
    )
    ck_claim_notice_calendar = Check("due_calendar in ('calendar','working')")


class ClaimSurvey(Table, tablename="claim_survey"):
    """A survey of the loss (查勘), joint or not."""

    id = BigSerial(primary_key=True)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    number = Integer(default=None, null=False)
    held_on = Date(default=None, null=False)
    place = Varchar(length=200, default=None, null=False)
    surveyor = Varchar(length=120, default=None, null=False)
    joint = Boolean(default=None, null=False)
    summary = Text(default=None, null=False)
    report = ForeignKey(Document, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_claim_survey_claim_number = Unique([claim, number])


class ClaimAttendance(Table, tablename="claim_attendance"):
    """Whether a member came to a survey (到场记录)."""

    id = BigSerial(primary_key=True)
    survey = ForeignKey(
        ClaimSurvey, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    status = Varchar(length=10, default=None, null=False)
    person = Varchar(length=120, default="")
    note = Text(default="")

    uq_claim_attendance_survey_organisation = Unique([survey, organisation])
    ck_claim_attendance_status = Check("status in ('attended','absent','waived')")


class ClaimAssessment(Table, tablename="claim_assessment"):
    """A version of the loss calculation (定损理算) with its facts, steps and hash."""

    id = BigSerial(primary_key=True)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    number = Integer(default=None, null=False)
    content = JSONB(default=None, null=False)
    hash = Varchar(length=64, default=None, null=False)
    payable_fen = BigInt(default=None, null=False)
    report = ForeignKey(Document, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_claim_assessment_claim_number = Unique([claim, number])
    ck_claim_assessment_payable = Check("payable_fen >= 0")


class ClaimDecision(Table, tablename="claim_decision"):
    """A decision on a claim (核定、拒赔、争议、结案、重开) and what it rests on."""

    id = BigSerial(primary_key=True)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    number = Integer(default=None, null=False)
    kind = Varchar(length=12, default=None, null=False)
    basis = Varchar(length=10, default="")
    amount_fen = BigInt(default=None, null=False)
    clause = Varchar(length=200, default="")
    consent = BigInt(default=None, null=True)
    content = JSONB(default=None, null=False)
    reason = Text(default="")
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_claim_decision_claim_number = Unique([claim, number])
    ck_claim_decision_kind = Check(
        "kind in ('agreement','declination','dispute','closing','reopening')"
        " and basis in ('','sole','authority','consent')"
    )


class ClaimFile(Table, tablename="claim_file"):
    """A document of a claim (赔案资料)."""

    id = BigSerial(primary_key=True)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    document = ForeignKey(
        Document, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    kind = Varchar(length=30, default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_claim_file_claim_document = Unique([claim, document])


class ClaimAlert(Table, tablename="claim_alert"):
    """A large loss the committee has to know of (大额损失预警), once for each claim."""

    id = BigSerial(primary_key=True)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    threshold_fen = BigInt(default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)
    raised_at = Timestamptz(default=None, null=False)
    read_at = Timestamptz(default=None, null=True)
    read_by = BigInt(default=None, null=True)

    uq_claim_alert_claim = Unique([claim])
    ck_claim_alert_read = Check("(read_at is null) = (read_by is null)")


class CashCall(Table, tablename="cash_call"):
    """Money asked of the members before a large payment (预收赔款)."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    claim = ForeignKey(Claim, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    section = ForeignKey(
        ClaimSection, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    amount_fen = BigInt(default=None, null=False)
    status = Varchar(length=12, default=None, null=False)
    due_on = Date(default=None, null=True)
    due_days = Integer(default=None, null=False)
    due_calendar = Varchar(length=10, default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)
    note = Text(default="")
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_cash_call_number = Unique([number])
    ck_cash_call_amount = Check("amount_fen > 0")
    ck_cash_call_status = Check("status in ('issued','part_funded','funded','released')")


class CashCallPart(Table, tablename="cash_call_part"):
    """A member's part of a cash call; `used_fen` is what payments have taken of it."""

    id = BigSerial(primary_key=True)
    cash_call = ForeignKey(
        CashCall, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    amount_fen = BigInt(default=None, null=False)
    used_fen = BigInt(default=0)
    obligation = BigInt(default=None, null=True)

    uq_cash_call_part_call_organisation = Unique([cash_call, organisation])
    ck_cash_call_part_used = Check("used_fen between 0 and amount_fen")


class Reinstatement(Table, tablename="reinstatement"):
    """An aggregate limit filled up again (恢复限额), with or without premium."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    placement = ForeignKey(
        Placement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    section = ForeignKey(
        RiskSection, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    amount_fen = BigInt(default=None, null=False)
    effective_on = Date(default=None, null=False)
    rate_ppm = Integer(default=None, null=False)
    by_time = Boolean(default=None, null=False)
    premium_fen = BigInt(default=None, null=False)
    endorsement = Integer(default=None, null=True)
    reason = Text(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_reinstatement_number = Unique([number])
    ck_reinstatement_amount = Check("amount_fen > 0 and premium_fen >= 0 and rate_ppm >= 0")
    ck_reinstatement_charged = Check("premium_fen = 0 or endorsement is not null")


class BackstopMovement(Table, tablename="backstop_movement"):
    """What the government owes a pool year by its bands (政府兜底往来), and what it paid."""

    id = BigSerial(primary_key=True)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    kind = Varchar(length=10, default=None, null=False)
    government = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    amount_fen = BigInt(default=None, null=False)
    effective_on = Date(default=None, null=False)
    content = JSONB(default=None, null=False)
    holder = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    reference = Varchar(length=80, default="")
    clause = Varchar(length=200, default=None, null=False)
    entry = BigInt(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_backstop_movement_year_number = Unique([pool_year, number])
    ck_backstop_movement_kind = Check(
        "kind = 'call' and amount_fen <> 0 or kind = 'receipt' and amount_fen > 0"
    )


class BackstopPart(Table, tablename="backstop_part"):
    """A member's part of what the government bears, by what the member has paid in the year."""

    id = BigSerial(primary_key=True)
    movement = ForeignKey(
        BackstopMovement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    amount_fen = BigInt(default=None, null=False)
    to_date_fen = BigInt(default=None, null=False)

    uq_backstop_part_movement_organisation = Unique([movement, organisation])
