"""Life cycles of settlement as tables of data (DESIGN law 5).

The roles of a step are roles of persons; which member may take it (the account keeper for all, a
member for its own statement) is asked by the use case.
"""

from __future__ import annotations

from service.kernel.workflow import Step, Workflow

INSURER = frozenset({"insurer_clerk", "insurer_manager"})
MANAGER = frozenset({"insurer_manager"})
APPROVER = frozenset({"committee_approver"})
_NOBODY: frozenset[str] = frozenset()


def _follows(source: str, event: str, target: str, zh: str, en: str) -> Step:
    """A step that follows from another one."""
    return Step(source, event, target, _NOBODY, zh, en, automatic=True)


STATEMENT = Workflow(
    name="statement",
    initial="draft",
    states={
        "draft": ("草稿", "Draft"),
        "approved": ("已复核", "Approved"),
        "issued": ("已出具", "Issued"),
        "acknowledged": ("已签收", "Acknowledged"),
        "part_disputed": ("部分有争议", "Part disputed"),
        "agreed": ("已确认", "Agreed"),
        "settled": ("已结清", "Settled"),
        "cancelled": ("已撤销", "Cancelled"),
    },
    steps=(
        Step("draft", "approve", "approved", MANAGER, "复核", "Approve"),
        _follows("approved", "issue", "issued", "出具", "Issue, with all of the period"),
        Step("issued", "acknowledge", "acknowledged", INSURER, "签收", "Acknowledge"),
        Step("issued", "dispute", "part_disputed", INSURER, "对一项提出争议", "Dispute a line"),
        Step("acknowledged", "dispute", "part_disputed", INSURER, "提出争议", "Dispute a line"),
        Step("part_disputed", "dispute", "part_disputed", INSURER, "再提争议", "Dispute another"),
        Step("issued", "agree", "agreed", MANAGER, "确认无误", "Agree"),
        Step("acknowledged", "agree", "agreed", MANAGER, "确认无误", "Agree"),
        Step("part_disputed", "agree", "agreed", MANAGER, "确认其余各项", "Agree the rest"),
        _follows("agreed", "settle", "settled", "结清", "Everything undisputed is paid"),
        _follows("draft", "cancel", "cancelled", "撤销", "Cancelled with its period"),
        _follows("approved", "cancel", "cancelled", "撤销", "Cancelled with its period"),
        Step("issued", "cancel", "cancelled", MANAGER, "撤销", "Cancel", needs_note=True),
        Step("acknowledged", "cancel", "cancelled", MANAGER, "撤销", "Cancel", needs_note=True),
        Step("part_disputed", "cancel", "cancelled", MANAGER, "撤销", "Cancel", needs_note=True),
    ),
    final=frozenset({"settled", "cancelled"}),
)

STATEMENT_PERIOD = Workflow(
    name="statement_period",
    initial="draft",
    states={
        "draft": ("编制中", "In preparation"),
        "issued": ("已出具", "Issued"),
        "cancelled": ("已撤销", "Cancelled"),
    },
    steps=(
        Step("draft", "issue", "issued", MANAGER, "全部出具", "Issue all"),
        Step("draft", "cancel", "cancelled", INSURER, "撤销", "Cancel", needs_note=True),
        Step("issued", "cancel", "cancelled", MANAGER, "撤销", "Cancel", needs_note=True),
    ),
    final=frozenset({"cancelled"}),
)

DISPUTE = Workflow(
    name="dispute",
    initial="open",
    states={
        "open": ("协商中", "Open"),
        "escalated": ("已升级", "Escalated"),
        "upheld": ("争议成立", "Upheld"),
        "dismissed": ("争议不成立", "Dismissed"),
        "referred": ("已提交外部裁决", "Referred outside"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
    steps=(
        Step("open", "escalate", "escalated", INSURER, "升级", "Escalate"),
        Step("escalated", "escalate", "escalated", INSURER, "再升级", "Escalate again"),
        *(
            step
            for source in ("open", "escalated", "referred")
            for step in (
                Step(source, "uphold", "upheld", MANAGER | APPROVER, "认定成立", "Uphold", True),
                Step(source, "dismiss", "dismissed", APPROVER, "认定不成立", "Dismiss", True),
                Step(source, "withdraw", "withdrawn", INSURER, "撤回", "Withdraw", True),
            )
        ),
        Step("open", "refer", "referred", MANAGER, "提交外部", "Refer outside", needs_note=True),
        Step("escalated", "refer", "referred", MANAGER, "提交外部", "Refer", needs_note=True),
    ),
    final=frozenset({"upheld", "dismissed", "withdrawn"}),
)

SETTLEMENT_RUN = Workflow(
    name="settlement_run",
    initial="proposed",
    states={
        "proposed": ("已编制", "Proposed"),
        "agreed": ("已复核", "Agreed"),
        "instructed": ("已发银行", "Sent to the bank"),
        "part_confirmed": ("部分到账", "Part confirmed"),
        "confirmed": ("全部到账", "Confirmed"),
        "failed": ("未能付清", "Failed"),
        "cancelled": ("已撤销", "Cancelled"),
    },
    steps=(
        Step("proposed", "agree", "agreed", MANAGER, "复核", "Agree"),
        Step("agreed", "instruct", "instructed", INSURER, "生成付款文件", "Make the bank file"),
        *(
            step
            for source in ("agreed", "instructed", "part_confirmed")
            for step in (
                _follows(source, "pay_part", "part_confirmed", "部分到账", "Part of it is paid"),
                _follows(source, "confirm", "confirmed", "全部到账", "All of it is paid"),
                _follows(source, "fail", "failed", "未能付清", "The rest failed"),
            )
        ),
        Step("proposed", "cancel", "cancelled", INSURER, "撤销", "Cancel", needs_note=True),
        Step("agreed", "cancel", "cancelled", MANAGER, "撤销", "Cancel", needs_note=True),
    ),
    final=frozenset({"confirmed", "failed", "cancelled"}),
)

BREAK = Workflow(
    name="recon_break",
    initial="open",
    states={
        "open": ("待说明", "Open"),
        "explained": ("已说明", "Explained"),
        "resolved": ("已消除", "Resolved"),
    },
    steps=(
        Step("open", "explain", "explained", INSURER, "说明原因", "Explain", needs_note=True),
        _follows("open", "resolve", "resolved", "核对一致", "It reconciles now"),
        _follows("explained", "resolve", "resolved", "核对一致", "It reconciles now"),
        _follows("resolved", "reopen", "open", "再次出现", "It came back"),
    ),
)

CERTIFICATE = Workflow(
    name="no_difference_certificate",
    initial="prepared",
    states={
        "prepared": ("待成员确认", "Waits for the member"),
        "confirmed": ("双方确认", "Confirmed by both"),
        "withdrawn": ("已撤回", "Withdrawn"),
    },
    steps=(
        Step("prepared", "confirm", "confirmed", MANAGER, "确认无差异", "Confirm"),
        Step("prepared", "withdraw", "withdrawn", MANAGER, "撤回", "Withdraw", needs_note=True),
        Step("confirmed", "withdraw", "withdrawn", MANAGER, "撤回", "Withdraw", needs_note=True),
    ),
    final=frozenset({"withdrawn"}),
)

WORKFLOWS = (STATEMENT, STATEMENT_PERIOD, DISPUTE, SETTLEMENT_RUN, BREAK, CERTIFICATE)
