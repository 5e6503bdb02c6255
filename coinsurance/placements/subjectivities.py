"""Subjectivities (限期条件): raised by a member, met by the issuer, waived by who raised them."""

from __future__ import annotations

from typing import Any

import msgspec

from coinsurance.placement_forms import NoteForm, SubjectivityForm
from coinsurance.placements import risk_records
from coinsurance.placements.rows import Access, risk_for
from coinsurance.risk_shapes import SubjectivityShape
from coinsurance.rules.workflows import SUBJECTIVITY
from coinsurance.tables import Subjectivity
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql_row, sql_value, work
from service.kernel.errors import Forbidden, NotFound, Refused
from service.kernel.findings import Text, blocker, register


async def raise_one(actor: Actor, number: str, form: SubjectivityForm) -> SubjectivityShape:
    """Raise a condition on a submitted risk; after binding only such that do not keep it open."""
    async with work():
        found = await risk_for(actor, number, lock=True)
        _need_member(found)
        wrong = []
        if found.risk.status in ("draft", "withdrawn", "lapsed"):
            wrong.append(blocker("subjectivity.not_the_time", "status", number=number))
        if found.risk.status == "placed" and form.before_binding:
            wrong.append(blocker("subjectivity.bound_already", "before_binding"))
        if form.due_on < today():
            wrong.append(blocker("subjectivity.due_in_past", "due_on", today=today()))
        if wrong:
            raise Refused(wrong)
        serial = await sql_value(
            "SELECT coalesce(max(number), 0) + 1 FROM subjectivity WHERE risk = $1", found.risk.id
        )
        row_id = await sql_value(
            "INSERT INTO subjectivity (risk, number, text, due_on, before_binding, status, note,"
            " raised_by, recorded_at) VALUES ($1, $2, $3, $4, $5, 'open', '', $6, $7) RETURNING id",
            found.risk.id,
            serial,
            form.text,
            form.due_on,
            form.before_binding,
            actor.organisation_id,
            now(),
        )
        await journal.record(
            actor,
            SUBJECTIVITY.name,
            str(row_id),
            "raise",
            to_status=SUBJECTIVITY.initial,
            facts={"risk": number, "number": serial, "due_on": form.due_on.isoformat()},
            effective_on=form.due_on,
        )
    return await _shape(found, serial)


def _need_member(found: Access) -> None:
    if found.view.seat is None or found.view.seat.status != "active":
        raise Forbidden("line.members_only")


async def meet(actor: Actor, number: str, serial: int, form: NoteForm) -> SubjectivityShape:
    """The issuer says how a condition was met."""
    return await _close(actor, number, serial, "meet", form.note)


async def waive(actor: Actor, number: str, serial: int, form: NoteForm) -> SubjectivityShape:
    """Whoever raised a condition lets it go."""
    return await _close(actor, number, serial, "waive", form.note)


async def _close(
    actor: Actor, number: str, serial: int, event: str, note: str
) -> SubjectivityShape:
    async with work():
        found = await risk_for(actor, number, lock=True)
        _need_member(found)
        row = await _row(found, serial)
        owner = found.risk.issuer_id if event == "meet" else row["raised_by"]
        if not actor.owns(owner):
            raise Forbidden(
                "subjectivity.issuer_meets" if event == "meet" else "subjectivity.raiser_waives"
            )
        await journal.move(
            SUBJECTIVITY,
            Subjectivity,
            row,
            event,
            actor,
            subject_kind=SUBJECTIVITY.name,
            subject=str(row["id"]),
            note=note,
            values={"note": note, "resolved_at": now(), "resolved_by": actor.user_id},
        )
    return await _shape(found, serial)


async def _row(found: Access, serial: int) -> Any:
    row = await sql_row(
        "SELECT id, status, raised_by FROM subjectivity WHERE risk = $1 AND number = $2",
        found.risk.id,
        serial,
    )
    if row is None:
        raise NotFound("限期条件", "Subjectivity", serial)
    return row


async def _shape(found: Access, serial: int) -> SubjectivityShape:
    rows = await risk_records.subjectivities(found, today())
    return msgspec.convert(
        next(row for row in rows if row["number"] == serial), SubjectivityShape
    )


register(
    {
        "subjectivity.not_the_time": Text(
            "风险 {number} 未提交或已终结，不能提出限期条件",
            "Risk {number} is not submitted, or over: no condition can be raised",
            "请在提交后提出",
            "Raise it after submission",
        ),
        "subjectivity.bound_already": Text(
            "已成单，不能再提出成单前须满足的条件",
            "The risk is bound: nothing can be wanted before binding any more",
            "请改为成单后的限期条件",
            "Raise it as a condition after binding",
        ),
        "subjectivity.due_in_past": Text(
            "期限早于今天 {today}",
            "The deadline is before today {today}",
            "请填写今天或以后的日期",
            "Give today or a later day",
        ),
        "subjectivity.issuer_meets": Text(
            "限期条件由出单人办结",
            "The issuer says that a condition is met",
            "请联系出单人",
            "Ask the issuer",
        ),
        "subjectivity.raiser_waives": Text(
            "限期条件只能由提出的成员豁免",
            "Only the member that raised a condition waives it",
            "请联系提出的成员",
            "Ask the member that raised it",
        ),
    }
)
