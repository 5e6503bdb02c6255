"""Indexes and guards of claims; a migration runs them in order, each may be run again.

What the database itself holds, whoever writes: parts are their movement to the fen, a reversal is
the exact mirror, the totals of a section are what its movements say, shares are the whole, what was
written never changes. No curly braces: Piccolo's raw() would take them for parameters.
"""

from __future__ import annotations

from service.kernel.guards import append_only, fixed, once

APPEND_ONLY = (
    "claim_share",
    "claim_movement",
    "claim_part",
    "claim_payee",
    "claim_override",
    "claim_survey",
    "claim_attendance",
    "claim_assessment",
    "claim_decision",
    "claim_file",
    "reinstatement",
    "backstop_movement",
    "backstop_part",
)
_FIXED: dict[str, tuple[str, ...]] = {
    "claim": (
        "number",
        "policy",
        "placement",
        "pool_year",
        "insured",
        "reported_at",
        "recorded_at",
        "recorded_by",
    ),
    "claim_section": (
        "claim",
        "section",
        "code",
        "layer",
        "attachment_fen",
        "limit_fen",
        "aggregate_fen",
        "schedule",
    ),
    "claim_notice": ("claim", "organisation", "kind", "round", "clause", "due_days"),
    "claim_alert": ("claim", "amount_fen", "threshold_fen", "clause", "raised_at"),
    "cash_call": ("number", "claim", "section", "amount_fen", "due_days", "clause"),
    "cash_call_part": ("cash_call", "organisation", "amount_fen"),
}


_LOSS_DAY = (
    "CREATE OR REPLACE TRIGGER claim_loss_day BEFORE UPDATE ON claim FOR EACH ROW"
    " WHEN (OLD.status <> 'notified' AND OLD.loss_on IS DISTINCT FROM NEW.loss_on)"
    " EXECUTE FUNCTION refuse_change()"
)
"""The loss day decides year, section and shares: fixed once the claim is registered."""
_SERVICE = (
    "CREATE OR REPLACE TRIGGER claim_notice_kept BEFORE UPDATE ON claim_notice FOR EACH ROW"
    " WHEN ((OLD.sent_at IS NOT NULL AND OLD.sent_at IS DISTINCT FROM NEW.sent_at)"
    " OR (OLD.served_at IS NOT NULL AND (OLD.served_at, OLD.served_how)"
    " IS DISTINCT FROM (NEW.served_at, NEW.served_how))"
    " OR (OLD.acknowledged_at IS NOT NULL"
    " AND OLD.acknowledged_at IS DISTINCT FROM NEW.acknowledged_at))"
    " EXECUTE FUNCTION refuse_change()"
)
"""Sending, service and acknowledgement are written once."""

_SHARES_WHOLE = """
CREATE OR REPLACE FUNCTION claim_shares_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE units bigint;
BEGIN
  SELECT coalesce(sum(share_units), 0) INTO units FROM claim_share WHERE section = NEW.id;
  IF units <> 100000000 THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'shares.not_whole',
      DETAIL = jsonb_build_object('total_units', units, 'whole_units', 100000000,
        'difference_units', units - 100000000)::text;
  END IF;
  RETURN NULL;
END $$
"""

