"""The watcher: a small process of its own that stops a server nobody holds any more.

It outlives the program that started it, so a program killed with -9 leaves no server behind.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from service.embedded.address import Server
from service.embedded.binaries import Account, Binaries, reap, spawn
from service.embedded.locks import FileLock
from service.embedded.problem import EmbeddedError
from service.embedded.server import shut_down

_ROUND_S = 1.0
_START = (
    "import json, sys; order = json.load(sys.stdin); sys.path[:] = order['path'];"
    " from service.embedded.watch import watch; watch(order)"
)


def ensure_watcher(server: Server) -> None:
    """Start a watcher unless one lives; called under the gate lock."""
    with FileLock(server.data_dir / "watcher") as seat:
        if not seat.try_lock():
            return
    order = {
        "path": [str(Path(__file__).resolve().parents[2]), *map(os.path.abspath, sys.path)],
        "data_dir": str(server.data_dir),
        "bin": str(server.binaries.folder),
        "version": server.binaries.version,
        "account": asdict(server.account) if server.account else None,
    }
    process = spawn(
        [sys.executable, "-I", "-S", "-c", _START, server.data_dir],
        None,
        env=None,  # an interpreter may need its library path
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert process.stdin is not None
    with process.stdin as pipe:
        pipe.write(json.dumps(order).encode())
    reap(process)


def watch(order: dict[str, Any]) -> None:
    """Look every second; leave after two looks in a row found neither a holder nor a server.

    Two, because a program may die between starting the server and the server's first sign of life.
    """
    data_dir, account = Path(order["data_dir"]), order["account"]
    binaries = Binaries(Path(order["bin"]), order["version"])
    server = Server(data_dir, binaries, Account(**account) if account else None, None, 0)
    idle = 0
    with contextlib.suppress(FileNotFoundError), FileLock(data_dir / "watcher") as seat:
        if not seat.try_lock():
            return
        while idle < 2:
            time.sleep(_ROUND_S)
            with FileLock(data_dir / "gate", create=False) as gate:
                if not gate.try_lock():
                    continue
                idle = idle + 1 if _nothing_to_do(server) else 0
                if idle == 2:
                    seat.close()  # before the gate opens: the next program starts a watcher


def _nothing_to_do(server: Server) -> bool:
    with FileLock(server.data_dir / "holders", create=False) as holders:
        try:
            return holders.try_lock() and not shut_down(server)
        except EmbeddedError:
            return False
