"""Accounts of a pool year's book, and the recipes that turn parts into lines (科目与分录模板).

Every account belongs to one party: `<name>:<uscc>`, for premium also the funding source as a third
part. A member's net position is the sum of its accounts (debit positive): above zero it holds money
of others, below zero others owe it. All positions of a book sum to zero, since every recipe
balances. Chart and recipes are data; nobody builds lines by hand.

To post: collect `recipe(...)` of everything that belongs to one event into one list and hand it to
`coinsurance.premiums.books.post()`, which opens missing accounts and writes one entry.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

_SOURCE_MAX = 33


class Side(StrEnum):
    """Which side a leg of a recipe stands on (借贷方向)."""

    DEBIT = "debit"
    CREDIT = "credit"


class Party(StrEnum):
    """Whose account a leg moves."""

    EACH = "each"
    """Every party that has a part, by its part."""
    HOLDER = "holder"
    """The one counterparty, by the sum of the parts."""


@dataclass(frozen=True, slots=True)
class AccountKind:
    """One account of the chart; `by_source`: kept apart by funding source."""

    name: str
    kind: str
    zh: str
    by_source: bool = False


class AccountSpec(NamedTuple):
    """An account as it is opened in a book; the owner's id is looked up by its USCC."""

    code: str
    kind: str
    title: str
    uscc: str


class AccountLine(NamedTuple):
    """A line of an entry: fen, debit positive. The same fields as the ledger's own line."""

    account: str
    amount_fen: int
    memo: str | None = None
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class Leg:
    """One leg of a recipe."""

    account: str
    side: Side
    party: Party


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the parts of one matter are posted; `reason` is the entry's reason when it is alone."""

    name: str
    reason: str
    zh: str
    legs: tuple[Leg, ...]


CHART: Mapping[str, AccountKind] = {
    account.name: account
    for account in (
        AccountKind("current", "asset", "共保往来"),
        AccountKind("premium", "income", "共保保费收入", by_source=True),
        AccountKind("lead_fee_paid", "expense", "出单费支出"),
        AccountKind("lead_fee_earned", "income", "出单费收入"),
        AccountKind("lead_fee_tax_paid", "expense", "出单费增值税支出"),
        AccountKind("lead_fee_tax_earned", "liability", "出单费增值税"),
        AccountKind("broker_fee", "expense", "经纪费"),
        AccountKind("admin_fee_paid", "expense", "管理费支出"),
        AccountKind("admin_fee_earned", "income", "管理费收入"),
        AccountKind("claim_paid", "expense", "赔付支出"),
        AccountKind("claim_expense", "expense", "理赔费用"),
        AccountKind("recovery", "income", "追偿收入"),
        AccountKind("interest_paid", "expense", "利息支出"),
        AccountKind("interest_earned", "income", "利息收入"),
        AccountKind("backstop", "expense", "政府超赔承担"),
        AccountKind("shortfall_borne", "expense", "代违约成员承担"),
        AccountKind("shortfall_recourse", "asset", "对违约成员追偿"),
        AccountKind("disputed", "asset", "争议挂账"),
    )
}
"""`current`: pool money that the member holds (debit) or advanced (credit)."""


def _spread(
    name: str, zh: str, each: tuple[str, Side], holder: str | None, reason: str = ""
) -> Recipe:
    """Parts on one side, their sum on the other side of the holder's account."""
    account, side = each
    legs = [Leg(account, side, Party.EACH)]
    if holder is not None:
        other = Side.CREDIT if side is Side.DEBIT else Side.DEBIT
        legs.append(Leg(holder, other, Party.HOLDER))
    return Recipe(name, reason or name, zh, tuple(legs))


