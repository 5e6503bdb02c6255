"""The insurer's pages: drafting, checking, submitting, answering, leaving; what others may see."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.factories import PDF, World, make_draft, make_in_library, make_reviewed
from tests.web.console import send, sign_in, value_of, words

FIELDS = {
    "type_code": "PT021",
    "name": "示例晶圆厂财产一切险（光谷版）",
    "stages": "production",
    "industries": ["集成电路", "量子科技"],
    "target_enterprises": "晶圆制造企业",
    "eligibility": "完成查勘",
    "evidence": "营业执照\n设备清单",
    "rate_min_ppm": "0.8‰",
    "rate_max_ppm": "0.35",
    "sum_min_fen": "100",
    "sum_min_fen@unit": "万元",
    "sum_max_fen": "50亿元",
    "sum_max_fen@unit": "万元",
    "contact_name": "示例联系人",
    "contact_phone": "027-00000001",
    "clauses-0-kind": "main",
    "clauses-0-title": "集成电路企业财产一切险条款",
    "clauses-0-file_number": "(示例科技财险)(备-企业财产保险)【2024】(主)011号",
    "clauses-0-registration_number": "C00013330912024010435441",
    "components-0-name": "物质损失",
    "components-0-event": "火灾、爆炸造成直接物质损失",
    "components-0-limit_fen": "5000",
    "components-0-limit_fen@unit": "万元",
    "components-0-basis": "indemnity",
}
NEW = "/insurer/products/new"


async def create(client: httpx.AsyncClient, **changes: Any) -> httpx.Response:
    return await send(client, NEW, {**FIELDS, **changes})


def number_in(answer: httpx.Response) -> str:
    return answer.headers["location"].split("/")[3]


async def changed(world: World, number: str, **changes: Any) -> httpx.Response:
    page = await world.client.get(f"/insurer/products/{number}/draft")
    fields = {k: v for k, v in FIELDS.items() if k != "type_code"}
    fields["_revision"] = value_of(page, "_revision")
    return await send(world.client, f"/insurer/products/{number}/draft", {**fields, **changes})


@pytest.mark.parametrize("path", ["/insurer/products", NEW, "/insurer/products/P-1/draft"])
async def test_log_in_is_asked_for_and_leads_back(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)

    assert answer.status_code == 303
    assert answer.headers["location"] == "/login?next=" + path.replace("/", "%2F")


async def test_committee_has_no_insurer_pages(world: World) -> None:
    await sign_in(world.client, "officer")

    assert (await world.client.get("/insurer/products")).status_code == 403


async def test_empty_list_leads_to_registration(world: World) -> None:
    await sign_in(world.client, "clerk")

    text = words(await world.client.get("/insurer/products"))

    assert "还没有登记过产品" in text
    assert "登记新产品" in text


async def test_type_is_chosen_by_words(world: World) -> None:
    await sign_in(world.client, "clerk")

    text = words(await world.client.get(f"{NEW}?q=首台"))

    assert "首台" in text
    assert "网络安全" not in text


async def test_new_product_with_money_and_rates_as_people_write_them(world: World) -> None:
    await sign_in(world.client, "clerk")

    answer = await create(world.client)

    assert answer.status_code == 303
    record = (await world.get("clerk", f"/products/{number_in(answer)}"))["record"]
    assert (record["rate_min_ppm"], record["rate_max_ppm"]) == (800, 3500)
    assert (record["sum_min_fen"], record["sum_max_fen"]) == (100_000_000, 500_000_000_000)
    assert record["components"][0]["limit_fen"] == 5_000_000_000
    assert record["industries"] == ["集成电路", "量子科技"]
    assert record["evidence"] == ["营业执照", "设备清单"]


async def test_error_keeps_what_was_typed(world: World) -> None:
    await sign_in(world.client, "clerk")

    answer = await create(world.client, rate_max_ppm="很高", name="甲")

    assert answer.status_code == 422
    assert value_of(answer, "rate_max_ppm") == "很高"
    assert "“很高”不是费率" in words(answer)
    assert value_of(answer, "clauses-0-title") == FIELDS["clauses-0-title"]
    assert value_of(answer, "sum_max_fen") == "50亿元"
    assert 'aria-invalid="true"' in answer.text
    assert (await world.get("clerk", "/products"))["items"] == []


async def test_row_is_added_and_removed_without_script(world: World) -> None:
    await sign_in(world.client, "clerk")

    more = await create(world.client, _add="components")
    less = await create(world.client, _remove="components.0")

    assert 'name="components-1-name"' in more.text
    assert value_of(more, "name") == FIELDS["name"]
    assert FIELDS["components-0-event"] not in words(less)


async def test_file_is_uploaded_inside_the_form(world: World) -> None:
    await sign_in(world.client, "clerk")
    number = number_in(await create(world.client))
    path = f"/insurer/products/{number}/draft"
    fields = {k: v for k, v in FIELDS.items() if k != "type_code"}
    fields |= {"_action": "upload", "upload-kind": "clause_text", "upload-public": "1"}

    bad = await send(world.client, path, fields, {"upload-file": ("a.pdf", b"plain text")})
    good = await send(world.client, path, fields, {"upload-file": ("a.pdf", PDF)})

    assert bad.status_code == 422
    assert "不是 .pdf 文件" in words(bad)
    assert value_of(bad, "name") == FIELDS["name"]
    assert good.status_code == 303
    documents = (await world.get("clerk", f"/products/{number}"))["record"]["documents"]
    assert [(d["kind"], d["public"]) for d in documents] == [("clause_text", True)]


async def test_check_puts_findings_beside_the_fields(world: World) -> None:
    await sign_in(world.client, "clerk")
    number = number_in(await create(world.client, eligibility="", _action="check"))

    answer = await world.client.get(f"/insurer/products/{number}/draft?check=1")
    text = words(answer)

    assert answer.status_code == 200
    assert "缺少材料：条款文本" in text
    assert 'id="f-eligibility-remarks"' in answer.text


async def test_refused_submission_saves_and_explains(world: World) -> None:
    await sign_in(world.client, "clerk")

    answer = await create(world.client, _action="submit")

    assert answer.status_code == 422
    assert "草稿已保存，尚不能提交" in words(answer)
    assert len((await world.get("clerk", "/products"))["items"]) == 1


async def test_complete_draft_is_submitted_with_a_note(world: World) -> None:
    await sign_in(world.client, "clerk")
    number = await make_draft(world)
    page = await world.client.get(f"/insurer/products/{number}/draft")
    documents = {"documents-0-id": value_of(page, "documents-0-id"), "documents-0-public": "1"}

    answer = await changed(world, number, _action="submit", _note="请予审核", **documents)
    text = words(await world.client.get(f"/insurer/products/{number}"))

    assert answer.status_code == 303
    assert "等待受理" in text
    assert "请予审核" in text
    assert "待办方 管委会" in text
    assert "5 个工作日" in text


async def test_stale_page_keeps_the_text_and_can_overwrite_knowingly(world: World) -> None:
    await sign_in(world.client, "clerk")
    number = await make_draft(world)
    await changed(world, number, summary="他人的修改")

    stale = await changed(world, number, summary="我的修改", _revision="1")

    assert stale.status_code == 412
    assert "已被他人修改" in words(stale)
    assert value_of(stale, "summary") == "我的修改"
    record = (await world.get("clerk", f"/products/{number}"))["record"]
    assert record["summary"] == "他人的修改"
    action = f"overwrite-{record['revision']}"
    forced = await changed(world, number, summary="我的修改", _revision="1", _action=action)
    assert forced.status_code == 303


async def test_objection_is_answered_and_the_filing_submitted_again(world: World) -> None:
    await sign_in(world.client, "clerk")
    number = await make_reviewed(world)
    objection = {"field": "clauses.0.file_number", "text": "备案编号与条款不一致"}
    await world.post("officer", f"/products/{number}/return", {"objections": [objection]})
    home = f"/insurer/products/{number}"

    text = words(await world.client.get(home))
    early = await send(world.client, f"{home}/submission")
    empty = await send(world.client, f"{home}/objections/1/response", {"text": " "})
    answered = await send(world.client, f"{home}/objections/1/response", {"text": "已核对"})
    again = await send(world.client, f"{home}/submission")

    assert "备案编号与条款不一致" in text
    assert "暂停计时" in text
    assert early.status_code == 422
    assert "第 1 条审核意见尚未答复" in words(early)
    assert empty.status_code == 422
    assert answered.status_code == again.status_code == 303
    assert (await world.get("clerk", f"/products/{number}"))["record"][
        "filing_status"
    ] == "submitted"


async def test_new_version_and_its_difference(world: World) -> None:
    await sign_in(world.client, "clerk")
    number = await make_in_library(world)
    home = f"/insurer/products/{number}"

    started = await send(world.client, f"{home}/versions")
    await changed(world, number, rate_max_ppm="0.42%")
    text = words(await world.client.get(f"{home}/difference?old=1&new=2"))

    assert started.headers["location"] == f"{home}/draft"
    assert "最高费率" in text
    assert "0.35%" in text
    assert "0.42%" in text


async def test_abandoning_asks_and_wants_a_reason_after_submission(world: World) -> None:
    await sign_in(world.client, "clerk")
    number = await make_draft(world)
    await world.post("clerk", f"/products/{number}/submission")
    path = f"/insurer/products/{number}/abandonment"

    asked = await world.client.get(path)
    refused = await send(world.client, path)
    done = await send(world.client, path, {"note": "改期报送"})

    assert "确定撤回" in words(asked)
    assert refused.status_code == 422
    assert done.status_code == 303
    assert "已撤回" in words(await world.client.get(f"/insurer/products/{number}"))


async def test_only_the_manager_takes_a_product_out(world: World) -> None:
    number = await make_in_library(world)
    path = f"/insurer/products/{number}/withdrawal"
    await sign_in(world.client, "clerk")
    clerk = await send(world.client, path, {"note": "停售"})
    world.client.cookies.clear()
    await sign_in(world.client, "manager")

    future = await send(world.client, path, {"note": "停售", "effective_on": "2099-01-01"})
    done = await send(world.client, path, {"note": "停售"})

    assert clerk.status_code == 403
    assert future.status_code == 422
    assert value_of(future, "effective_on") == "2099-01-01"
    assert done.status_code == 303
    assert (await world.client.get(f"/products/{number}")).status_code == 404


async def test_rival_sees_and_changes_nothing(world: World) -> None:
    number = await make_draft(world)
    await sign_in(world.client, "rival")
    home = f"/insurer/products/{number}"

    for path in ("", "/draft", "/difference", "/abandonment"):
        assert (await world.client.get(home + path)).status_code == 404
    for path in ("/draft", "/submission", "/versions", "/objections/1/response"):
        answer = await send(world.client, home + path, {"name": "示例产品", "text": "答"})
        assert answer.status_code == 404
    record = (await world.get("clerk", f"/products/{number}"))["record"]
    assert (record["revision"], record["filing_status"]) == (1, "draft")
    assert number not in words(await world.client.get("/insurer/products"))


async def test_likeness_does_not_tell_what_a_rival_is_filing(world: World) -> None:
    theirs = await make_reviewed(world, "rival")
    await sign_in(world.client, "clerk")
    number = await make_draft(world)
    path = f"/insurer/products/{number}/draft?check=1"

    before = words(await world.client.get(path))
    await world.post("approver", f"/products/{theirs}/entry")
    after = words(await world.client.get(path))

    assert theirs not in before
    assert theirs in after


async def test_own_products_are_exported_after_log_in(world: World) -> None:
    number = await make_draft(world)
    theirs = await make_draft(world, "rival")
    asked = await world.client.get("/reports/products.csv")
    await sign_in(world.client, "clerk")

    page = await world.client.get("/insurer/products?status=draft")
    text = (await world.client.get("/reports/products.csv?status=draft")).content.decode(
        "utf-8-sig"
    )

    assert asked.headers["location"].startswith("/login?next=")
    assert "/reports/products.csv?status=draft" in page.text
    assert number in text
    assert theirs not in text
