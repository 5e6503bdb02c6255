"""A rule file in plain words: each value as lines people read, with its source beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from catalogue.rules.nouns import DocumentKind, Stage
from catalogue.rules.subsidy.nouns import (
    CapScope,
    CountedBy,
    Instrument,
    Level,
    Material,
    RatioBase,
    Relation,
    SubjectKind,
)
from service.kernel.findings import display
from service.kernel.rulebook import RuleValue, family_of

NAMES = {
    "instrument": "补贴方式",
    "subject_kind": "支持对象",
    "product_classes": "险种范围",
    "catalogue_editions": "目录版本",
    "ratio": "补贴比例",
    "ratio_base": "计算基数",
    "rate_cap": "费率上限",
    "limit_rule": "责任限额要求",
    "amount_minimum": "金额下限",
    "cap": "补贴上限",
    "quota": "资格与额度",
    "years_max": "最长补贴年数",
    "continuity": "续保连续性",
    "quantity_rule": "首次销售计数",
    "date_window": "日期范围",
    "buyer_exclusions": "不支持的购买方",
    "exclusive_with": "不得同时享受",
    "stacking_max": "公共资金合计上限",
    "insurer_conditions": "保险机构条件",
    "subject_conditions": "企业条件",
    "object_conditions": "标的条件",
    "payment_conditions": "缴费条件",
    "package": "险种组合",
    "materials": "申报材料",
    "public_notice_days": "公示期",
    "objection_days": "异议办理时限",
    "return_for_correction_max": "补正次数上限",
    "return_days": "补正期限",
    "decision_days": "审核时限",
    "retention_years": "档案保存年限",
    "recovery_ban_years": "追回后限制申报年限",
    "rounding": "取整",
    "target_count": "目标数",
    "target_day": "目标日",
    "covered_stages": "须覆盖的环节",
    "library_definition": "在库口径",
    "acceptance_days": "受理时限",
    "review_days": "审核时限",
    "dormant_months": "休眠认定",
    "pace_window_days": "进度测算窗口",
    "required_documents": "必交材料",
    "wished_documents": "宜交材料",
    "deductible_max_ppm": "免赔率提示线",
    "waiting_max_days": "等待期提示线",
    "similar_name_ppm": "名称相近提示线",
    "similar_components_ppm": "责任相近提示线",
    "likeness_shown_score": "相似度显示线",
    "notice_text": "提示文字",
}
"""Values of the families of the catalogue; other families bring the names of theirs."""
PARTS = {
    "kind": "对象",
    "kinds": "适用对象",
    "ratio_ppm": "比例",
    "year_from": "自第几年",
    "year_to": "至第几年",
    "scope": "范围",
    "cap_fen": "上限",
    "level": "级别",
    "product_class": "险种",
    "class": "险种",
    "insured_above_fen": "保额高于",
    "insured_to_fen": "保额不高于",
    "edition": "版本",
    "start_from": "起保日自",
    "start_to": "起保日至",
    "applied_from": "申报日自",
    "applied_to": "申报日至",
    "in_force_on_application": "申报日保单须有效",
    "delivery_within_listing": "交付须在列入期内",
    "min_of": "与之相比",
    "minimum": "最低",
    "multiple_ppm": "倍数",
    "max_multiple_ppm": "可计倍数",
    "max_of": "可计基数",
    "max_fen": "可计上限",
    "claim_fen": "每次申请",
    "premium_fen": "累计保费",
    "contract_fen": "累计合同额",
    "insured_fen": "保险金额",
    "years_max": "最长年数",
    "valid_on": "须有效之日",
    "gap_days_max": "允许中断天数",
    "on_break": "中断后",
    "sets_max": "最多台(套)",
    "batch_units_max": "批次最多数量",
    "batch_gap_months": "批次合同间隔（月）",
    "year_units_min": "首年度最少数量",
    "year_gap_months": "首年度间隔（月）",
    "year_to_december": "首年度至十二月底",
    "purchase_within_months": "首次购买后（月）",
    "in_library": "产品须在库",
    "filed_product": "产品须已备案",
    "capital_min_fen": "注册资本不低于",
    "pool_capital_min_fen": "共保体资本合计不低于",
    "solvency_min_ppm": "偿付能力充足率不低于",
    "places": "注册地",
    "named": "指定机构",
    "statuses": "资质",
    "status_valid_on": "资质须有效之日",
    "age_min_years": "成立不少于（年）",
    "age_max_years": "成立不超过（年）",
    "revenue_max_fen": "营业收入不超过",
    "staff_max_count": "职工不超过（人）",
    "rd_share_min_ppm": "研发占比不低于",
    "credit_required": "须信用良好",
    "item_required": "须列入目录",
    "parameters_required": "技术参数须符合",
    "delivery_required": "须已交付",
    "acceptance_required": "须已验收",
    "test_required": "须有检测报告",
    "permit_required": "须有批件",
    "customised_excluded": "不支持自用或定制",
    "version_required": "须有版本号",
    "compensated_set_excluded": "不支持用于已补偿首台(套)",
    "paid_in_full": "保费须全额缴清",
    "paid_by_insured": "须由投保企业缴纳",
    "invoice_to_insured": "发票须开给投保企业",
    "code": "材料",
    "required": "必交",
    "days": "天数",
    "calendar": "日历",
    "mode": "方式",
    "unit_fen": "单位",
    "compulsory_min": "必选险种不少于",
    "optional_max": "可选险种不多于",
    "key_part": "关键零部件",
    "rd_spend_min_fen": "研发投入不低于",
    "completed_max_years": "完成不超过（年）",
    "on_sale_max_years": "上市不超过（年）",
}
CODES = {
    member.value: member.zh
    for term in (Instrument, SubjectKind, CapScope, CountedBy, Level, Material, RatioBase, Relation)
    for member in term
}
CODES |= dict([*Stage.choices(), *DocumentKind.choices()])
CODES |= {
    "start": "起保日",
    "application": "申报日",
    "refuse": "不予补贴",
    "restart": "重新起算",
    "value": "标的价值",
    "contract": "合同金额",
    "working": "工作日",
    "calendar": "自然日",
    "down": "舍去",
    "half_up": "四舍五入",
    "half_even": "银行家舍入",
    "up": "进位",
    "reward": "奖励资金",
}
CODES["none"] = "无"
UNITS = {
    "years": "年",
    "working days": "个工作日",
    "days": "天",
    "times": "次",
    "months": "个月",
    "products": "个",
    "points of 100": "分（满分 100）",
}


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A value of a rule: its name, the lines that say it, where it stands."""

    key: str
    name: str
    lines: list[str]
    source: str
    example: bool
    note: str


