"""Shares of a placement that change within its period (份额中途变更).

Proposed for one section or all from a day on, consented by those the agreement names, confirmed by
the committee's approver; then `take_up` moves premium to the new members by days. A schedule holds
from 0:00 of its first day to the end of the period, first and last day included; nothing before
that day changes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance.pools import consents, parts
from coinsurance.premium_forms import (
    ShareEffectForm,
    ShareProposalForm,
    ShareTakingForm,
)
from coinsurance.premium_shapes import ShareChangeState, TakenAnswer
from coinsurance.premiums import exposures, taking
from coinsurance.premiums.gathering import Facts, StoredSchedule, facts_of
from coinsurance.premiums.receipts import answer_of
from coinsurance.premiums.rows import PlacementRow, placement_of, unlocked
from coinsurance.rules.nouns import ConsentMatter, PoolRole
from coinsurance.rules.placement_lines import stays
from coinsurance.rules.workflows import PLACEMENT, SCHEDULE
from coinsurance.tables import ShareSchedule
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.numbering import normalise_uscc
from service.kernel.shares import WHOLE_UNITS, check_whole

KIND = SCHEDULE.name
LEADERS = (PoolRole.ISSUER, PoolRole.LEAD)


async def propose(actor: Actor, number: str, form: ShareProposalForm) -> list[ShareChangeState]:
    """Propose new shares and ask for the members' consent; one schedule for each section.

    Refused with every finding: shares that are not the whole, a member twice or unknown, a day
    that is past, before the schedule in force or after the period.
    """
    async with work():
        placement = await placement_of(actor, number, *LEADERS)
        facts = await facts_of(placement)
        members = await _members(placement)
        shares = [(normalise_uscc(item.uscc), item.share_units) for item in form.shares]
        codes = [form.section] if form.section else list(facts.section_ids)
        found = _check(facts, form, shares, members, await _last_day(placement))
        if blockers(found):
            raise Refused(found)
        own = {members[uscc]["organisation"]: units for uscc, units in shares}
        made = [await _insert(actor, facts, code, form, own, members) for code in codes]
        return [await state_of(one) for one in made]


async def take_effect(
    actor: Actor, number: str, schedule: str, form: ShareEffectForm
) -> ShareChangeState:
    """Let consented shares take effect; not by who proposed them, and never backwards.

    The members' capacity is held to the new shares in the same transaction.
    """
    async with work():
        placement = await _lock(number)
        row = await sql_row(
            "SELECT * FROM share_schedule WHERE number = $1 AND placement = $2 FOR UPDATE",
            schedule,
            placement.id,
        )
        if row is None:
            raise NotFound("份额表", "Schedule of shares", schedule)
        SCHEDULE.advance(row["status"], "take_effect", actor.roles)
        await parts.four_eyes(actor, KIND, schedule, "propose")
        found = [
            *await consents.need_given(KIND, schedule),
            *_check_day(
                row["valid_from"],
                await _last(placement, row["section"]),
                await _last_day(placement),
            ),
        ]
        if blockers(found):
            raise Refused(found)
        items = await sql(
            "SELECT organisation, share_units FROM share_item WHERE schedule = $1", row["id"]
        )
        await parts.move(
            actor,
            SCHEDULE,
            ShareSchedule,
            row,
            "take_effect",
            schedule,
            note=form.note,
            values={"effective_at": now(), "resolution_number": form.resolution_number},
            facts={"placement": number, "resolution_number": form.resolution_number},
            effective_on=row["valid_from"],
        )
        own = {item["organisation"]: item["share_units"] for item in items}
        await exposures.refresh(placement, row["valid_from"], {row["section"]: own})
        return await state_of(schedule)


async def take_up(actor: Actor, number: str, form: ShareTakingForm) -> TakenAnswer:
    """Move premium to the members of schedules that took effect; amounts sum to zero.

    Conflict (premium.share_change_taken) for a schedule that was taken up, Refused
    (premium.no_share_change) where nothing waits.
    """
    async with work():
        placement = await placement_of(
            actor, number, PoolRole.ISSUER, PoolRole.ACCOUNT_KEEPER, PoolRole.LEAD
        )
        facts = await facts_of(placement)
        waiting = {stored.schedule.number for stored in facts.open_schedules()}
        if form.schedule and form.schedule not in waiting:
            await _tell_why(facts, form.schedule)
        if not waiting:
            raise Refused([blocker("premium.no_share_change", "schedule")])
        return answer_of(placement, await taking.take_up(actor, placement))


async def _tell_why(facts: Facts, number: str) -> None:
    known = {stored.schedule.number: stored.id for stored in facts.schedules}
    if number in known and known[number] in facts.taken_schedules:
        raise Conflict("premium.share_change_taken", field="schedule", number=number)
    if number not in known:
        raise NotFound("份额表", "Schedule of shares", number)


async def _lock(number: str) -> PlacementRow:
    """The placement, locked, for the committee."""
    placement = await unlocked(number)
    await sql("SELECT id FROM placement WHERE id = $1 FOR UPDATE", placement.id)
    return placement


async def _members(placement: PlacementRow) -> dict[str, Any]:
    rows = await sql(
        "SELECT o.uscc, o.short_name, m.organisation, m.position, m.roles, m.status, m.left_on"
        " FROM pool_member m"
        " JOIN organisation o ON o.id = m.organisation WHERE m.pool_year = $1",
        placement.year_id,
    )
    return {row["uscc"]: row for row in rows}


async def _last_day(placement: PlacementRow) -> date:
    day: date = await sql_value(
        "SELECT current_end_on FROM policy WHERE id = $1", placement.policy_id
    )
    return day


async def _last(placement: PlacementRow, section: int) -> date:
    day: date = await sql_value(
        "SELECT max(valid_from) FROM share_schedule WHERE placement = $1 AND section = $2"
        " AND status = 'effective'",
        placement.id,
        section,
    )
    return day


def _check(
    facts: Facts,
    form: ShareProposalForm,
    shares: Sequence[tuple[str, int]],
    members: Mapping[str, Any],
    end_on: date,
) -> list[Finding]:
    found = []
    if facts.placement.status in ("cancelled", "expired"):
        zh, en = PLACEMENT.states[facts.placement.status]
        found.append(blocker("premium.placement_ended", "placement", status_zh=zh, status_en=en))
    if form.section and form.section not in facts.section_ids:
        found.append(blocker("premium.no_section", "section", section=form.section))
    found += check_whole([units for _, units in shares])
    names = [uscc for uscc, _ in shares]
    for place, (uscc, units) in enumerate(shares):
        member = members.get(uscc)
        if uscc in names[:place]:
            found.append(blocker("premium.member_twice", f"shares.{place}.uscc", member=uscc))
        elif member is None or (
            units and (member["status"] != "active" or PoolRole.OBSERVER in member["roles"])
        ):
            found.append(blocker("premium.not_a_member", f"shares.{place}.uscc", uscc=uscc))
        elif units > _held_units(facts, form.section, uscc) and not stays(
            member["left_on"], form.valid_from
        ):
            found.append(
                blocker(
                    "line.member_leaving",
                    f"shares.{place}.uscc",
                    facts.terms.clause("exit_notice"),
                    member=member["short_name"],
                    left_on=member["left_on"],
                    start_on=form.valid_from,
                )
            )
    last = max(
        (s.schedule.valid_from for s in _of(facts, form.section)),
        default=facts.placement.start_on,
    )
    return [*found, *_check_day(form.valid_from, last, end_on)]


def _of(facts: Facts, section: str) -> list[StoredSchedule]:
    """The schedules in force of one section, or of all."""
    return [s for s in facts.schedules if section in ("", s.schedule.section)]


def _held_units(facts: Facts, section: str, uscc: str) -> int:
    """The least that a member holds at present of the sections that change."""
    latest = {s.schedule.section: s.schedule for s in _of(facts, section)}
    held = [{x.member: x.units for x in one.shares}.get(uscc, 0) for one in latest.values()]
    return min(held, default=0)


def _check_day(day: date, last: date, end_on: date) -> list[Finding]:
    if today() <= day and last < day <= end_on:
        return []
    return [
        blocker("premium.share_day", "valid_from", day=day, today=today(), last=last, end=end_on)
    ]


async def _insert(
    actor: Actor,
    facts: Facts,
    code: str,
    form: ShareProposalForm,
    own: Mapping[int, int],
    members: Mapping[str, Any],
) -> str:
    placement, moment = facts.placement, now()
    number = await next_number("SS", moment)
    clause = facts.terms.consent_clause(ConsentMatter.SHARES)
    schedule = await sql_value(
        "INSERT INTO share_schedule (number, pool_year, placement, section, mode, valid_from,"
        " status, reason, clause, resolution_number, revision, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, 'fixed', $5, 'proposed', $6, $7, '', 1, $8, $9) RETURNING id",
        number,
        placement.year_id,
        placement.id,
        facts.section_ids[code],
        form.valid_from,
        form.reason,
        clause,
        moment,
        actor.user_id,
    )
    places = {row["organisation"]: row["position"] for row in members.values()}
    await sql_many(
        "INSERT INTO share_item (schedule, organisation, position, share_units, basis_weight)"
        " VALUES ($1, $2, $3, $4, $4)",
        [
            (schedule, key, places[key], units)
            for key, units in sorted(own.items(), key=lambda item: places[item[0]])
        ],
    )
    await journal.record(
        actor,
        KIND,
        number,
        "propose",
        note=form.reason,
        to_status=SCHEDULE.initial,
        effective_on=form.valid_from,
        facts={"placement": placement.number, "section": code},
    )
    await _ask(actor, facts, code, number, own, members, form)
    return number


async def _ask(
    actor: Actor,
    facts: Facts,
    code: str,
    number: str,
    own: Mapping[int, int],
    members: Mapping[str, Any],
    form: ShareProposalForm,
) -> None:
    """Ask everybody whose share the section carries, now or then; weighed by the present one."""
    present = [s.schedule for s in facts.schedules if s.schedule.section == code][-1]
    now_units = {facts.ids[share.member]: share.units for share in present.shares}
    term = facts.terms.consents[ConsentMatter.SHARES]
    asked = [
        consents.Asked(
            row["organisation"], uscc, row["position"], now_units.get(row["organisation"], 0)
        )
        for uscc, row in sorted(members.items(), key=lambda item: item[1]["position"])
        if (now_units.get(row["organisation"]) or own.get(row["organisation"]))
        and row["organisation"] != actor.organisation_id
        and (term.includes_lead or PoolRole.LEAD not in row["roles"])
    ]
    placement = facts.placement
    await consents.ask(
        actor,
        consents.Matter(
            placement.pool_id,
            placement.year_id,
            ConsentMatter.SHARES,
            KIND,
            number,
            f"{placement.number} 分项 {code} 自 {form.valid_from} 起的份额：{form.reason}",
            term,
            facts.terms.consent_clause(ConsentMatter.SHARES),
        ),
        asked,
    )


async def state_of(number: str) -> ShareChangeState:
    """Where a schedule of a placement stands."""
    row = await sql_row(
        "SELECT h.*, l.number AS placement_number, s.code, (SELECT r.number FROM consent_request r"
        " WHERE r.subject_kind = $2 AND r.subject = h.number ORDER BY r.id DESC LIMIT 1)"
        " AS consent, (SELECT json_object_agg(o.uscc, i.share_units ORDER BY i.position)::text"
        "  FROM share_item i JOIN organisation o ON o.id = i.organisation"
        "  WHERE i.schedule = h.id) AS shares"
        " FROM share_schedule h JOIN placement l ON l.id = h.placement"
        " JOIN risk_section s ON s.id = h.section WHERE h.number = $1",
        number,
        KIND,
    )
    assert row is not None
    shares: dict[str, int] = journal.parsed(row["shares"])
    assert sum(shares.values()) == WHOLE_UNITS
    return ShareChangeState(
        row["placement_number"],
        number,
        row["code"],
        row["valid_from"],
        row["status"],
        SCHEDULE.label(row["status"]),
        shares,
        row["reason"],
        row["clause"],
        row["consent"],
        row["revision"],
    )
