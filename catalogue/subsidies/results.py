"""The bank's answer to a payment batch: booked once, row by row, or refused whole."""

from __future__ import annotations

from typing import Any

from catalogue.money_forms import ResultForm, ResultRow
from catalogue.policies import receipts
from catalogue.rules.subsidy.nouns import Instrument, Payee
from catalogue.rules.subsidy.workflow import SUBSIDY
from catalogue.subsidies import recovery_opening
from catalogue.subsidies.payments import BatchShape, batch, batch_row, move_batch
from catalogue.subsidies.schemes import COMMITTED, PAID, book_of
from catalogue.tables import Application
from service.auth import SYSTEM, Actor
from service.kernel import journal, ledger
from service.kernel.calendar import today
from service.kernel.db import sql, sql_row, work
from service.kernel.errors import Conflict, Refused
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.ledger import Line, Posting


async def take_result(actor: Actor, number: str, form: ResultForm) -> BatchShape:
    """Take the bank's result: all rows or none. A row told before in the same words is passed over.

    Paid rows are booked and mark their line; failed ones free the line for another batch.
    """
    async with work():
        row = await batch_row(number, lock=True)
        if row["status"] not in ("sent", "part_failed", "done"):
            raise Conflict("payment.batch_state", status=row["status"])
        items = {
            item["number"]: item
            for item in await sql(
                "SELECT id, number, application_line, amount_fen, status, bank_reference,"
                " payee_kind FROM payment_item WHERE batch = $1 ORDER BY id FOR UPDATE",
                row["id"],
            )
        }
        found = _check_rows(form.rows, items)
        found += await _used_references(form.rows, items)
        if found:
            raise Refused(found)
        fresh = [r for r in form.rows if items[r.item]["status"] == "pending"]
        event = await journal.record(
            actor, "batch", number, "result", facts={"rows": len(form.rows), "new": len(fresh)}
        )
        for result in fresh:
            await _settle(actor, row["scheme"], items[result.item], result, event)
        await _finish(row)
    return await batch(number)


def _check_rows(rows: list[ResultRow], items: dict[int, Any]) -> list[Finding]:
    found = []
    seen: set[int] = set()
    for position, result in enumerate(rows):
        field, item = f"rows.{position}", items.get(result.item)
        if item is None:
            found.append(blocker("payment.unknown_item", f"{field}.item", item=result.item))
            continue
        if result.item in seen:
            found.append(blocker("payment.item_twice", f"{field}.item", item=result.item))
        seen.add(result.item)
        if result.amount_fen != item["amount_fen"]:
            found.append(
                blocker(
                    "payment.amount_differs",
                    f"{field}.amount_fen",
                    expected_fen=item["amount_fen"],
                    actual_fen=result.amount_fen,
                )
            )
        if result.paid and not (result.bank_reference and result.paid_on):
            found.append(blocker("form.missing", f"{field}.bank_reference"))
        if result.paid_on is not None and result.paid_on > today():
            found.append(blocker("payment.paid_in_future", f"{field}.paid_on", today=today()))
        settled = item["status"] != "pending"
        same = item["status"] == ("paid" if result.paid else "failed") and (
            (item["bank_reference"] or "") == (result.bank_reference if result.paid else "")
        )
        if settled and not same:
            found.append(blocker("payment.told_before", f"{field}.item", item=result.item))
    return found


async def _used_references(rows: list[ResultRow], items: dict[int, Any]) -> list[Finding]:
    """A bank reference pays one item only, here or in any other batch."""
    wanted = {r.bank_reference: n for n, r in enumerate(rows) if r.paid and r.bank_reference}
    mine = {r.bank_reference: items[r.item]["id"] for r in rows if r.paid and r.item in items}
    used = await sql(
        "SELECT id, bank_reference FROM payment_item WHERE bank_reference = ANY($1::text[])",
        list(wanted),
    )
    twice = [r.bank_reference for r in rows if r.paid]
    return [
        blocker(
            "payment.reference_used",
            f"rows.{wanted[row['bank_reference']]}.bank_reference",
            reference=row["bank_reference"],
        )
        for row in used
        if mine.get(row["bank_reference"]) != row["id"]
    ] + [
        blocker("payment.reference_used", f"rows.{n}.bank_reference", reference=r.bank_reference)
        for n, r in enumerate(rows)
        if r.paid and twice.count(r.bank_reference) > 1
    ]


