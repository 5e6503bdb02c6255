"""`eastlake verify` finds faults planted behind the back of the program."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import asyncpg
import pytest

from service.kernel.db import sql, sql_value
from service.verify.pools import POOL_INVARIANTS
from tests.coinsurance.pooling import make_pool
from tests.coinsurance.test_pool_members import owe
from tests.factories import World


async def tables_open(*statements: str) -> None:
    """Run statements with every trigger of the pools switched off."""
    tables = (
        "pool",
        "pool_agreement",
        "pool_year",
        "pool_member",
        "share_schedule",
        "share_item",
        "consent_request",
        "consent_party",
    )
    for table in tables:
        await sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for statement in statements:
        await sql(statement)
    for table in tables:
        await sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


FAULTS = [
    ("pool_status", "UPDATE pool SET status = 'suspended'"),
    ("pool_status", "UPDATE pool_year SET status = 'closed_new'"),
    ("pool_status", "UPDATE pool_member SET status = 'exited' WHERE position = 2"),
    ("schedules_whole", "UPDATE share_item SET share_units = share_units - 1 WHERE position = 1"),
    ("schedules_journalled", "UPDATE share_item SET share_units = CASE position WHEN 1 THEN"
     " share_units + 1 ELSE share_units - 1 END WHERE position < 3"),
    ("schedules_forward", "UPDATE share_schedule SET valid_from = '2025-12-01'"),
    ("agreements_hold", "UPDATE pool_agreement SET body = replace(body, 'days = 21', 'days = 40')"),
    ("consents_given", "UPDATE consent_request SET status = 'withdrawn', closed_at = now()"
     " WHERE matter = 'shares'"),
    ("consents_given", "UPDATE consent_party SET answer = 'refused' WHERE position = 2"),
    ("consents_given", "UPDATE consent_party SET answer = 'deemed' WHERE position = 2"),
    ("roles_held_once", "UPDATE pool_member SET roles = '{follower}' WHERE position = 1"),
    ("effect_four_eyes", "UPDATE journal_event SET actor = (SELECT actor FROM journal_event"
     " WHERE event = 'sign' LIMIT 1) WHERE event = 'open'"),
    ("pool_steps", "UPDATE journal_event SET event = 'resume' WHERE event = 'sign'"),
    ("member_accounts", "INSERT INTO pool_member_account (member, number, bank_account, reason,"
     " status, asked_at, asked_by, decided_at, note, revision) SELECT id, 1, '6222000011119999',"
     " '迁移', 'confirmed', now(), recorded_by, now(), '', 1 FROM pool_member LIMIT 1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "statement"), FAULTS, ids=[f"{n}-{i}" for i, (n, _) in enumerate(FAULTS)]
)
async def test_a_planted_fault_is_found(world: World, name: str, statement: str) -> None:
    await make_pool(world, 3)
    for _, check in POOL_INVARIANTS.values():
        assert (await check()).findings == []
    await sql("ALTER TABLE journal_event DISABLE TRIGGER USER")
    await tables_open(statement)
    await sql("ALTER TABLE journal_event ENABLE TRIGGER USER")
    check: Callable[[], Awaitable[object]] = POOL_INVARIANTS[name][1]
    outcome = await check()
    assert outcome.findings != []  # type: ignore[attr-defined]


async def test_a_guard_that_is_switched_off_is_found(world: World) -> None:
    await sql("ALTER TABLE consent_party DISABLE TRIGGER consent_party_kept")
    found = (await POOL_INVARIANTS["pool_guards"][1]()).findings
    assert [finding.params["guard"] for finding in found] == ["consent_party_kept"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE pool_agreement SET body = body || ' '",
        "UPDATE share_schedule SET valid_from = valid_from + 1",
        "UPDATE share_item SET share_units = 1",
        "DELETE FROM share_item",
        "UPDATE consent_request SET clause = ''",
        "UPDATE consent_party SET answer = 'refused' WHERE answer = 'consented'",
        "UPDATE consent_party SET served_at = served_at - interval '1 day'",
        "UPDATE consent_party SET weight_units = 0",
        "UPDATE consent_party SET due_at = due_at - interval '1 day'",
        "UPDATE consent_request SET due_at = due_at + interval '1 day'",
        "UPDATE consent_request SET title = '另一事项'",
        "UPDATE organisation SET uscc = '91420100MA00000000' WHERE uscc <> ''",
        "UPDATE pool_member SET aggregate_used_fen = aggregate_capacity_fen + 1",
        "UPDATE pool_member SET position = 2 WHERE position = 1",
        "UPDATE pool_member SET bank_account = bank_account || '1'",
        "UPDATE pool_member SET legal_root = '00000000X'",
    ],
)
async def test_the_database_itself_refuses(world: World, statement: str) -> None:
    await make_pool(world, 3)
    with pytest.raises(Exception, match="append_only|violates|ledger"):
        await sql(statement)


@pytest.mark.parametrize(
    "change",
    [
        "due_on = due_on - 1",
        "due_on = NULL",
        "due_days = due_days + 30",
        "due_calendar = 'working'",
        "clause = '第一条'",
        "cause = cause + 1",
        "entry = entry + 1",
        "recorded_at = recorded_at - interval '1 day'",
    ],
)
async def test_a_debt_keeps_what_it_was_written_with(world: World, change: str) -> None:
    pooled = await make_pool(world, 3)
    await owe(pooled, "m2", "clerk", 100, "2026-12-31")
    with pytest.raises(asyncpg.PostgresError, match="append_only"):
        await sql(f"UPDATE obligation SET {change}")


async def test_a_due_day_may_be_told_and_moved_later(world: World) -> None:
    """What papers served after the payment, and the calendar of a later year, do."""
    pooled = await make_pool(world, 3)
    await owe(pooled, "m2", "clerk", 100, "2026-12-31")
    await sql("UPDATE obligation SET due_on = due_on + 9")
    await sql("UPDATE obligation SET settled_fen = 1, status = 'part_settled'")
    assert str(await sql_value("SELECT due_on FROM obligation")) == "2027-01-09"
