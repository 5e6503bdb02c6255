"""Applications, notices, enrolments and qualifications as committee and insurer see them."""

from __future__ import annotations

import re

from service.kernel.db import sql_value
from tests.catalogue.enrolling import make_enrolment, make_object
from tests.catalogue.subsidy_story import (
    SCHEME,
    announced,
    in_first_review,
    on,
    reviewed,
    stage,
    submitted,
)
from tests.factories import World
from tests.web.console import send, sign_in, words

PASSED = {"passed": "1"}
FIRM_NAME = "示例光谷芯片科技有限公司"


async def take(world: World, who: str, path: str, **fields: str) -> None:
    """A step that must be taken, on the page, by a person."""
    await sign_in(world.client, who)
    answer = await send(world.client, path, fields)
    assert answer.status_code == 303, words(answer)


async def test_application_goes_from_the_queue_to_approval(world: World) -> None:
    with on("2026-03-02"):
        number = await submitted(world, await stage(world, "A-1"))
        place = f"/subsidy/applications/{number}"
        await sign_in(world.client, "officer")
        assert number in (await world.client.get("/subsidy/queue?step=submitted")).text
        assert number not in (await world.client.get("/subsidy/queue?step=approved")).text
        await take(world, "officer", f"{place}/acceptance")
        await take(world, "officer", f"{place}/first-review")
        await take(world, "officer", f"{place}/first-opinion", **PASSED)
        same = await send(world.client, f"{place}/second-opinion", PASSED)
        assert same.status_code == 403
        await take(world, "second", f"{place}/second-opinion", **PASSED)
        board = await world.client.get("/subsidy/notices")
        assert number in board.text
        strange = {"scheme": SCHEME, "title": "公示", "applications": "SA-2026-999999"}
        assert (await send(world.client, "/subsidy/notices", strange)).status_code == 422
        form = {"scheme": SCHEME, "title": "拟补贴公示", "applications": number}
        await take(world, "second", "/subsidy/notices", **form)
        assert "公示中" in words(await world.client.get("/subsidy/notices"))
        await sign_in(world.client, "approver")
        early = await send(world.client, f"{place}/approval")
        assert early.status_code == 422
    with on("2026-03-10"):
        await take(world, "approver", f"{place}/approval")
        shown = words(await world.client.get(place))
        assert "已批准" in shown
        assert "8,000.00 元" in shown
        assert "按存档事实与规则复算一致" in shown
        await take(world, "officer", f"/money/schemes/{SCHEME}/payment-batches")


async def test_assessment_is_read_with_clause_and_values(world: World) -> None:
    with on("2026-03-02"):
        number = await in_first_review(world, await stage(world, "A-1"))
        await sign_in(world.client, "auditor")
        shown = await world.client.get(f"/subsidy/applications/{number}")
        text = words(shown)
        assert "× 补贴比例 40% =" in text
        assert "公开文件未规定，示例设定" in text
        assert FIRM_NAME in text
        assert 'id="do"' not in shown.text


async def test_warning_shows_records_and_passes_with_a_note(world: World) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1")
        number = await in_first_review(world, policies)
        loss = {
            "reference": "LP-1",
            "loss_on": "2026-03-02",
            "paid_on": "2026-03-02",
            "paid_fen": 1_990_000,
            "payee_name": FIRM_NAME,
        }
        await world.post("clerk", f"/policies/{policies[0]}/losses", loss)
        place = f"/subsidy/applications/{number}"
        await sign_in(world.client, "officer")
        stopped = await send(world.client, f"{place}/first-opinion", PASSED)
        assert stopped.status_code == 422
        note = {"line": "1", "code": "check.claim_like_refund", "note": "已核对赔案"}
        empty = await send(world.client, f"{place}/warning-notes", note | {"note": ""})
        assert empty.status_code == 422
        await take(world, "officer", f"{place}/warning-notes", **note)
        left = re.findall(r'name="code" value="([^"]+)"', (await world.client.get(place)).text)
        for code in left:
            await take(world, "officer", f"{place}/warning-notes", **note | {"code": code})
        await take(world, "officer", f"{place}/first-opinion", **PASSED)
        shown = words(await world.client.get(place))
        assert "已核对赔案" in shown
        assert "相符记录" in shown


