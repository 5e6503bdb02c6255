"""How values are shown to a person in the console: the Jinja filters.

Storage units come in (分, 10^-8 shares, ppm, UTC), Chinese notation goes out. An absent value is
shown as a dash, so that an empty cell is never mistaken for a page that failed to load.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from markupsafe import Markup, escape

from service.kernel.calendar import SHANGHAI
from service.kernel.money import format_ppm, format_yuan
from service.kernel.shares import format_percent

ABSENT = "—"
FEN_PER_YI = 10**10
_SIZE_STEP = 1024
_HASH_SHOWN = 12


def yuan(fen: int | None) -> str:
    """Show an amount in 元 with thousands separators and two decimals, e.g. 1,234.50 元."""
    return ABSENT if fen is None else format_yuan(fen)


def wanyuan(fen: int | None) -> str:
    """Show an amount in 万元 (亿元 from one 亿 on), exactly: no digit is rounded away."""
    if fen is None:
        return ABSENT
    return format_yuan(fen, "亿元" if abs(fen) >= FEN_PER_YI else "万元")


def percent_ppm(ppm: int | None) -> str:
    """Show parts per million as a percentage, e.g. 12500 as 1.25%."""
    return ABSENT if ppm is None else format_ppm(ppm)


def percent_units(units: int | None) -> str:
    """Show share units of 10^8 as a percentage, e.g. 35000000 as 35%."""
    return ABSENT if units is None else format_percent(units)


def number(value: int | None) -> str:
    """Show a count with thousands separators."""
    return ABSENT if value is None else f"{value:,}"


def fraction(text: str | None) -> str:
    """Show an exact amount such as 4000000000/117 as 4,000,000,000 / 117; whole ones alone."""
    if not text:
        return ABSENT
    above, _, below = text.partition("/")
    shown = f"{int(above):,}"
    return f"{shown} / {int(below):,}" if below and int(below) != 1 else shown


def _day_of(value: date | datetime | str) -> date:
    if isinstance(value, str):
        value = datetime.fromisoformat(value) if "T" in value else date.fromisoformat(value)
    if isinstance(value, datetime):
        return value.astimezone(SHANGHAI).date()
    return value


def day(value: date | datetime | str | None) -> str:
    """Show a day as 2025-06-07 (in Shanghai when a moment is given)."""
    return ABSENT if value is None or value == "" else _day_of(value).isoformat()


def day_zh(value: date | datetime | str | None) -> str:
    """Show a day as 2025年6月7日."""
    if value is None or value == "":
        return ABSENT
    shown = _day_of(value)
    return f"{shown.year}年{shown.month}月{shown.day}日"


def moment(value: datetime | str | None) -> str:
    """Show a moment in Shanghai to the minute, e.g. 2025-06-07 14:30."""
    if value is None or value == "":
        return ABSENT
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    return when.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


def deadline(value: datetime | str | None) -> str:
    """Show a moment by which something must be done: midnight is 24:00 of the day before it."""
    if value is None or value == "":
        return ABSENT
    when = datetime.fromisoformat(value) if isinstance(value, str) else value
    local = when.astimezone(SHANGHAI)
    if (local.hour, local.minute) == (0, 0):
        return f"{local.date() - timedelta(days=1)} 24:00"
    return moment(when)


def filesize(size_bytes: int | None) -> str:
    """Show the size of a file in B, KB, MB or GB with one decimal where it helps."""
    if size_bytes is None:
        return ABSENT
    size, names = size_bytes * 10, ["B", "KB", "MB", "GB"]
    while size >= _SIZE_STEP * 10 and len(names) > 1:
        size, names = size // _SIZE_STEP, names[1:]
    whole, tenth = divmod(size, 10)
    return f"{whole}.{tenth} {names[0]}" if tenth and whole < 100 else f"{whole} {names[0]}"


def uscc(code: str | None) -> str:
    """Group a unified social credit code (统一社会信用代码): 2 + 6 + 9 + 1 characters."""
    if not code:
        return ABSENT
    return f"{code[:2]} {code[2:8]} {code[8:17]} {code[17:]}" if len(code) == 18 else code


def short_hash(digest: str | None) -> str:
    """Show the first characters of a SHA-256 digest."""
    if not digest:
        return ABSENT
    return digest[:_HASH_SHOWN] + "…" if len(digest) > _HASH_SHOWN else digest


def paragraphs(text: str | None) -> Markup:
    """Show plain text with its line breaks as paragraphs; everything else is escaped."""
    lines = [line.strip() for line in (text or "").splitlines()]
    shown = [Markup("<p>{}</p>").format(line) for line in lines if line]
    return Markup("").join(shown) if shown else escape(ABSENT)


def joined(values: list[str] | tuple[str, ...] | None) -> str:
    """Join words with the Chinese enumeration comma."""
    return "、".join(str(value) for value in values) if values else ABSENT


def type_source(text: str | None) -> str:
    """Where a product type is taken from; what no public document says is told in Chinese."""
    if (text or "").startswith("general knowledge"):
        return "行业通行做法，未见公开文件，尚待核实"
    return text or ""


FILTERS: Mapping[str, Callable[..., object]] = {
    "yuan": yuan,
    "wanyuan": wanyuan,
    "ppm": percent_ppm,
    "units": percent_units,
    "number": number,
    "fraction": fraction,
    "day": day,
    "day_zh": day_zh,
    "moment": moment,
    "deadline": deadline,
    "filesize": filesize,
    "uscc": uscc,
    "short_hash": short_hash,
    "paragraphs": paragraphs,
    "joined": joined,
    "type_source": type_source,
}
