"""Charging others for what a defaulter left open, and taking a charge back (违约缺口分担).

Only after a given consent on the matter and by resolution (POOLS invariant 19), never by the person
who asked. What others stand in for is owed by them to the creditor and by the defaulter to them;
both stand in the book, so no position changes and the default stays disclosed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance.access import year_row
from coinsurance.pool_forms import ShortfallChargeForm
from coinsurance.pool_shapes import ShortfallChargeShape
from coinsurance.pools import parts, shortfall_facts, shortfall_records
from coinsurance.pools.members import KIND, member_row, subject_of
from coinsurance.pools.shortfall_facts import Bearer, Consent, Open
from coinsurance.premiums import books
from coinsurance.rules import accounts
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.nouns import ConsentMatter, DayKind
from coinsurance.rules.shortfall import (
    ChargeFacts,
    Taken,
    borne,
    check_charge,
    relieved,
    take_over,
)
from coinsurance.settlements import obligations
from coinsurance.settlements.obligations import Done, NewObligation
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, Refused

CAUSE = "shortfall"


@dataclass(frozen=True, slots=True)
class Charge:
    """A charge about to be written."""

    actor: Actor
    year: Any
    member: Any
    terms: AgreementTerms
    consent: Consent
    debts: Mapping[str, Open]
    bearing: Sequence[Bearer]
    taken: Sequence[Taken]
    resolution: str
    note: str
    effective_on: date

    @property
    def clause(self) -> str:
        """The clause on consent to a shortfall, with the resolution."""
        return self.terms.consent_clause(ConsentMatter.SHORTFALL)

    @property
    def ids(self) -> dict[str, int]:
        """Organisations by USCC: those who bear, and the defaulter."""
        found = {bearer.uscc: bearer.organisation_id for bearer in self.bearing}
        return found | {self.member["uscc"]: self.member["organisation"]}


async def charge(
    actor: Actor, number: str, uscc: str, form: ShortfallChargeForm
) -> ShortfallChargeShape:
    """Charge the others by their signed shares with what was open when asked and still is.

    Refused with every finding: no default, no consent, nothing open, no shares, a day outside;
    Conflict (shortfall.charged_already) for a consent that was used.
    """
    async with work():
        year = await year_row(number, "turn")
        member = await member_row(year, uscc, lock=True)
        subject = subject_of(number, member["uscc"])
        await parts.four_eyes(actor, KIND, subject, "ask_shortfall")
        terms = terms_of(year["agreement_body"])
        consent = await shortfall_facts.consent_of(subject)
        if consent is not None:
            await _need_unused(consent)
        bearing = await shortfall_facts.bearers(year["id"], terms, consent, member["organisation"])
        items = await shortfall_facts.open_debts(year["id"], member["organisation"], lock=True)
        if consent is not None:
            items = [item for item in items if item.row["number"] in consent.debts]
        debts, shareless = await shortfall_facts.debts_of(items, bearing)
        effective_on = form.effective_on or today()
        found = check_charge(
            ChargeFacts(
                member["short_name"],
                member["status"],
                (consent.number, consent.status) if consent else None,
                consent.agreed_on if consent else None,
                terms.consent_clause(ConsentMatter.SHORTFALL),
                tuple(debts),
                tuple(shareless),
                effective_on,
                today(),
            )
        )
        if found or consent is None:
            raise Refused(found)
        taken = take_over(debts, await shortfall_facts.before(member["id"]))
        made = await _write(
            Charge(
                actor,
                year,
                member,
                terms,
                consent,
                {item.row["number"]: item for item in items},
                bearing,
                taken,
                form.resolution_number,
                form.note,
                effective_on,
            )
        )
        return await shortfall_records.one(actor, year, made)


async def _need_unused(consent: Consent) -> None:
    """A consent is used once; one whose charge was reversed may be used again."""
    used = await sql_value(
        "SELECT c.number FROM shortfall_charge c WHERE c.consent = $1 AND c.reversal_of IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM shortfall_charge r WHERE r.reversal_of = c.id)",
        consent.id,
    )
    if used is not None:
        raise Conflict(
            "shortfall.charged_already", field="consent", number=used, consent=consent.number
        )


async def _write(charged: Charge) -> str:
    number = await next_number("SF", now())
    total_fen = sum(part.amount_fen for part in charged.taken)
    standing = borne(charged.taken)
    facts = {
        "charge": number,
        "consent_request": charged.consent.number,
        "resolution_number": charged.resolution,
        "amount_fen": total_fen,
        "parts": standing,
        "debts": relieved(charged.taken),
    }
    event = await journal.record(
        charged.actor,
        KIND,
        subject_of(charged.year["number"], charged.member["uscc"]),
        "charge_shortfall",
        note=charged.note,
        facts=facts,
        effective_on=charged.effective_on,
    )
    holder, memo = charged.member["uscc"], charged.resolution
    more = {"holder": holder, "clause": charged.clause, "memo": memo}
    entry = await books.post(
        charged.year["book_code"],
        f"shortfall:{number}",
        CAUSE,
        charged.clause,
        charged.effective_on,
        [
            *accounts.recipe("shortfall", standing, **more),
            *accounts.recipe("shortfall_recourse", standing, **more),
        ],
        journal_event=event,
        facts=facts,
    )
    charge_id = await _store(charged, number, total_fen, entry)
    await _owe(charged, charge_id, entry)
    return number


async def _store(charged: Charge, number: str, total_fen: int, entry: int) -> int:
    charge_id: int = await sql_value(
        "INSERT INTO shortfall_charge (number, pool_year, member, consent, resolution_number,"
        " amount_fen, effective_on, clause, reason, entry, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12) RETURNING id",
        number,
        charged.year["id"],
        charged.member["id"],
        charged.consent.id,
        charged.resolution,
        total_fen,
        charged.effective_on,
        charged.clause,
        charged.note,
        entry,
        now(),
        charged.actor.user_id,
    )
    ids = charged.ids
    await sql_many(
        "INSERT INTO shortfall_part (charge, obligation, organisation, share_units, amount_fen,"
        " to_date_fen, exact_numerator, exact_denominator) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        [
            (
                charge_id,
                charged.debts[part.debt].row["id"],
                ids[part.member],
                part.share_units,
                part.amount_fen,
                part.to_date_fen,
                str(part.exact.numerator),
                str(part.exact.denominator),
            )
            for part in charged.taken
        ],
    )
    return charge_id


async def _owe(charged: Charge, charge_id: int, entry: int) -> None:
    """Whoever stands in owes the creditor as the defaulter did, and has recourse at once."""
    ids = charged.ids
    for part in charged.taken:
        if part.own or not part.amount_fen:
            continue
        row = charged.debts[part.debt].row
        member, terms = ids[part.member], (row["due_days"], DayKind(row["due_calendar"]))
        for debtor, creditor, (days, calendar) in (
            (member, row["creditor"], terms),
            (charged.member["organisation"], member, (0, DayKind.CALENDAR)),
        ):
            if part.amount_fen < 0:
                debtor, creditor = creditor, debtor
            new = NewObligation(
                charged.year["id"],
                row["placement"],
                row["kind"],
                debtor,
                creditor,
                abs(part.amount_fen),
                days,
                calendar,
                charged.clause,
                CAUSE,
                charge_id,
                entry,
            )
            await obligations.add(new, charged.effective_on)
    await obligations.discharge(
        [
            Done(
                charged.debts[debt].row["id"],
                fen,
                "takeover",
                charged.effective_on,
                entry,
                reference="",
            )
            for debt, fen in relieved(charged.taken).items()
        ]
    )


async def charge_row(year: Any, member_id: int, number: str) -> Any:
    """A charge of a member, with what reversed it; None for an unknown one."""
    return await sql_row(
        "SELECT c.*, r.number AS reversed_by FROM shortfall_charge c LEFT JOIN shortfall_charge r"
        " ON r.reversal_of = c.id WHERE c.pool_year = $1 AND c.member = $2 AND c.number = $3",
        year["id"],
        member_id,
        number,
    )
