"""Tables of policies (保单), insured objects, their catalogue and contracts. Amounts in fen."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
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

from catalogue.tables.products import Document, Product, ProductVersion
from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class CatalogueEdition(Table, tablename="catalogue_edition"):
    """An edition of an official promotion catalogue (推广应用指导目录) with its validity."""

    id = BigSerial(primary_key=True)
    code = Varchar(length=40, default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    subject_kind = Varchar(length=20, default=None, null=False)
    valid_from = Date(default=None, null=False)
    valid_to = Date(default=None, null=True)
    source = Text(default=None, null=False)
    example = Boolean(default=False)

    uq_catalogue_edition_code = Unique([code])
    ck_catalogue_edition_kind = Check("subject_kind in ('first_set','first_batch','first_version')")
    ck_catalogue_edition_days = Check("valid_to is null or valid_to >= valid_from")


class CatalogueItem(Table, tablename="catalogue_item"):
    """One row of an edition; `parameters` lists name, operator, value and unit required."""

    id = BigSerial(primary_key=True)
    edition = ForeignKey(
        CatalogueEdition, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Varchar(length=40, default=None, null=False)
    name = Varchar(length=200, default=None, null=False)
    parameters = JSONB(default="[]")

    uq_catalogue_item_edition_number = Unique([edition, number])


class InsuredObject(Table, tablename="insured_object"):
    """What is insured for the first time: equipment, material or software of one enterprise."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    owner = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    kind = Varchar(length=20, default=None, null=False)
    name = Varchar(length=200, default=None, null=False)
    level = Varchar(length=20, default="")
    catalogue_item = ForeignKey(
        CatalogueItem, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    value_fen = BigInt(default=None, null=True)
    parameters = JSONB(default="[]")
    variety = Varchar(length=120, default="")
    batch = Varchar(length=60, default="")
    software_version = Varchar(length=40, default="")
    copyright_number = Varchar(length=40, default="")
    test_report_number = Varchar(length=60, default="")
    test_report_body = Varchar(length=120, default="")
    test_report_marks = Array(base_column=Varchar(length=10), default=list)
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_insured_object_number = Unique([number])
    ck_insured_object_kind = Check("kind in ('first_set','first_batch','first_version','general')")
    ck_insured_object_level = Check("level in ('','international','national','provincial')")
    ck_insured_object_value = Check("value_fen is null or value_fen > 0")


class ObjectUnit(Table, tablename="object_unit"):
    """A unit of equipment by its serial number (出厂编号)."""

    id = BigSerial(primary_key=True)
    insured_object = ForeignKey(
        InsuredObject, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    serial_number = Varchar(length=80, default=None, null=False)

    uq_object_unit_object_serial = Unique([insured_object, serial_number])


class SalesContract(Table, tablename="sales_contract"):
    """The sale of an object: buyer and how it stands to the seller, delivery, acceptance."""

    id = BigSerial(primary_key=True)
    insured_object = ForeignKey(
        InsuredObject, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Varchar(length=80, default=None, null=False)
    buyer_name = Varchar(length=120, default=None, null=False)
    buyer_uscc = Varchar(length=18, default=None, null=False)
    buyer_relation = Varchar(length=20, default=None, null=False)
    signed_on = Date(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    quantity = Integer(default=None, null=False)
    unit_price_fen = BigInt(default=None, null=True)
    invoice_number = Varchar(length=40, default="")
    invoiced_on = Date(default=None, null=True)
    delivered_on = Date(default=None, null=True)
    delivery_place = Varchar(length=200, default="")
    accepted_on = Date(default=None, null=True)

    uq_sales_contract_object_number = Unique([insured_object, number])
    ck_sales_contract_relation = Check("buyer_relation in ('none','affiliate','trader')")
    ck_sales_contract_amount = Check("amount_fen > 0 and quantity > 0")


class ObjectDocument(Table, tablename="object_document"):
    """A document that proves something about an object; uploaded once, used by many lines."""

    id = BigSerial(primary_key=True)
    insured_object = ForeignKey(
        InsuredObject, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    document = ForeignKey(
        Document, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    material = Varchar(length=40, default=None, null=False)

    uq_object_document_object_document = Unique([insured_object, document])


class Policy(Table, tablename="policy"):
    """A policy on a library product version. What was agreed at inception never changes; the
    `current_` columns follow the endorsements."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=80, default=None, null=False)
    number_key = Varchar(length=80, default=None, null=False)
    insurer = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    product = ForeignKey(Product, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    version = ForeignKey(
        ProductVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    insured = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    insured_object = ForeignKey(
        InsuredObject, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=True
    )
    status = Varchar(length=20, default=None, null=False)
    start_on = Date(default=None, null=False)
    end_on = Date(default=None, null=False)
    sum_insured_fen = BigInt(default=None, null=False)
    limit_fen = BigInt(default=None, null=False)
    rate_ppm = Integer(default=None, null=False)
    premium_fen = BigInt(default=None, null=False)
    current_sum_fen = BigInt(default=None, null=False)
    current_premium_fen = BigInt(default=None, null=False)
    current_end_on = Date(default=None, null=False)
    note = Text(default="")
    revision = Integer(default=1)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_policy_insurer_number_key = Unique([insurer, number_key])
    ck_policy_status = Check("status in ('recorded','confirmed','disputed','cancelled','expired')")
    ck_policy_days = Check("end_on >= start_on and current_end_on >= start_on")
    ck_policy_amounts = Check(
        "sum_insured_fen > 0 and limit_fen > 0 and premium_fen > 0 and current_sum_fen >= 0"
        " and current_premium_fen >= 0"
    )
    ck_policy_rate = Check("rate_ppm between 1 and 1000000")


class PolicyInsurer(Table, tablename="policy_insurer"):
    """An insurer's share of a policy; the shares of a policy make the whole of 10^8 units."""

    id = BigSerial(primary_key=True)
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    insurer = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    position = Integer(default=None, null=False)
    share_units = BigInt(default=None, null=False)

    uq_policy_insurer_policy_insurer = Unique([policy, insurer])
    uq_policy_insurer_policy_position = Unique([policy, position])
    ck_policy_insurer_share = Check("share_units between 1 and 100000000")


class Instalment(Table, tablename="instalment"):
    """A part of the premium and the day it is due."""

    id = BigSerial(primary_key=True)
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    number = Integer(default=None, null=False)
    due_on = Date(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)

    uq_instalment_policy_number = Unique([policy, number])
    ck_instalment_amount = Check("amount_fen > 0")


class Endorsement(Table, tablename="endorsement"):
    """A change of a policy (批单). Never edited; undone by another that names it in `undoes`."""

    id = BigSerial(primary_key=True)
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    number = Integer(default=None, null=False)
    kind = Varchar(length=20, default=None, null=False)
    effective_on = Date(default=None, null=False)
    premium_change_fen = BigInt(default=None, null=False)
    sum_change_fen = BigInt(default=None, null=False)
    new_end_on = Date(default=None, null=True)
    old_end_on = Date(default=None, null=False)
    reason = Text(default=None, null=False)
    undoes = BigInt(default=None, null=True)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_endorsement_policy_number = Unique([policy, number])
    uq_endorsement_undoes = Unique([undoes])
    ck_endorsement_kind = Check(
        "kind in ('additional_premium','return_premium','sum_change','cancel','reinstate','undo')"
    )


class PremiumReceipt(Table, tablename="premium_receipt"):
    """Premium received, or given back when negative, from one funding source (资金来源).

    `source` is 'own' for the insured's money, else the code of the scheme that paid. What a scheme
    paid to the insurer directly names the payment it came with; nobody enters it twice.
    """

    id = BigSerial(primary_key=True)
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    source = Varchar(length=40, default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    received_on = Date(default=None, null=False)
    payer_name = Varchar(length=120, default=None, null=False)
    payer_uscc = Varchar(length=18, default="")
    payer_account = Varchar(length=40, default="")
    invoice_number = Varchar(length=40, default="")
    invoiced_on = Date(default=None, null=True)
    bank_reference = Varchar(length=60, default="")
    refund_of = BigInt(default=None, null=True)
    endorsement = BigInt(default=None, null=True)
    payment_item = BigInt(default=None, null=True)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_premium_receipt_payment_item = Unique([payment_item])
    ck_premium_receipt_amount = Check("amount_fen <> 0")
    ck_premium_receipt_refund = Check("(amount_fen < 0) = (refund_of is not null)")


class PolicyDispute(Table, tablename="policy_dispute"):
    """The insured says that a recorded policy is wrong (异议); the insurer answers."""

    id = BigSerial(primary_key=True)
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    text = Text(default=None, null=False)
    raised_at = Timestamptz(default=None, null=False)
    raised_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    answer = Text(default="")
    answered_at = Timestamptz(default=None, null=True)
    answered_by = BigInt(default=None, null=True)


class PolicyLoss(Table, tablename="policy_loss"):
    """A claim payment the insurer reports on a policy: what the checks compare premiums with."""

    id = BigSerial(primary_key=True)
    policy = ForeignKey(Policy, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    reference = Varchar(length=60, default=None, null=False)
    loss_on = Date(default=None, null=False)
    paid_on = Date(default=None, null=False)
    paid_fen = BigInt(default=None, null=False)
    payee_name = Varchar(length=120, default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )

    uq_policy_loss_policy_reference = Unique([policy, reference])
    ck_policy_loss_paid = Check("paid_fen > 0 and paid_on >= loss_on")
