"""Assessing applications in bulk: lines per second, and how the cost grows with their number.

    python -m tests.bench.bench_assess

The pure rule of the shipped East Lake example is asked about applications of one, three and ten
lines. Named limit: the cost per line at 10,000 applications stays within 1.5 times that at 100, so
that a year's round is assessed in time that grows with its size and not faster.
"""

from __future__ import annotations

import dataclasses
import sys
import time
import tomllib
from pathlib import Path
from typing import Any

from catalogue.rules.subsidy import SubsidyRules, assess, subsidy_rules
from catalogue.rules.subsidy.cases import read_application
from catalogue.rules.subsidy.facts import ApplicationFacts
from service.kernel.rulebook import load

BOOK = "eastlake-example-2026"
BOOKS = Path(__file__).resolve().parents[2] / "catalogue" / "rules" / "books" / "subsidy"
GROWTH_MAX = 1.5


def paid_case() -> tuple[SubsidyRules, ApplicationFacts]:
    """The shipped book, and of its own worked cases the first that ends with money."""
    text = (BOOKS / f"{BOOK}.toml").read_text("utf-8")
    rules = subsidy_rules(load(text))
    for case in tomllib.loads(text)["case"]:
        facts = read_application(rules, case["given"])
        if assess(rules, facts).total_fen > 0:
            return rules, facts
    raise SystemExit("no case of the book ends with money")


def applications(facts: ApplicationFacts, count: int, lines: int) -> list[ApplicationFacts]:
    """Applications like the case, each with its own policies."""
    model = facts.lines[0]
    made = []
    for number in range(count):
        own: list[Any] = [
            dataclasses.replace(model, key=f"{number}-{n}", policy=f"PY{number:06d}{n:02d}")
            for n in range(lines)
        ]
        made.append(dataclasses.replace(facts, lines=tuple(own)))
    return made


def measure(rules: SubsidyRules, batch: list[ApplicationFacts]) -> tuple[float, int]:
    """Processor seconds for a batch, and the sum granted, so that nothing is left out."""
    started = time.process_time()
    total = sum(assess(rules, application).total_fen for application in batch)
    return time.process_time() - started, total


def main() -> int:
    """Print lines per second for each size; exit 1 when the cost grows faster than allowed."""
    rules, facts = paid_case()
    measure(rules, applications(facts, 50, 1))
    kept = True
    print("lines an application | applications | lines/s | µs a line | sum granted, yuan")
    for lines in (1, 3, 10):
        per_line: dict[int, float] = {}
        for count in (100, 1_000, 10_000):
            seconds, total = measure(rules, applications(facts, count, lines))
            per_line[count] = seconds / (count * lines)
            rate = count * lines / seconds
            shown = f"{per_line[count] * 1e6:.0f}"
            print(f"{lines:>20} | {count:>12} | {rate:>7.0f} | {shown:>9} | {total // 100:,}")
        growth = per_line[max(per_line)] / per_line[100]
        kept = kept and growth <= GROWTH_MAX
        print(f"growth of the cost per line: {growth:.2f} (at most {GROWTH_MAX})")
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
