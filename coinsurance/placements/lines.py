"""Writing lines (认购份额): by a member for itself, or by the issuer for one that wrote on paper.

Every write locks the risk, so that lines of one risk come one after the other and a check made
before is seen to be older. A line above the member's capacity is refused with what is left.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from coinsurance.placement_forms import LineForm, OffPlatformLineForm, SectionNoteForm
from coinsurance.placements import gathering
from coinsurance.placements import line_texts as _texts  # noqa: F401  registers the texts
from coinsurance.placements.gathering import Member, Section, StoredLine
from coinsurance.placements.rooms import room_of
from coinsurance.placements.rows import Access, issuer_of, need_revision, risk_for, touch
from coinsurance.risk_shapes import LineState
from coinsurance.rules.placement_lines import LineFacts, check_line
from coinsurance.rules.placement_risk import check_open
from coinsurance.rules.workflows import LINE
from coinsurance.tables import RiskLine
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.money import MoneyError
from service.kernel.numbering import normalise_uscc
from service.kernel.shares import WHOLE_UNITS, parse_percent


@dataclass(frozen=True, slots=True)
class Asked:
    """A line as it was asked for, in units."""

    written_units: int
    up_to_units: int | None
    amount_max_fen: int | None
    to_stand: bool
    conditions: str
    valid_until: date


def read_line(form: Any, found: list[Finding]) -> tuple[int, int | None]:
    """Units of a line and of its upper bound, each given in units or in percent."""
    written = _units(form.written_units, form.written_percent, "written", found)
    if written is None and not blockers(found):
        found.append(blocker("line.share_missing", "written_units"))
    return written or 0, _units(form.up_to_units, form.up_to_percent, "up_to", found)


def _units(units: int | None, percent: str, name: str, found: list[Finding]) -> int | None:
    if units is not None and percent:
        found.append(blocker("line.share_twice", f"{name}_percent"))
    if not percent:
        return units
    try:
        return parse_percent(percent, f"{name}_percent")
    except MoneyError as error:
        found.append(error.finding)
        return None


async def write_line(actor: Actor, number: str, form: LineForm) -> LineState:
    """Write the own organisation's line on a section; one that stands is changed by its key."""
    async with work():
        found = await risk_for(actor, number, lock=True)
        return await _write(actor, found, form, _own_id(actor, found), fresh=True)


async def change_line(
    actor: Actor, number: str, line_id: int, form: LineForm, revision: int | None
) -> LineState:
    """Write the own line again (If-Match: the line's revision)."""
    async with work():
        found = await risk_for(actor, number, lock=True)
        line = await _own_line(actor, found, line_id)
        need_revision(line.revision, revision)
        section = await section_of(found, form.section, line.section_id)
        if section.id != line.section_id:
            raise Refused([blocker("line.section_differs", "section", section=section.code)])
        changed = form.model_copy(update={"section": section.code})
        return await _write(actor, found, changed, line.organisation_id)


async def write_off_platform(
    actor: Actor, number: str, form: OffPlatformLineForm
) -> LineState:
    """Record a line that a member gave outside the platform, with the paper that shows it."""
    async with work():
        found = await issuer_of(actor, number)
        uscc = normalise_uscc(form.uscc)
        organisation = await sql_value("SELECT id FROM organisation WHERE uscc = $1", uscc)
        if organisation is None:
            raise Refused([blocker("policy.unknown_organisation", "uscc", uscc=uscc)])
        evidence = await sql_value(
            "SELECT id FROM document WHERE id = $1 AND organisation = $2",
            form.evidence_document,
            actor.organisation_id,
        )
        if evidence is None:
            raise Refused([blocker("line.evidence_missing", "evidence_document")])
        return await _write(actor, found, form, organisation, evidence=evidence)


def _own_id(actor: Actor, found: Access) -> int:
    if found.view.seat is None or actor.organisation_id is None:
        raise Forbidden("line.members_only")
    return actor.organisation_id


