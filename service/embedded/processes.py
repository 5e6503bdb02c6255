"""The live PostgreSQL processes of one cluster, told by their working directory."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import Any


def processes_in(cluster: Path) -> list[Any]:
    """psutil processes of PostgreSQL that work inside this cluster."""
    import psutil  # only needed after a crash and at the end; the watcher stays small

    return [process for process in psutil.process_iter() if _works_in(process, cluster)]


def is_alive(cluster: Path) -> bool:
    """Whether the process named in postmaster.pid is a server of this cluster."""
    import psutil

    try:
        pid = int((cluster / "postmaster.pid").read_text().split("\n", 1)[0])
        return _works_in(psutil.Process(pid), cluster)
    except (OSError, ValueError, psutil.NoSuchProcess):
        return False


def end_all(cluster: Path, *, hard: bool) -> bool:
    """Ask them to end, or (`hard`) end them; whether there were any. Only without a postmaster."""
    import psutil

    found = processes_in(cluster)
    for process in found:
        with contextlib.suppress(psutil.Error):
            process.kill() if hard else process.terminate()
    return bool(found)


def _works_in(process: Any, cluster: Path) -> bool:
    """False for a zombie and for a process whose home this user may not see: it is not ours."""
    import psutil

    with contextlib.suppress(psutil.Error):
        return (
            process.name().startswith("postgres")
            and process.status() != psutil.STATUS_ZOMBIE
            and Path(process.cwd()) == cluster
        )
    return False
