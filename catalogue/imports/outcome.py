"""What an import has done or would do, and the one way it is carried out: all rows or none."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from typing import Any

from catalogue.imports import texts as _texts  # noqa: F401  registers the texts
from catalogue.imports.columns import Names, Plan
from catalogue.imports.reading import Reading, Record, located, read_records
from catalogue.imports.sheets import read_sheets
from catalogue.shapes import FindingShape
from service.auth import Actor
from service.kernel import journal
from service.kernel.db import work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, Severity, blocker, blockers

SHOWN_MAX = 200


@dataclass(frozen=True, slots=True)
class ImportedRow:
    """One record: what it is called now (nothing in a dry run), and what is to be thought of."""

    sheet: str
    row: int
    key: str
    name: str
    number: str | None
    findings: list[FindingShape]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What an import has done, or in a dry run would do; `findings` are about the whole file."""

    dry_run: bool
    records: int
    examples_skipped: int
    rows: list[ImportedRow]
    findings: list[FindingShape]


class _DryRun(Exception):
    """Ends the transaction of a dry run."""


async def read_file(file_name: str, content: bytes, plan: Plan, names: Names) -> Reading:
    """Read a file in a thread: seconds of pure computing for a full one, while others are served.

    Raises Refused for what no file may be, TooLarge.
    """

    def read() -> Reading:
        return read_records(read_sheets(file_name, content, plan.rows_max), plan, names)

    return await asyncio.to_thread(read)


async def all_or_none(
    actor: Actor,
    event: str,
    file_name: str,
    reading: Reading,
    create: Callable[[], Awaitable[list[ImportedRow]]],
    *,
    dry_run: bool,
) -> ImportResult:
    """Carry out what was read, in one transaction that a dry run undoes.

    Raises Refused with every finding when one of them is a blocker.
    """
    if blockers(reading.findings):
        raise Refused(cut(reading.findings))
    rows: list[ImportedRow] = []
    try:
        async with work():
            rows = await create()
            if dry_run:
                raise _DryRun
            await journal.record(
                actor,
                "import",
                rows[0].number or "",
                event,
                facts={"file": file_name[-200:], "records": len(rows)},
            )
    except _DryRun:
        rows = [replace(row, number=None) for row in rows]
    told = [shape(finding) for finding in cut(reading.findings)]
    return ImportResult(dry_run, len(rows), reading.examples, rows, told)


async def each(
    records: list[Record], one: Callable[[Record], Awaitable[ImportedRow]]
) -> list[ImportedRow]:
    """Create record by record; what is refused is told for all of them at once, by cell."""
    rows: list[ImportedRow] = []
    found: list[Finding] = []
    for record in records:
        try:
            async with work():
                rows.append(await one(record))
        except (Refused, Conflict) as error:
            found += located(error.findings, record)
    if found:
        raise Refused(cut(found))
    return rows


def cut(found: list[Finding]) -> list[Finding]:
    """At most 200 findings, and how many more there are; blockers come first."""
    found = sorted(found, key=lambda finding: not finding.blocks)
    if len(found) <= SHOWN_MAX:
        return found
    return [*found[:SHOWN_MAX], blocker("import.more", number=len(found) - SHOWN_MAX)]


def shape(finding: Finding) -> FindingShape:
    """A finding as it is shown."""
    plain: dict[str, Any] = finding.as_dict()
    return FindingShape(**plain)


def advice(findings: list[Finding]) -> list[FindingShape]:
    """Findings that do not stand in the way of an import, as warnings."""
    return [shape(replace(f, severity=Severity.WARNING)) for f in findings]
