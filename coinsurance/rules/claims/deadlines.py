"""The chained deadlines of a claim (期限链): notice, payment to the insured, reimbursement.

Each clock starts with a fact and cites its clause. A due day that runs into a year without an
official calendar stays open with its facts, and is told once the calendar is there (DESIGN law 12).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from coinsurance.rules.agreement.terms import Deadline
from coinsurance.rules.deadlines import last_day
from coinsurance.rules.nouns import DayKind
from service.kernel.calendar import OpenTerm, local_day

STATUTORY_PAYMENT_DAYS = 10
"""保险法第二十三条: within ten days after the insurer and the insured agreed on the payment."""
STATUTORY_PAYMENT = "保险法第二十三条"


@dataclass(frozen=True, slots=True)
class Due:
    """A due day with what it was counted from; `on` None: not agreed, or no calendar yet."""

    on: date | None
    start_on: date
    days: int
    calendar: DayKind
    clause: str
    waiting_zh: str = ""


def due_after(start_on: date, term: Deadline | None, clause: str) -> Due:
    """Return the due day of a term that starts after a day; None where nothing was agreed."""
    if term is None:
        return Due(None, start_on, 0, DayKind.CALENDAR, clause)
    end = last_day(term, start_on)
    if isinstance(end, OpenTerm):
        return Due(None, start_on, term.days, term.calendar, clause, end.text_zh)
    return Due(end, start_on, term.days, term.calendar, clause)


def payment_due(agreed_on: date, term: Deadline | None, clause: str) -> Due:
    """When the insured is to be paid: as agreed among the members, or by law within ten days."""
    if term is not None:
        return due_after(agreed_on, term, clause)
    return due_after(agreed_on, Deadline(STATUTORY_PAYMENT_DAYS), STATUTORY_PAYMENT)


def reimbursement_due(
    paid_on: date, papers_on: date | None, term: Deadline | None, clause: str
) -> Due:
    """When followers reimburse: counted from the payment or, if later, the closing papers."""
    return due_after(max(paid_on, papers_on or paid_on), term, clause)


def is_late(moment: datetime | None, due: date | None, now: datetime) -> bool:
    """Whether something was done after its due day, or is not done and the day has passed."""
    if due is None:
        return False
    return local_day(moment or now) > due
