"""What all commands share: the database they reach, progress bars, errors as one clear line."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import asyncpg
import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from service import embedded
from service.config import ConfigError, Settings, settings
from service.kernel import db
from service.kernel.errors import DomainError
from service.kernel.findings import Finding
from service.loop import run_async

Dsn = dict[str, Any] | str
T = TypeVar("T")

EXIT_REFUSED = 1
"""The request was understood and refused, or a check found something."""
EXIT_UNAVAILABLE = 3
"""Settings, database, port or file: nothing could be done."""
EXIT_FAULT = 70
"""A fault of the program."""

PIPED_WIDTH = 200
OUT = Console(highlight=False, soft_wrap=True, width=None if sys.stdout.isatty() else PIPED_WIDTH)
ERR = Console(stderr=True, highlight=False, soft_wrap=True)


class Failure(Exception):
    """A command that cannot go on: said in both languages, with an exit status."""

    def __init__(self, zh: str, en: str, status: int = EXIT_REFUSED) -> None:
        self.zh, self.en, self.status = zh, en, status
        super().__init__(f"{zh} · {en}")


def say(zh: str, en: str) -> None:
    """One line for a person, both languages."""
    OUT.print(f"{escape(zh)} [dim]· {escape(en)}[/dim]")


def show_findings(findings: tuple[Finding, ...] | list[Finding]) -> None:
    """Each finding with field and remedy, on standard error."""
    for finding in findings:
        mark = "[red]✗[/red]" if finding.blocks else "[yellow]![/yellow]"
        field = f"{finding.field}: " if finding.field else ""
        ERR.print(f"{mark} {escape(field + finding.text('zh'))}（{escape(finding.remedy('zh'))}）")
        ERR.print(f"  [dim]{escape(finding.text('en'))}. {escape(finding.remedy('en'))}[/dim]")


def explain(error: BaseException) -> int | None:
    """Print a known error as one clear line; its exit status, None for a fault of ours."""
    if isinstance(error, Failure):
        ERR.print(f"[red]✗[/red] {escape(error.zh)} · {escape(error.en)}")
        return error.status
    if isinstance(error, DomainError):
        show_findings(error.findings)
        return EXIT_REFUSED
    if isinstance(error, (ConfigError, embedded.EmbeddedError)):
        ERR.print(f"[red]✗[/red] {escape(str(error))}")
        return EXIT_UNAVAILABLE
    if isinstance(error, asyncpg.UndefinedTableError):
        return explain(not_migrated())
    if isinstance(error, (asyncpg.PostgresError, asyncpg.InterfaceError)):
        ERR.print(f"[red]✗[/red] 数据库拒绝了操作 · The database refused: {escape(str(error))}")
        return EXIT_UNAVAILABLE
    if isinstance(error, OSError):
        ERR.print(f"[red]✗[/red] 系统拒绝了操作 · The system refused: {escape(str(error))}")
        return EXIT_UNAVAILABLE
    return None


def not_migrated() -> Failure:
    """The database has not (all of) the present tables."""
    return Failure(
        "数据库尚未升级到本程序的版本，请先运行 eastlake migrate",
        "The database is not at the version of this program: run `eastlake migrate` first",
        EXIT_UNAVAILABLE,
    )


@contextmanager
def database_address(config: Settings) -> Iterator[Dsn]:
    """Where the database is: DATABASE_URL, else the embedded server, held for the block."""
    if config.database_url:
        yield config.database_url
        return
    with embedded.hold(config.data_dir) as server:
        yield server.dsn_kwargs()


async def with_pool(dsn: Dsn, body: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run `body` with a small connection pool."""
    try:
        await db.start_pool(dsn, min_size=1, max_size=4, statement_timeout_ms=300_000)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise unreachable(error) from error
    try:
        return await body()
    finally:
        await db.stop_pool()


def unreachable(error: Exception) -> Failure:
    """The database does not answer, or does not let us in."""
    reason = str(error) or type(error).__name__
    return Failure(
        f"无法连接数据库，请检查 DATABASE_URL：{reason}",
        f"The database cannot be reached, check DATABASE_URL: {reason}",
        EXIT_UNAVAILABLE,
    )


def in_database(body: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine function with the database of the settings behind it."""
    with database_address(settings()) as dsn:
        return run_async(with_pool(dsn, body))


def progress_bar() -> Progress:
    """A bar on standard error, so that standard output stays clean; gone when done."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=ERR,
        transient=True,
        disable=not ERR.is_terminal,
    )


def confirm_or_stop(question: str, sure: bool) -> None:
    """Ask before something that cannot be undone; without a terminal `--yes` is needed."""
    if sure:
        return
    if not sys.stdin.isatty():
        raise Failure("请加 --yes 以确认", "Add --yes to confirm")
    if not typer.confirm(question):
        raise Failure("已取消", "Cancelled")
