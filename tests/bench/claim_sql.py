"""A claim payment as one function of the database: what the program is measured against.

The same locks, reads, checks, rows and hashes as the use case, divided by the same rule. Nothing of
it can be read, tested, explained or changed piece by piece, which is why the program is not so.
"""

from __future__ import annotations

FUNCTION = r"""
CREATE OR REPLACE FUNCTION bench_claim(
  p_token bytea, p_claim text, p_amount bigint, p_reference text
) RETURNS bigint LANGUAGE plpgsql AS $$
#variable_conflict use_column
DECLARE
  who record;
  c record;
  total bigint;
  v_event bigint;
  v_entry bigint;
  v_movement bigint;
  v_number int;
  debts int;
  target text;
  step text;
  moment timestamptz := now();
  day date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
  v_clause text := 'pool/integrated-circuit/2025.1 第十六条第二款';
  due date := (now() AT TIME ZONE 'Asia/Shanghai')::date + 13;
  v_facts jsonb;
  o bigint[];
  uscc text[];
  units bigint[];
  fen bigint[];
  own bigint[];
  kept bigint[];
  tops text[];
  bottoms text[];
BEGIN
  SELECT t.id, u.id AS user_id, u.organisation, u.name INTO who
    FROM api_token t JOIN eastlake_user u ON u.id = t."user"
    JOIN organisation g ON g.id = u.organisation
   WHERE t.token_hash = p_token AND t.revoked_at IS NULL AND u.active AND g.active;
  SELECT l.*, y.number AS year, b.code AS book, a.hash, h.uscc AS handler_uscc, m.roles,
      m.status AS seat, s.id AS section, s.code AS section_code, s.authorised_fen, s.paid_fen,
      s.reserve_fen,
      pg_advisory_xact_lock(hashtextextended('loss:' || l.insured || ':' || l.loss_on, 0)) INTO c
    FROM claim l JOIN policy p ON p.id = l.policy JOIN organisation h ON h.id = l.handler
    JOIN claim_section s ON s.claim = l.id JOIN placement g ON g.id = l.placement
    JOIN pool_year y ON y.id = l.pool_year JOIN book b ON b.id = y.book
    JOIN pool_agreement a ON a.id = g.agreement
    JOIN pool_member m ON m.pool_year = l.pool_year AND m.organisation = who.organisation
   WHERE l.number = p_claim AND l.handler = who.organisation FOR UPDATE OF l, s;
  IF c.seat IS DISTINCT FROM 'active' OR NOT 'claims_handler' = ANY(c.roles) THEN
    RAISE EXCEPTION 'not the handler';
  END IF;
  IF c.status NOT IN ('agreed', 'part_paid') OR p_amount > c.authorised_fen - c.paid_fen THEN
    RAISE EXCEPTION 'above what was agreed';
  END IF;
  PERFORM 1 FROM (SELECT id FROM claim WHERE insured = c.insured AND loss_on = c.loss_on
      UNION SELECT id FROM claim WHERE event = c.event AND event <> '') l
    CROSS JOIN LATERAL (SELECT * FROM claim_movement v WHERE v.claim = l.id OFFSET 0) m
    CROSS JOIN LATERAL (SELECT * FROM claim_payee WHERE movement = m.id OFFSET 0) k
   WHERE m.reversal_of IS NULL AND k.beneficiary_key = p_reference
     AND NOT EXISTS (SELECT 1 FROM claim_movement r WHERE r.reversal_of = m.id)
     AND NOT EXISTS (SELECT 1 FROM claim_override w WHERE w.claim = c.id);
  IF FOUND THEN
    RAISE EXCEPTION 'paid before';
  END IF;
  PERFORM p.id FROM cash_call k JOIN cash_call_part p ON p.cash_call = k.id
   WHERE k.section = c.section AND k.status <> 'released' AND p.used_fen < p.amount_fen;
  total := c.paid_fen + p_amount;
  v_number := c.movement_count + 1;
  WITH m AS (
    SELECT h.organisation, g.uscc, h.position, h.share_units,
           coalesce(a.allocated, 0) AS allocated, coalesce(a.reserve, 0) AS reserve,
           div(total::numeric * h.share_units, 100000000) AS q,
           mod(total::numeric * h.share_units, 100000000) AS r
      FROM claim_share h JOIN organisation g ON g.id = h.organisation LEFT JOIN (
        SELECT q.organisation, sum(q.reserve_fen)::bigint AS reserve, (sum(q.amount_fen)
            FILTER (WHERE v.kind IN ('payment', 'advance')))::bigint AS allocated
          FROM (SELECT id, kind FROM claim_movement WHERE section = c.section OFFSET 0) v
          CROSS JOIN LATERAL (SELECT * FROM claim_part WHERE movement = v.id OFFSET 0) q
         GROUP BY q.organisation) a ON a.organisation = h.organisation
     WHERE h.section = c.section
  ), d AS (
    SELECT m.*, (q + CASE WHEN row_number() OVER (ORDER BY r DESC, position)
        <= total - sum(q) OVER () THEN 1 ELSE 0 END)::bigint AS due_fen,
      gcd(total::numeric * share_units, 100000000) AS f FROM m
  )
  SELECT array_agg(organisation ORDER BY position), array_agg(d.uscc ORDER BY position),
         array_agg(share_units ORDER BY position), array_agg(due_fen - allocated ORDER BY position),
         array_agg(due_fen ORDER BY position), array_agg(-reserve ORDER BY position),
         array_agg(div(total::numeric * share_units, f)::text ORDER BY position),
         array_agg(div(100000000, f)::text ORDER BY position)
    INTO o, uscc, units, fen, own, kept, tops, bottoms FROM d;
  step := CASE WHEN c.status = 'agreed' THEN 'pay_part' ELSE 'pay_more' END;
  target := 'part_paid';
  v_facts := jsonb_build_object('movement', v_number, 'amount_fen', p_amount,
    'section', c.section_code, 'beneficiary', p_reference);
  INSERT INTO journal_event (recorded_at, effective_on, actor, actor_name, organisation, via,
      subject_kind, subject, event, from_status, to_status, note, facts, request_id, content_hash)
    VALUES (moment, day, who.user_id, who.name, who.organisation, 'token', 'claim', p_claim, step,
      CASE WHEN step = 'pay_part' THEN 'agreed' ELSE '' END,
      CASE WHEN step = 'pay_part' THEN target ELSE '' END, '', v_facts, '',
      sha256(convert_to(jsonb_build_array(moment, day, who.user_id, who.name, who.organisation,
        'token', 'claim', p_claim, step, '', '', '', v_facts, '')::text, 'UTF8')))
    RETURNING id INTO v_event;
  v_entry := ledger_post(c.book, 'claim:' || p_claim || ':' || v_number, 'posted', 'claim_payment',
    v_clause, day, to_char(day, 'YYYY-MM'), moment, NULL, v_event,
    jsonb_build_object('claim', p_claim, 'movement', v_number),
    (SELECT array_agg('claim_paid:' || u ORDER BY n) FROM unnest(uscc, fen)
       WITH ORDINALITY AS t(u, f, n) WHERE f <> 0) || ('current:' || c.handler_uscc),
    (SELECT array_agg(f ORDER BY n) FROM unnest(fen) WITH ORDINALITY AS t(f, n) WHERE f <> 0)
      || -p_amount, NULL, NULL);
  INSERT INTO claim_movement (claim, section, number, kind, amount_fen, cost_fen,
      reserve_change_fen, effective_on, reference, charge, note, holder, entry, clause,
      recorded_at, recorded_by)
    VALUES (c.id, c.section, v_number, 'payment', p_amount, 0, 0, day, p_reference, '', '',
      c.handler, v_entry, v_clause, moment, who.user_id) RETURNING id INTO v_movement;
  INSERT INTO claim_part (movement, position, organisation, share_units, amount_fen, reserve_fen,
      called_fen, to_date_fen, exact_numerator, exact_denominator)
    SELECT v_movement, t.n, t.o, t.u, t.f, t.k, 0, t.w, t.a, t.b
      FROM unnest(o, units, fen, kept, own, tops, bottoms)
           WITH ORDINALITY AS t(o, u, f, k, w, a, b, n);
  INSERT INTO obligation (number, pool_year, placement, kind, debtor, creditor, amount_fen,
      settled_fen, arose_on, due_on, due_days, due_calendar, clause, cause_kind, cause, entry,
      status, recorded_at)
    SELECT p_claim || '-' || lpad((c.obligation_count + row_number() OVER (ORDER BY n))::text,
        5, '0'), c.pool_year, c.placement, 'claim_reimbursement',
        CASE WHEN t.f > 0 THEN t.o ELSE c.handler END,
        CASE WHEN t.f > 0 THEN c.handler ELSE t.o END,
        abs(t.f), 0, day, due, 10, 'working', v_clause, 'claim_movement', v_movement, v_entry,
        'open',
        moment FROM unnest(o, fen) WITH ORDINALITY AS t(o, f, n)
     WHERE t.o <> c.handler AND t.f <> 0;
  GET DIAGNOSTICS debts = ROW_COUNT;
  UPDATE claim SET status = target, revision = revision + 1, movement_count = v_number,
      obligation_count = obligation_count + debts WHERE id = c.id AND status = c.status;
  UPDATE claim_section SET paid_fen = paid_fen + p_amount WHERE id = c.section;
  INSERT INTO claim_payee (movement, beneficiary_kind, beneficiary_name, beneficiary_key,
      beneficiary_uscc, payee_name, payee_account, bank_name, authority_reference,
      compensation_proof)
    VALUES (v_movement, 'third_party', p_reference, p_reference, '', p_reference,
      '6222000011112222', '', '', '');
  RETURN v_movement;
END $$
"""

