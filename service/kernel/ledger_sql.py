"""The ledger's half that lives in the database: guards, the posting function, indexes.

`LEDGER_SQL` is applied in order by a migration after the tables exist. Each item is one statement
and may be run again. No curly braces anywhere: Piccolo's raw() would take them for parameters.

Errors are raised with the finding's code as message, its parameters as JSON in the detail, and
SQLSTATE EL422 (refused), EL409 (conflict) or EL403 (an append-only table was touched).
"""

from __future__ import annotations

from service.kernel.guards import REFUSE_CHANGE, append_only

APPEND_ONLY = ("journal_event", "book", "entry", "entry_line", "seal", "sealed_row")

# A session plans the statements of a function once, perhaps while the tables are empty or nobody
# has counted them. These settings, and LATERAL … OFFSET 0 for "this account, by its key", leave
# only the plan that stays right: from an entry to its lines to their accounts, all by index.
BY_INDEX = "SET enable_seqscan = off SET enable_hashjoin = off SET enable_mergejoin = off"

# Everything an entry says, as text: what content_hash is taken over. JSON escapes line breaks and
# tabs, codes hold no white space, so no two different entries share a text.
_CONTENT = """
CREATE OR REPLACE FUNCTION ledger_content(
  book_code text, key text, kind text, reason text, clause text, effective_on date, period text,
  recorded_at timestamptz, reversal_of bigint, resolves bigint, journal_event bigint, facts jsonb,
  lines text
) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_array(book_code, key, kind, reason, clause,
    to_char(effective_on, 'YYYY-MM-DD'), period,
    to_char(recorded_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    reversal_of, resolves, journal_event, facts)::text || E'\\n' || coalesce(lines, '')
$$
"""

_LINE = """
CREATE OR REPLACE FUNCTION ledger_line(code text, amount_fen bigint, memo text, clause text)
RETURNS text LANGUAGE sql STABLE AS $$
  SELECT code || E'\\t' || amount_fen || E'\\t' || coalesce(to_json(memo)::text, '')
    || E'\\t' || coalesce(to_json(clause)::text, '')
$$
"""

# In an account's own direction: debits raise assets and expenses, credits raise the others.
_OWN = """
CREATE OR REPLACE FUNCTION ledger_own(kind text, amount_fen bigint)
RETURNS bigint LANGUAGE sql IMMUTABLE AS $$
  SELECT CASE WHEN kind IN ('asset', 'expense') THEN amount_fen ELSE -amount_fen END
$$
"""

# Moves kept balances: what is posted and what is reserved, both in the account's own direction.
_KEEP = f"""
CREATE OR REPLACE FUNCTION ledger_keep(
  book_id bigint, account_ids bigint[], own_fen bigint[], reserve_fen bigint[]
) RETURNS void LANGUAGE plpgsql
{BY_INDEX} AS $$
DECLARE
  bad record;
BEGIN
  -- The book's row first, so that postings which touch several floors never wait in a ring.
  PERFORM 1 FROM book WHERE id = book_id FOR NO KEY UPDATE;
  SELECT a.code, a.floor_fen, a.kept_fen - a.reserved_fen AS free_fen, -d.delta AS wanted_fen
    INTO bad
    FROM (SELECT t.account, sum(t.own - t.reserve)::bigint AS delta
            FROM unnest(account_ids, own_fen, reserve_fen) AS t (account, own, reserve)
           GROUP BY t.account) AS d
    JOIN account AS a ON a.id = d.account
   WHERE d.delta < 0 AND a.kept_fen - a.reserved_fen + d.delta < a.floor_fen
   ORDER BY a.id LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.floor_breached',
      DETAIL = jsonb_build_object('account', bad.code, 'floor_fen', bad.floor_fen,
        'left_fen', bad.free_fen - bad.floor_fen, 'wanted_fen', bad.wanted_fen)::text;
  END IF;
  UPDATE account AS a
     SET kept_fen = a.kept_fen + d.own, reserved_fen = a.reserved_fen + d.reserve
    FROM (SELECT t.account, sum(t.own)::bigint AS own, sum(t.reserve)::bigint AS reserve
            FROM unnest(account_ids, own_fen, reserve_fen) AS t (account, own, reserve)
           GROUP BY t.account) AS d
   WHERE a.id = d.account;
END $$
"""

