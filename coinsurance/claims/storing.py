"""The one writer of claim money: movement, parts, entry, debts, totals and event in one statement.

Rules compute in Python; the statement only stores, and only if the claim still has the revision
that was read: all of it hangs on that one update, so what was read needs no lock before. One round
trip for a payment over eighteen members keeps a claim payment near what the database alone can do
(tests/bench/bench_claims.py).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import asyncpg

from coinsurance.claims.rows import Found, SectionRow
from coinsurance.claims.states import written
from coinsurance.claims.writes import Owed, Stored, Write
from coinsurance.rules.claims.deadlines import Due
from coinsurance.rules.claims.nouns import PAID_KINDS, Series, series_of
from coinsurance.rules.claims.workflow import CLAIM
from service.auth import Actor
from service.kernel import journal, ledger
from service.kernel.calendar import now
from service.kernel.db import sql_while
from service.kernel.errors import Conflict
from service.kernel.ledger import Posting
from service.kernel.ledger.texts import tell
from service.kernel.workflow import SYSTEM

_EVENT = ", ".join(f"${n}" for n in range(1, len(journal.COLUMNS) + 1))
_AT = len(journal.COLUMNS)


def _names(first: int, *casts: str) -> tuple[str, ...]:
    return tuple(f"${_AT + first + n}::{cast}" for n, cast in enumerate(casts))


def _lists(first: int, *casts: str) -> tuple[str, ...]:
    return tuple(
        f"string_to_array(${_AT + first + n}::text, E'\\n', '')::{cast}[]"
        for n, cast in enumerate(casts)
    )


_POST = _names(
    1, "text", "text", "text", "text", "text", "date", "text", "timestamptz", "text", "bigint",
    "jsonb", "text", "text", "text[]", "text[]",
)  # fmt: skip
_MOVE = _names(
    16, "bigint", "bigint", "int", "text", "bigint", "bigint", "bigint", "date", "date", "text",
    "text", "text", "bigint", "bigint", "text", "bigint", "timestamptz", "bigint",
)  # fmt: skip
# Columns of many rows travel as one text each: the driver encodes arrays element by element, which
# costs more than all the rules together. Texts of several words are told apart by line breaks.
_PART = _lists(34, "bigint", "bigint", "bigint", "bigint", "bigint", "bigint", "text", "text")
_OWED = _lists(42, "text", "text", "bigint", "bigint", "bigint", "date", "int", "text", "text")
_REST = _names(
    51, "bigint", "bigint", "text", "text", "int", "bigint", "bigint", "bigint", "bigint", "bigint",
    "bigint[]", "bigint[]", "text[]", "bigint", "bigint", "int",
)  # fmt: skip
_STORE = f"""
WITH cl AS (
  UPDATE claim SET status = {_REST[3]}, revision = revision + 1,
    movement_count = movement_count + 1, obligation_count = obligation_count + {_REST[4]}
  WHERE id = {_MOVE[0]} AND status = {_REST[2]} AND revision = {_REST[15]}
    AND ({_REST[14]} IS NULL OR claim_loss_stands(id, insured, loss_on, event, {_REST[14]}))
  RETURNING revision
), ev AS (
  INSERT INTO journal_event ({", ".join(journal.COLUMNS)}) SELECT {_EVENT} FROM cl RETURNING id
), en AS (
  SELECT CASE WHEN {_POST[0]} IS NULL THEN {_MOVE[13]} ELSE ledger_post({_POST[0]}, {_POST[1]},
    {_POST[2]}, {_POST[3]}, {_POST[4]}, {_POST[5]}, {_POST[6]}, {_POST[7]}, {_POST[8]},
    coalesce({_POST[9]}, ev.id), {_POST[10]}, string_to_array({_POST[11]}, E'\\n'),
    string_to_array({_POST[12]}, ',')::bigint[], {_POST[13]}, {_POST[14]}) END AS id FROM ev
), mv AS (
  INSERT INTO claim_movement (claim, section, number, kind, amount_fen, cost_fen,
    reserve_change_fen, effective_on, papers_on, reference, charge, note, reversal_of, entry,
    clause, holder, recorded_at, recorded_by)
  SELECT {", ".join(_MOVE[:13])}, en.id, {", ".join(_MOVE[14:])} FROM en
  RETURNING id, entry
), pa AS (
  INSERT INTO claim_part (movement, position, organisation, share_units, amount_fen, reserve_fen,
    called_fen, to_date_fen, exact_numerator, exact_denominator)
  SELECT mv.id, t.n, t.a, t.b, t.c, t.d, t.e, t.f, t.g, t.h FROM mv, unnest({", ".join(_PART)})
    WITH ORDINALITY AS t (a, b, c, d, e, f, g, h, n)
), ob AS (
  INSERT INTO obligation (number, pool_year, placement, kind, debtor, creditor, amount_fen,
    settled_fen, arose_on, due_on, due_days, due_calendar, clause, cause_kind, cause, entry, status,
    recorded_at)
  SELECT t.number, {_REST[0]}, {_REST[1]}, t.kind, t.debtor, t.creditor, t.fen, 0, {_MOVE[7]},
    t.due_on, t.days, t.calendar, t.clause, 'claim_movement', mv.id, coalesce(mv.entry, 0), 'open',
    {_MOVE[16]}
  FROM mv, unnest({", ".join(_OWED)}) AS t (number, kind, debtor, creditor, fen, due_on, days,
    calendar, clause)
), se AS (
  UPDATE claim_section SET paid_fen = paid_fen + {_REST[5]}, reserve_fen = reserve_fen + {_REST[6]},
    expense_fen = expense_fen + {_REST[7]}, recovered_fen = recovered_fen + {_REST[8]},
    authorised_fen = authorised_fen + {_REST[9]} FROM cl WHERE id = {_MOVE[1]}
), cc AS (
  UPDATE cash_call_part p SET used_fen = p.used_fen + t.fen
  FROM cl, unnest({_REST[10]}, {_REST[11]}) AS t (id, fen) WHERE p.id = t.id
), py AS (
  INSERT INTO claim_payee (movement, beneficiary_kind, beneficiary_name, beneficiary_key,
    beneficiary_uscc, payee_name, payee_account, bank_name, authority_reference,
    compensation_proof, override)
  SELECT mv.id, v[1], v[2], v[3], v[4], v[5], v[6], v[7], v[8], v[9], {_REST[13]}
  FROM mv, (SELECT {_REST[12]} AS v) x WHERE v IS NOT NULL
)
SELECT cl.revision FROM mv, cl
"""


async def store(actor: Actor, found: Found, section: SectionRow, write: Write) -> Stored:
    """Write a movement of a locked claim; raises Conflict when the claim moved meanwhile."""
    stored = await store_if_unmoved(actor, found, section, write)
    if stored is None:
        raise Conflict("conflict.status_moved")
    return stored


async def store_if_unmoved(
    actor: Actor, found: Found, section: SectionRow, write: Write
) -> Stored | None:
    """Write a movement if the claim is still as it was read; else write nothing, return None.

    Nothing is checked here but what the database holds; the caller has asked the rules.
    """
    moment, number = now(), found.row["movement_count"] + 1
    target = found.status
    if write.event:
        target = CLAIM.advance(found.status, write.event, {SYSTEM}).target
    numbers = [
        f"{found.number}-{found.row['obligation_count'] + n:05d}"
        for n in range(1, len(write.owed) + 1)
    ]
    event = journal.event_row(
        actor,
        "claim",
        found.number,
        write.event or write.told,
        from_status=found.status if target != found.status else "",
        to_status=target if target != found.status else "",
        note=write.note,
        facts={"movement": number, "amount_fen": write.amount_fen, **write.facts},
        effective_on=write.effective_on,
        recorded_at=moment,
    )
    args = (
        *event,
        *_entry(found, write, number),
        *_movement(actor, found, section, write, number, moment),
        *_parts(write),
        *_owed(write.owed, numbers),
        *_rest(found, write, target),
    )
    try:
        rows, shape = await sql_while(
            lambda: written(section.code, write, number, numbers), _STORE, *args
        )
    except asyncpg.UniqueViolationError as error:
        if error.constraint_name == "ux_claim_movement_reference":
            raise Conflict(
                "claim.reference_twice", field="reference", reference=write.reference
            ) from error
        if error.constraint_name == "uq_claim_movement_reversal_of":
            raise Conflict("claim.reversed_before", field="movement") from error
        raise
    except asyncpg.PostgresError as error:
        tell(error, key=found.number)
    if not rows:
        return None
    return Stored(target, rows[0]["revision"], shape)


def entry_key(claim: str, number: int) -> str:
    """The business key of a movement's entry."""
    return f"claim:{claim}:{number}"


