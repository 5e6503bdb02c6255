"""A refusal cites the clause it rests on (条款依据)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from service.kernel.findings import Finding


def citing(found: Iterable[Finding], clause: str) -> list[Finding]:
    """The findings with a clause where they name none."""
    return [finding if finding.source else replace(finding, source=clause) for finding in found]
