"""Every clause of an agreement in Chinese words, as people read it (条款释义)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from coinsurance.rules.agreement.book import CONSENT_KEYS
from coinsurance.rules.agreement.terms import AgreementTerms, ConsentTerm, Deadline
from coinsurance.rules.deadlines import in_words
from coinsurance.rules.nouns import Component, ConsentMatter, ConsentRule, PoolRole
from coinsurance.rules.settlement.day_count import DayCount
from service.kernel.money import format_ppm, format_yuan
from service.kernel.shares import format_percent

TITLES: Mapping[str, str] = {
    "pool_name": "名称",
    "industry": "行业",
    "classes": "承保险种",
    "product_types": "产品类型",
    "zone_kinds": "风险累积区",
    "share_mode": "份额确定方式",
    "capacity_basis": "能力口径",
    "currency": "币种",
    "lead_choice": "首席的产生",
    "entry": "入会条件",
    "exit_notice": "退出通知",
    "default_grace": "违约宽限",
    "re_signing": "续签与履约评价",
    "signing": "份额线的签署",
    "facility": "自动承保",
    "backdating": "追溯起保",
    "no_premium_no_cover": "见费承保",
    "remittance": "保费划付",
    "lead_fee": "首席出单费",
    "broker_fee": "经纪费",
    "admin_fee": "管理费",
    "fee_whitelist": "费用白名单",
    "fee_benchmark": "再保险手续费比较基准",
    "rounding_fee": "费用取整",
    "premium_tax_ppm": "保费增值税",
    "notice": "出险通知",
    "survey_threshold_fen": "共同查勘",
    "authority": "理赔权限",
    "payment": "赔款支付",
    "reimbursement": "摊回",
    "cash_call": "现金赔款",
    "cash_call_threshold_fen": "现金赔款起点",
    "expense_sharing": "理赔费用分担",
    "large_loss_fen": "大额赔案",
    "interest": "迟延利息",
    "netting": "轧差抵销",
    "backstop": "政府兜底",
    "statement_period": "对账周期",
    "statement_answer": "对账答复",
    "dispute_levels": "争议处理",
    **{CONSENT_KEYS[matter]: f"同意规则：{matter.zh}" for matter in ConsentMatter},
}
_ZONES = {"park": "园区", "building": "楼栋", "cleanroom": "洁净室", "process": "工艺"}
_BASES = {"risk": "单一风险", "event": "单次事故", "aggregate": "年度累计"}
TIES: Mapping[str, str] = {
    "position": "排位在先者",
    "capacity": "年度累计承保能力较大者",
    "joined": "加入较早者",
    "uscc": "统一社会信用代码较小者",
    "drawn": "抽签确定",
}
COVER = {
    "none": "保险期间开始即承担责任，不以收到保费为条件",
    "first_instalment": "收到首期保费后开始承担责任",
    "full_premium": "收到全部保费后开始承担责任",
}
_ROUNDINGS = {
    "down": "舍去尾数",
    "up": "进一",
    "half_up": "四舍五入",
    "half_even": "四舍六入五成双",
}
_FEE_BASES = {
    "follower_premium": "跟单成员保费",
    "follower_premium_without_tax": "跟单成员不含税保费",
    "premium_gross": "保费全额",
    "premium_without_tax": "不含税保费全额",
}
_NETTING = {
    "premium": "保费",
    "fees": "费用",
    "claims": "赔款",
    "expenses": "理赔费用",
    "recoveries": "追偿款",
    "interest": "利息",
}
_EXPENSES = {"by_share": "由各成员按份额分担", "handler_bears": "由理赔主办人承担"}
_PERIODS = {"month": "按月对账", "quarter": "按季对账"}


def words_of(terms: AgreementTerms, key: str) -> str:
    """A clause in words; raises KeyError for a key that is none of the agreement's."""
    if key.startswith("consent_"):
        return consent_words(terms.consents[key.removeprefix("consent_")])
    return _WORDS[key](terms)


