"""Schemes and their budgets. A budget is a ledger book: appropriated, committed, paid, recovered,
free. The floor of the account `free` keeps racing approvals from spending more than there is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from catalogue.books import named_book
from catalogue.money_forms import AppropriationForm, SchemeForm
from catalogue.rules.subsidy import is_subsidy_family, procedure_gaps, subsidy_rules
from catalogue.rules.subsidy.procedure_book import is_procedure_family, with_procedure
from service.auth import Actor
from service.kernel import journal, ledger
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.ledger import Line, NewAccount, Posting
from service.kernel.rulebook import RuleBook

FREE, COMMITTED, PAID = "free", "committed", "paid"
APPROPRIATED, RETURNED, RECOVERED = "appropriated", "returned", "recovered"
ACCOUNTS = (
    NewAccount(APPROPRIATED, "equity", "预算下达"),
    NewAccount(FREE, "asset", "可用预算", floor_fen=0),
    NewAccount(COMMITTED, "asset", "已批准待付", floor_fen=0),
    NewAccount(PAID, "expense", "已拨付"),
    NewAccount(RETURNED, "asset", "追回缴库"),
    NewAccount(RECOVERED, "income", "追回"),
)


@dataclass(frozen=True, slots=True)
class Budget:
    """A scheme's budget as of a day, as known at a moment, in fen."""

    appropriated_fen: int
    committed_fen: int
    paid_fen: int
    recovered_fen: int
    free_fen: int


@dataclass(frozen=True, slots=True)
class SchemeShape:
    """A scheme with its rule, its book of procedure (empty where there is none), its budget."""

    code: str
    name: str
    status: str
    rule_family: str
    rule_version: str
    rule_hash: str
    procedure_family: str
    procedure_version: str
    procedure_title: str
    window_from: date
    window_to: date
    exclusivity_group: str
    revision: int
    budget: Budget


def book_of(code: str) -> str:
    """The code of a scheme's ledger book."""
    return f"budget:{code}"


async def budget(
    code: str, as_of: date | None = None, as_known_at: datetime | None = None
) -> Budget:
    """The budget of a scheme from its book; NotFound for an unknown scheme."""
    rows = await ledger.balances(book_of(code), as_of=as_of, as_known_at=as_known_at)
    own = {row.account: row.own_fen for row in rows}
    return Budget(own[APPROPRIATED], own[COMMITTED], own[PAID], own[RECOVERED], own[FREE])


_SCHEME = """
SELECT s.id, s.code, s.name, s.status, r.family AS rule_family, r.version AS rule_version,
  r.hash AS rule_hash, s.window_from, s.window_to, s.exclusivity_group, s.revision, s.prepared_by,
  s.rule_version AS rule_version_id, coalesce(j.named->>'family', '') AS procedure_family,
  coalesce(j.named->>'version', '') AS procedure_version,
  coalesce(j.named->>'title', '') AS procedure_title
FROM scheme s JOIN rule_version r ON r.id = s.rule_version
LEFT JOIN LATERAL (SELECT e.facts->'procedure' AS named FROM journal_event e
  WHERE e.subject_kind = 'scheme' AND e.subject = s.code AND e.event = 'prepare'
  ORDER BY e.id LIMIT 1) j ON true
"""
_SHOWN = tuple(name for name in SchemeShape.__dataclass_fields__ if name != "budget")


async def scheme_row(code: str, *, lock: bool = False) -> Any:
    """A scheme's row, locked if it is to be changed."""
    row = await sql_row(_SCHEME + " WHERE s.code = $1" + (" FOR UPDATE OF s" if lock else ""), code)
    if row is None:
        raise NotFound("补贴项目", "Scheme", code)
    return row


async def scheme(code: str) -> SchemeShape:
    """One scheme with its budget now."""
    row = await scheme_row(code)
    return SchemeShape(**{name: row[name] for name in _SHOWN}, budget=await budget(code))


async def schemes(status: str | None = None) -> list[SchemeShape]:
    """All schemes, the latest window first."""
    rows = await sql(
        _SCHEME + " WHERE $1::text IS NULL OR s.status = $1 ORDER BY s.window_to DESC, s.code",
        status,
    )
    return [
        SchemeShape(**{name: row[name] for name in _SHOWN}, budget=await budget(row["code"]))
        for row in rows
    ]


