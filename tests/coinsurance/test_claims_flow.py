"""Claims of a pool from the notice of loss to closing and reopening, through the public routes."""

from __future__ import annotations

import pytest

from service.kernel.db import sql, sql_value
from service.verify.claims import CLAIM_INVARIANTS
from tests.coinsurance.claiming import (
    Scene,
    agreed,
    assessed,
    at,
    consented,
    debts,
    loss,
    make_scene,
    notified,
    paid,
    payment,
    positions,
    registered,
)
from tests.factories import World


@pytest.fixture
async def scene(world: World) -> Scene:
    """A placement over four members, cover begun."""
    return await make_scene(world)


async def test_from_notice_to_closing(scene: Scene) -> None:
    number = await paid(scene)
    codes = scene.year.usccs
    handler = codes["clerk"]
    assert await debts(number) == [
        ("claim_reimbursement", codes["m2"], handler, 3_000_000),
        ("claim_reimbursement", codes["m3"], handler, 2_000_000),
        ("claim_reimbursement", codes["m4"], handler, 1_000_000),
    ]
    net = await positions(scene)
    assert net[handler] == 4_000_000 - 10_000_000
    assert sum(net.values()) == 0
    with at("2026-03-20"):
        await scene.post("manager", f"{number}/closing", {"reason": "赔付完毕"})
    record = await scene.get("clerk", number)
    assert record["status"] == "closed"
    assert [d["kind"] for d in record["decisions"]] == ["agreement", "closing"]
    # 10 calendar days after 12 March: Sunday the 22nd moves to Monday (民法典第二百零三条).
    assert record["payment_due_on"] == "2026-03-23"
    told = await sql_value("SELECT paid_fen FROM policy_loss WHERE reference = $1", f"{number}/1")
    assert told == 10_000_000


async def test_notice_goes_to_every_other_member_on_the_official_calendar(scene: Scene) -> None:
    number = await registered(scene)
    notices = (await scene.get("clerk", number))["notices"]
    assert {n["uscc"] for n in notices} == {scene.year.usccs[m] for m in ("m2", "m3", "m4")}
    assert {(n["due_on"], n["state"], n["late"]) for n in notices} == {
        ("2026-03-04", "served", False)
    }
    assert all("第十四条第一款" in n["clause"] for n in notices)
    with at("2026-03-05"):
        told = await scene.post("m2", f"{number}/acknowledgements", {})
    assert [n["state"] for n in told["notices"]] == ["acknowledged"]
    await scene.refused("m2", f"{number}/acknowledgements", {}, "claim.acknowledged_before")


async def test_a_first_reserve_that_is_refused_names_its_row_and_nothing_is_registered(
    scene: Scene,
) -> None:
    number = await notified(scene)
    with at("2026-03-03", 14):
        rows = [{"section": "A", "outstanding_fen": 5}, {"section": "Z", "outstanding_fen": 5}]
        told = await scene.refused(
            "clerk", f"{number}/registration", {"reserves": rows}, "claim.unknown_section"
        )
        assert [error["field"] for error in told["errors"]] == ["reserves.1.section"]
        assert (await scene.get("clerk", number))["status"] == "notified"
        state = await scene.post("clerk", f"{number}/registration", {"reserves": rows[:1]})
    assert (state["status"], (await scene.get("clerk", number))["reserve_fen"]) == ("registered", 5)


async def test_a_late_notice_is_shown_as_late(scene: Scene) -> None:
    number = await notified(scene)
    with at("2026-03-06"):
        await scene.post("clerk", f"{number}/registration", {})
        await scene.post("clerk", f"{number}/notices", {"members": [scene.year.usccs["m2"]]})
        told = await scene.post("m2", f"{number}/acknowledgements", {})
        assert told["notices"][0]["late"] is True
        late = {n["uscc"]: n["late"] for n in (await scene.get("clerk", number))["notices"]}
        assert set(late.values()) == {True}


async def test_above_authority_needs_consent_and_served_notices(scene: Scene) -> None:
    number = await assessed(scene, 300_000_000)
    with at("2026-03-12"):
        await scene.refused(
            "manager", f"{number}/agreement", {}, "claim.consent_needed", "claim.above_authority"
        )
        state = await scene.post("manager", f"{number}/consent", {"proposal": "agree"})
        request = state["consent_request"]
        await scene.refused(
            "manager", f"{number}/agreement", {}, "claim.consent_not_given",
            "claim.consent_unserved",
        )  # fmt: skip
        path = f"/consent-requests/{request}"
        await scene.world.post("manager", f"{path}/service", {"how": "电子邮件"})
        await scene.world.post("m2_manager", f"{path}/answers", {"answer": "consented"})
        late = await scene.world.call(
            "m3_manager", "POST", f"{path}/answers", {"answer": "consented"}
        )
        assert "consent.closed" in late.text
        state = await scene.post("manager", f"{number}/agreement", {})
    assert (state["status"], state["agreed_fen"]) == ("agreed", 250_000_000)
    decision = (await scene.get("clerk", number))["decisions"][0]
    assert (decision["basis"], decision["consent_request"]) == ("consent", request)
    assert "第二十二条第六项" in decision["clause"]