# Lines stay in their entry's book; those on accounts with a floor move what is kept there.
_LINES_GUARD = f"""
CREATE OR REPLACE FUNCTION ledger_lines_guard() RETURNS trigger LANGUAGE plpgsql
{BY_INDEX} AS $$
DECLARE
  stray bigint;
  floored boolean;
  k record;
BEGIN
  SELECT count(*) FILTER (WHERE a.id IS NULL OR n.position > e.line_count),
         coalesce(bool_or(a.floor_fen IS NOT NULL), false)
    INTO stray, floored
    FROM new_lines AS n
    LEFT JOIN entry AS e ON e.id = n.entry
    LEFT JOIN account AS a ON a.id = n.account AND a.book = e.book;
  IF stray > 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.book_mixed',
      DETAIL = jsonb_build_object('lines', stray)::text;
  END IF;
  IF floored THEN
    FOR k IN
      SELECT e.book, array_agg(a.id) AS accounts,
             array_agg(CASE WHEN e.kind = 'pending' THEN 0
                            ELSE ledger_own(a.kind, n.amount_fen) END) AS own,
             array_agg(CASE WHEN e.kind = 'pending'
                            THEN greatest(0, -ledger_own(a.kind, n.amount_fen))
                            ELSE 0 END) AS reserve
        FROM new_lines AS n
        JOIN entry AS e ON e.id = n.entry
        JOIN account AS a ON a.id = n.account
       WHERE a.floor_fen IS NOT NULL
       GROUP BY e.book ORDER BY e.book
    LOOP
      PERFORM ledger_keep(k.book, k.accounts, k.own, k.reserve);
    END LOOP;
  END IF;
  RETURN NULL;
END $$
"""

_RELEASE = f"""
CREATE OR REPLACE FUNCTION ledger_release() RETURNS trigger LANGUAGE plpgsql
{BY_INDEX} AS $$
DECLARE
  accounts bigint[];
  zeros bigint[];
  reserves bigint[];
BEGIN
  SELECT array_agg(a.id), array_agg(0::bigint),
         array_agg(-greatest(0, -ledger_own(a.kind, l.amount_fen)))
    INTO accounts, zeros, reserves
    FROM entry AS o JOIN entry_line AS l ON l.entry = o.id, LATERAL (
      SELECT id, kind FROM account
       WHERE id = l.account AND book = NEW.book AND floor_fen IS NOT NULL OFFSET 0) AS a
   WHERE o.id = NEW.resolves AND o.kind = 'pending';
  IF accounts IS NOT NULL THEN
    PERFORM ledger_keep(NEW.book, accounts, zeros, reserves);
  END IF;
  RETURN NULL;
END $$
"""

