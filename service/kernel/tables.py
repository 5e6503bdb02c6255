"""Tables of the kernel. Every foreign key restricts; money and state columns have no default."""

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

RESTRICT = OnDelete.restrict
NO_ACTION = OnUpdate.restrict


class Organisation(Table, tablename="organisation"):
    """A legal person or public body (机构); `legal_root` ties branches to their legal person."""

    id = BigSerial(primary_key=True)
    uscc = Varchar(length=18, default=None, null=False)
    legal_root = Varchar(length=18, default=None, null=False)
    kind = Varchar(length=20, default=None, null=False)
    name = Varchar(length=120, default=None, null=False)
    short_name = Varchar(length=40, default=None, null=False)
    sort_key = Varchar(length=400, default=None, null=False)
    district = Varchar(length=40, default="")
    licence_number = Varchar(length=40, default="")
    contact = Varchar(length=200, default="")
    active = Boolean(default=True)
    revision = Integer(default=1)
    created_at = Timestamptz(default=None, null=False)

    uq_organisation_uscc = Unique([uscc])
    ck_organisation_kind = Check(
        "kind in ('insurer','reinsurer','enterprise','committee','regulator','surveyor')"
    )


class Certificate(Table, tablename="certificate"):
    """A status certificate of a firm (高新技术企业, 专精特新 …) with its validity."""

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    kind = Varchar(length=40, default=None, null=False)
    number = Varchar(length=60, default=None, null=False)
    valid_from = Date(default=None, null=False)
    valid_to = Date(default=None, null=True)

    uq_certificate_kind_number = Unique([kind, number])


class User(Table, tablename="eastlake_user"):
    """A person who logs in; always belongs to one organisation."""

    id = BigSerial(primary_key=True)
    organisation = ForeignKey(
        Organisation, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False
    )
    login = Varchar(length=60, default=None, null=False)
    name = Varchar(length=60, default=None, null=False)
    password_hash = Varchar(length=200, default=None, null=False)
    roles = Array(base_column=Varchar(length=30), default=list)
    active = Boolean(default=True)
    revision = Integer(default=1)
    created_at = Timestamptz(default=None, null=False)

    uq_user_login = Unique([login])


class Session(Table, tablename="session"):
    """A browser log-in. Only the hash of the cookie's random token is kept."""

    id = BigSerial(primary_key=True)
    token_hash = Bytea(default=None, null=False)
    user = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    address = Varchar(length=60, default="")

    uq_session_token_hash = Unique([token_hash])


