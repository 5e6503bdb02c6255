"""The plain-text book, read by beancount, by hledger, and by a reader of hledger's grammar.

hledger is a program of its own: where it is on the path it reads every journal too.
"""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
from collections import Counter
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from beancount import loader
from beancount.core import data, realization
from hypothesis import given
from hypothesis import strategies as st

from coinsurance.rules.settlement.plaintext import (
    BookAccount,
    BookEntry,
    BookLine,
    PlainBook,
    account_names,
    beancount,
    hledger,
)

ACCOUNTS = (
    BookAccount("current:91420100MA4K0001XQ", "asset", "共保往来·示例甲"),
    BookAccount("premium:91420100MA4K0001XQ:own", "income", "共保保费收入"),
    BookAccount("premium:91420100MA4K0001XQ:首台套~a1", "income", '带"引号"的科目'),
    BookAccount("lead_fee_paid:91420100MA4K0002XQ", "expense", "出单费; 支出 | 甲"),
    BookAccount("lead_fee_tax_earned:91420100MA4K0001XQ", "liability", "出单费增值税"),
)
HASH = "ab" * 32


def entry(number: int, day: date, *amounts: int) -> BookEntry:
    lines = [BookLine(ACCOUNTS[n].code, fen) for n, fen in enumerate(amounts) if fen]
    lines.append(BookLine(ACCOUNTS[4].code, -sum(amounts)))
    lines = [line for line in lines if line.amount_fen]
    return BookEntry(f"key:{number};1", day, "premium", 'v1 "第八条"', HASH, lines)


def book(*entries: BookEntry) -> PlainBook:
    return PlainBook(
        "pool:ic-2026", "示例共保体", date(2026, 1, 5), date(2026, 12, 31), ACCOUNTS, entries
    )


def balances(found: PlainBook) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for one in found.entries:
        for line in one.lines:
            sums[line.account] += line.amount_fen
    return {code: fen for code, fen in sums.items() if fen}


def read_beancount(text: str, folder: Path) -> dict[str, int]:
    """Balances by code as beancount sees them; any error of its own fails."""
    path = folder / "book.beancount"
    path.write_text(text, "utf-8")
    entries, errors, _ = loader.load_file(str(path))
    assert errors == []
    codes = {e.account: e.meta["code"] for e in entries if isinstance(e, data.Open)}
    root = realization.realize(entries)
    found: dict[str, int] = {}
    for account in realization.iter_children(root):
        for position in account.balance:
            found[codes[account.account]] = int(position.units.number * 100)
    return {code: fen for code, fen in found.items() if fen}


_ACCOUNT = re.compile(r"account (\S(?:.*\S)?)$")
_HEAD = re.compile(r"(\d{4}-\d{2}-\d{2}) \* ([^;|]*)\| ([^;]*)$")
_POSTING = re.compile(
    r" {4}(\S+(?: \S+)*) {2,}(-?\d+\.\d{2}) ([A-Z]{3})(?: = (-?\d+\.\d{2}) ([A-Z]{3}))?$"
)


def read_hledger(text: str) -> dict[str, int]:
    """Balances by account name, after hledger's manual: journal format, balance assertions.

    Every line must be one of: comment, directive, transaction heading, posting, empty. A
    transaction must sum to zero and an assertion must hold after its posting.
    """
    declared: set[str] = set()
    sums: Counter[str] = Counter()
    total: Decimal | None = None
    for line in [*text.splitlines(), ""]:
        if line.startswith((";", "decimal-mark ", "commodity ")) or line.lstrip().startswith(";"):
            continue
        if match := _ACCOUNT.fullmatch(line):
            assert match[1] not in declared
            declared.add(match[1])
        elif _HEAD.fullmatch(line):
            assert total in (None, 0)
            total = Decimal(0)
        elif match := _POSTING.fullmatch(line):
            assert total is not None and match[1] in declared
            total += Decimal(match[2])
            sums[match[1]] += int(Decimal(match[2]) * 100)
            if match[4]:
                assert sums[match[1]] == int(Decimal(match[4]) * 100)
        else:
            assert line == "", line
    assert total == 0
    return {name: fen for name, fen in sums.items() if fen}


