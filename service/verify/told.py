"""The invariants of what was told and granted: cover, time to answer, quotas, users' roles.

Guards refuse to change most of it; what somebody changed past them shows here.
"""

from __future__ import annotations

from typing import Any

from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.deadlines import Counted, late_from
from coinsurance.rules.premium_cover import NO_CONDITION
from service.kernel.calendar import local_day
from service.kernel.db import sql, sql_value
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.journal import parsed
from service.verify.invariants import Outcome

_COVER = """
WITH told AS (SELECT DISTINCT ON (subject) subject, facts ->> 'cover_from' AS day
  FROM journal_event WHERE subject_kind = 'placement' AND event = 'cover'
  ORDER BY subject, id DESC)
SELECT l.number, l.start_on, l.cover_from, l.agreement, t.subject IS NOT NULL AS told, t.day::date
FROM placement l LEFT JOIN told t ON t.subject = l.number ORDER BY l.id
"""
_ASKED = """
SELECT r.number, r.due_days, r.due_calendar, r.due_at, o.short_name AS party, p.served_at,
  p.due_at AS party_due_at FROM consent_request r JOIN consent_party p ON p.request = r.id
  JOIN organisation o ON o.id = p.organisation ORDER BY r.id, p.position
"""
_GRANTED = """
SELECT q.number, q.quota_fen, q.valid_to, g.facts ->> 'quota_fen' AS granted,
  g.facts ->> 'valid_to' AS until FROM qualification q LEFT JOIN LATERAL (
    SELECT facts FROM journal_event WHERE subject_kind = 'qualification' AND subject = q.number
      AND event = 'grant' ORDER BY id DESC LIMIT 1) g ON true
WHERE (q.quota_fen::text, q.valid_to::text) IS DISTINCT FROM (g.facts ->> 'quota_fen',
  g.facts ->> 'valid_to') ORDER BY q.id
"""
_ROLES = """
SELECT u.login, u.roles, c.facts AS made, r.facts AS changed FROM eastlake_user u
CROSS JOIN LATERAL (SELECT facts FROM journal_event WHERE subject_kind = 'user'
    AND subject = u.login AND event = 'create' ORDER BY id LIMIT 1) c
LEFT JOIN LATERAL (SELECT facts FROM journal_event WHERE subject_kind = 'user'
    AND subject = u.login AND facts -> 'changed' ? 'roles' ORDER BY id DESC LIMIT 1) r ON true
ORDER BY u.id
"""


def _differs(subject: str, zh: str, stored: Any, counted: Any) -> Finding:
    return blocker(
        "verify.told_differs",
        subject,
        subject=subject,
        what=zh,
        stored="—" if stored in (None, "") else str(stored),
        counted="—" if counted in (None, "") else str(counted),
    )


async def cover_days() -> Outcome:
    """Cover began when the journal says, or with the period where nothing has to be paid first."""
    bodies = await sql(
        "SELECT id, body FROM pool_agreement WHERE id IN (SELECT agreement FROM placement)"
    )
    free = {
        row["id"] for row in bodies if terms_of(row["body"]).no_premium_no_cover == NO_CONDITION
    }
    rows = await sql(_COVER)
    found = []
    for row in rows:
        begins = row["start_on"] if row["agreement"] in free else None
        counted = row["day"] if row["told"] else begins
        if row["cover_from"] != counted:
            found.append(_differs(row["number"], "保障起始日", row["cover_from"], counted))
    return Outcome(len(rows), found)


async def consent_days() -> Outcome:
    """Everybody's last moment to answer runs from its service; the request's is the latest."""
    rows = await sql(_ASKED)
    found: list[Finding] = []
    by_request: dict[str, list[Any]] = {}
    for row in rows:
        by_request.setdefault(row["number"], []).append(row)
        stored = row["party_due_at"]
        if stored is None:
            continue
        served = row["served_at"]
        term = Counted(row["due_days"], row["due_calendar"])
        counted = late_from(term, local_day(served)) if served else None
        if stored != counted:
            subject = f"{row['number']} {row['party']}"
            found.append(_differs(subject, "答复期限", stored, counted))
    for number, parties in by_request.items():
        told = [row["party_due_at"] for row in parties]
        latest = max(told) if None not in told else None
        if parties[0]["due_at"] != latest:
            found.append(_differs(number, "答复期限", parties[0]["due_at"], latest))
    return Outcome(len(rows), found)


async def granted_quotas() -> Outcome:
    """Every quota, and its last day, is what was granted by the journal."""
    rows = await sql(_GRANTED)
    found = []
    for row in rows:
        granted = f"{row['granted']} / {row['until']}"
        found.append(
            _differs(row["number"], "资格额度", f"{row['quota_fen']} / {row['valid_to']}", granted)
        )
    return Outcome(await sql_value("SELECT count(*) FROM qualification"), found)


async def granted_roles() -> Outcome:
    """Everybody whom the journal made has the roles that it says."""
    rows = await sql(_ROLES)
    found = []
    for row in rows:
        told = parsed(row["made"]).get("roles", [])
        if row["changed"] is not None:
            told = parsed(row["changed"])["changed"]["roles"][1]
        held = sorted(row["roles"])
        if held != sorted(told):
            found.append(_differs(row["login"], "用户角色", "、".join(held), "、".join(told)))
    return Outcome(len(rows), found)


TOLD_INVARIANTS = {
    "cover_days": ("保障起始日与日志一致", cover_days),
    "consent_days": ("答复期限可由送达重算", consent_days),
    "granted_quotas": ("资格额度与批准一致", granted_quotas),
    "granted_roles": ("用户角色与日志一致", granted_roles),
}

register(
    {
        "verify.told_differs": Text(
            "{subject} 的“{what}”为 {stored}，按记录应为 {counted}",
            "“{what}” of {subject} is {stored}; by what was recorded it is {counted}",
            "请停止使用，并与最近的备份和封存核对",
            "Stop and compare with the latest backup and seals",
            "DESIGN law 6",
        ),
    }
)
