"""A pool year as the tests of risks want it, planted by SQL; risks, lines, checks, bindings on it.

The first member is the world's insurer (clerk, manager) and holds every role; the others are
followers with a clerk `m<n>` and a manager `m<n>_manager`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import coinsurance
from coinsurance.rules.agreement.book import terms_of
from service.kernel.calendar import now
from service.kernel.db import sql, sql_value
from service.kernel.ledger import open_book
from service.kernel.rulebook import load
from service.kernel.shares import WHOLE_UNITS
from tests.factories import (
    World,
    make_in_library,
    make_organisation,
    make_token,
    make_user,
    upload,
)

BOOKS = Path(coinsurance.__file__).parent / "rules" / "books" / "pools"
ROLES = ["lead", "issuer", "claims_handler", "account_keeper"]
LIMIT = 100_000_000_000
"""Ten hundred million yuan in fen: the sum insured of a test risk."""


@dataclass
class Year:
    """A planted pool year: its number, key, members by login and the product its issuer sells."""

    number: str
    id: int
    product: str
    members: dict[str, int] = field(default_factory=dict)
    usccs: dict[str, str] = field(default_factory=dict)


async def plant_year(
    world: World,
    code: str = "biomedicine",
    *,
    followers: int = 3,
    shares: list[int] | None = None,
    capacity_fen: tuple[int, int, int] = (LIMIT, 2 * LIMIT, 4 * LIMIT),
    product: str | None = None,
    serial: int = 300,
    status: str = "open",
    start_on: str = "2026-01-01",
    end_on: str = "2026-12-31",
    others: dict[str, int] | None = None,
    prefix: str = "m",
    text: str | None = None,
) -> Year:
    """A pool with its agreement in force and a year with members; `shares`: its schedule.

    `text`: an agreement of its own instead of the shipped one of that code.
    """
    body = text or (BOOKS / f"{code}.toml").read_text("utf-8")
    number, year_id = await plant_pool(code, body, status, start_on, end_on)
    made = Year(number, year_id, product or await make_in_library(world))
    await add_member(made, "clerk", world.organisations["insurer"], 1, ROLES, capacity_fen)
    made.usccs["clerk"] = world.usccs["insurer"]
    for n in range(2, followers + 2):
        login = f"{prefix}{n}"
        if others is not None:
            key = others[login]
            uscc = await sql_value("SELECT uscc FROM organisation WHERE id = $1", key)
        else:
            name = f"示例成员{n}财产保险股份有限公司"
            key, uscc = await make_organisation(name, "insurer", serial + n)
            await people(world, key, login)
        made.usccs[login] = uscc
        await add_member(made, login, key, n, ["follower"], capacity_fen)
    if shares is not None:
        await plant_schedule(made, shares)
    return made


async def plant_pool(
    code: str, body: str, status: str, start_on: str, end_on: str
) -> tuple[str, int]:
    """A pool, its agreement in force and a year without members; number and key of the year."""
    terms = terms_of(body)
    user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'officer'")
    pool = await sql_value(
        "INSERT INTO pool (code, family, name, industry, status, revision, recorded_at,"
        " recorded_by) VALUES ($1, $2, $3, $4, 'active', 1, $5, $6) RETURNING id",
        code,
        f"pool/{code}",
        terms.pool_name,
        terms.industry,
        now(),
        user,
    )
    agreement = await sql_value(
        "INSERT INTO pool_agreement (pool, version, title, status, valid_from, body, hash,"
        " resolution_number, effective_at, revision, recorded_at, recorded_by) VALUES ($1, $2, $3,"
        " 'effective', $4, $5, $6, '示例决〔2025〕1号', $7, 1, $7, $8) RETURNING id",
        pool,
        load(body).version,
        terms.title_zh,
        terms.valid_from,
        body,
        terms.hash,
        now(),
        user,
    )
    number = f"{code}-2026"
    book = await open_book(f"pool:{number}", "pool_year", f"{terms.pool_name} 2026 年度")
    year_id = await sql_value(
        "INSERT INTO pool_year (number, pool, year, agreement, share_mode, currency, start_on,"
        " end_on, book, status, revision, recorded_at, recorded_by) VALUES ($1, $2, 2026, $3, $4,"
        " 'CNY', $5, $6, $7, $8, 1, $9, $10) RETURNING id",
        number,
        pool,
        agreement,
        terms.share_mode.value,
        date.fromisoformat(start_on),
        date.fromisoformat(end_on),
        book,
        status,
        now(),
        user,
    )
    return number, year_id


async def people(world: World, organisation: int, login: str) -> None:
    """A clerk and a manager of a member."""
    for name, role in ((login, "insurer_clerk"), (f"{login}_manager", "insurer_manager")):
        user = await make_user(organisation, name, role)
        world.headers[name] = await make_token(user, name)


async def add_member(
    year: Year,
    login: str,
    organisation: int,
    position: int,
    roles: list[str],
    capacity_fen: tuple[int, int, int],
) -> None:
    """An active member of a year."""
    root = await sql_value("SELECT legal_root FROM organisation WHERE id = $1", organisation)
    user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'officer'")
    await sql(
        "INSERT INTO pool_member (pool_year, organisation, legal_root, position, roles,"
        " risk_capacity_fen, event_capacity_fen, aggregate_capacity_fen, aggregate_used_fen,"
        " excluded_classes, status, joined_on, bank_account, revision, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, '{}', 'active', '2026-01-01', '', 1, $9, $10)",
        year.id,
        organisation,
        root,
        position,
        roles,
        *capacity_fen,
        now(),
        user,
    )
    year.members[login] = organisation


async def plant_schedule(year: Year, shares: list[int], valid_from: str = "2026-01-01") -> str:
    """A schedule of the year in force from a day; shares in the order of members."""
    assert sum(shares) == WHOLE_UNITS
    user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'officer'")
    number = f"SSY-{year.id}-{valid_from}"
    schedule = await sql_value(
        "INSERT INTO share_schedule (number, pool_year, mode, valid_from, status, reason, clause,"
        " resolution_number, effective_at, revision, recorded_at, recorded_by) VALUES ($1, $2,"
        " 'fixed', $3, 'effective', '年度份额', '第五条', '', $4, 1, $4, $5) RETURNING id",
        number,
        year.id,
        date.fromisoformat(valid_from),
        now(),
        user,
    )
    for n, (organisation, units) in enumerate(zip(year.members.values(), shares, strict=True), 1):
        await sql(
            "INSERT INTO share_item (schedule, organisation, position, share_units, basis_weight)"
            " VALUES ($1, $2, $3, $4, $4)",
            schedule,
            organisation,
            n,
            units,
        )
    return number


async def make_zones(world: World) -> list[str]:
    """A park with one building and two clean rooms in it."""
    for code, kind, name, parent in (
        ("P1", "park", "示例光谷生物城", ""),
        ("P1-B1", "building", "示例一号楼", "P1"),
        ("P1-B1-C1", "cleanroom", "示例洁净室甲", "P1-B1"),
        ("P1-B1-C2", "cleanroom", "示例洁净室乙", "P1-B1"),
    ):
        form = {"code": code, "kind": kind, "name": name, "parent": parent}
        await world.post("officer", "/accumulation-zones", form)
    return ["P1", "P1-B1", "P1-B1-C1", "P1-B1-C2"]


def risk(world: World, year: Year, **changes: Any) -> dict[str, Any]:
    """A risk that lacks nothing: ten hundred million yuan, two per mille, in one clean room."""
    return {
        "pool_year": year.number,
        "insured_uscc": world.usccs["enterprise"],
        "product": year.product,
        "title": "示例晶圆厂财产一切险",
        "business_class": "企业财产险",
        "site": "武汉东湖高新区示例路 1 号",
        "method": "lines",
        "start_on": "2026-12-15",
        "end_on": "2027-12-14",
        "rate_ppm": 2000,
        "sum_insured_fen": LIMIT,
        "premium_fen": 200_000_000,
        "deductible_fen": 50_000_000,
        "sections": [
            {"code": "A", "title": "物质损失", "limit_fen": LIMIT, "premium_fen": 200_000_000}
        ],
        "zones": [{"zone": "P1-B1-C1", "at_risk_ppm": 1_000_000}],
        "values": [
            {"item": "厂房", "location": "一号楼", "value_fen": LIMIT // 2},
            {"item": "设备", "location": "洁净室甲", "value_fen": LIMIT // 2},
        ],
        "survey": {
            "surveyed_on": "2026-10-10",
            "surveyor": "示例查勘机构",
            "facts": [{"name": "耐火等级", "value": "一级"}],
        },
    } | changes


async def make_risk(world: World, year: Year, **changes: Any) -> str:
    """A draft; returns its number."""
    state = await world.post("clerk", "/risks", risk(world, year, **changes))
    number: str = state["number"]
    return number


async def make_submitted(world: World, year: Year, **changes: Any) -> str:
    """A submitted risk."""
    number = await make_risk(world, year, **changes)
    await world.post("clerk", f"/risks/{number}/submission")
    return number


async def make_market(world: World, year: Year, **changes: Any) -> str:
    """A risk in the market until mid-December."""
    number = await make_submitted(world, year, **changes)
    await world.post("clerk", f"/risks/{number}/market", {"lines_until": "2026-12-10"})
    return number


def line(percent: str, **changes: Any) -> dict[str, Any]:
    """A line in percent that holds until the end of the year."""
    return {"written_percent": percent, "valid_until": "2026-12-31"} | changes


async def write_lines(world: World, number: str, lines: dict[str, Any]) -> None:
    """One line for each login: a percentage, or the whole form."""
    for login, asked in lines.items():
        form = line(asked) if isinstance(asked, str) else asked
        await world.post(login, f"/risks/{number}/lines", form)


async def consent(world: World) -> int:
    """The insured's consent, uploaded by the issuer."""
    return await upload(world, "clerk", "other", "consent.pdf")


