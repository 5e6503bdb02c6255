"""Assessing applications: facts collected, judged, stored with a trace a citizen can read.

The stored facts and the rule give the same bytes again; `assessment_hash` is the SHA-256 of the
canonical JSON of the result.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from dataclasses import dataclass

import msgspec

from catalogue.books import SubsidyBook
from catalogue.rules.checks import check_lines, for_firm, parameters_of
from catalogue.rules.subsidy import ApplicationFacts, Assessment, assess
from catalogue.subsidies import records, schemes
from catalogue.subsidies.evidence import collect_by_application
from catalogue.subsidies.gathering import Ask, LineSpec, collect
from catalogue.subsidies.records import ApplicationRow, builtin
from catalogue.subsidy_shapes import AssessmentShape, PreviewShape
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import today
from service.kernel.db import sql, sql_many, sql_row
from service.kernel.errors import NotFound
from service.kernel.findings import Finding
from service.kernel.journal import canonical


@dataclass(frozen=True, slots=True)
class Judgement:
    """Facts, what the rule says of them, what other records say; line findings by number."""

    book: SubsidyBook
    facts: ApplicationFacts
    result: Assessment
    checks: Mapping[int, list[Finding]]

    def findings(self) -> list[Finding]:
        """All findings of rule and records, the application's first."""
        return [*self.result.all_findings(), *(f for found in self.checks.values() for f in found)]

    def of_line(self, number: int) -> list[Finding]:
        """Findings of one line, of the rule and of the records."""
        mine = next((x.findings for x in self.result.lines if x.key == str(number)), ())
        return [*mine, *self.checks.get(number, [])]

    def amount_fen(self, number: int) -> int:
        """What a line gets."""
        return next((x.amount_fen for x in self.result.lines if x.key == str(number)), 0)


async def judge(ask: Ask, book: SubsidyBook) -> Judgement:
    """Judge what is asked by the rule alone; nothing is written."""
    facts = await collect(ask)
    return Judgement(book, facts, assess(book.rules, facts), {})


async def judge_application(
    row: ApplicationRow, *, with_materials: bool = True, checks: bool = True
) -> Judgement:
    """Judge a stored application as its records now stand. Refused lines are left out."""
    book = await records.book_of_application(row)
    declared = row.declared
    lines = [
        LineSpec(
            line["number"],
            line["policy"],
            line["enrolment"],
            line["qualification"],
            declared.get("lines", {}).get(str(line["policy"]), {}),
        )
        for line in await records.line_rows(row.id)
        if line["status"] != "refused"
    ]
    attached = await attached_materials(row.id) if with_materials else None
    ask = Ask(
        scheme=row.scheme_facts(),
        family=book.family,
        enterprise_id=row.enterprise_id,
        applied_on=row.applied_on or today(),
        lines=lines,
        firm=declared.get("firm", {}),
        application_id=row.id,
        materials=attached,
    )
    judged = await judge(ask, book)
    return dataclasses.replace(judged, checks=await other_records(row)) if checks else judged


async def other_records(row: ApplicationRow) -> dict[int, list[Finding]]:
    """What other records say against the lines (POLICY §F.3), by line."""
    book = await records.book_of_application(row)
    known = (await collect_by_application([row.id])).get(row.id, {})
    found = check_lines(list(known.values()), parameters_of(book.rules))
    return {int(key): findings for key, findings in found.items()}


async def attached_materials(application_id: int) -> frozenset[str]:
    """Codes of the papers attached: to the application, or to the object of every line."""
    rows = await sql(
        "SELECT material FROM application_material WHERE application = $1 UNION"
        " SELECT d.material FROM application_line l JOIN policy y ON y.id = l.policy"
        " LEFT JOIN enrolment e ON e.id = l.enrolment JOIN object_document d"
        " ON d.insured_object = coalesce(e.insured_object, y.insured_object)"
        " WHERE l.application = $1 AND l.status <> 'refused' GROUP BY d.material"
        " HAVING count(DISTINCT l.id) = (SELECT count(*) FROM application_line"
        " WHERE application = $1 AND status <> 'refused')",
        application_id,
    )
    return frozenset(row["material"] for row in rows)


