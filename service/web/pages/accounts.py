"""Accounts of a pool year: results, statements, what is owed, runs, breaks, certificates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from litestar import Request, Response, get, post

from coinsurance.pools import member_records
from coinsurance.rules.settlement.items import Item
from coinsurance.rules.settlement.workflows import DISPUTE, SETTLEMENT_RUN, STATEMENT
from coinsurance.settlement_forms import ExplanationForm
from coinsurance.settlements import (
    ageing,
    answers,
    bank_files,
    bordereaux,
    breaks,
    certificates,
    dispute_views,
    obligation_views,
    paying,
    records,
    results,
    run_views,
    runs,
    seats,
)
from service.auth import COMMITTEE, INSURER, Actor, Role, allow
from service.kernel.calendar import today
from service.kernel.errors import DomainError, NotFound, Refused
from service.kernel.findings import blocker
from service.kernel.money import format_yuan
from service.web.account_steps import (
    ACCOUNT_STEPS,
    DISPUTE_STEPS,
    INSTRUCTION,
    RESULTS,
    RUN_STEPS,
    STATEMENT_STEPS,
    TONES,
)
from service.web.desk_steps import DeskStep, Posted, not_taken, offered, step_routes
from service.web.forms import Form, read_form
from service.web.pages.pools import histories, labels_of
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]
HOME, STATEMENTS, RUNS = "/pool-accounts", "/statements", "/settlement-runs"
DISPUTES = "/pool-disputes"
INSIDERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
MEMBERS = allow(*INSURER)
FILE_MAX_BYTES = 5 * 1_048_576


@dataclass(slots=True)
class Said:
    """What was typed in a small form of the page and not taken: where it stands, and the form."""

    where: str
    form: Form[Any]


async def _accounts(
    request: AnyRequest,
    actor: Actor,
    number: str,
    posted: Posted | None,
    said: Said | None = None,
) -> Response[str]:
    result = await results.result(actor, number)
    keeps = await seats.keeps(actor, number)
    query = request.query_params
    every = query.get("obligations") == "all"
    listed, _ = await breaks.rows(actor, number, None, None, 50)
    return page(
        request,
        "accounts/year.html",
        posted.status if posted else 422 if said else 200,
        number=number,
        result=result,
        periods=await records.periods(actor, number),
        statements=await records.page(actor, number, limit=60, standing=True),
        obligations=await obligation_views.page(
            actor, number, unpaid=not every, cursor=query.get("after") or None, limit=40
        ),
        every=every,
        turned="after" in query,
        ages=await ageing.ageing(actor, number),
        runs=await run_views.page(actor, number, limit=40),
        breaks=listed,
        disputes=await dispute_views.page(actor, pool_year=number, limit=40),
        certificates=await certificates.certificates(actor, number),
        scores=await results.scorecard(actor, number),
        forms=offered(ACCOUNT_STEPS, "open", actor, posted) if keeps else {},
        steps=ACCOUNT_STEPS,
        posted=posted,
        said=said,
        keeps=keeps,
        tones=TONES,
        today=today(),
    )


@get(HOME + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def accounts(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """What a pool year comes to and who owes whom, as the reader may see it."""
    return await _accounts(request, actor, number, None)


@post(HOME + "/{number:str}/breaks/{which:str}", opt=MEMBERS, include_in_schema=False)
async def explain_break(
    request: AnyRequest, actor: Actor, number: str, which: str
) -> Response[Any]:
    """A named person explains a break."""
    form = await read_form(request, ExplanationForm, {"explanation": "差异说明"})
    form.form_id = which
    if await not_taken(form, lambda data: breaks.explain(actor, which, data.explanation)) is None:
        return redirect(request, f"{HOME}/{number}#breaks", "差异说明已登记")
    return await _accounts(request, actor, number, None, Said(which, form))


@post(
    HOME + "/{number:str}/bank-files",
    opt=MEMBERS,
    include_in_schema=False,
    request_max_body_size=FILE_MAX_BYTES + 1_048_576,
)
async def take_bank_file(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Take in a bank file, all or nothing."""
    form = await read_form(request, ExplanationForm, {"file": "银行文件"})
    form.form_id = "bank"
    try:
        upload = form.files.get("file")
        if upload is None or not upload.filename:
            raise Refused([blocker("form.missing", "file")])
        content = await upload.read(FILE_MAX_BYTES + 1)
        taken = await bank_files.take_in(actor, number, upload.filename, content)
        return redirect(request, f"{HOME}/{number}#runs", f"银行文件已入账 {taken}")
    except DomainError as error:
        if error.status == 404:
            raise
        form.add(error.findings)
    return await _accounts(request, actor, number, None, Said("bank", form))


@get(HOME + "/{number:str}/certificates/{which:str}", opt=INSIDERS, include_in_schema=False)
async def one_certificate(
    request: AnyRequest, actor: Actor, number: str, which: str
) -> Response[str]:
    """A year-end certificate as a page to print."""
    found = await certificates.record(actor, which)
    if found.pool_year != number:
        raise NotFound("无差异证明", "Certificate", which)
    return page(
        request,
        "accounts/certificate.html",
        certificate=found,
        items={item.value: item.zh for item in Item},
        tones=TONES,
    )


