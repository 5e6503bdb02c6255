"""Data folders for the tests of the command line."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from service import embedded
from tests.service.cli.support import (
    COMMITTEE,
    PASSWORD,
    WAIT_SECONDS,
    Running,
    command,
    driver,
)


@pytest.fixture(scope="package")
def top() -> Iterator[Path]:
    """A folder that also the user of the database server may enter."""
    folder = Path(tempfile.mkdtemp(prefix="eastlake-cli-"))
    folder.chmod(0o711)
    yield folder
    process = driver().process
    process.communicate(timeout=WAIT_SECONDS)
    driver.cache_clear()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(autouse=True)
def no_server_left_over() -> Iterator[None]:
    """A server whose test failed is ended."""
    yield
    while Running.started:
        process = Running.started.pop()
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=WAIT_SECONDS)


@pytest.fixture
def place(top: Path) -> Path:
    """An empty folder for one test."""
    folder = Path(tempfile.mkdtemp(dir=top))
    folder.chmod(0o711)
    return folder


@pytest.fixture(scope="package")
def home(top: Path) -> Iterator[Path]:
    """A data folder with a migrated database and one administrator, its server kept running."""
    folder = top / "data"
    command(folder, "migrate")
    command(
        folder,
        *("user", "add", "root.admin", "--organisation", COMMITTEE),
        *("--organisation-name", "示例管委会", "--password-stdin"),
        given=PASSWORD + "\n",
    )
    with embedded.hold(folder):
        yield folder
