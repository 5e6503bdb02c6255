"""The executable year: plays tests/cases/pools/year/input.toml through the public API."""

from __future__ import annotations

import csv
import io
import tomllib
from dataclasses import dataclass, field
from typing import Any

from service.kernel import ledger
from service.kernel.db import sql
from tests.catalogue.subsidy_story import make_scheme
from tests.coinsurance.cases import FOLDER, plain
from tests.coinsurance.pooling import (
    Pooled,
    answer_all,
    invitation,
    make_agreement,
    make_founders,
    make_schedule,
    on,
)
from tests.factories import World, make_in_library, upload

YEAR = FOLDER / "year"
FILES = {
    "parts.csv": (
        *("placement", "movement", "kind", "source", "member", "component", "amount_fen"),
    ),
    "accounts.csv": ("account", "balance_fen"),
    "obligations.csv": ("placement", "kind", "debtor", "creditor", "amount_fen", "due_on"),
}
Books = dict[str, list[tuple[str, ...]]]
RESOLUTION = {"resolution_number": "示例决〔2026〕5号"}


def load() -> dict[str, Any]:
    """The input of the year."""
    found: dict[str, Any] = tomllib.loads((YEAR / "input.toml").read_text("utf-8"))
    return found


def as_csv(name: str, rows: list[tuple[str, ...]]) -> str:
    """Rows as the file holds them."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([FILES[name], *rows])
    return text.getvalue()


@dataclass
class Played:
    """A year in play: the pool and the placements by their key."""

    world: World
    pooled: Pooled
    product: str
    scheme: str
    placements: dict[str, str] = field(default_factory=dict)

    def alias(self, uscc: str) -> str:
        """A member as the files name it."""
        login = next(name for name, code in self.pooled.usccs.items() if code == uscc)
        return "m1" if login == "clerk" else login

    def uscc(self, alias: str) -> str:
        """The credit code of a member."""
        return self.pooled.usccs["clerk" if alias == "m1" else alias]


async def play(world: World, told: dict[str, Any]) -> Played:
    """Everything in order of its day."""
    year = await _open(world, told)
    steps = [(row["bound_on"], "bind", row) for row in told["placement"]]
    steps += [(row["on"], row["kind"], row) for row in told["event"]]
    for day, kind, row in sorted(steps, key=lambda step: step[0]):
        with on(day.isoformat()):
            await _STEPS[kind](year, row)
    return year


async def _open(world: World, told: dict[str, Any]) -> Played:
    members = told["member"]
    await sql("UPDATE api_token SET expires_at = '2100-01-01'")
    with on(told["opened_on"].isoformat()):
        product = await make_in_library(world)
        scheme = await make_scheme(world, told["scheme"])
        pooled = await make_founders(world, len(members), told["pool"])
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        await make_agreement(pooled)
        await world.post("officer", f"/pools/{told['pool']}/years", {"year": 2026})
        base = f"/pool-years/{pooled.year}"
        for login, member in zip(pooled.members, members, strict=True):
            uscc = pooled.usccs[login]
            body = invitation(uscc, member["roles"], member["capacity_fen"])
            await world.post("officer", f"{base}/members", body)
            await world.post(pooled.manager(login), f"{base}/members/{uscc}/acceptance")
        await make_schedule(pooled, None)
        await world.post("officer", f"{base}/signing")
        await world.post("approver", f"{base}/opening")
    return Played(world, pooled, product, scheme)


async def _bind(year: Played, row: dict[str, Any]) -> None:
    world = year.world
    zone = f"ZONE-{row['key']}"
    body = {"code": zone, "kind": "park", "name": f"示例园区{row['key']}", "parent": ""}
    await world.post("officer", "/accumulation-zones", body)
    premium = sum(section["premium_fen"] for section in row["sections"])
    limit = row["sum_insured_fen"]
    risk = {
        "pool_year": year.pooled.year,
        "insured_uscc": world.usccs["enterprise"],
        "product": year.product,
        "site": "武汉东湖高新区示例路 1 号",
        "method": "schedule",
        "premium_fen": premium,
        "sections": [
            {**section, "title": section["code"], "limit_fen": limit // len(row["sections"])}
            for section in row["sections"]
        ],
        "zones": [{"zone": zone, "at_risk_ppm": 1_000_000}],
        **{name: row[name] for name in ("title", "business_class", "start_on", "end_on")},
        **{name: row[name] for name in ("sum_insured_fen", "rate_ppm")},
    }
    number = (await world.post("clerk", "/risks", plain(risk)))["number"]
    await world.post("clerk", f"/risks/{number}/submission")
    document = await upload(world, "clerk", "other", f"consent-{row['key']}.pdf")
    check = {
        "consent_document": document,
        "consented_on": row["bound_on"].isoformat(),
        "issued": "agreement_attached",
    }
    await world.post("clerk", f"/risks/{number}/character-checks", check)
    bind = {
        "policy_number": f"PYII-2026-{row['key']}",
        "consent_document": document,
        "instalments": row.get("instalments", []),
    }
    made = await world.post("manager", f"/risks/{number}/binding", plain(bind))
    year.placements[row["key"]] = made["number"]


async def _receipt(year: Played, row: dict[str, Any]) -> None:
    source = year.scheme if row.get("source") == "scheme" else "own"
    body = {
        "source": source,
        "amount_fen": row["amount_fen"],
        "received_on": row["on"].isoformat(),
        "payer_name": "示例企业",
        "bank_reference": row["reference"],
    }
    await year.world.post("clerk", f"{_path(year, row)}/receipts", body)


async def _reversal(year: Played, row: dict[str, Any]) -> None:
    body = {"effective_on": row["on"].isoformat(), "reason": "银行退票"}
    path = f"{_path(year, row)}/receipts/{row['movement']}/reversal"
    await year.world.post("clerk", path, body)


async def _endorse(year: Played, row: dict[str, Any]) -> None:
    made = await year.world.post("clerk", f"{_path(year, row)}/endorsements", plain(row["form"]))
    await _issue(year, row, made)


async def _undo(year: Played, row: dict[str, Any]) -> None:
    path = f"{_path(year, row)}/endorsements/{row['endorsement']}/undoing"
    body = {"effective_on": row["effective_on"].isoformat(), "reason": row["reason"]}
    await _issue(year, row, await year.world.post("clerk", path, body))


async def _issue(year: Played, row: dict[str, Any], made: dict[str, Any]) -> None:
    if made["consent"]:
        await answer_all(year.pooled, made["consent"])
    path = f"{_path(year, row)}/endorsements/{made['number']}/issue"
    await year.world.post("manager", path, {})


async def _shares(year: Played, row: dict[str, Any]) -> None:
    body = {
        "valid_from": row["valid_from"].isoformat(),
        "reason": row["reason"],
        "shares": [
            {"uscc": year.uscc(alias), "share_units": units}
            for alias, units in row["units"].items()
        ],
    }
    path = f"{_path(year, row)}/share-schedules"
    for made in await year.world.post("clerk", path, body):
        await answer_all(year.pooled, made["consent"])
        effect = f"{path}/{made['schedule']}/effect"
        await year.world.post("approver", effect, RESOLUTION)


async def _share_change(year: Played, row: dict[str, Any]) -> None:
    await year.world.post("clerk", f"{_path(year, row)}/share-changes", {})


def _path(year: Played, row: dict[str, Any]) -> str:
    return f"/placements/{year.placements[row['placement']]}"


_STEPS = {
    "bind": _bind,
    "receipt": _receipt,
    "reversal": _reversal,
    "endorse": _endorse,
    "undo": _undo,
    "shares": _shares,
    "share_change": _share_change,
}


async def books(year: Played) -> Books:
    """What the year left in the books, as the files hold it."""
    keys = {number: key for key, number in year.placements.items()}
    parts = await sql(
        "SELECT l.number AS placement, v.number, v.kind, v.source, o.uscc, p.component,"
        " p.amount_fen FROM premium_part p JOIN premium_movement v ON v.id = p.movement"
        " JOIN placement l ON l.id = v.placement JOIN organisation o ON o.id = p.organisation"
        " ORDER BY l.number, v.number, p.component, p.id"
    )
    debts = await sql(
        "SELECT l.number AS placement, b.kind, d.uscc AS debtor, c.uscc AS creditor,"
        " b.amount_fen, b.due_on FROM obligation b JOIN placement l ON l.id = b.placement"
        " JOIN organisation d ON d.id = b.debtor JOIN organisation c ON c.id = b.creditor"
        " ORDER BY l.number, b.number"
    )

    def source(text: str) -> str:
        return "scheme" if text == year.scheme else text

    accounts = []
    for row in await ledger.balances(f"pool:{year.pooled.year}"):
        name, uscc, *rest = row.account.split(":")
        code = ":".join([name, year.alias(uscc), *map(source, rest)])
        accounts.append((code, str(row.balance_fen)))
    return {
        "parts.csv": [
            (
                keys[p["placement"]],
                str(p["number"]),
                p["kind"],
                source(p["source"]),
                year.alias(p["uscc"]),
                p["component"],
                str(p["amount_fen"]),
            )
            for p in parts
        ],
        "accounts.csv": sorted(accounts),
        "obligations.csv": [
            (
                keys[d["placement"]],
                d["kind"],
                year.alias(d["debtor"]),
                year.alias(d["creditor"]),
                str(d["amount_fen"]),
                d["due_on"].isoformat() if d["due_on"] else "",
            )
            for d in debts
        ],
    }
