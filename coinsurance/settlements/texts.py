"""Texts of the findings about statements and their periods."""

from __future__ import annotations

from service.kernel.findings import Text, register

register(
    {
        "statement.draft_open": Text(
            "对账期 {number} 的结算单还在编制，不能再编制下一期",
            "The statements of {number} are still drafts; no other period can be prepared",
            "请先复核并出具，或撤销该期",
            "Approve and issue them, or cancel that period",
        ),
        "statement.ownerless": Text(
            "账簿中有 {accounts} 个科目不属于任何机构，不能出具结算单",
            "{accounts} accounts of the book belong to no organisation",
            "请先核对科目归属",
            "Check whom the accounts belong to",
        ),
        "statement.not_approved": Text(
            "结算单 {numbers} 尚未复核，不能出具",
            "The statements {numbers} are not approved",
            "同一期的全部结算单须先复核，再一次性出具",
            "All statements of a period are approved first and issued together",
            "POOLS invariant 14",
        ),
        "statement.agreed_already": Text(
            "结算单 {numbers} 已由成员确认，不能撤销",
            "Members agreed to the statements {numbers}; they cannot be cancelled",
            "有误的项目请在下一期以冲销更正",
            "Correct what is wrong by a reversal in the next period",
        ),
        "statement.later_period": Text(
            "后一期 {number} 已编制，不能撤销本期",
            "A later period, {number}, stands on this one",
            "请先撤销后一期",
            "Cancel the later one first",
        ),
        "statement.dispute_open": Text(
            "本期有 {count} 项争议尚未了结，不能撤销",
            "{count} lines of the period are still disputed",
            "请先了结争议，或由成员撤回",
            "Decide the disputes first, or let the members withdraw them",
        ),
    }
)
