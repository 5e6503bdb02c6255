"""The count in two times: worked cases, dimensions, and properties over random histories."""

from __future__ import annotations

import dataclasses
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalogue.rules.facts import LibraryRow
from catalogue.rules.library_count import (
    DEFINITION,
    DIMENSIONS,
    count,
    cross,
    in_library,
    standing,
    trend,
)
from service.kernel.calendar import SHANGHAI
from tests.catalogue.rules.examples import cases, moment

END = datetime(2030, 1, 1, tzinfo=SHANGHAI)
DAY = date(2025, 9, 30)


def _row(
    fact_id: int,
    product: str,
    status: str = "in_library",
    effective_on: date = date(2025, 7, 1),
    recorded_on: date = date(2025, 7, 1),
    corrects: int = 0,
    **more: Any,
) -> LibraryRow:
    recorded_at = moment(recorded_on)
    return LibraryRow(fact_id, product, status, effective_on, recorded_at, corrects or None, **more)


@pytest.mark.parametrize("case", cases("library_count"), ids=lambda case: case["name"])
def test_worked_case(case: dict[str, Any]) -> None:
    rows = [_row(*fact) for fact in case["f"]]
    known = moment(case["as_known_on"]) if "as_known_on" in case else END
    assert [row.product for row in in_library(rows, case["as_of"], known)] == case["products"]
    assert count(rows, case["as_of"], known).products == len(case["products"])


def test_standing_tells_the_status_too() -> None:
    rows = [_row(1, "B"), _row(2, "A", "withdrawn")]
    assert {p: row.status for p, row in standing(rows, DAY, END).items()} == {
        "A": "withdrawn",
        "B": "in_library",
    }


def _library() -> list[LibraryRow]:
    facts = [
        ("P1", ("research",), ("集成电路",), "PT001", "国泰产险", "东湖"),
        ("P2", ("research", "conversion"), ("集成电路", "新材料"), "PT060", "国泰产险", "东湖"),
        ("P3", ("production",), ("软件",), "PT028", "易安财险", ""),
        ("P4", ("research",), ("集成电路",), "PT001", "易安财险", "江夏"),
    ]
    return [
        _row(n, product, stages=s, industries=i, type_code=t, insurer=name, district=d)
        for n, (product, s, i, t, name, d) in enumerate(facts, start=1)
    ]


def test_a_product_counts_once_in_all_and_once_in_every_stage() -> None:
    answer = count(_library(), DAY, END, "stage")
    assert (answer.products, answer.types) == (4, 3)
    assert [(line.code, line.products, line.types) for line in answer.lines] == [
        ("research", 3, 2),
        ("production", 1, 1),
        ("market", 0, 0),
        ("conversion", 1, 1),
    ]
    assert [line.label_zh for line in answer.lines] == [
        "创新研发",
        "生产运营",
        "市场推广",
        "成果转化",
    ]
    assert "每个环节" in DEFINITION.zh and "合计只计一次" in DEFINITION.zh


def test_stages_are_there_with_zeros() -> None:
    assert [line.products for line in count([], DAY, END, "stage").lines] == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("industry", [("集成电路", 3), ("新材料", 1), ("软件", 1)]),
        ("type", [("PT001", 2), ("PT028", 1), ("PT060", 1)]),
        ("insurer", [("国泰产险", 2), ("易安财险", 2)]),
        ("district", [("东湖", 2), ("", 1), ("江夏", 1)]),
    ],
)
def test_other_dimensions(by: str, expected: list[tuple[str, int]]) -> None:
    lines = count(_library(), DAY, END, by).lines
    assert [(line.code, line.products) for line in lines] == expected
    assert all(line.label_zh for line in lines)


def test_unknown_dimension() -> None:
    with pytest.raises(KeyError):
        count(_library(), DAY, END, "colour")


def test_repeated_stage_counts_once() -> None:
    rows = [_row(1, "A", stages=("market", "market"))]
    assert count(rows, DAY, END, "stage").lines[2].products == 1


def test_sixty_copies_are_one_type() -> None:
    rows = [_row(n, f"P{n}", type_code="PT028") for n in range(1, 61)]
    answer = count(rows, DAY, END)
    assert (answer.products, answer.types) == (60, 1)


def test_definition_travels_with_the_figure() -> None:
    answer = count(_library(), DAY, END)
    assert answer.definition is DEFINITION
    assert DEFINITION.id == "library-count/1"
    assert DEFINITION.source == "武政办〔2025〕67号 二(四)14"
    assert all(dataclasses.astuple(DEFINITION))
    assert (answer.as_of, answer.as_known_at) == (DAY, END)


