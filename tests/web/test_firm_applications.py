"""The enterprise's way to a subsidy on the console: what it would get, applying, following."""

from __future__ import annotations

from tests.catalogue.subsidy_story import PAPERS, SCHEME, announced, make_application, on, stage
from tests.factories import PDF, World
from tests.web.console import send, sign_in, words

HOME = "/firm/applications"
BANK = {
    "contact_name": "示例联系人",
    "contact_phone": "027-00000002",
    "bank_name": "示例银行光谷支行",
    "account_name": "示例光谷芯片科技有限公司",
    "account_number": "4200000000000001",
    "statement_signed_by": "示例法定代表人",
    "firm-registered_on": "2020-05-06",
    "firm-credit_good": "1",
}


async def test_what_would_i_get(world: World) -> None:
    with on("2026-06-01"):
        await stage(world)
        await sign_in(world.client, "firm")
        assert SCHEME in (await world.client.get("/firm/schemes")).text
        place = f"/firm/schemes/{SCHEME}"
        assert "补贴比例" in words(await world.client.get(place))
        line = {
            "lines-0-kind": "general",
            "lines-0-premium_fen": "2",
            "lines-0-premium_fen@unit": "万元",
            "lines-0-limit_fen": "1000",
            "lines-0-limit_fen@unit": "万元",
            "lines-0-cover_year": "1",
        }
        answer = await send(world.client, f"{place}/what-if", line)
        assert answer.status_code == 200
        assert "您大约能得到" in words(answer)
        assert "依据：" in words(answer)
        assert (await send(world.client, f"{place}/what-if", {})).status_code == 422


async def test_an_application_from_ticking_to_submission(world: World) -> None:
    with on("2026-06-01"):
        (policy,) = await stage(world, "A-1")
        await sign_in(world.client, "firm")
        assert (await world.client.get(f"{HOME}/new")).headers["location"] == "/firm/schemes"
        assert "A-1" in words(await world.client.get(f"{HOME}/new?scheme={SCHEME}"))
        chosen = {"scheme": SCHEME, "policies": str(policy)}
        started = await send(world.client, f"{HOME}/new", chosen)
        assert started.status_code == 303, words(started)
        home = started.headers["location"].removesuffix("/edit")
        early = await send(world.client, f"{home}/submission")
        assert early.status_code == 422
        assert "尚不能提交" in words(early)
        await world.client.get(f"{home}/edit")
        saved = await send(world.client, f"{home}/edit", {**BANK, "policies": str(policy)})
        assert saved.status_code == 303, words(saved)
        assert "还缺什么" in words(await world.client.get(home))
        for paper in PAPERS:
            file = {"file": (f"{paper}.pdf", PDF + paper.encode(), "application/pdf")}
            answer = await send(world.client, f"{home}/materials", {"material": paper}, file)
            assert answer.status_code == 303, words(answer)
        ready = words(await world.client.get(home))
        assert "内容和材料齐全" in ready
        sent = await send(world.client, f"{home}/submission")
        assert sent.status_code == 303, words(sent)
        seen = words(await world.client.get(home))
        assert "示范区管委会" in seen
        assert "怎么算的" in seen
        assert home in (await world.client.get(HOME)).text
        assert "正在办理的" in words(await world.client.get("/firm"))


async def test_a_return_shows_its_reason_and_deadline(world: World) -> None:
    with on("2026-06-01"):
        number = await make_application(world, await stage(world, "A-1"))
        await world.post("firm", f"/applications/{number}/submission")
        note = {"note": "发票看不清，请重新上传"}
        await world.post("officer", f"/applications/{number}/return", note)
        await sign_in(world.client, "firm")
        seen = words(await world.client.get(f"{HOME}/{number}"))
        assert "发票看不清" in seen
        assert "逾期视为撤回" in seen
        assert number in words(await world.client.get("/firm"))
        again = await send(world.client, f"{HOME}/{number}/submission")
        assert again.status_code == 303, words(again)


async def test_an_application_is_withdrawn(world: World) -> None:
    with on("2026-06-01"):
        number = await make_application(world, await stage(world, "A-1"))
        await sign_in(world.client, "firm")
        gone = await send(world.client, f"{HOME}/{number}/withdrawal", {"note": "填错了"})
        assert gone.headers["location"] == HOME
        assert "已撤回" in words(await world.client.get(f"{HOME}/{number}"))


async def test_the_notice_is_linked(world: World) -> None:
    with on("2026-06-01"):
        number, notice = await announced(world, await stage(world, "A-1"))
        await sign_in(world.client, "firm")
        seen = await world.client.get(f"{HOME}/{number}")
        assert f"/notices/{notice}" in seen.text


async def test_others_see_nothing_of_it(world: World) -> None:
    with on("2026-06-01"):
        number = await make_application(world, await stage(world, "A-1"))
        await sign_in(world.client, "clerk")
        assert (await world.client.get(f"{HOME}/{number}")).status_code == 403
