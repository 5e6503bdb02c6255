"""The bundle of a real claim and its placement: a stranger with sha256sum and plain Python.

The commands are read out of the README.txt in the archive, so that what is published is what is
tried. Afterwards one byte is changed in one file after the other, and each time it must be found.
"""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from service.kernel.db import sql_value
from tests.coinsurance.claiming import Scene, agreed, at, make_scene, payment
from tests.coinsurance.paying import receipt
from tests.factories import World

# The published steps 1 to 4 without a tool but Python: a stranger's own page, nothing of ours.
STRANGER = r"""
import hashlib, json, pathlib, sys
root, manifest = pathlib.Path(sys.argv[1]), sys.argv[2]

def sha(path):
    return hashlib.sha256((root / path).read_bytes()).hexdigest()

def listed(name):
    rows = [line.split("  ", 1) for line in (root / name).read_text("utf-8").splitlines()]
    return {path: digest for digest, path in rows}

bad = []
if sha("SHA256SUMS") != manifest:
    bad.append("SHA256SUMS is not what the registry tells")
names = {p.relative_to(root).as_posix() for p in root.rglob("*") if p.is_file()}
if names != set(listed("SHA256SUMS")) | {"SHA256SUMS"}:
    bad.append("files were added or left out")
for name in ("SHA256SUMS", "REGISTRY-SHA256SUMS"):
    bad += [f"{path} fails {name}" for path, digest in listed(name).items() if sha(path) != digest]
entries = json.loads((root / "facts/entries.json").read_text("utf-8"))
rows = [(root / path).read_bytes().hex() for path in names if path.endswith(".rows")]
for entry in entries:
    if not any(f"{entry['id']:016x}{entry['hash']}" in row for row in rows):
        bad.append(f"entry {entry['key']} is in no seal")
seals = json.loads((root / "facts/seals.json").read_text("utf-8"))
for seal in seals:
    link = (root / f"seals/{seal['number']:06d}.link").read_bytes()
    wanted = f"{seal['chain']}:{seal['number']}:{seal['sealed_at']}".encode()
    if link != bytes.fromhex(seal["prev_hash"]) + wanted + bytes.fromhex(seal["rows_hash"]):
        bad.append(f"seal {seal['number']} is linked wrongly")
for entry in entries:
    text = (root / f"entries/{entry['id']:012d}.txt").read_text("utf-8")
    if sum(int(line.split("\t")[1]) for line in text.split("\n")[1:]):
        bad.append(f"entry {entry['key']} does not balance")
print(json.dumps({"entries": len(entries), "seals": len(seals), "bad": bad}))
sys.exit(1 if bad else 0)
"""


async def story(world: World) -> tuple[Scene, str]:
    """Premium, a claim with notices and consents, paid, and one follower that reimbursed."""
    scene = await make_scene(world)
    with at("2026-01-06"):
        form = receipt(100_000_001, "PR-1", received_on="2026-01-06")
        await world.post("clerk", f"/placements/{scene.placement}/receipts", form)
    number = await agreed(scene, 250_000_100)  # above the handler's authority: everybody consents
    with at("2026-03-16"):
        left_fen = (await scene.get("clerk", number))["left_fen"]
        await scene.post("clerk", f"{number}/payments", payment(left_fen))
    owed = await sql_value(
        "SELECT number FROM obligation WHERE number LIKE $1 || '-%' ORDER BY id LIMIT 1", number
    )
    with at("2026-03-20"):
        pay = {"amount_fen": 1_000_000, "paid_on": "2026-03-20", "bank_reference": "E-1"}
        await world.post("clerk", f"/obligations/{owed}/payments", pay)
    return scene, number


async def bundle(world: World, kind: str, subject: str, folder: Path) -> str:
    """A bundle made and unpacked; the manifest's hash as the registry tells it."""
    form = {"subject_kind": kind, "subject": subject}
    with at("2026-04-09"):
        made = await world.post("auditor", "/evidence-bundles", form)
    answer = await world.call("auditor", "GET", f"/evidence-bundles/{made['number']}/archive.zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as packed:
        packed.extractall(folder)
    told: str = made["manifest_sha256"]
    return told


def check(folder: Path, manifest: str) -> tuple[int, dict[str, Any]]:
    """The stranger's own page, isolated from everything of ours."""
    script = folder.parent / "stranger.py"
    script.write_text(STRANGER, "utf-8")
    command = [sys.executable, "-I", str(script), str(folder), manifest]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, check=False)
    return done.returncode, json.loads(done.stdout or "{}")


