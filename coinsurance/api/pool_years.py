"""Underwriting years and their members (业务年度、成员)."""

from __future__ import annotations

from litestar import Controller, Response, get, post, put

from catalogue.api.subsidies import IfMatch
from coinsurance.account_shapes import AccountChangeShape
from coinsurance.api.pools import APPROVER, INSIDERS, OFFICE
from coinsurance.pool_forms import (
    AcceptanceForm,
    AccountChangeForm,
    CapacityForm,
    DefaultForm,
    ExitForm,
    MembershipForm,
    PoolNoteForm,
    PoolYearForm,
    ShortfallChargeForm,
    ShortfallForm,
    ShortfallReversalForm,
    StepForm,
    TransferForm,
)
from coinsurance.pool_shapes import (
    MemberRecord,
    MemberShape,
    MemberState,
    PoolYearRecord,
    PoolYearState,
    ShortfallChargeShape,
    ShortfallShape,
)
from coinsurance.pools import (
    leaving,
    member_accounts,
    member_records,
    members,
    shortfall_records,
    shortfall_reversal,
    shortfalls,
    years,
)
from service.api import etag, expected_revision
from service.auth import Actor, Role, allow

MANAGER = allow(Role.INSURER_MANAGER)
MANAGER_OR_APPROVER = allow(Role.INSURER_MANAGER, Role.COMMITTEE_APPROVER)
PROPOSERS = allow(Role.INSURER_MANAGER, Role.COMMITTEE_OFFICER, Role.COMMITTEE_ADMIN)


class PoolYearRoutes(Controller):
    """Underwriting years of a pool (业务年度)."""

    path = "/"
    tags = ["pool-years"]
    opt = APPROVER

    @post(
        "/pools/{code:str}/years",
        summary="Prepare a year with its book",
        operation_id="createPoolYear",
        opt=OFFICE,
    )
    async def create(self, code: str, data: PoolYearForm, actor: Actor) -> PoolYearState:
        return await years.create(actor, code, data)

    @get("/pool-years/{number:str}", summary="One year", operation_id="getPoolYear", opt=INSIDERS)
    async def one(self, number: str, actor: Actor) -> PoolYearRecord:
        return await years.read(actor, number)

    @post(
        "/pool-years/{number:str}/signing",
        summary="Sign the year (签署)",
        operation_id="signPoolYear",
        opt=OFFICE,
    )
    async def sign(self, number: str, data: StepForm, actor: Actor) -> PoolYearState:
        return await years.step(actor, number, "sign", data.note)

    @post(
        "/pool-years/{number:str}/opening",
        summary="Open for business",
        operation_id="openPoolYear",
    )
    async def open(self, number: str, data: StepForm, actor: Actor) -> PoolYearState:
        return await years.step(actor, number, "open", data.note)

    @post(
        "/pool-years/{number:str}/closing",
        summary="Close to new business",
        operation_id="closePoolYear",
    )
    async def close(self, number: str, data: PoolNoteForm, actor: Actor) -> PoolYearState:
        return await years.step(actor, number, "close_new", data.note)

    @post(
        "/pool-years/{number:str}/run-off", summary="Enter run-off", operation_id="runOffPoolYear"
    )
    async def run_off(self, number: str, data: StepForm, actor: Actor) -> PoolYearState:
        return await years.step(actor, number, "run_off", data.note)

    @post(
        "/pool-years/{number:str}/commutation",
        summary="Commute (了结)",
        operation_id="commutePoolYear",
    )
    async def commute(self, number: str, data: PoolNoteForm, actor: Actor) -> PoolYearState:
        return await years.step(actor, number, "commute", data.note)


