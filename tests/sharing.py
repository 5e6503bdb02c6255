"""A run of the whole suite goes to several processes; a run of named files stays in this one.

The tests of a file stay together and so do those of a folder in TOGETHER, which share what takes
long to start: the program with a browser, the command line with its server. Each process has a
database server of its own; what all of them share lies in the folder of the run.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

WORKERS_MIN, WORKERS_MAX = 2, 4
TOGETHER = ("tests/browser", "tests/service/cli")
FIRST = (
    "tests/browser",
    "tests/service/cli",
    "tests/service/embedded/test_life.py",
    "tests/contract/test_role_matrix.py",
    "tests/contract/test_openapi.py",
    "tests/contract/test_bad_requests.py",
    "tests/contract/test_pages_contract.py",
)
"""What takes longest comes first, so that no process is left with it at the end."""
_NAME = "EASTLAKE_TEST_RUN"
_is_mine = _NAME not in os.environ
if _is_mine:
    os.environ[_NAME] = tempfile.mkdtemp(prefix="eastlake-test-")
RUN = Path(os.environ[_NAME])
"""The folder of the run, for all its processes; also the user of PostgreSQL may enter."""
RUN.chmod(0o711)


@contextmanager
def only_one(name: str) -> Iterator[None]:
    """One process of the run at a time."""
    with (RUN / f"{name}.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def group_of(nodeid: str) -> str:
    """The folder or file whose tests run in one process, one after another."""
    path = nodeid.partition("::")[0]
    return next((folder for folder in TOGETHER if path.startswith(folder + "/")), path)


def _rank(nodeid: str) -> int:
    group = group_of(nodeid)
    return FIRST.index(group) if group in FIRST else len(FIRST)


class Groups(LoadScopeScheduling):
    """Hands out whole groups, in the order in which they were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """What `-n auto` means here: 0 keeps the tests in this process."""
    named = config.args_source is not pytest.Config.ArgsSource.TESTPATHS
    if named or os.environ.get("EASTLAKE_TEST_DATABASE_URL"):
        return 0
    return min(max(os.cpu_count() or 1, WORKERS_MIN), WORKERS_MAX)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Groups:
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Stable, so tests of a file keep their order."""
    items.sort(key=lambda item: _rank(item.nodeid))


def pytest_unconfigure() -> None:
    """The last of the run takes the folder away."""
    if _is_mine:
        shutil.rmtree(RUN, ignore_errors=True)
