"""What is shown of rule files: the checks of a text, drafts that wait, versions by family."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from catalogue.publishing import texts as _texts  # noqa: F401  registers the texts
from catalogue.publishing.checking import Checked, check
from catalogue.rule_shapes import (
    RuleCaseShape,
    RuleChange,
    RuleCheck,
    RuleDraftItem,
    RuleDraftRecord,
    RuleHead,
    RuleVersionItem,
)
from catalogue.rules.workflows import RULE
from service.auth import Actor
from service.kernel.db import sql, sql_row, sql_value
from service.kernel.errors import NotFound
from service.kernel.findings import Finding, blocker
from service.kernel.rulebook import (
    CaseResult,
    Change,
    RuleBook,
    RuleCase,
    RuleValue,
    compare,
    family_of,
    load,
)

WAITING, REFUSED = "waiting", "refused"


def refused_finding() -> Finding:
    """A draft that was sent back waits for its change."""
    return blocker("rules.draft_refused")


@lru_cache(maxsize=256)
def book_of(body: str) -> RuleBook:
    """A stored text as a book; it was read before it was stored."""
    return load(body)


def head_of(book: RuleBook) -> RuleHead:
    """What a book says of itself."""
    family = family_of(book.family)
    return RuleHead(
        family=book.family,
        family_zh=family.title_zh if family else book.family,
        name=book.name,
        version=book.version,
        title=book.title_zh,
        document=book.document,
        document_number=book.document_number,
        issued_on=book.issued_on,
        valid_from=book.valid_from,
        valid_to=book.valid_to,
        claims=book.status.value,
        hash=book.hash,
        values=len(book.values),
        example_values=sum(value.example for value in book.values.values()),
    )


def case_shape(result: CaseResult) -> RuleCaseShape:
    """A worked case with what came of it."""
    case = result.case
    return RuleCaseShape(
        name=case.name,
        source=case.source,
        given=plain(case.given),
        expect=plain(case.expect),
        holds=result.holds,
        remarks_zh=[finding.text("zh") for finding in result.findings],
        remarks_en=[finding.text("en") for finding in result.findings],
    )


def check_shape(checked: Checked) -> RuleCheck:
    """What the checks say."""
    return RuleCheck(
        passes=checked.passes,
        rule=head_of(checked.book) if checked.book else None,
        findings=[finding.as_dict() for finding in checked.findings],
        cases=[case_shape(result) for result in checked.cases],
    )


def plain(value: Any) -> Any:
    """Lists and tables of a book as JSON holds them."""
    if hasattr(value, "items"):
        return {str(key): plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def change_shapes(changes: Iterable[Change]) -> list[RuleChange]:
    """Differences as JSON holds them, with the sources of both sides."""
    return [
        RuleChange(
            change.part,
            change.key,
            change.kind,
            _content(change.old),
            _content(change.new),
            getattr(change.old, "source", ""),
            getattr(change.new, "source", ""),
        )
        for change in changes
    ]


def _content(side: object) -> Any:
    if isinstance(side, RuleValue):
        return plain(side.value)
    if isinstance(side, RuleCase):
        return {"given": plain(side.given), "expect": plain(side.expect)}
    return side


async def checked_text(text: str) -> RuleCheck:
    """Run every check on a text; nothing is written."""
    return check_shape(await check(text))


_DRAFTS = """
SELECT r.id, r.family, r.version, r.title, r.valid_from, r.valid_to, r.hash, r.body,
  coalesce(u.name, '') AS prepared_by, j.prepared_at, k.event, k.note
FROM rule_version r LEFT JOIN eastlake_user u ON u.id = r.prepared_by
LEFT JOIN LATERAL (SELECT max(e.recorded_at) AS prepared_at FROM journal_event e
  WHERE e.subject_kind = 'rule' AND e.subject = r.family || ' ' || r.version
    AND e.event IN ('prepare', 'change')) j ON true
LEFT JOIN LATERAL (SELECT e.event, e.note FROM journal_event e
  WHERE e.subject_kind = 'rule' AND e.subject = r.family || ' ' || r.version
    AND e.event IN ('prepare', 'change', 'refuse') ORDER BY e.id DESC LIMIT 1) k ON true
WHERE r.status = 'draft'
"""


def _item(row: Any) -> RuleDraftItem:
    refused = row["event"] == "refuse"
    names = ("id", "family", "version", "title", "valid_from", "valid_to", "hash")
    return RuleDraftItem(
        **{name: row[name] for name in names},
        prepared_by=row["prepared_by"],
        prepared_at=row["prepared_at"],
        state=REFUSED if refused else WAITING,
        note=row["note"] if refused else "",
    )


async def drafts() -> list[RuleDraftItem]:
    """Drafts that wait, by family and first day."""
    return [_item(row) for row in await sql(_DRAFTS + " ORDER BY r.family, r.valid_from, r.id")]


async def draft(actor: Actor, draft: int) -> RuleDraftRecord:
    """One draft with its checks as they come out now; NotFound once it is published or gone."""
    row = await sql_row(_DRAFTS + " AND r.id = $1", draft)
    if row is None:
        raise NotFound("规则草案", "Draft of a rule", draft)
    item, book = _item(row), book_of(row["body"])
    before = await version_before(book)
    steps = [step.event for step in RULE.allowed("draft", actor.roles)]
    if item.state == REFUSED:
        steps = [event for event in steps if event == "change"]
    return RuleDraftRecord(
        draft=item,
        check=await checked_text(row["body"]),
        before=before.version if before else None,
        changes=change_shapes(compare(before, book)) if before else [],
        steps=steps,
        body=row["body"],
    )


async def last_event(subject: str) -> str:
    """The last thing that happened to a draft."""
    event: str | None = await sql_value(
        "SELECT event FROM journal_event WHERE subject_kind = 'rule' AND subject = $1"
        " AND event IN ('prepare', 'change', 'refuse') ORDER BY id DESC LIMIT 1",
        subject,
    )
    return event or ""


async def version_before(book: RuleBook) -> RuleBook | None:
    """The published version that a book follows in its family."""
    body = await sql_value(
        "SELECT body FROM rule_version WHERE family = $1 AND status <> 'draft' AND valid_from < $2"
        " ORDER BY valid_from DESC LIMIT 1",
        book.family,
        book.valid_from,
    )
    return None if body is None else book_of(body)


async def versions() -> list[RuleVersionItem]:
    """Every published version, by family, the latest first."""
    rows = await sql(
        "SELECT r.body, r.published_at, coalesce(p.name, '') AS prepared_by,"
        " coalesce(q.name, '') AS published_by,"
        " lead(r.version) OVER w AS next_version, lead(r.valid_from) OVER w AS next_from"
        " FROM rule_version r LEFT JOIN eastlake_user p ON p.id = r.prepared_by"
        " LEFT JOIN eastlake_user q ON q.id = r.published_by WHERE r.status <> 'draft'"
        " WINDOW w AS (PARTITION BY r.family ORDER BY r.valid_from, r.id)"
        " ORDER BY r.family, r.valid_from DESC, r.id DESC"
    )
    return [
        RuleVersionItem(
            rule=head_of(book_of(row["body"])),
            published_at=row["published_at"],
            prepared_by=row["prepared_by"],
            published_by=row["published_by"],
            superseded_by=row["next_version"] or "",
            superseded_from=row["next_from"],
        )
        for row in rows
    ]
