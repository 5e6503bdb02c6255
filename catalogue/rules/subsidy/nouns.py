"""The fixed vocabularies of policies, enrolment and subsidies: code, Chinese term, one sentence."""

from __future__ import annotations

from catalogue.rules.nouns import Term


class Instrument(Term):
    """In which way public money moves (POLICY §B.3: the last two are working readings)."""

    PREMIUM_SUBSIDY = "premium_subsidy", "保费补贴", "Part of a paid premium goes back to the firm."
    PREMIUM_DIRECT_PAY = "premium_direct_pay", "直付保费", "Premium paid to the insurer directly."
    REWARD_REPLACED = "reward_replaced", "以保代奖", "A premium subsidy in place of a reward."
    LOSS_SHARING = "loss_sharing", "以赔代补", "A share of a paid claim, in place of a loss grant."


class Payee(Term):
    """Who receives the money."""

    FIRM = "firm", "投保企业", "The firm that bore the premium."
    INSURER = "insurer", "保险机构", "The insurer, or the pool through its lead."


class SubjectKind(Term):
    """What is insured."""

    FIRST_SET = "first_set", "首台(套)", "First sets of major technical equipment."
    FIRST_BATCH = "first_batch", "首批次", "First batches of new materials."
    FIRST_VERSION = "first_version", "首版次", "First versions of software."
    GENERAL = "general", "一般科技保险", "Any other tech insurance."


FIRST_KINDS = frozenset({"first_set", "first_batch", "first_version"})
"""Kinds of a first sale: with a buyer, a contract and a delivery."""
COUNTED_KINDS = frozenset({"first_set", "first_batch"})
"""Kinds that stand in a catalogue and are counted in sets or batches."""


class Level(Term):
    """How high an item was recognised (认定级别)."""

    INTERNATIONAL = "international", "国际", "First in the world."
    NATIONAL = "national", "国内", "First in the country."
    PROVINCIAL = "provincial", "省内", "First in the province."


class CountedBy(Term):
    """In which way first sales are counted."""

    SET = "set", "台(套)数", "Ordinal of the set."
    BATCH = "batch", "批次数", "One batch of contract and production."
    FIRST_YEAR = "first_year", "首年度", "All sales of the first year."


class Relation(Term):
    """How the buyer stands to the seller (购买方关系)."""

    NONE = "none", "无关联", "An unrelated user."
    AFFILIATE = "affiliate", "关联方", "Related by capital or control."
    TRADER = "trader", "贸易商", "Buys to sell on."


class RatioBase(Term):
    """From which amount the ratio is taken."""

    PREMIUM_PAID = "premium_paid", "实际缴纳保费", "Premium the firm paid with its own money."
    PREMIUM_INVOICE = "premium_invoice", "保费发票金额", "Premium on the invoice."
    ANNUAL_PREMIUM = "annual_premium", "年度保费", "Premium of one year of cover."
    CAPPED_PREMIUM = "capped_premium", "限费率年度保费", "Smaller of annual premium, cap × limit."
    CLAIM_PAID = "claim_paid", "已付赔款", "What the insurer paid on a claim."


class CapScope(Term):
    """What a cap limits."""

    POLICY = "policy", "每张保单", "All lines of one policy."
    FIRM_PRODUCT = "firm_product", "每企业每产品", "All lines of one product of the firm."
    PROJECT = "project", "每项目", "All lines of one project."
    FIRM_YEAR = "firm_year", "每企业每年", "Everything the firm gets in one year."
    TOTAL = "total", "每企业累计", "Everything the firm ever gets under the rule."


class MoneyOn(Term):
    """What other public money was given for."""

    PREMIUM = "premium", "保费", "This premium."
    CLAIM = "claim", "赔款", "This claim."
    OBJECT = "object", "标的或项目", "The insured object, for example a reward."


class Material(Term):
    """A paper of the checklist (POLICY §A.6)."""

    APPLICATION_FORM = "application_form", "申请表（盖章）", "Stamped application form."
    BUSINESS_LICENCE = "business_licence", "营业执照", "Business licence."
    CATALOGUE_PROOF = "catalogue_proof", "目录条目符合性说明", "Required against actual parameters."
    IP_PROOF = "ip_proof", "知识产权证明", "Patent or software copyright."
    TEST_REPORT = "test_report", "检测报告（CMA/CNAS）", "Report of an accredited body."
    SALES_CONTRACT = "sales_contract", "销售合同", "Contract with the buyer."
    DELIVERY_PROOF = "delivery_proof", "交付验收或最终用户证明", "Delivery, acceptance, final user."
    SALES_INVOICE = "sales_invoice", "销售发票及收款凭证", "Sales invoice and receipt."
    POLICY_COPY = "policy_copy", "保险单（保险机构盖章）", "Policy with the insurer's stamp."
    PREMIUM_INVOICE = "premium_invoice", "保费发票", "Premium invoice."
    PREMIUM_RECEIVED = "premium_received", "保险机构收讫全额保费证明", "Insurer's proof of receipt."
    BANK_VOUCHER = "bank_voucher", "投保人全额支付保费的银行凭证", "Payer's bank voucher."
    USER_REPORT = "user_report", "用户使用报告（盖章）", "Stamped report of the user."
    CREDIT_RECORD = "credit_record", "信用记录", "Credit record."
    FINANCIAL_STATEMENTS = "financial_statements", "财务报表", "Financial statements."
    SOCIAL_SECURITY = "social_security", "社保缴纳证明", "Proof of social insurance, for the staff."
    TRUTH_STATEMENT = "truth_statement", "真实性承诺书", "Signed statement of truth."
    CLAIM_PROOF = "claim_proof", "赔款支付凭证", "Proof that the claim was paid."


