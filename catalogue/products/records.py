"""Reading one product: the record as JSON made by the database, and the facts that rules judge."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from catalogue.rules.facts import (
    ClauseFacts,
    ComponentFacts,
    DocumentFacts,
    FilingEvent,
    InsurerFacts,
    VersionFacts,
)
from service.auth import Actor
from service.kernel.db import sql, sql_row, sql_value
from service.kernel.errors import NotFound

OPEN = ("draft", "submitted", "accepted", "returned", "in_review")

# One statement makes the whole record, as bytes that nobody has to decode; $2 keeps documents that
# are not public out of it.
_RECORD = """
SELECT convert_to(json_build_object(
  'number', p.number, 'status', p.status, 'version', v.number, 'filing_status', v.status,
  'revision', v.revision, 'name', v.name, 'summary', v.summary,
  'type', json_build_object('code', t.code, 'name', t.name, 'stage', t.stage,
    'risk_kind', t.risk_kind, 'regulator_class', t.regulator_class),
  'insurer', json_build_object('uscc', o.uscc, 'name', o.name, 'short_name', o.short_name,
    'district', o.district),
  'main_section', v.main_section, 'stages', v.stages, 'industries', v.industries,
  'target_enterprises', v.target_enterprises, 'eligibility', v.eligibility,
  'evidence', v.evidence, 'rate_min_ppm', v.rate_min_ppm, 'rate_max_ppm', v.rate_max_ppm,
  'sum_min_fen', v.sum_min_fen, 'sum_max_fen', v.sum_max_fen,
  'contact_name', v.contact_name, 'contact_phone', v.contact_phone,
  'contact_email', v.contact_email,
  'in_library_since', (SELECT min(f.effective_on) FROM library_fact f WHERE f.product = p.id
    AND f.status = 'in_library' AND NOT EXISTS
    (SELECT 1 FROM library_fact c WHERE c.corrects = f.id)),
  'clauses', (SELECT coalesce(json_agg(json_build_object('kind', c.kind, 'title', c.title,
    'file_number', c.file_number, 'registration_number', c.registration_number,
    'model_clause', c.model_clause) ORDER BY c.position), '[]') FROM clause c
    WHERE c.version = v.id),
  'components', (SELECT coalesce(json_agg(json_build_object('name', m.name, 'event', m.event,
    'exclusions', m.exclusions, 'limit_fen', m.limit_fen, 'deductible_fen', m.deductible_fen,
    'deductible_ppm', m.deductible_ppm, 'waiting_days', m.waiting_days, 'basis', m.basis)
    ORDER BY m.position), '[]') FROM component m WHERE m.version = v.id),
  'documents', (SELECT coalesce(json_agg(json_build_object('id', d.id, 'kind', d.kind,
    'file_name', d.file_name, 'media_type', d.media_type, 'size_bytes', b.size_bytes,
    'sha256', b.sha256, 'public', x.public) ORDER BY d.id), '[]')
    FROM version_document x JOIN document d ON d.id = x.document
    JOIN document_content b ON b.id = d.content
    WHERE x.version = v.id AND (x.public OR NOT $2::boolean)))::text, 'UTF8')
FROM product p JOIN product_version v ON v.product = p.id
JOIN product_type t ON t.id = p.product_type JOIN organisation o ON o.id = p.insurer
"""
_PUBLIC = _RECORD + "WHERE p.number = $1 AND v.id = p.current_version AND p.status = 'in_library'"
_VERSION = _RECORD + "WHERE v.id = $1"


async def public_record(number: str) -> bytes:
    """The shelf's page of one product as JSON; NotFound unless it is in the library now."""
    body: bytes | None = await sql_value(_PUBLIC, number, True)
    if body is None:
        raise NotFound("在库产品", "Product in the library", number)
    return body


async def version_record(version_id: int) -> dict[str, Any]:
    """One version with clauses, components and all documents."""
    body = await sql_value(_VERSION, version_id, False)
    record: dict[str, Any] = msgspec.json.decode(body)
    return record


@dataclass(frozen=True, slots=True)
class ProductRow:
    """What a use case needs to know of a product before it acts."""

    id: int
    number: str
    status: str
    insurer_id: int
    product_type_id: int
    current_version: int | None
    created_by: int


