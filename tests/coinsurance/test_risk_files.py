"""Files of risks: confidential ones for named persons, for a period, each view on record."""

from __future__ import annotations

import io
from typing import Any

import pytest

from service.kernel.db import sql
from tests.catalogue.subsidy_story import on
from tests.coinsurance.placing import Year, make_market, make_zones, plant_year, refused
from tests.factories import PDF, World


@pytest.fixture
async def year(world: World) -> Year:
    """A year of lines with four members, and the zones of a park."""
    await make_zones(world)
    return await plant_year(world)


async def put(
    world: World, who: str, number: str, confidential: bool = True, **changes: Any
) -> Any:
    """Upload a file of a risk."""
    return await world.client.post(
        f"/api/v1/risks/{number}/files",
        files={"file": ("process.pdf", io.BytesIO(PDF + who.encode()), "application/pdf")},
        data={"kind": "process", "confidential": str(confidential).lower()} | changes,
        headers=world.headers[who],
    )


async def test_a_confidential_file_is_read_by_grant_only(world: World, year: Year) -> None:
    number = await make_market(world, year)
    made = (await put(world, "clerk", number)).json()
    path = f"/risks/{number}/files"
    assert (made["confidential"], made["readable"]) == (True, True)
    content = f"{path}/{made['id']}/content"
    for who, status in (("clerk", 200), ("manager", 403), ("m2", 404), ("rival", 404)):
        assert (await world.call(who, "GET", content)).status_code == status, who
    assert await world.get("m2", path) == []
    assert len(await world.get("manager", path)) == 1
    form = {
        "reader": "m2",
        "purpose": "核保查阅工艺风险",
        "from_on": "2026-11-20",
        "to_on": "2026-12-05",
    }
    grant = await world.post("manager", f"{path}/{made['id']}/grants", form)
    assert (grant["reader"], grant["revoked_at"]) == ("m2", None)
    answer = await world.call("m2", "GET", content)
    assert (answer.status_code, answer.content) == (200, PDF + b"clerk")
    assert "attachment" in answer.headers["content-disposition"]
    assert (await world.call("m2_manager", "GET", content)).status_code == 404
    with on("2026-12-06"):
        await sql("UPDATE api_token SET expires_at = '2100-01-01'")
        assert (await world.call("m2", "GET", content)).status_code == 404
    revoke = f"{path}/{made['id']}/grants/{grant['id']}/revocation"
    assert (await world.post("clerk", revoke))["revoked_at"] is not None
    assert (await world.call("m2", "GET", content)).status_code == 404
    assert (await refused(world, "clerk", revoke))[0] == ["file.revoked_already"]


async def test_every_view_is_on_record_and_the_insured_reads_the_record(
    world: World, year: Year
) -> None:
    number = await make_market(world, year)
    made = (await put(world, "firm", number)).json()
    path = f"/risks/{number}/files/{made['id']}"
    for who in ("firm", "auditor", "officer"):
        assert (await world.call(who, "GET", f"{path}/content")).status_code == 200
    views = await world.get("firm", f"{path}/views")
    assert [v["reader"] for v in views] == ["示例firm", "示例auditor", "示例officer"]
    assert await world.get("clerk", f"{path}/views") == views
    assert (await refused(world, "m2", f"{path}/views", method="GET"))[0] == ["file.keeper_only"]
    form = {"reader": "m3", "purpose": "核保", "from_on": "2026-11-20", "to_on": "2026-12-05"}
    await world.post("firm", f"{path}/grants", form)
    assert (await world.call("m3", "GET", f"{path}/content")).status_code == 200
    assert len(await world.get("auditor", f"{path}/grants")) == 1


async def test_what_is_not_confidential_is_open_to_all_members(world: World, year: Year) -> None:
    number = await make_market(world, year)
    made = (await put(world, "clerk", number, False, kind="survey")).json()
    path = f"/risks/{number}/files/{made['id']}"
    assert (await world.call("m2", "GET", f"{path}/content")).status_code == 200
    assert (await world.call("rival", "GET", f"{path}/content")).status_code == 404
    form = {"reader": "m2", "purpose": "核保", "from_on": "2026-11-20", "to_on": "2026-12-05"}
    assert (await refused(world, "clerk", f"{path}/grants", form))[0] == ["file.open_anyway"]


async def test_no_way_round_through_the_documents(world: World, year: Year) -> None:
    """The file's document belongs to the issuer; the catalogue still does not serve it."""
    number = await make_market(world, year)
    made = (await put(world, "clerk", number)).json()
    rows = await sql("SELECT document FROM risk_file WHERE id = $1", made["id"])
    document = f"/documents/{rows[0]['document']}/content"
    for who in ("clerk", "manager", "officer", "auditor", "m2", None):
        assert (await world.call(who, "GET", document)).status_code == 404, who


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"reader": "rival"}, ["file.reader_no_party"]),
        ({"reader": "nobody"}, ["file.reader_no_party"]),
        ({"to_on": "2026-11-19"}, ["file.grant_reversed"]),
        ({"from_on": "2026-10-01", "to_on": "2026-11-01"}, ["file.grant_over"]),
        ({"to_on": "2027-11-21"}, ["file.grant_too_long"]),
    ],
)
async def test_a_grant_names_a_party_and_a_period(
    changes: dict[str, Any], wanted: list[str], world: World, year: Year
) -> None:
    number = await make_market(world, year)
    made = (await put(world, "clerk", number)).json()
    form = {"reader": "m2", "purpose": "核保", "from_on": "2026-11-20", "to_on": "2026-12-05"}
    path = f"/risks/{number}/files/{made['id']}/grants"
    assert (await refused(world, "clerk", path, form | changes))[0] == wanted


async def test_files_are_checked_and_kept_by_issuer_and_insured(world: World, year: Year) -> None:
    number = await make_market(world, year)
    assert (await put(world, "m2", number)).status_code == 403
    assert (await put(world, "rival", number)).status_code == 404
    assert (await put(world, "clerk", number, kind="secret")).status_code == 422
    assert (await put(world, "clerk", number, confidential="maybe")).status_code == 422
    wrong = await world.client.post(
        f"/api/v1/risks/{number}/files",
        files={"file": ("virus.exe", io.BytesIO(b"MZ"), "application/pdf")},
        data={"kind": "process"},
        headers=world.headers["clerk"],
    )
    assert (wrong.status_code, wrong.json()["code"]) == (422, "document.type")
