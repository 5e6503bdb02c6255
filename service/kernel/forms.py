"""What every form is made of: the base class and the types of its fields.

Text is folded to NFC, trimmed, without what prints nothing and free of control characters; amounts
are integer fen, rates parts per million, days ISO 8601. The limits of a form stand on its fields.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

FEN_MAX = 10**15
ID_MAX = 2**63 - 1
_ISO_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
"""Pydantic alone would take "1" and 20250607 for seconds since 1970."""
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"  # control characters, halves of characters
    "\u202a-\u202e\u2066-\u2069]"  # they reorder: a text looks like another one
)
_PRINTS_NOTHING = re.compile(
    "[\u00ad\u034f\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2060-\u2064\u3164\ufe00-\ufe0f\ufeff"
    "\uffa0\ufff9-\ufffb\U000e0000-\U000e01ef]"
)
"""Pasted along unseen: one name would be two, and a name of nothing else be filled in."""


def _clean(text: object) -> object:
    """Before the limits of length are judged, so that spaces are no content."""
    if not isinstance(text, str):
        return text
    text = _PRINTS_NOTHING.sub("", unicodedata.normalize("NFC", text))
    text = text.strip().replace("\r\n", "\n")
    if _FORBIDDEN.search(text):
        raise PydanticCustomError("control_characters", "control characters are not allowed")
    return text


def _one_line(text: object) -> object:
    if isinstance(text, str) and ("\n" in text.strip() or "\t" in text.strip()):
        raise PydanticCustomError("control_characters", "one line is wanted")
    return text


def _iso_day(value: object) -> object:
    unwritten = isinstance(value, str) and not _ISO_DAY.fullmatch(value)
    if unwritten or isinstance(value, (int, float)):
        raise PydanticCustomError("date_type", "a date is written year-month-day")
    return value


def _whole(value: object) -> object:
    """Litestar validates with `strict=False`, which overrules pydantic's own StrictInt."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise PydanticCustomError("int_type", "a whole number is wanted")
    return value


def _flag(value: object) -> object:
    if not isinstance(value, bool):
        raise PydanticCustomError("bool_type", "true or false is wanted")
    return value


Words = Annotated[str, BeforeValidator(_clean)]
Line = Annotated[Words, BeforeValidator(_one_line)]
Whole = Annotated[int, BeforeValidator(_whole)]
Flag = Annotated[bool, BeforeValidator(_flag)]
Fen = Annotated[Whole, Field(ge=0, le=FEN_MAX)]
Id = Annotated[Whole, Field(ge=1, le=ID_MAX)]
Ppm = Annotated[Whole, Field(ge=0, le=1_000_000)]
Day = Annotated[date, BeforeValidator(_iso_day)]


class Form(BaseModel):
    """Base of all forms: an unknown field is refused, not dropped."""

    model_config = ConfigDict(extra="forbid", frozen=True)
