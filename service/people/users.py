"""Users (用户): created by the committee's administrator or their insurer's manager.

Nobody switches himself off or changes his own roles. A password is changed by its owner with the
old one, or set by an administrator; either way other sessions of the user end, tokens stay.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from service.auth import (
    ROLE_NAMES,
    ROLES_BY_KIND,
    Actor,
    Role,
    check_password,
    hash_password,
)
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Refused,
    Stale,
    Unauthenticated,
)
from service.kernel.findings import Finding, blocker
from service.kernel.numbering import normalise_uscc
from service.people.organisations import sees_everything
from service.people.paging import Order, Turn, Where, page_rows
from service.people.shapes import Me, UserPage, UserRecord
from service.people_forms import KIND_NAMES, OwnPasswordForm, PasswordForm, UserChange, UserForm

LOGIN = re.compile(r"[a-z0-9._-]{3,60}")
_COLUMNS = (
    "u.login, u.name, o.uscc AS organisation, o.name AS organisation_name,"
    " o.kind AS organisation_kind, u.roles, u.active, u.revision, u.created_at"
)
_SOURCE = "eastlake_user u JOIN organisation o ON o.id = u.organisation"
_BY_LOGIN = Order("u.login", "u.id", (str, int))


def _record(row: Any) -> UserRecord:
    return UserRecord(**{name: row[name] for name in UserRecord.__slots__})


async def _user_row(actor: Actor, login: str, *, lock: bool = False) -> Any:
    row = await sql_row(
        f"SELECT u.id, u.organisation AS organisation_id, {_COLUMNS} FROM {_SOURCE}"
        " WHERE u.login = $1" + (" FOR UPDATE OF u" if lock else ""),
        login.strip().lower()[:60],
    )
    if row is None or not (sees_everything(actor) or actor.owns(row["organisation_id"])):
        raise NotFound("用户", "User", login)
    return row


def _require_manager(actor: Actor, organisation_id: int) -> None:
    """The committee's administrator manages every user, an insurer's manager those of his own."""
    if actor.has(Role.COMMITTEE_ADMIN, "system"):
        return
    if not (actor.has(Role.INSURER_MANAGER) and actor.owns(organisation_id)):
        raise Forbidden("auth.forbidden")


async def get_user(actor: Actor, login: str) -> UserRecord:
    """A user the actor may see."""
    return _record(await _user_row(actor, login))


async def list_users(
    actor: Actor,
    q: str | None = None,
    organisation: str | None = None,
    role: Role | None = None,
    active: bool | None = None,
    turn: Turn | None = None,
) -> UserPage:
    """Users the actor may see, by log-in name; `q` in log-in or name, `organisation` a USCC."""
    where = Where()
    if not sees_everything(actor):
        where.add("u.organisation = ?", actor.organisation_id)
    if q and q.strip():
        where.word("u.login || ' ' || u.name", q)
    if organisation:
        where.add("o.uscc = ?", normalise_uscc(organisation)[:40])
    if role is not None:
        where.add("u.roles @> ARRAY[?::varchar]", role.value)
    if active is not None:
        where.add("u.active = ?", active)
    rows, following, previous = await page_rows(_COLUMNS, _SOURCE, where, _BY_LOGIN, turn or Turn())
    return UserPage([_record(row) for row in rows], following, previous)


def check_roles(kind: str, roles: list[Role]) -> list[Finding]:
    """Whether the roles fit the kind of organisation; one finding for each that does not."""
    fitting = ROLES_BY_KIND[kind]
    choices = [f"{role.value}（{ROLE_NAMES[role]}）" for role in Role if role in fitting]
    if not roles:
        return [blocker("people.no_role", "roles", choices=choices)]
    return [
        blocker(
            "people.role_unfit",
            f"roles.{position}",
            role_zh=ROLE_NAMES[role],
            role_en=role.value,
            kind_zh=KIND_NAMES[kind],
            kind_en=kind,
            choices=choices,
        )
        for position, role in enumerate(roles)
        if role not in fitting
    ]


async def _organisation_for(actor: Actor, uscc: str) -> Any:
    """The organisation a new user is to belong to; None when the actor may not manage it."""
    if not uscc:
        return await sql_row(
            "SELECT id, uscc, kind FROM organisation WHERE id = $1", actor.organisation_id
        )
    row = await sql_row(
        "SELECT id, uscc, kind FROM organisation WHERE uscc = $1", normalise_uscc(uscc)[:40]
    )
    if row is None or actor.has(Role.COMMITTEE_ADMIN, "system") or actor.owns(row["id"]):
        return row
    return None


async def create_user(actor: Actor, form: UserForm) -> UserRecord:
    """Create a user with an initial password; Refused with every finding, Conflict if taken."""
    if not actor.has(Role.COMMITTEE_ADMIN, Role.INSURER_MANAGER, "system"):
        raise Forbidden("auth.forbidden")
    login = form.login.lower()
    found: list[Finding] = []
    if not LOGIN.fullmatch(login):
        found.append(blocker("people.login_shape", "login", value=form.login))
    organisation = await _organisation_for(actor, form.organisation)
    if organisation is None:
        found.append(
            blocker("people.unknown_organisation", "organisation", value=form.organisation)
        )
    else:
        found += check_roles(organisation["kind"], form.roles)
    hashed = await _hash(form.password, "password", found)
    if found:
        raise Refused(found)
    async with work():
        fresh = await sql_value(
            "INSERT INTO eastlake_user (organisation, login, name, password_hash, roles, active,"
            " revision, created_at) VALUES ($1, $2, $3, $4, $5, true, 1, $6)"
            " ON CONFLICT (login) DO NOTHING RETURNING id",
            organisation["id"],
            login,
            form.name,
            hashed,
            _distinct(form.roles),
            now(),
        )
        if fresh is None:
            raise Conflict("people.login_taken", field="login", value=login)
        facts = {"organisation": organisation["uscc"], "roles": _distinct(form.roles)}
        await journal.record(actor, "user", login, "create", facts=facts)
        return await get_user(actor, login)


def _distinct(roles: list[Role]) -> list[str]:
    return sorted({role.value for role in roles})


async def _hash(password: str, field: str, found: list[Finding]) -> str:
    try:
        return await hash_password(password)
    except Refused as refused:
        found += [replace(finding, field=field) for finding in refused.findings]
        return ""


async def change_user(
    actor: Actor, login: str, form: UserChange, revision: int | None
) -> UserRecord:
    """Change name, roles or whether a user is active; a user switched off loses its sessions.

    Raises Refused (roles, own account), Stale, NotFound, Forbidden.
    """
    async with work():
        row = await _user_row(actor, login, lock=True)
        _require_manager(actor, row["organisation_id"])
        if revision is not None and revision != row["revision"]:
            raise Stale("conflict.stale")
        roles = _distinct(form.roles)
        own = row["id"] == actor.user_id
        if own and (not form.active or roles != sorted(row["roles"])):
            raise Refused([blocker("people.own_account", "roles" if form.active else "active")])
        found = check_roles(row["organisation_kind"], form.roles)
        if found:
            raise Refused(found)
        values = {"name": form.name, "roles": roles, "active": form.active}
        before = {"name": row["name"], "roles": sorted(row["roles"]), "active": row["active"]}
        changed = {k: [before[k], values[k]] for k in values if before[k] != values[k]}
        if changed:
            await _write_change(actor, row, values, changed)
        return await get_user(actor, row["login"])


async def _write_change(
    actor: Actor, row: Any, values: dict[str, Any], changed: dict[str, Any]
) -> None:
    await sql(
        "UPDATE eastlake_user SET name = $2, roles = $3, active = $4, revision = revision + 1"
        " WHERE id = $1",
        row["id"],
        *values.values(),
    )
    event = "change"
    if "active" in changed:
        event = "activate" if values["active"] else "deactivate"
    if event == "deactivate":
        await _end_sessions(row["id"], None)
    await journal.record(actor, "user", row["login"], event, facts={"changed": changed})


async def _end_sessions(user_id: int, but: int | None) -> None:
    await sql(
        'DELETE FROM session WHERE "user" = $1 AND id IS DISTINCT FROM $2::bigint', user_id, but
    )


async def set_password(actor: Actor, login: str, form: PasswordForm) -> UserRecord:
    """Give a user a new password; all its sessions end. Not for the own account."""
    hashed = await hash_password(form.password)
    async with work():
        row = await _user_row(actor, login, lock=True)
        _require_manager(actor, row["organisation_id"])
        if row["id"] == actor.user_id:
            raise Refused([blocker("people.own_account", "password")])
        await sql("UPDATE eastlake_user SET password_hash = $2 WHERE id = $1", row["id"], hashed)
        await sql("DELETE FROM login_failure WHERE login = $1", row["login"])
        await _end_sessions(row["id"], None)
        await journal.record(actor, "user", row["login"], "reset_password")
        return await get_user(actor, row["login"])


async def change_own_password(actor: Actor, form: OwnPasswordForm) -> None:
    """Change the own password; wrong tries of the old one are throttled like a log-in.

    Ends the other sessions of the user and nothing else. Raises Refused, TooMany.
    """
    found: list[Finding] = []
    hashed = await _hash(form.new_password, "new_password", found)
    try:
        await check_password(actor.login, form.old_password, actor.address)
    except Unauthenticated:
        found.append(blocker("people.wrong_password", "old_password"))
    if found:
        raise Refused(found)
    async with work():
        await sql(
            "UPDATE eastlake_user SET password_hash = $2 WHERE id = $1", actor.user_id, hashed
        )
        await _end_sessions(
            actor.user_id or 0, actor.credential_id if actor.via == "session" else None
        )
        await journal.record(actor, "user", actor.login, "change_password")


async def whoami(actor: Actor) -> Me:
    """The caller with its organisation."""
    row = await sql_row("SELECT uscc, name FROM organisation WHERE id = $1", actor.organisation_id)
    return Me(
        actor.login,
        actor.name,
        row["uscc"] if row else "",
        row["name"] if row else "",
        actor.organisation_kind,
        sorted(actor.roles),
        actor.via,
        sorted(actor.scopes),
    )
