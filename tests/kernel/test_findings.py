"""Findings and errors: always showable, in both languages; every code in the tree has its text."""

from __future__ import annotations

import ast
import importlib
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from service.kernel import (  # noqa: F401  (each registers its texts)
    calendar,
    errors,
    findings,
    money,
    numbering,
    rulebook,
    shares,
    timeline,
    workflow,
)
from service.kernel.errors import (
    Conflict,
    DomainError,
    Forbidden,
    NotFound,
    Refused,
    Stale,
    TooLarge,
    TooMany,
    Unauthenticated,
)
from service.kernel.findings import (
    Finding,
    MissingParameter,
    Severity,
    Text,
    UnknownCode,
    all_codes,
    blocker,
    blockers,
    display,
    register,
    warning,
)

ROOT = Path(__file__).parents[2]
PACKAGES = ("service", "catalogue", "coinsurance")
MAKERS = {
    *("blocker", "warning", "Conflict", "Forbidden", "Unauthenticated"),
    *("Stale", "TooLarge", "TooMany"),
}
"""What makes a finding from a code and parameters."""
OWN_NAMES = {"field"}


def test_a_finding_speaks_both_languages() -> None:
    finding = blocker("form.too_long", "name", "第三条", actual=300, limit=200)
    assert finding.blocks
    assert finding.as_dict() == {
        "code": "form.too_long",
        "field": "name",
        "severity": "blocker",
        "message_zh": "“name”共 300 个字符，超过 200 个字符的上限",
        "message_en": "“name” has 300 characters; at most 200 are allowed",
        "remedy_zh": "请缩短内容，详细说明可作为附件上传",
        "remedy_en": "Shorten the text; details can be uploaded as a document",
        "rule": "",
        "source": "第三条",
        "params": {"actual": 300, "limit": 200},
    }


def test_mistakes_of_the_program_are_loud() -> None:
    with pytest.raises(UnknownCode, match=r"no\.such_code"):
        blocker("no.such_code")
    with pytest.raises(MissingParameter, match="limit"):
        blocker("form.too_long", "name", actual=3)
    with pytest.raises(ValueError, match="another text"):
        register({"form.missing": Text("别的", "other", "改", "change")})
    with pytest.raises(ValueError, match="lacks"):
        register({"test.empty": Text("", "x", "x", "x")})
    with pytest.raises(ValueError, match="plain names"):
        register({"test.attribute": Text("{a.b}", "x", "x", "x")})
    register({"form.missing": all_codes()["form.missing"]})


def test_severity_and_order() -> None:
    found = [warning("form.missing", "a"), blocker("form.missing", "b")]
    assert [f.field for f in blockers(found)] == ["b"]
    assert found[0].severity is Severity.WARNING
    assert found[0] != found[1]
    assert len({found[0], warning("form.missing", "a")}) == 1


def test_parameters_cannot_be_changed_afterwards() -> None:
    given: dict[str, object] = {"limit": "10 MB"}
    finding = Finding("form.too_large", params=given)
    given["limit"] = "1 MB"
    assert finding.text("en").endswith("10 MB")
    with pytest.raises(TypeError):
        finding.params["limit"] = 1  # type: ignore[index]


def test_values_are_shown_by_their_unit() -> None:
    assert display("limit_fen", -123_456_789) == "-1,234,567.89 元"
    assert display("share_units", 12_500_000) == "12.5%"
    assert display("rate_ppm", 35_000) == "3.5%"
    assert display("year", 2025) == "2025"
    assert display("day", date(2025, 6, 7)) == "2025-06-07"
    assert display("names", ["甲", "乙"]) == "甲、乙"
    assert display("names", {"b", "a"}, "en") == "a, b"
    assert display("names", []) == "无"
    assert display("flag", True, "en") == "yes"
    assert display("amounts_fen", [100, 200]) == "1.00 元、2.00 元"


def test_text_from_outside_is_tamed() -> None:
    shown = blocker("form.not_a_date", "d", value="\x00\u202e" + "x" * 10**6).as_dict()
    assert len(str(shown["message_zh"])) < 150
    assert len(json.dumps(shown)) < 1500
    assert "\x00" not in str(shown) and "\u202e" not in str(shown)
    braces = blocker("form.not_a_date", "{limit}", value="{value}").text()
    assert braces == "“{limit}”的值“{value}”不是日期"