def _entry(found: Found, write: Write, number: int) -> tuple[Any, ...]:
    if not write.lines:
        return (None,) * 15
    return ledger.arguments(
        Posting(
            found.row["book"],
            entry_key(found.number, number),
            f"claim_{write.kind}",
            write.clause,
            write.effective_on,
            write.lines,
            facts={"claim": found.number, "movement": number},
        )
    )


def _movement(
    actor: Actor, found: Found, section: SectionRow, write: Write, number: int, moment: Any
) -> tuple[Any, ...]:
    return (
        found.id,
        section.id,
        number,
        write.kind.value,
        write.amount_fen,
        write.cost_fen,
        write.reserve_change_fen,
        write.effective_on,
        write.papers_on,
        write.reference,
        write.charge,
        write.note,
        write.reversal_of,
        write.entry,
        write.clause,
        write.holder_id,
        moment,
        actor.user_id,
    )


def _parts(write: Write) -> tuple[str, ...]:
    if not write.parts:
        return ("",) * 8
    keys, _, units, amounts, to_date, exact, reserves = zip(*write.parts, strict=True)
    above, below = zip(*exact, strict=True)
    called = [write.called.get(key, 0) for key in keys] if write.called else (0,) * len(keys)
    return _texts(keys, units, amounts, reserves, called, to_date, above, below)


