"""Exact amounts as fractions in lowest terms: two whole numbers, made often and kept as text.

`fractions.Fraction` says the same and costs five times as much; a receipt over eighteen members
makes seventy of them.
"""

from __future__ import annotations

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
        return str(self.above) if self.below == 1 else f"{self.above}/{self.below}"

    @property
    def fraction(self) -> Fraction:
        """For sums and comparisons."""
        return Fraction(self.above, self.below)

    def gap(self, fen: int) -> Exact:
        """How far an amount in fen lies above this one; in lowest terms too."""
        return Exact(fen * self.below - self.above, self.below)


def exact(above: int, below: int) -> Exact:
    """A fraction in lowest terms; zero for a denominator of zero, where nothing is to be had."""
    if not below:
        return Exact(0)
    common = gcd(above, below)
    return Exact(above // common, below // common)
