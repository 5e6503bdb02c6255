"""The pictures in the README are the tables of the life cycles."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from catalogue.rules.subsidy.money_workflows import BATCH, PAYEE, RECOVERY
from catalogue.rules.subsidy.workflow import ENROLMENT, POLICY, QUALIFICATION, SUBSIDY
from catalogue.rules.workflows import FILING, RULE, SHELF
from service.kernel.workflow import Workflow

CATALOGUE = Path(__file__).resolve().parents[2] / "catalogue"
PICTURES = [
    ("README.md", "FILING", FILING),
    ("README.md", "SHELF", SHELF),
    ("README.md", "RULE", RULE),
    ("subsidies/README.md", "POLICY", POLICY),
    ("subsidies/README.md", "ENROLMENT", ENROLMENT),
    ("subsidies/README.md", "QUALIFICATION", QUALIFICATION),
    ("subsidies/README.md", "SUBSIDY", SUBSIDY),
    ("subsidies/README.md", "BATCH", BATCH),
    ("subsidies/README.md", "RECOVERY", RECOVERY),
    ("subsidies/README.md", "PAYEE", PAYEE),
]


@pytest.mark.parametrize(("file", "mark", "workflow"), PICTURES)
def test_picture_is_made_from_the_table(file: str, mark: str, workflow: Workflow) -> None:
    text = (CATALOGUE / file).read_text("utf-8")
    found = re.search(rf"<!-- {mark} -->\n```mermaid\n(.*?)```\n<!-- /{mark} -->", text, re.S)
    assert found is not None
    assert found[1] == workflow.to_mermaid()
