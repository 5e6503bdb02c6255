"""Uploaded files (材料): checked by content, kept once per hash, used in many places."""

from __future__ import annotations

import hashlib
import io
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.rules.nouns import DocumentKind
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import NotFound, Refused, TooLarge
from service.kernel.findings import Text, blocker, register

SIZE_MAX_BYTES = 10 * 1_048_576
_OOXML = {
    ".docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "word/"),
    ".xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xl/"),
}
_MAGIC = {
    ".pdf": ("application/pdf", b"%PDF-"),
    ".png": ("image/png", b"\x89PNG\r\n\x1a\n"),
    ".jpg": ("image/jpeg", b"\xff\xd8\xff"),
    ".jpeg": ("image/jpeg", b"\xff\xd8\xff"),
}
SUFFIXES = (*_MAGIC, *_OOXML)


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document as the uploader gets it back; `sha256` proves which bytes are kept."""

    id: int
    file_name: str
    media_type: str
    kind: str
    size_bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class DocumentBytes:
    """A document with its content, for download."""

    file_name: str
    media_type: str
    content: bytes
    sha256: str


def recognise(file_name: str, content: bytes) -> str:
    """The media type, when name and content agree and the type is allowed."""
    suffix = "." + file_name.rsplit(".", 1)[-1].lower() if "." in file_name else ""
    if not content:
        raise Refused([blocker("document.empty", "file")])
    if len(content) > SIZE_MAX_BYTES:
        raise TooLarge("form.too_large", field="file", limit="10 MB")
    if suffix in _MAGIC:
        media_type, magic = _MAGIC[suffix]
        if content.startswith(magic):
            return media_type
    elif suffix in _OOXML:
        media_type, folder = _OOXML[suffix]
        if _is_ooxml(content, folder):
            return media_type
    else:
        raise Refused([blocker("document.type", "file", name=file_name, allowed=list(SUFFIXES))])
    raise Refused([blocker("document.not_what_it_says", "file", name=file_name, suffix=suffix)])


def _is_ooxml(content: bytes, folder: str) -> bool:
    try:
        names = zipfile.ZipFile(io.BytesIO(content)).namelist()
    except zipfile.BadZipFile:
        return False
    macros = any(name.lower().endswith("vbaproject.bin") for name in names)
    return not macros and any(name.startswith(folder) for name in names)


def tidy_name(file_name: str) -> str:
    """The base name, without control characters, at most 200 characters."""
    base = re.split(r"[\\/]", file_name)[-1]
    return "".join(c for c in base if c.isprintable())[-200:] or "file"


async def store(actor: Actor, file_name: str, kind: str, content: bytes) -> StoredDocument:
    """Keep an uploaded file for the actor's organisation."""
    if kind not in set(DocumentKind):
        choices = [code for code, _ in DocumentKind.choices()]
        raise Refused([blocker("form.not_a_choice", "kind", value=kind, choices=choices)])
    return await keep(actor, file_name, kind, content)


async def keep(actor: Actor, file_name: str, kind: str, content: bytes) -> StoredDocument:
    """Keep a file for a record of its own kind, checked like any other.

    What is not a `DocumentKind` belongs to a record that guards it: `fetch` does not serve it.
    """
    name = tidy_name(file_name)
    media_type = recognise(name, content)
    digest = hashlib.sha256(content).hexdigest()
    async with work():
        content_id = await keep_content(content, digest)
        document_id = await sql_value(
            "INSERT INTO document (organisation, content, file_name, media_type, kind, uploaded_at,"
            " uploaded_by) VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id",
            actor.organisation_id,
            content_id,
            name,
            media_type,
            kind,
            now(),
            actor.user_id,
        )
        await journal.record(
            actor, "document", str(document_id), "upload", facts={"sha256": digest, "name": name}
        )
    return StoredDocument(document_id, name, media_type, kind, len(content), digest)


async def keep_content(content: bytes, digest: str) -> int:
    """Keep the bytes of a file, once for each SHA-256; returns their key."""
    await sql(
        "INSERT INTO document_content (sha256, size_bytes, content) VALUES ($1, $2, $3)"
        " ON CONFLICT (sha256) DO NOTHING",
        digest,
        len(content),
        content,
    )
    content_id: int = await sql_value("SELECT id FROM document_content WHERE sha256 = $1", digest)
    return content_id


async def briefs(actor: Actor, document_ids: Sequence[int]) -> list[StoredDocument]:
    """What the actor may know of these documents, without content; foreign ones are left out."""
    rows = await sql(
        "SELECT d.id, d.file_name, d.media_type, d.kind, b.size_bytes, b.sha256 FROM document d"
        " JOIN document_content b ON b.id = d.content WHERE d.id = ANY($1::bigint[])"
        " AND ($2::boolean OR d.organisation = $3) ORDER BY d.id",
        list(document_ids),
        actor.sees_all,
        actor.organisation_id,
    )
    return [StoredDocument(**row) for row in rows]


_FETCH = """
SELECT d.file_name, d.media_type, d.organisation, d.kind, b.content, b.sha256,
  EXISTS (SELECT 1 FROM version_document x JOIN product_version v ON v.id = x.version
    JOIN product p ON p.current_version = v.id
    WHERE x.document = d.id AND x.public AND p.status = 'in_library') AS public,
  EXISTS (SELECT 1 FROM object_document x JOIN enrolment n ON n.insured_object = x.insured_object
    JOIN policy_insurer s ON s.policy = n.policy WHERE x.document = d.id AND n.status <> 'draft'
    AND s.insurer = $2) AS shared
FROM document d JOIN document_content b ON b.id = d.content WHERE d.id = $1
"""


async def fetch(actor: Actor, document_id: int) -> DocumentBytes:
    """A document's bytes: for its owner, the committee, the auditor; for all when it is public.

    The insurers of an enrolment read the papers of its object too.
    """
    row = await sql_row(_FETCH, document_id, actor.organisation_id)
    may = row is not None and (
        row["public"] or row["shared"] or actor.sees_all or actor.owns(row["organisation"])
    )
    if row is None or not may or row["kind"] not in set(DocumentKind):
        raise NotFound("材料", "Document", document_id)
    return DocumentBytes(row["file_name"], row["media_type"], row["content"], row["sha256"])


register(
    {
        "document.empty": Text(
            "文件是空的",
            "The file is empty",
            "请选择有内容的文件",
            "Choose a file that has content",
        ),
        "document.type": Text(
            "不接受“{name}”这种类型的文件",
            "Files like “{name}” are not accepted",
            "请上传下列类型之一：{allowed}",
            "Upload one of these types: {allowed}",
        ),
        "document.not_what_it_says": Text(
            "“{name}”的内容不是 {suffix} 文件（或含有宏）",
            "The content of “{name}” is not a {suffix} file (or it carries macros)",
            "请用原软件重新导出后上传，不要只改扩展名",
            "Export it again from its program; do not just rename it",
        ),
    }
)
