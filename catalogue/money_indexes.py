"""Indexes and guards of evidence, payee accounts and direct payments; a migration runs them.

Every statement may be run again. No curly braces: Piccolo's raw() would take them for parameters.
"""

from __future__ import annotations

from catalogue.subsidies.evidence_sql import key
from service.kernel.guards import append_only, differs, fixed, once

_ACCOUNT_STAYS = """
CREATE OR REPLACE FUNCTION payee_account_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'EL403', MESSAGE = 'ledger.append_only',
    DETAIL = jsonb_build_object('table', TG_TABLE_NAME, 'operation', TG_OP)::text;
END $$
"""
_ENTERED = ("organisation", "account_name", "account_number", "bank_name")

MONEY_SQL: list[str] = [
    *append_only("objection_evidence"),
    _ACCOUNT_STAYS,
    "CREATE OR REPLACE TRIGGER payee_account_entered BEFORE UPDATE ON payee_account FOR EACH ROW"
    f" WHEN ({differs(_ENTERED)}) EXECUTE FUNCTION payee_account_stays()",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_payee_account_live ON payee_account"
    " (organisation, status) WHERE status IN ('proposed', 'verified')",
    "CREATE INDEX IF NOT EXISTS ix_payee_account_status ON payee_account (status, id)",
    "CREATE INDEX IF NOT EXISTS ix_receipt_account_key ON premium_receipt"
    f" (({key('payer_account')})) WHERE payer_account <> ''",
]

_PAID = (
    *("batch", "number", "application_line", "payee_kind", "payee_name"),
    *("account_number", "bank_name", "amount_fen"),
)
PAYMENT_SQL: list[str] = [fixed("payment_item", _PAID)]
"""To whom a subsidy is paid, how much and to which account stays; a later migration runs it."""

_ASKED = ("number", "enterprise", "insured_object", "asked_fen", "created_at", "created_by")
PERSON_SQL: list[str] = [
    *append_only("certificate"),
    fixed("organisation", ("uscc", "created_at")),
    fixed("qualification", _ASKED, once("quota_fen", "valid_from", "valid_to")),
]
"""Who a firm is, its certificates, the quota it was granted: a later migration runs it."""

GUARDS: tuple[tuple[str, str], ...] = (
    ("objection_evidence", "objection_evidence_append_only"),
    ("payee_account", "payee_account_entered"),
    ("payment_item", "payment_item_fixed"),
    ("certificate", "certificate_append_only"),
    ("organisation", "organisation_fixed"),
    ("qualification", "qualification_fixed"),
)
"""Table and trigger of every guard, for `eastlake verify`."""
