"""Binding (成单): one transaction from written lines to a policy with a frozen participation.

Nothing is written while anything stands against it. Locks: the risk, then members, then zones, each
in sorted order; numbers are drawn last, since their counters are shared by all binders.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalogue.policies.preparing import Prepared, Seen, prepare
from catalogue.policies.recording import write_policy
from catalogue.policy_forms import CoInsurerForm, PolicyForm
from catalogue.products.drafts import next_number
from coinsurance.placement_forms import BindForm
from coinsurance.placement_shapes import PlacementState
from coinsurance.placements import binding_facts, checks, exposure, gathering, snapshots
from coinsurance.placements.exposure import Locked
from coinsurance.placements.gathering import Market
from coinsurance.placements.rows import Access, issuer_of
from coinsurance.pools.parts import SYSTEM_ROLES, four_eyes
from coinsurance.rules.capacity import Need, needs
from coinsurance.rules.character import content_hash
from coinsurance.rules.citing import citing
from coinsurance.rules.placement_lines import check_bind, policy_shares
from coinsurance.rules.workflows import LINE, PLACEMENT, RISK, SCHEDULE
from coinsurance.tables import Risk, ShareSchedule
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, blockers


@dataclass(frozen=True, slots=True)
class Bound:
    """Everything that is known and clean when writing begins."""

    actor: Actor
    found: Access
    market: Market
    policy: Prepared
    locked: Locked
    at_risk: Mapping[str, int]
    check: Any
    form: BindForm
    moment: datetime


async def bind(actor: Actor, number: str, form: BindForm) -> PlacementState:
    """Bind a risk: Refused with every finding, Conflict when somebody was faster.

    A manager binds what another person of the issuer wrote (DESIGN law 9).
    """
    moment = now()
    async with work():
        found = await issuer_of(actor, number, year_lock="hold")
        await _need_unbound(found)
        RISK.advance(found.risk.status, "bind", actor.roles)
        await four_eyes(actor, "risk", number, "draft", "edit")
        market = await gathering.market_of(found, today())
        check = await checks.latest(found.risk.id)
        signing = [finding for part in market.sections for finding in _signing(part)]
        findings = citing(signing, found.terms.clause("signing"))
        findings += check_bind(await binding_facts.facts_of(found, market, check, form))
        findings += await binding_facts.declaration(actor, form)
        policy = None
        if market.whole:
            seen = await _seen(market)
            policy = await prepare(actor, await _policy_form(found, market, form), seen)
            findings += policy.findings
        at_risk, zones = await gathering.zones_for(found.risk.id)
        locked = await _lock(found, market, at_risk, zones.ids)
        findings += citing(locked.findings, found.terms.clause("entry"))
        findings += binding_facts.changed(found, market, locked.members)
        if blockers(findings) or policy is None:
            raise Refused(sorted(findings, key=lambda finding: not finding.blocks))
        placement = await _write(
            Bound(actor, found, market, policy, locked, at_risk, check, form, moment)
        )
    return await state_of(placement, findings)


async def _need_unbound(found: Access) -> None:
    """Two that bind at once: the second learns the placement of the first."""
    if found.risk.status == "placed":
        placement = await sql_value(
            "SELECT number FROM placement WHERE risk = $1", found.risk.id
        )
        raise Conflict("bind.already_bound", field="risk", placement=placement)


def _signing(part: gathering.Participation) -> list[Finding]:
    return list(part.signed.findings) if part.signed else []


def total_shares(found: Access, market: Market) -> dict[int, int]:
    """Each insurer's share of the whole policy by organisation; the issuer stands first."""
    order = sorted(market.members.values(), key=lambda member: member.position)
    by_uscc = {member.uscc: member.organisation_id for member in order}
    sections = [
        (
            part.section.premium_fen,
            {market.members[key].uscc: units for key, units in part.shares.items()},
        )
        for part in market.sections
    ]
    shares = policy_shares(sections, [member.uscc for member in order])
    keyed = {by_uscc[uscc]: units for uscc, units in shares.items()}
    first = found.risk.issuer_id
    return dict(sorted(keyed.items(), key=lambda item: item[0] != first))


