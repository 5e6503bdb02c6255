"""Capacity as properties: room and refusal say the same; zones above hold what lies in them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coinsurance.rules.capacity import (
    KINDS,
    Capacity,
    Need,
    SectionShares,
    Zone,
    at_risk,
    carried_fen,
    check_need,
    check_parent,
    check_zones,
    needs,
    room,
)
from service.kernel.shares import WHOLE_UNITS

FEN = st.integers(0, 10**13)
ZONES = {
    "P": Zone("P", "park"),
    "B": Zone("B", "building", "P"),
    "C1": Zone("C1", "cleanroom", "B"),
    "C2": Zone("C2", "cleanroom", "B"),
    "X": Zone("X", "process", "C1"),
}
LISTED = st.dictionaries(st.sampled_from(sorted(ZONES)), st.integers(1, 1_000_000), max_size=5)


@given(LISTED)
def test_a_zone_above_holds_at_least_what_any_zone_in_it_holds(listed: dict[str, int]) -> None:
    found = at_risk(listed, ZONES)
    assert all(found[code] == ppm for code, ppm in listed.items())
    assert all(1 <= ppm <= 1_000_000 for ppm in found.values())
    if check_zones(listed, ZONES):
        return
    for code, ppm in found.items():
        parent = ZONES[code].parent
        if parent is not None:
            assert found[parent] >= ppm


@given(
    LISTED,
    FEN,
    FEN,
    FEN,
    FEN,
    st.dictionaries(st.sampled_from(sorted(ZONES)), FEN),
    st.integers(1, 10**13),
)
def test_the_largest_line_in_the_room_fits_and_the_next_does_not(
    listed: dict[str, int],
    risk: int,
    event: int,
    year: int,
    used: int,
    zones_used: dict[str, int],
    limit: int,
) -> None:
    capacity = Capacity("m", "m", risk, event, year, used, zones_used)
    ppm = at_risk(listed, ZONES)
    left = room(capacity, ppm)
    assert left.held_by in ("risk", "event", "aggregate")

    def fits(units: int) -> bool:
        need = needs([SectionShares(limit, {"m": units})], ppm)["m"]
        return not check_need(need, capacity)

    most = left.units(limit)
    if left.amount_fen:
        assert most == 0 or fits(most)
    if most < WHOLE_UNITS:
        assert not fits(most + 1)


@given(st.integers(1, 10**13), st.lists(st.integers(0, WHOLE_UNITS), min_size=1, max_size=8))
def test_carried_amounts_never_fall_short_of_the_share(limit: int, shares: list[int]) -> None:
    for units in shares:
        carried = carried_fen(limit, units)
        assert 0 <= carried * WHOLE_UNITS - limit * units < WHOLE_UNITS


@given(FEN, FEN, FEN)
def test_a_need_that_does_not_grow_is_never_refused(risk: int, year: int, zone: int) -> None:
    need = Need(risk, year, {"P": zone})
    full = Capacity("m", "m", 0, 0, 0, year, {"P": zone})
    assert check_need(need, full, before=need) == []


@pytest.mark.parametrize("kind", KINDS)
def test_zones_lie_in_zones_of_an_outer_kind(kind: str) -> None:
    for parent in (None, *KINDS):
        fits = not check_parent(kind, parent)
        if kind == "park":
            assert fits == (parent is None)
        else:
            assert fits == (parent is not None and KINDS.index(parent) < KINDS.index(kind))
