"""Payment batches (拨付批次): prepared by one person, approved by another, sent to the bank as a
file, answered by its result file. A failed payment is retried in another batch."""

from __future__ import annotations

import csv
import hashlib
import io
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.money_forms import BatchForm
from catalogue.paging import check_status, id_page
from catalogue.products.drafts import next_number
from catalogue.products.search import like_pattern
from catalogue.rules.subsidy.money_workflows import BATCH
from catalogue.rules.subsidy.nouns import BatchStatus
from catalogue.subsidies import payees
from catalogue.subsidies.schemes import scheme_row
from catalogue.tables import PaymentBatch
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import Text, blocker, register

HEADER = ("批次", "序号", "收款户名", "收款账号", "开户行", "金额(元)", "附言")


@dataclass(frozen=True, slots=True)
class PaymentItemShape:
    """One payment of a batch."""

    number: int
    application: str
    line: int
    policy: str
    payee_kind: str
    payee_name: str
    account_number: str
    bank_name: str
    amount_fen: int
    status: str
    bank_reference: str | None
    paid_on: date | None
    failure: str


@dataclass(frozen=True, slots=True)
class BatchShape:
    """A payment batch with its payments."""

    number: str
    scheme: str
    status: str
    total_fen: int
    file_hash: str
    items: list[PaymentItemShape]


@dataclass(frozen=True, slots=True)
class BatchPage:
    """A page of batches, newest first; `next` is null on the last, `previous` on the first."""

    items: list[BatchShape]
    next: str | None
    previous: str | None


_BATCH = (
    "SELECT b.id, b.number, s.code AS scheme, b.status, b.total_fen, b.file_hash, b.prepared_by"
    " FROM payment_batch b JOIN scheme s ON s.id = b.scheme"
)
_ITEMS = (
    "SELECT i.number, a.number AS application, i.application_line AS line, y.number AS policy,"
    " i.payee_kind, i.payee_name, i.account_number, i.bank_name, i.amount_fen, i.status,"
    " i.bank_reference, i.paid_on, i.failure FROM payment_item i JOIN application_line l"
    " ON l.id = i.application_line JOIN application a ON a.id = l.application"
    " JOIN policy y ON y.id = l.policy WHERE i.batch = $1 ORDER BY i.number"
)


async def batch_row(number: str, *, lock: bool = False) -> Any:
    """A batch's row, locked if it is to be changed."""
    row = await sql_row(
        _BATCH + " WHERE b.number = $1" + (" FOR UPDATE OF b" if lock else ""), number
    )
    if row is None:
        raise NotFound("拨付批次", "Payment batch", number)
    return row


async def batch(number: str) -> BatchShape:
    """One batch with its payments."""
    row = await batch_row(number)
    items = [PaymentItemShape(**item) for item in await sql(_ITEMS, row["id"])]
    shown = {name: row[name] for name in ("number", "scheme", "status", "total_fen", "file_hash")}
    return BatchShape(**shown, items=items)


_LIST = """
SELECT b.id, b.number, s.code AS scheme, b.status, b.total_fen, b.file_hash
FROM payment_batch b JOIN scheme s ON s.id = b.scheme
WHERE ($1::text IS NULL OR s.code = $1) AND ($2::text IS NULL OR b.status = $2)
  AND ($3::text IS NULL OR b.number LIKE $3 OR EXISTS (SELECT 1 FROM payment_item i
    WHERE i.batch = b.id AND (i.payee_name LIKE $3 OR i.bank_reference LIKE $3)))
"""


