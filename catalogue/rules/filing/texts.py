"""Chinese and English texts of the filing checks, by code."""

from __future__ import annotations

from catalogue.rules.filing.subject import CLAUSE_RULE, PLAN_ITEM_14, STATISTICS_RULE
from service.kernel.findings import Text, register

_NUMBER_REMEDY = (
    "请与保险行业协会产品注册平台上的备案信息核对",
    "Compare with the filing on the registration platform",
)

_IDENTITY = {
    "filing.name_missing": Text(
        "产品名称未填写", "The product has no name", "请填写产品名称", "Give the product a name"
    ),
    "filing.name_is_type": Text(
        "产品名称与产品类型“{name}”相同，货架上无法与其他公司的产品区分",
        "The name is only that of the type “{name}”; on the shelf nobody can tell it apart",
        "请使用备案的产品全称，例如加公司简称或适用对象",
        "Use the full filed name, for example with the insurer's name or the subject",
    ),
    "filing.stages_missing": Text(
        "未选择所处环节",
        "No stage is chosen",
        "请至少选择一个环节：创新研发、生产运营、市场推广、成果转化",
        "Choose at least one stage: research, production, market, conversion",
        PLAN_ITEM_14,
    ),
    "filing.stages_unknown": Text(
        "环节“{stages}”不在四个重点环节之内",
        "“{stages}” is none of the four stages",
        "请从创新研发、生产运营、市场推广、成果转化中选择",
        "Choose from research, production, market, conversion",
        PLAN_ITEM_14,
    ),
    "filing.stage_of_type": Text(
        "类型“{type_name}”属于“{stage_zh}”环节，产品未选该环节",
        "The type “{type_name}” belongs to the stage “{stage_en}”, which is not chosen",
        "请补选该环节，或核对产品类型",
        "Add the stage or check the product type",
    ),
    "filing.industries_missing": Text(
        "未填写适用行业",
        "No industry is named",
        "请至少填写一个适用行业；不限行业请填“通用”",
        "Name at least one industry; write 通用 for any industry",
    ),
    "filing.not_an_insurer": Text(
        "报送机构不是保险公司（{kind}）",
        "The filing organisation is not an insurer ({kind})",
        "请由保险公司的账号报送",
        "File with the account of an insurer",
    ),
    "filing.insurer_inactive": Text(
        "报送机构已停用",
        "The filing insurer is not active",
        "请联系示范区管委会恢复机构状态",
        "Ask the committee to restore the organisation",
    ),
    "filing.branch_files": Text(
        "“{name}”是分支机构；分支机构不得报送保险条款和保险费率",
        "“{name}” is a branch; a branch may not file clauses and rates",
        "请由总公司（法人机构）报送，分支机构可作为联系人",
        "Let the head office file; the branch may be named as the contact",
        CLAUSE_RULE,
    ),
    "filing.licence_missing": Text(
        "机构资料中没有保险许可证号",
        "The insurer's licence number is not on record",
        "请在机构资料中补充保险许可证号",
        "Add the licence number to the organisation's record",
    ),
    "filing.licence_shape": Text(
        "保险许可证号“{value}”与旧编码规则不符（新证可能不同）",
        "The licence number “{value}” does not follow the old scheme (newer ones may differ)",
        "请与许可证正本核对；无误则不必修改",
        "Compare with the licence; if it is the same, nothing needs to change",
        "保监发〔2001〕81号",
    ),
}

