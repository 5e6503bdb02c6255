"""`eastlake user …`: the first administrator, and accounts when nobody can log in."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Annotated

import typer
from pydantic import ValidationError
from rich.table import Table

from service.api import form_finding
from service.auth import ROLE_NAMES, SYSTEM, Role, hash_password
from service.cli.base import OUT, Failure, confirm_or_stop, in_database, say
from service.kernel.db import sql_value, work
from service.kernel.errors import Refused
from service.kernel.numbering import normalise_uscc
from service.people import (
    Turn,
    change_user,
    create_organisation,
    create_user,
    get_user,
    list_users,
    set_password,
)
from service.people.shapes import UserRecord
from service.people_forms import Kind, OrganisationForm, PasswordForm, UserChange, UserForm

OPERATOR = replace(SYSTEM, name="命令行", via="command")
users = typer.Typer(help="用户 · Users", no_args_is_help=True)
Login = Annotated[str, typer.Argument(help="用户名 · Log-in name")]
FromStdin = Annotated[
    bool,
    typer.Option("--password-stdin", help="从标准输入读取口令 · Read the password from stdin"),
]
Yes = Annotated[bool, typer.Option("--yes", help="不再询问 · Do not ask")]


def _read_password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Failure(
            "没有终端可输入口令，请用 --password-stdin",
            "No terminal to type the password: use --password-stdin",
        )
    password: str = typer.prompt("口令 · Password", hide_input=True, confirmation_prompt=True)
    return password


@users.command("add")
def add(
    login: Login,
    organisation: Annotated[
        str, typer.Option(help="机构的统一社会信用代码 · USCC of the organisation")
    ],
    name: Annotated[str, typer.Option(help="姓名 · Name of the person")] = "",
    role: Annotated[
        list[Role] | None,
        typer.Option(help="角色，可重复；默认管委会管理员 · Role, repeatable"),
    ] = None,
    organisation_name: Annotated[
        str, typer.Option(help="机构名称，机构不存在时建立 · Its name, to create it when missing")
    ] = "",
    kind: Annotated[Kind, typer.Option(help="新机构的类型 · Kind of a new one")] = Kind.COMMITTEE,
    password_stdin: FromStdin = False,
) -> None:
    """新增用户（首位管理员）· Add a user, such as the first administrator"""
    roles = role or [Role.COMMITTEE_ADMIN]
    password = _read_password(password_stdin)
    try:
        form = UserForm(
            login=login,
            name=name or login,
            organisation=organisation,
            roles=roles,
            password=password,
        )
        wanted = (
            OrganisationForm(uscc=organisation, kind=kind, name=organisation_name)
            if organisation_name
            else None
        )
    except ValidationError as error:
        raise Refused([form_finding(dict(detail)) for detail in error.errors()]) from None
    record = in_database(lambda: _add(form, wanted))
    roles_zh = "、".join(ROLE_NAMES[Role(value)] for value in record.roles)
    say(
        f"已新增用户 {record.login}（{roles_zh}，{record.organisation_name}）",
        f"User {record.login} added",
    )


async def _add(form: UserForm, wanted: OrganisationForm | None) -> UserRecord:
    await hash_password(form.password)
    async with work():
        known = await sql_value(
            "SELECT 1 FROM organisation WHERE uscc = $1", normalise_uscc(form.organisation)[:40]
        )
        if known is None and wanted is not None:
            made = await create_organisation(OPERATOR, wanted)
            say(f"已建立机构 {made.name}（{made.uscc}）", "Organisation created")
        elif known is None:
            raise Failure(
                f"没有代码为 {form.organisation} 的机构；加 --organisation-name 名称 可同时建立",
                f"There is no organisation {form.organisation}; add --organisation-name NAME to"
                " create it",
            )
        return await create_user(OPERATOR, form)


@users.command("list")
def show(
    q: Annotated[str | None, typer.Option(help="用户名或姓名含有 · Part of log-in or name")] = None,
    organisation: Annotated[str | None, typer.Option(help="机构代码 · USCC")] = None,
) -> None:
    """列出用户 · List users"""
    table = Table("用户名", "姓名", "角色", "机构", "状态", box=None, pad_edge=False)
    for user in in_database(lambda: _all(q, organisation)):
        table.add_row(
            user.login,
            user.name,
            "、".join(ROLE_NAMES[Role(value)] for value in user.roles),
            user.organisation_name,
            "启用" if user.active else "停用",
        )
    OUT.print(table)


async def _all(q: str | None, organisation: str | None) -> list[UserRecord]:
    found: list[UserRecord] = []
    turn = Turn(limit=200)
    while True:
        page = await list_users(OPERATOR, q, organisation, turn=turn)
        found += page.items
        if page.next is None:
            return found
        turn = Turn(page.next, 200)


@users.command("password")
def password(login: Login, password_stdin: FromStdin = False) -> None:
    """重置口令，并结束其登录 · Set a new password and end the sessions"""
    try:
        form = PasswordForm(password=_read_password(password_stdin))
    except ValidationError as error:
        raise Refused([form_finding(dict(detail)) for detail in error.errors()]) from None
    in_database(lambda: set_password(OPERATOR, login, form))
    say(f"已重置 {login} 的口令", f"Password of {login} set")


@users.command("disable")
def disable(login: Login, yes: Yes = False) -> None:
    """停用用户，立即失效 · Switch a user off, at once"""
    confirm_or_stop(f"停用 {login}？ Switch {login} off?", yes)
    in_database(lambda: _switch(login, False))
    say(f"已停用 {login}", f"{login} is switched off")


@users.command("enable")
def enable(login: Login) -> None:
    """恢复用户 · Switch a user on again"""
    in_database(lambda: _switch(login, True))
    say(f"已恢复 {login}", f"{login} is switched on")


async def _switch(login: str, active: bool) -> UserRecord:
    async with work():
        user = await get_user(OPERATOR, login)
        form = UserChange(
            name=user.name, roles=[Role(value) for value in user.roles], active=active
        )
        return await change_user(OPERATOR, login, form, user.revision)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.add_typer(users, name="user")
