"""Members that are suspended, leave, or are found in default; roles handed over (退出、违约、交接).

Whoever leaves or defaults stays on its old shares for what is in force: no step here touches a
schedule or charges another member (POOLS invariant 19).
"""

from __future__ import annotations

from datetime import date
from typing import Any

from coinsurance.access import need_role, year_row
from coinsurance.pool_forms import DefaultForm, ExitForm, ShortfallForm, TransferForm
from coinsurance.pool_shapes import MemberState
from coinsurance.pools import consents
from coinsurance.pools.members import (
    KIND,
    member_row,
    move,
    need_own,
    state_of,
    subject_of,
    wrong_status,
)
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.deadlines import in_words, last_day, told
from coinsurance.rules.members import check_exit
from coinsurance.rules.nouns import ConsentMatter, PoolRole
from coinsurance.rules.workflows import MEMBER
from service.auth import Actor, Role
from service.kernel import journal
from service.kernel.calendar import OpenTerm, today
from service.kernel.db import sql, work
from service.kernel.errors import Refused
from service.kernel.findings import blocker


async def step(actor: Actor, number: str, uscc: str, event: str, note: str) -> MemberState:
    """Suspend or resume a member, by the committee's approver."""
    async with work():
        year = await year_row(number)
        row = await member_row(year, uscc, lock=True)
        await move(actor, row, event, subject_of(number, row["uscc"]), note=note)
    return await state_of(number, row["id"])


async def leave(actor: Actor, number: str, uscc: str, form: ExitForm) -> MemberState:
    """A member leaves, by its manager or the committee's approver, after the agreed notice.

    Until the day it stays a member; the `due` run ends the membership then. Refused while it holds
    a role, before the notice is over, or while the notice cannot be told.
    """
    async with work():
        year = await year_row(number)
        row = await member_row(year, uscc, lock=True)
        if not actor.has(Role.COMMITTEE_APPROVER):
            await need_own(actor, row)
        MEMBER.advance(row["status"], "exit", actor.roles, form.note)
        if row["left_on"] is not None:
            raise Refused([blocker("member.exit_noted", "left_on", left_on=row["left_on"])])
        terms = terms_of(year["agreement_body"])
        notice = last_day(terms.exit_notice, today()) if terms.exit_notice else today()
        if isinstance(notice, OpenTerm):
            raise Refused([notice.finding("left_on")])
        earliest_on = max(notice or today(), row["joined_on"])
        left_on = form.left_on or earliest_on
        found = check_exit(frozenset(row["roles"]), left_on, earliest_on, terms)
        if found:
            raise Refused(found)
        await sql(
            "UPDATE pool_member SET left_on = $2, revision = revision + 1 WHERE id = $1",
            row["id"],
            left_on,
        )
        subject = subject_of(number, row["uscc"])
        if left_on > today():
            facts = {"left_on": left_on.isoformat(), "clause": terms.clause("exit_notice")}
            await journal.record(actor, KIND, subject, "give_notice", note=form.note, facts=facts)
        else:
            moved = {**dict(row), "revision": row["revision"] + 1}
            await move(actor, moved, "exit", subject, note=form.note, effective_on=left_on)
    return await state_of(number, row["id"])


async def default(actor: Actor, number: str, uscc: str, form: DefaultForm) -> MemberState:
    """Find a member in default. By late payment only past the agreed grace of a due obligation.

    What it left open is disclosed (see :mod:`shortfalls`); nobody else is charged.
    """
    async with work():
        year = await year_row(number)
        row = await member_row(year, uscc, lock=True)
        MEMBER.advance(row["status"], "default", actor.roles, form.note)
        terms = terms_of(year["agreement_body"])
        late = await late_obligations(year["id"], row["organisation"], terms)
        if form.cause == "late_payment" and not late:
            grace = terms.default_grace
            words = in_words(grace.days, grace.calendar) if grace else "0 日"
            clause = terms.clause("default_grace")
            raise Refused(
                [blocker("member.not_late", "cause", clause, grace_zh=words, grace_en=words)]
            )
        await move(
            actor,
            row,
            "default",
            subject_of(number, row["uscc"]),
            note=form.note,
            facts={"cause": form.cause, "late": [item["number"] for item in late]},
        )
    return await state_of(number, row["id"])


async def late_obligations(
    year_id: int, organisation_id: int, terms: AgreementTerms | None = None
) -> list[Any]:
    """What a member owes past its due day; with the terms, only past the agreed grace."""
    rows = await sql(
        "SELECT number, due_on, amount_fen - settled_fen AS open_fen FROM obligation"
        " WHERE pool_year = $1 AND debtor = $2 AND status IN ('open', 'part_settled')"
        " AND due_on < $3 ORDER BY due_on, id",
        year_id,
        organisation_id,
        today(),
    )
    grace = terms.default_grace if terms else None
    if grace is None:
        return rows
    ends = {row["due_on"]: told(last_day(grace, row["due_on"])) for row in rows}
    return [row for row in rows if _is_over(ends[row["due_on"]])]


