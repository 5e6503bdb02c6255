"""Subsidy applications, reviews, public notices, objections.

Their firm is another enterprise, `claimant`: to `firm` all of it is foreign.
"""

from __future__ import annotations

import base64
from typing import Any

from service.kernel.db import sql
from tests.catalogue.subsidy_story import FIRM, draft_form, make_scheme, paid_policy, papers
from tests.contract.stage import Call, Stage
from tests.factories import PDF, World, make_organisation, make_token, make_user

API = "/api/v1"
APPLICATION = f"{API}/applications/{{number}}"
ANY_MATCH = {"If-Match": "*"}
CODE = "contract-2026"
NOTE = {"note": "材料已核对"}
PASSED = {"passed": True}
ACCOUNT = {"account_number": "4200000000000601"}
"""Of this firm alone: an account that two firms use is refused."""
WHAT_IF = {"lines": [{"kind": "general", "premium_fen": 2_000_000, "limit_fen": 1_000_000_000}]}
LOSS = {"reference": "LP-1", "paid_fen": 1_990_000, "payee_name": "示例申报企业有限公司"}


def value(name: str) -> Any:
    """A value that `prepare` left on the stage."""
    return lambda stage: stage.values[f"subsidy.{name}"]


def at(name: str, who: str | None, json: Any = None, **more: Any) -> Call:
    """A call on a record that `prepare` made."""
    return Call(who, json=json, params={"number": value(name)}, **more)


def _file() -> Call:
    """The file of an objection."""
    return Call("officer", params={"number": value("objection"), "file": 1})


EVIDENCE = {"file_name": "证据.pdf", "content_base64": base64.b64encode(PDF).decode()}


def _objection(stage: Stage) -> dict[str, Any]:
    return {
        "application": stage.values["subsidy.announced"],
        "line": 1,
        "name": "示例举报人",
        "contact": "027-00000009",
        "text": "合同与发票存疑，请管委会核查。",
        "evidence": [EVIDENCE],
    }


SCHEME = {"params": {"code": CODE}}
WRITES: dict[str, Call] = {
    f"POST {API}/schemes/{{code}}/what-if": Call(json=WHAT_IF, **SCHEME),
    f"POST {API}/applications": Call("claimant", json=value("form")),
    f"PUT {APPLICATION}/draft": at("draft", "claimant", value("draft_form"), headers=ANY_MATCH),
    f"POST {APPLICATION}/materials": at("draft", "claimant", value("material")),
    f"POST {APPLICATION}/submission": at("draft", "claimant"),
    f"POST {APPLICATION}/withdrawal": at("submitted", "claimant", NOTE),
    f"POST {APPLICATION}/acceptance": at("submitted", "officer", NOTE),
    f"POST {APPLICATION}/return": at("submitted", "officer", NOTE),
    f"POST {APPLICATION}/refusal": at("submitted", "officer", NOTE),
    f"POST {APPLICATION}/first-review": at("accepted", "officer", NOTE),
    f"POST {APPLICATION}/first-opinion": at("first_review", "officer", PASSED),
    f"POST {APPLICATION}/second-opinion": at("second_review", "officer", PASSED),
    f"POST {APPLICATION}/lines/{{line}}/refusal": Call(
        "officer", json=NOTE, params={"number": value("first_review"), "line": 1}
    ),
    f"POST {APPLICATION}/warning-notes": at(
        "warned", "officer", {"line": 1, "code": "check.claim_like_refund", "note": "已核实"}
    ),
    f"POST {APPLICATION}/approval": at("over", "approver", NOTE),
    f"POST {APPLICATION}/revocation": at("approved", "approver", NOTE),
    f"POST {APPLICATION}/evaluation": at("paid", "officer", NOTE),
    f"POST {API}/schemes/{{code}}/notices": Call(
        "officer", json={"title": "2026年示例补贴公示"}, **SCHEME
    ),
    f"POST {API}/notices/{{number}}/closing": at("notice_over", "officer"),
    f"POST {API}/notices/{{number}}/objections": at("notice", None, _objection),
    f"POST {API}/objections/{{number}}/admission": at("objection", "officer", NOTE),
    f"POST {API}/objections/{{number}}/decision": at(
        "objection_admitted", "approver", {"upheld": False, "outcome": "经核查不成立"}
    ),
}
READS: dict[str, Call] = {
    f"GET {API}/schemes/{{code}}/eligible-policies": Call("claimant", **SCHEME),
    **{
        f"GET {APPLICATION}{rest}": at("announced", "claimant")
        for rest in ("", "/lines", "/checklist", "/assessment-preview", "/assessment")
    },
    f"GET {APPLICATION}/warning-notes": at("announced", "officer"),
    f"GET {API}/notices/{{number}}": at("notice", None),
    f"GET {API}/objections/{{number}}": at("objection", "officer"),
    f"GET {API}/objections/{{number}}/evidence/{{file}}": _file(),
    "GET /subsidy/objections/{number}/evidence/{file}": _file(),
}
STEPS: tuple[tuple[str, str, str, Any], ...] = (
    ("submitted", "firm", "submission", None),
    ("accepted", "desk_officer", "acceptance", NOTE),
    ("first_review", "desk_officer", "first-review", NOTE),
    ("second_review", "desk_officer", "first-opinion", PASSED),
    ("waiting", "second_approver", "second-opinion", PASSED),
)
"""State reached, by whom, by which noun."""


