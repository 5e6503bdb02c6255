"""Organisations (机构): who exists, with USCC, legal person, licence and status certificates."""

from __future__ import annotations

from typing import Any

import asyncpg

from service.auth import Actor, Role
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused, Stale
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.names import sort_key
from service.kernel.numbering import check_uscc, normalise_uscc
from service.people.paging import Order, Turn, Where, page_rows
from service.people.shapes import (
    CertificateShape,
    OrganisationItem,
    OrganisationPage,
    OrganisationRecord,
)
from service.people_forms import CertificateForm, Kind, OrganisationChange, OrganisationForm

_RECORD = (
    "uscc, legal_root, kind, name, short_name, district, licence_number, contact, active, revision,"
    " created_at"
)
_CHANGEABLE = (
    "name",
    "short_name",
    "legal_root",
    "district",
    "licence_number",
    "contact",
    "active",
)
_BY_NAME = Order("o.sort_key", "o.id", (str, int))


def sees_everything(actor: Actor) -> bool:
    """The committee, the auditor and the operator's command line see every organisation."""
    return actor.sees_all or actor.has("system")


def require_admin(actor: Actor) -> None:
    """Only the committee's administrator keeps organisations; raises Forbidden."""
    if not actor.has(Role.COMMITTEE_ADMIN, "system"):
        raise Forbidden("auth.forbidden")


async def organisation_row(actor: Actor, uscc: str, *, lock: bool = False) -> Any:
    """The row of an organisation the actor may see; NotFound for every other."""
    code = normalise_uscc(uscc)
    row = await sql_row(
        f"SELECT id, {_RECORD} FROM organisation WHERE uscc = $1" + (" FOR UPDATE" if lock else ""),
        code[:40],
    )
    if row is None or not (sees_everything(actor) or actor.owns(row["id"])):
        raise NotFound("机构", "Organisation", uscc)
    return row


async def get_organisation(
    actor: Actor, uscc: str, *, warnings: list[Finding] | None = None
) -> OrganisationRecord:
    """One organisation with its certificates, latest first."""
    row = dict(await organisation_row(actor, uscc))
    certificates = await sql(
        "SELECT kind, number, valid_from, valid_to FROM certificate WHERE organisation = $1"
        " ORDER BY valid_from DESC, id DESC",
        row.pop("id"),
    )
    return OrganisationRecord(
        **row,
        certificates=[CertificateShape(**item) for item in certificates],
        warnings=[finding.as_dict() for finding in warnings or []],
    )


async def list_organisations(
    actor: Actor,
    q: str | None = None,
    kind: Kind | None = None,
    district: str | None = None,
    active: bool | None = None,
    turn: Turn | None = None,
) -> OrganisationPage:
    """Organisations the actor may see, by pinyin of their name; `q` in name or USCC."""
    where = Where()
    if not sees_everything(actor):
        where.add("o.id = ?", actor.organisation_id)
    if q and q.strip():
        where.word("o.name || ' ' || o.short_name || ' ' || o.uscc", q)
    if kind is not None:
        where.add("o.kind = ?", kind.value)
    if district:
        where.add("o.district = ?", district)
    if active is not None:
        where.add("o.active = ?", active)
    columns = (
        "o.uscc, o.name, o.short_name, o.kind, o.district, o.active, (SELECT count(*) FROM"
        " eastlake_user u WHERE u.organisation = o.id AND u.active)::int AS users"
    )
    rows, following, previous = await page_rows(
        columns, "organisation o", where, _BY_NAME, turn or Turn()
    )
    items = [
        OrganisationItem(**{name: row[name] for name in OrganisationItem.__slots__}) for row in rows
    ]
    return OrganisationPage(items, following, previous)


def _check_codes(uscc: str, legal_root: str) -> list[Finding]:
    found = check_uscc(uscc)
    if legal_root and legal_root != uscc:
        found += check_uscc(legal_root, "legal_root")
    return found


