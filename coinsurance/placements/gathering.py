"""From stored rows to the facts that the rules of risks, lines and capacity are asked about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from coinsurance.placements.rows import Access
from coinsurance.placements.zones import ZoneMap, zone_map_of
from coinsurance.rules.capacity import Capacity, SectionShares, at_risk
from coinsurance.rules.nouns import PoolRole, RiskMethod, ShareMode
from coinsurance.rules.placement_lines import MarketLine, counts, signing_rules, stays
from coinsurance.rules.placement_risk import RiskFacts, SectionFacts, YearFacts
from coinsurance.rules.signing import Signed, WrittenLine, sign
from service.kernel.db import sql, sql_row, sql_value

CARRYING = frozenset(role.value for role in PoolRole) - {PoolRole.OBSERVER.value}


@dataclass(frozen=True, slots=True)
class Member:
    """A membership with its organisation and capacity. Amounts in fen."""

    member_id: int
    organisation_id: int
    uscc: str
    name: str
    legal_root: str
    kind: str
    active: bool
    position: int
    roles: frozenset[str]
    status: str
    left_on: date | None
    excluded_classes: tuple[str, ...]
    risk_capacity_fen: int
    event_capacity_fen: int
    aggregate_capacity_fen: int
    aggregate_used_fen: int

    @property
    def carries(self) -> bool:
        """Whether it may carry a share; an observer may not."""
        return not self.roles.isdisjoint(CARRYING)

    def eligible(self, start_on: date) -> bool:
        """Whether it may be asked for a line of a cover that starts on a day."""
        there = self.status == "active" and stays(self.left_on, start_on)
        return there and self.carries and self.risk_capacity_fen > 0


_MEMBERS = (
    "SELECT m.id AS member_id, m.organisation AS organisation_id, o.uscc, o.short_name AS name,"
    " o.legal_root, o.kind, o.active, m.position, m.roles, m.status, m.left_on, m.excluded_classes,"
    " m.risk_capacity_fen, m.event_capacity_fen, m.aggregate_capacity_fen, m.aggregate_used_fen"
    " FROM pool_member m JOIN organisation o ON o.id = m.organisation WHERE m.pool_year = $1"
)


async def members_of(year_id: int) -> dict[int, Member]:
    """The members of a pool year by organisation, in their fixed order."""
    return _members(await sql(_MEMBERS + " ORDER BY m.position", year_id))


async def lock_members(year_id: int, organisations: Sequence[int]) -> dict[int, Member]:
    """The named members, locked in the order of their keys."""
    query = _MEMBERS + " AND m.organisation = ANY($2::bigint[]) ORDER BY m.id FOR UPDATE OF m"
    return _members(await sql(query, year_id, sorted(organisations)))


def _members(rows: Sequence[Any]) -> dict[int, Member]:
    found = {}
    for row in rows:
        roles, excluded = frozenset(row["roles"]), tuple(row["excluded_classes"])
        found[row["organisation_id"]] = Member(
            **{**row, "roles": roles, "excluded_classes": excluded}
        )
    return found


def capacity_of(member: Member, zones_used_fen: dict[str, int]) -> Capacity:
    """A member's capacity as the rules see it."""
    return Capacity(
        str(member.organisation_id),
        member.name,
        member.risk_capacity_fen,
        member.event_capacity_fen,
        member.aggregate_capacity_fen,
        member.aggregate_used_fen,
        zones_used_fen,
    )


async def zones_used(
    organisations: Sequence[int], zone_ids: Sequence[int]
) -> dict[int, dict[str, int]]:
    """What each organisation has at risk in these zones over all pools, by code."""
    rows = await sql(
        "SELECT u.organisation, z.code, u.used_fen FROM zone_use u JOIN accumulation_zone z"
        " ON z.id = u.zone WHERE u.organisation = ANY($1::bigint[]) AND u.zone = ANY($2::bigint[])",
        list(organisations),
        list(zone_ids),
    )
    found: dict[int, dict[str, int]] = {organisation: {} for organisation in organisations}
    for row in rows:
        found[row["organisation"]][row["code"]] = row["used_fen"]
    return found


