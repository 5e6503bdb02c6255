"""Writing drafts: a new product, a changed draft, a new version beside the one in the library."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from catalogue.forms import AttachedDocument, DraftForm, ProductForm
from catalogue.products import records
from catalogue.products.search import search_text, search_tokens
from catalogue.rules.difference import difference
from catalogue.rules.filing.cover import rate_band_reversed, sum_band_reversed
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import local_day, now
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, Refused, Stale
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.names import sort_key
from service.kernel.numbering import business_number

EDITABLE = ("draft", "returned")
_PLAIN = (
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


@dataclass(frozen=True, slots=True)
class DraftState:
    """Where a draft stands after a write: the product's number, version and ETag revision."""

    number: str
    version: int
    revision: int
    status: str


async def next_number(prefix: str, moment: datetime) -> str:
    """The next business number of a prefix in the year of the moment, e.g. P-2025-000012."""
    year = local_day(moment).year
    serial = await sql_value(
        "INSERT INTO counter (name, value) VALUES ($1, 1)"
        " ON CONFLICT (name) DO UPDATE SET value = counter.value + 1 RETURNING value",
        f"{prefix}-{year}",
    )
    return business_number(prefix, year, serial)


async def _type_row(code: str) -> Any:
    row = await sql_row("SELECT id, name, stage FROM product_type WHERE code = $1", code)
    if row is None:
        raise Refused([blocker("product.unknown_type", "type_code", value=code)])
    return row


def _columns(form: DraftForm, type_name: str, insurer_name: str) -> dict[str, Any]:
    words = search_text(form, type_name, insurer_name)
    return {
        **{name: getattr(form, name) for name in _PLAIN},
        "stages": [stage.value for stage in dict.fromkeys(form.stages)],
        "industries": list(dict.fromkeys(form.industries)),
        "evidence": list(form.evidence),
        "sort_key": sort_key(form.name),
        "search_text": words,
        "search_tokens": search_tokens(words),
    }


def _check_bands(form: DraftForm) -> None:
    """A draft may lack a band, and check of a filing tells; one the wrong way round is no band."""
    found: list[Finding] = []
    if form.rate_min_ppm is not None and form.rate_max_ppm is not None:
        found += rate_band_reversed(form.rate_min_ppm, form.rate_max_ppm)
    if form.sum_min_fen is not None and form.sum_max_fen is not None:
        found += sum_band_reversed(form.sum_min_fen, form.sum_max_fen)
    if found:
        raise Refused(found)


async def _check_documents(actor: Actor, attached: Sequence[AttachedDocument]) -> None:
    """Every attached document belongs to the actor's organisation."""
    wanted = [document.id for document in attached]
    rows = await sql(
        "SELECT id FROM document WHERE id = ANY($1::bigint[]) AND organisation = $2",
        wanted,
        actor.organisation_id,
    )
    known = {row["id"] for row in rows}
    missing = [
        blocker("product.unknown_document", f"documents.{n}.id", value=document)
        for n, document in enumerate(wanted)
        if document not in known or wanted.index(document) != n
    ]
    if missing:
        raise Refused(missing)


async def _write_parts(version_id: int, form: DraftForm) -> None:
    """Replace clauses, components and document links of a version that may still be edited."""
    for table in ("clause", "component", "version_document"):
        await sql(f"DELETE FROM {table} WHERE version = $1", version_id)
    await sql_many(
        "INSERT INTO clause (version, position, kind, title, file_number, registration_number,"
        " model_clause) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        [
            (version_id, n, c.kind, c.title, c.file_number, c.registration_number, c.model_clause)
            for n, c in enumerate((clause.facts() for clause in form.clauses), 1)
        ],
    )
    await sql_many(
        "INSERT INTO component (version, position, name, event, exclusions, limit_fen,"
        " deductible_fen, deductible_ppm, waiting_days, basis)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        [
            (version_id, n, *asdict(component.facts()).values())
            for n, component in enumerate(form.components, 1)
        ],
    )
    await sql_many(
        "INSERT INTO version_document (version, document, public) VALUES ($1, $2, $3)",
        [(version_id, document.id, document.public) for document in form.documents],
    )


async def _insert_version(
    product_id: int, number: int, actor: Actor, moment: datetime, columns: dict[str, Any]
) -> int:
    values = {
        "product": product_id,
        "number": number,
        "status": "draft",
        "revision": 1,
        **columns,
        "created_at": moment,
        "created_by": actor.user_id,
        "recommendation": "",
        "decision": "{}",
    }
    names = ", ".join(f'"{name}"' for name in values)
    marks = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    version_id: int = await sql_value(
        f"INSERT INTO product_version ({names}) VALUES ({marks}) RETURNING id",
        *values.values(),
    )
    return version_id


