"""Schedules of shares of a pool year (年度份额表): proposed, put to the vote, taking effect.

A schedule is the whole from the moment it is written. The first holds from the year's first day, a
later one only forward from its date and with the consent the agreement names. Schedules of the
sections of a placement are written by the placement itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance.access import year_row
from coinsurance.pool_forms import EffectForm, ScheduleForm
from coinsurance.pools import consents, parts, readiness
from coinsurance.pools.agreements import weight_of
from coinsurance.pools.leaving import may_lead
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.citing import citing
from coinsurance.rules.consents import GIVEN
from coinsurance.rules.nouns import ConsentMatter, PoolRole, ShareMode
from coinsurance.rules.shares import (
    Derived,
    Holder,
    ItemFacts,
    ScheduleFacts,
    by_capacity,
    check_days,
    check_schedule,
    fixed,
    not_active,
)
from coinsurance.rules.workflows import SCHEDULE
from coinsurance.tables import ShareSchedule
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.numbering import normalise_uscc

KIND = SCHEDULE.name

_MEMBERS = """
SELECT m.organisation, o.uscc, o.short_name AS name, o.legal_root, m.position, m.roles, m.status,
  m.joined_on, m.left_on, m.risk_capacity_fen, m.event_capacity_fen, m.aggregate_capacity_fen,
  NULL::date AS since, coalesce(i.share_units, 0)::bigint AS before_units
FROM pool_member m JOIN organisation o ON o.id = m.organisation
LEFT JOIN share_item i ON i.organisation = m.organisation AND i.schedule = $2
WHERE m.pool_year = $1 ORDER BY m.position
"""


async def propose(actor: Actor, number: str, form: ScheduleForm) -> str:
    """Propose a schedule for a year and return its number; by the lead or the committee's officer.

    In mode `capacity` the shares derive from the members' capacities; in mode `fixed` they are
    given. Raises Refused with every finding: not the whole (naming the difference), a member twice
    or under two branches, an observer with a share, a day that is not forward.
    """
    async with work():
        year = await year_row(number, "change")
        await may_lead(actor, year)
        terms = terms_of(year["agreement_body"])
        last = await _last_effective(year["id"])
        rows = await sql(_MEMBERS, year["id"], last["id"] if last else None)
        valid_from = form.valid_from or (today() if last else year["start_on"])
        mode, shares = await _shares(year, terms, rows, form, valid_from)
        found = [
            *_year_status(year),
            *citing(
                check_schedule(await _facts(year, rows, shares, valid_from, last)),
                terms.clause("share_mode"),
            ),
        ]
        if blockers(found):
            raise Refused(found)
        schedule = await _insert(actor, year, terms, mode, valid_from, form.reason)
        by_code = {row["uscc"]: row for row in rows}
        await sql_many(
            "INSERT INTO share_item (schedule, organisation, position, share_units, basis_weight)"
            " VALUES ($1, $2, $3, $4, $5)",
            [
                (
                    schedule["id"],
                    by_code[item.key]["organisation"],
                    item.position,
                    item.share_units,
                    item.basis_weight,
                )
                for item in shares
            ],
        )
        await journal.record(
            actor,
            KIND,
            schedule["number"],
            "propose",
            note=form.reason,
            to_status=SCHEDULE.initial,
            effective_on=valid_from,
            facts={"pool_year": number, "shares": {i.key: i.share_units for i in shares}},
        )
    made: str = schedule["number"]
    return made


def _year_status(year: Any) -> list[Finding]:
    if year["status"] in ("draft", "signed", "open"):
        return []
    return [blocker("schedule.year_closed", "pool_year")]


async def _shares(
    year: Any, terms: AgreementTerms, rows: Sequence[Any], form: ScheduleForm, valid_from: date
) -> tuple[str, tuple[Derived, ...]]:
    """The proposed shares in order of position, with what they derive from."""
    mode = year["share_mode"]
    if mode == ShareMode.PER_RISK_LINE:
        raise Refused([blocker("schedule.no_year_shares", "shares")])
    wanted = form.mode or mode
    if wanted != mode or (mode == ShareMode.CAPACITY) == bool(form.shares):
        names = {"mode_zh": ShareMode.zh_of(mode), "mode": mode}
        raise Refused(
            [blocker("schedule.mode_differs", "mode", terms.clause("share_mode"), **names)]
        )
    if mode == ShareMode.FIXED:
        return mode, fixed(_written(rows, form))
    column = f"{terms.capacity_basis}_capacity_fen"
    carrying = [
        Holder(row["uscc"], row["position"], capacity_fen=row[column])
        for row in rows
        if _standing(row, valid_from) == "active" and PoolRole.OBSERVER not in row["roles"]
    ]
    return mode, by_capacity(carrying)


def _standing(member: Any, day: date) -> str:
    """The status of a member on a day, as known now: one with notice given will have left."""
    leaves = member["left_on"] is not None and member["left_on"] <= day
    status: str = member["status"]
    return "exited" if leaves and status in ("active", "suspended") else status


def _written(rows: Sequence[Any], form: ScheduleForm) -> list[Holder]:
    """The shares as they were written; a code that is no member's stands at the end."""
    positions = {row["uscc"]: row["position"] for row in rows}
    found: list[Finding] = []
    made: list[Holder] = []
    for n, item in enumerate(form.shares):
        code = normalise_uscc(item.uscc)
        units = weight_of(item.share_units, item.share, f"shares.{n}")
        if units is None:
            found.append(blocker("schedule.share_missing", f"shares.{n}", uscc=code))
        made.append(Holder(code, positions.get(code, 10_000 + n), units or 0))
    if found:
        raise Refused(found)
    return made


