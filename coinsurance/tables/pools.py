"""Tables of pools: agreement, pool year, members, share schedules, consents. Amounts in fen."""

from __future__ import annotations

from piccolo.columns import (
    Array,
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

from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class Pool(Table, tablename="pool"):
    """A co-insurance pool (共保体) of one industry; `family` names its rule book."""

    id = BigSerial(primary_key=True)
    code = Varchar(length=30, default=None, null=False)
    family = Varchar(length=60, default=None, null=False)
    name = Varchar(length=120, default=None, null=False)
    industry = Varchar(length=40, default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_pool_code = Unique([code])
    ck_pool_code = Check("code ~ '^[a-z0-9]+(-[a-z0-9]+)*$'")
    ck_pool_status = Check("status in ('forming','active','suspended','run_off','closed')")


class PoolAgreement(Table, tablename="pool_agreement"):
    """A version of the pool's agreement (共保协议): a rule book whose sources are its clauses."""

    id = BigSerial(primary_key=True)
    pool = ForeignKey(Pool, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    version = Varchar(length=40, default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    valid_from = Date(default=None, null=False)
    valid_to = Date(default=None, null=True)
    body = Text(default=None, null=False)
    hash = Varchar(length=64, default=None, null=False)
    resolution_number = Varchar(length=80, default="")
    effective_at = Timestamptz(default=None, null=True)
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_pool_agreement_pool_version = Unique([pool, version])
    ck_pool_agreement_status = Check(
        "status in ('draft','under_vote','effective','superseded','refused','withdrawn')"
    )
    ck_pool_agreement_days = Check("valid_to is null or valid_to >= valid_from")


class PoolYear(Table, tablename="pool_year"):
    """An underwriting year (业务年度) of a pool, under one agreement version, with its own book."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=40, default=None, null=False)
    pool = ForeignKey(Pool, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    year = Integer(default=None, null=False)
    agreement = ForeignKey(
        PoolAgreement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    share_mode = Varchar(length=20, default=None, null=False)
    currency = Varchar(length=3, default=None, null=False)
    start_on = Date(default=None, null=False)
    end_on = Date(default=None, null=False)
    book = BigInt(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_pool_year_number = Unique([number])
    uq_pool_year_pool_year = Unique([pool, year])
    ck_pool_year_mode = Check("share_mode in ('fixed','capacity','per_risk_line')")
    ck_pool_year_status = Check(
        "status in ('draft','signed','open','closed_new','run_off','commuted')"
    )
    ck_pool_year_days = Check("end_on >= start_on")
    ck_pool_year_currency = Check("currency ~ '^[A-Z][A-Z][A-Z]$'")


class PoolMember(Table, tablename="pool_member"):
    """A membership (成员) in one pool year, with roles, capacity and the aggregate in use.

    `position` is the order of members in every schedule and split: the lead stands first.
    """

    id = BigSerial(primary_key=True)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    legal_root = Varchar(length=18, default=None, null=False)
    position = Integer(default=None, null=False)
    roles = Array(base_column=Varchar(length=20), default=list)
    risk_capacity_fen = BigInt(default=None, null=False)
    event_capacity_fen = BigInt(default=None, null=False)
    aggregate_capacity_fen = BigInt(default=None, null=False)
    aggregate_used_fen = BigInt(default=None, null=False)
    excluded_classes = Array(base_column=Varchar(length=40), default=list)
    status = Varchar(length=20, default=None, null=False)
    joined_on = Date(default=None, null=False)
    left_on = Date(default=None, null=True)
    bank_account = Varchar(length=40, default="")
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_pool_member_year_organisation = Unique([pool_year, organisation])
    uq_pool_member_year_root = Unique([pool_year, legal_root])
    uq_pool_member_year_position = Unique([pool_year, position])
    ck_pool_member_status = Check(
        "status in ('invited','active','suspended','exited','defaulted','declined')"
    )
    ck_pool_member_capacity = Check(
        "risk_capacity_fen >= 0 and event_capacity_fen >= risk_capacity_fen"
        " and aggregate_capacity_fen >= event_capacity_fen"
    )
    ck_pool_member_aggregate = Check(
        "aggregate_used_fen >= 0 and aggregate_used_fen <= aggregate_capacity_fen"
    )
    ck_pool_member_days = Check("left_on is null or left_on >= joined_on")


class PoolMemberAccount(Table, tablename="pool_member_account"):
    """A change of a member's settlement account (结算账户变更), asked by the member itself.

    Confirmed by the committee's office, it is the account of the membership from then on.
    """

    id = BigSerial(primary_key=True)
    member = ForeignKey(
        PoolMember, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    bank_account = Varchar(length=40, default=None, null=False)
    reason = Varchar(length=4000, default=None, null=False)
    status = Varchar(length=10, default=None, null=False)
    asked_at = Timestamptz(default=None, null=False)
    asked_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    decided_at = Timestamptz(default=None, null=True)
    note = Varchar(length=4000, default="")
    revision = Integer(default=1)

    uq_pool_member_account_member_number = Unique([member, number])
    ck_pool_member_account_status = Check(
        "status in ('asked','confirmed','refused','withdrawn')"
        " and (decided_at is null) = (status = 'asked')"
    )


class ConsentRequest(Table, tablename="consent_request"):
    """Members are asked for their consent (征求同意) to an agreement, a schedule, a claim.

    `rule` all, any, count (`needed_count`) or weighted (`needed_units` of the weights asked).
    `deemed_clause` empty: silence is never consent. Each member has `due_days` from the day it was
    served (none: no time limit); `due_at` is the last of these deadlines, null until it is known.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool = ForeignKey(Pool, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    matter = Varchar(length=20, default=None, null=False)
    subject_kind = Varchar(length=30, default=None, null=False)
    subject = Varchar(length=60, default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    rule = Varchar(length=20, default=None, null=False)
    needed_count = Integer(default=None, null=True)
    needed_units = BigInt(default=None, null=True)
    clause = Varchar(length=200, default=None, null=False)
    deemed_clause = Varchar(length=200, default="")
    due_days = Integer(default=None, null=True)
    due_calendar = Varchar(length=10, default=None, null=False)
    due_at = Timestamptz(default=None, null=True)
    status = Varchar(length=20, default=None, null=False)
    revision = Integer(default=1)
    opened_at = Timestamptz(default=None, null=False)
    opened_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    closed_at = Timestamptz(default=None, null=True)

    uq_consent_request_number = Unique([number])
    ck_consent_request_rule = Check(
        "(rule in ('all','any') and needed_count is null and needed_units is null)"
        " or (rule = 'count' and needed_count >= 1 and needed_units is null)"
        " or (rule = 'weighted' and needed_units >= 1 and needed_count is null)"
    )
    ck_consent_request_status = Check("status in ('open','given','refused','expired','withdrawn')")
    ck_consent_request_term = Check(
        "due_calendar in ('calendar','working') and (due_days is null or due_days >= 0)"
        " and (deemed_clause = '' or due_days is not null)"
    )


class ConsentParty(Table, tablename="consent_party"):
    """One member asked: when it was served, what it answered and when (送达与答复).

    `due_at`: the first moment at which its answer comes too late; null until it can be told.
    """

    id = BigSerial(primary_key=True)
    request = ForeignKey(
        ConsentRequest, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    position = Integer(default=None, null=False)
    weight_units = BigInt(default=None, null=False)
    served_at = Timestamptz(default=None, null=True)
    served_how = Varchar(length=120, default="")
    due_at = Timestamptz(default=None, null=True)
    answer = Varchar(length=12, default="")
    answered_at = Timestamptz(default=None, null=True)
    answered_by = BigInt(default=None, null=True)
    note = Text(default="")

    uq_consent_party_request_organisation = Unique([request, organisation])
    ck_consent_party_answer = Check(
        "answer in ('','consented','refused','deemed')"
        " and (answer = '') = (answered_at is null)"
    )
    ck_consent_party_deemed = Check("answer <> 'deemed' or served_at is not null")
    ck_consent_party_weight = Check("weight_units >= 0")


class ShareSchedule(Table, tablename="share_schedule"):
    """A schedule of shares (份额表): of a pool year, or of one section of a placement.

    It holds from `valid_from` until the next effective one of the same scope. Its items sum to
    exactly 100,000,000 units when it is effective.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    placement = BigInt(default=None, null=True)
    section = BigInt(default=None, null=True)
    mode = Varchar(length=20, default=None, null=False)
    valid_from = Date(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    reason = Text(default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)
    resolution_number = Varchar(length=80, default="")
    effective_at = Timestamptz(default=None, null=True)
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_share_schedule_number = Unique([number])
    ck_share_schedule_mode = Check("mode in ('fixed','capacity','per_risk_line')")
    ck_share_schedule_scope = Check("(placement is null) = (section is null)")
    ck_share_schedule_status = Check(
        "status in ('proposed','consented','effective','refused','withdrawn')"
        " and (status = 'effective') = (effective_at is not null)"
    )


class ShareItem(Table, tablename="share_item"):
    """One member's share in a schedule, in units of 10^8, with what it was derived from."""

    id = BigSerial(primary_key=True)
    schedule = ForeignKey(
        ShareSchedule, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    position = Integer(default=None, null=False)
    share_units = BigInt(default=None, null=False)
    basis_weight = BigInt(default=None, null=False)

    uq_share_item_schedule_organisation = Unique([schedule, organisation])
    uq_share_item_schedule_position = Unique([schedule, position])
    ck_share_item_units = Check("share_units >= 0 and share_units <= 100000000")
    ck_share_item_basis = Check("basis_weight >= 0")


class PoolLook(Table, tablename="pool_look"):
    """A look of the committee or the auditor at a pool's confidential figures (查阅留痕)."""

    id = BigSerial(primary_key=True)
    at = Timestamptz(default=None, null=False)
    reader = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    organisation = BigInt(default=None, null=False)
    subject_kind = Varchar(length=30, default=None, null=False)
    subject = Varchar(length=60, default=None, null=False)
    what = Varchar(length=60, default=None, null=False)
    exported = Boolean(default=False)
    request_id = Varchar(length=40, default="")