def _owed(owed: Sequence[Owed], numbers: Sequence[str]) -> tuple[str, ...]:
    if not owed:
        return ("",) * 9
    kinds, debtors, _, creditors, _, amounts, dues = zip(*owed, strict=True)
    told = {id(due): _due(due) for due in dues}  # one or few for all the debts of a movement
    terms = zip(*[told[id(due)] for due in dues], strict=True)
    return _texts(numbers, kinds, debtors, creditors, amounts, *terms)


def _due(due: Due) -> tuple[str, ...]:
    """When a debt falls due, as texts; nothing is an empty one.

    Clauses are the only words: an agreement may print one over two lines, which become one.
    """
    values = due.on, due.days, due.calendar.value, due.clause.replace("\n", " ")
    return tuple(["" if value is None else str(value) for value in values])


def _texts(*columns: Sequence[object]) -> tuple[str, ...]:
    """Each column as one text, a line for a value."""
    return tuple(["\n".join(map(str, column)) for column in columns])


def _rest(found: Found, write: Write, target: str) -> tuple[Any, ...]:
    series, amount = series_of(write.kind), write.amount_fen
    payee = write.payee
    return (
        found.row["pool_year"],
        found.row["placement"],
        found.status,
        target,
        len(write.owed),
        amount if write.kind in PAID_KINDS else 0,
        write.reserve_change_fen,
        amount if series is Series.EXPENSE else 0,
        amount if series is Series.RECOVERY else 0,
        write.authorise_fen,
        list(write.call_uses),
        list(write.call_uses.values()),
        None
        if payee is None
        else [
            payee.kind,
            payee.name,
            payee.key,
            payee.uscc,
            payee.payee,
            payee.account,
            payee.bank,
            payee.authority,
            payee.proof,
        ],
        payee.override if payee else None,
        write.paid_elsewhere,
        found.row["revision"],
    )