async def _seen(market: Market) -> Seen:
    """The insurers looked up at once, so that the policy does not ask for each."""
    rows = await sql(
        "SELECT id, uscc, legal_root, kind, active FROM organisation WHERE id = ANY($1::bigint[])",
        list(market.members),
    )
    return Seen(organisations={row["uscc"]: row for row in rows})


async def _policy_form(found: Access, market: Market, form: BindForm) -> PolicyForm:
    risk = found.risk
    row = await sql_row(
        "SELECT o.uscc, p.number AS product FROM organisation o, product p"
        " WHERE o.id = $1 AND p.id = $2",
        risk.insured_id,
        risk.product_id,
    )
    assert row is not None
    return PolicyForm(
        number=form.policy_number,
        product=row["product"],
        insured_uscc=row["uscc"],
        object=form.object,
        start_on=risk.start_on,
        end_on=risk.end_on,
        sum_insured_fen=risk.sum_insured_fen,
        limit_fen=sum(part.section.limit_fen for part in market.sections),
        rate_ppm=risk.rate_ppm,
        premium_fen=risk.premium_fen,
        insurers=[
            CoInsurerForm(uscc=market.members[key].uscc, share_units=units)
            for key, units in total_shares(found, market).items()
        ],
        instalments=form.instalments,
        note=form.note,
    )


async def _lock(
    found: Access, market: Market, at_risk: Mapping[str, int], zone_ids: Mapping[str, int]
) -> Locked:
    """Lock the members' capacity and the zones that the shares touch."""
    wanted: Mapping[str, Need] = needs(gathering.section_shares(market.sections), at_risk)
    return await exposure.lock(
        found.risk.year_id, {int(key): need for key, need in wanted.items()}, zone_ids
    )


async def _write(bound: Bound) -> str:
    policy_id = await write_policy(bound.actor, bound.policy)
    number = await next_number("PL", bound.moment)
    schedules = [await next_number("SS", bound.moment) for _ in bound.market.sections]
    snapshot = await snapshots.build(
        bound.found,
        bound.market,
        number=number,
        schedules=schedules,
        policy_id=policy_id,
        policy_number=bound.form.policy_number,
        total=total_shares(bound.found, bound.market),
        check=bound.check,
        at_risk=bound.at_risk,
        moment=bound.moment,
        declaration=bound.form.no_known_loss_document,
    )
    placement_id = await _placement(bound, number, policy_id, snapshot)
    await exposure.settle(bound.locked, placement_id, bound.moment)
    for schedule, part in zip(schedules, bound.market.sections, strict=True):
        await _schedule(bound, placement_id, schedule, part)
    await _sign_lines(bound)
    await journal.move(
        RISK,
        Risk,
        bound.found.risk.as_row(),
        "bind",
        bound.actor,
        subject_kind="risk",
        subject=bound.found.risk.number,
        values={"revision": bound.found.risk.revision + 1},
        facts={"placement": number},
    )
    return number


async def _placement(bound: Bound, number: str, policy_id: int, snapshot: dict[str, Any]) -> int:
    risk, terms = bound.found.risk, bound.found.terms
    values = {
        "number": number,
        "risk": risk.id,
        "pool_year": risk.year_id,
        "agreement": bound.found.year["agreement"],
        "character_check": bound.check["id"],
        "policy": policy_id,
        "issuer": risk.issuer_id,
        "insured": risk.insured_id,
        "consent_document": bound.form.consent_document,
        "start_on": risk.start_on,
        "end_on": risk.end_on,
        "cover_from": risk.start_on if terms.no_premium_no_cover == "none" else None,
        "status": PLACEMENT.initial,
        "snapshot": journal.canonical(snapshot),
        "snapshot_hash": content_hash(snapshot),
        "revision": 1,
        "bound_at": bound.moment,
        "bound_by": bound.actor.user_id,
    }
    names, marks = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
    placement_id: int = await sql_value(
        f"INSERT INTO placement ({names}) VALUES ({marks}) RETURNING id", *values.values()
    )
    await journal.record(
        bound.actor,
        "placement",
        number,
        "bind",
        to_status=PLACEMENT.initial,
        facts={
            "risk": risk.number,
            "policy": bound.form.policy_number,
            "snapshot_hash": values["snapshot_hash"],
            "character_check": bound.check["number"],
        },
        effective_on=risk.start_on,
    )
    return placement_id


