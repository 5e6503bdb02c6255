"""The statements of :mod:`catalogue.subsidies.evidence`: set-based, for any number of lines.

Keys are folded like policy numbers (`records.number_key`). ``INDEXES`` lets them find theirs
without reading a table from end to end; a migration runs them.
"""

from __future__ import annotations

KEY_MATCHES_MAX = 21
"""Other policies shown for one key; more than this tells nothing new and would grow as a square."""


def key(column: str) -> str:
    """SQL of a folded number or name: width, case, white space, dashes, slashes, dots aside."""
    return f"regexp_replace(upper(normalize({column}, NFKC)), '[-\\s‐-―/\\\\._]', '', 'g')"


_PARTY = "json_build_object('uscc', {0}.uscc, 'name', {0}.name, 'legal_root', {0}.legal_root)"


def _party(alias: str) -> str:
    return _PARTY.format(alias)


def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE 'Asia/Shanghai')::date"


def _list(item: str, rest: str, order: str) -> str:
    """SQL of a JSON list; an empty list when there is nothing."""
    return f"(SELECT coalesce(json_agg({item} ORDER BY {order}), '[]') FROM {rest})"


def _standing(day: str) -> str:
    return (
        "coalesce((SELECT f.status FROM library_fact f WHERE f.product = y.product"
        f" AND f.effective_on <= {day} AND f.status <> 'void' AND NOT EXISTS"
        " (SELECT 1 FROM library_fact c WHERE c.corrects = f.id)"
        " ORDER BY f.effective_on DESC, f.recorded_at DESC, f.id DESC LIMIT 1), '')"
    )


# The lines of applications as specs; lines refused by themselves are out of it.
SPECS = f"""
SELECT l.id AS line_id, l.number::text AS key, a.scheme AS scheme_id, a.enterprise AS enterprise_id,
  l.policy AS policy_id, coalesce({_day("a.submitted_at")}, $2) AS applied_on,
  a.id AS application_id, a.number AS application, coalesce(l.enrolment, 0) AS enrolment_id,
  l.status AS line_status, a.account_name, a.account_number,
  CASE WHEN l.status IN ('approved', 'paid', 'recovered') THEN l.approved_fen - l.recovered_fen
    ELSE l.assessed_fen END AS applied_fen
FROM application_line l JOIN application a ON a.id = l.application
WHERE a.id = ANY($1::bigint[]) AND l.status <> 'refused' ORDER BY a.id, l.number
"""

_RECEIPTS = _list(
    "json_build_object('source', r.source, 'amount_fen', r.amount_fen,"
    " 'received_on', r.received_on, 'payer_name', r.payer_name, 'payer_uscc', r.payer_uscc,"
    " 'payer_root', coalesce(q.legal_root, ''), 'invoice_number', r.invoice_number)",
    "premium_receipt r LEFT JOIN organisation q ON r.payer_uscc <> '' AND q.uscc = r.payer_uscc"
    " WHERE r.policy = y.id",
    "r.id",
)
_ENDORSEMENTS = _list(
    "json_build_object('number', d.number, 'kind', d.kind, 'effective_on', d.effective_on,"
    f" 'recorded_on', {_day('d.recorded_at')}, 'premium_change_fen', d.premium_change_fen,"
    " 'sum_change_fen', d.sum_change_fen, 'mirror', d.undoes IS NOT NULL,"
    " 'undone', EXISTS (SELECT 1 FROM endorsement u WHERE u.undoes = d.id))",
    "endorsement d WHERE d.policy = y.id",
    "d.number",
)
_LOSSES = _list(
    "json_build_object('reference', l.reference, 'loss_on', l.loss_on, 'paid_on', l.paid_on,"
    " 'paid_fen', l.paid_fen, 'payee_name', l.payee_name)",
    "policy_loss l WHERE l.policy = y.id",
    "l.paid_on, l.id",
)
_INSTALMENTS = _list(
    "json_build_object('due_on', n.due_on, 'amount_fen', n.amount_fen)",
    "instalment n WHERE n.policy = y.id",
    "n.number",
)
_INSURERS = _list(
    _party("q"),
    "policy_insurer s JOIN organisation q ON q.id = s.insurer WHERE s.policy = y.id",
    "s.position",
)
_CONTRACTS = _list(
    "json_build_object('id', c.id, 'number', c.number, 'signed_on', c.signed_on,"
    " 'amount_fen', c.amount_fen, 'relation', c.buyer_relation, 'buyer', json_build_object("
    "'uscc', c.buyer_uscc, 'name', c.buyer_name, 'legal_root', coalesce(q.legal_root, '')))",
    "sales_contract c LEFT JOIN organisation q ON q.uscc = c.buyer_uscc"
    " WHERE c.insured_object = b.id",
    "c.signed_on, c.id",
)
_SERIALS = _list("u.serial_number", "object_unit u WHERE u.insured_object = b.id", "u.id")
_ITEM = (
    "coalesce((SELECT e.code || '/' || i.number FROM catalogue_item i JOIN catalogue_edition e"
    " ON e.id = i.edition WHERE i.id = b.catalogue_item), '')"
)
_POLICY = f"""json_build_object('number', y.number, 'status', y.status, 'start_on', y.start_on,
  'end_on', y.current_end_on, 'sum_insured_fen', y.current_sum_fen, 'limit_fen', y.limit_fen,
  'premium_fen', y.current_premium_fen, 'insured', {_party("e")}, 'insurer', {_party("o")},
  'insurers', {_INSURERS}, 'product', p.number, 'standing_start', {_standing("y.start_on")},
  'standing_now', {_standing("t.day")}, 'main_clause', coalesce((SELECT c.file_number FROM clause c
    WHERE c.version = y.version AND c.kind = 'main' ORDER BY c.position LIMIT 1), ''),
  'instalments', {_INSTALMENTS}, 'receipts', {_RECEIPTS}, 'endorsements', {_ENDORSEMENTS},
  'losses', {_LOSSES})"""
