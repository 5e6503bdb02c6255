"""Every invariant holds on the played history, and each one notices its own kind of tampering.

The test on an empty database stands first: the played history fills it for the rest of the module.
"""

from __future__ import annotations

import re

import asyncpg
import pytest

from catalogue.forms import CorrectionForm
from catalogue.products import library
from service import verify
from service.demo import DemoAccount, people
from service.kernel.db import sql, sql_row

UNPLAYED = {
    "subjectivity_status",
    "backstop_bands",
    "claim_aggregates",
    "premium_mirrors",
    "shortfall_parts",
    "shortfall_entries",
}
"""Invariants of what the demonstration does not do; their own tests plant and break it."""
TAMPERED: dict[str, tuple[str, str]] = {
    "journal_hashes": (
        "journal_event",
        "UPDATE journal_event SET note = note || '?' WHERE id = (SELECT min(id) FROM"
        " journal_event WHERE event = 'accept')",
    ),
    "journal_seals": (
        "journal_event",
        "DELETE FROM journal_event WHERE event = 'upload' AND id = (SELECT max(id) FROM"
        " journal_event WHERE event = 'upload')",
    ),
    "filing_status": (
        "product_version",
        "UPDATE product_version SET status = 'rejected' WHERE id = (SELECT min(id) FROM"
        " product_version WHERE status = 'submitted')",
    ),
    "product_status": (
        "product",
        "UPDATE product SET status = 'in_library' WHERE status = 'suspended'",
    ),
    "journal_steps": (
        "journal_event",
        "UPDATE journal_event SET event = 'enter' WHERE id = (SELECT min(id) FROM journal_event"
        " WHERE event = 'accept')",
    ),
    "library_counts": (
        "product",
        "UPDATE product SET status = 'suspended' WHERE id = (SELECT min(id) FROM product WHERE"
        " status = 'in_library')",
    ),
    "cover_days": (
        "placement",
        "UPDATE placement SET cover_from = cover_from + 1 WHERE cover_from IS NOT NULL",
    ),
    "consent_days": (
        "consent_party",
        "UPDATE consent_party SET due_at = due_at + interval '1 day' WHERE due_at IS NOT NULL",
    ),
    "granted_roles": (
        "eastlake_user",
        "UPDATE eastlake_user SET roles = roles || '{committee_admin}' WHERE login = 'officer'",
    ),
    "granted_quotas": (
        "qualification",
        "UPDATE qualification SET quota_fen = quota_fen + 1 WHERE quota_fen IS NOT NULL",
    ),
    "library_facts": (
        "library_fact",
        "UPDATE library_fact SET status = 'withdrawn' WHERE id = (SELECT max(id) FROM"
        " library_fact WHERE status = 'in_library')",
    ),
    "fact_events": (
        "library_fact",
        "UPDATE library_fact SET status = 'suspended' WHERE id = (SELECT min(id) FROM"
        " library_fact)",
    ),
    "four_eyes": (
        "product_version",
        "UPDATE product_version SET decided_by = reviewed_by WHERE id = (SELECT min(id) FROM"
        " product_version WHERE status = 'in_library')",
    ),
    "current_versions": (
        "product",
        "UPDATE product SET current_version = NULL WHERE id = (SELECT min(id) FROM product WHERE"
        " status = 'in_library')",
    ),
    "shelf_rows": (
        "shelf_item",
        "UPDATE shelf_item SET item = replace(convert_from(item, 'UTF8'), '示例', '虚构')::bytea",
    ),
    "document_hashes": (
        "document_content",
        "UPDATE document_content SET content = content || 'x'::bytea WHERE id = (SELECT min(id)"
        " FROM document_content)",
    ),
    "rule_hashes": (
        "rule_version",
        "UPDATE rule_version SET body = replace(body, 'value = 60', 'value = 50')",
    ),
    "decision_rules": (
        "product_version",
        "UPDATE product_version SET decision = '{}' WHERE id = (SELECT min(id) FROM"
        " product_version WHERE status = 'in_library')",
    ),
    "policy_shares": (
        "policy_insurer",
        "UPDATE policy_insurer SET share_units = share_units - 1 WHERE id = (SELECT min(id) FROM"
        " policy_insurer)",
    ),
    "policy_receipts": (
        "premium_receipt",
        "UPDATE premium_receipt SET amount_fen = amount_fen + 1 WHERE id = (SELECT min(id) FROM"
        " premium_receipt)",
    ),
    "policy_premiums": (
        "policy",
        "UPDATE policy SET current_premium_fen = current_premium_fen + 1 WHERE id = (SELECT"
        " min(id) FROM policy)",
    ),
    "policy_status": (
        "policy",
        "UPDATE policy SET status = 'confirmed' WHERE status = 'disputed'",
    ),
    "enrolment_status": (
        "enrolment",
        "UPDATE enrolment SET status = 'recognised' WHERE status = 'refused'",
    ),
    "qualification_status": (
        "qualification",
        "UPDATE qualification SET status = 'granted' WHERE status = 'exhausted'",
    ),
    "quota_draws": (
        "qualification_draw",
        "UPDATE qualification_draw SET amount_fen = amount_fen - 1 WHERE id = (SELECT min(id)"
        " FROM qualification_draw)",
    ),
    "application_status": (
        "application",
        "UPDATE application SET status = 'approved' WHERE status = 'objection'",
    ),
    "application_sums": (
        "application",
        "UPDATE application SET paid_fen = paid_fen - 1 WHERE id = (SELECT min(id) FROM"
        " application WHERE status = 'paid')",
    ),
    "assessment_hashes": (
        "application",
        "UPDATE application SET assessment = jsonb_set(assessment, '{result,total_fen}', '1')"
        " WHERE id = (SELECT min(id) FROM application WHERE status = 'paid')",
    ),
    "scheme_budgets": (
        "application_line",
        "UPDATE application_line SET paid_fen = paid_fen - 1 WHERE id = (SELECT min(id) FROM"
        " application_line WHERE status = 'paid')",
    ),
    "direct_receipts": (
        "premium_receipt",
        "UPDATE premium_receipt SET payment_item = NULL WHERE id = (SELECT min(id) FROM"
        " premium_receipt WHERE payment_item IS NOT NULL)",
    ),
    "batch_totals": (
        "payment_batch",
        "UPDATE payment_batch SET total_fen = total_fen + 1 WHERE id = (SELECT min(id) FROM"
        " payment_batch)",
    ),
    "batch_status": (
        "payment_batch",
        "UPDATE payment_batch SET status = 'sent' WHERE status = 'part_failed'",
    ),
    "recovery_status": (
        "recovery",
        "UPDATE recovery SET status = 'open' WHERE status = 'proposed'",
    ),
    "payee_status": (
        "payee_account",
        "UPDATE payee_account SET status = 'refused' WHERE id = (SELECT max(id) FROM"
        " payee_account WHERE status = 'verified')",
    ),
    "shelf_table": (
        "shelf_item",
        "UPDATE shelf_item SET item = item || 'x'::bytea WHERE product = (SELECT min(product)"
        " FROM shelf_item)",
    ),
}