@dataclass(frozen=True, slots=True)
class VersionRow:
    """What a use case needs to know of a version before it acts."""

    id: int
    number: int
    status: str
    revision: int
    reviewed_by: int | None
    recommendation: str
    submitted_at: datetime | None
    created_by: int

    def as_row(self) -> dict[str, Any]:
        """The part that `journal.move` reads."""
        return {"id": self.id, "status": self.status}


_PRODUCT = (
    "SELECT id, number, status, insurer AS insurer_id, product_type AS product_type_id,"
    " current_version, created_by FROM product WHERE number = $1"
)
_VERSION_ROW = (
    "SELECT id, number, status, revision, reviewed_by, recommendation, submitted_at, created_by"
    " FROM product_version WHERE product = $1"
)


def may_see(actor: Actor, insurer_id: int) -> bool:
    """Drafts and filings are for their insurer, the committee and the auditor."""
    return actor.sees_all or actor.owns(insurer_id)


async def product_row(actor: Actor, number: str, *, lock: bool = False) -> ProductRow:
    """The product, locked if it is to be changed; NotFound for a foreign organisation."""
    row = await sql_row(_PRODUCT + (" FOR UPDATE" if lock else ""), number)
    if row is None or not may_see(actor, row["insurer_id"]):
        raise NotFound("产品", "Product", number)
    return ProductRow(**row)


async def version_row(
    product: ProductRow, number: int | None = None, *, wanted: tuple[str, ...] = OPEN
) -> VersionRow:
    """Version `number`, or the latest one in a wanted status; without one the latest of all."""
    rows = await sql(_VERSION_ROW + " ORDER BY number DESC", product.id)
    versions = [VersionRow(**row) for row in rows]
    if number is not None:
        found = next((v for v in versions if v.number == number), None)
    else:
        found = next((v for v in versions if v.status in wanted), versions[0])
    if found is None:
        raise NotFound("产品版本", "Product version", f"{product.number}/{number}")
    return found


def version_facts(record: dict[str, Any], insurer_id: int) -> VersionFacts:
    """The facts of a version record, for the rules."""
    plain = {
        name: record[name]
        for name in (
            "name",
            "summary",
            "main_section",
            "target_enterprises",
            "eligibility",
            "rate_min_ppm",
            "rate_max_ppm",
            "sum_min_fen",
            "sum_max_fen",
            "contact_name",
            "contact_phone",
            "contact_email",
        )
    }
    return VersionFacts(
        **plain,
        type_code=record["type"]["code"],
        type_name=record["type"]["name"],
        type_stage=record["type"]["stage"],
        insurer_id=insurer_id,
        insurer_name=record["insurer"]["name"],
        stages=tuple(record["stages"]),
        industries=tuple(record["industries"]),
        evidence=tuple(record["evidence"]),
        clauses=tuple(ClauseFacts(**clause) for clause in record["clauses"]),
        components=tuple(ComponentFacts(**component) for component in record["components"]),
        documents=tuple(
            DocumentFacts(d["id"], d["kind"], d["file_name"], d["sha256"], d["public"])
            for d in record["documents"]
        ),
    )


async def insurer_facts(insurer_id: int) -> InsurerFacts:
    """What the filing checks ask of the insurer."""
    row = await sql_row(
        "SELECT kind, active, uscc, legal_root, licence_number, name, short_name FROM organisation"
        " WHERE id = $1",
        insurer_id,
    )
    assert row is not None
    return InsurerFacts(**row)


def filing_subject(product: ProductRow, version: VersionRow) -> str:
    """The journal's name of a filing."""
    return f"{product.number}/{version.number}"


async def filing_events(product: ProductRow, version: VersionRow) -> list[FilingEvent]:
    """The steps of a filing from the journal, oldest first."""
    rows = await sql(
        "SELECT event, to_status, recorded_at AS at FROM journal_event WHERE subject_kind ="
        " 'filing' AND subject = $1 AND to_status <> '' ORDER BY id",
        filing_subject(product, version),
    )
    return [FilingEvent(**row) for row in rows]
