"""Files of risks (风险资料): kept by issuer and insured, read as the rule says, views noted."""

from __future__ import annotations

from typing import Any

import msgspec

from catalogue.products import documents
from catalogue.products.documents import DocumentBytes
from coinsurance.access import note_look
from coinsurance.placement_forms import GrantForm
from coinsurance.placements.rows import Access, risk_for
from coinsurance.risk_shapes import FileShape, FileView, GrantShape
from coinsurance.rules.placement_files import Reader, RiskFileKind, check_grant, may_read
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import Text, blocker, register

DOCUMENT_KIND = "risk_file"
SUBJECT_KIND = "risk_file"

_FILES = """
SELECT f.id, f.kind, f.confidential, f.recorded_at, f.recorded_by, d.file_name, d.media_type,
  c.size_bytes, c.sha256, EXISTS (SELECT 1 FROM risk_file_grant g WHERE g.file = f.id
    AND g.reader = $2 AND g.revoked_at IS NULL AND $3 BETWEEN g.from_on AND g.to_on) AS granted
FROM risk_file f JOIN document d ON d.id = f.document JOIN document_content c ON c.id = d.content
WHERE f.risk = $1
"""


async def upload(
    actor: Actor, number: str, file_name: str, kind: str, confidential: bool, content: bytes
) -> FileShape:
    """Keep a file of a risk; confidential unless told otherwise by who uploads it."""
    async with work():
        found = await risk_for(actor, number, lock=True)
        _need_keeper(found)
        if kind not in set(RiskFileKind):
            choices = [code for code, _ in RiskFileKind.choices()]
            raise Refused([blocker("form.not_a_choice", "kind", value=kind, choices=choices)])
        stored = await documents.keep(actor, file_name, DOCUMENT_KIND, content)
        file_id = await sql_value(
            "INSERT INTO risk_file (risk, document, kind, confidential, recorded_at, recorded_by)"
            " VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
            found.risk.id,
            stored.id,
            kind,
            confidential,
            now(),
            actor.user_id,
        )
        await journal.record(
            actor,
            SUBJECT_KIND,
            str(file_id),
            "upload",
            facts={"risk": number, "sha256": stored.sha256, "confidential": confidential},
        )
    return _shape(actor, await _row(actor, found, file_id))


def _need_keeper(found: Access) -> None:
    """Issuer and insured keep the files of a risk."""
    if not (found.is_issuer or found.is_insured):
        raise Forbidden("file.keeper_only")


async def _row(actor: Actor, found: Access, file_id: int) -> Any:
    row = await sql_row(
        _FILES + " AND f.id = $4", found.risk.id, actor.user_id, today(), file_id
    )
    if row is None:
        raise NotFound("资料", "File", file_id)
    return row


def _readable(actor: Actor, row: Any) -> bool:
    reader = Reader(actor.sees_all, row["recorded_by"] == actor.user_id, row["granted"])
    return may_read(row["confidential"], reader)


def _shape(actor: Actor, row: Any) -> FileShape:
    return msgspec.convert({**row, "readable": _readable(actor, row)}, FileShape)


async def list_files(actor: Actor, number: str) -> list[FileShape]:
    """Files of a risk; a confidential one is shown to its keepers and to who may read it."""
    found = await risk_for(actor, number)
    rows = await sql(_FILES + " ORDER BY f.id", found.risk.id, actor.user_id, today())
    keeps = found.is_issuer or found.is_insured or actor.sees_all
    return [_shape(actor, row) for row in rows if keeps or _readable(actor, row)]


async def read(actor: Actor, number: str, file_id: int) -> DocumentBytes:
    """The bytes of a file; the view is kept, whoever takes it."""
    async with work():
        found = await risk_for(actor, number)
        row = await _row(actor, found, file_id)
        if not _readable(actor, row):
            if not (found.is_issuer or found.is_insured):
                raise NotFound("资料", "File", file_id)
            raise Forbidden("file.no_grant")
        content = await sql_row(
            "SELECT d.file_name, d.media_type, c.content, c.sha256 FROM risk_file f"
            " JOIN document d ON d.id = f.document JOIN document_content c ON c.id = d.content"
            " WHERE f.id = $1",
            file_id,
        )
        await note_look(actor, SUBJECT_KIND, str(file_id), "download", exported=True)
    assert content is not None
    return DocumentBytes(**content)


