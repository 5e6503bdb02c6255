"""Reading agreements: a version with its clauses in words and its cases, and what differs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from typing import Any

from coinsurance.pool_shapes import (
    AgreementItem,
    AgreementRecord,
    ClauseChange,
    ClauseShape,
    ExampleShape,
)
from coinsurance.pools import consents, parts
from coinsurance.pools.agreements import (
    KIND,
    agreement_row,
    check_stored,
    has_part,
    may_read,
    subject_of,
)
from coinsurance.pools.founding import pool_row
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.cases import answer
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.agreement.words import TITLES, words_of
from coinsurance.rules.workflows import AGREEMENT
from service.auth import Actor
from service.kernel.db import sql, sql_row
from service.kernel.errors import DomainError
from service.kernel.rulebook import RuleBook, RuleValue, load
from service.kernel.rulebook.book import canonical_json
from service.kernel.rulebook.difference import Change, compare

_KINDS = {"added": "新增", "removed": "删除", "changed": "修改"}
_HEAD = {
    "name": "代号",
    "title_zh": "标题",
    "document": "文件",
    "document_number": "文号",
    "issued_on": "印发日",
    "valid_from": "施行日",
    "valid_to": "截止日",
    "status": "性质",
}


async def versions(actor: Actor, code: str) -> list[AgreementItem]:
    """The versions of a pool's agreement, latest first; none for those who have no part in it."""
    pool = await pool_row(code)
    if not await has_part(actor, pool):
        return []
    rows = await sql(
        "SELECT version, title, status, valid_from, valid_to, hash, resolution_number,"
        " effective_at, revision FROM pool_agreement WHERE pool = $1"
        " ORDER BY valid_from DESC, id DESC",
        pool["id"],
    )
    return [AgreementItem(status_zh=AGREEMENT.label(row["status"]), **row) for row in rows]


async def read(actor: Actor, code: str, version: str) -> AgreementRecord:
    """One version: each clause in words, each worked case with what the terms answer."""
    await may_read(actor, await pool_row(code))
    row = await agreement_row(code, version)
    book, terms = load(row["body"]), terms_of(row["body"])
    subject = subject_of(code, version)
    request = await consents.latest_request(KIND, subject)
    return AgreementRecord(
        pool=code,
        version=version,
        title=row["title"],
        status=row["status"],
        status_zh=AGREEMENT.label(row["status"]),
        valid_from=row["valid_from"],
        valid_to=row["valid_to"],
        hash=row["hash"],
        hash_fits=book.hash == row["hash"],
        resolution_number=row["resolution_number"],
        effective_at=row["effective_at"],
        revision=row["revision"],
        consent_request=request["number"] if request else None,
        clauses=clauses(terms),
        examples=examples(book, terms),
        findings=[finding.as_dict() for finding in check_stored(row)],
        text=row["body"],
        steps=parts.steps(AGREEMENT, row["status"], actor.roles),
        history=await parts.history(KIND, subject),
    )


def clauses(terms: AgreementTerms) -> list[ClauseShape]:
    """Every clause with its id, its value as data and in words, in the order of the text."""
    return [
        ClauseShape(
            key,
            TITLES.get(key, key),
            terms.clause(key),
            words_of(terms, key),
            plain(value.value),
            value.unit,
            value.example,
            value.note,
        )
        for key, value in terms.clauses.items()
    ]


def examples(book: RuleBook, terms: AgreementTerms) -> list[ExampleShape]:
    """Every worked case with what the terms answer now, and whether it is what it expects."""
    return [_example(case, terms) for case in book.cases]


def _example(case: Any, terms: AgreementTerms) -> ExampleShape:
    try:
        got: Mapping[str, object] = answer(terms, case.given)
    except (DomainError, ValueError, KeyError, TypeError) as error:
        got = {"error": str(error)}
    passes = all(
        key in got and canonical_json(got[key]) == canonical_json(wanted)
        for key, wanted in case.expect.items()
    )
    return ExampleShape(
        case.name, case.source, plain(case.given), plain(case.expect), plain(got), passes
    )


async def difference(actor: Actor, code: str, version: str, other: str) -> list[ClauseChange]:
    """What a version says otherwise than another, clause by clause in words.

    Without another: than the version before it in time; nothing for the first.
    """
    pool = await pool_row(code)
    await may_read(actor, pool)
    row = await agreement_row(code, version)
    old_row = await (agreement_row(code, other) if other else _before(pool["id"], row))
    if old_row is None:
        return []
    old, new = load(old_row["body"]), load(row["body"])
    before, after = terms_of(old_row["body"]), terms_of(row["body"])
    return [_change(change, before, after) for change in compare(old, new)]


async def _before(pool_id: int, row: Any) -> Any:
    return await sql_row(
        "SELECT body FROM pool_agreement WHERE pool = $1 AND id <> $2 AND valid_from <= $3"
        " ORDER BY valid_from DESC, id DESC LIMIT 1",
        pool_id,
        row["id"],
        row["valid_from"],
    )


def _change(change: Change, before: AgreementTerms, after: AgreementTerms) -> ClauseChange:
    said = {"rule": _HEAD.get(change.key, change.key), "case": f"算例：{change.key}"}
    title = said.get(change.part) or TITLES.get(change.key, change.key)
    return ClauseChange(
        change.part,
        change.key,
        title,
        change.kind,
        _KINDS[change.kind],
        _shown(change, change.old, before),
        _shown(change, change.new, after),
        change.old.source if isinstance(change.old, RuleValue) else "",
        change.new.source if isinstance(change.new, RuleValue) else "",
    )


def _shown(change: Change, value: object, terms: AgreementTerms) -> str:
    if value is None:
        return ""
    if change.part == "values":
        return words_of(terms, change.key)
    if change.part == "case":
        return canonical_json(value)
    return str(value)


def plain(value: object) -> Any:
    """A value of a book as JSON holds it: days as ISO texts."""
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(item) for item in value]
    if isinstance(value, date):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value
