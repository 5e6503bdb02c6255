"""Pages of risks: drafted, written, checked and bound in the console; followers see their own."""

from __future__ import annotations

from service.kernel.db import sql_value
from tests.coinsurance.placing import (
    line,
    make_bound,
    make_market,
    make_zones,
    plant_year,
    risk,
    write_lines,
)
from tests.factories import PDF, World
from tests.web.console import send, sign_in, words

BINDING = {"policy_number": "SLPZ-2026-0001", "conditions_accepted": "1"}


def typed(form: dict[str, object]) -> dict[str, str]:
    """The form of a risk as a person types it: 万元, percent."""
    return {
        **{
            name: str(form[name])
            for name in ("pool_year", "insured_uscc", "product", "title", "business_class", "site")
        },
        "method": "lines",
        "start_on": "2026-12-15",
        "end_on": "2027-12-14",
        "rate_ppm": "2‰",
        "sum_insured_fen": "100000",
        "sum_insured_fen@unit": "万元",
        "premium_fen": "2,000,000.00",
        "deductible_fen": "50",
        "deductible_fen@unit": "万元",
        "sections-0-code": "A",
        "sections-0-title": "物质损失",
        "sections-0-kind": "section",
        "sections-0-limit_fen": "100000",
        "sections-0-limit_fen@unit": "万元",
        "sections-0-premium_fen": "2000000",
        "zones-0-zone": "P1-B1-C1",
        "zones-0-at_risk_ppm": "100%",
    }


async def test_risk_is_drafted_and_submitted_in_the_console(world: World) -> None:
    year = await plant_year(world)
    await make_zones(world)
    await sign_in(world.client, "clerk")
    wrong = typed(risk(world, year)) | {"product": "P-2000-000001"}
    refused = await send(world.client, "/risks/new", wrong)
    assert refused.status_code == 422
    assert "P1-B1-C1" in refused.text
    made = await send(world.client, "/risks/new", typed(risk(world, year)))
    assert made.status_code == 303, words(made)
    home = made.headers["location"]
    shown = words(await world.client.get(home))
    assert "示例晶圆厂财产一切险" in shown and "10 亿元" in shown
    edit = await world.client.get(f"{home}/edit")
    assert "2,000,000.00" in edit.text or "2000000" in edit.text
    assert (await send(world.client, f"{home}/submission")).status_code == 303
    assert "已提交" in words(await world.client.get(home))
    assert "示例晶圆厂财产一切险" in words(await world.client.get("/risks"))


async def test_room_shows_what_is_missing_and_why_each_line(world: World) -> None:
    year = await plant_year(world)
    await make_zones(world)
    number = await make_market(world, year)
    await write_lines(world, number, {"clerk": "41%", "m2": line("31%", to_stand=True)})
    await sign_in(world.client, "clerk")
    assert "尚缺 28%" in words(await world.client.get(f"/risks/{number}"))
    await sign_in(world.client, "m2")
    assert "同意削减" in words(await world.client.get(f"/risks/{number}"))
    await sign_in(world.client, "m3")
    assert "同意削减" not in words(await world.client.get(f"/risks/{number}"))
    answer = await send(
        world.client,
        f"/risks/{number}/lines",
        {"written_percent": "60%", "valid_until": "2026-12-31"},
    )
    assert answer.status_code == 303, words(answer)
    follower = words(await world.client.get(f"/risks/{number}"))
    assert "已满 100%" in follower
    for peer in ("41%", "31%"):
        assert peer not in follower
    await sign_in(world.client, "clerk")
    lead = words(await world.client.get(f"/risks/{number}"))
    assert "60%" in lead and "精确应得" in lead


async def _checked(world: World, number: str) -> str:
    answer = await world.client.post(
        f"/risks/{number}/character-checks",
        data={
            "_csrf_token": world.client.cookies["eastlake_csrf"],
            "consented_on": "2026-11-20",
            "issued": "agreement_attached",
        },
        files={"file": ("consent.pdf", PDF, "application/pdf")},
    )
    assert answer.status_code == 303, words(answer)
    return str(answer.headers["location"])


async def test_check_is_printed_and_a_manager_binds(world: World) -> None:
    year = await plant_year(world)
    await make_zones(world)
    number = await make_market(world, year)
    await write_lines(world, number, {"clerk": "40%", "m2": "30%", "m3": "20%", "m4": "10%"})
    await sign_in(world.client, "clerk")
    check = await world.client.get(await _checked(world, number))
    assert "通过" in words(check) and "依据" in words(check)
    await sign_in(world.client, "manager")
    document = await sql_value(
        "SELECT (content->>'consent_document') FROM character_check ORDER BY id DESC LIMIT 1"
    )
    assert (
        f'name="consent_document" value="{document}"'
        in (await world.client.get(f"/risks/{number}")).text
    )
    bound = await send(
        world.client, f"/risks/{number}/binding", BINDING | {"consent_document": document}
    )
    assert bound.status_code == 303, words(bound)
    assert bound.headers["location"].startswith("/placements/")
    twice = await send(
        world.client, f"/risks/{number}/binding", BINDING | {"consent_document": document}
    )
    assert twice.status_code == 422


