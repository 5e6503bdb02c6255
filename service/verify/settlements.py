"""The invariants of settlement (POOLS 13, 14, 15, 17, 21): statements, runs, disputes, banks."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from coinsurance.rules.settlement.items import DISPUTED
from coinsurance.rules.settlement.obligations import status_of
from coinsurance.rules.settlement.statements import digest, figures
from coinsurance.rules.settlement.workflows import (
    BREAK,
    CERTIFICATE,
    DISPUTE,
    SETTLEMENT_RUN,
    STATEMENT,
    STATEMENT_PERIOD,
    WORKFLOWS,
)
from coinsurance.settlements.lines import Cover, sums
from service.kernel import journal
from service.kernel.db import sql, sql_value
from service.kernel.findings import Finding, Text, blocker, register
from service.verify.invariants import Outcome

_FLOWS = (STATEMENT, STATEMENT_PERIOD, DISPUTE, SETTLEMENT_RUN, BREAK, CERTIFICATE)


async def _count(table: str) -> int:
    number: int = await sql_value(f"SELECT count(*) FROM {table}")  # noqa: S608
    return number


def _differs(subject: str, what: str, stored: int, counted: int) -> Finding:
    return blocker(
        "verify.settlement_differs",
        subject,
        subject=subject,
        what=what,
        stored_fen=stored,
        counted_fen=counted,
    )


def _broken(subject: str, what: str) -> Finding:
    return blocker("verify.settlement_broken", subject, subject=subject, what=what)


def _each(rows: Iterable[Any], what: str) -> list[Finding]:
    return [_differs(row["subject"], what, row["stored"], row["counted"]) for row in rows]


_PERIODS = """
SELECT p.id, p.number, y.book, b.code AS book_code, p.to_month, p.seal,
  coalesce(v.to_month, '') AS previous_month, coalesce(v.seal, 0) AS previous_seal
FROM statement_period p JOIN pool_year y ON y.id = p.pool_year JOIN book b ON b.id = y.book
  LEFT JOIN statement_period v ON v.id = p.previous ORDER BY p.id
"""
_STATEMENTS = """
SELECT s.*, v.carried_forward_fen AS last_fen, v.disputed_fen AS last_disputed_fen
FROM statement s JOIN statement_period p ON p.id = s.period
  LEFT JOIN LATERAL (SELECT x.carried_forward_fen, x.disputed_fen FROM statement x
    WHERE x.period = p.previous AND x.organisation = s.organisation
    ORDER BY x.edition DESC LIMIT 1) v ON true
