"""Whom a direct payment may go to (收款账户): the insurer itself, on an account in its own name."""

from __future__ import annotations

from dataclasses import dataclass

from service.kernel.bank_accounts import check_account, fold_account
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.numbering import fold


@dataclass(frozen=True, slots=True)
class PayeeFacts:
    """An account as entered, the name of who enters it, and the account in use now."""

    organisation: str
    account_name: str
    account_number: str
    verified_number: str = ""


def check_payee(payee: PayeeFacts) -> list[Finding]:
    """Number, holder, and whether anything changes."""
    found = check_account(payee.account_number, "account_number")
    if fold(payee.account_name) != fold(payee.organisation):
        found.append(
            blocker(
                "payee.name_differs",
                "account_name",
                account=payee.account_name,
                organisation=payee.organisation,
            )
        )
    if fold_account(payee.account_number) == payee.verified_number:
        found.append(blocker("payee.unchanged", "account_number"))
    return found


register(
    {
        "payee.name_differs": Text(
            "收款户名“{account}”不是本机构全称“{organisation}”",
            "The account is in the name of {account}, not of {organisation}",
            "只接受以本机构全称开立的账户",
            "Give an account in the full name of your own organisation",
        ),
        "payee.unchanged": Text(
            "该账户就是现在使用的收款账户",
            "This is the account in use already",
            "不必重复登记",
            "Nothing need be entered",
        ),
    }
)
