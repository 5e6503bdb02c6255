"""Life cycles of the pools as tables of data (DESIGN law 5).

The roles of a step are roles of persons; which member of the pool may take it (lead, issuer, a
follower for itself) is asked by the use case, since it depends on the pool year.
"""

from __future__ import annotations

from service.kernel.workflow import Step, Workflow

INSURER = frozenset({"insurer_clerk", "insurer_manager"})
MANAGER = frozenset({"insurer_manager"})
OFFICER = frozenset({"committee_officer", "committee_admin"})
APPROVER = frozenset({"committee_approver"})
_NOBODY: frozenset[str] = frozenset()


def _follows(source: str, event: str, target: str, zh: str, en: str) -> Step:
    """A step that follows from another one."""
    return Step(source, event, target, _NOBODY, zh, en, automatic=True)


POOL = Workflow(
    name="pool",
    initial="forming",
    states={
        "forming": ("筹建中", "Forming"),
        "active": ("运行中", "Active"),
        "suspended": ("已暂停", "Suspended"),
        "run_off": ("了结期", "Run-off"),
        "closed": ("已关闭", "Closed"),
    },
    steps=(
        _follows("forming", "activate", "active", "首个业务年度开启", "The first year opens"),
        Step("active", "suspend", "suspended", APPROVER, "暂停", "Suspend", needs_note=True),
        Step("suspended", "resume", "active", APPROVER, "恢复", "Resume", needs_note=True),
        Step("active", "wind_up", "run_off", APPROVER, "停止新业务", "Stop", needs_note=True),
        Step("suspended", "wind_up", "run_off", APPROVER, "停止新业务", "Stop", needs_note=True),
        Step("run_off", "close", "closed", APPROVER, "关闭", "Close", needs_note=True),
        Step("forming", "close", "closed", APPROVER, "终止筹建", "Give up", needs_note=True),
    ),
    final=frozenset({"closed"}),
)

