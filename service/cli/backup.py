"""`eastlake backup` and `restore`: one file in PostgreSQL's own compressed format.

The programs are those of the embedded package or, with DATABASE_URL, those that fit the server. A
restore is one transaction: afterwards the database is the backup, or what it was.
"""

from __future__ import annotations

import contextlib
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit, urlunsplit

import asyncpg
import typer

from service import embedded
from service.cli.base import (
    ERR,
    EXIT_UNAVAILABLE,
    Dsn,
    Failure,
    confirm_or_stop,
    say,
    unreachable,
)
from service.cli.migration import missing_migrations
from service.config import child_environment, settings
from service.loop import run_async

MAGIC = b"PGDMP"
NEW_SETTING = b"SET transaction_timeout = 0;"
NEEDS_NO_OMISSION = 17
"""The first major version that knows the setting."""
HEAD_BYTES = 65_536
EMPTY_FIRST = "SET lock_timeout = '10s'; DROP SCHEMA public CASCADE; CREATE SCHEMA public"

File = Annotated[Path, typer.Argument(help="备份文件 · Backup file")]


@dataclass(frozen=True, slots=True)
class Reach:
    """A database, its URL without the password, and PostgreSQL's programs for it."""

    dsn: Dsn
    url: str
    password: str
    major: int
    program: Callable[[str], Path]

    def run(self, name: str, *arguments: str) -> None:
        """Run a program against the database; Failure with its last line when it fails."""
        path = self.program(name)
        if not path.is_file():
            raise Failure(
                f"找不到 {self.major} 以上版本的 {name}：请安装 PostgreSQL 的客户端程序",
                f"No {name} of version {self.major} or later was found: install the client"
                " programs of PostgreSQL",
                EXIT_UNAVAILABLE,
            )
        secret = {"PGPASSWORD": self.password} if self.password else {}
        done = subprocess.run(
            [str(path), *arguments],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            env=child_environment(**secret),
        )
        if done.returncode:
            lines = done.stderr.decode(errors="replace").strip().splitlines()
            reason = next((line for line in lines if "error:" in line or "ERROR:" in line), "")
            reason = reason or (lines[-1] if lines else f"exit {done.returncode}")
            raise Failure(f"{name} 失败：{reason}", f"{name} failed")


@contextlib.contextmanager
def reach() -> Iterator[Reach]:
    """The database of the settings."""
    config = settings()
    if config.database_url:
        parts = urlsplit(config.database_url)
        user, _, host = parts.netloc.rpartition("@")
        name, _, password = user.partition(":")
        bare = urlunsplit(parts._replace(netloc=f"{name}@{host}" if user else host))
        major = run_async(_ask(config.database_url, "SHOW server_version_num")) // 10_000
        yield Reach(config.database_url, bare, unquote(password), major, _fitting(major))
        return
    with embedded.hold(config.data_dir) as server:
        dsn, major = server.dsn_kwargs(), server.binaries.major
        yield Reach(dsn, server.url(), str(dsn.get("password", "")), major, server.bin)


def _fitting(major: int) -> Callable[[str], Path]:
    """Programs for a server of that major version: pg_dump of the same one, else of a newer one.

    The others are the newest, which read every backup and speak with every older server.
    """

    def program(name: str) -> Path:
        known = {_major(path): path for path in _candidates(name)}
        newer = sorted(version for version in known if version >= major)
        if not newer:
            return Path(name)
        return known[newer[0] if name == "pg_dump" else newer[-1]]

    return program


def _candidates(name: str) -> Iterator[Path]:
    """Those of the embedded package, and those on the path."""
    from service.embedded.binaries import find_binaries

    with contextlib.suppress(embedded.EmbeddedError):
        yield find_binaries(settings().data_dir, None, None).path(name)
    found = shutil.which(name)
    if found:
        yield Path(found)


def _major(program: Path) -> int:
    """The major version that a program says of itself; 0 when it does not run."""
    try:
        said = subprocess.run([str(program), "--version"], capture_output=True, check=False)
    except OSError:
        return 0
    found = re.search(rb"(\d+)(?:\.\d+|beta|rc|devel)", said.stdout)
    return int(found[1]) if found else 0


