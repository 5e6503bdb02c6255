"""Next year's shares proposed from conduct (续签建议): remittance, notice and answers in time.

The formula is published with every answer, so that any member can recompute its share:

* score of a measure = allowed days ÷ the larger of allowed and taken days, over all occasions
  together; a measure without occasions scores in full;
* score of a member = the measures' scores weighed by the agreement;
* weight for the next year = present share × (1 − sway × (1 − score));
* share = largest remainder of the whole over these weights, ties by position.

Nobody gains by others' lateness beyond what proportion gives, and nobody falls below (1 − sway) of
its weight. It proposes; the members decide.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import lcm

from coinsurance.rules.agreement.terms import ReSigning
from coinsurance.rules.shares import Derived
from service.kernel.errors import Refused
from service.kernel.findings import Text, blocker, register
from service.kernel.money import PPM_WHOLE, explain
from service.kernel.shares import WHOLE_UNITS

MEASURES = ("remittance", "notice", "consent")
NAMES_ZH: Mapping[str, str] = {
    "remittance": "保费划付",
    "notice": "出险通知",
    "consent": "答复征求",
}
FORMULA_ZH = (
    "单项得分 = 约定天数合计 ÷ max（约定天数合计，实际天数合计），没有记录的按满分计；"
    "履约分 = 各项得分按协议权重加权平均；"
    "下一年度权重 = 本年度份额 ×（1 − 调节幅度 ×（1 − 履约分））；"
    "下一年度份额 = 100% 按权重以最大余数法分配，余数相同按成员排位。"
)
FORMULA_EN = (
    "score of a measure = allowed days / max(allowed, taken days), full without occasions; "
    "score = measures weighed by the agreement; "
    "weight = present share × (1 − sway × (1 − score)); "
    "share = largest remainder of the whole over the weights, ties by position"
)


@dataclass(frozen=True, slots=True)
class Conduct:
    """Days that were allowed and taken over all occasions of one measure."""

    allowed_days: int = 0
    taken_days: int = 0

    @property
    def score(self) -> Fraction:
        """1 where everything was in time, or nothing happened."""
        most = max(self.allowed_days, self.taken_days)
        return Fraction(self.allowed_days, most) if most else Fraction(1)


@dataclass(frozen=True, slots=True)
class Performer:
    """A member with its present share and its conduct by measure."""

    key: str
    position: int
    share_units: int
    conduct: Mapping[str, Conduct]


@dataclass(frozen=True, slots=True)
class Proposed:
    """A proposed share with everything it was computed from; scores as exact fractions."""

    key: str
    position: int
    before_units: int
    scores: Mapping[str, Fraction]
    score: Fraction
    weight: Fraction
    share: Derived


def propose(rule: ReSigning, performers: Sequence[Performer]) -> tuple[Proposed, ...]:
    """Propose next year's shares, in order of position; they are the whole.

    Raises Refused for negative days, or where nobody has a share.
    """
    ordered = sorted(performers, key=lambda performer: performer.position)
    if not any(performer.share_units for performer in ordered):
        raise Refused([blocker("re_signing.no_share", "members")])
    scored = [(performer, *_score(rule, performer)) for performer in ordered]
    weights = [p.share_units * (1 - _sway(rule) * (1 - score)) for p, _, score in scored]
    parts = explain(WHOLE_UNITS, _as_whole(weights))
    return tuple(
        Proposed(
            p.key,
            p.position,
            p.share_units,
            scores,
            score,
            weight,
            Derived(p.key, p.position, part.allocated, part.weight, part.exact),
        )
        for (p, scores, score), weight, part in zip(scored, weights, parts, strict=True)
    )


def _sway(rule: ReSigning) -> Fraction:
    return Fraction(rule.sway_ppm, PPM_WHOLE)


def _score(rule: ReSigning, performer: Performer) -> tuple[dict[str, Fraction], Fraction]:
    scores = {name: performer.conduct.get(name, Conduct()).score for name in MEASURES}
    weights = {
        "remittance": rule.remittance_weight,
        "notice": rule.notice_weight,
        "consent": rule.consent_weight,
    }
    for name, conduct in performer.conduct.items():
        if name not in weights or conduct.allowed_days < 0 or conduct.taken_days < 0:
            raise Refused([blocker("re_signing.days", f"members.{performer.key}", measure=name)])
    total = sum(weights.values())
    if not total:
        raise Refused([blocker("re_signing.no_weight", "rule")])
    score = sum((scores[name] * weight for name, weight in weights.items()), Fraction(0)) / total
    return scores, score


def _as_whole(weights: Sequence[Fraction]) -> list[int]:
    """The same proportions as whole numbers, so that nothing is rounded before the split."""
    common = lcm(*(weight.denominator for weight in weights))
    return [int(weight * common) for weight in weights]


register(
    {
        "re_signing.no_share": Text(
            "没有成员承担份额，无法提出续签建议",
            "No member holds a share; nothing can be proposed",
            "请先确定本年度份额",
            "Settle this year's shares first",
        ),
        "re_signing.days": Text(
            "“{measure}”的天数不能为负，且须为划付、通知或答复之一",
            "The days of “{measure}” must not be negative, and it must be one of the measures",
            "请核对填写的天数",
            "Check the days",
        ),
        "re_signing.no_weight": Text(
            "履约评价的权重合计为零",
            "The weights of the measures sum to zero",
            "请核对协议的续签条款",
            "Check the clause on re-signing",
        ),
        "re_signing.not_agreed": Text(
            "协议没有约定续签与履约评价",
            "The agreement says nothing about re-signing by conduct",
            "请在协议中补充 re_signing 条款，或在测算中直接给出规则",
            "Add the clause re_signing, or give a rule with the what-if",
        ),
    }
)