async def _settle(actor: Actor, scheme_code: str, item: Any, result: ResultRow, event: int) -> None:
    await sql(
        "UPDATE payment_item SET status = $2, bank_reference = $3, paid_on = $4, failure = $5"
        " WHERE id = $1",
        item["id"],
        "paid" if result.paid else "failed",
        result.bank_reference if result.paid else None,
        result.paid_on if result.paid else None,
        "" if result.paid else (result.failure or "银行退回"),
    )
    if not result.paid:
        return
    assert result.paid_on is not None
    await ledger.post(
        Posting(
            book=book_of(scheme_code),
            key=f"pay:{item['id']}",
            reason="payment",
            clause="拨付",
            effective_on=result.paid_on,
            lines=[Line(PAID, item["amount_fen"]), Line(COMMITTED, -item["amount_fen"])],
            journal_event=event,
            facts={"application_line": item["application_line"]},
        )
    )
    line = await sql_row(
        "UPDATE application_line l SET status = 'paid', paid_fen = l.approved_fen"
        " FROM application a WHERE l.id = $1 AND a.id = l.application RETURNING l.application,"
        " l.policy, a.assessment #>> '{result,instrument}' AS instrument",
        item["application_line"],
    )
    assert line is not None
    if line["instrument"] == Instrument.PREMIUM_DIRECT_PAY and item["payee_kind"] == Payee.INSURER:
        await receipts.write_direct(actor, line["policy"], scheme_code, item, result)
    await _follow(line["application"], item["amount_fen"])
    await recovery_opening.open_if_reduced(actor, line["policy"])


async def _follow(application_id: int, amount_fen: int) -> None:
    """Add to the application; when no approved line is left unpaid it is paid (automatic)."""
    row = await sql_row(
        "UPDATE application SET paid_fen = paid_fen + $2, revision = revision + 1 WHERE id = $1"
        " RETURNING id, number, status, EXISTS (SELECT 1 FROM application_line l WHERE"
        " l.application = $1 AND l.status IN ('approved', 'frozen')) AS open",
        application_id,
        amount_fen,
    )
    assert row is not None
    if row["status"] == "approved" and not row["open"]:
        await journal.move(
            SUBSIDY,
            Application,
            {"id": row["id"], "status": row["status"]},
            "pay",
            SYSTEM,
            subject_kind="application",
            subject=row["number"],
        )


async def _finish(row: Any) -> None:
    """Once every payment is answered the batch is done, or done in part (automatic)."""
    left = await sql_row(
        "SELECT count(*) FILTER (WHERE status = 'pending') AS pending,"
        " count(*) FILTER (WHERE status = 'failed') AS failed FROM payment_item WHERE batch = $1",
        row["id"],
    )
    assert left is not None
    if row["status"] == "sent" and not left["pending"]:
        await move_batch(SYSTEM, row, "settle_part" if left["failed"] else "settle")


register(
    {
        "payment.unknown_item": Text(
            "批次中没有序号 {item}",
            "The batch has no payment {item}",
            "请核对银行结果文件与批次号",
            "Check the result file and the batch",
        ),
        "payment.item_twice": Text(
            "序号 {item} 在结果中出现两次",
            "Payment {item} occurs twice in the result",
            "请核对银行结果文件",
            "Check the result file",
        ),
        "payment.amount_differs": Text(
            "金额不符：应为 {expected_fen}，结果为 {actual_fen}",
            "The amount differs: {expected_fen} expected, {actual_fen} told",
            "请与银行核对",
            "Clear it with the bank",
        ),
        "payment.paid_in_future": Text(
            "付款日期晚于今天（{today}）",
            "The day of payment is after today ({today})",
            "请核对付款日期",
            "Check the day",
        ),
        "payment.told_before": Text(
            "序号 {item} 已有不同的结果",
            "Payment {item} has another result already",
            "已入账的结果不能更改；失败的付款请在新批次重付",
            "A booked result stays; pay a failed one again in a new batch",
        ),
        "payment.reference_used": Text(
            "银行流水号 {reference} 已用于另一笔付款",
            "The bank reference {reference} belongs to another payment",
            "请核对流水号，防止重复入账",
            "Check the reference; a payment is booked once",
        ),
    }
)