async def _own_line(actor: Actor, found: Access, line_id: int) -> StoredLine:
    """The actor's own line of a risk; a peer's line does not exist for it."""
    lines = await gathering.lines_of(found.risk.id)
    own = next(
        (x for x in lines if x.id == line_id and actor.owns(x.organisation_id)), None
    )
    if own is None:
        raise NotFound("份额线", "Line", line_id)
    return own


async def section_of(found: Access, code: str, only: int | None = None) -> Section:
    """The section a form names; without a name the only one, or the line's own."""
    sections = await gathering.sections_of(found.risk.id)
    if not code and only is not None:
        return next(section for section in sections if section.id == only)
    if not code and len(sections) == 1:
        return sections[0]
    section = next((section for section in sections if section.code == code), None)
    if section is None:
        codes = [section.code for section in sections]
        raise Refused(
            [blocker("form.not_a_choice", "section", value=code, choices=codes)]
        )
    return section


async def _write(
    actor: Actor,
    found: Access,
    form: LineForm,
    organisation_id: int,
    *,
    evidence: int | None = None,
    fresh: bool = False,
) -> LineState:
    _need_market(found)
    section = await section_of(found, form.section)
    findings: list[Finding] = []
    written, up_to = read_line(form, findings)
    asked = Asked(
        written, up_to, form.amount_max_fen, form.to_stand, form.conditions, form.valid_until
    )
    members = await gathering.members_of(found.risk.year_id)
    member = members.get(organisation_id)
    if member is None:
        raise Refused([*findings, blocker("line.not_a_member", "uscc")])
    lines = await gathering.lines_of(found.risk.id)
    if not blockers(findings):
        findings += check_line(await _facts(found, section, member, asked, lines), found.terms)
    if blockers(findings):
        raise Refused(findings)
    line = next(
        (x for x in lines if (x.section_id, x.organisation_id) == (section.id, organisation_id)),
        None,
    )
    if fresh and line is not None and line.status == "written":
        raise Conflict("line.written_already", line=line.id)
    line_id = await _store(actor, section, member, line, asked, evidence)
    await touch(found.risk.id)
    return await _state(found, line_id, findings)


def _need_market(found: Access) -> None:
    """Lines are written while the year is open, the risk in the market, its last day not past."""
    risk, day = found.risk, today()
    closed = check_open(risk.year, found.year["status"], found.year["pool_status"])
    if closed:
        raise Refused(closed)
    if risk.status != "in_market":
        raise Refused([blocker("line.not_in_market", "status", number=risk.number)])
    if risk.lines_until is not None and day > risk.lines_until:
        raise Refused([blocker("line.market_closed", "lines_until", day=risk.lines_until)])


async def _facts(
    found: Access, section: Section, member: Member, asked: Asked, lines: list[StoredLine]
) -> LineFacts:
    return LineFacts(
        written_units=asked.written_units,
        up_to_units=asked.up_to_units,
        amount_max_fen=asked.amount_max_fen,
        valid_until=asked.valid_until,
        today=today(),
        start_on=found.risk.start_on,
        lines_until=found.risk.lines_until,
        limit_fen=section.limit_fen,
        room=await room_of(found, section, member, lines),
        member=member.name,
        member_status=member.status,
        excluded_classes=member.excluded_classes,
        business_class=found.risk.business_class,
        carries=member.carries,
        left_on=member.left_on,
    )


async def _store(
    actor: Actor,
    section: Section,
    member: Member,
    line: StoredLine | None,
    asked: Asked,
    evidence: int | None,
) -> int:
    row: Mapping[str, Any]
    if line is None:
        row = await _offered(actor, section, member, asked)
    else:
        row = line.as_row()
    values = {
        "written_units": asked.written_units,
        "up_to_units": asked.up_to_units,
        "amount_max_fen": asked.amount_max_fen,
        "to_stand": asked.to_stand,
        "cut_consented": False,
        "conditions": asked.conditions,
        "valid_until": asked.valid_until,
        "off_platform": evidence is not None,
        "evidence": evidence,
        "revision": (line.revision if line else 1) + 1,
        "recorded_at": now(),
        "recorded_by": actor.user_id,
    }
    facts = {
        "written_units": asked.written_units,
        "up_to_units": asked.up_to_units,
        "amount_max_fen": asked.amount_max_fen,
        "to_stand": asked.to_stand,
        "valid_until": asked.valid_until.isoformat(),
        "evidence": evidence,
    }
    await _step(actor, row, "write", values=values, facts=facts)
    line_id: int = row["id"]
    return line_id


