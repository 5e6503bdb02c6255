"""From the flat names of an HTML form to nested values, and from text to the types of a model.

``clauses-0-title`` becomes ``{"clauses": [{"title": …}]}``. Amounts (``_fen``) and rates
(``_ppm``, ``_units``) are typed as people write them and leave here as whole numbers, so that the
console posts to the very models of the API.
"""

from __future__ import annotations

import re
import types
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from enum import Enum
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.money import MoneyError, parse_ppm, parse_yuan
from service.kernel.shares import parse_percent

ROWS_MAX = 500
DEPTH_MAX = 6
UNIT_MARK = "@unit"
_HAS_UNIT = re.compile(r"[元万亿]")
_HAS_PERCENT = re.compile(r"[%％‰]")
_WHOLE = re.compile(r"[+-]?\d{1,18}")
_TRUE = frozenset({"on", "1", "true", "yes", "是"})


def nest(pairs: Iterable[tuple[str, object]]) -> dict[str, Any]:
    """Build nested values from flat names; a repeated name becomes a list.

    Row numbers may have gaps, the rows close up in order. Raises Refused for a name that is both a
    value and a group, for rows beyond 500 and for names deeper than 6 steps.
    """
    tree: dict[str, Any] = {}
    for name, value in pairs:
        steps = name.split("-")
        if len(steps) > DEPTH_MAX or any(s.isdigit() and int(s[:6]) >= ROWS_MAX for s in steps):
            raise Refused([blocker("form.unknown_field", name[:80])])
        node = tree
        for step in steps[:-1]:
            node = node.setdefault(step, {})
            if not isinstance(node, dict):
                raise Refused([blocker("form.unknown_field", name[:80])])
        _put(node, steps[-1], value, name)
    return {key: _close_up(value) for key, value in tree.items()}


def _put(node: dict[str, Any], step: str, value: object, name: str) -> None:
    before = node.get(step)
    if isinstance(before, dict):
        raise Refused([blocker("form.unknown_field", name[:80])])
    if before is None:
        node[step] = value
    else:
        node[step] = [*before, value] if isinstance(before, list) else [before, value]


def _close_up(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _close_up(item) for key, item in value.items()}
    if inner and all(key.isdigit() for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def core(annotation: Any) -> Any:
    """Strip Annotated and Optional from a type."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            rest = [arg for arg in get_args(annotation) if arg is not types.NoneType]
            if len(rest) != 1:
                return annotation
            annotation = rest[0]
        else:
            return annotation


def model_in(annotation: Any) -> type[BaseModel] | None:
    """Return the model a type is, or the model its list holds."""
    kind = core(annotation)
    if get_origin(kind) in (list, tuple) and get_args(kind):
        kind = core(get_args(kind)[0])
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def is_list(annotation: Any) -> bool:
    """Whether a type is a list or tuple."""
    return get_origin(core(annotation)) in (list, tuple)


def drop_blank_rows(values: dict[str, Any], model: type[BaseModel]) -> None:
    """Remove rows of repeated groups in which nothing was typed, in place.

    A choice that always has a value (a select, a tick) does not make a row filled.
    """
    for name, field in model.model_fields.items():
        inner, value = model_in(field.annotation), values.get(name)
        if inner is None:
            continue
        if isinstance(value, list):
            value[:] = [row for row in value if isinstance(row, dict) and _is_filled(row, inner)]
        for row in value if isinstance(value, list) else [value]:
            if isinstance(row, dict):
                drop_blank_rows(row, inner)


def _is_filled(row: Mapping[str, Any], model: type[BaseModel]) -> bool:
    for name, value in row.items():
        field = model.model_fields.get(name)
        if name.endswith(UNIT_MARK) or (field is not None and _is_choice(field.annotation)):
            continue
        if isinstance(value, (dict, list)) or str(value or "").strip():
            return True
    return False


def _is_choice(annotation: Any) -> bool:
    kind = core(annotation)
    return (
        kind is bool
        or get_origin(kind) is Literal
        or (isinstance(kind, type) and issubclass(kind, Enum))
    )


def decode(
    values: Mapping[str, Any], model: type[BaseModel], path: str = ""
) -> tuple[dict[str, Any], list[Finding]]:
    """Turn typed text into what the model takes; return the values and what could not be read.

    Blank entries are left out, so that the model's default or its "missing" applies. Names the
    model does not know stay, so that it can refuse them.
    """
    decoded: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, value in values.items():
        if name.endswith(UNIT_MARK):
            continue
        field, where = model.model_fields.get(name), f"{path}{name}"
        if field is None:
            decoded[name] = value
            continue
        inner = model_in(field.annotation)
        try:
            if inner is not None:
                decoded[name] = _decode_model(value, inner, where, findings)
            elif is_list(field.annotation):
                decoded[name] = _decode_list(value, field.annotation)
            elif not _blank(value):
                unit = str(values.get(name + UNIT_MARK) or "元")
                decoded[name] = _decode_one(name, value, core(field.annotation), where, unit)
        except MoneyError as error:
            findings.extend(_as_typed(finding, value) for finding in error.findings)
    for name, field in model.model_fields.items():
        if core(field.annotation) is bool and name not in values:
            decoded[name] = False
    return decoded, findings


def _as_typed(finding: Finding, value: Any) -> Finding:
    """The finding with the text of the person, without the unit that the form has added."""
    if "value" not in finding.params:
        return finding
    return replace(finding, params={**finding.params, "value": value})


def _decode_model(value: Any, model: type[BaseModel], where: str, findings: list[Finding]) -> Any:
    if isinstance(value, list):
        rows = []
        for position, row in enumerate(value):
            row_values, row_findings = decode(row, model, f"{where}.{position}.")
            rows.append(row_values)
            findings.extend(row_findings)
        return rows
    if isinstance(value, dict):
        inner, inner_findings = decode(value, model, f"{where}.")
        findings.extend(inner_findings)
        return inner
    return [] if _blank(value) else value


def _decode_list(value: Any, annotation: Any) -> list[Any]:
    items = value if isinstance(value, list) else str(value).splitlines()
    kind = core(get_args(core(annotation))[0])
    shown = [item.strip() if isinstance(item, str) else item for item in items]
    return [_whole(item) if kind is int else item for item in shown if item != ""]


def _decode_one(name: str, value: Any, kind: Any, where: str, unit: str) -> Any:
    if not isinstance(value, str):
        return value
    text = value.strip()
    if name.endswith("_fen"):
        return parse_yuan(text if _HAS_UNIT.search(text) else text + unit, where)
    if name.endswith("_ppm"):
        return parse_ppm(text if _HAS_PERCENT.search(text) else text + "%", where)
    if name.endswith("_units"):
        return parse_percent(text if _HAS_PERCENT.search(text) else text + "%", where)
    if kind is bool:
        return text.lower() in _TRUE
    if kind is int:
        return _whole(text)
    if kind is date:
        return _iso(text)
    return value


def _whole(text: Any) -> Any:
    plain = str(text).replace(",", "")
    return int(plain) if _WHOLE.fullmatch(plain) else text


def _iso(text: str) -> Any:
    parts = re.fullmatch(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?", text)
    if parts is None:
        return text
    try:
        return date(int(parts[1]), int(parts[2]), int(parts[3]))
    except ValueError:
        return text


def _blank(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())
