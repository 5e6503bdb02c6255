"""Life cycles of payment batches, recoveries and payees' accounts as tables of data (DESIGN §4).

Automatic steps follow from another fact: the bank's answer, an endorsement undone, a new account.
"""

from __future__ import annotations

from catalogue.rules.subsidy.nouns import BatchStatus, PayeeStatus, RecoveryStatus
from catalogue.rules.subsidy.workflow import APPROVER, OFFICER, automatic, noted, state_names
from service.kernel.workflow import Step, Workflow

BATCH = Workflow(
    name="batch",
    initial="draft",
    states=state_names(
        BatchStatus,
        {
            "draft": "Prepared",
            "approved": "Approved",
            "sent": "Sent to the bank",
            "part_failed": "Failed in part",
            "done": "Done",
        },
    ),
    steps=(
        Step("draft", "approve", "approved", APPROVER, "批准拨付", "Approve the payments"),
        Step("approved", "send", "sent", OFFICER, "导出银行文件", "Make the bank file"),
        *automatic(("sent",), "settle", "done", "银行全部付讫", "The bank has paid all"),
        *automatic(("sent",), "settle_part", "part_failed", "部分付款失败", "Some payments failed"),
    ),
    final=frozenset({"done", "part_failed"}),
)
RECOVERY = Workflow(
    name="recovery",
    initial="proposed",
    states=state_names(
        RecoveryStatus,
        {
            "proposed": "Proposed",
            "open": "Owed",
            "received": "Received",
            "cancelled": "Cancelled",
        },
    ),
    steps=(
        Step("proposed", "approve", "open", APPROVER, "批准追回", "Approve the recovery"),
        Step("proposed", "cancel", "cancelled", APPROVER, "撤销追回", "Drop the recovery"),
        *automatic(
            ("proposed",), "lapse", "cancelled", "批单撤销，追回失效", "The cause was undone"
        ),
        Step("open", "receive_part", "open", OFFICER, "登记部分缴回", "Book a part payment"),
        Step("open", "receive", "received", OFFICER, "登记缴清", "Book the last payment"),
    ),
    final=frozenset({"received", "cancelled"}),
)
PAYEE = Workflow(
    name="payee",
    initial="proposed",
    states=state_names(
        PayeeStatus,
        {
            "proposed": "Waits for verification",
            "verified": "Verified",
            "refused": "Refused",
            "replaced": "Replaced",
        },
    ),
    steps=(
        Step("proposed", "verify", "verified", APPROVER, "核验通过", "Verify"),
        *noted(("proposed",), "refuse", "refused", APPROVER, "不予通过", "Refuse"),
        *automatic(("proposed", "verified"), "replace", "replaced", "更换账户", "Replaced"),
    ),
    final=frozenset({"refused", "replaced"}),
)
MONEY_WORKFLOWS = (BATCH, RECOVERY, PAYEE)
