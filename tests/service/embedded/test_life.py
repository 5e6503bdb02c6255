"""Start, share, kill and recover: real processes and real kills."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from pathlib import Path

import asyncpg
import psutil

from service import embedded
from service.embedded import binaries, processes
from tests.service.embedded.support import (
    Client,
    postmaster,
    query,
    seconds_until,
    timed,
)


def test_first_start_warm_start_and_what_the_server_is_like(folder: Path) -> None:
    server = timed(lambda: embedded.start(folder), "first start")
    timed(lambda: embedded.start(folder), "joining")
    embedded.stop(server)
    embedded.stop(server)
    assert not processes.is_alive(server.cluster)
    server = timed(lambda: embedded.start(folder), "warm start")

    assert server.socket_dir.stat().st_mode & 0o777 == 0o700
    assert query(server, "show listen_addresses") == ""
    assert query(server, "show fsync") == "on"
    assert query(server, "show server_encoding") == "UTF8"
    assert query(server, "select rolsuper from pg_roles where rolname = current_user") == "f"
    assert query(server, "select 'Z' < 'a', '一' < '丁'") == "t|t", "sorted by code point"
    query(server, "create extension pg_trgm")
    assert query(server, "select cardinality(show_trgm('研发芯片')) > 0") == "t"


async def test_asyncpg_connects_with_the_arguments_given(folder: Path) -> None:
    server = await embedded.ensure_running(folder)
    connection = await asyncpg.connect(**server.dsn_kwargs())
    assert await connection.fetchval("select current_database()") == "eastlake"
    await connection.close()
    await embedded.release(server)
    assert not processes.is_alive(server.cluster)


def test_a_killed_client_does_not_keep_the_server(made: Path) -> None:
    client = Client(made)
    client.expect("ready")
    assert processes.is_alive(made / "cluster")
    client.kill()
    gone_s = seconds_until(lambda: not processes.is_alive(made / "cluster"))
    print(f"server gone {gone_s:.1f} s after kill -9 of its client")
    with embedded.hold(made) as server:
        assert query(server, "select 1") == "1"


def test_a_killed_server_comes_back_for_a_client_that_is_still_there(made: Path) -> None:
    server = embedded.start(made)
    query(server, "create table kept as select generate_series(1, 1000) as n")
    for victims in ("postmaster", "checkpointer", "postgres"):
        first = postmaster(server)
        for process in processes.processes_in(server.cluster):
            with contextlib.suppress(psutil.Error):  # a session that just ended
                role = "postmaster" if process.pid == first else " ".join(process.cmdline())
                if victims in role or victims == "postgres":
                    process.kill()
        if victims == "checkpointer":  # the server lives and has yet to notice
            seconds_until(lambda: "terminated by signal 9" in server.log.read_text())
        begun = time.monotonic()
        assert embedded.start(made) == server
        print(f"back {time.monotonic() - begun:.2f} s after kill -9 of {victims}")
        assert query(server, "select count(*) from kept") == "1000"


def test_a_busy_backend_without_its_server_does_not_block_the_next_start(made: Path) -> None:
    server = embedded.start(made)
    busy = subprocess.Popen(
        [server.bin("psql"), server.url(), "-c", "select count(*) from generate_series(1, 10^9)"],
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )
    time.sleep(0.3)
    os.kill(postmaster(server), signal.SIGKILL)
    assert query(embedded.start(made), "select 1") == "1"
    assert busy.wait(5) != 0


def test_a_client_killed_at_any_moment_of_the_first_start(folder: Path) -> None:
    for wait_s in (0.3, 0.6, 0.9):
        client = Client(folder)
        time.sleep(wait_s)
        client.kill()
    with embedded.hold(folder) as server:
        assert query(server, "select current_database()") == "eastlake"
    with embedded.hold(folder):  # by now the last orphan has given up
        assert not list(folder.glob("new-*"))


def test_several_programs_race_for_the_first_start(folder: Path) -> None:
    clients = [Client(folder) for _ in range(3)]
    for client in clients:
        client.expect("ready")
    log = (folder / "server.log").read_text()
    assert log.count("starting PostgreSQL") == 1
    for client in clients:
        client.kill()
    seconds_until(lambda: not processes.is_alive(folder / "cluster"))


def test_two_programs_share_one_server_and_the_last_one_stops_it(made: Path) -> None:
    server = embedded.start(made)
    other = Client(made)
    other.expect("ready")
    first = postmaster(server)
    other.tell("stop")
    assert query(server, "select 1") == "1"
    other.kill()
    other = Client(made)
    other.expect("ready")
    embedded.stop(server)
    time.sleep(1.5)
    assert postmaster(server) == first
    other.tell("stop")
    assert not processes.is_alive(server.cluster)
    other.kill()


def test_programs_that_come_while_the_last_one_leaves(made: Path) -> None:
    clients = [Client(made) for _ in range(2)]
    for client in clients:
        client.expect("ready")
    for client in clients:
        client.send("churn")
    for client in clients:
        client.expect("done")
    log = (made / "server.log").read_text()
    assert "FATAL" not in log.replace("FATAL:  the database system is starting up", "")
    for client in clients:
        client.kill()


def test_lock_files_that_name_a_stranger_are_dropped_and_the_stranger_lives(made: Path) -> None:
    server = embedded.start(made)
    lock = server.socket_dir / ".s.PGSQL.5432.lock"
    texts = {path: path.read_text() for path in (server.cluster / "postmaster.pid", lock)}
    pid = postmaster(server)
    embedded.stop(server)
    stranger = binaries.spawn(["/bin/sleep", "60"], server.account)
    for path, text in texts.items():
        path.write_text(text.replace(str(pid), str(stranger.pid)))
        if server.account:
            os.chown(path, server.account.uid, server.account.gid)
    server = embedded.start(made)
    assert query(server, "select 1") == "1"
    assert stranger.poll() is None
    stranger.kill()
    stranger.wait()


def test_a_server_that_lost_its_socket_is_replaced(made: Path) -> None:
    server = embedded.start(made)
    first = postmaster(server)
    (server.socket_dir / ".s.PGSQL.5432").unlink()
    embedded.start(made)
    assert postmaster(server) != first
    assert query(server, "select 1") == "1"