_CLAUSES = {
    "filing.main_clause_missing": Text(
        "没有主险条款",
        "There is no main clause",
        "请至少填写一个主险条款；附加险不能单独销售",
        "Enter at least one main clause; riders cannot be sold alone",
        CLAUSE_RULE,
    ),
    "filing.file_number_kind": Text(
        "备案编号“{value}”的主附险标记与条款类别不一致",
        "Main or rider in the file number “{value}” differs from the kind of the clause",
        *_NUMBER_REMEDY,
    ),
    "filing.file_number_insurer": Text(
        "备案编号中的公司“{company}”与报送机构“{insurer}”不一致",
        "The file number names “{company}”, but “{insurer}” files",
        "请确认条款由本公司备案；共用条款请在说明中写明",
        "Make sure that this insurer filed the clause, or explain the shared clause",
        CLAUSE_RULE,
    ),
    "filing.registration_number_kind": Text(
        "注册编号中的主附险位“{part}”与条款类别不一致",
        "The digit “{part}” for main or rider differs from the kind of the clause",
        *_NUMBER_REMEDY,
    ),
    "filing.number_twice": Text(
        "编号“{value}”与第 {first} 个条款重复",
        "The number “{value}” already stands on clause {first}",
        "每个条款有自己的编号，请核对",
        "Every clause has a number of its own; check both",
        CLAUSE_RULE,
    ),
    "filing.model_clause_vague": Text(
        "示范条款“{value}”未写全称",
        "The model clause “{value}” is not cited by its full name",
        "请写明发布协会与示范条款全称，例如 广东省技术研发应用综合保险示范条款",
        "Name the association and the full title, for example 广东省技术研发应用综合保险示范条款",
    ),
}

_COVER = {
    "filing.components_missing": Text(
        "没有保障责任",
        "There is no coverage component",
        "请至少填写一项保障责任",
        "Enter at least one coverage component",
    ),
    "filing.event_missing": Text(
        "保障责任“{name}”未写明保险事故",
        "The component “{name}” does not say which event is insured",
        "请写明承保的事故或损失",
        "Describe the insured event or loss",
    ),
    "filing.exclusions_missing": Text(
        "保障责任“{name}”未写明责任免除",
        "The component “{name}” names no exclusions",
        "请摘录条款中的主要责任免除，便于企业了解",
        "Quote the main exclusions of the clause, so that firms know them",
        "保险法 第十七条",
    ),
    "filing.component_twice": Text(
        "保障责任“{name}”出现两次",
        "The component “{name}” appears twice",
        "请合并或改名，版本比较按名称对应",
        "Merge or rename; versions are compared by name",
    ),
    "filing.limit_missing": Text(
        "保障责任“{names}”没有赔偿限额，版本也没有保险金额区间",
        "“{names}” has no limit, and the version has no band of sums insured",
        "请填写赔偿限额或保险金额区间",
        "Give a limit or a band of sums insured",
    ),
    "filing.limit_zero": Text(
        "保障责任“{name}”的赔偿限额为零",
        "The limit of “{name}” is zero",
        "请填写大于零的限额；不设限额请留空",
        "Give a limit above zero, or leave it empty if there is none",
    ),
    "filing.limit_above_sum": Text(
        "保障责任“{name}”的赔偿限额 {limit_fen} 高于最高保险金额 {maximum_fen}",
        "The limit {limit_fen} of “{name}” is above the highest sum insured {maximum_fen}",
        "请核对单位是元还是万元，并调整限额或保险金额区间",
        "Check the unit, then correct the limit or the band of sums insured",
    ),
    "filing.deductible_eats_limit": Text(
        "保障责任“{name}”的免赔额 {deductible_fen} 不低于可赔金额 {limit_fen}，等于不赔",
        "The deductible {deductible_fen} of “{name}” is not below {limit_fen}: nothing is paid",
        "请降低免赔额",
        "Lower the deductible",
    ),
    "filing.deductible_whole": Text(
        "保障责任“{name}”的免赔率为 100%，等于不赔",
        "The deductible of “{name}” is 100%: nothing is paid",
        "请降低免赔率",
        "Lower the deductible",
    ),
    "filing.deductible_high": Text(
        "保障责任“{name}”的免赔率 {deductible_ppm} 高于常见的 {usual_ppm}",
        "The deductible {deductible_ppm} of “{name}” is above the usual {usual_ppm}",
        "请核对；无误则在产品说明中提示企业",
        "Check it; if it is right, tell the firms in the leaflet",
    ),
    "filing.waiting_long": Text(
        "保障责任“{name}”的等待期 {days} 天长于常见的 {usual} 天",
        "The waiting period of “{name}” is {days} days; usual are up to {usual}",
        "请核对；无误则在产品说明中提示企业",
        "Check it; if it is right, tell the firms in the leaflet",
    ),
    "filing.rate_band_missing": Text(
        "费率区间未填写完整",
        "The band of rates is incomplete",
        "请填写备案的最低和最高费率；固定费率请填两个相同的值",
        "Give the lowest and the highest filed rate; for one fixed rate write it twice",
        CLAUSE_RULE,
    ),
    "filing.rate_not_positive": Text(
        "费率须大于零", "A rate must be above zero", "请填写备案的费率", "Give the filed rate"
    ),
    "filing.rate_band_reversed": Text(
        "最低费率 {low_ppm} 高于最高费率 {high_ppm}",
        "The lowest rate {low_ppm} is above the highest {high_ppm}",
        "请调换或更正",
        "Swap or correct them",
    ),
    "filing.sum_band_missing": Text(
        "保险金额区间未填写完整",
        "The band of sums insured is incomplete",
        "请填写最低和最高保险金额",
        "Give the lowest and the highest sum insured",
    ),
    "filing.sum_not_positive": Text(
        "最高保险金额须大于零",
        "The highest sum insured must be above zero",
        "请填写最高保险金额",
        "Give the highest sum insured",
    ),
    "filing.sum_band_reversed": Text(
        "最低保险金额 {low_fen} 高于最高保险金额 {high_fen}",
        "The lowest sum insured {low_fen} is above the highest {high_fen}",
        "请调换或更正",
        "Swap or correct them",
    ),
    "filing.main_section_missing": Text(
        "组合产品含多类风险（{risks_zh}），未指明主要责任部分",
        "A combination of several risks ({risks_en}) without a main section",
        "请填写主要责任部分；不可拆分的责任按其统计",
        "Name the main section; cover that cannot be split is counted there",
        STATISTICS_RULE,
    ),
    "filing.main_section_unknown": Text(
        "主要责任部分“{value}”不是本产品的保障责任",
        "The main section “{value}” is no component of this product",
        "请填写某项保障责任的名称",
        "Write the name of one of the components",
        STATISTICS_RULE,
    ),
}

