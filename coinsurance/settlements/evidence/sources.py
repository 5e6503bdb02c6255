"""What a bundle holds for each kind of subject: rows, entries, journal, stored calculations.

A query takes the subject's id and the organisation whose rows alone may be shown (null: all), so
that a follower's bundle never holds a peer's share or price.
"""

from __future__ import annotations

from dataclasses import dataclass

_ANY = "($2::bigint IS NULL OR {} = $2)"


@dataclass(frozen=True, slots=True)
class Source:
    """One table of a bundle. `whole`: only for who sees the pool year whole."""

    name: str
    zh: str
    query: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Subject:
    """How a kind of subject is found, and everything about it.

    `find`: id, pool year, and the organisations it belongs to, by number. `entries`: ids of ledger
    entries. `events`: kinds and subjects of journal events. `calculations` with peers' shares in
    them (`peers_inside`) go to those who see the pool year whole.
    """

    zh: str
    find: str
    tables: tuple[Source, ...]
    entries: str
    events: str
    calculations: str = ""
    peers_inside: bool = False


def _mine(column: str) -> str:
    return _ANY.format(column)


_OBLIGATIONS = """
SELECT b.number, b.kind, d.name AS debtor, c.name AS creditor, b.amount_fen, b.settled_fen,
  b.status, b.arose_on, b.due_on, b.due_days, b.due_calendar, b.clause
FROM obligation b JOIN organisation d ON d.id = b.debtor JOIN organisation c ON c.id = b.creditor
WHERE {} AND ($2::bigint IS NULL OR b.debtor = $2 OR b.creditor = $2) ORDER BY b.id
"""
_DISCHARGES = """
SELECT b.number, x.kind, x.amount_fen, x.settled_on, x.reference, r.number AS run
FROM discharge x JOIN obligation b ON b.id = x.obligation
  LEFT JOIN settlement_run r ON r.id = x.run
WHERE {} AND ($2::bigint IS NULL OR b.debtor = $2 OR b.creditor = $2) ORDER BY x.id
"""
_REMINDERS = """
SELECT b.number, x.stage, x.open_fen, x.days_late, x.reminded_on FROM reminder x
  JOIN obligation b ON b.id = x.obligation
WHERE {} AND ($2::bigint IS NULL OR b.debtor = $2 OR b.creditor = $2) ORDER BY x.id
"""
_OF_CLAIM = (
    "b.cause_kind = 'claim_movement' AND b.cause IN"
    " (SELECT id FROM claim_movement WHERE claim = $1)"
)
_CLAIM_TABLES = (
    Source(
        "claim",
        "赔案",
        "SELECT c.number, c.status, y.number AS policy, p.number AS placement, i.name AS insured,"
        " h.name AS handler, c.loss_on, c.place, c.cause, c.description, c.flags, c.reported_at,"
        " c.reporter, c.registered_on, c.agreed_on, c.payment_due_on, c.closed_on FROM claim c"
        " JOIN policy y ON y.id = c.policy LEFT JOIN placement p ON p.id = c.placement"
        " JOIN organisation i ON i.id = c.insured JOIN organisation h ON h.id = c.handler"
        " WHERE c.id = $1 AND ($2::bigint IS NULL OR true)",
    ),
    Source(
        "claim_sections",
        "责任项与限额",
        "SELECT s.code, s.title, s.attachment_fen, s.limit_fen, s.aggregate_fen, s.assessed_fen,"
        " s.agreed_fen, s.paid_fen, s.reserve_fen, s.expense_fen, s.recovered_fen"
        " FROM claim_section s WHERE s.claim = $1 AND ($2::bigint IS NULL OR true)"
        " ORDER BY s.position",
    ),
    Source(
        "shares",
        "出险日份额",
        "SELECT s.code, o.name, x.share_units FROM claim_share x"
        " JOIN claim_section s ON s.id = x.section JOIN organisation o ON o.id = x.organisation"
        f" WHERE s.claim = $1 AND {_mine('x.organisation')} ORDER BY s.position, x.position",
    ),
    Source(
        "notices",
        "通知与送达",
        "SELECT n.kind, n.round, o.name, n.due_on, n.due_days, n.due_calendar, n.clause, n.sent_at,"
        " n.served_at, n.served_how, n.acknowledged_at FROM claim_notice n"
        " JOIN organisation o ON o.id = n.organisation"
        f" WHERE n.claim = $1 AND {_mine('n.organisation')} ORDER BY n.id",
    ),
    Source(
        "surveys",
        "查勘与到场",
        "SELECT s.number, s.held_on, s.place, s.surveyor, s.joint, s.summary, o.name, a.status,"
        " a.person FROM claim_survey s LEFT JOIN claim_attendance a ON a.survey = s.id"
        f" AND {_mine('a.organisation')} LEFT JOIN organisation o ON o.id = a.organisation"
        " WHERE s.claim = $1 ORDER BY s.number, a.id",
    ),
    Source(
        "consents",
        "征求同意与答复",
        "SELECT r.number, r.title, r.rule, r.clause, r.deemed_clause, r.status, r.opened_at,"
        " r.closed_at, o.name, p.weight_units, p.served_at, p.served_how, p.due_at, p.answer,"
        " p.answered_at, p.note FROM consent_request r JOIN consent_party p ON p.request = r.id"
        " JOIN organisation o ON o.id = p.organisation JOIN claim c ON c.number = r.subject"
        " WHERE r.subject_kind = 'claim' AND c.id = $1"
        f" AND {_mine('p.organisation')} ORDER BY r.id, p.position",
    ),
    Source(
        "decisions",
        "决定",
        "SELECT d.number, d.kind, d.basis, d.amount_fen, d.clause, d.reason, d.recorded_at"
        " FROM claim_decision d WHERE d.claim = $1 AND ($2::bigint IS NULL OR true)"
        " ORDER BY d.number",
    ),
    Source(
        "movements",
        "赔案变动",
        "SELECT m.number, s.code, m.kind, m.amount_fen, m.cost_fen, m.reserve_change_fen,"
        " m.effective_on, m.reference, h.name AS holder, m.clause, m.recorded_at"
        " FROM claim_movement m JOIN claim_section s ON s.id = m.section"
        " JOIN organisation h ON h.id = m.holder WHERE m.claim = $1"
        " AND ($2::bigint IS NULL OR true) ORDER BY m.number",
    ),
    Source(
        "movement_parts",
        "各成员承担",
        "SELECT m.number, o.name, p.share_units, p.amount_fen, p.reserve_fen, p.to_date_fen,"
        " p.exact_numerator, p.exact_denominator FROM claim_part p"
        " JOIN claim_movement m ON m.id = p.movement JOIN organisation o ON o.id = p.organisation"
        f" WHERE m.claim = $1 AND {_mine('p.organisation')} ORDER BY m.number, p.position",
    ),
    Source("obligations", "应付事项", _OBLIGATIONS.format(_OF_CLAIM)),
    Source("discharges", "清偿", _DISCHARGES.format(_OF_CLAIM)),
    Source("reminders", "催付", _REMINDERS.format(_OF_CLAIM)),
)
_PLACEMENT_TABLES = (
    Source(
        "placement",
        "共保保单",
        "SELECT p.number, p.status, y.number AS policy, i.name AS insured, u.name AS issuer,"
        " p.start_on, p.end_on, p.snapshot_hash, p.bound_at FROM placement p"
        " JOIN policy y ON y.id = p.policy JOIN organisation i ON i.id = p.insured"
        " JOIN organisation u ON u.id = p.issuer WHERE p.id = $1 AND ($2::bigint IS NULL OR true)",
    ),
    Source(
        "character_check",
        "共保法律性质核查",
        "SELECT c.number, c.passed, c.hash, c.recorded_at FROM placement p"
        " JOIN character_check c ON c.id = p.character_check WHERE p.id = $1"
        " AND ($2::bigint IS NULL OR true)",
    ),
    Source(
        "shares",
        "份额表",
        "SELECT s.number, s.valid_from, s.clause, s.effective_at, o.name, x.share_units"
        " FROM share_schedule s JOIN share_item x ON x.schedule = s.id"
        " JOIN organisation o ON o.id = x.organisation WHERE s.placement = $1"
        f" AND s.status = 'effective' AND {_mine('x.organisation')} ORDER BY s.id, x.position",
    ),
    Source(
        "premium",
        "保费变动",
        "SELECT m.number, m.kind, m.source, m.amount_fen, m.effective_on, m.reference,"
        " m.recorded_at FROM premium_movement m WHERE m.placement = $1"
        " AND ($2::bigint IS NULL OR true) ORDER BY m.number",
    ),
    Source(
        "premium_parts",
        "各成员保费与费用",
        "SELECT m.number, o.name, p.component, p.amount_fen, p.to_date_fen, p.exact_numerator,"
        " p.exact_denominator, p.clause FROM premium_part p"
        " JOIN premium_movement m ON m.id = p.movement JOIN organisation o ON o.id = p.organisation"
        f" WHERE m.placement = $1 AND {_mine('p.organisation')} ORDER BY m.number, p.id",
    ),
    Source("obligations", "应付事项", _OBLIGATIONS.format("b.placement = $1")),
    Source("discharges", "清偿", _DISCHARGES.format("b.placement = $1")),
)
_STATEMENT_TABLES = (
    Source(
        "statement",
        "结算单",
        "SELECT s.number, p.number AS period, o.name, s.status, s.brought_forward_fen, s.items_fen,"
        " s.settled_fen, s.carried_forward_fen, s.disputed_fen, s.line_count, s.hash, s.issued_at,"
        " s.answered_at FROM statement s JOIN statement_period p ON p.id = s.period"
        " JOIN organisation o ON o.id = s.organisation WHERE s.id = $1"
        f" AND {_mine('s.organisation')}",
    ),
    Source(
        "disputes",
        "争议",
        "SELECT d.number, d.amount_fen, d.reason, d.status, d.level, d.outcome, d.opened_at,"
        " d.closed_at FROM dispute d WHERE d.statement = $1"
        f" AND {_mine('d.organisation')} ORDER BY d.id",
    ),
)
_DISPUTE_TABLES = (
    Source(
        "dispute",
        "争议",
        "SELECT d.number, s.number AS statement, o.name AS member, c.name AS counterparty,"
        " d.amount_fen, d.reason, d.status, d.level, d.level_due_on, d.outcome, d.opened_at,"
        " d.closed_at, e.key AS entry FROM dispute d JOIN statement s ON s.id = d.statement"
        " JOIN organisation o ON o.id = d.organisation JOIN organisation c ON c.id = d.counterparty"
        " JOIN entry e ON e.id = d.entry WHERE d.id = $1 AND ($2::bigint IS NULL"
        " OR d.organisation = $2 OR d.counterparty = $2)",
    ),
    Source(
        "ladder",
        "升级与时限",
        "SELECT level, name, started_on, due_on, due_days, due_calendar, recorded_at"
        " FROM dispute_rung WHERE dispute = $1 AND ($2::bigint IS NULL OR true) ORDER BY level",
    ),
    Source(
        "holds",
        "暂停清偿",
        "SELECT b.number, h.amount_fen, h.state FROM obligation_hold h"
        " JOIN obligation b ON b.id = h.obligation WHERE h.dispute = $1"
        " AND ($2::bigint IS NULL OR true) ORDER BY h.id",
    ),
)

