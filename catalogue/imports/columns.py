"""What a kind of import file looks like: sheets, columns, how a cell becomes a value of the form.

Reading and the template both stand on these tables; each kind lists its columns in a TOML file.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from importlib import resources
from typing import Any

from pydantic import BaseModel

from catalogue.imports.sheets import CSV_SHEET
from catalogue.rules.nouns import Term
from service.kernel.findings import Finding, blocker
from service.kernel.money import MoneyError, parse_ppm, parse_yuan
from service.kernel.shares import parse_percent

GUIDE, CHOICES = "填写说明", "选项"
EXAMPLE = "示例"
ROWS_MAX = 2_000
PART_ROWS_MAX = 10_000
_SEPARATORS = re.compile(r"[、;；\n]")
_BARE_NUMBER = re.compile(r"[+-]?[0-9,]+(\.[0-9]+)?")
_DAY = re.compile(r"(\d{4})(?:-|/|\.|年)(\d{1,2})(?:-|/|\.|月)(\d{1,2})日?|(\d{4})(\d{2})(\d{2})")


class CellError(ValueError):
    """A cell that cannot be used, with its finding."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.code)
        self.finding = finding


Names = Mapping[str, str]
"""Folded code or name to code, for columns whose choices stand in the database."""
Reader = Callable[[str, str, Names], object]


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its header, the field of the form, how its cells are read, a hint for people.

    `is_day`: a cell that Excel keeps as a date may be used.
    """

    header: str
    field: str
    read: Reader
    hint: str
    example: str = ""
    required: bool = False
    width: int = 18
    is_day: bool = False


def fold_header(text: str) -> str:
    """Header without spaces and line breaks, full-width signs made half-width."""
    return "".join(unicodedata.normalize("NFKC", text).split()).removesuffix("*")


def fold_name(text: str) -> str:
    """A code or name as it is looked up."""
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()


def parts_of(text: str) -> list[str]:
    """The words of a cell that holds several."""
    return [part.strip() for part in _SEPARATORS.split(text) if part.strip()]


def pick(kind: type[Term], text: str, where: str) -> str:
    """The code of a term by its Chinese name or code."""
    for code, zh in kind.choices():
        if text in (zh, code):
            return code
    choices = [zh for _, zh in kind.choices()]
    raise CellError(blocker("import.not_a_choice", where, value=text, choices=choices))


def choice(kind: type[Term]) -> Reader:
    """A reader of cells that name one term."""
    return lambda text, where, names: pick(kind, text, where)


def nearest(text: str, choices: list[str]) -> str:
    """The choice most like a text."""
    return get_close_matches(text[:60], choices, n=1, cutoff=0)[0]


def _words(text: str, where: str, names: Names) -> object:
    return text


def _list(text: str, where: str, names: Names) -> object:
    return parts_of(text)


def _rate(text: str, where: str, names: Names) -> object:
    try:
        return parse_ppm(text if text.endswith(("%", "％", "‰")) else f"{text}%", where)
    except MoneyError as error:
        raise CellError(error.finding) from None


def _share(text: str, where: str, names: Names) -> object:
    try:
        return parse_percent(text if text.endswith(("%", "％")) else f"{text}%", where)
    except MoneyError as error:
        raise CellError(error.finding) from None


def _money(unit: str) -> Reader:
    def read(text: str, where: str, names: Names) -> object:
        try:
            bare = _BARE_NUMBER.fullmatch(unicodedata.normalize("NFKC", text))
            return parse_yuan(f"{text}{unit}" if bare else text, where)
        except MoneyError as error:
            raise CellError(error.finding) from None

    return read


def _days(text: str, where: str, names: Names) -> object:
    plain = unicodedata.normalize("NFKC", text).removesuffix("天").strip()
    if not re.fullmatch(r"[0-9]{1,4}", plain):
        raise CellError(blocker("import.not_a_whole", where, value=text))
    return int(plain)


def _day(text: str, where: str, names: Names) -> object:
    """2026-01-05, 2026/1/5, 2026.1.5, 2026年1月5日 or 20260105; a day that there is."""
    match = _DAY.fullmatch("".join(unicodedata.normalize("NFKC", text).split()))
    try:
        if match is None:
            raise ValueError
        year, month, day = (int(part) for part in match.groups() if part is not None)
        return date(year, month, day).isoformat()
    except ValueError:
        raise CellError(blocker("form.not_a_date", where, value=text)) from None


def _flag(text: str, where: str, names: Names) -> object:
    plain = unicodedata.normalize("NFKC", text).strip()
    if plain not in ("是", "否"):
        raise CellError(blocker("import.not_a_choice", where, value=text, choices=["是", "否"]))
    return plain == "是"


READERS: dict[str, Reader] = {
    "words": _words,
    "list": _list,
    "rate": _rate,
    "share": _share,
    "yuan": _money("元"),
    "days": _days,
    "day": _day,
    "flag": _flag,
}


def read_columns(package: str, more: Mapping[str, Reader]) -> dict[str, tuple[Column, ...]]:
    """The columns as the columns.toml of a package lists them; `more` reads its own kinds."""
    text = (resources.files(package) / "columns.toml").read_text("utf-8")
    readers = {**READERS, **more}
    return {
        part: tuple(_column(row, readers) for row in rows)
        for part, rows in tomllib.loads(text).items()
    }


def _column(row: dict[str, Any], readers: Mapping[str, Reader]) -> Column:
    kind = row.pop("kind")
    return Column(read=readers[kind], is_day=kind == "day", **row)


def optional(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    """The same columns where a sheet need not have them."""
    return tuple(dataclasses.replace(column, required=False) for column in columns)


@dataclass(frozen=True, slots=True)
class Layout:
    """The columns of one sheet by part of the form: "" is the record itself.

    `keyed`: each row needs the key. `grouped`: rows of one key belong to one record.
    """

    name: str
    rows_max: int
    parts: Mapping[str, tuple[Column, ...]]
    keyed: bool = True
    grouped: bool = False

    def columns(self) -> list[tuple[str, Column]]:
        """Every column with its part, in order."""
        return [(part, column) for part, columns in self.parts.items() for column in columns]


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file of one kind looks like: its form, its sheets (the main one first), its row key.

    `sheets` tells the sheet of each part of the form, `guide` what people have to know.
    """

    form: type[BaseModel]
    key: str
    layouts: Mapping[str, Layout]
    sheets: Mapping[str, str]
    guide: tuple[str, ...]

    @property
    def main(self) -> str:
        """Name of the sheet with one row for each record."""
        return next(iter(self.layouts))

    def rows_max(self, sheet: str) -> int:
        """How many rows below its header a sheet may have."""
        layout = self.layouts.get(sheet)
        return layout.rows_max if layout else PART_ROWS_MAX

    def header_of(self, path: str) -> str:
        """The header of the column behind a path of the form, or the sheet of a part."""
        headers = {
            (part, column.field): column.header
            for layout in self.layouts.values()
            for part, column in layout.columns()
        }
        first, _, rest = path.partition(".")
        name = rest.rsplit(".", 1)[-1]
        known = headers.get(("", first)) or headers.get((first, name))
        return known or self.sheets.get(first, first)


