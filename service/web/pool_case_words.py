"""The worked cases of pool agreements in plain words (协议算例): what is given, what comes out."""

from __future__ import annotations

from collections.abc import Mapping

from coinsurance.rules.agreement.words import TIES, TITLES
from coinsurance.rules.consents import ANSWERS
from coinsurance.rules.nouns import ConsentMatter, PoolRole, ShareMode
from coinsurance.rules.workflows import CONSENT
from service.web.case_words import case_pairs

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
    "to_deem": "可视为同意",
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
    **TITLES,
    "consent": "是否同意",
    "due": "到期日",
    "exit": "成员退出",
    "lead": "首席",
    "premium": "保费分配",
    "shares": "份额",
    "survey": "共同查勘",
}
_CODES: Mapping[str, Mapping[str, str]] = {
    "answers": {"silent": "未答复", **{key: zh for key, (zh, _) in ANSWERS.items()}},
    "ask": _TOPICS,
    "decided_by": {**TIES, "largest_share": "份额最大者", "elected": "得票最多者"},
    "matter": dict(ConsentMatter.choices()),
    "mode": dict(ShareMode.choices()),
    "outcome": {state: CONSENT.label(state) for state in CONSENT.states},
    "role": dict(PoolRole.choices()),
    "term": TITLES,
}


def told(table: Mapping[str, object]) -> list[tuple[str, str]]:
    """A table of a case, name and value in words."""
    return case_pairs(table, NAMES, lambda name, text: _CODES.get(name, {}).get(text, text) or "无")
