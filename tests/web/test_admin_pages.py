"""Organisations, users, the own account, journal, rules and proofs on the console."""

from __future__ import annotations

import re
from html import unescape

import httpx
import pytest

from service.kernel.numbering import make_uscc
from tests.factories import PASSWORD, World, make_in_library
from tests.web.console import file_links, send, sign_in, value_of, words

ORGANISATIONS, USERS = "/admin/organisations", "/admin/users"
NEW_USCC = make_uscc("91420100", "MA4K9001")
STRONG = "four-words-are-better-than-one"


async def as_person(world: World, login: str) -> httpx.AsyncClient:
    world.client.cookies.clear()
    await sign_in(world.client, login)
    return world.client


# Organisations


async def test_admin_registers_changes_and_certifies(world: World) -> None:
    client = await as_person(world, "admin")
    fields = {"uscc": NEW_USCC, "kind": "insurer", "name": "示例新设财产保险有限公司"}

    wrong = await send(client, f"{ORGANISATIONS}/new", {**fields, "uscc": "914201000000000000"})
    assert wrong.status_code == 422 and "统一社会信用代码" in words(wrong)
    made = await send(client, f"{ORGANISATIONS}/new", fields)
    assert made.headers["location"] == f"{ORGANISATIONS}/{NEW_USCC}"
    again = await send(client, f"{ORGANISATIONS}/new", fields)
    assert again.status_code == 409 and "已存在" in words(again)

    page = await client.get(f"{ORGANISATIONS}/{NEW_USCC}")
    change = {
        "revision": value_of(page, "revision"),
        "active": "1",
        "name": "示例新设财产保险有限公司",
        "district": "洪山区",
    }
    assert (await send(client, f"{ORGANISATIONS}/{NEW_USCC}", change)).status_code == 303
    stale = await send(client, f"{ORGANISATIONS}/{NEW_USCC}", {**change, "district": "武昌区"})
    assert stale.status_code == 412
    assert "洪山区" in (await client.get(f"{ORGANISATIONS}/{NEW_USCC}")).text
    card = {"kind": "高新技术企业", "number": "GR1", "valid_from": "2025-01-01"}
    place = f"{ORGANISATIONS}/{NEW_USCC}/certificates"
    wrong = await send(client, place, {**card, "valid_to": "2024-01-01"})
    assert wrong.status_code == 422 and "早于起始日" in words(wrong)
    assert (await send(client, place, card)).status_code == 303


async def test_switching_off_asks_and_ends_sessions(world: World) -> None:
    client = await as_person(world, "admin")
    place = f"{ORGANISATIONS}/{world.usccs['insurer']}/standing"

    asked = await send(client, place, {"active": "0"})
    assert asked.status_code == 200 and "确认停用" in words(asked)
    assert (await send(client, place, {"active": "0", "confirmed": "1"})).status_code == 303
    assert "机构已停用" in words(await client.get(place.removesuffix("/standing")))
    assert (await send(client, place, {"active": "1"})).status_code == 303
    own = f"{ORGANISATIONS}/{world.usccs['committee']}/standing"
    refused = await send(client, own, {"active": "0", "confirmed": "1"})
    assert refused.status_code == 422 and "不能停用自己所在的机构" in words(refused)


async def test_manager_sees_only_the_own_organisation(world: World) -> None:
    client = await as_person(world, "manager")

    text = words(await client.get(ORGANISATIONS))
    assert "示例科技财产保险股份有限公司" in text and "示例长江" not in text
    foreign = f"{ORGANISATIONS}/{world.usccs['other_insurer']}"
    assert (await client.get(foreign)).status_code == 404
    assert (await client.get(f"{ORGANISATIONS}/new")).status_code == 403
    assert (await send(client, foreign, {"name": "x"})).status_code == 403
    assert (await client.get(f"{USERS}/rival")).status_code == 404
    assert (await send(client, f"{USERS}/rival/password", {"password": STRONG})).status_code == 404


