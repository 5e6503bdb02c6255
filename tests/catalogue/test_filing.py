"""The life of a filing beyond the straight path, through the public routes."""

from __future__ import annotations

import httpx

from service.kernel.db import sql, sql_value
from tests.factories import World, draft, make_draft, make_in_library, make_reviewed, upload


def codes(answer: httpx.Response) -> set[str]:
    """The codes of all blockers of a problem."""
    return {e["code"] for e in answer.json()["errors"] if e["severity"] == "blocker"}


def attached(record: httpx.Response) -> list[dict[str, object]]:
    """The documents of a record as a draft names them."""
    documents = record.json()["record"]["documents"]
    return [{"id": d["id"], "public": d["public"]} for d in documents]


async def test_submission_names_every_gap_at_once(world: World) -> None:
    state = await world.post("clerk", "/products", {"type_code": "PT021", "name": "示例险"})
    refused = await world.call("clerk", "POST", f"/products/{state['number']}/submission", {})

    assert refused.status_code == 422
    assert refused.headers["content-type"] == "application/problem+json"
    blockers = {e["code"] for e in refused.json()["errors"] if e["severity"] == "blocker"}
    assert len(blockers) >= 6
    for error in refused.json()["errors"]:
        assert error["message_zh"]
        assert error["message_en"]
        assert error["remedy_zh"]
    after = await world.get("clerk", f"/products/{state['number']}")
    assert after["record"]["filing_status"] == "draft"


async def test_findings_are_told_without_writing(world: World) -> None:
    number = await make_draft(world)
    before = await sql_value("SELECT count(*) FROM journal_event")
    found = await world.get("clerk", f"/products/{number}/findings")
    assert found["passes"] is True
    assert await sql_value("SELECT count(*) FROM journal_event") == before


async def test_return_answer_amend_and_submit_again(world: World) -> None:
    number = await make_draft(world)
    await world.post("clerk", f"/products/{number}/submission")
    await world.post(
        "officer",
        f"/products/{number}/return",
        {
            "note": "请补正",
            "objections": [
                {"field": "eligibility", "text": "投保条件不清"},
                {"field": "rate_max_ppm", "text": "费率上限偏高"},
            ],
        },
    )
    unanswered = await world.call("clerk", "POST", f"/products/{number}/submission", {})
    assert codes(unanswered) == {"filing.objection_unanswered"}

    record = await world.call("clerk", "GET", f"/products/{number}")
    changed = draft(
        documents=[
            {"id": d["id"], "public": d["public"]} for d in record.json()["record"]["documents"]
        ],
        rate_max_ppm=3000,
    )
    changed.pop("type_code")
    answer = await world.call(
        "clerk",
        "PUT",
        f"/products/{number}/draft",
        changed,
        headers={"If-Match": record.headers["etag"]},
    )
    assert answer.status_code == 200
    for objection in (1, 2):
        await world.post(
            "clerk", f"/products/{number}/objections/{objection}/responses", {"text": "已补正"}
        )
    state = await world.post("clerk", f"/products/{number}/submission")
    assert state["status"] == "submitted"

    desk = await world.get("officer", f"/products/{number}")
    assert [o["number"] for o in desk["objections"]] == [1, 2]
    assert desk["objections"][0]["responses"][0]["text"] == "已补正"
    amended = [c["field"] for a in desk["amendments"] for c in a["changes"]]
    assert amended == ["rate_max_ppm"]
    assert desk["clock"]["ball"] == "committee"
    assert desk["clock"]["returns"] == 1


async def test_stale_etag_is_refused_and_nothing_changes(world: World) -> None:
    number = await make_draft(world)
    content = draft(name="示例晶圆厂财产一切险（二）")
    content.pop("type_code")
    first = await world.call(
        "clerk", "PUT", f"/products/{number}/draft", content, headers={"If-Match": '"r1"'}
    )
    assert (first.status_code, first.headers["etag"]) == (200, '"r2"')
    stale = await world.call(
        "clerk",
        "PUT",
        f"/products/{number}/draft",
        content | {"name": "另一个名字"},
        headers={"If-Match": '"r1"'},
    )
    missing = await world.call("clerk", "PUT", f"/products/{number}/draft", content)
    assert (stale.status_code, missing.status_code) == (412, 428)
    after = await world.get("clerk", f"/products/{number}")
    assert after["record"]["name"] == "示例晶圆厂财产一切险（二）"


async def test_four_eyes_hold_for_the_decision(world: World) -> None:
    number = await make_reviewed(world)
    user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'officer'")
    await sql(
        "UPDATE eastlake_user SET roles = $2 WHERE id = $1",
        user,
        [
            "committee_officer",
            "committee_approver",
        ],
    )
    same_person = await world.call("officer", "POST", f"/products/{number}/entry", {})
    assert same_person.status_code == 403
    assert codes(same_person) == {"auth.four_eyes"}
    assert (await world.post("approver", f"/products/{number}/entry"))["status"] == "in_library"


async def test_no_decision_without_a_recommendation(world: World) -> None:
    number = await make_draft(world)
    await world.post("clerk", f"/products/{number}/submission")
    await world.post("officer", f"/products/{number}/acceptance")
    early = await world.call("approver", "POST", f"/products/{number}/entry", {})
    assert codes(early) == {"workflow.step_not_allowed"}
    await world.post("officer", f"/products/{number}/review")
    unrecommended = await world.call("approver", "POST", f"/products/{number}/entry", {})
    assert codes(unrecommended) == {"filing.no_recommendation"}


