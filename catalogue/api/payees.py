"""Accounts that insurers are paid on, and what they were paid directly."""

from __future__ import annotations

from litestar import Controller, get, post

from catalogue.api.parts import Words
from catalogue.api.public import Cursor, Limit
from catalogue.forms import NoteForm
from catalogue.payee_forms import PayeeAccountForm
from catalogue.subsidies import direct_payments, payee_accounts
from catalogue.subsidies.direct_payments import DirectPaymentPage
from catalogue.subsidies.payee_accounts import PayeeAccountPage, PayeeAccountShape
from catalogue.subsidy_forms import ReasonForm
from service.auth import COMMITTEE, INSURER, Actor, Role, allow

READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
APPROVER = allow(Role.COMMITTEE_APPROVER)


class PayeeRoutes(Controller):
    """Payees of direct payments (直接支付): the insurers and their accounts."""

    tags = ["payments"]
    opt = READERS

    @get("/payee-accounts", summary="Accounts of insurers", operation_id="listPayeeAccounts")
    async def list_accounts(
        self,
        actor: Actor,
        status: str | None = None,
        q: Words = None,
        cursor: Cursor = None,
        limit: Limit = None,
    ) -> PayeeAccountPage:
        return await payee_accounts.account_page(actor, status, q, cursor, limit)

    @post(
        "/payee-accounts",
        summary="Enter the account of one's own insurer",
        operation_id="proposePayeeAccount",
        opt=allow(Role.INSURER_MANAGER),
    )
    async def propose(self, data: PayeeAccountForm, actor: Actor) -> PayeeAccountShape:
        return await payee_accounts.propose(actor, data)

    @post(
        "/payee-accounts/{account:int}/verification",
        summary="Verify an account; it takes the place of the one before",
        operation_id="verifyPayeeAccount",
        opt=APPROVER,
    )
    async def verify(self, account: int, data: NoteForm, actor: Actor) -> PayeeAccountShape:
        return await payee_accounts.verify(actor, account, data.note)

    @post(
        "/payee-accounts/{account:int}/refusal",
        summary="Refuse an account",
        operation_id="refusePayeeAccount",
        opt=APPROVER,
    )
    async def refuse(self, account: int, data: ReasonForm, actor: Actor) -> PayeeAccountShape:
        return await payee_accounts.refuse(actor, account, data.note)

    @get(
        "/direct-payments",
        summary="Public money paid to insurers",
        operation_id="listDirectPayments",
    )
    async def list_payments(
        self, actor: Actor, cursor: Cursor = None, limit: Limit = None
    ) -> DirectPaymentPage:
        return await direct_payments.payment_page(actor, cursor, limit)