async def test_confidential_file_is_not_served_without_a_grant(world: World) -> None:
    year = await plant_year(world)
    await make_zones(world)
    number = await make_market(world, year)
    await sign_in(world.client, "clerk")
    answer = await world.client.post(
        f"/risks/{number}/files",
        data={
            "_csrf_token": world.client.cookies["eastlake_csrf"],
            "kind": "process",
            "confidential": "1",
        },
        files={"file": ("layout.pdf", PDF, "application/pdf")},
    )
    assert answer.status_code == 303, words(answer)
    file_id = await sql_value("SELECT max(id) FROM risk_file")
    assert (await world.client.get(f"/risks/{number}/files/{file_id}")).status_code == 200
    await sign_in(world.client, "m2")
    assert f"/files/{file_id}" not in (await world.client.get(f"/risks/{number}")).text
    assert (await world.client.get(f"/risks/{number}/files/{file_id}")).status_code in (403, 404)


async def test_placement_shows_shares_to_the_lead_and_only_its_own_to_a_follower(
    world: World,
) -> None:
    year = await plant_year(world)
    await make_zones(world)
    state = await make_bound(world, year, {"clerk": "41%", "m2": "31%", "m3": "18%", "m4": "10%"})
    home = f"/placements/{state['number']}"
    await sign_in(world.client, "clerk")
    lead = words(await world.client.get(home))
    assert "41%" in lead and "31%" in lead and "为什么是这些份额" in lead
    assert state["number"] in words(await world.client.get("/placements"))
    await sign_in(world.client, "m2")
    follower = words(await world.client.get(home))
    assert "31%" in follower and "41%" not in follower and "18%" not in follower
    await sign_in(world.client, "firm")
    insured = words(await world.client.get(home))
    assert "41%" in insured and "出单费" not in insured
    await sign_in(world.client, "rival")
    assert (await world.client.get(home)).status_code == 404


async def test_looks_of_the_committee_are_found_by_the_auditor_alone(world: World) -> None:
    year = await plant_year(world)
    await make_zones(world)
    state = await make_bound(world, year, {"clerk": "41%", "m2": "31%", "m3": "18%", "m4": "10%"})
    await sign_in(world.client, "officer")
    await world.client.get(f"/placements/{state['number']}")
    asked = f"/audit/looks?subject={state['number']}&reader=officer"
    assert (await world.client.get(asked)).status_code == 403
    await sign_in(world.client, "auditor")
    found = words(await world.client.get(asked))
    assert "共保保单" in found and "保费说明" in found and "查看" in found
    assert "没有符合条件的记录" in words(await world.client.get(f"{asked}&day=1999-01-01"))
    assert (await world.client.get("/audit/looks?day=today")).status_code == 422
    assert (await world.client.get("/audit/looks?after=x")).status_code == 422


async def test_refused_words_of_rows_stay_beside_what_is_wrong(world: World) -> None:
    year = await plant_year(world)
    await make_zones(world)
    number = await make_market(world, year)
    await sign_in(world.client, "clerk")
    condition = {"text": "提交消防检测报告", "due_on": "2026-12-01", "before_binding": "1"}
    raised = await send(world.client, f"/risks/{number}/subjectivities", condition)
    assert raised.status_code == 303, words(raised)[:2000]
    empty = await send(world.client, f"/risks/{number}/subjectivities/1/fulfilment", {"note": ""})
    assert empty.status_code == 422 and 'aria-describedby="condition-1"' in empty.text
    done = await send(world.client, f"/risks/{number}/subjectivities/1/waiver", {"note": "已查"})
    assert done.status_code == 303, words(done)[:2000]
    again = await send(world.client, f"/risks/{number}/subjectivities/1/waiver", {"note": "再查"})
    assert again.status_code == 422, words(again)[:2000]


async def test_reversal_that_is_refused_keeps_its_day(world: World) -> None:
    year = await plant_year(world)
    await make_zones(world)
    state = await make_bound(world, year, {"clerk": "41%", "m2": "31%", "m3": "18%", "m4": "10%"})
    await sign_in(world.client, "clerk")
    home = f"/placements/{state['number']}"
    receipt = {
        "source": "own",
        "amount_fen": "100万元",
        "received_on": "2026-11-20",
        "payer_name": "示例光谷芯片科技有限公司",
        "bank_reference": "BK-77",
    }
    taken = await send(world.client, f"{home}/receipts", receipt)
    assert taken.status_code == 303, words(taken)[:2500]
    wrong = {"effective_on": "2026-11-01", "reason": "误记"}
    answer = await send(world.client, f"{home}/receipts/1/reversal", wrong)
    assert answer.status_code == 422, words(answer)[:2500]
    assert 'value="2026-11-01"' in answer.text and 'value="误记"' in answer.text
    assert 'id="reverse-1"' in answer.text