_OBJECT = f"""CASE WHEN b.id IS NOT NULL THEN json_build_object('number', b.number, 'kind', b.kind,
  'name', b.name, 'value_fen', b.value_fen, 'item', {_ITEM}, 'batch', b.batch,
  'software_version', b.software_version, 'copyright_number', b.copyright_number,
  'serials', {_SERIALS}, 'contracts', {_CONTRACTS}) END"""
_ENROLMENT = """(SELECT json_build_object('number', n.number, 'status', n.status,
  'contract_id', n.contract, 'policy', ny.number, 'enterprise', nf.uscc)
  FROM enrolment n JOIN policy ny ON ny.id = n.policy JOIN organisation nf ON nf.id = n.enterprise
  WHERE n.id = t.enrolment)"""

# What the registry knows of each line itself. Firms are read once, however many lines they have.
OWN = f"""
WITH t AS (SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::date[])
  WITH ORDINALITY AS t(policy, enterprise, enrolment, day, n)),
certificates AS MATERIALIZED (SELECT c.organisation, json_agg(json_build_object('kind', c.kind,
  'number', c.number, 'valid_from', c.valid_from, 'valid_to', c.valid_to) ORDER BY c.id) AS items
  FROM certificate c WHERE c.organisation IN (SELECT enterprise FROM t) GROUP BY 1),
bans AS MATERIALIZED (SELECT f.id, json_agg(json_build_object('party', {_party("q")},
  'from_on', x.from_on, 'to_on', x.to_on, 'clause', x.clause) ORDER BY x.id) AS items
  FROM ban x JOIN organisation q ON q.id = x.organisation
  JOIN organisation f ON f.legal_root = q.legal_root
  WHERE f.id IN (SELECT enterprise FROM t) GROUP BY 1)
SELECT t.n, json_build_object('firm', {_party("f")}, 'policy', {_POLICY}, 'object', {_OBJECT},
  'enrolment', {_ENROLMENT}, 'certificates', coalesce(k.items, '[]'),
  'bans', coalesce(x.items, '[]'), 'insurer_root', o.legal_root)::text AS own
FROM t JOIN policy y ON y.id = t.policy JOIN organisation f ON f.id = t.enterprise
JOIN organisation o ON o.id = y.insurer JOIN organisation e ON e.id = y.insured
JOIN product p ON p.id = y.product LEFT JOIN insured_object b ON b.id = y.insured_object
LEFT JOIN certificates k ON k.organisation = t.enterprise LEFT JOIN bans x ON x.id = t.enterprise
ORDER BY t.n
"""

