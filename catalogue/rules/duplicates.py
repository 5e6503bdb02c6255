"""Near-duplicates (疑似重复产品): other entries that may be the same product, and why.

Every reason has a code, a text and a score from 0 to 100; whole numbers only. The score of an entry
is its strongest reason plus five for each further one, at most 99 unless a reason alone says 100.
Nothing is refused here: the reviewer sees the reasons and decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from catalogue.rules.facts import CandidateFacts, ClauseFacts, ComponentFacts, VersionFacts
from catalogue.rules.filing.identity import plain
from catalogue.rules.filing.subject import FilingRules
from service.kernel.findings import Finding, Language, Text, register, warning
from service.kernel.numbering import fold, parse_file_number

_WHOLE_PPM = 1_000_000
_FURTHER_REASON_SCORE = 5
_NAME_FILLERS = ("保险", "产品", "条款", "综合", "专属")


@dataclass(frozen=True, slots=True)
class Reason:
    """One thing that two entries share."""

    score: int
    finding: Finding

    @property
    def code(self) -> str:
        """Stable code, such as ``likeness.registration_number``."""
        return self.finding.code

    def text(self, language: Language = "zh") -> str:
        """Say what is shared."""
        return self.finding.text(language)


@dataclass(frozen=True, slots=True)
class Likeness:
    """Another entry with the reasons, strongest first."""

    candidate: CandidateFacts
    score: int
    reasons: tuple[Reason, ...]

    @property
    def number(self) -> str:
        """Business number of the other product."""
        return self.candidate.number


def near_duplicates(
    version: VersionFacts,
    candidates: Iterable[CandidateFacts],
    rules: FilingRules,
    own_number: str = "",
) -> list[Likeness]:
    """Return the entries like this one, the most alike first, then by number.

    ``own_number`` is the product the version belongs to and is left out. Entries below
    ``rules.likeness_shown_score`` are not shown.
    """
    found = []
    for candidate in candidates:
        if own_number and candidate.number == own_number:
            continue
        reasons = tuple(sorted(_reasons(version, candidate, rules), key=lambda r: -r.score))
        score = _together(reasons)
        if reasons and score >= rules.likeness_shown_score:
            found.append(Likeness(candidate, score, reasons))
    return sorted(found, key=lambda likeness: (-likeness.score, likeness.number))


def name_likeness_ppm(first: str, second: str, insurers: Iterable[str] = ()) -> int:
    """Compare two product names by pairs of characters, without insurers and common words."""
    names = tuple(plain(insurer) for insurer in insurers)
    return jaccard_ppm(_name_pairs(first, names), _name_pairs(second, names))


def components_likeness_ppm(
    first: Iterable[ComponentFacts], second: Iterable[ComponentFacts]
) -> int:
    """Compare what two entries cover by pairs of characters of names and events."""
    return jaccard_ppm(_component_pairs(first), _component_pairs(second))


def jaccard_ppm(first: frozenset[str], second: frozenset[str]) -> int:
    """Return the shared part of two sets in ppm, rounded down; 0 when one is empty."""
    if not first or not second:
        return 0
    return len(first & second) * _WHOLE_PPM // len(first | second)


def _reasons(
    version: VersionFacts, candidate: CandidateFacts, rules: FilingRules
) -> Iterator[Reason]:
    yield from _shared_numbers(version, candidate)
    yield from _shared_model_clause(version, candidate)
    yield from _similar_name(version, candidate, rules)
    yield from _similar_components(version, candidate, rules)


def _shared_numbers(version: VersionFacts, candidate: CandidateFacts) -> Iterator[Reason]:
    registered = _registration_numbers(version.clauses) & _registration_numbers(candidate.clauses)
    if registered:
        value = min(registered)
        yield Reason(100, warning("likeness.registration_number", "clauses", value=value))
    filed = _file_numbers(version.clauses) & _file_numbers(candidate.clauses)
    if filed:
        yield Reason(95, warning("likeness.file_number", "clauses", value=min(filed)))


def _shared_model_clause(version: VersionFacts, candidate: CandidateFacts) -> Iterator[Reason]:
    shared = _model_clauses(version.clauses).keys() & _model_clauses(candidate.clauses).keys()
    if not shared:
        return
    value = _model_clauses(version.clauses)[min(shared)]
    if version.insurer_id == candidate.insurer_id:
        yield Reason(60, warning("likeness.model_clause_own", "clauses", value=value))
    else:
        yield Reason(
            50,
            warning(
                "likeness.model_clause_other",
                "clauses",
                value=value,
                insurer=candidate.insurer_name,
            ),
        )


def _similar_name(
    version: VersionFacts, candidate: CandidateFacts, rules: FilingRules
) -> Iterator[Reason]:
    insurers = (version.insurer_name, candidate.insurer_name)
    likeness = name_likeness_ppm(version.name, candidate.name, insurers)
    same_insurer = version.insurer_id == candidate.insurer_id
    same_type = version.type_code == candidate.type_code
    if likeness < rules.similar_name_ppm:
        if same_insurer and same_type:
            yield Reason(45, warning("likeness.type_own", "type_code", name=candidate.name))
        return
    base, code = {
        (True, True): (60, "likeness.name_own"),
        (True, False): (50, "likeness.name_own_other_type"),
        (False, True): (30, "likeness.name_other"),
        (False, False): (20, "likeness.name_other"),
    }[same_insurer, same_type]
    yield Reason(
        base + likeness * 30 // _WHOLE_PPM,
        warning(
            code,
            "name",
            name=candidate.name,
            insurer=candidate.insurer_name,
            likeness_ppm=_percent(likeness),
        ),
    )


def _similar_components(
    version: VersionFacts, candidate: CandidateFacts, rules: FilingRules
) -> Iterator[Reason]:
    likeness = components_likeness_ppm(version.components, candidate.components)
    if likeness < rules.similar_components_ppm:
        return
    shared = {plain(c.name) for c in candidate.components}
    names = [c.name for c in version.components if plain(c.name) in shared]
    top = 80 if version.insurer_id == candidate.insurer_id else 60
    yield Reason(
        likeness * top // _WHOLE_PPM,
        warning("likeness.components", "components", names=names, likeness_ppm=_percent(likeness)),
    )


def _together(reasons: tuple[Reason, ...]) -> int:
    if not reasons:
        return 0
    strongest = reasons[0].score
    return max(strongest, min(99, strongest + _FURTHER_REASON_SCORE * (len(reasons) - 1)))


def _percent(likeness_ppm: int) -> int:
    """Cut to whole percent: more digits would feign exactness."""
    return likeness_ppm // 10_000 * 10_000


def _registration_numbers(clauses: Iterable[ClauseFacts]) -> set[str]:
    return {fold(clause.registration_number) for clause in clauses} - {""}


def _file_numbers(clauses: Iterable[ClauseFacts]) -> set[str]:
    numbers = set()
    for clause in clauses:
        number = parse_file_number(clause.file_number)
        numbers.add(number.text if number is not None else fold(clause.file_number))
    return numbers - {""}


def _model_clauses(clauses: Iterable[ClauseFacts]) -> dict[str, str]:
    found = {plain(clause.model_clause): clause.model_clause for clause in clauses}
    found.pop("", None)
    return found


def _component_pairs(components: Iterable[ComponentFacts]) -> frozenset[str]:
    pairs: frozenset[str] = frozenset()
    for component in components:
        pairs |= _pairs(plain(component.name)) | _pairs(plain(component.event))
    return pairs


@lru_cache(maxsize=4096)
def _name_pairs(name: str, insurers: tuple[str, ...]) -> frozenset[str]:
    core = plain(name)
    for insurer in insurers:
        core = core.removeprefix(insurer)
    for filler in _NAME_FILLERS:
        core = core.replace(filler, "")
    return _pairs(core or plain(name))


@lru_cache(maxsize=4096)
def _pairs(text: str) -> frozenset[str]:
    if len(text) < 2:
        return frozenset({text} - {""})
    return frozenset(text[i : i + 2] for i in range(len(text) - 1))


_REMEDY = (
    "请审核人员核对两个产品是否相同，并在审核意见中说明",
    "Compare the two products and say in the review whether they are the same",
)

register(
    {
        "likeness.registration_number": Text(
            "注册编号相同：{value}", "The same registration number: {value}", *_REMEDY
        ),
        "likeness.file_number": Text(
            "备案编号相同：{value}", "The same file number: {value}", *_REMEDY
        ),
        "likeness.model_clause_own": Text(
            "同一公司已有产品使用同一示范条款：{value}",
            "The same insurer already uses the model clause {value}",
            *_REMEDY,
        ),
        "likeness.model_clause_other": Text(
            "{insurer}的产品使用同一示范条款：{value}",
            "A product of {insurer} uses the same model clause {value}",
            *_REMEDY,
        ),
        "likeness.type_own": Text(
            "同一公司已有同类型产品“{name}”",
            "The same insurer already has “{name}” of the same type",
            *_REMEDY,
        ),
        "likeness.name_own": Text(
            "同一公司、同一类型、名称相近（{likeness_ppm}）：{name}",
            "The same insurer and type, a similar name ({likeness_ppm}): {name}",
            *_REMEDY,
        ),
        "likeness.name_own_other_type": Text(
            "同一公司、名称相近（{likeness_ppm}）但归入另一类型：{name}",
            "The same insurer, a similar name ({likeness_ppm}), filed under another type: {name}",
            *_REMEDY,
        ),
        "likeness.name_other": Text(
            "{insurer}有名称相近的产品（{likeness_ppm}）：{name}",
            "{insurer} has a product with a similar name ({likeness_ppm}): {name}",
            *_REMEDY,
        ),
        "likeness.components": Text(
            "保障责任相近（{likeness_ppm}），同名责任：{names}",
            "Similar cover ({likeness_ppm}); components of the same name: {names}",
            *_REMEDY,
        ),
    }
)
