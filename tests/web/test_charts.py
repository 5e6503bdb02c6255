"""Charts: plain SVG without script or foreign address, the same bytes each time; pace by hand."""

from __future__ import annotations

import re
from datetime import date
from xml.etree import ElementTree as ET

import pytest

from service.web.charts import bars_svg, pace, stacked_svg, trend_svg

TARGET_DAY = date(2027, 12, 31)
POINTS = [(date(2025, 1, 1), 0), (date(2025, 7, 1), 10), (date(2025, 12, 31), 28)]


def _drawings() -> dict[str, bytes]:
    return {
        "trend": trend_svg(POINTS, 60, TARGET_DAY),
        "one day": trend_svg(POINTS[:1], 60, TARGET_DAY),
        "after the target day": trend_svg([*POINTS, (date(2028, 6, 1), 61)], 60, TARGET_DAY),
        "no points": trend_svg([], 60, TARGET_DAY),
        "bars": bars_svg([("创新研发", 12), ("生产运营", 0)]),
        "bars across": bars_svg([("示例科技财产保险", 3)], horizontal=True, half=True),
        "no bars": bars_svg([]),
        "stacked": stacked_svg(["集成电路", "新能源"], [("研发", [1, 2]), ("生产", [0, 5])]),
        "no layers": stacked_svg([], []),
    }


@pytest.mark.parametrize("name", _drawings())
def test_drawing_is_clean_and_repeats(name: str) -> None:
    drawing = _drawings()[name]
    assert drawing == _drawings()[name]
    root = ET.fromstring(drawing)
    assert not list(root.iter("{*}script"))
    for address in re.findall(rb"""(?:href|src)=["']([^"']*)""", drawing):
        assert address.startswith(b"#")
    assert b"@import" not in drawing and b"url(http" not in drawing


def test_chinese_text_and_target_are_in_the_drawing() -> None:
    text = trend_svg(POINTS, 60, TARGET_DAY).decode()
    assert "目标 60 个" in text and "2027年12月" in text and "Noto Sans CJK SC" in text
    assert "暂无数据" in trend_svg([], 60, TARGET_DAY).decode()


def test_pace_follows_the_last_half_year() -> None:
    judged = pace(POINTS, 60, TARGET_DAY)
    assert judged is not None
    gained, passed, left = 18, 183, 730
    assert judged.projected == 28 + gained * left // passed == 99
    assert judged.recent_tenths == gained * 300 // passed
    assert judged.needed_tenths == -(-(60 - 28) * 300 // left)
    assert judged.on_course


def test_pace_is_honest_about_too_little_or_too_late() -> None:
    assert pace(POINTS[:1], 60, TARGET_DAY) is None
    assert pace([POINTS[0], POINTS[0]], 60, TARGET_DAY) is None
    late = pace([(date(2028, 1, 1), 50), (date(2028, 2, 1), 50)], 60, TARGET_DAY)
    assert late is not None and not late.on_course and late.days_left == 0
    falling = pace([(date(2025, 1, 1), 9), (date(2025, 6, 1), 0)], 60, TARGET_DAY)
    assert falling is not None and falling.projected == 0


def test_layers_must_match_the_labels() -> None:
    with pytest.raises(ValueError, match="one count per label"):
        stacked_svg(["a", "b"], [("x", [1])])
