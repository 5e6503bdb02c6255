"""The committee's pages: work list with clocks, review page, every step as a form."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories import World, make_draft, make_in_library, make_reviewed
from tests.web.console import file_links, send, sign_in, words

ROUTES = ("/committee/queue", "/committee/products")


def at(number: str, step: str = "") -> str:
    return f"/committee/products/{number}" + (f"/{step}" if step else "")


async def submitted(world: World, **changes: Any) -> str:
    number = await make_draft(world, **changes)
    await world.post("clerk", f"/products/{number}/submission")
    return number


async def as_person(world: World, login: str) -> httpx.AsyncClient:
    world.client.cookies.clear()
    await sign_in(world.client, login)
    return world.client


async def status_of(world: World, number: str) -> tuple[str, str]:
    record = (await world.get("officer", f"/products/{number}"))["record"]
    return record["filing_status"], record["status"]


@pytest.mark.parametrize("path", ROUTES)
async def test_log_in_is_asked_for(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/login?next=")


@pytest.mark.parametrize("path", ROUTES)
async def test_insurers_have_no_committee_pages(world: World, path: str) -> None:
    client = await as_person(world, "clerk")

    assert (await client.get(path)).status_code == 403


async def test_work_list_shows_step_clock_and_counts(world: World) -> None:
    first = await submitted(world, name="示例待受理产品")
    second = await make_reviewed(world, name="示例待审批产品")
    client = await as_person(world, "officer")

    page = await client.get("/committee/queue")
    text = words(page)
    assert page.status_code == 200
    assert text.index("示例待受理产品") < text.index("示例待审批产品")
    assert "/ 5 个工作日" in text and "/ 20 个工作日" in text
    assert "经办建议：入库" in text
    waiting = await client.get("/committee/queue?step=recommended")
    assert second in waiting.text and first not in waiting.text
    assert "这一环节没有待办件" in words(await client.get("/committee/queue?step=returned"))
    assert (await client.get("/committee/queue?step=nonsense")).status_code == 422


async def test_work_list_costs_the_same_for_many_rows(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from catalogue.products import queue
    from catalogue.products.shelf import ShelfQuery
    from service.kernel import db

    calls: list[str] = []
    plain = db.sql

    async def counted(text: str, *values: Any) -> Any:
        calls.append(text)
        return await plain(text, *values)

    monkeypatch.setattr(queue, "sql", counted)
    for n in range(3):
        await submitted(world, name=f"示例产品{n}")
    found = await queue.queue(ShelfQuery())

    assert len(found.rows) == 3
    assert len(calls) == 3


async def test_pages_turn_both_ways(world: World) -> None:
    from catalogue.products.queue import queue
    from catalogue.products.shelf import ShelfQuery

    numbers = [await submitted(world, name=f"示例产品{n}") for n in range(3)]
    first = await queue(ShelfQuery(limit=2, both_ways=True))
    assert first.previous is None and first.next
    second = await queue(ShelfQuery(limit=2, both_ways=True, cursor=first.next))
    assert [row.item["number"] for row in second.rows] == numbers[2:]
    back = await queue(ShelfQuery(limit=2, both_ways=True, before=second.previous))
    assert [row.item["number"] for row in back.rows] == numbers[:2]
    assert back.previous is None and back.next


@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
async def test_lists_go_out_as_files(world: World, kind: str) -> None:
    number = await submitted(world, name="=1+1 示例公式名产品")
    client = await as_person(world, "auditor")

    for path, query in zip(ROUTES, ("step=submitted", "stage=production"), strict=True):
        (place,) = file_links(await client.get(f"{path}?{query}"), kind)
        answer = await client.get(place)
        assert answer.status_code == 200
        assert "attachment" in answer.headers["content-disposition"]
        if kind == "csv":
            assert number in answer.text and "'=1+1" in answer.text


async def test_review_page_has_everything_in_one_place(world: World) -> None:
    twin = await make_in_library(world, name="示例晶圆厂财产一切险（光谷版）")
    number = await submitted(world, name="示例晶圆厂财产一切险（光谷升级版）")
    await world.post("officer", f"/products/{number}/notes", {"text": "请核对备案编号"})
    client = await as_person(world, "officer")

    text = words(await client.get(at(number)))
    for wanted in ("检查结果", "疑似重复", twin, "保障责任", "条款与备案", "内部备注"):
        assert wanted in text
    assert "请核对备案编号" in text
    assert "可办理事项" in text and "退回补正" in text
    assert "批准入库" not in text


async def test_auditor_reads_and_has_no_form(world: World) -> None:
    number = await make_reviewed(world)
    client = await as_person(world, "auditor")

    page = await client.get(at(number))
    assert page.status_code == 200
    assert "可办理事项" not in page.text and f"{at(number)}/" not in page.text
    assert (await send(client, at(number, "note"), {"text": "x"})).status_code == 403


async def test_officer_accepts_reviews_and_recommends(world: World) -> None:
    number = await submitted(world)
    client = await as_person(world, "officer")

    assert (await send(client, at(number, "acceptance"), {"note": ""})).status_code == 303
    assert (await send(client, at(number, "review"), {"note": ""})).status_code == 303
    nothing = await send(client, at(number, "recommendation"), {"enter": "", "note": ""})
    assert nothing.status_code == 422
    against = await send(client, at(number, "recommendation"), {"enter": "0", "note": ""})
    assert against.status_code == 422
    done = await send(client, at(number, "recommendation"), {"enter": "1", "note": "材料齐全"})
    assert done.status_code == 303
    assert "经办建议" in words(await client.get(at(number)))


async def test_return_takes_several_objections_without_script(world: World) -> None:
    number = await submitted(world)
    client = await as_person(world, "officer")
    one = {"objections-0-field": "name", "objections-0-text": "名称与条款不一致"}

    more = await send(client, at(number, "return"), {**one, "_add": "objections"})
    assert more.status_code == 200
    assert 'name="objections-1-text"' in more.text and "名称与条款不一致" in more.text
    empty = await send(client, at(number, "return"), {"note": ""})
    assert empty.status_code == 422
    two = {"objections-1-field": "components.0", "objections-1-text": "请列明责任免除"}
    assert (await send(client, at(number, "return"), {**one, **two})).status_code == 303
    assert (await status_of(world, number))[0] == "returned"
    text = words(await client.get(at(number)))
    assert "意见 2" in text and "保障责任第 1 项：物质损失" in text and "尚未答复" in text


async def test_entry_asks_then_enters(world: World) -> None:
    number = await make_reviewed(world)
    client = await as_person(world, "approver")
    fields = {"effective_on": "", "note": "同意"}

    asked = await send(client, at(number, "entry"), fields)
    assert asked.status_code == 200
    assert "请确认：批准入库" in words(asked)
    assert (await status_of(world, number))[0] == "in_review"
    changing = await send(client, at(number, "entry"), {**fields, "changing": "1"})
    assert "同意" in changing.text and "办理" in words(changing)
    done = await send(client, at(number, "entry"), {**fields, "confirmed": "1"})
    assert done.status_code == 303
    assert await status_of(world, number) == ("in_library", "in_library")


async def test_four_eyes_is_said_plainly(world: World) -> None:
    from service.kernel.db import sql

    number = await make_reviewed(world)
    await sql(
        "UPDATE eastlake_user SET roles = '{committee_officer,committee_approver}'"
        " WHERE login = 'officer'"
    )
    client = await as_person(world, "officer")

    answer = await send(client, at(number, "entry"), {"note": "同意", "confirmed": "1"})
    assert answer.status_code == 403
    assert "经办人与审批人不能是同一人" in words(answer)


async def test_future_day_is_refused_beside_the_form(world: World) -> None:
    number = await make_reviewed(world)
    client = await as_person(world, "approver")

    fields = {"effective_on": "2999-01-01", "note": "", "confirmed": "1"}
    answer = await send(client, at(number, "entry"), fields)
    assert answer.status_code == 422
    assert "晚于今天" in words(answer)
    assert 'value="2999-01-01"' in answer.text


async def test_step_that_is_gone_is_refused_with_the_reason(world: World) -> None:
    number = await make_in_library(world)
    client = await as_person(world, "officer")

    answer = await send(client, at(number, "acceptance"), {"note": ""})
    assert answer.status_code in (409, 422)
    assert "操作没有执行" in words(answer)


async def test_suspend_resume_withdraw(world: World) -> None:
    number = await make_in_library(world)
    client = await as_person(world, "approver")

    for step, status in (
        ("suspension", "suspended"),
        ("resumption", "in_library"),
        ("withdrawal", "withdrawn"),
    ):
        assert (await send(client, at(number, step), {"note": ""})).status_code in (200, 422)
        fields = {"note": "按通知办理", "confirmed": "1"}
        assert (await send(client, at(number, step), fields)).status_code == 303
        assert (await status_of(world, number))[1] == status


async def test_correction_by_another_person(world: World) -> None:
    from service.kernel.db import sql

    number = await make_in_library(world)
    fact = (await world.get("approver", f"/products/{number}/library-facts"))[0]["id"]
    client = await as_person(world, "approver")
    fields = {"fact_id": str(fact), "void": "1", "effective_on": "", "note": "重复登记"}

    chosen = await client.get(at(number) + f"?fact={fact}")
    assert f'value="{fact}" selected' in chosen.text
    own = await send(client, at(number, "correction"), {**fields, "confirmed": "1"})
    assert own.status_code == 403
    await sql("UPDATE eastlake_user SET roles = '{committee_approver}' WHERE login = 'officer'")
    client = await as_person(world, "officer")
    asked = await send(client, at(number, "correction"), fields)
    assert "更正会改变相关日期的在库数" in words(asked)
    done = await send(client, at(number, "correction"), {**fields, "confirmed": "1"})
    assert done.status_code == 303
    assert "已由记录" in words(await client.get(at(number)))


async def test_new_version_is_shown_against_the_one_in_the_library(world: World) -> None:
    number = await make_in_library(world)
    await world.post("clerk", f"/products/{number}/versions")
    client = await as_person(world, "officer")

    text = words(await client.get(at(number)))
    assert "与第 1 版的差异" in text and "两个版本内容相同" in text
    old = await client.get(at(number) + "?version=1")
    assert "不是最新版本" in words(old)
    assert "可办理事项" not in words(old)


async def test_unknown_product_is_not_found(world: World) -> None:
    client = await as_person(world, "officer")

    assert (await client.get(at("P-1999-000001"))).status_code == 404
    assert (await client.get(at("P-1999-000001") + "?version=x")).status_code in (400, 404, 422)
