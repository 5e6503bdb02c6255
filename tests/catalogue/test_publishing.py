"""Rule files from draft to publication: all checks, four eyes, one version after the other."""

from __future__ import annotations

from datetime import date
from typing import Any

import asyncpg
import pytest

from catalogue.books import filing_book, shipped_books
from catalogue.publishing import checking, drafts
from service.auth import Actor
from service.kernel import rulebook
from service.kernel.db import sql, sql_value, work
from service.kernel.errors import Conflict, Forbidden, Refused
from service.kernel.findings import Finding
from tests.catalogue.rule_drafts import FAMILY, next_version, shipped
from tests.catalogue.test_filing import codes
from tests.factories import World

NOTE = {"note": "与正式文件不一致，请核对第三条"}


async def put_in(world: World, text: str = "", who: str = "officer", **more: Any) -> dict[str, Any]:
    """A draft; returns its record."""
    made: dict[str, Any] = await world.post(
        who, "/rule-drafts", {"text": text or next_version(), **more}
    )
    return made


def path_of(record: dict[str, Any]) -> str:
    """The address of a draft."""
    return f"/rule-drafts/{record['draft']['id']}"


def seen(record: dict[str, Any], **more: Any) -> dict[str, Any]:
    """What a decision says: the draft that was looked at."""
    return {"hash": record["draft"]["hash"], **more}


async def test_checks_answer_everything_and_write_nothing(world: World) -> None:
    text = next_version(**{"total_fen = 8_000_000": "total_fen = 9_000_000"}).replace(
        'source = "公开文件未规定，示例设定"', 'source = ""', 1
    )
    answer = await world.post("auditor", "/rule-checks", {"text": text + "\n[odd]\nx = 1\n"})
    assert not answer["passes"] and answer["rule"] is None
    answer = await world.post("auditor", "/rule-checks", {"text": text})
    found = {f["code"] for f in answer["findings"]}
    assert {"rulebook.source_missing", "rulebook.case_fails"} <= found
    wrong = [case["name"] for case in answer["cases"] if not case["holds"]]
    assert len(answer["cases"]) == 8 and len(wrong) == 1
    assert answer["rule"]["example_values"] == answer["rule"]["values"]
    assert await sql_value("SELECT count(*) FROM rule_version WHERE status = 'draft'") == 0


async def test_draft_is_published_by_another_person(world: World) -> None:
    made = await put_in(world)
    assert (made["before"], made["draft"]["state"]) == ("2026.1", "waiting")
    assert made["check"]["passes"]
    change = next(c for c in made["changes"] if c["key"] == "ratio")
    assert (change["kind"], change["old"][0]["ratio_ppm"]) == ("changed", 600_000)
    assert change["new"][0]["ratio_ppm"] == 650_000
    assert change["new_source"] == "公开文件未规定，示例设定"
    public = await world.get(None, f"/rule-versions?family={FAMILY}")
    assert [rule["version"] for rule in public] == ["2026.1"], "drafts are not public"
    hidden = await world.call(None, "GET", f"/rule-versions/{FAMILY}/2027.1")
    assert hidden.status_code == 404

    published = await world.post("approver", f"{path_of(made)}/publication", seen(made))
    assert (published["version"], published["hash"]) == ("2027.1", made["draft"]["hash"])
    public = await world.get(None, f"/rule-versions?family={FAMILY}")
    assert [rule["version"] for rule in public] == ["2027.1", "2026.1"]
    assert (await world.call("admin", "GET", path_of(made))).status_code == 404
    events = await world.get("auditor", f"/journal?subject_kind=rule&subject={FAMILY} 2027.1")
    assert [e["event"] for e in events["items"]] == ["publish", "prepare"]
    assert events["items"][0]["effective_on"] == "2027-01-01"


async def test_who_wrote_it_does_not_publish_it(world: World) -> None:
    made = await put_in(world)
    await sql("UPDATE eastlake_user SET roles = '{committee_approver}' WHERE login = 'officer'")
    own = await world.call("officer", "POST", f"{path_of(made)}/publication", seen(made))
    assert (own.status_code, codes(own)) == (403, {"auth.four_eyes"})
    wrong = await world.call("approver", "POST", "/rule-drafts", {"text": next_version()})
    assert wrong.status_code == 403
    changed = await put_in(
        world,
        next_version(**{"year_to = 1, ratio_ppm = 650_000": "year_to = 1, ratio_ppm = 650_000"}),
        "admin",
        replaces=made["draft"]["hash"],
    )
    own = await world.call("officer", "POST", f"{path_of(made)}/publication", seen(changed))
    assert codes(own) == {"auth.four_eyes"}, "neither does who wrote an earlier draft of it"