_SOFTWARE = f"{key('b.name')} || '|' || {key('b.software_version')}"
_BY_OBJECT = "JOIN policy y ON y.insured_object = "
_FIRST_VERSION = "b.kind = 'first_version' AND b.software_version <> ''"
# kind: (what is shown, its key, from, policy, condition)
_KINDS: dict[str, tuple[str, str, str, str, str]] = {
    "policy": ("y.number", "y.id::text", "policy y", "y.id", "true"),
    "number": ("y.number", "y.number_key", "policy y", "y.id", "true"),
    "invoice": (
        "r.invoice_number",
        key("r.invoice_number"),
        "premium_receipt r",
        "r.policy",
        "r.invoice_number <> ''",
    ),
    "payer": (
        "r.payer_name",
        "r.payer_uscc",
        "premium_receipt r",
        "r.policy",
        "r.payer_uscc <> '' AND r.source = 'own' AND r.amount_fen > 0",
    ),
    "payer_name": (
        "r.payer_name",
        key("r.payer_name"),
        "premium_receipt r",
        "r.policy",
        "r.payer_uscc = '' AND r.source = 'own' AND r.amount_fen > 0",
    ),
    "payer_account": (
        f"'账号 ****' || right({key('r.payer_account')}, 4)",
        key("r.payer_account"),
        "premium_receipt r",
        "r.policy",
        "r.payer_account <> '' AND r.source = 'own' AND r.amount_fen > 0",
    ),
    "contract": (
        "c.number",
        key("c.number"),
        f"sales_contract c {_BY_OBJECT} c.insured_object",
        "y.id",
        "true",
    ),
    "serial": (
        "u.serial_number",
        key("u.serial_number"),
        f"object_unit u {_BY_OBJECT} u.insured_object",
        "y.id",
        "true",
    ),
    "software": (
        "b.name || ' ' || b.software_version",
        _SOFTWARE,
        f"insured_object b {_BY_OBJECT} b.id",
        "y.id",
        _FIRST_VERSION,
    ),
    "copyright": (
        "b.copyright_number",
        key("b.copyright_number"),
        f"insured_object b {_BY_OBJECT} b.id",
        "y.id",
        "b.copyright_number <> ''",
    ),
    "object": (
        "b.number",
        "b.id::text",
        f"insured_object b {_BY_OBJECT} b.id",
        "y.id",
        "true",
    ),
}
_WANTED = "ANY(ARRAY(SELECT k FROM mine WHERE kind = '{0}'))"


def _mine(kind: str) -> str:
    shown, folded, rest, policy, condition = _KINDS[kind]
    return (
        f"SELECT {policy} AS policy, '{kind}' AS kind, {folded} AS k, {shown} AS shown"
        f" FROM {rest} WHERE {policy} = ANY($1) AND {condition}"
    )


def _theirs(kind: str) -> str:
    _, folded, rest, policy, condition = _KINDS[kind]
    if kind in ("policy", "object"):
        folded, cast = folded.removesuffix("::text"), "::bigint[]"
        wanted = f"ANY(ARRAY(SELECT k FROM mine WHERE kind = '{kind}'){cast})"
        return f"SELECT {policy}, '{kind}', {folded}::text FROM {rest} WHERE {folded} = {wanted}"
    return (
        f"SELECT {policy}, '{kind}', {folded} FROM {rest}"
        f" WHERE {folded} = {_WANTED.format(kind)} AND {condition}"
    )


def _payers(kind: str) -> str:
    """One policy for each firm that a payer paid for: many policies must not hide the firms."""
    _, folded, rest, _, condition = _KINDS[kind]
    return (
        f"SELECT max(y.id), '{kind}', {folded} FROM {rest} JOIN policy y ON y.id = r.policy"
        f" WHERE {folded} = {_WANTED.format(kind)} AND {condition} GROUP BY {folded}, y.insured"
    )


_PLAIN = [kind for kind in _KINDS if not kind.startswith("payer")]
_LIVE = "a.status NOT IN ('draft', 'refused', 'withdrawn') AND l.status <> 'refused'"

