"""Storing a movement of premium: event, ledger entry, movement, parts and debts in one statement.

The rules computed everything before; here it is only written. One round trip for eighteen members
costs less than one statement for each table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg

from catalogue.policies import receipts
from coinsurance.premiums import books
from coinsurance.premiums.gathering import Facts
from coinsurance.rules.accounts import AccountLine
from coinsurance.rules.premium_dues import Due
from coinsurance.rules.premium_series import Movement, lines
from service.auth import Actor
from service.kernel import journal, ledger
from service.kernel.calendar import now
from service.kernel.db import Found, sql_while
from service.kernel.ledger import Posting
from service.kernel.ledger.texts import tell

KIND = "premium_movement"
_POSTING = (
    *("book", "key", "kind", "reason", "clause", "effective_on", "period", "recorded_at"),
    *("original", "facts", "accounts", "amounts", "memos", "clauses"),
)
"""The arguments of `ledger_post` in its order, without the journal event."""
_ARGUMENTS = (
    *(f"event_{name}" for name in journal.COLUMNS),
    *(f"post_{name}" for name in _POSTING),
    *("placement", "number", "movement_kind", "receipt", "reversal_of", "schedule", "source"),
    *("amount", "on", "reference", "holder", "moment", "user"),
    *("p_members", "p_components", "p_amounts", "p_to_date", "p_above", "p_below", "p_clauses"),
    *("clauses", "year", "d_numbers", "d_kinds", "d_debtors", "d_creditors", "d_amounts"),
    *("d_due_on", "d_days", "d_calendars", "d_clauses"),
)


def _numbered(text: str, arguments: Sequence[str]) -> str:
    """The statement with its named arguments (@name) as the driver wants them ($1)."""
    places = {name: n for n, name in enumerate(arguments, 1)}
    return re.sub(r"@(\w+)", lambda found: f"${places[found[1]]}", text)


_REST = f"""
event AS (INSERT INTO journal_event ({", ".join(journal.COLUMNS)})
  VALUES ({", ".join(f"@event_{name}" for name in journal.COLUMNS)}) RETURNING id),
posted AS MATERIALIZED (SELECT ledger_post(
  {", ".join(f"@post_{name}" for name in _POSTING[:9])}, (SELECT id FROM event),
  @post_facts::jsonb, string_to_array(@post_accounts, E'\\n'),
  string_to_array(@post_amounts, ',')::bigint[], @post_memos::text[],
  string_to_array(@post_clauses, E'\\n')) AS entry),
moved AS (INSERT INTO premium_movement (placement, number, kind, policy_receipt, reversal_of,
    schedule, source, amount_fen, effective_on, reference, holder, entry, recorded_at, recorded_by)
  SELECT @placement::bigint, @number::int, @movement_kind::text, @receipt::bigint,
    @reversal_of::bigint, @schedule::bigint, @source::text, @amount::bigint, @on::date,
    @reference::text, @holder::bigint, p.entry, @moment::timestamptz, @user::bigint
  FROM posted p RETURNING id),
part AS (INSERT INTO premium_part (movement, organisation, component, amount_fen, to_date_fen,
    exact_numerator, exact_denominator, clause)
  SELECT m.id, t.o, t.c, t.a, t.d, t.n, t.q, (@clauses::text[])[t.k]
  FROM moved m, unnest(string_to_array(@p_members, ',')::bigint[],
    string_to_array(@p_components, ','), string_to_array(@p_amounts, ',')::bigint[],
    string_to_array(@p_to_date, ',')::bigint[], string_to_array(@p_above, ','),
    string_to_array(@p_below, ','), string_to_array(@p_clauses, ',')::int[])
    AS t (o, c, a, d, n, q, k) RETURNING 1),
owed AS (INSERT INTO obligation (number, pool_year, placement, kind, debtor, creditor, amount_fen,
    settled_fen, arose_on, due_on, due_days, due_calendar, clause, cause_kind, cause, entry,
    status, recorded_at)
  SELECT t.n, @year::bigint, @placement::bigint, t.k, t.d, t.c, t.a, 0, @on::date, t.w, t.y,
    t.l, (@clauses::text[])[t.x], '{KIND}', m.id, p.entry, 'open', @moment::timestamptz
  FROM moved m, posted p, unnest(string_to_array(@d_numbers, ','),
    string_to_array(@d_kinds, ','), string_to_array(@d_debtors, ',')::bigint[],
    string_to_array(@d_creditors, ',')::bigint[], string_to_array(@d_amounts, ',')::bigint[],
    string_to_array(@d_due_on, ',', '')::date[], string_to_array(@d_days, ',')::int[],
    string_to_array(@d_calendars, ','), string_to_array(@d_clauses, ',')::int[])
    AS t (n, k, d, c, a, w, y, l, x) RETURNING 1)
SELECT m.id, p.entry FROM moved m, posted p
"""
_WRITE = _numbered(f"WITH {_REST}", _ARGUMENTS)
"""A movement of a receipt that is there already, or of none."""
_WITH_RECEIPT = _numbered(
    f"""
WITH bought AS (INSERT INTO premium_receipt (id, {", ".join(receipts.COLUMNS)})
  VALUES (@receipt, {", ".join(f"@receipt_{name}" for name in receipts.COLUMNS)}) RETURNING id),
