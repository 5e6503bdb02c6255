"""Pools, agreements, years, members, shares, consents: planted in the state each route starts from.

The insurer of `manager` leads the pools `recipe-…` but for `recipe-follow`, where it follows `m2`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import tests
from coinsurance.rules.agreement.book import terms_of
from service.kernel.calendar import now
from service.kernel.db import sql, sql_value
from service.kernel.ledger import open_book
from service.kernel.rulebook import load
from tests.coinsurance.pooling import invitation, make_insurer
from tests.contract.stage import Call, Stage

API = "/api/v1"
TEXT = (Path(tests.__file__).parent / "cases" / "books" / "commercial-space.toml").read_text(
    "utf-8"
)
POOL = f"{API}/pools/{{code}}"
AGREEMENT = f"{POOL}/agreements/{{agreement}}"
YEAR = f"{API}/pool-years/{{number}}"
MEMBER = f"{YEAR}/members/{{uscc}}"
SCHEDULE = f"{API}/share-schedules/{{number}}"
CONSENT = f"{API}/consent-requests/{{number}}"
WHAT_IF = f"{API}/what-if"
NOTE = {"note": "示例事由"}
RESOLUTION = {"resolution_number": "示例决〔2026〕1号"}
VERSION = "2026.1"
LEAD = ["lead", "issuer", "claims_handler", "account_keeper"]
FEN = 10_000_000_000


def pool(name: str, who: str, json: Any = None) -> Call:
    """A call on the pool `recipe-<name>`."""
    return Call(who, json=json, params={"code": f"recipe-{name}"})


def version(name: str, who: str, json: Any = None, **more: Any) -> Call:
    """A call on the agreement of a pool."""
    return Call(who, json=json, params={"code": f"recipe-{name}", "agreement": VERSION}, **more)


def year(name: str, who: str, json: Any = None, **more: Any) -> Call:
    """A call on the year 2026 of a pool."""
    return Call(who, json=json, params={"number": f"recipe-{name}-2026"}, **more)


def member(name: str, who: str, of: str, json: Any = None, **more: Any) -> Call:
    """A call on the member `of` of a pool's year."""
    params = {"number": f"recipe-{name}-2026", "uscc": lambda stage: stage.values[f"pools.{of}"]}
    return Call(who, json=json, params=params, **more)


def at(name: str, who: str, json: Any = None, **more: Any) -> Call:
    """A call on a schedule or request that `prepare` made."""
    return Call(
        who, json=json, params={"number": lambda stage: stage.values[f"pools.{name}"]}, **more
    )


def _shares(stage: Stage) -> dict[str, Any]:
    codes = (stage.values["pools.clerk"], stage.values["pools.m2"])
    units = ("60%", "40%")
    shares = [{"uscc": code, "share": share} for code, share in zip(codes, units, strict=True)]
    return {"reason": "首份年度份额", "shares": shares}


def _invited(stage: Stage) -> dict[str, Any]:
    return invitation(stage.values["pools.m3"], ["follower"], (FEN, FEN, FEN))


def _founders(stage: Stage) -> dict[str, Any]:
    codes = (stage.values["pools.clerk"], stage.values["pools.m2"])
    return {"parties": [{"uscc": code, "share": "50%"} for code in codes]}


