"""Members of a pool year (成员): invited, admitted, joining; what capacity they commit."""

from __future__ import annotations

from datetime import date
from typing import Any

from coinsurance.access import seat_of, year_row
from coinsurance.placements import exposure
from coinsurance.pool_forms import AcceptanceForm, CapacityForm, MembershipForm
from coinsurance.pool_shapes import MemberState
from coinsurance.pools import consents, parts
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.consents import GIVEN
from coinsurance.rules.members import (
    CapacityFacts,
    InvitationFacts,
    MemberFacts,
    check_capacity,
    check_invitation,
)
from coinsurance.rules.nouns import ConsentMatter, PoolRole
from coinsurance.rules.workflows import CONSENT, MEMBER, POOL_YEAR
from coinsurance.tables import PoolMember
from service.auth import Actor
from service.kernel import journal
from service.kernel.bank_accounts import check_account
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Forbidden, NotFound, Refused, Stale
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.numbering import normalise_uscc

KIND = MEMBER.name


def subject_of(year: str, uscc: str) -> str:
    """The name of a membership in journal and consents."""
    return f"{year}/{uscc}"


async def member_row(year: Any, uscc: str, *, lock: bool = False) -> Any:
    """A membership with the organisation's names; NotFound for an unknown one."""
    row = await sql_row(
        "SELECT m.*, o.uscc, o.name, o.short_name FROM pool_member m JOIN organisation o"
        " ON o.id = m.organisation WHERE m.pool_year = $1 AND o.uscc = $2"
        + (" FOR UPDATE OF m" if lock else ""),
        year["id"],
        normalise_uscc(uscc)[:40],
    )
    if row is None:
        raise NotFound("成员", "Member", f"{year['number']}/{uscc}")
    return row


async def members_of(year_id: int) -> list[MemberFacts]:
    """The members of a year as the rules see them."""
    rows = await sql(
        "SELECT o.uscc, o.short_name, o.legal_root, m.position, m.roles, m.status"
        " FROM pool_member m JOIN organisation o ON o.id = m.organisation"
        " WHERE m.pool_year = $1 ORDER BY m.position",
        year_id,
    )
    return [MemberFacts(**{**dict(row), "roles": frozenset(row["roles"])}) for row in rows]


async def invite(actor: Actor, number: str, form: MembershipForm) -> MemberState:
    """Invite an organisation to a year; into a running year the members have to consent.

    Raises Refused with every finding: no insurer, a second branch of one legal person, a role that
    is held, capacity below the entry condition.
    """
    async with work():
        year = await year_row(number, "change")
        need_year(year, "draft", "signed", "open")
        terms = terms_of(year["agreement_body"])
        known = await parts.organisations([form.uscc], "members")
        organisation = known[normalise_uscc(form.uscc)]
        there = await members_of(year["id"])
        facts = _invitation(form, organisation, there, terms)
        found = check_invitation(facts)
        if form.bank_account:
            found += check_account(form.bank_account, "bank_account")
        if blockers(found):
            raise Refused(found)
        position = form.position or _free_position(form, there)
        member_id = await _insert(actor, year, form, organisation, position)
        subject = subject_of(number, organisation["uscc"])
        await journal.record(
            actor,
            KIND,
            subject,
            "invite",
            to_status=MEMBER.initial,
            facts={
                "roles": [role.value for role in form.roles],
                "position": position,
                **_capacities(form),
            },
        )
        if year["status"] != "draft":
            await _ask_members(actor, year, terms, subject, organisation)
    return await state_of(number, member_id, found)


def _invitation(
    form: MembershipForm, organisation: Any, there: list[MemberFacts], terms: AgreementTerms
) -> InvitationFacts:
    return InvitationFacts(
        uscc=organisation["uscc"],
        name=organisation["short_name"],
        legal_root=organisation["legal_root"],
        direct_insurer=organisation["kind"] == "insurer" and organisation["active"],
        roles=frozenset(role.value for role in form.roles),
        position=form.position,
        capacity=CapacityFacts(
            form.risk_capacity_fen, form.event_capacity_fen, form.aggregate_capacity_fen
        ),
        excluded_classes=tuple(form.excluded_classes),
        members=tuple(there),
        terms=terms,
    )


