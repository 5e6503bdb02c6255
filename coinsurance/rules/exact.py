"""Exact amounts as fractions in lowest terms: two whole numbers, made often and kept as text.

`fractions.Fraction` says the same and costs five times as much; a receipt over eighteen members
makes seventy of them. Where a whole column of them is made, written and shown, they stand as two
columns of numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from math import gcd
from typing import NamedTuple


class Exact(NamedTuple):
    """A fraction in lowest terms; `below` is above zero."""

    above: int
    below: int = 1

    @property
    def text(self) -> str:
        """As people read it: 100/3, a whole number without denominator."""
        return text(self.above, self.below)

    @property
    def fraction(self) -> Fraction:
        """For sums and comparisons."""
        return Fraction(self.above, self.below)

    def gap(self, fen: int) -> Exact:
        """How far an amount in fen lies above this one; in lowest terms too."""
        return Exact(fen * self.below - self.above, self.below)


def exacts(above: Iterable[int], below: int) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Fractions over one denominator in lowest terms: the numbers above, and those below.

    Zeros for a denominator of zero, where nothing is to be had.
    """
    over = tuple(above)
    if not below:
        return (0,) * len(over), (1,) * len(over)
    common = [gcd(number, below) for number in over]
    return (
        tuple([number // by for number, by in zip(over, common, strict=True)]),
        tuple([below // by for by in common]),
    )


def text(above: int, below: int) -> str:
    """A fraction in lowest terms as people read it: 100/3, a whole number alone."""
    return str(above) if below == 1 else f"{above}/{below}"
