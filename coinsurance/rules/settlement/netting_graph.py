"""The graph of debts behind a netting: circles that cancel, chains that are paid.

Always searched in the members' order, so the same debts give the same payments.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from coinsurance.rules.settlement.debts import Circle, Debt, Discharge, Instruction


@dataclass(slots=True)
class _Edge:
    """All debts of one member to another, oldest first."""

    debts: list[Debt] = field(default_factory=list)
    left: list[int] = field(default_factory=list)

    @property
    def amount_fen(self) -> int:
        return sum(self.left)

    def take(self, amount_fen: int, hop: int = 0) -> list[Discharge]:
        """Discharge debts in order up to an amount."""
        done = []
        for n, left_fen in enumerate(self.left):
            part_fen = min(left_fen, amount_fen)
            if part_fen:
                self.left[n] -= part_fen
                amount_fen -= part_fen
                done.append(Discharge(self.debts[n].reference, part_fen, hop=hop))
        return done


Graph = dict[str, dict[str, _Edge]]


def build(debts: Iterable[Debt], members: Sequence[str]) -> Graph:
    """Debts by debtor and creditor, in the order given."""
    graph: Graph = {name: {} for name in members}
    for debt in debts:
        edge = graph[debt.debtor].setdefault(debt.creditor, _Edge())
        edge.debts.append(debt)
        edge.left.append(debt.amount_fen)
    return graph


def _circle(graph: Graph, ring: Sequence[str]) -> Circle:
    """Cancel what the smallest of the debts around a ring of members allows."""
    pairs = list(zip(ring, [*ring[1:], ring[0]], strict=True))
    amount_fen = min(graph[a][b].amount_fen for a, b in pairs)
    return Circle(tuple(ring), amount_fen, _take(graph, pairs, amount_fen))


def _take(graph: Graph, pairs: Sequence[tuple[str, str]], amount_fen: int) -> tuple[Discharge, ...]:
    """Discharge an amount along a way of debts, hop by hop."""
    done: list[Discharge] = []
    for hop, (a, b) in enumerate(pairs):
        done += graph[a][b].take(amount_fen, hop)
        if graph[a][b].amount_fen == 0:
            del graph[a][b]
    return tuple(done)


def cancel_pairs(graph: Graph, members: Sequence[str]) -> list[Circle]:
    """Set off what two members owe each other, pair by pair."""
    return [
        _circle(graph, (a, b))
        for n, a in enumerate(members)
        for b in members[n + 1 :]
        if b in graph[a] and a in graph[b]
    ]


def cancel_circles(graph: Graph, members: Sequence[str]) -> list[Circle]:
    """Set off rings of debts until none is left."""
    circles = []
    while ring := _find_ring(graph, members):
        circles.append(_circle(graph, ring))
    return circles


def _find_ring(graph: Graph, members: Sequence[str]) -> list[str] | None:
    """A ring of debts, searched in the members' order; None when there is none left."""
    place = {name: n for n, name in enumerate(members)}
    finished: set[str] = set()
    for start in members:
        path: list[str] = [start]
        while path:
            last = path[-1]
            onward = [m for m in sorted(graph[last], key=place.__getitem__) if m not in finished]
            if not onward:
                finished.add(path.pop())
            elif onward[0] in path:
                return path[path.index(onward[0]) :]
            else:
                path.append(onward[0])
    return None


def pay_pairs(graph: Graph, members: Sequence[str]) -> list[Instruction]:
    """One payment for each pair that still owes."""
    found = []
    for payer in members:
        for payee in sorted(graph[payer], key=members.index):
            edge = graph[payer][payee]
            amount_fen = edge.amount_fen
            found.append(Instruction(payer, payee, amount_fen, tuple(edge.take(amount_fen))))
    return found


def pay_chains(graph: Graph, members: Sequence[str]) -> list[Instruction]:
    """Payments from those who owe on balance to those who are owed, along chains of debts."""
    left = {name: sum(edge.amount_fen for edge in graph[name].values()) for name in members}
    for name in members:
        for creditor, edge in graph[name].items():
            left[creditor] -= edge.amount_fen
    place = {name: n for n, name in enumerate(members)}
    found = []
    for payer in members:
        while left[payer] > 0:
            path = [payer]
            while left[path[-1]] >= 0:
                path.append(min(graph[path[-1]], key=place.__getitem__))
            found.append(_chain(graph, path, left))
    return found


def _chain(graph: Graph, path: Sequence[str], left: dict[str, int]) -> Instruction:
    pairs = list(zip(path, path[1:], strict=False))
    payer, payee = path[0], path[-1]
    amount_fen = min(left[payer], -left[payee], *(graph[a][b].amount_fen for a, b in pairs))
    done = _take(graph, pairs, amount_fen)
    left[payer] -= amount_fen
    left[payee] += amount_fen
    return Instruction(payer, payee, amount_fen, done)
