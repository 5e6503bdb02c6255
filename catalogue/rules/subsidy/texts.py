"""Chinese and English texts of the subsidy findings about rule files, the firm and the policy."""

from __future__ import annotations

from catalogue.rules.subsidy import texts_object as _texts_object  # noqa: F401  registers its texts
from service.kernel.findings import Text, register

_FILE = ("请修正规则文件", "Correct the rule file")
_LAW_8 = "DESIGN law 8"
_FIRM = ("不符合条件的企业不能申报；请核对企业资料", "Check the facts of the firm")
_CHECK = ("请核对后更正", "Check and correct it")

_BOOK = {
    "subsidy.rule_value": Text(
        "“{key}”的值不可用：{detail}",
        "The value of “{key}” cannot be used: {detail}",
        *_FILE,
        _LAW_8,
    ),
    "subsidy.rule_family": Text(
        "补贴规则的类别应以 subsidy/ 开头，不能是“{value}”",
        "The family of a subsidy rule begins with subsidy/, not “{value}”",
        *_FILE,
    ),
    "subsidy.rule_clash": Text(
        "“{key}”第 {first} 行与第 {second} 行可能同时适用",
        "Rows {first} and {second} of “{key}” could both fit one line",
        "请写明条件，使每种情形只有一行适用",
        "Write the conditions so that one row fits each case",
        _LAW_8,
    ),
    "subsidy.rule_shared_cap": Text(
        "范围为“{scope}”的上限由多行共用，不能附条件",
        "A cap of scope “{scope}” is shared by lines and takes no conditions",
        *_FILE,
    ),
    "subsidy.rule_share": Text(
        "“{key}”的比例 {value_ppm} 不在 0 与 100% 之间",
        "The share {value_ppm} of “{key}” is not between 0 and 100%",
        *_FILE,
    ),
    "subsidy.rule_needs": Text(
        "“{key}”取“{value}”时须与“{other}”同时出现",
        "“{key}” with “{value}” and “{other}” must come together",
        *_FILE,
    ),
    "subsidy.procedure_missing": Text(
        "规则没有规定{name_zh}（{key}），不能据此开展补贴",
        "The rule does not say {name_en} ({key}); no scheme can be run on it",
        "请为补贴项目选用一个写明此项的办理程序规则，或在规则的下一版本中补充",
        "Name a book of procedure that says it, or add it in the next version of the rule",
        _LAW_8,
    ),
    "subsidy.procedure_family": Text(
        "办理程序规则的类别应以 procedure/ 开头，而不是“{value}”",
        "The family of a book of procedure begins with procedure/, not “{value}”",
        "请修改 rule.family",
        "Change rule.family",
    ),
    "subsidy.procedure_empty": Text(
        "办理程序规则没有写任何一项程序",
        "The book of procedure says nothing",
        "请至少写一项：公示期、异议、退回补正、办理时限、保存或限制年限",
        "Say one thing at least: notice, objection, return, decision, retention or ban",
    ),
}
_FIRM_TEXTS = {
    "subsidy.no_lines": Text(
        "申请没有明细", "The application has no line", "请至少添加一张保单", "Add a policy"
    ),
    "subsidy.line_twice": Text(
        "明细编号“{key}”重复", "The line “{key}” comes twice", "请删除一行", "Remove one of them"
    ),
    "subsidy.policy_twice": Text(
        "保单“{policy}”的同一标的、同一年度出现两次",
        "One object of policy “{policy}” comes twice for the same year",
        "请删除重复的一行",
        "Remove one of the lines",
    ),
    "subsidy.banned": Text(
        "企业在 {last_day} 前（含当日）禁止申报：{reason}",
        "The firm may not apply until after {last_day}: {reason}",
        "禁止期满后再申报",
        "Apply when the ban is over",
    ),
    "subsidy.application_window": Text(
        "申报日 {day} 不在申报期 {first} 至 {last} 之内",
        "The day {day} is outside the window of application {first} to {last}",
        "请在下一次申报期内申报",
        "Apply in the next window",
    ),
    "subsidy.firm_place": Text(
        "企业注册地“{place}”不在规定的范围：{places}",
        "The firm is registered in “{place}”, not in: {places}",
        *_FIRM,
    ),
    "subsidy.firm_too_young": Text(
        "企业于 {day} 成立，至申报日不满 {years} 年",
        "The firm was set up on {day}, less than {years} years before the application",
        "满年限后再申报",
        "Apply once it is old enough",
    ),
    "subsidy.firm_too_old": Text(
        "企业于 {day} 成立，至申报日已超过 {years} 年",
        "The firm was set up on {day}, more than {years} years before the application",
        *_FIRM,
    ),
    "subsidy.firm_revenue": Text(
        "企业营业收入 {revenue_fen} 超过 {maximum_fen}",
        "The revenue {revenue_fen} is above {maximum_fen}",
        *_FIRM,
    ),
    "subsidy.firm_staff": Text(
        "企业职工 {staff} 人，超过 {maximum} 人",
        "The firm has {staff} staff, more than {maximum}",
        *_FIRM,
    ),
    "subsidy.firm_research": Text(
        "研发投入占比 {share_ppm} 低于 {minimum_ppm}",
        "The share of research spending {share_ppm} is below {minimum_ppm}",
        *_FIRM,
    ),
    "subsidy.firm_credit": Text(
        "企业存在不良信用记录",
        "The firm has a bad credit record",
        "请完成信用修复后再申报",
        "Repair the credit record first",
    ),
    "subsidy.status_on_application": Text(
        "申报日 {day} 没有有效的企业资质：{statuses}",
        "On the day of application {day} no wanted status is valid: {statuses}",
        "请登记有效的资质证书，或在取得后申报",
        "Record a valid certificate, or apply once there is one",
    ),
    "subsidy.status_on_start": Text(
        "保单起期 {day} 没有有效的企业资质：{statuses}",
        "On the first day of cover {day} no wanted status is valid: {statuses}",
        "请核对资质证书的有效期；起期后才取得的资质不适用于这张保单",
        "Check the validity of the certificate; a later one does not count for this policy",
    ),
    "subsidy.material_missing": Text(
        "缺少必需的材料：{paper_zh}",
        "A required paper is missing: {paper_en}",
        "请上传；已上传过的可直接引用",
        "Upload it; a paper uploaded before can be used again",
    ),
    "subsidy.claim_too_small": Text(
        "申请金额合计 {amount_fen}，低于下限 {minimum_fen}",
        "The claim of {amount_fen} is below the minimum {minimum_fen}",
        "可与以后的保单合并申报",
        "Claim it together with later policies",
    ),
    "subsidy.fact_missing": Text(
        "规则需要“{fact_zh}”，资料中没有",
        "The rule needs “{fact_en}”, which is not given",
        "请补充该项资料",
        "Give this fact",
    ),
}
_POLICY = {
    "subsidy.amount_negative": Text(
        "金额 {amount_fen} 为负", "The amount {amount_fen} is negative", *_CHECK
    ),
    "subsidy.period_reversed": Text(
        "保单止期 {end_on} 早于起期 {start_on}",
        "The cover ends on {end_on}, before it begins on {start_on}",
        *_CHECK,
    ),
    "subsidy.overpaid": Text(
        "已付保费 {paid_fen} 多于应收保费 {invoiced_fen}",
        "The premium paid, {paid_fen}, is more than the {invoiced_fen} invoiced",
        *_CHECK,
    ),
    "subsidy.refund_too_large": Text(
        "退还保费 {refunded_fen} 多于企业已付 {paid_fen}",
        "The refund {refunded_fen} is more than the firm paid, {paid_fen}",
        *_CHECK,
    ),
    "subsidy.kind_not_covered": Text(
        "规则不适用于“{kind_zh}”",
        "The rule is not for “{kind_en}”",
        "请选择适用的规则",
        "Choose a rule that is",
    ),
    "subsidy.class_not_covered": Text(
        "险种“{given}”不在补贴范围：{classes}",
        "The class “{given}” is not one of: {classes}",
        "请核对险种",
        "Check the class of the product",
    ),
    "subsidy.product_not_in_library": Text(
        "产品“{product}”在保单起期 {day} 不在库",
        "The product “{product}” was not in the library on {day}",
        "请由保险机构核对产品与起期",
        "Ask the insurer to check product and first day",
    ),
    "subsidy.product_not_filed": Text(
        "产品“{product}”没有备案",
        "The product “{product}” is not filed",
        "请由保险机构补充备案信息",
        "Ask the insurer for the filing",
    ),
    "subsidy.insurer_capital": Text(
        "保险机构注册资本 {capital_fen} 低于 {minimum_fen}",
        "The capital of the insurer {capital_fen} is below {minimum_fen}",
        "请由符合条件的保险机构或共保体承保",
        "Insure with an insurer or pool that qualifies",
    ),
    "subsidy.insurer_solvency": Text(
        "保险机构近三年最低偿付能力充足率 {solvency_ppm} 低于 {minimum_ppm}",
        "The lowest solvency ratio of three years {solvency_ppm} is below {minimum_ppm}",
        "请由符合条件的保险机构或共保体承保",
        "Insure with an insurer or pool that qualifies",
    ),
    "subsidy.insurer_place": Text(
        "保险机构所在地“{place}”不在：{places}",
        "The insurer is in “{place}”, not in: {places}",
        "请由本地保险机构承保",
        "Insure with a local insurer",
    ),
    "subsidy.insurer_not_named": Text(
        "保险机构“{name}”不在指定名单：{named}",
        "The insurer “{name}” is not on the list: {named}",
        "请由名单内的保险机构承保",
        "Insure with one of the list",
    ),
    "subsidy.years_exceeded": Text(
        "保单属第 {year} 年，规则只补贴 {most} 年",
        "The policy is of year {year}; the rule pays for {most}",
        "超过年限的保单不再补贴",
        "Later years get nothing",
    ),
    "subsidy.cover_interrupted": Text(
        "保险中断 {days} 天，规则只允许 {most} 天",
        "The cover was interrupted for {days} days; the rule allows {most}",
        "续保应与前一保险期间衔接",
        "A renewal follows the cover before it",
    ),
    "subsidy.outside_window": Text(
        "{name_zh} {day} 不在 {first} 至 {last} 之内",
        "The {name_en} {day} is outside {first} to {last}",
        "请核对日期，或在适用的批次申报",
        "Check the day, or apply in the round it belongs to",
    ),
    "subsidy.not_in_force": Text(
        "申报日 {day} 保单不在有效期（{start_on} 至 {end_on}）",
        "On {day} the policy is not in force ({start_on} to {end_on})",
        "请在保单有效期内申报",
        "Apply while the policy is in force",
    ),
    "subsidy.exclusive_money": Text(
        "已享受与本补贴互斥的资金“{group}”",
        "Money of the group “{group}” was taken, which excludes this one",
        "两者只能选一；如需改选，请先退回已得资金",
        "Only one of the two can be taken; give the other back to change",
    ),
    "subsidy.policy_cancelled": Text(
        "保单已退保", "The policy was cancelled", "已退保的保单不予补贴", "It gets nothing"
    ),
    "subsidy.premium_not_paid": Text(
        "保费未付清：应付 {invoiced_fen}，已付 {paid_fen}",
        "The premium is not paid in full: {paid_fen} of {invoiced_fen}",
        "付清全部保费后再申报",
        "Pay the whole premium first",
    ),
    "subsidy.premium_paid_by_other": Text(
        "保费中有 {paid_fen} 由他人支付",
        "Another party paid {paid_fen} of the premium",
        "保费应由投保企业以自有账户支付",
        "The insured pays the premium from its own account",
    ),
    "subsidy.invoice_name": Text(
        "保费发票抬头不是投保企业",
        "The premium invoice does not name the insured",
        "请由保险机构换开发票",
        "Ask the insurer for a new invoice",
    ),
    "subsidy.no_claim_paid": Text(
        "没有已付赔款", "No claim was paid", "赔款支付后再申报", "Apply after the claim is paid"
    ),
    "subsidy.package_incomplete": Text(
        "组合只含 {count} 个必选险种，应有 {least} 个",
        "The package holds {count} compulsory lines of {least}",
        "请投保全部必选险种",
        "Insure all compulsory lines",
    ),
    "subsidy.package_too_many": Text(
        "组合含 {count} 个可选险种，最多 {most} 个",
        "The package holds {count} optional lines; at most {most}",
        "请减少可选险种",
        "Take fewer optional lines",
    ),
    "subsidy.ratio_absent": Text(
        "公开文件没有给出此情形的补贴比例（第 {year} 年，级别 {level_zh}，险种 {product_class}）",
        "The documents give no ratio for this case (year {year}, level {level_en}, class "
        "{product_class})",
        "请向主管部门确认；规则补充比例后可重新测算",
        "Ask the authority; assess again once the rule holds the ratio",
        _LAW_8,
    ),
    "subsidy.exhausted": Text(
        "{limit_zh}已无余额（上限 {whole_fen}，已用 {used_fen}）",
        "Nothing is left of {limit_en} (limit {whole_fen}, used {used_fen})",
        "有余额后可重新申报",
        "Apply again when something is left",
    ),
    "subsidy.nothing_left": Text(
        "计算结果为零", "The result is zero", "请核对保费与赔款金额", "Check premium and claim"
    ),
}

register(_BOOK)
register(_FIRM_TEXTS)
register(_POLICY)
