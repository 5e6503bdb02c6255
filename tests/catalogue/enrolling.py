"""Objects, contracts, policies and enrolments as the tests of enrolment want them."""

from __future__ import annotations

from typing import Any

from tests.factories import World, make_in_library, make_organisation, make_token, make_user

OBJECTS: dict[str, dict[str, Any]] = {
    "first_set": {
        "kind": "first_set",
        "name": "示例12英寸刻蚀设备",
        "level": "national",
        "edition": "SB-2024",
        "item": "示例-11.3",
        "value_fen": 500_000_000,
        "parameters": [
            {"name": "晶圆直径", "value": "300", "unit": "mm"},
            {"name": "刻蚀均匀性", "value": "1.8", "unit": "%"},
            {"name": "平均故障间隔时间", "value": "20000", "unit": "min"},
        ],
        "serial_numbers": ["ETCH-0001", "ETCH-0002"],
    },
    "first_batch": {
        "kind": "first_batch",
        "name": "示例高纯靶材",
        "edition": "CL-2024",
        "item": "示例-152",
        "parameters": [
            {"name": "纯度", "value": "99.9997", "unit": "%"},
            {"name": "平均晶粒尺寸", "value": "0.045", "unit": "mm"},
        ],
        "variety": "高纯铜靶",
        "batch": "2026-B1",
    },
    "first_version": {
        "kind": "first_version",
        "name": "示例工业设计仿真软件",
        "software_version": "V1.0",
        "copyright_number": "2026SR0000001",
        "test_report_number": "CS-2026-001",
        "test_report_body": "示例软件测评中心",
        "test_report_marks": ["CNAS"],
        "declared": {"customised": False, "completed_on": "2025-06-01"},
    },
    "general": {"kind": "general", "name": "示例研发实验室"},
}


def thing(kind: str = "first_set", **changes: Any) -> dict[str, Any]:
    """An object that lacks nothing."""
    return OBJECTS[kind] | changes


def contract(world: World, **changes: Any) -> dict[str, Any]:
    """A sale of two units to an unrelated buyer."""
    return {
        "number": "HT-2026-001",
        "buyer_name": "示例长江存储制造有限公司",
        "buyer_uscc": world.usccs["committee"],
        "buyer_relation": "none",
        "signed_on": "2026-03-01",
        "amount_fen": 1_000_000_000,
        "quantity": 2,
        "unit_price_fen": 500_000_000,
        "delivered_on": "2026-05-01",
        "accepted_on": "2026-06-01",
    } | changes


async def make_object(world: World, kind: str = "first_set", **changes: Any) -> str:
    """A registered object of the firm; returns its number."""
    state = await world.post("firm", "/objects", thing(kind, **changes))
    number: str = state["number"]
    return number


async def make_contract(world: World, number: str, **changes: Any) -> int:
    """A sale of an object; returns its key."""
    path = f"/objects/{number}/contracts"
    contract_id: int = (await world.post("firm", path, contract(world, **changes)))["id"]
    return contract_id


async def make_policy(world: World, object_number: str = "", **changes: Any) -> int:
    """A policy of the firm that starts in the future; returns its key."""
    product = changes.pop("product", None) or await make_in_library(world)
    form = {
        "number": f"PYII-{object_number}-{len(changes)}",
        "product": product,
        "insured_uscc": world.usccs["enterprise"],
        "object": object_number,
        "start_on": "2026-12-01",
        "end_on": "2027-11-30",
        "sum_insured_fen": 1_000_000_000,
        "limit_fen": 1_000_000_000,
        "rate_ppm": 2000,
        "premium_fen": 2_000_000,
    } | changes
    policy_id: int = (await world.post("clerk", "/policies", form))["id"]
    return policy_id


async def make_enrolment(
    world: World, kind: str = "first_set", product: str = "", **changes: Any
) -> str:
    """A draft enrolment that passes every check but the papers; returns its number."""
    number = await make_object(world, kind, **changes)
    form = {
        "object": number,
        "policy_id": await make_policy(world, number, product=product),
        "contract_id": await make_contract(world, number),
    }
    made: str = (await world.post("firm", "/enrolments", form))["number"]
    return made


async def make_recognised(world: World, kind: str = "first_set", **changes: Any) -> dict[str, Any]:
    """A recognised enrolment; returns its last state."""
    number = await make_enrolment(world, kind, **changes)
    await world.post("firm", f"/enrolments/{number}/submission")
    await world.post("clerk", f"/enrolments/{number}/confirmation", {})
    note = {"note": "材料已线下核对"}
    state: dict[str, Any] = await world.post("approver", f"/enrolments/{number}/recognition", note)
    return state


async def make_other_firm(world: World) -> None:
    """A second enterprise with a person `other_firm`."""
    made = await make_organisation("示例另一家企业有限公司", "enterprise", 77)
    world.organisations["other_enterprise"], world.usccs["other_enterprise"] = made
    user = await make_user(made[0], "other_firm", "enterprise")
    world.headers["other_firm"] = await make_token(user, "other_firm")