SUBJECTS: dict[str, Subject] = {
    "claim": Subject(
        "赔案",
        "SELECT c.id, y.number AS year, ARRAY(SELECT DISTINCT x.organisation FROM claim_share x"
        " JOIN claim_section s ON s.id = x.section WHERE s.claim = c.id)"
        " || CASE WHEN c.pool_year IS NULL THEN ARRAY[p.insurer] ELSE '{}' END AS parties"
        " FROM claim c JOIN policy p ON p.id = c.policy"
        " LEFT JOIN pool_year y ON y.id = c.pool_year WHERE c.number = $1",
        _CLAIM_TABLES,
        "SELECT entry AS id FROM claim_movement WHERE claim = $1 AND entry IS NOT NULL"
        " UNION SELECT x.entry FROM discharge x JOIN obligation b ON b.id = x.obligation"
        f" WHERE x.entry IS NOT NULL AND {_OF_CLAIM}",
        "SELECT 'claim' AS kind, number AS subject FROM claim WHERE id = $1"
        " UNION SELECT 'consent_request', r.number FROM consent_request r"
        " JOIN claim c ON c.number = r.subject WHERE r.subject_kind = 'claim' AND c.id = $1",
        "SELECT 'assessment-' || number AS name, content::text AS body, hash FROM claim_assessment"
        " WHERE claim = $1 ORDER BY number",
    ),
    "placement": Subject(
        "共保保单",
        "SELECT p.id, y.number AS year, ARRAY(SELECT DISTINCT x.organisation FROM share_item x"
        " JOIN share_schedule s ON s.id = x.schedule WHERE s.placement = p.id) AS parties"
        " FROM placement p JOIN pool_year y ON y.id = p.pool_year WHERE p.number = $1",
        _PLACEMENT_TABLES,
        "SELECT entry AS id FROM premium_movement WHERE placement = $1"
        " UNION SELECT x.entry FROM discharge x JOIN obligation b ON b.id = x.obligation"
        " WHERE x.entry IS NOT NULL AND b.placement = $1",
        "SELECT 'placement' AS kind, number AS subject FROM placement WHERE id = $1",
        "SELECT 'snapshot' AS name, snapshot::text AS body, snapshot_hash AS hash FROM placement"
        " WHERE id = $1",
        peers_inside=True,
    ),
    "statement": Subject(
        "结算单",
        "SELECT s.id, y.number AS year, ARRAY[s.organisation] AS parties FROM statement s"
        " JOIN pool_year y ON y.id = s.pool_year WHERE s.number = $1 AND s.issued_at IS NOT NULL",
        _STATEMENT_TABLES,
        "SELECT DISTINCT l.entry AS id FROM statement s JOIN statement_period p ON p.id = s.period"
        " LEFT JOIN statement_period v ON v.id = p.previous"
        " JOIN pool_year y ON y.id = s.pool_year JOIN book b ON b.id = y.book"
        " JOIN account a ON a.book = b.id AND a.owner = s.organisation"
        " JOIN entry_line l ON l.account = a.id JOIN entry e ON e.id = l.entry"
        " JOIN sealed_row r ON r.chain = 'ledger:' || b.code AND r.row_id = e.id"
        " WHERE s.id = $1 AND e.period <= p.to_month AND r.seal <= p.seal"
        " AND NOT (e.period <= coalesce(v.to_month, '') AND r.seal <= coalesce(v.seal, 0))",
        "SELECT 'statement' AS kind, number AS subject FROM statement WHERE id = $1"
        " UNION SELECT 'statement_period', p.number FROM statement s"
        " JOIN statement_period p ON p.id = s.period WHERE s.id = $1",
        "SELECT 'statement-' || number AS name, content::text AS body, hash FROM statement"
        " WHERE id = $1",
    ),
    "dispute": Subject(
        "争议",
        "SELECT d.id, y.number AS year, ARRAY[d.organisation, d.counterparty] AS parties"
        " FROM dispute d JOIN pool_year y ON y.id = d.pool_year WHERE d.number = $1",
        _DISPUTE_TABLES,
        "SELECT d.entry AS id FROM dispute d WHERE d.id = $1 UNION SELECT e.id FROM dispute d"
        " JOIN entry e ON e.key IN ('dispute:' || d.number || ':held',"
        " 'dispute:' || d.number || ':released', 'dispute:' || d.number || ':upheld')"
        " WHERE d.id = $1",
        "SELECT 'dispute' AS kind, number AS subject FROM dispute WHERE id = $1"
        " UNION SELECT 'statement', s.number FROM dispute d JOIN statement s ON s.id = d.statement"
        " WHERE d.id = $1",
        "SELECT 'statement-' || s.number AS name, s.content::text AS body, s.hash FROM dispute d"
        " JOIN statement s ON s.id = d.statement WHERE d.id = $1 AND ($2::bigint IS NULL"
        " OR s.organisation = $2)",
    ),
    "obligation": Subject(
        "应付事项",
        "SELECT b.id, y.number AS year, ARRAY[b.debtor, b.creditor] AS parties FROM obligation b"
        " JOIN pool_year y ON y.id = b.pool_year WHERE b.number = $1",
        (
            Source("obligation", "应付事项", _OBLIGATIONS.format("b.id = $1")),
            Source("discharges", "清偿", _DISCHARGES.format("b.id = $1")),
            Source("reminders", "催付", _REMINDERS.format("b.id = $1")),
        ),
        "SELECT b.entry AS id FROM obligation b WHERE b.id = $1 AND b.entry <> 0"
        " UNION SELECT x.entry FROM discharge x WHERE x.obligation = $1 AND x.entry IS NOT NULL",
        "SELECT 'obligation' AS kind, number AS subject FROM obligation WHERE id = $1",
    ),
}
