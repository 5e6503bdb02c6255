"""The invariants of pools: agreements, years, members, schedules, consents (POOLS 1, 4, 11, 19)."""

from __future__ import annotations

from typing import Any

from coinsurance import (
    claim_indexes,
    indexes,
    premium_indexes,
    settlement_indexes,
    shortfall_indexes,
)
from coinsurance.pools import agreements as stored_agreements
from coinsurance.pools.consents import facts_of, party_rows, rule_of
from coinsurance.pools.readiness import SINGLE_ROLES
from coinsurance.rules.consents import OPEN, judge
from coinsurance.rules.workflows import (
    AGREEMENT,
    CONSENT,
    MEMBER,
    MEMBER_ACCOUNT,
    POOL,
    POOL_YEAR,
    SCHEDULE,
)
from service.kernel.calendar import now
from service.kernel.db import sql, sql_value
from service.kernel.findings import Finding, Text, blocker, blockers, register
from service.kernel.guards import switched_off
from service.kernel.shares import WHOLE_UNITS
from service.verify.invariants import Outcome

_SUBJECTS = (
    (POOL, "t.code"),
    (AGREEMENT, "(SELECT code FROM pool WHERE id = t.pool) || '/' || t.version"),
    (POOL_YEAR, "t.number"),
    (
        MEMBER,
        "(SELECT number FROM pool_year WHERE id = t.pool_year) || '/' ||"
        " (SELECT uscc FROM organisation WHERE id = t.organisation)",
    ),
    (
        MEMBER_ACCOUNT,
        "(SELECT y.number || '/' || o.uscc FROM pool_member m JOIN pool_year y"
        " ON y.id = m.pool_year JOIN organisation o ON o.id = m.organisation"
        " WHERE m.id = t.member) || '/' || t.number",
    ),
    (SCHEDULE, "t.number"),
    (CONSENT, "t.number"),
)
"""Life cycles, each named like its table, and the subject of a record in the journal."""


async def _count(table: str) -> int:
    number: int = await sql_value(f"SELECT count(*) FROM {table}")
    return number


_GUARDED = (indexes, premium_indexes, claim_indexes, settlement_indexes, shortfall_indexes)


async def pool_guards() -> Outcome:
    """The triggers that hold what was agreed and counted are switched on."""
    guards = [guard for module in _GUARDED for guard in module.GUARDS]
    found = [
        blocker("verify.pool_guard", table, table=table, guard=guard)
        for table, guard in await switched_off(guards)
    ]
    return Outcome(len(guards), found)


async def pool_status() -> Outcome:
    """Every status of pools, agreements, years, members, schedules, consents is the journal's."""
    counted, found = 0, []
    for workflow, subject in _SUBJECTS:
        table = workflow.name
        rows = await sql(
            "WITH last AS (SELECT DISTINCT ON (subject) subject, to_status FROM journal_event"
            " WHERE subject_kind = $1 AND to_status <> '' ORDER BY subject, id DESC)"
            f" SELECT {subject} AS subject, t.status, coalesce(l.to_status, '') AS journal"
            f" FROM {table} t LEFT JOIN last l ON l.subject = {subject}"
            " WHERE t.status IS DISTINCT FROM l.to_status ORDER BY 1",
            workflow.name,
        )
        found += [blocker("verify.status_differs", row["subject"], **row) for row in rows]
        counted += await _count(table)
    return Outcome(counted, found)


