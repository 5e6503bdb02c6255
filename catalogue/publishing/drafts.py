"""A draft is put in by one person and published or sent back by another (laws 8 and 9).

The publisher names the hash that was looked at, so that nothing else is published. All checks run
again at publication; from its first day on the version takes the place of the one before.
"""

from __future__ import annotations

from typing import Any

from catalogue.forms import NoteForm
from catalogue.publishing import reading
from catalogue.publishing.checking import check
from catalogue.rule_forms import RuleDraftForm, RulePublicationForm, RuleRefusalForm
from catalogue.rule_shapes import RuleDraftRecord
from catalogue.rules.workflows import RULE
from service.auth import Actor, Role
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import advisory_lock, sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import blockers
from service.kernel.rulebook import RuleBook, load, parse
from service.kernel.tables import RuleVersion

PREPARERS = (Role.COMMITTEE_OFFICER, Role.COMMITTEE_ADMIN)
PUBLISHERS = (Role.COMMITTEE_APPROVER,)
SUBJECT = "rule"


def subject_of(family: str, version: str) -> str:
    """What the journal calls a rule version."""
    return f"{family} {version}"


async def prepare(actor: Actor, form: RuleDraftForm) -> RuleDraftRecord:
    """Store a draft, or change the one that `replaces` names; Refused with every finding."""
    if not actor.has(*PREPARERS):
        raise Forbidden("auth.forbidden")
    async with work():
        book = await _checked(form.text)
        row = await sql_row(
            "SELECT id, status, hash FROM rule_version WHERE family = $1 AND version = $2",
            book.family,
            book.version,
        )
        if row is None:
            draft = await _insert(actor, book, form)
        else:
            draft = await _change(actor, book, form, row)
    return await reading.draft(actor, draft)


async def _checked(text: str) -> RuleBook:
    """The book of a text that passes, with its family locked; Refused, Conflict where published."""
    book, _ = parse(text)
    if book is not None:
        await advisory_lock(f"rules {book.family}")
    checked = await check(text)
    wrong = blockers(checked.findings)
    if [finding.code for finding in wrong] == ["rules.published"]:
        raise Conflict("rules.published", field=wrong[0].field, **wrong[0].params)
    if checked.book is None or wrong:
        raise Refused(checked.findings)
    return checked.book


def _columns(book: RuleBook, text: str) -> dict[str, Any]:
    return {
        "title": book.title_zh,
        "valid_from": book.valid_from,
        "valid_to": book.valid_to,
        "body": text,
        "hash": book.hash,
    }


async def _insert(actor: Actor, book: RuleBook, form: RuleDraftForm) -> int:
    if form.replaces:
        raise Conflict("rules.draft_gone", field="text")
    draft: int = await sql_value(
        "INSERT INTO rule_version (family, version, title, valid_from, valid_to, body, hash,"
        " status, prepared_by) VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8) RETURNING id",
        book.family,
        book.version,
        *_columns(book, form.text).values(),
        actor.user_id,
    )
    await journal.record(
        actor,
        SUBJECT,
        subject_of(book.family, book.version),
        "prepare",
        to_status="draft",
        facts={"hash": book.hash},
    )
    return draft


async def _change(actor: Actor, book: RuleBook, form: RuleDraftForm, row: Any) -> int:
    if form.replaces != row["hash"]:
        raise Conflict("rules.draft_exists", field="text", family=book.family, version=book.version)
    await journal.move(
        RULE,
        RuleVersion,
        row,
        "change",
        actor,
        subject_kind=SUBJECT,
        subject=subject_of(book.family, book.version),
        values={**_columns(book, form.text), "prepared_by": actor.user_id},
        facts={"hash": book.hash, "before": row["hash"]},
    )
    draft: int = row["id"]
    return draft


