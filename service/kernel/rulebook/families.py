"""Families of rule books: what each must pass, how its cases are answered, what its values mean.

A package registers its families where their rules are, so that checking, publishing and showing
books know all of them and depend on none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.rulebook.book import RuleBook
from service.kernel.rulebook.checks import Evaluate


@dataclass(frozen=True, slots=True)
class Family:
    """One family of books, or all whose names begin with ``name`` where that ends in a slash.

    ``value_names``: Chinese names of the values, for pages.
    """

    name: str
    title_zh: str
    check: Callable[[RuleBook], list[Finding]]
    evaluate: Evaluate
    value_names: Mapping[str, str] = field(default_factory=dict)

    def covers(self, family: str) -> bool:
        """Whether a book of that family is one of these."""
        if self.name.endswith("/"):
            return family.startswith(self.name) and family != self.name
        return family == self.name

    @property
    def shown_name(self) -> str:
        """The name as a choice: `subsidy/…` for a group."""
        return f"{self.name}…" if self.name.endswith("/") else self.name


_FAMILIES: dict[str, Family] = {}


def register_family(family: Family) -> None:
    """Add a family; registering the same one again is harmless, another of its name is refused."""
    known = _FAMILIES.setdefault(family.name, family)
    if (known.check, known.evaluate) != (family.check, family.evaluate):
        raise ValueError(f"rule family {family.name!r} is already registered")


def families_forget(name: str) -> None:
    """Take a family out again; for tests that register one."""
    _FAMILIES.pop(name, None)


def families() -> list[Family]:
    """Every registered family, by name."""
    return [_FAMILIES[name] for name in sorted(_FAMILIES)]


def family_of(name: str) -> Family | None:
    """The family that a book's family belongs to; None for one that nobody registered."""
    return next((family for family in families() if family.covers(name)), None)


def check_book(book: RuleBook) -> list[Finding]:
    """What keeps a book from being published, by the checks of its family."""
    family = family_of(book.family)
    if family is None:
        choices = [known.shown_name for known in families()]
        return [
            blocker("rules.unknown_family", "rule.family", value=book.family, choices=choices),
        ]
    return family.check(book)


register(
    {
        "rules.unknown_family": Text(
            "没有“{value}”这一类规则",
            "There is no family of rules “{value}”",
            "可选：{choices}",
            "Choose one of: {choices}",
        ),
    }
)
