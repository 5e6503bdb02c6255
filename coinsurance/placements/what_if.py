"""What would be (试算): signing, a new line, capacity and legal character without writing."""

from __future__ import annotations

from dataclasses import replace

from coinsurance.placement_forms import (
    WhatIfCapacityForm,
    WhatIfCharacterForm,
    WhatIfNewLineForm,
    WhatIfSigningForm,
    WhatIfZoneForm,
)
from coinsurance.placement_shapes import (
    CharacterItem,
    NeedShape,
    SigningShape,
    WhatIfCapacity,
    WhatIfCharacter,
    WhatIfLine,
)
from coinsurance.placements import gathering, showing
from coinsurance.placements.gathering import Member, Participation, Section, StoredLine
from coinsurance.placements.lines import read_line, section_of
from coinsurance.placements.rooms import room_of
from coinsurance.placements.rows import Access, risk_for
from coinsurance.risk_shapes import RiskZoneShape
from coinsurance.rules.capacity import (
    Capacity,
    Need,
    SectionShares,
    Zone,
    at_risk,
    check_need,
    check_zones,
    needs,
)
from coinsurance.rules.character import (
    CharacterFacts,
    CoInsurerFacts,
    InsurerTerms,
    check,
)
from coinsurance.rules.placement_lines import LineFacts, check_line
from coinsurance.rules.signing import SigningRules, WrittenLine, sign
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.numbering import normalise_uscc
from service.kernel.shares import WHOLE_UNITS


def signing(form: WhatIfSigningForm) -> SigningShape:
    """Sign plain lines; lines that cannot be signed are an answer too, with what is missing."""
    found: list[Finding] = []
    lines = []
    for n, line in enumerate(form.lines):
        wrong: list[Finding] = []
        written, up_to = read_line(line, wrong)
        if form.whole_units != WHOLE_UNITS and (line.written_percent or line.up_to_percent):
            wrong.append(blocker("line.percent_of_other_whole", "written_percent"))
        found += [replace(f, field=f"lines.{n}.{f.field}") for f in wrong]
        lines.append(
            WrittenLine(
                line.name,
                written,
                up_to,
                line.amount_max_fen,
                line.to_stand,
                line.cut_consented,
            )
        )
    if found:
        raise Refused(found)
    rules = SigningRules(form.up_allowed, form.minimum_units)
    signed = sign(
        lines, limit_fen=form.limit_fen, rules=rules, whole_units=form.whole_units
    )
    shown = [showing.line_shape(line, line.key) for line in signed.lines]
    return showing.signing_shape(signed, shown, limit_fen=form.limit_fen)


async def line(actor: Actor, form: WhatIfNewLineForm) -> WhatIfLine:
    """A section before and after a line of the own organisation, or of another for the leaders."""
    found = await risk_for(actor, form.risk)
    members = await gathering.members_of(found.risk.year_id)
    member = _whose(actor, found, members, form.uscc)
    section = await section_of(found, form.section)
    findings: list[Finding] = []
    written, up_to = read_line(form, findings)
    if blockers(findings):
        raise Refused(findings)
    lines = await gathering.lines_of(found.risk.id)
    room = await room_of(found, section, member, lines)
    facts = LineFacts(
        written,
        up_to,
        form.amount_max_fen,
        form.valid_until,
        today(),
        found.risk.start_on,
        found.risk.lines_until,
        section.limit_fen,
        room,
        member.name,
        member.status,
        member.excluded_classes,
        found.risk.business_class,
        member.carries,
        member.left_on,
    )
    findings += check_line(facts, found.terms)
    new = _line(form, section, member, written, up_to)
    others = [x for x in lines if not _same(x, new)]
    before = gathering.by_lines(found, section, lines, members, today())
    after = gathering.by_lines(found, section, [*others, new], members, today())
    return WhatIfLine(
        found.risk.number,
        section.code,
        _shown(found, before, members),
        _shown(found, after, members),
        room.amount_fen,
        room.units(section.limit_fen),
        room.held_by,
        room.zone,
        [finding.as_dict() for finding in findings],
    )


def _whose(actor: Actor, found: Access, members: dict[int, Member], uscc: str) -> Member:
    """The member asked about: the own one, or any for a reader that sees every line."""
    wanted = normalise_uscc(uscc)
    for member in members.values():
        own = actor.owns(member.organisation_id)
        if (member.uscc == wanted or (not wanted and own)) and (own or found.sees_lines):
            return member
    raise NotFound("成员", "Member", uscc or actor.organisation)