async def pool_steps() -> Outcome:
    """Every move of these records is a step of its life cycle and follows the one before."""
    steps = [
        f"{workflow.name}/{step.source}/{step.event}/{step.target}"
        for workflow, _ in _SUBJECTS
        for step in workflow.steps
    ]
    initial = [f"{workflow.name}/{workflow.initial}" for workflow, _ in _SUBJECTS]
    kinds = [workflow.name for workflow, _ in _SUBJECTS]
    rows = await sql(
        "SELECT * FROM (SELECT id, subject_kind, subject, event, from_status, to_status,"
        " lag(to_status) OVER (PARTITION BY subject_kind, subject ORDER BY id) AS before"
        " FROM journal_event WHERE subject_kind = ANY($1::text[]) AND to_status <> '') m"
        " WHERE CASE WHEN before IS NULL"
        " THEN NOT subject_kind || '/' || to_status = ANY($2::text[])"
        "  AND NOT (subject_kind = 'share_schedule' AND to_status = 'effective')"
        " ELSE from_status <> before OR NOT subject_kind || '/' || from_status || '/' || event"
        "  || '/' || to_status = ANY($3::text[]) END ORDER BY id",
        kinds,
        initial,
        steps,
    )
    found = [
        blocker("verify.step_unknown", row["subject"], subject=row["subject"], event=row["event"])
        for row in rows
    ]
    moves = await sql_value(
        "SELECT count(*) FROM journal_event WHERE subject_kind = ANY($1::text[])"
        " AND to_status <> ''",
        kinds,
    )
    return Outcome(moves, found)


async def schedules_whole() -> Outcome:
    """Every schedule, whatever became of it, sums to the whole and names no stranger."""
    rows = await sql(
        "SELECT s.number AS subject, coalesce(sum(i.share_units), 0)::bigint AS counted,"
        " count(i.id) FILTER (WHERE m.id IS NULL) AS strangers FROM share_schedule s"
        " LEFT JOIN share_item i ON i.schedule = s.id LEFT JOIN pool_member m"
        " ON m.pool_year = s.pool_year AND m.organisation = i.organisation"
        " GROUP BY s.id HAVING coalesce(sum(i.share_units), 0) <> $1"
        " OR count(i.id) FILTER (WHERE m.id IS NULL) > 0 ORDER BY s.id",
        WHOLE_UNITS,
    )
    found = [_differs(row["subject"], "share_units", WHOLE_UNITS, row["counted"]) for row in rows]
    return Outcome(await _count("share_schedule"), found)


async def schedules_journalled() -> Outcome:
    """The shares of every year's schedule are those its first event told."""
    rows = await sql(
        "SELECT s.number AS subject, j.facts->'shares' AS told, (SELECT jsonb_object_agg(o.uscc,"
        " i.share_units) FROM share_item i JOIN organisation o ON o.id = i.organisation"
        " WHERE i.schedule = s.id) AS held FROM share_schedule s LEFT JOIN LATERAL"
        " (SELECT e.facts, e.effective_on FROM journal_event e WHERE e.subject_kind ="
        "  'share_schedule' AND e.subject = s.number AND e.event = 'propose' ORDER BY e.id LIMIT 1)"
        " j ON true WHERE s.section IS NULL AND (j.facts->'shares' IS DISTINCT FROM"
        " (SELECT jsonb_object_agg(o.uscc, i.share_units) FROM share_item i JOIN organisation o"
        "  ON o.id = i.organisation WHERE i.schedule = s.id)"
        " OR j.effective_on IS DISTINCT FROM s.valid_from) ORDER BY s.id"
    )
    found = [_differs(row["subject"], "shares", row["held"], row["told"] or "–") for row in rows]
    number = await sql_value("SELECT count(*) FROM share_schedule WHERE section IS NULL")
    return Outcome(number, found)


async def schedules_forward() -> Outcome:
    """No later schedule of a year took effect for a day that had passed, or before the year."""
    rows = await sql(
        "SELECT number AS subject, valid_from AS stored, effective_day AS counted FROM (SELECT"
        " s.number, s.valid_from, (s.effective_at AT TIME ZONE 'Asia/Shanghai')::date AS"
        " effective_day, y.start_on, row_number() OVER (PARTITION BY s.pool_year ORDER BY"
        " s.valid_from) AS place FROM share_schedule s JOIN pool_year y ON y.id = s.pool_year"
        " WHERE s.section IS NULL AND s.status = 'effective') t WHERE CASE WHEN place = 1"
        " THEN valid_from <> start_on ELSE valid_from < effective_day END ORDER BY 1"
    )
    found = [_differs(row["subject"], "valid_from", row["stored"], row["counted"]) for row in rows]
    number = await sql_value("SELECT count(*) FROM share_schedule WHERE status = 'effective'")
    return Outcome(number, found)


