"""The journal, for the auditor."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

from service.api import PAGE_MAX
from service.auth import Actor, Role
from service.kernel import journal
from service.people import EventQuery, Turn, list_events
from service.reports.shape import Column, Kind, Params, Report, Row, day_param
from service.web.audit_views import event_zh


async def _events(actor: Actor, params: Params) -> AsyncIterator[Row]:
    query = EventQuery(
        params.get("subject_kind") or None,
        params.get("subject") or None,
        params.get("event") or None,
        params.get("actor") or None,
        day_param(params, "day"),
    )
    turn = Turn(limit=PAGE_MAX)
    while True:
        page = await list_events(query, turn)
        for event in page.items:
            yield [
                event.id,
                event.recorded_at,
                event.effective_on,
                event.actor_name,
                event.actor,
                event.organisation,
                event.via,
                event.subject_kind,
                event.subject,
                event.event,
                event_zh(event.event, event.subject_kind),
                event.from_status,
                event.to_status,
                event.note,
                journal.canonical(event.facts),
                event.request_id,
            ]
        if page.next is None:
            return
        turn = replace(turn, cursor=page.next)


REPORTS = (
    Report(
        "journal",
        "操作日志",
        "全部已登记的事项，新的在前；生效日为事项成立之日，登记时间为系统得知之时。",
        frozenset({Role.AUDITOR, Role.COMMITTEE_ADMIN}),
        (
            Column("id", "序号", Kind.WHOLE, 10),
            Column("recorded_at", "登记时间", Kind.MOMENT, 20),
            Column("effective_on", "生效日", Kind.DAY, 12),
            Column("actor_name", "操作人"),
            Column("actor", "用户名"),
            Column("organisation", "机构", width=18),
            Column("via", "途径", width=10),
            Column("subject_kind", "对象类别"),
            Column("subject", "对象", width=20),
            Column("event", "事项代码"),
            Column("event_zh", "事项", width=16),
            Column("from_status", "原状态"),
            Column("to_status", "新状态"),
            Column("note", "说明", width=40),
            Column("facts", "事实", width=40),
            Column("request_id", "请求编号", width=18),
        ),
        _events,
        ("subject_kind", "subject", "event", "actor", "day"),
    ),
)
