"""Tables of risks and placements: zones, sections, lines, files, character check. Fen."""

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
from catalogue.tables.products import Document, Product
from coinsurance.tables.pools import PoolAgreement, PoolYear
from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class AccumulationZone(Table, tablename="accumulation_zone"):
    """Where losses may accumulate (风险累积区): park, building, cleanroom or process.

    A zone lies within its parent; what is at risk in it counts for every zone above it too.
    """

    id = BigSerial(primary_key=True)
    code = Varchar(length=40, default=None, null=False)
    kind = Varchar(length=20, default=None, null=False)
    name = Varchar(length=120, default=None, null=False)
    parent = BigInt(default=None, null=True)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_accumulation_zone_code = Unique([code])
    ck_accumulation_zone_kind = Check("kind in ('park','building','cleanroom','process')")


class ZoneUse(Table, tablename="zone_use"):
    """What a member has at risk in a zone across all pools, held below its event capacity."""

    id = BigSerial(primary_key=True)
    zone = ForeignKey(
        AccumulationZone, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    used_fen = BigInt(default=None, null=False)
    limit_fen = BigInt(default=None, null=False)

    uq_zone_use_zone_organisation = Unique([zone, organisation])
    ck_zone_use_within = Check("used_fen >= 0 and used_fen <= limit_fen")


class Risk(Table, tablename="risk"):
    """A risk submitted to a pool year (风险提交) by the insurer that would issue the policy."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    issuer = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    insured = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    product = ForeignKey(Product, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    business_class = Varchar(length=40, default=None, null=False)
    site = Varchar(length=200, default="")
    project_name = Varchar(length=200, default="")
    project_number = Varchar(length=80, default="")
    method = Varchar(length=20, default=None, null=False)
    start_on = Date(default=None, null=False)
    end_on = Date(default=None, null=False)
    rate_ppm = Integer(default=None, null=False)
    sum_insured_fen = BigInt(default=None, null=False)
    premium_fen = BigInt(default=None, null=False)
    deductible_fen = BigInt(default=None, null=False)
    survey = JSONB(default="{}")
    referral = Text(default="")
    lines_until = Date(default=None, null=True)
    status = Varchar(length=20, default=None, null=False)
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_risk_number = Unique([number])
    ck_risk_method = Check("method in ('schedule','lines')")
    ck_risk_status = Check(
        "status in ('draft','submitted','in_market','placed','undersubscribed','withdrawn',"
        "'lapsed')"
    )
    ck_risk_days = Check("end_on > start_on")
    ck_risk_money = Check("sum_insured_fen > 0 and premium_fen > 0 and deductible_fen >= 0")


class RiskZone(Table, tablename="risk_zone"):
    """A zone that a risk lies in; `at_risk_ppm` of its sum insured may be lost there at once."""

    id = BigSerial(primary_key=True)
    risk = ForeignKey(Risk, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    zone = ForeignKey(
        AccumulationZone, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    at_risk_ppm = Integer(default=None, null=False)

    uq_risk_zone_risk_zone = Unique([risk, zone])
    ck_risk_zone_ppm = Check("at_risk_ppm between 1 and 1000000")


class RiskValue(Table, tablename="risk_value"):
    """A row of the schedule of values (价值清单)."""

    id = BigSerial(primary_key=True)
    risk = ForeignKey(Risk, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    position = Integer(default=None, null=False)
    item = Varchar(length=200, default=None, null=False)
    location = Varchar(length=200, default="")
    value_fen = BigInt(default=None, null=False)

    uq_risk_value_risk_position = Unique([risk, position])
    ck_risk_value_fen = Check("value_fen >= 0")


class RiskSection(Table, tablename="risk_section"):
    """A section or layer of a risk with its own participation (分项或分层).

    A layer pays what a loss exceeds `attachment_fen` by, up to `limit_fen`.
    """

    id = BigSerial(primary_key=True)
    risk = ForeignKey(Risk, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    position = Integer(default=None, null=False)
    code = Varchar(length=20, default=None, null=False)
    title = Varchar(length=120, default=None, null=False)
    kind = Varchar(length=10, default=None, null=False)
    attachment_fen = BigInt(default=None, null=False)
    limit_fen = BigInt(default=None, null=False)
    aggregate_fen = BigInt(default=None, null=True)
    premium_fen = BigInt(default=None, null=False)

    uq_risk_section_risk_code = Unique([risk, code])
    uq_risk_section_risk_position = Unique([risk, position])
    ck_risk_section_kind = Check("kind in ('section','layer')")
    ck_risk_section_money = Check(
        "attachment_fen >= 0 and limit_fen > 0 and premium_fen >= 0"
        " and (aggregate_fen is null or aggregate_fen >= limit_fen)"
        " and (kind = 'layer' or attachment_fen = 0)"
    )


class RiskLine(Table, tablename="risk_line"):
    """A line (份额线) of one member on one section: what it writes and on what conditions."""

    id = BigSerial(primary_key=True)
    section = ForeignKey(
        RiskSection, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    status = Varchar(length=20, default=None, null=False)
    written_units = BigInt(default=None, null=False)
    up_to_units = BigInt(default=None, null=True)
    amount_max_fen = BigInt(default=None, null=True)
    to_stand = Boolean(default=False)
    cut_consented = Boolean(default=False)
    conditions = Text(default="")
    valid_until = Date(default=None, null=False)
    off_platform = Boolean(default=False)
    evidence = ForeignKey(
        Document, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    signed_units = BigInt(default=None, null=True)
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_risk_line_section_organisation = Unique([section, organisation])
    ck_risk_line_status = Check("status in ('offered','written','declined','lapsed','signed')")
    ck_risk_line_units = Check(
        "written_units between 0 and 100000000"
        " and (up_to_units is null or up_to_units between written_units and 100000000)"
        " and (amount_max_fen is null or amount_max_fen > 0)"
    )
    ck_risk_line_signed = Check(
        "(status = 'signed') = (signed_units is not null)"
        " and (signed_units is null or signed_units <= coalesce(up_to_units, written_units))"
    )
    ck_risk_line_evidence = Check("not off_platform or evidence is not null")


class Subjectivity(Table, tablename="subjectivity"):
    """A condition to be met by a day (限期条件), such as a survey report."""

    id = BigSerial(primary_key=True)
    risk = ForeignKey(Risk, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    number = Integer(default=None, null=False)
    text = Text(default=None, null=False)
    due_on = Date(default=None, null=False)
    before_binding = Boolean(default=None, null=False)
    status = Varchar(length=12, default=None, null=False)
    note = Text(default="")
    raised_by = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    recorded_at = Timestamptz(default=None, null=False)
    resolved_at = Timestamptz(default=None, null=True)
    resolved_by = BigInt(default=None, null=True)

    uq_subjectivity_risk_number = Unique([risk, number])
    ck_subjectivity_status = Check(
        "status in ('open','met','waived') and (status = 'open') = (resolved_at is null)"
    )


class RiskFile(Table, tablename="risk_file"):
    """A file of a risk; confidential ones are read only by those who were granted it."""

    id = BigSerial(primary_key=True)
    risk = ForeignKey(Risk, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    document = ForeignKey(
        Document, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    kind = Varchar(length=30, default=None, null=False)
    confidential = Boolean(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_risk_file_risk_document = Unique([risk, document])


class RiskFileGrant(Table, tablename="risk_file_grant"):
    """A named person may read a confidential file for a period, for a purpose (授权查阅)."""

    id = BigSerial(primary_key=True)
    file = ForeignKey(RiskFile, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    reader = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    purpose = Varchar(length=200, default=None, null=False)
    from_on = Date(default=None, null=False)
    to_on = Date(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)
    granted_at = Timestamptz(default=None, null=False)
    granted_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)

    ck_risk_file_grant_days = Check("to_on >= from_on")


class CharacterCheck(Table, tablename="character_check"):
    """The legal-character check (共保法律性质核查) of a risk as it stood when it was made."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    risk = ForeignKey(Risk, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    passed = Boolean(default=None, null=False)
    content = JSONB(default=None, null=False)
    hash = Varchar(length=64, default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_character_check_number = Unique([number])


class Placement(Table, tablename="placement"):
    """A bound risk (共保保单): policy, agreement version, frozen participation, period.

    Participation stands in share schedules of its sections, the first valid from `start_on`.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    risk = ForeignKey(Risk, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    agreement = ForeignKey(
        PoolAgreement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    character_check = ForeignKey(
        CharacterCheck, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    issuer = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    insured = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    consent_document = ForeignKey(
        Document, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    start_on = Date(default=None, null=False)
    end_on = Date(default=None, null=False)
    cover_from = Date(default=None, null=True)
    status = Varchar(length=20, default=None, null=False)
    snapshot = JSONB(default=None, null=False)
    snapshot_hash = Varchar(length=64, default=None, null=False)
    revision = Integer(default=1)
    bound_at = Timestamptz(default=None, null=False)
    bound_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)

    uq_placement_number = Unique([number])
    uq_placement_risk = Unique([risk])
    uq_placement_policy = Unique([policy])
    ck_placement_status = Check("status in ('bound','in_force','expired','cancelled')")
    ck_placement_days = Check("end_on > start_on")


class PlacementExposure(Table, tablename="placement_exposure"):
    """What a placement put on a member's capacity: per zone, and (zone null) in aggregate."""

    id = BigSerial(primary_key=True)
    placement = ForeignKey(
        Placement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    zone = ForeignKey(
        AccumulationZone, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    amount_fen = BigInt(default=None, null=False)
    released_at = Timestamptz(default=None, null=True)

    ck_placement_exposure_fen = Check("amount_fen >= 0")

