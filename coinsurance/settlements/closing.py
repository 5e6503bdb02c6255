"""Statements of all members for one period (出具结算单): prepared, approved, issued together.

Preparing seals the book; the seal fixes what the statements cover. Issue of all of them is one
transaction with a hash each, in the sealed journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance import access
from coinsurance.pools import parts
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.deadlines import last_day, told
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement import statements as rule
from coinsurance.rules.settlement.periods import Period, check_period, parse_period
from coinsurance.rules.settlement.workflows import STATEMENT, STATEMENT_PERIOD
from coinsurance.settlements import records
from coinsurance.settlements import texts as _texts  # noqa: F401  registers the texts
from coinsurance.settlements.lines import Cover, sums
from coinsurance.tables.settlements import Statement, StatementPeriod
from service.auth import Actor
from service.kernel import journal, ledger, seals
from service.kernel.calendar import local_day, now
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import blocker

NO_SEAL = ("0" * 64, 0, 0)


@dataclass(frozen=True, slots=True)
class _Before:
    """What the last closed period carried forward, by party; empty at the first."""

    period_id: int | None
    period: Period | None
    seal: int
    carried: dict[int, Any]


async def prepare(actor: Actor, year_number: str, period_text: str) -> str:
    """Make drafts of all parties' statements for a period; returns the period's number.

    Raises Refused with every reason against closing it, Conflict while a draft is open.
    """
    period = parse_period(period_text)
    async with work():
        year = await access.year_row(year_number, "turn")
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        terms = terms_of(year["agreement_body"])
        before = await _before(year)
        await _check(year, period, terms, before)
        seal_hash, seal_number, seal_id = await _seal(year["book_code"])
        number, edition = await _number(year, period)
        cover = Cover(
            year["book"],
            year["book_code"],
            period.to_month,
            seal_id,
            before.period.to_month if before.period else "",
            before.seal,
        )
        period_id = await _write_period(actor, year, period, number, edition, before, seal_id)
        count = await _write_statements(
            year, period, period_id, edition, before, cover, (seal_number, seal_hash)
        )
        await journal.record(
            actor,
            STATEMENT_PERIOD.name,
            number,
            "prepare",
            to_status="draft",
            facts={"seal": seal_number, "seal_hash": seal_hash, "statements": count},
        )
    return number


async def _check(year: Any, period: Period, terms: AgreementTerms, before: _Before) -> None:
    today = local_day(now())
    found = check_period(period, terms.statement_period, before.period, year["start_on"], today)
    if found:
        raise Refused(found)


async def _before(year: Any) -> _Before:
    row = await sql_row(
        "SELECT id, number, period, seal, status FROM statement_period WHERE pool_year = $1"
        " AND status <> 'cancelled' ORDER BY to_month DESC, id DESC LIMIT 1",
        year["id"],
    )
    if row is None:
        return _Before(None, None, 0, {})
    if row["status"] == "draft":
        raise Conflict("statement.draft_open", number=row["number"])
    carried = await sql(
        "SELECT organisation, number, carried_forward_fen, disputed_fen FROM statement"
        " WHERE period = $1 AND status <> 'cancelled'",
        row["id"],
    )
    return _Before(
        row["id"],
        parse_period(row["period"]),
        row["seal"],
        {one["organisation"]: one for one in carried},
    )


async def _seal(book: str) -> tuple[str, int, int]:
    """Seal the book; hash, number and id of its last seal, zeros for a book without entries."""
    await ledger.seal(book)
    row = await sql_row(
        "SELECT encode(hash, 'hex') AS hash, number, id FROM seal WHERE chain = $1"
        " ORDER BY number DESC LIMIT 1",
        seals.ledger_chain(book),
    )
    return (row["hash"], row["number"], row["id"]) if row else NO_SEAL


async def _number(year: Any, period: Period) -> tuple[str, int]:
    edition: int = await sql_value(
        "SELECT count(*)::int + 1 FROM statement_period WHERE pool_year = $1 AND period = $2",
        year["id"],
        period.code,
    )
    number = f"{year['number']}.{period.code}"
    return (number if edition == 1 else f"{number}.{edition}"), edition


async def _write_period(
    actor: Actor, year: Any, period: Period, number: str, edition: int, before: _Before, seal: int
) -> int:
    period_id: int = await sql_value(
        "INSERT INTO statement_period (number, pool_year, agreement, period, edition, from_month,"
        " to_month, previous, seal, status, hash, revision, prepared_at, prepared_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'draft', '', 1, $10, $11) RETURNING id",
        number,
        year["id"],
        year["agreement"],
        period.code,
        edition,
        period.from_month,
        period.to_month,
        before.period_id,
        seal,
        now(),
        actor.user_id,
    )
    return period_id


_PARTIES = """
SELECT o.id, o.uscc, o.name, coalesce(m.position, 10000) AS position FROM organisation o
  LEFT JOIN pool_member m ON m.pool_year = $1 AND m.organisation = o.id
 WHERE (m.status IN ('active', 'suspended', 'exited', 'defaulted')
    AND m.roles <> ARRAY['observer']::varchar[])
    OR o.id IN (SELECT owner FROM account WHERE book = $2)
 ORDER BY position, o.id
