"""From the notice of loss to registration (报案、立案): the loss day decides year and shares."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from catalogue.policies import records
from catalogue.products.drafts import next_number
from coinsurance.claim_forms import ClaimForm, FlagsForm, RegistrationForm, ReserveLineForm
from coinsurance.claim_shapes import ClaimState
from coinsurance.claims import alerts, freezing, moving
from coinsurance.claims.rows import Found, handled
from coinsurance.claims.states import state_of
from coinsurance.premiums.books import ensure_accounts
from coinsurance.rules.accounts import AccountLine, account
from coinsurance.rules.claims.authority import check_flags
from coinsurance.rules.claims.deadlines import due_after
from coinsurance.rules.claims.workflow import CLAIM
from coinsurance.tables import Claim
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import local_day, now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Finding, blocker, blockers, warning

ACCOUNTS = ("current", "claim_paid", "claim_expense", "recovery")
"""Accounts that claims of a pool year move, opened for every member when a claim is registered."""


@dataclass(frozen=True, slots=True)
class Basis:
    """What a claim is on: a placement of a pool, or a policy of one insurer."""

    policy_id: int
    insured_id: int
    handler_id: int
    placement_id: int | None
    year_id: int | None


async def notify(actor: Actor, form: ClaimForm) -> ClaimState:
    """Record a notice of loss by the insured or by a member on the risk.

    A loss outside the period is recorded with a warning, so that it can be answered. Raises Refused
    for moments in the future, NotFound for a policy the actor has no part in.
    """
    reported_at = form.reported_at or now()
    found = _check_moments(form, reported_at)
    async with work():
        basis = await basis_of(actor, form.placement, form.policy)
        if blockers(found):
            raise Refused(found)
        found += await _cover_findings(basis, form.loss_on, warn=True)
        number = await next_number("CL", now())
        await sql(
            "INSERT INTO claim (number, policy, placement, pool_year, insured, handler, status,"
            " revision, loss_on, place, cause, description, event, estimate_fen, flags,"
            " reported_at, reporter, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6,"
            " 'notified', 1, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
            number,
            basis.policy_id,
            basis.placement_id,
            basis.year_id,
            basis.insured_id,
            basis.handler_id,
            form.loss_on,
            form.place,
            form.cause,
            form.description,
            form.event,
            form.estimate_fen,
            [flag.value for flag in dict.fromkeys(form.flags)],
            reported_at,
            form.reporter,
            now(),
            actor.user_id,
        )
        await journal.record(
            actor,
            "claim",
            number,
            "notify",
            to_status=CLAIM.initial,
            facts={
                "loss_on": form.loss_on.isoformat(),
                "reported_at": reported_at.isoformat(),
                "estimate_fen": form.estimate_fen,
            },
            effective_on=local_day(reported_at),
        )
    return await state_of(number, found)


def _check_moments(form: ClaimForm, reported_at: datetime) -> list[Finding]:
    if reported_at.tzinfo is None:
        return [blocker("claim.moment_without_zone", "reported_at")]
    found = []
    if form.loss_on > today():
        found.append(blocker("claim.future", "loss_on"))
    if reported_at > now():
        found.append(blocker("claim.future", "reported_at"))
    if local_day(reported_at) < form.loss_on:
        found.append(blocker("claim.reported_before_loss", "reported_at"))
    return found


async def basis_of(actor: Actor, placement: str, policy: int | None) -> Basis:
    """What the actor may claim on; NotFound for what it has no part in."""
    if bool(placement) == (policy is not None):
        raise Refused([blocker("claim.one_policy", "placement")])
    if placement:
        return await _on_placement(actor, placement)
    assert policy is not None
    row = await records.policy_row(actor, policy)
    placed = await sql_value("SELECT number FROM placement WHERE policy = $1", policy)
    if placed is not None:
        raise Refused([blocker("claim.placed_policy", "policy", placement=placed)])
    if await sql_value("SELECT count(*) FROM policy_insurer WHERE policy = $1", policy) > 1:
        raise Refused([blocker("claim.several_insurers", "policy")])
    return Basis(policy, row.insured_id, row.insurer_id, None, None)


_PLACEMENT = """
SELECT g.id, g.policy, g.insured, g.issuer, g.pool_year, y.number AS year,
  (SELECT m.organisation FROM pool_member m WHERE m.pool_year = g.pool_year
    AND m.status = 'active' AND 'claims_handler' = ANY(m.roles)) AS handler,
  EXISTS (SELECT 1 FROM pool_member m WHERE m.pool_year = g.pool_year AND m.organisation = $2
    AND m.status = 'active' AND m.roles && '{lead,issuer,claims_handler,account_keeper}'::varchar[])
  OR EXISTS (SELECT 1 FROM share_schedule s JOIN share_item i ON i.schedule = s.id
    WHERE s.placement = g.id AND s.status = 'effective' AND i.organisation = $2) AS member
