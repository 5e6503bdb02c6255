"""Tables of bank files, breaks, members' own lists, reminders, certificates. Amounts in fen."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
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

from catalogue.tables.products import ProductVersion
from coinsurance.tables.pools import PoolYear
from coinsurance.tables.premiums import Obligation
from coinsurance.tables.settlements import PaymentInstruction, Statement
from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class BankFile(Table, tablename="bank_file"):
    """A bank statement as it was taken in (银行流水文件), known by its hash; never twice."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    name = Varchar(length=200, default=None, null=False)
    hash = Varchar(length=64, default=None, null=False)
    encoding = Varchar(length=20, default=None, null=False)
    row_count = Integer(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_bank_file_number = Unique([number])
    uq_bank_file_hash = Unique([hash])


class BankRow(Table, tablename="bank_row"):
    """A row of a bank file and what came of it.

    `verdict` booked, part (less than instructed), over (the excess is a break), unknown, repeated
    (the bank reference was booked before), failed (returned by the bank).
    """

    id = BigSerial(primary_key=True)
    file = ForeignKey(BankFile, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    row = Integer(default=None, null=False)
    bank_reference = Varchar(length=80, default=None, null=False)
    reference = Varchar(length=80, default=None, null=False)
    payer_name = Varchar(length=120, default="")
    payee_name = Varchar(length=120, default="")
    amount_fen = BigInt(default=None, null=False)
    value_on = Date(default=None, null=False)
    instruction = ForeignKey(
        PaymentInstruction, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    booked_fen = BigInt(default=None, null=False)
    verdict = Varchar(length=10, default=None, null=False)
    failure = Varchar(length=200, default="")
    entry = BigInt(default=None, null=True)

    uq_bank_row_file_row = Unique([file, row])
    ck_bank_row_verdict = Check(
        "verdict in ('booked','part','over','unknown','repeated','failed')"
        " and (entry is not null) = (booked_fen > 0) and booked_fen between 0 and amount_fen"
    )


class BankAssignment(Table, tablename="bank_assignment"):
    """Money under an unknown or too small a reference, given to an instruction by a person."""

    id = BigSerial(primary_key=True)
    row = ForeignKey(BankRow, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    instruction = ForeignKey(
        PaymentInstruction, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    booked_fen = BigInt(default=None, null=False)
    entry = BigInt(default=None, null=False)
    note = Text(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    ck_bank_assignment_fen = Check("booked_fen > 0 and note <> ''")


class ReconBreak(Table, tablename="recon_break"):
    """A difference between agreement, statement and bank (差异), open until a person explains it.

    `key` is what makes it the same one in the next reconciliation.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    key = Varchar(length=200, default=None, null=False)
    code = Varchar(length=30, default=None, null=False)
    reference = Varchar(length=80, default=None, null=False)
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    expected_fen = BigInt(default=None, null=True)
    stated_fen = BigInt(default=None, null=True)
    banked_fen = BigInt(default=None, null=True)
    difference_fen = BigInt(default=None, null=False)
    sources = JSONB(default="[]")
    suggestions = JSONB(default="[]")
    status = Varchar(length=12, default=None, null=False)
    explanation = Text(default="")
    explained_at = Timestamptz(default=None, null=True)
    explained_by = BigInt(default=None, null=True)
    revision = Integer(default=1)
    found_at = Timestamptz(default=None, null=False)
    resolved_at = Timestamptz(default=None, null=True)

    uq_recon_break_number = Unique([number])
    uq_recon_break_year_key = Unique([pool_year, key])
    ck_recon_break_code = Check(
        "code in ('missing_in_statement','not_expected','missing_in_bank','unknown_reference',"
        "'amount_differs','duplicate','wrong_party','timing')"
    )
    ck_recon_break_status = Check(
        "status in ('open','explained','resolved')"
        " and (status <> 'explained' or (explanation <> '' and explained_by is not null))"
    )


class Bordereau(Table, tablename="bordereau"):
    """A member's own list of what it booked (对账清单), compared with a statement."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    statement = ForeignKey(
        Statement, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    name = Varchar(length=200, default=None, null=False)
    hash = Varchar(length=64, default=None, null=False)
    matched = Integer(default=None, null=False)
    altered = Integer(default=None, null=False)
    extra = Integer(default=None, null=False)
    missing = Integer(default=None, null=False)
    difference_fen = BigInt(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_bordereau_number = Unique([number])
    uq_bordereau_statement_hash = Unique([statement, hash])


class BordereauLine(Table, tablename="bordereau_line"):
    """One line of a bordereau, or one it lacks, with its verdict; `row` as in the file."""

    id = BigSerial(primary_key=True)
    bordereau = ForeignKey(
        Bordereau, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    row = Integer(default=None, null=True)
    verdict = Varchar(length=10, default=None, null=False)
    line = BigInt(default=None, null=True)
    reference = Varchar(length=80, default="")
    own_reference = Varchar(length=80, default="")
    policy = Varchar(length=80, default="")
    item = Varchar(length=20, default="")
    stated_fen = BigInt(default=None, null=True)
    uploaded_fen = BigInt(default=None, null=True)
    fields = JSONB(default="[]")

    ck_bordereau_line_verdict = Check(
        "verdict in ('match','altered','extra','missing')"
        " and (verdict = 'extra') = (line is null) and (verdict = 'missing') = (row is null)"
    )


class Reminder(Table, tablename="reminder"):
    """A debtor was reminded (催付) of an overdue obligation, once a stage."""

    id = BigSerial(primary_key=True)
    obligation = ForeignKey(
        Obligation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    stage = Integer(default=None, null=False)
    open_fen = BigInt(default=None, null=False)
    days_late = Integer(default=None, null=False)
    reminded_on = Date(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)

    uq_reminder_obligation_stage = Unique([obligation, stage])


class NoDifferenceCertificate(Table, tablename="no_difference_certificate"):
    """The year-end certificate (年终无差异证明): the account keeper's book is the member's."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    as_of = Date(default=None, null=False)
    content = JSONB(default=None, null=False)
    hash = Varchar(length=64, default=None, null=False)
    status = Varchar(length=12, default=None, null=False)
    revision = Integer(default=1)
    prepared_at = Timestamptz(default=None, null=False)
    prepared_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    confirmed_at = Timestamptz(default=None, null=True)
    confirmed_by = BigInt(default=None, null=True)

    uq_no_difference_certificate_number = Unique([number])
    ck_no_difference_certificate_status = Check(
        "status in ('prepared','confirmed','withdrawn')"
        " and (status <> 'confirmed' or confirmed_by is not null)"
    )


class EvidenceBundle(Table, tablename="evidence_bundle"):
    """An evidence bundle that was handed out (证据包), by the hash of its manifest.

    The same subject, view and moment give the same bytes again. `pool_year` null: a claim on a
    policy of a single insurer.
    """

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    pool_year = ForeignKey(
        PoolYear, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    subject_kind = Varchar(length=30, default=None, null=False)
    subject = Varchar(length=60, default=None, null=False)
    known_at = Timestamptz(default=None, null=False)
    manifest_hash = Varchar(length=64, default=None, null=False)
    archive_hash = Varchar(length=64, default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_evidence_bundle_number = Unique([number])


class EvidenceArchive(Table, tablename="evidence_archive"):
    """The bytes of a bundle as it was handed out: whoever asks again gets the same."""

    id = BigSerial(primary_key=True)
    bundle = ForeignKey(
        EvidenceBundle, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    content = Bytea(default=None, null=False)

    uq_evidence_archive_bundle = Unique([bundle])


class ProductExperience(Table, tablename="product_experience"):
    """What the pools learnt of a product version (产品经验反馈), as of a day.

    Written here, read by the library's reports: the catalogue knows nothing of pools.
    """

    id = BigSerial(primary_key=True)
    version = ForeignKey(
        ProductVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    as_of = Date(default=None, null=False)
    policies = Integer(default=None, null=False)
    pool_policies = Integer(default=None, null=False)
    sum_insured_fen = BigInt(default=None, null=False)
    premium_fen = BigInt(default=None, null=False)
    paid_fen = BigInt(default=None, null=False)
    outstanding_fen = BigInt(default=None, null=False)
    recovery_fen = BigInt(default=None, null=False)
    last_policy_on = Date(default=None, null=True)
    dormant = Boolean(default=None, null=False)
    health = Varchar(length=12, default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)

    uq_product_experience_version_as_of = Unique([version, as_of])
    ck_product_experience_health = Check("health in ('good','watch','poor','dormant','unknown')")
