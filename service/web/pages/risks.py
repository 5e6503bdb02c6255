"""Risks of a pool: the list, the draft, and the placement room (风险与份额)."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post

from catalogue.api.products import document_response
from catalogue.products import documents
from catalogue.products.documents import SIZE_MAX_BYTES
from coinsurance.placement_forms import (
    BindForm,
    CharacterCheckForm,
    GrantForm,
    NoteForm,
    RiskChangeForm,
    RiskForm,
)
from coinsurance.placements import binding, checks, files, risk_records, risks, subjectivities
from coinsurance.placements.rows import risk_for
from coinsurance.rules.nouns import RiskMethod
from coinsurance.rules.workflows import LINE, RISK
from service.auth import COMMITTEE, INSURER, Actor, Role, allow
from service.kernel.calendar import today
from service.kernel.errors import DomainError, Refused
from service.kernel.findings import blocker
from service.web.desk_steps import Posted, not_taken, offered, step_routes
from service.web.forms import Form, read_form
from service.web.render import page, redirect
from service.web.risk_grants import LABELS as GRANT_LABELS
from service.web.risk_grants import granted
from service.web.risk_steps import BIND_LABELS, CHECK_LABELS, LABELS, RISK_STEPS, TONES

AnyRequest = Request[Any, Any, Any]
HOME = "/risks"
MEMBERS = allow(*INSURER)
KEEPERS = allow(*INSURER, Role.ENTERPRISE)
PARTIES = allow(*INSURER, Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)
UPLOAD_MAX_BYTES = SIZE_MAX_BYTES + 1_048_576
KINDS = (("section", "分项"), ("layer", "分层"))
ISSUED = (("agreement_attached", "首席出单并附共保协议"), ("all_sign", "各保险人共同签署"))
OF_ISSUER = frozenset({"submit", "market", "off_platform", "withdraw"})
"""Steps of the insurer that would issue the policy."""
SHARED = {
    "tones": TONES,
    "lines_zh": {code: names[0] for code, names in LINE.states.items()},
    "statuses": {code: names[0] for code, names in RISK.states.items()},
    "methods": RiskMethod,
}


@get(HOME, opt=PARTIES, include_in_schema=False)
async def risk_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """Risks the reader may see, newest first."""
    query = request.query_params
    found = await risk_records.risk_page(
        actor,
        query.get("q") or None,
        query.get("status") or None,
        query.get("pool_year") or None,
        query.get("after") or None,
        None,
    )
    return page(request, "risks/list.html", found=found, query=query, **SHARED)


def _form_page(request: AnyRequest, form: Form[Any], action: str, **more: Any) -> Response[str]:
    return page(
        request,
        "risks/form.html",
        422 if form.findings else 200,
        form=form,
        action=action,
        kinds=KINDS,
        method_choices=RiskMethod.choices(),
        **more,
    )


@get(f"{HOME}/new", opt=MEMBERS, include_in_schema=False)
async def new_risk(request: AnyRequest, pool_year: str = "") -> Response[str]:
    """An empty risk, of the year it was asked from."""
    values = {
        "pool_year": pool_year,
        "method": "lines",
        "sections": [{"code": "1", "title": "物质损失", "kind": "section"}],
    }
    return _form_page(request, Form(RiskForm, LABELS, values), f"{HOME}/new", number="")


@post(f"{HOME}/new", opt=MEMBERS, include_in_schema=False)
async def create_risk(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Save the draft, or show the findings beside what was typed."""
    form = await read_form(request, RiskForm, LABELS)
    data = None if form.rearranged else form.parse()
    if data is not None:
        try:
            state = await risks.create_risk(actor, data)
            return redirect(request, f"{HOME}/{state.number}", "风险草稿已保存")
        except DomainError as error:
            form.add(error.findings)
    return _form_page(request, form, f"{HOME}/new", number="")


