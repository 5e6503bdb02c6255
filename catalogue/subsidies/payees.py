"""Who is paid for an approved line (收款人): the firm, or the insurer where the rule says so.

A direct payment of premium never goes above what is still due on the policy, counting what other
batches are paying now; receipts wait for the same lock on the policy.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from catalogue.policies.receipts import under_way_fen
from catalogue.rules.subsidy.nouns import Instrument, Payee
from catalogue.subsidies import payee_accounts
from service.kernel.db import sql
from service.kernel.findings import Finding, Text, blocker, register


@dataclass(frozen=True, slots=True)
class PayeeOfLine:
    """Where the money of one line goes; the amount in fen."""

    line_id: int
    amount_fen: int
    kind: str
    name: str
    account_number: str
    bank_name: str

    def columns(self) -> tuple[Any, ...]:
        """The values of a payment item from its line on."""
        return (
            self.line_id,
            self.amount_fen,
            self.kind,
            self.name,
            self.account_number,
            self.bank_name,
        )


_POLICIES = """
SELECT y.id, y.number, y.status, y.insurer, o.name AS insurer_name, y.current_premium_fen
  - coalesce((SELECT sum(r.amount_fen) FROM premium_receipt r WHERE r.policy = y.id), 0)::bigint
  AS due_fen
FROM policy y JOIN organisation o ON o.id = y.insurer WHERE y.id = ANY($1::bigint[])
ORDER BY y.id FOR UPDATE OF y
"""


async def choose(rows: Sequence[Any]) -> tuple[list[PayeeOfLine], list[Finding]]:
    """The payee of each line that can be paid, and why the others cannot."""
    direct = [row["policy"] for row in rows if row["payee"] == Payee.INSURER]
    policies = {p["id"]: p for p in await sql(_POLICIES, direct)} if direct else {}
    accounts = await payee_accounts.verified([p["insurer"] for p in policies.values()])
    left_fen = {key: p["due_fen"] - await under_way_fen(key) for key, p in policies.items()}
    payable: list[PayeeOfLine] = []
    found: list[Finding] = []
    for row in rows:
        if row["payee"] != Payee.INSURER:
            payable.append(_firm(row))
            continue
        policy = policies[row["policy"]]
        account = accounts.get(policy["insurer"])
        wrong = _wrong(row, policy, account, left_fen)
        found += wrong
        if not wrong:
            left_fen[policy["id"]] -= row["approved_fen"]
            payable.append(_insurer(row, account))
    return payable, found


def _firm(row: Any) -> PayeeOfLine:
    return PayeeOfLine(
        row["id"],
        row["approved_fen"],
        Payee.FIRM.value,
        row["account_name"],
        row["account_number"],
        row["bank_name"],
    )


def _insurer(row: Any, account: Any) -> PayeeOfLine:
    return PayeeOfLine(
        row["id"],
        row["approved_fen"],
        Payee.INSURER.value,
        account["account_name"],
        account["account_number"],
        account["bank_name"],
    )


def _wrong(row: Any, policy: Any, account: Any, left_fen: dict[int, int]) -> list[Finding]:
    found = []
    if account is None:
        found.append(
            blocker(
                "payment.no_payee_account",
                f"lines.{row['id']}",
                line=row["id"],
                insurer=policy["insurer_name"],
            )
        )
    premium = row["instrument"] == Instrument.PREMIUM_DIRECT_PAY
    left = 0 if policy["status"] == "cancelled" else left_fen[policy["id"]]
    if premium and row["approved_fen"] > left:
        found.append(
            blocker(
                "payment.above_due",
                f"lines.{row['id']}",
                line=row["id"],
                policy=policy["number"],
                amount_fen=row["approved_fen"],
                left_fen=max(0, left),
            )
        )
    return found


register(
    {
        "payment.no_payee_account": Text(
            "明细 {line} 应付给“{insurer}”，该机构没有已核验的收款账户",
            "Line {line} is to be paid to {insurer}, which has no verified account",
            "请保险机构登记收款账户，由管委会核验后再编入批次",
            "Have the insurer enter its account and verify it, then prepare the batch",
        ),
        "payment.above_due": Text(
            "明细 {line} 应付 {amount_fen}，保单 {policy} 尚欠保费只有 {left_fen}",
            "Line {line} asks for {amount_fen}, but only {left_fen} is due on policy {policy}",
            "保费已由他方支付、已退保或正在另一批次支付；请撤销批准或重新测算",
            "The premium was paid otherwise, cancelled or is being paid; revoke the approval",
            "DESIGN law 3",
        ),
    }
)
