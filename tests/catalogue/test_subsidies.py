"""Subsidy applications through the public routes, from draft to approval."""

from __future__ import annotations

from typing import Any

import pytest

from catalogue.rules.subsidy.workflow import SUBSIDY
from catalogue.subsidies import due
from service.kernel.calendar import now
from service.kernel.db import sql, sql_value
from tests.catalogue.subsidy_story import (
    FIRM,
    PAPERS,
    SCHEME,
    announced,
    draft_form,
    in_first_review,
    make_application,
    make_scheme,
    on,
    paid_policy,
    reviewed,
    stage,
    submitted,
)
from tests.catalogue.test_filing import codes
from tests.factories import World, make_in_library, upload

PASSED = {"passed": True}


async def test_straight_path_from_draft_to_approval(world: World) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1", "A-2")
        number, notice = await announced(world, policies)
        board = await world.get(None, f"/notices/{notice}")
        assert (board["from_on"], board["to_on"]) == ("2026-03-02", "2026-03-09")
        assert [line["amount_fen"] for line in board["lines"]] == [800_000, 800_000]
    with on("2026-03-10"):
        state = await world.post("approver", f"/applications/{number}/approval")
    assert (state["status"], state["approved_fen"]) == ("approved", 1_600_000)
    budget = await world.get("auditor", f"/schemes/{SCHEME}/budget")
    assert (budget["committed_fen"], budget["free_fen"]) == (1_600_000, 8_400_000)
    record = await world.get("firm", f"/applications/{number}")
    assert [e["event"] for e in record["history"]] == [
        "draft",
        "submit",
        "accept",
        "begin_review",
        "pass_first",
        "pass_second",
        "announce",
        "approve",
    ]
    assert [line["status"] for line in record["lines"]] == ["approved", "approved"]


async def test_assessment_is_read_step_by_step_and_gives_the_same_bytes_again(
    world: World,
) -> None:
    with on("2026-03-02"):
        number = await submitted(world, await stage(world, "A-1"))
    shown = await world.get("firm", f"/applications/{number}/assessment")
    assert shown["reproduced"] and len(shown["hash"]) == 64
    assert shown["rule"]["version"] == "2026.1"
    steps = shown["assessment"]["lines"][0]["steps"]
    ratio = next(s for s in steps if s["text"] == "ratio")
    assert "40%" in ratio["sentence_zh"] and ratio["source"] and ratio["result_fen"] == 800_000
    assert shown["facts"]["firm"]["statuses"][0]["code"] == "高新技术企业"
    await sql("UPDATE application SET assessment_hash = repeat('0', 64) WHERE number = $1", number)
    assert not (await world.get("auditor", f"/applications/{number}/assessment"))["reproduced"]


async def test_submission_tells_everything_that_is_missing_at_once(world: World) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1")
        made = await world.post(
            "firm", "/applications", {"scheme": SCHEME, "lines": [{"policy": policies[0]}]}
        )
        number = made["number"]
        refused = await world.call("firm", "POST", f"/applications/{number}/submission", {})
        assert refused.status_code == 422
        assert {"form.missing", "subsidy.fact_missing", "subsidy.material_missing"} <= codes(
            refused
        )
        missing = {e["field"] for e in refused.json()["errors"] if e["code"] == "form.missing"}
        assert missing >= {"contact_name", "account_number", "statement_signed_by"}
        record = await world.get("firm", f"/applications/{number}")
        assert (record["status"], record["expected_fen"]) == ("draft", 800_000)
        listed = await world.get("firm", f"/applications/{number}/checklist")
        assert [i["material"] for i in listed if i["required"] and not i["attached"]] == list(
            PAPERS
        )


async def test_checklist_follows_what_is_handed_in(world: World) -> None:
    with on("2026-03-02"):
        number = await make_application(world, await stage(world, "A-1"), materials=[])
        paper = await upload(world, "firm", "other", "licence.pdf")
        await world.post(
            "firm",
            f"/applications/{number}/materials",
            {"material": "business_licence", "document": paper},
        )
        items = {
            i["material"]: i for i in await world.get("firm", f"/applications/{number}/checklist")
        }
        assert items["business_licence"]["documents"] == [paper]
        assert not items["policy_copy"]["attached"]
        foreign = await world.call(
            "firm",
            "POST",
            f"/applications/{number}/materials",
            {"material": "policy_copy", "document": await upload(world, "clerk")},
        )
        assert codes(foreign) == {"application.unknown_document"}