async def test_an_unserved_notice_holds_the_claim(scene: Scene) -> None:
    number = await notified(scene, estimate_fen=300_000_000)
    with at("2026-03-04"):
        await scene.post("clerk", f"{number}/registration", {})
        some = [scene.year.usccs["m2"], scene.year.usccs["m3"]]
        await scene.post("clerk", f"{number}/notices", {})
        await scene.post("clerk", f"{number}/service", {"how": "邮件", "members": some})
        attendance = [
            {"uscc": uscc, "status": "waived"} for uscc in scene.year.usccs.values()
        ]
        survey = {"held_on": "2026-03-04", "place": "现场", "surveyor": "示例公估", "joint": True,
                  "summary": "查勘", "attendance": attendance}  # fmt: skip
        await scene.post("clerk", f"{number}/surveys", survey)
        await scene.post("clerk", f"{number}/assessment", {"losses": [{"gross_fen": 300_000_000}]})
        await consented(scene, number)
        for path, body in (("agreement", {}), ("consent-withdrawal", {"reason": "改方案"})):
            await scene.refused("manager", f"{number}/{path}", body, "claim.notice_unserved")
        dispute = {"reason": "分歧"}
        await scene.refused("clerk", f"{number}/dispute", dispute, "claim.notice_unserved")
        await scene.post("m4", f"{number}/acknowledgements", {})
        state = await scene.post("manager", f"{number}/agreement", {})
    assert state["status"] == "agreed"


async def test_a_flag_takes_authority_away_at_any_amount(scene: Scene) -> None:
    number = await assessed(scene)
    flags = {"flags": ["fraud"], "reason": "发票与设备铭牌不符"}
    with at("2026-03-11"):
        await scene.post("clerk", f"{number}/flags", flags)
        await scene.refused("manager", f"{number}/agreement", {}, "claim.flagged")
    assert (await scene.get("clerk", number))["status"] == "assessed"


async def test_who_assessed_does_not_agree(scene: Scene) -> None:
    number = await assessed(scene)
    with at("2026-03-11"):
        form = {"losses": [{"gross_fen": 61_000_000}]}
        await scene.post("manager", f"{number}/assessment", form)
        await scene.refused("manager", f"{number}/agreement", {}, "claim.assessor_decides")
    assert (await scene.get("clerk", number))["agreed_fen"] is None


async def test_joint_survey_above_the_threshold(scene: Scene) -> None:
    number = await registered(scene, estimate_fen=10_000_001)
    form = {"losses": [{"gross_fen": 60_000_000}]}
    codes = scene.year.usccs
    with at("2026-03-09"):
        told = await scene.refused("clerk", f"{number}/assessment", form, "claim.survey_missing")
        assert len(told["errors"]) == 4
        absent = [{"uscc": codes[m], "status": "attended"} for m in ("clerk", "m2", "m3")]
        absent.append({"uscc": codes["m4"], "status": "absent"})
        survey = {"held_on": "2026-03-09", "place": "现场", "surveyor": "示例公估", "joint": True,
                  "summary": "查勘", "attendance": absent}  # fmt: skip
        await scene.post("clerk", f"{number}/surveys", survey)
        await scene.refused("clerk", f"{number}/assessment", form, "claim.survey_uninvited")
        invitation = {"kind": "survey", "members": [codes["m4"]], "text": "三月十日九时"}
        await scene.post("clerk", f"{number}/notices", invitation)
        await scene.post("clerk", f"{number}/service", {"kind": "survey", "how": "传真"})
        state = await scene.post("clerk", f"{number}/assessment", form)
    assert (state["status"], state["assessed_fen"]) == ("assessed", 10_000_000)


async def test_declined_then_disputed_then_assessed_again(scene: Scene) -> None:
    number = await assessed(scene)
    with at("2026-03-12"):
        state = await scene.post("manager", f"{number}/declination", {"reason": "属责任免除"})
        assert state["status"] == "declined"
        state = await scene.post("firm", f"{number}/dispute", {"reason": "不属于责任免除"})
        assert state["status"] == "disputed"
        assert (await scene.get("firm", number))["flags"] == ["dispute"]
        form = {"losses": [{"gross_fen": 60_000_000}]}
        await scene.post("clerk", f"{number}/assessment", form)
        await scene.refused("manager", f"{number}/agreement", {}, "claim.flagged")


