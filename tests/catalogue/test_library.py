"""The count in two times, and the standing of products."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from catalogue.rules.facts import LibraryRow
from catalogue.rules.library_count import count as pure_count
from service.kernel.calendar import at_moment
from service.kernel.db import sql, sql_value
from tests.catalogue.test_filing import codes
from tests.factories import World, make_in_library, make_reviewed

SUMMER = datetime(2025, 7, 10, 2, 0, tzinfo=UTC)
AUTUMN = datetime(2025, 10, 15, 2, 0, tzinfo=UTC)
WINTER = datetime(2026, 1, 20, 2, 0, tzinfo=UTC)


async def count(world: World, as_of: str, known: str | None = None) -> int:
    """Products in the library as of a day, as known at the end of another."""
    query = f"?as_of={as_of}" + (f"&as_known_at={known}" if known else "")
    products: int = (await world.get(None, f"/library/count{query}"))["products"]
    return products


async def test_suspension_resumption_and_withdrawal_move_the_count(world: World) -> None:
    with at_moment(SUMMER):
        number = await make_in_library(world)
    with at_moment(AUTUMN):
        body = {"note": "监管要求停售", "effective_on": "2025-09-01"}
        await world.post("approver", f"/products/{number}/suspension", body)
        assert (await world.get(None, "/shelf"))["items"] == []
        await world.post("approver", f"/products/{number}/resumption", {"note": "已整改"})
    with at_moment(WINTER):
        await world.post("manager", f"/products/{number}/withdrawal", {"note": "停止销售"})
        days = {
            "2025-07-09": 0,
            "2025-07-10": 1,
            "2025-08-31": 1,
            "2025-09-01": 0,
            "2025-10-14": 0,
            "2025-10-15": 1,
            "2026-01-19": 1,
            "2026-01-20": 0,
        }
        assert {day: await count(world, day) for day in days} == days
        trend = await world.get(None, "/library/trend")
        assert [point["products"] for point in trend] == [1, 1, 0, 1, 1, 1, 0]


async def test_correction_changes_as_of_but_not_as_known_at(world: World) -> None:
    with at_moment(SUMMER):
        number = await make_in_library(world)
    with at_moment(AUTUMN):
        fact = (await world.get("approver", f"/products/{number}/library-facts"))[0]
        before = await world.get(None, "/library/count?as_of=2025-07-05&as_known_at=2025-08-01")
    with at_moment(WINTER):
        body = {"fact_id": fact["id"], "effective_on": "2025-07-01", "note": "批复日期录入有误"}
        own = await world.call("approver", "POST", f"/products/{number}/library-corrections", body)
        assert codes(own) == {"auth.four_eyes"}
        user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'admin'")
        await sql("UPDATE eastlake_user SET roles = '{committee_approver}' WHERE id = $1", user)
        await world.post("admin", f"/products/{number}/library-corrections", body)
        assert await count(world, "2025-07-05") == 1
        assert await count(world, "2025-07-05", "2025-08-01") == 0
        assert await count(world, "2025-07-05", "2026-01-20") == 1
        after = await world.call(
            None, "GET", "/library/count?as_of=2025-07-05&as_known_at=2025-08-01"
        )
        assert after.json() == before
        again = await world.call("admin", "POST", f"/products/{number}/library-corrections", body)
        assert codes(again) == {"library.corrected_before"}


async def test_void_entry_takes_the_product_off_the_shelf(world: World) -> None:
    number = await make_in_library(world)
    fact = (await world.get("approver", f"/products/{number}/library-facts"))[0]
    user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'admin'")
    await sql("UPDATE eastlake_user SET roles = '{committee_approver}' WHERE id = $1", user)
    await world.post(
        "admin",
        f"/products/{number}/library-corrections",
        {"fact_id": fact["id"], "void": True, "note": "重复入库"},
    )
    assert (await world.get(None, "/library/count"))["products"] == 0
    assert (await world.get(None, "/shelf"))["items"] == []
    assert (await world.get("clerk", f"/products/{number}"))["record"]["status"] == "withdrawn"


async def test_effective_day_is_bounded(world: World) -> None:
    number = await make_reviewed(world)
    future = await world.call(
        "approver", "POST", f"/products/{number}/entry", {"effective_on": "2099-01-01"}
    )
    assert "library.future_day" in codes(future) or "not_found" in codes(future)
    early = await world.call(
        "approver", "POST", f"/products/{number}/entry", {"effective_on": "2025-06-01"}
    )
    assert codes(early) == {"library.day_before_last"}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("as_of=2025-13-01", "form.invalid_date"),
        ("as_known_at=yesterday", "form.not_a_date"),
        ("as_known_at=2025-07-01T10:00:00", "library.moment_without_zone"),
        ("as_known_at=2999-07-01", "library.future_moment"),
    ],
)
async def test_wrong_times_are_refused(world: World, query: str, code: str) -> None:
    answer = await world.call(None, "GET", f"/library/count?{query}")
    assert answer.status_code == 422
    assert codes(answer) == {code}


async def test_sql_count_equals_the_pure_rule(world: World) -> None:
    with at_moment(SUMMER):
        first = await make_in_library(world)
        await make_in_library(world, "rival", type_code="PT001", stages=["research", "conversion"])
    with at_moment(AUTUMN):
        await world.post("approver", f"/products/{first}/suspension", {"note": "停售"})
    rows = await sql(
        "SELECT f.id AS fact_id, p.number AS product, f.status, f.effective_on, f.recorded_at,"
        " f.corrects, v.stages, v.industries, t.code AS type_code, o.uscc AS insurer, f.district"
        " FROM library_fact f JOIN product p ON p.id = f.product JOIN product_version v"
        " ON v.id = f.version JOIN product_type t ON t.id = p.product_type"
        " JOIN organisation o ON o.id = p.insurer"
    )
    facts = [
        LibraryRow(
            **{**row, "stages": tuple(row["stages"]), "industries": tuple(row["industries"])}
        )
        for row in rows
    ]
    for day in (date(2025, 7, 1), date(2025, 7, 10), date(2025, 10, 15), date(2026, 1, 1)):
        answer = await world.get(None, f"/library/count?as_of={day}")
        moment = datetime.fromisoformat(answer["as_known_at"])
        for dimension in ("stage", "industry", "type", "insurer", "district"):
            pure = pure_count(facts, day, moment, by=dimension)
            assert answer["products"] == pure.products
            assert answer["types"] == pure.types
            lines = {line.code: line.products for line in pure.lines if line.products}
            assert answer[dimension] == lines
