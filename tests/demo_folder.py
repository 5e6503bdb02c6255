"""The demo, played once for the whole run by the real program; tests work on copies."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.browser.program import Program
from tests.sharing import RUN, only_one


def played_demo() -> Path:
    """The data folder, stopped in good order; nobody starts a program on it."""
    folder = RUN / "demo"
    with only_one("demo"):
        if not (folder / "done").exists():
            folder.mkdir(mode=0o711, exist_ok=True)
            program = Program(folder / "data")
            try:
                program.ready().end()
            except BaseException:
                program.clean_up()
                raise
            (folder / "done").touch()
    return folder / "data"


def copy_of_demo(data: Path) -> Path:
    """Make a data folder with the demo in it, which must not exist yet."""
    subprocess.run(["cp", "-a", played_demo(), data], check=True)
    return data