async def test_closing_is_refused_while_anything_is_open(scene: Scene) -> None:
    number = await agreed(scene)
    with at("2026-03-13"):
        reserve = {"outstanding_fen": 4_000_000, "reason": "后续清理"}
        await scene.post("clerk", f"{number}/reserves", reserve)
        answer = await scene.world.call(
            "manager", "POST", f"/claims/{number}/closing", {"reason": "结案"}
        )
        assert "workflow.step_not_allowed" in answer.text
        await scene.post("clerk", f"{number}/payments", payment(6_000_000))
        override = {
            "beneficiary_name": "示例光谷芯片科技有限公司",
            "amount_max_fen": 4_000_000,
            "reason": "第二期",
        }
        await scene.post("manager", f"{number}/payment-overrides", override)
        await scene.post("clerk", f"{number}/payments", payment(4_000_000, "BK-2"))
        await scene.post("clerk", f"{number}/reserves", {**reserve, "outstanding_fen": 1})
        await scene.refused("manager", f"{number}/closing", {"reason": "x"}, "claim.reserve_open")
        await scene.post("clerk", f"{number}/reserves", {**reserve, "outstanding_fen": 0})
        state = await scene.post("manager", f"{number}/closing", {"reason": "赔付完毕"})
    assert state["status"] == "closed"


async def test_reopened_claim_keeps_its_schedule_and_pays_more(scene: Scene) -> None:
    number = await paid(scene)
    with at("2026-04-01"):
        await scene.post("manager", f"{number}/closing", {"reason": "赔付完毕"})
    with at("2026-05-06"):
        form = {"outstanding_fen": 5_000_000, "reason": "发现隐蔽损失"}
        state = await scene.post("manager", f"{number}/reopening", form)
        assert (state["status"], state["reserve_fen"]) == ("reopened", 5_000_000)
        more = {"losses": [{"gross_fen": 65_000_000}]}
        await scene.post("clerk", f"{number}/assessment", more)
        state = await scene.post("manager", f"{number}/agreement", {})
        assert (state["status"], state["left_fen"]) == ("part_paid", 5_000_000)
    record = await scene.get("clerk", number)
    assert [m["kind"] for m in record["movements"]] == ["payment", "reopen"]
    assert record["loss_on"] == "2026-03-02"


async def test_zero_claim_is_closed_without_payment(scene: Scene) -> None:
    number = await assessed(scene, 50_000_000)
    with at("2026-03-12"):
        await scene.refused("manager", f"{number}/agreement", {}, "claim.nothing_to_agree")
        state = await scene.post("manager", f"{number}/closing", {"reason": "免赔额以内，零结案"})
    assert state["status"] == "closed"


