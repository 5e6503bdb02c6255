"""Indexes and guards of settlement; a migration runs them in order, each may be run again.

No curly braces: Piccolo's raw() would take them for parameters.
"""

from __future__ import annotations

from service.kernel.guards import append_only, fixed, once

APPEND_ONLY = (
    "dispute_rung",
    "settlement_part",
    "discharge",
    "bank_file",
    "bank_row",
    "bank_assignment",
    "bordereau",
    "bordereau_line",
    "reminder",
    "evidence_bundle",
)
_FIXED: dict[str, tuple[str, ...]] = {
    "statement_period": (
        "number",
        "pool_year",
        "agreement",
        "period",
        "edition",
        "from_month",
        "to_month",
        "previous",
        "seal",
    ),
    "statement": (
        "number",
        "period",
        "pool_year",
        "organisation",
        "position",
        "edition",
        "replaces",
        "brought_forward_fen",
        "items_fen",
        "settled_fen",
        "carried_forward_fen",
        "disputed_fen",
        "line_count",
        "content",
        "hash",
    ),
    "dispute": (
        "number",
        "pool_year",
        "statement",
        "organisation",
        "counterparty",
        "entry",
        "line",
        "amount_fen",
        "reason",
    ),
    "obligation_hold": ("obligation", "dispute", "amount_fen"),
    "settlement_run": (
        "number",
        "pool_year",
        "method",
        "clause",
        "due_until",
        "gross_fen",
        "cash_fen",
        "proof",
        "hash",
    ),
    "payment_instruction": ("run", "number", "reference", "payer", "payee", "amount_fen"),
    "recon_break": ("number", "pool_year", "key", "code", "reference"),
    "no_difference_certificate": (
        "number",
        "pool_year",
        "organisation",
        "as_of",
        "content",
        "hash",
    ),
}
"""Columns that never change once written; what the database itself refuses."""


# The balances of all parties of a period sum to zero when it is written: nobody is left out, and
# nothing is stated that somebody else does not state the other way round.
_PERIOD_WHOLE = """
CREATE OR REPLACE FUNCTION statement_period_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fen bigint;
BEGIN
  SELECT coalesce(sum(s.carried_forward_fen), 0) INTO fen FROM statement s
   WHERE s.period = NEW.id AND s.edition = (
     SELECT max(x.edition) FROM statement x
      WHERE x.period = s.period AND x.organisation = s.organisation);
  IF fen <> 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'statement.not_whole',
      DETAIL = jsonb_build_object('total_fen', fen, 'members',
        (SELECT count(DISTINCT organisation) FROM statement WHERE period = NEW.id))::text;
  END IF;
  RETURN NULL;
END $$
"""

# What was settled of an obligation is what was discharged, and with what a dispute holds or struck
# off it is never more than the obligation.
_OBLIGATION_WHOLE = """
CREATE OR REPLACE FUNCTION obligation_discharged() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE o record;
BEGIN
  SELECT b.number, b.amount_fen, b.settled_fen,
    (SELECT coalesce(sum(d.amount_fen), 0) FROM discharge d WHERE d.obligation = b.id) AS paid_fen,
    (SELECT coalesce(sum(h.amount_fen), 0) FROM obligation_hold h
      WHERE h.obligation = b.id AND h.state <> 'released') AS held_fen
    INTO o FROM obligation b WHERE b.id = NEW.obligation;
  IF o.settled_fen <> o.paid_fen OR o.settled_fen + o.held_fen > o.amount_fen THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'settlement.overpaid',
      DETAIL = jsonb_build_object('number', o.number, 'amount_fen', o.amount_fen,
        'settled_fen', o.settled_fen, 'paid_fen', o.paid_fen, 'held_fen', o.held_fen)::text;
  END IF;
  RETURN NULL;
END $$
"""

GUARDS: tuple[tuple[str, str], ...] = (
    ("evidence_archive", "evidence_archive_append_only"),
    *((table, f"{table}_append_only") for table in APPEND_ONLY),
    *((table, f"{table}_fixed") for table in _FIXED),
    ("statement_period", "statement_period_whole"),
    ("discharge", "discharge_whole"),
    ("obligation_hold", "obligation_hold_whole"),
)
"""Table and trigger of every guard, for `eastlake verify`."""

ANSWER_SQL: list[str] = [fixed("statement", _FIXED["statement"], once("answer_due_on"))]
"""Until when a statement is answered stays as it was told: a later migration runs it."""

