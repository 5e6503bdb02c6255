"""Objects, editions, enrolments and certificates through the public routes."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from catalogue.enrolments import enrolment
from catalogue.enrolments.certificates import masked, normalise_code
from catalogue.enrolments.facts import object_facts
from service.kernel.calendar import at_moment
from service.kernel.db import sql_value
from tests.catalogue.enrolling import (
    OBJECTS,
    contract,
    make_contract,
    make_enrolment,
    make_object,
    make_other_firm,
    make_policy,
    make_recognised,
    thing,
)
from tests.catalogue.test_filing import codes
from tests.factories import World, upload

ANY = {"If-Match": "*"}


def at(text: str) -> Any:
    """The clock at noon UTC of a day."""
    return at_moment(datetime.fromisoformat(text).replace(hour=4, tzinfo=UTC))


# Objects


@pytest.mark.parametrize("kind", list(OBJECTS))
async def test_objects_of_each_kind_come_back_as_given(world: World, kind: str) -> None:
    number = await make_object(world, kind)
    record = await world.get("firm", f"/objects/{number}")
    given = thing(kind)
    for name, value in given.items():
        if name not in ("edition", "item"):
            assert record[name] == value, name
    assert (record["catalogue"] is not None) == ("item" in given)
    listed = await world.get("firm", f"/objects?kind={kind}")
    assert [item["number"] for item in listed["items"]] == [number]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"item": "不存在"}, "object.unknown_item"),
        ({"edition": "CL-2024", "item": "示例-152"}, "object.item_other_kind"),
        ({"serial_numbers": ["A-1", "a-1"]}, "object.serial_twice"),
        ({"value_fen": 0}, "form.beyond"),
        ({"value_fen": 10.125}, "form.type"),
        ({"colour": "red"}, "form.unknown_field"),
    ],
)
async def test_wrong_objects_are_refused(world: World, changes: dict[str, Any], code: str) -> None:
    answer = await world.call("firm", "POST", "/objects", thing(**changes))
    assert (answer.status_code, codes(answer)) == (422, {code})
    assert (await world.get("firm", "/objects"))["items"] == []


async def test_change_needs_the_version_it_is_based_on(world: World) -> None:
    number = await make_object(world)
    path = f"/objects/{number}"
    assert (await world.call("firm", "PUT", path, thing())).status_code == 428
    first = {"If-Match": '"r1"'}
    changed = await world.call("firm", "PUT", path, thing(name="改名的设备"), headers=first)
    assert (changed.status_code, changed.headers["etag"]) == (200, '"r2"')
    assert (await world.call("firm", "PUT", path, thing(), headers=first)).status_code == 412


async def test_match_names_the_row_and_the_day_it_took_effect(world: World) -> None:
    number = await make_object(world)
    match = await world.get("officer", f"/objects/{number}/match?day=2026-12-01")
    assert (match["edition"], match["item"]) == ("SB-2024", "示例-11.3")
    assert (match["valid_from"], match["edition_holds"]) == ("2024-01-01", True)
    assert [p["met"] for p in match["parameters"]] == [True, True, True]
    assert match["parameters"][2] == {
        "name": "平均故障间隔时间",
        "required": "≥ 300 h",
        "actual": "20000 min",
        "met": True,
    }
    early = await world.get("firm", f"/objects/{number}/match?day=2023-06-01")
    assert (early["edition_holds"], early["edition_then"]) == (False, "SB-2019")


async def test_objects_of_others_do_not_exist(world: World) -> None:
    await make_other_firm(world)
    number = await make_object(world)
    for who in ("other_firm", "clerk", "rival"):
        assert (await world.call(who, "GET", f"/objects/{number}")).status_code == 404
        assert (await world.get(who, "/objects"))["items"] == []
    await make_policy(world, number)
    assert (await world.get("clerk", f"/objects/{number}"))["number"] == number
    wrong = await world.call("other_firm", "PUT", f"/objects/{number}", thing(), headers=ANY)
    assert wrong.status_code == 404


# Contracts and documents


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"delivered_on": "2026-02-28"}, "contract.delivered_early"),
        ({"accepted_on": "2026-04-30"}, "contract.accepted_early"),
        ({"delivered_on": None}, "contract.accepted_early"),
        (
            {"signed_on": "2099-01-01", "delivered_on": None, "accepted_on": None},
            "contract.in_future",
        ),
        ({"signed_on": "2026-02-29"}, "form.not_a_date"),
        ({"amount_fen": -1}, "form.beyond"),
        ({"buyer_relation": "friend"}, "form.not_a_choice"),
        ({"buyer_uscc": "91420100MA4K00019X"}, "uscc.check_character"),
    ],
)
async def test_wrong_contracts_are_refused(
    world: World, changes: dict[str, Any], code: str
) -> None:
    number = await make_object(world)
    path = f"/objects/{number}/contracts"
    answer = await world.call("firm", "POST", path, contract(world, **changes))
    assert answer.status_code == 422
    assert code in codes(answer) or code.startswith("uscc.")
    assert (await world.get("firm", f"/objects/{number}"))["contracts"] == []


async def test_own_firm_is_no_buyer(world: World) -> None:
    number = await make_object(world)
    own = contract(world, buyer_uscc=world.usccs["enterprise"])
    answer = await world.call("firm", "POST", f"/objects/{number}/contracts", own)
    assert codes(answer) == {"contract.buyer_is_seller"}


async def test_document_is_uploaded_once_and_read_by_the_insurer_of_the_enrolment(
    world: World,
) -> None:
    document = await upload(world, "firm", "other", "contract.pdf")
    enrolled = await make_enrolment(world)
    number = (await world.get("firm", f"/enrolments/{enrolled}"))["object"]
    path = f"/objects/{number}/documents"
    form = {"document": document, "material": "sales_contract"}
    for _ in range(2):
        record = await world.post("firm", path, form)
    assert [d["material"] for d in record["documents"]] == ["sales_contract"]
    content = f"/documents/{document}/content"
    assert (await world.call("clerk", "GET", content)).status_code == 404
    await world.post("firm", f"/enrolments/{enrolled}/submission")
    assert (await world.call("clerk", "GET", content)).status_code == 200
    assert (await world.call("rival", "GET", content)).status_code == 404
    foreign = await upload(world, "clerk")
    answer = await world.call("firm", "POST", path, form | {"document": foreign})
    assert codes(answer) == {"object.unknown_document"}


# The life of an enrolment


async def test_from_draft_to_certificate(world: World) -> None:
    number = await make_enrolment(world)
    assert (await world.call("clerk", "GET", f"/enrolments/{number}")).status_code == 404
    submitted = await world.post("firm", f"/enrolments/{number}/submission")
    assert [f["code"] for f in submitted["findings"]] == ["enrolment.materials_missing"]
    assert (await world.get("clerk", "/enrolments"))["items"][0]["number"] == number
    assert (await world.get("rival", "/enrolments"))["items"] == []
    await world.post("clerk", f"/enrolments/{number}/confirmation", {})
    path = f"/enrolments/{number}/recognition"
    silent = await world.call("approver", "POST", path, {})
    assert codes(silent) == {"enrolment.note_for_warnings"}
    state = await world.post("approver", path, {"note": "已核对"})
    assert (state["status"], len(state["certificate_code"])) == ("recognised", 24)
    record = await world.get("firm", f"/enrolments/{number}")
    assert record["matched"]["number"] == "示例-11.3"
    events = [event["event"] for event in record["events"]]
    assert events == ["draft", "submit", "confirm", "recognise"]
    locked = await world.call("firm", "PUT", f"/objects/{record['object']}", thing(), headers=ANY)
    assert codes(locked) == {"object.in_use"}


async def test_everything_wrong_is_said_at_once_and_nothing_is_written(world: World) -> None:
    number = await make_object(
        world,
        edition="SB-2019",
        item="示例-2.1",
        serial_numbers=[],
        parameters=[{"name": "定位精度", "value": "9", "unit": "μm"}],
        value_fen=2_000_000_000,
    )
    policy = await make_policy(world, number)
    await world.post("firm", f"/policies/{policy}/disputes", {"text": "金额有误"})
    form = {"object": number, "policy_id": policy}
    enrolled = (await world.post("firm", "/enrolments", form))["number"]
    answer = await world.call("firm", "POST", f"/enrolments/{enrolled}/submission")
    assert answer.status_code == 422
    assert {error["code"] for error in answer.json()["errors"]} == {
        "enrolment.policy_disputed",
        "enrolment.fact_missing",
        "enrolment.edition_not_valid",
        "enrolment.parameter_not_met",
        "enrolment.parameter_unknown",
        "enrolment.limit_below_value",
        "enrolment.materials_missing",
    }
    record = await world.get("firm", f"/enrolments/{enrolled}")
    assert (record["status"], record["revision"]) == ("draft", 1)


async def test_policy_and_contract_must_be_the_firms_own(world: World) -> None:
    number = await make_object(world)
    form = {"object": number, "policy_id": 999_999_999, "contract_id": 999_999_999}
    answer = await world.call("firm", "POST", "/enrolments", form)
    assert codes(answer) == {"enrolment.unknown_policy", "enrolment.unknown_contract"}
    other = await make_object(world, "general")
    policy = await make_policy(world, other)
    contract_id = await make_contract(world, number)
    form = {"object": number, "policy_id": policy, "contract_id": contract_id}
    enrolled = (await world.post("firm", "/enrolments", form))["number"]
    answer = await world.call("firm", "POST", f"/enrolments/{enrolled}/submission")
    assert "enrolment.policy_of_another_object" in codes(answer)


async def test_confirmation_links_a_policy_that_names_no_object(world: World) -> None:
    number = await make_object(world, "general")
    policy = await make_policy(world)
    form = {"object": number, "policy_id": policy}
    enrolled = (await world.post("firm", "/enrolments", form))["number"]
    await world.post("firm", f"/enrolments/{enrolled}/submission")
    await world.post("clerk", f"/enrolments/{enrolled}/confirmation", {})
    record = await world.get("clerk", f"/policies/{policy}")
    assert record["object"]["number"] == number
    twice = (await world.post("firm", "/enrolments", form))["number"]
    answer = await world.call("firm", "POST", f"/enrolments/{twice}/submission")
    assert codes(answer) == {"enrolment.policy_enrolled"}


async def test_returned_is_corrected_and_submitted_again(world: World) -> None:
    number = await make_enrolment(world)
    path = f"/enrolments/{number}"
    await world.post("firm", f"{path}/submission")
    assert codes(await world.call("clerk", "POST", f"{path}/return", {})) == {
        "workflow.note_missing"
    }
    await world.post("clerk", f"{path}/return", {"note": "编号不清"})
    record = await world.get("firm", path)
    assert (record["status"], record["decision_note"]) == ("returned", "编号不清")
    more = thing(serial_numbers=["ETCH-0001"])
    changed = await world.call("firm", "PUT", f"/objects/{record['object']}", more, headers=ANY)
    assert changed.status_code == 200
    state = await world.post("firm", f"{path}/submission")
    assert state["status"] == "submitted"
    edit = {"object": record["object"], "policy_id": record["policy_id"]}
    late = await world.call("firm", "PUT", path, edit, headers=ANY)
    assert codes(late) == {"enrolment.not_editable"}


async def test_steps_belong_to_their_roles_and_insurer(world: World) -> None:
    number = await make_enrolment(world)
    path = f"/enrolments/{number}"
    await world.post("firm", f"{path}/submission")
    assert (await world.call("rival", "POST", f"{path}/confirmation", {})).status_code == 404
    other = await world.call("officer", "POST", f"{path}/return", {"note": "x"})
    assert (other.status_code, codes(other)) == (409, {"enrolment.ball_elsewhere"})
    assert (await world.call("clerk", "POST", f"{path}/decline", {"note": "x"})).status_code == 403
    early = await world.call("approver", "POST", f"{path}/recognition", {"note": "x"})
    assert codes(early) == {"workflow.step_not_allowed"}
    state = await world.post("manager", f"{path}/decline", {"note": "不符合承保条件"})
    assert state["status"] == "refused"


async def test_days_activate_and_expire_once(world: World) -> None:
    state = await make_recognised(world)
    path = f"/enrolments/{state['number']}"
    for day, status, done in (
        ("2026-11-30", "recognised", (0, 0)),
        ("2026-12-01", "active", (1, 0)),
        ("2026-12-01", "active", (0, 0)),
        ("2027-11-30", "active", (0, 0)),
        ("2027-12-01", "expired", (0, 1)),
        ("2027-12-02", "expired", (0, 0)),
    ):
        made = await enrolment.due(datetime.fromisoformat(day).replace(hour=4, tzinfo=UTC))
        assert (made["activate"], made["expire"]) == done
        assert (await world.get("firm", path))["status"] == status
    record = await world.get("firm", path)
    assert [e["event"] for e in record["events"]][-2:] == ["activate", "expire"]


async def test_object_facts_for_the_subsidy_rules(world: World) -> None:
    first = await make_recognised(world)
    second = await make_recognised(
        world, serial_numbers=["ETCH-0003", "ETCH-0004"], declared={"key_part": True}
    )
    ids = [
        await sql_value("SELECT id FROM enrolment WHERE number = $1", state["number"])
        for state in (first, second)
    ]
    facts = await object_facts(ids)
    assert [facts[i].ordinal for i in ids] == [1, 3]
    assert (facts[ids[1]].parameters_met, facts[ids[1]].key_part) == (True, True)
    assert (facts[ids[0]].edition, facts[ids[0]].contract_fen) == ("SB-2024", 1_000_000_000)
    codes_of = [f["code"] for f in second["findings"]]
    assert "enrolment.beyond_first_sets" in codes_of


# Certificates


async def test_anybody_checks_a_certificate_by_its_code(world: World) -> None:
    state = await make_recognised(world)
    code = state["certificate_code"]
    path = f"/certificates/{code}"
    shown = {}
    for day in ("2026-11-30", "2026-12-01", "2027-11-30", "2027-12-01"):
        with at(day):
            shown[day] = (await world.get(None, path))["status"]
    assert list(shown.values()) == ["upcoming", "valid", "valid", "expired"]
    found = await world.get(None, path)
    assert (found["object_name"], found["firm"]) == (
        "示例12英寸刻蚀设备",
        "示例光谷芯片科技有限公司",
    )
    assert "*" in found["policy_number"] and "OB-2026" not in found["policy_number"]
    typed = code.replace("-", "").lower().replace("0", "o").replace("1", "l")
    assert (await world.get(None, f"/certificates/{typed}"))["code"] == code
    note = {"note": "材料不实"}
    await world.post("approver", f"/enrolments/{state['number']}/revocation", note)
    assert (await world.get(None, path))["status"] == "revoked"


async def test_certificate_of_a_cancelled_policy_says_so(world: World) -> None:
    state = await make_recognised(world)
    policy = (await world.get("firm", f"/enrolments/{state['number']}"))["policy_id"]
    form = {"kind": "cancel", "effective_on": "2026-12-01", "reason": "退保"}
    await world.post("clerk", f"/policies/{policy}/endorsements", form)
    found = await world.get(None, f"/certificates/{state['certificate_code']}")
    assert found["status"] == "cancelled"


async def test_unknown_codes_and_the_picture(world: World) -> None:
    for wrong in ("0000-0000-0000-0000-0000", "x", "' OR 1=1", "9" * 60):
        assert (await world.call(None, "GET", f"/certificates/{wrong}")).status_code == 404
    state = await make_recognised(world)
    answer = await world.call(None, "GET", f"/certificates/{state['certificate_code']}/qr.svg")
    assert answer.headers["content-type"].startswith("image/svg+xml")
    assert answer.content.startswith(b"<?xml") and b"<script" not in answer.content


def test_codes_and_masks() -> None:
    assert normalise_code(" oil1-0000 ") == "0111-0000"
    assert [masked(text) for text in ("ABC", "ABCDEFGH", "PYII20264201000001")] == [
        "***",
        "AB****GH",
        "PYII**********0001",
    ]
