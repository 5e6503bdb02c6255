"""Indexes and guards of policies, enrolments and subsidies; a migration runs them in order.

Every statement may be run again. No curly braces: Piccolo's raw() would take them for parameters.
"""

from __future__ import annotations

from service.kernel.guards import append_only, differs

APPEND_ONLY = (
    "endorsement",
    "premium_receipt",
    "policy_loss",
    "qualification_draw",
    "warning_note",
    "ban",
)

_SHARES_WHOLE = """
CREATE OR REPLACE FUNCTION policy_shares_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE units bigint;
BEGIN
  SELECT coalesce(sum(share_units), 0) INTO units FROM policy_insurer WHERE policy = NEW.id;
  IF units <> 100000000 THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'policy.shares_not_whole',
      DETAIL = jsonb_build_object('sum_units', units)::text;
  END IF;
  RETURN NULL;
END $$
"""

_SOURCE_NOT_NEGATIVE = """
CREATE OR REPLACE FUNCTION receipt_source_not_negative() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE left_fen bigint;
BEGIN
  SELECT sum(amount_fen) INTO left_fen FROM premium_receipt
    WHERE policy = NEW.policy AND source = NEW.source;
  IF left_fen < 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'policy.refund_above_paid',
      DETAIL = jsonb_build_object('fund', NEW.source, 'above_fen', -left_fen)::text;
  END IF;
  RETURN NULL;
END $$
"""

_AGREED_STAYS = """
CREATE OR REPLACE FUNCTION policy_agreed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'EL403', MESSAGE = 'ledger.append_only',
    DETAIL = jsonb_build_object('table', TG_TABLE_NAME, 'operation', TG_OP)::text;
END $$
"""
_AGREED = (
    "number",
    "number_key",
    "insurer",
    "product",
    "version",
    "insured",
    "start_on",
    "end_on",
    "sum_insured_fen",
    "limit_fen",
    "rate_ppm",
    "premium_fen",
)

POLICY_SQL: list[str] = [
    *(statement for table in APPEND_ONLY for statement in append_only(table)),
    _SHARES_WHOLE,
    _SOURCE_NOT_NEGATIVE,
    _AGREED_STAYS,
    "DROP TRIGGER IF EXISTS policy_shares ON policy",
    "CREATE CONSTRAINT TRIGGER policy_shares AFTER INSERT ON policy DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION policy_shares_whole()",
    "DROP TRIGGER IF EXISTS premium_receipt_source ON premium_receipt",
    "CREATE CONSTRAINT TRIGGER premium_receipt_source AFTER INSERT ON premium_receipt DEFERRABLE"
    " INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.amount_fen < 0)"
    " EXECUTE FUNCTION receipt_source_not_negative()",
    f"CREATE OR REPLACE TRIGGER policy_agreed BEFORE UPDATE ON policy FOR EACH ROW"
    f" WHEN ({differs(_AGREED)}) EXECUTE FUNCTION policy_agreed_stays()",
    "CREATE INDEX IF NOT EXISTS ix_policy_insured ON policy (insured, id)",
    "CREATE INDEX IF NOT EXISTS ix_policy_insurer ON policy (insurer, id)",
    "CREATE INDEX IF NOT EXISTS ix_policy_product ON policy (product, recorded_at)",
    "CREATE INDEX IF NOT EXISTS ix_policy_object ON policy (insured_object)",
    "CREATE INDEX IF NOT EXISTS ix_premium_receipt_policy ON premium_receipt (policy, id)",
    "CREATE INDEX IF NOT EXISTS ix_premium_receipt_invoice ON premium_receipt (invoice_number)"
    " WHERE invoice_number <> ''",
    "CREATE INDEX IF NOT EXISTS ix_premium_receipt_payer ON premium_receipt (payer_uscc)"
    " WHERE payer_uscc <> ''",
    "CREATE INDEX IF NOT EXISTS ix_sales_contract_number ON sales_contract (number)",
    "CREATE INDEX IF NOT EXISTS ix_sales_contract_object ON sales_contract (insured_object)",
    "CREATE INDEX IF NOT EXISTS ix_object_unit_serial ON object_unit (serial_number)",
    "CREATE INDEX IF NOT EXISTS ix_insured_object_owner ON insured_object (owner, id)",
    "CREATE INDEX IF NOT EXISTS ix_insured_object_software ON insured_object"
    " (name, software_version) WHERE kind = 'first_version'",
    "CREATE INDEX IF NOT EXISTS ix_enrolment_enterprise ON enrolment (enterprise, id)",
    "CREATE INDEX IF NOT EXISTS ix_enrolment_policy ON enrolment (policy)",
    "CREATE INDEX IF NOT EXISTS ix_enrolment_object ON enrolment (insured_object)",
    "CREATE INDEX IF NOT EXISTS ix_enrolment_status ON enrolment (status, id)",
    "CREATE INDEX IF NOT EXISTS ix_qualification_object ON qualification (insured_object)",
    "CREATE INDEX IF NOT EXISTS ix_qualification_enterprise ON qualification (enterprise, id)",
    "CREATE INDEX IF NOT EXISTS ix_qualification_draw ON qualification_draw (qualification)",
    "CREATE INDEX IF NOT EXISTS ix_application_enterprise ON application (enterprise, id)",
    "CREATE INDEX IF NOT EXISTS ix_application_scheme ON application (scheme, status, id)",
    "CREATE INDEX IF NOT EXISTS ix_application_notice ON application (notice)",
    "CREATE INDEX IF NOT EXISTS ix_application_line_policy ON application_line (policy)",
    "CREATE INDEX IF NOT EXISTS ix_application_line_enrolment ON application_line (enrolment)",
    "CREATE INDEX IF NOT EXISTS ix_application_material ON application_material (application)",
    "CREATE INDEX IF NOT EXISTS ix_warning_note_line ON warning_note (application_line)",
    "CREATE INDEX IF NOT EXISTS ix_notice_objection_line ON notice_objection (application_line)",
    "CREATE INDEX IF NOT EXISTS ix_payment_item_line ON payment_item (application_line)",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_payment_item_live ON payment_item (application_line)"
    " WHERE status IN ('pending', 'paid')",
    "CREATE INDEX IF NOT EXISTS ix_recovery_line ON recovery (application_line)",
    "CREATE INDEX IF NOT EXISTS ix_ban_organisation ON ban (organisation, to_on)",
    "CREATE INDEX IF NOT EXISTS ix_policy_loss_policy ON policy_loss (policy)",
    "CREATE INDEX IF NOT EXISTS ix_policy_dispute_policy ON policy_dispute (policy)",
]
