"""What the filing checks judge: one version, its insurer and the values of the rule book."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from catalogue.rules.facts import InsurerFacts, VersionFacts
from service.kernel.findings import Finding

CLAUSE_RULE = "财产保险公司保险条款和保险费率管理办法 (2021)"
PLAN_ITEM_14 = "武政办〔2025〕67号 二(四)14"
STATISTICS_RULE = "科技保险业务统计制度 (金融监管总局, 2024-01)"


@dataclass(frozen=True, slots=True)
class FilingRules:
    """Values of the rule book ``books/filing``; periods in working days, months as named.

    ``required_documents`` block when missing, ``wished_documents`` only warn; both are codes of
    DocumentKind. ``version`` names the rule version that a decision stores.
    """

    version: str
    acceptance_days: int
    review_days: int
    dormant_months: int
    target_count: int
    target_day: date
    covered_stages: tuple[str, ...]
    required_documents: tuple[str, ...]
    wished_documents: tuple[str, ...]
    deductible_max_ppm: int
    waiting_max_days: int
    similar_name_ppm: int
    similar_components_ppm: int
    likeness_shown_score: int
    pace_window_days: int
    library_definition: str
    notice_text: str


@dataclass(frozen=True, slots=True)
class Filing:
    """Everything a check may look at; ``on`` is the day of the check, the last plausible day."""

    version: VersionFacts
    insurer: InsurerFacts
    rules: FilingRules
    on: date | None = None


Check = Callable[[Filing], list[Finding]]
