"""Approval after the public notice: money is committed, quotas are drawn (law 13).

Locks are taken in one order: application, its lines, the firm, its qualifications, the budget book.
The budget's floor and the quota's check hold in the database whatever happens before.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from catalogue.enrolments import qualifications
from catalogue.subsidies import application_texts as _texts  # noqa: F401  registers the texts
from catalogue.subsidies import assessment, records, schemes
from catalogue.subsidies.assessment import Judgement
from catalogue.subsidies.deadlines import check_over
from catalogue.subsidies.records import ApplicationRow
from catalogue.subsidies.review import check_passable
from catalogue.subsidy_forms import ApprovalForm
from catalogue.subsidy_shapes import ApplicationState
from catalogue.tables import Qualification
from service.auth import Actor
from service.kernel import journal
from service.kernel.db import advisory_lock, lock_rows, sql, sql_many, sql_value, work
from service.kernel.errors import Conflict, Forbidden, Refused
from service.kernel.findings import Finding, blocker

EVENTS = {"objection": "approve_rest", "approved": "approve_rest"}


async def approve(actor: Actor, number: str, form: ApprovalForm) -> ApplicationState:
    """Approve every line that nothing stands against, once the notice is over.

    While an objection is open the uncontested lines are approved; a line that an objection had
    frozen is approved later. Refused with what is left when budget, quota or a cap ran short.
    """
    async with work():
        row = await records.application_row(actor, number, lock=True)
        event = EVENTS.get(row.status, "approve")
        late = row.status == "approved"
        await _check_step(actor, row, event, form.note, late)
        _check_notice(row)
        lines = await records.line_rows(row.id, lock=True)
        chosen = await _chosen(row, lines, event, late)
        checks = await assessment.other_records(row)  # the longest part, so before the locks
        await _lock_limits(row, chosen)
        judged = await assessment.judge_application(row, checks=False)
        judged = replace(judged, checks=checks)
        await check_passable(row, judged, set(chosen))
        amounts = _amounts(judged, chosen, form.accept_lower)
        await _keep(row, judged, lines, amounts, late)
        event_id = await _move(actor, row, event, form.note, amounts, late)
        await _commit(row, judged, chosen, amounts, event_id)
    return await records.state_of(row.id)


async def _check_step(actor: Actor, row: ApplicationRow, event: str, note: str, late: bool) -> None:
    """A line that was frozen is approved in the state `approved`: a step beside the table."""
    if not late:
        await records.check_step(actor, row, event, note)
    elif not actor.has("committee_approver") or await records.took(
        actor, row.number, ("submit", "resubmit", "pass_first", "pass_second")
    ):
        raise Forbidden("auth.four_eyes")


def _check_notice(row: ApplicationRow) -> None:
    if row.notice is None:
        raise Refused([blocker("notice.none")])
    check_over(row.notice)


async def _chosen(row: ApplicationRow, lines: list[Any], event: str, late: bool) -> dict[int, Any]:
    """The lines to approve, by number: the open ones, later those that are frozen no more."""
    contested = {
        x["application_line"]
        for x in await sql(
            "SELECT application_line FROM notice_objection WHERE status = 'open'"
            " AND application_line = ANY($1::bigint[])",
            [line["id"] for line in lines],
        )
    }
    free = [line for line in lines if line["id"] not in contested]
    status = "frozen" if late else "open"
    chosen = {line["number"]: line for line in free if line["status"] == status}
    frozen = [line["number"] for line in lines if line["status"] == "frozen"]
    if event == "approve" and frozen:
        raise Refused([blocker("review.line_frozen", f"lines.{n}", line=n) for n in frozen])
    if not chosen and late:
        raise Conflict("review.approved_before")
    if not chosen:
        raise Refused([blocker("review.no_line_left", "lines")])
    return chosen


async def _lock_limits(row: ApplicationRow, chosen: Mapping[int, Any]) -> None:
    """What several applications share is read under a lock, so that the amounts still hold."""
    await advisory_lock(f"subsidy firm {row.enterprise_id}")
    await lock_rows(
        Qualification, [x["qualification"] for x in chosen.values() if x["qualification"]]
    )


def _amounts(judged: Judgement, chosen: Mapping[int, Any], accept_lower: bool) -> dict[int, int]:
    """What each line is approved with: never above what was announced."""
    amounts = {
        number: min(line["assessed_fen"], judged.amount_fen(number))
        for number, line in chosen.items()
    }
    found: list[Finding] = [
        blocker(
            "review.less_than_noticed",
            f"lines.{number}",
            line=number,
            noticed_fen=line["assessed_fen"],
            left_fen=amounts[number],
        )
        for number, line in chosen.items()
        if amounts[number] < line["assessed_fen"] and not (accept_lower and amounts[number])
    ]
    if found:
        raise Refused(found)
    return amounts


async def _keep(
    row: ApplicationRow,
    judged: Judgement,
    lines: list[Any],
    amounts: Mapping[int, int],
    late: bool,
) -> None:
    """Keep the assessment and the approved amounts; what was announced stays the ceiling."""
    if late:
        await assessment.store_lines(row, judged, set(amounts))
    else:
        await assessment.store(row, judged)
    await sql_many(
        "UPDATE application_line SET assessed_fen = least(assessed_fen, $3)"
        " WHERE application = $1 AND number = $2 AND status IN ('open', 'frozen')",
        [(row.id, line["number"], line["assessed_fen"]) for line in lines],
    )
    await sql_many(
        "UPDATE application_line SET status = 'approved', approved_fen = $3"
        " WHERE application = $1 AND number = $2",
        [(row.id, number, amount_fen) for number, amount_fen in amounts.items()],
    )


_SUMS = (
    "UPDATE application a SET assessed_fen = q.assessed, approved_fen = q.approved FROM (SELECT"
    " sum(assessed_fen)::bigint AS assessed, sum(approved_fen)::bigint AS approved"
    " FROM application_line WHERE application = $1) q WHERE a.id = $1"
)


async def _move(
    actor: Actor,
    row: ApplicationRow,
    event: str,
    note: str,
    amounts: Mapping[int, int],
    late: bool,
) -> int:
    """Move the application with its sums; a late line leaves the status as it is."""
    await sql(_SUMS, row.id)
    facts = {"lines": {str(number): fen for number, fen in amounts.items()}}
    if not late:
        values = {"approved_by": actor.user_id}
        return await records.move(actor, row, event, note=note, values=values, facts=facts)
    await sql(
        "UPDATE application SET approved_by = $2, revision = revision + 1 WHERE id = $1",
        row.id,
        actor.user_id,
    )
    return await journal.record(
        actor,
        records.SUBJECT,
        row.number,
        event,
        from_status=row.status,
        to_status=row.status,
        note=note,
        facts=facts,
    )


async def _commit(
    row: ApplicationRow,
    judged: Judgement,
    chosen: Mapping[int, Any],
    amounts: Mapping[int, int],
    event_id: int,
) -> None:
    """Draw the quotas in the order of their keys, then commit the budget line by line."""
    rules = judged.book.rules
    quota = {int(x.key) for x in judged.result.lines if any(s.text == "quota" for s in x.steps)}
    drawing = sorted((n for n in amounts if n in quota), key=lambda n: chosen[n]["qualification"])
    for number in drawing:
        line = chosen[number]
        await qualifications.draw(
            line["qualification"], line["id"], amounts[number], on=row.applied_on
        )
    clause = f"{rules.title_zh} {rules.source('ratio')}"[:200]
    try:
        async with work():
            for number, amount_fen in amounts.items():
                await schemes.commit(row.scheme, chosen[number]["id"], amount_fen, clause, event_id)
    except Refused as refused:
        if all(f.code != "ledger.floor_breached" for f in refused.findings):
            raise
        left = await schemes.budget(row.scheme)
        raise Refused(
            [
                blocker(
                    "review.budget_short",
                    "budget",
                    free_fen=left.free_fen,
                    wanted_fen=sum(amounts.values()),
                )
            ]
        ) from None


async def revoke(actor: Actor, number: str, note: str) -> ApplicationState:
    """Revoke an approval before any payment: budget and quotas are free again."""
    async with work():
        row = await records.application_row(actor, number, lock=True)
        await records.check_step(actor, row, "revoke", note)
        lines = await records.line_rows(row.id, lock=True)
        if await sql_value(
            "SELECT 1 FROM payment_item WHERE application_line = ANY($1::bigint[])"
            " AND status IN ('pending', 'paid') LIMIT 1",
            [line["id"] for line in lines],
        ):
            raise Refused([blocker("review.payment_under_way", "lines")])
        event_id = await records.move(actor, row, "revoke", note=note, values={"approved_fen": 0})
        await sql(
            "UPDATE application_line SET status = 'refused', approved_fen = 0"
            " WHERE application = $1",
            row.id,
        )
        for line in lines:
            if line["approved_fen"]:
                await _release(row, line, note, event_id)
    return await records.state_of(row.id)


async def _release(row: ApplicationRow, line: Any, note: str, event_id: int) -> None:
    drawn_fen = await sql_value(
        "SELECT coalesce(sum(amount_fen), 0)::bigint FROM qualification_draw"
        " WHERE application_line = $1",
        line["id"],
    )
    if drawn_fen:
        await qualifications.give_back(line["qualification"], line["id"], drawn_fen)
    await schemes.release(row.scheme, line["id"], line["approved_fen"], note[:200], event_id)
