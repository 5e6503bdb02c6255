"""What members owe each other, and what a settlement run makes of it."""

from __future__ import annotations

from dataclasses import dataclass

from catalogue.rules.nouns import Term


class Method(Term):
    """How a run pays (清算方式)."""

    GROSS = "gross", "逐笔全额", "Every debt is paid in full by its debtor; nothing is set off."
    BILATERAL = "bilateral", "双边轧差", "Two members set off what they owe each other."
    MULTILATERAL = "multilateral", "多边轧差", "All members of a set net out against all others."


@dataclass(frozen=True, slots=True)
class Debt:
    """What one member owes another; `kind` decides in which netting set it may be."""

    reference: str
    debtor: str
    creditor: str
    amount_fen: int
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Discharge:
    """How much of a debt something pays off.

    `chain` and `hop`: where in a payment it stands; all hops of a chain carry the same amount.
    """

    reference: str
    amount_fen: int
    chain: int = 0
    hop: int = 0


@dataclass(frozen=True, slots=True)
class Circle:
    """Debts that cancel each other without cash."""

    members: tuple[str, ...]
    amount_fen: int
    discharges: tuple[Discharge, ...]


@dataclass(frozen=True, slots=True)
class Instruction:
    """A payment of one member to another, with the debts it discharges."""

    payer: str
    payee: str
    amount_fen: int
    discharges: tuple[Discharge, ...]


@dataclass(frozen=True, slots=True)
class Position:
    """What a member owes and is owed; positive net: it pays on balance."""

    member: str
    payable_fen: int
    receivable_fen: int

    @property
    def net_fen(self) -> int:
        """Payable less receivable."""
        return self.payable_fen - self.receivable_fen


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run pays and sets off; `set_names` says by which set, empty where gross."""

    instructions: tuple[Instruction, ...]
    circles: tuple[Circle, ...] = ()
    before: tuple[Position, ...] = ()
    after: tuple[Position, ...] = ()

    @property
    def gross_fen(self) -> int:
        """What would be paid without set-off."""
        return sum(position.payable_fen for position in self.before)

    @property
    def cash_fen(self) -> int:
        """What is paid."""
        return sum(instruction.amount_fen for instruction in self.instructions)
