"""From submission to the decision: each step locks the product, judges, moves, journals."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.books import FilingBook, filing_book
from catalogue.forms import NoteForm, RecommendationForm, ResponseForm, ReturnForm
from catalogue.products import records
from catalogue.products.likeness import likenesses
from catalogue.products.records import ProductRow, VersionRow
from catalogue.rules.filing import check_filing
from catalogue.rules.workflows import FILING
from catalogue.tables import ProductVersion
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import Finding, Text, blocker, blockers, register, warning


@dataclass(frozen=True, slots=True)
class FilingState:
    """Where a filing stands after a step."""

    number: str
    version: int
    status: str
    product_status: str
    revision: int


async def open_filing(actor: Actor, number: str) -> tuple[ProductRow, VersionRow]:
    product = await records.product_row(actor, number, lock=True)
    return product, await records.version_row(product)


async def filing_state(product: ProductRow, version: VersionRow) -> FilingState:
    row = await sql_row(
        "SELECT v.status, p.status AS product_status, v.revision FROM product_version v"
        " JOIN product p ON p.id = v.product WHERE v.id = $1",
        version.id,
    )
    assert row is not None
    return FilingState(product.number, version.number, **row)


async def move_filing(
    product: ProductRow,
    version: VersionRow,
    event: str,
    actor: Actor,
    note: str,
    *,
    values: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
    effective_on: date | None = None,
) -> FilingState:
    await journal.move(
        FILING,
        ProductVersion,
        version.as_row(),
        event,
        actor,
        subject_kind="filing",
        subject=records.filing_subject(product, version),
        note=note,
        values={"revision": version.revision + 1, **(values or {})},
        facts=facts,
        effective_on=effective_on,
    )
    return await filing_state(product, version)


async def checked_filing(
    product: ProductRow, version: VersionRow, book: FilingBook, actor: Actor
) -> list[Finding]:
    """All findings on a version: filing checks, then likenesses to other entries as warnings.

    An insurer is told of its own products and of those in the library, never of what another
    insurer is filing.
    """
    record = await records.version_record(version.id)
    facts = records.version_facts(record, product.insurer_id)
    insurer = await records.insurer_facts(product.insurer_id)
    found = check_filing(facts, insurer, book.rules, today())
    alike = [
        like
        for like in await likenesses(product.number, facts, book.rules)
        if actor.sees_all
        or actor.owns(like.candidate.insurer_id)
        or like.candidate.status == "in_library"
    ]
    found += [
        warning(
            "filing.like_another",
            "name",
            number=like.candidate.number,
            name=like.candidate.name,
            insurer=like.candidate.insurer_name,
            score=like.score,
        )
        for like in alike[:5]
    ]
    return found


async def filing_findings(actor: Actor, number: str) -> list[Finding]:
    """What submission would say now; nothing is written."""
    async with work():
        product = await records.product_row(actor, number)
        version = await records.version_row(product)
        return await checked_filing(product, version, await filing_book(today()), actor)


async def _unanswered(version: VersionRow) -> list[Finding]:
    rows = await sql(
        "SELECT o.number, o.text FROM objection o WHERE o.version = $1 AND NOT EXISTS"
        " (SELECT 1 FROM objection_response r WHERE r.objection = o.id) ORDER BY o.number",
        version.id,
    )
    return [
        blocker("filing.objection_unanswered", f"objections.{r['number']}", number=r["number"])
        for r in rows
    ]


async def submit(actor: Actor, number: str, form: NoteForm) -> FilingState:
    """Submit the draft, or the corrected version, for review. Refused with every finding."""
    async with work():
        product, version = await open_filing(actor, number)
        event = "resubmit" if version.status == "returned" else "submit"
        FILING.advance(version.status, event, actor.roles)
        found = await checked_filing(product, version, await filing_book(today()), actor)
        found += await _unanswered(version)
        if blockers(found):
            raise Refused(found)
        return await move_filing(
            product,
            version,
            event,
            actor,
            form.note,
            values={"submitted_at": version.submitted_at or now()},
            facts={"warnings": [f.code for f in found]},
        )


async def accept(actor: Actor, number: str, form: NoteForm) -> FilingState:
    """Accept a submitted version for review (受理)."""
    async with work():
        product, version = await open_filing(actor, number)
        return await move_filing(product, version, "accept", actor, form.note)


async def begin_review(actor: Actor, number: str, form: NoteForm) -> FilingState:
    """Take an accepted version on one's desk; a recommendation is still to be given."""
    async with work():
        product, version = await open_filing(actor, number)
        return await move_filing(
            product,
            version,
            "begin_review",
            actor,
            form.note,
            values={"reviewed_by": actor.user_id, "recommendation": ""},
        )


