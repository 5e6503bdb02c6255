"""The invariants of risks and placements: each recomputes one promise (POOLS invariants 1 to 4)."""

from __future__ import annotations

from typing import Any

from coinsurance.placements import gathering
from coinsurance.placements.due import READER
from coinsurance.placements.rows import risk_for
from coinsurance.rules.character import content_hash
from service.kernel import journal
from service.kernel.calendar import local_day
from service.kernel.db import sql, sql_value
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.shares import WHOLE_UNITS
from service.verify.invariants import Outcome


def _differs(subject: str, what: str, stored: Any, counted: Any) -> Finding:
    return blocker(
        "verify.money_differs",
        subject,
        subject=subject,
        what=what,
        stored=stored,
        counted=counted,
    )


async def _count(table: str, where: str = "true") -> int:
    number: int = await sql_value(f"SELECT count(*) FROM {table} WHERE {where}")
    return number


_ITEMS = """
SELECT h.number, h.valid_from, h.status, o.uscc, i.share_units FROM share_schedule h
JOIN share_item i ON i.schedule = h.id JOIN organisation o ON o.id = i.organisation
WHERE h.placement = $1 ORDER BY h.number, i.position
"""


async def placement_snapshots() -> Outcome:
    """Every snapshot has its hash, and its shares are the schedules of the first day of cover."""
    rows = await sql(
        "SELECT id, number, start_on, snapshot::text AS body, snapshot_hash AS hash"
        " FROM placement ORDER BY id"
    )
    found: list[Finding] = []
    for row in rows:
        snapshot = journal.parsed(row["body"])
        schedules: dict[str, dict[str, int]] = {}
        for item in await sql(_ITEMS, row["id"]):
            if item["status"] == "effective" and item["valid_from"] == row["start_on"]:
                schedules.setdefault(item["number"], {})[item["uscc"]] = item["share_units"]
        fits = content_hash(snapshot) == row["hash"] and all(
            schedules.get(section["schedule"])
            == {share["uscc"]: share["share_units"] for share in section["shares"]}
            for section in snapshot["sections"]
        )
        if not fits:
            found.append(blocker("verify.snapshot", row["number"], number=row["number"]))
    return Outcome(len(rows), found)


async def placement_shares() -> Outcome:
    """Every section of every placement is carried to the whole by each of its schedules."""
    rows = await sql(
        "SELECT l.number || '/' || s.code AS subject, coalesce(sum(i.share_units), 0)::bigint"
        " AS units FROM placement l JOIN risk_section s ON s.risk = l.risk"
        " LEFT JOIN share_schedule h ON h.section = s.id AND h.placement = l.id"
        "  AND h.status = 'effective' LEFT JOIN share_item i ON i.schedule = h.id"
        " GROUP BY l.id, s.id, h.id HAVING coalesce(sum(i.share_units), 0) <> $1"
        " ORDER BY l.id, s.position",
        WHOLE_UNITS,
    )
    found = [_differs(row["subject"], "share_units", WHOLE_UNITS, row["units"]) for row in rows]
    return Outcome(await _count("placement"), found)


async def placement_signing() -> Outcome:
    """The signed lines of every placement come again from what was written, unit by unit."""
    rows = await sql(
        "SELECT l.number, l.bound_at, r.number AS risk FROM placement l JOIN risk r"
        " ON r.id = l.risk WHERE r.method = 'lines' ORDER BY l.id"
    )
    found: list[Finding] = []
    for row in rows:
        access = await risk_for(READER, row["risk"])
        market = await gathering.market_of(access, local_day(row["bound_at"]))
        for part in market.sections:
            again = [line.signed_units for line in part.signed.lines] if part.signed else []
            stored = [line.signed_units for line in part.counted]
            if again != stored:
                subject = f"{row['number']}/{part.section.code}"
                found.append(_differs(subject, "signed_units", sum(map(_or_zero, stored)), again))
    return Outcome(len(rows), found)


