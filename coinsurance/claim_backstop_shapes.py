"""What the API answers about the government backstop of a pool year. Amounts in fen."""

from __future__ import annotations

from datetime import date

import msgspec


class BandShape(msgspec.Struct, frozen=True):
    """How much of a band is used and who bears it; `to_fen`, `left_fen` null: without end."""

    from_fen: int
    to_fen: int | None
    loss_fen: int
    pool_fen: int
    government_fen: int
    left_fen: int | None


class BackstopPosition(msgspec.Struct, frozen=True):
    """Where a pool year stands: pool, government and uncovered sum to the loss.

    `to_call_fen` is what the government owes by now and is not booked yet.
    """

    pool_year: str
    as_of: date
    clause: str
    premium_fen: int
    loss_fen: int
    pool_fen: int
    government_fen: int
    uncovered_fen: int
    called_fen: int
    received_fen: int
    to_call_fen: int
    bands: list[BandShape]


class BackstopPart(msgspec.Struct, frozen=True):
    """A member's part of a call on the government."""

    uscc: str
    name: str
    amount_fen: int


class BackstopMove(msgspec.Struct, frozen=True):
    """A call or a receipt that was booked."""

    pool_year: str
    number: int
    kind: str
    amount_fen: int
    parts: list[BackstopPart]
