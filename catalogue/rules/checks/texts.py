"""Chinese and English texts of the checks of doubles and standing; the others beside them."""

from __future__ import annotations

from catalogue.rules.checks import texts_premium as _texts_premium  # noqa: F401  registers them
from service.kernel.findings import Text, register

_COMPARE = (
    "请逐项比对并列显示的记录；确属重复的，撤回或不予补贴其中之一",
    "Compare the records side by side; if it is the same, withdraw or refuse one of them",
)
_EXPLAIN = (
    "请比对并列显示的记录；如情况属实且合规，写明理由后方可通过",
    "Compare the records side by side; if all is in order, write down why before it passes",
)
_DAYS = ("请核对日期与证明材料", "Check the days and the papers")

register(
    {
        "check.duplicate_policy": Text(
            "保单“{keys}”已在另一申请中申报，不得重复补贴：{numbers}",
            "The policy “{keys}” is already in another application: {numbers}",
            *_COMPARE,
        ),
        "check.duplicate_policy_number": Text(
            "另有保险机构登记了相同的保单号“{keys}”：{numbers}",
            "Another insurer has recorded the same policy number “{keys}”: {numbers}",
            "请核对是否为同一保单的共保登记；同一保单只能申报一次",
            "See whether a co-insurer entered the same policy; it can be claimed once only",
        ),
        "check.duplicate_invoice": Text(
            "保费发票“{keys}”还对应 {count} 张其他保单：{numbers}",
            "The premium invoice “{keys}” also stands on {count} other policies: {numbers}",
            "请核验发票原件与发票代码；一张发票不能开给两家企业或由两家保险机构开出",
            "Verify the invoice and its code; one invoice has one seller and one buyer",
        ),
        "check.duplicate_contract": Text(
            "同一购买方的合同“{keys}”还对应其他已申报标的：{numbers}",
            "The contract “{keys}” with the same buyer stands behind another claim: {numbers}",
            *_COMPARE,
        ),
        "check.duplicate_unit": Text(
            "同一目录条目、同一用户、同一出厂编号“{keys}”已申报：{numbers}",
            "The same catalogue item, user and serial number “{keys}” was claimed: {numbers}",
            *_COMPARE,
        ),
        "check.duplicate_serial": Text(
            "出厂编号“{keys}”还属于其他已申报标的：{numbers}",
            "The serial number “{keys}” is also on another object that was claimed: {numbers}",
            *_COMPARE,
        ),
        "check.duplicate_software": Text(
            "同名同版本软件“{keys}”已作为其他标的申报：{numbers}",
            "Software of the same name and version “{keys}” was claimed before: {numbers}",
            "首版次以名称加版本为准；请核对是否同一软件",
            "A first version is known by name and version; see whether it is the same software",
        ),
        "check.duplicate_copyright": Text(
            "软件著作权登记号“{keys}”已用于其他标的：{numbers}",
            "The copyright number “{keys}” stands behind another object: {numbers}",
            *_COMPARE,
        ),
        "check.object_cover_overlaps": Text(
            "同一标的在重叠期间另有保单申报补贴：{numbers}",
            "The same object is claimed under another policy for some of the same days: {numbers}",
            *_EXPLAIN,
        ),
        "check.insurer_paid_twice": Text(
            "同一保费既直付保险机构又补贴企业：财政资金合计 {public_fen}，保费 {premium_fen}，"
            "企业自付 {own_fen}",
            "Public money goes to insurer and firm for one premium: {public_fen} in all, premium "
            "{premium_fen}, borne by the firm {own_fen}",
            "请以扣除直付部分后的自付保费为限；超出部分不予补贴",
            "Pay no more than the firm has borne itself after direct payments",
        ),
        "check.policy_disputed": Text(
            "企业对保单登记有异议，尚未了结",
            "The insured disputes the record of the policy; it is not settled",
            "请保险机构先答复异议，企业确认后再审核",
            "Let the insurer answer and the firm confirm first",
        ),
        "check.policy_cancelled": Text(
            "保单已退保",
            "The policy was cancelled",
            "不予补贴；已拨付的启动追回",
            "No subsidy; recover what was paid",
        ),
        "check.not_insured": Text(
            "申请企业“{firm}”不是保单的被保险人“{insured}”",
            "The applicant {firm} is not the insured of the policy, {insured}",
            "请由被保险人申报，或核对保单",
            "Let the insured apply, or check the policy",
        ),
        "check.insurers_one_person": Text(
            "共保各方中有同一法人的机构：{names}",
            "Insurers of the policy belong to one legal person: {names}",
            "同一法人的机构不得互为共保人；请保险机构更正份额",
            "Branches of one legal person are not co-insurers; let the insurer correct the shares",
        ),
        "check.not_in_library": Text(
            "起保日 {day} 产品不在库",
            "The product was not in the library on {day}, the first day of cover",
            *_DAYS,
        ),
        "check.left_library": Text(
            "起保后产品已暂停或退出产品库（申请日 {day}）",
            "The product was suspended or withdrawn after the cover began (applied on {day})",
            *_EXPLAIN,
        ),
        "check.not_filed": Text(
            "产品主险条款没有备案编号",
            "The main clause of the product has no file number",
            "请保险机构补充备案编号；未备案的产品不予补贴",
            "Let the insurer add the file number; a product not filed gets no subsidy",
        ),
        "check.own_ban": Text(
            "企业处于禁止申报期内：{numbers}",
            "The firm is banned on the day of application: {numbers}",
            "禁止期满后方可申报",
            "Apply after the ban has ended",
        ),
        "check.related_ban": Text(
            "同一法人的其他机构处于禁止申报期：{parties}",
            "Another organisation of the same legal person is banned: {parties}",
            "禁止期及于同一法人的全部机构；请核对法人关系",
            "The ban reaches the whole legal person; check the relation",
        ),
        "check.status_on_start": Text(
            "起保日 {day} 企业没有有效的资格证书",
            "The firm held no valid certificate on {day}, the first day of cover",
            *_DAYS,
        ),
        "check.status_on_application": Text(
            "申请日 {day} 企业没有有效的资格证书",
            "The firm held no valid certificate on {day}, the day of application",
            *_DAYS,
        ),
        "check.enrolment_unfit": Text(
            "投保登记{numbers}为“{status_zh}”，或对应其他保单（{policy}）",
            "The enrolment {numbers} is {status_en}, or was made for another policy ({policy})",
            "请使用本保单已认定的投保登记",
            "Use a recognised enrolment of this policy",
        ),
        "check.sum_far_above_contract": Text(
            "保险金额或责任限额 {insured_fen} 远高于合同金额 {contract_fen}（超过 {multiple_ppm}）",
            "The sum or limit {insured_fen} is far above the contract, {contract_fen} "
            "(more than {multiple_ppm})",
            "请核对价值证明，防止扩大保障范围套取补贴",
            "Check the proof of value; cover may have been widened to draw more",
        ),
        "check.limit_below_value": Text(
            "责任限额 {limit_fen} 低于所需 {needed_fen}",
            "The limit {limit_fen} is below {needed_fen}",
            "请核对设备价值与责任限额",
            "Check the value of the equipment and the limit",
        ),
        "check.buyer_is_applicant": Text(
            "合同购买方就是申请企业",
            "The buyer in the contract is the applicant itself",
            "自用不属于首次销售；不予补贴",
            "Own use is no first sale; no subsidy",
        ),
        "check.buyer_same_person": Text(
            "购买方“{buyers}”与申请企业属同一法人",
            "The buyer {buyers} belongs to the same legal person as the applicant",
            "请更正购买方关系声明；关联方不适用补贴的，不予补贴",
            "Correct the declared relation; refuse where affiliates are excluded",
        ),
        "check.buyer_declared_related": Text(
            "企业声明购买方“{buyers}”为{relations_zh}",
            "The applicant declares the buyer {buyers} as {relations_en}",
            *_EXPLAIN,
        ),
        "check.batch_gap": Text(
            "同批次合同首尾相隔过长：{first} 至 {last}，超过 {months} 个月",
            "Contracts of one batch lie too far apart: {first} to {last}, over {months} months",
            *_EXPLAIN,
        ),
        "check.cover_gap": Text(
            "上一保障于 {last} 终止，本保单 {start} 起保，中断 {days} 天",
            "The last cover ended on {last}, this one begins on {start}: {days} days without",
            "保障中断的，按新保计算或不予补贴；请写明处理意见",
            "Treat it as a new cover or refuse; write down which",
        ),
        "check.material_in_set": Text(
            "购买方此后申报了首台（套）补贴，材料可能已用于该装备：{numbers}",
            "The buyer later claimed for a first set; the material may be inside: {numbers}",
            "请核实材料去向；已随装备获得补偿的材料不予补贴",
            "Find out where the material went; what was compensated in a set is excluded",
            "工信部联原〔2017〕222号及历年通知",
        ),
    }
)