FROM placement g JOIN pool_year y ON y.id = g.pool_year WHERE g.number = $1
"""


async def _on_placement(actor: Actor, number: str) -> Basis:
    row = await sql_row(_PLACEMENT, number, actor.organisation_id)
    if row is None or not (row["member"] or actor.owns(row["insured"]) or actor.sees_all):
        raise NotFound("共保保单", "Placement", number)
    if row["handler"] is None:
        raise Refused([blocker("claim.no_handler", "placement", year=row["year"])])
    return Basis(row["policy"], row["insured"], row["handler"], row["id"], row["pool_year"])


_COVER = """
SELECT l.start_on, l.current_end_on, g.cover_from, g.id AS placement, a.hash AS terms_hash
FROM policy l LEFT JOIN placement g ON g.policy = l.id
LEFT JOIN pool_agreement a ON a.id = g.agreement WHERE l.id = $1
"""


async def _cover_findings(basis: Basis, loss_on: date, *, warn: bool = False) -> list[Finding]:
    """Whether the policy covers that day: period, and cover that begins with the premium."""
    row = await sql_row(_COVER, basis.policy_id)
    assert row is not None
    make = warning if warn else blocker
    found = []
    if not row["start_on"] <= loss_on <= row["current_end_on"]:
        found.append(
            make(
                "claim.outside_period",
                "loss_on",
                loss_on=loss_on,
                start=row["start_on"],
                end=row["current_end_on"],
            )
        )
    elif row["placement"] is not None and row["cover_from"] is None:
        found.append(make("claim.no_cover_yet", "loss_on"))
    elif row["cover_from"] is not None and loss_on < row["cover_from"]:
        found.append(
            make("claim.before_cover", "loss_on", loss_on=loss_on, cover_from=row["cover_from"])
        )
    return found


async def register(actor: Actor, number: str, form: RegistrationForm) -> ClaimState:
    """Register a claim: sections and shares of the loss day are frozen, members are to be told.

    Every section of the policy is taken up with the schedule in force on the loss day as known now;
    the notices to the other members get their due day from the time of the report.
    """
    async with work():
        found = await handled(actor, number)
        CLAIM.advance(found.status, "register", actor.roles, form.note)
        loss_on = form.loss_on or found.row["loss_on"]
        if form.flags is not None:
            flags = [flag.value for flag in form.flags]
            standing = check_flags(found.row["flags"], flags, shared=found.in_pool)
            if standing:
                raise Refused(standing)
        await take_up(found, loss_on)
        await _take(actor, found, form, loss_on)
        for position, reserve in enumerate(form.reserves):
            await _first_reserve(actor, number, position, reserve)
        await alerts.raise_if_large(actor, number)
    return await state_of(number)


async def _first_reserve(
    actor: Actor, number: str, position: int, reserve: ReserveLineForm
) -> None:
    """Set a reserve of the form; what is refused names its row."""
    try:
        await moving.set_reserve(actor, number, reserve.section, reserve.outstanding_fen)
    except Refused as error:
        where = f"reserves.{position}"
        raise Refused(
            [replace(finding, field=f"{where}.{finding.field}") for finding in error.findings]
        ) from error


async def take_up(found: Found, loss_on: date) -> None:
    """Freeze sections and shares of the loss day, list whom to tell, open accounts.

    Raises Refused when the policy does not cover the day.
    """
    checks = await _registrable(found, loss_on)
    if blockers(checks):
        raise Refused(checks)
    frozen = await freezing.freeze(found, loss_on)
    await _members_to_tell(found, frozen)
    await _open_accounts(found, frozen)


async def _registrable(found: Found, loss_on: date) -> list[Finding]:
    row = found.row
    basis = Basis(
        row["policy"], row["insured"], row["handler"], row["placement"], row["pool_year"]
    )
    checks = await _cover_findings(basis, loss_on)
    if loss_on > local_day(row["reported_at"]):
        checks.append(blocker("claim.reported_before_loss", "loss_on"))
    return checks


async def _take(actor: Actor, found: Found, form: RegistrationForm, loss_on: date) -> None:
    row = found.row
    flags = row["flags"] if form.flags is None else [f.value for f in dict.fromkeys(form.flags)]
    estimate_fen = row["estimate_fen"] if form.estimate_fen is None else form.estimate_fen
    await journal.move(
        CLAIM,
        Claim,
        row,
        "register",
        actor,
        subject_kind="claim",
        subject=found.number,
        note=form.note,
        values={
            "revision": row["revision"] + 1,
            "loss_on": loss_on,
            "estimate_fen": estimate_fen,
            "flags": flags,
            "registered_on": today(),
        },
        facts={"loss_on": loss_on.isoformat(), "estimate_fen": estimate_fen, "flags": flags},
    )


async def _members_to_tell(found: Found, members: Sequence[Any]) -> None:
    """A notice of loss to every other member, due from the day of the report."""
    if found.terms is None:
        return
    due = due_after(
        local_day(found.row["reported_at"]), found.terms.notice, found.clause("notice")
    )
    await sql_many(
        "INSERT INTO claim_notice (claim, organisation, kind, round, due_on, due_days,"
        " due_calendar, clause, recorded_at) VALUES ($1, $2, 'loss', 1, $3, $4, $5, $6, $7)",
        [
            (found.id, member["id"], due.on, due.days, due.calendar.value, due.clause, now())
            for member in members
            if member["id"] != found.row["handler"]
        ],
    )


async def _open_accounts(found: Found, members: Sequence[Any]) -> None:
    """Open what the claim will move, so that no payment has to."""
    if not found.in_pool:
        return
    usccs = {member["uscc"] for member in members} | {found.row["handler_uscc"]}
    await ensure_accounts(
        found.row["book"],
        [AccountLine(account(name, uscc), 0) for uscc in sorted(usccs) for name in ACCOUNTS],
    )


async def set_flags(actor: Actor, number: str, form: FlagsForm) -> ClaimState:
    """Set complexity flags: with one the handler does not decide alone, so it takes none off."""
    async with work():
        found = await handled(actor, number)
        flags = [flag.value for flag in dict.fromkeys(form.flags)]
        found_against = check_flags(found.row["flags"], flags, shared=found.in_pool)
        if found_against:
            raise Refused(found_against)
        await sql(
            "UPDATE claim SET flags = $2, revision = revision + 1 WHERE id = $1", found.id, flags
        )
        await journal.record(
            actor,
            "claim",
            number,
            "flag",
            note=form.reason,
            facts={"flags": flags, "before": list(found.row["flags"])},
        )
    return await state_of(number)
