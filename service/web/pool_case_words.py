"""The worked cases of pool agreements in plain words (协议算例): what is given, what comes out."""

from __future__ import annotations

from collections.abc import Mapping

from coinsurance.rules.agreement.words import TITLES
from coinsurance.rules.nouns import ConsentMatter, PoolRole, ShareMode
from service.kernel.findings import display

NAMES: Mapping[str, str] = {
    "after_deadline": "已过答复期限",
    "admin_fee_fen": "管理费",
    "allowed": "允许",
    "amount_fen": "金额",
    "amount_max_fen": "可单独决定至",
    "answers": "各成员答复",
    "ask": "问",
    "broker_fee_fen": "经纪费",
    "business_class": "险种",
    "capacities_fen": "各成员承保能力",
    "clause": "依据",
    "days": "日数",
    "decided_by": "决定于",
    "declared": "已作追溯声明",
    "due_on": "到期日",
    "error": "不能计算",
    "expected_fen": "预计损失",
    "government_fen": "政府承担",
    "interest_fen": "利息",
    "joined_on": "各成员加入日",
    "joint": "共同查勘",
    "lead": "首席",
    "lead_fee_fen": "出单费",
    "lead_fee_tax_fen": "出单费增值税",
    "leaver": "退出成员",
    "loss_fen": "全年赔款",
    "matter": "事项",
    "missing": "尚未同意",
    "missing_units": "尚缺份额",
    "mode": "份额方式",
    "outcome": "结果",
    "paid_on": "支付日",
    "parts_fen": "各成员保费",
    "pool_fen": "共保体承担",
    "premium_fen": "保费",
    "received_on": "收到日",
    "remitted_fen": "应划付",
    "role": "职责",
    "shares_units": "各成员份额",
    "signed_units": "签署份额",
    "start_on": "起算日",
    "still_needed": "尚需同意",
    "sum_insured_fen": "保险金额",
    "term": "期限",
    "tied": "并列",
    "to_deem": "可推定同意",
    "to_stand": "不可削减",
    "total_units": "合计",
    "uncovered_fen": "无人承担",
    "up_to_units": "可认购至",
    "votes": "各成员得票",
    "weights_units": "各成员权重",
    "whole": "恰为全部",
    "within": "属自动承保",
    "written_units": "各成员认购",
}
_TOPICS = {
    "authority": "理赔权限",
    "backdating": "追溯起保",
    "backstop": "政府兜底",
    "consent": "是否同意",
    "due": "到期日",
    "exit": "成员退出",
    "facility": "自动承保",
    "interest": "迟延利息",
    "lead": "首席",
    "premium": "保费分配",
    "shares": "份额",
    "signing": "份额线签署",
    "survey": "共同查勘",
}
_ANSWERS = {
    "consented": "同意",
    "refused": "不同意",
    "deemed": "推定同意",
    "silent": "未答复",
    "given": "同意",
    "open": "待答复",
    "expired": "未获同意",
}
_DECIDED = {
    "largest_share": "份额最大",
    "elected": "选举",
    "position": "成员次序",
    "capacity": "承保能力",
    "joined": "加入先后",
    "uscc": "统一社会信用代码",
    "drawn": "抽签",
}
_CODES: Mapping[str, Mapping[str, str]] = {
    "answers": _ANSWERS,
    "ask": _TOPICS,
    "decided_by": _DECIDED,
    "matter": dict(ConsentMatter.choices()),
    "mode": dict(ShareMode.choices()),
    "outcome": _ANSWERS,
    "role": dict(PoolRole.choices()),
    "term": TITLES,
}


def told(table: Mapping[str, object]) -> list[tuple[str, str]]:
    """A table of a case, name and value in words: amounts in yuan, shares in percent."""
    return [(NAMES.get(name, name), _shown(name, value)) for name, value in table.items()]


def _shown(name: str, value: object) -> str:
    if isinstance(value, (list, tuple)):
        return "、".join(_shown(name, item) for item in value) or "无"
    if isinstance(value, str):
        return _CODES.get(name, {}).get(value, value) or "无"
    return display(name, value)
