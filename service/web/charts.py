"""Charts as SVG, drawn on the server: no script, no address of another host, same bytes each time.

They are served from an address of their own (``render.svg``) and shown with the ``chart`` macro,
which puts the same figures as a table behind the drawing. Colours follow static/eastlake.css.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import pygal
from pygal.style import Style

# pygal leaves a finder of an old protocol behind, which stops pytest from importing by path.
sys.meta_path[:] = [f for f in sys.meta_path if type(f).__module__ != "pygal"]

INK, INK_SOFT, LINE, SURFACE = "#14242f", "#46586a", "#d8e0e7", "#ffffff"
PALETTE = ("#11669a", "#0b8a6d", "#d99a1c", "#7a5bb5", "#c05a3c", "#3aa0b8", "#6b7f8f", "#a8b545")
COUNT, TARGET, PACE, NEEDED = "#11669a", "#a8261c", "#0b8a6d", "#d99a1c"
FONT = '"Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", sans-serif'
PACE_WINDOW_DAYS = 183
MONTH_DAYS = 30
_LABELS_MAX = 9


@dataclass(frozen=True, slots=True)
class Pace:
    """Where the count is heading. Monthly figures are tenths of a product per 30 days.

    ``projected`` goes on at the speed of the last 183 days (or since the first point, when that is
    later); ``needed`` is the speed that would reach the target on its day.
    """

    count: int
    target: int
    projected: int
    recent_tenths: int
    needed_tenths: int
    days_left: int

    @property
    def on_course(self) -> bool:
        """Whether the target is reached in time at the present speed."""
        return self.projected >= self.target


def pace(points: Sequence[tuple[date, int]], target: int, target_day: date) -> Pace | None:
    """Judge the speed of a growing count against a target; None without two different days."""
    if len(points) < 2 or points[0][0] >= points[-1][0]:
        return None
    last_day, count = points[-1]
    from_day, from_count = points[0]
    for day, value in points:
        if day <= last_day - timedelta(days=PACE_WINDOW_DAYS):
            from_day, from_count = day, value
    gained, passed = count - from_count, (last_day - from_day).days
    left = max(0, (target_day - last_day).days)
    missing = max(0, target - count)
    return Pace(
        count=count,
        target=target,
        projected=max(0, count + gained * left // passed),
        recent_tenths=gained * MONTH_DAYS * 10 // passed,
        needed_tenths=-(-missing * MONTH_DAYS * 10 // left) if left else missing * 10,
        days_left=left,
    )


def trend_svg(
    points: Sequence[tuple[date, int]],
    target: int,
    target_day: date,
    title: str = "在库产品数",
    unit: str = "个",
    projected: int | None = None,
) -> bytes:
    """Draw a count over time, the target line, the present pace and the pace that is needed.

    ``points`` are (day, count) in order of day. ``projected`` is the count on the target day as a
    rule judges it; without it the last half year goes on.
    """
    if not points:
        return _empty(pygal.Line)
    course = pace(points, target, target_day)
    speed = "近半年速度推算"
    if course and projected is not None:
        course, speed = replace(course, projected=projected), "目前速度推算"
    first, (last_day, count) = points[0][0], points[-1]
    end = max(target_day, last_day)
    colours = [COUNT, TARGET]
    if course and course.days_left:
        colours += [PACE, NEEDED]
    values = [value for _, value in points] + [target, course.projected if course else 0]
    ticks = _y_ticks(max(values))
    chart = pygal.DateLine(
        **_look(colours),
        show_dots=False,
        show_x_guides=False,
        xrange=(first, end),
        range=(0, ticks[-1]),
        margin_right=40,
    )
    chart.x_value_formatter = lambda day: f"{day.year}年{day.month}月"
    chart.x_labels = _day_ticks(first, end)
    chart.y_labels = ticks
    chart.add(title, list(points), stroke_style={"width": 4}, show_dots=len(points) <= 40)
    line = [(first, target), (end, target)]
    chart.add(f"目标 {target} {unit}", line, stroke_style={"width": 2.5, "dasharray": "10, 6"})
    if course and course.days_left:
        for name, reached in (
            (f"按{speed} {course.projected} {unit}", course.projected),
            ("达标所需速度", max(target, count)),
        ):
            chart.add(
                name,
                [(last_day, count), (target_day, reached)],
                stroke_style={"width": 2.5, "dasharray": "3, 6", "linecap": "round"},
            )
    return _draw(chart)


def bars_svg(
    items: Sequence[tuple[str, int]],
    series: str = "在库产品数",
    horizontal: bool = False,
    half: bool = False,
) -> bytes:
    """Draw one bar per (label, count); ``horizontal`` suits long Chinese labels.

    ``half`` draws for two charts beside each other, with letters as large as in a whole one.
    """
    kind = pygal.HorizontalBar if horizontal else pygal.Bar
    if not items:
        return _empty(kind)
    shown = list(reversed(items)) if horizontal else list(items)
    chart = kind(
        **_look([COUNT], half),
        show_legend=False,
        print_values=True,
        print_values_position="top",
        rounded_bars=2,
        margin_left=_label_room(shown) if horizontal else 12,
        range=(0, _y_ticks(max(value for _, value in items))[-1]),
    )
    _set_ticks(chart, [label for label, _ in shown], max(value for _, value in items))
    chart.add(series, [value for _, value in shown])
    return _draw(chart)


def stacked_svg(
    labels: Sequence[str], series: Sequence[tuple[str, Sequence[int]]], half: bool = False
) -> bytes:
    """Draw stacked bars: ``labels`` along the axis, one (name, counts) per layer.

    Raises ValueError when a layer has not one count per label.
    """
    if any(len(counts) != len(labels) for _, counts in series):
        raise ValueError("each layer needs one count per label")
    if not labels or not series:
        return _empty(pygal.StackedBar)
    highest = max(sum(counts[i] for _, counts in series) for i in range(len(labels)))
    chart = pygal.StackedBar(
        **_look([PALETTE[i % len(PALETTE)] for i in range(len(series))], half),
        range=(0, _y_ticks(highest)[-1]),
    )
    _set_ticks(chart, list(labels), highest)
    for name, counts in series:
        chart.add(name, list(counts))
    return _draw(chart)


def _label_room(items: Sequence[tuple[str, int]]) -> int:
    """Pixels that Chinese labels need beyond what the library reserves for Latin ones."""
    return 12 + max(sum(6 for sign in label if ord(sign) > 0x2E80) for label, _ in items)


def _set_ticks(chart: Any, labels: list[str], highest: int) -> None:
    chart.x_labels, chart.y_labels = labels, _y_ticks(highest)


def _y_ticks(highest: int) -> list[int]:
    """Round ticks from 0 to the first one at or above ``highest``: five to seven of them."""
    step = 1
    while highest > step * 6:
        step = {"1": step * 2, "2": step // 2 * 5, "5": step * 2}[str(step)[0]]
    return list(range(0, max(highest, 1) + step, step))


def _day_ticks(first: date, end: date) -> list[date]:
    """First days of months between two days, and the last day itself: at most nine."""
    months = (end.year - first.year) * 12 + end.month - first.month
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 1200) if months // s < _LABELS_MAX)
    start = first.year * 12 + first.month - 1
    numbers = range(start + (-start) % step, end.year * 12 + end.month, step)
    days = [date(number // 12, number % 12 + 1, 1) for number in numbers]
    room_days = step * 15
    inner = [day for day in days if first <= day and (end - day).days > room_days]
    return [*inner, end]


def _look(colours: Sequence[str], half: bool = False) -> dict[str, Any]:
    style = Style(
        background=SURFACE,
        plot_background=SURFACE,
        foreground=INK_SOFT,
        foreground_strong=INK,
        foreground_subtle=LINE,
        guide_stroke_color=LINE,
        major_guide_stroke_color=LINE,
        guide_stroke_dasharray="0",
        major_guide_stroke_dasharray="0",
        opacity="1",
        opacity_hover="1",
        stroke_opacity="1",
        stroke_width="3",
        stroke_width_hover="3",
        stroke_opacity_hover="1",
        transition="0s",
        colors=tuple(colours),
        value_colors=tuple(INK for _ in colours),
        font_family=FONT,
        label_font_size=15,
        major_label_font_size=15,
        legend_font_size=16,
        value_font_size=15,
        no_data_font_size=22,
    )
    return {
        "style": style,
        "width": 560 if half else 960,
        "height": 360 if half else 400,
        "margin": 12,
        "js": (),
        "no_prefix": True,
        "disable_xml_declaration": False,
        "legend_at_bottom": True,
        "legend_at_bottom_columns": min(3 if half else 4, len(colours)),
        "legend_box_size": 14,
        "truncate_legend": -1,
        "truncate_label": -1,
        "no_data_text": "暂无数据",
        "value_formatter": lambda value: "" if value is None else f"{round(value):,}",
        "x_value_formatter": lambda value: f"{round(value):,}",
    }


def _empty(kind: type[Any]) -> bytes:
    look = _look([COUNT])
    return _draw(kind(**look, show_y_labels=False, show_y_guides=False, show_legend=False))


def _draw(chart: Any) -> bytes:
    chart.add_xml_filter(_without_scripts)
    drawing: bytes = chart.render()
    return drawing


def _without_scripts(root: Any) -> Any:
    for parent in list(root.iter()):
        for child in list(parent):
            if str(child.tag).rpartition("}")[2] == "script":
                parent.remove(child)
    return root
