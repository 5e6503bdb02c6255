"""The pages for importing from Excel or CSV (批量导入): try first, then import all or none."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from litestar import Request, Response, get, post

from catalogue.api.imports import BODY_MAX_BYTES, template_response
from catalogue.enrolments import edition_imports
from catalogue.imports import sheets
from catalogue.imports.outcome import ImportResult
from catalogue.policies import imports as policy_imports
from catalogue.products import imports as product_imports
from service.auth import INSURER, Actor, Role, allow
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.web.forms import Form, read_form
from service.web.render import page

AnyRequest = Request[Any, Any, Any]
INSURERS = allow(*INSURER)
ADMIN = allow(Role.COMMITTEE_ADMIN)
MODES = [("try", "试导入：只检查，不写入"), ("import", "正式导入：全部写入")]
LABELS = {"file": "文件", "mode": "方式"}
Import = Callable[[Actor, str, bytes, bool], Awaitable[ImportResult]]


@dataclass(frozen=True, slots=True)
class Desk:
    """What one import page says and does; `record` is the address of what a row became."""

    run: Import
    home: str
    title: str
    lead: str
    place: tuple[str, str]
    unit: str
    sheets: str
    record: str
    advice: str
    fine: str
    next_step: tuple[str, str, str]


PRODUCTS = Desk(
    product_imports.import_products,
    "/insurer/import",
    "批量导入产品",
    "一次登记多个产品草稿。导入后逐个上传材料、检查并提交。",
    ("我的产品", "/insurer/products"),
    "个产品草稿",
    "模板含“产品”“条款”“保障责任”三张表，列名处有填写说明，“选项”表列出全部产品类型。",
    "/insurer/products/{}/draft",
    "提交前还需处理",
    "除上传材料外，没有发现问题",
    (
        "下一步：逐个打开草稿，上传条款文本等材料，检查后提交。",
        "查看全部草稿",
        "/insurer/products?status=draft",
    ),
)
POLICIES = Desk(
    policy_imports.import_policies,
    "/policies/import",
    "批量导入保单",
    "一次登记多张保单，连同共保份额、分期缴费和已收保费。",
    ("保单", "/policies"),
    "张保单",
    "模板含“保单”“共保份额”“分期缴费”“保费收款”四张表，用保单号相互对应，列名处有填写说明。",
    "/policies/{}",
    "请留意",
    "没有发现问题",
    ("下一步：企业核对确认后，保单可用于投保登记和补贴申请。", "查看全部保单", "/policies"),
)
EDITIONS = Desk(
    edition_imports.import_editions,
    "/catalogue-imports",
    "导入目录版本",
    "一次录入一个或几个推广应用指导目录版本及其条目、参数要求。",
    ("目录版本", "/catalogues"),
    "个目录版本",
    "模板含“版本”“条目”两张表，用版本代码相互对应；一个条目有几个参数就写几行。",
    "/catalogues/{}",
    "请留意",
    "没有发现问题",
    (
        "新版本自生效日起用于标的比对；同类别上一版本自动止于前一日。",
        "查看全部版本",
        "/catalogues",
    ),
)


@get(PRODUCTS.home, opt=INSURERS, include_in_schema=False)
async def ask_products(request: AnyRequest) -> Response[str]:
    """Template, file and how to go about it."""
    return ask(request, PRODUCTS)


@get(f"{PRODUCTS.home}/template.xlsx", opt=INSURERS, include_in_schema=False)
async def product_template() -> Response[bytes]:
    """The workbook to be filled in."""
    return template_response(await product_imports.template(), "product")


@post(PRODUCTS.home, opt=INSURERS, include_in_schema=False, request_max_body_size=BODY_MAX_BYTES)
async def run_products(request: AnyRequest, actor: Actor) -> Response[str]:
    """Try or import a file of products."""
    return await run(request, actor, PRODUCTS)


@get(POLICIES.home, opt=INSURERS, include_in_schema=False)
async def ask_policies(request: AnyRequest) -> Response[str]:
    """Template, file and how to go about it."""
    return ask(request, POLICIES)


@get(f"{POLICIES.home}/template.xlsx", opt=INSURERS, include_in_schema=False)
async def policy_template() -> Response[bytes]:
    """The workbook to be filled in."""
    return template_response(await policy_imports.template(), "policy")


@post(POLICIES.home, opt=INSURERS, include_in_schema=False, request_max_body_size=BODY_MAX_BYTES)
async def run_policies(request: AnyRequest, actor: Actor) -> Response[str]:
    """Try or import a file of policies."""
    return await run(request, actor, POLICIES)


@get(EDITIONS.home, opt=ADMIN, include_in_schema=False)
async def ask_editions(request: AnyRequest) -> Response[str]:
    """Template, file and how to go about it."""
    return ask(request, EDITIONS)


@get(f"{EDITIONS.home}/template.xlsx", opt=ADMIN, include_in_schema=False)
async def edition_template() -> Response[bytes]:
    """The workbook to be filled in."""
    return template_response(await edition_imports.template(), "catalogue-edition")


@post(EDITIONS.home, opt=ADMIN, include_in_schema=False, request_max_body_size=BODY_MAX_BYTES)
async def run_editions(request: AnyRequest, actor: Actor) -> Response[str]:
    """Try or import a file of catalogue editions."""
    return await run(request, actor, EDITIONS)


def ask(request: AnyRequest, desk: Desk) -> Response[str]:
    """The page with template, file and how to go about it."""
    return _page(request, desk, Form(None, LABELS, {"mode": "try"}))


async def run(request: AnyRequest, actor: Actor, desk: Desk) -> Response[str]:
    """Try or import a file; every finding names its sheet and cell."""
    form: Form[Any] = await read_form(request, None, LABELS)
    trial = form.value("mode") != "import"
    form.values["mode"] = "try" if trial else "import"
    file = form.files.get("file")
    if file is None:
        form.add([blocker("form.missing", "file")])
        return _page(request, desk, form, status=422)
    content = await file.read(sheets.SIZE_MAX_BYTES + 1)
    try:
        result = await desk.run(actor, file.filename, content, trial)
    except Refused as error:
        return _page(request, desk, form, error.status, refused=error.findings, name=file.filename)
    form.values["mode"] = "import" if trial else "try"
    return _page(request, desk, form, 200 if trial else 201, result=result, name=file.filename)


def _page(
    request: AnyRequest,
    desk: Desk,
    form: Form[Any],
    status: int = 200,
    *,
    result: ImportResult | None = None,
    refused: tuple[Finding, ...] = (),
    name: str = "",
) -> Response[str]:
    problems = [
        {"where": f.field, "text": f.text("zh"), "remedy": f.remedy("zh"), "blocks": f.blocks}
        for f in refused
    ]
    return page(
        request,
        "imports/import.html",
        status,
        desk=desk,
        form=form,
        modes=MODES,
        result=result,
        problems=problems,
        file_name=name,
        size_max=sheets.SIZE_MAX_BYTES,
    )


ROUTES = [
    ask_products,
    product_template,
    run_products,
    ask_policies,
    policy_template,
    run_policies,
    ask_editions,
    edition_template,
    run_editions,
]
