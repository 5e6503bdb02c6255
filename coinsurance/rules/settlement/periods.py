"""Statement periods (对账期): an accounting month such as 2026-03, or a quarter such as 2026-Q1."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

from service.kernel.errors import Refused
from service.kernel.findings import Finding, Text, blocker, register

MONTH, QUARTER = "month", "quarter"
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])", re.ASCII)
_QUARTER = re.compile(r"(\d{4})-Q([1-4])", re.ASCII)


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """A row of accounting months, from the first to the last, within one year."""

    year: int
    first_month: int
    last_month: int

    @property
    def kind(self) -> str:
        """`month` or `quarter`."""
        return MONTH if self.first_month == self.last_month else QUARTER

    @property
    def code(self) -> str:
        """How the period is written."""
        if self.kind == MONTH:
            return f"{self.year:04d}-{self.first_month:02d}"
        return f"{self.year:04d}-Q{self.last_month // 3}"

    @property
    def to_month(self) -> str:
        """The last accounting month, as entries carry it."""
        return f"{self.year:04d}-{self.last_month:02d}"

    @property
    def from_month(self) -> str:
        """The first accounting month, as entries carry it."""
        return f"{self.year:04d}-{self.first_month:02d}"

    @property
    def first_on(self) -> date:
        """The first day."""
        return date(self.year, self.first_month, 1)

    @property
    def last_on(self) -> date:
        """The last day."""
        return self.next().first_on - timedelta(days=1)

    def next(self) -> Period:
        """The period of the same kind after this one."""
        length = self.last_month - self.first_month + 1
        if self.last_month == 12:
            return Period(self.year + 1, 1, length)
        return Period(self.year, self.last_month + 1, self.last_month + length)


def parse_period(text: str, field: str = "period") -> Period:
    """Read 2026-03 or 2026-Q1; Refused for anything else."""
    month, quarter = _MONTH.fullmatch(text.strip()), _QUARTER.fullmatch(text.strip().upper())
    if month and int(month[1]):
        return Period(int(month[1]), int(month[2]), int(month[2]))
    if quarter and int(quarter[1]):
        last = int(quarter[2]) * 3
        return Period(int(quarter[1]), last - 2, last)
    raise Refused([blocker("statement.bad_period", field, value=text)])


def period_of(day: date, kind: str) -> Period:
    """The period of a kind in which a day lies."""
    if kind == MONTH:
        return Period(day.year, day.month, day.month)
    last = (day.month + 2) // 3 * 3
    return Period(day.year, last - 2, last)


def check_period(
    period: Period, kind: str, previous: Period | None, year_start_on: date, today: date
) -> list[Finding]:
    """What stands against closing a period: another kind, not over, closed already, out of turn.

    `previous` is the last period closed in the pool year. The first one may be any; it takes up
    everything before it.
    """
    found: list[Finding] = []
    if period.kind != kind:
        found.append(
            blocker("statement.period_kind", "period", value=period.code, kind_zh=_KINDS[kind])
        )
    if period.last_on >= today:
        found.append(
            blocker("statement.period_not_over", "period", value=period.code, end=period.last_on)
        )
    if period.last_on < year_start_on:
        found.append(
            blocker(
                "statement.period_before_year", "period", value=period.code, start=year_start_on
            )
        )
    if previous is not None and period <= previous:
        found.append(
            blocker("statement.period_closed", "period", value=period.code, previous=previous.code)
        )
    elif previous is not None and period.kind == previous.kind and period != previous.next():
        found.append(
            blocker("statement.period_gap", "period", value=period.code, due=previous.next().code)
        )
    return found


_KINDS = {MONTH: "按月（如 2026-03）", QUARTER: "按季（如 2026-Q1）"}

register(
    {
        "statement.bad_period": Text(
            "“{value}”不是对账期",
            "“{value}” is not a statement period",
            "请填写 2026-03（月）或 2026-Q1（季）",
            "Write 2026-03 for a month or 2026-Q1 for a quarter",
        ),
        "statement.period_kind": Text(
            "对账期“{value}”与协议约定的周期不符",
            "The agreement has statements of another length than “{value}”",
            "协议约定{kind_zh}出具结算单",
            "Use the length that the agreement names",
        ),
        "statement.period_not_over": Text(
            "对账期“{value}”尚未结束（{end} 止）",
            "The period “{value}” is not over; it ends on {end}",
            "请在期末次日以后编制",
            "Prepare the statements after its last day",
        ),
        "statement.period_before_year": Text(
            "对账期“{value}”早于业务年度起始日 {start}",
            "The period “{value}” lies before the pool year, which starts on {start}",
            "请核对对账期",
            "Check the period",
        ),
        "statement.period_closed": Text(
            "对账期“{value}”已关账（最近一期为 {previous}），不能重复编制",
            "The period “{value}” is closed already; the last one closed is {previous}",
            "以后登记的分录自动计入下一期；原结算单有误的，先撤销再重新出具",
            "Later entries come into the next period; to issue these anew, cancel them first",
            "POOLS invariant 14",
        ),
        "statement.period_gap": Text(
            "对账期“{value}”不连续，应先编制 {due}",
            "The period “{value}” is out of turn; {due} is next",
            "请按先后逐期编制",
            "Close the periods one after the other",
        ),
    }
)
