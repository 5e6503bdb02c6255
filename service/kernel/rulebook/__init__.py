"""Rule books (规则): dated data, a source for each value, worked cases inside (DESIGN law 8).

A book is one TOML text::

    [rule]
    family = "subsidy"            # books of one family follow each other in time
    name = "zone-premium-subsidy"
    version = "2025.1"
    title_zh = "…"
    valid_from = 2025-07-01       # valid_to: last day, optional
    document = "…"                # document_number, issued_on: optional
    status = "published"          # or "example"

    [values.ratio_ppm]
    value = 800_000
    unit = "ppm"
    source = "第三条"
    example = false               # true: the public documents are silent
                                  # note: optional

    [[case]]
    name = "…"
    source = "…"
    given = { premium_fen = 1_000 }
    expect = { subsidy_fen = 800 }

Pure: texts in, findings out. Money is in fen, rates in ppm; a float anywhere is refused.
"""

from service.kernel.rulebook.book import (
    Kind,
    RuleBook,
    RuleCase,
    RuleValue,
    Status,
    kind_of,
    load,
    parse,
)
from service.kernel.rulebook.checks import (
    CaseResult,
    Evaluate,
    Key,
    Schema,
    check_cases,
    check_dates,
    check_family,
    check_values,
    find,
    run_cases,
    validate,
)
from service.kernel.rulebook.difference import Change, compare
from service.kernel.rulebook.families import (
    Family,
    check_book,
    families,
    families_forget,
    family_of,
    register_family,
)

__all__ = [
    "CaseResult",
    "Change",
    "Evaluate",
    "Family",
    "Key",
    "Kind",
    "RuleBook",
    "RuleCase",
    "RuleValue",
    "Schema",
    "Status",
    "check_book",
    "check_cases",
    "check_dates",
    "check_family",
    "check_values",
    "compare",
    "families",
    "families_forget",
    "family_of",
    "find",
    "kind_of",
    "load",
    "parse",
    "register_family",
    "run_cases",
    "validate",
]
