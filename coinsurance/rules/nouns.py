"""The fixed vocabularies of the pools: code, Chinese term and one sentence each."""

from __future__ import annotations

from catalogue.rules.nouns import Term


class PoolRole(Term):
    """What a member does for the pool; one member may hold several, each is held by one."""

    LEAD = "lead", "首席共保人", "Leads the pool and asks for the others' consents."
    ISSUER = "issuer", "出单人", "Issues the policy and collects the premium."
    CLAIMS_HANDLER = "claims_handler", "理赔主办人", "Surveys, assesses and pays claims."
    ACCOUNT_KEEPER = "account_keeper", "账务主办人", "Keeps the book, issues the statements."
    FOLLOWER = "follower", "共保人", "Carries its share and reimburses what was paid for it."
    OBSERVER = "observer", "观察员", "Sees what the pool agrees to show; carries nothing."


SEES_ALL_ROLES = frozenset(
    {PoolRole.LEAD, PoolRole.ISSUER, PoolRole.CLAIMS_HANDLER, PoolRole.ACCOUNT_KEEPER}
)
"""Roles whose work needs every member's share; followers and observers see their own."""


class ShareMode(Term):
    """How shares come about; never inferred from cash (份额确定方式)."""

    FIXED = "fixed", "协议固定份额", "The agreement or a resolution fixes each share."
    CAPACITY = "capacity", "按承保能力", "In proportion to the capacity each member commits."
    PER_RISK_LINE = "per_risk_line", "逐笔认购", "Lines are written risk by risk and signed down."


class Component(Term):
    """What a part of a premium movement is for (费用项目)."""

    PREMIUM = "premium", "保费", "A member's part of the premium by its signed share."
    LEAD_FEE = "lead_fee", "出单费", "What followers pay the lead for issuing and managing."
    LEAD_FEE_TAX = "lead_fee_tax", "出单费增值税", "Value-added tax on the lead fee."
    BROKER_FEE = "broker_fee", "经纪费", "The broker's commission, borne by all by share."
    ADMIN_FEE = "admin_fee", "管理费", "What the account keeper is paid, borne by all by share."
    PREMIUM_TAX = "premium_tax", "保费增值税", "Tax inside a premium; shown, never moved."


class DayKind(Term):
    """How a term is counted (期限口径)."""

    CALENDAR = "calendar", "自然日", "Every day counts; a last day off moves to a working day."
    WORKING = "working", "工作日", "Official working days only, make-up days (调休) included."


class ConsentRule(Term):
    """When a request for consent counts as given (同意规则)."""

    ALL = "all", "全体同意", "Every member asked has to consent."
    ANY = "any", "任一同意", "One of those asked is enough."
    COUNT = "count", "达到家数", "A number of members."
    WEIGHTED = "weighted", "达到份额", "Members whose weights reach a threshold."


class ConsentMatter(Term):
    """What members may be asked about; an agreement has one consent term for each (征求事项)."""

    AGREEMENT = "agreement", "协议版本生效", "A version of the agreement takes effect."
    SHARES = "shares", "份额变更", "A schedule of shares changes within a year."
    ADMISSION = "admission", "成员加入", "A member joins a running year."
    REFERRAL = "referral", "超限业务", "A risk outside the facility."
    ENDORSEMENT = "endorsement", "批改", "A policy is changed."
    CLAIM = "claim", "超权限理赔", "A claim above the handler's authority."
    SHORTFALL = "shortfall", "违约缺口分担", "Others take over what a defaulter left open."


class RiskMethod(Term):
    """How the shares of one risk come about (参与方式)."""

    SCHEDULE = "schedule", "按年度份额申报", "A facility declaration on the year's schedule."
    LINES = "lines", "逐笔认购", "Every member writes its own line."
