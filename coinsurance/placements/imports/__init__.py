"""Import of lines and of the schedule of values of a risk from Excel or CSV: all or nothing.

Every line is written by the same use case as one sent by API, in the order of the file.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from catalogue.imports import template as templates
from catalogue.imports.outcome import (
    ImportedRow,
    ImportResult,
    advice,
    all_or_none,
    each,
    read_file,
)
from catalogue.imports.reading import Record
from catalogue.shapes import FindingShape
from coinsurance.placement_forms import LineForm, OffPlatformLineForm, RiskValueForm
from coinsurance.placements import lines, risks
from coinsurance.placements.imports.plan import LINES, VALUES
from coinsurance.placements.rows import issuer_of, risk_for
from service.auth import Actor
from service.kernel.db import sql_value, work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, blocker
from service.kernel.numbering import normalise_uscc
from service.kernel.shares import format_percent

__all__ = ["import_lines", "import_values", "line_template", "value_template"]

_CELLS = {"organisation": "uscc", "written_percent": "written_units"}
_ROW = ("status", "lines_until", "pool_year", "lines", "risk")


async def import_lines(
    actor: Actor, number: str, file_name: str, content: bytes, dry_run: bool = False
) -> ImportResult:
    """Write every line of a file on a risk, or none of them.

    A member's own lines, or those that the issuer records for others with their evidence. Raises
    Refused with every finding (field: “sheet!cell header”), TooLarge, NotFound for the risk.
    """
    await risk_for(actor, number)
    own = await sql_value("SELECT uscc FROM organisation WHERE id = $1", actor.organisation_id)
    reading = await read_file(file_name, content, LINES, {})

    async def one(record: Record) -> ImportedRow:
        form = record.form
        try:
            state = await _line(actor, number, form, own)
        except (Refused, Conflict) as error:
            raise Refused([_placed(finding) for finding in error.findings]) from error
        name = f"{state.section} {format_percent(state.written_units)}"
        told = [FindingShape(**item) for item in state.findings]
        return ImportedRow(record.sheet, record.row, record.key, name, str(state.id), told)

    async def create() -> list[ImportedRow]:
        return await each(reading.records, one)

    return await all_or_none(actor, "import_lines", file_name, reading, create, dry_run=dry_run)


async def _line(actor: Actor, number: str, form: Any, own: str | None) -> Any:
    plain = form.model_dump(exclude={"serial", "uscc", "evidence_document"})
    uscc = normalise_uscc(form.uscc)
    if not uscc or uscc == own:
        return await lines.write_line(actor, number, LineForm(**plain))
    if form.evidence_document is None:
        raise Refused([blocker("line.evidence_missing", "evidence_document")])
    return await lines.write_off_platform(
        actor,
        number,
        OffPlatformLineForm(
            **plain, uscc=form.uscc, evidence_document=form.evidence_document
        ),
    )


def _placed(finding: Finding) -> Finding:
    """The same about a column of the file; what is about the risk itself is about the row."""
    first = finding.field.split(".")[0]
    return replace(finding, field="" if first in _ROW else _CELLS.get(first, finding.field))


async def import_values(
    actor: Actor, number: str, file_name: str, content: bytes, dry_run: bool = False
) -> ImportResult:
    """Replace the schedule of values of a risk by that of a file, by its issuer, before the market.

    What the new values leave to be done is told at the first row; nothing is written while a row
    is wrong.
    """
    async with work():
        await issuer_of(actor, number)
    reading = await read_file(file_name, content, VALUES, {})

    async def create() -> list[ImportedRow]:
        records = reading.records
        forms = [RiskValueForm(**r.form.model_dump(exclude={"serial"})) for r in records]
        found = await risks.replace_values(actor, number, forms)
        told = advice(found)
        return [
            ImportedRow(r.sheet, r.row, r.key, r.form.item, number, told if r is records[0] else [])
            for r in records
        ]

    return await all_or_none(actor, "import_values", file_name, reading, create, dry_run=dry_run)


async def line_template(actor: Actor, number: str) -> bytes:
    """The workbook to be filled in with lines of a risk that the actor may see."""
    await risk_for(actor, number)
    return templates.workbook(LINES, [], {"不可削减": ["是", "否"]})


async def value_template(actor: Actor, number: str) -> bytes:
    """The workbook to be filled in with the values of such a risk."""
    await risk_for(actor, number)
    return templates.workbook(VALUES, [])