async def create_product(actor: Actor, form: ProductForm) -> DraftState:
    """Register a new product as a draft of the actor's insurer."""
    moment = now()
    async with work():
        kind = await _type_row(form.type_code)
        _check_bands(form)
        await _check_documents(actor, form.documents)
        number = await next_number("P", moment)
        product_id = await sql_value(
            "INSERT INTO product (number, insurer, product_type, status, created_at, created_by)"
            " VALUES ($1, $2, $3, 'new', $4, $5) RETURNING id",
            number,
            actor.organisation_id,
            kind["id"],
            moment,
            actor.user_id,
        )
        columns = _columns(form, kind["name"], actor.organisation)
        version_id = await _insert_version(product_id, 1, actor, moment, columns)
        await _write_parts(version_id, form)
        await journal.record(
            actor, "filing", f"{number}/1", "draft", to_status="draft", facts={"name": form.name}
        )
    return DraftState(number, 1, 1, "draft")


def draft_of(record: dict[str, Any]) -> DraftForm:
    """A version's record as the form that would write it again."""
    return DraftForm.model_validate(
        {
            **{name: record[name] for name in _PLAIN},
            "stages": record["stages"],
            "industries": record["industries"],
            "evidence": record["evidence"],
            "clauses": record["clauses"],
            "components": record["components"],
            "documents": [{"id": d["id"], "public": d["public"]} for d in record["documents"]],
        }
    )


async def change_draft(
    actor: Actor, number: str, form: DraftForm, revision: int | None
) -> DraftState:
    """Replace the content of the open draft.

    `revision` is what the caller read (None: whatever is there). After the first submission the
    difference is kept as an amendment (补正). Raises Stale, Conflict, NotFound.
    """
    async with work():
        product = await records.product_row(actor, number, lock=True)
        version = await records.version_row(product, wanted=EDITABLE)
        if version.status not in EDITABLE:
            raise Conflict("product.not_editable", status=version.status)
        if revision is not None and revision != version.revision:
            raise Stale("conflict.stale")
        _check_bands(form)
        await _check_documents(actor, form.documents)
        old = await records.version_record(version.id)
        columns = _columns(form, old["type"]["name"], old["insurer"]["short_name"])
        columns["revision"] = version.revision + 1
        sets = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(columns, 2))
        await sql(
            f"UPDATE product_version SET {sets} WHERE id = $1",
            version.id,
            *columns.values(),
        )
        await _write_parts(version.id, form)
        await _note_change(actor, product, version, old)
    return DraftState(number, version.number, version.revision + 1, version.status)


async def _note_change(
    actor: Actor, product: records.ProductRow, version: records.VersionRow, old: dict[str, Any]
) -> None:
    new = await records.version_record(version.id)
    changes = difference(
        records.version_facts(old, product.insurer_id),
        records.version_facts(new, product.insurer_id),
    )
    plain = [
        {"field": c.path, "label": c.label_zh, "kind": c.kind, "old": c.old, "new": c.new}
        for c in changes
    ]
    if version.submitted_at is not None and plain:
        await sql(
            "INSERT INTO amendment (version, changes, amended_at, amended_by)"
            " VALUES ($1, $2, $3, $4)",
            version.id,
            journal.canonical(plain),
            now(),
            actor.user_id,
        )
    await journal.record(
        actor,
        "filing",
        records.filing_subject(product, version),
        "amend" if version.submitted_at else "edit",
        facts={"fields": sorted({c["field"] for c in plain})},
    )


async def start_version(actor: Actor, number: str) -> DraftState:
    """Open a new version as a copy of the one in the library, which stays until it is replaced."""
    moment = now()
    async with work():
        product = await records.product_row(actor, number, lock=True)
        latest = await records.version_row(product)
        if latest.status in records.OPEN:
            raise Conflict("product.version_open", version=latest.number, status=latest.status)
        if product.status == "withdrawn":
            raise Conflict("product.is_withdrawn")
        source = product.current_version or latest.id
        record = await records.version_record(source)
        form = draft_of(record)
        columns = _columns(form, record["type"]["name"], record["insurer"]["short_name"])
        next_version = latest.number + 1
        version_id = await _insert_version(product.id, next_version, actor, moment, columns)
        await _write_parts(version_id, form)
        await journal.record(
            actor,
            "filing",
            f"{number}/{next_version}",
            "draft",
            to_status="draft",
            facts={"copied_from": record["version"]},
        )
    return DraftState(number, next_version, 1, "draft")


register(
    {
        "product.unknown_type": Text(
            "产品类型代码“{value}”不存在",
            "There is no product type with the code “{value}”",
            "请从产品类型清单中选择，例如 PT001",
            "Choose a code from the list of product types, for example PT001",
        ),
        "product.unknown_document": Text(
            "材料 {value} 不存在、不属于本机构或重复引用",
            "Document {value} does not exist, belongs to another organisation or is named twice",
            "请先上传材料，再引用返回的编号",
            "Upload the file first and use the id that is returned",
        ),
        "product.not_editable": Text(
            "当前版本（{status}）不能修改",
            "The present version ({status}) cannot be edited",
            "草稿和退回补正的版本可以修改；在库产品请先新建版本",
            "Only drafts and returned versions can be edited; start a new version first",
        ),
        "product.version_open": Text(
            "第 {version} 版（{status}）尚未办结，不能再新建版本",
            "Version {version} ({status}) is still open; no other can be started",
            "请先办结或撤回该版本",
            "Finish or withdraw that version first",
        ),
        "product.is_withdrawn": Text(
            "产品已退出产品库",
            "The product has left the library",
            "请另行登记新产品",
            "Register a new product instead",
        ),
    }
)
