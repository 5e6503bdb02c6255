"""The words of the trace: sentences of steps, names of checks, labels of input values."""

from __future__ import annotations

from collections.abc import Mapping

Pair = tuple[str, str]

BASE_NAMES: Mapping[str, Pair] = {
    "premium_paid": ("企业实际缴纳的保费", "the premium the firm actually paid"),
    "premium_invoice": ("保费发票金额", "the premium on the invoice"),
    "annual_premium": ("年度保费", "the annual premium"),
    "capped_premium": ("年度保费", "the annual premium"),
    "claim_paid": ("已付赔款", "the claim paid"),
}
SCOPE_NAMES: Mapping[str, Pair] = {
    "policy": ("每张保单", "per policy"),
    "firm_product": ("每企业每产品", "per firm and product"),
    "project": ("每项目", "per project"),
    "firm_year": ("每企业每年", "per firm and year"),
    "total": ("每企业累计", "per firm in all"),
}
SENTENCES: Mapping[str, Pair] = {
    "base": (
        "以{base_zh} {amount_fen} 为起点",
        "Start from {base_en}, {amount_fen}",
    ),
    "limit_part": (
        "责任限额 {limit_fen} 中只有 {counted_fen} 可计，按比例折算为 {result_fen}",
        "Of the limit {limit_fen} only {counted_fen} counts; in proportion {result_fen}",
    ),
    "rate_cap": (
        "费率上限 {of_ppm} × 限额 {of_fen} = {whole_fen}，取较小者 {result_fen}",
        "Rate cap {of_ppm} × limit {of_fen} = {whole_fen}; the smaller is {result_fen}",
    ),
    "ratio": (
        "{amount_fen} × 补贴比例 {ratio_ppm} = {result_fen}",
        "{amount_fen} × ratio {ratio_ppm} = {result_fen}",
    ),
    "own": (
        "不超过企业自付保费 {whole_fen} 减已获返还 {used_fen}，得 {result_fen}",
        "Within the premium the firm bore, {whole_fen}, less {used_fen} given back: {result_fen}",
    ),
    "due": (
        "不超过应缴保费 {whole_fen} 减已缴 {used_fen}，得 {result_fen}",
        "Within the premium {whole_fen} less {used_fen} already paid: {result_fen}",
    ),
    "claim": (
        "不超过已付赔款 {whole_fen} 减其他公共资金 {used_fen}，得 {result_fen}",
        "Within the claim paid, {whole_fen}, less other public money {used_fen}: {result_fen}",
    ),
    "cap": (
        "{scope_zh}上限 {whole_fen}，已用 {used_fen}，得 {result_fen}",
        "Cap {scope_en} {whole_fen}, used {used_fen}: {result_fen}",
    ),
    "quota": (
        "资格 {qualification} 剩余额度 {whole_fen}，前面各行已用 {used_fen}，得 {result_fen}",
        "Qualification {qualification} has {whole_fen} left, lines before used {used_fen}: "
        "{result_fen}",
    ),
    "stacking": (
        "各级公共资金合计不超过 {of_fen} 的 {of_ppm}（{whole_fen}），已有 {used_fen}，"
        "得 {result_fen}",
        "All public money within {of_ppm} of {of_fen} ({whole_fen}), {used_fen} already given: "
        "{result_fen}",
    ),
    "stacking_whole": (
        "各级公共资金合计不超过 {whole_fen}，已有 {used_fen}，得 {result_fen}",
        "All public money within {whole_fen}, {used_fen} already given: {result_fen}",
    ),
    "budget": (
        "预算余额 {whole_fen}，前面各行已用 {used_fen}，得 {result_fen}",
        "Budget left {whole_fen}, lines before used {used_fen}: {result_fen}",
    ),
    "unit": (
        "舍去不足 {unit_fen} 的部分，得 {result_fen}",
        "Cut to whole {unit_fen}: {result_fen}",
    ),
}
CHECK_NAMES: Mapping[str, Pair] = {
    "lines": ("申请明细", "Lines of the application"),
    "ban": ("是否在禁止申报期内", "No ban is running"),
    "application_window": ("申报时间", "Window of application"),
    "place": ("注册地", "Place of registration"),
    "age": ("企业成立年限", "Age of the firm"),
    "size": ("企业规模", "Size of the firm"),
    "research": ("研发投入占比", "Share of research spending"),
    "credit": ("信用状况", "Credit"),
    "status_now": ("申报日的企业资质", "Status on the day of application"),
    "materials": ("申报材料", "Papers"),
    "claim_minimum": ("申请金额下限", "Least amount of a claim"),
    "plain": ("金额与日期", "Amounts and dates"),
    "kind": ("补贴对象类别", "Kind of subject"),
    "class": ("险种", "Class of product"),
    "product": ("保险产品在库与备案", "Product in the library and filed"),
    "carrier": ("保险机构条件", "Conditions of the insurer"),
    "catalogue": ("目录版本与条目", "Catalogue edition and item"),
    "quantity": ("台(套)、批次或首年度数量", "Count of sets, batch or first year"),
    "limit_minimum": ("责任限额下限", "Least liability limit"),
    "minimum": ("合同额、保额与保费下限", "Least contract, sum insured and premium"),
    "years": ("补贴年限", "Years of subsidy"),
    "continuity": ("保险连续性", "Continuity of cover"),
    "window": ("保单、发票与交付日期", "Days of policy, invoice and delivery"),
    "buyer": ("购买方关系", "Relation of the buyer"),
    "exclusive": ("与其他公共资金的排斥关系", "Funds that exclude each other"),
    "payment": ("保费支付", "Payment of the premium"),
    "status_start": ("保单起期的企业资质", "Status on the first day of cover"),
    "object": ("标的条件", "Conditions of the insured object"),
    "qualification": ("资格与额度", "Qualification and quota"),
    "package": ("组合险种", "Lines of the package"),
    "ratio_known": ("补贴比例", "Ratio"),
}
FACT_LABELS: Mapping[str, Pair] = {
    "amount_fen": ("上一步金额", "amount before"),
    "base_zh": ("计算基数", "base"),
    "numerator": ("分子", "numerator"),
    "denominator": ("分母", "denominator"),
    "counted_fen": ("可计限额", "limit that counts"),
    "limit_fen": ("责任限额", "liability limit"),
    "mode": ("取整方式", "rounding"),
    "ratio_ppm": ("补贴比例", "ratio"),
    "whole_fen": ("上限", "limit"),
    "used_fen": ("已用", "used"),
    "of_fen": ("比例基数", "base of the limit"),
    "of_ppm": ("比例", "rate of the limit"),
    "scope_zh": ("上限范围", "scope"),
    "qualification": ("资格编号", "qualification"),
    "unit_fen": ("取整单位", "unit"),
    "lines_count": ("明细行数", "number of lines"),
    "applied_on": ("申报日", "day of application"),
    "place": ("注册地", "place of registration"),
    "places": ("规定的地区", "places asked"),
    "registered_on": ("成立日期", "day of founding"),
    "revenue_fen": ("营业收入", "revenue"),
    "staff_count": ("职工人数", "staff"),
    "rd_share_ppm": ("研发投入占比", "share of research spending"),
    "credit_good": ("信用良好", "good credit"),
    "statuses": ("要求的资质", "statuses asked"),
    "attached": ("已交材料", "papers attached"),
    "claim_fen": ("申请金额合计", "whole claim"),
    "minimum_fen": ("下限", "minimum"),
    "start_on": ("保单起期", "first day of cover"),
    "end_on": ("保单止期", "last day of cover"),
    "kind": ("对象类别", "kind of subject"),
    "product_class": ("险种", "class of product"),
    "in_library": ("起期在库", "in the library on the first day"),
    "filed": ("产品已备案", "product filed"),
    "capital_fen": ("注册资本", "registered capital"),
    "solvency_ppm": ("近三年最低偿付能力充足率", "lowest solvency ratio of three years"),
    "carrier_place": ("保险机构所在地", "place of the insurer"),
    "carrier_name": ("保险机构", "insurer"),
    "cover_year": ("投保年度（第几年）", "year of cover"),
    "gap_days": ("中断天数", "days without cover"),
    "invoice_on": ("保费发票日期", "day of the premium invoice"),
    "delivered_on": ("交付日期", "day of delivery"),
    "accepted_on": ("验收日期", "day of acceptance"),
    "listed_from": ("列入目录或认定日期", "day of listing or recognition"),
    "other_groups": ("其他公共资金", "other public money"),
    "premium_invoiced_fen": ("应收保费", "premium invoiced"),
    "premium_paid_own_fen": ("企业已付保费", "premium paid by the firm"),
    "invoice_to_insured": ("发票抬头为投保企业", "invoice names the insured"),
    "package_compulsory": ("必选险种数", "compulsory lines"),
    "package_optional": ("可选险种数", "optional lines"),
    "level": ("认定级别", "level"),
    "sum_insured_fen": ("保险金额", "sum insured"),
    "edition": ("目录版本", "catalogue edition"),
    "item": ("目录条目", "catalogue item"),
    "parameters_met": ("技术参数符合", "parameters met"),
    "counted_by": ("计数方式", "way of counting"),
    "ordinal": ("第几台(套)", "number of the set"),
    "units": ("数量", "quantity"),
    "contract_first_on": ("首份合同日期", "day of the first contract"),
    "contract_last_on": ("最后合同日期", "day of the last contract"),
    "first_purchase_on": ("用户首次购买日期", "day of the first purchase"),
    "value_fen": ("标的价值", "value of the object"),
    "contract_fen": ("合同金额", "contract amount"),
    "premium_total_fen": ("项目累计保费", "cumulative premium of the project"),
    "buyer_relation": ("购买方关系", "relation of the buyer"),
    "permit_number": ("批件或注册备案号", "permit or registration number"),
    "version": ("软件版本号", "software version"),
    "tested": ("CMA或CNAS检测", "CMA or CNAS test"),
    "customised": ("自用或定制", "own use or custom-made"),
    "in_compensated_set": ("用于已获补偿的首台(套)", "used in compensated equipment"),
    "completed_on": ("开发完成日期", "day of completion"),
    "rd_spend_fen": ("研发投入", "research spending"),
    "valid_from": ("有效期起", "valid from"),
    "valid_to": ("有效期止", "valid to"),
}


def label(names: Mapping[str, Pair], key: str) -> Pair:
    """Return both names of a key; an unknown key is shown as it is."""
    return names.get(key, (key, key))
