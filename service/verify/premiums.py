"""The invariants of pool premium (POOLS 5 to 9): parts, mirrors, sources, books, debts."""

from __future__ import annotations

from coinsurance.premiums.replay import faults, story_of
from service.kernel.db import sql, sql_value
from service.kernel.findings import Finding, Text, blocker, register
from service.verify.invariants import Outcome


async def _count(table: str) -> int:
    number: int = await sql_value(f"SELECT count(*) FROM {table}")
    return number


def _differs(subject: str, what: str, stored: int, counted: int) -> Finding:
    return blocker(
        "verify.premium_differs",
        subject,
        subject=subject,
        what=what,
        stored_fen=stored,
        counted_fen=counted,
    )


async def premium_parts() -> Outcome:
    """The members' parts of every movement sum to it, to the fen."""
    rows = await sql(
        "SELECT l.number || '/' || v.number AS subject, v.amount_fen AS stored,"
        " coalesce(p.fen, 0)::bigint AS counted FROM premium_movement v"
        " JOIN placement l ON l.id = v.placement LEFT JOIN (SELECT movement, sum(amount_fen) AS fen"
        "  FROM premium_part WHERE component = 'premium' GROUP BY movement) p ON p.movement = v.id"
        " WHERE v.amount_fen <> coalesce(p.fen, 0) ORDER BY v.id"
    )
    found = [_differs(r["subject"], "保费分额合计", r["stored"], r["counted"]) for r in rows]
    return Outcome(await _count("premium_movement"), found)


async def premium_receipts() -> Outcome:
    """A movement is its receipt of the policy: amount, source and day, of the same policy."""
    rows = await sql(
        "SELECT l.number || '/' || v.number AS subject, v.amount_fen AS stored,"
        " coalesce(r.amount_fen, 0)::bigint AS counted FROM premium_movement v"
        " JOIN placement l ON l.id = v.placement"
        " LEFT JOIN premium_receipt r ON r.id = v.policy_receipt"
        " WHERE CASE WHEN v.kind = 'share_change' THEN v.policy_receipt IS NOT NULL"
        "  OR v.amount_fen <> 0 ELSE (r.policy, r.amount_fen, r.source, r.received_on)"
        "  IS DISTINCT FROM (l.policy, v.amount_fen, v.source, v.effective_on) END ORDER BY v.id"
    )
    found = [_differs(r["subject"], "保单收款", r["stored"], r["counted"]) for r in rows]
    return Outcome(await _count("premium_movement"), found)


async def premium_sources() -> Outcome:
    """No funding source got more back than it paid."""
    rows = await sql(
        "SELECT l.number || '/' || v.source AS subject, sum(v.amount_fen)::bigint AS fen"
        " FROM premium_movement v JOIN placement l ON l.id = v.placement"
        " GROUP BY l.number, v.source HAVING sum(v.amount_fen) < 0 ORDER BY 1"
    )
    number = await sql_value(
        "SELECT count(*) FROM (SELECT DISTINCT placement, source FROM premium_movement) s"
    )
    return Outcome(number, [_differs(r["subject"], "来源净额", r["fen"], 0) for r in rows])


async def premium_mirrors() -> Outcome:
    """A reversal copies every part and every ledger line of its original with the sign turned."""
    rows = await sql(
        "WITH pairs AS (SELECT v.id AS mirror, o.id AS original, v.entry, o.entry AS first,"
        "  l.number || '/' || v.number AS subject FROM premium_movement v JOIN premium_movement o"
        "  ON o.id = v.reversal_of JOIN placement l ON l.id = v.placement),"
        " parts AS (SELECT p.subject, x.organisation::text || x.component AS key,"
        "  sum(x.amount_fen) AS fen FROM pairs p JOIN premium_part x"
        "  ON x.movement IN (p.mirror, p.original) GROUP BY 1, 2),"
        " lines AS (SELECT p.subject, x.account::text AS key, sum(x.amount_fen) AS fen"
        "  FROM pairs p JOIN entry_line x ON x.entry IN (p.entry, p.first) GROUP BY 1, 2)"
        " SELECT subject, sum(abs(fen))::bigint AS fen FROM (SELECT * FROM parts UNION ALL"
        "  SELECT * FROM lines) q GROUP BY subject HAVING sum(abs(fen)) <> 0 ORDER BY 1"
    )
    number = await sql_value("SELECT count(*) FROM premium_movement WHERE reversal_of IS NOT NULL")
    return Outcome(number, [_differs(r["subject"], "冲销与原笔之和", r["fen"], 0) for r in rows])


_NAMES = (
    ("premium", "premium", -1),
    ("lead_fee", "lead_fee_paid", 1),
    ("lead_fee_tax", "lead_fee_tax_paid", 1),
    ("broker_fee", "broker_fee", 1),
    ("admin_fee", "admin_fee_paid", 1),
)
"""Component, the member's account that holds it, and the side it stands on."""