WHERE s.period = $1 ORDER BY s.id
"""


async def statement_figures() -> Outcome:
    """Every statement is what the book says under its seal; brought is what was carried."""
    counted, found = 0, []
    for period in await sql(_PERIODS):
        cover = Cover(
            period["book"],
            period["book_code"],
            period["to_month"],
            period["seal"],
            period["previous_month"],
            period["previous_seal"],
        )
        by_owner: dict[int, list[Any]] = {}
        for row in await sums(cover):
            by_owner.setdefault(row.owner, []).append(row)
        for statement in await sql(_STATEMENTS, period["id"]):
            counted += 1
            found += _statement(statement, by_owner.get(statement["organisation"], []))
    return Outcome(counted, found)


def _statement(row: Any, rows: list[Any]) -> list[Finding]:
    again = figures(rows, row["last_fen"] or 0, row["last_disputed_fen"] or 0)
    pairs = (
        ("期初", row["brought_forward_fen"], again.brought_forward_fen),
        ("本期项目", row["items_fen"], again.items_fen),
        ("本期结算", row["settled_fen"], again.settled_fen),
        ("期末", row["carried_forward_fen"], again.carried_forward_fen),
        ("争议挂账", row["disputed_fen"], again.disputed_fen),
        ("明细数", row["line_count"], again.lines),
    )
    found = [_differs(row["number"], what, a, b) for what, a, b in pairs if a != b]
    if digest(journal.parsed(row["content"])) != row["hash"]:
        found.append(_broken(row["number"], "结算单内容与摘要不一致"))
    return found


async def statement_hashes() -> Outcome:
    """The hash of every issued statement stands in the journal, where it was issued."""
    rows = await sql(
        "SELECT s.number FROM statement s WHERE s.issued_at IS NOT NULL AND NOT EXISTS ("
        " SELECT 1 FROM journal_event e WHERE e.subject_kind = 'statement'"
        " AND e.subject = s.number AND e.event = 'issue' AND e.facts->>'hash' = s.hash)"
        " ORDER BY s.id"
    )
    found = [_broken(row["number"], "日志中没有该结算单出具时的摘要") for row in rows]
    return Outcome(await _count("statement"), found)


async def statement_whole() -> Outcome:
    """The balances of all parties of a period sum to zero."""
    rows = await sql(
        "SELECT p.number AS subject, 0::bigint AS stored, sum(s.carried_forward_fen)::bigint"
        " AS counted FROM statement_period p JOIN (SELECT DISTINCT ON (period, organisation) *"
        "  FROM statement ORDER BY period, organisation, edition DESC) s ON s.period = p.id"
        " GROUP BY p.id HAVING sum(s.carried_forward_fen) <> 0 ORDER BY p.id"
    )
    return Outcome(await _count("statement_period"), _each(rows, "各方余额合计"))


async def settlement_status() -> Outcome:
    """Every status of settlement is the last one the journal moved it to."""
    counted, found = 0, []
    for workflow in _FLOWS:
        rows = await sql(
            "WITH last AS (SELECT DISTINCT ON (subject) subject, to_status FROM journal_event"  # noqa: S608
            " WHERE subject_kind = $1 AND to_status <> '' ORDER BY subject, id DESC)"
            f" SELECT t.number AS subject, t.status, coalesce(l.to_status, $2) AS journal"
            f" FROM {workflow.name} t LEFT JOIN last l ON l.subject = t.number"
            " WHERE t.status IS DISTINCT FROM coalesce(l.to_status, $2) ORDER BY 1",
            workflow.name,
            workflow.initial,
        )
        found += [blocker("verify.status_differs", row["subject"], **row) for row in rows]
        counted += await _count(workflow.name)
    return Outcome(counted, found)


async def settlement_steps() -> Outcome:
    """Every move of these records is a step of its life cycle."""
    steps = [
        (flow.name, step.source, step.event, step.target)
        for flow in WORKFLOWS
        for step in flow.steps
    ]
    rows = await sql(
        "SELECT e.subject_kind || ' ' || e.subject AS subject, e.event FROM journal_event e"
        " WHERE e.subject_kind = ANY($1::text[]) AND e.from_status <> '' AND e.to_status <> ''"
        " AND NOT EXISTS (SELECT 1 FROM unnest($1::text[], $2::text[], $3::text[], $4::text[])"
        " s(kind, source, event, target) WHERE (s.kind, s.source, s.event, s.target)"
        " = (e.subject_kind, e.from_status, e.event, e.to_status)) ORDER BY e.id",
        *(list(column) for column in zip(*steps, strict=True)),
    )
    found = [_broken(row["subject"], f"不是规定的步骤：{row['event']}") for row in rows]
    return Outcome(len(steps), found)


async def obligations() -> Outcome:
    """What is settled was discharged; held and struck parts fit; the status follows from them.

    An unpaid debt is void once what it was owed for was reversed or released.
    """
    rows = await sql(
        "SELECT b.number, b.amount_fen, b.settled_fen, b.status,"
        " CASE b.cause_kind WHEN 'claim_movement' THEN EXISTS (SELECT 1 FROM claim_movement m"
        "   WHERE m.reversal_of = b.cause)"
        "  WHEN 'cash_call' THEN EXISTS (SELECT 1 FROM cash_call k"
        "   WHERE k.id = b.cause AND k.status = 'released')"
        "  WHEN 'shortfall' THEN EXISTS (SELECT 1 FROM shortfall_charge c"
        "   WHERE c.reversal_of = b.cause) ELSE false END AS undone,"
        " coalesce(d.fen, 0)::bigint AS paid, coalesce(h.held, 0)::bigint AS held,"
        " coalesce(h.struck, 0)::bigint AS struck FROM obligation b"
        " LEFT JOIN (SELECT obligation, sum(amount_fen) AS fen FROM discharge GROUP BY 1) d"
        "  ON d.obligation = b.id LEFT JOIN (SELECT obligation,"
        "  sum(amount_fen) FILTER (WHERE state = 'held') AS held,"
        "  sum(amount_fen) FILTER (WHERE state = 'struck') AS struck"
        "  FROM obligation_hold GROUP BY 1) h ON h.obligation = b.id ORDER BY b.id"
    )
    found: list[Finding] = []
    for row in rows:
        number, settled_fen = row["number"], row["settled_fen"]
        if settled_fen != row["paid"]:
            found.append(_differs(number, "已清偿", settled_fen, row["paid"]))
        taken_fen = settled_fen + row["held"] + row["struck"]
        if taken_fen > row["amount_fen"]:
            found.append(_differs(number, "清偿与争议合计", row["amount_fen"], taken_fen))
        elif not _stands(row):
            found.append(_broken(number, "状态与清偿、争议不符"))
    return Outcome(len(rows), found)


def _stands(row: Any) -> bool:
    if row["status"] == "void" and row["undone"] and not row["settled_fen"]:
        return True
    counted = status_of(row["amount_fen"], row["settled_fen"], row["held"], row["struck"])
    return bool(row["status"] == counted)


_PAID = """
SELECT i.reference AS subject, i.paid_fen AS stored, coalesce(e.fen, 0)::bigint AS counted
FROM payment_instruction i LEFT JOIN (
  SELECT x.facts->>'reference' AS reference, sum(l.amount_fen) AS fen FROM entry x
    JOIN entry_line l ON l.entry = x.id AND l.amount_fen > 0 WHERE x.reason = 'settlement'
   GROUP BY 1) e ON e.reference = i.reference