async def test_auditor_reads_and_has_no_form(world: World) -> None:
    client = await as_person(world, "auditor")

    page = await client.get(f"{ORGANISATIONS}/{world.usccs['insurer']}")
    assert page.status_code == 200 and "保存" not in words(page)
    assert (await client.get(USERS)).status_code == 200
    assert (await send(client, f"{USERS}/clerk", {"name": "x"})).status_code == 403


# Users


async def test_manager_makes_a_user_of_his_own(world: World) -> None:
    client = await as_person(world, "manager")

    page = await client.get(f"{USERS}/new")
    assert "保险机构经办" in words(page) and "管委会审批" not in words(page)
    fields = {
        "organisation": world.usccs["insurer"],
        "login": "li.ming",
        "name": "示例李明",
        "roles": "insurer_clerk",
        "password": STRONG,
    }
    weak = await send(client, f"{USERS}/new", {**fields, "password": "short"})
    assert weak.status_code == 422 and "short" not in weak.text
    unfit = await send(client, f"{USERS}/new", {**fields, "roles": "committee_admin"})
    assert unfit.status_code == 422 and "不适用于" in words(unfit)
    made = await send(client, f"{USERS}/new", fields)
    assert made.headers["location"] == f"{USERS}/li.ming"
    world.client.cookies.clear()
    answer = await send(world.client, "/login", {"login": "li.ming", "password": STRONG})
    assert answer.status_code == 303


async def test_admin_chooses_the_organisation_first(world: World) -> None:
    client = await as_person(world, "admin")

    where = await client.get(f"{USERS}/new")
    assert "选择机构" in words(where) and world.usccs["insurer"] in where.text
    page = await client.get(f"{USERS}/new?organisation={world.usccs['regulator']}")
    assert "审计监管" in words(page) and "保险机构经办" not in words(page)
    assert (await client.get(f"{USERS}/new?organisation=nonsense")).status_code == 404


async def test_user_is_changed_switched_off_and_on(world: World) -> None:
    client = await as_person(world, "admin")
    page = await client.get(f"{USERS}/clerk")
    fields = {"revision": value_of(page, "revision"), "active": "1", "name": "示例经办甲"}

    none = await send(client, f"{USERS}/clerk", fields)
    assert none.status_code == 422
    roles = {"roles": ["insurer_clerk", "insurer_manager"]}
    assert (await send(client, f"{USERS}/clerk", {**fields, **roles})).status_code == 303
    stale = await send(client, f"{USERS}/clerk", {**fields, **roles, "name": "示例"})
    assert stale.status_code == 412
    asked = await send(client, f"{USERS}/clerk/standing", {"active": "0"})
    assert "确认停用" in words(asked)
    off = {"active": "0", "confirmed": "1"}
    assert (await send(client, f"{USERS}/clerk/standing", off)).status_code == 303
    assert "停用" in words(await client.get(f"{USERS}/clerk"))
    assert (await send(client, f"{USERS}/clerk/standing", {"active": "1"})).status_code == 303
    own = await send(client, f"{USERS}/admin/standing", off)
    assert own.status_code == 422


async def test_password_reset_never_shows_it(world: World) -> None:
    client = await as_person(world, "admin")

    weak = await send(client, f"{USERS}/clerk/password", {"password": "aaaaaaaaaaaaa"})
    assert weak.status_code == 422 and "aaaaaaaaaaaaa" not in weak.text
    done = await send(client, f"{USERS}/clerk/password", {"password": STRONG})
    assert done.status_code == 303


@pytest.mark.parametrize("path", [ORGANISATIONS, USERS, "/audit/journal"])
@pytest.mark.parametrize("kind", ["csv", "xlsx", "json"])
async def test_lists_go_out_as_files(world: World, path: str, kind: str) -> None:
    client = await as_person(world, "admin")

    (place,) = file_links(await client.get(f"{path}?q=示例&active=1&actor=admin"), kind)
    answer = await client.get(place)
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]


