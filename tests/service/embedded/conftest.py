"""Data folders that every user of the machine can reach."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from service import embedded
from service.embedded import processes
from tests.service.embedded.support import (
    seconds_until,
)


@pytest.fixture(scope="module")
def template() -> Iterator[Path]:
    """A data folder that was used once and stopped in good order."""
    base = Path(tempfile.mkdtemp(prefix="elt-"))
    base.chmod(0o711)
    with embedded.hold(base / "data"):
        pass
    yield base / "data"
    shutil.rmtree(base)


@pytest.fixture
def made(template: Path, folder: Path) -> Path:
    """`folder` after its first start, which costs a good half second."""
    subprocess.run(["cp", "-a", template, folder], check=True)
    (folder / "server.log").unlink()
    return folder


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that every user of the machine can reach; its servers end with the test."""
    base = Path(tempfile.mkdtemp(prefix="elt-"))
    base.chmod(0o711)
    yield base / "data"
    for mine in [held for held in embedded._held if held.is_relative_to(base)]:
        embedded._held.pop(mine).close()
    for process in processes.processes_in(base / "data" / "cluster"):
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    # The watcher may still be writing for a moment.
    seconds_until(lambda: shutil.rmtree(base, ignore_errors=True) or not base.exists())
