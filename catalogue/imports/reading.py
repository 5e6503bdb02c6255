"""From sheets to forms: headers matched, cells read, parts gathered by row key."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from pydantic import ValidationError

from catalogue.imports.columns import (
    CHOICES,
    EXAMPLE,
    GUIDE,
    CellError,
    Column,
    Layout,
    Names,
    Plan,
    find_column,
    nearest_header,
)
from catalogue.imports.sheets import CSV_SHEET, Cell, Sheet, SheetRow
from service.api import typed_finding
from service.kernel.findings import Finding, blocker, warning


@dataclass(slots=True)
class Record:
    """One row of the main sheet on its way to a form; `where` tells the cell of each form field."""

    plan: Plan
    sheet: str
    row: int
    key: str
    values: dict[str, Any] = field(default_factory=dict)
    where: dict[str, str] = field(default_factory=dict)
    form: Any = None

    @property
    def place(self) -> str:
        """The row itself, for findings that are about no single cell."""
        return f"{self.sheet}!A{self.row}"

    def locate(self, path: str) -> str:
        """The cell behind a path of the form; the row when no cell was filled."""
        parts = path.split(".")
        for length in range(len(parts), 0, -1):
            found = self.where.get(".".join(parts[:length]))
            if found:
                return found
        return f"{self.place} {self.plan.header_of(path)}".strip()


@dataclass(slots=True)
class Reading:
    """What was read: records in order, findings, and how many example rows were left out."""

    records: list[Record] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    examples: int = 0


@dataclass(frozen=True, slots=True)
class _Task:
    """What is to be read, and where it goes."""

    plan: Plan
    names: Names
    reading: Reading

    def note(self, finding: Finding) -> None:
        """Keep a finding."""
        self.reading.findings.append(finding)


def read_records(sheets: list[Sheet], plan: Plan, names: Names) -> Reading:
    """The records of a file; what cannot be used is in the findings, which may be blockers."""
    reading = Reading()
    task = _Task(plan, names, reading)
    chosen = _chosen(sheets, task)
    main = chosen.get(plan.main) or chosen.get(CSV_SHEET)
    if main is None:
        found = [sheet.name for sheet in sheets]
        task.note(blocker("import.sheet_missing", sheet=plan.main, sheets=found))
        return reading
    layout = plan.layouts[CSV_SHEET if main.name == CSV_SHEET else plan.main]
    _read_main(main, layout, task)
    by_key = {record.key: record for record in reading.records if record.key}
    for name in plan.layouts:
        if name in chosen and name not in (plan.main, CSV_SHEET):
            _read_parts(chosen[name], plan.layouts[name], by_key, task)
    if not reading.records and not any(f.blocks for f in reading.findings):
        task.note(blocker("import.no_rows", main.name, sheet=main.name))
    broken = {finding.field for finding in reading.findings}
    for record in reading.records:
        _build(record, reading, broken)
    return reading


def _chosen(sheets: list[Sheet], task: _Task) -> dict[str, Sheet]:
    layouts, main = task.plan.layouts, task.plan.main
    found = {sheet.name.strip(): sheet for sheet in sheets}
    if len(sheets) == 1 and main not in found and CSV_SHEET not in found:
        return {main: sheets[0]}
    for name, sheet in found.items():
        if name not in layouts and name not in (GUIDE, CHOICES) and sheet.rows:
            task.note(warning("import.sheet_ignored", name, sheet=name))
    return {name: sheet for name, sheet in found.items() if name in layouts}


Header = dict[int, tuple[str, Column]]


def _header(sheet: Sheet, layout: Layout, findings: list[Finding]) -> Header:
    """The columns of a sheet by position; findings name what is missing, unknown or double."""
    columns: Header = {}
    seen: dict[str, str] = {}
    first = sheet.rows[0] if sheet.rows else SheetRow(1, {})
    for position, cell in first.cells.items():
        where = f"{sheet.name}!{cell.address}"
        if cell.problem is not None:
            findings.append(cell.problem)
            continue
        match = find_column(layout, cell.text)
        if match is None:
            nearest = nearest_header(layout, cell.text)
            findings.append(
                blocker("import.column_unknown", where, column=cell.text, nearest=nearest)
            )
            continue
        header = match[1].header
        if header in seen:
            findings.append(
                blocker("import.column_twice", where, column=header, first=seen[header])
            )
        seen.setdefault(header, cell.address)
        columns[position] = match
    for _, column in layout.columns():
        if column.required and column.header not in seen:
            findings.append(
                blocker(
                    "import.column_missing",
                    f"{sheet.name}!1",
                    sheet=sheet.name,
                    column=column.header,
                )
            )
    return columns


def _body(sheet: Sheet, layout: Layout, task: _Task) -> Iterator[tuple[SheetRow, Header, str]]:
    """Rows below a good header with their keys, without example rows."""
    findings: list[Finding] = []
    columns = _header(sheet, layout, findings)
    filled = {position for row in sheet.rows[1:] for position in row.cells}
    named = set(sheet.rows[0].cells) if sheet.rows else set()
    for position in sorted(filled - named):
        cell = next(row.cells[position] for row in sheet.rows[1:] if position in row.cells)
        findings.append(blocker("import.column_unnamed", f"{sheet.name}!{cell.address}"))
    task.reading.findings += findings
    if any(finding.blocks for finding in findings):
        return
    key_column = next((n for n, (_, c) in columns.items() if c.header == task.plan.key), None)
    for row in sheet.rows[1:]:
        key = row.cells[key_column].text if key_column in row.cells else ""
        if key.startswith(EXAMPLE):
            task.reading.examples += 1
            continue
        yield row, columns, key


def _read_main(sheet: Sheet, layout: Layout, task: _Task) -> None:
    header = task.plan.key
    records: dict[str, Record] = {}
    for row, columns, key in _body(sheet, layout, task):
        record = records.get(key) if key else None
        if record is not None and layout.grouped:
            _continue(record, row, columns, task)
            continue
        fresh = Record(task.plan, sheet.name, row.number, key)
        place = f"{fresh.place} {header}"
        if record is not None:
            task.note(blocker("import.key_twice", place, header=header, key=key, first=record.row))
        if not key and layout.keyed:
            task.note(blocker("import.key_missing", place, header=header))
        _take_row(fresh, fresh.values, row, columns, task)
        records.setdefault(key, fresh)
        task.reading.records.append(fresh)


def _continue(record: Record, row: SheetRow, columns: Header, task: _Task) -> None:
    """A further row of a record adds parts; what it says of the record itself must be the same."""
    said: dict[str, Any] = {}
    before = dict(record.where)
    _take_row(record, said, row, columns, task)
    for name, value in said.items():
        if record.values.setdefault(name, value) != value:
            task.note(blocker("import.row_differs", record.where[name], first=record.row))
    record.where |= before


def _take_row(
    record: Record, values: dict[str, Any], row: SheetRow, columns: Header, task: _Task
) -> None:
    """Read a row of the main sheet: the record's own cells, and one of each part beside them."""
    parts: dict[str, dict[str, Any]] = {}
    for position, cell in row.cells.items():
        part, column = columns[position]
        if not part:
            _take(cell, column, column.field, record.sheet, values, record, task)
            continue
        number = len(record.values.get(part, []))
        target = parts.setdefault(part, {})
        path = f"{part}.{number}.{column.field}"
        _take(cell, column, path, record.sheet, target, record, task)
    for part, found in parts.items():
        record.values.setdefault(part, []).append(found)


