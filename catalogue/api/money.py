"""Schemes and budgets, payment batches, recoveries."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from litestar import Controller, Response, get, post
from litestar.params import Parameter

from catalogue.api.parts import Words
from catalogue.api.public import Cursor, Limit
from catalogue.money_forms import (
    AppropriationForm,
    BatchForm,
    RecoveryForm,
    RepaymentForm,
    ResultForm,
    SchemeForm,
)
from catalogue.products.counting import parse_moment
from catalogue.subsidies import payments, recoveries, recovery_opening, results, schemes
from catalogue.subsidies.payments import BatchPage, BatchShape
from catalogue.subsidies.recoveries import RecoveryPage, RecoveryShape
from catalogue.subsidies.schemes import Budget, SchemeShape
from service.auth import COMMITTEE, INSURER, Actor, Role, allow, anyone

OFFICER = allow(Role.COMMITTEE_OFFICER)
APPROVER = allow(Role.COMMITTEE_APPROVER)
READERS = allow(*COMMITTEE, Role.AUDITOR)
PARTIES = allow(*COMMITTEE, Role.AUDITOR, Role.ENTERPRISE, *INSURER)


class SchemeRoutes(Controller):
    """Subsidy schemes (补贴项目) with their budgets."""

    path = "/schemes"
    tags = ["schemes"]

    @get("/", summary="Schemes with budgets", operation_id="listSchemes", opt=anyone())
    async def list_schemes(self, status: str | None = None) -> list[SchemeShape]:
        return await schemes.schemes(status)

    @post("/", summary="Prepare a scheme", operation_id="prepareScheme", opt=OFFICER)
    async def prepare(self, data: SchemeForm, actor: Actor) -> SchemeShape:
        return await schemes.prepare_scheme(actor, data)

    @get("/{code:str}", summary="One scheme", operation_id="getScheme", opt=anyone())
    async def one(self, code: str) -> SchemeShape:
        return await schemes.scheme(code)

    @get("/{code:str}/budget", summary="Budget in two times", operation_id="getBudget", opt=READERS)
    async def budget(
        self,
        code: str,
        as_of: date | None = None,
        as_known_at: Annotated[str | None, Parameter(description="Moment or day")] = None,
    ) -> Budget:
        known = parse_moment(as_known_at, "as_known_at") if as_known_at else None
        return await schemes.budget(code, as_of, known)

    @post("/{code:str}/opening", summary="Open", operation_id="openScheme", opt=APPROVER)
    async def open(self, code: str, actor: Actor) -> SchemeShape:
        return await schemes.open_scheme(actor, code)

    @post("/{code:str}/closure", summary="Close", operation_id="closeScheme", opt=APPROVER)
    async def close(self, code: str, actor: Actor) -> SchemeShape:
        return await schemes.close_scheme(actor, code)

    @post(
        "/{code:str}/appropriations",
        summary="More money",
        operation_id="appropriate",
        opt=APPROVER,
    )
    async def appropriate(self, code: str, data: AppropriationForm, actor: Actor) -> SchemeShape:
        return await schemes.appropriate(actor, code, data)

    @post(
        "/{code:str}/payment-batches",
        summary="Prepare a payment batch",
        operation_id="prepareBatch",
        opt=OFFICER,
    )
    async def prepare_batch(self, code: str, data: BatchForm, actor: Actor) -> BatchShape:
        return await payments.prepare_batch(actor, code, data)


class PaymentRoutes(Controller):
    """Payment batches (拨付批次)."""

    path = "/payment-batches"
    tags = ["payments"]
    opt = READERS

    @get("/", summary="Batches", operation_id="listBatches")
    async def list_batches(
        self,
        scheme: str | None = None,
        status: str | None = None,
        q: Annotated[str | None, Parameter(description="Number, payee, bank reference")] = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> BatchPage:
        return await payments.batch_page(scheme, status, q, cursor, limit)

    @get("/{number:str}", summary="One batch", operation_id="getBatch")
    async def one(self, number: str) -> BatchShape:
        return await payments.batch(number)

    @post("/{number:str}/approval", summary="Approve", operation_id="approveBatch", opt=APPROVER)
    async def approve(self, number: str, actor: Actor) -> BatchShape:
        return await payments.approve_batch(actor, number)

    @post(
        "/{number:str}/bank-file",
        summary="The file for the bank",
        operation_id="bankFile",
        opt=OFFICER,
        media_type="text/csv",
    )
    async def bank_file(self, number: str, actor: Actor) -> Response[bytes]:
        content = await payments.bank_file(actor, number)
        name = f'attachment; filename="{number}.csv"'
        headers = {"Content-Disposition": name}
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    @post("/{number:str}/results", summary="Bank result", operation_id="takeResult", opt=OFFICER)
    async def result(self, number: str, data: ResultForm, actor: Actor) -> BatchShape:
        return await results.take_result(actor, number, data)


class RecoveryRoutes(Controller):
    """Recoveries (追回)."""

    tags = ["recoveries"]
    opt = PARTIES

    @get("/recoveries", summary="Recoveries", operation_id="listRecoveries")
    async def list_recoveries(
        self,
        actor: Actor,
        status: str | None = None,
        q: Words = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> RecoveryPage:
        return await recoveries.recovery_page(actor, status, q, cursor, limit)

    @get("/recoveries/{number:str}", summary="One recovery", operation_id="getRecovery")
    async def one(self, number: str, actor: Actor) -> RecoveryShape:
        return await recoveries.recovery(actor, number)

    @post(
        "/applications/{application:str}/lines/{line:int}/recoveries",
        summary="Claim money back",
        operation_id="claimRecovery",
        opt=OFFICER,
    )
    async def claim(
        self, application: str, line: int, data: RecoveryForm, actor: Actor
    ) -> RecoveryShape:
        return await recovery_opening.claim(actor, application, line, data)

    @post(
        "/recoveries/{number:str}/approval",
        summary="Approve a recovery",
        operation_id="approveRecovery",
        opt=APPROVER,
    )
    async def approve(self, number: str, actor: Actor) -> RecoveryShape:
        return await recoveries.approve(actor, number)

    @post(
        "/recoveries/{number:str}/cancellation",
        summary="Drop a proposal",
        operation_id="cancelRecovery",
        opt=APPROVER,
    )
    async def cancel(self, number: str, actor: Actor) -> RecoveryShape:
        return await recoveries.cancel(actor, number)

    @post(
        "/recoveries/{number:str}/repayments",
        summary="Money that came back",
        operation_id="receiveRepayment",
        opt=OFFICER,
    )
    async def receive(self, number: str, data: RepaymentForm, actor: Actor) -> RecoveryShape:
        return await recoveries.receive(actor, number, data)
