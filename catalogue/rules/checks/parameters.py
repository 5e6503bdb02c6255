"""Thresholds of the checks, each with its source; ours are marked as examples (DESIGN law 8)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from catalogue.rules.subsidy.rules import SubsidyRules

EXAMPLE = "示例参数：公开文件未规定数值"
AUDIT_2024 = "2024-06 审计工作报告（2023 年度）"
ALWAYS_JUDGED = frozenset({"check.own_ban", "check.policy_cancelled"})
"""What the assessment refuses under every rule."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """A number with the clause it comes from; an example where no public text gives one."""

    value: int
    source: str = EXAMPLE
    example: bool = True


_CONTINUOUS = Threshold(0, "2019-05 三部门通知：保险期间须连续", False)
_ONE_VALUE = Threshold(1_000_000, "2019-05 三部门通知：责任限额不低于设备价值", False)
_FIVE_CONTRACTS = Threshold(5_000_000, "参照工信部联原〔2017〕222号：不超过合同金额 5 倍", True)
_DIGITAL_INVOICE = Threshold(20, "数电发票号码 20 位，全国唯一；旧版号码须与代码并用", False)
_THREE_MONTHS = Threshold(3, "参照浙经信装备〔2022〕9号：同批次合同间隔不超过 3 个月", True)


@dataclass(frozen=True, slots=True)
class CheckParameters:
    """Thresholds by name, in the unit at the end; what the rule excludes; what it judges itself.

    ``judged``: codes the assessment already refuses under this rule; the checks leave them out, so
    that nothing is said twice. ``statuses``: certificates the rule asks for.
    """

    claim_within_days: Threshold = Threshold(90)
    claim_ratio_min_ppm: Threshold = Threshold(800_000)
    claim_ratio_max_ppm: Threshold = Threshold(1_200_000)
    sum_multiple_ppm: Threshold = _FIVE_CONTRACTS
    limit_multiple_ppm: Threshold = _ONE_VALUE
    gap_max_days: Threshold = _CONTINUOUS
    batch_gap_months: Threshold = _THREE_MONTHS
    payer_firms_count: Threshold = Threshold(2)
    receipt_early_days: Threshold = Threshold(180)
    invoice_unique_length: Threshold = _DIGITAL_INVOICE
    serial_telling_length: Threshold = Threshold(6)
    material_set_days: Threshold = Threshold(730)
    frequency_factor_ppm: Threshold = Threshold(3_000_000)
    frequency_claims_count: Threshold = Threshold(5)
    frequency_policies_count: Threshold = Threshold(20)
    exclusive_with: frozenset[str] = frozenset()
    statuses: frozenset[str] = frozenset()
    judged: frozenset[str] = frozenset()


def parameters_of(rules: SubsidyRules, **changes: Threshold) -> CheckParameters:
    """Return the thresholds that a rule gives, ours for the rest; ``changes`` override by name."""
    taken: dict[str, Threshold] = {}
    if rules.limit.max_multiple_ppm is not None:
        taken["sum_multiple_ppm"] = _taken(rules, "limit_rule", rules.limit.max_multiple_ppm)
    if rules.continuity is not None:
        taken["gap_max_days"] = _taken(rules, "continuity", rules.continuity.gap_days_max)
    if rules.quantity.batch_gap_months is not None:
        months = rules.quantity.batch_gap_months
        taken["batch_gap_months"] = _taken(rules, "quantity_rule", months)
    return replace(
        CheckParameters(),
        exclusive_with=rules.exclusive_with,
        statuses=rules.subject.statuses,
        judged=judged_codes(rules),
        **{**taken, **changes},
    )


def judged_codes(rules: SubsidyRules) -> frozenset[str]:
    """Return the codes of the checks whose question this rule answers with a refusal of its own."""
    said = {
        "check.premium_paid_by_another": rules.payment.paid_by_insured,
        "check.premium_not_full": rules.payment.paid_in_full,
        "check.limit_below_value": bool(rules.limit.minimum),
        "check.cover_gap": rules.continuity is not None,
        "check.batch_gap": rules.quantity.batch_gap_months is not None,
        "check.status_on_start": "start" in rules.subject.status_valid_on,
        "check.status_on_application": "application" in rules.subject.status_valid_on,
        "check.not_in_library": rules.insurer.in_library,
        "check.not_filed": rules.insurer.filed_product,
        "check.buyer_declared_related": {"affiliate", "trader"} <= rules.buyer_exclusions,
    }
    return ALWAYS_JUDGED | {code for code, answered in said.items() if answered}


def _taken(rules: SubsidyRules, key: str, value: int) -> Threshold:
    return Threshold(value, rules.source(key), rules.is_example(key))
