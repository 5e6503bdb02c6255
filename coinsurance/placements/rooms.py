"""What members can still take of a section: their capacity less all they carry already."""

from __future__ import annotations

from coinsurance.placements import gathering
from coinsurance.placements.gathering import Member, Section, StoredLine
from coinsurance.placements.rows import Access
from coinsurance.rules.capacity import Need, Room, needs, room


async def room_of(
    found: Access, section: Section, member: Member, lines: list[StoredLine]
) -> Room:
    """What a member can still take of a section beside its lines on the others."""
    return (await rooms_of(found, section, [member], lines))[member.organisation_id]


async def rooms_of(
    found: Access, section: Section, members: list[Member], lines: list[StoredLine]
) -> dict[int, Room]:
    """The same for several members, by organisation."""
    at_risk, zones = await gathering.zones_for(found.risk.id)
    keys = [member.organisation_id for member in members]
    used = await gathering.zones_used(keys, list(zones.ids.values()))
    others = [x for x in await gathering.sections_of(found.risk.id) if x.id != section.id]
    return {
        member.organisation_id: room(
            gathering.capacity_of(member, used[member.organisation_id]),
            at_risk,
            _elsewhere(others, member, lines),
        )
        for member in members
    }


def _elsewhere(others: list[Section], member: Member, lines: list[StoredLine]) -> Need:
    """What a member has written on the other sections of the risk, at the most it may sign."""
    units = {
        x.section_id: max(x.written_units, x.up_to_units or 0)
        for x in lines
        if x.organisation_id == member.organisation_id and x.status == "written"
    }
    parts = gathering.section_shares(
        [
            gathering.Participation(s, None, {member.organisation_id: units[s.id]})
            for s in others
            if s.id in units
        ]
    )
    return needs(parts, {}).get(str(member.organisation_id), Need())
