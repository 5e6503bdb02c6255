"""Serving: addresses, signals, workers, the demo."""

from __future__ import annotations

import json
import re
import signal
import socket
import time
from pathlib import Path

import pytest

from service.auth import ROLE_NAMES
from tests.service.cli.support import (
    WAIT_SECONDS,
    Running,
    command,
    server_runs,
)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_serve_ends_at_once_although_clients_hold_on(home: Path, number: int) -> None:
    server = Running(home, ["serve"])
    assert server.get("/health/ready")[0] == 200
    kept = server.connect()
    kept.request("GET", "/health/live")
    kept.getresponse().read()
    half = socket.create_connection(("127.0.0.1", server.port))
    half.send(b"GET /health/")
    status, said, seconds = server.end(number)
    assert status == 0
    assert "已停止" in said
    assert seconds < 5


def test_serve_makes_its_database_and_takes_it_along(place: Path) -> None:
    server = Running(place / "data", ["serve"])
    assert server.get("/health/ready")[0] == 200
    assert json.loads(server.get("/api/v1/product-types/PT001")[1])["code"] == "PT001"
    assert server_runs(place / "data")
    assert server.end()[0] == 0
    assert not server_runs(place / "data")


def test_running_request_is_answered_before_the_end(home: Path) -> None:
    server = Running(home, ["serve"])
    connection = server.connect()
    connection.connect()
    body = json.dumps({"login": "root.admin", "password": "x", "name": "n", "scopes": ["read"]})
    connection.request("POST", "/api/v1/tokens", body, headers={"content-type": "application/json"})
    time.sleep(0.03)
    server.process.send_signal(signal.SIGTERM)
    assert connection.getresponse().status == 401
    assert server.process.wait(timeout=WAIT_SECONDS) == 0


def test_demo_tells_an_account_of_every_role_and_is_there_again(place: Path) -> None:
    folder, passwords = place / "data", []
    for _ in range(2):
        server = Running(folder, ["demo"])
        code, shelf = server.get("/api/v1/shelf")
        assert code == 200, shelf
        assert json.loads(shelf)["total"]["value"] > 40
        status, said, _ = server.end()
        assert status == 0
        assert all(name in said for name in ROLE_NAMES.values())
        passwords += re.findall(r"所有账号的口令：(\S+)", said)
    assert len(passwords) == 2
    assert passwords[0] == passwords[1]


def test_port_in_use_is_said(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = command(home, "serve", "--port", str(port), status=3).stderr
    assert f"127.0.0.1:{port}" in said
    assert "EASTLAKE_PORT" in said


def test_address_that_is_not_here_is_said(home: Path) -> None:
    said = command(home, "serve", "--host", "192.0.2.77", "--port", "0", status=3).stderr
    assert "192.0.2.77" in said


def test_two_workers_serve(home: Path) -> None:
    server = Running(home, ["serve"], EASTLAKE_WORKERS="2")
    assert server.get("/health/ready")[0] == 200
    status, said, _ = server.end()
    assert status == 0, said


def test_more_connections_than_the_database_gives_are_refused_at_the_start(home: Path) -> None:
    sizes = {"EASTLAKE_WORKERS": "9", "EASTLAKE_POOL_MAX": "10", "EASTLAKE_PORT": "0"}
    said = command(home, "serve", status=3, **sizes).stderr
    assert "EASTLAKE_WORKERS × EASTLAKE_POOL_MAX = 9 × 10" in said
    assert "max_connections" in said