async def create_organisation(actor: Actor, form: OrganisationForm) -> OrganisationRecord:
    """Register an organisation; Refused with every finding about its codes, Conflict if known."""
    require_admin(actor)
    uscc, root = normalise_uscc(form.uscc), normalise_uscc(form.legal_root)
    found = _check_codes(uscc, root)
    if blockers(found):
        raise Refused(found)
    async with work():
        fresh = await sql_value(
            "INSERT INTO organisation (uscc, legal_root, kind, name, short_name, sort_key,"
            " district, licence_number, contact, active, revision, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, true, 1, $10)"
            " ON CONFLICT (uscc) DO NOTHING RETURNING id",
            uscc,
            root or uscc,
            form.kind.value,
            form.name,
            form.short_name or form.name[:40],
            sort_key(form.name),
            form.district,
            form.licence_number,
            form.contact,
            now(),
        )
        if fresh is None:
            raise Conflict("people.organisation_exists", field="uscc", uscc=uscc)
        facts = {"name": form.name, "kind": form.kind.value}
        await journal.record(actor, "organisation", uscc, "create", facts=facts)
        return await get_organisation(actor, uscc, warnings=found)


async def change_organisation(
    actor: Actor, uscc: str, form: OrganisationChange, revision: int | None
) -> OrganisationRecord:
    """Replace what may change; `revision` is what the caller read (None: whatever is there).

    Switched off, its users' sessions end. Raises Stale, Refused, NotFound, Forbidden.
    """
    require_admin(actor)
    async with work():
        row = await organisation_row(actor, uscc, lock=True)
        if revision is not None and revision != row["revision"]:
            raise Stale("conflict.stale")
        if not form.active and actor.owns(row["id"]):
            raise Refused([blocker("people.own_organisation", "active")])
        root = normalise_uscc(form.legal_root) or row["uscc"]
        found = _check_codes(row["uscc"], root)
        if blockers(found):
            raise Refused(found)
        values = form.model_dump() | {
            "legal_root": root,
            "short_name": form.short_name or form.name[:40],
        }
        changed = {k: [row[k], values[k]] for k in _CHANGEABLE if row[k] != values[k]}
        if changed:
            await _write_change(actor, row, values, changed)
        return await get_organisation(actor, row["uscc"], warnings=found)


async def _write_change(
    actor: Actor, row: Any, values: dict[str, Any], changed: dict[str, Any]
) -> None:
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(_CHANGEABLE, 3))
    await sql(
        f"UPDATE organisation SET sort_key = $2, revision = revision + 1, {sets} WHERE id = $1",
        row["id"],
        sort_key(values["name"]),
        *(values[name] for name in _CHANGEABLE),
    )
    event = "change"
    if "active" in changed:
        event = "activate" if values["active"] else "deactivate"
    if event == "deactivate":
        await sql(
            'DELETE FROM session s USING eastlake_user u WHERE u.id = s."user"'
            " AND u.organisation = $1",
            row["id"],
        )
    await journal.record(actor, "organisation", row["uscc"], event, facts={"changed": changed})


async def add_certificate(actor: Actor, uscc: str, form: CertificateForm) -> OrganisationRecord:
    """Put a status certificate on record; a kind and number stands once in the whole registry."""
    require_admin(actor)
    if form.valid_to is not None and form.valid_to < form.valid_from:
        raise Refused(
            [
                blocker(
                    "people.certificate_dates",
                    "valid_to",
                    first=form.valid_from,
                    last=form.valid_to,
                )
            ]
        )
    async with work():
        row = await organisation_row(actor, uscc, lock=True)
        try:
            async with work():
                await sql(
                    "INSERT INTO certificate (organisation, kind, number, valid_from, valid_to)"
                    " VALUES ($1, $2, $3, $4, $5)",
                    row["id"],
                    form.kind,
                    form.number,
                    form.valid_from,
                    form.valid_to,
                )
        except asyncpg.UniqueViolationError:
            raise Conflict(
                "people.certificate_exists", field="number", kind=form.kind, number=form.number
            ) from None
        facts = form.model_dump(mode="json")
        await journal.record(actor, "organisation", row["uscc"], "certify", facts=facts)
        return await get_organisation(actor, row["uscc"])
