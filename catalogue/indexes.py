"""Indexes and guards of the catalogue that Piccolo cannot express; a migration runs them in order.

Every statement may be run again. No curly braces: Piccolo's raw() would take them for parameters.
"""

from __future__ import annotations

from catalogue.shelf_table import SHELF_SQL
from service.kernel.guards import append_only, differs

APPEND_ONLY = (
    "library_fact",
    "objection",
    "objection_response",
    "amendment",
    "internal_note",
    "document_content",
)

_DECIDED_STAYS = """
CREATE OR REPLACE FUNCTION refuse_decided_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM product_version v WHERE v.id IN
      (CASE WHEN TG_OP = 'INSERT' THEN NEW.version ELSE OLD.version END)
      AND v.status NOT IN ('draft', 'returned')) THEN
    RAISE EXCEPTION USING ERRCODE = 'EL403', MESSAGE = 'ledger.append_only',
      DETAIL = jsonb_build_object('table', TG_TABLE_NAME, 'operation', TG_OP)::text;
  END IF;
  RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$
"""

_CONTENT_STAYS = """
CREATE OR REPLACE FUNCTION refuse_version_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION USING ERRCODE = 'EL403', MESSAGE = 'ledger.append_only',
    DETAIL = jsonb_build_object('table', TG_TABLE_NAME, 'operation', TG_OP)::text;
END $$
"""
_CONTENT = (
    "name",
    "summary",
    "main_section",
    "stages",
    "industries",
    "target_enterprises",
    "eligibility",
    "evidence",
    "rate_min_ppm",
    "rate_max_ppm",
    "sum_min_fen",
    "sum_max_fen",
    "contact_name",
    "contact_phone",
    "contact_email",
)

CATALOGUE_SQL: list[str] = [
    *(statement for table in APPEND_ONLY for statement in append_only(table)),
    _DECIDED_STAYS,
    _CONTENT_STAYS,
    *(
        f"CREATE OR REPLACE TRIGGER {table}_decided BEFORE INSERT OR UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_decided_version()"
        for table in ("clause", "component", "version_document")
    ),
    "CREATE OR REPLACE TRIGGER product_version_content BEFORE UPDATE ON product_version"
    f" FOR EACH ROW WHEN (OLD.status NOT IN ('draft', 'returned') AND ({differs(_CONTENT)}))"
    " EXECUTE FUNCTION refuse_version_content()",
    "CREATE OR REPLACE TRIGGER rule_version_published BEFORE UPDATE ON rule_version FOR EACH ROW"
    " WHEN (OLD.status <> 'draft' AND (OLD.body IS DISTINCT FROM NEW.body"
    " OR OLD.hash IS DISTINCT FROM NEW.hash OR OLD.valid_from IS DISTINCT FROM NEW.valid_from"
    " OR OLD.version IS DISTINCT FROM NEW.version OR OLD.family IS DISTINCT FROM NEW.family))"
    " EXECUTE FUNCTION refuse_version_content()",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_product_version_open ON product_version (product)"
    " WHERE status IN ('draft', 'submitted', 'accepted', 'returned', 'in_review')",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_product_version_current ON product_version (product)"
    " WHERE status = 'in_library'",
    "CREATE INDEX IF NOT EXISTS ix_product_version_queue ON product_version (submitted_at, id)"
    " WHERE status IN ('submitted', 'accepted', 'in_review', 'returned')",
    "CREATE INDEX IF NOT EXISTS ix_product_insurer ON product (insurer, id)",
    "CREATE INDEX IF NOT EXISTS ix_product_type ON product (product_type, status)",
    "CREATE INDEX IF NOT EXISTS ix_product_current ON product (current_version)",
    "CREATE INDEX IF NOT EXISTS ix_clause_registration ON clause (registration_number)"
    " WHERE registration_number <> ''",
    "CREATE INDEX IF NOT EXISTS ix_clause_file ON clause (file_number) WHERE file_number <> ''",
    "CREATE INDEX IF NOT EXISTS ix_version_document_document ON version_document (document)",
    "CREATE INDEX IF NOT EXISTS ix_document_organisation ON document (organisation, id)",
    "CREATE INDEX IF NOT EXISTS ix_library_fact_product ON library_fact"
    " (product, effective_on, recorded_at)",
    "CREATE INDEX IF NOT EXISTS ix_library_fact_recorded ON library_fact (recorded_at)",
    "CREATE INDEX IF NOT EXISTS ix_journal_event_subject ON journal_event"
    " (subject_kind, subject, id)",
    "CREATE INDEX IF NOT EXISTS ix_journal_event_organisation ON journal_event (organisation, id)",
    "CREATE INDEX IF NOT EXISTS ix_login_failure_login ON login_failure (login, at)",
    "CREATE INDEX IF NOT EXISTS ix_login_failure_address ON login_failure (address, at)",
    'CREATE INDEX IF NOT EXISTS ix_session_user ON session ("user")',
    'CREATE INDEX IF NOT EXISTS ix_api_token_user ON api_token ("user", id)',
    "CREATE INDEX IF NOT EXISTS ix_eastlake_user_organisation ON eastlake_user (organisation, id)",
    "CREATE INDEX IF NOT EXISTS ix_organisation_sort ON organisation (sort_key, id)",
    *SHELF_SQL,
]