@post(
    HOME + "/{number:str}/certificates/{which:str}/confirmation",
    opt=allow(Role.INSURER_MANAGER),
    include_in_schema=False,
)
async def confirm_certificate(
    request: AnyRequest, actor: Actor, number: str, which: str
) -> Response[Any]:
    """A member confirms its year-end certificate."""
    home = f"{HOME}/{number}#certificates"
    try:
        await certificates.confirm(actor, which)
        return redirect(request, home, "无差异证明已确认")
    except DomainError as error:
        if error.status == 404:
            raise
        return redirect(request, home, error.text("zh")[:280], "bad")


async def statement_page(
    request: AnyRequest,
    actor: Actor,
    number: str,
    posted: Posted | None,
    sent: Form[Any] | None = None,
) -> Response[str]:
    """A statement with its lines; `sent` is a list of the member's own that was refused."""
    found = await records.record(actor, number)
    query = request.query_params
    open_steps = offered(STATEMENT_STEPS, found.status, actor, posted)
    may = await answers.may(actor, number)
    forms = {event: form for event, form in open_steps.items() if event in may}
    if "dispute" in forms and not posted:
        forms["dispute"].values["line"] = query.get("line", "")
    return page(
        request,
        "accounts/statement.html",
        posted.status if posted else 422 if sent else 200,
        statement=found,
        lists=await bordereaux.lists(actor, number),
        sent=sent or Form(None, {"file": "对账清单"}),
        own="dispute" in may,
        lines=await records.line_page(actor, number, query.get("after") or None, 100),
        forms=forms,
        opened="dispute" if query.get("line") else None,
        disputes={code: names[0] for code, names in DISPUTE.states.items()},
        steps=STATEMENT_STEPS,
        posted=posted,
        history=histories(found.history, labels_of(STATEMENT)),
        tones=TONES,
    )


@get(STATEMENTS + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def one_statement(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One statement: brought forward, lines with all they are about, carried forward."""
    return await statement_page(request, actor, number, None)


def _run_steps(run: Any) -> dict[str, DeskStep]:
    """The steps of a run; results are entered for the instructions that wait for one."""
    waiting = tuple(
        (str(one.number), _in_words(one))
        for one in run.instructions
        if one.status in paying.PAYABLE
    )
    choose = replace(INSTRUCTION, options=waiting)
    results_of = {
        event: replace(RUN_STEPS[event], fields=(choose, *RUN_STEPS[event].fields[1:]))
        for event in RESULTS
    }
    return RUN_STEPS | results_of


def _in_words(one: Any) -> str:
    """An instruction as a choice: its number in the run, who pays whom and what is left."""
    left = format_yuan(one.amount_fen - one.paid_fen)
    return f"{one.number:03d} {one.payer_name} 付 {one.payee_name}，未付 {left}"


async def _run(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    found = await run_views.record(actor, number)
    members = await member_records.members(actor, found.pool_year)
    keeps = await seats.keeps(actor, found.pool_year)
    forms = offered(RUN_STEPS, found.status, actor, posted) if keeps else {}
    asked = request.query_params.get("instruction", "")
    for event in RESULTS & forms.keys():
        if not (posted and posted.event == event):
            forms[event].values["instruction"] = asked
    return page(
        request,
        "accounts/run.html",
        posted.status if posted else 200,
        run=found,
        names={member.uscc: member.name for member in members},
        forms=forms,
        opened="paid" if asked else None,
        steps=_run_steps(found),
        posted=posted,
        states=paying.STATES,
        payable=paying.PAYABLE if RESULTS & forms.keys() else (),
        words=labels_of(SETTLEMENT_RUN),
        keeps=keeps,
        tones=TONES,
    )


@get(RUNS + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def one_run(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One settlement run with its proof of zero sum."""
    return await _run(request, actor, number, None)


@post(RUNS + "/{number:str}/bank-file", opt=MEMBERS, include_in_schema=False)
async def run_file(actor: Actor, number: str) -> Response[bytes]:
    """The payment file for the bank."""
    content = await runs.bank_file(actor, number)
    return Response(
        content,
        status_code=200,
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{number}.csv"'},
    )


async def _dispute(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    found = await dispute_views.record(actor, number)
    may = await dispute_views.may(actor, number)
    open_steps = offered(DISPUTE_STEPS, found.status, actor, posted)
    return page(
        request,
        "accounts/dispute.html",
        posted.status if posted else 200,
        dispute=found,
        forms={event: form for event, form in open_steps.items() if event in may},
        late=found.level_due_on is not None
        and found.level_due_on < today()
        and found.status in ("open", "escalated"),
        steps=DISPUTE_STEPS,
        posted=posted,
        words=labels_of(DISPUTE),
        tones=TONES,
    )


@get(DISPUTES + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def one_dispute(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One dispute on its ladder."""
    return await _dispute(request, actor, number, None)


ROUTES = [
    accounts,
    explain_break,
    take_bank_file,
    one_certificate,
    confirm_certificate,
    one_statement,
    one_run,
    run_file,
    one_dispute,
    *step_routes(HOME, "number", "pool_accounts", ACCOUNT_STEPS, _accounts),
    *step_routes(STATEMENTS, "number", "statement", STATEMENT_STEPS, statement_page),
    *step_routes(RUNS, "number", "settlement_run", RUN_STEPS, _run),
    *step_routes(DISPUTES, "number", "pool_dispute", DISPUTE_STEPS, _dispute),
]