# The sums of the parts, the mirror of a reversal, and the running totals of the section.
_MOVEMENT_WHOLE = """
CREATE OR REPLACE FUNCTION claim_movement_whole() RETURNS trigger LANGUAGE plpgsql
SET enable_seqscan = off AS $$
DECLARE
  fen bigint;
  reserve bigint;
  faults bigint;
  s record;
  t record;
BEGIN
  SELECT coalesce(sum(amount_fen), 0), coalesce(sum(reserve_fen), 0) INTO fen, reserve
    FROM claim_part WHERE movement = NEW.id;
  IF reserve <> NEW.reserve_change_fen
     OR fen <> (CASE WHEN NEW.kind IN ('reserve', 'reopen') THEN 0 ELSE NEW.amount_fen END)
  THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'claim.parts_not_whole',
      DETAIL = jsonb_build_object('parts_fen', fen, 'amount_fen', NEW.amount_fen)::text;
  END IF;
  IF NEW.reversal_of IS NOT NULL THEN
    SELECT count(*) INTO faults
      FROM (SELECT * FROM claim_part WHERE movement = NEW.id) AS m
      FULL JOIN (SELECT * FROM claim_part WHERE movement = NEW.reversal_of) AS o
        ON o.organisation = m.organisation AND o.amount_fen = -m.amount_fen
       AND o.reserve_fen = -m.reserve_fen
     WHERE o.id IS NULL OR m.id IS NULL;
    SELECT faults + count(*) INTO faults FROM claim_movement AS o
     WHERE o.id = NEW.reversal_of AND (o.reversal_of IS NOT NULL OR o.section <> NEW.section
       OR o.kind <> NEW.kind OR o.amount_fen <> -NEW.amount_fen
       OR o.effective_on > NEW.effective_on);
    IF faults > 0 THEN
      RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'claim.not_a_mirror',
        DETAIL = jsonb_build_object('movement', NEW.number)::text;
    END IF;
  END IF;
  SELECT paid_fen, reserve_fen, expense_fen, recovered_fen INTO s
    FROM claim_section WHERE id = NEW.section;
  SELECT coalesce(sum(amount_fen) FILTER (WHERE kind IN ('payment', 'advance')), 0) AS paid,
         coalesce(sum(reserve_change_fen), 0) AS reserve,
         coalesce(sum(amount_fen) FILTER (WHERE kind = 'expense'), 0) AS expense,
         coalesce(sum(amount_fen) FILTER (WHERE kind IN ('recovery', 'salvage')), 0) AS recovered
    INTO t FROM claim_movement WHERE section = NEW.section;
  IF (s.paid_fen, s.reserve_fen, s.expense_fen, s.recovered_fen)
     <> (t.paid, t.reserve, t.expense, t.recovered) THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'claim.totals_differ',
      DETAIL = jsonb_build_object('movement', NEW.number)::text;
  END IF;
  RETURN NULL;
END $$
"""

# What claims of a policy may use of a section's aggregate, with what was reinstated (law 13).
_AGGREGATE_HELD = """
CREATE OR REPLACE FUNCTION claim_aggregate_held() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  p bigint;
  used bigint;
  there bigint;
BEGIN
  SELECT policy INTO p FROM claim WHERE id = NEW.claim;
  SELECT sum(s.authorised_fen) INTO used FROM claim AS c JOIN claim_section AS s ON s.claim = c.id
   WHERE c.policy = p AND s.section IS NOT DISTINCT FROM NEW.section;
  SELECT NEW.aggregate_fen + coalesce(sum(r.amount_fen), 0) INTO there FROM reinstatement AS r
   WHERE r.policy = p AND r.section IS NOT DISTINCT FROM NEW.section;
  IF used > there THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'claim.aggregate_exceeded',
      DETAIL = jsonb_build_object('section', NEW.code, 'used_fen', used,
        'aggregate_fen', there)::text;
  END IF;
  RETURN NULL;
END $$
"""

_BACKSTOP_WHOLE = """
CREATE OR REPLACE FUNCTION backstop_movement_whole() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE fen bigint;
BEGIN
  SELECT coalesce(sum(amount_fen), 0) INTO fen FROM backstop_part WHERE movement = NEW.id;
  IF fen <> (CASE WHEN NEW.kind = 'call' THEN NEW.amount_fen ELSE 0 END) THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'claim.parts_not_whole',
      DETAIL = jsonb_build_object('parts_fen', fen, 'amount_fen', NEW.amount_fen)::text;
  END IF;
  RETURN NULL;
END $$
"""

GUARDS: tuple[tuple[str, str], ...] = (
    *((table, f"{table}_append_only") for table in APPEND_ONLY),
    *((table, f"{table}_fixed") for table in _FIXED),
    ("claim", "claim_loss_day"),
    ("claim_notice", "claim_notice_kept"),
    ("claim_section", "claim_shares_whole"),
    ("claim_section", "claim_aggregate_held"),
    ("claim_movement", "claim_movement_whole"),
    ("backstop_movement", "backstop_movement_whole"),
)
"""Table and trigger of every guard, for `eastlake verify`."""


def _at_commit(table: str, name: str) -> list[str]:
    return [
        f"DROP TRIGGER IF EXISTS {name} ON {table}",
        f"CREATE CONSTRAINT TRIGGER {name} AFTER INSERT ON {table}"
        f" DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION {name}()",
    ]


_TOLD = (
    *_FIXED["claim"],
    *("place", "cause", "description", "event", "estimate_fen", "reporter"),
)
NOTICE_SQL: list[str] = [
    fixed("claim", _TOLD, once("registered_on")),
    fixed(
        "claim_notice",
        (*_FIXED["claim_notice"], "due_calendar", "recorded_at"),
        once("due_on"),
    ),
]
"""What was told of a loss, and until when members had to be told: a later migration runs it."""

