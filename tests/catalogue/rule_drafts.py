"""Rule files to be put in as drafts: the shipped example, changed as its next version would be."""

from __future__ import annotations

from importlib import resources

FAMILY = "subsidy/eastlake-example"
_BOOKS = resources.files("catalogue.rules") / "books"


def shipped(folder: str, name: str) -> str:
    """The text of a rule file that comes with the program."""
    return (_BOOKS / folder / f"{name}.toml").read_text("utf-8")


def silent_rule() -> str:
    """The example rule as another family that says nothing of the procedure."""
    text = shipped("subsidy", "eastlake-example-2026").replace(
        'family = "subsidy/eastlake-example"', 'family = "subsidy/silent-example"'
    )
    before, _, rest = text.partition("[values.public_notice_days]")
    return before + "[values.rounding]" + rest.partition("[values.rounding]")[2]


def next_procedure(version: str = "2027.1", valid_from: str = "2027-01-01") -> str:
    """The example book of procedure with a public notice of seven working days instead of five."""
    text = shipped("procedure", "eastlake-example-2026")
    for old, new in (
        ('version = "2026.1"', f'version = "{version}"'),
        ("valid_from = 2025-01-01", f"valid_from = {valid_from}"),
        ("days = 5, calendar", "days = 7, calendar"),
        ("公示5个工作日至3月9日", "公示7个工作日至3月11日"),
        ("notice_to_on = 2026-03-09", "notice_to_on = 2026-03-11"),
    ):
        assert old in text, old
        text = text.replace(old, new, 1)
    return text


def next_version(
    version: str = "2027.1", valid_from: str = "2027-01-01", valid_to: str = "", **changes: str
) -> str:
    """The example rule with a first-year ratio of 65 % instead of 60; `changes` replace text."""
    text = shipped("subsidy", "eastlake-example-2026")
    days = f"valid_from = {valid_from}" + (f"\nvalid_to = {valid_to}" if valid_to else "")
    pairs = {
        'version = "2026.1"': f'version = "{version}"',
        "valid_from = 2025-01-01\ndocument": f"{days}\ndocument",
        "ratio_ppm = 600_000": "ratio_ppm = 650_000",
        'name = "首台（套）第一年60%"': 'name = "首台（套）第一年65%"',
        "expect = { total_fen = 12_000_000, trace_holds = true }": (
            "expect = { total_fen = 13_000_000, trace_holds = true }"
        ),
        **changes,
    }
    for old, new in pairs.items():
        assert old in text, old
        text = text.replace(old, new, 1)
    return text
