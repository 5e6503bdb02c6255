"""Exports: the lines of a statement as CSV, a book as plain-text accounting. Same data, same bytes.

A figure carries no time of its making; words a spreadsheet would take for a formula are made tame.
"""

from __future__ import annotations

import csv
import io
from datetime import date
from typing import Any

from coinsurance import access
from coinsurance.rules.settlement.plaintext import (
    BookAccount,
    BookEntry,
    BookLine,
    PlainBook,
    beancount,
    hledger,
)
from coinsurance.settlement_shapes import StatementLine
from coinsurance.settlements import lines, records
from service.auth import Actor
from service.kernel.calendar import local_day, today
from service.kernel.db import sql, work
from service.kernel.errors import NotFound

PAGE = 2000
HEADER = (
    "明细号", "分录", "生效日", "账期", "补记", "项目", "科目", "金额(元)", "被保险人", "保单号",
    "共保保单", "保险起期", "保险止期", "赔案号", "出险日", "份额", "条款", "主办方编号",
    "本方编号", "争议",
)  # fmt: skip
FORMATS = {"beancount": beancount, "hledger": hledger}
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


async def statement_csv(actor: Actor, number: str) -> bytes:
    """All lines of a statement with everything they are about, UTF-8 with mark.

    Amounts and what they rest on never change; end of cover, own reference and dispute are told as
    they stand now.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    async with work():
        row = await records.statement_row(actor, number)
        await access.keep_look(actor, "statement", number, "结算单明细", exported=True)
        writer.writerow(
            ("结算单", row["number"], "对账期", row["period_code"], "哈希", row["hash"])
        )
        writer.writerow(
            (
                "期初(元)", _yuan(row["brought_forward_fen"]), "本期项目(元)",
                _yuan(row["items_fen"]), "本期结算(元)", _yuan(row["settled_fen"]),
                "期末(元)", _yuan(row["carried_forward_fen"]), "其中争议(元)",
                _yuan(row["disputed_fen"]),
            )
        )  # fmt: skip
        writer.writerow(HEADER)
        after = 0
        while True:
            found = await lines.lines(records.cover_of(row), row["organisation"], after, PAGE)
            for line in found:
                writer.writerow(_row(records.line_shape(row, line)))
            if len(found) < PAGE:
                break
            after = found[-1]["line"]
    return out.getvalue().encode("utf-8-sig")


def _row(line: StatementLine) -> tuple[Any, ...]:
    share = "" if line.share_units is None else f"{_percent(line.share_units)}%"
    values = (
        line.reference,
        line.entry,
        line.effective_on,
        line.period,
        "是" if line.late else "",
        line.item_zh,
        line.title,
        _yuan(line.amount_fen),
        line.insured,
        line.policy,
        line.placement,
        line.cover_from,
        line.cover_to,
        line.claim,
        line.loss_on,
        share,
        line.clause,
        line.our_reference,
        line.own_reference,
        line.dispute,
    )
    return tuple(_tame(value) for value in values)


def _tame(value: Any) -> Any:
    if isinstance(value, str) and value.startswith(_FORMULA) and not _is_amount(value):
        return f"'{value}"
    return value


def _is_amount(text: str) -> bool:
    return text[1:].replace(".", "", 1).isdigit()


def _yuan(fen: int) -> str:
    sign, size = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{size // 100}.{size % 100:02d}"


def _percent(units: int) -> str:
    whole, rest = divmod(units, 1_000_000)
    return f"{whole}.{rest:06d}".rstrip("0").rstrip(".")


_ACCOUNTS = (
    "SELECT code, kind, title, currency FROM account WHERE book = $1"
    " AND ($2::bigint IS NULL OR owner = $2) ORDER BY code"
)
_ENTRIES = """
SELECT e.id, e.key, e.effective_on, e.reason, e.clause, encode(e.content_hash, 'hex') AS hash,
  array_agg(a.code ORDER BY l.position) AS accounts,
  array_agg(l.amount_fen ORDER BY l.position) AS amounts
FROM entry e JOIN entry_line l ON l.entry = e.id JOIN account a ON a.id = l.account
WHERE e.book = $1 AND e.kind IN ('posted', 'post_pending') AND e.effective_on <= $2
GROUP BY e.id ORDER BY e.effective_on, e.id
"""


async def book_text(actor: Actor, year_number: str, fmt: str, until_on: date | None = None) -> str:
    """The book of a pool year for beancount or hledger, up to a day.

    For who sees the pool year whole; anybody else is told there is no such book.
    """
    if fmt not in FORMATS:
        raise NotFound("账簿格式", "Format of books", fmt)
    until = until_on or today()
    async with work():
        year = await access.year_row(year_number)
        view = await access.view_of(actor, year)
        if not view.sees_all:
            raise NotFound("账簿", "Book", year["book_code"])
        await access.keep_look(actor, "pool_year", year_number, "账簿导出", exported=True)
        opened = await sql("SELECT title, opened_at FROM book WHERE id = $1", year["book"])
        accounts = [BookAccount(*row) for row in await sql(_ACCOUNTS, year["book"], None)]
        entries = [_entry(row) for row in await sql(_ENTRIES, year["book"], until)]
    book = PlainBook(
        year["book_code"],
        opened[0]["title"],
        min(local_day(opened[0]["opened_at"]), until),
        until,
        accounts,
        entries,
    )
    return FORMATS[fmt](book)


def _entry(row: Any) -> BookEntry:
    pairs = zip(row["accounts"], row["amounts"], strict=True)
    return BookEntry(
        row["key"],
        row["effective_on"],
        row["reason"],
        row["clause"],
        row["hash"],
        [BookLine(account, fen) for account, fen in pairs],
    )
