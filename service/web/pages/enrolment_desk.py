"""Enrolments and qualifications at the desks of insurer and committee (投保登记、资格与额度)."""

from __future__ import annotations

from datetime import date
from typing import Any

from litestar import Request, Response, get

from catalogue.enrolment_forms import GrantForm
from catalogue.enrolments import enrolment, objects, qualifications, records
from catalogue.forms import NoteForm
from catalogue.rules.subsidy.nouns import (
    EnrolmentStatus,
    Level,
    Material,
    QualificationStatus,
    Relation,
    SubjectKind,
)
from catalogue.rules.subsidy.workflow import ENROLMENT
from service.auth import COMMITTEE, INSURER, Actor, Role, allow
from service.kernel.errors import NotFound
from service.web.desk_steps import NOTE, REASON, DeskStep, Field, Posted, offered, step_routes
from service.web.forms import Form
from service.web.product_views import report_links
from service.web.render import page, turn_of

AnyRequest = Request[Any, Any, Any]
HOME, QUALIFICATIONS = "/enrolment", "/enrolment/qualifications"
READERS = allow(*COMMITTEE, *INSURER, Role.AUDITOR)
OFFICE = allow(*COMMITTEE, Role.AUDITOR)
OFFICER = (Role.COMMITTEE_OFFICER,)
APPROVER = (Role.COMMITTEE_APPROVER,)
TONES = {
    "submitted": "info",
    "insurer_confirmed": "wait",
    "returned": "neutral",
    "recognised": "good",
    "active": "good",
    "expired": "neutral",
    "refused": "bad",
    "revoked": "bad",
    "draft": "neutral",
    "applied": "info",
    "recommended": "info",
    "reviewed": "wait",
    "granted": "good",
    "exhausted": "neutral",
}
WORDS = {
    "statuses": EnrolmentStatus,
    "standing": QualificationStatus,
    "kinds": SubjectKind,
    "levels": Level,
    "materials": Material,
    "relations": Relation,
    "tones": TONES,
}


def _noted(call: Any) -> Any:
    async def use(actor: Actor, number: str, form: NoteForm) -> object:
        return await call(actor, number, form.note)

    return use


STEPS = {
    "confirm": DeskStep(
        "confirmation",
        "确认承保",
        NoteForm,
        _noted(enrolment.confirm),
        INSURER,
        "已确认承保，转管委会认定",
        ("submitted",),
        (NOTE,),
    ),
    "recognise": DeskStep(
        "recognition",
        "予以认定",
        NoteForm,
        _noted(enrolment.recognise),
        APPROVER,
        "已认定并出具承保证明",
        ("insurer_confirmed",),
        (NOTE,),
        confirm="认定后出具可公开核验的承保证明。确定认定？",
    ),
    "return": DeskStep(
        "return",
        "退回补正",
        NoteForm,
        _noted(enrolment.send_back),
        (*INSURER, *OFFICER),
        "已退回企业补正",
        ("submitted", "insurer_confirmed"),
        (REASON,),
        kind="plain",
    ),
    "decline": DeskStep(
        "decline",
        "不予承保",
        NoteForm,
        _noted(enrolment.decline),
        (Role.INSURER_MANAGER,),
        "已答复不予承保",
        ("submitted",),
        (REASON,),
        kind="danger",
    ),
    "refuse": DeskStep(
        "refusal",
        "不予认定",
        NoteForm,
        _noted(enrolment.refuse),
        APPROVER,
        "已作出不予认定的决定",
        ("insurer_confirmed",),
        (REASON,),
        kind="danger",
        confirm="确定不予认定？",
    ),
    "revoke": DeskStep(
        "revocation",
        "撤销认定",
        NoteForm,
        _noted(enrolment.revoke),
        APPROVER,
        "认定已撤销，承保证明随即失效",
        ("recognised", "active"),
        (REASON,),
        kind="danger",
        confirm="撤销后承保证明随即失效。确定撤销？",
    ),
}
QUALIFICATION_STEPS = {
    "recommend": DeskStep(
        "recommendation",
        "推荐",
        NoteForm,
        _noted(qualifications.recommend),
        OFFICER,
        "已推荐",
        ("applied",),
        (NOTE,),
    ),
    "review": DeskStep(
        "review",
        "评审通过",
        NoteForm,
        _noted(qualifications.review),
        (*OFFICER, *APPROVER),
        "已登记评审通过",
        ("recommended",),
        (Field("area", "note", "评审意见", "专家与结论"),),
        hint="评审人不得是推荐人。",
    ),
    "grant": DeskStep(
        "grant",
        "核定资格与额度",
        GrantForm,
        qualifications.grant,
        APPROVER,
        "资格与额度已核定",
        ("reviewed",),
        (
            Field("wan", "quota_fen", "额度", required=True, width="third"),
            Field("day", "valid_from", "有效期自", required=True, width="third"),
            Field("day", "valid_to", "有效期至", "不超过三年", required=True, width="third"),
            NOTE,
        ),
        hint="核定人不得是推荐人或评审人。",
    ),
    "refuse": DeskStep(
        "refusal",
        "不予通过",
        NoteForm,
        _noted(qualifications.refuse),
        APPROVER,
        "已作出不予通过的决定",
        ("applied", "recommended", "reviewed"),
        (REASON,),
        kind="danger",
    ),
    "revoke": DeskStep(
        "revocation",
        "撤销资格",
        NoteForm,
        _noted(qualifications.revoke),
        APPROVER,
        "资格已撤销",
        ("granted", "exhausted"),
        (REASON,),
        kind="danger",
        confirm="撤销后剩余额度不可再用。确定撤销？",
    ),
}


