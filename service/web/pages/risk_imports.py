"""Lines and values of one risk from Excel or CSV: the import page of the library on a risk."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Request, Response, get, post

from catalogue.api.imports import BODY_MAX_BYTES, template_response
from catalogue.imports.outcome import ImportResult
from coinsurance.placements import imports
from coinsurance.placements.rows import issuer_of, risk_for
from service.auth import INSURER, Actor, allow
from service.kernel.db import work
from service.web.pages.imports import Desk, Import, ask, run

AnyRequest = Request[Any, Any, Any]
MEMBERS = allow(*INSURER)
HOME = "/risks/{number:str}"
OfRisk = Callable[[Actor, str, str, bytes, bool], Awaitable[ImportResult]]


def _lines(number: str) -> Desk:
    """Lines of a risk: a member's own, or those that the issuer records for others."""
    home = f"/risks/{number}"
    return Desk(
        _on(imports.import_lines, number),
        f"{home}/line-import",
        "导入份额线",
        "一次登记多条份额线：成员登记本机构在各分项的份额，出单人登记其他成员的线下份额。",
        (number, home),
        "条份额线",
        "模板含“份额”一张表，列名处有填写说明；线下份额须先上传书面凭证并填写其编号。",
        f"{home}#market",
        "请留意",
        "没有发现问题",
        ("下一步：回到该风险查看尚缺份额。", "查看该风险", home),
    )


def _values(number: str) -> Desk:
    """The schedule of values of a risk."""
    home = f"/risks/{number}"
    return Desk(
        _on(imports.import_values, number),
        f"{home}/value-import",
        "导入价值清单",
        "一次登记风险的全部标的价值，替换原有的价值清单。",
        (number, home),
        "项标的",
        "模板含“价值清单”一张表，列名处有填写说明；价值合计与保险金额不符的会提示。",
        f"{home}#facts",
        "请留意",
        "没有发现问题",
        ("下一步：核对价值合计与保险金额。", "查看该风险", home),
    )


def _on(call: OfRisk, number: str) -> Import:
    """An import on a risk as the page runs it."""

    async def of_risk(actor: Actor, name: str, content: bytes, dry_run: bool) -> ImportResult:
        return await call(actor, number, name, content, dry_run)

    return of_risk


@get(f"{HOME}/line-import", opt=MEMBERS, include_in_schema=False)
async def ask_lines(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """Template, file and how to go about it."""
    await risk_for(actor, number)
    return ask(request, _lines(number))


@get(f"{HOME}/line-import/template.xlsx", opt=MEMBERS, include_in_schema=False)
async def line_template(actor: Actor, number: str) -> Response[bytes]:
    """The workbook to be filled in with lines."""
    return template_response(await imports.line_template(actor, number), "risk-line")


@post(
    f"{HOME}/line-import",
    opt=MEMBERS,
    include_in_schema=False,
    request_max_body_size=BODY_MAX_BYTES,
)
async def run_lines(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """Try or import a file of lines."""
    await risk_for(actor, number)
    return await run(request, actor, _lines(number))


@get(f"{HOME}/value-import", opt=MEMBERS, include_in_schema=False)
async def ask_values(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """Template, file and how to go about it, for the issuer."""
    async with work():
        await issuer_of(actor, number)
    return ask(request, _values(number))


@get(f"{HOME}/value-import/template.xlsx", opt=MEMBERS, include_in_schema=False)
async def value_template(actor: Actor, number: str) -> Response[bytes]:
    """The workbook to be filled in with values."""
    return template_response(await imports.value_template(actor, number), "risk-value")


@post(
    f"{HOME}/value-import",
    opt=MEMBERS,
    include_in_schema=False,
    request_max_body_size=BODY_MAX_BYTES,
)
async def run_values(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """Try or import a file of values."""
    async with work():
        await issuer_of(actor, number)
    return await run(request, actor, _values(number))


ROUTES = [ask_lines, line_template, run_lines, ask_values, value_template, run_values]
