"""File locks that the kernel itself drops when their holder dies, whatever killed it.

A forked child shares the locks of its parent, so work spread over forked workers counts as one
holder that lives as long as its longest-lived process.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Self

if sys.platform == "win32":
    import msvcrt

    # There are no shared locks: a sharer locks one byte of its own, an owner locks all of them.
    _BYTES = 1 << 20

    def _take(handle: int, shared: bool) -> None:
        os.lseek(handle, os.getpid() % _BYTES if shared else 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_NBLCK, 1 if shared else _BYTES)

else:
    import fcntl

    def _take(handle: int, shared: bool) -> None:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def open_private(path: Path, flags: int = os.O_RDWR | os.O_CREAT) -> int:
    """Open a file that only its owner reads; root hands it to the owner of the folder.

    Never follows a link: the folder may belong to a user whom root must not trust.
    """
    flags |= getattr(os, "O_NOFOLLOW", 0)
    handle = os.open(path, flags, 0o600)
    if sys.platform != "win32" and os.geteuid() == 0:
        owner = path.parent.stat()
        os.fchown(handle, owner.st_uid, owner.st_gid)
    return handle


class FileLock:
    """One lock on one file, exclusive or shared; gone at `close` or when the process ends."""

    def __init__(self, path: Path, *, create: bool = True) -> None:
        self._handle = open_private(path, os.O_RDWR | (os.O_CREAT if create else 0))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *failure: object) -> None:
        self.close()

    def try_lock(self, *, shared: bool = False) -> bool:
        """False when another holder is in the way; OSError where the file system cannot lock."""
        try:
            _take(self._handle, shared)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def close(self) -> None:
        """Drop this process's hold; a second call does nothing."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