def _desk_state(actor: Actor) -> str:
    """The state that waits for this desk."""
    return "submitted" if actor.has(*INSURER) else "insurer_confirmed"


@get(f"{HOME}/queue", opt=READERS, include_in_schema=False)
async def queue(request: AnyRequest, actor: Actor) -> Response[str]:
    """Enrolments that wait for this desk; another state by its tab."""
    query = request.query_params
    own = _desk_state(actor)
    status = query.get("status", own)
    known = status if status in {s.value for s in EnrolmentStatus} else None
    found = await records.enrolment_page(
        actor,
        query.get("q") or None,
        known,
        query.get("kind") or None,
        turn_of(query),
        None,
    )
    chosen = [own, *[s.value for s in EnrolmentStatus if s.value not in (own, "draft")]]
    tabs = [(EnrolmentStatus.zh_of(s), f"?status={s}", s == known, None) for s in chosen]
    return page(
        request,
        "enrolment/queue.html",
        found=found,
        query=query,
        chosen=known,
        own=own,
        tabs=[*tabs, ("全部", "?status=all", known is None, None)],
        exports=report_links("enrolments", q=query.get("q"), status=known, kind=query.get("kind")),
        **WORDS,
    )


@get(HOME + "/{number:str}", opt=READERS, include_in_schema=False)
async def one(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One enrolment: facts, catalogue row, contract, documents, findings, steps."""
    return await _one(request, actor, number, None)


async def _one(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    record = await records.enrolment_record(actor, number)
    thing = await records.object_record(actor, record["object"])
    contracts = [c for c in thing["contracts"] if c["id"] == record["contract_id"]]
    waits = record["status"] in ("submitted", "insurer_confirmed", "returned")
    checks: Form[Any] = Form()
    checks.add(await enrolment.findings_of(actor, number) if waits else [])
    return page(
        request,
        "enrolment/enrolment.html",
        posted.status if posted else 200,
        record=record,
        thing=thing,
        contract=contracts[0] if contracts else None,
        match=await _match(actor, record["object"], record["start_on"]),
        checks=checks,
        history=_history(record["events"]),
        forms=offered(STEPS, record["status"], actor, posted),
        steps=STEPS,
        posted=posted,
        **WORDS,
    )


async def _match(actor: Actor, number: str, day: str) -> dict[str, Any] | None:
    """The catalogue row on the first day of the cover; None where the object names none."""
    try:
        return await objects.match_of(actor, number, date.fromisoformat(day))
    except NotFound:
        return None


def _history(events: list[dict[str, Any]]) -> list[dict[str, Any]]:
    labels = {step.event: step.label_zh for step in ENROLMENT.steps}
    return [
        {
            "at": e["at"],
            "label": labels.get(e["event"], "新建草稿" if e["event"] == "draft" else e["event"]),
            "who": e["organisation"] or "系统",
            "note": e["note"] or "",
        }
        for e in reversed(events)
    ]


@get(QUALIFICATIONS, opt=OFFICE, include_in_schema=False)
async def qualification_list(request: AnyRequest, actor: Actor) -> Response[str]:
    """Qualifications with what is left of each quota."""
    query = request.query_params
    status = query.get("status", "")
    known = status if status in {s.value for s in QualificationStatus} else None
    found = await records.qualification_page(
        actor, query.get("q") or None, known, turn_of(query), None
    )
    return page(
        request,
        "enrolment/qualifications.html",
        found=found,
        query=query,
        chosen=known or "",
        exports=report_links("qualifications", q=query.get("q"), status=known),
        **WORDS,
    )


@get(QUALIFICATIONS + "/{number:str}", opt=OFFICE, include_in_schema=False)
async def qualification(request: AnyRequest, actor: Actor, number: str) -> Response[str]:
    """One qualification with its draws and steps."""
    return await _qualification(request, actor, number, None)


async def _qualification(
    request: AnyRequest, actor: Actor, number: str, posted: Posted | None
) -> Response[str]:
    record = await records.qualification_record(actor, number)
    forms = offered(QUALIFICATION_STEPS, record["status"], actor, posted)
    if "grant" in forms and not (posted and posted.event == "grant"):
        forms["grant"].values.setdefault("quota_fen", record["asked_fen"])
    return page(
        request,
        "enrolment/qualification.html",
        posted.status if posted else 200,
        record=record,
        forms=forms,
        steps=QUALIFICATION_STEPS,
        posted=posted,
        **WORDS,
    )


ROUTES = [
    queue,
    one,
    *step_routes(HOME, "number", "enrolment", STEPS, _one),
    qualification_list,
    qualification,
    *step_routes(QUALIFICATIONS, "number", "qualification", QUALIFICATION_STEPS, _qualification),
]
