"""Budgets, payment batches and recoveries of the committee (预算与拨付)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.books import scheme_book
from catalogue.imports import sheets
from catalogue.money_forms import BatchForm, ResultForm, SchemeForm
from catalogue.products.counting import parse_moment
from catalogue.rules.subsidy import FAMILY_PREFIX
from catalogue.rules.subsidy.procedure_book import PREFIX
from catalogue.subsidies import payments, recoveries, results, schemes
from catalogue.subsidies.result_file import read_result
from service import people
from service.auth import COMMITTEE, Actor, Role, allow
from service.kernel.errors import DomainError, Refused
from service.kernel.findings import blocker
from service.web.desk_steps import Posted, offered, step_routes
from service.web.forms import Form, read_form
from service.web.money_steps import (
    BATCH_STEPS,
    OFFICER,
    RECOVERY_STEPS,
    RESULT_LABELS,
    SCHEME_LABELS,
    SCHEME_STEPS,
    SHARED,
    STATUS_ZH,
)
from service.web.product_views import report_links
from service.web.render import page, redirect, turn_of
from service.web.rule_words import rule_lines

AnyRequest = Request[Any, Any, Any]
READERS = allow(*COMMITTEE, Role.AUDITOR)
SCHEMES, BATCHES, RECOVERIES = "/money/schemes", "/money/batches", "/money/recoveries"


@get(SCHEMES, opt=READERS, include_in_schema=False)
async def scheme_list(request: AnyRequest) -> Response[str]:
    """Schemes with their budgets as they stand now."""
    return page(request, "money/schemes.html", schemes=await schemes.schemes(), **SHARED)


async def _rule_choices() -> dict[str, list[tuple[str, str]]]:
    """Published rules and books of procedure to choose from."""
    listed = await people.list_rules()
    found: dict[str, list[tuple[str, str]]] = {"rules": [], "procedures": []}
    for name, prefix in (("rules", FAMILY_PREFIX), ("procedures", PREFIX)):
        found[name] = [
            (f"{r.family} {r.version}", f"{r.title} {r.version}")
            for r in listed
            if r.family.startswith(prefix)
        ]
    return found


@get(f"{SCHEMES}/new", opt=allow(*OFFICER), include_in_schema=False)
async def new_scheme(request: AnyRequest) -> Response[str]:
    """An empty scheme."""
    form: Form[Any] = Form(SchemeForm, SCHEME_LABELS)
    return page(request, "money/scheme_new.html", form=form, **await _rule_choices())


@post(f"{SCHEMES}/new", opt=allow(*OFFICER), include_in_schema=False)
async def prepare_scheme(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Prepare a scheme; the chosen rule is a family and a version."""
    form = await read_form(request, SchemeForm, SCHEME_LABELS)
    chosen = {name: str(form.values.pop(name, "")) for name in ("rule", "procedure")}
    for name, book in chosen.items():
        family, _, version = book.rpartition(" ")
        form.values |= {f"{name}_family": family, f"{name}_version": version} if family else {}
    data = form.parse()
    if data is not None:
        try:
            made = await schemes.prepare_scheme(actor, data)
            return redirect(request, f"{SCHEMES}/{made.code}", "项目已编制，待审批人开放")
        except DomainError as error:
            form.add(error.findings)
    form.values |= chosen
    return page(request, "money/scheme_new.html", 422, form=form, **await _rule_choices())


@get(SCHEMES + "/{code:str}", opt=READERS, include_in_schema=False)
async def one_scheme(request: AnyRequest, actor: Actor, code: str) -> Response[str]:
    """One scheme: its rule in words, its budget in two times, its batches."""
    return await _scheme(request, actor, code, None)


async def _scheme(
    request: AnyRequest, actor: Actor, code: str, posted: Posted | None
) -> Response[str]:
    found = await schemes.scheme(code)
    query: dict[str, str] = {
        name: request.query_params.get(name, "") for name in ("as_of", "known")
    }
    form: Form[Any] = Form(None, {"as_of": "截至日期", "known": "系统已知"}, query)
    budget = found.budget
    try:
        days = [parse_moment(query[n], n) if query[n] else None for n in ("as_of", "known")]
        day = days[0].date() if days[0] and len(query["as_of"]) == 10 else None
        if any(days):
            budget = await schemes.budget(code, day, days[1])
    except Refused as error:
        form.add(error.findings)
    row = await schemes.scheme_row(code)
    rules = (await scheme_book(row["id"])).rules
    return page(
        request,
        "money/scheme.html",
        posted.status if posted else 422 if form.findings else 200,
        scheme=found,
        budget=budget,
        looking_back=any(query.values()) and not form.findings,
        query=form,
        rule=rule_lines(rules.clauses),
        batches=(await payments.batch_page(code)).items,
        forms=offered(SCHEME_STEPS, found.status, actor, posted),
        steps=SCHEME_STEPS,
        posted=posted,
        **SHARED,
    )


