"""Import of policies from Excel or CSV (保单导入): dry run, row-by-row result, all or nothing.

Every policy is recorded through the same rules and the same writer as one entered by hand, with
its shares, its instalments and the premium received on it so far.
"""

from __future__ import annotations

from dataclasses import replace

from catalogue.imports import template as templates
from catalogue.imports.outcome import ImportedRow, ImportResult, advice, all_or_none, read_file
from catalogue.imports.reading import Record, located
from catalogue.policies import preparing, receipts, recording
from catalogue.policies.imports.plan import PLAN
from catalogue.policies.preparing import Prepared, Seen
from catalogue.policies.records import number_key
from catalogue.policy_forms import ImportedPolicyForm
from catalogue.rules.policies import check_receipt
from service.auth import Actor
from service.kernel.db import sql
from service.kernel.findings import Finding, Text, blocker, register

__all__ = ["import_policies", "template"]


async def import_policies(
    actor: Actor, file_name: str, content: bytes, dry_run: bool = False
) -> ImportResult:
    """Record every policy of a workbook or CSV file, or none of them.

    Raises Refused with every finding (field: “sheet!cell header”), TooLarge. A dry run does the
    same and undoes it.
    """
    reading = await read_file(file_name, content, PLAN, {})
    records = [record for record in reading.records if record.form is not None]
    reading.findings += await _doubles(actor, records)
    prepared: list[tuple[Record, Prepared]] = []
    seen = Seen()
    for record in records:
        made = await preparing.prepare(actor, record.form, seen)
        prepared.append((record, made))
        found = [f for f in made.findings if f.blocks] + await _receipts(record.form)
        reading.findings += located(found, record)

    async def create() -> list[ImportedRow]:
        return [await _record(actor, record, made) for record, made in prepared]

    return await all_or_none(actor, "import_policies", file_name, reading, create, dry_run=dry_run)


async def template() -> bytes:
    """The workbook to be filled in."""
    return templates.workbook(PLAN, [])


async def _doubles(actor: Actor, records: list[Record]) -> list[Finding]:
    """Numbers that another row has too, or that the insurer has recorded, however printed."""
    keys = [number_key(record.form.number) for record in records]
    rows = await sql(
        "SELECT number_key FROM policy WHERE insurer = $1 AND number_key = ANY($2::text[])",
        actor.organisation_id,
        keys,
    )
    there = {row["number_key"] for row in rows}
    seen: dict[str, int] = {}
    found = []
    for record, key in zip(records, keys, strict=True):
        where, number = record.locate("number"), record.form.number
        if seen.setdefault(key, record.row) != record.row:
            found.append(blocker("import.same_policy", where, number=number, first=seen[key]))
        if key in there:
            found.append(blocker("policy.number_twice", where, number=number))
    return found


async def _receipts(form: ImportedPolicyForm) -> list[Finding]:
    """What stands against the receipts of a policy, each after those before it."""
    left_fen = form.premium_fen
    found: list[Finding] = []
    for position, receipt in enumerate(form.receipts):
        facts = await receipts.facts_of(receipt, left_fen)
        found += [replace(f, field=f"receipts.{position}.{f.field}") for f in check_receipt(facts)]
        left_fen -= receipt.amount_fen
    return found


async def _record(actor: Actor, record: Record, prepared: Prepared) -> ImportedRow:
    """Write one policy with its receipts; warnings are told beside it."""
    policy_id = await recording.write_policy(actor, prepared)
    for receipt in record.form.receipts:
        await receipts.write(actor, policy_id, receipt)
    told = advice(located(prepared.findings, record))
    number = record.form.number
    return ImportedRow(record.sheet, record.row, record.key, number, str(policy_id), told)


register(
    {
        "import.same_policy": Text(
            "保单号“{number}”与第 {first} 行相同（忽略空格、横线与大小写）",
            "The policy number “{number}” is that of row {first} (spaces, dashes, case ignored)",
            "请删除重复的一行",
            "Remove one of the two rows",
        ),
    }
)
