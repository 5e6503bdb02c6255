"""Ageing of what members owe each other (账龄), and the reminders that follow from it.

A disputed amount is neither settled nor ordinarily overdue: it has a column of its own (POOLS
invariant 15). A debt whose due day no calendar can tell yet has one too; it is never guessed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from catalogue.rules.nouns import Term


class Bucket(Term):
    """How late a debt is, in days after its due day (账龄区间)."""

    UNDATED = "undated", "待定到期日", "The due day cannot be told yet."
    CURRENT = "current", "未到期", "Not due, or due today."
    D30 = "1-30", "逾期1—30天", "1 to 30 days late."
    D60 = "31-60", "逾期31—60天", "31 to 60 days late."
    D90 = "61-90", "逾期61—90天", "61 to 90 days late."
    D91 = "91+", "逾期90天以上", "More than 90 days late."
    DISPUTED = "disputed", "争议挂账", "On the side account, whatever its age."


@dataclass(frozen=True, slots=True)
class OpenDebt:
    """What is left of an obligation: ordinary and disputed apart, in fen."""

    reference: str
    debtor: str
    creditor: str
    open_fen: int
    disputed_fen: int
    due_on: date | None


@dataclass(frozen=True, slots=True)
class Aged:
    """A debt with its place: days after the due day (negative: still to come)."""

    debt: OpenDebt
    bucket: Bucket
    days_late: int | None


@dataclass(frozen=True, slots=True)
class AgeingRow:
    """One debtor towards one creditor, in fen per bucket."""

    debtor: str
    creditor: str
    buckets: tuple[tuple[Bucket, int], ...]
    total_fen: int


_LIMITS = ((0, Bucket.CURRENT), (30, Bucket.D30), (60, Bucket.D60), (90, Bucket.D90))


def bucket_of(due_on: date | None, on: date) -> Bucket:
    """The bucket of a debt on a day."""
    if due_on is None:
        return Bucket.UNDATED
    late = (on - due_on).days
    return next((bucket for limit, bucket in _LIMITS if late <= limit), Bucket.D91)


def age(debts: Iterable[OpenDebt], on: date) -> list[Aged]:
    """Every debt with its bucket, the latest first."""
    found = [
        Aged(debt, bucket_of(debt.due_on, on), (on - debt.due_on).days if debt.due_on else None)
        for debt in debts
        if debt.open_fen or debt.disputed_fen
    ]
    return sorted(found, key=lambda a: (-(a.days_late or 0), a.debt.reference))


def table(debts: Iterable[OpenDebt], on: date) -> list[AgeingRow]:
    """The ageing table: a row for each debtor and creditor, disputed amounts beside the buckets."""
    sums: dict[tuple[str, str], dict[Bucket, int]] = {}
    for aged in age(debts, on):
        debt = aged.debt
        row = sums.setdefault((debt.debtor, debt.creditor), {})
        row[aged.bucket] = row.get(aged.bucket, 0) + debt.open_fen
        row[Bucket.DISPUTED] = row.get(Bucket.DISPUTED, 0) + debt.disputed_fen
    return [
        AgeingRow(
            debtor,
            creditor,
            tuple((bucket, row.get(bucket, 0)) for bucket in Bucket),
            sum(row.values()),
        )
        for (debtor, creditor), row in sorted(sums.items())
    ]


REMINDER_DAYS = (1, 15, 30, 60)
"""Days after the due day on which a debtor is reminded; a practice of the house, not a clause."""


def reminder_stage(due_on: date | None, on: date) -> int | None:
    """The last reminder that is due by a day, by its number from 1; None while none is."""
    if due_on is None:
        return None
    late = (on - due_on).days
    reached = [n for n, days in enumerate(REMINDER_DAYS, 1) if days <= late]
    return reached[-1] if reached else None