def make_plan(
    form: type[BaseModel],
    main: str,
    columns: Mapping[str, tuple[Column, ...]],
    sheets: Mapping[str, str],
    guide: tuple[str, ...],
    csv: Layout,
) -> Plan:
    """A plan of the usual kind: a main sheet that may hold one of each part, a sheet for each part.

    `columns` holds the main sheet's columns under "", the first of them being the key.
    """
    key = columns[""][0]
    of_part = dataclasses.replace(key, field="", hint=f"与“{main}”工作表的{key.header}一致")
    layouts = {main: Layout(main, ROWS_MAX, whole(columns))}
    for part, name in sheets.items():
        if part in columns:
            own = {"": (of_part,), part: columns[part]}
            layouts[name] = Layout(name, PART_ROWS_MAX, own)
    return Plan(form, key.header, {**layouts, CSV_SHEET: csv}, sheets, guide)


def whole(columns: Mapping[str, tuple[Column, ...]]) -> dict[str, tuple[Column, ...]]:
    """The columns of a record with one of each part beside it."""
    return {part: (found if part == "" else optional(found)) for part, found in columns.items()}


def find_column(layout: Layout, header: str) -> tuple[str, Column] | None:
    """The column that a header names, also without its unit or with 万元 as the unit."""
    folded = fold_header(header)
    for part, column in layout.columns():
        plain = fold_header(column.header)
        if folded in (plain, re.sub(r"\(.*\)", "", plain)):
            return part, column
        if "(元)" in plain and folded == plain.replace("(元)", "(万元)"):
            return part, dataclasses.replace(column, read=_money("万元"))
    return None


def nearest_header(layout: Layout, header: str) -> str:
    """The header of the layout most like this one."""
    return nearest(header, [column.header for _, column in layout.columns()])