def _or_zero(units: int | None) -> int:
    return units or 0


async def kept_exposure() -> Outcome:
    """Kept use of every zone and of every member's year is the sum of what is not released."""
    zones = await sql(
        "SELECT z.code || '/' || o.uscc AS subject, u.used_fen AS stored,"
        " coalesce(sum(e.amount_fen), 0)::bigint AS counted FROM zone_use u"
        " JOIN accumulation_zone z ON z.id = u.zone JOIN organisation o ON o.id = u.organisation"
        " LEFT JOIN placement_exposure e ON e.zone = u.zone AND e.organisation = u.organisation"
        "  AND e.released_at IS NULL GROUP BY z.code, o.uscc, u.used_fen"
        " HAVING u.used_fen <> coalesce(sum(e.amount_fen), 0) ORDER BY 1"
    )
    years = await sql(
        "SELECT y.number || '/' || o.uscc AS subject, m.aggregate_used_fen AS stored,"
        " coalesce(sum(e.amount_fen), 0)::bigint AS counted FROM pool_member m"
        " JOIN pool_year y ON y.id = m.pool_year JOIN organisation o ON o.id = m.organisation"
        " LEFT JOIN placement l ON l.pool_year = m.pool_year"
        " LEFT JOIN placement_exposure e ON e.placement = l.id AND e.organisation = m.organisation"
        "  AND e.zone IS NULL AND e.released_at IS NULL"
        " GROUP BY y.number, o.uscc, m.aggregate_used_fen"
        " HAVING m.aggregate_used_fen <> coalesce(sum(e.amount_fen), 0) ORDER BY 1"
    )
    lost = await sql(
        "SELECT z.code || '/' || e.organisation AS subject, 0 AS stored,"
        " sum(e.amount_fen)::bigint AS counted FROM placement_exposure e"
        " JOIN accumulation_zone z ON z.id = e.zone WHERE e.released_at IS NULL AND NOT EXISTS"
        " (SELECT 1 FROM zone_use u WHERE u.zone = e.zone AND u.organisation = e.organisation)"
        " GROUP BY z.code, e.organisation ORDER BY 1"
    )
    found = [
        _differs(row["subject"], what, row["stored"], row["counted"])
        for what, rows in (("zone_use", zones), ("aggregate_used", years), ("zone_use", lost))
        for row in rows
    ]
    return Outcome(await _count("placement_exposure"), found)


async def distinct_legal_persons() -> Outcome:
    """No placement was bound on two insurers of one legal person (保监发〔2002〕16号).

    As the kept check has them: insurers that merge later leave what is in force as it is.
    """
    rows = await sql(
        "SELECT l.number, i->>'legal_root' AS legal_root FROM placement l"
        " JOIN character_check k ON k.id = l.character_check,"
        " jsonb_array_elements(k.content->'facts'->'insurers') i"
        " GROUP BY l.number, i->>'legal_root' HAVING count(*) > 1 ORDER BY l.number"
    )
    found = [
        blocker(
            "verify.one_legal_person",
            row["number"],
            number=row["number"],
            root=row["legal_root"],
        )
        for row in rows
    ]
    return Outcome(await _count("placement"), found)


async def character_checks() -> Outcome:
    """Every check has the hash of its content; a bound risk rests on one of its own that passed."""
    rows = await sql(
        "SELECT number, passed, content::text AS body, hash FROM character_check ORDER BY id"
    )
    found = []
    for row in rows:
        content = journal.parsed(row["body"])
        if content_hash(content) != row["hash"] or content["passed"] != row["passed"]:
            found.append(blocker("verify.character_check", row["number"], number=row["number"]))
    for row in await sql(
        "SELECT l.number FROM placement l JOIN character_check c ON c.id = l.character_check"
        " WHERE NOT c.passed OR c.risk <> l.risk OR c.recorded_at > l.bound_at ORDER BY l.id"
    ):
        found.append(blocker("verify.character_check", row["number"], number=row["number"]))
    return Outcome(len(rows), found)


