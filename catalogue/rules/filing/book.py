"""The rule book of filing and library (``books/filing``): its schema, its values, its worked cases.

A worked case names in ``given.rule`` what is judged: ``clock``, ``count``, ``pace`` or
``documents``. Days stand for noon in Shanghai, because a book holds no times of day.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, timedelta

from catalogue.rules.facts import (
    DocumentFacts,
    FilingEvent,
    InsurerFacts,
    LibraryRow,
    VersionFacts,
)
from catalogue.rules.filing.papers import check_documents
from catalogue.rules.filing.subject import Filing, FilingRules
from catalogue.rules.filing_clock import clock
from catalogue.rules.library_count import DEFINITION, count
from catalogue.rules.nouns import DocumentKind, Stage
from catalogue.rules.pace import pace
from service.kernel.calendar import day_start
from service.kernel.errors import Refused
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.rulebook import Key, Kind, RuleBook, Schema, validate

FAMILY = "filing"
SCHEMA: Schema = {
    "target_count": Key(Kind.WHOLE, "products"),
    "target_day": Key(Kind.DATE),
    "covered_stages": Key(Kind.LIST),
    "library_definition": Key(Kind.TEXT, choices=(DEFINITION.id,)),
    "acceptance_days": Key(Kind.WHOLE, "working days"),
    "review_days": Key(Kind.WHOLE, "working days"),
    "dormant_months": Key(Kind.WHOLE, "months"),
    "pace_window_days": Key(Kind.WHOLE, "days"),
    "required_documents": Key(Kind.LIST),
    "wished_documents": Key(Kind.LIST),
    "deductible_max_ppm": Key(Kind.WHOLE, "ppm"),
    "waiting_max_days": Key(Kind.WHOLE, "days"),
    "similar_name_ppm": Key(Kind.WHOLE, "ppm"),
    "similar_components_ppm": Key(Kind.WHOLE, "ppm"),
    "likeness_shown_score": Key(Kind.WHOLE, "points of 100"),
    "notice_text": Key(Kind.TEXT),
}


def check_filing_book(book: RuleBook) -> list[Finding]:
    """Return what keeps a book from being published: values, dates, worked cases, vocabulary."""
    return [*validate(book, SCHEMA, evaluate), *_check_codes(book)]


def filing_rules(book: RuleBook) -> FilingRules:
    """Return the values of a book; raises Refused where one is missing or of another kind."""
    try:
        return FilingRules(
            version=f"{book.family}/{book.name}/{book.version}",
            acceptance_days=book.whole("acceptance_days"),
            review_days=book.whole("review_days"),
            dormant_months=book.whole("dormant_months"),
            target_count=book.whole("target_count"),
            target_day=_day(book.value("target_day")),
            covered_stages=_codes(book, "covered_stages"),
            required_documents=_codes(book, "required_documents"),
            wished_documents=_codes(book, "wished_documents"),
            deductible_max_ppm=book.whole("deductible_max_ppm"),
            waiting_max_days=book.whole("waiting_max_days"),
            similar_name_ppm=book.whole("similar_name_ppm"),
            similar_components_ppm=book.whole("similar_components_ppm"),
            likeness_shown_score=book.whole("likeness_shown_score"),
            pace_window_days=book.whole("pace_window_days"),
            library_definition=book.text("library_definition"),
            notice_text=book.text("notice_text"),
        )
    except (KeyError, TypeError) as error:
        raise Refused([blocker("filing.rules_unfit", "values", detail=str(error))]) from None


def evaluate(book: RuleBook, given: Mapping[str, object]) -> Mapping[str, object]:
    """Answer a worked case. Raises KeyError or TypeError for a case that cannot be read."""
    return _EVALUATORS[str(given["rule"])](filing_rules(book), given)


def _evaluate_clock(rules: FilingRules, given: Mapping[str, object]) -> Mapping[str, object]:
    events = [
        FilingEvent(str(event["to"]), str(event["to"]), _noon(event["on"]))
        for event in _tables(given["events"])
    ]
    state = clock(events, rules, _noon(given["now"]))
    return {
        "ball": state.ball.value,
        "term": state.term.value,
        "committee_days": state.committee_days,
        "insurer_days": state.insurer_days,
        "term_days": state.term_days,
        "left_days": state.left_days,
        "due_on": state.due_on,
        "overdue": state.overdue,
        "findings": [finding.code for finding in state.findings],
    }


def _evaluate_count(rules: FilingRules, given: Mapping[str, object]) -> Mapping[str, object]:
    rows = [
        LibraryRow(
            fact_id=position,
            product=str(fact["product"]),
            status=str(fact["status"]),
            effective_on=_day(fact["effective_on"]),
            recorded_at=_noon(fact.get("recorded_on", fact["effective_on"])),
            corrects=_whole(fact["corrects"]) if "corrects" in fact else None,
            stages=tuple(str(stage) for stage in _list(fact.get("stages", ()))),
            type_code=str(fact.get("type", "")),
        )
        for position, fact in enumerate(_tables(given["facts"]), start=1)
    ]
    answer = count(rows, _day(given["as_of"]), _noon(given["as_known_on"]), "stage")
    return {
        "products": answer.products,
        "types": answer.types,
        "stages": {line.code: line.products for line in answer.lines},
    }


def _evaluate_pace(rules: FilingRules, given: Mapping[str, object]) -> Mapping[str, object]:
    history = [
        (_day(point["day"]), _whole(point["count"])) for point in _tables(given.get("history", ()))
    ]
    answer = pace(
        _whole(given["count"]),
        _day(given["as_of"]),
        rules.target_count,
        rules.target_day,
        history,
        rules.pace_window_days,
    )
    return {
        "missing": answer.missing,
        "months_left": answer.months_left,
        "needed_per_month_tenths": answer.needed_per_month_tenths,
        "projected": answer.projected,
        "expected_on": answer.expected_on,
        "on_track": answer.on_track,
    }


def _evaluate_documents(rules: FilingRules, given: Mapping[str, object]) -> Mapping[str, object]:
    documents = tuple(
        DocumentFacts(position, str(kind), f"{position}.pdf", "")
        for position, kind in enumerate(_list(given["attached"]))
    )
    version = VersionFacts("", "", "", "", 0, "", documents=documents)
    insurer = InsurerFacts("insurer", True, "", "", "")
    findings = check_documents(Filing(version, insurer, rules))
    return {
        "blockers": [finding.params["kind_en"] for finding in findings if finding.blocks],
        "warnings": [finding.params["kind_en"] for finding in findings if not finding.blocks],
    }


_EVALUATORS: dict[str, Callable[[FilingRules, Mapping[str, object]], Mapping[str, object]]] = {
    "clock": _evaluate_clock,
    "count": _evaluate_count,
    "pace": _evaluate_pace,
    "documents": _evaluate_documents,
}
_VOCABULARIES = {
    "covered_stages": Stage,
    "required_documents": DocumentKind,
    "wished_documents": DocumentKind,
}


def _check_codes(book: RuleBook) -> list[Finding]:
    found = []
    for key, vocabulary in _VOCABULARIES.items():
        if not book.has(key) or not isinstance(book.value(key), tuple):
            continue
        choices = [code for code, _ in vocabulary.choices()]
        strange = [str(item) for item in book.items(key) if item not in choices]
        if strange:
            found.append(
                blocker("filing.rules_code", f"values.{key}", codes=strange, choices=choices)
            )
    return found


def _codes(book: RuleBook, key: str) -> tuple[str, ...]:
    return tuple(str(item) for item in book.items(key))


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    raise TypeError(f"{value!r} is not a day")


def _whole(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    raise TypeError(f"{value!r} is not a whole number")


def _noon(value: object) -> datetime:
    return day_start(_day(value)) + timedelta(hours=12)


def _list(value: object) -> tuple[object, ...]:
    if isinstance(value, (tuple, list)):
        return tuple(value)
    raise TypeError(f"{value!r} is not a list")


def _tables(value: object) -> list[Mapping[str, object]]:
    return [item for item in _list(value) if isinstance(item, Mapping)]


register(
    {
        "filing.rules_unfit": Text(
            "报送规则不可用：{detail}",
            "The filing rules cannot be used: {detail}",
            "请先检查规则文件",
            "Check the rule file first",
            "DESIGN law 8",
        ),
        "filing.rules_code": Text(
            "“{codes}”不是已知的代码",
            "“{codes}” is no known code",
            "请从下列代码中选择：{choices}",
            "Choose from: {choices}",
            "DESIGN law 8",
        ),
    }
)
