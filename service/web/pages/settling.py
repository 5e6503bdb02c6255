"""What rests on the accounts of a pool year: one debt, a member's own list, evidence, the book."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from coinsurance.rules.settlement.items import Item
from coinsurance.settlement_forms import EvidenceForm, InterestChargeForm, ObligationPaymentForm
from coinsurance.settlements import (
    bordereaux,
    evidence,
    exports,
    interest,
    obligation_views,
    obligations,
)
from service.auth import COMMITTEE, INSURER, Actor, Role, allow
from service.kernel.errors import DomainError, Refused
from service.kernel.findings import blocker
from service.web.account_steps import small
from service.web.audit_views import kind_zh, subject_href
from service.web.desk_steps import DeskStep, Posted, offered, step_routes
from service.web.forms import read_form
from service.web.pages.accounts import STATEMENTS, statement_page
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]
DEBTS, BUNDLES, LISTS = "/obligations", "/evidence-bundles", "/bordereaux"
INSIDERS = allow(*INSURER, *COMMITTEE, Role.AUDITOR)
MEMBERS = allow(*INSURER)
FILE_MAX_BYTES = 5 * 1_048_576
FIELDS_ZH = {"amount_fen": "金额", "policy": "保单号", "item": "项目", "share_units": "份额"}
VERDICT_TONES = {"match": "good", "altered": "warn", "extra": "bad", "missing": "bad"}


async def _charge(actor: Actor, number: str, form: InterestChargeForm) -> object:
    return await interest.charge(actor, number, form.until_on)


DEBT_STEPS = {
    "pay": DeskStep(
        "payments",
        "登记批次外付款",
        ObligationPaymentForm,
        obligations.pay,
        INSURER,
        "付款已入账",
        ("open",),
        (
            small("money", "amount_fen", "金额", must=True),
            small("day", "paid_on", "付款日", must=True),
            small("text", "bank_reference", "银行流水号", must=True),
        ),
        hint="由收款成员或账务主办人登记；同一银行流水号只能入账一次。",
    ),
    "charge": DeskStep(
        "interest",
        "计收逾期利息",
        InterestChargeForm,
        _charge,
        INSURER,
        "利息已入账",
        ("open",),
        (small("day", "until_on", "计至", must=True),),
        kind="plain",
        hint="自到期次日起按协议利率与计息方法计算，已计收的不再重复。",
    ),
}


async def _debt(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    found = await obligation_views.record(actor, number)
    books = found.open_fen > 0 and await obligation_views.may_book(actor, number)
    try:
        due = await interest.so_far(actor, number)
    except Refused:
        due = None
    return page(
        request,
        "accounts/obligation.html",
        posted.status if posted else 200,
        debt=found,
        interest=due,
        forms=offered(DEBT_STEPS, "open", actor, posted) if books else {},
        steps=DEBT_STEPS,
        posted=posted,
    )


@get(DEBTS + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def one_debt(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """What one member owes another: what is paid of it, disputed, late, and its interest."""
    return await _debt(request, actor, number, None)


@post(
    STATEMENTS + "/{number:str}/bordereaux",
    opt=MEMBERS,
    include_in_schema=False,
    request_max_body_size=FILE_MAX_BYTES + 1_048_576,
)
async def take_list(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Compare the member's own list with its statement, line by line."""
    form = await read_form(request, None, {"file": "对账清单"})
    form.form_id = "list"
    try:
        upload = form.files.get("file")
        if upload is None or not upload.filename:
            raise Refused([blocker("form.missing", "file")])
        content = await upload.read(FILE_MAX_BYTES + 1)
        made = await bordereaux.take_in(actor, number, upload.filename, content)
        return redirect(request, f"{LISTS}/{made}", "清单已逐行比对")
    except DomainError as error:
        if error.status == 404:
            raise
        form.add(error.findings)
    return await statement_page(request, actor, number, None, form)


@get(LISTS + "/template.xlsx", opt=MEMBERS, include_in_schema=False)
async def list_template() -> Response[bytes]:
    """The workbook to be filled in."""
    headers = {"Content-Disposition": 'attachment; filename="bordereau-template.xlsx"'}
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return Response(await bordereaux.template(), media_type=kind, headers=headers)


@get(LISTS + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def one_list(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """A member's list with the verdict of every line."""
    found = await bordereaux.record(actor, number)
    return page(
        request,
        "accounts/bordereau.html",
        bordereau=found,
        tones=VERDICT_TONES,
        names=FIELDS_ZH,
        items={item.value: item.zh for item in Item},
    )


@post(BUNDLES, opt=INSIDERS, include_in_schema=False)
async def make_bundle(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Put together everything that is known of a subject."""
    form = await read_form(request, EvidenceForm, {"subject_kind": "对象", "subject": "编号"})
    data = form.parse()
    if data is None:
        raise Refused(form.findings)
    made = await evidence.make(actor, data)
    return redirect(request, f"{BUNDLES}/{made.number}", "证据包已制作")


@get(BUNDLES + "/{number:str}", opt=INSIDERS, include_in_schema=False)
async def one_bundle(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """What a bundle holds, and where to take it from."""
    found = await evidence.record(actor, number)
    href = f"{DEBTS}/{found.subject}" if found.subject_kind == "obligation" else ""
    return page(
        request,
        "accounts/evidence.html",
        bundle=found,
        subject=kind_zh(found.subject_kind),
        href=href or subject_href(found.subject_kind, found.subject),
    )


@get(BUNDLES + "/{number:str}/archive.zip", opt=INSIDERS, include_in_schema=False)
async def bundle_archive(actor: Actor, number: str) -> Response[bytes]:
    """The bundle as an archive that a stranger can check."""
    headers = {"Content-Disposition": f'attachment; filename="{number}.zip"'}
    content = await evidence.archive(actor, number)
    return Response(content, media_type="application/zip", headers=headers)


@get(BUNDLES + "/{number:str}/print.html", opt=INSIDERS, include_in_schema=False)
async def bundle_print(actor: Actor, number: str) -> Response[bytes]:
    """The bundle as one page to print: a file of its own, with its own style, kept without us."""
    headers = {"Content-Disposition": f'attachment; filename="{number}.html"'}
    content = await evidence.page(actor, number)
    return Response(content, media_type="application/octet-stream", headers=headers)


@get("/pool-accounts/{number:str}/books/{book_format:str}", opt=INSIDERS, include_in_schema=False)
async def book(actor: Actor, number: str, book_format: str) -> Response[str]:
    """The book as plain text for beancount or hledger."""
    text = await exports.book_text(actor, number, book_format, None)
    headers = {"Content-Disposition": f'attachment; filename="{number}.{book_format}"'}
    return Response(text, media_type="text/plain", headers=headers)


ROUTES = [
    one_debt,
    take_list,
    list_template,
    one_list,
    make_bundle,
    one_bundle,
    bundle_archive,
    bundle_print,
    book,
    *step_routes(DEBTS, "number", "obligation", DEBT_STEPS, _debt),
]
