"""What keeps a rule book from being published, and which book holds on a day."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from service.kernel.findings import Finding, Text, blocker, blockers, register, warning
from service.kernel.rulebook.book import (
    Kind,
    RuleBook,
    RuleCase,
    RuleValue,
    Status,
    canonical_json,
    kind_of,
)
from service.kernel.timeline import Dated, Timeline


@dataclass(frozen=True, slots=True)
class Key:
    """What a schema asks of one value; ``unit`` and ``choices`` are judged when given."""

    kind: Kind
    unit: str = ""
    required: bool = True
    choices: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True)
class CaseResult:
    """A worked case with what was found when it was computed; nothing means that it holds."""

    case: RuleCase
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        """Whether the rule answers as the case expects."""
        return not self.findings


Schema = Mapping[str, Key]
Evaluate = Callable[[RuleBook, Mapping[str, object]], Mapping[str, object]]


def validate(book: RuleBook, schema: Schema, evaluate: Evaluate) -> list[Finding]:
    """Return what keeps a book from being published: its values, its dates, its worked cases.

    ``evaluate`` answers a case; every expected key must come out equal, further keys are free.
    """
    return [*check_values(book, schema), *check_dates(book), *check_cases(book, evaluate)]


def check_values(book: RuleBook, schema: Schema) -> list[Finding]:
    """Compare the values with what the rule needs."""
    found = [
        blocker("rulebook.missing_key", f"values.{key}", key=key)
        for key, wanted in schema.items()
        if wanted.required and key not in book.values
    ]
    for key, entry in book.values.items():
        if key in schema:
            found += _check_value(key, entry, schema[key])
        else:
            found.append(blocker("rulebook.unknown_key", f"values.{key}", key=key))
        if not entry.source.strip():
            found.append(blocker("rulebook.source_missing", f"values.{key}.source", key=key))
        if entry.example and book.status is Status.PUBLISHED:
            found.append(warning("rulebook.example_value", f"values.{key}.example", key=key))
    return found


def check_dates(book: RuleBook) -> list[Finding]:
    """Compare the dates of a book with each other."""
    found = []
    if book.valid_to is not None and book.valid_to < book.valid_from:
        found.append(
            blocker("timeline.reversed", "rule.valid_to", start=book.valid_from, end=book.valid_to)
        )
    if book.issued_on is not None and book.issued_on > book.valid_from:
        found.append(warning("rulebook.retroactive", "rule.issued_on", day=book.issued_on))
    return found


def check_cases(book: RuleBook, evaluate: Evaluate) -> list[Finding]:
    """Run the worked cases; a book without any is refused."""
    if not book.cases:
        return [blocker("rulebook.no_case", "case")]
    return [finding for result in run_cases(book, evaluate) for finding in result.findings]


def run_cases(book: RuleBook, evaluate: Evaluate) -> list[CaseResult]:
    """Compute every worked case and return what came of each, in order."""
    return [
        CaseResult(case, tuple(_check_case(book, case, f"case.{position}", evaluate)))
        for position, case in enumerate(book.cases)
    ]


def check_family(books: Iterable[RuleBook]) -> list[Finding]:
    """Return where books clash: one version twice, wrong dates, overlaps and gaps of a family."""
    found: list[Finding] = []
    families: dict[str, list[RuleBook]] = {}
    seen: set[tuple[str, str, str]] = set()
    for book in books:
        key = (book.family, book.name, book.version)
        if key in seen:
            found.append(blocker("rulebook.duplicate", "rule.version", subject=" ".join(key)))
        seen.add(key)
        wrong = blockers(check_dates(book))
        found += wrong
        if not wrong:
            families.setdefault(book.family, []).append(book)
    for family, members in families.items():
        found += _check_timeline(family, _timeline(members))
    return found


def find(books: Iterable[RuleBook], family: str, day: date) -> RuleBook | None:
    """Return the book of a family that holds on a day, or None.

    Raises Refused (timeline.overlap) when several do; :func:`check_family` rules that out.
    """
    return _timeline(book for book in books if book.family == family).at(day)


def _timeline(books: Iterable[RuleBook]) -> Timeline[RuleBook]:
    return Timeline(Dated(book, book.valid_from, book.valid_to) for book in books)


def _check_timeline(family: str, timeline: Timeline[RuleBook]) -> Iterator[Finding]:
    for first, second in timeline.overlaps():
        yield blocker(
            "rulebook.overlap",
            "rule.valid_from",
            family=family,
            first=f"{first.value.name} {first.value.version}",
            second=f"{second.value.name} {second.value.version}",
            day=max(first.valid_from, second.valid_from),
        )
    for start, end in timeline.gaps():
        yield warning("rulebook.gap", "rule.valid_from", family=family, start=start, end=end)


def _check_value(key: str, entry: RuleValue, wanted: Key) -> Iterator[Finding]:
    path = f"values.{key}"
    if kind_of(entry.value) is not wanted.kind:
        yield blocker("rulebook.wrong_type", path, key=key, kind=wanted.kind.value)
    elif wanted.choices and entry.value not in wanted.choices:
        yield blocker("rulebook.not_a_choice", path, key=key, choices=wanted.choices)
    if wanted.unit and entry.unit != wanted.unit:
        yield blocker("rulebook.wrong_unit", f"{path}.unit", key=key, unit=wanted.unit)


def _check_case(book: RuleBook, case: RuleCase, path: str, evaluate: Evaluate) -> Iterator[Finding]:
    if not case.source.strip():
        yield blocker("rulebook.case_source_missing", f"{path}.source", name=case.name)
    if not case.expect:
        yield blocker("rulebook.case_expects_nothing", f"{path}.expect", name=case.name)
    try:
        got = evaluate(book, case.given)
    except Exception as error:  # a rule that breaks on its own case is a finding, not a crash
        detail = f"{type(error).__name__}: {error}"
        yield blocker("rulebook.case_breaks", path, name=case.name, detail=detail)
        return
    for key, wanted in case.expect.items():
        expected = canonical_json(wanted)
        actual = canonical_json(got[key]) if key in got else "–"
        if actual != expected:
            yield blocker(
                "rulebook.case_fails",
                f"{path}.expect.{key}",
                name=case.name,
                key=key,
                expected=expected,
                actual=actual,
            )


_REMEDY = ("请修正规则文件后重新检查", "Correct the rule file and check again")
_LAW_8 = "DESIGN law 8"

register(
    {
        "rulebook.missing_key": Text("规则缺少“{key}”", "The rule lacks “{key}”", *_REMEDY, _LAW_8),
        "rulebook.unknown_key": Text(
            "规则中的“{key}”没有用处，可能拼写有误",
            "Nothing uses “{key}”; perhaps it is misspelt",
            *_REMEDY,
        ),
        "rulebook.wrong_type": Text(
            "“{key}”的类型不对，应为 {kind}",
            "“{key}” is of the wrong type; expected {kind}",
            *_REMEDY,
        ),
        "rulebook.not_a_choice": Text(
            "“{key}”的值不在可选范围内",
            "The value of “{key}” is not a choice",
            "请从下列值中选择：{choices}",
            "Choose one of: {choices}",
        ),
        "rulebook.wrong_unit": Text(
            "“{key}”的单位应为 {unit}", "The unit of “{key}” must be {unit}", *_REMEDY
        ),
        "rulebook.source_missing": Text(
            "“{key}”没有出处",
            "“{key}” names no source",
            "请写明文件条款；公开文件未规定的，写明理由并标 example = true",
            "Name the clause; where the documents are silent, say why and mark example = true",
            _LAW_8,
        ),
        "rulebook.example_value": Text(
            "已发布规则中的“{key}”只是示例值",
            "“{key}” is only an example, in a rule that claims to be published",
            "请在正式文件明确后替换",
            "Replace it once the document says more",
            _LAW_8,
        ),
        "rulebook.retroactive": Text(
            "规则于 {day} 印发，晚于生效日",
            "The rule was issued on {day}, after it takes effect",
            "请核对印发日期与生效日期",
            "Check both dates",
        ),
        "rulebook.no_case": Text(
            "规则没有算例", "The rule has no worked case", "请至少写一个算例", "Add one", _LAW_8
        ),
        "rulebook.case_source_missing": Text(
            "算例“{name}”没有出处",
            "The worked case “{name}” names no source",
            "请写明算例依据的文件或计算人",
            "Name the document or whose arithmetic it is",
            _LAW_8,
        ),
        "rulebook.case_expects_nothing": Text(
            "算例“{name}”没有预期结果",
            "The worked case “{name}” expects nothing",
            *_REMEDY,
            _LAW_8,
        ),
        "rulebook.case_breaks": Text(
            "算例“{name}”无法计算：{detail}",
            "The worked case “{name}” cannot be computed: {detail}",
            *_REMEDY,
            _LAW_8,
        ),
        "rulebook.case_fails": Text(
            "算例“{name}”的“{key}”应为 {expected}，算得 {actual}",
            "In the worked case “{name}”, “{key}” should be {expected} but is {actual}",
            "请核对规则值与算例",
            "Check the values of the rule and the case",
            _LAW_8,
        ),
        "rulebook.duplicate": Text(
            "规则 {subject} 出现两次",
            "The rule {subject} is there twice",
            "已发布的版本不可改动，请用新的版本号",
            "A published version never changes; take a new version number",
            _LAW_8,
        ),
        "rulebook.overlap": Text(
            "{family} 的规则 {first} 与 {second} 自 {day} 起同时有效",
            "In {family}, {first} and {second} both hold from {day}",
            "请修正有效期，使同类规则首尾相接",
            "Correct the dates so that one follows the other",
        ),
        "rulebook.gap": Text(
            "{family} 在 {start} 至 {end} 没有有效规则",
            "In {family}, no rule holds from {start} to {end}",
            "如非有意，请修正有效期",
            "Correct the dates unless this is meant",
        ),
    }
)
