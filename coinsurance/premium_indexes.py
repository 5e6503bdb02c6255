"""Indexes and guards of pool premium; a migration runs them in order, each may be run again.

What they hold whoever writes: a reversal is the exact mirror of one movement, which is no reversal
itself and not later than it; no funding source gets back more than it paid.
No curly braces: Piccolo's raw() would take them for parameters.
"""

from __future__ import annotations

from service.kernel.guards import fixed

_FIXED = (
    "placement",
    "number",
    "kind",
    "method",
    "effective_on",
    "premium_change_fen",
    "sum_change_fen",
    "new_end_on",
    "section",
    "clause",
    "undoes",
)

_MIRROR = """
CREATE OR REPLACE FUNCTION premium_movement_mirror() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  o premium_movement;
  fault text;
BEGIN
  SELECT * INTO o FROM premium_movement WHERE id = NEW.reversal_of;
  fault := CASE
    WHEN o.id IS NULL OR o.placement <> NEW.placement OR o.source <> NEW.source
      OR o.amount_fen <> -NEW.amount_fen OR o.number >= NEW.number THEN 'premium.not_a_mirror'
    WHEN o.kind = 'reversal' THEN 'premium.reversal_of_reversal'
    WHEN NEW.effective_on < o.effective_on THEN 'premium.reversal_before_original'
    WHEN EXISTS (SELECT 1 FROM
        (SELECT organisation, component, amount_fen FROM premium_part WHERE movement = o.id) a
      FULL JOIN
        (SELECT organisation, component, amount_fen FROM premium_part WHERE movement = NEW.id) b
      ON a.organisation = b.organisation AND a.component = b.component
      WHERE coalesce(a.amount_fen, 0) <> -coalesce(b.amount_fen, 0)) THEN 'premium.not_a_mirror'
    END;
  IF fault IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = fault,
      DETAIL = jsonb_build_object('day', o.effective_on, 'movement', NEW.number)::text;
  END IF;
  RETURN NULL;
END $$
"""

_SOURCES = """
CREATE OR REPLACE FUNCTION premium_movement_sources() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fen bigint;
BEGIN
  SELECT sum(amount_fen) INTO fen FROM premium_movement
   WHERE placement = NEW.placement AND source = NEW.source;
  IF fen < 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'premium.refund_above_paid',
      DETAIL = jsonb_build_object('fund', NEW.source, 'paid_fen', fen - NEW.amount_fen,
        'refund_fen', -NEW.amount_fen)::text;
  END IF;
  RETURN NULL;
END $$
"""

GUARDS: tuple[tuple[str, str], ...] = (
    ("premium_movement", "premium_movement_mirror"),
    ("premium_movement", "premium_movement_sources"),
    ("placement_endorsement", "placement_endorsement_fixed"),
)
"""Table and trigger of every guard, for `eastlake verify`."""

PREMIUM_SQL: list[str] = [
    _MIRROR,
    _SOURCES,
    "DROP TRIGGER IF EXISTS premium_movement_mirror ON premium_movement",
    "CREATE CONSTRAINT TRIGGER premium_movement_mirror AFTER INSERT ON premium_movement"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.reversal_of IS NOT NULL)"
    " EXECUTE FUNCTION premium_movement_mirror()",
    "DROP TRIGGER IF EXISTS premium_movement_sources ON premium_movement",
    "CREATE CONSTRAINT TRIGGER premium_movement_sources AFTER INSERT ON premium_movement"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.amount_fen < 0)"
    " EXECUTE FUNCTION premium_movement_sources()",
    fixed("placement_endorsement", _FIXED),
    "CREATE INDEX IF NOT EXISTS ix_premium_part_organisation ON premium_part (organisation, id)",
    "CREATE INDEX IF NOT EXISTS ix_obligation_placement ON obligation (placement, id)",
]
