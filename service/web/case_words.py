"""The worked cases of rule files in plain words: what is given, what must come out."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from catalogue.rules.nouns import FilingStatus, ProductStatus
from service.kernel.findings import display
from service.web.rule_words import CODES, PARTS

NAMES = PARTS | {
    "limit_fen": "责任限额",
    "total_fen": "补贴合计",
    "base_fen": "计算基数",
    "amounts_fen": "各行补贴",
    "amount_fen": "金额",
    "value_fen": "标的价值",
    "quota_left_fen": "剩余额度",
    "pool_capital_fen": "共保体资本",
    "cover_year": "第几个保险年度",
    "codes": "不符合",
    "cuts": "受限于",
    "trace_holds": "测算过程可复算",
    "start_on": "起算日或起保日",
    "applied_on": "申报日",
    "context": "申报情况",
    "firm": "企业",
    "valid_from": "有效期自",
    "valid_to": "有效期至",
    "rule": "检验内容",
    "now": "当前日",
    "events": "办理过程",
    "to": "进入",
    "on": "对应",
    "ball": "待办方",
    "term": "时限",
    "due_on": "到期日",
    "term_days": "已用天数",
    "left_days": "剩余天数",
    "overdue": "超期",
    "findings": "提示",
    "committee_days": "管委会用时",
    "insurer_days": "保险机构用时",
    "as_of": "截至日",
    "as_known_on": "当时所知",
    "facts": "在库记录",
    "product": "产品",
    "status": "状态",
    "effective_on": "生效日",
    "recorded_on": "登记日",
    "corrects": "更正第几条",
    "type": "类型",
    "types": "类型数",
    "stages": "环节",
    "products": "产品数",
    "research": "创新研发",
    "production": "生产运营",
    "market": "市场推广",
    "conversion": "成果转化",
    "count": "在库数",
    "history": "历史",
    "day": "日期",
    "missing": "尚缺",
    "months_left": "剩余月数",
    "needed_per_month_tenths": "每月需增（十分之一个）",
    "projected": "预计",
    "expected_on": "预计达到日",
    "on_track": "进度达标",
    "attached": "已附材料",
    "blockers": "须改正",
    "warnings": "请留意",
    "other_money": "其他公共资金",
    "group": "资金类别",
    "qualifications": "资格",
    "notice_to_on": "公示期满日",
    "return_due_on": "补正期满日",
    "objection_due_on": "异议办理期满日",
    "decision_due_on": "审核期满日",
    "may_return": "还可退回补正",
    "ban_until": "限制申报至",
    "retain_until": "档案保存至",
    "times_returned": "已退回次数",
    "staff_count": "职工人数",
    "package_compulsory": "必选险种数",
    "version": "版本号",
    "buyer_relation": "与购买方关系",
    "filed": "产品已备案",
    "lines": "明细",
    "ordinal": "第几台(套)",
    "carrier": "承保机构",
    "is_pool": "共保体",
    "counted_by": "计数方式",
    "units": "数量",
    "gap_days": "中断天数",
    "first_purchase_on": "首次购买日",
    "contract_first_on": "首份合同日",
    "contract_last_on": "末份合同日",
    "customised": "自用或定制",
    "completed_on": "完成日",
    "policy": "保单",
    "object_name": "标的名称",
    "permit_number": "批件号",
    "on_sale_since": "上市日",
}
_FOUND = {
    "application_window": "不在申报期",
    "batch_too_large": "批次数量超限",
    "below_minimum": "低于最低金额",
    "buyer_excluded": "购买方不符",
    "claim_too_small": "申请金额过小",
    "contracts_apart": "合同间隔过长",
    "cover_interrupted": "保障中断",
    "edition": "目录版本不符",
    "exclusive_money": "与其他资金互斥",
    "exhausted": "额度用尽",
    "fact_missing": "缺少事实",
    "firm_staff": "职工人数超限",
    "insurer_capital": "保险机构资本不足",
    "limit_too_low": "责任限额不足",
    "object_customised": "自用或定制",
    "object_too_old": "超过年限",
    "outside_window": "不在日期范围",
    "package_incomplete": "险种组合不全",
    "product_not_filed": "产品未备案",
    "qualification_missing": "没有资格",
    "ratio_absent": "没有比例",
    "set_too_late": "超出首次台(套)",
    "status_on_application": "申报日资质无效",
    "status_on_start": "起保日资质无效",
    "years_exceeded": "超过补贴年数",
    "cap": "补贴上限",
    "limit_part": "限额可计部分",
    "own": "企业自付保费",
    "rate_cap": "费率上限",
    "ratio": "补贴比例",
    "stacking": "公共资金合计上限",
    "open": "待日历更新",
    "clock": "办理时限",
    "pace": "进度测算",
    "documents": "材料",
    "committee": "管委会",
    "insurer": "保险机构",
    "acceptance": "受理",
    "review": "审核",
    "object": "标的",
}
WORDS = dict([*FilingStatus.choices(), *ProductStatus.choices()]) | CODES | _FOUND


Word = Callable[[str, str], str]
"""What a text under a name is called; an empty one too."""


def case_text(table: Mapping[str, object]) -> str:
    """A table of a case as one sentence."""
    return _sentence(case_pairs(table, NAMES, lambda _, text: WORDS.get(text, text) or "空"))


def case_pairs(
    table: Mapping[str, object], names: Mapping[str, str], word: Word
) -> list[tuple[str, str]]:
    """A table of a case, name and value in words: amounts in yuan, shares in percent."""
    return [
        (names.get(name, name), _shown(name, item, names, word)) for name, item in table.items()
    ]


def _sentence(pairs: list[tuple[str, str]]) -> str:
    return "；".join(f"{name} {value}" for name, value in pairs)


def _shown(name: str, value: object, names: Mapping[str, str], word: Word) -> str:
    if isinstance(value, Mapping):
        return f"（{_sentence(case_pairs(value, names, word))}）"
    if isinstance(value, (list, tuple)):
        return "、".join(_shown(name, item, names, word) for item in value) or "无"
    return word(name, value) if isinstance(value, str) else display(name, value)
