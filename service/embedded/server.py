"""One data folder and its server: make, start, ask, recover, stop. Callers hold the gate lock."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

from service.embedded.address import NAME, Server, own_folder
from service.embedded.binaries import Account, major_of, reap, run, spawn
from service.embedded.locks import open_private
from service.embedded.probe import ABSENT, SILENT, STARTING, ask
from service.embedded.problem import EmbeddedError
from service.embedded.processes import end_all, is_alive

Progress = Callable[[str], None]

_LOG_KEPT = 8 << 20  # bytes; a longer log is put aside at the next start
_ORPHAN_S = 5.0
_LETTERS = ("C.UTF-8", "en_US.UTF-8")  # character classes of the C library, first that exists
_STOP_S = "60"
SHARED_DATA = Path("/var/lib/eastlake")  # for root, whose home is closed to others
_SETTINGS = {
    "max_connections": "100",
    "shared_buffers": "64MB",
    "work_mem": "8MB",
    "maintenance_work_mem": "64MB",
    "max_wal_size": "512MB",
    "fsync": "on",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "max_logical_replication_workers": "0",
}


def log_tail(log: Path, lines: int = 15) -> str:
    """The last lines of the log, or why they cannot be read."""
    try:
        with log.open("rb") as handle:
            handle.seek(max(0, log.stat().st_size - 16_384))
            text = handle.read().decode(errors="replace").splitlines()[-lines:]
    except OSError as problem:
        return f"{log}: {problem.strerror}"
    return "\n".join([f"{log}:", *text])


def sweep(data_dir: Path) -> None:
    """Drop half-made clusters of programs that were killed; called under the gate lock."""
    for left in data_dir.glob("new-*"):
        shutil.rmtree(left, ignore_errors=True)


def create(server: Server) -> None:
    """Make the cluster with its role and database; either whole or not there at all."""
    # Never the same name twice: the initdb of a program that was killed may still be writing.
    fresh = server.data_dir / f"new-{secrets.token_hex(4)}"
    role = f"CREATE ROLE {NAME} LOGIN CREATEDB"
    if server.password:
        role += f" PASSWORD '{server.password}'"
    status, said = _initdb(server, fresh)
    if status == 0:
        status, said = run(
            [server.bin("postgres"), "--single", "-D", fresh, "postgres"],
            server.account,
            f"{role};\nCREATE DATABASE {NAME} OWNER {NAME};\n",
        )
    if status != 0 or "ERROR:" in said:
        shutil.rmtree(fresh, ignore_errors=True)
        raise EmbeddedError(
            f"The database could not be created in {server.data_dir}; see the reason below"
            " (disk full? folder not writable?), remove it and start again.",
            f"无法在 {server.data_dir} 中建立数据库；请按下面的原因（磁盘已满？目录不可写？）"
            "处理后重新启动。",
            "\n".join(said.splitlines()[-15:]),
        )
    fresh.rename(server.cluster)


def _initdb(server: Server, fresh: Path) -> tuple[int, str]:
    """Sort by code point; know Chinese letters, which pg_trgm asks the C library about."""
    options = ["--locale=C", "--encoding=UTF8", "--username=postgres", "--no-instructions"]
    options += ["--auth-local=trust", "--auth-host=scram-sha-256"]
    if server.binaries.major >= 17:
        options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    for letters in (*_LETTERS, "C"):
        shutil.rmtree(fresh, ignore_errors=True)
        own_folder(fresh, server.account)
        status, said = run(
            [server.bin("initdb"), "-D", fresh, *options, f"--lc-ctype={letters}"], server.account
        )
        if status == 0 or "invalid locale" not in said:
            break
    return status, said


def clear_leftovers(server: Server) -> bool:
    """After a kill: end backends without a postmaster and drop lock files that name a stranger.

    Called when nothing answers at the address. A postmaster that lives but lost its socket gets
    a moment, then is stopped too. False: it answers after all and there is nothing to start.
    """
    locks = [server.cluster / "postmaster.pid"]
    if server.socket_dir:
        locks.append(server.socket_dir / f".s.PGSQL.{server.port}.lock")
    if not any(lock.exists() for lock in locks):
        return True
    if is_alive(server.cluster):
        if _answers_within(server, 2.0):
            return False
        shut_down(server)
    until = time.monotonic() + _ORPHAN_S
    while end_all(server.cluster, hard=time.monotonic() > until):
        time.sleep(0.05)
        if time.monotonic() > until + _ORPHAN_S:
            raise failed(server, "old server processes do not end", "旧的数据库进程无法结束")
    for lock in locks:
        lock.unlink(missing_ok=True)
    return True


def _answers_within(server: Server, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while ask(server) == ABSENT:
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def launch(server: Server) -> subprocess.Popen[bytes]:
    """Start the server process; it may still have to recover."""
    with contextlib.suppress(FileNotFoundError):
        if server.log.stat().st_size > _LOG_KEPT:
            server.log.replace(server.log.with_suffix(".log.1"))
    settings = dict(_SETTINGS)
    if server.binaries.major >= 18:
        settings["io_method"] = "sync"  # three processes fewer
    if server.socket_dir:
        settings |= {"listen_addresses": "", "unix_socket_directories": str(server.socket_dir)}
        settings["unix_socket_permissions"] = "0700"
    else:
        settings |= {"listen_addresses": "127.0.0.1", "unix_socket_directories": ""}
    command: list[Path | str] = [server.bin("postgres"), "-D", server.cluster]
    for name, value in (settings | {"port": str(server.port)}).items():
        command += ["-c", f"{name}={value}"]
    log = open_private(server.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    try:
        process = spawn(command, server.account, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    finally:
        os.close(log)
    reap(process)
    return process


def bring_up(
    server: Server, start_timeout_s: float, recovery_timeout_s: float, progress: Progress
) -> None:
    """Return when the server takes connections, starting it if nothing answers."""
    begun = told = time.monotonic()
    limit_s, process = start_timeout_s, None
    while (answer := ask(server)) in (ABSENT, STARTING, SILENT):
        if answer == ABSENT and process is None:
            process = launch(server) if clear_leftovers(server) else None
        elif answer == STARTING:
            limit_s = max(start_timeout_s, recovery_timeout_s)
        if process is not None and process.poll() is not None:
            if not is_alive(server.cluster):
                raise failed(server, "the server ended while starting", "数据库启动时退出")
            process = None  # a program that was killed had just started one
        waited_s = time.monotonic() - begun
        if waited_s > limit_s:
            raise failed(
                server,
                f"the server was not ready after {waited_s:.0f} s",
                f"数据库 {waited_s:.0f} 秒后仍未就绪",
            )
        if time.monotonic() - told > 2:
            told = time.monotonic()
            doing = "恢复" if answer == STARTING else "启动"
            progress(f"数据库正在{doing}，已用 {waited_s:.0f} 秒……")
        time.sleep(0.02)


def failed(server: Server, english: str, chinese: str) -> EmbeddedError:
    """The error of a server that did not come up or go down, with the end of its log."""
    return EmbeddedError(
        f"Embedded PostgreSQL in {server.data_dir}: {english}. The log below names the reason"
        " (disk full, bad configuration, damaged file): remove it and start again, restore a"
        " backup into a new folder (EASTLAKE_DATA), or set DATABASE_URL.",
        f"{server.data_dir} 中的内嵌 PostgreSQL：{chinese}。请按下面的日志（磁盘已满、配置错误、"
        "文件损坏）处理后重新启动；或把备份恢复到新的数据目录（EASTLAKE_DATA）；"
        "或设置 DATABASE_URL。",
        log_tail(server.log),
    )


def shut_down(server: Server) -> bool:
    """Stop the server if it runs, ending its sessions; whether there was one to stop.

    Goes by the process, not the address: a server that lost its socket is stopped as well.
    """
    if not is_alive(server.cluster):
        return False
    for mode in ("fast", "immediate"):
        status, _ = run(
            [server.bin("pg_ctl"), "stop", "-D", server.cluster, "-m", mode, "-t", _STOP_S],
            server.account,
        )
        if status == 0 or not is_alive(server.cluster):
            return True
    raise failed(server, "the server does not stop", "数据库无法停止")


def prepare_folder(data_dir: Path, account: Account | None) -> None:
    """Make the data folder so that the server's user reaches what is inside, and nobody else.

    Folders above it are made when missing and never changed. EmbeddedError when that user cannot
    pass through them.
    """
    for folder in reversed([data_dir, *data_dir.parents]):
        if not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            if account is not None:
                folder.chmod(0o711)
    if account is None:
        return
    if data_dir.stat().st_uid == 0:
        os.chown(data_dir, -1, account.gid)
        data_dir.chmod(0o710)
    if not can_enter(data_dir, account):
        raise EmbeddedError(
            f"PostgreSQL does not run as root; it would run as {account.name}, who cannot reach"
            f" {data_dir}: set EASTLAKE_DATA to a folder that user may reach, such as"
            f" {SHARED_DATA}, run the program as an ordinary user, or set DATABASE_URL.",
            f"PostgreSQL 不能以 root 运行，将以 {account.name} 运行，但该用户无法进入 {data_dir}："
            f"请把 EASTLAKE_DATA 设为该用户可进入的目录（例如 {SHARED_DATA}），"
            "或改用普通用户运行，或设置 DATABASE_URL。",
        )


def can_enter(folder: Path, account: Account) -> bool:
    """Whether that user may pass through the folder and all above it, found by trying."""
    return run(["/bin/sh", "-c", 'cd -- "$0"', folder], account)[0] == 0


def cluster_major(data_dir: Path) -> int | None:
    """The major version that wrote the data; None when there is no cluster yet."""
    try:
        return major_of((data_dir / "cluster" / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None