# $1 policies, $2 applications (0: none), $3 folded bank accounts; one row for each match.
MATCHES = f"""
WITH t AS (SELECT t.*, y.insured FROM unnest($1::bigint[], $2::bigint[], $3::text[])
  WITH ORDINALITY AS t(policy, application, account, n) JOIN policy y ON y.id = t.policy),
mine AS MATERIALIZED (SELECT DISTINCT ON (policy, kind, k) * FROM (
  {" UNION ALL ".join(_mine(kind) for kind in _KINDS)}
  UNION ALL SELECT y.id, 'buyer_set', c.buyer_uscc, c.buyer_name FROM policy y
    JOIN insured_object b ON b.id = y.insured_object JOIN sales_contract c
    ON c.insured_object = b.id WHERE y.id = ANY($1) AND b.kind = 'first_batch'
  UNION ALL SELECT t.policy, 'account', {key("t.account")}, t.account FROM t
) q WHERE k <> '' ORDER BY policy, kind, k),
theirs(policy, kind, k) AS (
  {" UNION ".join(_theirs(kind) for kind in _PLAIN)}
  UNION {_payers("payer")} UNION {_payers("payer_name")} UNION {_payers("payer_account")}
  UNION SELECT y.id, 'buyer_set', q.uscc FROM organisation q JOIN policy y ON y.insured = q.id
    JOIN insured_object b ON b.id = y.insured_object
    WHERE q.uscc = {_WANTED.format("buyer_set")} AND b.kind = 'first_set'
  UNION SELECT max(l.policy), 'account', {key("a.account_number")} FROM application a
    JOIN application_line l ON l.application = a.id
    WHERE {key("a.account_number")} = {_WANTED.format("account")} AND {_LIVE}
    GROUP BY {key("a.account_number")}, a.enterprise),
ranked AS (SELECT *, row_number() OVER (PARTITION BY kind, k ORDER BY policy DESC) AS rank
  FROM theirs)
SELECT t.n, coalesce(a.scheme, 0) AS scheme_id, json_build_object(
  'kind', replace(m.kind, 'payer_name', 'payer'), 'key', m.shown, 'policy', y.number,
  'firm', {_party("e")}, 'insurer', {_party("o")}, 'status', y.status, 'start_on', y.start_on,
  'end_on', y.current_end_on, 'premium_fen', y.current_premium_fen,
  'object_number', coalesce(b.number, ''), 'item', {_ITEM}, 'buyers', CASE
    WHEN m.kind = 'contract' THEN {
    _list(
        "c.buyer_uscc",
        f"sales_contract c WHERE c.insured_object = b.id AND {key('c.number')} = m.k",
        "c.id",
    )
}
    WHEN m.kind = 'serial' THEN {
    _list("c.buyer_uscc", "sales_contract c WHERE c.insured_object = b.id", "c.id")
} ELSE '[]' END,
  'application', coalesce(a.number, ''), 'line', coalesce(l.number, 0),
  'line_status', coalesce(l.status, ''), 'applied_on', {_day("a.submitted_at")},
  'applied_fen', coalesce(CASE WHEN l.status IN ('approved', 'paid', 'recovered')
    THEN l.approved_fen - l.recovered_fen ELSE l.assessed_fen END, 0))::text AS match
FROM t JOIN mine m ON m.policy = t.policy AND (m.kind <> 'account' OR m.shown = t.account)
JOIN ranked r ON r.kind = m.kind AND r.k = m.k AND r.rank <= {KEY_MATCHES_MAX}
  AND (r.policy <> t.policy OR m.kind IN ('policy', 'account'))
JOIN policy y ON y.id = r.policy JOIN organisation e ON e.id = y.insured
JOIN organisation o ON o.id = y.insurer LEFT JOIN insured_object b ON b.id = y.insured_object
LEFT JOIN (application_line l JOIN application a ON a.id = l.application AND {_LIVE})
  ON l.policy = r.policy AND a.id <> t.application
  AND (m.kind <> 'account' OR {key("a.account_number")} = m.k)
WHERE (l.id IS NOT NULL OR m.kind NOT IN ('policy', 'account', 'buyer_set'))
  AND (m.kind NOT LIKE 'payer%' OR y.insured <> t.insured)
ORDER BY t.n, m.kind, r.policy, l.id
"""

SCHEMES = """
SELECT s.id, s.code, s.exclusivity_group, v.hash, v.body FROM scheme s
JOIN rule_version v ON v.id = s.rule_version WHERE s.id = ANY($1::bigint[])
"""

# Policies that began in the days ($1, $2] and their claim payments, by insurer and kind of subject.
FREQUENCY = """
SELECT o.legal_root, coalesce(b.kind, 'general') AS kind, count(*)::bigint AS policies_count,
  coalesce(sum(l.payments), 0)::bigint AS claims_count
FROM policy y JOIN organisation o ON o.id = y.insurer
LEFT JOIN insured_object b ON b.id = y.insured_object
LEFT JOIN (SELECT policy, count(*) AS payments FROM policy_loss GROUP BY policy) l
  ON l.policy = y.id
WHERE y.start_on > $1 AND y.start_on <= $2 GROUP BY 1, 2
"""

INDEXES: list[str] = [
    "CREATE INDEX IF NOT EXISTS ix_policy_number_key ON policy (number_key)",
    "CREATE INDEX IF NOT EXISTS ix_receipt_invoice_key ON premium_receipt"
    f" (({key('invoice_number')})) WHERE invoice_number <> ''",
    "CREATE INDEX IF NOT EXISTS ix_receipt_payer_key ON premium_receipt"
    f" (({key('payer_name')})) WHERE payer_uscc = ''",
    f"CREATE INDEX IF NOT EXISTS ix_contract_key ON sales_contract (({key('number')}))",
    f"CREATE INDEX IF NOT EXISTS ix_unit_serial_key ON object_unit (({key('serial_number')}))",
    "CREATE INDEX IF NOT EXISTS ix_object_copyright_key ON insured_object"
    f" (({key('copyright_number')})) WHERE copyright_number <> ''",
    "CREATE INDEX IF NOT EXISTS ix_object_software_key ON insured_object"
    f" (({key('name')} || '|' || {key('software_version')})) WHERE kind = 'first_version'"
    " AND software_version <> ''",
    f"CREATE INDEX IF NOT EXISTS ix_application_account_key ON application"
    f" (({key('account_number')}))",
]