async def test_forbidden_step_names_the_steps_that_are_allowed(world: World) -> None:
    number = await make_draft(world)
    await world.post("clerk", f"/products/{number}/submission")
    answer = await world.call("officer", "POST", f"/products/{number}/review", {})
    assert answer.status_code == 422
    assert set(answer.json()["errors"][0]["params"]["allowed"]) == {"accept", "return"}


async def test_new_version_is_reviewed_while_the_old_one_stays(world: World) -> None:
    number = await make_in_library(world)
    await world.post("clerk", f"/products/{number}/versions")
    second = await world.call("clerk", "POST", f"/products/{number}/versions", {})
    assert codes(second) == {"product.version_open"}
    record = await world.call("clerk", "GET", f"/products/{number}")
    content = draft(
        documents=[
            {"id": d["id"], "public": d["public"]} for d in record.json()["record"]["documents"]
        ],
        name="示例晶圆厂财产一切险（2026 版）",
    )
    content.pop("type_code")
    await world.call(
        "clerk",
        "PUT",
        f"/products/{number}/draft",
        content,
        headers={"If-Match": record.headers["etag"]},
    )
    assert (await world.get(None, f"/shelf/{number}"))["version"] == 1
    await world.post("clerk", f"/products/{number}/submission")
    await world.post("officer", f"/products/{number}/acceptance")
    await world.post("officer", f"/products/{number}/review")
    await world.post("officer", f"/products/{number}/recommendation", {"enter": True})
    assert (await world.get(None, f"/shelf/{number}"))["version"] == 1
    await world.post("approver", f"/products/{number}/entry")

    shelf = await world.get(None, f"/shelf/{number}")
    assert (shelf["version"], shelf["name"]) == (2, "示例晶圆厂财产一切险（2026 版）")
    assert (await world.get(None, "/library/count"))["products"] == 1
    versions = (await world.get("clerk", f"/products/{number}"))["versions"]
    assert [(v["number"], v["status"]) for v in versions] == [(2, "in_library"), (1, "replaced")]
    changes = await world.get("clerk", f"/products/{number}/difference?old=1&new=2")
    assert [c["path"] for c in changes] == ["name"]


async def test_decision_keeps_rule_version_and_hash(world: World) -> None:
    number = await make_in_library(world)
    desk = await world.get("auditor", f"/products/{number}")
    rule = desk["decision"]["rule"]
    assert rule["hash"] == await sql_value(
        "SELECT hash FROM rule_version WHERE family = $1 AND version = $2",
        rule["family"],
        rule["version"],
    )


async def test_internal_notes_stay_inside(world: World) -> None:
    number = await make_draft(world)
    await world.post("clerk", f"/products/{number}/submission")
    await world.post("officer", f"/products/{number}/notes", {"text": "疑与他司产品重复"})
    inside = await world.get("officer", f"/products/{number}")
    outside = await world.call("clerk", "GET", f"/products/{number}")
    assert [n["text"] for n in inside["notes"]] == ["疑与他司产品重复"]
    assert "疑与他司产品重复" not in outside.text
    assert "internal_note" not in outside.text


async def test_abandoning_frees_the_product_for_another_try(world: World) -> None:
    number = await make_draft(world)
    await world.post("clerk", f"/products/{number}/submission")
    silent = await world.call("clerk", "POST", f"/products/{number}/abandonment", {})
    assert codes(silent) == {"workflow.note_missing"}
    state = await world.post("clerk", f"/products/{number}/abandonment", {"note": "改报新条款"})
    assert state["status"] == "abandoned"
    assert (await world.post("clerk", f"/products/{number}/versions"))["version"] == 2


async def test_same_content_of_another_insurer_is_shown_as_alike(world: World) -> None:
    first = await make_in_library(world)
    second = await make_draft(world, "rival")
    await world.post("rival", f"/products/{second}/submission")
    alike = await world.get("officer", f"/products/{second}/likenesses")
    assert alike[0]["number"] == first
    assert alike[0]["score"] > 50
    assert alike[0]["reasons_zh"]
    assert (await world.call("clerk", "GET", f"/products/{second}/likenesses")).status_code == 403


async def test_document_is_what_it_says(world: World) -> None:
    document = await upload(world)
    own = await world.client.get(
        f"/api/v1/documents/{document}/content", headers=world.headers["clerk"]
    )
    foreign = await world.client.get(
        f"/api/v1/documents/{document}/content", headers=world.headers["rival"]
    )
    assert own.content.startswith(b"%PDF")
    assert own.headers["content-disposition"].startswith("attachment")
    assert foreign.status_code == 404
    for name, content, code in (
        ("x.pdf", b"MZ executable", "document.not_what_it_says"),
        ("x.exe", b"MZ executable", "document.type"),
        ("x.pdf", b"", "document.empty"),
        ("x.xlsx", b"PK\x03\x04 broken", "document.not_what_it_says"),
    ):
        answer = await world.client.post(
            "/api/v1/documents",
            files={"file": (name, content)},
            data={"kind": "other"},
            headers=world.headers["clerk"],
        )
        assert (answer.status_code, codes(answer)) == (422, {code})


async def test_foreign_document_cannot_be_attached(world: World) -> None:
    foreign = await upload(world, "rival")
    answer = await world.call(
        "clerk", "POST", "/products", draft(documents=[{"id": foreign, "public": True}])
    )
    assert codes(answer) == {"product.unknown_document"}
    assert answer.json()["errors"][0]["field"] == "documents.0.id"
