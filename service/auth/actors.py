"""Who acts and what the roles are; the one check that every route passes."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from litestar.handlers import BaseRouteHandler

from service.kernel.errors import Forbidden, Unauthenticated


class Role(StrEnum):
    """What a person may do; `ROLE_NAMES` has the Chinese term."""

    INSURER_CLERK = "insurer_clerk"
    """Drafts and files products for an insurer."""
    INSURER_MANAGER = "insurer_manager"
    """Answers for the insurer: files, withdraws, manages its users."""
    ENTERPRISE = "enterprise"
    """Finds cover, enrols, applies for subsidies."""
    COMMITTEE_OFFICER = "committee_officer"
    """Accepts, reviews and recommends for the zone committee."""
    COMMITTEE_APPROVER = "committee_approver"
    """Decides what officers have prepared."""
    COMMITTEE_ADMIN = "committee_admin"
    """Keeps organisations, users and rule files."""
    AUDITOR = "auditor"
    """Reads everything, changes nothing."""


ROLE_NAMES = {
    Role.INSURER_CLERK: "保险机构经办",
    Role.INSURER_MANAGER: "保险机构负责人",
    Role.ENTERPRISE: "企业用户",
    Role.COMMITTEE_OFFICER: "管委会经办",
    Role.COMMITTEE_APPROVER: "管委会审批",
    Role.COMMITTEE_ADMIN: "管委会管理员",
    Role.AUDITOR: "审计监管",
}
ROLES_BY_KIND: dict[str, frozenset[Role]] = {
    "insurer": frozenset({Role.INSURER_CLERK, Role.INSURER_MANAGER}),
    "reinsurer": frozenset({Role.INSURER_CLERK, Role.INSURER_MANAGER}),
    "enterprise": frozenset({Role.ENTERPRISE}),
    "committee": frozenset({Role.COMMITTEE_OFFICER, Role.COMMITTEE_APPROVER, Role.COMMITTEE_ADMIN}),
    "regulator": frozenset({Role.AUDITOR}),
    "surveyor": frozenset(),
}
INSURER = (Role.INSURER_CLERK, Role.INSURER_MANAGER)
COMMITTEE = (Role.COMMITTEE_OFFICER, Role.COMMITTEE_APPROVER, Role.COMMITTEE_ADMIN)
EVERYBODY = tuple(Role)


@dataclass(slots=True)
class Standing:
    """What a caller found earlier was made of, and whether that was seen to hold (`known`)."""

    versions: str
    confirmed: bool = False


@dataclass(frozen=True, slots=True)
class Actor:
    """The person (or program) behind a request. `user_id` None: the public, or the system."""

    user_id: int | None = None
    login: str = ""
    name: str = "公众"
    organisation_id: int | None = None
    organisation: str = ""
    organisation_kind: str = ""
    roles: frozenset[str] = frozenset()
    via: str = "public"
    scopes: frozenset[str] = frozenset()
    credential_id: int | None = None
    request_id: str = ""
    address: str = ""
    standing: Standing | None = field(default=None, compare=False, repr=False)
    """None for a caller who was looked up for this request."""

    def has(self, *roles: str) -> bool:
        """Whether one of the roles is held."""
        return not self.roles.isdisjoint(roles)

    @property
    def is_confirmed(self) -> bool:
        """Whether the caller is known for certain; the journal takes nothing from anybody else."""
        return self.standing is None or self.standing.confirmed

    @property
    def is_committee(self) -> bool:
        return self.has(*COMMITTEE)

    @property
    def sees_all(self) -> bool:
        """The committee and the auditor read every organisation's records."""
        return self.has(*COMMITTEE, Role.AUDITOR)

    def owns(self, organisation_id: int | None) -> bool:
        return organisation_id is not None and organisation_id == self.organisation_id


PUBLIC = Actor()
SYSTEM = Actor(name="系统", via="system", roles=frozenset({"system"}))


def allow(*roles: Role) -> dict[str, Any]:
    """`opt=` of a route that only these roles may call."""
    return {"roles": frozenset(roles)}


def anyone() -> dict[str, Any]:
    """`opt=` of a route that needs no log-in."""
    return {"roles": "public"}


def keyless() -> dict[str, Any]:
    """Added to `opt=` of a route whose body or answer holds a password or a token.

    `Idempotency-Key` does not count there: nothing made of a secret is stored for a replay, and a
    failed try must leave its row for the throttle.
    """
    return {"keyless": True}


def confirming() -> dict[str, Any]:
    """Added to `opt=` of a route whose first statement confirms the caller (see `known`)."""
    return {"confirming": True}


def check_route(actor: Actor, method: str, handler: BaseRouteHandler) -> None:
    """The one check of roles: every route declares its own, a route that does not is closed.

    Not a guard of the framework, which copies the route's handler for each guard of each request.
    """
    wanted = handler.opt.get("roles", frozenset())
    if wanted == "public":
        return
    if actor.user_id is None:
        raise Unauthenticated("auth.required")
    if not actor.has(*wanted):
        raise Forbidden("auth.forbidden")
    if actor.via == "token":
        scope = "read" if method in ("GET", "HEAD") else "write"
        if scope not in actor.scopes:
            raise Forbidden("auth.scope", scope=scope)
