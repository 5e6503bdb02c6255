"""The real program as another process: what the README's run command starts."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil

from service.kernel.calendar import SHANGHAI, now

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "donghu-browser-tests-2027"
_ADDRESS = re.compile(r"Serving at (http://\S+/)")


def new_folder() -> Path:
    """A data folder that the user of PostgreSQL can reach; its parent is for this test alone."""
    base = Path(tempfile.mkdtemp(prefix="eastlake-program-"))
    base.chmod(0o711)
    return base / "data"


def until(condition: Callable[[], bool], limit_s: float, what: str) -> float:
    """Wait for a condition; returns the seconds it took."""
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < limit_s, f"{what}: not within {limit_s} s"
        time.sleep(0.05)
    return time.monotonic() - begun


def removed(folder: Path) -> bool:
    """Remove a folder in which the database's watcher may still write for a moment."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


class Program:
    """`eastlake demo` on a data folder of its own, its output in a file beside that folder.

    `clock`: the moment in Shanghai at which its clock begins, `2026-11-16T10:00`; else that of the
    tests at present.
    """

    def __init__(self, data: Path, port: int = 0, command: str = "demo", clock: str = "") -> None:
        self.data = data
        self.log = data.parent / f"{command}-{time.monotonic_ns()}.log"
        environment = {k: v for k, v in os.environ.items() if k != "DATABASE_URL"} | {
            "EASTLAKE_DATA": str(data),
            "EASTLAKE_PORT": str(port),
            "EASTLAKE_DEMO_PASSWORD": PASSWORD,
            "EASTLAKE_LOG_LEVEL": "WARNING",
            "EASTLAKE_DAILY": "0",
            "PYTHONUNBUFFERED": "1",
        }
        begin = clock or now().astimezone(SHANGHAI).replace(tzinfo=None).isoformat()
        with self.log.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "tests.browser.at_clock", begin, command],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.address = ""

    def output(self) -> str:
        """Everything the program has printed."""
        return self.log.read_text("utf-8", "replace")

    def ready(self, limit_s: float = 180) -> Program:
        """Wait until /health/ready answers; the output stands in the message when it does not."""
        begun = time.monotonic()
        while not self._answers():
            ended = self.process.poll()
            assert ended is None, f"ended with {ended}:\n{self.output()}"
            assert time.monotonic() - begun < limit_s, f"not ready:\n{self.output()}"
            time.sleep(0.05)
        return self

    def _answers(self) -> bool:
        found = _ADDRESS.search(self.output())
        if found is None:
            return False
        self.address = found[1].rstrip("/")
        return self.status("/health/ready") == 200

    def status(self, path: str) -> int:
        """The status of a GET; 0 when nobody answers."""
        try:
            return httpx.get(self.address + path, timeout=10).status_code
        except httpx.HTTPError:
            return 0

    def end(self, sign: int = signal.SIGTERM, limit_s: float = 20) -> tuple[int, float]:
        """Send a signal and wait; returns exit status and seconds."""
        begun = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(sign)
        return self.process.wait(limit_s), time.monotonic() - begun

    def database(self) -> psutil.Process | None:
        """The database server of the data folder, None when it does not run."""
        with contextlib.suppress(OSError, ValueError, IndexError, psutil.NoSuchProcess):
            pid = int((self.data / "cluster" / "postmaster.pid").read_text().split()[0])
            process = psutil.Process(pid)
            if process.status() != psutil.STATUS_ZOMBIE and "postgres" in process.name():
                return process
        return None

    def clean_up(self) -> None:
        """End it, wait for the database to go, remove everything."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.end(limit_s=10)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        until(lambda: self.database() is None, 15, "the database goes")
        until(lambda: removed(self.data.parent), 10, "the folder goes")
