"""Lines and papers of a draft: whose they are, and how they are kept."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Any

from catalogue.subsidies import application_texts as _texts  # noqa: F401  registers the texts
from catalogue.subsidy_forms import ApplicationDraftForm, LineForm, MaterialForm
from service.auth import Actor
from service.kernel.db import sql, sql_many
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker


@dataclass(frozen=True, slots=True)
class LinePart:
    """A line with the keys of its records."""

    policy_id: int
    enrolment_id: int | None
    qualification_id: int | None


async def check_parts(actor: Actor, form: ApplicationDraftForm) -> list[LinePart]:
    """The keys of all that a draft names. Refused with what is not there or not the firm's."""
    firm = actor.organisation_id
    policies = {
        row["id"]
        for row in await sql(
            "SELECT id FROM policy WHERE id = ANY($1::bigint[]) AND insured = $2",
            [line.policy for line in form.lines],
            firm,
        )
    }
    enrolments = await _by_number("enrolment", [x.enrolment for x in form.lines], firm, "policy")
    qualifications = await _by_number(
        "qualification", [x.qualification for x in form.lines], firm, "insured_object"
    )
    documents = {
        row["id"]
        for row in await sql(
            "SELECT id FROM document WHERE id = ANY($1::bigint[]) AND organisation = $2",
            [material.document for material in form.materials],
            firm,
        )
    }
    found = _twice(form.lines)
    parts = []
    for position, line in enumerate(form.lines):
        found += _line(f"lines.{position}", line, policies, enrolments, qualifications)
        enrolment = enrolments.get(line.enrolment)
        qualification = qualifications.get(line.qualification)
        parts.append(
            LinePart(
                line.policy,
                enrolment["id"] if enrolment else None,
                qualification["id"] if qualification else None,
            )
        )
    found += [
        blocker("application.unknown_document", f"materials.{n}.document", document=m.document)
        for n, m in enumerate(form.materials)
        if m.document not in documents
    ]
    if found:
        raise Refused(found)
    return parts


async def _by_number(
    table: str, numbers: list[str], firm: int | None, column: str
) -> dict[str, Any]:
    """Rows of the firm by number; `table` and `column` are names of this module."""
    wanted = [number for number in numbers if number]
    if not wanted:
        return {}
    rows = await sql(
        f"SELECT id, number, {column} AS points_to FROM {table}"  # noqa: S608
        " WHERE number = ANY($1::text[]) AND enterprise = $2",
        wanted,
        firm,
    )
    return {row["number"]: row for row in rows}


def _twice(lines: list[LineForm]) -> list[Finding]:
    counted = Counter(line.policy for line in lines)
    return [
        blocker("application.policy_twice", "lines", policy=policy)
        for policy, n in counted.items()
        if n > 1
    ]


def _line(
    field: str,
    line: LineForm,
    policies: set[int],
    enrolments: dict[str, Any],
    qualifications: dict[str, Any],
) -> list[Finding]:
    found = []
    if line.policy not in policies:
        found.append(blocker("application.unknown_policy", f"{field}.policy", policy=line.policy))
    enrolment = enrolments.get(line.enrolment)
    if line.enrolment and (enrolment is None or enrolment["points_to"] != line.policy):
        found.append(
            blocker("application.unknown_enrolment", f"{field}.enrolment", enrolment=line.enrolment)
        )
    if line.qualification and line.qualification not in qualifications:
        found.append(
            blocker(
                "application.unknown_qualification",
                f"{field}.qualification",
                qualification=line.qualification,
            )
        )
    return found


async def write_lines(application_id: int, parts: list[LinePart]) -> None:
    """Make the lines those of the form. A line keeps its number; one with notes of a review that
    is no longer wanted stays as refused."""
    wanted = [part.policy_id for part in parts]
    await sql(
        "UPDATE application_line l SET status = 'refused', assessed_fen = 0"
        " WHERE application = $1 AND NOT policy = ANY($2::bigint[]) AND (EXISTS (SELECT 1 FROM"
        " warning_note w WHERE w.application_line = l.id) OR EXISTS (SELECT 1 FROM"
        " notice_objection x WHERE x.application_line = l.id))",
        application_id,
        wanted,
    )
    await sql(
        "DELETE FROM application_line WHERE application = $1 AND NOT policy = ANY($2::bigint[])"
        " AND status <> 'refused'",
        application_id,
        wanted,
    )
    rows = await sql(
        "SELECT policy, number FROM application_line WHERE application = $1", application_id
    )
    numbers = {row["policy"]: row["number"] for row in rows}
    last = max(numbers.values(), default=0)
    for part in parts:
        if part.policy_id not in numbers:
            last += 1
            numbers[part.policy_id] = last
    await sql_many(
        "INSERT INTO application_line (application, number, policy, enrolment, qualification,"
        " status) VALUES ($1, $2, $3, $4, $5, 'open') ON CONFLICT (application, policy) DO UPDATE"
        " SET enrolment = excluded.enrolment, qualification = excluded.qualification,"
        " status = 'open', assessed_fen = 0, findings = '[]', assessment = '{}'",
        [
            (
                application_id,
                numbers[part.policy_id],
                part.policy_id,
                part.enrolment_id,
                part.qualification_id,
            )
            for part in parts
        ],
    )


async def write_materials(application_id: int, materials: list[MaterialForm]) -> None:
    """Keep the papers of the form beside those already there."""
    await sql_many(
        "INSERT INTO application_material (application, material, document) VALUES ($1, $2, $3)"
        " ON CONFLICT DO NOTHING",
        [(application_id, m.material.value, m.document) for m in materials],
    )