def _is_over(end_on: date | None) -> bool:
    return end_on is not None and end_on < today()


async def cure(actor: Actor, number: str, uscc: str, note: str) -> MemberState:
    """A default is cured once nothing of the member is late; it stays suspended until resumed."""
    async with work():
        year = await year_row(number)
        row = await member_row(year, uscc, lock=True)
        MEMBER.advance(row["status"], "cure", actor.roles, note)
        late = await late_obligations(year["id"], row["organisation"])
        if late:
            late_fen = sum(item["open_fen"] for item in late)
            raise Refused([blocker("member.still_late", "obligations", late_fen=late_fen)])
        await move(actor, row, "cure", subject_of(number, row["uscc"]), note=note)
    return await state_of(number, row["id"])


async def take_over(actor: Actor, number: str, uscc: str, form: TransferForm) -> MemberState:
    """A member takes over a role from its one holder, by resolution of the members.

    The positions stay as they are, so that no split of money that is running changes its order.
    """
    if form.role in (PoolRole.FOLLOWER, PoolRole.OBSERVER):
        raise Refused([blocker("member.role_of_many", "role", role_zh=form.role.zh)])
    async with work():
        year = await year_row(number, "change")
        row = await member_row(year, uscc, lock=True)
        if row["status"] != "active" or PoolRole.OBSERVER in row["roles"]:
            raise Refused([wrong_status(row)])
        holders = await sql(
            "SELECT m.id, m.roles, o.uscc FROM pool_member m JOIN organisation o"
            " ON o.id = m.organisation WHERE m.pool_year = $1 AND $2 = ANY(m.roles)"
            " AND m.id <> $3 ORDER BY m.id FOR UPDATE OF m",
            year["id"],
            form.role.value,
            row["id"],
        )
        for holder in holders:
            kept = [role for role in holder["roles"] if role != form.role]
            await _set_roles(actor, form, number, holder, kept or [PoolRole.FOLLOWER.value])
        if form.role not in row["roles"]:
            await _set_roles(actor, form, number, row, [*row["roles"], form.role.value])
    return await state_of(number, row["id"])


async def _set_roles(
    actor: Actor, form: TransferForm, number: str, member: Any, roles: list[str]
) -> None:
    await sql(
        "UPDATE pool_member SET roles = $2, revision = revision + 1 WHERE id = $1",
        member["id"],
        roles,
    )
    await journal.record(
        actor,
        KIND,
        subject_of(number, member["uscc"]),
        "change_roles",
        note=form.note,
        facts={
            "before": list(member["roles"]),
            "after": roles,
            "resolution_number": form.resolution_number,
        },
    )


async def ask_shortfall(actor: Actor, number: str, uscc: str, form: ShortfallForm) -> MemberState:
    """Ask the others whether they take over what a defaulter left open.

    By the lead or the committee's officer. Nothing is charged by asking, nor by the answer alone:
    what follows needs the request and a resolution.
    """
    async with work():
        year = await year_row(number, "turn")
        await may_lead(actor, year)
        row = await member_row(year, uscc, lock=True)
        if row["status"] != "defaulted":
            raise Refused([blocker("member.not_in_default", "status", name=row["short_name"])])
        open_rows = await sql(
            "SELECT number FROM obligation WHERE pool_year = $1 AND debtor = $2"
            " AND status IN ('open', 'part_settled') ORDER BY id",
            year["id"],
            row["organisation"],
        )
        if not open_rows:
            raise Refused([blocker("member.nothing_open", "obligations", name=row["short_name"])])
        terms = terms_of(year["agreement_body"])
        term = terms.consents[ConsentMatter.SHORTFALL]
        subject = subject_of(number, row["uscc"])
        request = await consents.ask(
            actor,
            consents.Matter(
                year["pool"],
                year["id"],
                ConsentMatter.SHORTFALL,
                KIND,
                subject,
                f"分担 {row['short_name']} 在 {number} 的未付款项",
                term,
                terms.consent_clause(ConsentMatter.SHORTFALL),
            ),
            await consents.members_to_ask(year["id"], term, today(), without={row["organisation"]}),
        )
        facts = {"consent_request": request, "open": [item["number"] for item in open_rows]}
        await journal.record(actor, KIND, subject, "ask_shortfall", note=form.note, facts=facts)
    return await state_of(number, row["id"])


async def may_lead(actor: Actor, year: Any) -> None:
    """The committee's officers, and members that lead the year; else Forbidden or NotFound."""
    if not actor.has(Role.COMMITTEE_OFFICER, Role.COMMITTEE_ADMIN):
        await need_role(actor, year, PoolRole.LEAD)