async def test_manager_exports_only_the_own_users(world: World) -> None:
    client = await as_person(world, "manager")

    (place,) = file_links(await client.get(f"{USERS}?role=insurer_clerk"), "csv")
    text = (await client.get(place)).text
    assert "clerk" in text and "rival" not in text and "manager" not in text
    assert (await client.get("/reports/users.csv?role=king")).status_code == 422


# The own account


async def test_own_password_and_tokens(world: World) -> None:
    client = await as_person(world, "clerk")
    wrong = {"old_password": "wrong-password-1", "new_password": STRONG}

    assert (await send(client, "/account/password", wrong)).status_code == 422
    good = {"old_password": PASSWORD, "new_password": STRONG}
    assert (await send(client, "/account/password", good)).status_code == 303
    none = await send(client, "/account/tokens", {"name": "报表", "days": "30"})
    assert none.status_code == 422
    fields = {"name": "报表", "days": "30", "scopes": "read"}
    made = await send(client, "/account/tokens", fields)
    token = unescape(re.search(r'value="(elt_[^"]+)"', made.text)[1])  # type: ignore[index]
    assert made.headers["cache-control"] == "no-store"
    assert token not in (await client.get("/account")).text
    me = await client.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"})
    assert me.json()["login"] == "clerk"


async def test_revoking_a_token_asks(world: World) -> None:
    client = await as_person(world, "clerk")
    page = await client.get("/account")
    place = re.search(r"/account/tokens/\d+/revocation", page.text)[0]  # type: ignore[index]

    assert "确认撤销" in words(await send(client, place))
    assert (await send(client, place, {"confirmed": "1"})).status_code == 303
    assert (await send(client, place)).status_code == 404
    assert "已撤销" in words(await client.get("/account"))


async def test_every_role_has_an_account_page(world: World) -> None:
    assert (await world.client.get("/account")).status_code == 303
    for login in ("firm", "auditor", "rival"):
        client = await as_person(world, login)
        assert (await client.get("/account")).status_code == 200


# Journal, rules, proofs


async def test_journal_is_filtered_and_linked(world: World) -> None:
    number = await make_in_library(world)
    client = await as_person(world, "auditor")

    text = words(await client.get(f"/audit/journal?subject_kind=filing&subject={number}/1"))
    assert "批准入库" in text and "审核中 → 在库版本" in text
    mine = words(await client.get("/audit/journal?actor=approver"))
    assert "批准入库" in mine and "新建草稿" not in mine
    assert "没有符合条件的记录" in words(await client.get("/audit/journal?day=1999-01-01"))
    assert (await client.get("/audit/journal?day=today")).status_code == 422
    officer = await as_person(world, "officer")
    assert (await officer.get("/audit/journal")).status_code == 403


async def test_rules_show_source_and_worked_cases(world: World) -> None:
    client = await as_person(world, "auditor")

    listed = await client.get("/rules")
    assert "现行" in words(listed)
    href = re.search(r'href="(/rules/filing/[^"]+)"', listed.text)[1]  # type: ignore[index]
    text = words(await client.get(href))
    assert "与内容一致" in text and "武政办〔2025〕67号" in text
    assert "计算一致" in text and "计算不一致" not in text
    assert "示例" in text and "有据" in text
    assert (await client.get("/rules/filing/1999")).status_code == 404


async def test_proofs_run_on_request(world: World) -> None:
    await make_in_library(world)
    client = await as_person(world, "auditor")

    assert "开始校验" in words(await client.get("/audit/verify"))
    answer = await send(client, "/audit/verify")
    text = words(answer)
    assert answer.status_code in (200, 201)
    assert "在库数与历史重算一致" in text and "结果摘要" in text
    assert "结果摘要" in words(await client.get("/audit/verify"))
    manager = await as_person(world, "manager")
    assert (await send(manager, "/audit/verify")).status_code == 403
