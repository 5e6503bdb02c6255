"""Other programs, other users and waiting, for the tests of the embedded server."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from service.embedded import Server

ROOT = Path(__file__).resolve().parents[3]

# Says "ready", then does as told: "stop" lets go, "churn" joins and leaves five times.
CLIENT = """
import sys
from pathlib import Path
from service import embedded
folder = Path(sys.argv[1])
server = embedded.start(folder)
print("ready", flush=True)
for line in sys.stdin:
    for _ in range(5 if line.strip() == "churn" else 0):
        embedded.stop(server)
        server = embedded.start(folder)
    if line.strip() == "stop":
        embedded.stop(server)
    print("done", flush=True)
"""


class Client:
    """Another program that holds the server."""

    def __init__(self, folder: Path, python: str = sys.executable, **options: object) -> None:
        options.setdefault("cwd", ROOT)
        self.process = subprocess.Popen(
            [python, "-c", CLIENT, str(folder)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            **options,
        )

    def expect(self, word: str) -> None:
        line = self.process.stdout.readline().strip()
        assert line == word, self.process.stderr.read()

    def send(self, word: str) -> None:
        self.process.stdin.write(word + "\n")
        self.process.stdin.flush()

    def tell(self, word: str) -> None:
        self.send(word)
        self.expect("done")

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


def query(server: Server, text: str) -> str:
    done = subprocess.run(
        [server.bin("psql"), server.url(), "-XAtc", text], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def postmaster(server: Server) -> int:
    return int((server.cluster / "postmaster.pid").read_text().split()[0])


def seconds_until(condition: Callable[[], bool], limit_s: float = 8) -> float:
    begun = time.monotonic()
    while not condition():
        assert time.monotonic() - begun < limit_s, "waited too long"
        time.sleep(0.05)
    return time.monotonic() - begun


def timed(action: Callable[[], Server], name: str) -> Server:
    begun = time.monotonic()
    server = action()
    print(f"{name}: {time.monotonic() - begun:.2f} s")
    return server


def python_for(user: str) -> str | None:
    for python in (sys.executable, "/usr/bin/python3", "/usr/local/bin/python3"):
        with contextlib.suppress(OSError):
            test = "import sys; sys.exit(sys.version_info < (3, 11))"
            if subprocess.run([python, "-c", test], user=user, cwd="/").returncode == 0:
                return python
    return None
