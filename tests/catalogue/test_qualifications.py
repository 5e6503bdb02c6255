"""Qualifications with a money quota: the life cycle, the limits, and racing draws."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import pytest_asyncio

from catalogue.enrolments import qualifications
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_value
from service.kernel.errors import DomainError
from tests.catalogue.enrolling import make_object, make_other_firm, thing
from tests.catalogue.test_filing import codes
from tests.factories import World, make_organisation, make_token, make_user
from tests.kernel.ledger_fixture import guards_off

QUOTA = {"quota_fen": 100_000, "valid_from": "2026-11-01", "valid_to": "2029-10-31"}


async def applied(world: World, **changes: Any) -> str:
    """A qualification that was asked for; returns its number."""
    number = await make_object(world)
    form = {"object": number, "asked_fen": 120_000} | changes
    made: str = (await world.post("firm", "/qualifications", form))["number"]
    return made


async def granted(world: World, **changes: Any) -> str:
    """A granted qualification; returns its number."""
    number = await applied(world)
    path = f"/qualifications/{number}"
    await second_officer(world)
    await world.post("officer", f"{path}/recommendation", {})
    await world.post("second_officer", f"{path}/review", {})
    await world.post("approver", f"{path}/grant", QUOTA | changes)
    return number


async def second_officer(world: World) -> None:
    """Another officer of the committee."""
    user = await make_user(world.organisations["committee"], "second_officer", "committee_officer")
    world.headers["second_officer"] = await make_token(user, "second_officer")


async def key(number: str) -> int:
    """The key of a qualification."""
    found: int = await sql_value("SELECT id FROM qualification WHERE number = $1", number)
    return found


async def refused(wanted: str, call: Any) -> None:
    """The call is refused with exactly this finding, and nothing is written."""
    with pytest.raises(DomainError) as caught:
        await call
    assert [finding.code for finding in caught.value.findings] == [wanted]


async def test_life_of_a_qualification(world: World) -> None:
    number = await granted(world)
    record = await world.get("firm", f"/qualifications/{number}")
    assert (record["status"], record["left_fen"]) == ("granted", 100_000)
    held = await qualifications.held_by(world.organisations["enterprise"], date(2026, 12, 1))
    assert [(h.number, h.left_fen) for h in held] == [(number, 100_000)]
    assert await qualifications.held_by(world.organisations["enterprise"], date(2029, 11, 1)) == ()
    assert await qualifications.draw(await key(number), 1, 99_999) == 1
    await refused("qualification.quota_exceeded", qualifications.draw(await key(number), 2, 2))
    assert await qualifications.draw(await key(number), 2, 1) == 0
    record = await world.get("firm", f"/qualifications/{number}")
    assert (record["status"], record["left_fen"]) == ("exhausted", 0)
    await refused("qualification.quota_exceeded", qualifications.draw(await key(number), 3, 1))
    assert await qualifications.give_back(await key(number), 1, 99_999) == 99_999
    record = await world.get("firm", f"/qualifications/{number}")
    assert record["status"] == "granted"
    assert [d["amount_fen"] for d in record["draws"]] == [99_999, 1, -99_999]
    too_much = qualifications.give_back(await key(number), 2, 2)
    await refused("qualification.gives_back_too_much", too_much)
    await refused(
        "qualification.gives_back_too_much", qualifications.give_back(await key(number), 1, 1)
    )


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"quota_fen": 120_001}, {"qualification.quota_above_asked"}),
        ({"valid_to": "2029-11-01"}, {"qualification.too_long"}),
        ({"valid_to": "2026-10-31"}, {"qualification.reversed"}),
        (
            {"valid_from": "2020-02-29", "valid_to": "2023-02-27", "quota_fen": 999_999},
            {"qualification.quota_above_asked", "qualification.over_already"},
        ),
        ({"quota_fen": 0}, {"form.beyond"}),
        ({"quota_fen": 1.5}, {"form.type"}),
        ({"valid_to": "2027-02-29"}, {"form.not_a_date"}),
    ],
)
async def test_grants_beyond_the_rule_are_refused(
    world: World, changes: dict[str, Any], found: set[str]
) -> None:
    number = await applied(world)
    path = f"/qualifications/{number}"
    await second_officer(world)
    await world.post("officer", f"{path}/recommendation", {})
    await world.post("second_officer", f"{path}/review", {})
    answer = await world.call("approver", "POST", f"{path}/grant", QUOTA | changes)
    assert (answer.status_code, codes(answer)) == (422, found)
    assert (await world.get("firm", path))["status"] == "reviewed"


async def test_four_eyes_and_order_of_steps(world: World) -> None:
    number = await applied(world)
    path = f"/qualifications/{number}"
    early = await world.call("approver", "POST", f"{path}/grant", QUOTA)
    assert codes(early) == {"workflow.step_not_allowed"}
    await world.post("officer", f"{path}/recommendation", {})
    same = await world.call("officer", "POST", f"{path}/review", {})
    assert (same.status_code, codes(same)) == (403, {"auth.four_eyes"})
    await world.post("approver", f"{path}/review", {})
    again = await world.call("approver", "POST", f"{path}/grant", QUOTA)
    assert codes(again) == {"auth.four_eyes"}
    silent = await world.call("approver", "POST", f"{path}/refusal", {})
    assert codes(silent) == {"workflow.note_missing"}
    state = await world.post("approver", f"{path}/refusal", {"note": "技术指标不符"})
    assert state["status"] == "refused"


async def test_one_qualification_for_one_object(world: World) -> None:
    number = await make_object(world)
    form = {"object": number, "asked_fen": 1}
    await world.post("firm", "/qualifications", form)
    again = await world.call("firm", "POST", "/qualifications", form)
    assert (again.status_code, codes(again)) == (409, {"qualification.object_open"})
    plain = await make_object(world, "general")
    answer = await world.call("firm", "POST", "/qualifications", form | {"object": plain})
    assert codes(answer) == {"qualification.general_object"}
    old = await make_object(world, edition="SB-2019", item="示例-2.1")
    answer = await world.call("firm", "POST", "/qualifications", form | {"object": old})
    assert codes(answer) == {"qualification.no_item"}


async def test_object_of_a_granted_qualification_stays(world: World) -> None:
    number = await granted(world)
    record = await world.get("firm", f"/qualifications/{number}")
    path = f"/objects/{record['object']}"
    answer = await world.call("firm", "PUT", path, thing(), headers={"If-Match": "*"})
    assert codes(answer) == {"object.in_use"}


async def test_qualifications_of_others_do_not_exist(world: World) -> None:
    await make_other_firm(world)
    number = await applied(world)
    assert (await world.call("other_firm", "GET", f"/qualifications/{number}")).status_code == 404
    assert (await world.get("other_firm", "/qualifications"))["items"] == []
    assert (await world.call("clerk", "GET", "/qualifications")).status_code == 403
    assert len((await world.get("auditor", "/qualifications?status=applied"))["items"]) == 1


async def test_validity_ends_by_itself_and_nothing_is_drawn_outside(world: World) -> None:
    number = await granted(world)
    early = qualifications.draw(await key(number), 1, 1, on=date(2026, 10, 31))
    await refused("qualification.not_live", early)
    for day, done in (("2029-10-31", 0), ("2029-11-01", 1), ("2029-11-01", 0)):
        moment = datetime.fromisoformat(day).replace(hour=4, tzinfo=UTC)
        assert await qualifications.due(moment) == {"expire": done}
    assert (await world.get("firm", f"/qualifications/{number}"))["status"] == "expired"
    await refused("qualification.not_live", qualifications.draw(await key(number), 1, 1))


async def test_revoked_gives_nothing_but_takes_back(world: World) -> None:
    number = await granted(world)
    await qualifications.draw(await key(number), 1, 60_000)
    note = {"note": "虚假材料"}
    state = await world.post("approver", f"/qualifications/{number}/revocation", note)
    assert (state["status"], state["drawn_fen"]) == ("revoked", 60_000)
    await refused("qualification.not_live", qualifications.draw(await key(number), 2, 1))
    assert await qualifications.give_back(await key(number), 1, 60_000) == 100_000
    assert (await world.get("firm", f"/qualifications/{number}"))["status"] == "revoked"


@pytest_asyncio.fixture(loop_scope="session")
async def committed(pool: None) -> AsyncIterator[int]:
    """A granted qualification of 1,000.00 yuan, really there; taken out afterwards."""
    last_event = await sql_value("SELECT coalesce(max(id), 0) FROM journal_event")
    organisation, _ = await make_organisation("示例并发企业有限公司", "enterprise", 88)
    user = await make_user(organisation, "racer", "enterprise")
    thing_id = await sql_value(
        "INSERT INTO insured_object (number, owner, kind, name, level, parameters, variety, batch,"
        " software_version, copyright_number, test_report_number, test_report_body,"
        " test_report_marks, revision, recorded_at, recorded_by) VALUES ('OB-2026-999999', $1,"
        " 'first_set', '示例', '', '[]', '', '', '', '', '', '', '{}', 1, $2, $3) RETURNING id",
        organisation,
        now(),
        user,
    )
    made = await sql_value(
        "INSERT INTO qualification (number, enterprise, insured_object, status, asked_fen,"
        " quota_fen, drawn_fen, valid_from, valid_to, note, revision, created_at, created_by)"
        " VALUES ('QU-2026-999999', $1, $2, 'granted', 100000, 100000, 0, $3, $4, '', 1, $5, $6)"
        " RETURNING id",
        organisation,
        thing_id,
        today(),
        today() + timedelta(days=365),
        now(),
        user,
    )
    yield made
    async with guards_off("qualification_draw", "journal_event"):
        await sql("DELETE FROM qualification_draw WHERE qualification = $1", made)
        await sql("DELETE FROM qualification WHERE id = $1", made)
        await sql("DELETE FROM insured_object WHERE id = $1", thing_id)
        await sql("DELETE FROM journal_event WHERE id > $1", last_event)
        await sql("DELETE FROM eastlake_user WHERE id = $1", user)
        await sql("DELETE FROM organisation WHERE id = $1", organisation)


async def _standing(qualification_id: int) -> tuple[int, int, str]:
    row = (
        await sql(
            "SELECT drawn_fen, status, (SELECT coalesce(sum(amount_fen), 0)::bigint"
            " FROM qualification_draw WHERE qualification = q.id) AS summed"
            " FROM qualification q WHERE id = $1",
            qualification_id,
        )
    )[0]
    return row["drawn_fen"], row["summed"], row["status"]


@pytest.mark.commits
async def test_64_racing_draws_never_pass_the_quota_by_one_fen(committed: int) -> None:
    amounts = [3_333 + n % 3 for n in range(64)]
    done = await asyncio.gather(
        *(qualifications.draw(committed, line, fen) for line, fen in enumerate(amounts, 1)),
        return_exceptions=True,
    )
    drawn = sum(fen for fen, result in zip(amounts, done, strict=True) if isinstance(result, int))
    refusals = [result for result in done if isinstance(result, DomainError)]
    assert len(refusals) + sum(isinstance(result, int) for result in done) == 64
    assert {error.findings[0].code for error in refusals} == {"qualification.quota_exceeded"}
    assert await _standing(committed) == (drawn, drawn, "granted")
    assert 100_000 - 3_333 < drawn <= 100_000
    left = 100_000 - drawn
    if left:
        last = await asyncio.gather(
            *(qualifications.draw(committed, 100 + n, left) for n in range(8)),
            return_exceptions=True,
        )
        assert sum(result == 0 for result in last) == 1
    assert await _standing(committed) == (100_000, 100_000, "exhausted")


@pytest.mark.commits
async def test_the_database_holds_the_quota_by_itself(committed: int) -> None:
    with pytest.raises(Exception, match="ck_qualification_quota"):
        await sql("UPDATE qualification SET drawn_fen = 100001 WHERE id = $1", committed)
    await qualifications.draw(committed, 1, 5)
    with pytest.raises(Exception, match=r"append_only"):
        await sql(
            "UPDATE qualification_draw SET amount_fen = 1 WHERE qualification = $1", committed
        )
