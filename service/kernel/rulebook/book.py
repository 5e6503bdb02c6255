"""What a rule book is, and how it is read from its text."""

from __future__ import annotations

import hashlib
import json
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time
from enum import StrEnum
from types import MappingProxyType

from service.kernel.errors import Refused
from service.kernel.findings import Finding, Text, blocker, blockers, register


class Status(StrEnum):
    """What a book claims to be."""

    PUBLISHED = "published"
    """Follows a public document."""
    EXAMPLE = "example"
    """Shows a form of rule; binds nobody."""


class Kind(StrEnum):
    """What a value may be."""

    WHOLE = "whole"
    """Whole number: money in fen, a rate in ppm, a count."""
    TEXT = "text"
    """One line or one code."""
    FLAG = "flag"
    """Yes or no."""
    DATE = "date"
    """A day."""
    LIST = "list"
    """Several values in order."""
    TABLE = "table"
    """Named values, such as a ratio per year of cover."""


@dataclass(frozen=True, slots=True)
class RuleValue:
    """One value with the clause it comes from."""

    value: object
    unit: str = ""
    source: str = ""
    example: bool = False
    note: str = ""


@dataclass(frozen=True, slots=True)
class RuleCase:
    """A worked case: what is given, and what the rule must answer."""

    name: str
    source: str
    given: Mapping[str, object]
    expect: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class RuleBook:
    """One version of a rule; immutable, and known by its hash."""

    family: str
    name: str
    version: str
    title_zh: str
    valid_from: date
    valid_to: date | None
    document: str
    document_number: str
    issued_on: date | None
    status: Status
    values: Mapping[str, RuleValue]
    cases: tuple[RuleCase, ...]

    @property
    def hash(self) -> str:
        """SHA-256 (hex) over the canonical JSON of everything the book says."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()

    def canonical(self) -> str:
        """Return the book as JSON with sorted keys: the same book gives the same text."""
        return canonical_json(self)

    def has(self, key: str) -> bool:
        """Whether the book holds an optional value."""
        return key in self.values

    def value(self, key: str) -> object:
        """Return a value; raises KeyError, which the schema check rules out for required keys."""
        return self.values[key].value

    def source(self, key: str) -> str:
        """Return the clause a value comes from; raises KeyError."""
        return self.values[key].source

    def whole(self, key: str) -> int:
        """Return a whole number; raises KeyError, TypeError."""
        value = self.value(key)
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError(f"{key} is not a whole number")
        return value

    def text(self, key: str) -> str:
        """Return a text; raises KeyError, TypeError."""
        value = self.value(key)
        if not isinstance(value, str):
            raise TypeError(f"{key} is not a text")
        return value

    def flag(self, key: str) -> bool:
        """Return a yes or no; raises KeyError, TypeError."""
        value = self.value(key)
        if not isinstance(value, bool):
            raise TypeError(f"{key} is not a flag")
        return value

    def table(self, key: str) -> Mapping[str, object]:
        """Return named values; raises KeyError, TypeError."""
        value = self.value(key)
        if not isinstance(value, Mapping):
            raise TypeError(f"{key} is not a table")
        return value

    def items(self, key: str) -> tuple[object, ...]:
        """Return several values in order; raises KeyError, TypeError."""
        value = self.value(key)
        if not isinstance(value, tuple):
            raise TypeError(f"{key} is not a list")
        return value


def kind_of(value: object) -> Kind | None:
    """Return what a value is, or None for something a book cannot hold."""
    if isinstance(value, bool):
        return Kind.FLAG
    kinds: tuple[tuple[type | tuple[type, ...], Kind], ...] = (
        (int, Kind.WHOLE),
        (str, Kind.TEXT),
        (date, Kind.DATE),
        ((tuple, list), Kind.LIST),
        (Mapping, Kind.TABLE),
    )
    return next((kind for types, kind in kinds if isinstance(value, types)), None)


def canonical_json(value: object) -> str:
    """Return the one JSON text of a value; a day is told apart from the text that looks like it."""
    return json.dumps(_plain(value), ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def load(text: str) -> RuleBook:
    """Read a TOML text; raises Refused with the findings of :func:`parse`."""
    book, found = parse(text)
    if book is None:
        raise Refused(found)
    return book


def parse(text: str) -> tuple[RuleBook | None, list[Finding]]:
    """Read a TOML text; return the book, or None where blockers keep it from being one."""
    try:
        data = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        return None, [blocker("rulebook.syntax", detail=str(error))]
    reader = _Reader(data)
    book = reader.book()
    return (None if blockers(reader.found) else book), reader.found


class _Reader:
    """Reads one parsed text and gathers the findings; what it returns counts only without any."""

    def __init__(self, data: Mapping[str, object]) -> None:
        self.data = data
        self.found = [
            blocker("rulebook.float" if isinstance(leaf, float) else "rulebook.time", path)
            for path, leaf in _leaves("", data)
            if isinstance(leaf, (float, datetime, time))
        ]

    def book(self) -> RuleBook:
        self._only("", self.data, {"rule", "values", "case"})
        head = self._table("rule", self.data)
        names = {field.name for field in fields(RuleBook)} - {"values", "cases"}
        self._only("rule", head, names)
        status = self._text("rule.status", head)
        if status and status not in set(Status):
            self.found.append(blocker("rulebook.status", "rule.status", value=status))
        return RuleBook(
            family=self._text("rule.family", head),
            name=self._text("rule.name", head),
            version=self._text("rule.version", head),
            title_zh=self._text("rule.title_zh", head),
            valid_from=self._day("rule.valid_from", head) or date.min,
            valid_to=self._day("rule.valid_to", head, required=False),
            document=self._text("rule.document", head),
            document_number=self._text("rule.document_number", head, required=False),
            issued_on=self._day("rule.issued_on", head, required=False),
            status=Status.PUBLISHED if status == Status.PUBLISHED else Status.EXAMPLE,
            values=self._values(),
            cases=self._cases(),
        )

    def _values(self) -> Mapping[str, RuleValue]:
        table = self._table("values", self.data)
        values = {}
        for key in table:
            path = f"values.{key}"
            entry = self._table(path, table)
            self._only(path, entry, {field.name for field in fields(RuleValue)})
            if "value" not in entry:
                self._wrong(f"{path}.value", "value")
            example = entry.get("example", False)
            if not isinstance(example, bool):
                self._wrong(f"{path}.example", Kind.FLAG)
            values[key] = RuleValue(
                _frozen(entry.get("value")),
                self._text(f"{path}.unit", entry, required=False),
                self._text(f"{path}.source", entry, required=False),
                example is True,
                self._text(f"{path}.note", entry, required=False),
            )
        return MappingProxyType(values)

    def _cases(self) -> tuple[RuleCase, ...]:
        entries = self.data.get("case", [])
        if not isinstance(entries, list):
            self._wrong("case", Kind.LIST)
            return ()
        cases = []
        for position, entry in enumerate(entries):
            path = f"case.{position}"
            if not isinstance(entry, Mapping):
                self._wrong(path, Kind.TABLE)
                continue
            self._only(path, entry, {field.name for field in fields(RuleCase)})
            cases.append(
                RuleCase(
                    self._text(f"{path}.name", entry),
                    self._text(f"{path}.source", entry, required=False),
                    _frozen_table(self._table(f"{path}.given", entry)),
                    _frozen_table(self._table(f"{path}.expect", entry)),
                )
            )
        return tuple(cases)

    def _text(self, path: str, table: Mapping[str, object], *, required: bool = True) -> str:
        value = table.get(path.rpartition(".")[2], None if required else "")
        if isinstance(value, str) and (value.strip() or not required):
            return value
        self._wrong(path, Kind.TEXT)
        return ""

    def _day(self, path: str, table: Mapping[str, object], *, required: bool = True) -> date | None:
        value = table.get(path.rpartition(".")[2])
        if isinstance(value, date) or (value is None and not required):
            return value
        self._wrong(path, Kind.DATE)
        return None

    def _table(self, path: str, table: Mapping[str, object]) -> Mapping[str, object]:
        value = table.get(path.rpartition(".")[2], {})
        if isinstance(value, Mapping):
            return value
        self._wrong(path, Kind.TABLE)
        return {}

    def _only(self, path: str, table: Mapping[str, object], names: set[str]) -> None:
        for key in table:
            if key not in names:
                place = f"{path}.{key}".lstrip(".")
                self.found.append(blocker("rulebook.unknown_field", place))

    def _wrong(self, path: str, kind: str) -> None:
        self.found.append(blocker("rulebook.field", path, kind=kind))


def _leaves(path: str, value: object) -> Iterator[tuple[str, object]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(f"{path}.{key}".lstrip("."), item)
    elif isinstance(value, list):
        for position, item in enumerate(value):
            yield from _leaves(f"{path}.{position}", item)
    else:
        yield path, value


def _frozen(value: object) -> object:
    if isinstance(value, Mapping):
        return _frozen_table(value)
    if isinstance(value, list):
        return tuple(_frozen(item) for item in value)
    return value


def _frozen_table(table: Mapping[str, object]) -> Mapping[str, object]:
    return MappingProxyType({key: _frozen(item) for key, item in table.items()})


def _plain(value: object) -> object:
    if isinstance(value, StrEnum):
        return value.value
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, date):
        return {"$date": value.isoformat()}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in fields(value)}
    return {"$" + type(value).__name__: str(value)}


_TEXT_REMEDY = ("请修正规则文件", "Correct the rule file")

register(
    {
        "rulebook.syntax": Text(
            "规则文件不是正确的 TOML：{detail}",
            "The rule file is not valid TOML: {detail}",
            *_TEXT_REMEDY,
        ),
        "rulebook.float": Text(
            "“{field}”是小数；规则中不得有浮点数",
            "“{field}” is a decimal; a rule holds no floating-point number",
            "金额以分、费率以百万分之一填写为整数",
            "Write money in fen and rates in ppm, as whole numbers",
            "DESIGN law 1",
        ),
        "rulebook.time": Text(
            "“{field}”带有时刻；规则只用日期",
            "“{field}” has a time of day; a rule has days only",
            "请填写如 2025-07-01 的日期",
            "Write a day such as 2025-07-01",
        ),
        "rulebook.unknown_field": Text(
            "规则文件有不认识的字段“{field}”",
            "The rule file has the unknown field “{field}”",
            *_TEXT_REMEDY,
        ),
        "rulebook.field": Text(
            "“{field}”缺失或类型不对，应为 {kind}",
            "“{field}” is missing or of the wrong type; expected {kind}",
            *_TEXT_REMEDY,
        ),
        "rulebook.status": Text(
            "规则的状态“{value}”不存在",
            "There is no rule status “{value}”",
            "请填写 published 或 example",
            "Write published or example",
        ),
    }
)