SETTLEMENT_SQL: list[str] = [
    *(statement for table in APPEND_ONLY for statement in append_only(table)),
    *(fixed(table, columns) for table, columns in _FIXED.items()),
    _PERIOD_WHOLE,
    _OBLIGATION_WHOLE,
    "DROP TRIGGER IF EXISTS statement_period_whole ON statement_period",
    "CREATE CONSTRAINT TRIGGER statement_period_whole AFTER INSERT OR UPDATE OF status"
    " ON statement_period DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    " EXECUTE FUNCTION statement_period_whole()",
    "DROP TRIGGER IF EXISTS discharge_whole ON discharge",
    "CREATE CONSTRAINT TRIGGER discharge_whole AFTER INSERT ON discharge"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION obligation_discharged()",
    "DROP TRIGGER IF EXISTS obligation_hold_whole ON obligation_hold",
    "CREATE CONSTRAINT TRIGGER obligation_hold_whole AFTER INSERT OR UPDATE ON obligation_hold"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION obligation_discharged()",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_statement_period_open ON statement_period"
    " (pool_year, period) WHERE status <> 'cancelled'",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_statement_period_previous ON statement_period"
    " (pool_year, coalesce(previous, 0)) WHERE status <> 'cancelled'",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_statement_open ON statement (period, organisation)"
    " WHERE status <> 'cancelled'",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_dispute_line ON dispute (line)"
    " WHERE status IN ('open', 'escalated', 'referred')",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_bank_row_reference ON bank_row (bank_reference)"
    " WHERE verdict <> 'repeated'",
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_no_difference_certificate_open"
    " ON no_difference_certificate (pool_year, organisation, as_of) WHERE status <> 'withdrawn'",
    "CREATE INDEX IF NOT EXISTS ix_statement_year ON statement (pool_year, id)",
    "CREATE INDEX IF NOT EXISTS ix_statement_organisation ON statement (organisation, id)",
    "CREATE INDEX IF NOT EXISTS ix_dispute_year ON dispute (pool_year, id)",
    "CREATE INDEX IF NOT EXISTS ix_dispute_statement ON dispute (statement)",
    "CREATE INDEX IF NOT EXISTS ix_obligation_hold_obligation ON obligation_hold (obligation)",
    "CREATE INDEX IF NOT EXISTS ix_settlement_run_year ON settlement_run (pool_year, id)",
    "CREATE INDEX IF NOT EXISTS ix_payment_instruction_payer ON payment_instruction (payer, id)",
    "CREATE INDEX IF NOT EXISTS ix_payment_instruction_payee ON payment_instruction (payee, id)",
    "CREATE INDEX IF NOT EXISTS ix_settlement_part_run ON settlement_part (run)",
    "CREATE INDEX IF NOT EXISTS ix_settlement_part_obligation ON settlement_part (obligation)",
    "CREATE INDEX IF NOT EXISTS ix_settlement_part_instruction ON settlement_part (instruction)",
    "CREATE INDEX IF NOT EXISTS ix_discharge_obligation ON discharge (obligation)",
    "CREATE INDEX IF NOT EXISTS ix_discharge_instruction ON discharge (instruction)",
    "CREATE INDEX IF NOT EXISTS ix_bank_row_instruction ON bank_row (instruction)",
    "CREATE INDEX IF NOT EXISTS ix_bank_assignment_row ON bank_assignment (row)",
    "CREATE INDEX IF NOT EXISTS ix_bank_file_year ON bank_file (pool_year, id)",
    "CREATE INDEX IF NOT EXISTS ix_recon_break_year ON recon_break (pool_year, status, id)",
    "CREATE INDEX IF NOT EXISTS ix_bordereau_statement ON bordereau (statement)",
    "CREATE INDEX IF NOT EXISTS ix_bordereau_line_bordereau ON bordereau_line (bordereau, id)",
    "CREATE INDEX IF NOT EXISTS ix_bordereau_line_line ON bordereau_line (line)"
    " WHERE line IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_no_difference_certificate_year"
    " ON no_difference_certificate (pool_year, id)",
]

LOOKUP_SQL: list[str] = [
    *append_only("evidence_archive"),
    "CREATE INDEX IF NOT EXISTS ix_premium_movement_entry ON premium_movement (entry)",
    "CREATE INDEX IF NOT EXISTS ix_claim_movement_entry ON claim_movement (entry)"
    " WHERE entry IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_obligation_entry ON obligation (entry)",
    "CREATE INDEX IF NOT EXISTS ix_discharge_entry ON discharge (entry) WHERE entry IS NOT NULL",
    "CREATE INDEX IF NOT EXISTS ix_discharge_reference ON discharge (reference)"
    " WHERE reference <> ''",
    "CREATE INDEX IF NOT EXISTS ix_dispute_entry ON dispute (entry)",
    "CREATE INDEX IF NOT EXISTS ix_entry_settlement ON entry (book, id)"
    " WHERE reason = 'settlement'",
    "CREATE INDEX IF NOT EXISTS ix_claim_movement_day ON claim_movement (effective_on, claim)",
]
"""Ways from an entry to what it is about, for the lines of statements and for evidence."""