told AS (INSERT INTO journal_event ({", ".join(journal.COLUMNS)})
  VALUES ({", ".join(f"@told_{name}" for name in journal.COLUMNS)}) RETURNING id),
{_REST}
""",
    (
        *_ARGUMENTS,
        *(f"receipt_{name}" for name in receipts.COLUMNS),
        *(f"told_{name}" for name in journal.COLUMNS),
    ),
)
"""The policy's receipt and its event with the movement that takes it up."""


@dataclass(frozen=True, slots=True)
class Write:
    """A movement with what it is linked to."""

    movement: Movement
    owed: Sequence[Due]
    number: int
    reference: str
    receipt_id: int | None = None
    reversal_of: int | None = None
    schedule_id: int | None = None
    note: str = ""
    recorded: tuple[Any, ...] = ()
    """Row and event of a receipt of the policy that is to be written with it."""


async def write(
    actor: Actor,
    facts: Facts,
    made: Write,
    obligation_count: int,
    meanwhile: Callable[[], Found],
) -> Found:
    """Store one movement and return what `meanwhile` finds while the database writes it.

    Inside `work()`, the placement locked. `obligation_count`: debts of the placement so far, from
    which new ones take their numbers.
    """
    moment = now()
    made_lines = lines(made.movement, facts.rested)
    missing = [line for line in made_lines if line.account not in facts.accounts]
    if missing:
        await books.ensure_accounts(facts.placement.book, missing)
    clauses = _Clauses()
    arguments = [
        *_event(actor, facts, made, moment),
        *_posting(facts, made, made_lines),
        *_movement(actor, facts, made, moment),
        *_parts(facts, made.movement, clauses),
    ]
    debts = _debts(facts, made.owed, obligation_count, clauses)
    try:
        query = _WITH_RECEIPT if made.recorded else _WRITE
        _, found = await sql_while(
            meanwhile,
            query,
            *arguments,
            clauses.texts,
            facts.placement.year_id,
            *debts,
            *made.recorded,
        )
    except asyncpg.PostgresError as error:
        tell(error, key=_key(facts, made), original="")
    return found


class _Clauses:
    """The clauses that rows cite, each sent once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._places: dict[str, str] = {}

    def place(self, text: str) -> str:
        """Where a clause stands in the list, from 1, as text."""
        place = self._places.get(text)
        if place is None:
            self.texts.append(text)
            place = self._places[text] = str(len(self.texts))
        return place


def _key(facts: Facts, made: Write) -> str:
    return f"premium:{facts.placement.number}:{made.number}"


def _event(actor: Actor, facts: Facts, made: Write, moment: datetime) -> tuple[Any, ...]:
    movement = made.movement
    return journal.event_row(
        actor,
        "placement",
        facts.placement.number,
        f"premium_{movement.kind}",
        note=made.note,
        facts={
            "movement": made.number,
            "source": movement.source,
            "amount_fen": movement.amount_fen,
            "receipt": made.receipt_id,
            "reversal_of": made.reversal_of,
        },
        effective_on=movement.effective_on,
        recorded_at=moment,
    )


def _posting(facts: Facts, made: Write, posted: Sequence[AccountLine]) -> list[Any]:
    movement = made.movement
    reason = {"receipt": "premium", "reversal": "premium_reversal"}.get(movement.kind)
    all_of_it = ledger.arguments(
        Posting(
            facts.placement.book,
            _key(facts, made),
            reason or movement.kind,
            facts.rested.share_clause,
            movement.effective_on,
            posted,
            facts={"placement": facts.placement.number, "movement": made.number},
        )
    )
    *rest, clauses = all_of_it[10:]
    return [*all_of_it[:9], *rest, "\n".join(clauses)]


def _movement(actor: Actor, facts: Facts, made: Write, moment: datetime) -> list[Any]:
    movement = made.movement
    return [
        facts.placement.id,
        made.number,
        movement.kind,
        made.receipt_id,
        made.reversal_of,
        made.schedule_id,
        movement.source,
        movement.amount_fen,
        movement.effective_on,
        made.reference,
        facts.placement.issuer_id,
        moment,
        actor.user_id,
    ]


def _parts(facts: Facts, movement: Movement, clauses: _Clauses) -> list[str]:
    """The columns of the parts, each as one text: the driver's arrays cost twice that."""
    columns = movement.columns
    ids = facts.ids
    return [
        _joined([ids[member] for column in columns for member in column.members]),
        ",".join([",".join([c.component] * len(c.members)) for c in columns]),
        _joined([fen for column in columns for fen in column.fen]),
        _joined([fen for column in columns for fen in column.to_date_fen]),
        _joined([number for column in columns for number in column.above]),
        _joined([number for column in columns for number in column.below]),
        ",".join([",".join([clauses.place(c.clause)] * len(c.members)) for c in columns]),
    ]


def _joined(numbers: Sequence[int]) -> str:
    return ",".join(map(str, numbers))


def _debts(facts: Facts, owed: Sequence[Due], count: int, clauses: _Clauses) -> list[str]:
    number = facts.placement.number
    if not owed:
        return [""] * 9
    kinds, debtors, creditors, amounts, cited, days, calendars, due_on = zip(*owed, strict=True)
    ids = facts.ids
    return [
        ",".join([f"{number}-{n:05d}" for n in range(count + 1, count + len(owed) + 1)]),
        ",".join(kinds),
        _joined([ids[member] for member in debtors]),
        _joined([ids[member] for member in creditors]),
        _joined(amounts),
        ",".join([day.isoformat() if day else "" for day in due_on]),
        _joined(days),
        ",".join(calendars),
        ",".join([clauses.place(clause) for clause in cited]),
    ]