async def agreements_hold() -> Outcome:
    """Every agreement that took effect has its hash and still passes all its worked cases."""
    rows = await sql(
        "SELECT a.*, p.code FROM pool_agreement a JOIN pool p ON p.id = a.pool"
        " WHERE a.status IN ('under_vote', 'effective', 'superseded') ORDER BY a.id"
    )
    found = []
    for row in rows:
        wrong = blockers(stored_agreements.check_stored(row))
        if wrong:
            name = f"{row['code']}/{row['version']}"
            found.append(blocker("verify.agreement", name, name=name, detail=wrong[0].text("zh")))
    return Outcome(len(rows), found)


_CONSENTED = """
SELECT subject FROM (
  SELECT 'pool_agreement' AS kind, p.code || '/' || a.version AS subject FROM pool_agreement a
    JOIN pool p ON p.id = a.pool WHERE a.status IN ('effective', 'superseded')
  UNION ALL SELECT 'share_schedule', s.number FROM share_schedule s
    WHERE s.section IS NULL AND s.status = 'effective'
) t WHERE NOT EXISTS (SELECT 1 FROM consent_request r WHERE r.subject_kind = t.kind
  AND r.subject = t.subject AND r.status = 'given') ORDER BY 1
"""


async def consents_given() -> Outcome:
    """What is in force was consented to, and every closed request has the outcome of its answers.

    A deemed answer rests on a clause, a service and a deadline that had passed.
    """
    found: list[Finding] = [
        blocker("verify.no_consent", row["subject"], subject=row["subject"])
        for row in await sql(_CONSENTED)
    ]
    rows = await sql("SELECT * FROM consent_request ORDER BY id")
    for row in rows:
        parties = await party_rows(row["id"])
        if row["status"] != "withdrawn" and not _outcome_fits(row, parties):
            found.append(blocker("verify.consent_outcome", row["number"], number=row["number"]))
        for party in parties:
            if party["answer"] == "deemed" and not _deemed_rightly(row, party):
                found.append(
                    blocker("verify.deemed", row["number"], number=row["number"], who=party["name"])
                )
    return Outcome(len(rows), found)


def _outcome_fits(row: Any, parties: list[Any]) -> bool:
    judged = judge(rule_of(row), facts_of(parties), row["closed_at"] or now())
    if row["status"] == OPEN:
        return judged.outcome in (OPEN, "expired")
    return judged.outcome == row["status"]


def _deemed_rightly(row: Any, party: Any) -> bool:
    return bool(
        row["deemed_clause"]
        and row["deemed_clause"] in party["note"]
        and party["due_at"] is not None
        and party["answered_at"] >= party["due_at"]
    )


async def roles_held_once() -> Outcome:
    """In a signed year that still does business each single role is held by one active member."""
    rows = await sql(
        "SELECT y.number || '/' || r.role AS subject, count(m.id) AS counted FROM pool_year y"
        " CROSS JOIN unnest($1::text[]) r(role) LEFT JOIN pool_member m ON m.pool_year = y.id"
        " AND r.role = ANY(m.roles) AND m.status NOT IN ('invited', 'declined')"
        " WHERE y.status NOT IN ('draft', 'commuted') GROUP BY y.number, r.role"
        " HAVING count(m.id) <> 1 ORDER BY 1",
        [role.value for role in SINGLE_ROLES],
    )
    found = [_differs(row["subject"], "holders", 1, row["counted"]) for row in rows]
    return Outcome(await _count("pool_year"), found)


