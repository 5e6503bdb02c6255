"""What the API and the console get to see of organisations and users; never a password."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class CertificateShape:
    """A status certificate; `valid_to` null: no end is known."""

    kind: str
    number: str
    valid_from: date
    valid_to: date | None


@dataclass(frozen=True, slots=True)
class OrganisationItem:
    """One row of the list of organisations; `users` counts those that are active."""

    uscc: str
    name: str
    short_name: str
    kind: str
    district: str
    active: bool
    users: int


@dataclass(frozen=True, slots=True)
class OrganisationPage:
    """A page of organisations by name; `next` is null on the last page."""

    items: list[OrganisationItem]
    next: str | None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class OrganisationRecord:
    """An organisation whole. `warnings` are findings about the USCC that did not stop a write."""

    uscc: str
    legal_root: str
    kind: str
    name: str
    short_name: str
    district: str
    licence_number: str
    contact: str
    active: bool
    revision: int
    created_at: datetime
    certificates: list[CertificateShape]
    warnings: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class UserRecord:
    """A user; `organisation` is a USCC."""

    login: str
    name: str
    organisation: str
    organisation_name: str
    organisation_kind: str
    roles: list[str]
    active: bool
    revision: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class UserPage:
    """A page of users by log-in name; `next` is null on the last page."""

    items: list[UserRecord]
    next: str | None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class Me:
    """The caller as this service knows it."""

    login: str
    name: str
    organisation: str
    organisation_name: str
    organisation_kind: str
    roles: list[str]
    via: str
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class TokenShape:
    """An API token without its secret; `hint` is how it begins."""

    id: int
    hint: str
    name: str
    scopes: list[str]
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


@dataclass(frozen=True, slots=True)
class EventShape:
    """One event of the journal. `organisation` is the actor's; `facts` depend on the event."""

    id: int
    recorded_at: datetime
    effective_on: date
    actor: str
    actor_name: str
    organisation: str
    via: str
    subject_kind: str
    subject: str
    event: str
    from_status: str
    to_status: str
    note: str
    facts: dict[str, Any]
    request_id: str


@dataclass(frozen=True, slots=True)
class EventPage:
    """A page of the journal, newest first."""

    items: list[EventShape]
    next: str | None
    previous: str | None = None


@dataclass(frozen=True, slots=True)
class RuleItem:
    """A version of a rule file; `hash` is what decisions refer to."""

    family: str
    version: str
    title: str
    status: str
    valid_from: date
    valid_to: date | None
    hash: str
    published_at: datetime | None


@dataclass(frozen=True, slots=True)
class RuleRecord:
    """A rule version with its text as published (TOML), sources and worked cases inside."""

    rule: RuleItem
    body: str
