"""Schemes, payments and recoveries, and what the committee's pages post about them all."""

from __future__ import annotations

from typing import Any

from service.kernel.calendar import today
from service.kernel.db import sql, sql_value
from tests.catalogue.test_money import approved_line, paid_row, scheme_form
from tests.contract.recipes import enrolment, subsidy
from tests.contract.stage import Call, Stage

API, OPEN, DRAFT = "/api/v1", "desk-open", "desk-draft"
NOTE = {"note": "材料已核对"}
DAYS = {"window_from": "2020-01-01", "window_to": "2099-12-31"}


def value(name: str) -> Any:
    """A value that `prepare` left on the stage."""
    return lambda stage: stage.values[f"desk.{name}"]


def _post(who: str, number: Any, form: Any = None, **more: Any) -> Call:
    return Call(who, form=form, params={"number": number, **more})


def _pages() -> dict[str, Call]:
    """The pages post what the API takes, on the records of the other parts."""
    applied, enrolled = subsidy.value, enrolment.value
    passed = {"passed": "1"}
    place = "POST /subsidy/applications/{number}"
    enrol, qualify = "POST /enrolment/{number}", "POST /enrolment/qualifications/{number}"
    grant = {k: str(v) for k, v in enrolment.GRANT.items()}
    warn = {"line": "1", "code": "check.claim_like_refund", "note": "已核实"}
    claim = {"cause": "false_claim", "amount_fen": "1", "reason": "材料虚假"}
    notice = {"scheme": subsidy.CODE, "title": "2026年示例补贴公示"}
    return {
        f"{place}/acceptance": _post("officer", applied("submitted"), NOTE),
        f"{place}/return": _post("officer", applied("submitted"), NOTE),
        f"{place}/refusal": _post("officer", applied("submitted"), NOTE),
        f"{place}/first-review": _post("officer", applied("accepted"), NOTE),
        f"{place}/first-opinion": _post("officer", applied("first_review"), passed),
        f"{place}/second-opinion": _post("officer", applied("second_review"), passed),
        f"{place}/approval": _post("approver", applied("over"), NOTE),
        f"{place}/revocation": _post("approver", applied("approved"), NOTE),
        f"{place}/evaluation": _post("officer", applied("paid"), NOTE),
        f"{place}/warning-notes": _post("officer", applied("warned"), warn),
        f"{place}/lines/{{line}}/refusal": _post("officer", applied("first_review"), NOTE, line=1),
        f"{place}/lines/{{line}}/recoveries": _post("officer", value("paid"), claim, line=1),
        "POST /subsidy/notices": Call("officer", form=notice),
        "POST /subsidy/notices/{number}/closure": _post("officer", applied("notice_over")),
        "POST /subsidy/objections/{number}/admission": _post("officer", applied("objection"), NOTE),
        "POST /subsidy/objections/{number}/decision": _post(
            "approver", applied("objection_admitted"), {"upheld": "0", "outcome": "不成立"}
        ),
        f"{enrol}/confirmation": _post("clerk", enrolled("submitted"), NOTE),
        f"{enrol}/return": _post("clerk", enrolled("submitted"), NOTE),
        f"{enrol}/decline": _post("manager", enrolled("submitted"), NOTE),
        f"{enrol}/recognition": _post("approver", enrolled("confirmed"), NOTE),
        f"{enrol}/refusal": _post("approver", enrolled("confirmed"), NOTE),
        f"{enrol}/revocation": _post("approver", enrolled("recognised"), NOTE),
        f"{qualify}/recommendation": _post("officer", enrolled("applied"), NOTE),
        f"{qualify}/review": _post("approver", enrolled("recommended"), NOTE),
        f"{qualify}/grant": _post("approver", enrolled("reviewed"), grant | {"quota_fen": "1000"}),
        f"{qualify}/refusal": _post("approver", enrolled("reviewed"), NOTE),
        f"{qualify}/revocation": _post("approver", enrolled("granted"), NOTE),
    }


