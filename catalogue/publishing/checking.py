"""Everything a rule file must pass: its form, its family's checks, its cases, its place in time."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalogue.publishing import texts as _texts  # noqa: F401  registers the texts
from catalogue.rules import families as _families  # noqa: F401  registers the families
from service.kernel.calendar import today
from service.kernel.db import sql
from service.kernel.findings import Finding, blocker, blockers, warning
from service.kernel.rulebook import CaseResult, RuleBook, check_book, family_of, parse, run_cases

_WORD = r"[a-z0-9]+(?:-[a-z0-9]+)*"
FAMILY_FORM = re.compile(rf"{_WORD}(?:/{_WORD})?")
VERSION_FORM = re.compile(r"[0-9A-Za-z]+(?:[.-][0-9A-Za-z]+)*")
NAMES_MAX = 59
"""Family and version together: both stand in one journal subject."""
TITLE_MAX = 200


@dataclass(frozen=True, slots=True)
class Checked:
    """A rule file as it was read: the book, None where it is none; what was found; its cases."""

    book: RuleBook | None
    findings: list[Finding]
    cases: list[CaseResult] = field(default_factory=list)

    @property
    def passes(self) -> bool:
        """Whether nothing keeps it from being published."""
        return self.book is not None and not blockers(self.findings)


def check_text(text: str) -> Checked:
    """Read a rule file and run what needs no other version: form, family's checks, worked cases."""
    book, found = parse(text)
    if book is None:
        return Checked(None, found)
    family = family_of(book.family)
    found = [*found, *_names(book), *check_book(book)]
    return Checked(book, found, run_cases(book, family.evaluate) if family else [])


async def check(text: str) -> Checked:
    """All of :func:`check_text`, and the place in time among the published versions."""
    checked = check_text(text)
    if checked.book is None:
        return checked
    rows = await sql(
        "SELECT version, valid_from, valid_to FROM rule_version WHERE family = $1"
        " AND status <> 'draft' ORDER BY valid_from",
        checked.book.family,
    )
    found = place_in_time(checked.book, rows, today())
    return Checked(checked.book, [*checked.findings, *found], checked.cases)


def place_in_time(book: RuleBook, published: list[Any], day: date) -> list[Finding]:
    """Where a book stands among the published versions of its family.

    It supersedes an open-ended one from its first day on. It may not reach into a later version,
    nor begin within the stated days of an earlier one.
    """
    if any(row["version"] == book.version for row in published):
        return [
            blocker("rules.published", "rule.version", family=book.family, version=book.version)
        ]
    found = []
    for row in published:
        start, end = row["valid_from"], row["valid_to"]
        if start == book.valid_from:
            found.append(
                blocker("rules.same_day", "rule.valid_from", day=start, version=row["version"])
            )
        elif _meet(book, start, end):
            found.append(_overlap(book, row["version"], max(start, book.valid_from)))
    if published and book.valid_from < day:
        found.append(
            warning("rules.begins_in_past", "rule.valid_from", day=book.valid_from, today=day)
        )
    return found


def _meet(book: RuleBook, start: date, end: date | None) -> bool:
    if start > book.valid_from:
        return book.valid_to is None or book.valid_to >= start
    return end is not None and end >= book.valid_from


def _overlap(book: RuleBook, other: str, day: date) -> Finding:
    return blocker(
        "rulebook.overlap",
        "rule.valid_from",
        family=book.family,
        first=other,
        second=book.version,
        day=day,
    )


def _names(book: RuleBook) -> list[Finding]:
    """Names that an address, a column and a journal subject can hold."""
    found = [
        blocker("rules.name_form", f"rule.{name}", value=value)
        for name, value, form in (
            ("family", book.family, FAMILY_FORM),
            ("version", book.version, VERSION_FORM),
        )
        if not form.fullmatch(value) or len(book.family) + len(book.version) > NAMES_MAX
    ]
    if len(book.title_zh) > TITLE_MAX:
        found.append(blocker("rules.title_too_long", "rule.title_zh", actual=len(book.title_zh)))
    return found