CLAIM_SQL: list[str] = [
    *(statement for table in APPEND_ONLY for statement in append_only(table)),
    *(fixed(table, columns) for table, columns in _FIXED.items()),
    _LOSS_DAY,
    _SERVICE,
    _SHARES_WHOLE,
    _MOVEMENT_WHOLE,
    _AGGREGATE_HELD,
    _BACKSTOP_WHOLE,
    *_at_commit("claim_section", "claim_shares_whole"),
    *_at_commit("claim_movement", "claim_movement_whole"),
    "DROP TRIGGER IF EXISTS claim_aggregate_held ON claim_section",
    "CREATE CONSTRAINT TRIGGER claim_aggregate_held AFTER UPDATE OF authorised_fen"
    " ON claim_section DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
    " WHEN (NEW.aggregate_fen IS NOT NULL AND NEW.authorised_fen > OLD.authorised_fen)"
    " EXECUTE FUNCTION claim_aggregate_held()",
    *_at_commit("backstop_movement", "backstop_movement_whole"),
    "CREATE UNIQUE INDEX IF NOT EXISTS ux_claim_movement_reference ON claim_movement"
    " (section, kind, reference) WHERE reference <> '' AND reversal_of IS NULL",
    "CREATE INDEX IF NOT EXISTS ix_claim_movement_section ON claim_movement (section)"
    " INCLUDE (kind, amount_fen, reserve_change_fen)",
    "CREATE INDEX IF NOT EXISTS ix_claim_policy ON claim (policy, loss_on)",
    "CREATE INDEX IF NOT EXISTS ix_claim_year ON claim (pool_year, id)",
    "CREATE INDEX IF NOT EXISTS ix_claim_insured ON claim (insured, loss_on)",
    "CREATE INDEX IF NOT EXISTS ix_claim_handler ON claim (handler, id)",
    "CREATE INDEX IF NOT EXISTS ix_claim_event ON claim (event) WHERE event <> ''",
    "CREATE INDEX IF NOT EXISTS ix_claim_share_organisation ON claim_share (organisation, section)",
    "CREATE INDEX IF NOT EXISTS ix_claim_part_organisation ON claim_part (organisation, movement)",
    "CREATE INDEX IF NOT EXISTS ix_claim_notice_organisation ON claim_notice"
    " (organisation, claim)",
    "CREATE INDEX IF NOT EXISTS ix_claim_alert_unread ON claim_alert (id) WHERE read_at IS NULL",
    "CREATE INDEX IF NOT EXISTS ix_cash_call_claim ON cash_call (claim)",
    "CREATE INDEX IF NOT EXISTS ix_reinstatement_policy ON reinstatement (policy, effective_on)",
]

