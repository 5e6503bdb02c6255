"""Accounts that insurers are paid on (收款账户): entered by the insurer, verified by the committee.

An account is replaced and never edited, so a payment can always be held against what was verified.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalogue.paging import check_status, id_page
from catalogue.payee_forms import PayeeAccountForm
from catalogue.products.search import like_pattern
from catalogue.rules.payee import PayeeFacts, check_payee
from catalogue.rules.subsidy.money_workflows import PAYEE
from catalogue.rules.subsidy.nouns import PayeeStatus
from catalogue.tables import PayeeAccount
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.bank_accounts import fold_account
from service.kernel.calendar import now
from service.kernel.db import advisory_lock, sql, sql_row, sql_value, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import blockers

SUBJECT = "payee_account"


@dataclass(frozen=True, slots=True)
class PayeeAccountShape:
    """An account of an insurer, for itself, the committee and the auditor."""

    id: int
    uscc: str
    organisation: str
    account_name: str
    account_number: str
    bank_name: str
    status: str
    note: str
    recorded_at: datetime
    recorded_by: str
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class PayeeAccountPage:
    """A page of accounts, newest first; `next` is null on the last, `previous` on the first."""

    items: list[PayeeAccountShape]
    next: str | None
    previous: str | None


_ACCOUNT = """
SELECT p.id, o.uscc, o.name AS organisation, p.account_name, p.account_number, p.bank_name,
  p.status, p.note, p.recorded_at, u.name AS recorded_by, p.decided_at,
  p.organisation AS organisation_id
FROM payee_account p JOIN organisation o ON o.id = p.organisation
JOIN eastlake_user u ON u.id = p.recorded_by
"""


def _shape(row: Any) -> PayeeAccountShape:
    return PayeeAccountShape(**{k: v for k, v in row.items() if k != "organisation_id"})


async def accounts(actor: Actor, status: str | None = None) -> list[PayeeAccountShape]:
    """The accounts an actor may see: those that wait first, then the newest."""
    rows = await sql(
        _ACCOUNT + " WHERE ($1 OR p.organisation = $2) AND ($3::text IS NULL OR p.status = $3)"
        " ORDER BY p.status <> 'proposed', p.id DESC LIMIT 500",
        actor.sees_all,
        actor.organisation_id,
        status,
    )
    return [_shape(row) for row in rows]


async def account_page(
    actor: Actor,
    status: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> PayeeAccountPage:
    """Accounts an actor may see, newest first; words of the organisation or its code."""
    check_status(status, PayeeStatus)
    turned = await id_page(
        _ACCOUNT + " WHERE ($1 OR p.organisation = $2) AND ($3::text IS NULL OR p.status = $3)"
        " AND ($4::text IS NULL OR o.name LIKE $4 OR o.uscc LIKE $4)",
        "p.id",
        cursor,
        limit,
        actor.sees_all,
        actor.organisation_id,
        status,
        like_pattern(q) if q else None,
    )
    return PayeeAccountPage([_shape(row) for row in turned.rows], turned.next, turned.previous)


async def account(actor: Actor, account_id: int) -> PayeeAccountShape:
    """One account, for its insurer, the committee and the auditor."""
    row = await _row(account_id)
    if not (actor.sees_all or actor.owns(row["organisation_id"])):
        raise NotFound("收款账户", "Payee account", account_id)
    return _shape(row)


async def _row(account_id: int, *, lock: bool = False) -> Any:
    row = await sql_row(
        _ACCOUNT + " WHERE p.id = $1" + (" FOR UPDATE OF p" if lock else ""), account_id
    )
    if row is None:
        raise NotFound("收款账户", "Payee account", account_id)
    return row


async def holder_name(actor: Actor) -> str:
    """The full name of the actor's organisation, in which its account must be."""
    name: str = await sql_value(
        "SELECT name FROM organisation WHERE id = $1", actor.organisation_id
    )
    return name


async def propose(actor: Actor, form: PayeeAccountForm) -> PayeeAccountShape:
    """Enter the account the insurer wants to be paid on; one that waits still is replaced."""
    async with work():
        await advisory_lock(f"payee account {actor.organisation_id}")
        known = await sql_row(
            "SELECT o.name, coalesce((SELECT p.account_number FROM payee_account p WHERE"
            " p.organisation = o.id AND p.status = 'verified'), '') AS verified"
            " FROM organisation o WHERE o.id = $1",
            actor.organisation_id,
        )
        assert known is not None
        found = check_payee(
            PayeeFacts(known["name"], form.account_name, form.account_number, known["verified"])
        )
        if blockers(found):
            raise Refused(found)
        await _replace(actor.organisation_id, "proposed")
        account_id = await sql_value(
            "INSERT INTO payee_account (organisation, account_name, account_number, bank_name,"
            " status, note, recorded_at, recorded_by) VALUES ($1, $2, $3, $4, 'proposed', '', $5,"
            " $6) RETURNING id",
            actor.organisation_id,
            form.account_name,
            fold_account(form.account_number),
            form.bank_name,
            now(),
            actor.user_id,
        )
        await journal.record(actor, SUBJECT, str(account_id), "propose", to_status="proposed")
    return _shape(await _row(account_id))


async def _replace(organisation_id: int | None, status: str) -> None:
    """The account of a status makes room for another."""
    row = await sql_row(
        "SELECT id, status FROM payee_account WHERE organisation = $1 AND status = $2 FOR UPDATE",
        organisation_id,
        status,
    )
    if row is not None:
        await journal.move(
            PAYEE,
            PayeeAccount,
            row,
            "replace",
            SYSTEM,
            subject_kind=SUBJECT,
            subject=str(row["id"]),
        )


async def verify(actor: Actor, account_id: int, note: str) -> PayeeAccountShape:
    """The committee has checked the account; payments go to it, the one before is replaced."""
    async with work():
        owner = (await _row(account_id))["organisation_id"]
        await advisory_lock(f"payee account {owner}")
        row = await _row(account_id, lock=True)
        PAYEE.advance(row["status"], "verify", actor.roles)
        await _replace(owner, "verified")
        await _decide(actor, row, "verify", note)
    return _shape(await _row(account_id))


async def refuse(actor: Actor, account_id: int, note: str) -> PayeeAccountShape:
    """The account is not accepted; the one before stays in use."""
    async with work():
        await _decide(actor, await _row(account_id, lock=True), "refuse", note)
    return _shape(await _row(account_id))


async def _decide(actor: Actor, row: Any, event: str, note: str) -> None:
    await journal.move(
        PAYEE,
        PayeeAccount,
        row,
        event,
        actor,
        subject_kind=SUBJECT,
        subject=str(row["id"]),
        note=note,
        values={"note": note, "decided_by": actor.user_id, "decided_at": now()},
    )


async def verified(organisation_ids: Sequence[int]) -> dict[int, Any]:
    """The account in use of each organisation that has one."""
    rows = await sql(
        "SELECT organisation, account_name, account_number, bank_name FROM payee_account"
        " WHERE organisation = ANY($1::bigint[]) AND status = 'verified'",
        list(organisation_ids),
    )
    return {row["organisation"]: row for row in rows}