async def test_refused_draft_is_changed_before_it_is_published(world: World) -> None:
    made = await put_in(world)
    path = path_of(made)
    blank = await world.call("approver", "POST", f"{path}/refusal", seen(made, note=" "))
    assert blank.status_code == 422
    refused = await world.post("approver", f"{path}/refusal", seen(made, **NOTE))
    assert (refused["draft"]["state"], refused["draft"]["note"]) == ("refused", NOTE["note"])
    again = await world.call("approver", "POST", f"{path}/publication", seen(made))
    assert codes(again) == {"rules.draft_refused"}
    text = next_version(**{'title_zh = "东湖': 'title_zh = "2027年东湖'})
    blind = await world.call("officer", "POST", "/rule-drafts", {"text": text})
    assert (blind.status_code, codes(blind)) == (409, {"rules.draft_exists"})
    changed = await put_in(world, text, replaces=made["draft"]["hash"])
    assert (changed["draft"]["id"], changed["draft"]["state"]) == (made["draft"]["id"], "waiting")
    old = await world.call("approver", "POST", f"{path}/publication", seen(made))
    assert (old.status_code, codes(old)) == (409, {"rules.draft_changed"})
    done = await world.post("approver", f"{path}/publication", seen(changed))
    assert done["title"].startswith("2027年东湖")


async def test_withdrawn_draft_leaves_its_trace(world: World) -> None:
    made = await put_in(world)
    await world.call("admin", "POST", f"{path_of(made)}/withdrawal", {"note": "改用正式文件"})
    assert await world.get("officer", "/rule-drafts") == []
    form = {"text": next_version(), "replaces": made["draft"]["hash"]}
    gone = await world.call("officer", "POST", "/rule-drafts", form)
    assert codes(gone) == {"rules.draft_gone"}
    events = await world.get("auditor", f"/journal?subject={FAMILY} 2027.1")
    assert [e["event"] for e in events["items"]] == ["withdraw", "prepare"]


@pytest.mark.parametrize(
    ("changes", "code", "status"),
    [
        ({"version": "2026.1"}, "rules.published", 409),
        ({"valid_from": "2025-01-01"}, "rules.same_day", 422),
        ({"valid_from": "2024-01-01"}, "rulebook.overlap", 422),
        ({"valid_from": "2024-01-01", "valid_to": "2025-01-01"}, "rulebook.overlap", 422),
        ({"version": "2027/1"}, "rules.name_form", 422),
        ({"version": "v" * 60}, "rules.name_form", 422),
        ({'family = "subsidy/eastlake-example"': 'family = "tax"'}, "rules.unknown_family", 422),
        ({'title_zh = "东湖': f'title_zh = "{"长" * 200}'}, "rules.title_too_long", 422),
        ({"total_fen = 8_000_000": "total_fen = 1"}, "rulebook.case_fails", 422),
        ({"[values.ratio]": "[values.ratioo]"}, "rulebook.unknown_key", 422),
        ({"ratio_ppm = 500_000": "ratio_ppm = 0.5"}, "rulebook.float", 422),
        ({"unit_fen = 1 }": "unit_fen = 1 "}, "rulebook.syntax", 422),
    ],
)
async def test_what_keeps_a_file_from_being_a_draft(
    world: World, changes: dict[str, str], code: str, status: int
) -> None:
    answer = await world.call("officer", "POST", "/rule-drafts", {"text": next_version(**changes)})
    assert answer.status_code == status
    assert code in codes(answer)
    assert await sql_value("SELECT count(*) FROM rule_version WHERE status = 'draft'") == 0


async def test_file_without_cases_is_no_draft(world: World) -> None:
    text = next_version().partition("[[case]]")[0]
    answer = await world.call("officer", "POST", "/rule-drafts", {"text": text})
    assert codes(answer) >= {"rulebook.no_case"}