class MemberRoutes(Controller):
    """Members of a year (成员): admission, capacity, leaving, default."""

    path = "/pool-years/{number:str}/members"
    tags = ["pool-years"]
    opt = APPROVER

    @get("/", summary="Members", operation_id="listMembers", opt=INSIDERS)
    async def list_members(
        self, number: str, actor: Actor, status: str | None = None, role: str | None = None
    ) -> list[MemberShape]:
        return await member_records.members(actor, number, status, role)

    @post("/", summary="Invite a member", operation_id="inviteMember", opt=OFFICE)
    async def invite(self, number: str, data: MembershipForm, actor: Actor) -> MemberState:
        return await members.invite(actor, number, data)

    @get("/{uscc:str}", summary="One member", operation_id="getMember", opt=INSIDERS)
    async def one(self, number: str, uscc: str, actor: Actor) -> Response[MemberRecord]:
        record = await member_records.member(actor, number, uscc)
        return Response(record, headers={"ETag": etag(record.member.revision)})

    @post(
        "/{uscc:str}/acceptance",
        summary="Join or decline",
        operation_id="acceptMembership",
        opt=MANAGER,
    )
    async def accept(
        self, number: str, uscc: str, data: AcceptanceForm, actor: Actor
    ) -> MemberState:
        return await members.accept(actor, number, uscc, data)

    @put(
        "/{uscc:str}/capacity",
        summary="Commit more or less capacity (承保能力)",
        operation_id="changeCapacity",
        opt=MANAGER,
    )
    async def capacity(
        self,
        number: str,
        uscc: str,
        data: CapacityForm,
        actor: Actor,
        if_match: IfMatch = None,
    ) -> Response[MemberState]:
        revision = expected_revision(if_match)
        state = await members.change_capacity(actor, number, uscc, data, revision)
        return Response(state, headers={"ETag": etag(state.revision)})

    @post(
        "/{uscc:str}/account-changes",
        summary="Ask for another settlement account (结算账户变更)",
        operation_id="askAccountChange",
        opt=MANAGER,
    )
    async def ask_account(
        self, number: str, uscc: str, data: AccountChangeForm, actor: Actor
    ) -> AccountChangeShape:
        return await member_accounts.ask(actor, number, uscc, data)

    @post(
        "/{uscc:str}/account-changes/confirmation",
        summary="The account was verified with the member; it is in force",
        operation_id="confirmAccountChange",
        opt=OFFICE,
    )
    async def confirm_account(
        self, number: str, uscc: str, data: PoolNoteForm, actor: Actor
    ) -> AccountChangeShape:
        return await member_accounts.decide(actor, number, uscc, "confirm", data.note)

    @post(
        "/{uscc:str}/account-changes/refusal",
        summary="The account stays as it is",
        operation_id="refuseAccountChange",
        opt=OFFICE,
    )
    async def refuse_account(
        self, number: str, uscc: str, data: PoolNoteForm, actor: Actor
    ) -> AccountChangeShape:
        return await member_accounts.decide(actor, number, uscc, "refuse", data.note)

    @post(
        "/{uscc:str}/account-changes/withdrawal",
        summary="The member takes its change back",
        operation_id="withdrawAccountChange",
        opt=MANAGER,
    )
    async def withdraw_account(
        self, number: str, uscc: str, data: PoolNoteForm, actor: Actor
    ) -> AccountChangeShape:
        return await member_accounts.decide(actor, number, uscc, "withdraw", data.note)

    @post("/{uscc:str}/suspension", summary="Suspend", operation_id="suspendMember")
    async def suspend(
        self, number: str, uscc: str, data: PoolNoteForm, actor: Actor
    ) -> MemberState:
        return await leaving.step(actor, number, uscc, "suspend", data.note)

    @post("/{uscc:str}/resumption", summary="Resume", operation_id="resumeMember")
    async def resume(self, number: str, uscc: str, data: PoolNoteForm, actor: Actor) -> MemberState:
        return await leaving.step(actor, number, uscc, "resume", data.note)

    @post(
        "/{uscc:str}/exit",
        summary="Leave after notice; run-off on the old shares (退出)",
        operation_id="exitMember",
        opt=MANAGER_OR_APPROVER,
    )
    async def exit(self, number: str, uscc: str, data: ExitForm, actor: Actor) -> MemberState:
        return await leaving.leave(actor, number, uscc, data)

    @post("/{uscc:str}/default", summary="Find in default (违约)", operation_id="defaultMember")
    async def default(self, number: str, uscc: str, data: DefaultForm, actor: Actor) -> MemberState:
        return await leaving.default(actor, number, uscc, data)

    @post("/{uscc:str}/cure", summary="Cure a default", operation_id="cureMember")
    async def cure(self, number: str, uscc: str, data: PoolNoteForm, actor: Actor) -> MemberState:
        return await leaving.cure(actor, number, uscc, data.note)

    @post(
        "/{uscc:str}/roles",
        summary="Take over a role by resolution (职责交接)",
        operation_id="takeOverRole",
    )
    async def take_over(
        self, number: str, uscc: str, data: TransferForm, actor: Actor
    ) -> MemberState:
        return await leaving.take_over(actor, number, uscc, data)

    @get(
        "/{uscc:str}/shortfall",
        summary="What a member left open, charged to nobody",
        operation_id="getShortfall",
        opt=INSIDERS,
    )
    async def shortfall(self, number: str, uscc: str, actor: Actor) -> ShortfallShape:
        return await member_records.shortfall(actor, number, uscc)

    @post(
        "/{uscc:str}/shortfall",
        summary="Ask the others about taking it over",
        operation_id="askShortfall",
        opt=PROPOSERS,
    )
    async def ask(self, number: str, uscc: str, data: ShortfallForm, actor: Actor) -> MemberState:
        return await leaving.ask_shortfall(actor, number, uscc, data)

    @get(
        "/{uscc:str}/shortfall/charges",
        summary="What others took over of it, part by part",
        operation_id="listShortfallCharges",
        opt=INSIDERS,
    )
    async def charges(self, number: str, uscc: str, actor: Actor) -> list[ShortfallChargeShape]:
        return await shortfall_records.charges(actor, number, uscc)

    @post(
        "/{uscc:str}/shortfall/charges",
        summary="Charge the others by consent and resolution (分担违约缺口)",
        operation_id="chargeShortfall",
    )
    async def charge(
        self, number: str, uscc: str, data: ShortfallChargeForm, actor: Actor
    ) -> ShortfallChargeShape:
        return await shortfalls.charge(actor, number, uscc, data)

    @post(
        "/{uscc:str}/shortfall/charges/{charge:str}/reversal",
        summary="Take a charge back as its mirror",
        operation_id="reverseShortfallCharge",
    )
    async def take_back(
        self, number: str, uscc: str, charge: str, data: ShortfallReversalForm, actor: Actor
    ) -> ShortfallChargeShape:
        return await shortfall_reversal.reverse(actor, number, uscc, charge, data)