async def placement_four_eyes() -> Outcome:
    """Nobody bound a risk that the same person had written (DESIGN law 9)."""
    rows = await sql(
        "SELECT DISTINCT l.number AS subject, u.login AS person FROM placement l"
        " JOIN risk r ON r.id = l.risk JOIN journal_event e ON e.subject_kind = 'risk'"
        "  AND e.subject = r.number AND e.event IN ('draft', 'edit') AND e.actor = l.bound_by"
        " JOIN eastlake_user u ON u.id = l.bound_by ORDER BY 1"
    )
    found = [blocker("verify.four_eyes", row["subject"], **row) for row in rows]
    return Outcome(await _count("placement"), found)


async def risk_status() -> Outcome:
    """The status of every risk is the last one the journal moved it to."""
    return await _status("risk", "risk", "t.number")


async def line_status() -> Outcome:
    """The status of every line is the last one the journal moved it to."""
    return await _status("risk_line", "risk_line", "t.id::text")


async def placement_status() -> Outcome:
    """The status of every placement is the last one the journal moved it to."""
    return await _status("placement", "placement", "t.number")


async def subjectivity_status() -> Outcome:
    """The status of every condition is the last one the journal moved it to."""
    return await _status("subjectivity", "subjectivity", "t.id::text")


async def _status(table: str, kind: str, subject: str) -> Outcome:
    rows = await sql(
        "WITH last AS (SELECT DISTINCT ON (subject) subject, to_status FROM journal_event"
        " WHERE subject_kind = $1 AND to_status <> '' ORDER BY subject, id DESC)"
        f" SELECT {subject} AS subject, t.status, coalesce(l.to_status, '') AS journal"
        f" FROM {table} t LEFT JOIN last l ON l.subject = {subject}"
        " WHERE t.status IS DISTINCT FROM l.to_status ORDER BY 1",
        kind,
    )
    found = [blocker("verify.status_differs", row["subject"], **row) for row in rows]
    return Outcome(await _count(table), found)


PLACEMENT_INVARIANTS = {
    "placement_snapshots": ("承保快照与首日份额表一致", placement_snapshots),
    "placement_shares": ("各分项份额合计为整体", placement_shares),
    "placement_signing": ("签署份额可由认购份额重算", placement_signing),
    "kept_exposure": ("累积区与年度占用等于明细", kept_exposure),
    "distinct_legal_persons": ("同一保单无同一法人的两家机构", distinct_legal_persons),
    "character_checks": ("法律性质核查与摘要一致", character_checks),
    "placement_four_eyes": ("成单与经办分离", placement_four_eyes),
    "risk_status": ("风险状态与日志一致", risk_status),
    "line_status": ("份额线状态与日志一致", line_status),
    "placement_status": ("共保保单状态与日志一致", placement_status),
    "subjectivity_status": ("限期条件状态与日志一致", subjectivity_status),
}
"""By name: Chinese title and function."""

_STOP = ("请停止使用并从备份核对", "Stop and compare with a backup")

register(
    {
        "verify.snapshot": Text(
            "{number} 的承保快照与摘要或首日份额表不一致",
            "The snapshot of {number} fits neither its hash nor the shares of its first day",
            *_STOP,
            "POOLS invariant 8",
        ),
        "verify.one_legal_person": Text(
            "{number} 有同一法人（{root}）的两家机构",
            "{number} has two insurers of one legal person ({root})",
            *_STOP,
            "保监发〔2002〕16号",
        ),
        "verify.character_check": Text(
            "{number} 的法律性质核查与摘要不一致，或不是成单所依的核查",
            "The legal-character check of {number} does not fit its hash or its placement",
            *_STOP,
            "POOLS invariant 4",
        ),
    }
)
