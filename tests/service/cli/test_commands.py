"""The commands as an operator meets them: clear words, exit statuses, nothing half-done."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from service.kernel.numbering import make_uscc
from tests.service.cli.support import (
    COMMITTEE,
    PASSWORD,
    ROOT,
    WAIT_SECONDS,
    Running,
    command,
    environment,
    server_runs,
)


def test_help_names_every_command_in_both_languages(place: Path) -> None:
    text = command(place, "--help").stdout
    names = ["serve", "demo", "migrate", "user", "import", "report", "verify"]
    names += ["backup", "restore", "rules"]
    for name in names:
        assert re.search(rf"\b{name}\b", text), name
        page = command(place, name, "--help").stdout
        assert "·" in page, name


def test_wrong_usage_has_status_2(place: Path) -> None:
    assert "nonsense" in command(place, "nonsense", status=2).stderr
    assert "port" in command(place, "serve", "--port", "70000", status=2).stderr


@pytest.mark.parametrize("value", ["abc", "-1", "65536"])
def test_wrong_setting_names_the_variable(place: Path, value: str) -> None:
    said = command(place, "serve", status=3, EASTLAKE_PORT=value).stderr
    assert "EASTLAKE_PORT" in said and "整数" in said


@pytest.mark.parametrize("url", ["postgresql://x:y@127.0.0.1:1/z", "bogus", "postgresql://"])
def test_unreachable_database_is_one_clear_line(place: Path, url: str) -> None:
    said = command(place, "user", "list", status=3, DATABASE_URL=url).stderr
    assert "DATABASE_URL" in said
    assert len(said.strip().splitlines()) == 1


def test_migrate_twice_and_two_at_once(place: Path) -> None:
    folder = place / "data"
    before = command(folder, "user", "list", status=3).stderr
    assert "eastlake migrate" in before
    starters = [
        subprocess.Popen(
            [sys.executable, "-m", "service", "migrate"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(EASTLAKE_DATA=str(folder)),
        )
        for _ in range(2)
    ]
    said = [starter.communicate(timeout=WAIT_SECONDS) for starter in starters]
    assert [starter.returncode for starter in starters] == [0, 0], said
    again = command(folder, "migrate").stdout
    assert "数据库已是最新版本" in again
    assert "82" in again
    assert "filing" in command(folder, "rules", "list").stdout
    assert not server_runs(folder)


def test_first_administrator_can_log_in(home: Path) -> None:
    server = Running(home, ["serve"])
    try:
        connection = server.connect()
        body = {
            "login": "root.admin",
            "password": PASSWORD,
            "name": "cli",
            "scopes": ["read"],
            "days": 1,
        }
        headers = {"content-type": "application/json"}
        connection.request("POST", "/api/v1/tokens", json.dumps(body), headers)
        token = json.loads(connection.getresponse().read())["token"]
        connection.request("GET", "/api/v1/me", headers={"authorization": f"Bearer {token}"})
        me = json.loads(connection.getresponse().read())
        assert me["roles"] == ["committee_admin"]
        assert me["organisation"] == COMMITTEE
    finally:
        server.end()


def test_user_life(home: Path) -> None:
    add = ("user", "add", "second.one", "--organisation", COMMITTEE, "--password-stdin")
    assert "already" not in command(home, *add, given=PASSWORD).stdout
    taken = command(home, *add, given=PASSWORD, status=1).stderr
    assert "second.one" in taken and "已被使用" in taken
    assert "示例管委会" in command(home, "user", "list", "--q", "second").stdout
    command(home, "user", "disable", "second.one", status=1)
    command(home, "user", "disable", "second.one", "--yes")
    assert "停用" in command(home, "user", "list", "--q", "second").stdout
    command(home, "user", "enable", "second.one")
    command(home, "user", "password", "second.one", "--password-stdin", given="another-" + PASSWORD)
    assert "找不到" in command(home, "user", "disable", "nobody", "--yes", status=1).stderr


@pytest.mark.parametrize(
    ("words", "given", "said"),
    [
        (("x.y", "--organisation", "123", "--organisation-name", "示例"), PASSWORD, "18"),
        (("x.y", "--organisation", COMMITTEE), "short", "口令过于简单"),
        (("X Y", "--organisation", COMMITTEE), PASSWORD, "用户名"),
        (("x.y", "--organisation", COMMITTEE, "--role", "enterprise"), PASSWORD, "企业用户"),
        (("x.y", "--organisation", make_uscc("11420100", "MB0D7002")), PASSWORD, "没有代码"),
    ],
)
def test_user_that_is_refused(home: Path, words: Sequence[str], given: str, said: str) -> None:
    done = command(home, "user", "add", *words, "--password-stdin", given=given, status=1)
    assert said in done.stderr
    assert "x.y" not in command(home, "user", "list").stdout


def test_password_needs_a_terminal_or_stdin(home: Path) -> None:
    said = command(home, "user", "password", "root.admin", status=1).stderr
    assert "--password-stdin" in said


def test_report(home: Path, place: Path) -> None:
    listed = command(home, "report").stdout
    assert "library-count" in listed and "在库产品统计" in listed
    assert "library-count" in command(home, "report", "nothing", status=1).stdout
    data = json.loads(command(home, "report", "product-types", "--format", "json").stdout)
    assert len(data["rows"]) == 82
    out = place / "count.xlsx"
    command(home, "report", "library-count", "--format", "xlsx", "--out", str(out))
    assert out.read_bytes().startswith(b"PK")
    strange = command(home, "report", "users", "--filter", "colour=red", status=1)
    assert "colour" in strange.stderr
    command(home, "report", "users", "--filter", "colour", status=1)
    command(home, "report", "users", "--format", "pdf", status=1)


def test_import_needs_an_insurer_and_a_file(home: Path, place: Path) -> None:
    file = place / "products.csv"
    file.write_text("a,b\n1,2\n", "utf-8")
    said = command(home, "import", str(file), "--as", "root.admin", "--dry-run", status=1).stderr
    assert "没有所需角色" in said
    command(home, "import", str(place / "none.csv"), "--as", "root.admin", status=3)


def test_import_of_a_catalogue_edition(home: Path, place: Path) -> None:
    file = place / "edition.csv"
    file.write_text(
        "版本代码,版本名称,类别,生效日期,依据,条目编号,条目名称,参数名称,要求,数值,单位\n"
        "SB-2040,示例目录,首台(套),2040-01-01,示例文件,1,示例装备,精度,≤,1,μm\n",
        "utf-8",
    )
    words = ("import", str(file), "--as", "root.admin", "--what", "editions")
    assert "1 个目录版本可导入" in command(home, *words, "--dry-run").stdout
    assert "SB-2040" in command(home, *words).stdout
    assert "SB-2040" in command(home, *words, status=1).stderr


def test_rules(home: Path, place: Path) -> None:
    shipped = next((ROOT / "catalogue/rules/books/filing").glob("*.toml"))
    assert "sha256" in command(home, "rules", "check", str(shipped)).stdout
    broken = place / "broken.toml"
    broken.write_text(
        shipped.read_text("utf-8").replace("acceptance_days", "acceptance_dayz", 1), "utf-8"
    )
    said = command(home, "rules", "check", str(broken), status=1).stderr
    assert "acceptance_days" in said
    one = ("--preparer", "root.admin", "--publisher", "root.admin", "--password-stdin")
    alone = command(
        home, "rules", "publish", str(shipped), *one, given=f"{PASSWORD}\n{PASSWORD}", status=1
    )
    assert "经办人与审批人" in alone.stderr
    wrong = command(home, "rules", "publish", str(shipped), *one, given="a\nb", status=1)
    assert "密码" in wrong.stderr or "口令" in wrong.stderr


def test_verify_finds_a_changed_history(home: Path, place: Path) -> None:
    file, other = place / "b", place / "data"
    command(home, "backup", str(file))
    command(other, "restore", str(file))
    first, second = (command(other, "verify").stdout for _ in range(2))
    assert first == second
    script = (
        "import asyncio, sys; from service.cli.base import in_database;"
        "from service.kernel.db import sql, work\n"
        "async def forge():\n"
        "    async with work():\n"
        "        await sql('ALTER TABLE journal_event DISABLE TRIGGER USER')\n"
        "        await sql(\"UPDATE journal_event SET actor_name = 'somebody else'\")\n"
        "        await sql('ALTER TABLE journal_event ENABLE TRIGGER USER')\n"
        "in_database(forge)"
    )
    subprocess.run(
        [sys.executable, "-c", script],
        env=environment(EASTLAKE_DATA=str(other)),
        check=True,
        timeout=WAIT_SECONDS,
    )
    forged = command(other, "verify", status=1)
    assert "journal_hashes" in forged.stdout
    assert "摘要不一致" in forged.stderr