async def test_draft_is_changed_on_the_version_seen(world: World) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1", "A-2")
        number = await make_application(world, policies[:1])
        form = await draft_form(world, policies)
        path = f"/applications/{number}/draft"
        none = await world.call("firm", "PUT", path, form)
        stale = await world.call("firm", "PUT", path, form, headers={"If-Match": '"r9"'})
        assert (none.status_code, stale.status_code) == (428, 412)
        done = await world.call("firm", "PUT", path, form, headers={"If-Match": '"r1"'})
        assert (done.status_code, done.headers["etag"]) == (200, '"r2"')
        lines = await world.get("firm", f"/applications/{number}/lines")
        assert [line["number"] for line in lines] == [1, 2]
        await world.post("firm", f"/applications/{number}/submission")
        late = await world.call("firm", "PUT", path, form, headers={"If-Match": "*"})
        assert codes(late) == {"application.not_writable"}


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ({"policy": 999_999}, "application.unknown_policy"),
        ({"enrolment": "EN-2026-000099"}, "application.unknown_enrolment"),
        ({"qualification": "Q-2026-000099"}, "application.unknown_qualification"),
    ],
)
async def test_draft_names_only_what_is_the_firms(
    world: World, line: dict[str, Any], code: str
) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1")
        form = {"scheme": SCHEME, "lines": [{"policy": policies[0]} | line]}
        assert codes(await world.call("firm", "POST", "/applications", form)) == {code}
        assert (await world.get("firm", "/applications"))["items"] == []


async def test_nobody_else_sees_a_draft_and_insurers_see_nothing(world: World) -> None:
    with on("2026-03-02"):
        number = await make_application(world, await stage(world, "A-1"))
        for who, status in (("officer", 404), ("auditor", 404), ("clerk", 403), (None, 401)):
            answer = await world.call(who, "GET", f"/applications/{number}")
            assert answer.status_code == status, who
        assert (await world.get("officer", "/applications"))["items"] == []
        await world.post("firm", f"/applications/{number}/submission")
        page = await world.get("officer", f"/applications?scheme={SCHEME}&status=submitted")
        assert [item["number"] for item in page["items"]] == [number]


async def test_window_and_closed_scheme_keep_applications_out(world: World) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1")
        number = await make_application(world, policies)
    with on("2027-01-04"):
        late = await world.call("firm", "POST", f"/applications/{number}/submission", {})
        assert "subsidy.application_window" in codes(late)
    with on("2026-03-03"):
        await world.post("approver", f"/schemes/{SCHEME}/closure")
        closed = await world.call("firm", "POST", f"/applications/{number}/submission", {})
        assert codes(closed) == {"scheme.not_open"}
        new = await world.call("firm", "POST", "/applications", {"scheme": SCHEME})
        assert codes(new) == {"scheme.not_open"}


async def test_return_gives_a_deadline_and_is_limited(world: World) -> None:
    with on("2026-03-02"):
        number = await submitted(world, await stage(world, "A-1"))
        path = f"/applications/{number}"
        blank = await world.call("officer", "POST", f"{path}/return", {"note": " "})
        assert blank.status_code == 422
        for count in (1, 2):
            state = await world.post("officer", f"{path}/return", {"note": "请补充盖章页"})
            assert state["return_due_on"] == "2026-03-16"
            record = await world.get("firm", path)
            assert (record["ball"], record["due_on"]) == ("firm", "2026-03-16")
            assert record["return_count"] == count
            await world.post("firm", f"{path}/submission")
        third = await world.call("officer", "POST", f"{path}/return", {"note": "再补"})
        assert codes(third) == {"application.returned_too_often"}


async def test_returned_application_lapses_after_its_deadline(world: World) -> None:
    with on("2026-03-02"):
        number = await submitted(world, await stage(world, "A-1"))
        await world.post("officer", f"/applications/{number}/return", {"note": "请补充盖章页"})
    with on("2026-03-16"):
        assert (await due.run(now())).lapsed == 0
    with on("2026-03-17"):
        late = await world.call("firm", "POST", f"/applications/{number}/submission", {})
        assert codes(late) == {"application.return_over"}
        assert (await due.run(now())).lapsed == 1
        assert (await due.run(now())).lapsed == 0
    assert (await world.get("firm", f"/applications/{number}"))["status"] == "withdrawn"