async def effect_four_eyes() -> Outcome:
    """Nobody let take effect, or opened, what the same person had written, put or signed."""
    rows = await sql(
        "SELECT DISTINCT d.subject, u.login AS person FROM journal_event d JOIN journal_event p"
        " ON p.subject_kind = d.subject_kind AND p.subject = d.subject AND p.actor = d.actor"
        " JOIN eastlake_user u ON u.id = d.actor"
        " WHERE (d.subject_kind, d.event) IN (('pool_agreement', 'take_effect'),"
        "  ('share_schedule', 'take_effect'), ('pool_year', 'open'))"
        " AND p.event IN ('draft', 'ask', 'propose', 'sign') ORDER BY 1"
    )
    found = [blocker("verify.four_eyes", row["subject"], **row) for row in rows]
    decided = await sql_value(
        "SELECT count(*) FROM journal_event WHERE event = 'take_effect' OR"
        " (subject_kind = 'pool_year' AND event = 'open')"
    )
    return Outcome(decided, found)


async def member_accounts() -> Outcome:
    """The account of a seat is the last one confirmed for it, where one was; last digits shown."""
    rows = await sql(
        "SELECT y.number || '/' || o.uscc AS subject, right(m.bank_account, 4) AS stored,"
        " right(a.bank_account, 4) AS counted FROM pool_member m"
        " JOIN pool_year y ON y.id = m.pool_year JOIN organisation o ON o.id = m.organisation"
        " JOIN LATERAL (SELECT c.bank_account FROM pool_member_account c WHERE c.member = m.id"
        "  AND c.status = 'confirmed' ORDER BY c.number DESC LIMIT 1) a ON true"
        " WHERE a.bank_account <> m.bank_account ORDER BY 1"
    )
    found = [_differs(what="bank_account", **row) for row in rows]
    return Outcome(await _count("pool_member_account"), found)


def _differs(subject: str, what: str, stored: Any, counted: Any) -> Finding:
    return blocker(
        "verify.money_differs", subject, subject=subject, what=what, stored=stored, counted=counted
    )


POOL_INVARIANTS = {
    "pool_guards": ("共保数据的保护已启用", pool_guards),
    "pool_status": ("共保体各项状态与日志一致", pool_status),
    "pool_steps": ("共保体各项状态变化均为规定步骤", pool_steps),
    "schedules_whole": ("每份份额表合计为整体", schedules_whole),
    "schedules_journalled": ("年度份额表与日志一致", schedules_journalled),
    "schedules_forward": ("份额变更只向后生效", schedules_forward),
    "agreements_hold": ("协议与摘要一致且算例通过", agreements_hold),
    "consents_given": ("生效事项均有同意，答复与结果相符", consents_given),
    "roles_held_once": ("各职责由唯一成员承担", roles_held_once),
    "effect_four_eyes": ("生效与经办分离", effect_four_eyes),
    "member_accounts": ("成员结算账户为最近一次核实的账户", member_accounts),
}
"""By name: Chinese title and function."""

_STOP = ("请停止使用并从备份核对", "Stop and compare with a backup")

register(
    {
        "verify.pool_guard": Text(
            "表 {table} 的保护 {guard} 被停用",
            "The guard {guard} of the table {table} is switched off",
            *_STOP,
            "DESIGN law 6",
        ),
        "verify.agreement": Text(
            "协议 {name} 与其摘要不一致，或算例不再通过：{detail}",
            "The agreement {name} does not fit its hash or fails a worked case: {detail}",
            *_STOP,
            "DESIGN law 8",
        ),
        "verify.no_consent": Text(
            "{subject} 已生效，却没有获得同意的征求记录",
            "{subject} is in force without a request that was given",
            *_STOP,
            "POOLS invariant 11",
        ),
        "verify.consent_outcome": Text(
            "征求同意 {number} 的结果与各成员答复不符",
            "The outcome of the request {number} is not that of its answers",
            *_STOP,
            "POOLS invariant 11",
        ),
        "verify.deemed": Text(
            "征求同意 {number} 中“{who}”的默示同意没有条款、送达或期满的依据",
            "The deemed consent of {who} in {number} lacks its clause, service or deadline",
            *_STOP,
            "POOLS invariant 11",
        ),
    }
)