async def _tamper(table: str, statement: str) -> None:
    await sql(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    await sql(statement)
    await sql(f"ALTER TABLE {table} ENABLE TRIGGER USER")


async def _failed() -> set[str]:
    return {check.name for check in (await verify.run()).checks if not check.ok}


async def test_an_empty_database_passes(database: None) -> None:
    result = await verify.run()
    assert result.passes


async def test_all_invariants_hold_on_the_played_history(played: list[DemoAccount]) -> None:
    result = await verify.run()

    assert [finding.text() for finding in result.findings] == []
    assert result.passes
    assert re.fullmatch("[0-9a-f]{64}", result.digest)
    counts = {check.name: check.count for check in result.checks}
    assert {name for name, n in counts.items() if not n} == UNPLAYED


async def test_digest_is_the_same_for_the_same_data_and_only_then(
    played: list[DemoAccount],
) -> None:
    before = (await verify.run()).digest
    assert (await verify.run()).digest == before
    await _tamper("journal_event", TAMPERED["journal_hashes"][1])
    assert (await verify.run()).digest != before


@pytest.mark.parametrize("name", TAMPERED)
async def test_tampering_is_noticed_by_its_invariant(played: list[DemoAccount], name: str) -> None:
    await _tamper(*TAMPERED[name])
    failed = await _failed()
    assert name in failed


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE certificate SET valid_to = valid_to + 365",
        "DELETE FROM certificate",
        "UPDATE organisation SET uscc = reverse(uscc)",
        "UPDATE qualification SET asked_fen = asked_fen + 1",
        "UPDATE qualification SET quota_fen = quota_fen + 1 WHERE quota_fen IS NOT NULL",
        "UPDATE placement SET end_on = end_on + 1",
        "UPDATE claim SET cause = '其他原因'",
        "UPDATE claim SET estimate_fen = estimate_fen + 1",
        "UPDATE claim_notice SET due_on = due_on + 1 WHERE due_on IS NOT NULL",
        "UPDATE statement SET answer_due_on = answer_due_on + 1 WHERE answer_due_on IS NOT NULL",
    ],
)
async def test_what_was_told_cannot_be_changed(played: list[DemoAccount], statement: str) -> None:
    with pytest.raises(asyncpg.PostgresError, match="append_only"):
        await sql(statement)


async def test_a_switched_off_guard_is_noticed(played: list[DemoAccount]) -> None:
    await sql("ALTER TABLE library_fact DISABLE TRIGGER USER")
    assert await _failed() == {"guards"}


async def test_an_account_book_that_lost_a_guard_is_noticed(played: list[DemoAccount]) -> None:
    await sql("ALTER TABLE entry_line DISABLE TRIGGER USER")
    assert await _failed() == {"ledger"}


async def test_own_correction_breaks_four_eyes(played: list[DemoAccount]) -> None:
    await _tamper(
        "library_fact",
        "UPDATE library_fact c SET recorded_by = f.recorded_by FROM library_fact f"
        " WHERE c.corrects = f.id",
    )
    assert "four_eyes" in await _failed()


async def test_all_holds_after_a_fact_was_made_void(played: list[DemoAccount]) -> None:
    fact = await sql_row(
        "SELECT f.id, p.number, u.login FROM library_fact f JOIN product p ON p.id = f.product"
        " JOIN eastlake_user u ON u.id = f.recorded_by WHERE p.status = 'suspended'"
        " AND f.status = 'suspended'"
    )
    assert fact is not None
    other = {"approver": "approver2", "approver2": "approver"}[fact["login"]]
    form = CorrectionForm(fact_id=fact["id"], void=True, note="误录暂停")
    await library.correct((await people.actors())[other], fact["number"], form)
    assert await _failed() == set()


async def test_progress_names_each_invariant(played: list[DemoAccount]) -> None:
    told: list[tuple[str, int, int]] = []
    await verify.run(lambda *what: told.append(what))
    assert len(told) == len(verify.INVARIANTS) + 1
    assert told[-1][1] == told[-1][2]
