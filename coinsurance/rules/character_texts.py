"""Chinese and English texts of the legal-character check."""

from __future__ import annotations

from service.kernel.findings import Text, register

_LAW_2002 = "保监发〔2002〕16号"
_LAW_2006 = "保监发〔2006〕31号"
_COURT = "北京金融法院：实质重于形式"

register(
    {
        "character.not_same": Text(
            "{member}的{what_zh}不一致：“{theirs}”，其他保险人为“{ours}”",
            "{member} does not stand in the {what_en}: “{theirs}” against “{ours}”",
            "须统一为同一合同、标的、责任、期限和保险金额，否则不构成共保",
            "Use one contract, subject, liability, period and sum; else it is no co-insurance",
            _LAW_2002,
        ),
        "character.own_condition": Text(
            "{member}的认购附有条件：“{condition}”",
            "{member} wrote its line on a condition: “{condition}”",
            "请确认该条件对全部保险人一致适用，或改为限期条件",
            "See that it holds for all insurers, or turn it into a subjectivity",
            _LAW_2002,
        ),
        "character.one_insurer": Text(
            "保险人只有 {count} 家，不构成共保",
            "There is only {count} insurer: no co-insurance",
            "须有两家以上保险人参与",
            "Two or more insurers have to take part",
            _LAW_2002,
        ),
        "character.no_consent": Text(
            "缺少被保险人同意多家保险人共同承保的书面文件或其签署日期",
            "The insured's written consent to several insurers, or its day, is missing",
            "请上传被保险人签署的同意书并填写签署日期",
            "Upload the signed consent and give its day",
            _LAW_2006,
        ),
        "character.consent_in_future": Text(
            "被保险人同意书的签署日期 {day} 晚于今天",
            "The consent is dated {day}, after today",
            "请核对签署日期",
            "Check the day of signing",
            _LAW_2006,
        ),
        "character.agreement_missing": Text(
            "保单未由全体保险人签署，也未附共保协议",
            "Neither do all insurers sign the policy, nor is the agreement attached",
            "由全体保险人签署保单，或由首席出单并附共保协议",
            "Let all insurers sign, or let the lead issue with the agreement attached",
            _LAW_2006,
        ),
        "character.agreement_not_effective": Text(
            "所附共保协议 {version} 在保险起期未生效",
            "The attached agreement {version} is not in force when the cover starts",
            "请先使协议生效，或附生效的版本",
            "Let it take effect first, or attach the version in force",
            _LAW_2006,
        ),
        "character.no_benchmark": Text(
            "协议约定了出单费，但没有约定作为对照的平均分保手续费",
            "The agreement has a lead fee but no benchmark of reinsurance commission",
            "请在协议中约定对照的分保手续费率和最小差距",
            "Agree the usual reinsurance commission and the least distance from it",
            _LAW_2006,
        ),
        "character.fee_like_commission": Text(
            "出单费率 {fee_ppm} 与平均分保手续费率 {commission_ppm} 只相差 {apart_ppm}，"
            "不足 {needed_ppm}",
            "The lead fee {fee_ppm} is only {apart_ppm} from the reinsurance commission"
            " {commission_ppm}; {needed_ppm} are needed",
            "出单费应明显区别于分保手续费；请修改协议",
            "The fee has to be clearly unlike reinsurance commission; change the agreement",
            _LAW_2006,
        ),
        "character.one_legal_person": Text(
            "{member}与{other}属同一法人，系联保而非共保",
            "{member} and {other} are one legal person: that is no co-insurance",
            "同一法人只能以一家机构参与",
            "One legal person takes part once",
            _LAW_2002,
        ),
        "character.not_direct": Text(
            "{member}（{kind}）不是在业的直接保险人",
            "{member} ({kind}) is not an active direct insurer",
            "再保险人应另订再保险合同，不列为共保人",
            "A reinsurer reinsures by a contract of its own",
            _COURT,
        ),
        "character.not_named": Text(
            "保单及所附协议未向被保险人载明{member}为保险人",
            "Neither policy nor attached agreement names {member} as an insurer to the insured",
            "请在保单或所附协议中载明全部保险人及其份额；否则可能被认定为再保险",
            "Name every insurer and its share; else a court may find reinsurance",
            _COURT,
        ),
        "character.by_cash": Text(
            "{member}的权利义务不是按签署份额计算",
            "The part of {member} is not measured by a signed share",
            "保费、费用和赔款均须按签署份额计算，不得按实收保费推定",
            "Premium, fees and claims follow the signed share, never the cash received",
            _COURT,
        ),
    }
)