async def test_loss_day_decides_the_schedule(scene: Scene) -> None:
    """Shares change on 1 March; a loss of February, notified in April, goes by the old ones."""
    section = await sql_value("SELECT id FROM risk_section")
    placement = await sql_value("SELECT id FROM placement WHERE number = $1", scene.placement)
    user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'approver'")
    schedule = await sql_value(
        "INSERT INTO share_schedule (number, pool_year, placement, section, mode, valid_from,"
        " status, reason, clause, effective_at, revision, recorded_at, recorded_by)"
        " VALUES ('SS-X', $1, $2, $3, 'per_risk_line', '2026-03-01', 'effective', '份额变更', '',"
        " '2026-02-20T00:00:00Z', 1, '2026-02-20T00:00:00Z', $4) RETURNING id",
        scene.year.id,
        placement,
        section,
        user,
    )
    shares = dict(zip(scene.year.members.values(), (10, 20, 30, 40), strict=True))
    for n, (organisation, percent) in enumerate(shares.items(), 1):
        await sql(
            "INSERT INTO share_item (schedule, organisation, position, share_units, basis_weight)"
            " VALUES ($1, $2, $3, $4, $4)",
            schedule,
            organisation,
            n,
            percent * 1_000_000,
        )
    units = {}
    for day in ("2026-02-28", "2026-03-01"):
        number = await notified(scene, loss_on=day, reported_at="2026-03-03T01:00:00+08:00")
        with at("2026-03-03"):
            await scene.post("clerk", f"{number}/registration", {})
        record = await scene.get("clerk", number)
        units[day] = [s["share_units"] // 1_000_000 for s in record["sections"][0]["shares"]]
    assert units == {"2026-02-28": [40, 30, 20, 10], "2026-03-01": [10, 20, 30, 40]}


async def test_loss_outside_the_period_is_recorded_and_never_registered(scene: Scene) -> None:
    with at("2026-03-03"):
        form = loss(scene, loss_on="2026-01-04")
        state = await scene.world.post("firm", "/claims", form)
        assert [f["code"] for f in state["findings"]] == ["claim.outside_period"]
        path = f"{state['number']}/registration"
        await scene.refused("clerk", path, {}, "claim.outside_period")
        for changes, code in (
            ({"loss_on": "2026-03-04"}, "claim.future"),
            ({"reported_at": "2026-03-09T00:00:00+08:00"}, "claim.future"),
            ({"loss_on": "2026-03-03", "reported_at": "2026-03-02T00:00:00+08:00"},
             "claim.reported_before_loss"),
            ({"reported_at": "2026-03-03T00:00:00"}, "claim.moment_without_zone"),
        ):  # fmt: skip
            answer = await scene.world.call("firm", "POST", "/claims", loss(scene, **changes))
            assert code in answer.text


async def test_a_claim_closed_before_it_was_registered_stays_in_sight_and_can_be_reopened(
    scene: Scene,
) -> None:
    number = await notified(scene)
    with at("2026-03-04"):
        for path, form in (
            ("reserves", {"outstanding_fen": 5, "reason": "估损"}),
            ("payments", payment(100)),
            ("recoveries", {"gross_fen": 5, "reference": "R", "payer_name": "示例责任方"}),
        ):
            await scene.refused("clerk", f"{number}/{path}", form, "claim.not_registered")
        await scene.post("manager", f"{number}/closing", {"reason": "被保险人撤回报案"})
        seen = await scene.get("m3", number)
        assert seen["status"] == "closed"
        assert [c["number"] for c in (await scene.get("m3", ""))["items"]] == [number]
        again = {"outstanding_fen": 9_000_000, "reason": "被保险人重新提出索赔"}
        state = await scene.post("manager", f"{number}/reopening", again)
    assert (state["status"], state["reserve_fen"]) == ("reopened", 9_000_000)
    record = await scene.get("clerk", number)
    assert record["registered_on"] == "2026-03-04"
    assert [len(s["shares"]) for s in record["sections"]] == [4]
    assert len(record["notices"]) == 3
    for name, (_, check) in CLAIM_INVARIANTS.items():
        assert (await check()).findings == [], name


async def test_one_outside_the_cover_is_not_reopened(scene: Scene) -> None:
    number = await notified(scene, loss_on="2026-01-04")
    with at("2026-03-04"):
        await scene.post("manager", f"{number}/closing", {"reason": "不在保险期间"})
        again = {"outstanding_fen": 9_000_000, "reason": "重新提出索赔"}
        await scene.refused("manager", f"{number}/reopening", again, "claim.outside_period")
        assert (await scene.get("clerk", number))["status"] == "closed"


async def test_a_flag_is_not_taken_off_by_who_would_then_decide_alone(scene: Scene) -> None:
    """POOLS invariant 12: with a flag the handler alone never agrees, so it cannot clear one."""
    number = await notified(scene, flags=["coverage_doubt"])
    with at("2026-03-03", 14):
        await scene.refused("clerk", f"{number}/registration", {"flags": []}, "claim.flag_stands")
        await scene.post("clerk", f"{number}/registration", {})
        both = {"flags": ["coverage_doubt", "fraud"], "reason": "举报"}
        await scene.post("clerk", f"{number}/flags", both)
        for flags in ([], ["fraud"], ["coverage_doubt"]):
            form = {"flags": flags, "reason": "查明"}
            told = await scene.refused("clerk", f"{number}/flags", form, "claim.flag_stands")
        assert "欺诈" in told["errors"][0]["message_zh"]
    assert (await scene.get("clerk", number))["flags"] == ["coverage_doubt", "fraud"]


async def test_members_are_not_asked_what_could_not_be_done(scene: Scene) -> None:
    number = await registered(scene)
    with at("2026-03-10"):
        await scene.post("clerk", f"{number}/payments", payment(4_000_000, advance=True))
        attended = [{"uscc": u, "status": "attended"} for u in scene.year.usccs.values()]
        survey = {"held_on": "2026-03-09", "place": "现场", "surveyor": "示例公估", "joint": True,
                  "summary": "查勘", "attendance": attended}  # fmt: skip
        await scene.post("clerk", f"{number}/surveys", survey)
        low = {"losses": [{"gross_fen": 53_000_000}]}
        await scene.post("clerk", f"{number}/assessment", low)
        path = f"{number}/consent"
        await scene.refused("manager", path, {"proposal": "agree"}, "claim.below_paid")
        await scene.refused("manager", path, {"proposal": "decline"}, "claim.decline_after_payment")
    assert await sql_value("SELECT count(*) FROM consent_request") == 0
    assert (await scene.get("clerk", number))["status"] == "assessed"
