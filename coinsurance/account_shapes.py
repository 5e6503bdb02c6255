"""What the API answers about changes of a member's settlement account (结算账户变更)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from catalogue.subsidy_shapes import StepShape


@dataclass(frozen=True, slots=True)
class AccountChangeShape:
    """One change: asked by the member, `note` says how it was verified or why it was not made."""

    number: int
    bank_account: str
    reason: str
    status: str
    status_zh: str
    asked_at: datetime
    asked_by: str
    decided_at: datetime | None
    note: str
    steps: list[StepShape]
