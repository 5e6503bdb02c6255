"""Signing (签署份额): what members wrote becomes what they sign, exactly, and why.

Written lines above the whole are cut in one proportion, lines below it may be raised where the
agreement and the line allow it. A line to stand is cut only with its own consent; a line never
signs above what its maximum amount can carry. Shares in units of 10^8, amounts in fen. Remainders
go to the largest fraction, ties to the member that stands first (DESIGN law 2, POOLS invariant 2).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from coinsurance.rules import signing_texts as _texts  # noqa: F401  registers the texts
from service.kernel.findings import Finding, blocker
from service.kernel.shares import WHOLE_UNITS


@dataclass(frozen=True, slots=True)
class WrittenLine:
    """What one member writes: its line, how far it may be raised, the most it may cost it."""

    key: str
    written_units: int
    up_to_units: int | None = None
    amount_max_fen: int | None = None
    to_stand: bool = False
    cut_consented: bool = False


@dataclass(frozen=True, slots=True)
class SigningRules:
    """What the agreement says: whether lines may be raised, and the least a line may sign."""

    up_allowed: bool = False
    minimum_units: int = 0


@dataclass(frozen=True, slots=True)
class SignedLine:
    """One line with the whole reason for what it signs.

    `cap_units` is what the maximum amount can carry, `effective_units` what counts of the written
    line, `floor_units` and `ceiling_units` what it may sign at least and at most. `exact` is the
    entitlement before rounding, `rank` the place among the remainders (None: nothing to round).
    `signed_units` is None while the lines cannot be signed.
    """

    key: str
    position: int
    written_units: int
    up_to_units: int | None
    cap_units: int | None
    effective_units: int
    floor_units: int
    ceiling_units: int
    stands: bool
    exact: Fraction
    rank: int | None
    rounded_up: bool
    signed_units: int | None
    outcome: str


@dataclass(frozen=True, slots=True)
class Signed:
    """What would be signed, or what stands against it.

    `reach_units` is the most the lines can make; `missing_units` what they lack of the whole;
    `factor` the proportion in which free lines were changed.
    """

    lines: tuple[SignedLine, ...]
    findings: tuple[Finding, ...]
    written_units: int
    effective_units: int
    reach_units: int
    missing_units: int
    factor: Fraction | None

    @property
    def whole(self) -> bool:
        """Whether the lines can be signed to the whole."""
        return not self.findings


@dataclass(frozen=True, slots=True)
class _Bounds:
    """A line as the arithmetic sees it."""

    cap_units: int | None
    effective: int
    low: int
    high: int
    stands: bool


_NO_RULES = SigningRules()


def cap_units(
    amount_max_fen: int | None, limit_fen: int | None, whole_units: int = WHOLE_UNITS
) -> int | None:
    """The largest share of a limit that stays within an amount; None: no maximum."""
    if amount_max_fen is None or not limit_fen:
        return None
    return min(whole_units, amount_max_fen * whole_units // limit_fen)


def sign(
    lines: Sequence[WrittenLine],
    *,
    limit_fen: int | None = None,
    rules: SigningRules = _NO_RULES,
    whole_units: int = WHOLE_UNITS,
) -> Signed:
    """Sign lines, given in the fixed order of members, to the whole.

    Never raises for lines that cannot be signed: the findings say what is missing, so that a
    preview and a refusal say the same.
    """
    wrong = _malformed(lines)
    caps = [cap_units(line.amount_max_fen, limit_fen, whole_units) for line in lines]
    effective = [
        line.written_units if cap is None else min(line.written_units, cap)
        for line, cap in zip(lines, caps, strict=True)
    ]
    raising = sum(effective) < whole_units
    bounds = [
        _bounds(line, cap, counted, rules, raising=raising)
        for line, cap, counted in zip(lines, caps, effective, strict=True)
    ]
    reach = sum(bound.high for bound in bounds)
    found = tuple(wrong or _unplaceable(bounds, reach, whole_units))
    if found:
        exact = [Fraction(bound.effective) for bound in bounds]
        factor: Fraction | None = None
    else:
        exact, factor = _level(bounds, whole_units)
    parts, ranks = _round(exact, whole_units) if not found else ([], {})
    return Signed(
        tuple(
            _explained(n, line, bound, exact[n], ranks, parts[n] if parts else None)
            for n, (line, bound) in enumerate(zip(lines, bounds, strict=True))
        ),
        found,
        sum(line.written_units for line in lines),
        sum(effective),
        reach,
        max(0, whole_units - reach),
        factor,
    )


def _malformed(lines: Sequence[WrittenLine]) -> list[Finding]:
    """Lines that no arithmetic should touch."""
    found = [
        blocker("shares.negative", f"lines.{n}", share_units=line.written_units)
        for n, line in enumerate(lines)
        if line.written_units < 0
    ]
    keys = [line.key for line in lines]
    found += [
        blocker("signing.member_twice", f"lines.{n}", member=key)
        for n, key in enumerate(keys)
        if key in keys[:n]
    ]
    return found


def _bounds(
    line: WrittenLine, cap: int | None, effective: int, rules: SigningRules, *, raising: bool
) -> _Bounds:
    """What a line may sign at least and at most, while lines are cut or raised."""
    stands = line.to_stand and not line.cut_consented
    high = effective
    if raising and rules.up_allowed and line.up_to_units is not None:
        most = line.up_to_units if cap is None else min(line.up_to_units, cap)
        high = max(effective, most)
    low = effective if raising or stands else min(rules.minimum_units, effective)
    return _Bounds(cap, effective, low, high, stands)


def _unplaceable(bounds: Sequence[_Bounds], reach: int, whole_units: int) -> list[Finding]:
    found = []
    if reach < whole_units:
        found.append(
            blocker(
                "shares.undersubscribed",
                "lines",
                written_units=reach,
                missing_units=whole_units - reach,
            )
        )
    standing = sum(bound.effective for bound in bounds if bound.stands)
    if standing > whole_units:
        found.append(
            blocker("shares.to_stand_above_whole", "lines", standing_units=standing)
        )
    elif sum(bound.low for bound in bounds) > whole_units:
        least = sum(bound.low for bound in bounds)
        found.append(blocker("signing.minimum_above_whole", "lines", least_units=least))
    return found


def _level(
    bounds: Sequence[_Bounds], total: int
) -> tuple[list[Fraction], Fraction | None]:
    """The shares in one proportion of the effective lines, within every line's bounds.

    The sum is a rising, piecewise linear function of the proportion: find the last bend below the
    total, then solve the straight piece after it.
    """

    def at(factor: Fraction) -> list[Fraction]:
        return [
            min(max(factor * bound.effective, Fraction(bound.low)), Fraction(bound.high))
            for bound in bounds
        ]

    moving = [bound for bound in bounds if bound.effective > 0]
    bends = sorted({Fraction(edge, b.effective) for b in moving for edge in (b.low, b.high)})
    below = Fraction(0)
    for bend in bends:
        if sum(at(bend)) > total:
            break
        below = bend
    free = sum(
        b.effective
        for b in moving
        if Fraction(b.low, b.effective) <= below < Fraction(b.high, b.effective)
    )
    fixed = sum(at(below))
    factor = below + Fraction(total - fixed) / free if free else below
    return at(factor), factor


def _round(exact: Sequence[Fraction], total: int) -> tuple[list[int], dict[int, int]]:
    """Whole units by largest remainder; the rank of every line that had a remainder.

    A line with a remainder lies strictly below its whole bounds' upper one, so rounding up never
    breaks a bound.
    """
    parts = [int(share) for share in exact]
    with_rest = [n for n, share in enumerate(exact) if share != parts[n]]
    order = sorted(with_rest, key=lambda n: (parts[n] - exact[n], n))
    for n in order[: total - sum(parts)]:
        parts[n] += 1
    return parts, {n: rank for rank, n in enumerate(order, 1)}


def _explained(
    position: int,
    line: WrittenLine,
    bound: _Bounds,
    exact: Fraction,
    ranks: dict[int, int],
    part: int | None,
) -> SignedLine:
    return SignedLine(
        key=line.key,
        position=position,
        written_units=line.written_units,
        up_to_units=line.up_to_units,
        cap_units=bound.cap_units,
        effective_units=bound.effective,
        floor_units=bound.low,
        ceiling_units=bound.high,
        stands=bound.stands,
        exact=exact,
        rank=ranks.get(position),
        rounded_up=part is not None and part > exact,
        signed_units=part,
        outcome=_outcome(line, bound, part),
    )


def _outcome(line: WrittenLine, bound: _Bounds, part: int | None) -> str:
    """In one word what happened to a line; `OUTCOMES` has the sentence."""
    if part is None:
        return "open"
    if part > line.written_units:
        return "raised"
    if part == line.written_units:
        return "stands" if bound.stands else "as_written"
    if bound.effective < line.written_units and part == bound.effective:
        return "capped"
    if part == bound.low:
        return "minimum" if part else "nothing_left"
    return "cut"


OUTCOMES: dict[str, tuple[str, str]] = {
    "open": ("尚不能签署", "Cannot be signed yet"),
    "as_written": ("按认购份额签署", "Signed as written"),
    "stands": ("不可削减，按认购份额签署", "To stand: signed as written"),
    "cut": ("认购超过 100%，按同一比例削减", "Oversubscribed: cut in one proportion"),
    "capped": ("受最高承担金额限制", "Held by its maximum amount"),
    "raised": ("认购不足 100%，在其同意的上限内按比例增加", "Raised within what it allowed"),
    "minimum": ("按协议规定的最低签署份额", "Held at the agreement's minimum line"),
    "nothing_left": ("不可削减的份额已占满，未签署", "Lines to stand left nothing"),
}
"""The outcomes of a line in Chinese and English."""
