"""Guards of shortfalls taken over; a migration runs them in order, each may be run again.

Whoever writes: parts are their charge to the fen; a reversal is the exact mirror of one charge that
is no reversal itself, and not dated before it; nothing is changed.
No curly braces: Piccolo's raw() would take them for parameters.
"""

from __future__ import annotations

from service.kernel.guards import append_only

APPEND_ONLY = ("shortfall_charge", "shortfall_part")

_WHOLE = """
CREATE OR REPLACE FUNCTION shortfall_charge_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  o shortfall_charge;
  fen bigint;
  fault text;
BEGIN
  SELECT coalesce(sum(amount_fen), 0) INTO fen FROM shortfall_part WHERE charge = NEW.id;
  SELECT * INTO o FROM shortfall_charge WHERE id = NEW.reversal_of;
  fault := CASE
    WHEN fen <> NEW.amount_fen THEN 'shortfall.parts_not_whole'
    WHEN NEW.reversal_of IS NULL THEN NULL
    WHEN o.reversal_of IS NOT NULL THEN 'shortfall.reversal_of_reversal'
    WHEN o.id IS NULL OR o.member <> NEW.member OR NEW.effective_on < o.effective_on
      OR EXISTS (SELECT 1 FROM
        (SELECT obligation, organisation, amount_fen FROM shortfall_part WHERE charge = o.id) a
      FULL JOIN
        (SELECT obligation, organisation, amount_fen FROM shortfall_part WHERE charge = NEW.id) b
      ON a.obligation = b.obligation AND a.organisation = b.organisation
      WHERE coalesce(a.amount_fen, 0) <> -coalesce(b.amount_fen, 0)) THEN 'shortfall.not_a_mirror'
    END;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = fault,
      DETAIL = jsonb_build_object('number', NEW.number, 'parts_fen', fen,
        'amount_fen', NEW.amount_fen)::text;
  END IF;
  RETURN NULL;
END $$
"""

GUARDS: tuple[tuple[str, str], ...] = (
    *((table, f"{table}_append_only") for table in APPEND_ONLY),
    ("shortfall_charge", "shortfall_charge_whole"),
)
"""Table and trigger of every guard, for `eastlake verify`."""

SHORTFALL_SQL: list[str] = [
    *(statement for table in APPEND_ONLY for statement in append_only(table)),
    _WHOLE,
    "DROP TRIGGER IF EXISTS shortfall_charge_whole ON shortfall_charge",
    "CREATE CONSTRAINT TRIGGER shortfall_charge_whole AFTER INSERT ON shortfall_charge"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION shortfall_charge_whole()",
    "CREATE INDEX IF NOT EXISTS ix_shortfall_charge_member ON shortfall_charge (member, id)",
    "CREATE INDEX IF NOT EXISTS ix_shortfall_part_obligation ON shortfall_part (obligation)",
]
