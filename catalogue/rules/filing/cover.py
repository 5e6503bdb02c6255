"""Checks of what is covered, for how much and at which rate. Amounts in fen, rates in ppm."""

from __future__ import annotations

from collections.abc import Iterator

from catalogue.rules.facts import ComponentFacts
from catalogue.rules.filing.identity import plain
from catalogue.rules.filing.subject import STATISTICS_RULE, Filing
from catalogue.rules.nouns import RiskKind
from service.kernel.findings import Finding, blocker, warning

_RISK_WORDS: tuple[tuple[RiskKind, tuple[str, ...]], ...] = (
    (RiskKind.LIABILITY, ("责任",)),
    (RiskKind.GUARANTEE_CREDIT, ("保证", "信用", "违约", "保修")),
    (RiskKind.PERSONAL, ("意外伤害", "人身", "健康", "疾病", "医疗")),
    (RiskKind.EXPENSE_LOSS, ("费用", "中断", "利润", "失败")),
    (RiskKind.PROPERTY, ("财产", "设备", "物质", "本体", "机身", "货物")),
)
"""Words of a component's name that tell its risk; the first kind that matches holds."""


def check_components(filing: Filing) -> list[Finding]:
    """At least one coverage component (保障责任), each named once and with its exclusions."""
    components = filing.version.components
    if not components:
        return [blocker("filing.components_missing", "components")]
    found: list[Finding] = []
    first: dict[str, int] = {}
    for position, component in enumerate(components):
        field = f"components.{position}"
        if not plain(component.event):
            found.append(blocker("filing.event_missing", f"{field}.event", name=component.name))
        if not plain(component.exclusions):
            found.append(
                warning("filing.exclusions_missing", f"{field}.exclusions", name=component.name)
            )
        if first.setdefault(plain(component.name), position) != position:
            found.append(warning("filing.component_twice", f"{field}.name", name=component.name))
    return found


def check_limits(filing: Filing) -> list[Finding]:
    """Every component has a limit (赔偿限额) or the version a band of sums insured; both agree."""
    version = filing.version
    unlimited = [c.name for c in version.components if c.limit_fen is None]
    found: list[Finding] = []
    if unlimited and version.sum_max_fen is None:
        found.append(blocker("filing.limit_missing", "components", names=unlimited))
    for position, component in enumerate(version.components):
        field, limit = f"components.{position}.limit_fen", component.limit_fen
        if limit is None:
            continue
        if limit <= 0:
            found.append(blocker("filing.limit_zero", field, name=component.name))
        elif version.sum_max_fen is not None and limit > version.sum_max_fen:
            found.append(
                blocker(
                    "filing.limit_above_sum",
                    field,
                    name=component.name,
                    limit_fen=limit,
                    maximum_fen=version.sum_max_fen,
                )
            )
    return found


def check_deductibles(filing: Filing) -> list[Finding]:
    """The deductible (免赔) leaves something to be paid; a long waiting period (等待期) warns."""
    found: list[Finding] = []
    for position, component in enumerate(filing.version.components):
        found += _deductible(f"components.{position}", component, filing)
    return found


def check_rate_band(filing: Filing) -> list[Finding]:
    """The filed band of rates (费率区间) is given, above zero and the right way round."""
    low, high = filing.version.rate_min_ppm, filing.version.rate_max_ppm
    if low is None or high is None:
        field = "rate_min_ppm" if low is None else "rate_max_ppm"
        return [blocker("filing.rate_band_missing", field)]
    if low <= 0 or high <= 0:
        field = "rate_min_ppm" if low <= 0 else "rate_max_ppm"
        return [blocker("filing.rate_not_positive", field)]
    return rate_band_reversed(low, high)


def rate_band_reversed(low_ppm: int, high_ppm: int) -> list[Finding]:
    """A band of rates the wrong way round is none; not even a draft may have it."""
    if low_ppm <= high_ppm:
        return []
    return [
        blocker("filing.rate_band_reversed", "rate_max_ppm", low_ppm=low_ppm, high_ppm=high_ppm)
    ]


def check_sum_band(filing: Filing) -> list[Finding]:
    """The band of sums insured (保险金额区间) is given and the right way round."""
    low, high = filing.version.sum_min_fen, filing.version.sum_max_fen
    if low is None or high is None:
        field = "sum_min_fen" if low is None else "sum_max_fen"
        return [blocker("filing.sum_band_missing", field)]
    if high <= 0:
        return [blocker("filing.sum_not_positive", "sum_max_fen")]
    return sum_band_reversed(low, high)


def sum_band_reversed(low_fen: int, high_fen: int) -> list[Finding]:
    """The same of a band of sums insured."""
    if low_fen <= high_fen:
        return []
    return [blocker("filing.sum_band_reversed", "sum_max_fen", low_fen=low_fen, high_fen=high_fen)]


def check_main_section(filing: Filing) -> list[Finding]:
    """A combination product (组合产品) names the main section it is counted under."""
    version = filing.version
    section = plain(version.main_section)
    names = {plain(component.name) for component in version.components}
    kinds = {plain(kind.zh) for kind in RiskKind} | {plain(kind.value) for kind in RiskKind}
    if section:
        if any(section in name for name in names) or section in kinds:
            return []
        return [
            warning(
                "filing.main_section_unknown",
                "main_section",
                STATISTICS_RULE,
                value=version.main_section,
            )
        ]
    risks = [kind for kind in map(risk_of, version.components) if kind is not None]
    distinct = list(dict.fromkeys(risks))
    if len(distinct) < 2:
        return []
    return [
        warning(
            "filing.main_section_missing",
            "main_section",
            STATISTICS_RULE,
            risks_zh=[kind.zh for kind in distinct],
            risks_en=[kind.value for kind in distinct],
        )
    ]


def risk_of(component: ComponentFacts) -> RiskKind | None:
    """Return the risk a component's name speaks of, or None when it does not tell."""
    for kind, words in _RISK_WORDS:
        if any(word in component.name for word in words):
            return kind
    return None


def _deductible(field: str, component: ComponentFacts, filing: Filing) -> Iterator[Finding]:
    rules, name = filing.rules, component.name
    ceiling = component.limit_fen or filing.version.sum_max_fen
    amount, rate = component.deductible_fen, component.deductible_ppm
    if amount is not None and ceiling is not None and amount >= ceiling:
        yield blocker(
            "filing.deductible_eats_limit",
            f"{field}.deductible_fen",
            name=name,
            deductible_fen=amount,
            limit_fen=ceiling,
        )
    if rate is not None and rate >= 1_000_000:
        yield blocker("filing.deductible_whole", f"{field}.deductible_ppm", name=name)
    elif rate is not None and rate > rules.deductible_max_ppm:
        yield warning(
            "filing.deductible_high",
            f"{field}.deductible_ppm",
            name=name,
            deductible_ppm=rate,
            usual_ppm=rules.deductible_max_ppm,
        )
    if component.waiting_days > rules.waiting_max_days:
        yield warning(
            "filing.waiting_long",
            f"{field}.waiting_days",
            name=name,
            days=component.waiting_days,
            usual=rules.waiting_max_days,
        )