def published(folder: Path) -> list[str]:
    """The commands of the README in the archive, as somebody would copy them."""
    text = (folder / "README.txt").read_text("utf-8")
    return [found.strip() for found in re.findall(r"^ {5}((?:sha256sum|xxd) .*)$", text, re.M)]


def as_published(folder: Path) -> list[int]:
    """What every `sha256sum` command of the README ends with."""
    return [
        subprocess.run(command, shell=True, cwd=folder, capture_output=True, check=False).returncode
        for command in published(folder)
        if command.startswith("sha256sum")
    ]


def forge(folder: Path) -> None:
    """Write the manifest anew over what the files hold now."""
    command = "sha256sum $(cut -c67- SHA256SUMS) > new && mv new SHA256SUMS"
    subprocess.run(command, shell=True, cwd=folder, check=True)


@pytest.mark.parametrize("kind", ["claim", "placement"])
async def test_the_published_procedure_holds_and_finds_any_changed_byte(
    world: World, tmp_path: Path, kind: str
) -> None:
    scene, claim = await story(world)
    subject = claim if kind == "claim" else scene.placement
    folder = tmp_path / "bundle"
    manifest = await bundle(world, kind, subject, folder)
    assert as_published(folder) == [0, 0]
    status, told = check(folder, manifest)
    assert (status, told["bad"]) == (0, [])
    assert told["entries"] >= 2 and told["seals"] >= 1
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        before = path.read_bytes()
        if not before:
            continue
        place = len(before) // 2
        path.write_bytes(before[:place] + bytes([before[place] ^ 1]) + before[place + 1 :])
        status, told = check(folder, manifest)
        assert status != 0, path
        path.write_bytes(before)
    assert check(folder, manifest)[0] == 0


async def test_who_changes_the_manifests_too_is_found_by_the_registry(
    world: World, tmp_path: Path
) -> None:
    """A forger rewrites a fact and the manifest: the hash the registry tells is beyond him."""
    _, claim = await story(world)
    folder = tmp_path / "bundle"
    manifest = await bundle(world, "claim", claim, folder)
    facts = folder / "facts/notices.json"
    facts.write_text(facts.read_text("utf-8").replace("2026-03-03", "2026-03-09"), "utf-8")
    forge(folder)
    assert as_published(folder) == [0, 0]
    status, told = check(folder, manifest)
    assert (status, told["bad"]) == (1, ["SHA256SUMS is not what the registry tells"])


async def test_the_bundle_of_a_claim_tells_the_whole_story(world: World, tmp_path: Path) -> None:
    """Who was told and served, who consented, what was paid and owed: as the API tells it."""
    scene, claim = await story(world)
    folder = tmp_path / "bundle"
    await bundle(world, "claim", claim, folder)

    def fact(name: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads((folder / f"facts/{name}.json").read_text("utf-8"))
        return rows

    record = await scene.get("clerk", claim)
    assert [row["share_units"] for row in fact("shares")] == [
        40_000_000, 30_000_000, 20_000_000, 10_000_000,
    ]  # fmt: skip
    assert len(fact("notices")) == 3 and all(row["served_at"] for row in fact("notices"))
    answers = {row["name"]: row["answer"] for row in fact("consents")}
    assert len(answers) >= 3 and set(answers.values()) <= {"consented", ""}
    assert [row["kind"] for row in fact("decisions")] == ["agreement"]
    [payment_row] = [row for row in fact("movements") if row["kind"] == "payment"]
    assert payment_row["amount_fen"] == record["paid_fen"]
    parts = [p["amount_fen"] for p in fact("movement_parts")]
    assert sum(parts) == record["paid_fen"]
    assert sum(row["settled_fen"] for row in fact("obligations")) == 1_000_000
    assert [row["reference"] for row in fact("discharges")] == ["E-1"]
    assert list((folder / "calculations").glob("assessment-*.json"))
    journal = {row["event"] for row in fact("journal")}
    assert {"notify", "register", "assess", "ask", "agree", "pay"} <= journal, journal
