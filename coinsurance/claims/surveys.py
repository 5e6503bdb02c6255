"""Surveys of a loss (查勘): joint above the agreed threshold, with everybody's attendance."""

from __future__ import annotations

from collections.abc import Sequence

from coinsurance.claim_forms import AttendanceForm, SurveyForm
from coinsurance.claim_shapes import ClaimState
from coinsurance.claims.rows import Found, OnRisk, handled, members_on_risk
from coinsurance.claims.states import state_of
from coinsurance.rules.claims.notices import SurveyFacts, check_survey
from coinsurance.rules.claims.nouns import Attendance
from coinsurance.rules.claims.workflow import CLAIM
from coinsurance.tables import Claim
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_value, work
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.numbering import normalise_uscc


async def hold(actor: Actor, number: str, form: SurveyForm) -> ClaimState:
    """Record a survey that was held and who came to it."""
    async with work():
        found = await handled(actor, number)
        CLAIM.advance(found.status, "survey", actor.roles)
        members = await members_on_risk(found.id)
        checks = _check_attendance(form.attendance, members)
        if not found.row["loss_on"] <= form.held_on <= today():
            checks.append(
                blocker(
                    "claim.day_outside",
                    "held_on",
                    day=form.held_on,
                    first=found.row["loss_on"],
                    last=today(),
                )
            )
        if form.report is not None:
            checks += await check_document(actor, form.report, "report")
        if blockers(checks):
            raise Refused(checks)
        await _write(actor, found, form, members)
    return await state_of(number)


def _check_attendance(
    attendance: Sequence[AttendanceForm], members: Sequence[OnRisk]
) -> list[Finding]:
    known = {member.uscc for member in members}
    codes = [normalise_uscc(each.uscc) for each in attendance]
    found = []
    for position, code in enumerate(codes):
        field = f"attendance.{position}.uscc"
        if code not in known:
            found.append(blocker("claim.unknown_member", field, value=code))
        if code in codes[:position]:
            found.append(blocker("claim.member_twice", field, value=code))
    return found


async def _write(
    actor: Actor, found: Found, form: SurveyForm, members: Sequence[OnRisk]
) -> None:
    keys = {member.uscc: member.organisation_id for member in members}
    serial = await sql_value("SELECT count(*) + 1 FROM claim_survey WHERE claim = $1", found.id)
    survey = await sql_value(
        "INSERT INTO claim_survey (claim, number, held_on, place, surveyor, joint, summary, report,"
        " recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) RETURNING id",
        found.id,
        serial,
        form.held_on,
        form.place,
        form.surveyor,
        form.joint,
        form.summary,
        form.report,
        now(),
        actor.user_id,
    )
    await sql_many(
        "INSERT INTO claim_attendance (survey, organisation, status, person, note)"
        " VALUES ($1, $2, $3, $4, $5)",
        [
            (survey, keys[normalise_uscc(a.uscc)], a.status.value, a.person, a.note)
            for a in form.attendance
        ],
    )
    await journal.move(
        CLAIM,
        Claim,
        found.row,
        "survey",
        actor,
        subject_kind="claim",
        subject=found.number,
        note=form.summary,
        values={"revision": found.row["revision"] + 1},
        facts={
            "survey": serial,
            "joint": form.joint,
            "attendance": {a.uscc: a.status.value for a in form.attendance},
        },
        effective_on=form.held_on,
    )


_SEEN = """
SELECT a.organisation,
  min(CASE a.status WHEN 'attended' THEN 1 WHEN 'waived' THEN 2 ELSE 3 END) AS best
FROM claim_survey s JOIN claim_attendance a ON a.survey = s.id
WHERE s.claim = $1 AND s.joint GROUP BY a.organisation
"""
_BEST = {1: Attendance.ATTENDED, 2: Attendance.WAIVED, 3: Attendance.ABSENT}


async def check(found: Found, gross_fen: int) -> list[Finding]:
    """Whether the joint survey that the agreement asks for was held with everybody."""
    if found.terms is None:
        return []
    seen = await sql(_SEEN, found.id)
    invited = await sql(
        "SELECT organisation FROM claim_notice WHERE claim = $1 AND kind = 'survey'"
        " AND served_at IS NOT NULL",
        found.id,
    )
    members = await members_on_risk(found.id)
    labels = {member.organisation_id: member.label for member in members}
    return check_survey(
        SurveyFacts(
            max(gross_fen, found.row["estimate_fen"]),
            found.terms.survey_threshold_fen,
            found.clause("survey_threshold_fen"),
            tuple(labels.values()),
            {labels[row["organisation"]]: _BEST[row["best"]] for row in seen},
            frozenset(labels.get(row["organisation"], "") for row in invited),
        )
    )


async def check_document(actor: Actor, document: int, field: str) -> list[Finding]:
    """A document that is attached was uploaded by the actor's own organisation."""
    mine = await sql_value(
        "SELECT 1 FROM document WHERE id = $1 AND organisation = $2",
        document,
        actor.organisation_id,
    )
    return [] if mine else [blocker("claim.unknown_document", field, value=document)]