def _free_position(form: MembershipForm, there: list[MemberFacts]) -> int:
    """The first place for a lead where it is free, else the next after the last."""
    taken = {member.position for member in there}
    if PoolRole.LEAD in form.roles and 1 not in taken:
        return 1
    return max(taken | {1}) + 1


async def _insert(
    actor: Actor, year: Any, form: MembershipForm, organisation: Any, position: int
) -> int:
    member_id: int = await sql_value(
        "INSERT INTO pool_member (pool_year, organisation, legal_root, position, roles,"
        " risk_capacity_fen, event_capacity_fen, aggregate_capacity_fen, aggregate_used_fen,"
        " excluded_classes, status, joined_on, bank_account, revision, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, $9, $10, $11, $12, 1, $13, $14) RETURNING id",
        year["id"],
        organisation["id"],
        organisation["legal_root"],
        position,
        [role.value for role in dict.fromkeys(form.roles)],
        form.risk_capacity_fen,
        form.event_capacity_fen,
        form.aggregate_capacity_fen,
        list(dict.fromkeys(form.excluded_classes)),
        MEMBER.initial,
        _joining(year),
        form.bank_account,
        now(),
        actor.user_id,
    )
    return member_id


def _joining(year: Any) -> date:
    """Founders join with the year, later members on the day."""
    start_on: date = year["start_on"]
    return start_on if year["status"] == "draft" else max(today(), start_on)


def _capacities(form: CapacityForm) -> dict[str, int]:
    return {
        name: getattr(form, name)
        for name in ("risk_capacity_fen", "event_capacity_fen", "aggregate_capacity_fen")
    }


async def _ask_members(
    actor: Actor, year: Any, terms: AgreementTerms, subject: str, organisation: Any
) -> None:
    term = terms.consents[ConsentMatter.ADMISSION]
    await consents.ask(
        actor,
        consents.Matter(
            year["pool"],
            year["id"],
            ConsentMatter.ADMISSION,
            KIND,
            subject,
            f"{organisation['short_name']} 加入 {year['number']}",
            term,
            terms.consent_clause(ConsentMatter.ADMISSION),
        ),
        await consents.members_to_ask(year["id"], term, today()),
    )


async def accept(actor: Actor, number: str, uscc: str, form: AcceptanceForm) -> MemberState:
    """An invited organisation joins or declines, by its own manager.

    Joining a running year waits for the members' consent (Refused until it is given).
    """
    async with work():
        year = await year_row(number, "change")
        row = await member_row(year, uscc, lock=True)
        await need_own(actor, row)
        subject = subject_of(number, row["uscc"])
        if not form.accept:
            await move(actor, row, "decline", subject, note=form.note)
            await consents.withdraw(actor, KIND, subject)
            return await state_of(number, row["id"])
        MEMBER.advance(row["status"], "accept", actor.roles)
        need_year(year, "draft", "signed", "open")
        await _need_admission(subject)
        joined_on = _joining(year)
        await move(
            actor,
            row,
            "accept",
            subject,
            note=form.note,
            values={"joined_on": joined_on},
            effective_on=joined_on,
        )
    return await state_of(number, row["id"])


async def _need_admission(subject: str) -> None:
    request = await consents.latest_request(KIND, subject)
    if request is None or request["matter"] != ConsentMatter.ADMISSION:
        return
    if request["status"] != GIVEN:
        raise Refused(
            [
                blocker(
                    "member.admission_open",
                    "consent",
                    request["clause"],
                    number=request["number"],
                    status_zh=CONSENT.label(request["status"], "zh"),
                    status_en=CONSENT.label(request["status"], "en"),
                )
            ]
        )


