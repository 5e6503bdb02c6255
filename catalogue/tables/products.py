"""Tables of products and filing. Documents, clauses and components belong to one version."""

from __future__ import annotations

from piccolo.columns import (
    JSONB,
    Array,
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

from service.kernel.tables import Organisation, User

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class ProductType(Table, tablename="product_type"):
    """A kind of tech insurance (产品类型): the 82 rows of rules/books/product_types.csv."""

    id = BigSerial(primary_key=True)
    code = Varchar(length=20, default=None, null=False)
    name = Varchar(length=120, default=None, null=False)
    name_en = Varchar(length=200, default=None, null=False)
    sort_key = Varchar(length=400, default=None, null=False)
    stage = Varchar(length=20, default=None, null=False)
    risk_kind = Varchar(length=20, default=None, null=False)
    regulator_class = Varchar(length=40, default="")
    covered_object = Text(default=None, null=False)
    industries = Array(base_column=Varchar(length=40), default=list)
    source = Text(default=None, null=False)
    evidence = Varchar(length=20, default=None, null=False)

    uq_product_type_code = Unique([code])
    uq_product_type_name = Unique([name])
    ck_product_type_stage = Check("stage in ('research','production','market','conversion')")
    ck_product_type_risk_kind = Check(
        "risk_kind in ('property','expense_loss','liability','guarantee_credit','personal')"
    )


class Product(Table, tablename="product"):
    """A product of one insurer (在库产品); what it covers is in its versions."""

    id = BigSerial(primary_key=True)
    number = Varchar(length=20, default=None, null=False)
    insurer = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    product_type = ForeignKey(
        ProductType, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    status = Varchar(length=20, default=None, null=False)
    current_version = BigInt(default=None, null=True)
    created_at = Timestamptz(default=None, null=False)
    created_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)

    uq_product_number = Unique([number])
    ck_product_status = Check("status in ('new','in_library','suspended','withdrawn')")


class ProductVersion(Table, tablename="product_version"):
    """One version of a product; immutable once it has been decided on.

    Rates in parts per million of the sum insured, sums in fen. `revision` is the ETag.
    """

    id = BigSerial(primary_key=True)
    product = ForeignKey(Product, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    number = Integer(default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    revision = Integer(default=1)
    name = Varchar(length=120, default=None, null=False)
    sort_key = Varchar(length=400, default=None, null=False)
    summary = Text(default="")
    main_section = Varchar(length=40, default="")
    stages = Array(base_column=Varchar(length=20), default=list)
    industries = Array(base_column=Varchar(length=40), default=list)
    target_enterprises = Text(default="")
    eligibility = Text(default="")
    evidence = Array(base_column=Varchar(length=200), default=list)
    rate_min_ppm = Integer(default=None, null=True)
    rate_max_ppm = Integer(default=None, null=True)
    sum_min_fen = BigInt(default=None, null=True)
    sum_max_fen = BigInt(default=None, null=True)
    contact_name = Varchar(length=60, default="")
    contact_phone = Varchar(length=40, default="")
    contact_email = Varchar(length=120, default="")
    search_text = Text(default="")
    search_tokens = Array(base_column=Varchar(length=100), default=list)
    created_at = Timestamptz(default=None, null=False)
    created_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    submitted_at = Timestamptz(default=None, null=True)
    reviewed_by = BigInt(default=None, null=True)
    recommendation = Varchar(length=10, default="")
    decided_at = Timestamptz(default=None, null=True)
    decided_by = BigInt(default=None, null=True)
    decision = JSONB(default="{}")

    uq_product_version_product_number = Unique([product, number])
    ck_product_version_status = Check(
        "status in ('draft','submitted','accepted','returned','in_review','in_library',"
        "'rejected','replaced','abandoned')"
    )
    ck_product_version_rates = Check(
        "rate_min_ppm is null or rate_max_ppm is null or "
        "(rate_min_ppm >= 0 and rate_max_ppm >= rate_min_ppm and rate_max_ppm <= 1000000)"
    )
    ck_product_version_sums = Check(
        "sum_min_fen is null or sum_max_fen is null or "
        "(sum_min_fen >= 0 and sum_max_fen >= sum_min_fen)"
    )


class Clause(Table, tablename="clause"):
    """A filed clause (条款) of a version: main or rider, with file and registration number."""

    id = BigSerial(primary_key=True)
    version = ForeignKey(
        ProductVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    position = Integer(default=None, null=False)
    kind = Varchar(length=10, default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    file_number = Varchar(length=120, default="")
    registration_number = Varchar(length=40, default="")
    model_clause = Varchar(length=200, default="")

    uq_clause_version_position = Unique([version, position])
    ck_clause_kind = Check("kind in ('main','rider')")


class Component(Table, tablename="component"):
    """A coverage component (保障责任) of a version. Amounts in fen, null where not fixed."""

    id = BigSerial(primary_key=True)
    version = ForeignKey(
        ProductVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    position = Integer(default=None, null=False)
    name = Varchar(length=120, default=None, null=False)
    event = Text(default=None, null=False)
    exclusions = Text(default="")
    limit_fen = BigInt(default=None, null=True)
    deductible_fen = BigInt(default=None, null=True)
    deductible_ppm = Integer(default=None, null=True)
    waiting_days = Integer(default=0)
    basis = Varchar(length=20, default=None, null=False)

    uq_component_version_position = Unique([version, position])
    ck_component_basis = Check("basis in ('occurrence','claims_made','agreed_value','indemnity')")
    ck_component_amounts = Check(
        "coalesce(limit_fen,0) >= 0 and coalesce(deductible_fen,0) >= 0 and waiting_days >= 0"
    )


class DocumentContent(Table, tablename="document_content"):
    """The bytes of an uploaded file, stored once per SHA-256."""

    id = BigSerial(primary_key=True)
    sha256 = Varchar(length=64, default=None, null=False)
    size_bytes = Integer(default=None, null=False)
    content = Bytea(default=None, null=False)

    uq_document_content_sha256 = Unique([sha256])


class Document(Table, tablename="document"):
    """An uploaded file of an organisation (材料): uploaded once, used in many places."""

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    content = ForeignKey(
        DocumentContent, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    file_name = Varchar(length=200, default=None, null=False)
    media_type = Varchar(length=100, default=None, null=False)
    kind = Varchar(length=30, default=None, null=False)
    uploaded_at = Timestamptz(default=None, null=False)
    uploaded_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )


class VersionDocument(Table, tablename="version_document"):
    """Which documents a version carries, and whether the public may read them."""

    id = BigSerial(primary_key=True)
    version = ForeignKey(
        ProductVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    document = ForeignKey(
        Document, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    public = Boolean(default=False)

    uq_version_document_version_document = Unique([version, document])


class Objection(Table, tablename="objection"):
    """A numbered objection of the reviewer (审核意见) to one version; never edited."""

    id = BigSerial(primary_key=True)
    version = ForeignKey(
        ProductVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    number = Integer(default=None, null=False)
    field = Varchar(length=80, default="")
    text = Text(default=None, null=False)
    raised_at = Timestamptz(default=None, null=False)
    raised_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)

    uq_objection_version_number = Unique([version, number])


class ObjectionResponse(Table, tablename="objection_response"):
    """The insurer's answer (答复) to one objection; a second answer is a second row."""

    id = BigSerial(primary_key=True)
    objection = ForeignKey(
        Objection, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    text = Text(default=None, null=False)
    answered_at = Timestamptz(default=None, null=False)
    answered_by = ForeignKey(
        User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )


class Amendment(Table, tablename="amendment"):
    """What changed in a version after it was first submitted (补正): old and new values."""

    id = BigSerial(primary_key=True)
    version = ForeignKey(
        ProductVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    changes = JSONB(default=None, null=False)
    amended_at = Timestamptz(default=None, null=False)
    amended_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)


class InternalNote(Table, tablename="internal_note"):
    """A note among reviewers (内部备注); insurers never see it."""

    id = BigSerial(primary_key=True)
    version = ForeignKey(
        ProductVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    text = Text(default=None, null=False)
    written_at = Timestamptz(default=None, null=False)
    written_by = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)


class LibraryFact(Table, tablename="library_fact"):
    """What holds for a product in the library from a day on, and when that became known.

    Append-only and read two ways in time: as of `effective_on`, as known at `recorded_at`. A
    correction is a new row that names the wrong one in `corrects`; status 'void' only cancels it.
    """

    id = BigSerial(primary_key=True)
    product = ForeignKey(Product, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    version = ForeignKey(
        ProductVersion, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    status = Varchar(length=20, default=None, null=False)
    district = Varchar(length=40, default="")
    effective_on = Date(default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    recorded_by = BigInt(default=None, null=True)
    corrects = BigInt(default=None, null=True)
    journal_event = BigInt(default=None, null=False)

    uq_library_fact_corrects = Unique([corrects])
    ck_library_fact_status = Check("status in ('in_library','suspended','withdrawn','void')")
