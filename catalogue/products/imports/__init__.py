"""Import of products from Excel or CSV (产品导入): dry run, row-by-row result, all or nothing.

Every product becomes a draft through the same form and the same use case as in API and console.
"""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.books import filing_book
from catalogue.imports import template as templates
from catalogue.imports.columns import Names, fold_name
from catalogue.imports.outcome import ImportedRow, ImportResult, advice, all_or_none, read_file
from catalogue.imports.reading import Reading, Record, located
from catalogue.imports.template import Choice
from catalogue.products import drafts, records
from catalogue.products import types as product_types
from catalogue.products.imports import texts as _texts  # noqa: F401  registers the texts
from catalogue.products.imports.plan import PLAN
from catalogue.rules.facts import VersionFacts
from catalogue.rules.filing import check_filing
from catalogue.rules.nouns import Basis, ClauseKind, Stage
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.db import sql
from service.kernel.findings import Finding, blocker

__all__ = ["ImportResult", "ImportedRow", "import_products", "template"]

ADVICE_MAX = 8
_LATER = ("filing.document_missing", "filing.like_another")


async def import_products(
    actor: Actor, file_name: str, content: bytes, dry_run: bool = False
) -> ImportResult:
    """Make a draft of every row of a workbook or CSV file, or of none.

    Raises Refused with every finding (field: “sheet!cell header”), TooLarge. A dry run does the
    same and undoes it.
    """
    types = await _types()
    reading = await read_file(file_name, content, PLAN, types.lookup)
    reading.findings += await _doubles(actor, reading.records)

    async def create() -> list[ImportedRow]:
        return await _create(actor, reading, types)

    return await all_or_none(actor, "import_products", file_name, reading, create, dry_run=dry_run)


async def template() -> bytes:
    """The workbook to be filled in, with all product types."""
    kinds = await product_types.list_types()
    terms = {"条款类别": ClauseKind, "责任基础": Basis}
    named = {head: [zh for _, zh in term.choices()] for head, term in terms.items()}
    choices = [
        Choice("类型代码", [kind["code"] for kind in kinds]),
        Choice("类型名称", [kind["name"] for kind in kinds], 48),
        Choice("所属环节", [Stage.zh_of(kind["stage"]) for kind in kinds]),
        Choice("所处环节", [zh for _, zh in Stage.choices()]),
        *(Choice(head, values) for head, values in named.items()),
    ]
    return templates.workbook(PLAN, choices, named)


@dataclass(frozen=True, slots=True)
class _Types:
    """Product types: how a cell may name them, and what the filing checks need of them."""

    lookup: Names
    by_code: dict[str, tuple[str, str]]


async def _types() -> _Types:
    rows = await sql("SELECT code, name, stage FROM product_type ORDER BY code")
    lookup = {fold_name(row[name]): row["code"] for row in rows for name in ("name", "code")}
    return _Types(lookup, {row["code"]: (row["name"], row["stage"]) for row in rows})


async def _doubles(actor: Actor, found: list[Record]) -> list[Finding]:
    """Rows that repeat another row, or a product that the insurer already has."""
    rows = await sql(
        "SELECT p.number, v.name, t.code FROM product p JOIN product_type t"
        " ON t.id = p.product_type JOIN product_version v ON v.product = p.id"
        " WHERE p.insurer = $1 AND p.status <> 'withdrawn'"
        " AND v.status NOT IN ('rejected', 'abandoned', 'replaced')",
        actor.organisation_id,
    )
    there = {(row["code"], row["name"]): row["number"] for row in rows}
    seen: dict[tuple[str, str], int] = {}
    findings = []
    for record in found:
        if record.form is None:
            continue
        pair, where = (record.form.type_code, record.form.name), record.locate("name")
        name = record.form.name
        if seen.setdefault(pair, record.row) != record.row:
            findings.append(blocker("import.same_name", where, name=name, first=seen[pair]))
        if pair in there:
            findings.append(blocker("import.exists", where, name=name, number=there[pair]))
    return findings


async def _create(actor: Actor, reading: Reading, types: _Types) -> list[ImportedRow]:
    assert actor.organisation_id is not None
    insurer = await records.insurer_facts(actor.organisation_id)
    rules = (await filing_book(today())).rules
    rows = []
    for record in reading.records:
        state = await drafts.create_product(actor, record.form)
        version = _version_facts(record, types, actor)
        found = located(check_filing(version, insurer, rules, today()), record)
        told = advice(_worth_telling(found))
        name = record.form.name
        rows.append(ImportedRow(record.sheet, record.row, record.key, name, state.number, told))
    return rows


def _worth_telling(found: list[Finding]) -> list[Finding]:
    """What would keep the draft from being submitted, apart from the documents still to come."""
    return [f for f in found if f.blocks and f.code not in _LATER][:ADVICE_MAX]


def _version_facts(record: Record, types: _Types, actor: Actor) -> VersionFacts:
    form = record.form
    assert actor.organisation_id is not None
    type_name, type_stage = types.by_code[form.type_code]
    plain = form.model_dump(
        exclude={"type_code", "clauses", "components", "documents", "stages", "industries"}
        | {"evidence"}
    )
    return VersionFacts(
        **plain,
        type_code=form.type_code,
        type_name=type_name,
        type_stage=type_stage,
        insurer_id=actor.organisation_id,
        insurer_name=actor.organisation,
        stages=tuple(stage.value for stage in form.stages),
        industries=tuple(form.industries),
        evidence=tuple(form.evidence),
        clauses=tuple(clause.facts() for clause in form.clauses),
        components=tuple(component.facts() for component in form.components),
    )
