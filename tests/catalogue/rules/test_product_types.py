"""The 82 product types and the reader of their list."""

from __future__ import annotations

from collections import Counter

import pytest

from catalogue.rules.product_types import COLUMNS, check_product_types, read_product_types
from service.kernel.errors import Refused
from tests.catalogue.rules.examples import ROOT

CSV = ROOT / "catalogue" / "rules" / "books" / "product_types.csv"
HEADER = ",".join(COLUMNS)
ROW = "PT001,研发险,R&D,research,property,basic,things,芯片;软件,a source,published"


def test_the_shipped_list() -> None:
    rows = read_product_types(CSV.read_text())
    assert [row.code for row in rows] == [f"PT{n:03}" for n in range(1, 83)]
    assert len({row.name_zh for row in rows}) == 82
    assert Counter(row.stage for row in rows) == {
        "production": 26,
        "conversion": 20,
        "research": 18,
        "market": 18,
    }
    assert Counter(row.risk_kind for row in rows) == {
        "property": 24,
        "expense_loss": 23,
        "liability": 22,
        "guarantee_credit": 10,
        "personal": 3,
    }
    assert Counter(row.regulator_class for row in rows) == {
        "not_listed": 66,
        "intellectual_property": 6,
        "research_conversion": 5,
        "application": 3,
        "basic": 2,
    }
    assert sum(row.evidence == "general_knowledge" for row in rows) == 6


def test_listed_types_cite_the_statistics_rule() -> None:
    for row in read_product_types(CSV.read_text()):
        listed = "科技保险业务统计制度" in row.source
        assert listed == (row.regulator_class != "not_listed"), row.code


def test_industries_are_split() -> None:
    (row,) = read_product_types(f"{HEADER}\n{ROW}\n")
    assert row.industries == ("芯片", "软件")
    assert (row.stage, row.regulator_class) == ("research", "basic")


@pytest.mark.parametrize(
    ("text", "code", "field"),
    [
        ("", "product_types.header", "1"),
        ("code,name\n", "product_types.header", "1"),
        (f"{HEADER}\nPT001,x\n", "product_types.cells", "2"),
        (f"{HEADER}\n{ROW.replace('research', '研发')}\n", "product_types.choice", "2.stage_code"),
        (f"{HEADER}\n{ROW.replace('PT001', '1')}\n", "product_types.code", "2.code"),
        (f"{HEADER}\n{ROW.replace('things', ' ')}\n", "product_types.blank", "2.covered_object"),
        (f"{HEADER}\n{ROW}\n{ROW.replace('研发险', '另一')}\n", "product_types.twice", "3.code"),
        (f"{HEADER}\n{ROW}\n{ROW.replace('001', '002')}\n", "product_types.twice", "3.name_zh"),
    ],
)
def test_bad_lists(text: str, code: str, field: str) -> None:
    assert [(f.code, f.field) for f in check_product_types(text)] == [(code, field)]
    with pytest.raises(Refused):
        read_product_types(text)
