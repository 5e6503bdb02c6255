"""Underwriting years (业务年度): prepared, signed, opened, closed, run off, commuted.

A year has one ledger book for ever; a claim belongs to the year of its loss date whatever happens
to the year afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from coinsurance.access import keep_look, view_of, year_row
from coinsurance.pool_forms import PoolYearForm
from coinsurance.pool_shapes import PoolYearRecord, PoolYearState
from coinsurance.pools import parts, readiness
from coinsurance.pools.founding import EFFECTIVE, pool_row
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.nouns import ShareMode
from coinsurance.rules.workflows import POOL, POOL_YEAR
from coinsurance.tables import Pool, PoolYear
from service.auth import Actor
from service.kernel import journal, ledger
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, blocker, blockers

KIND = POOL_YEAR.name


async def create(actor: Actor, code: str, form: PoolYearForm) -> PoolYearState:
    """Prepare a year of a pool with its ledger book, under the agreement in force on its first day.

    Raises Refused without such an agreement or for a pool that is not running, Conflict when the
    year exists.
    """
    start_on = form.start_on or date(form.year, 1, 1)
    end_on = form.end_on or date(form.year, 12, 31)
    if end_on < start_on:
        raise Refused([blocker("year.days_reversed", "end_on")])
    async with work():
        pool = await pool_row(code, "turn")
        if pool["status"] not in ("forming", "active"):
            raise Refused([_pool_status(pool)])
        agreement = await _agreement(pool, form.agreement, start_on)
        terms, number = terms_of(agreement["body"]), f"{code}-{form.year}"
        if await sql_value("SELECT 1 FROM pool_year WHERE number = $1", number):
            raise Conflict("year.number_taken", field="year", number=number)
        book = f"pool:{number}"
        book_id = await ledger.open_book(book, "pool_year", f"{pool['name']} {form.year}"[:120])
        await sql_value(
            "INSERT INTO pool_year (number, pool, year, agreement, share_mode, currency, start_on,"
            " end_on, book, status, revision, recorded_at, recorded_by)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, $11, $12) RETURNING id",
            number,
            pool["id"],
            form.year,
            agreement["id"],
            terms.share_mode.value,
            terms.currency,
            start_on,
            end_on,
            book_id,
            POOL_YEAR.initial,
            now(),
            actor.user_id,
        )
        await journal.record(
            actor,
            KIND,
            number,
            "prepare",
            to_status=POOL_YEAR.initial,
            effective_on=start_on,
            facts={"agreement": agreement["version"], "hash": agreement["hash"], "book": book},
        )
    return await state_of(number)


def _pool_status(pool: Any) -> Finding:
    return blocker(
        "year.wrong_pool_status",
        "pool",
        status_zh=POOL.label(pool["status"], "zh"),
        status_en=POOL.label(pool["status"], "en"),
    )


async def _agreement(pool: Any, version: str, day: date) -> Any:
    row = await sql_row(
        "SELECT id, version, body, hash FROM pool_agreement WHERE pool = $1"
        f" AND {EFFECTIVE} AND ($2 = '' OR version = $2) AND valid_from <= $3"
        " AND (valid_to IS NULL OR valid_to >= $3) ORDER BY valid_from DESC LIMIT 1",
        pool["id"],
        version,
        day,
    )
    if row is None:
        code = "agreement.not_effective" if version else "agreement.none_effective"
        raise Refused([blocker(code, "agreement", version=version, day=day)])
    return row


async def step(
    actor: Actor, number: str, event: str, note: str = "", facts: dict[str, Any] | None = None
) -> PoolYearState:
    """Take a step of the year: sign, open, close_new, run_off, commute.

    Raises Refused with all that is missing (see :mod:`readiness`), Forbidden where the year was
    signed by the person who now opens it.
    """
    async with work():
        await sql(
            "SELECT p.id FROM pool p JOIN pool_year y ON y.pool = p.id WHERE y.number = $1"
            " FOR NO KEY UPDATE OF p",
            number,
        )
        year = await year_row(number, "change")
        POOL_YEAR.advance(year["status"], event, actor.roles, note)
        if event == "open":
            await parts.four_eyes(actor, KIND, number, "sign")
        found = await readiness.missing(year, event)
        if blockers(found):
            raise Refused(found)
        await parts.move(actor, POOL_YEAR, PoolYear, year, event, number, note=note, facts=facts)
        if event == "open":
            await _activate_pool(actor, year)
    return await state_of(number, found)


async def _activate_pool(actor: Actor, year: Any) -> None:
    """The first year that opens makes its pool active."""
    pool = await sql_row("SELECT * FROM pool WHERE id = $1", year["pool"])
    if pool is not None and pool["status"] == "forming":
        await parts.move(
            actor,
            POOL,
            Pool,
            pool,
            "activate",
            pool["code"],
            facts={"year": year["number"]},
            follows=True,
        )


async def state_of(number: str, findings: Sequence[Finding] = ()) -> PoolYearState:
    """Where a year stands now."""
    row = await sql_row("SELECT status, revision FROM pool_year WHERE number = $1", number)
    assert row is not None
    told = [finding.as_dict() for finding in findings]
    return PoolYearState(number, row["status"], row["revision"], told)


async def read(actor: Actor, number: str) -> PoolYearRecord:
    """One year for its members, the committee and the auditor; else NotFound."""
    year = await year_row(number)
    view = await view_of(actor, year)
    await keep_look(actor, KIND, number, "record")
    members = await sql_value(
        "SELECT count(*)::int FROM pool_member WHERE pool_year = $1 AND status <> 'declined'",
        year["id"],
    )
    schedule = await sql_value(
        "SELECT number FROM share_schedule WHERE pool_year = $1 AND section IS NULL"
        " AND status = 'effective' AND valid_from <= $2 ORDER BY valid_from DESC LIMIT 1",
        year["id"],
        max(today(), year["start_on"]),
    )
    upcoming = {"draft": "sign", "signed": "open"}.get(year["status"])
    found = await readiness.missing(year, upcoming) if upcoming and view.sees_all else []
    terms = terms_of(year["agreement_body"])
    return PoolYearRecord(
        number=number,
        pool=year["pool_code"],
        pool_name=year["pool_name"],
        industry=year["industry"],
        year=year["year"],
        status=year["status"],
        status_zh=POOL_YEAR.label(year["status"]),
        revision=year["revision"],
        agreement=year["agreement_version"],
        agreement_title=terms.title_zh,
        share_mode=year["share_mode"],
        share_mode_zh=ShareMode.zh_of(year["share_mode"]),
        currency=year["currency"],
        start_on=year["start_on"],
        end_on=year["end_on"],
        book=year["book_code"],
        members=members,
        sees_all=view.sees_all,
        seat_roles=sorted(view.seat.roles) if view.seat else [],
        schedule=schedule,
        readiness=[finding.as_dict() for finding in found],
        steps=parts.steps(POOL_YEAR, year["status"], actor.roles),
        history=await parts.history(KIND, number),
    )
