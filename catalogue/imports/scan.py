"""Looking into a workbook before it is read: is it one, is it harmless, how large is it.

Only the parts that are needed are unpacked, as a stream, and no further than the limits allow, so a
file of 50,000 rows or a bomb is refused in a moment.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker

UNPACKED_MAX_BYTES = 200 * 1_048_576
READ_MAX_BYTES = 40 * 1_048_576
RATIO_MAX = 300
PARTS_MAX = 500
COLUMNS_MAX = 60
NAMED_MAX = 10
_SMALL_PART_BYTES = 1_048_576
_MAGIC = b"PK\x03\x04"
_OLE = b"\xd0\xcf\x11\xe0"
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


@dataclass(slots=True)
class Outline:
    """What one sheet holds: rows with content, its formulas, merged ranges and widest row."""

    name: str
    rows: int = 0
    last_column: int = 0
    formulas: list[str] = field(default_factory=list)
    merged: list[str] = field(default_factory=list)


class _Enough(Exception):
    """The limit of rows is passed; the rest need not be read."""


def open_workbook_parts(content: bytes, name: str) -> zipfile.ZipFile:
    """The parts of a workbook; Refused when it is none, too large unpacked, or carries code."""
    if content.startswith(_OLE):
        raise Refused([blocker("import.old_or_locked", "file", name=name)])
    try:
        if not content.startswith(_MAGIC):
            raise zipfile.BadZipFile
        parts = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError):
        raise Refused([blocker("import.not_a_workbook", "file", name=name)]) from None
    infos = parts.infolist()
    unpacked = sum(info.file_size for info in infos)
    if (
        unpacked > UNPACKED_MAX_BYTES
        or unpacked > RATIO_MAX * len(content)
        or len(infos) > PARTS_MAX
    ):
        raise Refused(
            [blocker("import.bomb", "file", unpacked=unpacked // 1_048_576, parts=len(infos))]
        )
    found = _harmful(infos, name)
    if found:
        raise Refused(found)
    return parts


def _harmful(infos: list[zipfile.ZipInfo], name: str) -> list[Finding]:
    names = {info.filename.lower() for info in infos}
    found = []
    if "xl/workbook.xml" not in names or any(info.flag_bits & 1 for info in infos):
        found.append(blocker("import.not_a_workbook", "file", name=name))
    if any(part.endswith((".bin",)) and "vba" in part for part in names):
        found.append(blocker("import.macros", "file", name=name))
    if any(part.startswith("xl/externallinks/") for part in names):
        found.append(blocker("import.external_links", "file", name=name))
    return found


def outlines(parts: zipfile.ZipFile, rows_max: Callable[[str], int]) -> list[Outline]:
    """Look through every sheet; `rows_max` tells how many rows one of that name may have.

    Raises Refused with all findings: too many rows, too wide, formulas, merged cells.
    """
    found: list[Finding] = []
    sheets = []
    for name, path in _sheets(parts):
        outline = Outline(name)
        limit = rows_max(name)
        with parts.open(path) as part:
            _scan(part, outline, limit)
        found += _judge(outline, limit)
        sheets.append(outline)
    if not found and sum(info.file_size for info in parts.infolist()) > READ_MAX_BYTES:
        found.append(blocker("import.bomb", "file", unpacked=READ_MAX_BYTES // 1_048_576, parts=1))
    if found:
        raise Refused(found)
    return sheets


def _judge(outline: Outline, limit: int) -> Iterator[Finding]:
    name = outline.name
    if outline.rows > limit + 1:
        yield blocker("import.too_many_rows", name, sheet=name, limit=limit)
    if outline.last_column > COLUMNS_MAX:
        yield blocker(
            "import.too_wide", name, sheet=name, columns=outline.last_column, limit=COLUMNS_MAX
        )
    if outline.formulas:
        where = f"{name}!{outline.formulas[0]}"
        yield blocker("import.formula", where, cells=outline.formulas)
    if outline.merged:
        yield blocker("import.merged", f"{name}!{outline.merged[0]}", ranges=outline.merged)


def _sheets(parts: zipfile.ZipFile) -> list[tuple[str, str]]:
    """Name and part of every worksheet, in order."""
    targets: dict[str, str] = {}
    names: list[tuple[str, str]] = []

    def relation(tag: str, attributes: dict[str, str]) -> None:
        if tag.endswith("Relationship") and attributes.get("Type", "").endswith("/worksheet"):
            target = attributes.get("Target", "")
            path = target.lstrip("/") if target.startswith("/") else posixpath.join("xl", target)
            targets[attributes.get("Id", "")] = posixpath.normpath(path)

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if tag == "sheet" or tag.endswith(":sheet"):
            found = next((v for k, v in attributes.items() if k.endswith(":id")), "")
            names.append((attributes.get("name", ""), found))

    try:
        _parse_small(parts, "xl/_rels/workbook.xml.rels", relation)
        _parse_small(parts, "xl/workbook.xml", sheet)
        known = set(parts.namelist())
        return [(name, targets[key]) for name, key in names if targets.get(key) in known]
    except (KeyError, expat.ExpatError, zipfile.BadZipFile, ValueError):
        raise Refused([blocker("import.not_a_workbook", "file", name="xl/workbook.xml")]) from None


def _parser(start: Callable[[str, dict[str, str]], None]) -> expat.XMLParserType:
    parser = expat.ParserCreate()
    parser.StartElementHandler = start

    def no_entities(*_: object) -> None:
        raise expat.ExpatError("entities are not allowed")

    parser.EntityDeclHandler = no_entities
    return parser


def _parse_small(
    parts: zipfile.ZipFile, path: str, start: Callable[[str, dict[str, str]], None]
) -> None:
    with parts.open(path) as part:
        _parser(start).Parse(part.read(_SMALL_PART_BYTES), True)


class _Scanner:
    """Counts what an Outline tells, from the start tags of one sheet."""

    def __init__(self, outline: Outline, limit: int) -> None:
        self.outline, self.limit = outline, limit
        self.cell, self.column, self.row, self.filled = "", 0, 0, False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        outline = self.outline
        if tag == "row":
            self.row, self.column, self.filled = self.row + 1, 0, False
            if self.row > self.limit * 25:
                outline.rows = self.row
                raise _Enough
        elif tag == "c":
            self.cell = attributes.get("r", "")
            self.column = _column_number(self.cell) or self.column + 1
        elif tag in ("v", "is"):
            self._content()
        elif tag == "f":
            self._content()
            if len(outline.formulas) < NAMED_MAX:
                outline.formulas.append(self.cell)
        elif tag == "mergeCell" and len(outline.merged) < NAMED_MAX:
            outline.merged.append(attributes.get("ref", ""))

    def _content(self) -> None:
        self.outline.last_column = max(self.outline.last_column, self.column)
        if not self.filled:
            self.filled = True
            self.outline.rows += 1
            if self.outline.rows > self.limit + 1:
                raise _Enough


def _scan(part: IO[bytes], outline: Outline, limit: int) -> None:
    parser = _parser(_Scanner(outline, limit).start)
    try:
        while chunk := part.read(262_144):
            parser.Parse(chunk, False)
        parser.Parse(b"", True)
    except _Enough:
        return
    except (expat.ExpatError, zipfile.BadZipFile, zlib.error, EOFError):
        raise Refused([blocker("import.not_a_workbook", outline.name, name=outline.name)]) from None


_LETTERS = re.compile(r"([A-Z]{1,3})[0-9]+")


def _column_number(reference: str) -> int:
    match = _LETTERS.fullmatch(reference)
    number = 0
    for letter in match[1] if match else "":
        number = number * 26 + ord(letter) - 64
    return number
