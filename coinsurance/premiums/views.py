"""What the rules found, in the shapes of the API."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from coinsurance.premium_shapes import (
    AccountView,
    DueView,
    MemberTotals,
    MovementView,
    PartView,
    PieceView,
)
from coinsurance.rules import accounts
from coinsurance.rules.exact import text
from coinsurance.rules.nouns import Component, DayKind
from coinsurance.rules.premium import explain
from coinsurance.rules.premium_dues import Due
from coinsurance.rules.premium_nouns import DueKind, MovementKind
from coinsurance.rules.premium_series import Column, Held, Movement, Terms, debts, lines
from coinsurance.rules.premium_weights import Piece, Weights


def fraction(value: Fraction) -> str:
    """A fraction in lowest terms as text; a whole number without denominator."""
    return str(value)


def movement_view(
    number: int, movement: Movement, total_to_date_fen: int, owed: Sequence[Due]
) -> MovementView:
    """A movement with its parts and debts."""
    return MovementView(
        number,
        movement.kind,
        _KINDS.get(movement.kind, movement.kind),
        movement.source,
        movement.amount_fen,
        total_to_date_fen,
        movement.effective_on,
        [part for column in movement.columns for part in _part_views(column)],
        [due_view(due) for due in owed],
    )


_KINDS = {kind.value: kind.zh for kind in MovementKind}
_DUES = {kind.value: kind.zh for kind in DueKind}
_COMPONENTS = {component: (component.value, component.zh) for component in Component}
_CALENDARS = {calendar: calendar.value for calendar in DayKind}


def _part_views(column: Column) -> list[PartView]:
    """Every member's part of one component; its difference is what it has above the exact part."""
    code, name = _COMPONENTS[column.component]
    clause = column.clause
    return [
        PartView(
            member,
            code,
            name,
            fen,
            to_date,
            text(above, below),
            text(to_date * below - above, below),
            clause,
        )
        for member, fen, to_date, above, below in zip(*column[2:], strict=True)
    ]


def due_view(due: Due) -> DueView:
    """A debt between two members."""
    return DueView(
        due.kind,
        _DUES[due.kind],
        due.debtor,
        due.creditor,
        due.amount_fen,
        due.due_on,
        due.due_days,
        _CALENDARS[due.due_calendar],
        due.clause,
    )


def movement_views(movements: Iterable[Movement], terms: Terms) -> list[MovementView]:
    """Movements in their order with running totals and debts."""
    views: list[MovementView] = []
    total = 0
    for number, movement in enumerate(movements, 1):
        total += movement.amount_fen
        views.append(movement_view(number, movement, total, debts(movement, terms)))
    return views


def balances(movements: Iterable[Movement], terms: Terms) -> dict[str, int]:
    """What the movements leave on every account, debit positive."""
    found: dict[str, int] = {}
    for movement in movements:
        for line in lines(movement, terms):
            found[line.account] = found.get(line.account, 0) + line.amount_fen
    return dict(sorted(found.items()))


def account_views(found: Mapping[str, int]) -> list[AccountView]:
    """Accounts with their balances."""
    return [AccountView(code, fen) for code, fen in found.items()]


def member_totals(
    held: Held, weights: Weights, balance_fen: Mapping[str, int]
) -> list[MemberTotals]:
    """Where every member stands; its position comes from the accounts."""
    standing = accounts.positions(balance_fen.items())
    by_component = {component: held.all_of(component) for component in Component}
    return [
        MemberTotals(
            row.member,
            row.weight,
            row.allocated_fen,
            fraction(row.exact),
            fraction(row.difference),
            {c.value: own[row.member] for c, own in by_component.items() if row.member in own},
            {source: held.of(source, Component.PREMIUM).get(row.member, 0) for source in held.net},
            standing.get(row.member, 0),
        )
        for row in explain(held.total_fen, weights, by_component[Component.PREMIUM])
    ]


def piece_views(pieces: Iterable[Piece]) -> list[PieceView]:
    """Where the weights come from."""
    return [
        PieceView(
            piece.section,
            piece.label,
            piece.from_on,
            piece.to_on,
            piece.days,
            fraction(piece.amount),
            piece.schedule.number,
            {share.member: share.units for share in piece.schedule.shares},
        )
        for piece in pieces
        if piece.schedule is not None
    ]