_PAPERS = {
    "filing.target_missing": Text(
        "适用企业未填写",
        "The target enterprises are not described",
        "请说明产品适合哪些企业",
        "Say which firms the product is for",
    ),
    "filing.eligibility_missing": Text(
        "投保条件未填写",
        "The conditions for buying are not described",
        "请说明企业须满足哪些条件；没有条件请写“不限”",
        "Say which conditions a firm must meet; write 不限 if there are none",
    ),
    "filing.evidence_missing": Text(
        "投保所需材料未列明",
        "The evidence needed from the firm is not listed",
        "请列出企业投保时须提供的材料",
        "List what the firm has to bring",
    ),
    "filing.document_missing": Text(
        "缺少材料：{kind_zh}",
        "A document is missing: {kind_en}",
        "请上传该材料",
        "Upload the document",
    ),
    "filing.contact_name_missing": Text(
        "联系人未填写",
        "The contact has no name",
        "请填写产品联系人",
        "Name a contact for the product",
    ),
    "filing.contact_missing": Text(
        "没有联系电话或电子邮箱",
        "There is neither a telephone number nor an e-mail address",
        "请至少填写一项",
        "Give at least one of them",
    ),
    "filing.contact_phone_shape": Text(
        "联系电话“{value}”的格式不对",
        "“{value}” is no telephone number",
        "请填写手机号、带区号的座机号或 95、400 号码",
        "Give a mobile number, a number with area code, or a 95 or 400 number",
    ),
    "filing.contact_email_shape": Text(
        "电子邮箱“{value}”的格式不对",
        "“{value}” is no e-mail address",
        "请填写如 name@example.cn 的邮箱",
        "Write an address such as name@example.cn",
    ),
}

TEXTS = _IDENTITY | _CLAUSES | _COVER | _PAPERS

register(TEXTS)
