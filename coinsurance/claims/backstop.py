"""The government as a party (政府兜底): where a pool year stands in its bands, calls, receipts.

The year's loss is what was paid net of recoveries; its premium what the policies of the year come
to. The government has an account of its own in the book and never a share: a call books what it
owes by now and gives each member its part by what the member has paid in the year.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from coinsurance.access import keep_look, need_role, view_of, year_row
from coinsurance.claim_backstop_shapes import (
    BackstopMove,
    BackstopPart,
    BackstopPosition,
    BandShape,
)
from coinsurance.claim_forms import BackstopCallForm, BackstopReceiptForm
from coinsurance.claims.rows import Found
from coinsurance.premiums.books import post
from coinsurance.rules import accounts
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.claims.backstop import Position, position
from coinsurance.rules.nouns import PoolRole
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import blocker
from service.kernel.money import split
from service.kernel.numbering import normalise_uscc

_LOSS = """
SELECT coalesce(sum(CASE WHEN m.kind IN ('payment', 'advance') THEN m.amount_fen
  WHEN m.kind IN ('recovery', 'salvage') THEN -m.amount_fen END), 0)::bigint
FROM claim c JOIN claim_movement m ON m.claim = c.id
WHERE c.pool_year = $1 AND ($2::date IS NULL OR m.effective_on <= $2)
"""
_BY_MEMBER = """
SELECT p.organisation, o.uscc, o.short_name AS name,
  sum(CASE WHEN m.kind IN ('payment', 'advance') THEN p.amount_fen
    WHEN m.kind IN ('recovery', 'salvage') THEN -p.amount_fen ELSE 0 END)::bigint AS loss_fen,
  (SELECT coalesce(sum(q.amount_fen), 0)::bigint FROM backstop_part q JOIN backstop_movement b
    ON b.id = q.movement WHERE b.pool_year = $1 AND q.organisation = p.organisation) AS got_fen
FROM claim c JOIN claim_movement m ON m.claim = c.id JOIN claim_part p ON p.movement = m.id
JOIN organisation o ON o.id = p.organisation
LEFT JOIN pool_member y ON y.pool_year = c.pool_year AND y.organisation = p.organisation
WHERE c.pool_year = $1 GROUP BY p.organisation, o.uscc, o.short_name, y.position
ORDER BY y.position, p.organisation
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """A pool year in its bands, and what of it was booked and received. Fen."""

    terms: AgreementTerms
    position: Position
    called_fen: int
    received_fen: int


async def _standing(year: Any, as_of: date | None = None, more_fen: int = 0) -> Standing:
    terms = terms_of(year["agreement_body"])
    premium_fen = await sql_value(
        "SELECT coalesce(sum(l.current_premium_fen), 0)::bigint FROM placement g"
        " JOIN policy l ON l.id = g.policy WHERE g.pool_year = $1",
        year["id"],
    )
    loss_fen = await sql_value(_LOSS, year["id"], as_of)
    booked = await sql_row(
        "SELECT coalesce(sum(amount_fen) FILTER (WHERE kind = 'call'), 0)::bigint AS called,"
        " coalesce(sum(amount_fen) FILTER (WHERE kind = 'receipt'), 0)::bigint AS received"
        " FROM backstop_movement WHERE pool_year = $1"
        " AND ($2::date IS NULL OR effective_on <= $2)",
        year["id"],
        as_of,
    )
    assert booked is not None
    where = position(terms.backstop, premium_fen, max(0, loss_fen) + more_fen)
    return Standing(terms, where, booked["called"], booked["received"])


async def uncovered_after(found: Found, amount_fen: int) -> int:
    """What of an amount would lie beyond the end of the year's bands once it is paid."""
    if found.terms is None or not found.terms.backstop:
        return 0
    year = await year_row(found.row["year"])
    return (await _standing(year, None, amount_fen)).position.uncovered_fen


async def position_of(actor: Actor, number: str, as_of: date | None = None) -> BackstopPosition:
    """The live position of a pool year; members see it too, it holds nobody's share."""
    year = await year_row(number)
    await view_of(actor, year)
    await keep_look(actor, "pool_year", number, "backstop")
    return _shape(number, await _standing(year, as_of), as_of)


def _shape(number: str, standing: Standing, as_of: date | None) -> BackstopPosition:
    where = standing.position
    return BackstopPosition(
        number,
        as_of or today(),
        standing.terms.clause("backstop"),
        where.premium_fen,
        where.loss_fen,
        where.pool_fen,
        where.government_fen,
        where.uncovered_fen,
        standing.called_fen,
        standing.received_fen,
        where.government_fen - standing.called_fen,
        [
            BandShape(
                band.from_fen,
                band.to_fen,
                band.loss_fen,
                band.pool_fen,
                band.government_fen,
                band.left_fen,
            )
            for band in where.bands
        ],
    )


