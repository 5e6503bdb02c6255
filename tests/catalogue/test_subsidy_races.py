"""64 approvals at once with real commits: one budget of many firms, one quota of one firm."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import pytest_asyncio

from service.kernel import ledger
from service.kernel.db import sql, sql_value, work
from tests.catalogue.subsidy_story import SCHEME, announced, on, paid_policy, stage
from tests.catalogue.test_filing import codes
from tests.elsewhere import committed_world
from tests.factories import World, make_in_library

pytestmark = pytest.mark.commits
RACERS = 64
FIRMS = 8
EACH_FEN = 800_000


@pytest_asyncio.fixture(loop_scope="session")
async def world(dsn: Any, pool: None) -> AsyncIterator[World]:
    """A committed world in a database of its own that is dropped afterwards."""
    async with committed_world(dsn, "eastlake_subsidy_races", RACERS + 4) as world:
        yield world


_CLONE = """
WITH firm AS (SELECT o.id, o.name, o.uscc, row_number() OVER (ORDER BY o.id) - 1 AS k
  FROM organisation o WHERE o.kind = 'enterprise'),
n AS (SELECT g AS n, f.* FROM generate_series(2, $1) g
  JOIN firm f ON f.k = g % (SELECT count(*) FROM firm)),
y AS (INSERT INTO policy (number, number_key, insurer, product, version, insured, insured_object,
    status, start_on, end_on, sum_insured_fen, limit_fen, rate_ppm, premium_fen, current_sum_fen,
    current_premium_fen, current_end_on, revision, recorded_at, recorded_by)
  SELECT 'C-' || n.n, 'C' || n.n, insurer, product, version, n.id, insured_object, p.status,
    start_on, end_on, sum_insured_fen, limit_fen, rate_ppm, premium_fen, current_sum_fen,
    current_premium_fen, current_end_on, p.revision, recorded_at, recorded_by
  FROM policy p, n WHERE p.number = 'A-1' RETURNING id, number, insured),
s AS (INSERT INTO policy_insurer (policy, insurer, position, share_units)
  SELECT y.id, i.insurer, i.position, i.share_units FROM policy_insurer i
  JOIN policy p ON p.id = i.policy AND p.number = 'A-1', y),
r AS (INSERT INTO premium_receipt (policy, source, amount_fen, received_on, payer_name, payer_uscc,
    invoice_number, bank_reference, recorded_at, recorded_by)
  SELECT y.id, source, amount_fen, received_on, o.name, o.uscc, 'INV' || y.number,
    '', i.recorded_at, i.recorded_by
  FROM premium_receipt i JOIN policy p ON p.id = i.policy AND p.number = 'A-1', y
  JOIN organisation o ON o.id = y.insured),
a AS (INSERT INTO application (number, scheme, enterprise, status, contact_name, contact_phone,
    bank_name, account_name, account_number, statement_signed_by, facts, notice, submitted_at,
    assessed_fen, created_at, created_by)
  SELECT 'X-' || y.number, scheme, y.insured, a.status, contact_name, contact_phone, bank_name,
    o.name, '42000' || o.id, statement_signed_by, facts, notice, submitted_at, assessed_fen,
    a.created_at, a.created_by
  FROM application a, y JOIN organisation o ON o.id = y.insured WHERE a.number = $2
  RETURNING id, number),
e AS (INSERT INTO enrolment (number, enterprise, insured_object, contract, policy, status,
    matched_item, created_at, created_by)
  SELECT 'E-' || y.number, enterprise, e.insured_object, contract, y.id, e.status, matched_item,
    created_at, created_by FROM enrolment e JOIN policy p ON p.id = e.policy, y
  RETURNING id, policy),
l AS (INSERT INTO application_line (application, number, policy, enrolment, qualification, status,
    assessed_fen) SELECT a.id, 1, y.id, e.id, l.qualification, 'open', l.assessed_fen
  FROM a JOIN y ON a.number = 'X-' || y.number LEFT JOIN e ON e.policy = y.id,
  application_line l JOIN application f ON f.id = l.application AND f.number = $2)
