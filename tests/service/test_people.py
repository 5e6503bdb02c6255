"""Organisations, users, journal and rule versions through the API."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from service.auth import COOKIE, Role, log_in
from service.kernel.db import sql, sql_value
from service.kernel.numbering import make_uscc
from tests.factories import PASSWORD, World

NEW = make_uscc("91420100", "MA4L0001")
STRONG = "seven-green-lakes-of-wuhan"


def organisation(**changes: Any) -> dict[str, Any]:
    return {
        "uscc": NEW,
        "kind": "insurer",
        "name": "示例长飞财产保险股份有限公司",
        "short_name": "示例长飞财险",
        "district": "东湖高新区",
        "licence_number": "000999",
        "contact": "示例联系人 027-00000009",
    } | changes


def user(**changes: Any) -> dict[str, Any]:
    return {
        "login": "new.person",
        "name": "示例新人",
        "roles": ["insurer_clerk"],
        "password": STRONG,
    } | changes


async def events(kind: str, subject: str) -> list[Any]:
    return await sql(
        "SELECT event, facts FROM journal_event WHERE subject_kind = $1 AND subject = $2"
        " ORDER BY id",
        kind,
        subject,
    )


def codes(answer: httpx.Response) -> dict[str, str]:
    return {error["field"]: error["code"] for error in answer.json()["errors"]}


# --- organisations ----------------------------------------------------------------------------


async def test_organisation_is_created_read_and_journalled(world: World) -> None:
    answer = await world.call(
        "admin", "POST", "/organisations", organisation(uscc=f" {NEW[:8].lower()} {NEW[8:]} ")
    )
    assert answer.status_code == 201
    record = answer.json()
    assert record["uscc"] == record["legal_root"] == NEW
    assert (record["revision"], record["active"], record["warnings"]) == (1, True, [])
    assert answer.headers["etag"] == '"r1"'
    assert await world.get("auditor", f"/organisations/{NEW}") == record
    [event] = await events("organisation", NEW)
    assert event["event"] == "create"
    key = await sql_value("SELECT sort_key FROM organisation WHERE uscc = $1", NEW)
    assert key.startswith("shi4 li4 chang2 fei1")


async def test_every_mistake_in_the_codes_is_said_at_once(world: World) -> None:
    wrong = NEW[:17] + ("0" if NEW[17] != "0" else "1")
    answer = await world.call(
        "admin", "POST", "/organisations", organisation(uscc=wrong, legal_root="123")
    )
    assert answer.status_code == 422
    assert codes(answer) == {"uscc": "uscc.check_character", "legal_root": "uscc.length"}
    assert await sql_value("SELECT count(*) FROM organisation WHERE uscc = $1", wrong) == 0


async def test_unknown_place_only_warns(world: World) -> None:
    strange = make_uscc("91990100", "MA4L0002")
    record = await world.post("admin", "/organisations", organisation(uscc=strange))
    assert [warning["code"] for warning in record["warnings"]] == ["uscc.place_unknown"]


async def test_same_code_twice_is_a_conflict(world: World) -> None:
    await world.post("admin", "/organisations", organisation())
    answer = await world.call("admin", "POST", "/organisations", organisation(name="示例另一家"))
    assert (answer.status_code, answer.json()["code"]) == (409, "people.organisation_exists")


@pytest.mark.parametrize(
    ("changes", "field", "code"),
    [
        ({"kind": "bank"}, "kind", "form.not_a_choice"),
        ({"name": "一"}, "name", "form.too_short"),
        ({"name": "x" * 121}, "name", "form.too_long"),
        ({"contact": "a\u0007b"}, "contact", "form.control_characters"),
        ({"district": None}, "district", "form.type"),
        ({"active": False}, "active", "form.unknown_field"),
    ],
)
async def test_malformed_organisation(
    world: World, changes: dict[str, Any], field: str, code: str
) -> None:
    answer = await world.call("admin", "POST", "/organisations", organisation(**changes))
    assert answer.status_code == 422
    assert codes(answer)[field] == code


async def test_change_needs_the_revision_it_is_based_on(world: World) -> None:
    await world.post("admin", "/organisations", organisation())
    path = f"/organisations/{NEW}"
    change = {"name": "示例长飞保险", "short_name": "长飞", "district": "武昌区"}

    async def put(tag: str | None) -> httpx.Response:
        headers = {"If-Match": tag} if tag else {}
        return await world.call("admin", "PUT", path, change, headers=headers)

    assert (await put(None)).status_code == 428
    assert (await put('"r2"')).status_code == 412
    assert (await put("nonsense")).status_code == 412
    done = await put('"r1"')
    assert (done.status_code, done.headers["etag"]) == (200, '"r2"')
    assert done.json()["contact"] == ""
    assert (await put('"r1"')).status_code == 412
    same = await put("*")
    assert same.json()["revision"] == 2, "nothing changed, nothing written"
    facts = [json.loads(e["facts"]) for e in await events("organisation", NEW)]
    assert len(facts) == 2
    assert facts[1]["changed"]["district"] == ["东湖高新区", "武昌区"]


async def test_organisation_switched_off_and_on(world: World) -> None:
    uscc = world.usccs["insurer"]
    _, token = await log_in("clerk", PASSWORD, "192.0.2.1", 1)
    before = await world.get("admin", f"/organisations/{uscc}")
    change = {key: before[key] for key in ("name", "short_name", "district")}
    off = await world.call(
        "admin",
        "PUT",
        f"/organisations/{uscc}",
        change | {"active": False},
        headers={"If-Match": "*"},
    )
    assert off.json()["active"] is False
    assert (await world.call("clerk", "GET", "/me")).status_code == 401
    world.client.cookies.set(COOKIE, token)
    assert (await world.client.get("/insurer/products")).status_code in (303, 401)
    assert await sql_value("SELECT count(*) FROM session") == 0
    await world.call("admin", "PUT", f"/organisations/{uscc}", change, headers={"If-Match": "*"})
    assert (await world.call("clerk", "GET", "/me")).status_code == 200
    assert [e["event"] for e in await events("organisation", uscc)] == ["deactivate", "activate"]


async def test_nobody_switches_off_the_own_organisation(world: World) -> None:
    uscc = world.usccs["committee"]
    answer = await world.call(
        "admin",
        "PUT",
        f"/organisations/{uscc}",
        {"name": "示例管委会", "active": False},
        headers={"If-Match": "*"},
    )
    assert codes(answer) == {"active": "people.own_organisation"}


async def test_certificates(world: World) -> None:
    path = f"/organisations/{world.usccs['enterprise']}/certificates"
    paper = {
        "kind": "高新技术企业",
        "number": "GR202542000001",
        "valid_from": "2025-11-01",
        "valid_to": "2028-10-31",
    }
    record = await world.post("admin", path, paper)
    assert record["certificates"] == [paper]
    again = await world.call("admin", "POST", path, paper)
    assert (again.status_code, again.json()["code"]) == (409, "people.certificate_exists")
    turned = paper | {"number": "X", "valid_to": "2025-10-31"}
    answer = await world.call("admin", "POST", path, turned)
    assert codes(answer) == {"valid_to": "people.certificate_dates"}
    own = await world.get("firm", f"/organisations/{world.usccs['enterprise']}")
    assert len(own["certificates"]) == 1
    assert [e["event"] for e in await events("organisation", world.usccs["enterprise"])] == [
        "certify"
    ]


async def test_who_sees_which_organisation(world: World) -> None:
    other = world.usccs["other_insurer"]
    for who in ("admin", "officer", "approver", "auditor"):
        assert (await world.call(who, "GET", f"/organisations/{other}")).status_code == 200
        assert len((await world.get(who, "/organisations"))["items"]) >= 5
    for who in ("clerk", "manager", "firm"):
        hidden = await world.call(who, "GET", f"/organisations/{other}")
        missing = await world.call(who, "GET", f"/organisations/{NEW}")
        assert hidden.status_code == missing.status_code == 404
        assert hidden.json()["code"] == missing.json()["code"]
        assert len((await world.get(who, "/organisations"))["items"]) == 1
        assert len((await world.get(who, f"/organisations?q={other}"))["items"]) == 0
    assert (await world.call(None, "GET", "/organisations")).status_code == 401


async def test_organisations_are_listed_by_name_found_and_paged_both_ways(world: World) -> None:
    for serial in range(7):
        uscc = make_uscc("91420100", f"MA4P{serial:04d}")
        name = f"检索{'甲乙丙丁戊己庚'[serial]}有限公司"
        await world.post(
            "admin", "/organisations", organisation(uscc=uscc, name=name, kind="enterprise")
        )
    base = "/organisations?q=检索&kind=enterprise&limit=3"
    seen, path = [], base
    pages = []
    while True:
        page = await world.get("admin", path)
        pages.append(page)
        seen += [item["name"] for item in page["items"]]
        if page["next"] is None:
            break
        path = f"{base}&cursor={page['next']}"
    assert len(seen) == len(set(seen)) == 7
    keys = {row["name"]: row["sort_key"] for row in await sql("SELECT * FROM organisation")}
    assert seen == sorted(seen, key=lambda name: keys[name])
    assert [page["previous"] is None for page in pages] == [True, False, False]
    back = await world.get("admin", f"{base}&before={pages[2]['previous']}")
    assert back["items"] == pages[1]["items"]
    assert (await world.get("admin", "/organisations?q=检索甲&kind=insurer"))["items"] == []
    assert (await world.get("admin", "/organisations?q=%25"))["items"] == []
    for bad in ("limit=0", "limit=201", "cursor=abc", "before=W10", "q=" + "x" * 101, "kind=x"):
        answer = await world.call("admin", "GET", f"/organisations?{bad}")
        assert answer.status_code == 422, bad


# --- users ------------------------------------------------------------------------------------


async def test_manager_creates_users_of_the_own_insurer_only(world: World) -> None:
    made = await world.post("manager", "/users", user())
    assert made["organisation"] == world.usccs["insurer"]
    assert "password" not in json.dumps(made)
    foreign = await world.call(
        "manager", "POST", "/users", user(organisation=world.usccs["other_insurer"])
    )
    assert codes(foreign) == {"organisation": "people.unknown_organisation"}
    committee = await world.call("manager", "POST", "/users", user(roles=["committee_admin"]))
    assert codes(committee) == {"roles.0": "people.role_unfit"}
    for who in ("clerk", "firm", "officer", "approver", "auditor"):
        answer = await world.call(who, "POST", "/users", user(login=f"by.{who}"))
        assert answer.status_code == 403, who
    [event] = await events("user", "new.person")
    assert event["event"] == "create"
    assert STRONG not in event["facts"]
    _, token = await log_in("New.Person", STRONG, "192.0.2.1", 1)
    assert token


async def test_admin_creates_users_of_every_organisation(world: World) -> None:
    for key, role in (
        ("insurer", "insurer_manager"),
        ("enterprise", "enterprise"),
        ("committee", "committee_officer"),
        ("regulator", "auditor"),
    ):
        body = user(login=f"made.{key}", roles=[role], organisation=world.usccs[key])
        assert (await world.post("admin", "/users", body))["roles"] == [role]


@pytest.mark.parametrize("kind", ["insurer", "enterprise", "committee", "regulator"])
@pytest.mark.parametrize("role", list(Role))
async def test_roles_fit_the_kind_of_organisation(world: World, kind: str, role: Role) -> None:
    body = user(roles=[role.value], organisation=world.usccs[kind])
    answer = await world.call("admin", "POST", "/users", body)
    fits = role.value.startswith(kind) or (kind, role.value) == ("regulator", "auditor")
    assert answer.status_code == (201 if fits else 422)


async def test_all_findings_about_a_user_at_once(world: World) -> None:
    body = user(login="李明", roles=["insurer_clerk", "auditor"], password="aaaaaaaaaaaa")
    answer = await world.call("manager", "POST", "/users", body)
    assert codes(answer) == {
        "login": "people.login_shape",
        "roles.1": "people.role_unfit",
        "password": "auth.weak_password",
    }
    none = await world.call("manager", "POST", "/users", user(roles=[]))
    assert codes(none) == {"roles": "people.no_role"}
    taken = await world.call("manager", "POST", "/users", user(login="CLERK"))
    assert (taken.status_code, taken.json()["code"]) == (409, "people.login_taken")


@pytest.mark.parametrize("login", ["ab", "a b", "a/b", "A" * 61, "x\u200by", "a%", "", "-" * 61])
async def test_login_shape(world: World, login: str) -> None:
    answer = await world.call("manager", "POST", "/users", user(login=login))
    assert answer.status_code == 422
    assert "login" in codes(answer)


async def test_change_of_a_user(world: World) -> None:
    record = await world.call("manager", "GET", "/users/clerk")
    tag = record.headers["etag"]
    body = {"name": "示例改名", "roles": ["insurer_clerk", "insurer_manager"]}
    assert (await world.call("manager", "PUT", "/users/clerk", body)).status_code == 428
    done = await world.call("manager", "PUT", "/users/clerk", body, headers={"If-Match": tag})
    assert done.json()["roles"] == ["insurer_clerk", "insurer_manager"]
    stale = await world.call("admin", "PUT", "/users/clerk", body, headers={"If-Match": tag})
    assert stale.status_code == 412
    for who in ("rival_manager", "firm", "clerk"):
        answer = await world.call(who, "PUT", "/users/officer", body, headers={"If-Match": "*"})
        assert answer.status_code in (403, 404), who
    [event] = await events("user", "clerk")
    changed = json.loads(event["facts"])["changed"]
    assert changed["name"] == ["示例clerk", "示例改名"]


async def test_user_switched_off_is_out_everywhere(world: World) -> None:
    await log_in("clerk", PASSWORD, "192.0.2.1", 1)
    body = {"name": "示例clerk", "roles": ["insurer_clerk"], "active": False}
    done = await world.call("manager", "PUT", "/users/clerk", body, headers={"If-Match": "*"})
    assert done.json()["active"] is False
    assert (await world.call("clerk", "GET", "/me")).status_code == 401
    assert await sql_value("SELECT count(*) FROM session") == 0
    assert [e["event"] for e in await events("user", "clerk")] == ["log_in", "deactivate"]


@pytest.mark.parametrize("who", ["admin", "manager"])
async def test_nobody_changes_own_roles_or_switches_himself_off(world: World, who: str) -> None:
    me = await world.get(who, f"/users/{who}")
    same = {"name": "示例新名", "roles": me["roles"]}
    kind = "committee_" if who == "admin" else "insurer_"
    more = me["roles"] + ["committee_approver" if kind == "committee_" else "insurer_clerk"]
    for change in ({"roles": more}, {"active": False}):
        answer = await world.call(
            who, "PUT", f"/users/{who}", same | change, headers={"If-Match": "*"}
        )
        assert answer.status_code == 422
        assert set(codes(answer).values()) == {"people.own_account"}
    named = await world.call(who, "PUT", f"/users/{who}", same, headers={"If-Match": "*"})
    assert named.json()["name"] == "示例新名"


async def test_who_sees_which_users(world: World) -> None:
    assert (await world.call("clerk", "GET", "/users/rival")).status_code == 404
    assert (await world.call("clerk", "GET", "/users/nobody")).status_code == 404
    mine = await world.get("clerk", "/users")
    assert {item["login"] for item in mine["items"]} == {"clerk", "manager"}
    assert {item["login"] for item in (await world.get("firm", "/users"))["items"]} == {"firm"}
    approvers = await world.get("auditor", "/users?role=committee_approver&active=true")
    assert {item["login"] for item in approvers["items"]} == {"approver"}
    of_rival = f"/users?organisation={world.usccs['other_insurer']}"
    assert len((await world.get("admin", of_rival))["items"]) == 2
    assert (await world.get("clerk", of_rival))["items"] == []
