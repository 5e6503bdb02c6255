"""The statement of a member (结算单): brought forward, items, settlements, carried forward.

An amount is the member's towards the pool: positive, the member owes; negative, it is owed.
`carried = brought + items − settlements`, and what is carried is brought into the next (POOLS
invariant 14). What is disputed stands on a side account: inside the balance, told apart.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from coinsurance.rules.settlement.items import DISPUTED, NOT_ITEMS, Item, item_of
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.rulebook.book import canonical_json


@dataclass(frozen=True, slots=True)
class SumRow:
    """Lines of one account and one reason, summed by the database; debit positive."""

    owner: int
    account: str
    reason: str
    lines: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class ItemSum:
    """The lines of one type."""

    item: Item
    lines: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one statement, in fen."""

    brought_forward_fen: int
    items: tuple[ItemSum, ...]
    settled_fen: int
    disputed_brought_fen: int = 0
    disputed_moved_fen: int = 0
    lines: int = 0

    @property
    def items_fen(self) -> int:
        """All items together."""
        return sum(item.amount_fen for item in self.items)

    @property
    def carried_forward_fen(self) -> int:
        """What is brought into the next statement."""
        return self.brought_forward_fen + self.items_fen - self.settled_fen

    @property
    def disputed_fen(self) -> int:
        """The part of what is carried that stands on the side account."""
        return self.disputed_brought_fen + self.disputed_moved_fen

    @property
    def ordinary_fen(self) -> int:
        """The part of what is carried that nobody disputes."""
        return self.carried_forward_fen - self.disputed_fen


@dataclass(frozen=True, slots=True)
class Heading:
    """What a statement is of, and what its lines are fixed by: the seal of the book.

    The lines are the entries of the book up to the period that the seal covers and no statement
    before did; the chain of seals fixes them to the bit.
    """

    pool_year: str
    book: str
    period: str
    member_uscc: str
    member_name: str
    agreement_version: str
    agreement_hash: str
    seal_number: int
    seal_hash: str
    previous: str = ""
    edition: int = 1


def figures(rows: Iterable[SumRow], brought_forward_fen: int, disputed_fen: int = 0) -> Figures:
    """The figures of one member from the sums of its accounts."""
    sums: dict[Item, list[int]] = {}
    moved_fen = 0
    for row in rows:
        item = item_of(row.account, row.reason)
        kept = sums.setdefault(item, [0, 0])
        kept[0] += row.lines
        kept[1] += row.amount_fen
        if row.account.startswith(f"{DISPUTED}:"):
            moved_fen += row.amount_fen
    items = tuple(
        ItemSum(item, *sums[item]) for item in Item if item in sums and item not in NOT_ITEMS
    )
    return Figures(
        brought_forward_fen=brought_forward_fen,
        items=items,
        settled_fen=-sums.get(Item.SETTLEMENT, [0, 0])[1],
        disputed_brought_fen=disputed_fen,
        disputed_moved_fen=moved_fen,
        lines=sum(lines for lines, _ in sums.values()),
    )


def content(heading: Heading, found: Figures) -> dict[str, Any]:
    """Everything a statement says, as plain values: what its hash is taken over."""
    return {
        "pool_year": heading.pool_year,
        "book": heading.book,
        "period": heading.period,
        "member": {"uscc": heading.member_uscc, "name": heading.member_name},
        "agreement": {"version": heading.agreement_version, "hash": heading.agreement_hash},
        "seal": {"number": heading.seal_number, "hash": heading.seal_hash},
        "previous": heading.previous,
        "edition": heading.edition,
        "brought_forward_fen": found.brought_forward_fen,
        "items": [
            {"item": part.item.value, "lines": part.lines, "amount_fen": part.amount_fen}
            for part in found.items
        ],
        "items_fen": found.items_fen,
        "settled_fen": found.settled_fen,
        "carried_forward_fen": found.carried_forward_fen,
        "disputed_fen": found.disputed_fen,
        "ordinary_fen": found.ordinary_fen,
        "lines": found.lines,
    }


def digest(body: Mapping[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON of a content: the same content, the same hash."""
    return hashlib.sha256(canonical_json(dict(body)).encode()).hexdigest()


def check_whole(carried: Mapping[str, int]) -> list[Finding]:
    """The balances of all members of a pool year sum to zero."""
    total_fen = sum(carried.values())
    if total_fen == 0:
        return []
    return [blocker("statement.not_whole", "members", total_fen=total_fen, members=len(carried))]


def check_chain(previous_carried_fen: int, brought_forward_fen: int, member: str) -> list[Finding]:
    """What was carried is what is brought."""
    if previous_carried_fen == brought_forward_fen:
        return []
    return [
        blocker(
            "statement.chain_broken",
            "brought_forward_fen",
            member=member,
            carried_fen=previous_carried_fen,
            brought_fen=brought_forward_fen,
        )
    ]


def answer_late(due_on: date | None, today: date) -> bool:
    """Whether the member's time to answer is over; an unknown day is never over."""
    return due_on is not None and today > due_on


register(
    {
        "statement.not_whole": Text(
            "{members} 家成员的期末余额合计为 {total_fen}，应为零",
            "The balances of {members} members sum to {total_fen} instead of zero",
            "账簿不平，停止出具并运行校验",
            "The book is broken: stop and run the verification",
            "POOLS invariant 5",
        ),
        "statement.chain_broken": Text(
            "“{member}”上期结转 {carried_fen} 与本期期初 {brought_fen} 不符",
            "“{member}”: {carried_fen} was carried, {brought_fen} is brought forward",
            "停止出具并运行校验",
            "Stop and run the verification",
            "POOLS invariant 14",
        ),
    }
)