async def test_two_reviews_and_approval_are_three_persons(world: World) -> None:
    with on("2026-03-02"):
        number = await in_first_review(world, await stage(world, "A-1"))
        path = f"/applications/{number}"
        await world.post("officer", f"{path}/first-opinion", PASSED)
        same = await world.call("officer", "POST", f"{path}/second-opinion", PASSED)
        assert (same.status_code, codes(same)) == (403, {"auth.four_eyes"})
        await world.post("approver", f"{path}/second-opinion", PASSED)
        await world.post("officer", f"/schemes/{SCHEME}/notices", {"title": "公示"})
    with on("2026-03-10"):
        same = await world.call("approver", "POST", f"{path}/approval", {})
        assert (same.status_code, codes(same)) == (403, {"auth.four_eyes"})
        assert (await world.post("chief", f"{path}/approval"))["status"] == "approved"


async def test_warning_passes_with_a_written_note_only(world: World) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1")
        number = await in_first_review(world, policies)
        loss = {
            "reference": "LP-1",
            "loss_on": "2026-03-02",
            "paid_on": "2026-03-02",
            "paid_fen": 1_990_000,
            "payee_name": "示例光谷芯片科技有限公司",
        }
        await world.post("clerk", f"/policies/{policies[0]}/losses", loss)
        path = f"/applications/{number}"
        refused = await world.call("officer", "POST", f"{path}/first-opinion", PASSED)
        assert codes(refused) == {"review.warning_open"}
        wanted = {e["params"]["warning"] for e in refused.json()["errors"]}
        assert "check.claim_like_refund" in wanted
        wrong = {"line": 1, "code": "check.nothing", "note": "无"}
        strange = await world.call("officer", "POST", f"{path}/warning-notes", wrong)
        assert codes(strange) == {"review.no_such_warning"}
        for code in wanted:
            note = {"line": 1, "code": code, "note": "已核对赔案，情况属实"}
            await world.post("officer", f"{path}/warning-notes", note)
        state = await world.post("officer", f"{path}/first-opinion", PASSED)
        assert state["status"] == "second_review"
        assert len(await world.get("auditor", f"{path}/warning-notes")) == len(wanted)
        told = (await world.get("firm", path))["lines"][0]["findings"]
        seen = (await world.get("officer", path))["lines"][0]["findings"]
        assert "check.claim_like_refund" not in {f["code"] for f in told}
        assert "check.claim_like_refund" in {f["code"] for f in seen}


async def test_same_policy_is_not_paid_twice(world: World) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1")
        await submitted(world, policies)
        number = await make_application(world, policies)
        again = await world.call("firm", "POST", f"/applications/{number}/submission", {})
        assert "check.duplicate_policy" in codes(again)
        await make_scheme(world, "example-b")
        number = await make_application(world, policies, scheme="example-b")
        state = await world.post("firm", f"/applications/{number}/submission")
        assert state["assessed_fen"] == 800_000


async def test_one_line_is_refused_and_the_other_goes_on(world: World) -> None:
    with on("2026-03-02"):
        number = await in_first_review(world, await stage(world, "A-1", "A-2"))
        path = f"/applications/{number}"
        state = await world.post("officer", f"{path}/lines/2/refusal", {"note": "保单存疑"})
        assert state["assessed_fen"] == 800_000
        again = await world.call("officer", "POST", f"{path}/lines/2/refusal", {"note": "再次"})
        assert codes(again) == {"review.line_not_open"}
        passed = await world.post("officer", f"{path}/first-opinion", PASSED)
        assert passed["status"] == "second_review"


async def test_refusals_and_withdrawal_end_an_application(world: World) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1")
        number = await submitted(world, policies)
        refused = await world.post(
            "officer", f"/applications/{number}/refusal", {"note": "不属于支持范围"}
        )
        assert refused["status"] == "refused"
        number = await reviewed(world, policies)
        silent = await world.call("firm", "POST", f"/applications/{number}/withdrawal", {})
        assert codes(silent) == {"workflow.note_missing"}
        state = await world.post("firm", f"/applications/{number}/withdrawal", {"note": "自愿撤回"})
        assert state["status"] == "withdrawn"