@dataclass(frozen=True, slots=True)
class Section:
    """A stored section. Amounts in fen."""

    id: int
    code: str
    title: str
    kind: str
    attachment_fen: int
    limit_fen: int
    aggregate_fen: int | None
    premium_fen: int


async def sections_of(risk_id: int) -> list[Section]:
    """The sections of a risk in their order."""
    rows = await sql(
        "SELECT id, code, title, kind, attachment_fen, limit_fen, aggregate_fen, premium_fen"
        " FROM risk_section WHERE risk = $1 ORDER BY position",
        risk_id,
    )
    return [Section(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class StoredLine:
    """A line as stored, with the organisation that wrote it."""

    id: int
    revision: int
    section_id: int
    organisation_id: int
    status: str
    written_units: int
    up_to_units: int | None
    amount_max_fen: int | None
    to_stand: bool
    cut_consented: bool
    conditions: str
    valid_until: date
    off_platform: bool
    signed_units: int | None

    def as_row(self) -> dict[str, Any]:
        """The part that `journal.move` reads."""
        return {"id": self.id, "status": self.status}

    def as_written(self, key: str) -> WrittenLine:
        """The line as the signing rule takes it."""
        return WrittenLine(
            key,
            self.written_units,
            self.up_to_units,
            self.amount_max_fen,
            self.to_stand,
            self.cut_consented,
        )


async def lines_of(risk_id: int) -> list[StoredLine]:
    """All lines of a risk, whatever became of them."""
    rows = await sql(
        "SELECT l.id, l.revision, l.section AS section_id, l.organisation AS organisation_id,"
        " l.status, l.written_units, l.up_to_units, l.amount_max_fen, l.to_stand,"
        " l.cut_consented, l.conditions, l.valid_until, l.off_platform, l.signed_units"
        " FROM risk_line l JOIN risk_section s ON s.id = l.section WHERE s.risk = $1",
        risk_id,
    )
    return [StoredLine(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class Participation:
    """Who would carry a section: by signed lines, or by the year's schedule.

    `shares` are units by organisation, empty while the lines are not whole; `left_out` are members
    whose lines do not count any more.
    """

    section: Section
    signed: Signed | None
    shares: dict[int, int]
    counted: tuple[StoredLine, ...] = ()
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule of shares of the year as it holds on a day, with what it was derived from."""

    number: str
    mode: str
    clause: str
    shares: dict[int, int]
    weights: dict[int, int]


async def year_schedule(
    year_id: int, day: date, known_at: datetime | None = None
) -> Schedule | None:
    """The year's shares that hold on a day as known at a moment (now); None without any."""
    row = await sql_row(
        "SELECT id, number, mode, clause FROM share_schedule WHERE pool_year = $1"
        " AND section IS NULL AND status = 'effective' AND valid_from <= $2"
        " AND ($3::timestamptz IS NULL OR effective_at <= $3)"
        " ORDER BY valid_from DESC, id DESC LIMIT 1",
        year_id,
        day,
        known_at,
    )
    if row is None:
        return None
    items = await sql(
        "SELECT organisation, share_units, basis_weight FROM share_item WHERE schedule = $1"
        " ORDER BY position",
        row["id"],
    )
    return Schedule(
        row["number"],
        row["mode"],
        row["clause"],
        {item["organisation"]: item["share_units"] for item in items},
        {item["organisation"]: item["basis_weight"] for item in items},
    )


def by_lines(
    access: Access,
    section: Section,
    lines: Sequence[StoredLine],
    members: dict[int, Member],
    day: date,
) -> Participation:
    """Sign the lines of one section that count on a day, in the fixed order of members.

    Of a bound risk those that were signed, so that the same result comes again.
    """
    own = [line for line in lines if line.section_id == section.id]
    if access.risk.status == "placed":
        own = [line for line in own if line.status == "signed"]
    own.sort(key=lambda line: members[line.organisation_id].position)
    counted, left_out = [], []
    for line in own:
        member = members[line.organisation_id]
        written = line.as_written(member.uscc)
        leaves = not stays(member.left_on, access.risk.start_on)
        if counts(MarketLine(written, line.status, line.valid_until, member.status, leaves), day):
            counted.append(line)
        elif line.status in ("written", "lapsed") and line.written_units:
            left_out.append(member.uscc)
    signed = sign(
        [line.as_written(members[line.organisation_id].uscc) for line in counted],
        limit_fen=section.limit_fen,
        rules=signing_rules(access.terms),
    )
    shares = {}
    if signed.whole:
        for line, part in zip(counted, signed.lines, strict=True):
            if part.signed_units:
                shares[line.organisation_id] = part.signed_units
    return Participation(section, signed, shares, tuple(counted), tuple(left_out))


@dataclass(frozen=True, slots=True)
class Market:
    """A risk with everybody who would carry it, as of a day."""

    members: dict[int, Member]
    sections: list[Participation]
    schedule: Schedule | None

    @property
    def whole(self) -> bool:
        """Whether every section is carried to the whole."""
        return bool(self.sections) and all(section.shares for section in self.sections)


async def market_of(access: Access, day: date) -> Market:
    """Who would carry the risk if it were bound on a day; who carries it once it is bound."""
    risk = access.risk
    members = await members_of(risk.year_id)
    sections = await sections_of(risk.id)
    if risk.method == RiskMethod.SCHEDULE:
        bound_at = await sql_value("SELECT bound_at FROM placement WHERE risk = $1", risk.id)
        schedule = await year_schedule(risk.year_id, risk.start_on, bound_at)
        shares = schedule.shares if schedule else {}
        positive = {key: units for key, units in shares.items() if units}
        parts = [Participation(section, None, dict(positive)) for section in sections]
        return Market(members, parts, schedule)
    lines = await lines_of(risk.id)
    return Market(
        members, [by_lines(access, section, lines, members, day) for section in sections], None
    )


def section_shares(parts: Sequence[Participation]) -> list[SectionShares]:
    """The sections as the capacity rule takes them, members by key of their organisation."""
    return [
        SectionShares(
            part.section.limit_fen,
            {str(key): units for key, units in part.shares.items()},
            part.section.aggregate_fen,
        )
        for part in parts
    ]


async def zones_for(risk_id: int) -> tuple[dict[str, int], ZoneMap]:
    """What part of a risk may be lost at once in each zone it touches, and the zones."""
    listed, zones = await zone_map_of(risk_id)
    return at_risk(listed, zones.zones), zones


async def risk_facts(access: Access) -> RiskFacts:
    """A stored risk as its rules see it."""
    risk, year = access.risk, access.year
    listed, zones = await zone_map_of(risk.id)
    values = await sql(
        "SELECT value_fen FROM risk_value WHERE risk = $1 ORDER BY position", risk.id
    )
    product_type = await sql_value(
        "SELECT t.code FROM product p JOIN product_type t ON t.id = p.product_type WHERE p.id = $1",
        risk.product_id,
    )
    return RiskFacts(
        method=RiskMethod(risk.method),
        business_class=risk.business_class,
        start_on=risk.start_on,
        end_on=risk.end_on,
        sum_insured_fen=risk.sum_insured_fen,
        premium_fen=risk.premium_fen,
        deductible_fen=risk.deductible_fen,
        rate_ppm=risk.rate_ppm,
        sections=tuple(
            SectionFacts(
                s.code, s.kind, s.limit_fen, s.premium_fen, s.attachment_fen, s.aggregate_fen
            )
            for s in await sections_of(risk.id)
        ),
        year=await year_facts(year, risk.start_on),
        terms=access.terms,
        zones=zones.zones,
        at_risk_ppm=listed,
        values_fen=tuple(row["value_fen"] for row in values),
        product_type=product_type or "",
        project_name=risk.project_name,
        project_number=risk.project_number,
        referral=risk.referral,
    )


async def year_facts(year: Any, day: date) -> YearFacts:
    """A pool year as the rules of risks see it."""
    return YearFacts(
        year["number"],
        year["status"],
        year["pool_status"],
        year["start_on"],
        year["end_on"],
        ShareMode(year["share_mode"]),
        await year_schedule(year["id"], day) is not None,
    )
