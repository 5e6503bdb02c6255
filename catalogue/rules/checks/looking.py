"""What the checks share: a line under examination, and how a finding carries its records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalogue.rules.checks.facts import LineEvidence, Match
from catalogue.rules.checks.parameters import AUDIT_2024, CheckParameters
from service.kernel.findings import Finding, Severity

RECORDS_MAX = 20
REFUSALS = "各地补贴办法的常见不予补贴情形"
DETECTIONS = AUDIT_2024

Record = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Examined:
    """A line with the thresholds; every finding of a check is made here."""

    line: LineEvidence
    parameters: CheckParameters

    def matches(self, kind: str, *, applied: bool = True) -> list[Match]:
        """Return what matches in one respect; by default only policies somebody applied for."""
        return [m for m in self.line.matches if m.kind == kind and (m.applied or not applied)]

    def says(
        self,
        code: str,
        field: str,
        records: Iterable[Record],
        *,
        blocks: bool = False,
        source: str = DETECTIONS,
        **params: object,
    ) -> list[Finding]:
        """Return the one finding of a code with its records, at most 20 of them."""
        shown = list(records)
        given = {
            "numbers": tuple(_number(record) for record in shown[:RECORDS_MAX]),
            "count": len(shown),
            "records": tuple(shown[:RECORDS_MAX]),
            **params,
        }
        severity = Severity.BLOCKER if blocks else Severity.WARNING
        return [Finding(code, f"lines.{self.line.key}.{field}", severity, given, source)]

    def alike(
        self,
        code: str,
        field: str,
        matches: Sequence[Match],
        *,
        blocks: bool,
        **params: object,
    ) -> list[Finding]:
        """Return the finding that other policies share something; none when there is no match."""
        if not matches:
            return []
        keys = tuple(dict.fromkeys(m.key for m in matches))
        records = [m.record() for m in matches]
        return self.says(
            code, field, records, blocks=blocks, source=DETECTIONS, keys=keys, **params
        )


Check = Callable[[Examined], list[Finding]]


def record(
    kind: str, number: object, day: object = None, amount_fen: int | None = None, **more: object
) -> dict[str, object]:
    """Return a record of the line's own policy: receipt, claim, endorsement, contract."""
    return {"kind": kind, "number": str(number), "day": day, "amount_fen": amount_fen, **more}


def _number(shown: Record) -> str:
    return str(shown.get("application") or shown.get("number") or "")