async def _schedule(
    bound: Bound, placement_id: int, number: str, part: gathering.Participation
) -> None:
    """The frozen participation of one section, effective from the first day of cover."""
    found = bound.found
    clause, mode = found.terms.clause("signing"), "per_risk_line"
    if bound.market.schedule is not None:
        clause, mode = bound.market.schedule.clause, bound.market.schedule.mode
    schedule_id = await sql_value(
        "INSERT INTO share_schedule (number, pool_year, placement, section, mode, valid_from,"
        " status, reason, clause, revision, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5,"
        " $6, 'proposed', $7, $8, 1, $9, $10) RETURNING id",
        number,
        found.risk.year_id,
        placement_id,
        part.section.id,
        mode,
        found.risk.start_on,
        f"成单 {found.risk.number}",
        clause,
        bound.moment,
        bound.actor.user_id,
    )
    await sql_many(
        "INSERT INTO share_item (schedule, organisation, position, share_units, basis_weight)"
        " VALUES ($1, $2, $3, $4, $5)",
        [
            (schedule_id, key, bound.market.members[key].position, units, weight)
            for key, units, weight in _items(bound.market, part)
        ],
    )
    await journal.record(
        bound.actor, SCHEDULE.name, number, "propose", to_status=SCHEDULE.initial
    )
    await journal.move(
        SCHEDULE,
        ShareSchedule,
        {"id": schedule_id, "status": SCHEDULE.initial},
        "bind",
        bound.actor,
        subject_kind=SCHEDULE.name,
        subject=number,
        roles=SYSTEM_ROLES,
        values={"effective_at": bound.moment, "revision": 2},
        facts={"section": part.section.code},
        effective_on=found.risk.start_on,
    )


def _items(
    market: Market, part: gathering.Participation
) -> list[tuple[int, int, int]]:
    """Organisation, units and what they came from: the written line, or the year's basis."""
    written = {line.organisation_id: line.written_units for line in part.counted}
    if market.schedule is not None:
        written = market.schedule.weights
    return [(key, units, written.get(key, units)) for key, units in part.shares.items()]


async def _sign_lines(bound: Bound) -> None:
    """All lines of the risk take the same step in one statement, or somebody was faster."""
    pairs = [
        (line, signed)
        for part in bound.market.sections
        if part.signed is not None
        for line, signed in zip(part.counted, part.signed.lines, strict=True)
    ]
    step = LINE.advance("written", "sign", SYSTEM_ROLES)
    moved = await sql(
        "UPDATE risk_line l SET status = $3, signed_units = t.units, revision = l.revision + 1"
        " FROM unnest($1::bigint[], $2::bigint[]) t(id, units)"
        " WHERE l.id = t.id AND l.status = $4 RETURNING l.id",
        [line.id for line, _ in pairs],
        [signed.signed_units for _, signed in pairs],
        step.target,
        step.source,
    )
    if len(moved) != len(pairs):
        raise Conflict("conflict.status_moved")
    await journal.record_rows(
        journal.event_row(
            bound.actor,
            "risk_line",
            str(line.id),
            step.event,
            from_status=step.source,
            to_status=step.target,
            facts={"signed_units": signed.signed_units, "outcome": signed.outcome},
            recorded_at=bound.moment,
        )
        for line, signed in pairs
    )


_STATE = (
    "SELECT l.number, l.status, l.revision, r.number AS risk, l.policy AS policy_id,"
    " y.number AS policy_number, l.snapshot_hash FROM placement l JOIN risk r ON r.id = l.risk"
    " JOIN policy y ON y.id = l.policy WHERE l.number = $1"
)


async def state_of(number: str, findings: list[Finding] | None = None) -> PlacementState:
    """Where a placement stands."""
    row = await sql_row(_STATE, number)
    assert row is not None
    return PlacementState(**row, findings=[finding.as_dict() for finding in findings or []])