def _line(
    form: WhatIfNewLineForm, section: Section, member: Member, written: int, up_to: int | None
) -> StoredLine:
    return StoredLine(
        id=0,
        revision=1,
        section_id=section.id,
        organisation_id=member.organisation_id,
        status="written",
        written_units=written,
        up_to_units=up_to,
        amount_max_fen=form.amount_max_fen,
        to_stand=form.to_stand,
        cut_consented=False,
        conditions=form.conditions,
        valid_until=form.valid_until,
        off_platform=False,
        signed_units=None,
    )


def _same(one: StoredLine, other: StoredLine) -> bool:
    return (one.section_id, one.organisation_id) == (other.section_id, other.organisation_id)


def _shown(found: Access, part: Participation, members: dict[int, Member]) -> SigningShape:
    clause = found.terms.clause("signing")
    return showing.section_shape(part, members, found.view, clause)


def capacity(form: WhatIfCapacityForm) -> WhatIfCapacity:
    """What these shares put on each member, and whether its capacities hold it."""
    zones, listed = _zones(form.zones)
    found = check_zones(listed, zones)
    ppm = at_risk(listed, zones)
    sections = [
        SectionShares(
            section.limit_fen,
            {share.name: share.share_units for share in section.shares},
            section.aggregate_fen,
        )
        for section in form.sections
    ]
    wanted = needs(sections, ppm)
    members = []
    for member in form.members:
        committed = Capacity(
            member.name,
            member.name,
            member.risk_capacity_fen,
            member.event_capacity_fen,
            member.aggregate_capacity_fen,
            member.aggregate_used_fen,
            {use.zone: use.used_fen for use in member.zones_used},
        )
        members.append(_need(wanted.get(member.name, Need()), committed))
    known = {member.name for member in form.members}
    found += [
        blocker("capacity.unknown_member", "members", member=name)
        for name in wanted
        if name not in known
    ]
    return WhatIfCapacity(
        all(member.fits for member in members) and not blockers(found),
        [
            RiskZoneShape(code, zones[code].kind, share, code in listed)
            for code, share in sorted(ppm.items())
        ],
        members,
        [finding.as_dict() for finding in found],
    )


def _zones(given: list[WhatIfZoneForm]) -> tuple[dict[str, Zone], dict[str, int]]:
    zones = {zone.code: Zone(zone.code, zone.kind, zone.parent or None) for zone in given}
    unknown = [
        blocker("risk.unknown_zone", f"zones.{n}.parent", zone=zone.parent)
        for n, zone in enumerate(given)
        if zone.parent and zone.parent not in zones
    ]
    if unknown:
        raise Refused(unknown)
    listed = {zone.code: zone.at_risk_ppm for zone in given if zone.at_risk_ppm is not None}
    return zones, listed


def _need(need: Need, committed: Capacity) -> NeedShape:
    found = check_need(need, committed)
    zones = [
        {
            "zone": code,
            "wanted_fen": fen,
            "used_fen": committed.zones_used_fen.get(code, 0),
            "left_fen": committed.event_fen - committed.zones_used_fen.get(code, 0) - fen,
        }
        for code, fen in sorted(need.zones_fen.items())
    ]
    left = committed.aggregate_fen - committed.aggregate_used_fen - need.aggregate_fen
    return NeedShape(
        committed.name,
        need.risk_fen,
        need.aggregate_fen,
        left,
        zones,
        not found,
        [finding.as_dict() for finding in found],
    )


def character(form: WhatIfCharacterForm) -> WhatIfCharacter:
    """The legal-character check on plain facts."""
    facts = CharacterFacts(
        subject="",
        today=today(),
        issued=form.issued,
        consent_hash="given" if form.consent else None,
        consented_on=form.consented_on,
        agreement_version="agreement" if form.issued == "agreement_attached" else "",
        agreement_hash="agreement" if form.issued == "agreement_attached" else "",
        agreement_effective=form.agreement_effective,
        lead_fee_ppm=form.lead_fee_ppm,
        commission_ppm=form.commission_ppm,
        distance_min_ppm=form.distance_min_ppm,
        insurers=tuple(
            CoInsurerFacts(
                insurer.name,
                insurer.uscc,
                insurer.legal_root,
                insurer.kind,
                insurer.active,
                insurer.share_units,
                InsurerTerms(
                    insurer.contract,
                    insurer.subject,
                    insurer.liability,
                    insurer.start_on,
                    insurer.end_on,
                    insurer.sum_insured_fen,
                ),
                insurer.named,
                insurer.basis,
                insurer.conditions,
            )
            for insurer in form.insurers
        ),
    )
    made = check(facts)
    return WhatIfCharacter(
        made.passed,
        [
            CharacterItem(
                item.code,
                item.zh,
                item.en,
                item.source,
                item.passed,
                [finding.as_dict() for finding in item.findings],
            )
            for item in made.items
        ],
        made.hash,
    )