async def views(actor: Actor, number: str, file_id: int) -> list[FileView]:
    """Who read a file and when: for its keepers, the committee and the auditor."""
    found = await risk_for(actor, number)
    if not actor.sees_all:
        _need_keeper(found)
    await _row(actor, found, file_id)
    rows = await sql(
        "SELECT k.at, u.name AS reader, o.name AS organisation, k.what FROM pool_look k"
        " JOIN eastlake_user u ON u.id = k.reader JOIN organisation o ON o.id = u.organisation"
        " WHERE k.subject_kind = $1 AND k.subject = $2 ORDER BY k.id",
        SUBJECT_KIND,
        str(file_id),
    )
    return [FileView(**row) for row in rows]


_PARTY = """
SELECT u.id FROM eastlake_user u WHERE u.login = $1 AND u.active AND (u.organisation = $3
  OR EXISTS (SELECT 1 FROM pool_member m WHERE m.pool_year = $2
    AND m.organisation = u.organisation AND m.status = 'active'))
"""


async def grant(actor: Actor, number: str, file_id: int, form: GrantForm) -> GrantShape:
    """Let a named person read a confidential file for a period and a purpose."""
    async with work():
        found = await risk_for(actor, number, lock=True)
        _need_keeper(found)
        row = await _row(actor, found, file_id)
        reader = await sql_value(
            _PARTY, form.reader.lower(), found.risk.year_id, found.risk.insured_id
        )
        wrong = check_grant(
            form.from_on,
            form.to_on,
            today(),
            confidential=row["confidential"],
            is_party=reader is not None,
        )
        if wrong:
            raise Refused(wrong)
        grant_id = await sql_value(
            "INSERT INTO risk_file_grant (file, reader, purpose, from_on, to_on, granted_at,"
            " granted_by) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            file_id,
            reader,
            form.purpose,
            form.from_on,
            form.to_on,
            now(),
            actor.user_id,
        )
        await journal.record(
            actor,
            SUBJECT_KIND,
            str(file_id),
            "grant",
            facts={"grant": grant_id, "reader": form.reader, "to_on": form.to_on.isoformat()},
            effective_on=form.from_on,
        )
    return (await _grants(file_id, grant_id))[0]


async def revoke(actor: Actor, number: str, file_id: int, grant_id: int) -> GrantShape:
    """Take a grant back from now on; what was read stays on record."""
    async with work():
        found = await risk_for(actor, number, lock=True)
        _need_keeper(found)
        await _row(actor, found, file_id)
        kept = await _grants(file_id, grant_id)
        if not kept:
            raise NotFound("授权", "Grant", grant_id)
        if kept[0].revoked_at is not None:
            raise Conflict("file.revoked_already", grant=grant_id)
        await sql("UPDATE risk_file_grant SET revoked_at = $2 WHERE id = $1", grant_id, now())
        await journal.record(
            actor, SUBJECT_KIND, str(file_id), "revoke", facts={"grant": grant_id}
        )
    return (await _grants(file_id, grant_id))[0]


async def grants(actor: Actor, number: str, file_id: int) -> list[GrantShape]:
    """Every grant of a file, also those that are over or taken back."""
    found = await risk_for(actor, number)
    if not actor.sees_all:
        _need_keeper(found)
    await _row(actor, found, file_id)
    return await _grants(file_id)


async def _grants(file_id: int, grant_id: int | None = None) -> list[GrantShape]:
    rows = await sql(
        "SELECT g.id, u.login AS reader, u.name AS reader_name, o.name AS organisation, g.purpose,"
        " g.from_on, g.to_on, g.granted_at, g.revoked_at FROM risk_file_grant g"
        " JOIN eastlake_user u ON u.id = g.reader JOIN organisation o ON o.id = u.organisation"
        " WHERE g.file = $1 AND ($2::bigint IS NULL OR g.id = $2) ORDER BY g.id",
        file_id,
        grant_id,
    )
    return [GrantShape(**row) for row in rows]


register(
    {
        "file.revoked_already": Text(
            "授权 {grant} 已被撤销",
            "Grant {grant} was taken back before",
            "无须再次撤销",
            "Nothing more is to be done",
        ),
    }
)