_HOLDERS = [{"name": "示例甲", "share": "60%"}, {"name": "示例乙", "share": "40%"}]
_WRITING: dict[str, Call] = {
    f"POST {API}/pools": Call("officer", json={"family": "pool/recipe-free"}),
    f"POST {POOL}/suspension": pool("open", "approver", NOTE),
    f"POST {POOL}/resumption": pool("resting", "approver", NOTE),
    f"POST {POOL}/winding-up": pool("open", "approver", NOTE),
    f"POST {POOL}/closing": pool("new", "approver", NOTE),
    f"POST {POOL}/agreements": pool("new", "officer", {"text": ""}),
    f"POST {AGREEMENT}/vote": version("drafted", "officer", _founders),
    f"POST {AGREEMENT}/effect": version("agreed", "approver", RESOLUTION),
    f"POST {AGREEMENT}/withdrawal": version("drafted", "officer", NOTE),
    f"POST {POOL}/years": pool("open", "officer", {"year": 2027}),
    f"POST {YEAR}/signing": year("ready", "officer", {}),
    f"POST {YEAR}/opening": year("signed", "approver", {}),
    f"POST {YEAR}/closing": year("open", "approver", NOTE),
    f"POST {YEAR}/run-off": year("closed", "approver", {}),
    f"POST {YEAR}/commutation": year("over", "approver", NOTE),
    f"POST {YEAR}/members": year("draft", "officer", _invited),
    f"POST {MEMBER}/acceptance": member("draft", "manager", "clerk", {"accept": True}),
    f"PUT {MEMBER}/capacity": member(
        "follow",
        "manager",
        "clerk",
        {
            "risk_capacity_fen": 100 * FEN,
            "event_capacity_fen": 200 * FEN,
            "aggregate_capacity_fen": 300 * FEN,
        },
        headers={"If-Match": "*"},
    ),
    f"POST {MEMBER}/suspension": member("open", "approver", "m2", NOTE),
    f"POST {MEMBER}/resumption": member("resting", "approver", "m2", NOTE),
    f"POST {MEMBER}/exit": member("follow", "manager", "clerk", NOTE),
    f"POST {MEMBER}/default": member(
        "open", "approver", "m2", {"cause": "licence_lost", "note": "许可证被吊销"}
    ),
    f"POST {MEMBER}/cure": member("cured", "approver", "m2", NOTE),
    f"POST {MEMBER}/roles": member("open", "approver", "m2", {"role": "issuer", **RESOLUTION}),
    f"POST {MEMBER}/shortfall": member("owing", "officer", "m2", NOTE),
    f"POST {YEAR}/shares": year("decided", "officer", _shares),
    f"POST {SCHEDULE}/vote": at("proposed", "officer", {}),
    f"POST {SCHEDULE}/effect": at("consented", "approver", RESOLUTION),
    f"POST {SCHEDULE}/withdrawal": at("proposed", "officer", NOTE),
    f"POST {CONSENT}/service": at("request", "officer", {"how": "系统通知并电子邮件"}),
    f"POST {CONSENT}/answers": at("request", "manager", {"answer": "consented"}),
}
_ASKING: dict[str, Call] = {
    f"POST {WHAT_IF}/shares": Call("clerk", json={"members": _HOLDERS, "exit": "示例乙"}),
    f"POST {WHAT_IF}/consents": Call(
        "clerk",
        json={
            "rule": "count",
            "count": 1,
            "days": 5,
            "parties": [{"name": "示例甲", "served_at": "2026-03-02T09:00:00+08:00"}],
            "moment": "2026-03-03T09:00:00+08:00",
        },
    ),
    f"POST {WHAT_IF}/deadlines": Call(
        "clerk", json={"terms": [{"start_on": "2025-09-26", "days": 10, "calendar": "working"}]}
    ),
    f"POST {WHAT_IF}/re-signing": Call("clerk", json={"members": _HOLDERS}),
    f"POST {WHAT_IF}/agreements": Call("clerk", json={"text": TEXT}),
}
WRITES = _WRITING | _ASKING
NOTHING_WRITTEN = set(_ASKING)
READS: dict[str, Call] = {
    f"GET {API}/pools": Call("clerk"),
    f"GET {POOL}": pool("open", "clerk"),
    f"GET {POOL}/agreements": pool("open", "clerk"),
    f"GET {AGREEMENT}": version("open", "clerk"),
    f"GET {AGREEMENT}/difference": version("open", "clerk"),
    f"GET {YEAR}": year("open", "clerk"),
    f"GET {YEAR}/members": year("open", "clerk"),
    f"GET {MEMBER}": member("open", "clerk", "m2"),
    f"GET {MEMBER}/shortfall": member("agreeing", "clerk", "m2"),
    f"GET {YEAR}/shares": year("open", "clerk"),
    f"GET {YEAR}/share-schedules": year("open", "clerk"),
    f"GET {YEAR}/re-signing": year("open", "clerk"),
    f"GET {YEAR}/balances": year("open", "clerk"),
    f"GET {SCHEDULE}": at("effective", "clerk"),
    f"GET {API}/consent-requests": Call("clerk"),
    f"GET {CONSENT}": at("request", "clerk"),
}


@dataclass(frozen=True, slots=True)
class Plan:
    """A pool to plant: how far its agreement, its year and its second member are."""

    name: str
    pool: str = "active"
    agreement: str | None = "effective"
    year: str | None = "open"
    lead: str = "clerk"
    first: str = "active"
    second: str = "active"
    schedule: str | None = "effective"


