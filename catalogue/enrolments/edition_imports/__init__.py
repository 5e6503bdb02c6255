"""Import of catalogue editions from Excel or CSV (目录版本导入): dry run, all or nothing.

Every edition is added by the same use case as one sent by API, in the order of the file.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from catalogue.enrolment_forms import EditionForm, EditionRowForm, ImportedEditionForm
from catalogue.enrolments import editions
from catalogue.enrolments.edition_imports.plan import KINDS, OPERATORS, PLAN
from catalogue.imports import template as templates
from catalogue.imports.outcome import ImportedRow, ImportResult, all_or_none, each, read_file
from catalogue.imports.reading import Record
from catalogue.imports.template import Choice
from service.auth import Actor
from service.kernel.errors import DomainError, Refused
from service.kernel.findings import Finding, Text, blocker, register

__all__ = ["import_editions", "template"]


async def import_editions(
    actor: Actor, file_name: str, content: bytes, dry_run: bool = False
) -> ImportResult:
    """Add every edition of a workbook or CSV file, or none of them.

    Raises Refused with every finding (field: “sheet!cell header”), TooLarge. A dry run does the
    same and undoes it.
    """
    reading = await read_file(file_name, content, PLAN, {})

    async def one(record: Record) -> ImportedRow:
        form = _gathered(record.form)
        try:
            made = await editions.add_edition(actor, form.edition)
        except DomainError as error:
            raise _as_in_the_file(error, form) from error
        name = f"{record.form.title}（{len(made['rows'])} 个条目）"
        return ImportedRow(record.sheet, record.row, record.key, name, record.form.code, [])

    async def create() -> list[ImportedRow]:
        return await each(reading.records, one)

    return await all_or_none(actor, "import_editions", file_name, reading, create, dry_run=dry_run)


async def template() -> bytes:
    """The workbook to be filled in."""
    lists = {"类别": list(KINDS), "要求": list(OPERATORS), "是否演示": ["是", "否"]}
    return templates.workbook(PLAN, [Choice(head, values) for head, values in lists.items()], lists)


@dataclass(slots=True)
class _Gathered:
    """An edition made from the rows of a file; for each of its items and parameters the row."""

    edition: EditionForm
    rows: list[int] = field(default_factory=list)


def _gathered(form: ImportedEditionForm) -> _Gathered:
    """Rows of the same number as one item; Refused when they call it by two names."""
    items: dict[str, dict[str, Any]] = {}
    first: dict[str, int] = {}
    found: list[Finding] = []
    for position, row in enumerate(form.rows):
        item = items.setdefault(
            row.number, {"number": row.number, "name": row.name, "parameters": []}
        )
        first.setdefault(row.number, position)
        if item["name"] != row.name:
            found.append(
                blocker(
                    "edition.two_names",
                    f"rows.{position}.name",
                    number=row.number,
                    first=item["name"],
                )
            )
        found += _parameter(row, position, item["parameters"])
    if found:
        raise Refused(found)
    plain = form.model_dump(exclude={"rows"})
    edition = EditionForm.model_validate({**plain, "items": list(items.values())})
    return _Gathered(edition, list(first.values()))


def _parameter(row: EditionRowForm, position: int, taken: list[Any]) -> list[Finding]:
    """Take the parameter of a row; it has a name, a requirement and a value, or none of them."""
    given = {"name": row.parameter, "operator": row.operator, "value": row.value}
    if not any((*given.values(), row.high, row.unit)):
        return []
    fields = {"name": "parameter"}
    missing = [name for name, value in given.items() if not value]
    if missing:
        return [
            blocker("form.missing", f"rows.{position}.{fields.get(name, name)}") for name in missing
        ]
    taken.append({**given, "unit": row.unit, "high": row.high})
    return []


def _as_in_the_file(error: DomainError, form: _Gathered) -> DomainError:
    """The same refusal, about the rows of the file instead of the items made from them."""

    def placed(finding: Finding) -> Finding:
        parts = finding.field.split(".")
        if len(parts) < 2 or parts[0] != "items":
            return finding
        return replace(finding, field=f"rows.{form.rows[int(parts[1])]}.{parts[-1]}")

    return Refused([placed(finding) for finding in error.findings])


register(
    {
        "edition.two_names": Text(
            "条目“{number}”前面的名称是“{first}”，与本行不同",
            "The item {number} is called “{first}” in a row before",
            "同一编号的各行请写同一名称",
            "Write the same name in all rows of a number",
        ),
    }
)