async def batch_page(
    scheme: str | None = None,
    status: str | None = None,
    q: str | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> BatchPage:
    """Batches, newest first, without their payments; words of number, payee or bank reference."""
    check_status(status, BatchStatus)
    pattern = like_pattern(q) if q else None
    turned = await id_page(_LIST, "b.id", cursor, limit, scheme, status, pattern)
    names = ("number", "scheme", "status", "total_fen", "file_hash")
    items = [BatchShape(**{n: row[n] for n in names}, items=[]) for row in turned.rows]
    return BatchPage(items, turned.next, turned.previous)


# Approved lines without a payment under way or done; locked, so that two batches never share one.
_PAYABLE = """
SELECT l.id, l.policy, l.approved_fen, a.account_name, a.account_number, a.bank_name,
  a.approved_by, coalesce(l.assessment ->> 'payee', 'firm') AS payee,
  a.assessment #>> '{result,instrument}' AS instrument
FROM application_line l JOIN application a ON a.id = l.application
WHERE a.scheme = $1 AND a.status = 'approved' AND l.status = 'approved'
  AND (cardinality($2::bigint[]) = 0 OR l.id = ANY($2::bigint[]))
  AND NOT EXISTS (SELECT 1 FROM payment_item i WHERE i.application_line = l.id
    AND i.status IN ('pending', 'paid'))
ORDER BY l.id FOR UPDATE OF l
"""


async def prepare_batch(actor: Actor, scheme_code: str, form: BatchForm) -> BatchShape:
    """Put approved lines into a batch; refused when a named line cannot be paid now.

    What a rule pays to the insurer goes to the insurer's verified account, and never above the
    premium that is still due; without names such a line waits for another batch.
    """
    async with work():
        scheme = await scheme_row(scheme_code)
        rows = await sql(_PAYABLE, scheme["id"], form.lines)
        missing = sorted(set(form.lines) - {row["id"] for row in rows})
        if missing or not rows:
            raise Refused([blocker("payment.not_payable", "lines", lines=missing)])
        if actor.user_id in {row["approved_by"] for row in rows}:
            raise Forbidden("auth.four_eyes")
        payable, found = await payees.choose(rows)
        if found and (form.lines or not payable):
            raise Refused(found)
        number = await next_number("PB", now())
        batch_id = await sql_value(
            "INSERT INTO payment_batch (number, scheme, status, total_fen, prepared_by, file_hash,"
            " created_at) VALUES ($1, $2, 'draft', $3, $4, '', $5) RETURNING id",
            number,
            scheme["id"],
            sum(payee.amount_fen for payee in payable),
            actor.user_id,
            now(),
        )
        await sql_many(
            "INSERT INTO payment_item (batch, number, application_line, amount_fen, payee_kind,"
            " payee_name, account_number, bank_name, status, failure)"
            " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'pending', '')",
            [(batch_id, n, *payee.columns()) for n, payee in enumerate(payable, 1)],
        )
        facts = {"left_out": [dict(f.params) | {"code": f.code} for f in found]}
        await journal.record(actor, "batch", number, "prepare", to_status="draft", facts=facts)
    return await batch(number)


async def approve_batch(actor: Actor, number: str) -> BatchShape:
    """Approve a batch for payment; never by the person who prepared it."""
    async with work():
        row = await batch_row(number, lock=True)
        if row["status"] != "draft":
            raise Conflict("payment.batch_state", status=row["status"])
        if row["prepared_by"] == actor.user_id:
            raise Forbidden("auth.four_eyes")
        await move_batch(actor, row, "approve", values={"approved_by": actor.user_id})
    return await batch(number)


async def move_batch(
    actor: Actor,
    row: Any,
    event: str,
    values: dict[str, Any] | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Take one step of a batch."""
    await journal.move(
        BATCH,
        PaymentBatch,
        row,
        event,
        actor,
        subject_kind="batch",
        subject=row["number"],
        values=values,
        facts=facts,
    )


async def bank_file(actor: Actor, number: str) -> bytes:
    """The payment file for the bank (CSV, UTF-8 with BOM); the same bytes every time."""
    async with work():
        row = await batch_row(number, lock=True)
        if row["status"] == "draft":
            raise Conflict("payment.batch_state", status=row["status"])
        content = _file(await batch(number))
        digest = hashlib.sha256(content).hexdigest()
        if row["status"] == "approved":
            sent = {"file_hash": digest, "sent_at": now()}
            await move_batch(actor, row, "send", values=sent, facts={"sha256": digest})
    return content


def _file(found: BatchShape) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for item in found.items:
        yuan = f"{item.amount_fen // 100}.{item.amount_fen % 100:02d}"
        writer.writerow(
            (
                found.number,
                item.number,
                item.payee_name,
                item.account_number,
                item.bank_name,
                yuan,
                _purpose(item),
            )
        )
    return out.getvalue().encode("utf-8-sig")


def _purpose(item: PaymentItemShape) -> str:
    """What the payee reads on its statement (附言)."""
    if item.payee_kind == "firm":
        return f"{item.application} 补贴"
    return f"{item.application} 保单{item.policy}"


register(
    {
        "payment.not_payable": Text(
            "没有可拨付的申请明细（{lines}）",
            "No line can be paid ({lines})",
            "只有已批准、未在其他批次中的明细可以拨付",
            "Only approved lines that are in no other batch can be paid",
        ),
        "payment.batch_state": Text(
            "批次当前为“{status}”，不能进行此操作",
            "The batch is {status}; this is not possible now",
            "顺序为：编制、审批、导出银行文件、导入结果",
            "The order is prepare, approve, bank file, result",
        ),
    }
)
