"""Shares of a placement changed, and confidential files granted, in the console."""

from __future__ import annotations

from typing import Any

import pytest

from service.kernel.db import sql, sql_value
from tests.coinsurance.paying import agree, make_placement, receipt
from tests.coinsurance.placing import Year, make_market, make_zones, plant_year, refused
from tests.factories import PDF, World
from tests.web.console import send, sign_in, words

DAY = "2027-06-15"


@pytest.fixture
async def year(world: World) -> Year:
    """A year of lines with four members."""
    await make_zones(world)
    return await plant_year(world)


def typed(year: Year, **shares: str) -> dict[str, str]:
    """The form as a person types it: percentages by member."""
    form = {"valid_from": DAY, "reason": "成员三减少份额", "section": ""}
    for n, (login, percent) in enumerate(shares.items()):
        form |= {f"shares-{n}-uscc": year.usccs[login], f"shares-{n}-share_units": percent}
    return form


async def test_a_change_of_shares_goes_its_whole_way_in_the_console(
    world: World, year: Year
) -> None:
    number = await make_placement(world, year)
    await world.post("clerk", f"/placements/{number}/receipts", receipt(100_000_000, "B1"))
    home = f"/placements/{number}"
    await sign_in(world.client, "clerk")
    shown = await world.client.get(home)
    assert "提出份额变更" in words(shown) and 'value="40%"' in shown.text
    wrong = typed(year, clerk="40%", m2="50%", m3="0%", m4="9.999999%")
    kept = await send(world.client, f"{home}/share-schedules", wrong)
    assert kept.status_code == 422 and "9.999999" in kept.text
    assert "99.999999%" in words(kept)
    form = typed(year, clerk="40%", m2="50%", m3="0%", m4="10%")
    made = await send(world.client, f"{home}/share-schedules", form)
    assert made.status_code == 303, words(made)
    row = (await sql("SELECT number FROM share_schedule WHERE status = 'proposed'"))[0]
    pending = words(await world.client.get(home))
    assert "待生效的份额变更" in pending and row["number"] in pending
    schedule = await world.client.get(f"/share-schedules/{row['number']}")
    assert "征求成员同意" not in words(schedule), "it was put to the members when proposed"
    request = await sql_value(
        "SELECT number FROM consent_request WHERE subject = $1", row["number"]
    )
    await agree(world, year, request)
    await sign_in(world.client, "approver")
    effect = f"/share-schedules/{row['number']}/effect"
    done = await send(world.client, effect, {"resolution_number": "示例决〔2026〕9号"})
    assert done.status_code == 303, words(done)
    used = await sql(
        "SELECT organisation, sum(amount_fen)::bigint AS fen FROM placement_exposure"
        " WHERE zone IS NULL AND released_at IS NULL GROUP BY 1 ORDER BY 2"
    )
    assert year.members["m2"] in [r["organisation"] for r in used]
    await sign_in(world.client, "clerk")
    after = words(await world.client.get(home))
    assert "待生效的份额变更" not in after and DAY.replace("-", "年", 1)[:4] in after
    moved = await send(world.client, f"{home}/share-changes", {})
    assert moved.status_code == 303, words(moved)
    movements = await sql("SELECT kind FROM premium_movement ORDER BY number")
    assert [r["kind"] for r in movements] == ["receipt", "share_change"]


async def test_shares_of_a_placement_take_effect_on_the_placement_alone(
    world: World, year: Year
) -> None:
    """Through the route of year schedules, capacity would not follow."""
    number = await make_placement(world, year)
    shares = [
        {"uscc": year.usccs[login], "share_units": units}
        for login, units in (("clerk", 40_000_000), ("m2", 60_000_000))
    ]
    body = {"valid_from": DAY, "shares": shares, "reason": "调整"}
    (made,) = await world.post("clerk", f"/placements/{number}/share-schedules", body)
    await agree(world, year, made["consent"])
    effect = f"/share-schedules/{made['schedule']}/effect"
    found, answer = await refused(
        world, "approver", effect, {"resolution_number": "示例决〔2026〕9号"}
    )
    assert found == ["schedule.of_placement"]
    assert answer["errors"][0]["remedy_zh"] == "请在该保单中办理"
    status = await sql_value(
        "SELECT status FROM share_schedule WHERE number = $1", made["schedule"]
    )
    assert status == "consented"


async def test_only_issuer_and_lead_are_offered_other_shares(world: World, year: Year) -> None:
    number = await make_placement(world, year)
    for who, offered in (("m2", False), ("officer", False), ("clerk", True)):
        await sign_in(world.client, who)
        page = await world.client.get(f"/placements/{number}")
        assert ("提出份额变更" in words(page)) is offered, who
    form = typed(year, clerk="60%", m2="40%")
    await sign_in(world.client, "m2")
    answer = await send(world.client, f"/placements/{number}/share-schedules", form)
    assert answer.status_code == 403
    assert await sql_value("SELECT count(*) FROM share_schedule WHERE status = 'proposed'") == 0


async def confidential(world: World, number: str) -> int:
    """A confidential file of a risk; its key."""
    answer = await world.client.post(
        f"/api/v1/risks/{number}/files",
        files={"file": ("process.pdf", PDF + b"secret", "application/pdf")},
        data={"kind": "process", "confidential": "true"},
        headers=world.headers["clerk"],
    )
    assert answer.status_code == 201, answer.text
    key: int = answer.json()["id"]
    return key


async def test_a_file_is_granted_read_and_taken_back_in_the_console(
    world: World, year: Year
) -> None:
    number = await make_market(world, year)
    key = await confidential(world, number)
    home, file = f"/risks/{number}", f"/risks/{number}/files/{key}"
    await sign_in(world.client, "clerk")
    assert "授权 0 项，查阅 0 次" in words(await world.client.get(home))
    grant: dict[str, Any] = {
        "reader": "m2",
        "purpose": "核保查阅工艺风险",
        "from_on": "2026-11-20",
        "to_on": "2027-01-31",
    }
    stranger = await send(world.client, f"{file}/grants", grant | {"reader": "rival"})
    assert stranger.status_code == 422 and "核保查阅工艺风险" in stranger.text
    late = await send(world.client, f"{file}/grants", grant | {"to_on": "2026-01-01"})
    assert late.status_code == 422
    given = await send(world.client, f"{file}/grants", grant)
    assert given.status_code == 303, words(given)
    await sign_in(world.client, "m2")
    assert (await world.client.get(file)).status_code == 200
    assert "保密资料的授权" not in words(await world.client.get(home))
    await sign_in(world.client, "clerk")
    shown = words(await world.client.get(home))
    assert "授权 1 项，查阅 1 次" in shown and "示例m2" in shown
    grant_id = await sql_value("SELECT id FROM risk_file_grant")
    back = await send(world.client, f"{file}/grants/{grant_id}/revocation")
    assert back.status_code == 303
    again = await send(world.client, f"{file}/grants/{grant_id}/revocation")
    assert again.status_code == 303
    assert "已撤销" in words(await world.client.get(home))
    await sign_in(world.client, "m2")
    assert (await world.client.get(file)).status_code == 404
    assert (await send(world.client, f"{file}/grants", grant)).status_code == 403
    await sign_in(world.client, "auditor")
    assert "授权 1 项" in words(await world.client.get(home))
