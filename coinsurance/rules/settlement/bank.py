"""What a bank row says and what comes of it (银行流水): pure judgement, row by row."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from catalogue.rules.nouns import Term
from coinsurance.rules.settlement.reconciliation import Break

_REFERENCE = re.compile(r"SR-\d{4}-\d{6}-\d{3}", re.ASCII)
_DASHES = str.maketrans("—–―‐−－", "------")


class RowVerdict(Term):
    """What comes of a bank row (处理结果)."""

    BOOKED = "booked", "已入账", "The instructed amount; booked."
    PART = "part", "部分入账", "Less than instructed; booked, and the rest is a break."
    OVER = "over", "超额", "More than is left; the excess is a break."
    UNKNOWN = "unknown", "未识别", "Under no reference that is to be paid; nothing is booked."
    REPEATED = "repeated", "重复流水", "The bank reference was booked before; nothing is booked."
    FAILED = "failed", "付款失败", "The bank returned it."


@dataclass(frozen=True, slots=True)
class Instructed:
    """An instruction as it stands when a bank row comes in. Names are those the bank may write."""

    reference: str
    left_fen: int
    payable: bool
    payer_names: tuple[str, ...]
    payee_names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BankMovement:
    """A row of a bank file."""

    bank_reference: str
    text: str
    amount_fen: int
    value_on: date
    payer_name: str = ""
    payee_name: str = ""
    paid: bool = True
    failure: str = ""


@dataclass(frozen=True, slots=True)
class RowResult:
    """What is booked of a row, and the break it opens (with the fen it is off), if any."""

    verdict: RowVerdict
    booked_fen: int = 0
    code: Break | None = None
    difference_fen: int = 0


def reference_in(text: str) -> str:
    """The reference of an instruction in a bank's remark, however it was typed; else empty."""
    folded = unicodedata.normalize("NFKC", text).translate(_DASHES).upper()
    match = _REFERENCE.search("".join(folded.split()))
    return match[0] if match else ""


def judge_row(
    row: BankMovement, instructed: Instructed | None, booked_before_fen: int | None
) -> RowResult:
    """What comes of a row; `booked_before_fen`: the amount its bank reference had before, if any.

    Only money that moved between the right parties under a payable reference is booked.
    """
    if booked_before_fen is not None:
        gap_fen = row.amount_fen - booked_before_fen
        code = Break.DUPLICATE if gap_fen else None
        return RowResult(RowVerdict.REPEATED, 0, code, gap_fen)
    if instructed is None:
        if not row.paid:
            return RowResult(RowVerdict.FAILED)
        return RowResult(RowVerdict.UNKNOWN, 0, Break.UNKNOWN_REFERENCE, row.amount_fen)
    if not row.paid:
        return RowResult(RowVerdict.FAILED)
    if not instructed.payable:
        code = Break.DUPLICATE if instructed.left_fen == 0 else Break.UNKNOWN_REFERENCE
        verdict = RowVerdict.OVER if instructed.left_fen == 0 else RowVerdict.UNKNOWN
        return RowResult(verdict, 0, code, row.amount_fen)
    if _other(row.payer_name, instructed.payer_names) or _other(
        row.payee_name, instructed.payee_names
    ):
        return RowResult(RowVerdict.UNKNOWN, 0, Break.WRONG_PARTY, row.amount_fen)
    gap_fen = row.amount_fen - instructed.left_fen
    if gap_fen == 0:
        return RowResult(RowVerdict.BOOKED, row.amount_fen)
    if gap_fen < 0:
        return RowResult(RowVerdict.PART, row.amount_fen, Break.AMOUNT_DIFFERS, gap_fen)
    return RowResult(RowVerdict.OVER, instructed.left_fen, Break.AMOUNT_DIFFERS, gap_fen)


def _other(told: str, names: tuple[str, ...]) -> bool:
    """Whether the bank names somebody else; an empty name says nothing."""
    return bool(told.strip()) and _name(told) not in {_name(name) for name in names}


def _name(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split()).casefold()