async def make_checked(world: World, number: str, document: int | None = None) -> dict[str, Any]:
    """A legal-character check; returns it."""
    form = {
        "consent_document": document or await consent(world),
        "consented_on": "2026-11-20",
        "issued": "agreement_attached",
    }
    made: dict[str, Any] = await world.post("clerk", f"/risks/{number}/character-checks", form)
    return made


def binding(check: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """What a manager sends to bind."""
    number = check["risk"].replace("RK", "PYII")
    document = check["content"]["consent_document"]
    return {"policy_number": number, "consent_document": document} | changes


async def make_bound(
    world: World, year: Year, lines: dict[str, Any] | None = None, **changes: Any
) -> dict[str, Any]:
    """A bound risk; returns the state of its placement."""
    lines = lines or {"clerk": "40%", "m2": "30%", "m3": "20%", "m4": "10%"}
    number = await make_market(world, year, **changes)
    await write_lines(world, number, lines)
    check = await make_checked(world, number)
    state: dict[str, Any] = await world.post("manager", f"/risks/{number}/binding", binding(check))
    return state


async def refused(
    world: World, who: str | None, path: str, body: Any = None, method: str = "POST", **more: Any
) -> tuple[list[str], Any]:
    """Codes of what blocks, and the answer, of a call that has to be refused with remedies."""
    answer = await world.call(who, method, path, {} if body is None else body, **more)
    assert 400 <= answer.status_code < 500, answer.text
    found = answer.json()
    assert all(error["remedy_zh"] and error["message_zh"] for error in found["errors"])
    return [e["code"] for e in found["errors"] if e["severity"] == "blocker"], found
