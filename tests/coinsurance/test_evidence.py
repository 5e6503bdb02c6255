"""Evidence bundles: a stranger checks one with sha256sum and a page of Python of its own."""

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from coinsurance.settlements.evidence.sources import SUBJECTS
from service.kernel.db import sql
from tests.coinsurance.settling import Book, on, plant_book
from tests.factories import World

# What a stranger may write after reading README.txt; it imports nothing of ours.
STRANGER = """
import hashlib, json, pathlib, sys
root = pathlib.Path(sys.argv[1])
entries = json.loads((root / "facts/entries.json").read_text("utf-8"))
seals = json.loads((root / "facts/seals.json").read_text("utf-8"))
rows = "".join((root / f"seals/{s['number']:06d}.rows").read_bytes().hex() for s in seals)
for entry in entries:
    assert f"{entry['id']:016x}{entry['hash']}" in rows, entry["key"]
    path = root / f"entries/{entry['id']:012d}.txt"
    if path.exists():
        text = path.read_bytes()
        assert hashlib.sha256(text).hexdigest() == entry["hash"]
        lines = [line.split("\\t") for line in text.decode().split("\\n")[1:]]
        assert sum(int(line[1]) for line in lines) == 0
for seal in seals:
    link = (root / f"seals/{seal['number']:06d}.link").read_bytes()
    assert link[:32].hex() == seal["prev_hash"] and link[-32:].hex() == seal["rows_hash"]
    assert hashlib.sha256(link).hexdigest() == seal["hash"]
print(len(entries), len(seals))
"""


async def story(world: World) -> tuple[Book, str, str, str]:
    """A statement, a dispute over one of its lines and an obligation that was paid in part."""
    book = await plant_book(world)
    with on("2026-03-10"):
        await book.premium(100_000_000, "2026-01-20", "2026-02-10")
        owed = await book.claim(30_000_000, "2026-02-20", "2026-03-06")
        pay = {"amount_fen": 1_000_000, "paid_on": "2026-03-09", "bank_reference": "E-1"}
        await world.post("clerk", f"/obligations/{owed['m2']}/payments", pay)
    issued = await book.close("2026-Q1", "2026-04-02")
    number = issued["m2"]["number"]
    lines = (await world.get("m2", f"/statements/{number}/lines"))["items"]
    line = next(x for x in lines if x["item"] == "claim")
    with on("2026-04-08"):
        dispute = await world.post(
            "m2", f"/statements/{number}/disputes", {"line": line["line"], "reason": "通知迟延"}
        )
    return book, number, dispute["number"], owed["m2"]


async def make(world: World, who: str, kind: str, subject: str, folder: Path) -> dict[str, Any]:
    """A bundle made and unpacked; what the registry says of it."""
    with on("2026-04-09"):
        made: dict[str, Any] = await world.post(
            who, "/evidence-bundles", {"subject_kind": kind, "subject": subject}
        )
    answer = await world.call(who, "GET", f"/evidence-bundles/{made['number']}/archive.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extractall(folder)
    return made


def run(*command: str, cwd: Path, code: int = 0) -> str:
    """A command of a stranger, which ends with that status."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout


async def test_a_stranger_checks_a_bundle_with_standard_tools(world: World, tmp_path: Path) -> None:
    _, _, dispute, _ = await story(world)
    made = await make(world, "clerk", "dispute", dispute, tmp_path)
    assert "OK" in run("sha256sum", "-c", "SHA256SUMS", cwd=tmp_path)
    checked = run("sha256sum", "-c", "REGISTRY-SHA256SUMS", cwd=tmp_path)
    for part in ("entries/", "journal/", "seals/", "agreement/canonical.json", "calculations/"):
        assert part in checked
    manifest = run("sha256sum", "SHA256SUMS", cwd=tmp_path).split()[0]
    assert manifest == made["manifest_sha256"]
    (tmp_path / "stranger.py").write_text(STRANGER, "utf-8")
    told = run(sys.executable, "-I", "stranger.py", str(tmp_path), cwd=tmp_path)
    assert told.split() == ["2", "2"]


@pytest.mark.parametrize("file", ["facts/ladder.json", "index.html"])
async def test_one_changed_byte_is_found(world: World, tmp_path: Path, file: str) -> None:
    _, _, dispute, _ = await story(world)
    await make(world, "clerk", "dispute", dispute, tmp_path)
    path = tmp_path / file
    path.write_bytes(path.read_bytes()[:-1] + b"#")
    told = run("sha256sum", "-c", "SHA256SUMS", cwd=tmp_path, code=1)
    assert f"{file}: FAILED" in told


async def test_every_kind_of_subject_has_its_bundle(world: World, tmp_path: Path) -> None:
    _, statement, dispute, obligation = await story(world)
    subjects = {"statement": statement, "dispute": dispute, "obligation": obligation}
    for kind, subject in subjects.items():
        folder = tmp_path / kind
        folder.mkdir()
        await make(world, "clerk", kind, subject, folder)
        run("sha256sum", "-c", "--quiet", "SHA256SUMS", cwd=folder)
        run("sha256sum", "-c", "--quiet", "REGISTRY-SHA256SUMS", cwd=folder)
    for subject in SUBJECTS.values():
        for source in subject.tables:
            assert await sql(source.query, -1, None) == []
        assert await sql(subject.entries, -1) == []
        assert await sql(subject.events, -1) == []


async def test_the_archive_is_the_same_every_time_and_prints_as_one_page(world: World) -> None:
    _, statement, _, _ = await story(world)
    body = {"subject_kind": "statement", "subject": statement}
    with on("2026-04-09"):
        made = await world.post("clerk", "/evidence-bundles", body)
    path = f"/evidence-bundles/{made['number']}"
    first, second = [
        (await world.call("clerk", "GET", f"{path}/archive.zip")).content for _ in range(2)
    ]
    page = (await world.call("clerk", "GET", f"{path}/print.html")).text
    assert first == second
    assert "<script" not in page and "http" not in page and "核对办法" in page
    told = await world.get("clerk", path)
    assert told == made


async def test_a_followers_bundle_holds_no_peers_rows(world: World, tmp_path: Path) -> None:
    book, statement, dispute, _ = await story(world)
    await make(world, "m2", "dispute", dispute, tmp_path)
    run("sha256sum", "-c", "--quiet", "SHA256SUMS", cwd=tmp_path)
    run("sha256sum", "-c", "--quiet", "REGISTRY-SHA256SUMS", cwd=tmp_path)
    (tmp_path / "stranger.py").write_text(STRANGER, "utf-8")
    run(sys.executable, "-I", "stranger.py", str(tmp_path), cwd=tmp_path)
    everything = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    for peer in ("m3", "m4"):
        assert book.uscc(peer).encode() not in everything
    with on("2026-04-09"):
        foreign = [("m3", "dispute", dispute), ("m3", "statement", statement)]
        foreign += [("rival", "dispute", dispute), ("clerk", "claim", "none")]
        for who, kind, subject in foreign:
            body = {"subject_kind": kind, "subject": subject}
            told = await world.call(who, "POST", "/evidence-bundles", body)
            assert told.status_code == 404, (who, kind)
        mine = await world.post("m2", "/evidence-bundles",
                                {"subject_kind": "dispute", "subject": dispute})  # fmt: skip
    foreign = await world.call("m3", "GET", f"/evidence-bundles/{mine['number']}/archive.zip")
    assert foreign.status_code == 404