# What a reversal or a resolution owes to the entry it points to: the code of the first fault.
_LINK_FAULT = f"""
CREATE OR REPLACE FUNCTION ledger_link_fault(e entry) RETURNS text LANGUAGE plpgsql STABLE
{BY_INDEX} AS $$
DECLARE
  o entry;
BEGIN
  SELECT * INTO o FROM entry WHERE id = coalesce(e.reversal_of, e.resolves);
  RETURN CASE
    WHEN o.id IS NULL OR o.id = e.id THEN 'ledger.unknown_entry'
    WHEN o.book <> e.book THEN 'ledger.book_mixed'
    WHEN e.resolves IS NOT NULL AND o.kind <> 'pending' THEN 'ledger.not_pending'
    WHEN e.resolves IS NOT NULL AND e.effective_on < o.effective_on
      THEN 'ledger.resolution_before_pending'
    WHEN e.kind = 'void_pending' THEN NULL
    WHEN e.kind = 'post_pending' THEN (
      SELECT 'ledger.more_than_reserved'
        FROM (SELECT account, sum(amount_fen) AS fen FROM entry_line
               WHERE entry = e.id GROUP BY account) AS s
        LEFT JOIN (SELECT account, sum(amount_fen) AS fen FROM entry_line
                    WHERE entry = o.id GROUP BY account) AS r USING (account)
       WHERE r.fen IS NULL OR sign(s.fen) <> sign(r.fen) OR abs(s.fen) > abs(r.fen) LIMIT 1)
    WHEN o.reversal_of IS NOT NULL THEN 'ledger.reversal_of_reversal'
    WHEN o.kind NOT IN ('posted', 'post_pending') THEN 'ledger.reversal_of_pending'
    WHEN e.effective_on < o.effective_on THEN 'ledger.reversal_before_original'
    ELSE (
      SELECT 'ledger.not_a_mirror'
        FROM (SELECT * FROM entry_line WHERE entry = e.id) AS m
        FULL JOIN (SELECT * FROM entry_line WHERE entry = o.id) AS l
          ON l.position = m.position AND l.account = m.account AND l.amount_fen = -m.amount_fen
       WHERE l.id IS NULL OR m.id IS NULL LIMIT 1)
    END;
END $$
"""

_LINKS = """
CREATE OR REPLACE FUNCTION ledger_check_links(e entry) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  fault text := ledger_link_fault(e);
  o record;
BEGIN
  IF fault IS NOT NULL THEN
    SELECT key, effective_on INTO o FROM entry WHERE id = coalesce(e.reversal_of, e.resolves);
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = fault,
      DETAIL = jsonb_build_object('key', e.key, 'original', coalesce(o.key, ''),
        'day', o.effective_on)::text;
  END IF;
END $$
"""

# Runs at commit: by then an entry has exactly the lines it announced, and they balance. Later lines
# are impossible, since every position up to line_count is taken.
_ENTRY_GUARD = f"""
CREATE OR REPLACE FUNCTION ledger_entry_guard() RETURNS trigger LANGUAGE plpgsql
{BY_INDEX} AS $$
DECLARE
  worst record;
BEGIN
  SELECT coalesce(sum(t.n), 0)::bigint AS n, max(t.fen) AS high, min(t.fen) AS low INTO worst
    FROM (SELECT count(*) AS n, sum(l.amount_fen) AS fen
            FROM entry_line AS l, LATERAL (
              SELECT currency FROM account WHERE id = l.account AND book = NEW.book OFFSET 0) AS a
           WHERE l.entry = NEW.id GROUP BY a.currency) AS t;
  IF worst.n <> NEW.line_count THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.lines_missing',
      DETAIL = jsonb_build_object('key', NEW.key, 'lines', worst.n,
        'announced', NEW.line_count)::text;
  END IF;
  IF worst.high <> 0 OR worst.low <> 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.unbalanced',
      DETAIL = jsonb_build_object('key', NEW.key, 'difference_fen',
        CASE WHEN worst.high <> 0 THEN worst.high ELSE worst.low END)::text;
  END IF;
  IF NEW.reversal_of IS NOT NULL OR NEW.resolves IS NOT NULL THEN
    PERFORM ledger_check_links(NEW);
  END IF;
  RETURN NULL;
END $$
"""

