"""What placements put on members' capacity, and the locks that hold it (DESIGN law 13).

One way to change it: `lock` the members and the zones in sorted order, learn what stands against
the new use, then `settle` it. Binding, a changed sum, changed shares, cancellation and expiry all
pass here, so that kept use is always the sum of the exposures that are not released.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from coinsurance.placements import gathering
from coinsurance.placements.gathering import Member
from coinsurance.placements.zones import EVENT_CAPACITY
from coinsurance.rules.capacity import Need, check_need
from service.kernel.calendar import now
from service.kernel.db import sql, sql_many
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blockers

_NOTHING = Need()


@dataclass(frozen=True, slots=True)
class Locked:
    """Members and zones held until the transaction ends, with what is used and what is wanted."""

    members: Mapping[int, Member]
    zone_ids: Mapping[str, int]
    before: Mapping[int, Need]
    wanted: Mapping[int, Need]
    findings: tuple[Finding, ...]


async def lock(
    year_id: int,
    wanted: Mapping[int, Need],
    zone_ids: Mapping[str, int],
    placement_id: int | None = None,
    *,
    keep: bool = False,
) -> Locked:
    """Lock what the wanted use touches and judge it; `wanted` is by organisation.

    `keep`: what stands is held too, since the change is still to come. Members first, by key, then
    zones by zone and organisation: the same order for everybody.
    """
    before, known = await _standing(placement_id)
    if keep:
        wanted = {
            key: _both(before.get(key, _NOTHING), wanted.get(key, _NOTHING))
            for key in {**before, **wanted}
        }
    ids = {**known, **zone_ids}
    touched = sorted({*before, *wanted})
    members = await gathering.lock_members(year_id, touched)
    pairs = sorted(
        (ids[code], organisation)
        for needs in (before, wanted)
        for organisation, need in needs.items()
        for code in need.zones_fen
    )
    used = await _lock_zones(sorted(set(pairs)), members)
    codes = {key: code for code, key in ids.items()}
    zones: dict[int, dict[str, int]] = {organisation: {} for organisation in touched}
    for (zone, organisation), used_fen in used.items():
        zones[organisation][codes[zone]] = used_fen
    found: list[Finding] = []
    for organisation, need in wanted.items():
        old = before.get(organisation, _NOTHING)
        if _grows(need, old):
            capacity = gathering.capacity_of(members[organisation], zones[organisation])
            found += check_need(need, capacity, old)
    return Locked(members, ids, before, wanted, tuple(found))


def _both(old: Need, new: Need) -> Need:
    """The larger of two needs, capacity by capacity."""
    zones = {
        code: max(old.zones_fen.get(code, 0), new.zones_fen.get(code, 0))
        for code in {**old.zones_fen, **new.zones_fen}
    }
    risk_fen = max(old.risk_fen, new.risk_fen)
    return Need(risk_fen, max(old.aggregate_fen, new.aggregate_fen), zones)


def _grows(need: Need, old: Need) -> bool:
    """Whether a need takes more of a year or a zone than before."""
    return need.aggregate_fen > old.aggregate_fen or any(
        fen > old.zones_fen.get(code, 0) for code, fen in need.zones_fen.items()
    )


async def _standing(placement_id: int | None) -> tuple[dict[int, Need], dict[str, int]]:
    """What a placement puts on its members now, and the keys of its zones."""
    if placement_id is None:
        return {}, {}
    rows = await sql(
        "SELECT e.organisation, z.id AS zone, z.code, e.amount_fen FROM placement_exposure e"
        " LEFT JOIN accumulation_zone z ON z.id = e.zone"
        " WHERE e.placement = $1 AND e.released_at IS NULL",
        placement_id,
    )
    year: dict[int, int] = {}
    zones: dict[int, dict[str, int]] = {}
    for row in rows:
        if row["zone"] is None:
            year[row["organisation"]] = row["amount_fen"]
        else:
            zones.setdefault(row["organisation"], {})[row["code"]] = row["amount_fen"]
    before = {
        key: Need(0, year.get(key, 0), zones.get(key, {})) for key in {*year, *zones}
    }
    return before, {row["code"]: row["zone"] for row in rows if row["zone"] is not None}


async def _lock_zones(
    pairs: Sequence[tuple[int, int]], members: Mapping[int, Member]
) -> dict[tuple[int, int], int]:
    if not pairs:
        return {}
    zones = [zone for zone, _ in pairs]
    organisations = [organisation for _, organisation in pairs]
    limits = [members[organisation].event_capacity_fen for organisation in organisations]
    await sql(
        "INSERT INTO zone_use (zone, organisation, used_fen, limit_fen)"
        " SELECT t.z, t.o, 0, t.c FROM unnest($1::bigint[], $2::bigint[], $3::bigint[])"
        " WITH ORDINALITY t(z, o, c, n) ORDER BY t.n ON CONFLICT (zone, organisation) DO NOTHING",
        zones,
        organisations,
        limits,
    )
    rows = await sql(
        "SELECT zone, organisation, used_fen FROM zone_use WHERE (zone, organisation) IN"
        " (SELECT * FROM unnest($1::bigint[], $2::bigint[])) ORDER BY zone, organisation"
        " FOR UPDATE",
        zones,
        organisations,
    )
    return {(row["zone"], row["organisation"]): row["used_fen"] for row in rows}


async def settle(locked: Locked, placement_id: int, moment: datetime | None = None) -> bool:
    """Write the wanted use of a placement; whether it changed. Refused where capacity is passed."""
    if blockers(locked.findings):
        raise Refused(locked.findings)
    moment = moment or now()
    changes = _changes(locked)
    if not changes:
        return False
    await _release(placement_id, changes, moment)
    await sql_many(
        "INSERT INTO placement_exposure (placement, organisation, zone, amount_fen)"
        " VALUES ($1, $2, $3, $4)",
        [
            (placement_id, organisation, zone, new)
            for (organisation, zone), (_, new) in changes.items()
            if new
        ],
    )
    await _keep_use(locked, changes)
    return True


_Key = tuple[int, int | None]


def _changes(locked: Locked) -> dict[_Key, tuple[int, int]]:
    """Old and new amount of everything that changes, by organisation and zone (None: the year)."""
    old, new = _flat(locked, locked.before), _flat(locked, locked.wanted)
    return {
        key: (old.get(key, 0), new.get(key, 0))
        for key in sorted({*old, *new}, key=lambda k: (k[0], k[1] or 0))
        if old.get(key, 0) != new.get(key, 0)
    }


def _flat(locked: Locked, needs: Mapping[int, Need]) -> dict[_Key, int]:
    found: dict[_Key, int] = {}
    for organisation, need in needs.items():
        found[organisation, None] = need.aggregate_fen
        for code, fen in need.zones_fen.items():
            found[organisation, locked.zone_ids[code]] = fen
    return found


async def _release(
    placement_id: int, changes: Mapping[_Key, tuple[int, int]], moment: datetime
) -> None:
    gone = [key for key, (old, _) in changes.items() if old]
    if gone:
        await sql(
            "UPDATE placement_exposure e SET released_at = $2 FROM unnest($3::bigint[],"
            " $4::bigint[]) t(o, z) WHERE e.placement = $1 AND e.released_at IS NULL"
            " AND e.organisation = t.o AND e.zone IS NOT DISTINCT FROM t.z",
            placement_id,
            moment,
            [organisation for organisation, _ in gone],
            [zone for _, zone in gone],
        )


async def _keep_use(locked: Locked, changes: Mapping[_Key, tuple[int, int]]) -> None:
    """The kept sums; the database's own checks hold them below the capacity."""
    year = [(o, new - old) for (o, zone), (old, new) in changes.items() if zone is None]
    await sql(
        "UPDATE pool_member m SET aggregate_used_fen = m.aggregate_used_fen + t.d"
        " FROM unnest($1::bigint[], $2::bigint[]) t(id, d) WHERE m.id = t.id",
        [locked.members[organisation].member_id for organisation, _ in year],
        [change for _, change in year],
    )
    zones = [(zone, o, new - old) for (o, zone), (old, new) in changes.items() if zone]
    await sql(
        "UPDATE zone_use u SET used_fen = u.used_fen + t.d,"
        " limit_fen = CASE WHEN t.d > 0 THEN t.c ELSE u.limit_fen END"
        " FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[]) t(z, o, d, c)"
        " WHERE u.zone = t.z AND u.organisation = t.o",
        [zone for zone, _, _ in zones],
        [organisation for _, organisation, _ in zones],
        [change for _, _, change in zones],
        [locked.members[organisation].event_capacity_fen for _, organisation, _ in zones],
    )


async def hold_zones(organisation_id: int) -> int:
    """Lock what a member has at risk in any zone; the most of it, over all pools."""
    rows = await sql(
        "SELECT used_fen FROM zone_use WHERE organisation = $1 ORDER BY zone FOR UPDATE",
        organisation_id,
    )
    return max((row["used_fen"] for row in rows), default=0)


async def keep_limits(organisation_id: int) -> None:
    """The kept limits of a member's zones follow its event capacity; after `hold_zones`."""
    await sql(
        "UPDATE zone_use u SET limit_fen = greatest(u.used_fen, " + EVENT_CAPACITY + ")"
        " WHERE u.organisation = $1",
        organisation_id,
    )


async def release(
    placement_id: int, year_id: int, *, year_too: bool, moment: datetime | None = None
) -> None:
    """Give back what a placement uses: its zones, and with `year_too` the yearly capacity.

    A placement that expires frees the zones; one that is cancelled from its start frees the year.
    """
    before, ids = await _standing(placement_id)
    wanted = {
        key: Need(0, 0 if year_too else need.aggregate_fen) for key, need in before.items()
    }
    await settle(await lock(year_id, wanted, ids, placement_id), placement_id, moment)