def backup_command(
    file: File,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 · Overwrite")] = False,
) -> None:
    """备份整个数据库到一个文件 · Write the whole database into one file"""
    if file.exists() and not force:
        raise Failure(f"{file} 已存在，加 --force 覆盖", f"{file} exists: add --force to overwrite")
    if not file.absolute().parent.is_dir():
        raise Failure(f"没有目录 {file.parent}", f"There is no folder {file.parent}")
    part = file.with_name(file.name + ".part")
    with reach() as database, ERR.status("正在备份 · Writing the backup"):
        if run_async(_tables(database.dsn)) == 0:
            raise Failure("数据库是空的，没有可备份的内容", "The database is empty")
        try:
            database.run(
                "pg_dump",
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--file={part}",
                f"--dbname={database.url}",
            )
            part.replace(file)
        finally:
            part.unlink(missing_ok=True)
    file.chmod(0o600)
    say(f"已备份到 {file}（{file.stat().st_size:,} 字节）", "Backup written")


def restore_command(
    file: File,
    replace: Annotated[
        bool, typer.Option("--replace", help="清除现有数据 · Replace what is there")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="不再询问 · Do not ask")] = False,
) -> None:
    """从备份恢复；默认只写入空库 · Restore a backup, into an empty database only unless told"""
    _check_file(file)
    with reach() as database:
        tables = run_async(_tables(database.dsn))
        if tables and not replace:
            raise Failure(
                f"数据库中已有 {tables} 张表；如要清除后恢复，请加 --replace",
                f"The database holds {tables} tables: add --replace to drop them first",
            )
        if tables:
            confirm_or_stop("将清除现有全部数据，继续？ All present data will go. Go on?", yes)
        with ERR.status("正在恢复 · Restoring"):
            _restore(database, file)
        behind = run_async(missing_migrations(database.dsn))
    say(f"已从 {file} 恢复", "Restored")
    if behind:
        say("备份来自较早版本，请运行 eastlake migrate", "The backup is older: run the migration")


def _check_file(file: Path) -> None:
    if not file.is_file():
        raise Failure(f"没有文件 {file}", f"There is no file {file}")
    with open(file, "rb") as handle:
        if handle.read(len(MAGIC)) != MAGIC:
            raise Failure(
                f"{file} 不是 eastlake backup 写出的备份",
                f"{file} is not a backup written by `eastlake backup`",
            )


def _restore(database: Reach, file: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        script = Path(folder) / "restore.sql"
        database.run(
            "pg_restore", "--no-owner", "--no-privileges", f"--file={script}", str(file.absolute())
        )
        if database.major < NEEDS_NO_OMISSION:
            _omit_new_setting(script)
        database.run(
            "psql",
            "--no-psqlrc",
            "--quiet",
            "--single-transaction",
            "--set=ON_ERROR_STOP=1",
            f"--dbname={database.url}",
            f"--command={EMPTY_FIRST}",
            f"--file={script}",
        )


def _omit_new_setting(script: Path) -> None:
    """Blank out, in place, the one setting that newer programs write and older servers refuse."""
    with open(script, "r+b") as handle:
        head = handle.read(HEAD_BYTES)
        place = head.find(NEW_SETTING)
        if place >= 0:
            handle.seek(place)
            handle.write(b" " * len(NEW_SETTING))


async def _tables(dsn: Dsn) -> int:
    """How many tables there are in the schema."""
    return await _ask(dsn, "SELECT count(*) FROM pg_catalog.pg_tables WHERE schemaname = 'public'")


async def _ask(dsn: Dsn, question: str) -> int:
    """One number from the database, on a connection of its own."""
    config: dict[str, Any] = {"dsn": dsn} if isinstance(dsn, str) else dict(dsn)
    try:
        connection = await asyncpg.connect(**config, timeout=15)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise unreachable(error) from error
    try:
        return int(await connection.fetchval(question))
    finally:
        await connection.close()


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("backup")(backup_command)
    app.command("restore")(restore_command)
