"""The whole file of one product: what insurer and reviewers work on, and who may do what next."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import msgspec

from catalogue.books import filing_book
from catalogue.products import records
from catalogue.products.likeness import likenesses
from catalogue.rules.difference import difference
from catalogue.rules.facts import ClauseFacts, ComponentFacts, FilingEvent
from catalogue.rules.filing_clock import ClockRules, clock
from catalogue.rules.workflows import FILING, SHELF
from service.auth import Actor
from service.kernel.calendar import now, today
from service.kernel.db import sql, work
from service.kernel.workflow import Step


@dataclass(frozen=True, slots=True)
class StepShape:
    """A step that the caller may take now."""

    life_cycle: str
    event: str
    label_zh: str
    label_en: str
    needs_note: bool


@dataclass(frozen=True, slots=True)
class ClockShape:
    """Who has the ball and until when; working days of the official calendar."""

    ball: str
    ball_zh: str
    term: str
    term_zh: str
    since: datetime | None
    term_days: int | None
    limit_days: int | None
    insurer_days: int
    returns: int
    due_on: date | None
    overdue: bool | None
    notes: list[str]


@dataclass(frozen=True, slots=True)
class VersionBrief:
    """One version in the list of versions."""

    number: int
    status: str
    status_zh: str
    name: str
    submitted_at: datetime | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class ObjectionShape:
    """An objection with its answers."""

    number: int
    field: str
    text: str
    raised_at: datetime
    raised_by: str
    responses: list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """One event of the journal on this filing or product."""

    recorded_at: datetime
    effective_on: date
    actor: str
    organisation: str
    subject_kind: str
    subject: str
    event: str
    event_zh: str
    from_status: str
    to_status: str
    note: str


@dataclass(frozen=True, slots=True)
class DeskRecord:
    """A product with the chosen version and everything that happened to it."""

    record: dict[str, Any]
    clock: ClockShape
    steps: list[StepShape]
    editable: bool
    versions: list[VersionBrief]
    objections: list[ObjectionShape]
    amendments: list[dict[str, Any]]
    notes: list[dict[str, Any]]
    history: list[HistoryEvent]
    recommendation: str
    decision: dict[str, Any]


@dataclass(frozen=True, slots=True)
class ChangeShape:
    """One difference between two versions; `segments` mark words kept, taken out and put in."""

    path: str
    label_zh: str
    kind: str
    old: str
    new: str
    segments: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class LikenessShape:
    """Another entry that may be the same product, with what it covers, and the reasons."""

    number: str
    name: str
    insurer: str
    status: str
    score: int
    reasons_zh: list[str]
    reasons_en: list[str]
    type_code: str
    clauses: list[ClauseFacts]
    components: list[ComponentFacts]


_PARTS = """
SELECT
 (SELECT coalesce(json_agg(json_build_object('number', w.number, 'status', w.status,
   'name', w.name, 'submitted_at', w.submitted_at, 'decided_at', w.decided_at)
   ORDER BY w.number DESC), '[]') FROM product_version w WHERE w.product = $1)::text AS versions,
 (SELECT coalesce(json_agg(json_build_object('number', o.number, 'field', o.field,
   'text', o.text, 'raised_at', o.raised_at, 'raised_by', u.name, 'responses',
   (SELECT coalesce(json_agg(json_build_object('text', r.text, 'answered_at', r.answered_at,
     'answered_by', a.name) ORDER BY r.id), '[]') FROM objection_response r
     JOIN eastlake_user a ON a.id = r.answered_by WHERE r.objection = o.id))
   ORDER BY o.number), '[]') FROM objection o JOIN eastlake_user u ON u.id = o.raised_by
   WHERE o.version = $2)::text AS objections,
 (SELECT coalesce(json_agg(json_build_object('changes', m.changes, 'amended_at', m.amended_at,
   'amended_by', u.name) ORDER BY m.id), '[]') FROM amendment m
   JOIN eastlake_user u ON u.id = m.amended_by WHERE m.version = $2)::text AS amendments,
 (SELECT coalesce(json_agg(json_build_object('text', n.text, 'written_at', n.written_at,
   'written_by', u.name) ORDER BY n.id), '[]') FROM internal_note n
   JOIN eastlake_user u ON u.id = n.written_by WHERE n.version = $2)::text AS notes,
 (SELECT coalesce(json_agg(json_build_object('recorded_at', j.recorded_at,
   'effective_on', j.effective_on, 'actor', j.actor_name, 'organisation',
   coalesce(o.short_name, ''), 'subject_kind', j.subject_kind, 'subject', j.subject,
   'event', j.event, 'from_status', j.from_status, 'to_status', j.to_status, 'note', j.note)
   ORDER BY j.id DESC), '[]') FROM journal_event j
   LEFT JOIN organisation o ON o.id = j.organisation
   WHERE (j.subject_kind = 'product' AND j.subject = $3)
     OR (j.subject_kind = 'filing' AND j.subject = $4))::text AS history,
 (SELECT decision::text FROM product_version WHERE id = $2) AS decision