async def change_capacity(
    actor: Actor, number: str, uscc: str, form: CapacityForm, revision: int | None
) -> MemberState:
    """A member commits more or less capacity; never below what is in use (POOLS invariant 3).

    Shares do not follow by themselves: a schedule by capacity is proposed anew. What the database
    holds its zones to follows at once.
    """
    async with work():
        year = await year_row(number)
        row = await member_row(year, uscc, lock=True)
        await need_own(actor, row)
        if revision is not None and revision != row["revision"]:
            raise Stale("conflict.stale")
        need_year(year, "draft", "signed", "open", "closed_new")
        if row["status"] not in ("invited", "active", "suspended"):
            raise Refused([wrong_status(row)])
        event_used_fen = await exposure.hold_zones(row["organisation"])
        before = {name: row[name] for name in _capacities(form)}
        found = check_capacity(
            CapacityFacts(
                form.risk_capacity_fen, form.event_capacity_fen, form.aggregate_capacity_fen
            ),
            PoolRole.OBSERVER in row["roles"],
            terms_of(year["agreement_body"]),
            event_used_fen=event_used_fen,
            aggregate_used_fen=row["aggregate_used_fen"],
        )
        if blockers(found):
            raise Refused(found)
        await sql(
            "UPDATE pool_member SET risk_capacity_fen = $2, event_capacity_fen = $3,"
            " aggregate_capacity_fen = $4, revision = revision + 1 WHERE id = $1",
            row["id"],
            *_capacities(form).values(),
        )
        await exposure.keep_limits(row["organisation"])
        await journal.record(
            actor,
            KIND,
            subject_of(number, row["uscc"]),
            "change_capacity",
            facts={"before": before, "after": _capacities(form)},
        )
    return await state_of(number, row["id"])


async def move(actor: Actor, row: Any, event: str, subject: str, **more: Any) -> None:
    """Take a step of a membership."""
    await parts.move(actor, MEMBER, PoolMember, row, event, subject, **more)


async def need_own(actor: Actor, row: Any) -> None:
    """Only the member's own people act for it.

    Forbidden to others of the pool year, NotFound to those who have no seat in it.
    """
    if actor.owns(row["organisation"]):
        return
    if not actor.sees_all and await seat_of(actor, row["pool_year"]) is None:
        raise NotFound("成员", "Member", row["uscc"])
    raise Forbidden("member.not_own", name=row["short_name"])


def need_year(year: Any, *statuses: str) -> None:
    """Refused unless the year stands at one of these."""
    if year["status"] not in statuses:
        raise Refused(
            [
                blocker(
                    "year.closed_to_change",
                    "pool_year",
                    status_zh=POOL_YEAR.label(year["status"], "zh"),
                    status_en=POOL_YEAR.label(year["status"], "en"),
                )
            ]
        )


def wrong_status(row: Any) -> Finding:
    """The finding that a member's status does not allow what is asked."""
    return blocker(
        "member.wrong_status",
        "status",
        name=row["short_name"],
        status_zh=MEMBER.label(row["status"]),
        status_en=MEMBER.label(row["status"], "en"),
    )


async def state_of(
    number: str, member_id: int, findings: list[Finding] | None = None
) -> MemberState:
    """Where a member stands now."""
    row = await sql_row(
        "SELECT o.uscc, m.status, m.revision, m.left_on FROM pool_member m JOIN organisation o"
        " ON o.id = m.organisation WHERE m.id = $1",
        member_id,
    )
    assert row is not None
    request = await consents.latest_request(KIND, subject_of(number, row["uscc"]))
    return MemberState(
        number,
        row["uscc"],
        row["status"],
        row["revision"],
        row["left_on"],
        request["number"] if request else None,
        [finding.as_dict() for finding in findings or []],
    )


async def _admission_closed(actor: Actor, request: Any, outcome: str) -> None:
    """An invitation the members did not consent to is off; taking over a shortfall stays open."""
    if outcome == GIVEN or request["matter"] != ConsentMatter.ADMISSION:
        return
    number, _, uscc = request["subject"].rpartition("/")
    row = await member_row(await year_row(number), uscc, lock=True)
    if row["status"] == MEMBER.initial:
        facts = {"consent_request": request["number"], "outcome": outcome}
        await move(actor, row, "refuse_admission", request["subject"], facts=facts, follows=True)


consents.when_closed(KIND, _admission_closed)
