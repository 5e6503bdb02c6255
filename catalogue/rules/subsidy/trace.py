"""The trace of an assessment: ordered steps a citizen can read and a program can compute again.

An arithmetic step takes the result of the step before it in ``amount_fen``, so the chain of a line
stands on its own: :func:`replay` computes a step from its inputs alone, :func:`check_trace` walks a
whole assessment. The hash is over canonical JSON: the same facts and rule give the same hash.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType

from catalogue.rules.subsidy.trace_texts import CHECK_NAMES, FACT_LABELS, SENTENCES, label
from service.kernel.findings import Finding, Language, blockers, display
from service.kernel.money import Rounding, of_ppm, ratio
from service.kernel.rulebook.book import canonical_json


@dataclass(frozen=True, slots=True)
class TraceStep:
    """One step. ``op``: check, take, scale, limit or unit; ``text`` names its sentence.

    ``result_fen`` is None for a check. ``source`` is the clause, empty where the step rests on a
    law of this system; ``example``: the value was set by us because the documents are silent.
    """

    key: str
    op: str
    text: str
    inputs: Mapping[str, object]
    result_fen: int | None = None
    ok: bool = True
    source: str = ""
    example: bool = False
    note: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "inputs", MappingProxyType(dict(self.inputs)))

    @property
    def cut_fen(self) -> int:
        """What this step took off the amount before it."""
        amount = self.inputs.get("amount_fen")
        if self.result_fen is None or self.op == "take" or not isinstance(amount, int):
            return 0
        return amount - self.result_fen

    def sentence(self, language: Language = "zh") -> str:
        """Return the step in words."""
        if self.op == "check":
            zh, en = CHECK_NAMES[self.text]
            if language == "zh":
                return f"核对{zh}：{'符合' if self.ok else '不符合'}"
            return f"{en}: {'met' if self.ok else 'not met'}"
        template = SENTENCES[self.text][0 if language == "zh" else 1]
        values = {"result_fen": self.result_fen, **self.inputs}
        return template.format_map(
            {name: display(name, value, language) for name, value in values.items()}
        )

    def labelled(self) -> list[dict[str, str]]:
        """Return the input values with their labels, for a page or a letter."""
        return [
            {
                "label_zh": label(FACT_LABELS, name)[0],
                "label_en": label(FACT_LABELS, name)[1],
                "value_zh": "未知" if value is None else display(name, value, "zh"),
                "value_en": "unknown" if value is None else display(name, value, "en"),
            }
            for name, value in self.inputs.items()
            if not name.endswith("_en")
        ]

    def as_dict(self) -> dict[str, object]:
        """Plain values only."""
        return {
            "key": self.key,
            "op": self.op,
            "text": self.text,
            "inputs": {name: _plain(value) for name, value in self.inputs.items()},
            "result_fen": self.result_fen,
            "ok": self.ok,
            "source": self.source,
            "example": self.example,
            "note": self.note,
            "sentence_zh": self.sentence("zh"),
            "sentence_en": self.sentence("en"),
        }


@dataclass(frozen=True, slots=True)
class LineResult:
    """What one line gets. A line with a blocker gets nothing.

    ``would_be_fen``: what the line would get once its blockers are put right; None where that
    cannot be computed.
    """

    key: str
    amount_fen: int
    base_fen: int | None
    would_be_fen: int | None
    payee: str
    findings: tuple[Finding, ...]
    steps: tuple[TraceStep, ...]

    @property
    def refused(self) -> bool:
        """Whether a blocker keeps the line from getting anything."""
        return bool(blockers(self.findings))

    def as_dict(self) -> dict[str, object]:
        """Plain values only."""
        return {
            "key": self.key,
            "amount_fen": self.amount_fen,
            "base_fen": self.base_fen,
            "would_be_fen": self.would_be_fen,
            "payee": self.payee,
            "refused": self.refused,
            "findings": [finding.as_dict() for finding in self.findings],
            "steps": [step.as_dict() for step in self.steps],
        }


@dataclass(frozen=True, slots=True)
class Assessment:
    """The answer to one application under one rule version. Amounts in fen, never negative."""

    rule_version: str
    rule_hash: str
    instrument: str
    lines: tuple[LineResult, ...]
    findings: tuple[Finding, ...] = ()
    steps: tuple[TraceStep, ...] = field(default=())

    @property
    def total_fen(self) -> int:
        """What all lines get together."""
        return sum(line.amount_fen for line in self.lines)

    @property
    def refused(self) -> bool:
        """Whether nothing can be granted."""
        return bool(blockers(self.findings)) or all(line.refused for line in self.lines)

    def all_findings(self) -> tuple[Finding, ...]:
        """Findings of the application, then those of each line."""
        return (*self.findings, *(f for line in self.lines for f in line.findings))

    def as_dict(self) -> dict[str, object]:
        """Plain values only, ready to be stored with the decision."""
        return {
            "rule_version": self.rule_version,
            "rule_hash": self.rule_hash,
            "instrument": self.instrument,
            "total_fen": self.total_fen,
            "refused": self.refused,
            "findings": [finding.as_dict() for finding in self.findings],
            "steps": [step.as_dict() for step in self.steps],
            "lines": [line.as_dict() for line in self.lines],
        }

    def canonical(self) -> str:
        """Return the assessment as JSON with sorted keys."""
        return canonical_json(self.as_dict())

    @property
    def hash(self) -> str:
        """SHA-256 (hex) over the canonical JSON."""
        return hashlib.sha256(self.canonical().encode()).hexdigest()


def replay(step: TraceStep) -> int | None:
    """Compute a step again from its inputs; None for a check."""
    return None if step.op == "check" else compute(step.op, step.inputs)


def compute(op: str, inputs: Mapping[str, object]) -> int:
    """Return the result of an arithmetic step, in fen, from its inputs alone."""
    values = {name: value for name, value in inputs.items() if isinstance(value, int)}
    amount = values["amount_fen"]
    if op == "scale":
        mode = Rounding(str(inputs["mode"]))
        return ratio(amount, values["numerator"], values["denominator"], mode)
    if op == "limit":
        return min(amount, max(0, _whole(inputs, values) - values["used_fen"]))
    if op == "unit":
        return amount - amount % values["unit_fen"]
    return amount


def check_trace(assessment: Assessment) -> bool:
    """Whether every step can be computed again and the chain of each line ends in its amount."""
    for line in assessment.lines:
        last: int | None = None
        for step in line.steps:
            if step.op == "check":
                continue
            if step.op != "take" and step.inputs["amount_fen"] != last:
                return False
            last = replay(step)
            if last != step.result_fen:
                return False
        refused = line.refused or bool(blockers(assessment.findings))
        if line.would_be_fen != last or line.amount_fen != (0 if refused else last):
            return False
    return True


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, (tuple, list, set, frozenset)):
        items = sorted(value, key=str) if isinstance(value, (set, frozenset)) else value
        return [_plain(item) for item in items]
    return value


def _whole(inputs: Mapping[str, object], values: Mapping[str, int]) -> int:
    """The limit of a step, computed from its rate where it has one."""
    if "of_fen" not in values:
        return values["whole_fen"]
    return of_ppm(values["of_fen"], values["of_ppm"], Rounding(str(inputs["mode"])))