async def _draft(draft: int) -> Any:
    """The row of a draft, its family locked against other writers; NotFound."""
    family = await sql_value(
        "SELECT family FROM rule_version WHERE id = $1 AND status = 'draft'", draft
    )
    if family is not None:
        await advisory_lock(f"rules {family}")
        row = await sql_row(
            "SELECT id, family, version, status, body, hash FROM rule_version WHERE id = $1"
            " AND status = 'draft' FOR UPDATE",
            draft,
        )
        if row is not None:
            return row
    raise NotFound("规则草案", "Draft of a rule", draft)


async def _same(row: Any, seen: str) -> None:
    if row["hash"] != seen:
        raise Conflict("rules.draft_changed", field="hash")


async def publish_draft(actor: Actor, draft: int, form: RulePublicationForm) -> RuleBook:
    """Publish a draft that somebody else prepared; it never changes from here on."""
    async with work():
        row = await _draft(draft)
        subject = subject_of(row["family"], row["version"])
        RULE.advance(row["status"], "publish", actor.roles, form.note)
        await _check_hands(actor, subject)
        await _same(row, form.hash)
        if await reading.last_event(subject) == "refuse":
            raise Refused([reading.refused_finding()])
        checked = await check(row["body"])
        if checked.book is None or not checked.passes:
            raise Refused(checked.findings)
        book = checked.book
        await journal.move(
            RULE,
            RuleVersion,
            row,
            "publish",
            actor,
            subject_kind=SUBJECT,
            subject=subject,
            note=form.note,
            values={"published_by": actor.user_id, "published_at": now()},
            facts={"hash": book.hash},
            effective_on=book.valid_from,
        )
    return book


async def _check_hands(actor: Actor, subject: str) -> None:
    """Four eyes: nobody publishes what they wrote or changed."""
    if await sql_value(
        "SELECT 1 FROM journal_event WHERE subject_kind = $1 AND subject = $2 AND actor = $3"
        " AND event IN ('prepare', 'change') LIMIT 1",
        SUBJECT,
        subject,
        actor.user_id,
    ):
        raise Forbidden("auth.four_eyes")


async def refuse_draft(actor: Actor, draft: int, form: RuleRefusalForm) -> RuleDraftRecord:
    """Send a draft back to those who prepared it, with the reason."""
    async with work():
        row = await _draft(draft)
        await _same(row, form.hash)
        await journal.move(
            RULE,
            RuleVersion,
            row,
            "refuse",
            actor,
            subject_kind=SUBJECT,
            subject=subject_of(row["family"], row["version"]),
            note=form.note,
            facts={"hash": row["hash"]},
        )
    return await reading.draft(actor, draft)


async def withdraw_draft(actor: Actor, draft: int, form: NoteForm) -> None:
    """Take a draft away; the journal keeps that it was there."""
    async with work():
        row = await _draft(draft)
        if not actor.has(*PREPARERS):
            raise Forbidden("auth.forbidden")
        await sql("DELETE FROM rule_version WHERE id = $1 AND status = 'draft'", draft)
        await journal.record(
            actor,
            SUBJECT,
            subject_of(row["family"], row["version"]),
            "withdraw",
            from_status="draft",
            note=form.note,
            facts={"hash": row["hash"]},
        )


async def publish(text: str, preparer: Actor, publisher: Actor) -> RuleBook:
    """Both steps at once, for the command line: one person prepared the file, another answers.

    Raises Refused with every finding, Forbidden for one person in both parts or a missing role,
    Conflict for a version that is published or stands as another draft.
    """
    if preparer.user_id == publisher.user_id:
        raise Forbidden("auth.four_eyes")
    if not preparer.has(*PREPARERS) or not publisher.has(*PUBLISHERS):
        raise Forbidden("auth.forbidden")
    async with work():
        made = await prepare(preparer, RuleDraftForm(text=text))
        form = RulePublicationForm(hash=made.draft.hash, note="")
        await publish_draft(publisher, made.draft.id, form)
    return load(text)
