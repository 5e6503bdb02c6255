"""The library itself: facts in two times, suspension, withdrawal, correction, counts.

Facts are written under one advisory lock and stamped inside it, and a count "as known at" a moment
takes the same lock shared: so a moment's answer never changes once it has been given.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from catalogue.forms import CorrectionForm, EffectiveForm
from catalogue.products import records
from catalogue.products.counting import LOCK, standing_on
from catalogue.rules.workflows import SHELF
from catalogue.tables import Product
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import local_day, now, today
from service.kernel.db import advisory_lock, sql, sql_row, sql_value, work
from service.kernel.errors import Forbidden, NotFound, Refused
from service.kernel.findings import Finding, Text, blocker, blockers, register


@dataclass(frozen=True, slots=True)
class StandingState:
    """What now holds for a product, and from which day."""

    number: str
    status: str
    effective_on: date


@dataclass(frozen=True, slots=True)
class CorrectionState:
    """The fact that corrects another one."""

    number: str
    fact_id: int
    corrects: int
    void: bool


async def write_fact(
    actor: Actor,
    product_id: int,
    version_id: int,
    status: str,
    day: date,
    event_id: int,
    corrects: int | None = None,
) -> int:
    """Append one library fact, stamped under the lock so that moments follow commits."""
    await advisory_lock(LOCK)
    last = await sql_value("SELECT max(recorded_at) FROM library_fact")
    moment = now()
    if last is not None and moment <= last:
        moment = last + timedelta(microseconds=1)
    fact_id: int = await sql_value(
        "INSERT INTO library_fact (product, version, status, district, effective_on, recorded_at,"
        " recorded_by, corrects, journal_event) SELECT $1, $2, $3, o.district, $4, $5, $6, $7, $8"
        " FROM product p JOIN organisation o ON o.id = p.insurer WHERE p.id = $1 RETURNING id",
        product_id,
        version_id,
        status,
        day,
        moment,
        actor.user_id,
        corrects,
        event_id,
    )
    return fact_id


async def check_effective_day(
    product: records.ProductRow, day: date, not_before: datetime | None = None
) -> list[Finding]:
    """A step holds from a day that is not in the future nor before what already holds."""
    found: list[Finding] = []
    if day > today():
        found.append(blocker("library.future_day", "effective_on", day=day, today=today()))
    last = await sql_value(
        "SELECT max(effective_on) FROM library_fact f WHERE product = $1 AND status <> 'void'"
        " AND NOT EXISTS (SELECT 1 FROM library_fact c WHERE c.corrects = f.id)",
        product.id,
    )
    if not_before is not None:
        submitted = local_day(not_before)
        last = max(last, submitted) if last is not None else submitted
    if last is not None and day < last:
        found.append(blocker("library.day_before_last", "effective_on", day=day, last=last))
    return found


async def change_standing(
    actor: Actor, number: str, event: str, form: EffectiveForm
) -> StandingState:
    """Suspend, resume or withdraw a product (暂停, 恢复, 退出) from a day on."""
    async with work():
        product = await records.product_row(actor, number, lock=True)
        step = SHELF.advance(product.status, event, actor.roles, form.note)
        day = form.effective_on or today()
        found = await check_effective_day(product, day)
        if event == "withdraw" and await _open_version(product.id):
            found.append(blocker("library.version_open", "number"))
        if blockers(found):
            raise Refused(found)
        _, event_id = await journal.move(
            SHELF,
            Product,
            {"id": product.id, "status": product.status},
            event,
            actor,
            subject_kind="product",
            subject=number,
            note=form.note,
            effective_on=day,
        )
        assert product.current_version is not None
        await write_fact(actor, product.id, product.current_version, step.target, day, event_id)
    return StandingState(number, step.target, day)


async def _open_version(product_id: int) -> bool:
    return bool(
        await sql_value(
            "SELECT count(*) FROM product_version WHERE product = $1 AND status = ANY($2)",
            product_id,
            list(records.OPEN),
        )
    )


async def correct(actor: Actor, number: str, form: CorrectionForm) -> CorrectionState:
    """Correct one wrong library fact: another day, or void; never by the person who recorded it.

    Counts "as of" change from now on, counts "as known at" an earlier moment never do.
    """
    async with work():
        product = await records.product_row(actor, number, lock=True)
        fact = await sql_row(
            "SELECT f.*, (SELECT c.id FROM library_fact c WHERE c.corrects = f.id) AS corrected"
            " FROM library_fact f WHERE f.id = $1 AND f.product = $2",
            form.fact_id,
            product.id,
        )
        if fact is None:
            raise NotFound("在库记录", "Library fact", form.fact_id)
        if fact["recorded_by"] == actor.user_id:
            raise Forbidden("auth.four_eyes")
        found = _check_correction(fact, form)
        if found:
            raise Refused(found)
        day = form.effective_on or fact["effective_on"]
        status = "void" if form.void else fact["status"]
        event_id = await journal.record(
            actor,
            "product",
            number,
            "correct",
            note=form.note,
            effective_on=day,
            facts={
                "fact": form.fact_id,
                "void": form.void,
                "old_day": fact["effective_on"].isoformat(),
                "new_day": day.isoformat(),
            },
        )
        fact_id = await write_fact(
            actor, product.id, fact["version"], status, day, event_id, corrects=form.fact_id
        )
        await _follow_standing(product)
    return CorrectionState(number, fact_id, form.fact_id, form.void)


def _check_correction(fact: Any, form: CorrectionForm) -> list[Finding]:
    found = []
    if fact["corrected"] is not None:
        found.append(blocker("library.corrected_before", "fact_id", fact=fact["id"]))
    if fact["status"] == "void":
        found.append(blocker("library.void_fact", "fact_id", fact=fact["id"]))
    if form.void == (form.effective_on is not None):
        found.append(blocker("library.nothing_to_correct", "effective_on"))
    if form.effective_on and form.effective_on > today():
        found.append(
            blocker("library.future_day", "effective_on", day=form.effective_on, today=today())
        )
    return found


async def _follow_standing(product: records.ProductRow) -> None:
    """After a correction the product's status must still be what the facts say for today."""
    standing = await standing_on(product.id, today())
    wanted = standing.status if standing else "withdrawn"
    if wanted == product.status:
        return
    steps = {("in_library", "withdrawn"): "void_entry", ("suspended", "withdrawn"): "void_entry"}
    steps[("suspended", "in_library")] = "void_suspension"
    event = steps.get((product.status, wanted))
    if event is None:
        raise Refused(
            [blocker("library.correction_moves", status=product.status, wanted=wanted)]
        )
    await journal.move(
        SHELF,
        Product,
        {"id": product.id, "status": product.status},
        event,
        SYSTEM,
        subject_kind="product",
        subject=product.number,
    )


