"""Catalogue editions, objects, enrolments, qualifications, certificates.

Their firm is a second enterprise, `maker`: to `firm` all of it is foreign.
"""

from __future__ import annotations

from typing import Any

from tests.catalogue.enrolling import (
    contract,
    make_contract,
    make_enrolment,
    make_object,
    make_policy,
    thing,
)
from tests.contract.stage import Call, Stage
from tests.factories import World, make_organisation, make_token, make_user, upload

ANY_MATCH = {"If-Match": "*"}
NOTE = {"note": "材料已核对"}
API = "/api/v1"
GRANT = {"quota_fen": 100_000, "valid_from": "2026-11-01", "valid_to": "2029-10-31"}
EDITION = {
    "code": "SB-2027",
    "title": "示例新版目录",
    "kind": "first_set",
    "valid_from": "2027-01-01",
    "source": "示例文件",
    "items": [
        {
            "number": "1",
            "name": "示例装备",
            "parameters": [{"name": "精度", "operator": "≤", "value": "1", "unit": "μm"}],
        }
    ],
}


def value(name: str) -> Any:
    """A value that `prepare` left on the stage."""
    return lambda stage: stage.values[f"enrolment.{name}"]


def at(name: str, who: str, json: Any = None, **more: Any) -> Call:
    """A call on a record that `prepare` made."""
    return Call(who, json=json, params={"number": value(name), **more})


WRITES: dict[str, Call] = {
    f"POST {API}/catalogue-editions": Call("admin", json=EDITION),
    f"POST {API}/objects": Call("maker", json=thing()),
    f"PUT {API}/objects/{{number}}": Call(
        "maker", json=thing(), params={"number": value("free_object")}, headers=ANY_MATCH
    ),
    f"POST {API}/objects/{{number}}/contracts": at(
        "free_object", "maker", lambda stage: contract(stage.world, number="HT-2")
    ),
    f"PUT {API}/objects/{{number}}/contracts/{{contract_id}}": Call(
        "maker",
        json=lambda stage: contract(stage.world),
        params={"number": value("free_object"), "contract_id": value("contract")},
        headers=ANY_MATCH,
    ),
    f"POST {API}/objects/{{number}}/documents": at(
        "free_object",
        "maker",
        lambda stage: {"document": stage.values["enrolment.document"], "material": "ip_proof"},
    ),
    f"POST {API}/enrolments": Call("maker", json=value("form")),
    f"PUT {API}/enrolments/{{number}}": Call(
        "maker", json=value("form"), params={"number": value("draft")}, headers=ANY_MATCH
    ),
    f"POST {API}/enrolments/{{number}}/submission": at("draft", "maker"),
    f"POST {API}/enrolments/{{number}}/confirmation": at("submitted", "clerk", NOTE),
    f"POST {API}/enrolments/{{number}}/return": at("submitted", "clerk", NOTE),
    f"POST {API}/enrolments/{{number}}/decline": at("submitted", "manager", NOTE),
    f"POST {API}/enrolments/{{number}}/recognition": at("confirmed", "approver", NOTE),
    f"POST {API}/enrolments/{{number}}/refusal": at("confirmed", "approver", NOTE),
    f"POST {API}/enrolments/{{number}}/revocation": at("recognised", "approver", NOTE),
    f"POST {API}/qualifications": Call(
        "maker",
        json=lambda stage: {"object": stage.values["enrolment.free_object"], "asked_fen": 1},
    ),
    f"POST {API}/qualifications/{{number}}/recommendation": at("applied", "officer", NOTE),
    f"POST {API}/qualifications/{{number}}/review": at("recommended", "approver", NOTE),
    f"POST {API}/qualifications/{{number}}/grant": at("reviewed", "approver", GRANT),
    f"POST {API}/qualifications/{{number}}/refusal": at("reviewed", "approver", NOTE),
    f"POST {API}/qualifications/{{number}}/revocation": at("granted", "approver", NOTE),
}
CERTIFICATE = {"certificate": value("certificate")}
READS: dict[str, Call] = {
    f"GET {API}/catalogue-editions/{{edition}}": Call(params={"edition": "SB-2024"}),
    f"GET {API}/objects/{{number}}": at("free_object", "maker"),
    f"GET {API}/objects/{{number}}/match": at("free_object", "maker"),
    f"GET {API}/enrolments/{{number}}": at("submitted", "clerk"),
    f"GET {API}/enrolments/{{number}}/findings": at("submitted", "clerk"),
    f"GET {API}/qualifications/{{number}}": at("granted", "maker"),
    f"GET {API}/certificates/{{certificate}}": Call(params=CERTIFICATE),
    f"GET {API}/certificates/{{certificate}}/qr.svg": Call(params=CERTIFICATE),
}


async def prepare(stage: Stage) -> None:
    """One enrolment and one qualification in each state that a route starts from."""
    await _officers(stage.world)
    world = await _maker(stage)
    product = stage.numbers["in_library"]
    free = await make_object(world)
    states = {
        name: await _enrolled(world, product, steps)
        for steps, name in enumerate(("draft", "submitted", "confirmed", "recognised"))
    }
    code = (await world.get("firm", f"/enrolments/{states['recognised']}"))["certificate_code"]
    asked = {
        name: await _qualified(world, steps)
        for steps, name in enumerate(("applied", "recommended", "reviewed", "granted"))
    }
    made = {
        **states,
        **asked,
        "free_object": free,
        "contract": await make_contract(world, free),
        "document": await upload(world, "firm", "other"),
        "certificate": code,
        "form": {"object": free, "policy_id": await make_policy(world, free, product=product)},
    }
    stage.values |= {f"enrolment.{name}": given for name, given in made.items()}
    stage.values |= {"edition": "SB-2024", "certificate": code, "contract_id": made["contract"]}


async def _maker(stage: Stage) -> World:
    """The world as `maker` sees it: its own firm stands where `firm` stood."""
    world = stage.world
    made = await make_organisation("示例首台套制造有限公司", "enterprise", 501)
    world.headers["maker"] = await make_token(
        await make_user(made[0], "maker", "enterprise"), "maker"
    )
    return World(
        world.client,
        world.organisations | {"enterprise": made[0]},
        world.usccs | {"enterprise": made[1]},
        world.headers | {"firm": world.headers["maker"]},
    )


async def _officers(world: World) -> None:
    """A second officer takes first steps, so that the people of the matrix may take the next."""
    user = await make_user(world.organisations["committee"], "second_officer", "committee_officer")
    world.headers["second_officer"] = await make_token(user, "second_officer")


async def _enrolled(world: World, product: str, steps: int) -> str:
    number = await make_enrolment(world, product=product)
    path = f"/enrolments/{number}"
    walk = (("firm", "submission"), ("manager", "confirmation"), ("second_approver", "recognition"))
    for who, noun in walk[:steps]:
        await world.post(who, f"{path}/{noun}", NOTE if noun != "submission" else None)
    return number


async def _qualified(world: World, steps: int) -> str:
    form = {"object": await make_object(world), "asked_fen": 100_000}
    number: str = (await world.post("firm", "/qualifications", form))["number"]
    walk = (
        ("second_officer", "recommendation", NOTE),
        ("second_approver", "review", NOTE),
        ("approver", "grant", GRANT),
    )
    for who, noun, body in walk[:steps]:
        await world.post(who, f"/qualifications/{number}/{noun}", body)
    return number
