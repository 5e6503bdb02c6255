"""Bad input of every kind: refused with field, rule and remedy, and nothing is left behind."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.contract.problems import found, nothing_written, problem
from tests.contract.recipes.people import ORGANISATION
from tests.contract.stage import Stage, undone
from tests.factories import draft

JSON = {"Content-Type": "application/json"}
DEEP = 100_000


def _said(**changes: Any) -> bytes:
    return json.dumps(draft(**changes)).encode()


def _raw(text: str) -> bytes:
    """A draft with one more member, written by hand."""
    return json.dumps(draft())[:-1].encode() + b", " + text.encode("utf-8", "surrogatepass") + b"}"


BODIES: list[tuple[str, bytes, str, str]] = [
    ("cut off", b'{"name": "', "body", "form.malformed_json"),
    ("empty", b"", "body", "form.no_body"),
    ("list", b"[]", "body", "form.type"),
    ("string", b'"x"', "body", "form.type"),
    ("null", b"null", "body", "form.type"),
    ("number", b"1", "body", "form.type"),
    ("deep list", b"[" * DEEP + b"]" * DEEP, "body", "form.malformed_json"),
    ("deep object", b'{"a":' * DEEP + b"1" + b"}" * DEEP, "body", "form.malformed_json"),
    ("name twice", _raw('"name": "another"'), "name", "form.said_twice"),
    ("two values", b"{} {}", "body", "form.malformed_json"),
    ("byte order mark", b"\xef\xbb\xbf{}", "body", "form.malformed_json"),
    ("not UTF-8", b'{"name": "\xb9\xab\xcb\xbe"}', "body", "form.malformed_json"),
    ("UTF-16", '{"name": "x"}'.encode("utf-16"), "body", "form.malformed_json"),
    ("comment", b'{"name": "x" /* y */}', "body", "form.malformed_json"),
    ("half a pair", _said(name="a\ud800b"), "body", "form.malformed_json"),
    ("half a pair as name", _raw('"\\ud800": 1'), "body", "form.malformed_json"),
    ("raw half a pair", _raw('"x": "\ud800"'), "body", "form.malformed_json"),
    ("NaN", _raw('"x": NaN'), "body", "form.malformed_json"),
    ("infinity", _raw('"x": 1e400'), "body", "form.malformed_json"),
    ("endless integer", _raw('"x": 1' + "0" * 5000), "body", "form.malformed_json"),
    ("NUL", _said(name="a\x00b"), "name", "form.control_characters"),
    ("escape", _said(summary="a\x1bb"), "summary", "form.control_characters"),
    ("line break in a line", _said(name="a\nb"), "name", "form.control_characters"),
    ("turned round", _said(name="a\u202eb"), "name", "form.control_characters"),
    ("NUL as name", _raw('"a\\u0000": 1'), "a\x00", "form.unknown_field"),
    ("unknown field", _raw('"premium": 1'), "premium", "form.unknown_field"),
    ("stage on the moon", _said(stages=["moon"]), "stages.0", "form.not_a_choice"),
    ("stage as text", _said(stages="production"), "stages", "form.type"),
    ("clause as number", _said(clauses=[1]), "clauses.0", "form.type"),
    ("clauses as object", _said(clauses={}), "clauses", "form.type"),
    ("name as null", _said(name=None), "name", "form.type"),
    ("name as list", _said(name=["x"]), "name", "form.type"),
    ("name of spaces", _said(name="   "), "name", "form.missing"),
    ("long name", _said(name="名" * 121), "name", "form.too_long"),
    ("many clauses", _said(clauses=[{"title": "t"}] * 31), "clauses", "form.too_many"),
    ("amount as flag", _said(sum_min_fen=True), "sum_min_fen", "form.type"),
    ("amount as float", _said(sum_min_fen=1.0), "sum_min_fen", "form.type"),
    ("amount as text", _said(sum_min_fen="100"), "sum_min_fen", "form.type"),
    ("amount as object", _said(sum_min_fen={"$gt": 0}), "sum_min_fen", "form.type"),
    ("negative amount", _said(sum_min_fen=-1), "sum_min_fen", "form.beyond"),
    ("huge amount", _said(sum_max_fen=10**30), "sum_max_fen", "form.beyond"),
    ("rate over one", _said(rate_max_ppm=1_000_001), "rate_max_ppm", "form.beyond"),
    ("days as float", _said(components=[{"name": "a", "event": "b", "waiting_days": 1e3}]),
     "components.0.waiting_days", "form.type"),
    ("document as flag", _said(documents=[{"id": True}]), "documents.0.id", "form.type"),
    ("huge document", _said(documents=[{"id": 10**30}]), "documents.0.id", "form.beyond"),
    ("public as text", _said(documents=[{"id": 1, "public": "yes"}]), "documents.0.public",
     "form.type"),
    ("no such document", _said(documents=[{"id": 10**17}]), "documents.0.id",
     "product.unknown_document"),
    ("no such type", _said(type_code="PT999"), "type_code", "product.unknown_type"),
    ("SQL as type", _said(type_code="' OR 1=1 --"), "type_code", "product.unknown_type"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "field", "code"), [b[1:] for b in BODIES], ids=[b[0] for b in BODIES]
)
async def test_body(body: bytes, field: str, code: str, stage: Stage) -> None:
    async with nothing_written():
        answer = await stage.world.call("clerk", "POST", "/products", content=body, headers=JSON)
    assert (field, code) in found(problem(answer, 400, 422))


async def test_body_of_ten_megabytes(stage: Stage) -> None:
    async with nothing_written():
        large = draft(summary="长" * 3_500_000)
        answer = await stage.world.call("clerk", "POST", "/products", large)
    assert found(problem(answer, 413)) == {("body", "form.body_too_large")}


async def test_text_beyond_the_basic_plane_is_kept(stage: Stage) -> None:
    async with undone():
        made = await stage.world.post("clerk", "/products", draft(name="示例😀𠮷险"))
        kept = await stage.world.get("clerk", f"/products/{made['number']}")
    assert kept["record"]["name"] == "示例😀𠮷险"


@pytest.mark.parametrize(
    "kind",
    ["text/plain", "application/xml", "application/x-www-form-urlencoded", "multipart/form-data",
     "multipart/form-data; boundary=x", "application/msgpack", "garbage", ""],
)  # fmt: skip
async def test_content_type(kind: str, stage: Stage) -> None:
    headers = {"Content-Type": kind}
    async with nothing_written():
        answer = await stage.world.call(
            "clerk", "POST", "/products", content=_said(), headers=headers
        )
    assert found(problem(answer, 415)) == {("Content-Type", "http.not_json")}


GOOD = ORGANISATION["uscc"]
USCCS = [
    (GOOD[:17], "uscc.length"),
    (GOOD + "0", "uscc.length"),
    (GOOD[:17] + ("1" if GOOD[17] != "1" else "2"), "uscc.check_character"),
    (GOOD[:16] + ("1" if GOOD[16] != "1" else "2") + GOOD[17], "uscc.organisation_code"),
    *((GOOD[:10] + letter + GOOD[11:], "uscc.alphabet") for letter in "IOZSV"),
    (GOOD[:2] + "000000" + GOOD[8:], "uscc.place"),
    (GOOD[:9] + "好" + GOOD[10:], "uscc.alphabet"),
    ("", "uscc.missing"),
    (GOOD[:9] + "\x00" + GOOD[10:], "form.control_characters"),
    ("9" * 41, "form.too_long"),
]


@pytest.mark.parametrize(("uscc", "code"), USCCS, ids=[repr(u)[:24] for u, _ in USCCS])
async def test_uscc(uscc: str, code: str, stage: Stage) -> None:
    async with nothing_written():
        answer = await stage.world.call(
            "admin", "POST", "/organisations", {**ORGANISATION, "uscc": uscc}
        )
    assert ("uscc", code) in found(problem(answer, 422))


@pytest.mark.parametrize(
    "number",
    ["C0001333091202401043544", "D00013330912024010435441", "C0001333091202413043544X", "无"],
)
async def test_registration_number_of_the_wrong_shape(number: str, stage: Stage) -> None:
    clause = draft()["clauses"][0] | {"registration_number": number}
    async with undone():
        made = await stage.world.post("clerk", "/products", draft(clauses=[clause]))
        async with nothing_written():
            path = f"/products/{made['number']}/submission"
            answer = await stage.world.call("clerk", "POST", path, {})
    told = found(problem(answer, 422))
    assert ("clauses.0.registration_number", "registration_number.shape") in told


DAYS = ["2025-02-29", "0000-00-00", "2025-13-01", "20250607", "1", "1749254400", 20250607, 0.5,
        True, "", "2025-06-07T00:00:00", "2025-6-7", "2025-06-07 ", "\uff12025-06-07",
        [], {}]  # fmt: skip


@pytest.mark.parametrize("day", DAYS, ids=repr)
async def test_day(day: Any, stage: Stage) -> None:
    path = f"/products/{stage.numbers['in_library']}/suspension"
    async with nothing_written():
        answer = await stage.world.call(
            "approver", "POST", path, {"note": "x", "effective_on": day}
        )
    assert found(problem(answer, 422)) == {("effective_on", "form.not_a_date")}


async def test_every_gap_is_told_at_once(stage: Stage) -> None:
    body = {"stages": ["moon"], "rate_min_ppm": -1, "sum_min_fen": 0.5, "odd": 1, "name": "\x01x"}
    async with nothing_written():
        answer = await stage.world.call("clerk", "POST", "/products", body)
    assert found(problem(answer, 422)) == {
        ("type_code", "form.missing"),
        ("name", "form.control_characters"),
        ("stages.0", "form.not_a_choice"),
        ("rate_min_ppm", "form.beyond"),
        ("sum_min_fen", "form.type"),
        ("odd", "form.unknown_field"),
    }
