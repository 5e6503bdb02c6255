"""Notices to the members on the risk (通知): sent, served, acknowledged, each once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from coinsurance.claim_forms import AcknowledgementForm, NoticeForm, ServiceForm
from coinsurance.claim_shapes import NoticeShape, NoticeState
from coinsurance.claims import papers
from coinsurance.claims.rows import Found, OnRisk, claim_for, handled, members_on_risk
from coinsurance.rules.claims.notices import NoticeFacts, check_service, state_of
from coinsurance.rules.claims.nouns import NoticeKind
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_many, work
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.numbering import normalise_uscc

_NOTICES = """
SELECT n.id, n.organisation, o.uscc, o.short_name AS name, n.kind, n.round, n.due_on, n.sent_at,
  n.served_at, n.served_how, n.acknowledged_at, n.clause, n.text
FROM claim_notice n JOIN organisation o ON o.id = n.organisation
WHERE n.claim = $1 ORDER BY n.kind, n.round, n.id
"""


async def rows_of(claim_id: int, *, lock: bool = False) -> list[Any]:
    """Every notice of a claim."""
    return await sql(_NOTICES + (" FOR UPDATE OF n" if lock else ""), claim_id)


def facts_of(row: Any) -> NoticeFacts:
    """A notice as the rules see it."""
    return NoticeFacts(
        f"{row['name']}（{row['uscc']}）",
        NoticeKind(row["kind"]),
        row["due_on"],
        row["sent_at"],
        row["served_at"],
        row["acknowledged_at"],
    )


def shape(row: Any) -> NoticeShape:
    """A notice as it is answered, judged now."""
    state = state_of(facts_of(row), now())
    return NoticeShape(
        row["uscc"],
        row["name"],
        row["kind"],
        NoticeKind.zh_of(row["kind"]),
        row["round"],
        state.state,
        state.late,
        row["due_on"],
        row["sent_at"],
        row["served_at"],
        row["served_how"],
        row["acknowledged_at"],
        row["clause"],
        row["text"],
    )


async def notices_of(found: Found) -> list[NoticeShape]:
    """The notices the reader may see: all of them, or its own."""
    return [
        shape(row)
        for row in await rows_of(found.id)
        if found.view.shows(row["organisation"]) and not found.is_insured
    ]


async def send(actor: Actor, number: str, form: NoticeForm) -> NoticeState:
    """Send a notice to members on the risk; a loss once, surveys and papers as often as needed."""
    async with work():
        found = await handled(actor, number)
        others = [
            member
            for member in await members_on_risk(found.id)
            if member.organisation_id != found.row["handler"]
        ]
        rows = await rows_of(found.id, lock=True)
        chosen = _addressees(others, form, rows)
        if form.kind is NoticeKind.LOSS:
            await _send_due(rows, chosen, form.text)
        else:
            await _send_new(found, rows, chosen, form)
        await journal.record(
            actor,
            "claim",
            number,
            "send_notice",
            note=form.text,
            facts={"kind": form.kind.value, "members": [member.uscc for member in chosen]},
        )
    return await _state(actor, number)


def _chosen(others: Sequence[OnRisk], codes: Sequence[str]) -> list[OnRisk]:
    """The members named, all of them where none is; Refused for strangers."""
    wanted = [normalise_uscc(code) for code in codes]
    known = {member.uscc: member for member in others}
    found = [
        blocker("claim.unknown_member", f"members.{position}", value=code)
        for position, code in enumerate(wanted)
        if code not in known
    ]
    if found:
        raise Refused(found)
    return [known[code] for code in dict.fromkeys(wanted)] if wanted else list(others)


def _addressees(
    others: Sequence[OnRisk], form: NoticeForm, rows: Sequence[Any]
) -> list[OnRisk]:
    chosen = _chosen(others, form.members)
    if form.kind is NoticeKind.LOSS:
        unsent = {r["organisation"] for r in rows if r["kind"] == "loss" and r["sent_at"] is None}
        chosen = [member for member in chosen if member.organisation_id in unsent]
    if not chosen:
        raise Refused([blocker("claim.nothing_to_send", "members")])
    return chosen


async def _send_due(rows: Sequence[Any], chosen: Sequence[OnRisk], text: str) -> None:
    keys = {member.organisation_id for member in chosen}
    await sql(
        "UPDATE claim_notice SET sent_at = $2, text = $3 WHERE id = ANY($1::bigint[])",
        [row["id"] for row in rows if row["kind"] == "loss" and row["organisation"] in keys],
        now(),
        text,
    )


async def _send_new(
    found: Found, rows: Sequence[Any], chosen: Sequence[OnRisk], form: NoticeForm
) -> None:
    rounds = {
        member.organisation_id: 1
        + max(
            (
                row["round"]
                for row in rows
                if row["kind"] == form.kind and row["organisation"] == member.organisation_id
            ),
            default=0,
        )
        for member in chosen
    }
    key = "survey_threshold_fen" if form.kind is NoticeKind.SURVEY else "reimbursement"
    await sql_many(
        "INSERT INTO claim_notice (claim, organisation, kind, round, text, due_calendar, clause,"
        " sent_at, recorded_at) VALUES ($1, $2, $3, $4, $5, 'calendar', $6, $7, $7)",
        [
            (found.id, member, form.kind.value, serial, form.text, found.clause(key), now())
            for member, serial in rounds.items()
        ],
    )


async def serve(actor: Actor, number: str, form: ServiceForm) -> NoticeState:
    """Record how and when notices were served on members."""
    served_at = form.served_at or now()
    if served_at.tzinfo is None:
        raise Refused([blocker("claim.moment_without_zone", "served_at")])
    async with work():
        found = await handled(actor, number)
        others = await members_on_risk(found.id)
        rows = await rows_of(found.id, lock=True)
        chosen, checks = _to_serve(others, rows, form, served_at)
        if checks:
            raise Refused(checks)
        await sql(
            "UPDATE claim_notice SET served_at = $2, served_how = $3 WHERE id = ANY($1::bigint[])",
            [row["id"] for row in chosen],
            served_at,
            form.how,
        )
        await journal.record(
            actor,
            "claim",
            number,
            "serve_notice",
            facts={
                "kind": form.kind.value,
                "members": [row["uscc"] for row in chosen],
                "how": form.how,
                "served_at": served_at.isoformat(),
            },
        )
        await papers.count_from_service(actor, found, [row["id"] for row in chosen])
    return await _state(actor, number)


def _to_serve(
    others: Sequence[OnRisk], rows: Sequence[Any], form: ServiceForm, served_at: datetime
) -> tuple[list[Any], list[Finding]]:
    """The latest notice of the kind to each member named, and what stands against serving it."""
    latest = {row["uscc"]: row for row in rows if row["kind"] == form.kind}
    if not form.members:
        chosen = [r for r in latest.values() if r["sent_at"] and r["served_at"] is None]
        if not chosen:
            return [], [blocker("claim.nothing_to_send", "members")]
    else:
        members = _chosen(others, form.members)
        missing = [
            blocker("claim.no_notice", "members", member=member.label)
            for member in members
            if member.uscc not in latest
        ]
        if missing:
            return [], missing
        chosen = [latest[member.uscc] for member in members]
    checks = [
        finding for row in chosen for finding in check_service(facts_of(row), served_at, now())
    ]
    return chosen, checks


async def acknowledge(actor: Actor, number: str, form: AcknowledgementForm) -> NoticeState:
    """A member acknowledges its own latest notice of a kind; that proves service as well."""
    async with work():
        found = await claim_for(actor, number, lock=True)
        mine = [
            row
            for row in await rows_of(found.id, lock=True)
            if row["kind"] == form.kind and row["organisation"] == actor.organisation_id
        ]
        if not mine or mine[-1]["sent_at"] is None:
            raise Refused([blocker("claim.no_notice", "kind", member=actor.organisation)])
        row, moment = mine[-1], now()
        if row["acknowledged_at"] is not None:
            raise Refused([blocker("claim.acknowledged_before", "kind")])
        await sql(
            "UPDATE claim_notice SET acknowledged_at = $2, acknowledged_by = $3,"
            " served_at = coalesce(served_at, $2),"
            " served_how = CASE WHEN served_at IS NULL THEN '成员在本系统签收' ELSE served_how END"
            " WHERE id = $1",
            row["id"],
            moment,
            actor.user_id,
        )
        await journal.record(
            actor, "claim", number, "acknowledge", facts={"kind": form.kind.value}
        )
        if row["served_at"] is None:
            await papers.count_from_service(actor, found, [row["id"]])
    return await _state(actor, number)


async def _state(actor: Actor, number: str) -> NoticeState:
    found = await claim_for(actor, number)
    return NoticeState(number, await notices_of(found))
