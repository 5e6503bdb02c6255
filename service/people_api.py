"""JSON routes of tokens, organisations, users, the journal and rule versions."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Controller, Response, delete, get, post, put
from litestar.params import Parameter

from service import auth, people
from service.api import etag, expected_revision
from service.auth import EVERYBODY, Actor, NewToken, Role, allow, anyone
from service.people.shapes import (
    EventPage,
    Me,
    OrganisationPage,
    OrganisationRecord,
    RuleItem,
    RuleRecord,
    TokenShape,
    UserPage,
    UserRecord,
)
from service.people_forms import (
    CertificateForm,
    Kind,
    OrganisationChange,
    OrganisationForm,
    OwnPasswordForm,
    PasswordForm,
    TokenForm,
    UserChange,
    UserForm,
)

ADMIN = allow(Role.COMMITTEE_ADMIN)
MANAGERS = allow(Role.COMMITTEE_ADMIN, Role.INSURER_MANAGER)
NO_STORE = {"Cache-Control": "no-store"}
IfMatch = Annotated[
    str | None,
    Parameter(header="If-Match", description="ETag of the record the change is based on, or *"),
]
Q = Annotated[str | None, Parameter(description="Part of a name, a USCC or a log-in")]
Cursor = Annotated[str | None, Parameter(description="`next` of the page before, unchanged")]
Before = Annotated[str | None, Parameter(description="`previous` of a page, to turn back")]
Limit = Annotated[int | None, Parameter(description="Rows a page, 1 to 200; 20 unless told")]


def tagged(record: OrganisationRecord | UserRecord, status_code: int = 200) -> Response[Any]:
    """A record with its ETag."""
    return Response(record, status_code=status_code, headers={"ETag": etag(record.revision)})


class TokenRoutes(Controller):
    """API tokens (令牌) and the own account."""

    tags = ["account"]
    opt = allow(*EVERYBODY)

    @post(
        "/tokens",
        summary="Make a token; its secret is shown this once",
        operation_id="createToken",
        opt=anyone() | auth.keyless(),
    )
    async def create(self, data: TokenForm, actor: Actor) -> Response[NewToken]:
        token = await auth.request_token(
            actor, data.login, data.password, data.name, data.scopes, data.days
        )
        return Response(token, headers=NO_STORE)

    @get("/tokens", summary="Own tokens", operation_id="listTokens")
    async def tokens(self, actor: Actor) -> list[TokenShape]:
        return [TokenShape(**row) for row in await auth.tokens_of(actor)]

    @delete("/tokens/{token_id:int}", summary="Revoke an own token", operation_id="revokeToken")
    async def revoke(self, token_id: int, actor: Actor) -> None:
        await auth.revoke_token(actor, token_id)

    @get("/me", summary="Who am I", operation_id="getMe")
    async def me(self, actor: Actor) -> Me:
        return await people.whoami(actor)

    @post(
        "/me/password",
        summary="Change the own password",
        operation_id="changePassword",
        status_code=204,
        opt=allow(*EVERYBODY) | auth.keyless(),
    )
    async def password(self, data: OwnPasswordForm, actor: Actor) -> None:
        await people.change_own_password(actor, data)


class OrganisationRoutes(Controller):
    """Organisations (机构): insurers see their own, committee and auditor all."""

    path = "/organisations"
    tags = ["organisations"]
    opt = allow(*EVERYBODY)

    @get("/", summary="Organisations by name", operation_id="listOrganisations")
    async def list_all(
        self,
        actor: Actor,
        q: Q = None,
        kind: Kind | None = None,
        district: str | None = None,
        active: bool | None = None,
        cursor: Cursor = None,
        before: Before = None,
        limit: Limit = None,
    ) -> OrganisationPage:
        turn = people.Turn(cursor, limit, before)
        return await people.list_organisations(actor, q, kind, district, active, turn)

    @post("/", summary="Register an organisation", operation_id="createOrganisation", opt=ADMIN)
    async def create(self, data: OrganisationForm, actor: Actor) -> Response[OrganisationRecord]:
        return tagged(await people.create_organisation(actor, data), 201)

    @get("/{uscc:str}", summary="One organisation", operation_id="getOrganisation")
    async def one(self, uscc: str, actor: Actor) -> Response[OrganisationRecord]:
        return tagged(await people.get_organisation(actor, uscc))

    @put("/{uscc:str}", summary="Change it", operation_id="changeOrganisation", opt=ADMIN)
    async def change(
        self, uscc: str, data: OrganisationChange, actor: Actor, if_match: IfMatch = None
    ) -> Response[OrganisationRecord]:
        revision = expected_revision(if_match)
        return tagged(await people.change_organisation(actor, uscc, data, revision))

    @post(
        "/{uscc:str}/certificates",
        summary="Put a status certificate on record",
        operation_id="addCertificate",
        opt=ADMIN,
    )
    async def certify(
        self, uscc: str, data: CertificateForm, actor: Actor
    ) -> Response[OrganisationRecord]:
        return tagged(await people.add_certificate(actor, uscc, data), 201)


class UserRoutes(Controller):
    """Users (用户) of the organisations one may see."""

    path = "/users"
    tags = ["users"]
    opt = MANAGERS

    @get("/", summary="Users by log-in", operation_id="listUsers", opt=allow(*EVERYBODY))
    async def list_all(
        self,
        actor: Actor,
        q: Q = None,
        organisation: Annotated[str | None, Parameter(description="USCC")] = None,
        role: Role | None = None,
        active: bool | None = None,
        cursor: Cursor = None,
        before: Before = None,
        limit: Limit = None,
    ) -> UserPage:
        turn = people.Turn(cursor, limit, before)
        return await people.list_users(actor, q, organisation, role, active, turn)

    @post("/", summary="Create a user", operation_id="createUser", opt=MANAGERS | auth.keyless())
    async def create(self, data: UserForm, actor: Actor) -> Response[UserRecord]:
        return tagged(await people.create_user(actor, data), 201)

    @get("/{login:str}", summary="One user", operation_id="getUser", opt=allow(*EVERYBODY))
    async def one(self, login: str, actor: Actor) -> Response[UserRecord]:
        return tagged(await people.get_user(actor, login))

    @put("/{login:str}", summary="Change name, roles, active", operation_id="changeUser")
    async def change(
        self, login: str, data: UserChange, actor: Actor, if_match: IfMatch = None
    ) -> Response[UserRecord]:
        return tagged(await people.change_user(actor, login, data, expected_revision(if_match)))

    @post(
        "/{login:str}/password",
        summary="Set a new password",
        operation_id="setPassword",
        status_code=204,
        opt=MANAGERS | auth.keyless(),
    )
    async def password(self, login: str, data: PasswordForm, actor: Actor) -> None:
        await people.set_password(actor, login, data)


class HistoryRoutes(Controller):
    """The journal (日志) and the rule files as published (规则)."""

    tags = ["history"]
    opt = anyone()

    @get(
        "/journal",
        summary="Events, newest first",
        operation_id="listEvents",
        opt=allow(Role.COMMITTEE_ADMIN, Role.AUDITOR),
    )
    async def events(
        self,
        subject_kind: str | None = None,
        subject: str | None = None,
        event: str | None = None,
        actor_login: Annotated[
            str | None, Parameter(query="actor", description="Log-in of who did it")
        ] = None,
        day: Annotated[date | None, Parameter(description="Day of writing, Shanghai")] = None,
        cursor: Cursor = None,
        before: Before = None,
        limit: Limit = None,
    ) -> EventPage:
        query = people.EventQuery(subject_kind, subject, event, actor_login, day)
        return await people.list_events(query, people.Turn(cursor, limit, before))

    @get("/rule-versions", summary="Versions of rule files", operation_id="listRules")
    async def rules(self, family: str | None = None) -> list[RuleItem]:
        return await people.list_rules(family)

    @get(
        "/rule-versions/{family:str}/{version:str}",
        summary="A rule version with its text",
        operation_id="getRule",
    )
    async def rule(self, family: str, version: str) -> RuleRecord:
        return await people.get_rule(family, version)

    @get(
        "/rule-versions/{family:str}/{name:str}/{version:str}",
        summary="A rule version of a family of two words, such as subsidy/national-first-set",
        operation_id="getNamedRule",
    )
    async def named_rule(self, family: str, name: str, version: str) -> RuleRecord:
        return await people.get_rule(f"{family}/{name}", version)


ROUTES: list[type[Controller]] = [TokenRoutes, OrganisationRoutes, UserRoutes, HistoryRoutes]