INSERT INTO application_material (application, material, document)
SELECT a.id, m.material, m.document FROM a, application_material m
JOIN application f ON f.id = m.application AND f.number = $2
"""


async def clones(number: str) -> list[str]:
    """63 applications like one, each on a policy of its own; all numbers."""
    async with work():
        await sql(_CLONE, RACERS, number)
    rows = await sql("SELECT number FROM application WHERE status = 'public_notice' ORDER BY id")
    assert len(rows) == RACERS
    return [row["number"] for row in rows]


async def more_firms() -> None:
    """Seven more firms with a valid certificate each."""
    await sql(
        "INSERT INTO organisation (uscc, legal_root, kind, name, short_name, sort_key, district,"
        " licence_number, contact, active, revision, created_at) SELECT '9142010000000000' || g,"
        " '9142010000000000' || g, kind, name || g, short_name || g, sort_key, district, '', '',"
        " true, 1, created_at FROM organisation, generate_series(11, $1) g"
        " WHERE kind = 'enterprise'",
        9 + FIRMS,
    )
    await sql(
        "INSERT INTO certificate (organisation, kind, number, valid_from, valid_to)"
        " SELECT o.id, '高新技术企业', 'GR' || o.id, '2024-01-01', '2027-12-31' FROM organisation o"
        " WHERE kind = 'enterprise' AND NOT EXISTS (SELECT 1 FROM certificate c"
        " WHERE c.organisation = o.id)"
    )


async def note(code: str) -> None:
    """A note on a warning that every line has."""
    await sql(
        "INSERT INTO warning_note (application_line, code, note, written_at, written_by)"
        " SELECT l.id, $1, '已核对', now(), u.id FROM application_line l, eastlake_user u"
        " WHERE u.login = 'officer'",
        code,
    )


async def race(world: World, numbers: list[str], **form: Any) -> list[httpx.Response]:
    """All approvals at once."""
    return await asyncio.gather(
        *(world.call("approver", "POST", f"/applications/{n}/approval", form) for n in numbers)
    )


async def test_64_approvals_never_spend_more_than_the_budget(world: World) -> None:
    """10,000,000 fen are 12 lines of 800,000 and 400,000 over."""
    with on("2026-03-02"):
        number, _ = await announced(world, await stage(world, "A-1"))
        await more_firms()
        numbers = await clones(number)
    with on("2026-03-10"):
        answers = await race(world, numbers)
    won = [a for a in answers if a.status_code < 300]
    lost = [a for a in answers if a.status_code >= 300]
    assert len(won) == 12, [a.text for a in lost[:3]]
    assert {frozenset(codes(a)) for a in lost} == {frozenset({"review.budget_short"})}
    told = lost[0].json()["errors"][0]
    assert told["params"] == {"free_fen": 400_000, "wanted_fen": EACH_FEN}
    budget = await world.get("auditor", f"/schemes/{SCHEME}/budget")
    assert (budget["committed_fen"], budget["free_fen"]) == (9_600_000, 400_000)
    approved = "SELECT sum(approved_fen)::bigint FROM application_line WHERE status = 'approved'"
    assert await sql_value(approved) == 9_600_000
    assert await sql_value("SELECT count(*) FROM application WHERE status = 'approved'") == 12
    assert not await ledger.verify()


async def test_one_application_approved_64_times_is_approved_once(world: World) -> None:
    with on("2026-03-02"):
        number, _ = await announced(world, await stage(world, "A-1"))
    with on("2026-03-10"):
        answers = await race(world, [number] * RACERS)
    assert sum(a.status_code < 300 for a in answers) == 1
    lost = [a for a in answers if a.status_code >= 300]
    assert {(a.status_code, *codes(a)) for a in lost} == {(409, "review.approved_before")}
    budget = await world.get("auditor", f"/schemes/{SCHEME}/budget")
    assert budget["committed_fen"] == EACH_FEN


async def qualified_batch(world: World, quota_fen: int) -> tuple[int, dict[str, Any]]:
    """A recognised first batch on a paid policy, with a granted quota: policy and draft line."""
    await stage(world)
    firm = world.organisations["enterprise"]
    user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'firm'")
    item = (
        await sql(
            "SELECT i.id, i.parameters::text AS required FROM catalogue_item i"
            " JOIN catalogue_edition e ON e.id = i.edition WHERE e.code = 'CL-2024' ORDER BY i.id"
        )
    )[0]
    actual = [
        {"name": p["name"], "value": p["value"], "unit": p["unit"]}
        for p in json.loads(item["required"])
    ]
    said = {"declared": {"in_compensated_set": False, "counted_by": "batch"}}
    thing = await sql_value(
        "INSERT INTO insured_object (number, owner, kind, name, catalogue_item, value_fen, batch,"
        " parameters, recorded_at, recorded_by) VALUES ('OB-2026-000001', $1, 'first_batch',"
        " '示例光刻胶', $2, 1000000000, 'B1', $3, now(), $4) RETURNING id",
        firm,
        item["id"],
        json.dumps([*actual, said]),
        user,
    )
    contract = await sql_value(
        "INSERT INTO sales_contract (insured_object, number, buyer_name, buyer_uscc,"
        " buyer_relation, signed_on, amount_fen, quantity, delivered_on, accepted_on) VALUES ($1,"
        " 'HT-1', '示例用户', '91420100MA4K90019X', 'none', '2026-02-02', 1000000000, 10,"
        " '2026-02-20', '2026-02-20') RETURNING id",
        thing,
    )
    qualification = "Q-2026-000001"
    await sql(
        "INSERT INTO qualification (number, enterprise, insured_object, status, asked_fen,"
        " quota_fen, drawn_fen, valid_from, valid_to, created_at, created_by) VALUES ($1, $2, $3,"
        " 'granted', $4, $4, 0, '2026-01-01', '2028-12-31', now(), $5)",
        qualification,
        firm,
        thing,
        quota_fen,
        user,
    )
    product = await make_in_library(world)
    policy_id = await paid_policy(world, product, "A-1", object="OB-2026-000001")
    await sql(
        "INSERT INTO enrolment (number, enterprise, insured_object, contract, policy, status,"
        " matched_item, created_at, created_by) VALUES ('EN-2026-000001', $1, $2, $3, $4,"
        " 'active', $5, now(), $6)",
        firm,
        thing,
        contract,
        policy_id,
        item["id"],
        user,
    )
    return policy_id, {"enrolment": "EN-2026-000001", "qualification": qualification}


def codes_of(answer: httpx.Response) -> Any:
    """Findings of an answer, short."""
    return [(e["code"], e["params"].get("warning")) for e in answer.json().get("errors", [])]


async def test_64_approvals_never_draw_more_than_the_quota(world: World) -> None:
    """60 % of 2,000,000 is 1,200,000: five fit into 6,500,000; 500,000 are left for one more."""
    with on("2026-03-02"):
        policy_id, records = await qualified_batch(world, 6_500_000)
        line = {"policy": policy_id, **records}
        number, _ = await announced(world, [line])
        numbers = await clones(number)
        await note("check.object_cover_overlaps")
    with on("2026-03-10"):
        answers = await race(world, numbers, accept_lower=True, note="按剩余额度批准")
    won = sorted(a.json()["approved_fen"] for a in answers if a.status_code < 300)
    assert won == [500_000, *[1_200_000] * 5], [codes_of(a) for a in answers][:4]
    lost = [a for a in answers if a.status_code >= 300]
    assert {frozenset(codes(a)) for a in lost} == {frozenset({"subsidy.exhausted"})}
    row = (await sql("SELECT status, quota_fen, drawn_fen FROM qualification"))[0]
    assert (row["status"], row["drawn_fen"]) == ("exhausted", row["quota_fen"])
    drawn = await sql_value("SELECT sum(amount_fen)::bigint FROM qualification_draw")
    committed = (await world.get("auditor", f"/schemes/{SCHEME}/budget"))["committed_fen"]
    assert drawn == committed == 6_500_000
