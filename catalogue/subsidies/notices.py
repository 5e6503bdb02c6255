"""Public notice (公示): published on a day, over when the official calendar says so.

The page shows numbers, names, items and amounts; no account, no contact. Its end is a fact (law
12): an approval is refused until the day after, whether or not anybody has closed the notice. Where
the official calendar does not reach the end, the notice runs until the calendar is there.
"""

from __future__ import annotations

from typing import Any

from catalogue.books import scheme_book
from catalogue.paging import id_page
from catalogue.products.drafts import next_number
from catalogue.rules.subsidy import NoticePeriod, notice_period
from catalogue.subsidies import application_texts as _texts  # noqa: F401  registers the texts
from catalogue.subsidies import records, schemes
from catalogue.subsidies.deadlines import Notice, check_over, told, waiting
from catalogue.subsidy_forms import NoticeForm
from catalogue.subsidy_shapes import NoticeItem, NoticeLineShape, NoticePage, NoticeRecord
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import UNTOLD, now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import blocker


async def publish(actor: Actor, code: str, form: NoticeForm) -> NoticeRecord:
    """Give public notice of the applications that passed the second review, named ones or all.

    The last day follows from the rule and the official calendar. Raises Refused for an application
    that does not wait for a notice, for a day in the past, and where the rule gives no length.
    """
    async with work():
        scheme = await schemes.scheme_row(code, lock=True)
        rules = (await scheme_book(scheme["id"])).rules
        from_on = form.from_on or today()
        if from_on < today():
            raise Refused([blocker("notice.begins_before_today", "from_on", today=today())])
        period = notice_period(rules, from_on)
        ripe = await _waiting(scheme["id"], form.applications)
        last_on = told(period.last_on)
        facts = {"to_on": last_on.isoformat() if last_on else None}
        number = await next_number("GS", now())
        notice_id = await _insert(actor, number, scheme["id"], form.title, period)
        for row in ripe:
            await journal.record(
                actor,
                records.SUBJECT,
                row["number"],
                "announce",
                from_status="public_notice",
                to_status="public_notice",
                facts={"notice": number, **facts},
            )
        await sql_many(
            "UPDATE application SET notice = $2, revision = revision + 1 WHERE id = $1",
            [(row["id"], notice_id) for row in ripe],
        )
        await journal.record(
            actor,
            "notice",
            number,
            "publish",
            facts={"from_on": from_on.isoformat(), **facts},
            effective_on=from_on,
        )
    return await notice(number)


async def _waiting(scheme_id: int, numbers: list[str]) -> list[Any]:
    rows = await sql(
        "SELECT id, number FROM application WHERE scheme = $1 AND status = 'public_notice'"
        " AND notice IS NULL AND ($2::text[] = '{}' OR number = ANY($2::text[]))"
        " ORDER BY id FOR UPDATE",
        scheme_id,
        numbers,
    )
    known = {row["number"] for row in rows}
    strange = sorted(set(numbers) - known)
    if strange:
        raise Refused([blocker("notice.not_ready", "applications", number=n) for n in strange])
    if not rows:
        raise Refused([blocker("notice.nothing_to_announce", "applications")])
    return rows


async def _insert(
    actor: Actor, number: str, scheme_id: int, title: str, period: NoticePeriod
) -> int:
    notice_id: int = await sql_value(
        "INSERT INTO public_notice (number, scheme, title, from_on, to_on, day_count,"
        " working_days, published_at, published_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " RETURNING id",
        number,
        scheme_id,
        title,
        period.published_on,
        told(period.last_on) or UNTOLD,
        period.days,
        period.calendar == "working",
        now(),
        actor.user_id,
    )
    return notice_id