async def prepare(stage: Stage) -> None:
    """One application in each state that a route starts from."""
    world = await _claimant(stage)
    await make_scheme(world, CODE, window_from="2020-01-01", window_to="2099-12-31")
    product = stage.numbers["in_library"]
    shared = await papers(world)
    made: dict[str, Any] = {"material": shared[0]}

    async def applied(name: str, state: str) -> str:
        policy = await paid_policy(world, product, f"SUB-{name}")
        form = await draft_form(world, [policy], materials=shared, firm=FIRM, **ACCOUNT)
        number: str = (await world.post("firm", "/applications", {"scheme": CODE, **form}))[
            "number"
        ]
        made.update(
            {name: number, "draft_form": form if name == "draft" else made.get("draft_form")}
        )
        await _walk(world, number, state)
        return number

    for name, state in (
        ("draft", "draft"),
        ("submitted", "submitted"),
        ("accepted", "accepted"),
        ("first_review", "first_review"),
        ("second_review", "second_review"),
        ("warned", "first_review"),
    ):
        await applied(name, state)
    await _warn(world, made["warned"])
    for name in ("announced", "contested", "settling"):
        await applied(name, "waiting")
    made["notice"] = await _announce(world)
    made["objection"] = await _object(world, made["notice"], made["contested"])
    made["objection_admitted"] = await _object(world, made["notice"], made["settling"])
    await world.post("desk_officer", f"/objections/{made['objection_admitted']}/admission", NOTE)
    for name in ("over", "approved", "paid"):
        await applied(name, "waiting")
    made["notice_over"] = await _announce(world)
    await sql(
        "UPDATE public_notice SET from_on = from_on - 30, to_on = to_on - 30 WHERE number = $1",
        made["notice_over"],
    )
    for name in ("approved", "paid"):
        await world.post("chief_approver", f"/applications/{made[name]}/approval", NOTE)
    await sql("UPDATE application SET status = 'paid' WHERE number = $1", made["paid"])
    await applied("unannounced", "waiting")
    free = await paid_policy(world, product, "SUB-free")
    made["form"] = {"scheme": CODE, **await draft_form(world, [free], materials=shared)}
    stage.values |= {f"subsidy.{name}": given for name, given in made.items()}
    stage.values |= {"line": 1}


async def _claimant(stage: Stage) -> World:
    """The world as `claimant` sees it: its own firm stands where `firm` stood."""
    world = stage.world
    made = await make_organisation("示例申报企业有限公司", "enterprise", 641)
    for login, organisation, role in (
        ("claimant", made[0], "enterprise"),
        ("desk_officer", world.organisations["committee"], "committee_officer"),
        ("chief_approver", world.organisations["committee"], "committee_approver"),
    ):
        user = await make_user(organisation, login, role)
        world.headers[login] = await make_token(user, login)
    await sql(
        "INSERT INTO certificate (organisation, kind, number, valid_from, valid_to)"
        " VALUES ($1, '高新技术企业', 'GR-CONTRACT-1', '2020-01-01', '2099-12-31')",
        made[0],
    )
    return World(
        world.client,
        world.organisations | {"enterprise": made[0]},
        world.usccs | {"enterprise": made[1]},
        world.headers | {"firm": world.headers["claimant"]},
    )


async def _walk(world: World, number: str, state: str) -> None:
    """Take an application from the draft to a state."""
    names = [name for name, *_ in STEPS]
    last = names.index(state) + 1 if state in names else 0
    for _, who, noun, body in STEPS[:last]:
        await world.post(who, f"/applications/{number}/{noun}", body)


async def _warn(world: World, number: str) -> None:
    """A claim near the premium on the policy of an application."""
    line = (await world.get("firm", f"/applications/{number}/lines"))[0]
    day = {"loss_on": line["start_on"], "paid_on": line["start_on"]}
    await world.post("clerk", f"/policies/{line['policy']}/losses", {**LOSS, **day})


async def _announce(world: World) -> str:
    form = {"title": "2026年示例补贴公示"}
    number: str = (await world.post("officer", f"/schemes/{CODE}/notices", form))["number"]
    return number


async def _object(world: World, notice: str, application: str) -> str:
    form = {
        "application": application,
        "line": 1,
        "name": "示例举报人",
        "contact": "027-00000009",
        "text": "合同与发票存疑，请管委会核查。",
        "evidence": [EVIDENCE],
    }
    number: str = (await world.post(None, f"/notices/{notice}/objections", form))["number"]
    return number
