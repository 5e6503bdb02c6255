"""Taking a charge of a shortfall back (冲销): the mirror of all of it, once, by another person.

Its unpaid debts are void; what was paid even in part, is disputed or in a settlement run is owed
back whole, so that nothing that was paid is rewritten. The defaulter's debts are open again.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance.access import year_row
from coinsurance.pool_forms import ShortfallReversalForm
from coinsurance.pool_shapes import ShortfallChargeShape
from coinsurance.pools import shortfall_records
from coinsurance.pools.members import KIND, member_row, subject_of
from coinsurance.pools.shortfalls import CAUSE, charge_row
from coinsurance.rules.nouns import DayKind
from coinsurance.settlements import obligations
from coinsurance.settlements.obligations import Done, NewObligation
from service.auth import Actor
from service.kernel import journal, ledger
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import Finding, blocker


async def reverse(
    actor: Actor, number: str, uscc: str, charge: str, form: ShortfallReversalForm
) -> ShortfallChargeShape:
    """Reverse a charge; Refused for a reversal or a day outside, Conflict for a second time."""
    async with work():
        year = await year_row(number, "turn")
        member = await member_row(year, uscc, lock=True)
        row = await charge_row(year, member["id"], charge)
        if row is None:
            raise NotFound("违约缺口分担", "Charge of a shortfall", charge)
        if row["recorded_by"] == actor.user_id:
            raise Forbidden("auth.four_eyes")
        if row["reversed_by"] is not None:
            raise Conflict(
                "shortfall.reversed_before",
                field="charge",
                number=charge,
                reversal=row["reversed_by"],
            )
        effective_on = form.effective_on or today()
        found = _check(row, effective_on)
        if found:
            raise Refused(found)
        made = await _write(actor, year, member, row, form.reason, effective_on)
        return await shortfall_records.one(actor, year, made)


def _check(row: Any, effective_on: date) -> list[Finding]:
    found = []
    if row["reversal_of"] is not None:
        found.append(blocker("shortfall.reversal_of_reversal", "charge", number=row["number"]))
    elif not row["effective_on"] <= effective_on <= today():
        found.append(
            blocker(
                "shortfall.reversal_day",
                "effective_on",
                day=effective_on,
                first=row["effective_on"],
                today=today(),
            )
        )
    return found


async def _write(
    actor: Actor, year: Any, member: Any, row: Any, reason: str, effective_on: date
) -> str:
    number = await next_number("SF", now())
    facts = {"charge": number, "reversal_of": row["number"], "amount_fen": -row["amount_fen"]}
    event = await journal.record(
        actor,
        KIND,
        subject_of(year["number"], member["uscc"]),
        "reverse_shortfall",
        note=reason,
        facts=facts,
        effective_on=effective_on,
    )
    entry = await ledger.reverse(
        f"shortfall:{number}",
        f"shortfall:{row['number']}",
        effective_on=effective_on,
        reason="shortfall_reversal",
        clause=row["clause"],
        journal_event=event,
        facts=facts,
    )
    made = await sql_value(
        "INSERT INTO shortfall_charge (number, pool_year, member, consent, resolution_number,"
        " amount_fen, effective_on, clause, reason, reversal_of, entry, recorded_at, recorded_by)"
        " SELECT $1, pool_year, member, consent, resolution_number, -amount_fen, $2, clause, $3,"
        " id, $4, $5, $6 FROM shortfall_charge WHERE id = $7 RETURNING id",
        number,
        effective_on,
        reason,
        entry,
        now(),
        actor.user_id,
        row["id"],
    )
    await sql(
        "INSERT INTO shortfall_part (charge, obligation, organisation, share_units, amount_fen,"
        " to_date_fen, exact_numerator, exact_denominator) SELECT $1, obligation, organisation,"
        " share_units, -amount_fen, to_date_fen - amount_fen, (to_date_fen - amount_fen)::text, '1'"
        " FROM shortfall_part WHERE charge = $2 ORDER BY id",
        made,
        row["id"],
    )
    await _give_back(row["id"], made, entry, effective_on)
    return number


_CAUSED = "SELECT id FROM obligation WHERE cause_kind = $1 AND cause = $2 ORDER BY id"
_RELIEVED = """
SELECT d.obligation, sum(d.amount_fen)::bigint AS fen FROM discharge d JOIN shortfall_charge c
  ON c.entry = d.entry WHERE d.kind = 'takeover' AND c.id = $1 GROUP BY d.obligation ORDER BY 1
"""


async def _give_back(charge_id: int, reversal_id: int, entry: int, day: date) -> None:
    caused = [row["id"] for row in await sql(_CAUSED, CAUSE, charge_id)]
    relieved = await sql(_RELIEVED, charge_id)
    rows = await obligations.locked([*caused, *(row["obligation"] for row in relieved)])
    by_id = {row["id"]: row for row in rows}
    unpaid = []
    for key in caused:
        row = by_id[key]
        touched = row["settled_fen"] or row["held_fen"] or row["struck_fen"] or row["reserved_fen"]
        if not touched:
            unpaid.append(key)
            continue
        mirror = NewObligation(
            row["pool_year"],
            row["placement"],
            row["kind"],
            row["creditor"],
            row["debtor"],
            row["amount_fen"],
            row["due_days"],
            DayKind(row["due_calendar"]),
            row["clause"],
            CAUSE,
            reversal_id,
            entry,
        )
        await obligations.add(mirror, day)
    await sql("UPDATE obligation SET status = 'void' WHERE id = ANY($1::bigint[])", unpaid)
    await obligations.discharge(
        [Done(row["obligation"], -row["fen"], "takeover", day, entry) for row in relieved]
    )