"""


async def _write_statements(
    year: Any,
    period: Period,
    period_id: int,
    edition: int,
    before: _Before,
    cover: Cover,
    seal: tuple[int, str],
) -> int:
    by_owner: dict[int, list[rule.SumRow]] = {}
    for row in await sums(cover):
        by_owner.setdefault(row.owner, []).append(row)
    made: list[tuple[Any, rule.Figures, str]] = []
    for party in await sql(_PARTIES, year["id"], year["book"]):
        last = before.carried.get(party["id"])
        figures = rule.figures(
            by_owner.pop(party["id"], []),
            last["carried_forward_fen"] if last else 0,
            last["disputed_fen"] if last else 0,
        )
        made.append((party, figures, last["number"] if last else ""))
    carried = {party["uscc"]: figures.carried_forward_fen for party, figures, _ in made}
    faults = rule.check_whole(carried)
    if faults or by_owner:
        raise Refused(faults or [blocker("statement.ownerless", accounts=len(by_owner))])
    rows = [
        await _row(year, period, period_id, edition, party, figures, last, seal)
        for party, figures, last in made
    ]
    await sql_many(_INSERT, rows)
    return len(rows)


_INSERT = """
INSERT INTO statement (number, period, pool_year, organisation, position, edition, status,
  brought_forward_fen, items_fen, settled_fen, carried_forward_fen, disputed_fen, line_count,
  content, hash, revision)