async def call(actor: Actor, number: str, form: BackstopCallForm) -> BackstopMove:
    """Book what the government owes by now above what was booked; every member gets its part.

    Parts follow what each member has paid in the year by the cumulative rule, so that they sum to
    the call. When losses fell (a recovery), the call is negative.
    """
    async with work():
        year = await year_row(number, "turn")
        await need_role(actor, year, PoolRole.ACCOUNT_KEEPER, PoolRole.CLAIMS_HANDLER)
        government = await _government(form.government_uscc)
        standing = await _standing(year)
        if not standing.terms.backstop:
            raise Refused([blocker("claim.no_backstop", "number")])
        amount_fen = standing.position.government_fen - standing.called_fen
        if not amount_fen:
            raise Refused([blocker("claim.backstop_settled", "amount_fen")])
        members = await sql(_BY_MEMBER, year["id"])
        weights = [max(0, row["loss_fen"]) for row in members]
        owed_fen = standing.position.government_fen
        due = split(owed_fen, weights if any(weights) else [1] * len(weights))
        parts = {
            row["uscc"]: whole - row["got_fen"] for row, whole in zip(members, due, strict=True)
        }
        day = form.effective_on or today()
        move = await _write(
            actor,
            year,
            "call",
            government,
            amount_fen,
            day,
            standing,
            accounts.recipe("backstop_call", parts, holder=government["uscc"]),
            note=form.note,
        )
        await sql_many(
            "INSERT INTO backstop_part (movement, organisation, amount_fen, to_date_fen)"
            " VALUES ($1, $2, $3, $4)",
            [
                (move["id"], row["organisation"], parts[row["uscc"]], whole)
                for row, whole in zip(members, due, strict=True)
            ],
        )
    return BackstopMove(
        number,
        move["number"],
        "call",
        amount_fen,
        [BackstopPart(row["uscc"], row["name"], parts[row["uscc"]]) for row in members],
    )


async def receive(actor: Actor, number: str, form: BackstopReceiptForm) -> BackstopMove:
    """Money from the government, received by the keeper of the accounts for all members."""
    async with work():
        year = await year_row(number, "turn")
        seat = await need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        last = await sql_row(
            "SELECT government FROM backstop_movement WHERE pool_year = $1 ORDER BY id LIMIT 1",
            year["id"],
        )
        standing = await _standing(year)
        left_fen = standing.called_fen - standing.received_fen
        if last is None or form.amount_fen > left_fen:
            raise Refused(
                [
                    blocker(
                        "claim.backstop_above",
                        "amount_fen",
                        amount_fen=form.amount_fen,
                        left_fen=left_fen,
                    )
                ]
            )
        government = await sql_row(
            "SELECT id, uscc FROM organisation WHERE id = $1", last["government"]
        )
        holder = await sql_value(
            "SELECT uscc FROM organisation WHERE id = $1", seat.organisation_id
        )
        assert government is not None
        parts = {government["uscc"]: -form.amount_fen}
        move = await _write(
            actor,
            year,
            "receipt",
            government,
            form.amount_fen,
            form.received_on or today(),
            standing,
            accounts.recipe("backstop", parts, holder=holder),
            reference=form.reference,
        )
    return BackstopMove(number, move["number"], "receipt", form.amount_fen, [])


async def _government(uscc: str) -> Any:
    """The organisation that stands for the government: the committee."""
    row = await sql_row(
        "SELECT id, uscc FROM organisation WHERE uscc = $1 AND kind = 'committee'",
        normalise_uscc(uscc),
    )
    if row is None:
        raise NotFound("政府机构", "Government body", uscc)
    return row


async def _write(
    actor: Actor,
    year: Any,
    kind: str,
    government: Any,
    amount_fen: int,
    day: date,
    standing: Standing,
    lines: list[accounts.AccountLine],
    *,
    reference: str = "",
    note: str = "",
) -> Any:
    serial = await sql_value(
        "SELECT count(*) + 1 FROM backstop_movement WHERE pool_year = $1", year["id"]
    )
    clause = standing.terms.clause("backstop")
    entry = await post(
        year["book_code"],
        f"backstop:{year['number']}:{serial}",
        f"backstop_{kind}",
        clause,
        day,
        lines,
    )
    row = await sql_row(
        "INSERT INTO backstop_movement (pool_year, number, kind, government, amount_fen,"
        " effective_on, content, holder, reference, clause, entry, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13) RETURNING id, number",
        year["id"],
        serial,
        kind,
        government["id"],
        amount_fen,
        day,
        journal.canonical(asdict(standing.position)),
        actor.organisation_id,
        reference,
        clause,
        entry,
        now(),
        actor.user_id,
    )
    await journal.record(
        actor,
        "pool_year",
        year["number"],
        f"backstop_{kind}",
        note=note,
        facts={"number": serial, "amount_fen": amount_fen, "clause": clause},
        effective_on=day,
    )
    return row

