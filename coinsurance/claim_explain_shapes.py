"""What the API answers to “why” about a claim. Amounts in fen; exact amounts as fractions."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from coinsurance.claim_shapes import PartShape


class StepShape(msgspec.Struct, frozen=True):
    """One step of the calculation."""

    code: str
    zh: str
    before_fen: int
    after_fen: int
    clause: str


class ExplainedSection(msgspec.Struct, frozen=True):
    """A section with its schedule, limits and the steps of its latest assessment."""

    code: str
    schedule: str | None
    limit_fen: int
    aggregate_fen: int | None
    assessed_fen: int
    agreed_fen: int | None
    paid_fen: int
    steps: list[StepShape]
    assessment_hash: str


class AuthorityShape(msgspec.Struct, frozen=True):
    """Whether the handler may decide alone over what was assessed, and why not."""

    amount_fen: int
    alone: bool
    basis: str
    role: str
    amount_max_fen: int | None
    flags: list[str]
    clause: str
    findings: list[dict[str, Any]]


class DeadlineShape(msgspec.Struct, frozen=True):
    """A deadline: the fact it starts with, its length, its last day, its clause."""

    name: str
    start_on: date
    days: int
    calendar: str
    due_on: date | None
    clause: str
    waiting_zh: str


class ExplainedPart(msgspec.Struct, frozen=True):
    """A member's part of a movement with its exact entitlement and its clause."""

    movement: int
    kind: str
    section: str
    clause: str
    part: PartShape


class InterestShape(msgspec.Struct, frozen=True):
    """Interest as of the day asked about, exact and rounded once."""

    amount_fen: int
    exact: str
    days: int
    open_fen: int
    rate_ppm: int
    day_count: str
    clause: str
    segments: list[dict[str, Any]]


class DebtShape(msgspec.Struct, frozen=True):
    """A debt between members because of the claim; `interest` null: none agreed or none due."""

    number: str
    kind: str
    debtor: str
    debtor_name: str
    creditor: str
    creditor_name: str
    amount_fen: int
    settled_fen: int
    status: str
    arose_on: date
    due_on: date | None
    clause: str
    interest: InterestShape | None


class Explanation(msgspec.Struct, frozen=True):
    """The whole reasoning of a claim as of a day."""

    number: str
    as_of: date
    placement: str | None
    pool_year: str | None
    loss_on: date
    share_clause: str
    sections: list[ExplainedSection]
    authority: AuthorityShape
    deadlines: list[DeadlineShape]
    parts: list[ExplainedPart]
    debts: list[DebtShape]