async def _facts(
    year: Any, rows: Sequence[Any], shares: Sequence[Derived], valid_from: date, last: Any
) -> ScheduleFacts:
    known = {row["uscc"]: row for row in rows}
    strangers = await sql(
        "SELECT uscc, short_name AS name, legal_root FROM organisation"
        " WHERE uscc = ANY($1::text[])",
        [item.key for item in shares if item.key not in known],
    )
    outside = {row["uscc"]: row for row in strangers}
    return ScheduleFacts(
        tuple(
            _item(item, known.get(item.key), outside.get(item.key), valid_from) for item in shares
        ),
        valid_from,
        year["start_on"],
        year["end_on"],
        last["valid_from"] if last else None,
        today(),
    )


def _item(item: Derived, member: Any, stranger: Any, valid_from: date) -> ItemFacts:
    if member is None:
        name = stranger["name"] if stranger else item.key
        root = stranger["legal_root"] if stranger else ""
        return ItemFacts(item.key, name, item.share_units, root, None)
    return ItemFacts(
        item.key,
        member["name"],
        item.share_units,
        member["legal_root"],
        _standing(member, valid_from),
        PoolRole.OBSERVER in member["roles"],
        member["before_units"],
    )


async def _last_effective(year_id: int) -> Any:
    return await sql_row(
        "SELECT id, number, valid_from FROM share_schedule WHERE pool_year = $1"
        " AND section IS NULL AND status = 'effective' ORDER BY valid_from DESC LIMIT 1",
        year_id,
    )


async def _insert(
    actor: Actor, year: Any, terms: AgreementTerms, mode: str, valid_from: date, reason: str
) -> Any:
    return await sql_row(
        "INSERT INTO share_schedule (number, pool_year, mode, valid_from, status, reason, clause,"
        " resolution_number, revision, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, '', 1, $8, $9) RETURNING id, number",
        await next_number("SS", now()),
        year["id"],
        mode,
        valid_from,
        SCHEDULE.initial,
        reason,
        terms.clause("share_mode"),
        now(),
        actor.user_id,
    )


async def schedule_row(number: str, *, lock: bool = False) -> Any:
    """A schedule with its year's number; NotFound for an unknown one."""
    row = await sql_row(
        "SELECT s.*, y.number AS year, l.number AS placement_number FROM share_schedule s"
        " JOIN pool_year y ON y.id = s.pool_year LEFT JOIN placement l ON l.id = s.placement"
        " WHERE s.number = $1" + (" FOR UPDATE OF s" if lock else ""),
        number,
    )
    if row is None:
        raise NotFound("份额表", "Schedule of shares", number)
    return row


