"""The fixed vocabularies of the catalogue: code, Chinese term and one sentence each."""

from __future__ import annotations

from enum import StrEnum


class Term(StrEnum):
    """A code with its Chinese name and a sentence; `choices()` feeds forms and the API."""

    zh: str
    note: str

    def __new__(cls, code: str, zh: str = "", note: str = "") -> Term:
        """A member, with name and sentence; `Term(code)` does not come here but looks one up."""
        if not note:
            raise TypeError(f"{cls.__name__} {code!r} needs a name and a sentence")
        member = str.__new__(cls, code)
        member._value_ = code
        member.zh = zh
        member.note = note
        return member

    @classmethod
    def choices(cls) -> list[tuple[str, str]]:
        """Code and Chinese name in order of definition."""
        return [(member.value, member.zh) for member in cls]

    @classmethod
    def zh_of(cls, code: str) -> str:
        """Chinese name of a code; an unknown code is shown as it is."""
        return next((member.zh for member in cls if member.value == code), code)


class Stage(Term):
    """The four stages of 武政办〔2025〕67号 item 14."""

    RESEARCH = "research", "创新研发", "From idea to prototype."
    PRODUCTION = "production", "生产运营", "Running a plant, a laboratory or a service."
    MARKET = "market", "市场推广", "First sales: first set, first batch, first version."
    CONVERSION = "conversion", "成果转化", "Turning results and rights into business."


class RiskKind(Term):
    """The main kind of risk of a product type."""

    PROPERTY = "property", "财产损失", "Physical loss of or damage to things."
    EXPENSE_LOSS = "expense_loss", "费用损失", "Money spent in vain or income lost."
    LIABILITY = "liability", "责任", "What the insured owes to others."
    GUARANTEE_CREDIT = "guarantee_credit", "保证与信用", "A debt or a promise is not met."
    PERSONAL = "personal", "人身", "Accident or illness of named persons."


class RegulatorClass(Term):
    """The classes of 科技保险业务统计制度 (金融监管总局, 2024-01), product view."""

    RESEARCH_CONVERSION = (
        "research_conversion",
        "科技研发、成果转化风险",
        "Class 1: R&D and conversion of results.",
    )
    APPLICATION = "application", "科技成果应用推广风险", "Class 2: first set, batch, version."
    INTELLECTUAL_PROPERTY = "intellectual_property", "知识产权风险", "Class 3: IP rights."
    BASIC = "basic", "科技活动基础风险", "Class 4: cyber risk, start-ups of talents."
    NOT_LISTED = "not_listed", "未列入统计科目", "The 2024 list does not name this product."


class ClauseKind(Term):
    """Whether a clause stands alone."""

    MAIN = "main", "主险", "Can be sold alone."
    RIDER = "rider", "附加险", "Only together with a main clause."


class Basis(Term):
    """What triggers and measures a coverage component."""

    OCCURRENCE = "occurrence", "事故发生制", "The event falls into the policy period."
    CLAIMS_MADE = "claims_made", "索赔提出制", "The claim is made in the policy period."
    AGREED_VALUE = "agreed_value", "定值", "The value is agreed beforehand."
    INDEMNITY = "indemnity", "损失补偿", "The actual loss is made good."


class DocumentKind(Term):
    """What an uploaded file is."""

    CLAUSE_TEXT = "clause_text", "条款文本", "The wording of a filed clause."
    RATE_TABLE = "rate_table", "费率表", "The filed rates."
    FILING_PROOF = "filing_proof", "备案证明", "Proof of filing with the regulator."
    LEAFLET = "leaflet", "产品说明", "A leaflet for enterprises."
    OTHER = "other", "其他材料", "Anything else the reviewer asked for."


class FilingStatus(Term):
    """Where the filing of one version stands."""

    DRAFT = "draft", "草稿", "The insurer is writing it."
    SUBMITTED = "submitted", "已提交", "Waits for the committee's acceptance."
    ACCEPTED = "accepted", "已受理", "Complete enough to be reviewed."
    RETURNED = "returned", "退回补正", "With the insurer, with numbered objections."
    IN_REVIEW = "in_review", "审核中", "An officer is reviewing it."
    IN_LIBRARY = "in_library", "在库版本", "The version that now counts."
    REJECTED = "rejected", "不予入库", "Refused, with the reasons."
    REPLACED = "replaced", "已被替换", "A later version took its place."
    ABANDONED = "abandoned", "已撤回", "Withdrawn by the insurer before a decision."


class ProductStatus(Term):
    """Where a product stands towards the library."""

    NEW = "new", "未入库", "No version has been entered yet."
    IN_LIBRARY = "in_library", "在库", "Counts towards the target."
    SUSPENDED = "suspended", "暂停", "Out of the count until resumed."
    WITHDRAWN = "withdrawn", "已退出", "Left the library for good."
