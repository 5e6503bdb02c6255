"""A member's settlement account changes (结算账户变更): the member asks, the office verifies.

The office calls the member back at a number it already has before it confirms, since a forged
letter about a new account is how such money is lost. Instructions that were made keep the account
they were made for; the next run pays to the new one.
"""

from __future__ import annotations

from typing import Any

from coinsurance.access import year_row
from coinsurance.account_shapes import AccountChangeShape
from coinsurance.pool_forms import AccountChangeForm
from coinsurance.pools import parts
from coinsurance.pools.members import member_row, need_own, wrong_status
from coinsurance.rules.workflows import MEMBER_ACCOUNT
from coinsurance.tables import PoolMemberAccount
from service.auth import Actor
from service.kernel import journal
from service.kernel.bank_accounts import check_account, fold_account, mask_account
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import blocker, blockers

KIND = MEMBER_ACCOUNT.name
_CHANGES = """
SELECT a.*, u.name AS asker FROM pool_member_account a JOIN eastlake_user u ON u.id = a.asked_by
WHERE a.member = $1 ORDER BY a.number DESC
"""


def subject_of(year: str, uscc: str, number: int) -> str:
    """The name of a change in the journal."""
    return f"{year}/{uscc}/{number}"


async def ask(
    actor: Actor, number: str, uscc: str, form: AccountChangeForm
) -> AccountChangeShape:
    """Ask for another account, by the member's own manager; one change waits at a time.

    Refused: an account that cannot be one, the present one, a member that never joined.
    """
    async with work():
        row = await member_row(await year_row(number), uscc, lock=True)
        await need_own(actor, row)
        before = await sql(_CHANGES, row["id"])
        found = check_account(form.bank_account, "bank_account")
        if row["status"] == "declined":
            found.append(wrong_status(row))
        if fold_account(form.bank_account) == fold_account(row["bank_account"]):
            found.append(blocker("member.same_account", "bank_account"))
        if before and before[0]["status"] == MEMBER_ACCOUNT.initial:
            found.append(blocker("member.account_asked", "bank_account", name=row["short_name"]))
        if blockers(found):
            raise Refused(found)
        serial = len(before) + 1
        await sql(
            "INSERT INTO pool_member_account (member, number, bank_account, reason, status,"
            " asked_at, asked_by, note, revision) VALUES ($1, $2, $3, $4, $5, $6, $7, '', 1)",
            row["id"],
            serial,
            form.bank_account,
            form.reason,
            MEMBER_ACCOUNT.initial,
            now(),
            actor.user_id,
        )
        await journal.record(
            actor,
            KIND,
            subject_of(number, row["uscc"], serial),
            "ask",
            to_status=MEMBER_ACCOUNT.initial,
            note=form.reason,
            facts={"bank_account": mask_account(form.bank_account)},
        )
        return (await _shapes(actor, row))[0]


async def decide(
    actor: Actor, number: str, uscc: str, event: str, note: str
) -> AccountChangeShape:
    """Confirm or refuse the change that waits, or withdraw it; confirmed, it is in force at once.

    `note` says how it was verified, or why not. Raises NotFound where none waits.
    """
    async with work():
        row = await member_row(await year_row(number), uscc, lock=True)
        if event == "withdraw":
            await need_own(actor, row)
        waiting = await sql_row(
            "SELECT * FROM pool_member_account WHERE member = $1 AND status = $2 FOR UPDATE",
            row["id"],
            MEMBER_ACCOUNT.initial,
        )
        if waiting is None:
            raise NotFound("结算账户变更", "Change of account", f"{number}/{row['uscc']}")
        await parts.move(
            actor,
            MEMBER_ACCOUNT,
            PoolMemberAccount,
            waiting,
            event,
            subject_of(number, row["uscc"], waiting["number"]),
            note=note,
            values={"decided_at": now(), "note": note},
            facts={"bank_account": mask_account(waiting["bank_account"])},
        )
        if event == "confirm":
            await sql(
                "UPDATE pool_member SET bank_account = $2, revision = revision + 1 WHERE id = $1",
                row["id"],
                waiting["bank_account"],
            )
        return (await _shapes(actor, row))[0]


async def changes(actor: Actor, row: Any) -> list[AccountChangeShape]:
    """The changes of a member's account, newest first: for itself, the committee, the auditor."""
    if not (actor.owns(row["organisation"]) or actor.sees_all):
        return []
    return await _shapes(actor, row)


async def _shapes(actor: Actor, row: Any) -> list[AccountChangeShape]:
    return [
        AccountChangeShape(
            change["number"],
            change["bank_account"],
            change["reason"],
            change["status"],
            MEMBER_ACCOUNT.label(change["status"]),
            change["asked_at"],
            change["asker"],
            change["decided_at"],
            change["note"],
            parts.steps(MEMBER_ACCOUNT, change["status"], actor.roles),
        )
        for change in await sql(_CHANGES, row["id"])
    ]