async def taking() -> list[SchemeShape]:
    """The schemes that take applications today: open, and in their window."""
    return [s for s in await schemes("open") if s.window_from <= today() <= s.window_to]


async def prepare_scheme(actor: Actor, form: SchemeForm) -> SchemeShape:
    """Prepare a scheme with its book; it takes no application until somebody else opens it.

    Refused where neither the rule nor the book of procedure says how to proceed.
    """
    if form.window_to < form.window_from:
        raise Refused([blocker("scheme.window_reversed", "window_to")])
    async with work():
        procedure = await _procedure(form)
        rule = await sql_value(
            "SELECT id FROM rule_version WHERE family = $1 AND version = $2 AND status <> 'draft'",
            form.rule_family,
            form.rule_version,
        )
        if await sql_value("SELECT 1 FROM scheme WHERE code = $1", form.code):
            raise Conflict("scheme.code_taken", field="code", value=form.code)
        book = await ledger.open_book(book_of(form.code), "subsidy_budget", form.name)
        await ledger.open_accounts(book_of(form.code), ACCOUNTS)
        await sql(
            "INSERT INTO scheme (code, name, rule_version, book, exclusivity_group, window_from,"
            " window_to, status, prepared_by, revision, created_at)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, 1, $9)",
            form.code,
            form.name,
            rule,
            book,
            form.exclusivity_group,
            form.window_from,
            form.window_to,
            actor.user_id,
            now(),
        )
        await journal.record(
            actor,
            "scheme",
            form.code,
            "prepare",
            to_status="draft",
            facts={
                "appropriation_fen": form.appropriation_fen,
                "document": form.document,
                "procedure": procedure,
            },
        )
    return await scheme(form.code)


async def _procedure(form: SchemeForm) -> dict[str, str] | None:
    """The book of procedure a scheme names, as its first event keeps it; Refused where it lacks."""
    rule = await named_book(form.rule_family, form.rule_version)
    if rule is None or not is_subsidy_family(rule.family):
        raise Refused([blocker("scheme.unknown_rule", "rule_version")])
    rules, book = subsidy_rules(rule), None
    if form.procedure_family or form.procedure_version:
        book = await named_book(form.procedure_family, form.procedure_version)
        if book is None or not is_procedure_family(book.family):
            raise Refused([blocker("scheme.unknown_procedure", "procedure_version")])
        rules = with_procedure(rules, book)
    gaps = [replace(gap, field="procedure_version") for gap in procedure_gaps(rules)]
    found = [*_in_force(form, book), *gaps]
    if found:
        raise Refused(found)
    if book is None:
        return None
    names = {"family": book.family, "version": book.version, "title": book.title_zh}
    return names | {"hash": book.hash}


def _in_force(form: SchemeForm, book: RuleBook | None) -> list[Finding]:
    """The book of procedure holds when the window opens."""
    if book is None or (
        book.valid_from <= form.window_from
        and (book.valid_to is None or form.window_from <= book.valid_to)
    ):
        return []
    return [
        blocker(
            "scheme.procedure_not_in_force",
            "procedure_version",
            day=form.window_from,
            start=book.valid_from,
            end=book.valid_to or "–",
        )
    ]


async def open_scheme(actor: Actor, code: str) -> SchemeShape:
    """Open a prepared scheme: its first appropriation is booked. Not by who prepared it."""
    async with work():
        row = await scheme_row(code, lock=True)
        if row["status"] != "draft":
            raise Conflict("scheme.not_draft", status=row["status"])
        if row["prepared_by"] == actor.user_id:
            raise Forbidden("auth.four_eyes")
        prepared = await sql_value(
            "SELECT facts::text FROM journal_event WHERE subject_kind = 'scheme' AND subject = $1"
            " AND event = 'prepare'",
            code,
        )
        facts = journal.parsed(prepared)
        await sql(
            "UPDATE scheme SET status = 'open', approved_by = $2, revision = revision + 1"
            " WHERE id = $1",
            row["id"],
            actor.user_id,
        )
        event = await journal.record(
            actor, "scheme", code, "open", from_status="draft", to_status="open"
        )
        await _appropriate(code, facts["appropriation_fen"], facts["document"], event)
    return await scheme(code)