@get(HOME + "/{number:str}/edit", opt=MEMBERS, include_in_schema=False)
async def edit_risk(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """The draft as it is stored."""
    found = await risk_records.risk_record(actor, number)
    values = {
        "insured_uscc": found.insured.uscc,
        "sections": [
            _struct(s, "code title kind attachment_fen limit_fen aggregate_fen premium_fen")
            for s in found.sections
        ],
        "zones": [_struct(z, "zone at_risk_ppm") for z in found.zones if z.listed],
        "values": [_struct(v, "item location value_fen") for v in found.values],
        "survey": found.survey,
        **_struct(
            found,
            "product title business_class site project_name project_number method"
            " start_on end_on rate_ppm sum_insured_fen premium_fen deductible_fen"
            " referral",
        ),
    }
    form = Form.of(values, RiskChangeForm, LABELS)
    return _form_page(request, form, f"{HOME}/{number}/edit", number=number)


def _struct(record: Any, names: str) -> dict[str, Any]:
    """Some fields of a record by name."""
    return {name: getattr(record, name) for name in names.split()}


@post(HOME + "/{number:str}/edit", opt=MEMBERS, include_in_schema=False)
async def change_risk(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Replace the draft."""
    form = await read_form(request, RiskChangeForm, LABELS)
    data = None if form.rearranged else form.parse()
    if data is not None:
        try:
            await risks.change_risk(actor, number, data, None)
            return redirect(request, f"{HOME}/{number}", "风险已保存")
        except DomainError as error:
            if error.status == 404:
                raise
            form.add(error.findings)
    return _form_page(request, form, f"{HOME}/{number}/edit", number=number)


async def _room(
    request: AnyRequest,
    actor: Actor,
    number: str,
    posted: Posted | None,
    status: int = 200,
    **forms: Form[Any],
) -> Response[str]:
    found = await risk_records.risk_record(actor, number)
    firm = actor.has(Role.ENTERPRISE)
    live = found.status not in ("draft", "withdrawn") and not firm
    kept = [] if found.status == "draft" else await checks.records(actor, number)
    shown = {
        "check": Form(CharacterCheckForm, CHECK_LABELS),
        "bind": Form(BindForm, BIND_LABELS),
        "file": Form(None, {"file": "文件", "kind": "种类"}),
    } | forms
    grant = shown.pop("grant", None)
    for name, form in shown.items():
        form.form_id = name
    access = await risk_for(actor, number)
    issuer = access.is_issuer
    listed = await files.list_files(actor, number)
    forms_open = offered(RISK_STEPS, found.status, actor, posted)
    if not posted and not any(line.to_stand and not line.cut_consented for line in found.lines):
        forms_open.pop("cut", None)
    return page(
        request,
        "risks/room.html",
        posted.status if posted else status,
        risk=found,
        preview=await risk_records.preview(actor, number) if live else None,
        checks=kept,
        files=listed,
        granted=await granted(actor, number, access, listed, grant),
        keeper=issuer or access.is_insured,
        file_kinds=files.RiskFileKind.choices(),
        forms={k: f for k, f in forms_open.items() if issuer or k not in OF_ISSUER},
        steps=RISK_STEPS,
        posted=posted,
        check=shown["check"],
        bind=shown["bind"],
        file=shown["file"],
        said=next((item for item in forms.items() if item[0].startswith("condition-")), None),
        issued=ISSUED,
        backdated=found.start_on < today(),
        insurer=actor.has(*INSURER),
        issuer=issuer,
        manager=issuer and actor.has(Role.INSURER_MANAGER),
        **SHARED,
    )


@get(HOME + "/{number:str}", opt=PARTIES, include_in_schema=False)
async def one_risk(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """The placement room: what is written, what is missing to 100 %, what stands in the way."""
    return await _room(request, actor, number, None)


async def _subjectivity(
    request: AnyRequest, actor: Actor, number: str, serial: int, call: Any, done: str
) -> Response[Any]:
    form = await read_form(request, NoteForm, {"note": "说明"})
    status = await not_taken(form, lambda data: call(actor, number, serial, data))
    if status is None:
        return redirect(request, f"{HOME}/{number}#conditions", done)
    return await _room(request, actor, number, None, status, **{f"condition-{serial}": form})


@post(
    HOME + "/{number:str}/subjectivities/{serial:int}/fulfilment",
    opt=MEMBERS,
    include_in_schema=False,
)
async def meet(request: AnyRequest, actor: Actor, number: str, serial: int) -> Response[Any]:
    """Say how a condition was met."""
    return await _subjectivity(
        request, actor, number, serial, subjectivities.meet, "条件已登记为满足"
    )


@post(
    HOME + "/{number:str}/subjectivities/{serial:int}/waiver", opt=MEMBERS, include_in_schema=False
)
async def waive(request: AnyRequest, actor: Actor, number: str, serial: int) -> Response[Any]:
    """Waive a condition."""
    return await _subjectivity(request, actor, number, serial, subjectivities.waive, "条件已放弃")


@post(
    HOME + "/{number:str}/character-checks",
    opt=MEMBERS,
    include_in_schema=False,
    request_max_body_size=UPLOAD_MAX_BYTES,
)
async def make_check(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Check the legal character with the insured's consent that comes along."""
    form = await read_form(request, CharacterCheckForm, CHECK_LABELS)
    try:
        form.values["consent_document"] = str(await _kept(actor, form))
        data = form.parse()
        if data is not None:
            made = await checks.make(actor, number, data)
            home = f"{HOME}/{number}/character-checks/{made.number}"
            told = ("法律性质核查通过", "good") if made.passed else ("法律性质核查未通过", "bad")
            return redirect(request, home, *told)
    except DomainError as error:
        if error.status == 404:
            raise
        form.add(error.findings)
    return await _room(request, actor, number, None, 422, check=form)


async def _kept(actor: Actor, form: Form[Any], name: str = "file") -> int:
    """A paper that was uploaded, kept as a document of the insurer; returns its key."""
    upload = form.files.get(name)
    if upload is None or not upload.filename:
        raise Refused([blocker("form.missing", name)])
    content = await upload.read(SIZE_MAX_BYTES + 1)
    return (await documents.store(actor, upload.filename, "other", content)).id


@get(HOME + "/{number:str}/character-checks/{check:str}", opt=PARTIES, include_in_schema=False)
async def one_check(request: AnyRequest, actor: Actor, number: str, check: str) -> Response[str]:
    """A legal-character check as a page to print."""
    return page(request, "risks/check.html", check=await checks.record(actor, number, check))


@post(
    HOME + "/{number:str}/files",
    opt=allow(*INSURER, Role.ENTERPRISE),
    include_in_schema=False,
    request_max_body_size=UPLOAD_MAX_BYTES,
)
async def upload_file(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Keep a file of the risk; confidential unless unticked."""
    form = await read_form(request, NoteForm, {"file": "文件", "kind": "种类"})
    try:
        upload = form.files.get("file")
        if upload is None or not upload.filename:
            raise Refused([blocker("form.missing", "file")])
        content = await upload.read(SIZE_MAX_BYTES + 1)
        confidential = form.value("confidential") in ("1", "on")
        await files.upload(
            actor, number, upload.filename, str(form.value("kind")), confidential, content
        )
        return redirect(request, f"{HOME}/{number}#files", "资料已上传")
    except DomainError as error:
        if error.status == 404:
            raise
        form.add(error.findings)
    return await _room(request, actor, number, None, 422, file=form)


@get(HOME + "/{number:str}/files/{file_id:int}", opt=PARTIES, include_in_schema=False)
async def read_file(actor: Actor, number: str, file_id: int) -> Response[bytes]:
    """A file of the risk for those who may read it; the view is kept."""
    return document_response(await files.read(actor, number, file_id))


@post(HOME + "/{number:str}/files/{file_id:int}/grants", opt=KEEPERS, include_in_schema=False)
async def give_grant(request: AnyRequest, actor: Actor, number: str, file_id: int) -> Response[Any]:
    """Let a named person read a confidential file for a period and a purpose."""
    form = await read_form(request, GrantForm, GRANT_LABELS)
    status = 422
    data = form.parse()
    if data is not None:
        try:
            await files.grant(actor, number, file_id, data)
            return redirect(request, f"{HOME}/{number}#grants", "授权已登记")
        except DomainError as error:
            if error.status == 404:
                raise
            form.add(error.findings)
            status = error.status
    form.form_id = f"grant-{file_id}"
    return await _room(request, actor, number, None, status, grant=form)


@post(
    HOME + "/{number:str}/files/{file_id:int}/grants/{grant_id:int}/revocation",
    opt=KEEPERS,
    include_in_schema=False,
)
async def take_grant_back(
    request: AnyRequest, actor: Actor, number: str, file_id: int, grant_id: int
) -> Response[Any]:
    """Take a grant back from now on; what was read stays on record."""
    home = f"{HOME}/{number}#grants"
    try:
        await files.revoke(actor, number, file_id, grant_id)
    except DomainError as error:
        if error.status == 404:
            raise
        return redirect(request, home, error.text("zh")[:280], "bad")
    return redirect(request, home, "授权已撤销")


@post(
    HOME + "/{number:str}/binding",
    opt=MEMBERS,
    include_in_schema=False,
    request_max_body_size=UPLOAD_MAX_BYTES,
)
async def bind_risk(request: AnyRequest, actor: Actor, number: str) -> Response[Any]:
    """Bind the risk on the latest check."""
    form = await read_form(request, BindForm, BIND_LABELS)
    data = None if form.rearranged else form.parse()
    if data is not None:
        try:
            paper = form.files.get("declaration")
            if paper is not None and paper.filename:
                kept = await _kept(actor, form, "declaration")
                data = data.model_copy(update={"no_known_loss_document": kept})
            state = await binding.bind(actor, number, data)
            return redirect(request, f"/placements/{state.number}", "已成单")
        except DomainError as error:
            if error.status == 404:
                raise
            form.add(error.findings)
    return await _room(request, actor, number, None, 422 if form.findings else 200, bind=form)


ROUTES = [
    risk_list,
    new_risk,
    create_risk,
    edit_risk,
    change_risk,
    one_risk,
    meet,
    waive,
    make_check,
    one_check,
    upload_file,
    read_file,
    give_grant,
    take_grant_back,
    bind_risk,
    *step_routes(HOME, "number", "risk", RISK_STEPS, _room),
]
