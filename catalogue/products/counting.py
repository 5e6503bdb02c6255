"""What the library facts say, in two times: standing of a product, counts, trend.

Facts are stamped under one advisory lock (`library.write_fact`) and a count takes the same lock
shared: so the answer for a moment never changes once it has been given.
"""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from service.kernel.calendar import day_end, now, today
from service.kernel.db import advisory_lock, sql, sql_row, sql_value, work
from service.kernel.errors import Refused
from service.kernel.findings import blocker

LOCK = "library"


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for a product on a day, with the version that stands in the library."""

    status: str
    version_id: int


async def standing_on(product_id: int, day: date) -> Standing | None:
    """What holds for a product on a day as known now; None when it never came in until then."""
    row = await sql_row(_STANDING_OF, day, now() + timedelta(days=1), product_id)
    return Standing(row["status"], row["version"]) if row else None


# Facts known at $2, without those corrected by then; of them the last that holds on $1.
_STANDING = """
known AS (SELECT f.* FROM library_fact f WHERE f.recorded_at <= $2 AND NOT EXISTS
  (SELECT 1 FROM library_fact c WHERE c.corrects = f.id AND c.recorded_at <= $2)),
standing AS (SELECT DISTINCT ON (product) * FROM known
  WHERE status <> 'void' AND effective_on <= $1
  ORDER BY product, effective_on DESC, recorded_at DESC, id DESC)
"""
_STANDING_OF = f"WITH {_STANDING} SELECT status, version FROM standing WHERE product = $3"

# One pass for the total and every split: grouping sets over the products that stand in the library.
_COUNT = f"""
WITH {_STANDING},
inside AS (SELECT s.product, s.district, p.product_type, p.insurer, v.stages, v.industries
  FROM standing s JOIN product p ON p.id = s.product JOIN product_version v ON v.id = s.version
  WHERE s.status = 'in_library')
SELECT json_build_object(
  'products', (SELECT count(*) FROM inside),
  'types', (SELECT count(DISTINCT product_type) FROM inside),
  'insurers', (SELECT count(DISTINCT insurer) FROM inside),
  'stage', (SELECT coalesce(json_object_agg(k, n), '{{}}') FROM (SELECT x AS k, count(*) AS n
    FROM inside, unnest(stages) x GROUP BY x ORDER BY x) q),
  'industry', (SELECT coalesce(json_object_agg(k, n), '{{}}') FROM (SELECT x AS k, count(*) AS n
    FROM inside, unnest(industries) x GROUP BY x ORDER BY n DESC, x) q),
  'type', (SELECT coalesce(json_object_agg(k, n), '{{}}') FROM (SELECT t.code AS k, count(*) AS n
    FROM inside JOIN product_type t ON t.id = product_type GROUP BY t.code ORDER BY t.code) q),
  'insurer', (SELECT coalesce(json_object_agg(k, n), '{{}}') FROM (SELECT o.uscc AS k,
    count(*) AS n FROM inside JOIN organisation o ON o.id = insurer
    GROUP BY o.uscc ORDER BY n DESC, o.uscc) q),
  'district', (SELECT coalesce(json_object_agg(k, n), '{{}}') FROM (SELECT district AS k,
    count(*) AS n FROM inside GROUP BY district ORDER BY n DESC, district) q),
  'map', (SELECT coalesce(json_agg(json_build_array(s, i, n)), '[]') FROM (SELECT s, i,
    count(*) AS n FROM inside, unnest(stages) s, unnest(industries) i
    GROUP BY s, i ORDER BY s, i) q)
)::text
"""

_TREND = """
SELECT d AS day, (SELECT count(*) FROM (
    SELECT DISTINCT ON (f.product) f.status FROM library_fact f
    WHERE f.recorded_at <= $2 AND f.status <> 'void' AND f.effective_on <= d AND NOT EXISTS
      (SELECT 1 FROM library_fact c WHERE c.corrects = f.id AND c.recorded_at <= $2)
    ORDER BY f.product, f.effective_on DESC, f.recorded_at DESC, f.id DESC) s
  WHERE s.status = 'in_library')::int AS products
FROM unnest($1::date[]) d ORDER BY d
"""


async def _known_at(as_known_at: datetime | None) -> datetime:
    if as_known_at is None:
        return now()
    if as_known_at > now():
        raise Refused([blocker("library.future_moment", "as_known_at", moment=as_known_at)])
    return as_known_at


async def count_json(as_of: date, as_known_at: datetime | None) -> tuple[str, datetime]:
    """The count with every split as JSON text, and the moment whose knowledge it rests on."""
    moment = await _known_at(as_known_at)
    async with work():
        await advisory_lock(LOCK, shared=True)
        text: str = await sql_value(_COUNT, as_of, moment)
    return text, moment


async def trend(days: list[date], as_known_at: datetime | None = None) -> list[tuple[date, int]]:
    """Products in the library at the end of each day, as known at a moment (default: now)."""
    moment = await _known_at(as_known_at)
    async with work():
        await advisory_lock(LOCK, shared=True)
        rows = await sql(_TREND, days, moment)
    return [(row["day"], row["products"]) for row in rows]


async def first_day() -> date:
    """The first day on which anything was in the library; today when nothing ever was."""
    return await sql_value("SELECT min(effective_on) FROM library_fact") or today()


def month_ends(first: date, last: date) -> list[date]:
    """The last day of each month from `first` on, and `last` itself."""
    days, day = [], first
    while True:
        end = day.replace(day=monthrange(day.year, day.month)[1])
        if end >= last:
            return [*days, last]
        days.append(end)
        day = end + timedelta(days=1)


def parse_moment(text: str, field: str) -> datetime:
    """A moment in ISO 8601, or a day: its end in Shanghai, or now when the day is today."""
    try:
        if len(text) == 10:
            day = date.fromisoformat(text)
            return now() if day == today() else day_end(day) - timedelta(microseconds=1)
        moment = datetime.fromisoformat(text.replace(" ", "+"))
        if moment.tzinfo is not None:
            moment = moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Refused([blocker("form.not_a_date", field, value=text)]) from None
    if moment.tzinfo is None:
        raise Refused([blocker("library.moment_without_zone", field, value=text)])
    return moment
