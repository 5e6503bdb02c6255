"""Documents of a claim (赔案资料): attached by the handler, read by the members on the risk."""

from __future__ import annotations

from catalogue.products.documents import DocumentBytes
from coinsurance.access import keep_look
from coinsurance.claim_forms import ClaimFileForm
from coinsurance.claim_shapes import ClaimState
from coinsurance.claims.rows import claim_for, handled
from coinsurance.claims.states import state_of
from coinsurance.claims.surveys import check_document
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused


async def attach(actor: Actor, number: str, form: ClaimFileForm) -> ClaimState:
    """Attach a document that the handler uploaded; each once."""
    async with work():
        found = await handled(actor, number)
        checks = await check_document(actor, form.document, "document")
        if checks:
            raise Refused(checks)
        made = await sql_value(
            "INSERT INTO claim_file (claim, document, kind, recorded_at, recorded_by)"
            " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (claim, document) DO NOTHING RETURNING id",
            found.id,
            form.document,
            form.kind,
            now(),
            actor.user_id,
        )
        if made is None:
            raise Conflict("claim.file_twice", field="document", document=form.document)
        await journal.record(
            actor, "claim", number, "attach", facts={"document": form.document, "kind": form.kind}
        )
    return await state_of(number)


_FILE = """
SELECT d.file_name, d.media_type, b.content, b.sha256
FROM claim_file f JOIN document d ON d.id = f.document JOIN document_content b ON b.id = d.content
WHERE f.claim = $1 AND f.document = $2
"""


async def read(actor: Actor, number: str, document: int) -> DocumentBytes:
    """A document of a claim for a member on the risk, the committee or the auditor."""
    found = await claim_for(actor, number)
    row = None if found.is_insured else await sql_row(_FILE, found.id, document)
    if row is None:
        raise NotFound("赔案资料", "Document of the claim", document)
    await keep_look(actor, "claim", number, f"file {document}")
    return DocumentBytes(row["file_name"], row["media_type"], row["content"], row["sha256"])
