"""Public pages: notices with objections, certificates of cover; nobody is logged in."""

from __future__ import annotations

from tests.catalogue.enrolling import make_recognised
from tests.catalogue.subsidy_story import announced, on, stage
from tests.factories import World
from tests.web.console import send, words

OBJECTION = {
    "name": "示例举报人",
    "contact": "13800000000",
    "text": "该保单的保费由他人代缴，附银行回单",
}


async def test_a_notice_is_read_and_objected_to_without_log_in(world: World) -> None:
    with on("2026-06-01"):
        application, number = await announced(world, await stage(world, "A-1"))
        listed = words(await world.client.get("/notices"))
        assert number in listed
        assert "公示中" in listed
        seen = words(await world.client.get(f"/notices/{number}"))
        assert "示例光谷芯片科技有限公司" in seen
        assert "还剩 5 个工作日" in seen
        posted = {**OBJECTION, "choice": f"{application}/1"}
        answer = await send(world.client, f"/notices/{number}/objections", posted)
        assert answer.status_code == 303, words(answer)
        after = words(await world.client.get(f"/notices/{number}"))
    assert "有异议，处理中" in after
    assert "异议已收到，编号 YY-" in after
    assert OBJECTION["name"] not in after


async def test_an_objection_says_what_it_lacks(world: World) -> None:
    with on("2026-06-01"):
        _, number = await announced(world, await stage(world, "A-1"))
        answer = await send(world.client, f"/notices/{number}/objections", {"text": "太少"})
        assert answer.status_code == 422
    said = words(answer)
    assert "真实姓名或单位名称" in said
    assert "有异议的项目" in said


async def test_a_notice_that_is_over_takes_no_objection(world: World) -> None:
    with on("2026-06-01"):
        application, number = await announced(world, await stage(world, "A-1"))
    with on("2026-09-01"):
        page = await world.client.get(f"/notices/{number}")
        assert "公示已结束" in words(page)
        assert 'action="/notices/' not in page.text
        posted = {**OBJECTION, "choice": f"{application}/1"}
        answer = await send(world.client, f"/notices/{number}/objections", posted)
        assert answer.status_code == 422


async def test_lists_by_state_and_a_number_that_is_not_there(world: World) -> None:
    assert "现在没有正在公示的项目" in words(await world.client.get("/notices?show=open"))
    assert (await world.client.get("/notices/GS-2026-999999")).status_code == 404


async def test_a_certificate_is_checked_by_its_code(world: World) -> None:
    state = await make_recognised(world)
    code = state["certificate_code"]
    typed = code.replace("-", " ").lower()
    answer = await world.client.get("/certificates", params={"code": typed})
    assert answer.headers["location"] == f"/certificates/{code}"
    page = await world.client.get(f"/certificates/{code}")
    assert "示例12英寸刻蚀设备" in words(page)
    assert "真实，保障尚未开始" in words(page)
    drawing = await world.client.get(f"/api/v1/certificates/{code}/qr.svg")
    assert drawing.status_code == 200
    assert f"/api/v1/certificates/{code}/qr.svg" in page.text


async def test_an_unknown_code_is_told_in_words(world: World) -> None:
    assert (await world.client.get("/certificates")).status_code == 200
    for answer in (
        await world.client.get("/certificates?code=0000-0000-0000-0000-0000"),
        await world.client.get("/certificates/XXXX"),
    ):
        assert answer.status_code == 404
        assert "没有这个核验码的承保证明" in words(answer)
