"""`eastlake rules …`: check rule files, publish them with four eyes, list what is in force."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from catalogue.publishing.checking import check, check_text
from catalogue.publishing.drafts import publish
from coinsurance.rules import families as _families  # noqa: F401  registers the families of pools
from service.auth import Actor, check_password
from service.cli.base import (
    EXIT_REFUSED,
    EXIT_UNAVAILABLE,
    OUT,
    Failure,
    in_database,
    say,
    show_findings,
)
from service.kernel.rulebook import RuleBook
from service.people import list_rules

TEXT_MAX_BYTES = 1_048_576
rules = typer.Typer(help="规则文件 · Rule files", no_args_is_help=True)
RuleFile = Annotated[Path, typer.Argument(help="规则文件（TOML）· Rule file")]


def _read(file: Path) -> str:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Failure(
            f"无法读取 {file}：{error.strerror}",
            f"Cannot read {file}: {error.strerror}",
            EXIT_UNAVAILABLE,
        ) from None
    if len(content) > TEXT_MAX_BYTES:
        raise Failure(f"{file} 超过 1 MB", f"{file} is larger than 1 MB")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise Failure(f"{file} 不是 UTF-8 文本", f"{file} is no UTF-8 text") from None


@rules.command("check")
def check_file(
    file: RuleFile,
    published: Annotated[
        bool,
        typer.Option(
            "--published",
            help="并与已发布的版本比对施行期间 · Also compare with the published versions",
        ),
    ] = False,
) -> None:
    """检查规则文件及其算例，不写入 · Check a file and its worked cases, write nothing"""
    text = _read(file)
    checked = in_database(lambda: check(text)) if published else check_text(text)
    book = checked.book
    show_findings(checked.findings)
    if book is None or not checked.passes:
        raise typer.Exit(EXIT_REFUSED)
    say(f"{book.family} {book.version} 通过 {len(book.cases)} 个算例", "All worked cases pass")
    OUT.print(f"sha256 {book.hash}")


@rules.command("publish")
def publish_file(
    file: RuleFile,
    preparer: Annotated[str, typer.Option(help="经办人用户名 · Log-in of who prepared it")],
    publisher: Annotated[str, typer.Option(help="审批人用户名 · Log-in of who publishes it")],
    password_stdin: Annotated[
        bool,
        typer.Option(
            "--password-stdin",
            help="从标准输入依次读取两人口令，每行一个 · Both passwords from stdin, one a line",
        ),
    ] = False,
) -> None:
    """发布规则：经办与审批两人各自输入口令 · Publish; both persons give their password"""
    text = _read(file)
    people = (preparer, publisher)
    passwords = [_ask(login, password_stdin) for login in people]
    book = in_database(lambda: _publish(text, people, passwords))
    say(f"已发布 {book.family} {book.version}，自 {book.valid_from} 起施行", "Published")
    OUT.print(f"sha256 {book.hash}")


def _ask(login: str, from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    password: str = typer.prompt(f"{login} 的口令 · Password", hide_input=True)
    return password


async def _publish(text: str, people: tuple[str, str], passwords: list[str]) -> RuleBook:
    actors: list[Actor] = [
        await check_password(login, password, "command")
        for login, password in zip(people, passwords, strict=True)
    ]
    return await publish(text, actors[0], actors[1])


@rules.command("list")
def show(
    family: Annotated[str | None, typer.Option(help="规则类别 · Family")] = None,
) -> None:
    """列出已发布的规则版本 · List published versions"""
    table = Table("类别", "版本", "名称", "施行", "至", "sha256", box=None, pad_edge=False)
    for rule in in_database(lambda: list_rules(family)):
        table.add_row(
            rule.family,
            rule.version,
            rule.title,
            str(rule.valid_from),
            str(rule.valid_to or ""),
            rule.hash[:12],
        )
    OUT.print(table)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(rules, name="rules")
