"""Policies at the insurer's desk (保单): recording, premium, endorsements, losses, answers."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.policies import endorsements, keepers, recording, records
from catalogue.policy_forms import (
    DisputeForm,
    EndorsementForm,
    LossForm,
    PolicyForm,
    ReceiptForm,
    UndoForm,
)
from catalogue.rules.subsidy.nouns import PolicyStatus, SubjectKind
from service.auth import COMMITTEE, INSURER, Actor, Role, allow
from service.kernel.errors import Conflict, DomainError, Refused
from service.web import product_views as views
from service.web.forms import Form, read_form
from service.web.render import page, redirect, turn_of

AnyRequest = Request[Any, Any, Any]
INSURERS = allow(*INSURER)
READERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
HOME = "/policies"
TONES = {
    "recorded": "info",
    "confirmed": "good",
    "disputed": "bad",
    "cancelled": "neutral",
    "expired": "neutral",
}
KINDS = {
    "additional_premium": "加费",
    "return_premium": "退费",
    "sum_change": "变更保额或期间",
    "cancel": "退保",
    "reinstate": "复效",
    "undo": "撤销",
}
LABELS = {
    "number": "保单号",
    "product": "产品编号",
    "insured_uscc": "被保险人统一社会信用代码",
    "object": "标的编号",
    "start_on": "保险起期",
    "end_on": "保险止期",
    "sum_insured_fen": "保险金额",
    "limit_fen": "责任限额",
    "rate_ppm": "费率",
    "premium_fen": "保险费",
    "insurers": "共保人",
    "insurers.uscc": "统一社会信用代码",
    "insurers.share_units": "份额",
    "instalments": "分期",
    "instalments.due_on": "缴费日",
    "instalments.amount_fen": "金额",
    "note": "备注",
}
RECEIPT = {
    "source": "资金来源",
    "amount_fen": "金额",
    "received_on": "收款日",
    "payer_name": "付款人",
    "payer_uscc": "付款人统一社会信用代码",
    "payer_account": "付款账号",
    "invoice_number": "发票号码",
    "invoiced_on": "开票日期",
    "bank_reference": "银行流水号",
}
ENDORSEMENT = {
    "kind": "批单类型",
    "effective_on": "生效日",
    "premium_change_fen": "保费变更",
    "sum_change_fen": "保额变更",
    "new_end_on": "新的止期",
    "reason": "批改原因",
}
LOSS = {
    "reference": "赔案号",
    "loss_on": "出险日",
    "paid_on": "赔付日",
    "paid_fen": "赔付金额",
    "payee_name": "收款人",
}


@get(HOME, opt=READERS, include_in_schema=False)
async def policy_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """Policies of the insurer, or all of them for the committee and the auditor."""
    query = request.query_params
    found = await records.policy_page(
        actor,
        query.get("q") or None,
        query.get("status") or None,
        query.get("kind") or None,
        turn_of(query),
    )
    return page(
        request,
        "policies/list.html",
        found=found,
        query=query,
        tones=TONES,
        statuses=PolicyStatus,
        kinds=SubjectKind,
        filtered=any(query.get(name) for name in ("q", "status", "kind", "after", "before")),
        exports=views.report_links(
            "policies", q=query.get("q"), status=query.get("status"), kind=query.get("kind")
        ),
    )


@get(f"{HOME}/new", opt=INSURERS, include_in_schema=False)
async def new_policy(request: AnyRequest, product: str = "") -> Response[str]:
    """An empty form, with the product chosen if it came along."""
    form: Form[PolicyForm] = Form(PolicyForm, LABELS, {"product": product})
    return page(request, "policies/new.html", form=form)


@post(f"{HOME}/new", opt=INSURERS, include_in_schema=False)
async def record_policy(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Record a policy, or show the findings beside what was typed."""
    form = await read_form(request, PolicyForm, LABELS)
    if form.rearranged:
        return page(request, "policies/new.html", form=form)
    data = form.parse()
    if data is not None:
        try:
            state = await recording.record_policy(actor, data)
            return redirect(request, f"{HOME}/{state.id}", f"已登记保单 {state.number}")
        except (Refused, Conflict) as error:
            form.add(error.findings)
    return page(request, "policies/new.html", 422, form=form)


@get(HOME + "/{policy_id:int}", opt=READERS, include_in_schema=False)
async def one_policy(request: AnyRequest, actor: Actor, policy_id: int) -> Response[str]:
    """One policy with everything that happened to it."""
    return await _policy_page(request, actor, policy_id)


