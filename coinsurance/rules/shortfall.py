"""Who bears what a defaulter left open, once consent and a resolution say so (违约缺口分担).

Each debt is divided over the others by the shares signed for it; debts of one set of shares are one
series (law 2): part = split(total to date) − allocated to date. Whoever stands in owes the creditor
in the defaulter's place and has recourse against it, so nobody's net position changes and the
default stays disclosed. A creditor's own part stays owed to it by the defaulter.
Amounts in fen, shares in units of 10^8.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from coinsurance.rules import shortfall_texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.consents import GIVEN
from coinsurance.rules.workflows import CONSENT, MEMBER
from service.kernel.findings import Finding, blocker
from service.kernel.money import explain

Shares = tuple[tuple[str, int], ...]
"""Members that bear a debt, by USCC in their fixed order, with their signed units."""


@dataclass(frozen=True, slots=True)
class Debt:
    """What a defaulter owes one creditor and others may take over."""

    number: str
    creditor: str
    open_fen: int
    shares: Shares


@dataclass(frozen=True, slots=True)
class Taken:
    """A member's part of one debt; `exact` is its entitlement to date in its series."""

    debt: str
    member: str
    creditor: str
    share_units: int
    amount_fen: int
    to_date_fen: int
    exact: Fraction

    @property
    def own(self) -> bool:
        """Whether the creditor bears it itself: it stays unpaid."""
        return self.member == self.creditor


def take_over(
    debts: Sequence[Debt], before: Mapping[Shares, Mapping[str, int]] | None = None
) -> list[Taken]:
    """Every member's part of every debt; `before`: what earlier charges of the series allocated."""
    to_date = {shares: dict(parts) for shares, parts in (before or {}).items()}
    taken = []
    for debt in debts:
        done = to_date.setdefault(debt.shares, {})
        total_fen = sum(done.values()) + debt.open_fen
        for (member, units), part in zip(
            debt.shares, explain(total_fen, [units for _, units in debt.shares]), strict=True
        ):
            amount_fen = part.allocated - done.get(member, 0)
            done[member] = part.allocated
            own = (debt.number, member, debt.creditor, units)
            taken.append(Taken(*own, amount_fen, part.allocated, part.exact))
    return taken


def borne(taken: Iterable[Taken]) -> dict[str, int]:
    """What each member stands in for, in fen; creditors' own parts are no such thing."""
    found: dict[str, int] = {}
    for part in taken:
        if not part.own:
            found[part.member] = found.get(part.member, 0) + part.amount_fen
    return {member: fen for member, fen in found.items() if fen}


def relieved(taken: Iterable[Taken]) -> dict[str, int]:
    """How much of each debt others stand in for, by its number."""
    found: dict[str, int] = {}
    for part in taken:
        if not part.own:
            found[part.debt] = found.get(part.debt, 0) + part.amount_fen
    return {debt: fen for debt, fen in found.items() if fen}


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """What is known when others are to be charged.

    `consent`: number and status of the latest request about the shortfall, None without one;
    `agreed_on` the day it was given. `debts`: what was open when members were asked, and still is;
    `shareless`: those for which nobody holds a signed share.
    """

    name: str
    member_status: str
    consent: tuple[str, str] | None
    agreed_on: date | None
    clause: str
    debts: tuple[Debt, ...]
    shareless: tuple[str, ...]
    effective_on: date
    today: date


def check_charge(facts: ChargeFacts) -> list[Finding]:
    """Return all that keeps others from being charged (POOLS invariant 19)."""
    found = []
    if facts.member_status != "defaulted":
        zh, en = MEMBER.label(facts.member_status), MEMBER.label(facts.member_status, "en")
        words = {"name": facts.name, "status_zh": zh, "status_en": en}
        found.append(blocker("shortfall.not_in_default", "uscc", **words))
    found += _check_consent(facts)
    if facts.shareless:
        numbers = list(facts.shareless)
        found.append(blocker("shortfall.no_shares", "obligations", facts.clause, numbers=numbers))
    elif not facts.debts:
        found.append(blocker("shortfall.nothing_open", "obligations", name=facts.name))
    first = facts.agreed_on
    if facts.effective_on > facts.today or (first is not None and facts.effective_on < first):
        found.append(
            blocker(
                "shortfall.day_outside",
                "effective_on",
                day=facts.effective_on,
                first=first or facts.today,
                today=facts.today,
            )
        )
    return found


def _check_consent(facts: ChargeFacts) -> list[Finding]:
    if facts.consent is None:
        return [blocker("shortfall.not_asked", "consent", facts.clause, name=facts.name)]
    number, status = facts.consent
    if status == GIVEN:
        return []
    zh, en = CONSENT.label(status), CONSENT.label(status, "en")
    return [
        blocker(
            "shortfall.no_consent",
            "consent",
            facts.clause,
            number=number,
            status_zh=zh,
            status_en=en,
        )
    ]