@get(BATCHES, opt=READERS, include_in_schema=False)
async def batch_list(request: AnyRequest) -> Response[str]:
    """Payment batches, newest first."""
    query = request.query_params
    status = query.get("status", "")
    asked = {
        "scheme": query.get("scheme") or None,
        "status": status if status in STATUS_ZH["batch"] else None,
        "q": query.get("q") or None,
    }
    found = await payments.batch_page(**asked, cursor=turn_of(query))
    known = [(s.code, s.name) for s in await schemes.schemes()]
    return page(
        request,
        "money/batches.html",
        found=found,
        asked=asked,
        known=known,
        exports=report_links("payments", **asked),
        **SHARED,
    )


@get(BATCHES + "/{number:str}", opt=READERS, include_in_schema=False)
async def one_batch(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One batch with its payments."""
    return await _batch(request, actor, number, None)


async def _batch(
    request: AnyRequest,
    actor: Actor,
    number: str,
    posted: Posted | None,
    result: Form[Any] | None = None,
) -> Response[str]:
    found = await payments.batch(number)
    waiting = [item for item in found.items if item.status == "pending"]
    rows = [{"item": i.number, "amount_fen": i.amount_fen} for i in waiting[:50]]
    form: Form[Any] = result or Form(ResultForm, RESULT_LABELS, {"rows": rows})
    return page(
        request,
        "money/batch.html",
        422 if result and result.findings else posted.status if posted else 200,
        batch=found,
        failed=[item for item in found.items if item.status == "failed"],
        waiting=waiting,
        result=form,
        officer=actor.has(*OFFICER),
        forms=offered(BATCH_STEPS, found.status, actor, posted),
        steps=BATCH_STEPS,
        posted=posted,
        **SHARED,
    )


@post(BATCHES + "/{number:str}/bank-file", opt=allow(*OFFICER), include_in_schema=False)
async def bank_file(actor: Actor, number: str) -> Response[bytes]:
    """The payment file; the first download marks the batch as sent."""
    content = await payments.bank_file(actor, number)
    return Response(
        content,
        status_code=200,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{number}.csv"'},
    )


async def _read_file(form: Form[Any]) -> None:
    """Take the rows from the uploaded file, where there is one."""
    file = form.files.get("file")
    if file is not None:
        content = await file.read(sheets.SIZE_MAX_BYTES + 1)
        form.values = dict(read_result(file.filename, content))


@post(
    BATCHES + "/{number:str}/results",
    opt=allow(*OFFICER),
    include_in_schema=False,
    request_max_body_size=sheets.SIZE_MAX_BYTES + 1_048_576,
)
async def take_result(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """The bank's result, typed row by row or as its file: all rows or none."""
    form = await read_form(request, ResultForm, RESULT_LABELS)
    if form.rearranged:
        return await _batch(request, actor, number, None, form)
    try:
        await _read_file(form)
        data = form.parse()
        if data is not None:
            await results.take_result(actor, number, data)
            return redirect(request, f"{BATCHES}/{number}", "银行结果已入账")
    except DomainError as error:
        if error.status == 404:
            raise
        form.add(error.findings)
    return await _batch(request, actor, number, None, form)


@post(BATCHES + "/{number:str}/retry", opt=allow(*OFFICER), include_in_schema=False)
async def retry(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Put the failed payments of a batch into another."""
    found = await payments.batch(number)
    lines = [item.line for item in found.items if item.status == "failed"]
    try:
        if not lines:
            raise Refused([blocker("payment.not_payable", "", lines=[])])
        made = await payments.prepare_batch(actor, found.scheme, BatchForm(lines=lines))
        return redirect(request, f"{BATCHES}/{made.number}", "失败款项已编入新批次，待审批")
    except DomainError as error:
        form: Form[Any] = Form(ResultForm, RESULT_LABELS)
        form.add(error.findings)
        return await _batch(request, actor, number, None, form)


@get(RECOVERIES, opt=READERS, include_in_schema=False)
async def recovery_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """Recoveries, newest first."""
    query = request.query_params
    status = query.get("status", "")
    asked = {
        "status": status if status in STATUS_ZH["recovery"] else None,
        "q": query.get("q") or None,
    }
    return page(
        request,
        "money/recoveries.html",
        found=await recoveries.recovery_page(actor, **asked, cursor=turn_of(query)),
        asked=asked,
        exports=report_links("recoveries", **asked),
        **SHARED,
    )


@get(RECOVERIES + "/{number:str}", opt=READERS, include_in_schema=False)
async def one_recovery(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One recovery with its calculation."""
    return await _recovery(request, actor, number, None)


async def _recovery(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    found = await recoveries.recovery(actor, number)
    return page(
        request,
        "money/recovery.html",
        posted.status if posted else 200,
        found=found,
        forms=offered(RECOVERY_STEPS, found.status, actor, posted),
        steps=RECOVERY_STEPS,
        posted=posted,
        **SHARED,
    )


ROUTES = [
    scheme_list,
    new_scheme,
    prepare_scheme,
    one_scheme,
    *step_routes(SCHEMES, "code", "scheme", SCHEME_STEPS, _scheme),
    batch_list,
    one_batch,
    *step_routes(BATCHES, "number", "batch", BATCH_STEPS, _batch),
    bank_file,
    take_result,
    retry,
    recovery_list,
    one_recovery,
    *step_routes(RECOVERIES, "number", "recovery", RECOVERY_STEPS, _recovery),
]