async def appropriate(actor: Actor, code: str, form: AppropriationForm) -> SchemeShape:
    """Book more money for an open scheme; not by the person who prepared the scheme."""
    async with work():
        row = await scheme_row(code, lock=True)
        if row["status"] != "open":
            raise Conflict("scheme.not_open", status=row["status"])
        if row["prepared_by"] == actor.user_id:
            raise Forbidden("auth.four_eyes")
        event = await journal.record(
            actor, "scheme", code, "appropriate", facts={"amount_fen": form.amount_fen}
        )
        await _appropriate(code, form.amount_fen, form.document, event)
    return await scheme(code)


async def _appropriate(code: str, amount_fen: int, document: str, event: int) -> None:
    await ledger.post(
        Posting(
            book=book_of(code),
            key=f"appropriation:{code}:{event}",
            reason="appropriation",
            clause=document,
            effective_on=today(),
            lines=[Line(FREE, amount_fen), Line(APPROPRIATED, -amount_fen)],
            journal_event=event,
        )
    )


async def close_scheme(actor: Actor, code: str) -> SchemeShape:
    """Close a scheme to new applications; what is under way goes on."""
    async with work():
        row = await scheme_row(code, lock=True)
        if row["status"] != "open":
            raise Conflict("scheme.not_open", status=row["status"])
        await sql(
            "UPDATE scheme SET status = 'closed', revision = revision + 1 WHERE id = $1", row["id"]
        )
        await journal.record(actor, "scheme", code, "close", from_status="open", to_status="closed")
    return await scheme(code)


async def commit(code: str, line_id: int, amount_fen: int, clause: str, event: int) -> None:
    """Commit budget for an approved line; Refused (ledger.floor_breached) when it is not there."""
    await ledger.post(
        Posting(
            book=book_of(code),
            key=f"commit:{line_id}:{event}",
            reason="commitment",
            clause=clause,
            effective_on=today(),
            lines=[Line(COMMITTED, amount_fen), Line(FREE, -amount_fen)],
            journal_event=event,
            facts={"application_line": line_id},
        )
    )


async def release(code: str, line_id: int, amount_fen: int, clause: str, event: int) -> None:
    """Free the commitment of a line whose approval was revoked before payment."""
    await ledger.post(
        Posting(
            book=book_of(code),
            key=f"release:{line_id}:{event}",
            reason="release",
            clause=clause,
            effective_on=today(),
            lines=[Line(FREE, amount_fen), Line(COMMITTED, -amount_fen)],
            journal_event=event,
            facts={"application_line": line_id},
        )
    )


register(
    {
        "scheme.window_reversed": Text(
            "申报截止日早于开始日",
            "The window closes before it opens",
            "请调换起止日期",
            "Swap the two days",
        ),
        "scheme.unknown_rule": Text(
            "没有这个已发布的规则版本",
            "There is no published rule of this family and version",
            "请先发布规则文件，或核对名称与版本",
            "Publish the rule first, or check family and version",
        ),
        "scheme.unknown_procedure": Text(
            "没有这个已发布的办理程序规则",
            "There is no published book of procedure of this family and version",
            "请先发布办理程序规则（类别以 procedure/ 开头），或核对名称与版本",
            "Publish it first (a family that begins with procedure/), or check family and version",
        ),
        "scheme.procedure_not_in_force": Text(
            "办理程序规则自 {start} 至 {end} 有效，申报开始日 {day} 不在其内",
            "The book of procedure holds from {start} to {end}; the window opens on {day}",
            "请选用申报开始日有效的版本",
            "Choose a version that holds on that day",
        ),
        "scheme.code_taken": Text(
            "项目代码“{value}”已被使用",
            "The code “{value}” is taken",
            "请换一个代码",
            "Choose another code",
        ),
        "scheme.not_draft": Text(
            "项目当前为“{status}”，不能开放",
            "The scheme is {status}; it cannot be opened",
            "只有草稿可以开放",
            "Only a draft can be opened",
        ),
        "scheme.not_open": Text(
            "项目当前为“{status}”，未开放",
            "The scheme is {status}, not open",
            "请先由审批人开放项目",
            "Have an approver open the scheme first",
        ),
    }
)
