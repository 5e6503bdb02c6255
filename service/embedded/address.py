"""Where a server of a data folder is reached, and that no other program can reach it there."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import socket
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from service.embedded.binaries import Account, Binaries
from service.embedded.locks import open_private
from service.embedded.processes import is_alive

NAME = "eastlake"  # the role and the database; the superuser is `postgres`
_LONGEST_SOCKET = 100  # bytes; the system allows 107 on Linux, 103 on macOS


def has_sockets() -> bool:
    """Whether this platform's asyncio can speak over a socket file."""
    return sys.platform != "win32"


@dataclass(frozen=True, slots=True)
class Server:
    """A running server and how to reach it.

    Its socket lies in a folder of mode 0700 and asks no password; where sockets do not exist it
    listens on the loopback address only and asks for `password` (scram-sha-256).
    """

    data_dir: Path
    binaries: Binaries
    account: Account | None
    socket_dir: Path | None
    port: int
    password: str | None = field(default=None, repr=False)

    def dsn_kwargs(self) -> dict[str, Any]:
        """Arguments of `asyncpg.connect`, also Piccolo's engine configuration."""
        known = {"host": self.host, "port": self.port, "user": NAME, "database": NAME}
        return known | ({"password": self.password} if self.password else {})

    def url(self) -> str:
        """The same for psql, pg_dump and pg_restore."""
        secret = f":{self.password}" if self.password else ""
        return f"postgresql://{NAME}{secret}@/{NAME}?host={quote(self.host)}&port={self.port}"

    def bin(self, name: str) -> Path:
        """A program of the installation that serves this data, such as `pg_dump`."""
        return self.binaries.path(name)

    @property
    def host(self) -> str:
        """Folder of the socket, or the loopback address."""
        return str(self.socket_dir or "127.0.0.1")

    @property
    def cluster(self) -> Path:
        """PostgreSQL's own data folder."""
        return self.data_dir / "cluster"

    @property
    def log(self) -> Path:
        """What the server says."""
        return self.data_dir / "server.log"


def choose_address(data_dir: Path, binaries: Binaries, account: Account | None) -> Server:
    """The server's address: the recorded one, or a new one; written down for the other programs."""
    record = data_dir / "address.json"
    known: dict[str, Any] = {}
    with contextlib.suppress(FileNotFoundError, ValueError):
        known = json.loads(record.read_text())
    if has_sockets():
        server = Server(data_dir, binaries, account, _socket_dir(data_dir, account, known), 5432)
    else:
        port = known.get("port", 0)
        server = Server(data_dir, binaries, account, None, port, known.get("password"))
        if not is_alive(server.cluster) or not server.password:
            password = server.password or secrets.token_urlsafe(24)
            server = Server(data_dir, binaries, account, None, _free_port(port), password)
    current = {"host": server.host, "port": server.port, "password": server.password}
    if current != known:
        fresh = record.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(open_private(fresh), "w") as handle:
            json.dump(current, handle)
        fresh.replace(record)
    return server


def _socket_dir(data_dir: Path, account: Account | None, known: dict[str, Any]) -> Path:
    """Beside the data; in a short private folder when that name is too long for a socket."""
    beside = data_dir / "run"
    owner = account.uid if account else os.geteuid()
    if len(os.fsencode(beside / ".s.PGSQL.5432.lock")) <= _LONGEST_SOCKET:
        own_folder(beside, account)
        return beside
    with contextlib.suppress(OSError, TypeError):
        earlier = Path(known["host"]) if "host" in known else beside
        facts = earlier.lstat()
        if facts.st_uid == owner and facts.st_mode & 0o170777 == 0o040700 and earlier != beside:
            return earlier
    short = Path(tempfile.mkdtemp(prefix="eastlake-"))
    if len(os.fsencode(short / ".s.PGSQL.5432.lock")) > _LONGEST_SOCKET:
        short.rmdir()
        short = Path(tempfile.mkdtemp(prefix="eastlake-", dir="/tmp"))
    own_folder(short, account)
    return short


def own_folder(path: Path, account: Account | None) -> None:
    """A folder of mode 0700 that belongs to the server's user."""
    path.mkdir(mode=0o700, exist_ok=True)
    if path.is_symlink():
        raise NotADirectoryError(20, "a link stands where a private folder belongs", str(path))
    path.chmod(0o700)
    if account is not None:
        os.chown(path, account.uid, account.gid)


def _free_port(preferred: int) -> int:
    for port in (preferred, 0):
        with contextlib.suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("no free port")