async def test_one_line_is_refused_on_the_page(world: World) -> None:
    with on("2026-03-02"):
        number = await in_first_review(world, await stage(world, "A-1", "A-2"))
        place = f"/subsidy/applications/{number}"
        await take(world, "officer", f"{place}/lines/2/refusal", note="材料不实")
        again = await send(world.client, f"{place}/lines/2/refusal", {"note": "材料不实"})
        assert again.status_code == 422
        unknown = await send(world.client, f"{place}/lines/9/refusal", {"note": "材料不实"})
        assert unknown.status_code == 404
        claim = {"cause": "false_claim", "amount_fen": "1", "reason": "虚假"}
        unpaid = await send(world.client, f"{place}/lines/1/recoveries", claim)
        assert unpaid.status_code == 422
        assert "追回超过" in unpaid.text


async def test_objection_is_admitted_and_decided_by_two(world: World) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1", "A-2"))
        form = {
            "application": number,
            "line": 1,
            "name": "示例异议人",
            "contact": "027-00000009",
            "text": "该保单保费由他人代缴，请核查。",
        }
        found = (await world.post(None, f"/notices/{notice}/objections", form))["number"]
        await sign_in(world.client, "auditor")
        hidden = words(await world.client.get("/subsidy/notices"))
        assert "示例异议人" not in hidden
        place = f"/subsidy/objections/{found}"
        await take(world, "officer", f"{place}/admission", note="材料齐全")
        assert "示例异议人" in words(await world.client.get("/subsidy/notices"))
        await sign_in(world.client, "approver")
        assert (await send(world.client, f"{place}/decision", {"upheld": "1"})).status_code == 422
        decision = {"upheld": "1", "outcome": "查实代缴"}
        await take(world, "approver", f"{place}/decision", **decision)
        early = await send(world.client, f"/subsidy/notices/{notice}/closure")
        assert early.status_code == 403
    with on("2026-03-10"):
        await take(world, "approver", f"/subsidy/applications/{number}/approval", note="余下批准")
        await take(world, "officer", f"/subsidy/notices/{notice}/closure")
        assert "已归档" in words(await world.client.get("/subsidy/notices"))


async def test_insurers_and_firms_have_no_desk(world: World) -> None:
    with on("2026-03-02"):
        number = await reviewed(world, await stage(world, "A-1"))
    for who in ("clerk", "firm"):
        await sign_in(world.client, who)
        for path in ("/subsidy/queue", f"/subsidy/applications/{number}", "/money/schemes"):
            assert (await world.client.get(path)).status_code in (403, 404)


async def test_enrolment_is_confirmed_by_the_insurer_and_recognised(world: World) -> None:
    number = await make_enrolment(world)
    await world.post("firm", f"/enrolments/{number}/submission")
    place = f"/enrolment/{number}"
    await sign_in(world.client, "rival")
    assert (await world.client.get(place)).status_code == 404
    await sign_in(world.client, "clerk")
    assert number in (await world.client.get("/enrolment/queue")).text
    shown = words(await world.client.get(place))
    assert "目录版本生效日" in shown
    assert "示例-11.3" in shown
    assert "不予承保" not in shown
    await take(world, "clerk", f"{place}/confirmation")
    await sign_in(world.client, "approver")
    assert number in (await world.client.get("/enrolment/queue")).text
    silent = await send(world.client, f"{place}/recognition")
    assert silent.status_code == 422
    await take(world, "approver", f"{place}/recognition", note="已核对")
    shown = words(await world.client.get(place))
    assert "承保证明" in shown
    await take(world, "approver", f"{place}/revocation", note="发现虚假")


async def test_qualification_is_granted_by_three(world: World) -> None:
    form = {"object": await make_object(world), "asked_fen": 10_000_000}
    number = (await world.post("firm", "/qualifications", form))["number"]
    place = f"/enrolment/qualifications/{number}"
    await take(world, "officer", f"{place}/recommendation")
    await sign_in(world.client, "officer")
    assert (await send(world.client, f"{place}/review")).status_code == 403
    second = await sql_value("SELECT 1 FROM eastlake_user WHERE login = 'second'")
    assert second is None
    await take(world, "approver", f"{place}/review", note="专家同意")
    shown = words(await world.client.get(place))
    assert "核定资格与额度" in shown
    grant = {"quota_fen": "8", "quota_fen@unit": "万元", "valid_from": "2026-01-01"}
    same = await send(world.client, f"{place}/grant", grant | {"valid_to": "2028-12-31"})
    assert same.status_code == 403
    listed = words(await world.client.get("/enrolment/qualifications"))
    assert "10 万元" in listed
