"""The rule books in force, read from their published versions (law 8)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from importlib import resources

from catalogue.rules import families as _families  # noqa: F401  registers the families
from catalogue.rules.filing import FAMILY, FilingRules, filing_rules
from catalogue.rules.subsidy.book import is_subsidy_family, subsidy_rules
from catalogue.rules.subsidy.procedure_book import with_procedure
from catalogue.rules.subsidy.rules import SubsidyRules
from service.kernel.calendar import now
from service.kernel.db import sql_row, sql_value, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import blockers
from service.kernel.rulebook import RuleBook, check_book, load


@dataclass(frozen=True, slots=True)
class FilingBook:
    """The filing rules of a day, with the version and hash that a decision keeps."""

    rules: FilingRules
    family: str
    version: str
    hash: str

    def reference(self) -> dict[str, str]:
        """What is stored beside a decision."""
        return {"family": self.family, "version": self.version, "hash": self.hash}


@lru_cache(maxsize=32)
def _parsed(body: str) -> tuple[FilingRules, RuleBook]:
    book = load(body)
    return filing_rules(book), book


async def filing_book(day: date) -> FilingBook:
    """The published filing rules that hold on a day; NotFound when there are none."""
    row = await sql_row(
        "SELECT family, version, hash, body FROM rule_version WHERE family = $1"
        " AND status = 'published' AND valid_from <= $2 AND (valid_to IS NULL OR valid_to >= $2)"
        " ORDER BY valid_from DESC LIMIT 1",
        FAMILY,
        day,
    )
    if row is None:
        raise NotFound("报送规则", "Filing rules for the day", day)
    rules, _ = _parsed(row["body"])
    return FilingBook(rules, row["family"], row["version"], row["hash"])


@dataclass(frozen=True, slots=True)
class SubsidyBook:
    """The subsidy rules of a published version, with what a decision keeps of them.

    ``procedure``: family, version and hash of the book of procedure that fills in where the rule
    is silent; empty where the scheme names none.
    """

    rules: SubsidyRules
    family: str
    version: str
    hash: str
    procedure: tuple[str, str, str] | None = None

    def reference(self) -> dict[str, str]:
        """What is stored beside an assessment."""
        mine = {"family": self.family, "version": self.version, "hash": self.hash}
        if self.procedure is None:
            return mine
        names = ("procedure_family", "procedure_version", "procedure_hash")
        return mine | dict(zip(names, self.procedure, strict=True))


@lru_cache(maxsize=64)
def _subsidy_parsed(body: str, procedure: str | None = None) -> SubsidyRules:
    rules = subsidy_rules(load(body))
    return rules if procedure is None else with_procedure(rules, load(procedure))


async def subsidy_book(rule_version_id: int) -> SubsidyBook:
    """One published rule alone, for its terms; a scheme's procedure needs :func:`scheme_book`.

    NotFound for an unknown version or another family.
    """
    row = await sql_row(
        "SELECT family, version, hash, body FROM rule_version WHERE id = $1 AND status <> 'draft'",
        rule_version_id,
    )
    if row is None or not is_subsidy_family(row["family"]):
        raise NotFound("补贴规则", "Subsidy rule", rule_version_id)
    return SubsidyBook(_subsidy_parsed(row["body"]), row["family"], row["version"], row["hash"])


_SCHEME_BOOK = """
SELECT r.family, r.version, r.hash, r.body, p.family AS procedure_family,
  p.version AS procedure_version, p.hash AS procedure_hash, p.body AS procedure_body
FROM scheme s JOIN rule_version r ON r.id = s.rule_version
LEFT JOIN LATERAL (SELECT j.facts->'procedure' AS named FROM journal_event j
  WHERE j.subject_kind = 'scheme' AND j.subject = s.code AND j.event = 'prepare'
  ORDER BY j.id LIMIT 1) j ON true
LEFT JOIN rule_version p ON p.family = j.named->>'family' AND p.version = j.named->>'version'
  AND p.status <> 'draft'
WHERE s.id = $1
"""


async def scheme_book(scheme_id: int) -> SubsidyBook:
    """The rules a scheme runs on: its rule, and the book of procedure named with it.

    The scheme's event `prepare` names the book of procedure, so it is fixed and sealed like the
    appropriation. NotFound for an unknown scheme.
    """
    row = await sql_row(_SCHEME_BOOK, scheme_id)
    if row is None or not is_subsidy_family(row["family"]):
        raise NotFound("补贴规则", "Subsidy rule", scheme_id)
    procedure = None
    if row["procedure_family"] is not None:
        procedure = tuple(row[f"procedure_{name}"] for name in ("family", "version", "hash"))
    rules = _subsidy_parsed(row["body"], row["procedure_body"])
    return SubsidyBook(rules, row["family"], row["version"], row["hash"], procedure)


async def named_book(family: str, version: str) -> RuleBook | None:
    """A published book by its name; None when there is none."""
    body = await sql_value(
        "SELECT body FROM rule_version WHERE family = $1 AND version = $2 AND status <> 'draft'",
        family,
        version,
    )
    return None if body is None else load(body)


SHIPPED = ("filing", "subsidy", "procedure")
"""Folders of rule files that come with the program."""


def shipped_books() -> list[tuple[str, RuleBook]]:
    """Text and book of every shipped rule file: filing, subsidies, procedure."""
    books = resources.files("catalogue.rules") / "books"
    files = [f for folder in SHIPPED for f in (books / folder).iterdir()]
    texts = [f.read_text("utf-8") for f in sorted(files, key=lambda f: f.name)]
    return [(text, load(text)) for text in texts if text.strip()]


async def publish_shipped() -> list[str]:
    """Publish the shipped rule files that are not there yet; one with findings is refused."""
    done: list[str] = []
    async with work():
        for text, book in shipped_books():
            found = blockers(check_book(book))
            if found:
                raise Refused(found)
            fresh = await sql_value(
                "INSERT INTO rule_version (family, version, title, status, valid_from, valid_to,"
                " body, hash, published_at) VALUES ($1, $2, $3, 'published', $4, $5, $6, $7, $8)"
                " ON CONFLICT (family, version) DO NOTHING RETURNING id",
                book.family,
                book.version,
                book.title_zh,
                book.valid_from,
                book.valid_to,
                text,
                book.hash,
                now(),
            )
            if fresh is not None:
                done.append(f"{book.family} {book.version}")
    return done