_TRIGGERS = [
    "CREATE OR REPLACE TRIGGER entry_line_guard AFTER INSERT ON entry_line"
    " REFERENCING NEW TABLE AS new_lines"
    " FOR EACH STATEMENT EXECUTE FUNCTION ledger_lines_guard()",
    "CREATE OR REPLACE TRIGGER entry_release AFTER INSERT ON entry FOR EACH ROW"
    " WHEN (NEW.resolves IS NOT NULL) EXECUTE FUNCTION ledger_release()",
    "DROP TRIGGER IF EXISTS entry_balance ON entry",
    "CREATE CONSTRAINT TRIGGER entry_balance AFTER INSERT ON entry"
    " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION ledger_entry_guard()",
    "CREATE OR REPLACE TRIGGER account_append_only BEFORE DELETE OR TRUNCATE ON account"
    " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    # The kept balances move inside the guards only; nothing else of an account ever changes.
    "CREATE OR REPLACE TRIGGER account_fixed BEFORE UPDATE ON account FOR EACH ROW WHEN ("
    "pg_trigger_depth() = 0 OR (OLD.id, OLD.book, OLD.code, OLD.kind, OLD.title, OLD.owner,"
    " OLD.currency, OLD.floor_fen) IS DISTINCT FROM (NEW.id, NEW.book, NEW.code, NEW.kind,"
    " NEW.title, NEW.owner, NEW.currency, NEW.floor_fen)) EXECUTE FUNCTION refuse_change()",
    "CREATE OR REPLACE TRIGGER account_starts_empty BEFORE INSERT ON account FOR EACH ROW"
    " WHEN (NEW.kept_fen <> 0 OR NEW.reserved_fen <> 0) EXECUTE FUNCTION refuse_change()",
]

