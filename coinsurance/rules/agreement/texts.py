"""Chinese and English texts of the findings about agreements."""

from __future__ import annotations

from service.kernel.findings import Text, register

_FILE = ("请修正协议文本后重新检查", "Correct the text of the agreement and check again")
_LAW_8 = "DESIGN law 8"

register(
    {
        "agreement.value": Text(
            "条款“{key}”无法执行：{detail}",
            "The clause “{key}” cannot be carried out: {detail}",
            *_FILE,
            _LAW_8,
        ),
        "agreement.family": Text(
            "“{value}”不是共保体协议的类别",
            "“{value}” is no family of pool agreements",
            "请写成 pool/代码，代码用小写字母、数字和连字符，至多 30 个字符",
            "Write pool/<code>: lower case letters, digits and hyphens, at most 30 characters",
        ),
        "agreement.version": Text(
            "版本号“{value}”不能用于协议",
            "The version “{value}” cannot be used for an agreement",
            "请用字母、数字、点和连字符，至多 24 个字符，例如 2026.1",
            "Use letters, digits, dots and hyphens, at most 24 characters, such as 2026.1",
        ),
        "agreement.currency": Text(
            "币种“{value}”不是三位字母代码",
            "“{value}” is no currency code of three letters",
            "请填写如 CNY 的代码",
            "Write a code such as CNY",
            "ISO 4217",
        ),
        "agreement.consent_number": Text(
            "“{matter_zh}”的同意规则“{rule_zh}”与人数或份额门槛不配套",
            "The consent rule “{rule}” of “{matter}” and its number do not fit",
            "达到家数须写 count，达到份额须写 threshold_units（不超过 1 亿），其他规则都不写",
            "A count needs `count`, a weight `threshold_units` (at most 10^8), the others neither",
        ),
        "agreement.deemed_without_days": Text(
            "“{matter_zh}”约定默示同意，却没有答复期限",
            "Silence counts for “{matter}”, but no time to answer is agreed",
            "请写明送达后的答复期限 days，或取消默示同意",
            "Agree the days to answer after service, or take deemed consent out",
            "POOLS invariant 11",
        ),
        "agreement.rate": Text(
            "“{key}”的比率 {rate_ppm} 超过 100%",
            "The rate {rate_ppm} of “{key}” is above 100%",
            *_FILE,
        ),
        "agreement.fee_like_commission": Text(
            "首席费率 {fee_ppm} 与再保险手续费平均水平 {commission_ppm} 的差距不足 {distance_ppm}",
            "The lead fee of {fee_ppm} is closer than {distance_ppm} to the reinsurance commission"
            " of {commission_ppm}",
            "首席收取的费用须与再保险手续费明显有别，请调整费率",
            "What the lead takes must differ clearly from reinsurance commission",
            "保监发〔2006〕31号",
        ),
        "agreement.no_benchmark": Text(
            "约定了首席出单费，却没有再保险手续费的比较基准",
            "A lead fee is agreed without a reinsurance commission to compare it with",
            "请补写 fee_benchmark，否则逐单法律性质核查无法通过",
            "Add fee_benchmark; no policy passes the legal-character check without it",
            "保监发〔2006〕31号",
        ),
        "agreement.fee_not_listed": Text(
            "“{fee_zh}”不在费用白名单内",
            "“{fee}” is not on the whitelist of fees",
            "请列入 fee_whitelist，或删除该费用",
            "List it in fee_whitelist or take the fee out",
            "POOLS 1.1 (上海 IDI 细则)",
        ),
        "agreement.gross_set_off": Text(
            "约定全额划付保费，又允许从中扣抵出单费",
            "Premium is to be remitted in full, yet the lead fee may be set off against it",
            "全额划付（gross）时 set_off 须为 false；要扣抵请改为差额划付（net）",
            "With gross remittance set_off must be false; choose net to set off",
        ),
        "agreement.netting": Text(
            "轧差约定前后不一致：{detail_zh}",
            "The terms of netting do not fit together: {detail_en}",
            "允许轧差时列出各轧差组，每一事项只属一组；不允许时不列",
            "List the netting sets if netting is allowed, each matter in one set; else none",
        ),
        "agreement.bands": Text(
            "政府兜底分层在第 {position} 层不衔接",
            "The backstop bands do not follow each other at band {position}",
            "第一层从 0 起，各层首尾相接，只有最后一层可以不封顶，权重合计大于零",
            "Begin at 0, let each band follow the last, leave only the last one open",
            "POOLS 1.2 (浙江政策性农险共保体)",
        ),
        "agreement.facility_class": Text(
            "自动承保的险种“{value}”不在本共保体承保的险种之内",
            "The class “{value}” of the facility is none of the pool",
            "可选：{choices}",
            "Choose one of: {choices}",
        ),
        "agreement.facility_missing": Text(
            "份额按协议或承保能力确定，却没有自动承保的限额",
            "Shares are fixed or by capacity, but no limits of the facility are agreed",
            "请补写 facility；没有限额时每笔风险都须逐笔征求同意",
            "Add facility; without it every risk needs the members' consent",
        ),
        "agreement.twice": Text(
            "“{key}”中的“{value}”出现两次",
            "“{value}” is there twice in “{key}”",
            *_FILE,
        ),
        "agreement.authority_role": Text(
            "“{role_zh}”不能单独决定理赔",
            "A member in the role “{role}” cannot decide a claim alone",
            "理赔权限只能授予首席、出单人或理赔主办人",
            "Authority goes to the lead, the issuer or the claims handler",
            "POOLS invariant 12",
        ),
        "agreement.weights": Text(
            "“{key}”的权重合计为零",
            "The weights of “{key}” sum to zero",
            *_FILE,
        ),
        "agreement.product_type": Text(
            "“{value}”不是产品类型代码",
            "“{value}” is no code of a product type",
            "请填写如 PT021 的代码",
            "Write a code such as PT021",
        ),
    }
)