async def premium_entries() -> Outcome:
    """The ledger lines of a movement are its parts, member by member and component by component."""
    rows = await sql(
        "WITH names AS (SELECT * FROM unnest($1::text[], $2::text[], $3::int[])"
        "  AS n (component, account, side)),"
        " posted AS (SELECT v.id AS movement, n.component, a.owner,"
        "  sum(x.amount_fen * n.side) AS fen"
        "  FROM premium_movement v JOIN entry_line x ON x.entry = v.entry"
        "  JOIN account a ON a.id = x.account JOIN names n"
        "  ON n.account = split_part(a.code, ':', 1) GROUP BY 1, 2, 3),"
        " parts AS (SELECT p.movement, p.component, p.organisation AS owner,"
        "  p.amount_fen AS fen FROM premium_part p JOIN names n ON n.component = p.component"
        "  WHERE p.amount_fen <> 0)"
        " SELECT l.number || '/' || v.number AS subject, coalesce(b.fen, 0)::bigint AS stored,"
        "  coalesce(a.fen, 0)::bigint AS counted FROM posted a FULL JOIN parts b"
        "  USING (movement, component, owner) JOIN premium_movement v ON v.id = movement"
        "  JOIN placement l ON l.id = v.placement"
        " WHERE coalesce(a.fen, 0) <> coalesce(b.fen, 0) ORDER BY v.id",
        [component for component, _, _ in _NAMES],
        [account for _, account, _ in _NAMES],
        [side for _, _, side in _NAMES],
    )
    found = [_differs(r["subject"], "分录与分额", r["stored"], r["counted"]) for r in rows]
    return Outcome(await _count("premium_movement"), found)


async def premium_debts() -> Outcome:
    """What a movement made members owe each other is exactly what it did to their accounts."""
    rows = await sql(
        "WITH owed AS (SELECT b.cause AS movement, x.member, sum(x.fen) AS fen FROM obligation b,"
        "  LATERAL (VALUES (b.debtor, b.amount_fen), (b.creditor, -b.amount_fen))"
        "  AS x (member, fen) WHERE b.cause_kind = 'premium_movement' GROUP BY 1, 2),"
        " stands AS (SELECT v.id AS movement, a.owner AS member, sum(x.amount_fen) AS fen"
        "  FROM premium_movement v JOIN entry_line x ON x.entry = v.entry"
        "  JOIN account a ON a.id = x.account GROUP BY 1, 2)"
        " SELECT l.number || '/' || v.number AS subject, coalesce(o.fen, 0)::bigint AS stored,"
        "  coalesce(s.fen, 0)::bigint AS counted FROM owed o FULL JOIN stands s"
        "  USING (movement, member) JOIN premium_movement v ON v.id = movement"
        "  JOIN placement l ON l.id = v.placement"
        " WHERE coalesce(o.fen, 0) <> coalesce(s.fen, 0) ORDER BY v.id"
    )
    found = [_differs(r["subject"], "应付与分录", r["stored"], r["counted"]) for r in rows]
    number = await sql_value(
        "SELECT count(*) FROM obligation WHERE cause_kind = 'premium_movement'"
    )
    return Outcome(number, found)


async def pool_positions() -> Outcome:
    """In every pool year's book the members' positions sum to zero; every account has an owner."""
    rows = await sql(
        "SELECT b.code AS subject, sum(x.amount_fen)::bigint AS fen,"
        " count(*) FILTER (WHERE a.owner IS NULL) AS ownerless FROM book b"
        " JOIN account a ON a.book = b.id JOIN entry_line x ON x.account = a.id"
        " WHERE b.kind = 'pool_year' GROUP BY b.code"
        " HAVING sum(x.amount_fen) <> 0 OR count(*) FILTER (WHERE a.owner IS NULL) > 0 ORDER BY 1"
    )
    found = [_differs(r["subject"], "成员净额合计", r["fen"], 0) for r in rows]
    return Outcome(await _count("pool_year"), found)


async def premium_series() -> Outcome:
    """Every movement made again by the rules, as known when it was recorded; drift below a fen."""
    rows = await sql("SELECT DISTINCT placement FROM premium_movement ORDER BY placement")
    found: list[Finding] = []
    for row in rows:
        story = await story_of(row["placement"])
        found += [
            _differs(
                f"{story.number}/{fault.movement}",
                f"{fault.component} {fault.member}",
                fault.stored_fen,
                fault.counted_fen,
            )
            for fault in faults(story)
        ]
    return Outcome(len(rows), found)


PREMIUM_INVARIANTS = {
    "premium_parts": ("共保保费分额等于变动", premium_parts),
    "premium_receipts": ("共保变动与保单收款一致", premium_receipts),
    "premium_sources": ("各来源退费不超过实缴", premium_sources),
    "premium_mirrors": ("保费冲销为逐项镜像", premium_mirrors),
    "premium_entries": ("共保分录等于分额", premium_entries),
    "premium_debts": ("保费应付与分录一致", premium_debts),
    "pool_positions": ("共保账成员净额合计为零", pool_positions),
    "premium_series": ("保费分摊可由规则重算", premium_series),
}

register(
    {
        "verify.premium_differs": Text(
            "{subject} 的“{what}”为 {stored_fen}，重算为 {counted_fen}",
            "“{what}” of {subject} is {stored_fen}, recomputed {counted_fen}",
            "请停止使用，并与最近的备份和封存核对",
            "Stop and compare with the latest backup and seals",
            "POOLS invariants 5–9",
        ),
    }
)
