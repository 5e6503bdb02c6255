"""The in-library figures with their definition (口径) and the pace towards the target."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, timedelta

import msgspec

from catalogue.books import filing_book
from catalogue.products import counting
from catalogue.rules.library_count import DEFINITION
from catalogue.rules.pace import pace
from catalogue.shapes import Definition, LibraryCount, PaceShape, TrendPoint
from service.kernel.calendar import today
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Text, blocker, register

MONTHS_MAX = 240


async def count(as_of: date | None = None, as_known_at: str | None = None) -> LibraryCount:
    """Products in the library as of a day, as known at a moment; the same question gives the same
    answer for ever."""
    day = as_of or today()
    known = counting.parse_moment(as_known_at, "as_known_at") if as_known_at else None
    text, moment = await counting.count_json(day, known)
    splits = msgspec.json.decode(text)
    return LibraryCount(
        as_of=day,
        as_known_at=moment,
        **splits,
        definition=Definition(**asdict(DEFINITION)),
        pace=await _pace(splits["products"], day, as_known_at),
    )


async def _pace(products: int, day: date, as_known_at: str | None) -> PaceShape | None:
    try:
        book = await filing_book(day)
    except NotFound:
        return None
    known = counting.parse_moment(as_known_at, "as_known_at") if as_known_at else None
    past = [day - timedelta(days=n) for n in (365, 182, 91)]
    history = await counting.trend(past, known)
    rules = book.rules
    first = await counting.first_day()
    history = [(d, n) for d, n in history if d >= first]
    result = pace(products, day, rules.target_count, rules.target_day, history)
    return PaceShape(
        target=rules.target_count,
        target_day=rules.target_day,
        missing=result.missing,
        days_left=result.days_left,
        months_left=result.months_left,
        needed_per_month_tenths=result.needed_per_month_tenths,
        projected=result.projected,
        expected_on=result.expected_on,
    )


async def monthly(
    first: date | None = None, last: date | None = None, as_known_at: str | None = None
) -> list[TrendPoint]:
    """The count at each month's end and on the last day."""
    start, end = first or await counting.first_day(), last or today()
    if end < start:
        raise Refused([blocker("library.days_reversed", "to_day", first=start, last=end)])
    days = counting.month_ends(start, end)
    if len(days) > MONTHS_MAX:
        raise Refused(
            [
                blocker(
                    "form.out_of_range", "from_day", value=len(days), minimum=1, maximum=MONTHS_MAX
                )
            ]
        )
    known = counting.parse_moment(as_known_at, "as_known_at") if as_known_at else None
    return [TrendPoint(day, products) for day, products in await counting.trend(days, known)]


register(
    {
        "library.days_reversed": Text(
            "结束日期 {last} 早于开始日期 {first}",
            "The last day {last} is before the first day {first}",
            "请调换起止日期",
            "Swap the two days",
        ),
    }
)