PLANS = (
    Plan("open"),
    Plan("follow", lead="m2"),
    Plan("new", pool="forming", agreement=None, year=None),
    Plan("drafted", pool="forming", agreement="draft", year=None),
    Plan("agreed", pool="forming", agreement="under_vote", year=None),
    Plan("resting", pool="suspended", second="suspended"),
    Plan("draft", pool="forming", year="draft", first="invited", second="active", schedule=None),
    Plan("voting", pool="forming", year="draft", schedule="proposed"),
    Plan("decided", pool="forming", year="draft", schedule="consented"),
    Plan("ready", pool="forming", year="draft"),
    Plan("signed", pool="forming", year="signed"),
    Plan("closed", year="closed_new"),
    Plan("over", year="run_off"),
    Plan("owing", second="defaulted"),
    Plan("agreeing", second="defaulted"),
    Plan("charged", second="defaulted"),
    Plan("cured", second="defaulted"),
)


async def prepare(stage: Stage) -> None:
    """Plant every pool; one vote is put through its route."""
    world = stage.world
    keys = {"clerk": world.organisations["insurer"]}
    codes = {"clerk": world.usccs["insurer"]}
    for login, serial in (("m2", 881), ("m3", 882)):
        keys[login], codes[login] = await make_insurer(world, login, serial)
    stage.values |= {f"pools.{login}": code for login, code in codes.items()}
    await _publish("recipe-free")
    for plan in PLANS:
        stage.values |= {
            f"pools.{name}": number for name, number in (await _plant(plan, keys, codes)).items()
        }
    made = await world.post("officer", "/pool-years/recipe-open-2026/members", _invited(stage))
    stage.values["pools.request"] = made["consent_request"]
    await sql("UPDATE pool_year SET end_on = '2026-06-30' WHERE number = 'recipe-closed-2026'")


async def _user() -> int:
    found: int = await sql_value("SELECT id FROM eastlake_user WHERE login = 'second_approver'")
    return found


async def _publish(code: str) -> str:
    """A published rule of its own for each pool."""
    text = TEXT.replace("commercial-space", code)
    book = load(text)
    await sql(
        "INSERT INTO rule_version (family, version, title, status, valid_from, body, hash,"
        " published_at) VALUES ($1, $2, $3, 'published', $4, $5, $6, $7)",
        book.family,
        book.version,
        book.title_zh,
        book.valid_from,
        text,
        book.hash,
        now(),
    )
    return text


async def _plant(plan: Plan, keys: dict[str, int], codes: dict[str, str]) -> dict[str, str]:
    code = f"recipe-{plan.name}"
    text = await _publish(code)
    user, moment = await _user(), now()
    pool_id = await sql_value(
        "INSERT INTO pool (code, family, name, industry, status, revision, recorded_at,"
        " recorded_by) VALUES ($1, $5, '示例商业航天共保体', '商业航天', $2, 1, $3, $4)"
        " RETURNING id",
        code,
        plan.pool,
        moment,
        user,
        f"pool/{code}",
    )
    if plan.agreement is None:
        return {}
    effective = moment if plan.agreement == "effective" else None
    agreement = await sql_value(
        "INSERT INTO pool_agreement (pool, version, title, status, valid_from, body, hash,"
        " resolution_number, effective_at, revision, recorded_at, recorded_by)"
        " VALUES ($1, $2, '商业航天共保体协议（示例）', $3, $4, $5, $6, '', $7, 1, $8, $9)"
        " RETURNING id",
        pool_id,
        VERSION,
        plan.agreement,
        terms_of(text).valid_from,
        text,
        load(text).hash,
        effective,
        moment,
        user,
    )
    if plan.agreement == "under_vote":
        await _given(pool_id, "pool_agreement", f"{code}/{VERSION}", keys, user)
    if plan.year is None:
        return {}
    return await _plant_year(plan, pool_id, agreement, keys, user)


