"""Indexes and guards of the pools; a migration runs them in order, each may be run again.

No curly braces: Piccolo's raw() would take them for parameters.
"""

from __future__ import annotations

from service.kernel.guards import append_only, fixed, once

APPEND_ONLY = (
    "share_item",
    "character_check",
    "premium_movement",
    "premium_part",
    "pool_look",
)
_FIXED: dict[str, tuple[str, ...]] = {
    "pool_agreement": ("pool", "version", "title", "valid_from", "body", "hash"),
    "share_schedule": (
        "number",
        "pool_year",
        "placement",
        "section",
        "mode",
        "valid_from",
        "reason",
        "clause",
    ),
    "placement": (
        "number",
        "risk",
        "pool_year",
        "agreement",
        "character_check",
        "policy",
        "issuer",
        "insured",
        "start_on",
        "snapshot_hash",
    ),
    "obligation": ("number", "pool_year", "debtor", "creditor", "kind", "amount_fen", "arose_on"),
    "consent_request": ("number", "subject_kind", "subject", "rule", "clause", "deemed_clause"),
}
"""Columns that never change once written; what the database itself refuses."""
_CONSENT_FIXED: dict[str, tuple[str, ...]] = {
    "consent_request": (
        *_FIXED["consent_request"],
        "pool",
        "pool_year",
        "matter",
        "needed_count",
        "needed_units",
        "due_days",
        "due_calendar",
    ),
    "consent_party": ("request", "organisation", "position", "weight_units"),
}
"""The same of consents, with the columns that came in a later migration."""
_DEBT_FIXED = (
    *_FIXED["obligation"],
    *("placement", "due_days", "due_calendar", "clause", "cause_kind", "cause", "entry"),
    "recorded_at",
)
_DUE_EARLIER = "OLD.due_on IS NOT NULL AND (NEW.due_on IS NULL OR NEW.due_on < OLD.due_on)"
"""A due day that was told moves later only: papers that are served after the payment move it."""
_SEAT_FIXED = ("pool_year", "organisation", "legal_root", "recorded_at")


_SHARES_WHOLE = """
CREATE OR REPLACE FUNCTION share_schedule_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE units bigint;
BEGIN
  SELECT coalesce(sum(share_units), 0) INTO units FROM share_item WHERE schedule = NEW.id;
  IF units <> 100000000 THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'shares.not_whole',
      DETAIL = jsonb_build_object('total_units', units, 'whole_units', 100000000,
        'difference_units', units - 100000000)::text;
  END IF;
  RETURN NULL;
END $$
"""

_PARTS_WHOLE = """
CREATE OR REPLACE FUNCTION premium_parts_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fen bigint;
BEGIN
  SELECT coalesce(sum(amount_fen), 0) INTO fen FROM premium_part
   WHERE movement = NEW.id AND component = 'premium';
  IF fen <> NEW.amount_fen THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'premium.parts_not_whole',
      DETAIL = jsonb_build_object('parts_fen', fen, 'amount_fen', NEW.amount_fen)::text;
  END IF;
  RETURN NULL;
END $$
"""

_ANSWER_KEPT = (
    "CREATE OR REPLACE TRIGGER consent_party_kept BEFORE UPDATE ON consent_party FOR EACH ROW"
    " WHEN (OLD.answer <> '' OR (OLD.served_at IS NOT NULL AND"
    " (OLD.served_at, OLD.served_how) IS DISTINCT FROM (NEW.served_at, NEW.served_how)))"
    " EXECUTE FUNCTION refuse_change()"
)
"""An answer, and the service of a request, are written once."""

GUARDS: tuple[tuple[str, str], ...] = (
    *((table, f"{table}_append_only") for table in APPEND_ONLY),
    *((table, f"{table}_fixed") for table in dict.fromkeys((*_FIXED, *_CONSENT_FIXED))),
    ("pool_member", "pool_member_fixed"),
    ("pool_member", "pool_member_account_agreed"),
    ("pool_member_account", "pool_member_account_fixed"),
    ("consent_party", "consent_party_kept"),
    ("share_schedule", "share_schedule_whole"),
    ("premium_movement", "premium_movement_whole"),
)
"""Table and trigger of every guard, for `eastlake verify`."""

