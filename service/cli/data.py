"""`eastlake import`, `report` and `verify`: data in, figures out, every promise recomputed."""

from __future__ import annotations

import sys
from dataclasses import replace
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape
from rich.table import Table

from service.auth import ROLE_NAMES, SYSTEM, Actor, Role
from service.auth.identify import actor_of_login
from service.cli.base import (
    ERR,
    EXIT_REFUSED,
    EXIT_UNAVAILABLE,
    OUT,
    Failure,
    in_database,
    progress_bar,
    say,
    show_findings,
)

if TYPE_CHECKING:
    from catalogue.imports.outcome import ImportResult
    from service.reports import ReportFile
    from service.verify import Verification

READER = replace(SYSTEM, name="命令行", via="command", roles=frozenset({"system", Role.AUDITOR}))
"""Reads what the auditor reads, changes nothing."""


def verify_command() -> None:
    """重算并核对全部记录 · Recompute everything; exit status 1 when something does not fit"""
    result = in_database(_verify)
    for check in result.checks:
        mark = "[green]✓[/green]" if check.ok else "[red]✗[/red]"
        OUT.print(f"{mark} {check.zh} [dim]{check.name} ({check.count})[/dim]")
    show_findings(result.findings)
    OUT.print(f"sha256 {result.digest}")
    if not result.passes:
        say(f"发现 {len(result.findings)} 处不符", f"{len(result.findings)} findings")
        raise typer.Exit(EXIT_REFUSED)
    say("全部相符", "Everything fits")


async def _verify() -> Verification:
    from service.verify import run

    with progress_bar() as bar:
        task = bar.add_task("核对 · Verifying", total=None)
        return await run(
            lambda what, done, total: bar.update(
                task, description=what, completed=done, total=total
            )
        )


class Imported(StrEnum):
    """What a file may hold."""

    PRODUCTS = "products"
    """Products of an insurer, as drafts."""
    POLICIES = "policies"
    """Policies of an insurer."""
    EDITIONS = "editions"
    """Editions of the promotion catalogues, by the committee's administrator."""


_IMPORTERS = {
    Imported.PRODUCTS: ("个产品草稿", (Role.INSURER_CLERK, Role.INSURER_MANAGER)),
    Imported.POLICIES: ("张保单", (Role.INSURER_CLERK, Role.INSURER_MANAGER)),
    Imported.EDITIONS: ("个目录版本", (Role.COMMITTEE_ADMIN,)),
}


def import_command(
    file: Annotated[Path, typer.Argument(help="Excel 或 CSV 文件 · Excel or CSV file")],
    login: Annotated[str, typer.Option("--as", help="以该用户办理 · The user who imports")],
    what: Annotated[
        Imported, typer.Option("--what", help="产品、保单或目录版本 · What the file holds")
    ] = Imported.PRODUCTS,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只检查 · Check only")] = False,
) -> None:
    """导入产品、保单或目录版本，全部通过才写入 · Import a file, all or nothing"""
    try:
        content = file.read_bytes()
    except OSError as error:
        raise Failure(
            f"无法读取 {file}：{error.strerror}",
            f"Cannot read {file}: {error.strerror}",
            EXIT_UNAVAILABLE,
        ) from None
    with ERR.status("正在导入 · Importing"):
        result = in_database(lambda: _import(what, login, file.name, content, dry_run))
    _show_import(result, _IMPORTERS[what][0])


async def _import(
    what: Imported, login: str, name: str, content: bytes, dry_run: bool
) -> ImportResult:
    from catalogue.enrolments.edition_imports import import_editions
    from catalogue.policies.imports import import_policies
    from catalogue.products.imports import import_products

    run = {
        Imported.PRODUCTS: import_products,
        Imported.POLICIES: import_policies,
        Imported.EDITIONS: import_editions,
    }[what]
    return await run(await _user(login, _IMPORTERS[what][1]), name, content, dry_run)


async def _user(login: str, roles: tuple[Role, ...]) -> Actor:
    actor = await actor_of_login(login, "command")
    if actor is None or not actor.has(*roles):
        names = "、".join(ROLE_NAMES[role] for role in roles)
        raise Failure(
            f"{login} 不是有效的用户，或没有所需角色（{names}）",
            f"{login} is no active user with one of the roles {', '.join(roles)}",
        )
    return actor


def _show_import(result: ImportResult, unit: str) -> None:
    table = Table("行 Row", "内容 Record", "编号 Number", "待补 To do", box=None, pad_edge=False)
    for row in result.rows:
        advice = "；".join(finding.message_zh for finding in row.findings)
        table.add_row(f"{row.sheet} {row.row}", escape(row.name), row.number or "–", escape(advice))
    OUT.print(table)
    for finding in result.findings:
        ERR.print(f"[yellow]![/yellow] {escape(finding.message_zh)}")
    if result.dry_run:
        say(f"试运行通过：{result.records} {unit}可导入", "Dry run passed, nothing written")
    else:
        say(f"已导入 {result.records} {unit}", "Imported")


def report_command(
    name: Annotated[
        str | None, typer.Argument(help="报表名；不填则列出 · Name; none lists them")
    ] = None,
    form: Annotated[
        str, typer.Option("--format", help="csv、xlsx 或 json · csv, xlsx or json")
    ] = "csv",
    out: Annotated[
        Path | None, typer.Option(help="写入文件，默认标准输出 · File, else standard output")
    ] = None,
    given: Annotated[
        list[str] | None,
        typer.Option("--filter", help="筛选 键=值，可重复 · KEY=VALUE, repeatable"),
    ] = None,
) -> None:
    """导出报表 · Write a report"""
    from service.reports import MEDIA_TYPES, REGISTRY

    if name is None:
        _list_reports()
        return
    if name not in REGISTRY:
        _list_reports()
        raise Failure(f"没有报表“{name}”", f"There is no report {name}")
    if form not in MEDIA_TYPES:
        choices = "、".join(MEDIA_TYPES)
        raise Failure(f"没有格式“{form}”，可选 {choices}", f"There is no format {form}")
    if out is None and form == "xlsx" and sys.stdout.isatty():
        raise Failure("xlsx 请用 --out 写入文件", "Write xlsx to a file with --out")
    params = _params(given or [])
    made = in_database(lambda: _report(name, params, form))
    if out is None:
        sys.stdout.buffer.write(made.content)
        return
    out.write_bytes(made.content)
    say(f"已写入 {out}（{len(made.content):,} 字节）", "Report written")


def _params(given: list[str]) -> dict[str, str]:
    params = {}
    for item in given:
        key, mark, value = item.partition("=")
        if not mark:
            raise Failure(f"“{item}”应写成 键=值", f"{item} is not KEY=VALUE")
        params[key] = value
    return params


async def _report(name: str, params: dict[str, str], form: str) -> ReportFile:
    from service.reports import run

    with ERR.status("正在生成 · Making the report"):
        return await run(name, READER, params, form)


def _list_reports() -> None:
    from service.reports import REGISTRY

    table = Table("名称 Name", "报表 Report", "筛选 Filters", box=None, pad_edge=False)
    for report in REGISTRY.values():
        table.add_row(report.name, report.title, " ".join(report.params))
    OUT.print(table)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("import")(import_command)
    app.command("report")(report_command)
    app.command("verify")(verify_command)