_NOTICE = """
SELECT n.id, n.number, n.title, s.code AS scheme, s.name AS scheme_name, n.from_on, n.to_on,
  n.day_count, n.working_days, n.closed_at IS NOT NULL AS closed, n.scheme AS scheme_id
FROM public_notice n JOIN scheme s ON s.id = n.scheme
"""
_LINES = """
SELECT a.number AS application, l.number AS line, o.name AS enterprise,
  coalesce(b.name, v.name) AS item, coalesce(b.kind, 'general') AS kind,
  CASE WHEN l.status = 'refused' THEN 0 WHEN l.approved_fen > 0 THEN l.approved_fen
    ELSE l.assessed_fen END AS amount_fen, l.status
FROM application a JOIN application_line l ON l.application = a.id
JOIN organisation o ON o.id = a.enterprise JOIN policy y ON y.id = l.policy
JOIN product_version v ON v.id = y.version LEFT JOIN enrolment e ON e.id = l.enrolment
LEFT JOIN insured_object b ON b.id = coalesce(e.insured_object, y.insured_object)
WHERE a.notice = $1 ORDER BY a.number, l.number
"""


async def notice_row(number: str, *, lock: bool = False) -> Any:
    """A notice's row. A notice is public from its first day; before, it is not there."""
    row = await sql_row(
        _NOTICE + " WHERE n.number = $1" + (" FOR UPDATE OF n" if lock else ""), number
    )
    if row is None:
        raise NotFound("公示", "Public notice", number)
    return row


async def notice(number: str) -> NoticeRecord:
    """One public notice with its lines, for everybody."""
    row = await notice_row(number)
    rules = (await scheme_book(row["scheme_id"])).rules
    names = ("number", "title", "scheme", "scheme_name", "from_on", "day_count")
    return NoticeRecord(
        **{name: row[name] for name in (*names, "working_days", "closed")},
        rule_title=rules.title_zh,
        rule_document=rules.document,
        source=rules.source("public_notice_days"),
        open=is_open(row),
        **_end(row),
        lines=[NoticeLineShape(**line) for line in await sql(_LINES, row["id"])],
    )


def term_of(row: Any) -> Notice:
    """The facts of a notice's term."""
    return Notice(row["from_on"], row["day_count"], row["working_days"], row["to_on"])


def is_open(row: Any) -> bool:
    """Whether anybody may object today."""
    return term_of(row).is_open(today())


def _end(row: Any) -> dict[str, Any]:
    end = term_of(row).end
    return {"to_on": told(end), "end_open": waiting(end)}


_LIST = """
SELECT n.id, n.number, n.title, s.code AS scheme, s.name AS scheme_name, n.from_on, n.to_on,
  n.day_count, n.working_days, n.closed_at IS NOT NULL AS closed, t.applications, t.total_fen
FROM public_notice n JOIN scheme s ON s.id = n.scheme
CROSS JOIN LATERAL (SELECT count(DISTINCT a.id)::int AS applications,
  coalesce(sum(CASE WHEN l.status = 'refused' THEN 0 WHEN l.approved_fen > 0
    THEN l.approved_fen ELSE l.assessed_fen END), 0)::bigint AS total_fen
  FROM application a LEFT JOIN application_line l ON l.application = a.id
  WHERE a.notice = n.id) t
WHERE ($2::text IS NULL OR s.code = $2)
  AND ($3::boolean IS NULL OR ($1::date BETWEEN n.from_on AND n.to_on) = $3)
"""


async def notice_page(
    scheme: str | None = None,
    open_now: bool | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> NoticePage:
    """Public notices, newest first."""
    turned = await id_page(_LIST, "n.id", cursor, limit, today(), scheme, open_now)
    items = [
        NoticeItem(**{k: v for k, v in row.items() if k != "id"} | _end(row), open=is_open(row))
        for row in turned.rows
    ]
    return NoticePage(items, turned.next, turned.previous)


async def close(actor: Actor, number: str) -> NoticeRecord:
    """Put a notice on file once it is over; refused before the day after its last."""
    async with work():
        row = await notice_row(number, lock=True)
        if row["closed"]:
            raise Conflict("notice.closed")
        check_over(term_of(row))
        await sql("UPDATE public_notice SET closed_at = $2 WHERE id = $1", row["id"], now())
        await journal.record(actor, "notice", number, "close")
    return await notice(number)
