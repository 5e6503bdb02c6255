"""Commands and servers of the command line as real processes."""

from __future__ import annotations

import http.client
import json
import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from service.kernel.numbering import make_uscc

COMMITTEE = make_uscc("11420100", "MB0D7001")
PASSWORD = "nine-old-boats-on-east-lake"
WAIT_SECONDS = 120
ROOT = Path(__file__).resolve().parents[3]


def environment(**more: str) -> dict[str, str]:
    """What a command gets to see: no settings of the surrounding test run."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("EASTLAKE_", "DATABASE_"))}
    return kept | {"EASTLAKE_LOG_LEVEL": "ERROR", "PYTHONUTF8": "1"} | more


@dataclass(frozen=True)
class Done:
    """A command that has ended."""

    stdout: str
    stderr: str


class Driver:
    """A process that runs commands one after another (see driver.py)."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.service.cli.driver"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment(),
        )

    def run(self, order: dict[str, object]) -> dict[str, Any]:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps(order) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return answer


@cache
def driver() -> Driver:
    """The one driver of this module; it ends when its input does."""
    return Driver()


def command(home: Path, *words: str, given: str = "", status: int = 0, **more: str) -> Done:
    """Run `eastlake …` to its end; its exit status must be `status`, never a traceback."""
    settings = {"EASTLAKE_DATA": str(home)} | more
    done = driver().run({"words": words, "given": given, "environment": settings})
    assert "Traceback" not in done["err"] + done["out"]
    assert done["status"] == status, done["err"] + done["out"]
    return Done(done["out"], done["err"])


class Running:
    """A server process that has told its address; what it says goes to a file."""

    started: ClassVar[list[subprocess.Popen[bytes]]] = []

    def __init__(self, home: Path, words: Sequence[str], **more: str) -> None:
        self.output = home.with_name(f"{home.name}-{secrets.token_hex(4)}.out")
        with open(self.output, "wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "service", *words],
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment(EASTLAKE_DATA=str(home), EASTLAKE_PORT="0", **more),
            )
        self.started.append(self.process)
        deadline = time.monotonic() + WAIT_SECONDS
        while not (found := re.search(r"http://127\.0\.0\.1:(\d+)/", self.said())):
            assert self.process.poll() is None and time.monotonic() < deadline, self.said()
            time.sleep(0.05)
        self.port = int(found[1])

    def said(self) -> str:
        return self.output.read_text("utf-8")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT_SECONDS)

    def get(self, path: str) -> tuple[int, bytes]:
        connection = self.connect()
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()

    def end(self, number: int = signal.SIGTERM) -> tuple[int, str, float]:
        """Send a signal; exit status, everything said, seconds it took."""
        begun = time.monotonic()
        self.process.send_signal(number)
        status = self.process.wait(timeout=WAIT_SECONDS)
        return status, self.said(), time.monotonic() - begun


def server_runs(home: Path) -> bool:
    """Whether something answers on the socket of the embedded server."""
    try:
        with socket.socket(socket.AF_UNIX) as probe:
            probe.connect(str(home / "run" / ".s.PGSQL.5432"))
        return True
    except OSError:
        return False
