"""Set-off (轧差) between members: off by default, and only inside sets the agreement names.

Every fen that is set off is traced to the debts it discharges: a **circle** of debts that cancel
without cash, or a **payment** that discharges a chain of debts from the payer to the payee. So a
payment that fails leaves exactly its own chain open, and no member's net position ever changes
(POOLS invariant 13).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from coinsurance.rules.settlement import netting_graph
from coinsurance.rules.settlement.debts import (
    Circle,
    Debt,
    Discharge,
    Instruction,
    Method,
    Plan,
    Position,
)
from service.kernel.errors import Refused
from service.kernel.findings import Finding, Text, blocker, register


def plan(
    debts: Sequence[Debt],
    method: Method,
    sets: Sequence[Sequence[str]],
    order: Sequence[str] = (),
) -> Plan:
    """The payments that settle debts by a method.

    Only debts whose kind is in one of the `sets` are netted, each set by itself; all others are
    paid gross. `order` is the members' order (default: by first appearance). Raises Refused when
    netting is asked for and no set allows it, or for faulty debts.
    """
    faults = check_debts(debts)
    if method is not Method.GROSS and not sets:
        names = {"method_zh": method.zh, "method_en": method.value}
        faults.append(blocker("netting.not_agreed", "method", **names))
    if faults:
        raise Refused(faults)
    members = list(dict.fromkeys([*order, *_members(debts)]))
    groups = _groups(debts, [] if method is Method.GROSS else sets)
    circles: list[Circle] = []
    payments = [Instruction(d.debtor, d.creditor, d.amount_fen, (_whole(d),)) for d in groups.gross]
    for inside in groups.netted:
        graph = netting_graph.build(inside, members)
        circles += netting_graph.cancel_pairs(graph, members)
        if method is Method.MULTILATERAL:
            circles += netting_graph.cancel_circles(graph, members)
            payments += netting_graph.pay_chains(graph, members)
        else:
            payments += netting_graph.pay_pairs(graph, members)
    found = Plan(
        instructions=tuple(_merged(payments)) if method is not Method.GROSS else tuple(payments),
        circles=tuple(circles),
        before=positions(debts, members),
        after=_after(payments, members),
    )
    _prove(found, debts)
    return found


def discharged(
    discharges: Iterable[Discharge], paid_before_fen: int, paid_fen: int
) -> tuple[Discharge, ...]:
    """What the next `paid_fen` of a payment discharges, after `paid_before_fen` came already.

    Chains are paid one after the other, and all hops of a chain by the same amount.
    """
    chains: dict[int, dict[int, list[Discharge]]] = {}
    for part in discharges:
        chains.setdefault(part.chain, {}).setdefault(part.hop, []).append(part)
    found: list[Discharge] = []
    start = 0
    for hops in chains.values():
        whole = sum(part.amount_fen for part in next(iter(hops.values())))
        low = max(0, paid_before_fen - start)
        high = min(whole, paid_before_fen + paid_fen - start)
        for parts in hops.values():
            found += _between(parts, low, high)
        start += whole
    return tuple(found)


def _between(parts: Iterable[Discharge], low: int, high: int) -> list[Discharge]:
    """The stretch of a row of discharges from one running total to another."""
    found, start = [], 0
    for part in parts:
        amount_fen = min(high, start + part.amount_fen) - max(low, start)
        if amount_fen > 0:
            found.append(replace(part, amount_fen=amount_fen))
        start += part.amount_fen
    return found


def positions(debts: Iterable[Debt], order: Sequence[str] = ()) -> tuple[Position, ...]:
    """Payable and receivable of every member; the nets sum to zero."""
    pays: dict[str, int] = defaultdict(int)
    gets: dict[str, int] = defaultdict(int)
    seen = dict.fromkeys(order)
    for debt in debts:
        seen |= dict.fromkeys((debt.debtor, debt.creditor))
        pays[debt.debtor] += debt.amount_fen
        gets[debt.creditor] += debt.amount_fen
    return tuple(Position(name, pays[name], gets[name]) for name in seen)


def pairs(debts: Iterable[Debt], order: Sequence[str] = ()) -> list[tuple[str, str, int, int, int]]:
    """Every pair with debts: both members, what each owes the other, the net of the first."""
    sums: dict[tuple[str, str], int] = defaultdict(int)
    seen = dict.fromkeys(order)
    for debt in debts:
        seen |= dict.fromkeys((debt.debtor, debt.creditor))
        sums[debt.debtor, debt.creditor] += debt.amount_fen
    names = list(seen)
    return [
        (a, b, sums[a, b], sums[b, a], sums[a, b] - sums[b, a])
        for n, a in enumerate(names)
        for b in names[n + 1 :]
        if (a, b) in sums or (b, a) in sums
    ]


def check_debts(debts: Iterable[Debt]) -> list[Finding]:
    """Faults of debts: not above zero, owed to oneself, a reference twice."""
    found: list[Finding] = []
    seen: set[str] = set()
    for n, debt in enumerate(debts):
        where = f"debts.{n}"
        if debt.amount_fen <= 0:
            found.append(blocker("netting.no_amount", f"{where}.amount_fen"))
        if debt.debtor == debt.creditor:
            found.append(blocker("netting.own_debt", where, member=debt.debtor))
        if debt.reference in seen:
            found.append(
                blocker("netting.reference_twice", f"{where}.reference", reference=debt.reference)
            )
        seen.add(debt.reference)
    return found


@dataclass(frozen=True, slots=True)
class _Groups:
    gross: list[Debt]
    netted: list[list[Debt]]


def _groups(debts: Sequence[Debt], sets: Sequence[Sequence[str]]) -> _Groups:
    """Debts by the first set that names their kind; those in none are gross."""
    netted: list[list[Debt]] = [[] for _ in sets]
    gross: list[Debt] = []
    for debt in debts:
        place = next((n for n, kinds in enumerate(sets) if debt.kind in kinds), None)
        (gross if place is None else netted[place]).append(debt)
    return _Groups(gross, [group for group in netted if group])


def _members(debts: Iterable[Debt]) -> list[str]:
    return list(dict.fromkeys(name for debt in debts for name in (debt.debtor, debt.creditor)))


def _whole(debt: Debt) -> Discharge:
    return Discharge(debt.reference, debt.amount_fen)


def _merged(payments: Iterable[Instruction]) -> list[Instruction]:
    """One payment for each pair of members."""
    found: dict[tuple[str, str], Instruction] = {}
    for payment in payments:
        pair = (payment.payer, payment.payee)
        before = found.get(pair, Instruction(*pair, 0, ()))
        chain = before.discharges[-1].chain + 1 if before.discharges else 0
        more = tuple(replace(discharge, chain=chain) for discharge in payment.discharges)
        found[pair] = Instruction(
            *pair, before.amount_fen + payment.amount_fen, before.discharges + more
        )
    return list(found.values())


def _after(payments: Iterable[Instruction], members: Sequence[str]) -> tuple[Position, ...]:
    debts = [Debt("", p.payer, p.payee, p.amount_fen) for p in payments]
    return positions(debts, members)


def _prove(found: Plan, debts: Sequence[Debt]) -> None:
    """The proof of a run: positions unchanged, sum zero, every debt discharged to the fen."""
    before = {position.member: position.net_fen for position in found.before}
    after = {position.member: position.net_fen for position in found.after}
    paid: dict[str, int] = defaultdict(int)
    payments = [part.discharges for part in found.instructions]
    for done in (*payments, *(part.discharges for part in found.circles)):
        for discharge in done:
            paid[discharge.reference] += discharge.amount_fen
    whole = all(paid[debt.reference] == debt.amount_fen for debt in debts)
    if before != after or sum(after.values()) != 0 or not whole:
        raise AssertionError("a netting plan changed a position")


_DEBTS = ("请核对应付明细", "Check the debts")

register(
    {
        "netting.not_agreed": Text(
            "协议未约定可轧差的事项，不能{method_zh}",
            "The agreement names no netting set, so {method_en} netting is not possible",
            "请改为逐笔全额清算，或先修订协议的轧差条款",
            "Settle gross, or change the agreement first",
            "POOLS invariant 13",
        ),
        "netting.no_amount": Text("应付金额应大于零", "A debt must be above zero", *_DEBTS),
        "netting.own_debt": Text(
            "“{member}”不能对自己应付", "“{member}” cannot owe itself", *_DEBTS
        ),
        "netting.reference_twice": Text(
            "应付编号“{reference}”重复", "The reference “{reference}” occurs twice", *_DEBTS
        ),
    }
)