def run_hledger(text: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The program itself on a journal, its strict checks on: names and currencies declared."""
    return subprocess.run(
        ["hledger", "--strict", "-f", "-", *arguments],
        input=text,
        capture_output=True,
        encoding="utf-8",
        env={**os.environ, "LC_ALL": "C.UTF-8", "LEDGER_FILE": os.devnull},
        timeout=120,
        check=False,
    )


def read_by_hledger(text: str) -> dict[str, int]:
    """Balances by account name: our reader's, and hledger's own where it is installed."""
    ours = read_hledger(text)
    if shutil.which("hledger") is None:
        return ours
    checked = run_hledger(text, "check", "ordereddates")
    assert (checked.returncode, checked.stderr) == (0, "")
    told = run_hledger(text, "balance", "--flat", "--no-total", "-O", "csv")
    assert (told.returncode, told.stderr) == (0, "")
    rows = csv.DictReader(io.StringIO(told.stdout))
    theirs = {row["account"]: _fen(row["balance"]) for row in rows}
    assert theirs == ours
    return theirs


def _fen(amount: str) -> int:
    """An amount as hledger prints it: `-1234.56 CNY`."""
    number, currency = amount.split()
    assert currency == "CNY"
    return int(Decimal(number) * 100)


BOOK = book(
    entry(1, date(2026, 1, 4), 10_000, -7_000),
    entry(2, date(2026, 3, 1), 0, -1, -2, 450),
    entry(3, date(2026, 12, 31), -123_456_789_012, 5),
)


def test_beancount_reads_it_and_adds_up_the_same(tmp_path: Path) -> None:
    assert read_beancount(beancount(BOOK), tmp_path) == balances(BOOK)


def test_hledger_reads_it_and_adds_up_the_same() -> None:
    names = account_names(BOOK.accounts)
    assert read_by_hledger(hledger(BOOK)) == {names[c]: fen for c, fen in balances(BOOK).items()}


def test_a_line_left_out_is_found_by_the_reader(tmp_path: Path) -> None:
    text = beancount(BOOK)
    broken = text.replace("100.00 CNY", "100.01 CNY", 1)
    path = tmp_path / "broken.beancount"
    path.write_text(broken, "utf-8")
    _, errors, _ = loader.load_file(str(path))
    assert errors
    journal = hledger(BOOK)
    unbalanced = journal.replace("100.00 CNY", "100.01 CNY", 1)
    start = journal.index("2026-03-01 *")
    left_out = journal[:start] + journal[journal.index("2026-12-31 *") :]
    for told in (unbalanced, left_out):
        with pytest.raises(AssertionError):
            read_hledger(told)
        if shutil.which("hledger") is not None:
            assert run_hledger(told, "balance").returncode != 0


def test_an_empty_book_is_a_book(tmp_path: Path) -> None:
    assert read_beancount(beancount(book()), tmp_path) == {}
    assert read_by_hledger(hledger(book())) == {}


@given(st.lists(st.text(min_size=1, max_size=8), min_size=1, max_size=12, unique=True))
def test_no_two_codes_share_a_name(parts: list[str]) -> None:
    codes = [BookAccount(f"premium:{part.replace(':', '')}:own", "income", "") for part in parts]
    names = account_names({account.code: account for account in codes}.values())
    assert len(set(names.values())) == len(names)
    for name in names.values():
        assert re.fullmatch(r"Income(:[A-Z0-9][A-Za-z0-9-]*)+", name), name


def test_the_same_book_gives_the_same_bytes() -> None:
    assert beancount(BOOK).encode() == beancount(BOOK).encode()
    assert hledger(BOOK).encode() == hledger(BOOK).encode()
