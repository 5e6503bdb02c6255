"""Words of the journal for people to read: kinds of records, events and states, in Chinese.

Events and states come from the life cycles; what stands beside a life cycle is named here.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from catalogue.products.desk import event_name
from catalogue.rules.subsidy.money_workflows import BATCH, PAYEE, RECOVERY
from catalogue.rules.subsidy.workflow import ENROLMENT, POLICY, QUALIFICATION, SUBSIDY
from catalogue.rules.workflows import FILING, RULE, SHELF
from coinsurance.rules import workflows as pools
from coinsurance.rules.claims import workflow as claims
from coinsurance.rules.settlement import workflows as settlement
from service.kernel.workflow import Workflow
from service.web.subsidy_steps import EVENTS_ZH

KINDS = {
    "filing": "报送件",
    "product": "产品",
    "policy": "保单",
    "object": "标的",
    "enrolment": "投保登记",
    "qualification": "资格",
    "application": "补贴申请",
    "scheme": "补贴项目",
    "notice": "公示",
    "batch": "拨付批次",
    "recovery": "追回",
    "payee_account": "收款账户",
    "catalogue_edition": "推广目录",
    "rule": "规则",
    "pool": "共保体",
    "pool_agreement": "共保协议",
    "pool_year": "共保年度",
    "pool_member": "共保成员",
    "share_schedule": "份额表",
    "consent_request": "征求同意",
    "accumulation_zone": "风险累积区",
    "risk": "风险",
    "risk_line": "认购",
    "character_check": "法律性质核查",
    "placement": "共保保单",
    "placement_endorsement": "共保批改",
    "claim": "赔案",
    "cash_call": "预收赔款",
    "statement_period": "对账期",
    "statement": "结算单",
    "dispute": "争议",
    "settlement_run": "清算批次",
    "bank_file": "银行流水文件",
    "obligation": "应付事项",
    "reconciliation": "三方核对",
    "recon_break": "核对差异",
    "bordereau": "对账清单",
    "no_difference_certificate": "无差异证明",
    "evidence_bundle": "证据包",
    "product_experience": "产品经验",
    "import": "批量导入",
    "document": "材料",
    "organisation": "机构",
    "user": "用户",
    "token": "令牌",
}
"""Kinds of records, in the order of the filter."""
FLOWS: dict[str, Workflow] = {
    "filing": FILING,
    "product": SHELF,
    "policy": POLICY,
    "enrolment": ENROLMENT,
    "qualification": QUALIFICATION,
    "application": SUBSIDY,
    "batch": BATCH,
    "recovery": RECOVERY,
    "payee_account": PAYEE,
    "rule": RULE,
} | {
    flow.name: flow
    for flow in (*vars(pools).values(), *claims.WORKFLOWS, *settlement.WORKFLOWS)
    if isinstance(flow, Workflow) and flow.name in KINDS
}
STATES = {"scheme": {"draft": "待开放", "open": "受理中", "closed": "已截止"}}
"""States of what has no table of its own."""
OWN_EVENTS: dict[str, dict[str, str]] = {
    "application": EVENTS_ZH,
    "scheme": {
        "prepare": "编制项目",
        "open": "开放申报",
        "close": "截止申报",
        "appropriate": "追加预算",
    },
    "notice": {"publish": "发布公示", "close": "公示归档", "tell_term": "工作日历更新，期限确定"},
    "batch": {"prepare": "编制拨付批次", "result": "登记银行结果"},
    "recovery": {"propose": "提出追回", "receive": "登记缴回"},
    "payee_account": {"propose": "提交收款账户"},
    "rule": {"prepare": "提交草案", "publish": "发布规则", "withdraw": "撤回草案"},
    "object": {
        "register": "登记标的",
        "change": "修改标的",
        "add_contract": "登记合同",
        "change_contract": "修改合同",
        "attach": "上传材料",
    },
    "policy": {
        "record": "登记保单",
        "receive_premium": "登记保费收款",
        "give_back_premium": "退还保费",
        "report_loss": "登记赔案",
        "endorse_additional_premium": "批单：加费",
        "endorse_return_premium": "批单：退费",
        "endorse_sum_change": "批单：变更保险金额或期间",
        "endorse_cancel": "批单：退保",
        "endorse_reinstate": "批单：恢复效力",
        "endorse_undo": "批单：撤销前一批单",
    },
    "qualification": {"apply": "提出资格申请", "draw": "使用额度", "give_back": "退回额度"},
    "catalogue_edition": {"add": "登记目录版本"},
    "pool_year": {"remind": "催付逾期应付"},
    "statement_period": {"prepare": "编制结算单", "approve": "全部复核"},
    "statement": {"reissue": "撤销后重新编制"},
    "dispute": {"open": "提出争议"},
    "settlement_run": {"prepare": "编制清算批次", "pay": "登记到账", "fail": "登记付款失败"},
    "bank_file": {"take_in": "导入银行流水", "assign": "认领未识别款项"},
    "obligation": {
        "pay": "登记付款",
        "charge_interest": "计收逾期利息",
        "tell_due": "工作日历更新，应付日确定",
    },
    "pool": {"found": "设立共保体"},
    "pool_member": {
        "invite": "邀请成员",
        "ask_shortfall": "征求违约缺口分担意见",
        "charge_shortfall": "分担违约缺口",
        "reverse_shortfall": "冲销违约缺口分担",
    },
    "share_schedule": {"propose": "提出份额表"},
    "consent_request": {"ask": "发起征求", "serve": "登记送达", "answer": "答复"},
    "risk": {"edit": "修改风险"},
    "risk_line": {"offer": "发出认购邀请"},
    "character_check": {"make": "核查并留存"},
    "claim": {
        "notify": "报案",
        "send_notice": "发出通知",
        "serve_notice": "登记送达",
        "count_from_papers": "摊回期限自资料送达起算",
        "acknowledge": "签收通知",
        "reserve": "调整未决估损",
        "override": "放行再次支付",
        "cash_call": "发出预收赔款",
    },
    "placement": {
        "bind": "成单",
        "premium_receipt": "保费收退入账",
        "premium_reversal": "保费冲销",
        "premium_share_change": "份额变更入账",
        "cover": "确定保障起始日",
    },
    "placement_endorsement": {"propose": "提出批改"},
    "reconciliation": {"reconcile": "三方核对"},
    "recon_break": {"find": "发现差异"},
    "bordereau": {"take_in": "上传对账清单"},
    "no_difference_certificate": {"prepare": "出具无差异证明"},
    "evidence_bundle": {"make": "制作证据包"},
    "product_experience": {"push": "反馈产品经验"},
    "import": {
        "import_editions": "导入目录版本",
        "import_lines": "导入份额线",
        "import_values": "导入价值清单",
        "import_policies": "导入保单",
        "import_products": "导入产品",
    },
}
EVENTS = {
    "log_in": "登录",
    "log_out": "退出登录",
    "make": "创建",
    "revoke": "撤销",
    "create": "创建",
    "change": "修改",
    "activate": "恢复启用",
    "deactivate": "停用",
    "certify": "登记证书",
    "upload": "上传材料",
    "reset_password": "重置密码",
    "change_password": "修改密码",
    "publish": "发布",
    "draft": "新建草稿",
}
LOOKS = {
    "record": "详情",
    "explanation": "计算说明",
    "content": "核查内容",
    "character_checks": "法律性质核查清单",
    "signing": "认购与签署",
    "capacity": "承保能力",
    "exposure": "累积风险",
    "members": "成员与承保能力",
    "shares": "份额",
    "schedules": "份额表清单",
    "balances": "账户余额",
    "backstop": "政府兜底",
    "re-signing": "续签建议",
    "what-if": "测算",
    "download": "保密资料",
}
"""What was looked at, where the record says it by a code."""
VIAS = {
    "session": "网页",
    "token": "接口",
    "password": "口令",
    "system": "系统",
    "cli": "命令行",
    "command": "命令行",
    "public": "公众",
    "demo": "演示",
}
_PAGES = {
    "product": "/committee/products/",
    "user": "/admin/users/",
    "organisation": "/admin/organisations/",
    "policy": "/policies/",
    "enrolment": "/enrolment/",
    "qualification": "/enrolment/qualifications/",
    "application": "/subsidy/applications/",
    "scheme": "/money/schemes/",
    "notice": "/notices/",
    "batch": "/money/batches/",
    "recovery": "/money/recoveries/",
    "pool": "/pools/",
    "pool_year": "/pool-years/",
    "share_schedule": "/share-schedules/",
    "consent_request": "/consents/",
    "risk": "/risks/",
    "placement": "/placements/",
    "claim": "/claims/",
    "statement": "/statements/",
    "settlement_run": "/settlement-runs/",
    "dispute": "/pool-disputes/",
}


def kind_zh(kind: str) -> str:
    """Chinese name of what an event is about."""
    return KINDS.get(kind, kind)


def event_zh(event: str, kind: str = "") -> str:
    """Chinese name of an event, by the kind of record it happened to."""
    own = OWN_EVENTS.get(kind, {}).get(event)
    if own is not None:
        return own
    if kind in FLOWS:
        step = next((s for s in FLOWS[kind].steps if s.event == event), None)
        if step is not None:
            return step.label_zh
    return EVENTS.get(event) or event_name(event)


def status_zh(kind: str, status: str) -> str:
    """Chinese name of a state of a record of that kind."""
    if kind in FLOWS:
        return FLOWS[kind].label(status)
    return STATES.get(kind, {}).get(status, status)


def look_zh(what: str) -> str:
    """What was looked at, in words."""
    return f"附件 {what[5:]}" if what.startswith("file ") else LOOKS.get(what, what)


def via_zh(via: str) -> str:
    """Which way a change came in."""
    return VIAS.get(via, via)


def subject_href(kind: str, subject: str) -> str:
    """Address of the page about an event's subject; empty when there is none."""
    number, _, version = subject.partition("/")
    if kind == "filing":
        return f"/committee/products/{number}?version={version}"
    return _PAGES[kind] + subject if kind in _PAGES else ""


def subject_kinds() -> list[tuple[str, str]]:
    """Choices of the journal's filter."""
    return list(KINDS.items())


def facts_text(facts: Mapping[str, Any]) -> str:
    """The facts of an event as one line, empty when there are none."""
    return json.dumps(facts, ensure_ascii=False, sort_keys=True) if facts else ""
