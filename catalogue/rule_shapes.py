"""What is answered about rule files: checks, drafts, versions, differences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class RuleHead:
    """What a rule file says of itself; `example_values` of its `values` are examples only."""

    family: str
    family_zh: str
    name: str
    version: str
    title: str
    document: str
    document_number: str
    issued_on: date | None
    valid_from: date
    valid_to: date | None
    claims: str
    hash: str
    values: int
    example_values: int


@dataclass(frozen=True, slots=True)
class RuleCaseShape:
    """A worked case; `remarks_zh` and `remarks_en` say where the rule answers otherwise."""

    name: str
    source: str
    given: dict[str, Any]
    expect: dict[str, Any]
    holds: bool
    remarks_zh: list[str]
    remarks_en: list[str]


@dataclass(frozen=True, slots=True)
class RuleCheck:
    """What the checks say of a rule file; `passes`: nothing keeps it from being published."""

    passes: bool
    rule: RuleHead | None
    findings: list[dict[str, Any]]
    cases: list[RuleCaseShape]


@dataclass(frozen=True, slots=True)
class RuleChange:
    """One difference from the version before; `part` is rule, values or case."""

    part: str
    key: str
    kind: str
    old: Any
    new: Any
    old_source: str
    new_source: str


@dataclass(frozen=True, slots=True)
class RuleDraftItem:
    """A draft; `state`: waiting for a publisher, or refused and back with its authors."""

    id: int
    family: str
    version: str
    title: str
    valid_from: date
    valid_to: date | None
    hash: str
    prepared_by: str
    prepared_at: datetime
    state: str
    note: str


@dataclass(frozen=True, slots=True)
class RuleDraftRecord:
    """A draft with its text, its checks and the readable difference from the version before."""

    draft: RuleDraftItem
    check: RuleCheck
    before: str | None
    changes: list[RuleChange]
    steps: list[str]
    body: str


@dataclass(frozen=True, slots=True)
class RuleVersionItem:
    """A published version among those of its family; the next one supersedes it from a day on."""

    rule: RuleHead
    published_at: datetime | None
    prepared_by: str
    published_by: str
    superseded_by: str
    superseded_from: date | None