POOL_SQL: list[str] = [
    *(statement for table in APPEND_ONLY for statement in append_only(table)),
    *(fixed(table, columns) for table, columns in _FIXED.items()),
    _SHARES_WHOLE,
    _PARTS_WHOLE,
    "DROP TRIGGER IF EXISTS share_schedule_whole ON share_schedule",
    "CREATE CONSTRAINT TRIGGER share_schedule_whole AFTER INSERT OR UPDATE OF status"
    " ON share_schedule DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    " EXECUTE FUNCTION share_schedule_whole()",
    "DROP TRIGGER IF EXISTS premium_movement_whole ON premium_movement",
    "CREATE CONSTRAINT TRIGGER premium_movement_whole AFTER INSERT ON premium_movement"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION premium_parts_whole()",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_pool_agreement_effective ON pool_agreement"
    " (pool, valid_from) WHERE status IN ('effective', 'superseded')",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_share_schedule_day ON share_schedule"
    " (pool_year, coalesce(section, 0), valid_from) WHERE status = 'effective'",
    "CREATE INDEX IF NOT EXISTS ix_pool_member_organisation ON pool_member (organisation, id)",
    "CREATE INDEX IF NOT EXISTS ix_consent_request_subject ON consent_request"
    " (subject_kind, subject)",
    "CREATE INDEX IF NOT EXISTS ix_consent_party_organisation ON consent_party (organisation, id)",
    "CREATE INDEX IF NOT EXISTS ix_share_schedule_year ON share_schedule (pool_year, valid_from)",
    "CREATE INDEX IF NOT EXISTS ix_share_schedule_section ON share_schedule (section, valid_from)"
    " WHERE section IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_share_item_organisation ON share_item (organisation, schedule)",
    "CREATE INDEX IF NOT EXISTS ix_risk_year ON risk (pool_year, id)",
    "CREATE INDEX IF NOT EXISTS ix_risk_issuer ON risk (issuer, id)",
    "CREATE INDEX IF NOT EXISTS ix_risk_insured ON risk (insured, id)",
    "CREATE INDEX IF NOT EXISTS ix_risk_line_organisation ON risk_line (organisation, id)",
    "CREATE INDEX IF NOT EXISTS ix_risk_file_grant_reader ON risk_file_grant (reader, file)",
    "CREATE INDEX IF NOT EXISTS ix_placement_year ON placement (pool_year, id)",
    "CREATE INDEX IF NOT EXISTS ix_placement_insured ON placement (insured, id)",
    "CREATE INDEX IF NOT EXISTS ix_placement_exposure_placement ON placement_exposure (placement)",
    "CREATE INDEX IF NOT EXISTS ix_placement_exposure_organisation ON placement_exposure"
    " (organisation, zone)",
    "CREATE INDEX IF NOT EXISTS ix_obligation_debtor ON obligation (debtor, due_on, id)",
    "CREATE INDEX IF NOT EXISTS ix_obligation_creditor ON obligation (creditor, due_on, id)",
    "CREATE INDEX IF NOT EXISTS ix_obligation_cause ON obligation (cause_kind, cause)",
    "CREATE INDEX IF NOT EXISTS ix_obligation_year ON obligation (pool_year, id)",
    "CREATE INDEX IF NOT EXISTS ix_pool_look_subject ON pool_look (subject_kind, subject, id)",
]

CONSENT_SQL: list[str] = [
    *(fixed(table, columns) for table, columns in _CONSENT_FIXED.items()),
    _ANSWER_KEPT,
    "CREATE INDEX IF NOT EXISTS ix_consent_request_pool ON consent_request (pool, id)",
]
"""Run after POOL_SQL, once the later columns of consents are there."""

_BOUND = (
    *_FIXED["placement"],
    *("end_on", "consent_document", "snapshot", "bound_at", "bound_by"),
)
_ASKED = (*_CONSENT_FIXED["consent_request"], "title", "opened_at", "opened_by")
FACTS_SQL: list[str] = [
    fixed("placement", _BOUND),
    fixed("consent_request", _ASKED, once("due_at")),
    fixed("consent_party", _CONSENT_FIXED["consent_party"], once("due_at")),
]
"""The same of a binding and of a consent: what was asked, until when. Wider than POOL_SQL and
CONSENT_SQL, after which it is run."""

_ACCOUNT_AGREED = """
CREATE OR REPLACE FUNCTION pool_member_account_agreed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF NEW.bank_account IS DISTINCT FROM (SELECT a.bank_account FROM pool_member_account a
      WHERE a.member = NEW.id AND a.status = 'confirmed' ORDER BY a.number DESC LIMIT 1) THEN
    RAISE EXCEPTION USING ERRCODE = 'EL403', MESSAGE = 'ledger.append_only',
      DETAIL = jsonb_build_object('table', TG_TABLE_NAME, 'operation', TG_OP)::text;
  END IF;
  RETURN NEW;
END $$
"""
_CHANGE_FIXED = ("member", "number", "bank_account", "reason", "asked_at", "asked_by")
TERMS_SQL: list[str] = [
    fixed("obligation", _DEBT_FIXED, _DUE_EARLIER),
    fixed("pool_member", (*_SEAT_FIXED, "bank_account")),
]
"""What no rule recomputes from elsewhere: when and why a debt is due, whose seat and account it is.
Run last, in place of the narrower guard of POOL_SQL."""

ACCOUNT_SQL: list[str] = [
    fixed("pool_member", _SEAT_FIXED),
    _ACCOUNT_AGREED,
    "CREATE OR REPLACE TRIGGER pool_member_account_agreed BEFORE UPDATE ON pool_member FOR EACH ROW"
    " WHEN (OLD.bank_account IS DISTINCT FROM NEW.bank_account)"
    " EXECUTE FUNCTION pool_member_account_agreed()",
    fixed("pool_member_account", _CHANGE_FIXED, once("decided_at", "status", "note")),
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_pool_member_account_open ON pool_member_account (member)"
    " WHERE status = 'asked'",
]
"""A seat's account changes to the last one that was confirmed for it, and to no other: a later
migration runs it, after TERMS_SQL."""