class ApiToken(Table, tablename="api_token"):
    """A bearer token for programs: hashed, scoped, expiring, revocable."""

    id = BigSerial(primary_key=True)
    token_hash = Bytea(default=None, null=False)
    hint = Varchar(length=12, default=None, null=False)
    user = ForeignKey(User, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    name = Varchar(length=60, default=None, null=False)
    scopes = Array(base_column=Varchar(length=30), default=list)
    created_at = Timestamptz(default=None, null=False)
    expires_at = Timestamptz(default=None, null=False)
    revoked_at = Timestamptz(default=None, null=True)
    last_used_at = Timestamptz(default=None, null=True)

    uq_api_token_token_hash = Unique([token_hash])


class LoginFailure(Table, tablename="login_failure"):
    """One failed log-in; throttling counts these rows."""

    id = BigSerial(primary_key=True)
    login = Varchar(length=60, default=None, null=False)
    address = Varchar(length=60, default=None, null=False)
    at = Timestamptz(default=None, null=False)


class JournalEvent(Table, tablename="journal_event"):
    """One change (law 6). `content_hash` covers every other column; seals chain the hashes."""

    id = BigSerial(primary_key=True)
    recorded_at = Timestamptz(default=None, null=False)
    effective_on = Date(default=None, null=False)
    actor = BigInt(default=None, null=True)
    actor_name = Varchar(length=60, default=None, null=False)
    organisation = BigInt(default=None, null=True)
    via = Varchar(length=20, default=None, null=False)
    subject_kind = Varchar(length=40, default=None, null=False)
    subject = Varchar(length=60, default=None, null=False)
    event = Varchar(length=40, default=None, null=False)
    from_status = Varchar(length=30, default="")
    to_status = Varchar(length=30, default="")
    note = Text(default="")
    facts = JSONB(default="{}")
    request_id = Varchar(length=40, default="")
    content_hash = Bytea(default=None, null=False)


class RuleVersion(Table, tablename="rule_version"):
    """A rule file as it was published: body and hash never change afterwards (law 8)."""

    id = BigSerial(primary_key=True)
    family = Varchar(length=60, default=None, null=False)
    version = Varchar(length=40, default=None, null=False)
    title = Varchar(length=200, default=None, null=False)
    status = Varchar(length=20, default=None, null=False)
    valid_from = Date(default=None, null=False)
    valid_to = Date(default=None, null=True)
    body = Text(default=None, null=False)
    hash = Varchar(length=64, default=None, null=False)
    prepared_by = BigInt(default=None, null=True)
    published_by = BigInt(default=None, null=True)
    published_at = Timestamptz(default=None, null=True)

    uq_rule_version_family_version = Unique([family, version])
    ck_rule_version_status = Check("status in ('draft','published','superseded')")


class IdempotencyKey(Table, tablename="idempotency_key"):
    """The stored answer to a POST (law 10); money keys are kept for ever."""

    id = BigSerial(primary_key=True)
    owner = Varchar(length=80, default=None, null=False)
    key = Varchar(length=200, default=None, null=False)
    request_hash = Bytea(default=None, null=False)
    status_code = Integer(default=None, null=True)
    headers = JSONB(default="{}")
    body = Bytea(default=None, null=True)
    money = Boolean(default=False)
    created_at = Timestamptz(default=None, null=False)

    uq_idempotency_key_owner_key = Unique([owner, key])


class Counter(Table, tablename="counter"):
    """Serials of business numbers, one row per prefix and year; the row lock orders takers."""

    id = BigSerial(primary_key=True)
    name = Varchar(length=40, default=None, null=False)
    value = BigInt(default=None, null=False)

    uq_counter_name = Unique([name])


class Book(Table, tablename="book"):
    """A set of accounts that never mixes with another: a pool year or a subsidy budget (账套)."""

    id = BigSerial(primary_key=True)
    code = Varchar(length=60, default=None, null=False)
    kind = Varchar(length=20, default=None, null=False)
    title = Varchar(length=120, default=None, null=False)
    opened_at = Timestamptz(default=None, null=False)

    uq_book_code = Unique([code])
    ck_book_kind = Check("kind in ('pool_year','subsidy_budget')")
    ck_book_code = Check("code ~ '^[^[:space:][:cntrl:]]+$'")


class Account(Table, tablename="account"):
    """An account of one book (科目). Debits raise asset and expense accounts, credits the others.

    Only an account with a floor keeps its balance; both kept amounts run in the account's own
    direction: `kept_fen` is what is posted, `reserved_fen` what pending entries may still take.
    """

    id = BigSerial(primary_key=True)
    book = ForeignKey(Book, on_delete=RESTRICT, on_update=NO_ACTION, default=None, null=False)
    code = Varchar(length=60, default=None, null=False)
    kind = Varchar(length=10, default=None, null=False)
    title = Varchar(length=120, default=None, null=False)
    owner = BigInt(default=None, null=True)
    currency = Varchar(length=3, default=None, null=False)
    floor_fen = BigInt(default=None, null=True)
    kept_fen = BigInt(default=None, null=True)
    reserved_fen = BigInt(default=None, null=True)

    uq_account_book_code = Unique([book, code])
    ck_account_kind = Check("kind in ('asset','expense','liability','income','equity')")
    ck_account_code = Check("code ~ '^[^[:space:][:cntrl:]]+$'")
    ck_account_currency = Check("currency ~ '^[A-Z][A-Z][A-Z]$'")
    ck_account_floor = Check(
        "case when floor_fen is null then kept_fen is null and reserved_fen is null"
        " else kept_fen is not null and reserved_fen is not null and reserved_fen >= 0"
        " and kept_fen - reserved_fen >= floor_fen end"
    )


class Entry(Table, tablename="entry"):
    """One bookkeeping entry (记账凭证). What it says is final: corrected by a reversal only.

    A `pending` entry reserves; the `post_pending` or `void_pending` entry that resolves it books
    or drops it. `content_hash` covers the entry and its lines (see the function ledger_content).
    """

    id = BigSerial(primary_key=True)
    book = BigInt(default=None, null=False)
    key = Varchar(length=200, default=None, null=False)
    kind = Varchar(length=12, default=None, null=False)
    reason = Varchar(length=60, default=None, null=False)
    clause = Varchar(length=200, default=None, null=False)
    effective_on = Date(default=None, null=False)
    period = Varchar(length=7, default=None, null=False)
    recorded_at = Timestamptz(default=None, null=False)
    reversal_of = BigInt(default=None, null=True)
    resolves = BigInt(default=None, null=True)
    journal_event = BigInt(default=None, null=True)
    facts = JSONB(default=None, null=False)
    line_count = Integer(default=None, null=False)
    content_hash = Bytea(default=None, null=False)

    uq_entry_key = Unique([key])
    uq_entry_reversal_of = Unique([reversal_of])
    uq_entry_resolves = Unique([resolves])
    ck_entry_kind = Check("kind in ('posted','pending','post_pending','void_pending')")
    ck_entry_links = Check(
        "(resolves is not null) = (kind in ('post_pending','void_pending'))"
        " and (reversal_of is null or kind = 'posted')"
    )
    ck_entry_period = Check("period ~ '^[0-9][0-9][0-9][0-9]-(0[1-9]|1[0-2])$'")
    ck_entry_lines = Check(
        "case when kind = 'void_pending' then line_count = 0"
        " else line_count between 2 and 10000 end"
    )
    ck_entry_reason = Check("reason <> '' and clause <> '' and key <> ''")


class EntryLine(Table, tablename="entry_line"):
    """One line of an entry; debit positive, credit negative (借正贷负).

    No foreign keys: they cost two row triggers and two row locks a line. The statement trigger
    ledger_lines_guard checks entry, account and book of all lines at once; none can be deleted.
    """

    id = BigSerial(primary_key=True)
    entry = BigInt(default=None, null=False)
    position = Integer(default=None, null=False)
    account = BigInt(default=None, null=False)
    amount_fen = BigInt(default=None, null=False)
    memo = Varchar(length=200, default=None, null=True)
    clause = Varchar(length=200, default=None, null=True)

    uq_entry_line_entry_position = Unique([entry, position])
    ck_entry_line_amount = Check(
        "amount_fen <> 0 and amount_fen between -10000000000000000 and 10000000000000000"
    )
    ck_entry_line_position = Check("position >= 1")


class Seal(Table, tablename="seal"):
    """A link of a hash chain over the rows committed since the link before (see seals.py)."""

    id = BigSerial(primary_key=True)
    chain = Varchar(length=80, default=None, null=False)
    number = Integer(default=None, null=False)
    row_count = Integer(default=None, null=False)
    first_row = BigInt(default=None, null=False)
    last_row = BigInt(default=None, null=False)
    rows_hash = Bytea(default=None, null=False)
    prev_hash = Bytea(default=None, null=False)
    hash = Bytea(default=None, null=False)
    sealed_at = Timestamptz(default=None, null=False)

    uq_seal_chain_number = Unique([chain, number])


class SealedRow(Table, tablename="sealed_row"):
    """Which seal covers which row, so that sealing never touches the row itself."""

    id = BigSerial(primary_key=True)
    chain = Varchar(length=80, default=None, null=False)
    row_id = BigInt(default=None, null=False)
    seal = BigInt(default=None, null=False)

    uq_sealed_row_chain_row_id = Unique([chain, row_id])
