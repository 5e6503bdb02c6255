"""Chart and recipes: balanced, without zero lines, everything owned by one party."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from coinsurance.rules import accounts
from coinsurance.rules.accounts import RECIPES, AccountLine, recipe

PARTS = st.dictionaries(
    st.text("0123456789ABCDEFGH", min_size=18, max_size=18),
    st.integers(-(10**12), 10**12),
    min_size=1,
    max_size=18,
)


@given(st.sampled_from(sorted(set(RECIPES) - {"share_change"})), PARTS)
def test_every_recipe_balances(name: str, parts: dict[str, int]) -> None:
    lines = recipe(name, parts, holder="H" * 18, source="own", clause="第八条")
    assert sum(line.amount_fen for line in lines) == 0
    assert all(line.amount_fen and line.clause == "第八条" for line in lines)
    assert sum(accounts.positions((x.account, x.amount_fen) for x in lines).values()) == 0
    assert sum(line.amount_fen for line in accounts.mirrored(lines)) == 0


def test_premium_is_debited_to_the_holder_and_credited_by_source() -> None:
    lines = recipe("premium", {"A": 60, "B": 40, "C": 0}, holder="A", source="own", memo="首期")
    assert lines == [
        AccountLine("premium:A:own", -60, "首期"),
        AccountLine("premium:B:own", -40, "首期"),
        AccountLine("current:A", 100, "首期"),
    ]


def test_a_share_change_moves_between_members_only() -> None:
    lines = recipe("share_change", {"A": -10, "B": 10}, source="own")
    assert [line.amount_fen for line in lines] == [10, -10]
    with pytest.raises(ValueError, match="not to zero"):
        recipe("share_change", {"A": -10, "B": 11}, source="own")


def test_what_a_recipe_needs_is_asked_for() -> None:
    with pytest.raises(ValueError, match="needs a holder"):
        recipe("lead_fee", {"B": 5})
    with pytest.raises(ValueError, match="funding source"):
        accounts.account("premium", "A")


def test_a_long_source_still_fits_an_account_code() -> None:
    uscc = "91420100MA4K000011"
    codes = {
        accounts.account("premium", uscc, "EASTLAKE-PREMIUM-SUBSIDY-2026-" + x)
        for x in ("FIRST-SET1", "FIRST-SET2")
    }
    assert len(codes) == 2
    assert all(len(code) <= 60 and accounts.party_of(code) == uscc for code in codes)


def test_accounts_are_opened_once_with_their_titles() -> None:
    lines = recipe("premium", {"A": 60, "B": 40}, holder="A", source="own")
    opened = accounts.specs([*lines, *lines], {"A": "示例财险"})
    assert [(spec.code, spec.kind, spec.title) for spec in opened] == [
        ("premium:A:own", "income", "共保保费收入·示例财险·own"),
        ("premium:B:own", "income", "共保保费收入·B·own"),
        ("current:A", "asset", "共保往来·示例财险"),
    ]


@pytest.mark.parametrize("source", ["own", "a*b", "a:b", "补贴 2026", "x" * 40])
def test_a_recipes_codes_are_those_of_the_chart(source: str) -> None:
    lines = recipe("premium", {"A": 60, "B": 40}, holder="A", source=source)
    assert [line.account for line in lines] == [
        *(accounts.account("premium", member, source) for member in "AB"),
        accounts.account("current", "A"),
    ]