def test_every_code_can_be_shown() -> None:
    for code, text in all_codes().items():
        params: dict[str, object] = dict.fromkeys(text.needs() - {"field"}, 1)
        shown = Finding(code, "somewhere", params=params).as_dict()
        assert json.loads(json.dumps(shown)) == shown
        assert any("\u4e00" <= c <= "\u9fff" for c in f"{shown['message_zh']}"), code
        assert not any("\u4e00" <= c <= "\u9fff" for c in text.en.replace("号", "")), code


@pytest.mark.parametrize(
    ("error", "status", "code"),
    [
        (NotFound("产品", "product", "P-2025-000012"), 404, "not_found"),
        (Conflict("conflict.idempotency"), 409, "conflict.idempotency"),
        (Conflict(), 409, "conflict.status_moved"),
        (Forbidden(), 403, "auth.forbidden"),
        (Forbidden("auth.scope", scope="read"), 403, "auth.scope"),
        (Unauthenticated(), 401, "auth.required"),
        (Stale(), 412, "conflict.stale"),
        (TooLarge(limit="10 MB"), 413, "form.too_large"),
        (TooMany(seconds=30), 429, "auth.throttled"),
        (Refused([blocker("form.missing", "name")]), 422, "refused"),
        (Refused([blocker("form.missing", "name")], status=400), 400, "refused"),
    ],
)
def test_errors_carry_status_code_and_findings(error: DomainError, status: int, code: str) -> None:
    assert (error.status, error.code) == (status, code)
    assert error.findings[0].text("zh") in error.text("zh")
    assert error.findings[0].remedy("en")


def test_an_error_without_findings_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="at least one"):
        Refused([])


def _trees() -> Iterator[tuple[Path, ast.Module]]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield path, ast.parse(path.read_text("utf-8"))


def _words(node: ast.AST, constants: dict[str, ast.expr]) -> str:
    """All texts inside a call of Text, also those it takes from a constant of its module."""
    parts = []
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            parts.append(inner.value)
        elif isinstance(inner, ast.Name) and inner.id in constants:
            parts.append(_words(constants[inner.id], {}))
    return " ".join(parts)


def _registered(tree: ast.Module) -> Iterator[tuple[str, frozenset[str]]]:
    """Every code that is the key of a call of Text, with the parameters its text needs."""
    constants = {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.Dict):
            continue
        for key, value in zip(node.keys, node.values, strict=True):
            is_text = isinstance(value, ast.Call) and getattr(value.func, "id", "") == "Text"
            if is_text and isinstance(key, ast.Constant) and isinstance(key.value, str):
                yield key.value, Text(_words(value, constants), "", "", "").needs()


def test_every_finding_made_anywhere_has_its_text_and_parameters() -> None:
    """Read from the source of the whole tree, so that a rare branch cannot fail at run time.

    A test that registers a code of its own calls it `test.…`.
    """
    trees = list(_trees())
    needs = {code: needed for _, tree in trees for code, needed in _registered(tree)}
    wrong, seen = [], 0
    for path, tree in trees:
        for node in ast.walk(tree):
            if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in MAKERS:
                continue
            code = node.args[0] if node.args else None
            if not isinstance(code, ast.Constant) or not isinstance(code.value, str):
                continue
            seen += 1
            place = f"{path.relative_to(ROOT)}:{node.lineno} {code.value}"
            given = {word.arg for word in node.keywords}
            if code.value not in needs:
                wrong.append(f"{place} is not registered")
            elif None not in given:
                missing = needs[code.value] - given - OWN_NAMES
                wrong += [f"{place} lacks {name}" for name in sorted(missing)]
    assert wrong == []
    assert seen > 50
    for path, _ in trees:
        if path.stem != "__main__":
            importlib.import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))
    assert needs.keys() >= {code for code in all_codes() if not code.startswith("test.")}


def test_a_moment_is_shown_as_the_minute_in_shanghai() -> None:
    moment = datetime(2026, 11, 29, 0, 49, 24, 289630, UTC)
    assert display("sent_at", moment) == "2026-11-29 08:49"
    assert display("due_on", moment.date()) == "2026-11-29"
