"""Tables of subsidies (补贴): schemes, applications, public notice, payment, recovery. In fen."""

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

from catalogue.tables.enrolments import Enrolment, Qualification
from catalogue.tables.policies import Policy
from catalogue.tables.products import Document, DocumentContent
from service.kernel.tables import Book, Organisation, RuleVersion, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class Scheme(Table, tablename="scheme"):
    """A subsidy scheme (补贴项目): a rule family, a budget book, a window for applications."""

    id = BigSerial(primary_key=True)
    code = Varchar(length=40, default=None, null=False)
    name = Varchar(length=120, default=None, null=False)
    rule_version = ForeignKey(
        RuleVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    book = ForeignKey(Book, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    exclusivity_group = Varchar(length=40, default="")
    window_from = Date(default=None, null=False)
    window_to = Date(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    prepared_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    approved_by = BigInt(default=None, null=True)
    revision = Integer(default=1)
    created_at = Timestamptz(default=None, null=False)

    uq_scheme_code = Unique([code])
    ck_scheme_status = Check("status in ('draft','open','closed')")
    ck_scheme_window = Check("window_to >= window_from")


class PublicNotice(Table, tablename="public_notice"):
    """A public notice (公示) of proposed subsidies; its end is fixed by the official calendar."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    scheme = ForeignKey(Scheme, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    from_on = Date(default=None, null=False)
    to_on = Date(default=None, null=False)
    day_count = Integer(default=None, null=False)
    working_days = Boolean(default=True)
    published_at = Timestamptz(default=None, null=False)
    published_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    closed_at = Timestamptz(default=None, null=True)

    uq_public_notice_number = Unique([number])
    ck_public_notice_days = Check("to_on >= from_on and day_count > 0")


class Application(Table, tablename="application"):
    """An application for a subsidy (补贴申请) with its lines."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    scheme = ForeignKey(Scheme, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    enterprise = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    status = Varchar(length=20, default=None, null=False)
    contact_name = Varchar(length=60, default="")
    contact_phone = Varchar(length=40, default="")
    bank_name = Varchar(length=120, default="")
    account_name = Varchar(length=120, default="")
    account_number = Varchar(length=40, default="")
    statement_signed_by = Varchar(length=60, default="")
    facts = JSONB(default="{}")
    notice = ForeignKey(
        PublicNotice, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    return_count = Integer(default=0)
    return_due_on = Date(default=None, null=True)
    submitted_at = Timestamptz(default=None, null=True)
    first_reviewer = BigInt(default=None, null=True)
    second_reviewer = BigInt(default=None, null=True)
    approved_by = BigInt(default=None, null=True)
    assessed_fen = BigInt(default=0)
    approved_fen = BigInt(default=0)
    paid_fen = BigInt(default=0)
    recovered_fen = BigInt(default=0)
    assessment = JSONB(default="{}")
    assessment_hash = Varchar(length=64, default="")
    revision = Integer(default=1)
    created_at = Timestamptz(default=None, null=False)
    created_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)

    uq_application_number = Unique([number])
    ck_application_status = Check(
        "status in ('draft','submitted','accepted','returned','first_review','second_review',"
        "'public_notice','objection','approved','paid','evaluated','refused','withdrawn',"
        "'part_recovered','recovered')"
    )
    ck_application_amounts = Check(
        "assessed_fen >= 0 and approved_fen between 0 and assessed_fen"
        " and paid_fen between 0 and approved_fen and recovered_fen between 0 and paid_fen"
    )


class ApplicationLine(Table, tablename="application_line"):
    """One policy of an application; `assessment` holds the trace of the rule."""

    id = BigSerial(primary_key=True)
    application = ForeignKey(
        Application, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    enrolment = ForeignKey(
        Enrolment, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    qualification = ForeignKey(
        Qualification, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    status = Varchar(length=20, default=None, null=False)
    assessed_fen = BigInt(default=0)
    approved_fen = BigInt(default=0)
    paid_fen = BigInt(default=0)
    recovered_fen = BigInt(default=0)
    assessment = JSONB(default="{}")
    findings = JSONB(default="[]")

    uq_application_line_application_number = Unique([application, number])
    uq_application_line_application_policy = Unique([application, policy])
    ck_application_line_status = Check(
        "status in ('open','frozen','approved','refused','paid','recovered')"
    )
    ck_application_line_amounts = Check(
        "assessed_fen >= 0 and approved_fen between 0 and assessed_fen"
        " and paid_fen between 0 and approved_fen and recovered_fen between 0 and paid_fen"
    )


class ApplicationMaterial(Table, tablename="application_material"):
    """A document handed in for one item of the checklist."""

    id = BigSerial(primary_key=True)
    application = ForeignKey(
        Application, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    material = Varchar(length=40, default=None, null=False)
    document = ForeignKey(
        Document, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_application_material_all = Unique([application, material, document])


class WarningNote(Table, tablename="warning_note"):
    """Why a reviewer lets a warning pass; without it the warning stands in the way."""

    id = BigSerial(primary_key=True)
    application_line = ForeignKey(
        ApplicationLine, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    code = Varchar(length=60, default=None, null=False)
    note = Text(default=None, null=False)
    written_at = Timestamptz(default=None, null=False)
    written_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)


class NoticeObjection(Table, tablename="notice_objection"):
    """An objection to a line under public notice: real name, seen by the committee only."""

    id = BigSerial(primary_key=True)
    application_line = ForeignKey(
        ApplicationLine, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Varchar(length=20, default=None, null=False)
    objector_name = Varchar(length=120, default=None, null=False)
    objector_contact = Varchar(length=120, default=None, null=False)
    text = Text(default=None, null=False)
    received_at = Timestamptz(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    outcome = Text(default="")
    decided_by = BigInt(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)

    uq_notice_objection_number = Unique([number])
    ck_notice_objection_status = Check("status in ('open','upheld','dismissed')")


class ObjectionEvidence(Table, tablename="objection_evidence"):
    """A file handed in with an objection; nobody outside the committee sees it."""

    id = BigSerial(primary_key=True)
    objection = ForeignKey(
        NoticeObjection, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    content = ForeignKey(
        DocumentContent, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    file_name = Varchar(length=200, default=None, null=False)
    media_type = Varchar(length=100, default=None, null=False)
    uploaded_at = Timestamptz(default=None, null=False)

    uq_objection_evidence_objection_number = Unique([objection, number])


class PayeeAccount(Table, tablename="payee_account"):
    """The bank account (收款账户) an insurer is paid on: entered by the insurer, verified by the
    committee, replaced and never edited."""

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    account_name = Varchar(length=120, default=None, null=False)
    account_number = Varchar(length=40, default=None, null=False)
    bank_name = Varchar(length=120, default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    note = Text(default="")
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    decided_by = BigInt(default=None, null=True)
    decided_at = Timestamptz(default=None, null=True)

    ck_payee_account_status = Check("status in ('proposed','verified','refused','replaced')")


class PaymentBatch(Table, tablename="payment_batch"):
    """Payments sent to the bank together; `file_hash` is the SHA-256 of the file that went out."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    scheme = ForeignKey(Scheme, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    total_fen = BigInt(default=None, null=False)
    prepared_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    approved_by = BigInt(default=None, null=True)
    file_hash = Varchar(length=64, default="")
    created_at = Timestamptz(default=None, null=False)
    sent_at = Timestamptz(default=None, null=True)

    uq_payment_batch_number = Unique([number])
    ck_payment_batch_status = Check("status in ('draft','approved','sent','part_failed','done')")
    ck_payment_batch_total = Check("total_fen > 0")


class PaymentItem(Table, tablename="payment_item"):
    """One payment of a batch; a failed one is retried as a new item of another batch."""

    id = BigSerial(primary_key=True)
    batch = ForeignKey(
        PaymentBatch, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    application_line = ForeignKey(
        ApplicationLine, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    payee_kind = Varchar(length=10, default="firm")
    payee_name = Varchar(length=120, default=None, null=False)
    account_number = Varchar(length=40, default=None, null=False)
    bank_name = Varchar(length=120, default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    bank_reference = Varchar(length=60, default=None, null=True)
    paid_on = Date(default=None, null=True)
    failure = Varchar(length=200, default="")

    uq_payment_item_batch_number = Unique([batch, number])
    uq_payment_item_bank_reference = Unique([bank_reference])
    ck_payment_item_status = Check("status in ('pending','paid','failed')")
    ck_payment_item_payee = Check("payee_kind in ('firm','insurer')")
    ck_payment_item_amount = Check("amount_fen > 0")


class Recovery(Table, tablename="recovery"):
    """Money to be given back (追回) after a policy was cancelled, reduced or found false."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    application_line = ForeignKey(
        ApplicationLine, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    cause = Varchar(length=30, default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    received_fen = BigInt(default=None, null=False)
    due_on = Date(default=None, null=True)
    calculation = JSONB(default="{}")
    status = Varchar(length=20, default=None, null=False)
    opened_at = Timestamptz(default=None, null=False)
    opened_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    approved_by = BigInt(default=None, null=True)

    uq_recovery_number = Unique([number])
    ck_recovery_cause = Check(
        "cause in ('cancellation','downward_endorsement','refund','false_claim','duplicate')"
    )
    ck_recovery_status = Check("status in ('proposed','open','received','cancelled')")
    ck_recovery_amounts = Check("amount_fen > 0 and received_fen between 0 and amount_fen")


class Ban(Table, tablename="ban"):
    """Years in which an organisation may not apply (禁止申报), after a recovery for cause."""

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    recovery = ForeignKey(
        Recovery, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    from_on = Date(default=None, null=False)
    to_on = Date(default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)

    uq_ban_recovery = Unique([recovery])
    ck_ban_days = Check("to_on >= from_on")
