"""Checks of the filed clauses (条款) and of their numbers."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator

from catalogue.rules.facts import ClauseFacts
from catalogue.rules.filing.identity import plain
from catalogue.rules.filing.subject import CLAUSE_RULE, Filing
from catalogue.rules.nouns import ClauseKind
from service.kernel.findings import Finding, Severity, blocker, warning
from service.kernel.numbering import (
    check_file_number,
    check_registration_number,
    fold,
    parse_file_number,
    parse_registration_number,
)

_GENERIC = ("财产保险", "财险", "产险", "保险", "股份", "有限", "责任", "公司", "中国")


def check_main_clause(filing: Filing) -> list[Finding]:
    """At least one main clause (主险条款): riders cannot be sold alone."""
    kinds = {clause.kind for clause in filing.version.clauses}
    if ClauseKind.MAIN.value in kinds:
        return []
    return [blocker("filing.main_clause_missing", "clauses", CLAUSE_RULE)]


def check_file_numbers(filing: Filing) -> list[Finding]:
    """Every clause has a file number (备案编号); without one a main clause is refused."""
    found: list[Finding] = []
    for field, clause in _numbered(filing, "file_number"):
        findings = check_file_number(clause.file_number, field, filing.on)
        found += _soften_missing(findings, clause)
        number = parse_file_number(clause.file_number)
        if number is not None and (number.kind == "主") != (clause.kind == ClauseKind.MAIN.value):
            found.append(warning("filing.file_number_kind", field, value=number.text))
    return found


def check_file_number_insurer(filing: Filing) -> list[Finding]:
    """The company named in the file number is the insurer that files."""
    found = []
    for field, clause in _numbered(filing, "file_number"):
        number = parse_file_number(clause.file_number)
        if number is not None and not _same_company(number.company, filing):
            found.append(
                warning(
                    "filing.file_number_insurer",
                    field,
                    company=number.company,
                    insurer=filing.version.insurer_name,
                )
            )
    return found


def check_registration_numbers(filing: Filing) -> list[Finding]:
    """Every clause has a registration number (注册编号) of the right shape; unclear parts warn."""
    found: list[Finding] = []
    for field, clause in _numbered(filing, "registration_number"):
        findings = check_registration_number(clause.registration_number, field, filing.on)
        found += _soften_missing(findings, clause)
        number = parse_registration_number(clause.registration_number)
        if number is None or number.kind not in "12":
            continue
        if (number.kind == "1") != (clause.kind == ClauseKind.MAIN.value):
            found.append(warning("filing.registration_number_kind", field, part=number.kind))
    return found


def check_numbers_unique(filing: Filing) -> list[Finding]:
    """No number stands on two clauses of one product."""
    return [
        *_twice(filing, "registration_number", fold),
        *_twice(filing, "file_number", _file_key),
    ]


def check_model_clause(filing: Filing) -> list[Finding]:
    """A model clause (示范条款) is cited by its full name, so that others can be found by it."""
    return [
        warning("filing.model_clause_vague", field, value=clause.model_clause)
        for field, clause in _numbered(filing, "model_clause")
        if plain(clause.model_clause) and "示范" not in clause.model_clause
    ]


def _numbered(filing: Filing, name: str) -> Iterator[tuple[str, ClauseFacts]]:
    for position, clause in enumerate(filing.version.clauses):
        yield f"clauses.{position}.{name}", clause


def _soften_missing(findings: list[Finding], clause: ClauseFacts) -> list[Finding]:
    if clause.kind == ClauseKind.MAIN.value:
        return findings
    return [
        dataclasses.replace(finding, severity=Severity.WARNING)
        if finding.code.endswith(".missing")
        else finding
        for finding in findings
    ]


def _same_company(company: str, filing: Filing) -> bool:
    known = plain(filing.version.insurer_name + filing.insurer.name + filing.insurer.short_name)
    core = plain(company)
    for word in _GENERIC:
        core = core.replace(word, "")
    return bool(core) and set(core) <= set(known)


def _file_key(text: str) -> str:
    number = parse_file_number(text)
    return number.text if number is not None else fold(text)


def _twice(filing: Filing, name: str, key: Callable[[str], str]) -> Iterator[Finding]:
    first: dict[str, int] = {}
    for position, (field, clause) in enumerate(_numbered(filing, name)):
        number = key(getattr(clause, name))
        if number and first.setdefault(number, position) != position:
            yield blocker(
                "filing.number_twice", field, CLAUSE_RULE, value=number, first=first[number] + 1
            )
