"""Steps by which a member's settlement account changes (结算账户变更), on the member's page."""

from __future__ import annotations

from typing import Any

from coinsurance.pool_forms import AccountChangeForm, PoolNoteForm
from coinsurance.pool_shapes import MemberRecord
from coinsurance.pools import member_accounts
from coinsurance.rules.workflows import MEMBER_ACCOUNT
from service.auth import Actor
from service.web.desk_steps import DeskStep, Field
from service.web.pool_steps import MANAGER, OFFICE, REASON, of_two

_SEATED = ("invited", "active", "suspended", "exited", "defaulted")
_VERIFIED = (
    Field("area", "note", "核实情况", "如：按预留电话回拨，与经办人核对无误", required=True),
)


def _decide(event: str) -> Any:
    async def use(actor: Actor, number: str, uscc: str, form: Any) -> object:
        return await member_accounts.decide(actor, number, uscc, event, form.note)

    return of_two(use)


MEMBER_ACCOUNT_STEPS = {
    "ask_account": DeskStep(
        "account-changes",
        "申请变更结算账户",
        AccountChangeForm,
        of_two(member_accounts.ask),
        MANAGER,
        "变更已提交，待管委会核实",
        _SEATED,
        (
            Field("text", "bank_account", "新结算账户", required=True),
            Field("area", "reason", "理由", required=True),
        ),
        kind="plain",
        hint="核实生效后，新的划付付至新账户；已生成的付款指令不变。",
    ),
    "confirm_account": DeskStep(
        "account-changes/confirmation",
        "核实并生效",
        PoolNoteForm,
        _decide("confirm"),
        OFFICE,
        "新的结算账户已生效",
        _SEATED,
        _VERIFIED,
        confirm="此后的划付将付至新账户。已按预留联系方式核实？",
        hint="请按成员预留的联系方式回拨核实，不要使用来函上的电话。",
    ),
    "refuse_account": DeskStep(
        "account-changes/refusal",
        "不予变更",
        PoolNoteForm,
        _decide("refuse"),
        OFFICE,
        "结算账户不变",
        _SEATED,
        (REASON,),
        kind="danger",
    ),
    "withdraw_account": DeskStep(
        "account-changes/withdrawal",
        "撤回账户变更",
        PoolNoteForm,
        _decide("withdraw"),
        MANAGER,
        "变更已撤回",
        _SEATED,
        (REASON,),
        kind="danger",
    ),
}


def closed_now(record: MemberRecord) -> set[str]:
    """Of these steps, those that cannot be taken now, since one change waits at a time."""
    waiting = any(one.status == MEMBER_ACCOUNT.initial for one in record.account_changes)
    return {"ask_account"} if waiting else set(MEMBER_ACCOUNT_STEPS) - {"ask_account"}