AGREEMENT = Workflow(
    name="pool_agreement",
    initial="draft",
    states={
        "draft": ("草案", "Draft"),
        "under_vote": ("征求同意中", "Under vote"),
        "effective": ("生效", "Effective"),
        "superseded": ("已被替代", "Superseded"),
        "refused": ("未获同意", "Refused"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
    steps=(
        Step("draft", "ask", "under_vote", MANAGER | OFFICER, "提交表决", "Put to the vote"),
        Step("under_vote", "take_effect", "effective", APPROVER, "确认生效", "Take effect"),
        _follows("under_vote", "refuse", "refused", "未获同意", "Consent was refused"),
        Step("draft", "withdraw", "withdrawn", MANAGER | OFFICER, "撤回", "Withdraw"),
        Step("under_vote", "withdraw", "withdrawn", MANAGER | OFFICER, "撤回", "Withdraw"),
        _follows("effective", "supersede", "superseded", "由新版本替代", "Superseded"),
    ),
    final=frozenset({"superseded", "refused", "withdrawn"}),
)

POOL_YEAR = Workflow(
    name="pool_year",
    initial="draft",
    states={
        "draft": ("筹备", "In preparation"),
        "signed": ("已签署", "Signed"),
        "open": ("承保中", "Open"),
        "closed_new": ("停止新业务", "Closed to new business"),
        "run_off": ("了结期", "Run-off"),
        "commuted": ("已了结", "Commuted"),
    },
    steps=(
        Step("draft", "sign", "signed", OFFICER, "签署年度", "Sign the year"),
        Step("signed", "open", "open", APPROVER, "开启承保", "Open for business"),
        Step("open", "close_new", "closed_new", APPROVER, "停止新业务", "Close", needs_note=True),
        Step("closed_new", "run_off", "run_off", APPROVER, "进入了结期", "Enter run-off"),
        Step("run_off", "commute", "commuted", APPROVER, "了结", "Commute", needs_note=True),
    ),
    final=frozenset({"commuted"}),
)

MEMBER = Workflow(
    name="pool_member",
    initial="invited",
    states={
        "invited": ("已邀请", "Invited"),
        "active": ("成员", "Active"),
        "suspended": ("已暂停", "Suspended"),
        "exited": ("已退出（按原份额了结）", "Left, in run-off on its old shares"),
        "defaulted": ("违约", "In default"),
        "declined": ("未加入", "Declined"),
    },
    steps=(
        Step("invited", "accept", "active", MANAGER, "同意加入", "Join"),
        Step("invited", "decline", "declined", MANAGER, "谢绝", "Decline"),
        Step("active", "suspend", "suspended", APPROVER, "暂停", "Suspend", needs_note=True),
        Step("suspended", "resume", "active", APPROVER, "恢复", "Resume", needs_note=True),
        Step("active", "exit", "exited", MANAGER | APPROVER, "退出", "Leave", needs_note=True),
        Step("suspended", "exit", "exited", MANAGER | APPROVER, "退出", "Leave", needs_note=True),
        Step("active", "default", "defaulted", APPROVER, "认定违约", "Default", needs_note=True),
        Step("suspended", "default", "defaulted", APPROVER, "认定违约", "Default", needs_note=True),
        Step("exited", "default", "defaulted", APPROVER, "认定违约", "Default", needs_note=True),
        Step("defaulted", "cure", "suspended", APPROVER, "违约已补救", "Cure", needs_note=True),
        _follows("active", "leave", "exited", "通知期满退出", "The notice is over"),
        _follows("suspended", "leave", "exited", "通知期满退出", "The notice is over"),
        _follows("invited", "refuse_admission", "declined", "未获成员同意", "Not admitted"),
    ),
    final=frozenset({"declined"}),
)

MEMBER_ACCOUNT = Workflow(
    name="pool_member_account",
    initial="asked",
    states={
        "asked": ("待核实", "To be verified"),
        "confirmed": ("已生效", "In force"),
        "refused": ("未予变更", "Refused"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
    steps=(
        Step("asked", "confirm", "confirmed", OFFICER, "核实并生效", "Confirm", needs_note=True),
        Step("asked", "refuse", "refused", OFFICER, "不予变更", "Refuse", needs_note=True),
        Step("asked", "withdraw", "withdrawn", MANAGER, "撤回", "Withdraw", needs_note=True),
    ),
    final=frozenset({"confirmed", "refused", "withdrawn"}),
)

SCHEDULE = Workflow(
    name="share_schedule",
    initial="proposed",
    states={
        "proposed": ("拟议", "Proposed"),
        "consented": ("已获同意", "Consented"),
        "effective": ("生效", "Effective"),
        "refused": ("未获同意", "Refused"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
    steps=(
        _follows("proposed", "consent", "consented", "已获同意", "Consent was given"),
        _follows("proposed", "refuse", "refused", "未获同意", "Consent was refused"),
        Step("consented", "take_effect", "effective", APPROVER, "确认生效", "Take effect"),
        _follows("proposed", "bind", "effective", "随承保生效", "Takes effect at binding"),
        Step("proposed", "withdraw", "withdrawn", MANAGER | OFFICER, "撤回", "Withdraw"),
        Step("consented", "withdraw", "withdrawn", MANAGER | OFFICER, "撤回", "Withdraw"),
    ),
    final=frozenset({"effective", "refused", "withdrawn"}),
)

CONSENT = Workflow(
    name="consent_request",
    initial="open",
    states={
        "open": ("征求中", "Open"),
        "given": ("已获同意", "Given"),
        "refused": ("未获同意", "Refused"),
        "expired": ("逾期未决", "Expired"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
    steps=(
        _follows("open", "give", "given", "达到规则要求", "The rule is met"),
        _follows("open", "refuse", "refused", "无法再达到", "The rule can no longer be met"),
        _follows("open", "expire", "expired", "逾期", "The time is over"),
        _follows("open", "withdraw", "withdrawn", "事项撤回", "The matter was withdrawn"),
    ),
    final=frozenset({"given", "refused", "expired", "withdrawn"}),
)

RISK = Workflow(
    name="risk",
    initial="draft",
    states={
        "draft": ("草稿", "Draft"),
        "submitted": ("已提交", "Submitted"),
        "in_market": ("征集份额中", "In the market"),
        "placed": ("已成单", "Placed"),
        "undersubscribed": ("认购不足", "Undersubscribed"),
        "withdrawn": ("已撤回", "Withdrawn"),
        "lapsed": ("已失效", "Lapsed"),
    },
    steps=(
        Step("draft", "submit", "submitted", INSURER, "提交", "Submit"),
        Step("submitted", "open_market", "in_market", INSURER, "发起认购", "Open for lines"),
        Step("undersubscribed", "open_market", "in_market", INSURER, "再次征集", "Open again"),
        Step("submitted", "bind", "placed", MANAGER, "成单", "Bind"),
        Step("in_market", "bind", "placed", MANAGER, "成单", "Bind"),
        _follows("in_market", "fall_short", "undersubscribed", "认购不足", "Undersubscribed"),
        _follows("in_market", "lapse", "lapsed", "逾期失效", "Time is over"),
        _follows("undersubscribed", "lapse", "lapsed", "逾期失效", "Time is over"),
        Step("draft", "withdraw", "withdrawn", INSURER, "撤回", "Withdraw"),
        Step("submitted", "withdraw", "withdrawn", INSURER, "撤回", "Withdraw", needs_note=True),
        Step("in_market", "withdraw", "withdrawn", INSURER, "撤回", "Withdraw", needs_note=True),
        Step("undersubscribed", "withdraw", "withdrawn", INSURER, "撤回", "Withdraw"),
    ),
    final=frozenset({"placed", "withdrawn", "lapsed"}),
)

LINE = Workflow(
    name="risk_line",
    initial="offered",
    states={
        "offered": ("已邀约", "Offered"),
        "written": ("已认购", "Written"),
        "declined": ("已谢绝", "Declined"),
        "lapsed": ("已失效", "Lapsed"),
        "signed": ("已签署", "Signed"),
    },
    steps=(
        Step("offered", "write", "written", INSURER, "认购", "Write"),
        Step("offered", "decline", "declined", INSURER, "谢绝", "Decline"),
        Step("written", "write", "written", INSURER, "改写", "Write again"),
        Step("written", "decline", "declined", INSURER, "撤回认购", "Take back"),
        Step("declined", "write", "written", INSURER, "重新认购", "Write after all"),
        _follows("written", "sign", "signed", "签署", "Signed at binding"),
        _follows("written", "lapse", "lapsed", "逾期失效", "No longer valid"),
        _follows("offered", "lapse", "lapsed", "逾期失效", "No answer in time"),
    ),
    final=frozenset({"signed", "lapsed"}),
)

PLACEMENT = Workflow(
    name="placement",
    initial="bound",
    states={
        "bound": ("已成单", "Bound"),
        "in_force": ("保障中", "In force"),
        "expired": ("已到期", "Expired"),
        "cancelled": ("已注销", "Cancelled"),
    },
    steps=(
        _follows("bound", "attach", "in_force", "保障开始", "Cover begins"),
        _follows("in_force", "detach", "bound", "收款冲回，保障未成立", "Premium was reversed"),
        _follows("in_force", "expire", "expired", "期满", "The period is over"),
        _follows("bound", "expire", "expired", "期满", "The period is over"),
        Step("bound", "cancel", "cancelled", MANAGER, "注销", "Cancel", needs_note=True),
        Step("in_force", "cancel", "cancelled", MANAGER, "注销", "Cancel", needs_note=True),
        Step("cancelled", "reinstate", "bound", MANAGER, "恢复", "Reinstate", needs_note=True),
    ),
    final=frozenset({"expired"}),
)

PLACEMENT_ENDORSEMENT = Workflow(
    name="placement_endorsement",
    initial="proposed",
    states={
        "proposed": ("征求同意中", "Put to the members"),
        "consented": ("已获同意", "Consented"),
        "refused": ("未获同意", "Refused"),
        "withdrawn": ("已撤回", "Withdrawn"),
        "issued": ("已出单", "Issued"),
    },
    steps=(
        _follows("proposed", "consent", "consented", "已获同意", "Consent was given"),
        _follows("proposed", "refuse", "refused", "未获同意", "Consent was refused"),
        Step("consented", "issue", "issued", MANAGER, "出具批单", "Issue"),
        Step("proposed", "withdraw", "withdrawn", INSURER, "撤回", "Withdraw"),
        Step("consented", "withdraw", "withdrawn", INSURER, "撤回", "Withdraw"),
    ),
    final=frozenset({"refused", "withdrawn", "issued"}),
)

SUBJECTIVITY = Workflow(
    name="subjectivity",
    initial="open",
    states={
        "open": ("待办结", "Open"),
        "met": ("已满足", "Met"),
        "waived": ("已豁免", "Waived"),
    },
    steps=(
        Step("open", "meet", "met", INSURER, "办结", "Meet", needs_note=True),
        Step("open", "waive", "waived", INSURER, "豁免", "Waive", needs_note=True),
    ),
    final=frozenset({"met", "waived"}),
)

WORKFLOWS = (
    POOL,
    AGREEMENT,
    POOL_YEAR,
    MEMBER,
    MEMBER_ACCOUNT,
    SCHEDULE,
    CONSENT,
    RISK,
    LINE,
    PLACEMENT,
    PLACEMENT_ENDORSEMENT,
    SUBJECTIVITY,
)