def consent_words(term: ConsentTerm) -> str:
    """A consent rule in words: who, how many, by when, and what silence means."""
    who = "全体成员" if term.includes_lead else "首席以外的成员"
    share = format_percent(term.threshold_units or 0)
    rule = {
        ConsentRule.ALL: f"须{who}同意",
        ConsentRule.ANY: f"{who}中任一家同意即可",
        ConsentRule.COUNT: f"须{who}中至少 {term.count} 家同意",
        ConsentRule.WEIGHTED: f"须{who}中份额合计达 {share} 者同意",
    }[term.rule]
    if term.days is None:
        return f"{rule}，不设答复期限，沉默不视为同意"
    until = f"送达后 {in_words(term.days, term.calendar)}内答复"
    silence = "逾期未复视为同意" if term.deemed else "逾期未复不视为同意"
    return f"{rule}；{until}，{silence}"


def _within(term: Deadline | None) -> str:
    assert term is not None
    return f"{in_words(term.days, term.calendar)}内"


def _lead_choice(terms: AgreementTerms) -> str:
    choice = terms.lead_choice
    rule = "由份额最大者担任" if choice.rule == "largest_share" else "由成员选举，得票最多者担任"
    return f"{rule}；并列时由{TIES[choice.tie]}担任"


def _entry(terms: AgreementTerms) -> str:
    entry = terms.entry
    assert entry is not None
    said = (
        f"单一风险承保能力不低于 {format_yuan(entry.risk_capacity_min_fen)}，"
        f"年度累计不低于 {format_yuan(entry.aggregate_capacity_min_fen)}"
    )
    return said + (f"，成员至多 {entry.members_max} 家" if entry.members_max else "")


def _re_signing(terms: AgreementTerms) -> str:
    rule = terms.re_signing
    assert rule is not None
    return (
        f"划付、通知、答复三项按 {rule.remittance_weight}:{rule.notice_weight}:"
        f"{rule.consent_weight} 计履约分，下一年度份额至多调减 {format_ppm(rule.sway_ppm)}"
    )


def _signing(terms: AgreementTerms) -> str:
    up = "允许向上签署至成员注明的上限" if terms.signing.up_allowed else "只向下签署"
    least = terms.signing.minimum_units
    return up + (f"，每条份额线不低于 {format_percent(least)}" if least else "")


def _facility(terms: AgreementTerms) -> str:
    facility = terms.facility
    assert facility is not None
    said = f"保险金额不超过 {format_yuan(facility.sum_insured_max_fen)}"
    if facility.classes:
        said += f"，限于{'、'.join(facility.classes)}"
    if facility.days_max is not None:
        said += f"，保险期间不超过 {facility.days_max} 日"
    return said + "，按年度份额申报即生效；超出的征求同意"


def _backdating(terms: AgreementTerms) -> str:
    term = terms.backdating
    assert term is not None
    if not term.days_max:
        return "保险起期不得早于成单日"
    return f"保险起期可早于成单日至多 {term.days_max} 日，须有被保险人的无已知损失声明"


def _remittance(terms: AgreementTerms) -> str:
    how = {"gross": "全额划付，不扣费用", "net": "扣除费用后差额划付"}[terms.remittance.mode]
    return f"出单人收到保费后 {in_words(terms.remittance.days, terms.remittance.calendar)}内{how}"


def _lead_fee(terms: AgreementTerms) -> str:
    fee = terms.lead_fee
    assert fee is not None
    tax = f"，另计 {format_ppm(fee.tax_ppm)} 增值税" if fee.tax_ppm else ""
    off = "，可自应划付保费中扣抵" if fee.set_off else "，不得自应划付保费中扣抵"
    return f"按{_FEE_BASES[fee.base]}的 {format_ppm(fee.rate_ppm)} 向首席支付{tax}{off}"


def _share_fee(name: str) -> Callable[[AgreementTerms], str]:
    def said(terms: AgreementTerms) -> str:
        fee = getattr(terms, name)
        return f"按{_FEE_BASES[fee.base]}的 {format_ppm(fee.rate_ppm)}，由各成员按份额分担"

    return said


def _benchmark(terms: AgreementTerms) -> str:
    mark = terms.fee_benchmark
    assert mark is not None
    return (
        f"再保险手续费平均水平 {format_ppm(mark.reinsurance_commission_ppm)}，"
        f"首席费率与之相差不少于 {format_ppm(mark.distance_min_ppm)}"
    )


def _authority(terms: AgreementTerms) -> str:
    said = []
    for each in terms.authority:
        flags = f"（允许复杂情形：{'、'.join(each.flags_allowed)}）" if each.flags_allowed else ""
        amount = format_yuan(each.amount_max_fen)
        said.append(f"{PoolRole.zh_of(each.role)}可单独决定 {amount} 以内的赔案{flags}")
    return "；".join(said) + "；超出或有复杂情形的征求同意"