WHERE i.paid_fen <> coalesce(e.fen, 0) ORDER BY i.id
"""
_CHAINED = """
SELECT i.reference AS subject, i.amount_fen AS stored, coalesce(p.fen, 0)::bigint AS counted
FROM payment_instruction i LEFT JOIN (SELECT instruction, sum(amount_fen) AS fen
  FROM settlement_part WHERE hop = 0 GROUP BY 1) p ON p.instruction = i.id
WHERE i.amount_fen <> coalesce(p.fen, 0) ORDER BY i.id
"""


async def settlement_runs() -> Outcome:
    """No run changes a position; instructions are their chains; what is paid was posted."""
    found: list[Finding] = []
    rows = await sql("SELECT number, proof, hash, gross_fen, cash_fen FROM settlement_run")
    for row in rows:
        proof = journal.parsed(row["proof"])
        nets = [[[p[0], p[3]] for p in proof[side]] for side in ("before", "after")]
        if nets[0] != nets[1] or sum(net for _, net in nets[1]) != 0:
            found.append(_broken(row["number"], "轧差改变了成员净额，或合计不为零"))
        if digest(proof) != row["hash"]:
            found.append(_broken(row["number"], "批次证明与摘要不一致"))
    found += _each(await sql(_PAID), "已付金额")
    found += _each(await sql(_CHAINED), "指令金额")
    return Outcome(len(rows), found)


async def dispute_accounts() -> Outcome:
    """The side account of every party holds exactly its open disputes."""
    rows = await sql(
        "SELECT a.code AS subject, coalesce(l.fen, 0)::bigint AS stored,"
        " coalesce(d.fen, 0)::bigint AS counted FROM account a JOIN book b ON b.id = a.book"
        " JOIN pool_year y ON y.book = b.id LEFT JOIN (SELECT account, sum(amount_fen) AS fen"
        "  FROM entry_line GROUP BY 1) l ON l.account = a.id"
        " LEFT JOIN (SELECT pool_year, organisation, sum(amount_fen) AS fen FROM dispute"
        "  WHERE status IN ('open', 'escalated', 'referred') GROUP BY 1, 2) d"
        "  ON d.pool_year = y.id AND d.organisation = a.owner"
        " WHERE a.code LIKE $1 AND coalesce(l.fen, 0) <> coalesce(d.fen, 0) ORDER BY a.id",
        f"{DISPUTED}:%",
    )
    return Outcome(await _count("dispute"), _each(rows, "争议挂账余额"))


async def bank_rows() -> Outcome:
    """What was booked of a bank row is in its entry, and never more than the row."""
    rows = await sql(
        "SELECT r.bank_reference AS subject, r.booked_fen AS stored, coalesce(l.fen, 0)::bigint"
        " AS counted FROM bank_row r LEFT JOIN LATERAL (SELECT sum(x.amount_fen) AS fen"
        "  FROM entry_line x WHERE x.entry = r.entry AND x.amount_fen > 0) l ON true"
        " WHERE r.booked_fen <> coalesce(l.fen, 0) ORDER BY r.id"
    )
    over = await sql(
        "SELECT r.bank_reference AS subject, r.amount_fen AS stored,"
        " (r.booked_fen + sum(a.booked_fen))::bigint AS counted FROM bank_row r"
        " JOIN bank_assignment a ON a.row = r.id GROUP BY r.id"
        " HAVING r.booked_fen + sum(a.booked_fen) > r.amount_fen ORDER BY r.id"
    )
    found = _each(rows, "银行流水入账") + _each(over, "银行流水分配")
    return Outcome(await _count("bank_row"), found)


async def certificates() -> Outcome:
    """Certificates and evidence bundles are what their hashes were taken over."""
    found = [
        _broken(row["number"], "证明内容与摘要不一致")
        for row in await sql("SELECT number, content, hash FROM no_difference_certificate")
        if digest(journal.parsed(row["content"])) != row["hash"]
    ]
    found += [
        _broken(row["number"], "证据包内容与摘要不一致")
        for row in await sql(
            "SELECT e.number, e.archive_hash, a.content FROM evidence_bundle e"
            " JOIN evidence_archive a ON a.bundle = e.id ORDER BY e.id"
        )
        if hashlib.sha256(row["content"]).hexdigest() != row["archive_hash"]
    ]
    return Outcome(
        await _count("no_difference_certificate") + await _count("evidence_bundle"), found
    )


async def settlement_four_eyes() -> Outcome:
    """Who prepared statements, a run or a certificate did not approve it."""
    rows = await sql(
        "SELECT s.number FROM statement s JOIN statement_period p ON p.id = s.period"
        " WHERE s.approved_by = p.prepared_by UNION ALL"
        " SELECT number FROM settlement_run WHERE agreed_by = prepared_by UNION ALL"
        " SELECT number FROM no_difference_certificate WHERE confirmed_by = prepared_by ORDER BY 1"
    )
    found = [_broken(row["number"], "经办与复核为同一人") for row in rows]
    return Outcome(await _count("statement") + await _count("settlement_run"), found)


SETTLEMENT_INVARIANTS = {
    "statement_figures": ("结算单可由账簿重算，期初等于上期期末", statement_figures),
    "statement_hashes": ("结算单摘要在日志中", statement_hashes),
    "statement_whole": ("同期结算单各方余额合计为零", statement_whole),
    "settlement_status": ("结算记录状态与日志一致", settlement_status),
    "settlement_steps": ("结算记录均按规定步骤变化", settlement_steps),
    "obligations": ("应付事项的清偿与争议相符", obligations),
    "settlement_runs": ("清算不改变净额且与分录相符", settlement_runs),
    "dispute_accounts": ("争议挂账等于未了结的争议", dispute_accounts),
    "bank_rows": ("银行流水与分录相符", bank_rows),
    "settlement_certificates": ("证明与证据包和摘要一致", certificates),
    "settlement_four_eyes": ("结算经办与复核分离", settlement_four_eyes),
}

_STOP = ("请停止使用并从备份核对", "Stop and compare with a backup")
register(
    {
        "verify.settlement_differs": Text(
            "{subject} 的“{what}”为 {stored_fen}，按账簿重算为 {counted_fen}",
            "“{what}” of {subject} is {stored_fen}, recomputed {counted_fen}",
            *_STOP,
            "POOLS invariants 13 to 15",
        ),
        "verify.settlement_broken": Text(
            "{subject} 有误：{what}",
            "{subject} is wrong: {what}",
            *_STOP,
            "POOLS invariants 13 to 21",
        ),
    }
)