async def vote(actor: Actor, number: str) -> str:
    """Put a proposed schedule to the members by the clause on shares; returns the request.

    Weights are the shares in force; for the first schedule the proposed ones.
    """
    async with work():
        row = await schedule_row(number, lock=True)
        year = await year_row(row["year"])
        await may_lead(actor, year)
        SCHEDULE.advance(row["status"], "consent", parts.SYSTEM_ROLES)
        if row["section"] is not None:
            raise Refused([blocker("schedule.of_placement", "schedule")])
        terms = terms_of(year["agreement_body"])
        term = terms.consents[ConsentMatter.SHARES]
        asked = await consents.members_to_ask(year["id"], term, today())
        if await _last_effective(year["id"]) is None:
            asked = await _by_proposal(row["id"], asked)
        return await consents.ask(
            actor,
            consents.Matter(
                year["pool"],
                year["id"],
                ConsentMatter.SHARES,
                KIND,
                number,
                f"{year['pool_name']} {year['year']} 年度份额表 {number}",
                term,
                terms.consent_clause(ConsentMatter.SHARES),
            ),
            asked,
        )


async def _by_proposal(schedule_id: int, asked: Sequence[consents.Asked]) -> list[consents.Asked]:
    rows = await sql(
        "SELECT organisation, share_units FROM share_item WHERE schedule = $1", schedule_id
    )
    units = {row["organisation"]: row["share_units"] for row in rows}
    return [
        consents.Asked(p.organisation_id, p.uscc, p.position, units.get(p.organisation_id, 0))
        for p in asked
    ]


async def take_effect(actor: Actor, number: str, form: EffectForm) -> list[Finding]:
    """Let a schedule take effect once its consent was given, by resolution; returns warnings.

    Not by who proposed it. A day that has passed meanwhile is refused: shares change forward only.
    Shares of a placement take effect there, where capacity is held to them.
    """
    async with work():
        row = await schedule_row(number, lock=True)
        if row["section"] is not None:
            raise Refused([blocker("schedule.of_placement", "schedule")])
        year = await year_row(row["year"], "change")
        SCHEDULE.advance(row["status"], "take_effect", actor.roles)
        await parts.four_eyes(actor, KIND, number, "propose")
        last = await _last_effective(year["id"])
        facts = ScheduleFacts(
            (),
            row["valid_from"],
            year["start_on"],
            year["end_on"],
            last["valid_from"] if last else None,
            today(),
        )
        found = [*await consents.need_given(KIND, number), *check_days(facts)]
        rows = await sql(
            "SELECT o.uscc, o.short_name AS name, m.position, m.roles, m.status, m.joined_on,"
            " m.left_on, m.aggregate_capacity_fen, NULL::date AS since, i.share_units,"
            " o.legal_root"
            " FROM share_item i JOIN organisation o ON o.id = i.organisation JOIN pool_member m"
            " ON m.organisation = i.organisation AND m.pool_year = $2 WHERE i.schedule = $1"
            " ORDER BY i.position",
            row["id"],
            year["id"],
        )
        found += [
            *_year_status(year),
            *_still_members(rows, row["valid_from"]),
            *readiness.note_lead(year, rows),
        ]
        if blockers(found):
            raise Refused(found)
        await parts.move(
            actor,
            SCHEDULE,
            ShareSchedule,
            row,
            "take_effect",
            number,
            note=form.note,
            values={"effective_at": now(), "resolution_number": form.resolution_number},
            facts={"pool_year": row["year"], "resolution_number": form.resolution_number},
            effective_on=row["valid_from"],
        )
    return found


def _still_members(rows: Sequence[Any], day: date) -> list[Finding]:
    """Nobody may be given a share of new business after it left or was found in default."""
    return [
        not_active(row["name"], _standing(row, day))
        for row in rows
        if row["share_units"] and _standing(row, day) not in ("active", "suspended")
    ]


async def withdraw(actor: Actor, number: str, note: str) -> None:
    """Withdraw a schedule that is not in force, and the request on it."""
    async with work():
        row = await schedule_row(number, lock=True)
        await may_lead(actor, await year_row(row["year"]))
        await parts.move(actor, SCHEDULE, ShareSchedule, row, "withdraw", number, note=note)
        await consents.withdraw(actor, KIND, number)


async def _closed(actor: Actor, request: Any, outcome: str) -> None:
    """A proposal is consented or refused with its request."""
    row = await schedule_row(request["subject"], lock=True)
    await parts.move(
        actor,
        SCHEDULE,
        ShareSchedule,
        row,
        "consent" if outcome == GIVEN else "refuse",
        request["subject"],
        facts={"consent_request": request["number"], "outcome": outcome},
        follows=True,
    )


consents.when_closed(KIND, _closed)