async def give_back(actor: Actor, number: str, form: ReturnForm) -> FilingState:
    """Return for correction with numbered objections (退回补正); the insurer has the ball."""
    async with work():
        product, version = await open_filing(actor, number)
        first = 1 + await sql_value(
            "SELECT coalesce(max(number), 0) FROM objection WHERE version = $1", version.id
        )
        moment = now()
        await sql_many(
            "INSERT INTO objection (version, number, field, text, raised_at, raised_by)"
            " VALUES ($1, $2, $3, $4, $5, $6)",
            [
                (version.id, n, o.field, o.text, moment, actor.user_id)
                for n, o in enumerate(form.objections, first)
            ],
        )
        note = form.note or f"共 {len(form.objections)} 条审核意见"
        return await move_filing(
            product,
            version,
            "return",
            actor,
            note,
            values={"recommendation": ""},
            facts={"objections": list(range(first, first + len(form.objections)))},
        )


async def respond(actor: Actor, number: str, objection: int, form: ResponseForm) -> FilingState:
    """Answer one objection; the answer is a record of its own."""
    async with work():
        product, version = await open_filing(actor, number)
        if version.status != "returned":
            raise Conflict("filing.no_answer_now", status=version.status)
        objection_id = await sql_value(
            "SELECT id FROM objection WHERE version = $1 AND number = $2", version.id, objection
        )
        if objection_id is None:
            raise NotFound("审核意见", "Objection", objection)
        await sql(
            "INSERT INTO objection_response (objection, text, answered_at, answered_by)"
            " VALUES ($1, $2, $3, $4)",
            objection_id,
            form.text,
            now(),
            actor.user_id,
        )
        subject = records.filing_subject(product, version)
        await journal.record(actor, "filing", subject, "respond", facts={"objection": objection})
        return await filing_state(product, version)


async def write_note(actor: Actor, number: str, form: ResponseForm) -> FilingState:
    """Keep a note among reviewers (内部备注); the insurer never sees it."""
    async with work():
        product, version = await open_filing(actor, number)
        await sql(
            "INSERT INTO internal_note (version, text, written_at, written_by)"
            " VALUES ($1, $2, $3, $4)",
            version.id,
            form.text,
            now(),
            actor.user_id,
        )
        subject = records.filing_subject(product, version)
        await journal.record(actor, "filing", subject, "internal_note")
        return await filing_state(product, version)


async def recommend(actor: Actor, number: str, form: RecommendationForm) -> FilingState:
    """Close the review with a recommendation; somebody else decides (four eyes)."""
    async with work():
        product, version = await open_filing(actor, number)
        if version.status != "in_review":
            raise Conflict("filing.not_in_review", status=version.status)
        if not form.enter and not form.note:
            raise Refused([blocker("form.missing", "note")])
        await sql(
            "UPDATE product_version SET reviewed_by = $2, recommendation = $3,"
            " revision = revision + 1 WHERE id = $1",
            version.id,
            actor.user_id,
            "enter" if form.enter else "reject",
        )
        await journal.record(
            actor,
            "filing",
            records.filing_subject(product, version),
            "recommend",
            note=form.note,
            facts={"enter": form.enter},
        )
        return await filing_state(product, version)


async def abandon(actor: Actor, number: str, form: NoteForm) -> FilingState:
    """The insurer withdraws an undecided filing (撤回报送)."""
    async with work():
        product, version = await open_filing(actor, number)
        return await move_filing(product, version, "abandon", actor, form.note)


register(
    {
        "filing.like_another": Text(
            "与 {number}“{name}”（{insurer}）相似，相似度 {score}/100",
            "Like {number} “{name}” of {insurer}, likeness {score}/100",
            "请核对是否同一产品；如确有不同，请在说明中写明",
            "Check whether it is the same product; if not, say in the note what differs",
        ),
        "filing.objection_unanswered": Text(
            "第 {number} 条审核意见尚未答复",
            "Objection {number} has no answer yet",
            "请逐条答复审核意见后再提交",
            "Answer every objection before submitting again",
        ),
        "filing.no_answer_now": Text(
            "当前状态（{status}）不能答复审核意见",
            "Objections cannot be answered in the state {status}",
            "只有退回补正期间可以答复",
            "Answers are possible while the filing is returned for correction",
        ),
        "filing.not_in_review": Text(
            "当前状态（{status}）不能提出审核建议",
            "A recommendation is not possible in the state {status}",
            "请先受理并开始审核",
            "Accept the filing and begin the review first",
        ),
    }
)
