"""Files handed in with an objection: checked, kept by hash, seen by the committee only."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import pytest

from service.kernel.db import sql_value
from tests.catalogue.subsidy_story import announced, on, stage
from tests.catalogue.test_filing import codes
from tests.catalogue.test_notices import objection
from tests.factories import PDF, World
from tests.web.console import send, sign_in, words

PNG = b"\x89PNG\r\n\x1a\n" + b"picture"


def file(content: bytes, name: str = "证据.pdf") -> dict[str, str]:
    """A file as the form takes it."""
    return {"file_name": name, "content_base64": base64.b64encode(content).decode()}


async def _objected(world: World, *files: dict[str, str]) -> Any:
    number, notice = await announced(world, await stage(world, "A-1"))
    body = objection(number, evidence=list(files))
    return await world.call(None, "POST", f"/notices/{notice}/objections", body)


async def test_files_are_kept_with_their_hash_for_the_committee(world: World) -> None:
    with on("2026-03-02"):
        answer = await _objected(world, file(PDF), file(PNG, "照片.png"))
        assert answer.status_code == 201, answer.text
        place = f"/objections/{answer.json()['number']}"
        seen = (await world.get("officer", place))["evidence"]
        assert [(f["number"], f["file_name"], f["size_bytes"]) for f in seen] == [
            (1, "证据.pdf", len(PDF)),
            (2, "照片.png", len(PNG)),
        ]
        assert seen[0]["sha256"] == hashlib.sha256(PDF).hexdigest()
        got = await world.call("officer", "GET", f"{place}/evidence/2")
        assert (got.content, got.headers["content-type"]) == (PNG, "image/png")
        for who in ("firm", "clerk", "auditor", None):
            refused = await world.call(who, "GET", f"{place}/evidence/1")
            assert refused.status_code in (401, 403)
        assert (await world.get("auditor", place))["evidence"] == []
        assert (await world.call("officer", "GET", f"{place}/evidence/3")).status_code == 404


WRONG = [
    ([file(b"")], "form.missing"),
    ([{"file_name": "a.pdf", "content_base64": "???"}], "form.type"),
    ([file(b"MZ program", "a.pdf")], "document.not_what_it_says"),
    ([file(b"MZ program", "a.exe")], "document.type"),
    ([file(PDF), file(PDF, "副本.pdf")], "objection.evidence_twice"),
    ([file(PDF + bytes([n])) for n in range(4)], "form.too_many"),
    ([file(PDF + b"0" * 10_485_760)], "form.too_large"),
    (
        [file(PDF + b"0" * 6_000_000), file(PDF + b"1" * 6_000_000)],
        "objection.evidence_too_large",
    ),
]


@pytest.mark.parametrize(("files", "code"), WRONG, ids=[code for _, code in WRONG])
async def test_wrong_files_are_refused_and_nothing_is_kept(
    world: World, files: list[dict[str, str]], code: str
) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1"))
        before = await sql_value("SELECT count(*) FROM document_content")
        body = objection(number, evidence=files)
        answer = await world.call(None, "POST", f"/notices/{notice}/objections", body)
        assert codes(answer) == {code}
        assert (await world.get("officer", "/objections"))["items"] == []
        frozen = "SELECT count(*) FROM application_line WHERE status = 'frozen'"
        assert await sql_value(frozen) == 0
        assert await sql_value("SELECT count(*) FROM document_content") == before


async def test_page_takes_files_without_log_in_and_without_script(world: World) -> None:
    with on("2026-03-02"):
        number, notice = await announced(world, await stage(world, "A-1"))
        path = f"/notices/{notice}/objections"
        fields = {
            "choice": f"{number}/1",
            "name": "示例举报人张三",
            "contact": "027-00000009",
            "text": "该企业未实际投保，合同与发票系伪造，请核查。",
        }
        wrong = {"evidence-0": ("a.exe", b"MZ")}
        refused = await send(world.client, path, fields, wrong)
        assert refused.status_code == 422
        assert "不接受“a.exe”这种类型的文件" in words(refused)
        nameless = await send(world.client, path, fields | {"name": "匿名"})
        assert "匿名异议不予受理" in words(nameless)
        files = {"evidence-0": ("证据.pdf", PDF), "evidence-2": ("照片.png", PNG)}
        taken = await send(world.client, path, fields, files)
        assert taken.status_code == 303, taken.text
        await sign_in(world.client, "officer")
        board = await world.client.get("/subsidy/notices")
        assert "证据.pdf" in board.text and "照片.png" in board.text
        found = (await world.get("officer", "/objections"))["items"][0]["number"]
        got = await world.client.get(f"/subsidy/objections/{found}/evidence/1")
        assert got.content == PDF
        assert "attachment" in got.headers["content-disposition"]
