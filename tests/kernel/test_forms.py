"""The field types of all forms: nothing is guessed, nothing invisible gets in."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from service.kernel.forms import Day, Fen, Flag, Form, Line, Ppm, Words


class Example(Form):
    """One field of each type."""

    fen: Fen = 0
    ppm: Ppm = 0
    flag: Flag = False
    day: Day | None = None
    line: Line = ""
    words: Words = ""


@pytest.mark.parametrize("strict", [None, False], ids=["default", "as litestar calls it"])
@pytest.mark.parametrize(
    ("field", "value", "kind"),
    [
        ("fen", "9", "int_type"),
        ("fen", 9.0, "int_type"),
        ("fen", True, "int_type"),
        ("fen", None, "int_type"),
        ("fen", -1, "greater_than_equal"),
        ("fen", 10**15 + 1, "less_than_equal"),
        ("ppm", 1_000_001, "less_than_equal"),
        ("flag", "yes", "bool_type"),
        ("flag", 1, "bool_type"),
        ("day", 20_250_607, "date_type"),
        ("day", "2025-02-30", "date_from_datetime_parsing"),
        ("line", "two\nlines", "control_characters"),
        ("line", "nul\x00", "control_characters"),
        ("line", "turned\u202eround", "control_characters"),
        ("words", "bell\x07", "control_characters"),
        ("words", "half \ud800 a pair", "control_characters"),
        ("unknown", 1, "extra_forbidden"),
    ],
)
def test_refused(field: str, value: Any, kind: str, strict: bool | None) -> None:
    with pytest.raises(ValidationError) as caught:
        Example.model_validate({field: value}, strict=strict)
    assert kind in [error["type"] for error in caught.value.errors()]


def test_text_is_folded_and_trimmed() -> None:
    form = Example(line="  e\u0301 ", words="\ta\r\nb ")
    assert (form.line, form.words) == ("é", "a\nb")


UNSEEN = ["\u200b", "\ufeff", "\u00ad", "\u2060", "\u3164", "\ufe0f", "\u200d"]


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_prints_nothing_is_no_content(unseen: str) -> None:
    form = Example(line=f"{unseen} 示例{unseen}科技{unseen} ", words=unseen * 3)
    assert (form.line, form.words) == ("示例科技", "")
