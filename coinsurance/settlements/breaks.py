"""Breaks (差异): found, explained by a named person, resolved when the sides agree again."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance import access
from coinsurance.pools import parts
from coinsurance.reconciliation_shapes import BreakShape, SuggestionShape
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.reconciliation import SUGGESTIONS, Break, Suggestion
from coinsurance.rules.settlement.workflows import BREAK
from coinsurance.settlement_shapes import MemberShape
from coinsurance.settlements import seats
from coinsurance.settlements.seats import seen
from coinsurance.tables.reconciliations import ReconBreak
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import NotFound

KIND = BREAK.name


def _listed(text: str) -> list[Any]:
    """The list behind a JSON column."""
    found: list[Any] = json.loads(text)
    return found


@dataclass(frozen=True, slots=True)
class Found:
    """A difference that was found; code and reference make it the same one next time."""

    code: Break
    reference: str
    organisation: int | None
    expected_fen: int | None
    stated_fen: int | None
    banked_fen: int | None
    difference_fen: int
    sources: tuple[str, ...]
    latest_on: date | None
    suggestions: tuple[Suggestion, ...] = ()

    @property
    def key(self) -> str:
        """What makes it the same break in the next reconciliation."""
        return f"{self.code.value}:{self.reference}"[:200]


async def open_breaks(actor: Actor, year: Any, founds: Sequence[Found]) -> None:
    """Write the breaks that are new, and bring those back that had gone; the others are renewed."""
    known: dict[str, Any] = {
        row["key"]: row
        for row in await sql(
            "SELECT * FROM recon_break WHERE pool_year = $1 AND key = ANY($2::text[]) ORDER BY id"
            " FOR UPDATE",
            year["id"],
            sorted({found.key for found in founds}),
        )
    }
    renewed = []
    for found in founds:
        standing = known.get(found.key)
        if standing is None:
            known[found.key] = {"id": await _open(actor, year, found), "status": "open"}
            continue
        renewed.append(_figures(standing["id"], found))
        resolved = standing["status"] == "resolved"
        if resolved or (standing["status"] == "explained" and not _is_same(standing, found)):
            number = standing["number"]
            await parts.move(SYSTEM, BREAK, ReconBreak, standing, "reopen", number)
            known[found.key] = {"id": standing["id"], "status": "open"}
    await sql_many(
        "UPDATE recon_break SET expected_fen = $2, stated_fen = $3, banked_fen = $4,"
        " difference_fen = $5, sources = $6, suggestions = $7 WHERE id = $1",
        renewed,
    )


async def _open(actor: Actor, year: Any, found: Found) -> int:
    number = await next_number("BR", now())
    key: int = await sql_value(
        "INSERT INTO recon_break (number, pool_year, key, code, reference, organisation,"
        " expected_fen, stated_fen, banked_fen, difference_fen, sources, suggestions, status,"
        " explanation, revision, found_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11,"
        " $12, 'open', '', 1, $13) RETURNING id",
        number,
        year["id"],
        found.key,
        found.code.value,
        found.reference[:80],
        found.organisation,
        found.expected_fen,
        found.stated_fen,
        found.banked_fen,
        found.difference_fen,
        _sources(found),
        _suggestions(found.suggestions),
        now(),
    )
    await journal.record(
        actor,
        KIND,
        number,
        "find",
        to_status="open",
        facts={
            "code": found.code.value,
            "reference": found.reference,
            "difference_fen": found.difference_fen,
        },
    )
    return key


def _sources(found: Found) -> str:
    """The rows behind it; the last says up to which day they reach."""
    latest = [f"until:{found.latest_on}"] if found.latest_on else []
    return journal.canonical([*found.sources, *latest])


def _suggestions(told: Sequence[Suggestion]) -> str:
    return journal.canonical([[one.code, list(one.references)] for one in told])


def _is_same(standing: Any, found: Found) -> bool:
    """Whether the figures are as they were: what was explained then stays explained."""
    return (standing["expected_fen"], standing["stated_fen"], standing["banked_fen"]) == (
        found.expected_fen,
        found.stated_fen,
        found.banked_fen,
    )


def _figures(break_id: int, found: Found) -> tuple[Any, ...]:
    return (
        break_id,
        found.expected_fen,
        found.stated_fen,
        found.banked_fen,
        found.difference_fen,
        _sources(found),
        _suggestions(found.suggestions),
    )


async def resolve_gone(year: Any, keys: set[str], until_on: date) -> int:
    """Breaks that a reconciliation up to a day did not find any more are resolved; how many."""
    rows = await sql(
        "SELECT * FROM recon_break WHERE pool_year = $1 AND status <> 'resolved'"
        " AND NOT key = ANY($2::text[]) ORDER BY id FOR UPDATE",
        year["id"],
        sorted(keys),
    )
    gone = [row for row in rows if _reaches(row) <= until_on]
    for row in gone:
        await parts.move(
            SYSTEM, BREAK, ReconBreak, row, "resolve", row["number"], values={"resolved_at": now()}
        )
    return len(gone)


def _reaches(row: Any) -> date:
    days = [text[6:] for text in _listed(row["sources"]) if text.startswith("until:")]
    return max((date.fromisoformat(day) for day in days), default=date.min)


async def explain(actor: Actor, number: str, explanation: str) -> None:
    """A named person says why there is a difference: of the member, or who keeps the accounts."""
    async with work():
        row = await break_row(actor, number, lock=True)
        if not actor.owns(row["organisation"]):
            year = await access.year_row(row["year_number"])
            await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        await parts.move(
            actor,
            BREAK,
            ReconBreak,
            row,
            "explain",
            number,
            note=explanation,
            values={
                "explanation": explanation,
                "explained_at": now(),
                "explained_by": actor.user_id,
            },
        )


_ROW = """
SELECT b.*, y.number AS year_number, o.uscc, o.name AS member_name, u.name AS explainer
FROM recon_break b JOIN pool_year y ON y.id = b.pool_year
  LEFT JOIN organisation o ON o.id = b.organisation
  LEFT JOIN eastlake_user u ON u.id = b.explained_by
