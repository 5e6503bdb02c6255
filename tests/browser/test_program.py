"""What happens to the program: killed, its database killed, started twice, stopped."""

from __future__ import annotations

import signal
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from tests.browser.program import PASSWORD, Program, new_folder, until
from tests.demo_folder import copy_of_demo

STOP_SECONDS = 5


class Running:
    """The program on one data folder; started again when a test has ended it."""

    def __init__(self, data: Path) -> None:
        self.now = Program(data)

    def program(self) -> Program:
        if self.now.process.poll() is not None:
            self.now = Program(self.now.data)
        return self.now if self.now.address else self.now.ready()


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """On a copy of the demo."""
    running = Running(copy_of_demo(new_folder()))
    yield running
    running.now.clean_up()


@pytest.fixture
def program(running: Running) -> Program:
    """The program, serving."""
    return running.program()


def in_library(program: Program) -> int:
    """The number of products as the public sees it."""
    answer = httpx.get(f"{program.address}/api/v1/library/count", timeout=10)
    assert answer.status_code == 200, answer.text + program.output()
    found: int = answer.json()["products"]
    return found


def token(program: Program, login: str = "clerk") -> dict[str, str]:
    """The header of a fresh API token, which only a committed row can give."""
    answer = httpx.post(
        f"{program.address}/api/v1/tokens",
        json={
            "login": login,
            "password": PASSWORD,
            "name": "test",
            "scopes": ["read", "write"],
            "days": 1,
        },
        timeout=10,
    )
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def test_data_survives_kill_9(program: Program, running: Running) -> None:
    count, headers = in_library(program), token(program)
    program.process.kill()
    program.process.wait()
    again = running.program()
    assert in_library(again) == count > 0
    mine = httpx.get(f"{again.address}/api/v1/products", headers=headers, timeout=10)
    assert mine.status_code == 200, mine.text
    assert mine.json()["items"]


def test_a_killed_database_comes_back(program: Program) -> None:
    headers = token(program)
    database = program.database()
    assert database is not None
    database.kill()
    seen = []
    for _ in range(3):
        seen.append(program.status("/"))
        time.sleep(0.1)
    took = until(lambda: program.status("/health/ready") == 200, 20, "ready again")
    assert [program.status(path) for path in ("/", "/types", "/health/ready")] == [200] * 3, (
        f"{took:.1f} s, meanwhile {seen}\n{program.output()}"
    )
    mine = httpx.get(f"{program.address}/api/v1/products", headers=headers, timeout=10)
    assert mine.status_code == 200, mine.text
    assert set(seen) <= {200, 503}, seen


def test_killed_connections_are_replaced(program: Program) -> None:
    database = program.database()
    assert database is not None
    idle = [each for each in database.children() if each.cmdline()[0].endswith("idle")]
    assert idle
    for backend in idle:
        backend.terminate()
    time.sleep(0.2)
    assert [program.status("/") for _ in range(12)] == [200] * 12, program.output()


def test_two_programs_share_one_folder(program: Program, running: Running) -> None:
    running.now = second = Program(program.data)
    try:
        second.ready()
        assert second.address != program.address
        assert in_library(second) == in_library(program)
        headers = token(second)
        mine = httpx.get(f"{program.address}/api/v1/products", headers=headers, timeout=10)
        assert mine.status_code == 200
    finally:
        status, _ = program.end()
    assert status == 0
    assert in_library(second), "the second keeps the database"


def test_a_port_in_use_is_named(program: Program) -> None:
    port = int(program.address.rpartition(":")[2])
    late = Program(program.data, port)
    assert late.process.wait(20) not in (0, -signal.SIGKILL)
    said = late.output()
    assert str(port) in said
    assert "EASTLAKE_PORT" in said
    assert "Traceback" not in said
    assert program.status("/health/ready") == 200, "the first goes on"


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_program_and_database(program: Program, sign: int) -> None:
    database = program.database()
    assert database is not None
    with socket.create_connection(_host_port(program)):  # an open connection does not hold it up
        status, seconds = program.end(sign)
    assert status == 0, program.output()
    assert seconds < STOP_SECONDS
    assert not database.is_running() or database.status() == psutil.STATUS_ZOMBIE
    assert "Traceback" not in program.output()


def _host_port(program: Program) -> tuple[str, int]:
    host, _, port = program.address.removeprefix("http://").rpartition(":")
    return host, int(port)