def test_place_in_time() -> None:
    published = [
        {"version": "1", "valid_from": date(2025, 1, 1), "valid_to": date(2025, 12, 31)},
        {"version": "2", "valid_from": date(2026, 1, 1), "valid_to": None},
    ]

    def found(start: str, end: str = "") -> list[Finding]:
        book = rulebook.load(next_version("3", start, end))
        return checking.place_in_time(book, published, date(2026, 6, 1))

    assert found("2027-01-01") == [], "an open-ended version is superseded"
    assert [f.code for f in found("2025-07-01", "2025-12-31")] == [
        "rulebook.overlap",
        "rules.begins_in_past",
    ], "a version that states its last day is not cut short"
    assert [f.code for f in found("2024-01-01", "2024-12-31")] == ["rules.begins_in_past"]
    assert [f.code for f in found("2026-06-01")] == []
    assert [f.code for f in found("2026-05-31")] == ["rules.begins_in_past"]


async def test_next_version_supersedes_from_its_day(world: World) -> None:
    text = shipped("filing", "eastlake-example-2025")
    for old, new in (
        ('version = "2025.1"', 'version = "2027.1"'),
        ("valid_from = 2025-01-01", "valid_from = 2027-01-01"),
        ("issued_on = 2025-06-07", "issued_on = 2026-11-01"),
    ):
        assert old in text
        text = text.replace(old, new, 1)
    made = await put_in(world, text)
    await world.post("approver", f"{path_of(made)}/publication", seen(made))
    assert (await filing_book(date(2026, 12, 31))).version == "2025.1"
    assert (await filing_book(date(2027, 1, 1))).version == "2027.1"


async def test_published_text_cannot_be_changed(world: World) -> None:
    made = await put_in(world)
    await world.post("approver", f"{path_of(made)}/publication", seen(made))
    with pytest.raises(asyncpg.PostgresError, match=r"ledger\.append_only"):
        async with work():
            await sql("UPDATE rule_version SET body = 'x' WHERE id = $1", made["draft"]["id"])
    again = await world.call("officer", "POST", "/rule-drafts", {"text": next_version()})
    assert codes(again) == {"rules.published"}


async def test_command_line_takes_both_steps(world: World) -> None:
    ids = {r["login"]: r["id"] for r in await sql("SELECT id, login FROM eastlake_user")}

    def person(login: str, role: str) -> Actor:
        return Actor(user_id=ids[login], login=login, name=login, roles=frozenset({role}))

    officer = person("officer", "committee_officer")
    approver = person("approver", "committee_approver")
    with pytest.raises(Forbidden, match=r"auth\.four_eyes"):
        await drafts.publish(next_version(), officer, officer)
    with pytest.raises(Forbidden, match=r"auth\.forbidden"):
        await drafts.publish(next_version(), approver, officer)
    with pytest.raises(Refused, match=r"rulebook\.syntax"):
        await drafts.publish("=", officer, approver)
    book = await drafts.publish(next_version(), officer, approver)
    assert (book.version, book.valid_from) == ("2027.1", date(2027, 1, 1))
    with pytest.raises(Conflict, match=r"rules\.published"):
        await drafts.publish(next_version(), officer, approver)


@pytest.fixture
def pool_family() -> Any:
    """A family that another package registers, gone after the test."""
    family = rulebook.Family(
        "pools-test/",
        "共保规则",
        lambda book: rulebook.check_cases(book, lambda _, given: given),
        lambda _, given: given,
        {"capacity": "承保能力"},
    )
    rulebook.register_family(family)
    yield family
    rulebook.families_forget("pools-test/")


async def test_another_package_registers_its_family(world: World, pool_family: Any) -> None:
    text = (
        '[rule]\nfamily = "pools-test/ic"\nname = "ic"\nversion = "1"\ntitle_zh = "示例"\n'
        'valid_from = 2027-01-01\ndocument = "示例"\nstatus = "example"\n'
        '[values.capacity]\nvalue = 1\nsource = "示例"\nexample = true\n'
        '[[case]]\nname = "一"\nsource = "自行演算"\ngiven = { a = 1 }\nexpect = { a = 1 }\n'
    )
    made = await put_in(world, text)
    assert (made["before"], made["check"]["rule"]["family_zh"]) == (None, "共保规则")
    done = await world.post("approver", f"{path_of(made)}/publication", seen(made))
    assert done["family"] == "pools-test/ic"
    with pytest.raises(ValueError, match="already registered"):
        rulebook.register_family(
            rulebook.Family("pools-test/", "另一", lambda _: [], lambda _, given: given)
        )


def test_every_shipped_book_has_its_family() -> None:
    for text, book in shipped_books():
        checked = checking.check_text(text)
        assert checked.passes, (book.family, checked.findings)
        assert checked.cases and all(case.holds for case in checked.cases)