def _interest(terms: AgreementTerms) -> str:
    interest = terms.interest
    assert interest is not None
    days = DayCount.zh_of(interest.day_count)
    return f"自到期日次日起按年利率 {format_ppm(interest.rate_ppm)}、{days}计息"


def _netting(terms: AgreementTerms) -> str:
    if not terms.netting.allowed:
        return "不轧差：各年度、各险种、各保单相互独立，不得以对方迟延为由扣付"
    groups = "；".join("、".join(_NETTING[m] for m in group) for group in terms.netting.sets)
    return f"仅在下列组内轧差：{groups}"


def _backstop(terms: AgreementTerms) -> str:
    said = []
    for band in terms.backstop:
        upper = "以上" if band.to_ppm is None else f"至 {format_ppm(band.to_ppm)}"
        said.append(
            f"年度赔款为保费 {format_ppm(band.from_ppm)}{upper}的部分，共保体与政府按 "
            f"{band.pool_weight}:{band.government_weight} 承担"
        )
    return "；".join(said)


def _levels(terms: AgreementTerms) -> str:
    return " → ".join(f"{n.name}（{in_words(n.days, n.calendar)}）" for n in terms.dispute_levels)


_WORDS: Mapping[str, Callable[[AgreementTerms], str]] = {
    "pool_name": lambda t: t.pool_name,
    "industry": lambda t: t.industry,
    "classes": lambda t: "、".join(t.classes),
    "product_types": lambda t: "、".join(t.product_types),
    "zone_kinds": lambda t: "按" + "、".join(_ZONES[kind] for kind in t.zone_kinds) + "累积风险",
    "share_mode": lambda t: f"{t.share_mode.zh}，合计恰为 100%",
    "capacity_basis": lambda t: f"按{_BASES[t.capacity_basis]}承保能力之比",
    "currency": lambda t: f"以 {t.currency} 计价并按所收币种划付",
    "lead_choice": _lead_choice,
    "entry": _entry,
    "exit_notice": lambda t: f"退出须提前 {_within(t.exit_notice).removesuffix('内')}通知",
    "default_grace": lambda t: f"到期后 {_within(t.default_grace)}仍未支付的，可认定违约",
    "re_signing": _re_signing,
    "signing": _signing,
    "facility": _facility,
    "backdating": _backdating,
    "no_premium_no_cover": lambda t: COVER[t.no_premium_no_cover],
    "remittance": _remittance,
    "lead_fee": _lead_fee,
    "broker_fee": _share_fee("broker_fee"),
    "admin_fee": _share_fee("admin_fee"),
    "fee_whitelist": lambda t: "仅限" + "、".join(Component.zh_of(c) for c in t.fee_whitelist),
    "fee_benchmark": _benchmark,
    "rounding_fee": lambda t: f"费用按分{_ROUNDINGS[t.rounding_fee]}",
    "premium_tax_ppm": lambda t: f"保费含增值税，税率 {format_ppm(t.premium_tax_ppm or 0)}",
    "notice": lambda t: f"接到报案后 {_within(t.notice)}通知各成员",
    "survey_threshold_fen": lambda t: (
        f"预计损失超过 {format_yuan(t.survey_threshold_fen or 0)} 的，各成员共同查勘"
    ),
    "authority": _authority,
    "payment": lambda t: f"达成赔偿协议后 {_within(t.payment)}支付",
    "reimbursement": lambda t: f"最终报告和理算书送达后 {_within(t.reimbursement)}摊回",
    "cash_call": lambda t: f"发出后 {_within(t.cash_call)}支付",
    "cash_call_threshold_fen": lambda t: (
        f"赔款达到 {format_yuan(t.cash_call_threshold_fen or 0)} 的，可先行向成员要求现金赔款"
    ),
    "expense_sharing": lambda t: _EXPENSES[t.expense_sharing],
    "large_loss_fen": lambda t: f"预计赔款达到 {format_yuan(t.large_loss_fen or 0)} 的为大额赔案",
    "interest": _interest,
    "netting": _netting,
    "backstop": _backstop,
    "statement_period": lambda t: _PERIODS[t.statement_period],
    "statement_answer": lambda t: f"收到结算单后 {_within(t.statement_answer)}答复",
    "dispute_levels": _levels,
}