def _read_parts(sheet: Sheet, layout: Layout, by_key: dict[str, Record], task: _Task) -> None:
    part, header = next(part for part in layout.parts if part), task.plan.key
    for row, columns, key in _body(sheet, layout, task):
        place = f"{sheet.name}!A{row.number} {header}"
        record = by_key.get(key)
        if record is None:
            code = "import.key_unknown" if key else "import.key_missing"
            task.note(blocker(code, place, header=header, key=key, sheet=task.plan.main))
            continue
        items = record.values.setdefault(part, [])
        values: dict[str, Any] = {}
        record.where[f"{part}.{len(items)}"] = f"{sheet.name}!A{row.number}"
        for position, cell in row.cells.items():
            column = columns[position][1]
            path = f"{part}.{len(items)}.{column.field}"
            _take(cell, column, path, sheet.name, values, record, task)
        items.append(values)


def _take(
    cell: Cell,
    column: Column,
    path: str,
    sheet: str,
    target: dict[str, Any],
    record: Record,
    task: _Task,
) -> None:
    """Read one cell into its field."""
    where = f"{sheet}!{cell.address} {column.header}"
    if not column.field:
        return
    record.where[path] = where
    if cell.problem is not None and not (column.is_day and cell.day):
        task.note(dataclasses.replace(cell.problem, field=where))
        return
    try:
        target[column.field] = column.read(cell.day or cell.text, where, task.names)
    except CellError as error:
        task.note(error.finding)


def _build(record: Record, reading: Reading, broken: set[str]) -> None:
    """Make the form; a field whose cell is `broken` already is not reported twice."""
    try:
        record.form = record.plan.form.model_validate(record.values)
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            finding = typed_finding(detail)
            where = record.locate(finding.field)
            if where not in broken:
                reading.findings.append(dataclasses.replace(finding, field=where))


def located(findings: Iterable[Finding], record: Record) -> list[Finding]:
    """The findings with the cells of a record instead of fields of the form."""
    return [dataclasses.replace(f, field=record.locate(f.field)) for f in findings]