# One call, one round trip: everything is checked before anything is written. The rules stay in
# Python; this only stores what they computed, and copies lines for reversals and resolutions.
_POST = f"""
CREATE OR REPLACE FUNCTION ledger_post(
  p_book text, p_key text, p_kind text, p_reason text, p_clause text, p_effective_on date,
  p_period text, p_recorded_at timestamptz, p_original text, p_journal_event bigint,
  p_facts jsonb, p_accounts text[], p_amounts bigint[], p_memos text[], p_clauses text[]
) RETURNS bigint LANGUAGE plpgsql
{BY_INDEX} AS $$
DECLARE
  b bigint;
  o entry;
  e entry;
  v record;
BEGIN
  IF p_original IS NOT NULL THEN
    SELECT * INTO o FROM entry WHERE key = p_original;
    IF NOT FOUND THEN
      RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.unknown_entry',
        DETAIL = jsonb_build_object('original', p_original)::text;
    END IF;
    SELECT code INTO p_book FROM book WHERE id = o.book;
    IF p_accounts IS NULL AND p_kind <> 'void_pending' THEN
      SELECT array_agg(a.code ORDER BY l.position),
             array_agg(CASE p_kind WHEN 'posted' THEN -l.amount_fen ELSE l.amount_fen END
                       ORDER BY l.position),
             array_agg(l.memo ORDER BY l.position), array_agg(l.clause ORDER BY l.position)
        INTO p_accounts, p_amounts, p_memos, p_clauses
        FROM entry_line AS l, LATERAL (
          SELECT code FROM account WHERE id = l.account OFFSET 0) AS a WHERE l.entry = o.id;
    END IF;
  END IF;
  SELECT id INTO b FROM book WHERE code = p_book;
  IF b IS NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.unknown_book',
      DETAIL = jsonb_build_object('book', p_book)::text;
  END IF;
  SELECT count(*) AS n, array_agg(a.id ORDER BY l.n) AS ids,
         string_agg(ledger_line(l.code, l.fen, l.memo, l.clause), E'\\n' ORDER BY l.n) AS lines,
         min(l.code) FILTER (WHERE a.id IS NULL) AS unknown,
         coalesce(bool_or(coalesce(l.fen, 0) = 0), false) AS zero,
         sum(l.fen)::bigint AS fen, min(a.currency) AS low, max(a.currency) AS high
    INTO v
    FROM unnest(p_accounts, p_amounts, p_memos, p_clauses)
         WITH ORDINALITY AS l (code, fen, memo, clause, n)
    LEFT JOIN account AS a ON a.book = b AND a.code = l.code;
  IF v.unknown IS NOT NULL THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.unknown_account',
      DETAIL = jsonb_build_object('book', p_book, 'account', v.unknown)::text;
  ELSIF v.zero THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.zero_line',
      DETAIL = jsonb_build_object('key', p_key)::text;
  ELSIF v.n < 2 AND p_kind <> 'void_pending' THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.too_few_lines',
      DETAIL = jsonb_build_object('key', p_key, 'lines', v.n)::text;
  ELSIF v.low <> v.high THEN
    SELECT t.fen INTO v.fen
      FROM (SELECT sum(l.fen)::bigint AS fen
              FROM unnest(v.ids, p_amounts) AS l (id, fen) JOIN account AS a ON a.id = l.id
             GROUP BY a.currency) AS t
     ORDER BY abs(t.fen) DESC LIMIT 1;
  END IF;
  IF v.fen <> 0 THEN
    RAISE EXCEPTION USING ERRCODE = 'EL422', MESSAGE = 'ledger.unbalanced',
      DETAIL = jsonb_build_object('key', p_key, 'difference_fen', v.fen)::text;
  END IF;
  e.reversal_of := CASE p_kind WHEN 'posted' THEN o.id END;
  e.resolves := CASE p_kind WHEN 'posted' THEN NULL ELSE o.id END;
  INSERT INTO entry (book, key, kind, reason, clause, effective_on, period, recorded_at,
      reversal_of, resolves, journal_event, facts, line_count, content_hash)
    VALUES (b, p_key, p_kind, p_reason, p_clause, p_effective_on, p_period, p_recorded_at,
      e.reversal_of, e.resolves, p_journal_event, p_facts, v.n,
      sha256(convert_to(ledger_content(p_book, p_key, p_kind, p_reason, p_clause,
        p_effective_on, p_period, p_recorded_at, e.reversal_of, e.resolves, p_journal_event,
        p_facts, v.lines), 'UTF8')))
    ON CONFLICT (key) DO NOTHING RETURNING id INTO e.id;
  IF e.id IS NULL THEN
    SELECT * INTO e FROM entry WHERE key = p_key;
    IF e.content_hash <> sha256(convert_to(ledger_content(p_book, p_key, p_kind, p_reason,
        p_clause, p_effective_on, p_period, e.recorded_at,
        CASE p_kind WHEN 'posted' THEN o.id END, CASE p_kind WHEN 'posted' THEN NULL ELSE o.id END,
        e.journal_event, p_facts, v.lines), 'UTF8')) THEN
      RAISE EXCEPTION USING ERRCODE = 'EL409', MESSAGE = 'ledger.key_conflict',
        DETAIL = jsonb_build_object('key', p_key)::text;
    END IF;
    RETURN e.id;
  END IF;
  INSERT INTO entry_line (entry, position, account, amount_fen, memo, clause)
    SELECT e.id, l.n, l.id, l.fen, l.memo, l.clause
      FROM unnest(v.ids, p_amounts, p_memos, p_clauses)
           WITH ORDINALITY AS l (id, fen, memo, clause, n);
  IF o.id IS NOT NULL THEN
    SELECT * INTO e FROM entry WHERE id = e.id;
    PERFORM ledger_check_links(e);
  END IF;
  RETURN e.id;
END $$
"""

# Table and trigger of every guard: verify() asks whether they are there and switched on.
GUARDS: tuple[tuple[str, str], ...] = (
    *((table, f"{table}_append_only") for table in (*APPEND_ONLY, "account")),
    ("entry", "entry_release"),
    ("entry", "entry_balance"),
    ("entry_line", "entry_line_guard"),
    ("account", "account_fixed"),
    ("account", "account_starts_empty"),
)

LEDGER_SQL: list[str] = [
    REFUSE_CHANGE,
    *(statement for table in APPEND_ONLY for statement in append_only(table)),
    _CONTENT,
    _LINE,
    _OWN,
    _KEEP,
    _LINES_GUARD,
    _RELEASE,
    _LINK_FAULT,
    _LINKS,
    _ENTRY_GUARD,
    _POST,
    *_TRIGGERS,
    "CREATE INDEX IF NOT EXISTS ix_entry_book ON entry (book, id)",
    "CREATE INDEX IF NOT EXISTS ix_entry_line_account"
    " ON entry_line (account) INCLUDE (amount_fen, entry)",
]