async def store(row: ApplicationRow, judged: Judgement) -> None:
    """Keep a judgement with its facts: whole, and line by line. Amounts follow it."""
    await _store_whole(row, judged)
    await store_lines(row, judged, {int(line.key) for line in judged.result.lines})


async def _store_whole(row: ApplicationRow, judged: Judgement) -> None:
    result = judged.result
    whole = {
        "rule": judged.book.reference(),
        "facts": builtin(judged.facts),
        "result": result.as_dict(),
    }
    await sql(
        "UPDATE application SET assessment = $2, assessment_hash = $3, assessed_fen = $4"
        " WHERE id = $1",
        row.id,
        canonical(whole),
        result.hash,
        result.total_fen,
    )


async def store_lines(row: ApplicationRow, judged: Judgement, numbers: Collection[int]) -> None:
    """Keep what was found on some lines, for the office and for the firm, with their traces."""
    reference = {"rule": judged.book.reference(), "hash": judged.result.hash}
    lines = []
    for line in judged.result.lines:
        if int(line.key) not in numbers:
            continue
        found = judged.of_line(int(line.key))
        shown = for_firm(judged.checks.get(int(line.key), []), row.enterprise_uscc)
        findings = {
            "office": [f.as_dict() for f in found],
            "firm": [f.as_dict() for f in (*line.findings, *shown)],
        }
        kept = {**reference, **line.as_dict()}
        lines.append((row.id, int(line.key), line.amount_fen, canonical(kept), canonical(findings)))
    await sql_many(
        "UPDATE application_line SET assessed_fen = $3, assessment = $4, findings = $5"
        " WHERE application = $1 AND number = $2",
        lines,
    )


async def trace(actor: Actor, number: str) -> AssessmentShape:
    """The stored assessment, computed again from its facts to show that it holds."""
    row = await records.application_row(actor, number)
    stored = await sql_row(
        "SELECT assessment::text AS body, assessment_hash FROM application WHERE id = $1", row.id
    )
    assert stored is not None
    if not stored["assessment_hash"]:
        raise NotFound("测算结果", "Assessment", number)
    body = journal.parsed(stored["body"])
    book = await records.book_of_application(row)
    facts = msgspec.convert(body["facts"], ApplicationFacts)
    again = assess(book.rules, facts).hash
    return AssessmentShape(
        number=row.number,
        rule=body["rule"],
        hash=stored["assessment_hash"],
        reproduced=again == stored["assessment_hash"],
        facts=body["facts"],
        assessment=body["result"],
    )


async def preview(actor: Actor, number: str) -> PreviewShape:
    """What the application would get as things stand, with all that is still missing."""
    row = await records.application_row(actor, number)
    judged = await judge_application(row, checks=False)
    return await shown(row.scheme, judged)


async def expected_fen(row: ApplicationRow) -> int:
    """What the firm may expect of a draft once it is complete."""
    judged = await judge_application(row, with_materials=False, checks=False)
    return would_be_fen(judged.result)


def would_be_fen(result: Assessment) -> int:
    """What all lines would get once their blockers are put right."""
    return sum(line.would_be_fen or 0 for line in result.lines)


async def shown(scheme: str, judged: Judgement) -> PreviewShape:
    """A judgement as the API shows it."""
    budget = await schemes.budget(scheme)
    return PreviewShape(
        rule_version=judged.result.rule_version,
        rule_hash=judged.result.rule_hash,
        total_fen=judged.result.total_fen,
        would_be_fen=would_be_fen(judged.result),
        budget_free_fen=budget.free_fen,
        findings=[f.as_dict() for f in judged.findings()],
        assessment=judged.result.as_dict(),
    )