# Functions, since a session plans a statement by the sizes that it knew at first: as the tables
# grew it came to plan each payment anew. OFFSET 0 keeps the order in which the joins are written,
# from this claim to its movements to their parts. Of what was paid before for the same loss it
# tells what can count against a payment: the same name as folded, code or account. Columns of the
# members are told as one text each: JSON took longer to build than the sums, and the driver reads
# no lists in a row.
_PAYMENT_FACTS = """
CREATE FUNCTION claim_payment_facts(
  p_claim bigint, p_section bigint, p_insured bigint, p_loss_on date, p_event text, p_key text,
  p_uscc text, p_account text, OUT organisations text, OUT usccs text, OUT units text,
  OUT allocated text, OUT reserves text, OUT earlier json, OUT overrides json, OUT calls json,
  OUT elsewhere bigint
) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_generic_plan AS $$
BEGIN
  SELECT string_agg(t.organisation::text, ',' ORDER BY t.position),
    string_agg(t.uscc, ',' ORDER BY t.position),
    string_agg(t.share_units::text, ',' ORDER BY t.position),
    string_agg(t.allocated::text, ',' ORDER BY t.position),
    string_agg(t.reserve::text, ',' ORDER BY t.position),
    (SELECT json_agg(json_build_array(c.number, m.number, k.beneficiary_name, k.beneficiary_uscc,
        k.payee_name, k.payee_account, m.amount_fen) ORDER BY m.id)
      FROM (SELECT id, number FROM claim WHERE insured = p_insured AND loss_on = p_loss_on
          UNION SELECT id, number FROM claim WHERE event = p_event AND event <> '') c
        CROSS JOIN LATERAL (SELECT * FROM claim_movement v WHERE v.claim = c.id OFFSET 0) m
        CROSS JOIN LATERAL (SELECT * FROM claim_payee WHERE movement = m.id OFFSET 0) k
      WHERE (k.beneficiary_key = p_key OR k.payee_account = p_account
          OR (k.beneficiary_uscc = p_uscc AND p_uscc <> ''))
        AND m.reversal_of IS NULL
        AND NOT EXISTS (SELECT 1 FROM claim_movement r WHERE r.reversal_of = m.id)),
    (SELECT json_agg(json_build_array(w.id, w.beneficiary_name, w.beneficiary_uscc,
        w.amount_max_fen, w.granted_by) ORDER BY w.id) FROM claim_override w
      WHERE w.claim = p_claim AND NOT EXISTS (SELECT 1 FROM claim_payee k WHERE k.override = w.id)),
    (SELECT json_agg(json_build_array(p.id, p.organisation, p.amount_fen - p.used_fen)
        ORDER BY p.id) FROM cash_call k JOIN cash_call_part p ON p.cash_call = k.id
      WHERE k.section = p_section AND k.status <> 'released' AND p.used_fen < p.amount_fen),
    claim_paid_elsewhere(p_claim, p_insured, p_loss_on, p_event)
  INTO organisations, usccs, units, allocated, reserves, earlier, overrides, calls, elsewhere
  FROM (SELECT h.position, h.organisation, o.uscc, h.share_units,
        coalesce(p.allocated, 0) AS allocated, coalesce(p.reserve, 0) AS reserve
      FROM claim_share h JOIN organisation o ON o.id = h.organisation LEFT JOIN (
        SELECT q.organisation, sum(q.reserve_fen)::bigint AS reserve,
          sum(CASE WHEN m.kind IN ('payment', 'advance') THEN q.amount_fen ELSE 0 END)::bigint
            AS allocated
        FROM (SELECT id, kind FROM claim_movement WHERE section = p_section OFFSET 0) m
          CROSS JOIN LATERAL (SELECT * FROM claim_part WHERE movement = m.id OFFSET 0) q
        GROUP BY q.organisation) p ON p.organisation = h.organisation
      WHERE h.section = p_section) t;
END $$
"""
_BEFORE = [
    "DROP FUNCTION IF EXISTS claim_payment_facts(bigint, bigint, bigint, date, text)",
    "DROP FUNCTION IF EXISTS"
    " claim_payment_facts(bigint, bigint, bigint, date, text, text, text, text)",
]
# Payments for one loss follow one another, also on different claims; the lock is held to the end.
_LOSS_LOCK = """
CREATE OR REPLACE FUNCTION claim_loss_lock(p_insured bigint, p_loss_on date, p_event text)
RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_advisory_xact_lock(hashtextextended('loss:' || p_insured || ':' || p_loss_on, 0));
  IF p_event <> '' THEN
    PERFORM pg_advisory_xact_lock(hashtextextended('event:' || p_event, 0));
  END IF;
END $$
"""
# Payments are never deleted and a claim's loss never changes, so the same number is the same ones.
# Those reversed count too: that a payment goes back only loosens what was read.
_PAID_ELSEWHERE = """
CREATE OR REPLACE FUNCTION claim_paid_elsewhere(
  p_claim bigint, p_insured bigint, p_loss_on date, p_event text
) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
  IF p_event = '' AND NOT EXISTS (SELECT 1 FROM claim
      WHERE insured = p_insured AND loss_on = p_loss_on AND id <> p_claim) THEN
    RETURN 0;
  END IF;
  RETURN (SELECT count(*)
    FROM (SELECT id FROM claim WHERE insured = p_insured AND loss_on = p_loss_on
        UNION SELECT id FROM claim WHERE event = p_event AND event <> '') c
      CROSS JOIN LATERAL (SELECT id FROM claim_movement v WHERE v.claim = c.id
        AND v.kind IN ('payment', 'advance') AND v.reversal_of IS NULL OFFSET 0) m
    WHERE c.id <> p_claim);
END $$
"""
_LOSS_STANDS = """
CREATE OR REPLACE FUNCTION claim_loss_stands(
  p_claim bigint, p_insured bigint, p_loss_on date, p_event text, p_elsewhere bigint
) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
  PERFORM claim_loss_lock(p_insured, p_loss_on, p_event);
  RETURN p_elsewhere = claim_paid_elsewhere(p_claim, p_insured, p_loss_on, p_event);
END $$
"""
CLAIM_PAYMENT_SQL: list[str] = [
    _LOSS_LOCK, _PAID_ELSEWHERE, *_BEFORE, _PAYMENT_FACTS, _LOSS_STANDS
]  # fmt: skip
"""What a payment reads, and what must still stand when it is written: a later migration runs it."""