"""
EVENT_NAMES = {
    "draft": "新建草稿",
    "edit": "修改草稿",
    "amend": "补正内容",
    "respond": "答复意见",
    "recommend": "提出审核建议",
    "internal_note": "内部备注",
    "new_version": "新版本入库",
    "correct": "更正在库记录",
}


def event_name(event: str) -> str:
    """The Chinese name of a journal event of a filing or a product."""
    for step in (*FILING.steps, *SHELF.steps):
        if step.event == event:
            return step.label_zh
    return EVENT_NAMES.get(event, event)


async def desk_record(actor: Actor, number: str, version_number: int | None = None) -> DeskRecord:
    """The file of a product; internal notes are for the committee and the auditor only."""
    async with work():
        product = await records.product_row(actor, number)
        version = await records.version_row(product, version_number)
        record = await records.version_record(version.id)
        events = await records.filing_events(product, version)
        book = await filing_book(today())
        subject = records.filing_subject(product, version)
        row = (await sql(_PARTS, product.id, version.id, number, subject))[0]
    parts = {name: msgspec.json.decode(row[name]) for name in row.keys()}  # noqa: SIM118
    history = [{**event, "event_zh": event_name(event["event"])} for event in parts["history"]]
    versions = [{**v, "status_zh": FILING.label(v["status"])} for v in parts["versions"]]
    mine = actor.owns(product.insurer_id)
    return DeskRecord(
        record=record,
        clock=clock_shape(events, book.rules),
        steps=_steps(actor, product, version),
        editable=mine and version.status in ("draft", "returned"),
        versions=msgspec.convert(versions, list[VersionBrief]),
        objections=msgspec.convert(parts["objections"], list[ObjectionShape]),
        amendments=parts["amendments"],
        notes=parts["notes"] if actor.sees_all else [],
        history=msgspec.convert(
            [e for e in history if actor.sees_all or e["event"] != "internal_note"],
            list[HistoryEvent],
        ),
        recommendation=version.recommendation if actor.sees_all else "",
        decision=_public_decision(parts["decision"], actor),
    )


def _public_decision(decision: dict[str, Any], actor: Actor) -> dict[str, Any]:
    if actor.sees_all:
        return decision
    return {k: v for k, v in decision.items() if k in ("rule", "effective_on", "note")}


def clock_shape(events: list[FilingEvent], rules: ClockRules) -> ClockShape:
    """The clock of a filing at this moment."""
    state = clock(events, rules, now())
    return ClockShape(
        ball=state.ball.value,
        ball_zh=state.ball.zh,
        term=state.term.value,
        term_zh=state.term.zh,
        since=state.since,
        term_days=state.term_days,
        limit_days=state.limit_days,
        insurer_days=state.insurer_days,
        returns=state.returns,
        due_on=state.due_on,
        overdue=state.overdue,
        notes=[finding.text("zh") for finding in state.findings],
    )


def _steps(
    actor: Actor, product: records.ProductRow, version: records.VersionRow
) -> list[StepShape]:
    def shapes(name: str, steps: tuple[Step, ...]) -> list[StepShape]:
        return [StepShape(name, s.event, s.label_zh, s.label_en, s.needs_note) for s in steps]

    if not (actor.is_committee or actor.owns(product.insurer_id)):
        return []
    steps = shapes("filing", FILING.allowed(version.status, actor.roles))
    return steps + shapes("shelf", SHELF.allowed(product.status, actor.roles))


async def compare(actor: Actor, number: str, old: int, new: int) -> list[ChangeShape]:
    """What differs between two versions of a product, readable."""
    async with work():
        product = await records.product_row(actor, number)
        pair = []
        for wanted in (old, new):
            version = await records.version_row(product, wanted)
            record = await records.version_record(version.id)
            pair.append(records.version_facts(record, product.insurer_id))
    return [
        ChangeShape(c.path, c.label_zh, c.kind, c.old, c.new, list(c.segments))
        for c in difference(*pair)
    ]


async def alike(actor: Actor, number: str) -> list[LikenessShape]:
    """Near-duplicates of the version being worked on, for the reviewer."""
    async with work():
        product = await records.product_row(actor, number)
        version = await records.version_row(product)
        record = await records.version_record(version.id)
        facts = records.version_facts(record, product.insurer_id)
        found = await likenesses(number, facts, (await filing_book(today())).rules)
    return [
        LikenessShape(
            like.candidate.number,
            like.candidate.name,
            like.candidate.insurer_name,
            like.candidate.status,
            like.score,
            [reason.finding.text("zh") for reason in like.reasons],
            [reason.finding.text("en") for reason in like.reasons],
            like.candidate.type_code,
            list(like.candidate.clauses),
            list(like.candidate.components),
        )
        for like in found
    ]


