"""What the pools learnt of a product version (产品经验): uptake, loss, health, dormant or not.

The steps of health are a practice of the house, named with every answer; no public document has
any. They say what to look at, not what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from catalogue.rules.library_count import Definition
from catalogue.rules.nouns import Term
from coinsurance.rules.settlement.results import Ratio


class Health(Term):
    """How a product version fares (健康状况)."""

    GOOD = "good", "良好", "Incurred losses up to 60 % of premium."
    WATCH = "watch", "关注", "Incurred losses above 60 % and up to 100 % of premium."
    POOR = "poor", "恶化", "Incurred losses above premium."
    DORMANT = "dormant", "休眠", "No policy within the months of the filing rules."
    UNKNOWN = "unknown", "暂无数据", "No premium yet, and not dormant."


GOOD_MAX_PPM = 600_000
WATCH_MAX_PPM = 1_000_000

EXPERIENCE_RATIO = Definition(
    "product-incurred-ratio/1",
    "产品已发生赔付率 =（已决赔款 − 追偿与残值 + 未决估损）÷ 实收保费，含共保保单和单独承保保单，"
    "按 100% 口径计，每张保单只计一次；统计至截止日。",
    "Incurred ratio of a product version: paid net of recoveries, and reserved, over premium "
    "received; pool policies and those of one insurer, each policy once on the 100 % figure.",
    "DESIGN §4; POOLS feature 14",
    "健康状况分档（60%、100%）为系统采用的示例口径。",
    "The steps of health (60 %, 100 %) are an example of the registry's own.",
)


@dataclass(frozen=True, slots=True)
class Experience:
    """The facts of one product version as of a day. Fen."""

    policies: int
    premium_fen: int
    paid_fen: int
    outstanding_fen: int
    recovery_fen: int
    entered_on: date | None
    last_policy_on: date | None

    @property
    def ratio(self) -> Ratio:
        """Incurred over premium."""
        incurred_fen = self.paid_fen - self.recovery_fen + self.outstanding_fen
        return Ratio(EXPERIENCE_RATIO, incurred_fen, self.premium_fen)


def months_before(day: date, months: int) -> date:
    """The day a number of months earlier; a 31st becomes the last day of a shorter month."""
    number = day.year * 12 + day.month - 1 - months
    year, month = divmod(number, 12)
    first_next = date(year + (month == 11), (month + 1) % 12 + 1, 1)
    last = (first_next - date(year, month + 1, 1)).days
    return date(year, month + 1, min(day.day, last))


def is_dormant(found: Experience, months: int, on: date) -> bool:
    """No policy began within the months, and the version has been in the library as long."""
    since = months_before(on, months)
    began = found.last_policy_on or found.entered_on
    return began is None or began <= since


def health_of(found: Experience, dormant: bool) -> Health:
    """The health of a version; dormancy is told before any ratio."""
    if dormant:
        return Health.DORMANT
    ppm = found.ratio.ppm
    if ppm is None:
        return Health.UNKNOWN
    if ppm <= GOOD_MAX_PPM:
        return Health.GOOD
    return Health.WATCH if ppm <= WATCH_MAX_PPM else Health.POOR