CLONE = """
WITH first AS (SELECT * FROM claim ORDER BY id LIMIT 1),
c AS (INSERT INTO claim (number, policy, placement, pool_year, insured, handler, status, revision,
    loss_on, place, cause, description, event, estimate_fen, flags, reported_at, reporter,
    registered_on, assessment, assessed_by, agreed_on, payment_due_on, recorded_at, recorded_by)
  SELECT 'CB-2026-' || lpad(n::text, 6, '0'), policy, placement, pool_year, insured, handler,
    'agreed', 1, date '2000-01-01' + n, place, cause, description, '', estimate_fen, flags,
    reported_at, reporter, registered_on, assessment, assessed_by, agreed_on, payment_due_on,
    recorded_at, recorded_by FROM first, generate_series(1, $1::int) n RETURNING id),
s AS (INSERT INTO claim_section (claim, section, position, code, title, layer, attachment_fen,
    limit_fen, schedule, assessed_fen, agreed_fen, authorised_fen)
  SELECT c.id, t.section, t.position, t.code, t.title, t.layer, t.attachment_fen, t.limit_fen,
    t.schedule, t.limit_fen, t.limit_fen, t.limit_fen
  FROM c, claim_section t WHERE t.claim = (SELECT id FROM first) RETURNING id)
INSERT INTO claim_share (section, organisation, position, share_units)
SELECT s.id, h.organisation, h.position, h.share_units FROM s, claim_share h
WHERE h.section = (SELECT id FROM claim_section WHERE claim = (SELECT id FROM first))
"""
"""Many agreed claims like the first, each of a loss day of its own."""
