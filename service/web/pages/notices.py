"""What everybody may see of the money: public notices with objections, certificates of cover."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from litestar import Request, Response, get, post

from catalogue.enrolments import certificates
from catalogue.rules.subsidy.nouns import SubjectKind
from catalogue.subsidies import notices, objections
from catalogue.subsidies.objection_evidence import TOTAL_MAX_BYTES
from catalogue.subsidy_forms import EVIDENCE_FILES_MAX, ObjectionToNoticeForm
from catalogue.subsidy_shapes import NoticeRecord
from service.auth import anyone
from service.kernel.calendar import today, working_days_left
from service.kernel.errors import Conflict, NotFound, Refused
from service.kernel.findings import Finding
from service.web import firm_views as views
from service.web.forms import Form, read_form
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]
NO_LOG_IN = anyone()
LABELS = {
    "application": "申请编号",
    "line": "有异议的项目",
    "name": "真实姓名或单位名称",
    "contact": "联系方式",
    "text": "异议内容与依据",
    "evidence": "证据文件",
    "code": "核验码",
}


@get("/notices", opt=NO_LOG_IN, include_in_schema=False)
async def notice_list(
    request: AnyRequest, show: str = "", after: str | None = None, before: str | None = None
) -> Response[str]:
    """Running and past public notices, newest first."""
    wanted = {"open": True, "over": False}.get(show)
    found = await notices.notice_page(None, wanted, after or before)
    return page(
        request,
        "notices/list.html",
        found=found,
        show=show if wanted is not None else "",
        days_left=_days_left,
        day=today(),
    )


def _days_left(notice: Any) -> int | None:
    """Days of the notice still to come, today among them; zero when it is over, None if unknown.

    The day of publication does not count, so there are never more than the rule gives.
    """
    if not notice.open:
        return 0
    if notice.to_on is None:
        return None
    if notice.working_days:
        left = working_days_left(notice.to_on, today() - timedelta(days=1))
        return None if left is None else min(left, int(notice.day_count))
    return min((notice.to_on - today()).days + 1, int(notice.day_count))


@get("/notices/{number:str}", opt=NO_LOG_IN, include_in_schema=False)
async def notice(
    request: AnyRequest, number: str, application: str = "", line: str = ""
) -> Response[str]:
    """One notice; the objection form is filled with the line somebody pressed."""
    values = {"application": application, "line": line}
    form: Form[Any] = Form(ObjectionToNoticeForm, LABELS, values)
    return _notice_page(request, await notices.notice(number), form)


def _notice_page(
    request: AnyRequest, record: NoticeRecord, form: Form[Any], status: int = 200
) -> Response[str]:
    return page(
        request,
        "notices/notice.html",
        status,
        record=record,
        form=form,
        kinds=SubjectKind,
        days_left=_days_left(record),
        upcoming=today() < record.from_on,
        total_fen=sum(line.amount_fen for line in record.lines),
        states=views.LINE_STATES,
        files_max=EVIDENCE_FILES_MAX,
        files_bytes=TOTAL_MAX_BYTES,
    )


@post(
    "/notices/{number:str}/objections",
    opt=NO_LOG_IN,
    include_in_schema=False,
    request_max_body_size=TOTAL_MAX_BYTES + 1_048_576,
)
async def object_to(request: AnyRequest, number: str) -> Response[Any]:
    """Take an objection under the real name, with the files that prove it."""
    form: Form[ObjectionToNoticeForm] = await read_form(request, ObjectionToNoticeForm, LABELS)
    _split_choice(form)
    await _take_evidence(form)
    data = form.parse()
    if data is not None:
        try:
            receipt = await objections.object_to(number, data)
        except (Conflict, Refused) as error:
            form.add(_about_the_files(error.findings))
        else:
            by = f"，最迟 {receipt.decide_by} 前作出处理" if receipt.decide_by else ""
            by = f"，处理期限{receipt.decide_open.text_zh}" if receipt.decide_open else by
            said = f"异议已收到，编号 {receipt.number}{by}。请记下编号。"
            return redirect(request, f"/notices/{number}", said)
    return _notice_page(request, await notices.notice(number), form, 422)


async def _take_evidence(form: Form[Any]) -> None:
    """The chosen files as the API takes them, one after the other."""
    form.values["evidence"] = [
        {
            "file_name": file.filename,
            "content_base64": base64.b64encode(await file.read()).decode(),
        }
        for _, file in sorted(form.files.items())
    ]


def _about_the_files(findings: Iterable[Finding]) -> list[Finding]:
    """What was found on a file stands beside the input of the files; the text names the file."""
    return [
        replace(f, field="evidence") if f.field.startswith("evidence.") else f for f in findings
    ]


def _split_choice(form: Form[Any]) -> None:
    """The list of lines names application and line together, as ``SA-2026-000001/1``."""
    chosen = str(form.values.pop("choice", "") or "")
    application, _, line = chosen.partition("/")
    if line:
        form.values |= {"application": application, "line": line}


@get("/certificates", opt=NO_LOG_IN, include_in_schema=False)
async def ask_certificate(request: AnyRequest, code: str = "") -> Response[Any]:
    """Enter the code of a certificate; a code leads to its page."""
    wanted = certificates.normalise_code(code) if code.strip() else ""
    if wanted:
        try:
            found = await certificates.certificate(wanted)
        except NotFound:
            return _not_found(request, code)
        return redirect(request, certificates.page_path(found.code))
    return page(request, "notices/certificates.html", code="", unknown=bool(code.strip()))


def _not_found(request: AnyRequest, code: str) -> Response[str]:
    return page(request, "notices/certificates.html", 404, code=code[:60], unknown=True)


@get("/certificates/{code:str}", opt=NO_LOG_IN, include_in_schema=False)
async def certificate(request: AnyRequest, code: str) -> Response[str]:
    """Whether a certificate holds today, and what it is about."""
    try:
        found = await certificates.certificate(code)
    except NotFound:
        return _not_found(request, code)
    return page(
        request,
        "notices/certificate.html",
        record=found,
        kinds=SubjectKind,
        banner=views.CERTIFICATE_BANNERS[found.status],
    )


ROUTES = [notice_list, notice, object_to, ask_certificate, certificate]
