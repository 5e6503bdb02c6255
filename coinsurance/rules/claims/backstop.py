"""Government backstop (政府兜底): bands of the year's losses in multiples of its premium.

After 浙江政策性农险共保体 (POOLS §1.2): up to 2 × premium by the pool, 2 to 3 × shared 1:1, 3 to
5 × government to pool 2:1, nothing beyond 5 ×. The government is a party with an account of its
own, never a member with a share. Bands, pool and uncovered part sum to the loss (invariant 22).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coinsurance.rules.agreement.terms import BackstopBand
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.money import PPM_WHOLE, Rounding, ratio, split


@dataclass(frozen=True, slots=True)
class BandPosition:
    """How much of a band is used, and who bears it. Fen; `to_fen` None: without end."""

    from_fen: int
    to_fen: int | None
    loss_fen: int
    pool_fen: int
    government_fen: int

    @property
    def left_fen(self) -> int | None:
        """What still fits into the band; None where it has no end."""
        return None if self.to_fen is None else self.to_fen - self.from_fen - self.loss_fen


@dataclass(frozen=True, slots=True)
class Position:
    """Where a pool year stands: pool, government and uncovered sum to the loss."""

    premium_fen: int
    loss_fen: int
    pool_fen: int
    government_fen: int
    uncovered_fen: int
    bands: tuple[BandPosition, ...]


def check_bands(bands: Sequence[BackstopBand], field: str = "bands") -> list[Finding]:
    """Bands stand in order, do not overlap, have an end above their start and a bearer."""
    found: list[Finding] = []
    end_ppm: int | None = 0
    for position, band in enumerate(bands):
        place = f"{field}.{position}"
        if end_ppm is None or band.from_ppm < end_ppm:
            found.append(blocker("claim.bands_overlap", f"{place}.from_ppm"))
        if band.to_ppm is not None and band.to_ppm <= band.from_ppm:
            found.append(blocker("claim.band_empty", f"{place}.to_ppm"))
        if min(band.pool_weight, band.government_weight) < 0 or not (
            band.pool_weight + band.government_weight
        ):
            found.append(blocker("claim.band_without_bearer", place))
        end_ppm = band.to_ppm
    return found


def position(bands: Sequence[BackstopBand], premium_fen: int, loss_fen: int) -> Position:
    """Divide the year's loss among pool, government and nobody.

    The pool bears what no band names below the end of the last; above that nobody in the pool
    answers. The bands have passed :func:`check_bands`.
    """
    rows = tuple(_band(band, premium_fen, loss_fen) for band in bands)
    last_fen = rows[-1].to_fen if rows else None
    uncovered_fen = 0 if last_fen is None else max(0, loss_fen - last_fen)
    government_fen = sum(row.government_fen for row in rows)
    pool_fen = loss_fen - uncovered_fen - government_fen
    return Position(premium_fen, loss_fen, pool_fen, government_fen, uncovered_fen, rows)


def _band(band: BackstopBand, premium_fen: int, loss_fen: int) -> BandPosition:
    from_fen = _multiple(premium_fen, band.from_ppm)
    to_fen = None if band.to_ppm is None else _multiple(premium_fen, band.to_ppm)
    reached_fen = loss_fen if to_fen is None else min(loss_fen, to_fen)
    inside_fen = max(0, reached_fen - from_fen)
    pool_fen, government_fen = split(inside_fen, [band.pool_weight, band.government_weight])
    return BandPosition(from_fen, to_fen, inside_fen, pool_fen, government_fen)


def _multiple(premium_fen: int, multiple_ppm: int) -> int:
    return ratio(premium_fen, multiple_ppm, PPM_WHOLE, Rounding.HALF_UP)


register(
    {
        "claim.bands_overlap": Text(
            "分担区间重叠或次序颠倒",
            "The bands overlap or are out of order",
            "请按倍数由低到高填写，首尾不重叠",
            "Write the bands from low to high without overlap",
        ),
        "claim.band_empty": Text(
            "分担区间的上限不高于下限",
            "The end of the band is not above its start",
            "请核对倍数",
            "Check the multiples",
        ),
        "claim.band_without_bearer": Text(
            "分担区间没有承担方，或比例为负",
            "Nobody bears the band, or a weight is negative",
            "请填写政府与共保体的分担比例",
            "State how government and pool share the band",
        ),
    }
)