async def _policy_page(
    request: AnyRequest, actor: Actor, policy_id: int, status: int = 200, **forms: Form[Any]
) -> Response[str]:
    record = await records.policy_record(actor, policy_id)
    empty: dict[str, Form[Any]] = {
        "receipt": Form(ReceiptForm, RECEIPT, {"source": "own"}),
        "endorsement": Form(EndorsementForm, ENDORSEMENT),
        "loss": Form(LossForm, LOSS),
        "answer": Form(DisputeForm, {"text": "答复"}),
    }
    for endorsement in record["endorsements"]:
        empty[_undoing(endorsement["number"])] = Form(UndoForm, ENDORSEMENT)
    shown = empty | forms
    for name, form in shown.items():
        form.form_id = name  # the forms of this page have fields of the same names
    return page(
        request,
        "policies/policy.html",
        status,
        record=record,
        forms=shown,
        tones=TONES,
        kinds=KINDS,
        statuses=PolicyStatus,
        writes=actor.has(*INSURER) and await records.may_write(actor, policy_id),
        kept=await keepers.keeper_of(policy_id),
        due_fen=record["current_premium_fen"] - record["received_fen"],
    )


def _undoing(number: int) -> str:
    """The name of the form that undoes an endorsement."""
    return f"undoing-{number}"


async def _take(
    request: AnyRequest,
    actor: Actor,
    policy_id: int,
    name: str,
    form: Form[Any],
    call: Any,
    done: str,
) -> Response[Any]:
    """Parse, call the use case, go back to the policy; with findings show the form again."""
    data = form.parse()
    if data is not None:
        try:
            await call(data)
            return redirect(request, f"{HOME}/{policy_id}", done)
        except DomainError as error:
            if error.status == 404:
                raise
            form.add(error.findings)
    return await _policy_page(request, actor, policy_id, 422, **{name: form})


@post(HOME + "/{policy_id:int}/receipts", opt=INSURERS, include_in_schema=False)
async def receive(request: AnyRequest, actor: Actor, policy_id: int) -> Response[Any]:
    """Premium received."""
    form = await read_form(request, ReceiptForm, RECEIPT)

    async def call(data: ReceiptForm) -> None:
        await recording.receive_premium(actor, policy_id, data)

    return await _take(request, actor, policy_id, "receipt", form, call, "已登记收款")


@post(HOME + "/{policy_id:int}/endorsements", opt=INSURERS, include_in_schema=False)
async def endorse(request: AnyRequest, actor: Actor, policy_id: int) -> Response[Any]:
    """A change of the policy."""
    form = await read_form(request, EndorsementForm, ENDORSEMENT)

    async def call(data: EndorsementForm) -> None:
        await endorsements.endorse(actor, policy_id, data)

    return await _take(request, actor, policy_id, "endorsement", form, call, "已出具批单")


@post(
    HOME + "/{policy_id:int}/endorsements/{number:int}/undoing",
    opt=INSURERS,
    include_in_schema=False,
)
async def undo(request: AnyRequest, actor: Actor, policy_id: int, number: int) -> Response[Any]:
    """Undo an endorsement by its mirror."""
    form = await read_form(request, UndoForm, ENDORSEMENT)

    async def call(data: UndoForm) -> None:
        await endorsements.undo(actor, policy_id, number, data)

    return await _take(request, actor, policy_id, _undoing(number), form, call, "已撤销批单")


@post(HOME + "/{policy_id:int}/losses", opt=INSURERS, include_in_schema=False)
async def loss(request: AnyRequest, actor: Actor, policy_id: int) -> Response[Any]:
    """A claim payment."""
    form = await read_form(request, LossForm, LOSS)

    async def call(data: LossForm) -> None:
        await recording.report_loss(actor, policy_id, data)

    return await _take(request, actor, policy_id, "loss", form, call, "已登记赔付")


@post(HOME + "/{policy_id:int}/answer", opt=INSURERS, include_in_schema=False)
async def answer(request: AnyRequest, actor: Actor, policy_id: int) -> Response[Any]:
    """The answer to a dispute."""
    form = await read_form(request, DisputeForm, {"text": "答复"})

    async def call(data: DisputeForm) -> None:
        await recording.answer(actor, policy_id, data)

    return await _take(request, actor, policy_id, "answer", form, call, "已答复异议")


ROUTES = [
    policy_list,
    new_policy,
    record_policy,
    one_policy,
    receive,
    endorse,
    undo,
    loss,
    answer,
]
