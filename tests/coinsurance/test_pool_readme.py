"""The pictures in the README are the tables of the life cycles; recording draws them anew."""

from __future__ import annotations

from pathlib import Path

import coinsurance
from coinsurance.rules import workflows
from coinsurance.rules.claims import workflow as claims
from coinsurance.rules.settlement import workflows as settlement
from service.kernel.workflow import Workflow
from tests.contract.golden import RECORDING

README = Path(coinsurance.__file__).parent / "README.md"
HEAD = "## Life cycles\n"
NAMES = {
    "pool": "共保体",
    "pool_agreement": "协议版本",
    "pool_year": "业务年度",
    "pool_member": "成员",
    "pool_member_account": "结算账户变更",
    "share_schedule": "份额表",
    "consent_request": "征求同意",
    "risk": "风险",
    "risk_line": "份额线",
    "placement": "共保保单",
    "placement_endorsement": "批改",
    "subjectivity": "限期条件",
}


def every() -> list[Workflow]:
    return [*workflows.WORKFLOWS, *claims.WORKFLOWS, *settlement.WORKFLOWS]


def pictures() -> str:
    drawn = []
    for workflow in every():
        title = f"### {workflow.name} {NAMES.get(workflow.name, '')}".rstrip()
        drawn.append(f"\n{title}\n\n```mermaid\n{workflow.to_mermaid()}```\n")
    return "".join(drawn)


def test_pictures_are_made_from_the_tables() -> None:
    text = README.read_text("utf-8")
    before, _, after = text.partition(HEAD)
    if RECORDING:
        README.write_text(before + HEAD + pictures(), "utf-8")
        after = pictures()
    assert after == pictures()


def test_every_file_that_is_named_is_there() -> None:
    folder = README.parent
    for name in (
        "rules/agreement/terms.py",
        "rules/agreement/book.py",
        "rules/agreement/cases.py",
        "rules/agreement/checks.py",
        "rules/agreement/texts.py",
        "rules/agreement/words.py",
        "rules/books/pools",
        "rules/workflows.py",
        "pools/agreement_records.py",
        "pools/consent_records.py",
        "pools/member_records.py",
        "pools/schedule_records.py",
        "pools/leaving.py",
        "pools/readiness.py",
        "books.py",
        "due.py",
        "access.py",
    ):
        assert (folder / name).exists(), name
