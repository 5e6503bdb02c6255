"""Tables of enrolment (投保登记) and qualification (资格). Amounts in fen."""

from __future__ import annotations

from piccolo.columns import (
    BigInt,
    BigSerial,
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

from catalogue.tables.policies import CatalogueItem, InsuredObject, Policy, SalesContract
from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class Qualification(Table, tablename="qualification"):
    """The right to draw subsidies for an object up to a quota, for at most three years (2024+).

    `drawn_fen` is moved only by `qualification_draw` rows in the same transaction; the check holds
    the quota under racing approvals.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    enterprise = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    insured_object = ForeignKey(
        InsuredObject, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    status = Varchar(length=20, default=None, null=False)
    asked_fen = BigInt(default=None, null=False)
    quota_fen = BigInt(default=None, null=True)
    drawn_fen = BigInt(default=None, null=False)
    valid_from = Date(default=None, null=True)
    valid_to = Date(default=None, null=True)
    recommended_by = BigInt(default=None, null=True)
    reviewed_by = BigInt(default=None, null=True)
    decided_by = BigInt(default=None, null=True)
    note = Text(default="")
    revision = Integer(default=1)
    created_at = Timestamptz(default=None, null=False)
    created_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)

    uq_qualification_number = Unique([number])
    ck_qualification_status = Check(
        "status in ('applied','recommended','reviewed','granted','refused','exhausted','expired',"
        "'revoked')"
    )
    ck_qualification_quota = Check(
        "asked_fen > 0 and drawn_fen >= 0 and drawn_fen <= coalesce(quota_fen, 0)"
    )
    ck_qualification_days = Check("valid_to is null or valid_to >= valid_from")


class QualificationDraw(Table, tablename="qualification_draw"):
    """One draw on a quota, or its return when negative; append-only."""

    id = BigSerial(primary_key=True)
    qualification = ForeignKey(
        Qualification, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    application_line = BigInt(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    drawn_at = Timestamptz(default=None, null=False)

    ck_qualification_draw_amount = Check("amount_fen <> 0")


class Enrolment(Table, tablename="enrolment"):
    """An object, its sale and its policy, confirmed by the insurer, recognised by the committee."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    enterprise = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    insured_object = ForeignKey(
        InsuredObject, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    contract = ForeignKey(
        SalesContract, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    certificate_code = Varchar(length=40, default=None, null=True)
    matched_item = ForeignKey(
        CatalogueItem, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    submitted_at = Timestamptz(default=None, null=True)
    confirmed_by = BigInt(default=None, null=True)
    decided_by = BigInt(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)
    decision_note = Text(default="")
    revision = Integer(default=1)
    created_at = Timestamptz(default=None, null=False)
    created_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)

    uq_enrolment_number = Unique([number])
    uq_enrolment_certificate_code = Unique([certificate_code])
    ck_enrolment_status = Check(
        "status in ('draft','submitted','insurer_confirmed','recognised','returned','refused',"
        "'active','expired','revoked')"
    )
