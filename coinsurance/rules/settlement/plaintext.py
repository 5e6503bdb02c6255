"""A book as plain-text accounting (纯文本账): beancount and hledger read it and add it up again.

Codes are turned into names both programs take; the code itself stands beside as metadata. Every
account ends with a balance assertion, so that the reader's program finds a missing line by itself.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

_ROOTS = {
    "asset": "Assets",
    "expense": "Expenses",
    "liability": "Liabilities",
    "income": "Income",
    "equity": "Equity",
}
_SIGN = re.compile(r"[^A-Za-z0-9-]+")


@dataclass(frozen=True, slots=True)
class BookAccount:
    """An account of a book."""

    code: str
    kind: str
    title: str
    currency: str = "CNY"


@dataclass(frozen=True, slots=True)
class BookLine:
    """A line: debit positive, in fen."""

    account: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class BookEntry:
    """A posted entry with what it rests on."""

    key: str
    effective_on: date
    reason: str
    clause: str
    hash: str
    lines: Sequence[BookLine]


@dataclass(frozen=True, slots=True)
class PlainBook:
    """A whole book up to a day. Entries stand in order of day and number."""

    code: str
    title: str
    opened_on: date
    until_on: date
    accounts: Sequence[BookAccount]
    entries: Sequence[BookEntry] = field(default_factory=tuple)


def account_names(accounts: Iterable[BookAccount]) -> dict[str, str]:
    """The name of every account in both programs; no two codes share one.

    A part in signs that the programs do not take is written as the code points of those signs.
    """
    return {
        account.code: ":".join(
            [_ROOTS[account.kind], *(_component(part) for part in account.code.split(":"))]
        )
        for account in accounts
    }


def _component(part: str) -> str:
    """A part of a code as both programs take it: a capital first, letters, digits, dashes.

    Every other sign becomes `-u` and its code point, so two codes never meet in one name.
    """
    told = "".join(_letter(sign) for sign in part)
    return told if told[:1].isdigit() or told[:1].isupper() else f"X{told}"


def _letter(sign: str) -> str:
    if sign == "_" or _SIGN.fullmatch(sign):
        return f"-u{ord(sign):04X}-"
    return sign


def beancount(book: PlainBook) -> str:
    """The book for beancount (version 2 or 3)."""
    names = account_names(book.accounts)
    currencies = sorted({account.currency for account in book.accounts})
    out = [
        f'option "title" {_quoted(f"{book.title} {book.code}")}',
        *(f'option "operating_currency" "{currency}"' for currency in currencies),
    ]
    for account in book.accounts:
        out += [
            "",
            f"{_first_on(book)} open {names[account.code]} {account.currency}",
            f"  code: {_quoted(account.code)}",
            f"  title: {_quoted(account.title)}",
        ]
    currency = {account.code: account.currency for account in book.accounts}
    for entry in book.entries:
        out += ["", f"{entry.effective_on} * {_quoted(entry.reason)} {_quoted(entry.key)}"]
        out += [f"  clause: {_quoted(entry.clause)}", f"  sha256: {_quoted(entry.hash)}"]
        out += [
            f"  {names[line.account]}  {_yuan(line.amount_fen)} {currency[line.account]}"
            for line in entry.lines
        ]
    out.append("")
    out += [
        f"{book.until_on + timedelta(days=1)} balance {names[account.code]}"
        f"  {_yuan(fen)} {account.currency}"
        for account, fen in _balances(book)
    ]
    return "\n".join(out) + "\n"


def hledger(book: PlainBook) -> str:
    """The book for hledger: a journal with strict declarations and balance assertions."""
    names = account_names(book.accounts)
    out = [f"; {_plain(book.title)} {_plain(book.code)}", "decimal-mark ."]
    currencies = sorted({account.currency for account in book.accounts})
    out += [f"commodity 1000.00 {currency}" for currency in currencies]
    for account in book.accounts:
        out += ["", f"account {names[account.code]}"]
        out += [f"  ; code: {_plain(account.code)}", f"  ; title: {_plain(account.title)}"]
    currency = {account.code: account.currency for account in book.accounts}
    for entry in book.entries:
        out += ["", f"{entry.effective_on} * {_plain(entry.reason)} | {_plain(entry.key)}"]
        out += [f"    ; clause: {_plain(entry.clause)}", f"    ; sha256: {entry.hash}"]
        out += [
            f"    {names[line.account]}  {_yuan(line.amount_fen)} {currency[line.account]}"
            for line in entry.lines
        ]
    out += ["", f"{book.until_on} * balances | {_plain(book.code)}"]
    out += [
        f"    {names[account.code]}  0.00 {account.currency} = {_yuan(fen)} {account.currency}"
        for account, fen in _balances(book)
    ]
    return "\n".join(out) + "\n"


def _first_on(book: PlainBook) -> date:
    """The day accounts open: never after the first entry."""
    return min([book.opened_on, *(entry.effective_on for entry in book.entries)])


def _balances(book: PlainBook) -> list[tuple[BookAccount, int]]:
    sums: dict[str, int] = {}
    for entry in book.entries:
        for line in entry.lines:
            sums[line.account] = sums.get(line.account, 0) + line.amount_fen
    return [(account, sums.get(account.code, 0)) for account in book.accounts]


def _yuan(fen: int) -> str:
    sign, size = ("-" if fen < 0 else ""), abs(fen)
    return f"{sign}{size // 100}.{size % 100:02d}"


def _quoted(text: str) -> str:
    """A string of beancount: quotes and backslashes escaped, on one line."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)


def _plain(text: str) -> str:
    """Words in a comment or description of hledger: on one line, no sign that starts a comment."""
    return " ".join(text.split()).replace(";", "；").replace("|", "／")