async def test_what_if_answers_and_writes_nothing(world: World) -> None:
    with on("2026-03-02"):
        policies = await stage(world, "A-1")
        number = await make_application(world, policies)
        before = await _written()
        plain = {
            "lines": [
                {"kind": "first_set", "premium_fen": 20_000_000, "limit_fen": 1_000_000_000},
                {"kind": "general", "premium_fen": 2_000_000, "limit_fen": 1_000_000_000},
            ]
        }
        answer = await world.post(None, f"/schemes/{SCHEME}/what-if", plain)
        assert answer["total_fen"] == 12_800_000
        assert answer["assessment"]["lines"][0]["steps"]
        shown = await world.get("firm", f"/applications/{number}/assessment-preview")
        assert (shown["total_fen"], shown["budget_free_fen"]) == (800_000, 10_000_000)
        offered = await world.get("firm", f"/schemes/{SCHEME}/eligible-policies")
        assert [(c["policy"], c["would_be_fen"], c["applied_in"]) for c in offered] == [
            (policies[0], 800_000, number)
        ]
        assert await _written() == before


async def test_what_if_asks_the_window_and_starts_on_the_day_asked(world: World) -> None:
    with on("2026-03-02"):
        await stage(world, "A-1")
        line = {"kind": "first_set", "premium_fen": 20_000_000, "limit_fen": 1_000_000_000}
        path = f"/schemes/{SCHEME}/what-if"
        inside = await world.post(None, path, {"lines": [line]})
        assert inside["assessment"]["lines"][0]["amount_fen"] == inside["total_fen"] == 12_000_000
        late = await world.post(None, path, {"lines": [line], "applied_on": "2027-06-01"})
    assert (late["total_fen"], late["would_be_fen"]) == (0, 12_000_000)
    assert "subsidy.application_window" in {f["code"] for f in late["findings"]}


async def _written() -> list[Any]:
    return [
        await sql_value(f"SELECT md5(coalesce(string_agg(t::text, '|'), '')) FROM {table} t")
        for table in ("application", "application_line", "journal_event", "entry")
    ]


async def test_caps_of_the_year_run_over_applications(world: World) -> None:
    """The firm's cap of a year, 2,000,000.00 yuan: the second application gets what is left."""
    with on("2026-03-02"):
        await stage(world)
        await make_scheme(world, "rich", appropriation_fen=10**12)
        product = await make_in_library(world, name="示例重大装备综合险")
        other = await make_in_library(world, name="示例研发中断综合险")
        first = [
            await paid_policy(world, p, f"B-{n}", 200_000_000)
            for n, p in enumerate((product, other))
        ]
        number = await make_application(world, first, scheme="rich")
        state = await world.post("firm", f"/applications/{number}/submission")
        assert state["assessed_fen"] == 160_000_000
        second = await paid_policy(
            world, await make_in_library(world, name="示例第三险"), "B-9", 200_000_000
        )
        await sql(
            "UPDATE application_line SET approved_fen = assessed_fen, status = 'approved'"
            " WHERE application = (SELECT id FROM application WHERE number = $1)",
            number,
        )
        number = await make_application(world, [second], scheme="rich")
        state = await world.post("firm", f"/applications/{number}/submission")
    assert state["assessed_fen"] == 40_000_000


async def test_revoked_approval_frees_the_budget(world: World) -> None:
    with on("2026-03-02"):
        number, _ = await announced(world, await stage(world, "A-1"))
    with on("2026-03-10"):
        await world.post("approver", f"/applications/{number}/approval")
        state = await world.post(
            "chief", f"/applications/{number}/revocation", {"note": "发现材料不实"}
        )
    assert (state["status"], state["approved_fen"]) == ("refused", 0)
    budget = await world.get("auditor", f"/schemes/{SCHEME}/budget")
    assert (budget["committed_fen"], budget["free_fen"]) == (0, 10_000_000)


async def test_account_of_another_firm_is_refused(world: World) -> None:
    with on("2026-03-02"):
        number = await make_application(
            world, await stage(world, "A-1"), account_name="示例个人账户", firm=FIRM
        )
        answer = await world.call("firm", "POST", f"/applications/{number}/submission", {})
        assert "application.account_of_another" in codes(answer)


def test_every_state_with_the_ball_is_a_state() -> None:
    from catalogue.subsidies.records import BALLS

    assert set(BALLS) <= set(SUBSIDY.states)
