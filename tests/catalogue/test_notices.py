"""Public notice on the official calendar, objections that freeze one line, late approvals."""

from __future__ import annotations

from typing import Any

import pytest

from tests.catalogue.subsidy_story import SCHEME, announced, on, reviewed, stage
from tests.catalogue.test_filing import codes
from tests.factories import World

TITLE = {"title": "2026年保费补贴公示"}


def objection(application: str, line: int = 1, **changes: Any) -> dict[str, Any]:
    """An objection under a real name."""
    return {
        "application": application,
        "line": line,
        "name": "示例举报人张三",
        "contact": "027-00000009",
        "text": "该企业未实际投保，合同与发票系伪造，请核查。",
    } | changes


@pytest.mark.parametrize(
    ("day", "last_on"),
    [
        ("2026-03-02", "2026-03-09"),
        ("2026-02-13", "2026-02-27"),  # 春节: 15 to 23 February off, 14 and 28 February worked
        ("2026-09-28", "2026-10-10"),  # 国庆: 1 to 7 October off, 10 October is worked
    ],
)
async def test_notice_ends_on_the_official_calendar(world: World, day: str, last_on: str) -> None:
    from datetime import date

    from service.kernel.calendar import add_working_days

    assert add_working_days(date.fromisoformat(day), 5).isoformat() == last_on
    with on(day):
        _, notice = await announced(world, await stage(world, "A-1"))
    board = await world.get(None, f"/notices/{notice}")
    assert (board["to_on"], board["day_count"], board["working_days"]) == (last_on, 5, True)


async def test_nothing_is_closed_or_approved_before_the_day_after(world: World) -> None:
    with on("2026-09-28"):
        number, notice = await announced(world, await stage(world, "A-1"))
    with on("2026-10-10"):
        early = await world.call("approver", "POST", f"/applications/{number}/approval", {})
        closing = await world.call("officer", "POST", f"/notices/{notice}/closing", {})
        assert codes(early) == codes(closing) == {"notice.not_over"}
        assert (await world.get(None, f"/notices/{notice}"))["open"]
    with on("2026-10-11"):
        late = await world.call(None, "POST", f"/notices/{notice}/objections", objection(number))
        assert codes(late) == {"notice.over"}
        closed = await world.post("officer", f"/notices/{notice}/closing")
        assert closed["closed"] and not closed["open"]
        twice = await world.call("officer", "POST", f"/notices/{notice}/closing", {})
        assert codes(twice) == {"notice.closed"}
        assert (await world.post("approver", f"/applications/{number}/approval"))["status"] == (
            "approved"
        )


async def test_public_page_shows_no_account_and_no_contact(world: World) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1"))
        answer = await world.call(None, "GET", f"/notices/{notice}")
        for secret in ("4200000000000001", "示例银行", "示例联系人", "027-00000002"):
            assert secret not in answer.text
        assert answer.json()["lines"][0]["application"] == number
        listed = await world.get(None, f"/notices?scheme={SCHEME}&open=true")
        assert [(n["number"], n["total_fen"]) for n in listed["items"]] == [(notice, 800_000)]


async def test_notice_takes_only_what_has_passed_both_reviews(world: World) -> None:
    with on("2026-03-02"):
        path = f"/schemes/{SCHEME}/notices"
        policies = await stage(world, "A-1")
        empty = await world.call("officer", "POST", path, TITLE)
        assert codes(empty) == {"notice.nothing_to_announce"}
        number = await reviewed(world, policies)
        past = await world.call("officer", "POST", path, TITLE | {"from_on": "2026-03-01"})
        assert codes(past) == {"notice.begins_before_today"}
        early = await world.call("approver", "POST", f"/applications/{number}/approval", {})
        assert codes(early) == {"notice.none"}
        await world.post("officer", path, TITLE | {"from_on": "2026-03-03"})
        again = await world.call("officer", "POST", path, TITLE | {"applications": [number]})
        assert codes(again) == {"notice.not_ready"}


async def test_contested_line_is_frozen_and_the_other_is_approved(world: World) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1", "A-2"))
        received = await world.post(None, f"/notices/{notice}/objections", objection(number, 2))
        assert received["decide_by"] == "2026-03-16"
        wrong = await world.call(
            None, "POST", f"/notices/{notice}/objections", objection(number, 9)
        )
        assert codes(wrong) == {"objection.line_not_announced"}
    path, case = f"/applications/{number}", f"/objections/{received['number']}"
    with on("2026-03-10"):
        frozen = await world.call("approver", "POST", f"{path}/approval", {})
        assert codes(frozen) == {"review.line_frozen"}
        form = {"upheld": False, "outcome": "经核查，保单与发票属实"}
        unadmitted = await world.call("approver", "POST", f"{case}/decision", form)
        assert codes(unadmitted) == {"objection.not_admitted"}
        await world.post("officer", f"{case}/admission", {"note": "登记异议"})
        assert (await world.get("firm", path))["status"] == "objection"
        rest = await world.post("approver", f"{path}/approval", {"note": "批准无异议部分"})
        assert (rest["status"], rest["approved_fen"]) == ("approved", 800_000)
        lines = await world.get("firm", f"{path}/lines")
        assert [line["status"] for line in lines] == ["approved", "frozen"]
        await world.post("chief", f"{case}/decision", form)
        late = await world.post("approver", f"{path}/approval")
        assert (late["status"], late["approved_fen"]) == ("approved", 1_600_000)
    budget = await world.get("auditor", f"/schemes/{SCHEME}/budget")
    assert budget["committed_fen"] == 1_600_000


