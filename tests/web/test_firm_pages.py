"""The enterprise's pages: its policies, objects, enrolments, applications and their way."""

from __future__ import annotations

from tests.catalogue.enrolling import make_contract, make_object, make_policy, make_recognised
from tests.catalogue.subsidy_story import stage
from tests.factories import PDF, World
from tests.web.console import send, sign_in, value_of, words

OBJECT = {
    "kind": "first_set",
    "name": "示例12英寸刻蚀设备",
    "edition": "SB-2024",
    "item": "示例-11.3",
    "value_fen": "500",
    "value_fen@unit": "万元",
    "parameters-0-name": "晶圆直径",
    "parameters-0-value": "100",
    "parameters-0-unit": "mm",
    "serial_numbers": "ETCH-0001",
}


def contract_of(world: World) -> dict[str, str]:
    return {
        "number": "HT-2026-001",
        "buyer_name": "示例长江存储制造有限公司",
        "buyer_uscc": world.usccs["committee"],
        "buyer_relation": "none",
        "signed_on": "2026-03-01",
        "amount_fen": "1000",
        "amount_fen@unit": "万元",
        "quantity": "2",
    }


async def test_the_start_page_says_what_to_do(world: World) -> None:
    (policy,) = await stage(world, "A-1")
    await sign_in(world.client, "firm")
    seen = await world.client.get("/firm")
    assert f'href="/firm/policies/{policy}"' in seen.text
    assert "现在要办的" in words(seen)


async def test_a_policy_is_read_and_confirmed(world: World) -> None:
    (policy,) = await stage(world, "A-1")
    await sign_in(world.client, "firm")
    listed = await world.client.get("/firm/policies")
    assert f"/firm/policies/{policy}" in listed.text
    home = f"/firm/policies/{policy}"
    seen = words(await world.client.get(home))
    assert "请核对这份保单" in seen
    assert "企业自付" in seen
    assert (await send(world.client, f"{home}/confirmation")).status_code == 303
    assert "企业已确认" in words(await world.client.get(home))


async def test_a_policy_is_disputed(world: World) -> None:
    (policy,) = await stage(world, "A-1")
    await sign_in(world.client, "firm")
    home = f"/firm/policies/{policy}"
    assert (await send(world.client, f"{home}/dispute", {"text": ""})).status_code == 422
    said = {"text": "保险金额登记错了"}
    assert (await send(world.client, f"{home}/dispute", said)).status_code == 303
    assert "等待保险机构答复" in words(await world.client.get(home))


async def test_an_object_is_registered_with_sale_and_papers(world: World) -> None:
    await sign_in(world.client, "firm")
    assert "首台" in words(await world.client.get("/firm/objects/new"))
    assert "示例-11.3" in words(await world.client.get("/firm/objects/new?kind=first_set"))
    place = "/firm/objects/new?kind=first_set&item=SB-2024%7C示例-11.3"
    assert value_of(await world.client.get(place), "parameters-0-name") == "晶圆直径"
    answer = await send(world.client, "/firm/objects/new", OBJECT)
    assert answer.status_code == 303, words(answer)
    home = answer.headers["location"]
    assert "未达到" in words(await world.client.get(home))
    answer = await send(world.client, f"{home}/contracts", contract_of(world))
    assert answer.status_code == 303, words(answer)
    paper = {"file": ("report.pdf", PDF, "application/pdf")}
    uploaded = await send(world.client, f"{home}/documents", {"material": "test_report"}, paper)
    assert uploaded.status_code == 303, words(uploaded)
    seen = words(await world.client.get(home))
    assert "report.pdf" in seen
    assert "示例长江存储制造有限公司" in seen
    edited = await send(world.client, f"{home}/edit", {**OBJECT, "name": "示例改名设备"})
    assert edited.status_code == 303, words(edited)


async def test_an_object_says_what_it_lacks(world: World) -> None:
    await sign_in(world.client, "firm")
    answer = await send(world.client, "/firm/objects/new", {"kind": "general", "name": ""})
    assert answer.status_code == 422
    number = await make_object(world, "general")
    home = f"/firm/objects/{number}"
    assert (await send(world.client, f"{home}/documents", {})).status_code == 422
    assert (await send(world.client, f"{home}/contracts", {})).status_code == 422


async def test_an_enrolment_is_started_submitted_and_followed(world: World) -> None:
    number = await make_object(world)
    sale = await make_contract(world, number)
    policy = await make_policy(world, number)
    await sign_in(world.client, "firm")
    page = await world.client.get(f"/firm/enrolments/new?object={number}&policy={policy}")
    assert "示例12英寸刻蚀设备" in words(page)
    chosen = {"object": number, "policy_id": str(policy), "contract_id": str(sale)}
    started = await send(world.client, "/firm/enrolments/new", chosen)
    assert started.status_code == 303, words(started)
    home = started.headers["location"]
    changed = await send(world.client, home, {**chosen, "_revision": "1"})
    assert changed.status_code == 303
    submitted = await send(world.client, f"{home}/submission")
    assert submitted.status_code == 303, words(submitted)
    seen = words(await world.client.get(home))
    assert "保险机构核对保单和标的" in seen
    assert home in (await world.client.get("/firm/enrolments")).text


async def test_an_enrolment_that_lacks_things_says_so(world: World) -> None:
    number = await make_object(world, "first_version", test_report_number="", serial_numbers=[])
    form = {"object": number, "policy_id": await make_policy(world, number)}
    draft = (await world.post("firm", "/enrolments", form))["number"]
    await sign_in(world.client, "firm")
    answer = await send(world.client, f"/firm/enrolments/{draft}/submission")
    assert answer.status_code == 422
    assert "须改正" in words(answer)
    assert (await send(world.client, "/firm/enrolments/new", {})).status_code == 422


async def test_a_recognised_enrolment_leads_to_its_certificate(world: World) -> None:
    state = await make_recognised(world)
    await sign_in(world.client, "firm")
    seen = await world.client.get(f"/firm/enrolments/{state['number']}")
    assert f"/certificates/{state['certificate_code']}" in seen.text


async def test_a_quota_is_asked_for(world: World) -> None:
    number = await make_object(world)
    await sign_in(world.client, "firm")
    asked = {"object": number, "asked_fen": "100", "asked_fen@unit": "万元"}
    answer = await send(world.client, "/firm/qualifications/new", asked)
    assert answer.status_code == 303, words(answer)
    assert "尚未核定" in words(await world.client.get(answer.headers["location"]))
    assert answer.headers["location"] in (await world.client.get("/firm/qualifications")).text
    again = await send(world.client, "/firm/qualifications/new", asked)
    assert again.status_code == 422