_DEBIT, _CREDIT = Side.DEBIT, Side.CREDIT
RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        _spread("premium", "保费入账：出单人收款，各成员计收入", ("premium", _CREDIT), "current"),
        _spread("share_change", "份额变更：保费在成员间转移", ("premium", _CREDIT), None),
        _spread("lead_fee", "出单费", ("lead_fee_paid", _DEBIT), "lead_fee_earned"),
        _spread(
            "lead_fee_tax", "出单费增值税", ("lead_fee_tax_paid", _DEBIT), "lead_fee_tax_earned"
        ),
        _spread("broker_fee", "经纪费：由出单人对外支付", ("broker_fee", _DEBIT), "current"),
        _spread("admin_fee", "管理费", ("admin_fee_paid", _DEBIT), "admin_fee_earned"),
        _spread("remittance", "划付：持有人付给各成员", ("current", _DEBIT), "current"),
        _spread("collection", "归集：各成员付给持有人", ("current", _CREDIT), "current"),
        _spread("claim_payment", "赔款：主办人垫付", ("claim_paid", _DEBIT), "current"),
        _spread("claim_expense", "理赔费用：主办人垫付", ("claim_expense", _DEBIT), "current"),
        _spread("recovery", "追偿款：主办人收取", ("recovery", _CREDIT), "current"),
        _spread("backstop", "政府承担部分：主办人垫付", ("backstop", _DEBIT), "current"),
        _spread("backstop_call", "政府承担部分：各成员计收入", ("recovery", _CREDIT), "backstop"),
        _spread("interest", "逾期利息", ("interest_paid", _DEBIT), "interest_earned"),
        _spread(
            "shortfall",
            "违约缺口分担：各成员代违约成员承担",
            ("shortfall_borne", _DEBIT),
            "shortfall_borne",
        ),
        _spread(
            "shortfall_recourse",
            "违约追偿：承担的成员向违约成员追偿",
            ("shortfall_recourse", _CREDIT),
            "shortfall_recourse",
        ),
        Recipe(
            "dispute",
            "dispute_held",
            "争议挂账：有争议的金额移入专户",
            (Leg("disputed", _DEBIT, Party.EACH), Leg("current", _CREDIT, Party.EACH)),
        ),
    )
}
"""What each recipe needs: `parts` by USCC, and the `holder` where it has a leg of its own."""


def account(name: str, uscc: str, source: str = "") -> str:
    """The code of a party's account; `source` only where the chart keeps sources apart."""
    kind = CHART[name]
    if kind.by_source and not source:
        raise ValueError(f"the account {name} is kept apart by funding source")
    return f"{name}:{uscc}:{_short(source)}" if kind.by_source else f"{name}:{uscc}"


def _short(source: str) -> str:
    """A funding source as part of a code of 60 characters; a long one ends in its own digest."""
    if len(source) <= _SOURCE_MAX:
        return source
    digest = hashlib.sha256(source.encode()).hexdigest()[:8]
    return f"{source[: _SOURCE_MAX - 9]}~{digest}"


def recipe(
    name: str,
    parts: Mapping[str, int],
    *,
    holder: str = "",
    source: str = "",
    clause: str = "",
    memo: str = "",
) -> list[AccountLine]:
    """The lines of a recipe: balanced, without zero lines, in the order of the parts.

    `parts` is fen by USCC; a negative part is the mirror of a positive one. Raises ValueError for a
    recipe that needs a holder and has none, or for parts that do not sum to zero without a holder.
    """
    found = RECIPES[name]
    total = sum(parts.values())
    lines: list[AccountLine] = []
    for leg in found.legs:
        sign = 1 if leg.side is Side.DEBIT else -1
        amounts = parts if leg.party is Party.EACH else {holder: total}
        if leg.party is Party.HOLDER and not holder:
            raise ValueError(f"the recipe {name} needs a holder")
        before, colon, after = account(leg.account, "", source).partition(":")
        lines += [
            AccountLine(before + colon + uscc + after, sign * fen, memo or None, clause or None)
            for uscc, fen in amounts.items()
            if fen
        ]
    if sum(line.amount_fen for line in lines):
        raise ValueError(f"the parts of {name} sum to {total}, not to zero")
    return lines


def party_of(code: str) -> str:
    """The USCC of the party that an account belongs to."""
    return code.split(":")[1]


def specs(lines: Iterable[AccountLine], names: Mapping[str, str]) -> list[AccountSpec]:
    """The accounts that lines use, each once, as they would be opened; `names` by USCC."""
    found: dict[str, AccountSpec] = {}
    for line in lines:
        if line.account not in found:
            name, uscc, *source = line.account.split(":")
            kind = CHART[name]
            title = "·".join([kind.zh, names.get(uscc, uscc), *source])
            found[line.account] = AccountSpec(line.account, kind.kind, title[:120], uscc)
    return list(found.values())


def positions(balances: Iterable[tuple[str, int]]) -> dict[str, int]:
    """The net position of every party from account codes and their balances (debit positive)."""
    found: dict[str, int] = {}
    for code, fen in balances:
        uscc = party_of(code)
        found[uscc] = found.get(uscc, 0) + fen
    return found


def mirrored(lines: Sequence[AccountLine]) -> list[AccountLine]:
    """The same lines with their signs turned: an exact mirror (law 3)."""
    return [line._replace(amount_fen=-line.amount_fen) for line in lines]