VALUES ($1, $2, $3, $4, $5, $6, 'draft', $7, $8, $9, $10, $11, $12, $13, $14, 1)
"""


async def _row(
    year: Any,
    period: Period,
    period_id: int,
    edition: int,
    party: Any,
    figures: rule.Figures,
    previous: str,
    seal: tuple[int, str],
) -> tuple[Any, ...]:
    terms = terms_of(year["agreement_body"])
    heading = rule.Heading(
        year["number"],
        year["book_code"],
        period.code,
        party["uscc"],
        party["name"],
        terms.version,
        terms.hash,
        *seal,
        previous=previous,
        edition=edition,
    )
    body = rule.content(heading, figures)
    return (
        await next_number("ST", now()),
        period_id,
        year["id"],
        party["id"],
        party["position"],
        1,
        figures.brought_forward_fen,
        figures.items_fen,
        figures.settled_fen,
        figures.carried_forward_fen,
        figures.disputed_fen,
        figures.lines,
        journal.canonical(body),
        rule.digest(body),
    )


async def approve(actor: Actor, year_number: str, period_text: str) -> None:
    """Approve every draft of a period; never by the person who prepared it."""
    async with work():
        year, period = await _open_period(actor, year_number, period_text)
        await parts.four_eyes(actor, STATEMENT_PERIOD.name, period["number"], "prepare")
        for row in await _statements(period["id"]):
            await records.approve(actor, row)
        await journal.record(actor, STATEMENT_PERIOD.name, period["number"], "approve")


async def issue(actor: Actor, year_number: str, period_text: str) -> None:
    """Issue all statements of a period in one transaction, each with its hash in the journal.

    Raises Refused while one is not approved.
    """
    async with work():
        year, period = await _open_period(actor, year_number, period_text)
        STATEMENT_PERIOD.advance(period["status"], "issue", actor.roles)
        terms, today = terms_of(year["agreement_body"]), local_day(now())
        rows = await _statements(period["id"])
        waiting = [row["number"] for row in rows if row["status"] != "approved"]
        if waiting:
            raise Refused([blocker("statement.not_approved", numbers=waiting)])
        answer = last_day(terms.statement_answer, today) if terms.statement_answer else None
        for row in rows:
            await parts.move(
                actor,
                STATEMENT,
                Statement,
                row,
                "issue",
                row["number"],
                values={"issued_at": now(), "answer_due_on": told(answer)},
                facts={"hash": row["hash"], "carried_forward_fen": row["carried_forward_fen"]},
                follows=True,
            )
        body = {"period": period["number"], "statements": [[r["number"], r["hash"]] for r in rows]}
        await parts.move(
            actor,
            STATEMENT_PERIOD,
            StatementPeriod,
            period,
            "issue",
            period["number"],
            values={
                "issued_at": now(),
                "issued_by": actor.user_id,
                "hash": rule.digest(body),
            },
            facts={"hash": rule.digest(body), **body},
        )
        await seals.seal(seals.JOURNAL)


async def cancel(actor: Actor, year_number: str, period_text: str, note: str) -> None:
    """Cancel all statements of the last period, so that it can be prepared anew.

    Refused when a later period stands on it or a statement was agreed.
    """
    async with work():
        year, period = await _open_period(actor, year_number, period_text, issued=True)
        rows = await _statements(period["id"])
        held = [row["number"] for row in rows if row["status"] in ("agreed", "settled")]
        later = await sql_value(
            "SELECT number FROM statement_period WHERE previous = $1 AND status <> 'cancelled'",
            period["id"],
        )
        disputed = await sql_value(
            "SELECT count(*)::int FROM dispute d JOIN statement s ON s.id = d.statement"
            " WHERE s.period = $1 AND d.status IN ('open', 'escalated', 'referred')",
            period["id"],
        )
        if held or later or disputed:
            raise Refused(_against(held, later, disputed))
        for row in rows:
            follows = row["status"] in ("draft", "approved")
            await parts.move(
                actor, STATEMENT, Statement, row, "cancel", row["number"], note=note,
                follows=follows,
            )  # fmt: skip
        await parts.move(
            actor, STATEMENT_PERIOD, StatementPeriod, period, "cancel", period["number"], note=note
        )


def _against(held: list[str], later: str | None, disputed: int) -> list[Any]:
    found = []
    if held:
        found.append(blocker("statement.agreed_already", numbers=held))
    if later:
        found.append(blocker("statement.later_period", number=later))
    if disputed:
        found.append(blocker("statement.dispute_open", count=disputed))
    return found


async def _open_period(
    actor: Actor, year_number: str, period_text: str, *, issued: bool = False
) -> tuple[Any, Any]:
    """The year and its standing period, locked; the actor keeps the accounts."""
    period = parse_period(period_text)
    year = await access.year_row(year_number, "turn")
    await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
    return year, await records.period_row(year, period.code)


async def _statements(period_id: int) -> list[Any]:
    return await sql(
        "SELECT * FROM statement WHERE period = $1 AND status <> 'cancelled'"
        " ORDER BY id FOR UPDATE",
        period_id,
    )
