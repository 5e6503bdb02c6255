"""Rule files (规则): what is in force, drafts, publication by another person."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.datastructures import UploadFile

from catalogue.forms import NoteForm
from catalogue.publishing import drafts, reading
from catalogue.rule_forms import (
    TEXT_MAX,
    RuleDraftForm,
    RulePublicationForm,
    RuleRefusalForm,
)
from catalogue.rule_shapes import RuleCheck, RuleVersionItem
from service import people
from service.auth import COMMITTEE, Actor, Role, allow
from service.kernel.calendar import today
from service.kernel.errors import DomainError, NotFound
from service.kernel.findings import blocker
from service.kernel.rulebook import family_of, run_cases
from service.web import rule_pages as views
from service.web.desk_steps import Posted
from service.web.forms import Form, read_form
from service.web.render import page, redirect

AnyRequest = Request[Any, Any, Any]
READERS = allow(*COMMITTEE, Role.AUDITOR)
PREPARERS = allow(*drafts.PREPARERS)
PUBLISHERS = allow(*drafts.PUBLISHERS)
HOME = "/rules"
UPLOAD_MAX_BYTES = 1_048_576


@get(HOME, opt=READERS, include_in_schema=False)
async def rule_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """Drafts that wait, then the versions of every family in their groups, the latest first."""
    groups: dict[str, list[RuleVersionItem]] = {}
    for item in await reading.versions():
        groups.setdefault(item.rule.family_zh, []).append(item)
    return page(
        request,
        "rules/list.html",
        groups=list(groups.items()),
        drafts=await reading.drafts(),
        may_prepare=actor.has(*drafts.PREPARERS),
        day=today(),
        views=views,
    )


@get(f"{HOME}/new", opt=PREPARERS, include_in_schema=False)
async def new(request: AnyRequest, actor: Actor, draft: int | None = None) -> Response[str]:
    """An empty draft, or one that is to be changed."""
    form: Form[Any] = Form(RuleDraftForm, views.LABELS)
    if draft is not None:
        record = await reading.draft(actor, draft)
        form.values = {"text": record.body, "replaces": record.draft.hash}
    return page(request, "rules/new.html", form=form, check=None, views=views)


@post(
    f"{HOME}/new",
    opt=PREPARERS,
    include_in_schema=False,
    request_max_body_size=UPLOAD_MAX_BYTES + 400_000,
)
async def prepare(request: AnyRequest, actor: Actor) -> Response[Any]:
    """Check a text and show what comes out, or store it as a draft."""
    form = await read_form(request, RuleDraftForm, views.LABELS)
    await _take_file(form)
    storing = (await request.form()).get("_action") == "store"
    data = None if form.findings else form.parse()
    check: RuleCheck | None = None
    if data is not None:
        try:
            if storing:
                made = await drafts.prepare(actor, data)
                return redirect(
                    request, f"{HOME}/drafts/{made.draft.id}", "草案已保存，待另一人发布"
                )
        except DomainError as error:
            form.add(error.findings)
        check = await reading.checked_text(data.text)
    status = 422 if form.findings or (check and not check.passes) else 200
    return page(request, "rules/new.html", status, form=form, check=check, views=views)


async def _take_file(form: Form[Any]) -> None:
    """An uploaded file takes the place of what was typed."""
    file: UploadFile | None = form.files.get("file")
    form.values.pop("file", None)
    if file is None:
        return
    content = await file.read(UPLOAD_MAX_BYTES + 1)
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        form.add([blocker("rulebook.syntax", "text", detail="UTF-8")])
        return
    if len(text) > TEXT_MAX:
        form.add([blocker("form.too_long", "text", actual=len(text), limit=TEXT_MAX)])
        return
    form.values["text"] = text


@get(HOME + "/drafts/{draft:str}", opt=READERS, include_in_schema=False)
async def draft_page(request: AnyRequest, actor: Actor, draft: str) -> Response[str]:
    """A draft: its checks, its difference from the version before, what may be done."""
    return await _draft(request, actor, draft, None)


async def _draft(
    request: AnyRequest, actor: Actor, draft: str, posted: Posted | None
) -> Response[str]:
    record = await reading.draft(actor, _key(draft))
    book = reading.book_of(record.body)
    before = await reading.version_before(book)
    return page(
        request,
        "rules/draft.html",
        posted.status if posted else 200,
        record=record,
        book=book,
        values=views.value_lines(book),
        changes=views.differences_of(before, book) if before else [],
        before=before,
        posted=posted,
        forms=views.step_forms(record, posted),
        home=f"{HOME}/drafts/{draft}",
        may_withdraw=actor.has(*drafts.PREPARERS),
        views=views,
    )


def _key(draft: str) -> int:
    if not draft.isdecimal() or len(draft) > 18:
        raise NotFound("规则草案", "Draft of a rule", draft)
    return int(draft)


@post(HOME + "/drafts/{draft:str}/publication", opt=PUBLISHERS, include_in_schema=False)
async def publish(request: AnyRequest, actor: Actor, draft: str) -> Response[Any]:
    """Publish what was looked at."""
    form = await read_form(request, RulePublicationForm, views.LABELS)
    data, status = form.parse(), 422
    if data is not None:
        try:
            book = await drafts.publish_draft(actor, _key(draft), data)
            told = f"已发布 {book.title_zh} 版本 {book.version}，自 {book.valid_from} 起施行"
            return redirect(request, f"{HOME}/{book.family}/{book.version}", told)
        except DomainError as error:
            status = _told(form, error)
    return await _draft(request, actor, draft, Posted("publish", form, status))


@post(HOME + "/drafts/{draft:str}/refusal", opt=PUBLISHERS, include_in_schema=False)
async def refuse(request: AnyRequest, actor: Actor, draft: str) -> Response[Any]:
    """Send the draft back with the reason."""
    form = await read_form(request, RuleRefusalForm, views.LABELS)
    data, status = form.parse(), 422
    if data is not None:
        try:
            await drafts.refuse_draft(actor, _key(draft), data)
            return redirect(request, f"{HOME}/drafts/{draft}", "草案已退回经办人员修改")
        except DomainError as error:
            status = _told(form, error)
    return await _draft(request, actor, draft, Posted("refuse", form, status))


@post(HOME + "/drafts/{draft:str}/withdrawal", opt=PREPARERS, include_in_schema=False)
async def withdraw(request: AnyRequest, actor: Actor, draft: str) -> Response[Any]:
    """Take the draft away."""
    form = await read_form(request, NoteForm, views.LABELS)
    data, status = form.parse(), 422
    if data is not None:
        try:
            await drafts.withdraw_draft(actor, _key(draft), data)
            return redirect(request, HOME, "草案已撤回")
        except DomainError as error:
            status = _told(form, error)
    return await _draft(request, actor, draft, Posted("withdraw", form, status))


def _told(form: Form[Any], error: DomainError) -> int:
    """Show at the form what the use case said; a record that is gone is an answer of its own."""
    if error.status == 404:
        raise error
    form.add(error.findings)
    return error.status


@get(
    [HOME + "/{family:str}/{version:str}", HOME + "/{family:str}/{name:str}/{version:str}"],
    opt=READERS,
    include_in_schema=False,
)
async def rule_page(
    request: AnyRequest, family: str, version: str, name: str | None = None
) -> Response[str]:
    """A published version: its values with their sources, its cases computed again."""
    found = await people.get_rule(f"{family}/{name}" if name else family, version)
    book = reading.book_of(found.body)
    known = family_of(book.family)
    before = await reading.version_before(book)
    return page(
        request,
        "rules/version.html",
        rule=found.rule,
        book=book,
        head=reading.head_of(book),
        values=views.value_lines(book),
        cases=[reading.case_shape(r) for r in run_cases(book, known.evaluate)] if known else [],
        fits=book.hash == found.rule.hash,
        before=before,
        changes=views.differences_of(before, book) if before else [],
        views=views,
    )


ROUTES = [
    rule_list,
    new,
    prepare,
    draft_page,
    publish,
    refuse,
    withdraw,
    rule_page,
]