async def _plant_year(
    plan: Plan, pool_id: int, agreement: int, keys: dict[str, int], user: int
) -> dict[str, str]:
    number, moment = f"recipe-{plan.name}-2026", now()
    book = await open_book(f"pool:{number}", "pool_year", number)
    year_id = await sql_value(
        "INSERT INTO pool_year (number, pool, year, agreement, share_mode, currency, start_on,"
        " end_on, book, status, revision, recorded_at, recorded_by) VALUES ($1, $2, 2026, $3,"
        " 'fixed', 'CNY', '2026-01-01', '2026-12-31', $4, $5, 1, $6, $7) RETURNING id",
        number,
        pool_id,
        agreement,
        book,
        plan.year,
        moment,
        user,
    )
    order = ["clerk", "m2"] if plan.lead == "clerk" else ["m2", "clerk"]
    for position, login in enumerate(order, 1):
        status = plan.first if login == "clerk" else plan.second
        await sql(
            "INSERT INTO pool_member (pool_year, organisation, legal_root, position, roles,"
            " risk_capacity_fen, event_capacity_fen, aggregate_capacity_fen, aggregate_used_fen,"
            " excluded_classes, status, joined_on, bank_account, revision, recorded_at,"
            " recorded_by) SELECT $1, o.id, o.legal_root, $3, $4, $5, $5, $5, 0, '{}', $6,"
            " '2026-01-01', '', 1, $7, $8 FROM organisation o WHERE o.id = $2",
            year_id,
            keys[login],
            position,
            LEAD if position == 1 else ["follower"],
            FEN,
            status,
            moment,
            user,
        )
    if plan.name in ("owing", "agreeing", "charged"):
        await _owe(year_id, keys["m2"], keys["clerk" if plan.name == "owing" else "m3"])
    if plan.schedule is None:
        return {}
    return await _plant_schedule(plan, pool_id, year_id, [keys[login] for login in order], user)


async def _plant_schedule(
    plan: Plan, pool_id: int, year_id: int, members: list[int], user: int
) -> dict[str, str]:
    serial = PLANS.index(plan)
    number = f"SS-2026-9{serial:05}"
    schedule = await sql_value(
        "INSERT INTO share_schedule (number, pool_year, mode, valid_from, status, reason, clause,"
        " resolution_number, effective_at, revision, recorded_at, recorded_by)"
        " VALUES ($1, $2, 'fixed', '2026-01-01', $3, '首份年度份额', '第五条', '', $4, 1, $5, $6)"
        " RETURNING id",
        number,
        year_id,
        plan.schedule,
        now() if plan.schedule == "effective" else None,
        now(),
        user,
    )
    for position, (key, units) in enumerate(zip(members, (60_000_000, 40_000_000), strict=True), 1):
        await sql(
            "INSERT INTO share_item (schedule, organisation, position, share_units, basis_weight)"
            " VALUES ($1, $2, $3, $4, $4)",
            schedule,
            key,
            position,
            units,
        )
    if plan.schedule == "consented":
        await _given(pool_id, "share_schedule", number, dict(enumerate(members)), user)
    found = {"voting": "proposed", "decided": "consented", "open": "effective"}
    return {found[plan.name]: number} if plan.name in found else {}


async def _given(pool_id: int, kind: str, subject: str, keys: dict[Any, int], user: int) -> None:
    """A request on a record that every member has consented to."""
    request = await sql_value(
        "INSERT INTO consent_request (number, pool, matter, subject_kind, subject, title, rule,"
        " clause, deemed_clause, due_calendar, status, revision, opened_at, opened_by, closed_at)"
        " VALUES ('CR-2026-' || (900000 + (SELECT count(*) FROM consent_request))::text, $1,"
        " 'agreement', $2, $3, '示例表决', 'all', '第十四条', '', 'working', 'given', 1, $4, $5,"
        " $4) RETURNING id",
        pool_id,
        kind,
        subject,
        now(),
        user,
    )
    for position, key in enumerate(keys.values(), 1):
        await sql(
            "INSERT INTO consent_party (request, organisation, position, weight_units, served_how,"
            " answer, answered_at, note) VALUES ($1, $2, $3, 0, '', 'consented', $4, '')",
            request,
            key,
            position,
            now(),
        )


async def _owe(year_id: int, debtor: int, creditor: int) -> None:
    """An obligation that a defaulter left open."""
    await sql(
        "INSERT INTO obligation (number, pool_year, kind, debtor, creditor, amount_fen,"
        " settled_fen, arose_on, due_on, due_days, due_calendar, clause, cause_kind, cause, entry,"
        " status, recorded_at) VALUES ('OB-99-' || $1::bigint, $1, 'premium_remittance', $2, $3,"
        " 100000, 0, $4, $5, 5, 'working', '第十一条', 'recipe', 1, 1, 'open', $6)",
        year_id,
        debtor,
        creditor,
        date(2026, 3, 2),
        date(2026, 3, 9),
        now(),
    )