async def test_dismissed_objection_leads_back_to_the_notice(world: World) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1"))
        received = await world.post(None, f"/notices/{notice}/objections", objection(number))
        case = f"/objections/{received['number']}"
        await world.post("officer", f"{case}/admission", {"note": "登记异议"})
        decided = await world.post(
            "approver", f"{case}/decision", {"upheld": False, "outcome": "异议不成立"}
        )
        assert decided["status"] == "dismissed"
        twice = await world.call(
            "approver", "POST", f"{case}/decision", {"upheld": True, "outcome": "改判"}
        )
        assert codes(twice) == {"objection.decided"}
        assert (await world.get("firm", f"/applications/{number}"))["status"] == "public_notice"
    with on("2026-03-10"):
        assert (await world.post("approver", f"/applications/{number}/approval"))["status"] == (
            "approved"
        )


async def test_upheld_objection_refuses_its_line_and_only_it(world: World) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1", "A-2"))
        path = f"/applications/{number}"
        for line in (1, 2):
            received = await world.post(
                None, f"/notices/{notice}/objections", objection(number, line)
            )
            case = f"/objections/{received['number']}"
            await world.post("officer", f"{case}/admission", {"note": "登记异议"})
            form = {"upheld": True, "outcome": "合同系伪造"}
            await world.post("approver", f"{case}/decision", form)
            status = (await world.get("firm", path))["status"]
            assert status == ("objection" if line == 1 else "refused")
        lines = await world.get("firm", f"{path}/lines")
        assert {line["status"] for line in lines} == {"refused"}


async def test_application_is_paid_once_its_last_contested_line_is_refused(world: World) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1", "A-2"))
        received = await world.post(None, f"/notices/{notice}/objections", objection(number, 2))
        path, case = f"/applications/{number}", f"/objections/{received['number']}"
        await world.post("officer", f"{case}/admission", {"note": "登记异议"})
    with on("2026-03-10"):
        await world.post("approver", f"{path}/approval", {"note": "批准无异议部分"})
        batch = await world.post("officer", f"/schemes/{SCHEME}/payment-batches", {"lines": []})
        home = f"/payment-batches/{batch['number']}"
        await world.post("approver", f"{home}/approval")
        assert (await world.call("officer", "POST", f"{home}/bank-file", {})).status_code < 300
        row = {"item": 1, "amount_fen": 800_000, "paid": True, "bank_reference": "B1",
               "paid_on": "2026-03-10"}  # fmt: skip
        await world.post("officer", f"{home}/results", {"rows": [row]})
        assert (await world.get("firm", path))["status"] == "approved", "one line is still open"
        await world.post("chief", f"{case}/decision", {"upheld": True, "outcome": "合同系伪造"})
    record = await world.get("firm", path)
    assert (record["status"], record["paid_fen"]) == ("paid", 800_000)
    assert [line["status"] for line in record["lines"]] == ["paid", "refused"]


async def test_objector_is_known_to_the_committee_only(world: World) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1"))
        received = await world.post("firm", f"/notices/{notice}/objections", objection(number))
        for who in ("firm", "clerk", None):
            answer = await world.call(who, "GET", f"/objections/{received['number']}")
            assert answer.status_code in (401, 403)
            board = await world.call(who, "GET", f"/notices/{notice}")
            assert "示例举报人张三" not in board.text
        record = await world.call("firm", "GET", f"/applications/{number}")
        assert "示例举报人张三" not in record.text
        taken = next(e for e in record.json()["history"] if e["event"] == "object")
        assert taken["by"] == "公众"
        seen = await world.get("officer", f"/objections/{received['number']}")
        assert seen["objector_name"] == "示例举报人张三"
        audited = await world.get("auditor", f"/objections/{received['number']}")
        assert (audited["objector_name"], audited["objector_contact"]) == ("", "")


BAD = [
    {"name": ""},
    {"name": "匿名"},
    {"name": "热心群众"},
    {"name": "1234"},
    {"name": "张"},
    {"contact": "1"},
    {"contact": "不便透露"},
    {"text": "不服"},
]


@pytest.mark.parametrize("changes", BAD)
async def test_objection_needs_name_contact_and_substance(
    world: World, changes: dict[str, Any]
) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1"))
        answer = await world.call(
            None, "POST", f"/notices/{notice}/objections", objection(number, **changes)
        )
        assert answer.status_code == 422
        assert (await world.get("officer", "/objections"))["items"] == []
