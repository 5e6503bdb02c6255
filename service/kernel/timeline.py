"""Values that hold for a time: the one of a day, overlaps, gaps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Generic, TypeVar

from service.kernel.errors import Refused
from service.kernel.findings import Text, blocker, register

T = TypeVar("T")
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A value that holds from its first to its last day, both included; None: no end yet.

    Raises Refused (timeline.reversed) when it ends before it starts.
    """

    value: T
    valid_from: date
    valid_to: date | None = None

    def __post_init__(self) -> None:
        if self.valid_to is not None and self.valid_to < self.valid_from:
            raise Refused(
                [blocker("timeline.reversed", "valid_to", start=self.valid_from, end=self.valid_to)]
            )

    def holds(self, day: date) -> bool:
        """Whether the value holds on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    def overlaps(self, other: Dated[T]) -> bool:
        """Whether both hold on some day."""
        return self._reaches(other.valid_from) and other._reaches(self.valid_from)

    def _reaches(self, day: date) -> bool:
        return self.valid_to is None or day <= self.valid_to


@dataclass(frozen=True, slots=True, init=False)
class Timeline(Generic[T]):
    """Dated values in order of their first day (those of one day in the order given)."""

    items: tuple[Dated[T], ...]

    def __init__(self, items: Iterable[Dated[T]] = ()) -> None:
        object.__setattr__(self, "items", tuple(sorted(items, key=lambda item: item.valid_from)))

    def __iter__(self) -> Iterator[Dated[T]]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def all_at(self, day: date) -> tuple[T, ...]:
        """Return every value that holds on that day."""
        return tuple(item.value for item in self.items if item.holds(day))

    def at(self, day: date) -> T | None:
        """Return the value that holds on that day, or None.

        Raises Refused (timeline.overlap) when several do: there is no silent choice.
        """
        values = self.all_at(day)
        if len(values) > 1:
            raise Refused([blocker("timeline.overlap", day=day, count=len(values))])
        return values[0] if values else None

    def overlaps(self) -> list[tuple[Dated[T], Dated[T]]]:
        """Return every pair that holds on a common day."""
        return [
            (first, second)
            for position, first in enumerate(self.items)
            for second in self.items[position + 1 :]
            if first.overlaps(second)
        ]

    def gaps(self) -> list[tuple[date, date]]:
        """Return the periods between the first and the last value on which none holds."""
        found: list[tuple[date, date]] = []
        covered_to: date | None = None
        for item in self.items:
            if covered_to is not None and item.valid_from > covered_to + _ONE_DAY:
                found.append((covered_to + _ONE_DAY, item.valid_from - _ONE_DAY))
            if item.valid_to is None:
                break
            covered_to = max(covered_to or item.valid_to, item.valid_to)
        return found


register(
    {
        "timeline.reversed": Text(
            "止期 {end} 早于起期 {start}",
            "The end {end} is before the start {start}",
            "请核对起止日期",
            "Check both dates",
        ),
        "timeline.overlap": Text(
            "{day} 有 {count} 个值同时有效",
            "{count} values hold on {day}",
            "请修正各自的有效期，使其互不重叠",
            "Correct the dates so that they do not overlap",
        ),
    }
)