class SubsidyStatus(Term):
    """Where a subsidy application stands."""

    DRAFT = "draft", "草稿", "The firm is writing it."
    SUBMITTED = "submitted", "已提交", "Waits for acceptance."
    ACCEPTED = "accepted", "已受理", "Complete; waits for review."
    RETURNED = "returned", "退回补正", "With the firm, until the deadline."
    FIRST_REVIEW = "first_review", "初审", "A first officer examines it."
    SECOND_REVIEW = "second_review", "复审", "A second person, expert or auditor examines it."
    PUBLIC_NOTICE = "public_notice", "公示", "Anybody may object."
    OBJECTION = "objection", "异议处理", "Contested lines are frozen until decided."
    APPROVED = "approved", "已批准", "Money is committed."
    PAID = "paid", "已拨付", "The bank has paid."
    EVALUATED = "evaluated", "已绩效评价", "The use of the money was evaluated."
    REFUSED = "refused", "不予补贴", "Refused, with the reasons."
    WITHDRAWN = "withdrawn", "已撤回", "Taken back by the firm or lapsed."
    PART_RECOVERED = "part_recovered", "部分追回", "Part of the money came back."
    RECOVERED = "recovered", "已全部追回", "All of the money came back."


class EnrolmentStatus(Term):
    """Where an enrolment (投保登记) stands."""

    DRAFT = "draft", "草稿", "The firm is writing it."
    SUBMITTED = "submitted", "已提交", "Waits for the insurer."
    INSURER_CONFIRMED = "insurer_confirmed", "保险机构已确认", "Waits for the committee."
    RETURNED = "returned", "退回补正", "With the firm."
    RECOGNISED = "recognised", "已认定", "Recognised; cover has not begun."
    ACTIVE = "active", "保障中", "Recognised and covered."
    EXPIRED = "expired", "已到期", "The cover is over."
    REFUSED = "refused", "不予认定", "Refused, with the reasons."
    REVOKED = "revoked", "已撤销", "Recognition was taken back."


class QualificationStatus(Term):
    """Where a qualification with money quota (资格与额度) stands."""

    APPLIED = "applied", "已申请", "Waits for the recommending unit."
    RECOMMENDED = "recommended", "已推荐", "Complete, valid, reasonable in value."
    REVIEWED = "reviewed", "已评审", "Experts have examined it."
    GRANTED = "granted", "已核定", "A quota may be drawn until it ends."
    EXHAUSTED = "exhausted", "额度用完", "Nothing is left to draw."
    EXPIRED = "expired", "已到期", "The validity is over."
    REVOKED = "revoked", "已撤销", "Taken back."
    REFUSED = "refused", "未通过", "Refused, with the reasons."


class PolicyStatus(Term):
    """Where the record of a policy (保单) stands."""

    RECORDED = "recorded", "已登记", "Entered by the insurer."
    CONFIRMED = "confirmed", "企业已确认", "The insured says that it is right."
    DISPUTED = "disputed", "企业有异议", "The insured says that it is wrong."
    CANCELLED = "cancelled", "已退保", "Ended by an endorsement."
    EXPIRED = "expired", "已到期", "The period is over."


class BatchStatus(Term):
    """Where a payment batch (拨付批次) stands."""

    DRAFT = "draft", "待审批", "Prepared; waits for another person."
    APPROVED = "approved", "已审批", "May go to the bank."
    SENT = "sent", "已送银行", "The bank has the file."
    PART_FAILED = "part_failed", "部分失败", "Answered; some payments failed."
    DONE = "done", "已完成", "Answered; all paid."


class RecoveryStatus(Term):
    """Where a recovery (追回) stands."""

    PROPOSED = "proposed", "待批准", "Proposed; waits for approval."
    OPEN = "open", "待缴回", "Approved; the money is owed."
    RECEIVED = "received", "已缴清", "All of it came back."
    CANCELLED = "cancelled", "已撤销", "Dropped before approval."


class PayeeStatus(Term):
    """Where the bank account of a payee (收款账户) stands."""

    PROPOSED = "proposed", "待核验", "Entered; waits for the committee."
    VERIFIED = "verified", "已核验", "Payments go to it."
    REFUSED = "refused", "未通过核验", "Not accepted, with the reason."
    REPLACED = "replaced", "已更换", "Another account took its place."


class ObjectionStatus(Term):
    """Where an objection (异议) to a public notice stands."""

    OPEN = "open", "待决定", "Waits for its decision; the line is frozen."
    UPHELD = "upheld", "成立", "The line gets nothing."
    DISMISSED = "dismissed", "不成立", "The line is free again."


class RecoveryCause(Term):
    """Why money must come back."""

    CANCELLATION = "cancellation", "退保", "The policy was cancelled."
    DOWNWARD_ENDORSEMENT = "downward_endorsement", "减额或退费", "Sum, rate or premium went down."
    REFUND = "refund", "退费", "Premium was given back."
    FALSE_CLAIM = "false_claim", "虚假申报", "The application was not true."
    DUPLICATE = "duplicate", "重复享受", "The same cost was paid for elsewhere."
