"""The command `eastlake`: the same use cases as API and console, for operators.

Errors are one clear line in both languages with an exit status, never a traceback
(`EASTLAKE_LOG_LEVEL=DEBUG` shows it).
"""

from __future__ import annotations

import os
import sys
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from service.cli import backup, data, due, migration, rules, serve, users
from service.cli.base import ERR, EXIT_FAULT, OUT, explain

app = typer.Typer(
    name="eastlake",
    help="东湖科技保险登记系统 · East Lake tech-insurance registry",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
serve.register(app)
migration.register(app)
users.register(app)
data.register(app)
backup.register(app)
rules.register(app)
due.register(app)


def _show_version(wanted: bool) -> None:
    if wanted:
        try:
            OUT.print(f"eastlake {version('eastlake')}")
        except PackageNotFoundError:
            OUT.print("eastlake")
        raise typer.Exit


@app.callback()
def top(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_show_version, is_eager=True, help="显示版本 · Show the version"
        ),
    ] = False,
) -> None:
    """东湖科技保险登记系统 · East Lake tech-insurance registry"""


def main() -> None:
    """Entry point: run a command, end with its exit status."""
    try:
        app()
    except KeyboardInterrupt:
        ERR.print("已中断 · Interrupted")
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except Exception as error:
        status = explain(error)
        if status is None:
            status = EXIT_FAULT
            ERR.print(
                f"[red]✗[/red] 程序内部出错 · Fault of the program:"
                f" {type(error).__name__}: {error}",
                markup=True,
            )
        if _wants_traceback():
            ERR.print_exception()
        sys.exit(status)


def _wants_traceback() -> bool:
    from service.config import ConfigError, settings

    try:
        return settings().log_level.upper() == "DEBUG"
    except ConfigError:
        return False