def _money() -> dict[str, Call]:
    """Each step of the money twice: on the page and through the API."""
    more = {"amount_fen": 100, "document": "示例追加文件"}
    back = {"amount_fen": 100, "received_on": today().isoformat(), "bank_reference": "R-9"}
    paid = paid_row(1, 500_000, "DESK-9")
    typed = {f"rows-0-{k}": str(v) for k, v in paid.items()} | {"rows-0-paid": "1"}
    found: dict[str, Call] = {
        f"POST {API}/schemes": Call("officer", json=scheme_form(code="desk-new")),
        f"POST {API}/applications/{{application}}/lines/{{line}}/recoveries": Call(
            "officer",
            json={"cause": "false_claim", "amount_fen": 1, "reason": "材料虚假"},
            params={"application": value("paid"), "line": 1},
        ),
        f"POST {API}/payment-batches/{{number}}/results": Call(
            "officer", json={"rows": [paid]}, params={"number": value("sent")}
        ),
        "POST /money/batches/{number}/results": _post(
            "officer", value("sent"), typed | {"rows-0-amount_fen": "5000"}
        ),
        "POST /money/batches/{number}/retry": _post("officer", value("failed")),
        "POST /money/schemes/new": Call(
            "officer",
            form={
                **{k: str(v) for k, v in scheme_form(code="desk-new").items() if "rule" not in k},
                "rule": "subsidy/eastlake-example 2026.1",
            },
        ),
    }
    for api, console, who, at, body in (
        ("schemes/{code}/opening", "", "approver", {"code": DRAFT}, {}),
        ("schemes/{code}/closure", "", "approver", {"code": OPEN}, {}),
        ("schemes/{code}/appropriations", "", "approver", {"code": OPEN}, more),
        ("schemes/{code}/payment-batches", "", "officer", {"code": OPEN}, {}),
        ("payment-batches/{number}/approval", "batches", "approver", _at("prepared"), {}),
        ("payment-batches/{number}/bank-file", "batches", "officer", _at("agreed"), {}),
        ("recoveries/{number}/approval", "", "approver", _at("proposed"), {}),
        ("recoveries/{number}/cancellation", "", "approver", _at("proposed"), {}),
        ("recoveries/{number}/repayments", "", "officer", _at("open"), back),
    ):
        page = api.replace("payment-batches/{n", f"{console}/{{n") if console else api
        form = {k: str(v) for k, v in body.items()} | ({"amount_fen": "1"} if body else {})
        found[f"POST {API}/{api}"] = Call(who, json=body, params=at)
        found[f"POST /money/{page}"] = Call(who, form=form, params=at)
    return found


def _at(name: str) -> dict[str, Any]:
    return {"number": value(name)}


WRITES: dict[str, Call] = _pages() | _money()
READS: dict[str, Call] = {
    **{
        f"GET {place}": Call("officer", params={"code": OPEN})
        for place in (f"{API}/schemes/{{code}}/budget", "/money/schemes/{code}")
    },
    f"GET {API}/schemes/{{code}}": Call(params={"code": OPEN}),
    f"GET {API}/payment-batches/{{number}}": Call("officer", params=_at("sent")),
    "GET /money/batches/{number}": Call("officer", params=_at("sent")),
    f"GET {API}/recoveries/{{number}}": Call(
        "officer", params=_at("open"), parties=("firm",)
    ),
    "GET /money/recoveries/{number}": Call("officer", params=_at("open")),
    "GET /subsidy/applications/{number}": _post("officer", subsidy.value("first_review")),
    "GET /enrolment/{number}": _post("clerk", enrolment.value("submitted")),
    "GET /enrolment/qualifications/{number}": _post("officer", enrolment.value("granted")),
}


async def prepare(stage: Stage) -> None:
    """A draft and an open scheme, a batch in each state, recoveries."""
    world = stage.world
    for code in (OPEN, DRAFT):
        form = scheme_form(code=code, name=f"示例项目 {code}", **DAYS)
        await world.post("second_officer", "/schemes", form)
    await world.post("second_approver", f"/schemes/{OPEN}/opening")
    lines = {}
    for n, name in enumerate(("prepared", "agreed", "sent", "failed", "paid", "free"), 900001):
        lines[name] = await approved_line(world, OPEN, 500_000, str(n))
        stage.values[f"desk.application.{name}"] = f"SA-2026-{n}"
    other = await sql_value("SELECT id FROM eastlake_user WHERE login = 'second_approver'")
    await sql("UPDATE application SET approved_by = $1 WHERE number LIKE 'SA-2026-9000%'", other)
    for name in ("prepared", "agreed", "sent", "failed", "paid"):
        made = await _batch(stage, lines[name], name)
        stage.values[f"desk.{name}"] = made
    stage.values["desk.paid"] = stage.values["desk.application.paid"]
    for name in ("proposed", "open"):
        claim = {"cause": "duplicate", "amount_fen": 1000, "reason": "重复享受"}
        path = f"/applications/{stage.values['desk.paid']}/lines/1/recoveries"
        made = (await world.post("second_officer", path, claim))["number"]
        stage.values[f"desk.{name}"] = made
    await world.post("approver", f"/recoveries/{stage.values['desk.open']}/approval")


async def _batch(stage: Stage, line: int, name: str) -> str:
    world = stage.world
    made = await world.post("second_officer", f"/schemes/{OPEN}/payment-batches", {"lines": [line]})
    path = f"/payment-batches/{made['number']}"
    if name != "prepared":
        await world.post("second_approver", f"{path}/approval")
    if name in ("sent", "failed", "paid"):
        sent = await world.call("second_officer", "POST", f"{path}/bank-file")
        assert sent.status_code == 201, sent.text
    if name in ("failed", "paid"):
        row = paid_row(1, 500_000, f"DESK-{name}")
        if name == "failed":
            row = {"item": 1, "amount_fen": 500_000, "paid": False, "failure": "户名不符"}
        await world.post("second_officer", f"{path}/results", {"rows": [row]})
    number: str = made["number"]
    return number