def rule_lines(values: Mapping[str, RuleValue], family: str = "") -> list[RuleLine]:
    """Every value of a rule in the order of its file."""
    own = known.value_names if (known := family_of(family)) else {}
    names = {**NAMES, **own}
    return [
        RuleLine(key, names.get(key, key), _lines(v.value, v.unit), v.source, v.example, v.note)
        for key, v in values.items()
    ]


def _lines(value: object, unit: str) -> list[str]:
    if isinstance(value, Mapping):
        return [_part(str(name), item) for name, item in value.items()]
    if isinstance(value, (list, tuple)) and any(isinstance(item, Mapping) for item in value):
        return [_row(item) if isinstance(item, Mapping) else _plain("", item) for item in value]
    if unit in ("ppm", "fen"):
        return [display(f"value_{unit}", value)]
    return [f"{_plain('', value)} {UNITS.get(unit, unit)}".strip()]


def _row(row: Mapping[str, object]) -> str:
    if set(row) == {"code", "required"}:
        return _plain("", row["code"]) + ("（必交）" if row["required"] else "（如有）")
    return "，".join(_part(name, value) for name, value in row.items())


def _part(name: str, value: object) -> str:
    label = PARTS.get(name, name)
    if isinstance(value, (list, tuple)) and any(isinstance(item, Mapping) for item in value):
        return f"{label}：" + "；".join(_row(i) for i in value if isinstance(i, Mapping))
    return f"{label} {_plain(name, value)}"


def _plain(name: str, value: object) -> str:
    if isinstance(value, (list, tuple, frozenset, set)):
        return "、".join(_plain(name, item) for item in value) or "无"
    if isinstance(value, date) or not isinstance(value, str):
        return display(name, value)
    return CODES.get(value, value)