"""


async def break_row(actor: Actor, number: str, *, lock: bool = False) -> Any:
    """A break of the actor's organisation, or of a pool year it sees whole."""
    if lock:
        await seats.lock_year_of("recon_break", number)
    row = await sql_row(
        _ROW + " WHERE b.number = $1" + (" FOR UPDATE OF b" if lock else ""), number
    )
    if row is None:
        raise NotFound("差异", "Break", number)
    mine = actor.owns(row["organisation"])
    if not mine and not await seats.sees_whole(actor, row["year_number"]):
        raise NotFound("差异", "Break", number)
    return row


async def record(actor: Actor, number: str) -> BreakShape:
    """One break."""
    async with work():
        return shape(await break_row(actor, number))


async def rows(
    actor: Actor,
    year_number: str,
    status: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> tuple[list[BreakShape], str | None]:
    """Breaks of a pool year, newest first; a follower's own only."""
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    async with work():
        known = await seen(actor, year_number)
        if known is None:
            return [], None
        year, view = known
        await access.keep_look(actor, "pool_year", year_number, "核对差异")
        found = await sql(
            _ROW + " WHERE b.pool_year = $1 AND ($2::text IS NULL OR b.status = $2)"
            " AND ($3::bigint IS NULL OR b.organisation = $3)"
            " AND ($4::bigint IS NULL OR b.id < $4) ORDER BY b.id DESC LIMIT $5",
            year["id"],
            status,
            None if view.sees_all else view.organisation_id,
            after[0] if after else None,
            size + 1,
        )
    more = len(found) > size
    shapes = [shape(row) for row in found[:size]]
    return shapes, encode_cursor([found[size - 1]["id"]]) if more else None


def shape(row: Any) -> BreakShape:
    """A break as readers see it."""
    return BreakShape(
        number=row["number"],
        pool_year=row["year_number"],
        code=row["code"],
        code_zh=Break.zh_of(row["code"]),
        reference=row["reference"],
        member=MemberShape(row["uscc"], row["member_name"]) if row["uscc"] else None,
        expected_fen=row["expected_fen"],
        stated_fen=row["stated_fen"],
        banked_fen=row["banked_fen"],
        difference_fen=row["difference_fen"],
        status=row["status"],
        status_zh=BREAK.label(row["status"]),
        revision=row["revision"],
        suggestions=[
            suggestion(Suggestion(code, tuple(references)))
            for code, references in _listed(row["suggestions"])
        ],
        explanation=row["explanation"],
        explained_by=row["explainer"],
        explained_at=row["explained_at"],
        found_at=row["found_at"],
    )


def suggestion(told: Suggestion) -> SuggestionShape:
    """A suggestion in words."""
    zh, en = SUGGESTIONS[told.code]
    return SuggestionShape(
        told.code,
        zh.format(references="、".join(told.references)),
        en.format(references=", ".join(told.references)),
        list(told.references),
    )
