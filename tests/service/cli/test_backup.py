"""Backup and restore: the same digest, all or nothing, any database."""

from __future__ import annotations

from pathlib import Path

from service import embedded
from tests.service.cli.support import (
    Running,
    command,
)


def test_backup_and_restore(home: Path, place: Path) -> None:
    file = place / "all.backup"
    digest = [line for line in command(home, "verify").stdout.splitlines() if "sha256" in line]
    command(home, "backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    assert "--force" in command(home, "backup", str(file), status=1).stderr
    other = place / "data"
    command(other, "restore", str(file))
    there = command(other, "verify").stdout
    assert digest == [line for line in there.splitlines() if "sha256" in line]
    assert "root.admin" in command(other, "user", "list").stdout
    assert "--replace" in command(other, "restore", str(file), status=1).stderr
    assert "--yes" in command(other, "restore", str(file), "--replace", status=1).stderr
    command(other, "user", "disable", "root.admin", "--yes")
    command(other, "restore", str(file), "--replace", "--yes")
    assert "启用" in command(other, "user", "list", "--q", "root").stdout


def test_database_url_serves_the_same_commands(home: Path, place: Path) -> None:
    url = embedded.start(home).url()
    listed = command(place / "none", "user", "list", DATABASE_URL=url).stdout
    assert "root.admin" in listed
    file = place / "all.backup"
    command(place / "none", "backup", str(file), DATABASE_URL=url)
    command(place / "none", "restore", str(file), "--replace", "--yes", DATABASE_URL=url)
    assert command(home, "user", "list").stdout == listed
    server = Running(place / "none", ["serve"], DATABASE_URL=url)
    assert server.get("/health/ready")[0] == 200
    assert server.end()[0] == 0
    assert not (place / "none" / "cluster").exists()


def test_restore_is_all_or_nothing(home: Path, place: Path) -> None:
    file = place / "all.backup"
    command(home, "backup", str(file))
    whole = file.read_bytes()
    cut = place / "cut.backup"
    cut.write_bytes(whole[: len(whole) * 2 // 3])
    command(home, "restore", str(cut), "--replace", "--yes", status=1)
    assert "root.admin" in command(home, "user", "list").stdout
    noise = place / "noise"
    noise.write_bytes(b"no backup at all")
    assert "备份" in command(home, "restore", str(noise), status=1).stderr
    assert "没有文件" in command(home, "restore", str(place / "none"), status=1).stderr
