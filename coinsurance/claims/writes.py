"""What one movement of a claim writes, as the use cases hand it to the one writer (`storing`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple

from coinsurance.claim_shapes import MovementShape
from coinsurance.rules.accounts import AccountLine
from coinsurance.rules.claims.deadlines import Due
from coinsurance.rules.claims.movements import MemberPart
from coinsurance.rules.claims.nouns import MovementKind


class Owed(NamedTuple):
    """A debt between two members that a movement makes; members by key and code."""

    kind: str
    debtor_id: int
    debtor: str
    creditor_id: int
    creditor: str
    amount_fen: int
    due: Due


@dataclass(frozen=True, slots=True)
class Payee:
    """For whom and to whom a payment goes."""

    kind: str
    name: str
    key: str
    uscc: str
    payee: str
    account: str
    bank: str
    authority: str
    proof: str
    override: int | None


@dataclass(frozen=True, slots=True)
class Write:
    """Everything one movement writes. `lines` empty: no entry; `entry`: one written before.

    `event` is a step of the life cycle, or empty where the state stays; `told` names what happened.
    `paid_elsewhere`: so many payments for the same loss were made on other claims, or nothing is
    written (None: however many).
    """

    kind: MovementKind
    amount_fen: int
    reserve_change_fen: int
    effective_on: date
    clause: str
    parts: Sequence[MemberPart]
    holder_id: int
    told: str
    event: str = ""
    cost_fen: int = 0
    papers_on: date | None = None
    reference: str = ""
    charge: str = ""
    note: str = ""
    reversal_of: int | None = None
    entry: int | None = None
    lines: Sequence[AccountLine] = ()
    owed: Sequence[Owed] = ()
    called: Mapping[int, int] = field(default_factory=dict)
    call_uses: Mapping[int, int] = field(default_factory=dict)
    payee: Payee | None = None
    authorise_fen: int = 0
    facts: Mapping[str, Any] = field(default_factory=dict)
    paid_elsewhere: int | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """What was written, as it is shown, and the claim's state after it."""

    status: str
    revision: int
    shape: MovementShape
