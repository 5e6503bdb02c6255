"""What read benches share: server processes, and a load client that costs little and equally.

The client is one process of its own: keep-alive connections over epoll, one request in flight on
each, fixed request bytes taken in turn, answers measured by Content-Length and not parsed.
"""

from __future__ import annotations

import json
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import psutil

START_SECONDS = 60
ANSWER_SECONDS = 30


@dataclass(frozen=True, slots=True)
class Load:
    """What one run of the client saw; times in microseconds."""

    requests: int
    seconds: float
    p50_us: float
    p99_us: float
    failures: int
    program_us: float = 0
    """Processor time of the web server for each answer."""
    database_us: float = 0
    """Processor time of the database server for each answer."""

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.requests / self.seconds


class _Connection:
    """One keep-alive connection with one request in flight."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port), timeout=ANSWER_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = b""
        self.wanted = 0
        self.sent = 0.0

    def ask(self, request: bytes) -> None:
        self.buffer, self.wanted = b"", 0
        self.sent = time.perf_counter()
        self.socket.sendall(request)

    def answered(self) -> bool:
        """Read what is there; True when the answer is whole."""
        chunk = self.socket.recv(262_144)
        if not chunk:
            raise ConnectionError("the server closed the connection")
        self.buffer += chunk
        if not self.wanted:
            end = self.buffer.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = self.buffer[:end].lower()
            at = head.index(b"content-length:") + 15
            self.wanted = end + 4 + int(head[at:].split(b"\r\n", 1)[0])
        return len(self.buffer) >= self.wanted

    @property
    def ok(self) -> bool:
        return self.buffer.startswith((b"HTTP/1.1 200", b"HTTP/1.0 200"))


def drive(host: str, port: int, paths: Sequence[str], connections: int, seconds: float) -> Load:
    """Keep `connections` requests in flight for `seconds`; runs in the client process."""
    requests = [
        f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: application/json\r\n\r\n".encode("ascii")
        for path in paths
    ]
    selector = selectors.DefaultSelector()
    opened = [_Connection(host, port) for _ in range(connections)]
    turn = failures = 0
    times: list[float] = []
    started = time.perf_counter()
    until = started + seconds
    for connection in opened:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask(requests[turn % len(requests)])
        turn += 1
    waiting = connections
    while waiting:
        for key, _ in selector.select(ANSWER_SECONDS):
            connection = key.data
            if not connection.answered():
                continue
            moment = time.perf_counter()
            times.append(moment - connection.sent)
            failures += not connection.ok
            if moment < until:
                connection.ask(requests[turn % len(requests)])
                turn += 1
            else:
                waiting -= 1
    taken = time.perf_counter() - started
    for connection in opened:
        connection.socket.close()
    cuts = quantiles([*times, times[-1]], n=100)
    return Load(len(times), taken, cuts[49] * 1e6, cuts[98] * 1e6, failures)


@dataclass(frozen=True, slots=True)
class Service:
    """A running web server and the database server behind it."""

    url: str
    program: psutil.Process
    database: psutil.Process

    def cpu_s(self) -> tuple[float, float]:
        """Processor time so far, of the web server and of all processes of the database."""
        return _cpu_s(self.program), sum(map(_cpu_s, self.database.children()))


def _cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def measure(service: Service, paths: Sequence[str], connections: int, seconds: float) -> Load:
    """Run the client in a process of its own; any answer but 200 is an error."""
    parts = urlsplit(service.url)
    before = service.cpu_s()
    order = {
        "host": parts.hostname,
        "port": parts.port,
        "paths": list(paths),
        "connections": connections,
        "seconds": seconds,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.common"],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds + ANSWER_SECONDS + START_SECONDS,
    )
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
    seen = Load(**json.loads(done.stdout))
    if seen.failures:
        raise RuntimeError(f"{seen.failures} of {seen.requests} answers were not 200")
    spent = [(b - a) / seen.requests * 1e6 for a, b in zip(before, service.cpu_s(), strict=True)]
    return replace(seen, program_us=spent[0], database_us=spent[1])


def fetch(url: str) -> bytes:
    """The body of one answer."""
    with urlopen(url, timeout=ANSWER_SECONDS) as answer:
        body: bytes = answer.read()
    return body


def free_port() -> int:
    """A port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def serving(
    command: Sequence[str], port: int, environment: dict[str, str], ready: str, cluster: Path
) -> Iterator[Service]:
    """A server process until the block ends, handed over once `ready` (a path) answers."""
    database = psutil.Process(int((cluster / "postmaster.pid").read_text().split()[0]))
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, env=environment, stdout=said, stderr=said)
        try:
            _wait(process, url + ready, said)
            yield Service(url, psutil.Process(process.pid), database)
        finally:
            process.terminate()
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, said: Any) -> None:
    until = time.perf_counter() + START_SECONDS
    while time.perf_counter() < until and process.poll() is None:
        try:
            fetch(url)
            return
        except OSError:
            time.sleep(0.05)
    said.seek(0)
    raise RuntimeError(f"{url} does not answer:\n{said.read().decode()[-2000:]}")


if __name__ == "__main__":
    result = drive(**json.load(sys.stdin))
    json.dump({name: getattr(result, name) for name in Load.__slots__}, sys.stdout)
