"""Files handed in with an objection (异议证据), checked like documents, for the committee only.

The objector has no log-in, so the files belong to the objection and to no organisation.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from catalogue.products.documents import DocumentBytes, keep_content, recognise, tidy_name
from catalogue.subsidy_forms import EvidenceForm
from service.kernel.db import sql, sql_row
from service.kernel.errors import DomainError, NotFound, Refused
from service.kernel.findings import Finding, Text, blocker, register

TOTAL_MAX_BYTES = 10 * 1_048_576


@dataclass(frozen=True, slots=True)
class EvidenceFile:
    """A file that was found to be what it says."""

    file_name: str
    media_type: str
    content: bytes
    sha256: str


def read_evidence(given: Sequence[EvidenceForm]) -> list[EvidenceFile]:
    """The files of an objection; Refused with what is wrong with each of them."""
    files: list[EvidenceFile] = []
    found: list[Finding] = []
    for position, form in enumerate(given):
        field = f"evidence.{position}"
        try:
            content = base64.b64decode(form.content_base64, validate=True)
            name = tidy_name(form.file_name)
            digest = hashlib.sha256(content).hexdigest()
            files.append(EvidenceFile(name, recognise(name, content), content, digest))
        except binascii.Error:
            found.append(blocker("form.type", f"{field}.content_base64", expected="base64"))
        except DomainError as error:
            found += [blocker(f.code, field, f.source, **f.params) for f in error.findings]
    total = sum(len(file.content) for file in files)
    if total > TOTAL_MAX_BYTES:
        limit = f"{TOTAL_MAX_BYTES // 1_048_576} MB"
        found.append(blocker("objection.evidence_too_large", "evidence", limit=limit))
    digests = [file.sha256 for file in files]
    found += [
        blocker("objection.evidence_twice", f"evidence.{n}", name=file.file_name)
        for n, file in enumerate(files)
        if file.sha256 in digests[:n]
    ]
    if found:
        raise Refused(found)
    return files


async def write(objection_id: int, files: Sequence[EvidenceFile], moment: datetime) -> None:
    """Keep the files of an objection, each content once."""
    for number, file in enumerate(files, 1):
        await sql(
            "INSERT INTO objection_evidence (objection, number, content, file_name, media_type,"
            " uploaded_at) VALUES ($1, $2, $3, $4, $5, $6)",
            objection_id,
            number,
            await keep_content(file.content, file.sha256),
            file.file_name,
            file.media_type,
            moment,
        )


async def fetch(objection: str, number: int) -> DocumentBytes:
    """One file of an objection, for the committee."""
    row = await sql_row(
        "SELECT v.file_name, v.media_type, c.content, c.sha256 FROM objection_evidence v"
        " JOIN notice_objection x ON x.id = v.objection JOIN document_content c"
        " ON c.id = v.content WHERE x.number = $1 AND v.number = $2",
        objection,
        number,
    )
    if row is None:
        raise NotFound("异议证据", "Evidence", f"{objection}/{number}")
    return DocumentBytes(row["file_name"], row["media_type"], row["content"], row["sha256"])


register(
    {
        "objection.evidence_too_large": Text(
            "证据文件合计超过 {limit}",
            "The evidence is larger than {limit} in all",
            "请压缩或只提交关键页",
            "Make it smaller, or send the pages that matter",
        ),
        "objection.evidence_twice": Text(
            "文件“{name}”提交了两次",
            "The file “{name}” was handed in twice",
            "请删除重复的文件",
            "Remove one of the two",
        ),
    }
)
