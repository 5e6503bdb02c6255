"""The committee's desk: acceptance, return, two reviews by two persons, notes on warnings."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from catalogue.rules.subsidy import may_return, return_due_on
from catalogue.subsidies import application_texts as _texts  # noqa: F401  registers the texts
from catalogue.subsidies import assessment, records
from catalogue.subsidies.assessment import Judgement
from catalogue.subsidies.records import ApplicationRow
from catalogue.subsidy_forms import OpinionForm, WarningNoteForm
from catalogue.subsidy_shapes import ApplicationState, WarningNoteShape
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import OpenTerm, now, today
from service.kernel.db import sql, sql_value, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Finding, blocker

IN_REVIEW = ("first_review", "second_review")


async def accept(actor: Actor, number: str, note: str) -> ApplicationState:
    """Accept a submitted application for review (受理)."""
    return await _plain_step(actor, number, "accept", note)


async def begin_review(actor: Actor, number: str, note: str) -> ApplicationState:
    """Take an accepted application on one's desk for the first review (初审)."""
    return await _plain_step(actor, number, "begin_review", note)


async def refuse(actor: Actor, number: str, note: str) -> ApplicationState:
    """Refuse, with the reasons: not accepted by an officer, later by an approver."""
    return await _plain_step(actor, number, "refuse", note)


async def evaluate(actor: Actor, number: str, note: str) -> ApplicationState:
    """Write the evaluation of what the money has done (绩效评价)."""
    return await _plain_step(actor, number, "evaluate", note)


async def _plain_step(actor: Actor, number: str, event: str, note: str) -> ApplicationState:
    async with work():
        row = await records.application_row(actor, number, lock=True)
        await records.check_step(actor, row, event, note)
        await records.move(actor, row, event, note=note)
    return await records.state_of(row.id)


async def send_back_to_firm(actor: Actor, number: str, note: str) -> ApplicationState:
    """Return for correction (退回补正), as often and for as long as the rule allows.

    Where the official calendar does not reach, the last day is written once it can be told.
    """
    async with work():
        row = await records.application_row(actor, number, lock=True)
        await records.check_step(actor, row, "return", note)
        rules = (await records.book_of_application(row)).rules
        if not may_return(rules, row.return_count):
            raise Refused(
                [
                    blocker(
                        "application.returned_too_often",
                        "note",
                        rules.source("return_for_correction_max"),
                        count=row.return_count,
                        most=rules.return_for_correction_max,
                    )
                ]
            )
        due = return_due_on(rules, today())
        due_on = None if isinstance(due, OpenTerm) else due
        await records.move(
            actor,
            row,
            "return",
            note=note,
            values={"return_count": row.return_count + 1, "return_due_on": due_on},
            facts={"return_due_on": due_on.isoformat() if due_on else None},
        )
    return await records.state_of(row.id)


async def first_opinion(actor: Actor, number: str, form: OpinionForm) -> ApplicationState:
    """The first reviewer passes the application on, or returns it to the firm."""
    if not form.passed:
        return await send_back_to_firm(actor, number, form.note)
    return await _pass(actor, number, "pass_first", form.note, "first_reviewer")


async def second_opinion(actor: Actor, number: str, form: OpinionForm) -> ApplicationState:
    """Another person passes it to public notice, or sends it back to the first review."""
    if not form.passed:
        return await _plain_step(actor, number, "send_back", form.note)
    return await _pass(actor, number, "pass_second", form.note, "second_reviewer")


async def _pass(actor: Actor, number: str, event: str, note: str, column: str) -> ApplicationState:
    """Assess again as the records now stand; blockers and warnings without a note stop it."""
    async with work():
        row = await records.application_row(actor, number, lock=True)
        await records.check_step(actor, row, event, note)
        judged = await assessment.judge_application(row)
        await check_passable(row, judged)
        await assessment.store(row, judged)
        await records.move(
            actor,
            row,
            event,
            note=note,
            values={column: actor.user_id},
            facts={"assessed_fen": judged.result.total_fen, "hash": judged.result.hash},
        )
    return await records.state_of(row.id)