async def _offered(
    actor: Actor, section: Section, member: Member, asked: Asked
) -> Mapping[str, Any]:
    """A line of a member that had not been offered one, such as one that joined later."""
    row = await sql_row(
        "INSERT INTO risk_line (section, organisation, status, written_units, to_stand,"
        " cut_consented, conditions, valid_until, off_platform, revision, recorded_at, recorded_by)"
        " VALUES ($1, $2, 'offered', 0, false, false, '', $3, false, 1, $4, $5)"
        " RETURNING id, status",
        section.id,
        member.organisation_id,
        asked.valid_until,
        now(),
        actor.user_id,
    )
    assert row is not None
    await journal.record(actor, "risk_line", str(row["id"]), "offer", to_status="offered")
    return row


async def _step(
    actor: Actor,
    row: Mapping[str, Any],
    event: str,
    *,
    note: str = "",
    values: Mapping[str, Any] | None = None,
    facts: Mapping[str, Any] | None = None,
) -> None:
    await journal.move(
        LINE,
        RiskLine,
        row,
        event,
        actor,
        subject_kind="risk_line",
        subject=str(row["id"]),
        note=note,
        values=values,
        facts=facts,
    )


async def decline(actor: Actor, number: str, form: SectionNoteForm) -> LineState:
    """Decline a section, or take the own line on it back while the risk is in the market."""
    return await _on_own(actor, number, form, "decline")


async def consent_to_cut(actor: Actor, number: str, form: SectionNoteForm) -> LineState:
    """Let the own line to stand be cut at signing (POOLS invariant 2)."""
    return await _on_own(actor, number, form, None)


async def _on_own(
    actor: Actor, number: str, form: SectionNoteForm, event: str | None
) -> LineState:
    async with work():
        found = await risk_for(actor, number, lock=True)
        own = _own_id(actor, found)
        _need_market(found)
        section = await section_of(found, form.section)
        lines = await gathering.lines_of(found.risk.id)
        line = next(
            (x for x in lines if (x.section_id, x.organisation_id) == (section.id, own)), None
        )
        if line is None:
            raise NotFound("份额线", "Line", section.code)
        if event is not None:
            values = {"revision": line.revision + 1}
            await _step(actor, line.as_row(), event, note=form.note, values=values)
        else:
            await _cut_consent(actor, line, form.note)
        await touch(found.risk.id)
        return await _state(found, line.id, [])


async def _cut_consent(actor: Actor, line: StoredLine, note: str) -> None:
    if line.status != "written" or not line.to_stand:
        raise Refused([blocker("line.does_not_stand", "to_stand")])
    await sql(
        "UPDATE risk_line SET cut_consented = true, revision = revision + 1 WHERE id = $1", line.id
    )
    await journal.record(actor, "risk_line", str(line.id), "consent_to_cut", note=note)


async def _state(found: Access, line_id: int, findings: list[Finding]) -> LineState:
    """The line as stored, with what its section lacks now."""
    lines = await gathering.lines_of(found.risk.id)
    line = next(x for x in lines if x.id == line_id)
    sections = await gathering.sections_of(found.risk.id)
    section = next(x for x in sections if x.id == line.section_id)
    members = await gathering.members_of(found.risk.year_id)
    part = gathering.by_lines(found, section, lines, members, today())
    missing = part.signed.missing_units if part.signed else WHOLE_UNITS
    return LineState(
        line.id,
        line.revision,
        line.status,
        section.code,
        line.written_units,
        missing,
        [finding.as_dict() for finding in findings],
    )