def test_trend() -> None:
    rows = [
        _row(1, "A", type_code="X"),
        _row(2, "B", effective_on=date(2025, 8, 1), type_code="X"),
        _row(3, "A", "withdrawn", date(2025, 9, 1), type_code="X"),
    ]
    days = [date(2025, 6, 30), date(2025, 7, 31), date(2025, 8, 31), date(2025, 9, 30)]
    assert [(p.products, p.types) for p in trend(iter(rows), days, END)] == [
        (0, 0),
        (1, 1),
        (2, 1),
        (1, 1),
    ]


def test_cross() -> None:
    cells = cross(_library(), DAY, END, "industry", "stage")
    assert cells["集成电路", "research"] == 3
    assert cells["新材料", "conversion"] == 1
    assert ("软件", "market") not in cells


@st.composite
def _facts(draw: st.DrawFn) -> list[LibraryRow]:
    """Facts in the order of recording; a correction names an earlier fact, each at most once."""
    rows: list[LibraryRow] = []
    free: list[LibraryRow] = []
    recorded = 0
    for fact_id in range(1, draw(st.integers(0, 14)) + 1):
        recorded += draw(st.integers(0, 20))
        wrong = draw(st.sampled_from([None, *free])) if free else None
        product = wrong.product if wrong else draw(st.sampled_from("ABC"))
        statuses = ["in_library", "suspended", "withdrawn"] + (["void"] if wrong else [])
        row = _row(
            fact_id,
            product,
            draw(st.sampled_from(statuses)),
            date(2025, 1, 1) + timedelta(days=draw(st.integers(0, 150))),
            date(2025, 1, 1) + timedelta(days=recorded),
            wrong.fact_id if wrong else 0,
            stages=tuple(draw(st.sets(st.sampled_from(["research", "market"])))),
        )
        if wrong:
            free.remove(wrong)
        if row.status != "void":
            free.append(row)
        rows.append(row)
    return rows


DAYS = st.integers(0, 320).map(lambda n: date(2025, 1, 1) + timedelta(days=n))


@settings(max_examples=60, deadline=None)
@given(_facts(), st.randoms(use_true_random=False), DAYS, DAYS)
def test_order_does_not_matter(rows: list[LibraryRow], random: Any, day: date, known: date) -> None:
    mixed = list(rows)
    random.shuffle(mixed)
    known_at = moment(known)
    assert standing(mixed, day, known_at) == standing(rows, day, known_at)
    assert list(standing(mixed, day, known_at)) == sorted(standing(rows, day, known_at))


@settings(max_examples=60, deadline=None)
@given(_facts(), _facts(), DAYS, DAYS)
def test_what_is_recorded_later_never_changes_what_was_known(
    rows: list[LibraryRow], more: list[LibraryRow], day: date, known: date
) -> None:
    later = [
        dataclasses.replace(
            row,
            fact_id=row.fact_id + 100,
            recorded_at=moment(known) + timedelta(seconds=row.fact_id),
            corrects=rows[row.fact_id % len(rows)].fact_id if rows else None,
        )
        for row in more
    ]
    before = count(rows, day, moment(known), "stage")
    assert count(rows + later, day, moment(known), "stage") == before


@settings(max_examples=60, deadline=None)
@given(_facts(), DAYS)
def test_a_correction_changes_as_of_but_not_as_known_at(rows: list[LibraryRow], day: date) -> None:
    entered = _row(50, "Z", effective_on=day, recorded_on=date(2026, 1, 1))
    corrected = dataclasses.replace(
        entered,
        fact_id=51,
        effective_on=day + timedelta(days=1),
        recorded_at=moment(date(2026, 2, 1)),
        corrects=50,
    )
    both = [*rows, entered, corrected]
    then, today = moment(date(2026, 1, 15)), moment(date(2026, 2, 15))
    assert "Z" in standing(both, day, then)
    assert "Z" not in standing(both, day, today)
    assert "Z" in standing(both, day + timedelta(days=1), today)


@settings(max_examples=60, deadline=None)
@given(_facts(), DAYS)
def test_parts_and_total_agree(rows: list[LibraryRow], day: date) -> None:
    whole = count(rows, day, END, "stage")
    there = in_library(rows, day, END)
    assert whole.products == len({row.product for row in there})
    assert sum(line.products for line in whole.lines) == sum(len(row.stages) for row in there)
    for by in DIMENSIONS:
        assert count(rows, day, END, by).products == whole.products