async def check_passable(
    row: ApplicationRow, judged: Judgement, lines: Collection[int] | None = None
) -> None:
    """Refused with every blocker and every warning that nobody has answered in writing.

    `lines`: those that are to pass; None for all.
    """
    numbers = [int(x.key) for x in judged.result.lines if lines is None or int(x.key) in lines]
    notes = await _notes(row.id)
    found = [f for f in judged.result.findings if f.blocks]
    noted_codes = {code for _, code in notes}
    found += [
        _open_warning(numbers[0] if numbers else 0, f)
        for f in judged.result.findings
        if not f.blocks and f.code not in noted_codes
    ]
    for number in numbers:
        for finding in judged.of_line(number):
            if finding.blocks:
                found.append(finding)
            elif (number, finding.code) not in notes:
                found.append(_open_warning(number, finding))
    if found:
        raise Refused(found)


def _open_warning(line: int, finding: Finding) -> Finding:
    return blocker(
        "review.warning_open",
        f"lines.{line}",
        finding.source,
        line=line,
        warning=finding.code,
        text_zh=finding.text("zh"),
        text_en=finding.text("en"),
    )


async def _notes(application_id: int) -> set[tuple[int, str]]:
    rows = await sql(
        "SELECT l.number, w.code FROM warning_note w JOIN application_line l"
        " ON l.id = w.application_line WHERE l.application = $1",
        application_id,
    )
    return {(row["number"], row["code"]) for row in rows}


async def note_warning(actor: Actor, number: str, form: WarningNoteForm) -> list[WarningNoteShape]:
    """Write why a warning on a line may pass; refused where the line has no such warning."""
    async with work():
        row = await records.application_row(actor, number, lock=True)
        line_id = await line_of(row, form.line)
        judged = await assessment.judge_application(row)
        known = [*judged.of_line(form.line), *judged.result.findings]
        if form.code not in {f.code for f in known if not f.blocks}:
            raise Refused(
                [blocker("review.no_such_warning", "code", line=form.line, warning=form.code)]
            )
        await sql(
            "INSERT INTO warning_note (application_line, code, note, written_at, written_by)"
            " VALUES ($1, $2, $3, $4, $5)",
            line_id,
            form.code,
            form.note,
            now(),
            actor.user_id,
        )
        await journal.record(
            actor,
            records.SUBJECT,
            number,
            "note_warning",
            from_status=row.status,
            to_status=row.status,
            note=form.note,
            facts={"line": form.line, "code": form.code},
        )
    return await warning_notes(actor, number)


async def warning_notes(actor: Actor, number: str) -> list[WarningNoteShape]:
    """The notes on warnings of an application."""
    row = await records.application_row(actor, number)
    rows = await sql(
        "SELECT l.number AS line, w.code, w.note, w.written_at, u.name AS by FROM warning_note w"
        " JOIN application_line l ON l.id = w.application_line"
        " JOIN eastlake_user u ON u.id = w.written_by WHERE l.application = $1 ORDER BY w.id",
        row.id,
    )
    return [WarningNoteShape(**r) for r in rows]


async def line_of(row: ApplicationRow, line: int) -> int:
    """The key of a line by its number. Refused where there is none."""
    line_id: int | None = await sql_value(
        "SELECT id FROM application_line WHERE application = $1 AND number = $2", row.id, line
    )
    if line_id is None:
        raise Refused([blocker("review.line_unknown", "line", line=line)])
    return line_id


async def refuse_line(actor: Actor, number: str, line: int, note: str) -> ApplicationState:
    """Refuse one line during a review; the others are assessed again without it."""
    async with work():
        row = await records.application_row(actor, number, lock=True)
        if row.status not in IN_REVIEW:
            raise Refused([blocker("review.line_not_open", "line", line=line, status=row.status)])
        rows = {x["number"]: x for x in await records.line_rows(row.id, lock=True)}
        if line not in rows:
            raise NotFound("申请明细", "Line", line)
        await _refuse_line(actor, row, rows[line], note)
        judged = await assessment.judge_application(row)
        await assessment.store(row, judged)
    return await records.state_of(row.id)


async def _refuse_line(actor: Actor, row: ApplicationRow, line: Any, note: str) -> None:
    if line["status"] != "open":
        raise Refused(
            [blocker("review.line_not_open", "line", line=line["number"], status=line["status"])]
        )
    await sql(
        "UPDATE application_line SET status = 'refused', assessed_fen = 0 WHERE id = $1",
        line["id"],
    )
    await sql("UPDATE application SET revision = revision + 1 WHERE id = $1", row.id)
    await journal.record(
        actor,
        records.SUBJECT,
        row.number,
        "refuse_line",
        from_status=row.status,
        to_status=row.status,
        note=note,
        facts={"line": line["number"]},
    )
