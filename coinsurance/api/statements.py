"""Statements of members (结算单): drafted and issued for all, answered one by one; disputes."""

from __future__ import annotations

from litestar import Controller, Response, get, post

from catalogue.api.public import Cursor, Limit
from coinsurance.reconciliation_shapes import StatementAnswer
from coinsurance.settlement_forms import (
    AgreementForm,
    DisputeForm,
    NoteForm,
    OutcomeForm,
    PeriodForm,
    StatementWhatIfForm,
)
from coinsurance.settlement_shapes import (
    DisputePage,
    DisputeShape,
    PeriodShape,
    StatementLines,
    StatementPage,
    StatementRecord,
)
from coinsurance.settlements import (
    answers,
    closing,
    dispute_outcomes,
    dispute_views,
    disputes,
    exports,
    records,
    what_if,
)
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

MEMBERS = allow(*INSURER)
MANAGERS = allow(Role.INSURER_MANAGER)
READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
CSV = "text/csv; charset=utf-8"


async def _standing(actor: Actor, number: str, period: str) -> StatementPage:
    return await records.page(actor, number, period=period.upper(), limit=200, standing=True)


class StatementPeriodRoutes(Controller):
    """The statements of all members of a pool year for one period."""

    path = "/pool-years/{number:str}"
    tags = ["statements"]
    opt = MEMBERS

    @get("/statements", summary="Statements of a year", operation_id="listStatements", opt=READERS)
    async def list_statements(
        self,
        number: str,
        actor: Actor,
        period: str | None = None,
        status: str | None = None,
        member: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> StatementPage:
        return await records.page(
            actor, number, period=period, status=status, member=member, cursor=cursor, limit=limit
        )

    @post("/statements", summary="Draft all for a period", operation_id="draftStatements")
    async def draft(self, number: str, data: PeriodForm, actor: Actor) -> StatementPage:
        await closing.prepare(actor, number, data.period)
        return await _standing(actor, number, data.period)

    @get("/statement-periods", summary="Periods", operation_id="listPeriods", opt=READERS)
    async def periods(self, number: str, actor: Actor) -> list[PeriodShape]:
        return await records.periods(actor, number)

    @post(
        "/statement-periods/{period:str}/approval",
        summary="Approve all",
        operation_id="approvePeriod",
        opt=MANAGERS,
    )
    async def approve(self, number: str, period: str, actor: Actor) -> StatementPage:
        await closing.approve(actor, number, period)
        return await _standing(actor, number, period)

    @post(
        "/statement-periods/{period:str}/issue",
        summary="Issue all in one transaction",
        operation_id="issuePeriod",
        opt=MANAGERS,
    )
    async def issue(self, number: str, period: str, actor: Actor) -> StatementPage:
        await closing.issue(actor, number, period)
        return await _standing(actor, number, period)

    @post(
        "/statement-periods/{period:str}/cancellation",
        summary="Cancel all of the last period",
        operation_id="cancelPeriod",
    )
    async def cancel(
        self, number: str, period: str, data: NoteForm, actor: Actor
    ) -> list[PeriodShape]:
        await closing.cancel(actor, number, period, data.note)
        return await records.periods(actor, number)


class StatementRoutes(Controller):
    """One statement, its lines and the member's answers."""

    path = "/statements/{number:str}"
    tags = ["statements"]
    opt = MEMBERS

    @get("/", summary="One statement", operation_id="getStatement", opt=READERS)
    async def one(self, number: str, actor: Actor) -> StatementRecord:
        return await records.record(actor, number)

    @get("/lines", summary="Its lines", operation_id="listStatementLines", opt=READERS)
    async def lines(
        self, number: str, actor: Actor, cursor: Cursor = None, limit: Limit = None
    ) -> StatementLines:
        return await records.line_page(actor, number, cursor, limit)

    @get(
        "/lines.csv",
        summary="All lines as CSV; own reference and dispute as they stand now",
        operation_id="downloadStatement",
        opt=READERS,
        media_type=CSV,
    )
    async def download(self, number: str, actor: Actor) -> Response[bytes]:
        content = await exports.statement_csv(actor, number)
        headers = {"Content-Disposition": f'attachment; filename="{number}.csv"'}
        return Response(content, media_type=CSV, headers=headers)

    @post("/approval", summary="Approve", operation_id="approveStatement", opt=MANAGERS)
    async def approve(self, number: str, actor: Actor) -> StatementRecord:
        await answers.approve_one(actor, number)
        return await records.record(actor, number)

    @post("/issue", summary="Issue a replacement", operation_id="issueStatement", opt=MANAGERS)
    async def issue(self, number: str, actor: Actor) -> StatementRecord:
        await answers.issue_one(actor, number)
        return await records.record(actor, number)

    @post("/acknowledgement", summary="Acknowledge", operation_id="acknowledgeStatement")
    async def acknowledge(self, number: str, actor: Actor) -> StatementRecord:
        await answers.acknowledge(actor, number)
        return await records.record(actor, number)

    @post("/agreement", summary="Agree the rest", operation_id="agreeStatement", opt=MANAGERS)
    async def agree(self, number: str, data: AgreementForm, actor: Actor) -> StatementRecord:
        await answers.agree(actor, number, data.note)
        return await records.record(actor, number)

    @post("/disputes", summary="Dispute one line", operation_id="disputeLine")
    async def dispute(self, number: str, data: DisputeForm, actor: Actor) -> DisputeShape:
        return await dispute_views.record(actor, await disputes.open_dispute(actor, number, data))

    @post(
        "/cancellation",
        summary="Cancel and draft anew",
        operation_id="cancelStatement",
        opt=MANAGERS,
    )
    async def cancel(self, number: str, data: NoteForm, actor: Actor) -> StatementRecord:
        return await records.record(actor, await answers.reissue(actor, number, data.note))


class DisputeRoutes(Controller):
    """Disputes over single lines, on the agreement's ladder."""

    path = "/disputes"
    tags = ["statements"]
    opt = MEMBERS

    @get("/", summary="Disputes", operation_id="listDisputes", opt=READERS)
    async def list_disputes(
        self,
        actor: Actor,
        pool_year: str | None = None,
        status: str | None = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> DisputePage:
        return await dispute_views.page(
            actor, pool_year=pool_year, status=status, cursor=cursor, limit=limit
        )

    @get("/{number:str}", summary="One dispute", operation_id="getDispute", opt=READERS)
    async def one(self, number: str, actor: Actor) -> DisputeShape:
        return await dispute_views.record(actor, number)

    @post("/{number:str}/escalation", summary="Up one level", operation_id="escalateDispute")
    async def escalate(self, number: str, actor: Actor) -> DisputeShape:
        await disputes.escalate(actor, number)
        return await dispute_views.record(actor, number)

    @post(
        "/{number:str}/referral", summary="Take outside", operation_id="referDispute", opt=MANAGERS
    )
    async def refer(self, number: str, data: NoteForm, actor: Actor) -> DisputeShape:
        await disputes.refer(actor, number, data.note)
        return await dispute_views.record(actor, number)

    @post("/{number:str}/withdrawal", summary="Withdraw", operation_id="withdrawDispute")
    async def withdraw(self, number: str, data: NoteForm, actor: Actor) -> DisputeShape:
        await dispute_outcomes.withdraw(actor, number, data.note)
        return await dispute_views.record(actor, number)

    @post(
        "/{number:str}/upholding",
        summary="The line was wrong",
        operation_id="upholdDispute",
        opt=allow(Role.INSURER_MANAGER, Role.COMMITTEE_APPROVER),
    )
    async def uphold(self, number: str, data: OutcomeForm, actor: Actor) -> DisputeShape:
        await dispute_outcomes.uphold(actor, number, data)
        return await dispute_views.record(actor, number)

    @post(
        "/{number:str}/dismissal",
        summary="The line was right",
        operation_id="dismissDispute",
        opt=allow(Role.COMMITTEE_APPROVER),
    )
    async def dismiss(self, number: str, data: OutcomeForm, actor: Actor) -> DisputeShape:
        await dispute_outcomes.dismiss(actor, number, data)
        return await dispute_views.record(actor, number)


class StatementWhatIfRoutes(Controller):
    """Statements of plain numbers; nothing is stored."""

    path = "/what-if"
    tags = ["what-if"]
    opt = READERS

    @post(
        "/statements",
        summary="Statements of several periods",
        operation_id="whatIfStatements",
        status_code=200,
    )
    async def statements(self, data: StatementWhatIfForm) -> StatementAnswer:
        return what_if.statements(data)
