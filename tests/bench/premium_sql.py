"""A premium receipt of a placement as one function of the database: what the program is measured
against. The same reads, checks, rows and hashes as the use case, divided by the same rule; nothing
of it can be read, tested, explained or changed piece by piece, which is why the program is not so.
"""

from __future__ import annotations

TYPE = """
CREATE TYPE bench_part AS (o bigint, uscc text, place int, lead boolean, component text, fen bigint,
  to_date bigint, n text, d text, clause text)
"""
FUNCTION = r"""
CREATE OR REPLACE FUNCTION bench_receipt(
  p_token bytea, p_placement text, p_amount bigint, p_reference text
) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  who record;
  l record;
  y record;
  total bigint;
  due bigint;
  under_way bigint;
  receipt bigint;
  event bigint;
  entry bigint;
  movement bigint;
  number int;
  debts int;
  moment timestamptz := now();
  clause text := 'pool/integrated-circuit/2025.1 第五条第一款';
  fee_clause text := 'pool/integrated-circuit/2025.1 第十三条第一款';
  facts jsonb;
  accounts text[];
  amounts bigint[];
  clauses text[];
  issuer text;
  day date := date '2026-11-20';
  parts bench_part[];
BEGIN
  SELECT c.id, u.id AS user_id, u.organisation, u.name, o.uscc INTO who
    FROM api_token c JOIN eastlake_user u ON u.id = c."user"
    JOIN organisation o ON o.id = u.organisation
   WHERE c.token_hash = p_token AND c.revoked_at IS NULL AND u.active AND o.active;
  SELECT pl.*, py.number AS year, b.code AS book, m.roles, m.status AS seat INTO l
    FROM placement pl JOIN pool_year py ON py.id = pl.pool_year JOIN book b ON b.id = py.book
    JOIN pool_agreement a ON a.id = pl.agreement
    LEFT JOIN pool_member m ON m.pool_year = py.id AND m.organisation = who.organisation
   WHERE pl.number = p_placement FOR UPDATE OF pl;
  IF l.seat IS DISTINCT FROM 'active' OR NOT 'issuer' = ANY(l.roles)
     OR l.issuer <> who.organisation THEN
    RAISE EXCEPTION 'not the issuer';
  END IF;
  SELECT * INTO y FROM policy WHERE id = l.policy FOR UPDATE;
  SELECT coalesce(sum(amount_fen), 0) INTO total FROM premium_receipt WHERE policy = l.policy;
  SELECT coalesce(sum(i.amount_fen), 0) INTO under_way FROM payment_item i
    JOIN application_line x ON x.id = i.application_line JOIN application a ON a.id = x.application
   WHERE x.policy = l.policy AND i.status = 'pending' AND i.payee_kind = 'insurer'
     AND a.assessment #>> '{result,instrument}' = 'premium_direct_pay';
  due := y.current_premium_fen - total - under_way;
  IF p_amount > due OR p_amount <= 0 OR day > current_date THEN
    RAISE EXCEPTION 'above what is due';
  END IF;
  PERFORM 1 FROM premium_movement WHERE placement = l.id AND reference = p_reference;
  IF FOUND THEN
    RAISE EXCEPTION 'twice';
  END IF;
  PERFORM count(*) FROM share_schedule WHERE placement = l.id AND status = 'effective';
  PERFORM count(*) FROM endorsement d WHERE d.policy = l.policy AND d.undoes IS NULL
    AND NOT EXISTS (SELECT 1 FROM endorsement u WHERE u.undoes = d.id);
  INSERT INTO premium_receipt (policy, source, amount_fen, received_on, payer_name, payer_uscc,
      payer_account, invoice_number, bank_reference, recorded_at, recorded_by)
    VALUES (l.policy, 'own', p_amount, day, '示例企业', '', '', '', p_reference, moment,
      who.user_id) RETURNING id INTO receipt;
  facts := jsonb_build_object('receipt', receipt, 'source', 'own', 'amount_fen', p_amount);
  INSERT INTO journal_event (recorded_at, effective_on, actor, actor_name, organisation, via,
      subject_kind, subject, event, from_status, to_status, note, facts, request_id, content_hash)
    VALUES (moment, day, who.user_id, who.name, who.organisation, 'token', 'policy',
      l.policy::text, 'receive_premium', '', '', '', facts, '',
      sha256(convert_to(jsonb_build_array(moment, day, who.user_id, who.name, who.organisation,
        'token', 'policy', l.policy, 'receive_premium', '', '', '', facts, '')::text, 'UTF8')));
  SELECT count(*) + 1 INTO number FROM premium_movement WHERE placement = l.id;
  SELECT right(b.number, 5)::int INTO debts FROM obligation b
   WHERE b.placement = l.id AND b.cause_kind = 'premium_movement' ORDER BY b.id DESC LIMIT 1;
  debts := coalesce(debts, 0);
  total := total + p_amount;

  WITH w AS (
    SELECT i.organisation AS o, g.uscc, i.position AS place, i.share_units AS units,
           'lead' = ANY(m.roles) AS lead,
           div(total::numeric * i.share_units, 100000000) AS q,
           mod(total::numeric * i.share_units, 100000000) AS r
      FROM share_schedule h JOIN share_item i ON i.schedule = h.id
      JOIN organisation g ON g.id = i.organisation
      JOIN pool_member m ON m.pool_year = l.pool_year AND m.organisation = i.organisation
     WHERE h.placement = l.id AND h.status = 'effective'
  ), premium AS (
    SELECT w.*, (q + CASE WHEN row_number() OVER (ORDER BY r DESC, place)
        <= total - sum(q) OVER () THEN 1 ELSE 0 END)::bigint AS own FROM w
  ), fee AS (
    SELECT p.*, ((own::numeric * 15000 * 2 + 1000000) / 2000000)::numeric AS raw FROM premium p
  ), last AS (
    SELECT p.organisation AS o, p.component, p.to_date_fen FROM premium_part p
     WHERE p.movement = (SELECT id FROM premium_movement WHERE placement = l.id
       ORDER BY premium_movement.number DESC LIMIT 1)
  ), made AS (
    SELECT o, uscc, place, lead, 'premium' AS component, own AS to_date,
           total::numeric * units AS n, 100000000::numeric AS d, clause AS cites FROM premium
    UNION ALL
    SELECT o, uscc, place, lead, 'lead_fee', floor(raw)::bigint, own::numeric * 15000, 1000000,
           fee_clause FROM fee WHERE NOT lead
    UNION ALL
    SELECT o, uscc, place, lead, 'lead_fee_tax',
           floor((floor(raw) * 60000 * 2 + 1000000) / 2000000)::bigint, floor(raw) * 60000,
           1000000, fee_clause FROM fee WHERE NOT lead
    UNION ALL
    SELECT o, uscc, place, lead, 'premium_tax',
           floor((own::numeric * 60000 * 2 + 1060000) / 2120000)::bigint, own::numeric * 60000,
           1060000, fee_clause FROM premium
  )
  SELECT array_agg(ROW(m.o, m.uscc, m.place, m.lead, m.component,
      m.to_date - coalesce(b.to_date_fen, 0), m.to_date, div(m.n, gcd(m.n, m.d))::text,
      div(m.d, gcd(m.n, m.d))::text, m.cites)::bench_part ORDER BY m.component, m.place)
    INTO parts FROM made m LEFT JOIN last b ON b.o = m.o AND b.component = m.component;

  SELECT g.uscc INTO issuer FROM organisation g WHERE g.id = l.issuer;
  SELECT array_agg(code ORDER BY k, place), array_agg(fen ORDER BY k, place),
         array_agg(cites ORDER BY k, place) INTO accounts, amounts, clauses FROM (
    SELECT 1 AS k, place, 'premium:' || uscc || ':own' AS code, -fen AS fen, b.clause AS cites
      FROM unnest(parts) b WHERE component = 'premium'
    UNION ALL SELECT 2, 0, 'current:' || issuer, p_amount, clause
    UNION ALL SELECT 3, place, component || '_paid:' || uscc, fen, b.clause FROM unnest(parts) b
      WHERE component IN ('lead_fee', 'lead_fee_tax')
    UNION ALL SELECT 4, 0, component || '_earned:' || issuer, -sum(fen)::bigint, fee_clause
      FROM unnest(parts) b WHERE component IN ('lead_fee', 'lead_fee_tax') GROUP BY component
  ) AS lines WHERE fen <> 0;
  facts := jsonb_build_object('movement', number, 'source', 'own', 'amount_fen', p_amount,
    'receipt', receipt);
  INSERT INTO journal_event (recorded_at, effective_on, actor, actor_name, organisation, via,
      subject_kind, subject, event, from_status, to_status, note, facts, request_id, content_hash)
    VALUES (moment, day, who.user_id, who.name, who.organisation, 'token', 'placement', l.number,
      'premium_receipt', '', '', '', facts, '',
      sha256(convert_to(jsonb_build_array(moment, day, who.user_id, who.name, who.organisation,
        'token', 'placement', l.number, 'premium_receipt', '', '', '', facts, '')::text, 'UTF8')))
    RETURNING id INTO event;
  entry := ledger_post(l.book, 'premium:' || l.number || ':' || number, 'posted', 'premium',
    clause, day, '2026-11', moment, NULL, event,
    jsonb_build_object('placement', l.number, 'movement', number), accounts, amounts, NULL,
    clauses);
  INSERT INTO premium_movement (placement, number, kind, policy_receipt, source, amount_fen,
      effective_on, reference, holder, entry, recorded_at, recorded_by)
    VALUES (l.id, number, 'receipt', receipt, 'own', p_amount, day, p_reference, l.issuer, entry,
      moment, who.user_id) RETURNING id INTO movement;
  INSERT INTO premium_part (movement, organisation, component, amount_fen, to_date_fen,
      exact_numerator, exact_denominator, clause)
    SELECT movement, o, component, fen, to_date, n, d, b.clause FROM unnest(parts) b
     ORDER BY component, place;
  INSERT INTO obligation (number, pool_year, placement, kind, debtor, creditor, amount_fen,
      settled_fen, arose_on, due_on, due_days, due_calendar, clause, cause_kind, cause, entry,
      status, recorded_at)
    SELECT l.number || '-' || lpad((debts + row_number() OVER (ORDER BY place, k))::text, 5, '0'),
      l.pool_year, l.id, kind, debtor, creditor, fen, 0, day, date '2026-12-11', 21, 'calendar',
      cites, 'premium_movement', movement, entry, 'open', moment FROM (
        SELECT 1 AS k, place, 'premium_remittance' AS kind, l.issuer AS debtor, o AS creditor, fen,
          fee_clause AS cites FROM unnest(parts) b WHERE component = 'premium' AND o <> l.issuer
        UNION ALL
        SELECT 2, place, 'lead_fee', o, l.issuer, sum(fen)::bigint, fee_clause FROM unnest(parts) b
         WHERE component IN ('lead_fee', 'lead_fee_tax') GROUP BY place, o
      ) AS owed WHERE fen > 0;
  RETURN movement;
END $$
"""