async def facts_of(product_id: int) -> list[dict[str, Any]]:
    """Every library fact of a product, oldest first, with what corrected it."""
    rows = await sql(
        "SELECT f.id, f.status, v.number AS version, f.effective_on, f.recorded_at, f.corrects,"
        " c.id AS corrected_by, u.name AS recorded_by FROM library_fact f"
        " JOIN product_version v ON v.id = f.version LEFT JOIN eastlake_user u"
        " ON u.id = f.recorded_by LEFT JOIN library_fact c ON c.corrects = f.id"
        " WHERE f.product = $1 ORDER BY f.id",
        product_id,
    )
    return [dict(row) for row in rows]


_FIX_DAY = ("请改为今天或过去的日期", "Take today or an earlier day")
register(
    {
        "library.future_day": Text(
            "生效日期 {day} 晚于今天（{today}）",
            "The effective day {day} is after today ({today})",
            *_FIX_DAY,
        ),
        "library.future_moment": Text(
            "“截至认知时点”{moment} 在未来",
            "The moment {moment} lies in the future",
            *_FIX_DAY,
        ),
        "library.moment_without_zone": Text(
            "时点“{value}”没有时区",
            "The moment “{value}” has no time zone",
            "请写成 2026-01-31T18:00:00+08:00，或只写日期",
            "Write 2026-01-31T18:00:00+08:00, or a day only",
        ),
        "library.day_before_last": Text(
            "生效日期 {day} 早于此前事项的日期 {last}",
            "The effective day {day} is before {last}, the day of what already holds",
            "如此前的日期有误，请先更正该条在库记录",
            "If the earlier day is wrong, correct that library fact first",
        ),
        "library.version_open": Text(
            "产品还有未办结的版本",
            "The product has an open version",
            "请先撤回或办结该版本",
            "Withdraw or finish that version first",
        ),
        "library.corrected_before": Text(
            "在库记录 {fact} 已被更正",
            "Library fact {fact} has been corrected already",
            "请更正最新的一条",
            "Correct the latest one instead",
        ),
        "library.void_fact": Text(
            "在库记录 {fact} 本身是一条作废记录",
            "Library fact {fact} is itself a cancellation",
            "作废不能再更正；请重新办理入库",
            "A cancellation cannot be corrected; enter the product again",
        ),
        "library.nothing_to_correct": Text(
            "更正须二选一：改为另一生效日期，或作废",
            "A correction gives either another effective day or makes the fact void",
            "请填写新的生效日期，或选择作废",
            "Give the new day, or choose void",
        ),
        "library.correction_moves": Text(
            "更正后按事实应为“{wanted}”，而产品现状为“{status}”",
            "After this correction the facts say {wanted}, but the product is {status}",
            "请改用暂停、恢复或退出办理，或先更正之后的记录",
            "Use suspension, resumption or withdrawal, or correct the later facts first",
        ),
    }
)
