"""Ask a server whether it lives by talking to it: a pid proves nothing."""

from __future__ import annotations

import contextlib
import socket
import struct

from service.embedded.address import NAME, Server

READY, STARTING, ABSENT, SILENT = "ready", "57P03", "absent", "silent"


def ask(server: Server, timeout_s: float = 2.0) -> str:
    """What a client would meet: READY, STARTING, ABSENT, SILENT or another SQLSTATE."""
    try:
        with _connect(server, timeout_s) as line:
            words = b"user\0" + NAME.encode() + b"\0database\0" + NAME.encode() + b"\0\0"
            line.sendall(struct.pack("!ii", len(words) + 8, 196_608) + words)
            return _listen(line)
    except TimeoutError:
        return SILENT
    except OSError:
        return ABSENT


def _connect(server: Server, timeout_s: float) -> socket.socket:
    if server.socket_dir is None:
        return socket.create_connection((server.host, server.port), timeout_s)
    line = socket.socket(socket.AF_UNIX)
    try:
        line.settimeout(timeout_s)
        line.connect(str(server.socket_dir / f".s.PGSQL.{server.port}"))
    except OSError:
        line.close()
        raise
    return line


def _listen(line: socket.socket) -> str:
    """Read messages until one settles it; a server that hangs up counts as absent."""
    stream = line.makefile("rb")
    while head := stream.read(5):
        kind, length = struct.unpack("!ci", head)
        body = stream.read(length - 4)
        if kind == b"E":
            codes = [part[1:] for part in body.split(b"\0") if part[:1] == b"C"]
            return codes[0].decode() if codes else SILENT
        if kind == b"Z" or (kind == b"R" and struct.unpack("!i", body[:4])[0] != 0):
            _leave(line)
            return READY
    return ABSENT


def _leave(line: socket.socket) -> None:
    """End the session and see it gone: nobody is to find it there who stops the server next."""
    line.sendall(struct.pack("!ci", b"X", 4))
    with contextlib.suppress(OSError):
        while line.recv(4096):
            pass
