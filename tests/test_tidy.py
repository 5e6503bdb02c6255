"""House rules that a machine can hold (DESIGN §7): sizes, clocks, environment, money, words."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("service", "catalogue", "coinsurance")
FILES = sorted(p for package in PACKAGES for p in (ROOT / package).rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))
TOP = {
    "service",
    "catalogue",
    "coinsurance",
    "migrations",
    "tests",
    "pyproject.toml",
    "README.md",
    "requirements.lock",
}
# config.py reads it; service/__init__.py sets what two libraries look for at their import.
ENVIRONMENT = {"service/config.py", "service/__init__.py"}
# What a test may assert with: plainly, or through a helper that does.
ASSERTS = (
    r"\bassert\b|pytest\.raises|\bwith refused\(|\bawait _?expect|\bproblem\(|nothing_written\("
    r"|_(?:check|expect|refused|same|must)\w*\("
)
MONEY_FILES = [
    p
    for p in FILES
    if "rules" in p.parts or p.parent.name in ("kernel", "ledger") or p.name == "money.py"
]


def _functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def _name(path: Path) -> str:
    return str(path.relative_to(ROOT))


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False
    ).stdout.decode()
    return [ROOT / name for name in listed.split("\0") if name]


def test_files_are_at_most_400_lines() -> None:
    long = {
        _name(p): n
        for p in [*FILES, *TESTS]
        if (n := len(p.read_text("utf-8").splitlines())) > 400
    }
    assert long == {}


def test_functions_are_at_most_60_lines() -> None:
    long = {
        f"{_name(p)}:{f.name}": f.end_lineno - f.lineno + 1
        for p in [*FILES, *TESTS]
        for f in _functions(p)
        if f.end_lineno and f.end_lineno - f.lineno + 1 > 60
    }
    assert long == {}


def test_only_the_clock_asks_for_the_time() -> None:
    asks = re.compile(r"datetime\.now\(|date\.today\(|time\.time\(|utcnow\(")
    found = [
        _name(p)
        for p in FILES
        if asks.search(p.read_text("utf-8")) and _name(p) != "service/kernel/calendar.py"
    ]
    assert found == []


def test_only_config_reads_the_environment() -> None:
    reads = re.compile(r"os\.(environ(?!\.setdefault\(\"PICCOLO_CONF\")|getenv)")
    found = [
        _name(p)
        for p in FILES
        if reads.search(p.read_text("utf-8")) and _name(p) not in ENVIRONMENT
    ]
    assert found == []


def test_no_float_in_money_code() -> None:
    found = []
    for path in MONEY_FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            call = isinstance(node, ast.Call) and getattr(node.func, "id", "") == "float"
            if literal or call:
                found.append(f"{_name(path)}:{node.lineno}")
    assert found == []


def test_top_level_is_what_the_design_names() -> None:
    names = {p.relative_to(ROOT).parts[0] for p in _tracked()}
    assert {name for name in names if not name.startswith(".")} <= TOP


def test_no_unfinished_words_machine_paths_or_registry_hosts() -> None:
    words = re.compile(
        r"\b(?:TO" + r"DO|FIX" + r"ME|X" + r"XX)\b|for " + r"now\b"
        r"|/(?:wo" + r"rk|ro" + r"ot)/|files\.python" + r"hosted|index-" + r"url"
    )
    found = [
        f"{_name(p)}:{n}"
        for p in _tracked()
        if p.suffix in {".py", ".md", ".toml", ".html", ".css", ".js", ".sh", ".lock", ""}
        and p.is_file()
        for n, line in enumerate(p.read_text("utf-8").splitlines(), 1)
        if words.search(line)
    ]
    assert found == []


def test_no_link_to_another_host_in_pages() -> None:
    link = re.compile(r"""(?:src|href|url)\s*[=(]\s*["']?(?:https?:)?//""")
    web = ROOT / "service" / "web"
    found = [
        _name(p)
        for p in [*web.rglob("*.html"), *web.rglob("*.css"), *web.rglob("*.js")]
        if link.search(p.read_text("utf-8"))
    ]
    assert found == []


def test_tests_assert_something() -> None:
    empty = []
    for path in TESTS:
        for function in _functions(path):
            if not function.name.startswith("test_"):
                continue
            text = ast.unparse(function)
            if not re.search(ASSERTS, text):
                empty.append(f"{_name(path)}:{function.name}")
    assert empty == []


def test_public_functions_say_what_for() -> None:
    bare = []
    for path in FILES:
        if "web/pages" in _name(path) or "/api" in _name(path) or _name(path).endswith("_api.py"):
            continue
        module = ast.parse(path.read_text("utf-8"))
        if not ast.get_docstring(module):
            bare.append(_name(path))
    assert bare == []


def test_lock_file_pins_every_dependency_and_names_no_host() -> None:
    lines = (ROOT / "requirements.lock").read_text("utf-8").splitlines()
    assert all(re.match(r"^[a-z0-9._-]+==[^ ]+( ; .+)?$", line) for line in lines if line)
    pinned = {line.split("==")[0] for line in lines if line}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    names = {re.split(r"[\[<>=;~ ]", text)[0].lower().replace("_", "-") for text in wanted}
    assert names <= pinned


@pytest.mark.parametrize("tool", [["ruff", "check", "."], ["mypy"]])
def test_linters(tool: list[str]) -> None:
    command = [sys.executable, "-m", *tool]
    if tool[0] == "mypy":
        command += ["service/kernel", "catalogue/rules", "coinsurance/rules"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]


def test_import_contracts() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "from importlinter.cli import lint_imports_command as c; c()"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-1000:]
