"""Accounts that insurers are paid on (收款账户), and what an insurer was paid (财政资金)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.payee_forms import PayeeAccountForm
from catalogue.subsidies import direct_payments, payee_accounts, recoveries
from service.auth import COMMITTEE, INSURER, Actor, Role, allow
from service.kernel.errors import DomainError
from service.web.desk_steps import Posted, offered, step_routes
from service.web.forms import Form, read_form
from service.web.money_steps import PAYEE_STEPS, SHARED, STATUS_ZH, account_key
from service.web.product_views import report_links
from service.web.render import page, redirect, turn_of

AnyRequest = Request[Any, Any, Any]
OFFICE = allow(*COMMITTEE, Role.AUDITOR)
PAYEES, HOME = "/money/payees", "/insurer/money"
LABELS = {"account_name": "户名", "account_number": "账号", "bank_name": "开户银行"}


@get(PAYEES, opt=OFFICE, include_in_schema=False)
async def payee_list(
    request: AnyRequest,
    actor: Actor,
    status: str = "",
    q: str = "",
    after: str | None = None,
    before: str | None = None,
) -> Response[str]:
    """Accounts of insurers, the newest first."""
    asked = {"status": status if status in STATUS_ZH["payee"] else None, "q": q.strip() or None}
    return page(
        request,
        "money/payees.html",
        found=await payee_accounts.account_page(actor, **asked, cursor=after or before),
        asked=asked,
        exports=report_links("payee-accounts", **asked),
        **SHARED,
    )


@get(PAYEES + "/{account:str}", opt=OFFICE, include_in_schema=False)
async def one_payee(request: AnyRequest, actor: Actor, account: str) -> Response[str]:
    """One account with what may be done."""
    return await _payee(request, actor, account, None)


async def _payee(
    request: AnyRequest, actor: Actor, account: str, posted: Posted | None
) -> Response[str]:
    found = await payee_accounts.account(actor, account_key(account))
    return page(
        request,
        "money/payee.html",
        posted.status if posted else 200,
        found=found,
        forms=offered(PAYEE_STEPS, found.status, actor, posted),
        steps=PAYEE_STEPS,
        posted=posted,
        **SHARED,
    )


@get(HOME, opt=allow(*INSURER), include_in_schema=False)
async def insurer_money(request: AnyRequest, actor: Actor) -> Response[str]:
    """The insurer's account, what it was paid directly and what it has to give back."""
    return await _insurer_page(request, actor, Form(PayeeAccountForm, LABELS))


async def _insurer_page(
    request: AnyRequest, actor: Actor, form: Form[Any], status: int = 200
) -> Response[str]:
    if not form.posted:
        form.values = {"account_name": await payee_accounts.holder_name(actor)}
    return page(
        request,
        "insurer/money.html",
        status,
        form=form,
        accounts=await payee_accounts.accounts(actor),
        payments=await direct_payments.payment_page(actor, turn_of(request.query_params)),
        owed=await recoveries.recoveries(actor),
        manager=actor.has(Role.INSURER_MANAGER),
        **SHARED,
    )


@post(HOME + "/account", opt=allow(Role.INSURER_MANAGER), include_in_schema=False)
async def propose(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Enter the account the insurer wants to be paid on."""
    form: Form[PayeeAccountForm] = await read_form(request, PayeeAccountForm, LABELS)
    data = form.parse()
    if data is not None:
        try:
            await payee_accounts.propose(actor, data)
            return redirect(request, HOME, "收款账户已登记，待管委会核验")
        except DomainError as error:
            form.add(error.findings)
    return await _insurer_page(request, actor, form, 422)


ROUTES = [
    payee_list,
    one_payee,
    *step_routes(PAYEES, "account", "payee", PAYEE_STEPS, _payee),
    insurer_money,
    propose,
]
