"""Interest on overdue obligations (逾期利息): by the agreement, from the day after due.

Charged is interest to date less what was charged before, so any number of charges sums to the
exact interest, rounded once. What a dispute holds bears none until it is owed again.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from coinsurance import access
from coinsurance.premiums import books
from coinsurance.reconciliation_shapes import InterestAnswer, InterestCharge, SegmentShape
from coinsurance.rules import accounts
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.agreement.terms import AgreementTerms
from coinsurance.rules.nouns import DayKind, PoolRole
from coinsurance.rules.settlement.day_count import DayCount
from coinsurance.rules.settlement.interest import (
    InterestResult,
    LateDebt,
    Payment,
    RateStep,
    interest,
)
from coinsurance.settlement_forms import InterestForm
from coinsurance.settlements import obligations
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import today
from service.kernel.db import sql, sql_value, work
from service.kernel.errors import Refused
from service.kernel.findings import Text, blocker, register


async def so_far(actor: Actor, number: str, until_on: date | None = None) -> InterestAnswer:
    """The interest of an obligation as of a day; nothing is written."""
    async with work():
        row = await obligations.obligation_row(actor, number)
        year = await access.year_row(row["year_number"])
        return answer(*await _reckon(row, terms_of(year["agreement_body"]), until_on or today()))


async def charge(actor: Actor, number: str, until_on: date) -> InterestCharge:
    """Book the interest of an obligation up to a day, less what was charged before.

    By the creditor or who keeps the accounts. Refused when nothing is late, the day is to come, or
    interest is asked for on interest.
    """
    async with work():
        row = await obligations.obligation_row(actor, number, lock=True)
        year = await access.year_row(row["year_number"], "turn")
        if not actor.owns(row["creditor"]):
            await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        terms = terms_of(year["agreement_body"])
        found, basis = await _reckon(row, terms, until_on)
        charged_fen = await _charged(row["id"])
        amount_fen = found.amount_fen - charged_fen
        _check(row, until_on, amount_fen)
        clause = terms.clause("interest")
        event = await journal.record(
            actor,
            "obligation",
            number,
            "charge_interest",
            facts={"until_on": until_on.isoformat(), "amount_fen": amount_fen},
        )
        entry = await books.post(
            year["book_code"],
            f"interest:{number}:{until_on.isoformat()}",
            "interest",
            clause,
            until_on,
            accounts.recipe(
                "interest",
                {row["debtor_uscc"]: amount_fen},
                holder=row["creditor_uscc"],
                clause=clause,
            ),
            journal_event=event,
            facts={"obligation": number, "days": found.days},
        )
        made = await obligations.add(_owed(row, terms, amount_fen, entry), until_on)
    return InterestCharge(
        number,
        made,
        until_on,
        amount_fen,
        found.amount_fen,
        clause,
        answer(found, basis),
    )


def _owed(
    row: Any, terms: AgreementTerms, amount_fen: int, entry: int
) -> obligations.NewObligation:
    """The interest as a debt of its own, due like premium."""
    return obligations.NewObligation(
        row["pool_year"],
        row["placement"],
        "interest",
        row["debtor"],
        row["creditor"],
        amount_fen,
        terms.remittance.days,
        DayKind(terms.remittance.calendar),
        terms.clause("interest"),
        "obligation",
        row["id"],
        entry,
    )


def _check(row: Any, until_on: date, amount_fen: int) -> None:
    found = []
    if row["kind"] == "interest":
        found.append(blocker("interest.on_interest", row["number"], number=row["number"]))
    if until_on > today():
        found.append(blocker("interest.in_future", "until_on", today=today()))
    if amount_fen <= 0 and not found:
        found.append(blocker("interest.nothing_late", "until_on", number=row["number"]))
    if found:
        raise Refused(found)


async def _charged(obligation_id: int) -> int:
    charged: int = await sql_value(
        "SELECT coalesce(sum(amount_fen), 0)::bigint FROM obligation"
        " WHERE cause_kind = 'obligation' AND cause = $1 AND kind = 'interest'",
        obligation_id,
    )
    return charged


async def _reckon(
    row: Any, terms: AgreementTerms, until_on: date
) -> tuple[InterestResult, DayCount]:
    """The interest of an obligation by its agreement, on what is owed and not disputed."""
    if terms.interest is None:
        raise Refused([blocker("interest.not_agreed")])
    basis = DayCount(terms.interest.day_count)
    principal_fen = row["amount_fen"] - row["held_fen"] - row["struck_fen"]
    if row["due_on"] is None or principal_fen <= 0 or row["status"] == "void":
        return InterestResult(0, interest(_NOTHING, date.min).exact, 0, 0, ()), basis
    paid = await sql(
        "SELECT settled_on, sum(amount_fen)::bigint AS fen FROM discharge WHERE obligation = $1"
        " GROUP BY settled_on HAVING sum(amount_fen) > 0 ORDER BY settled_on",
        row["id"],
    )
    debt = LateDebt(
        principal_fen,
        row["due_on"],
        (RateStep(row["due_on"], terms.interest.rate_ppm),),
        basis,
        tuple(Payment(one["settled_on"], one["fen"]) for one in paid),
    )
    return interest(debt, until_on), basis


_NOTHING = LateDebt(1, date.min, (RateStep(date.min, 0),))


def what_if(form: InterestForm) -> InterestAnswer:
    """The interest of any debt; nothing is written."""
    rates = tuple(RateStep(step.from_on, step.rate_ppm) for step in form.rates)
    if not rates and form.rate_ppm is not None:
        rates = (RateStep(form.due_on, form.rate_ppm),)
    debt = LateDebt(
        form.principal_fen,
        form.due_on,
        rates,
        form.day_count,
        tuple(Payment(one.paid_on, one.amount_fen) for one in form.payments),
        form.rounding,
    )
    return answer(interest(debt, form.until_on), form.day_count)


def answer(found: InterestResult, basis: DayCount) -> InterestAnswer:
    """A calculation with its segments."""
    return InterestAnswer(
        found.amount_fen,
        str(found.exact),
        found.days,
        found.open_fen,
        basis.value,
        [
            SegmentShape(
                part.after_on,
                part.until_on,
                part.days,
                part.principal_fen,
                part.rate_ppm,
                str(part.exact),
            )
            for part in found.segments
        ],
    )


register(
    {
        "interest.not_agreed": Text(
            "协议没有约定逾期利息",
            "The agreement has no interest on late money",
            "请按协议办理，或先修订协议",
            "Follow the agreement, or change it first",
        ),
        "interest.on_interest": Text(
            "{number} 本身是利息，不再计息",
            "{number} is interest itself and bears none",
            "利息按单利计算",
            "Interest is simple",
        ),
        "interest.in_future": Text(
            "计息截止日晚于今天（{today}）",
            "The day is after today ({today})",
            "请核对截止日期",
            "Check the day",
        ),
        "interest.nothing_late": Text(
            "{number} 至该日没有新的逾期利息",
            "{number} bears no further interest by that day",
            "未到期、已付清、争议中的金额不计息",
            "Nothing is due, or it was paid, is disputed or was charged before",
        ),
    }
)
