"""Who is paid, and for whom (收款人与受益对象控制).

In case 541 the insured was paid and did not pass the money on; the victims won a second award of
681,342.40. So a second payment for the same loss and beneficiary needs a named person who answers
for it, and under liability cover the insured is paid only once it has compensated the victim
(保险法第六十五条).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from coinsurance.rules.claims.nouns import BeneficiaryKind
from service.kernel.bank_accounts import check_account, fold_account
from service.kernel.findings import Finding, Text, blocker, register

FOLDED_MAX = 120
_BETWEEN = re.compile(r"[\s()\[\]（）【】·・.,，。\-‐-―_]")


@lru_cache(4096)
def folded(name: str) -> str:
    """A name without what differs between prints: width, case, spaces, brackets, dots.

    Kept with each payment as the key by which earlier ones are found: who changes the folding folds
    the keys anew.
    """
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", name).casefold())


@dataclass(frozen=True, slots=True)
class Party:
    """Who a payment is for or goes to; the identity code (USCC) may be missing."""

    name: str
    uscc: str = ""

    def is_same_as(self, other: Party) -> bool:
        """Whether both are one: the same code where both have one, or the same folded name."""
        if self.uscc and other.uscc and self.uscc == other.uscc:
            return True
        return folded(self.name) == folded(other.name)


@dataclass(frozen=True, slots=True)
class Earlier:
    """A payment for the same loss that was not reversed: on this claim or on another of it."""

    claim: str
    movement: int
    beneficiary: Party
    payee: str
    account: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Override:
    """A named person answers for one more payment to a beneficiary, up to an amount."""

    id: int
    beneficiary: Party
    amount_max_fen: int
    granted_by: int


@dataclass(frozen=True, slots=True)
class PayeeFacts:
    """A payment about to be made. `user_id` is the person who makes it.

    `insured` None: who the insured is was not asked; else money for the insured is for it alone.
    """

    beneficiary_kind: BeneficiaryKind
    beneficiary: Party
    payee_name: str
    account: str
    amount_fen: int
    user_id: int | None
    authority_reference: str = ""
    compensation_proof: str = ""
    earlier: tuple[Earlier, ...] = ()
    overrides: tuple[Override, ...] = ()
    insured: Party | None = None


def usable_override(facts: PayeeFacts) -> Override | None:
    """The override that carries this payment: for its beneficiary, enough, by another person."""
    return next(
        (
            each
            for each in facts.overrides
            if facts.beneficiary.is_same_as(each.beneficiary)
            and each.amount_max_fen >= facts.amount_fen
            and each.granted_by != facts.user_id
        ),
        None,
    )


def check_payee(facts: PayeeFacts) -> list[Finding]:
    """All that stands against paying this payee for this beneficiary."""
    return [
        *check_account(facts.account, "payee_account"),
        *_check_name(facts.beneficiary.name),
        *_check_insured(facts),
        *_check_person(facts),
        *_check_second(facts),
        *_check_account_name(facts),
    ]


def _check_name(name: str) -> list[Finding]:
    """A name by which it can be told who was paid: not of brackets and dots alone, nor endless."""
    key = folded(name)
    if not key:
        return [blocker("form.missing", "beneficiary_name")]
    if len(key) > FOLDED_MAX:
        found = blocker("form.too_long", "beneficiary_name", actual=len(key), limit=FOLDED_MAX)
        return [found]
    return []


def _check_insured(facts: PayeeFacts) -> list[Finding]:
    """Another spelling of the insured would be another beneficiary, and be paid a second time."""
    for_insured = facts.beneficiary_kind is BeneficiaryKind.INSURED
    if not for_insured or facts.insured is None or facts.beneficiary.is_same_as(facts.insured):
        return []
    return [
        blocker(
            "claim.not_the_insured",
            "beneficiary_name",
            beneficiary=facts.beneficiary.name,
            insured=facts.insured.name,
        )
    ]


def _check_person(facts: PayeeFacts) -> list[Finding]:
    if folded(facts.payee_name) == folded(facts.beneficiary.name):
        return []
    found = []
    if facts.beneficiary_kind is BeneficiaryKind.THIRD_PARTY and not facts.compensation_proof:
        found.append(
            blocker(
                "claim.victim_not_compensated",
                "compensation_proof",
                payee=facts.payee_name,
                beneficiary=facts.beneficiary.name,
            )
        )
    if not (facts.authority_reference or facts.compensation_proof):
        found.append(
            blocker(
                "claim.payee_unauthorised",
                "authority_reference",
                payee=facts.payee_name,
                beneficiary=facts.beneficiary.name,
            )
        )
    return found


def _same(facts: PayeeFacts) -> Sequence[Earlier]:
    return [each for each in facts.earlier if facts.beneficiary.is_same_as(each.beneficiary)]


def _check_second(facts: PayeeFacts) -> list[Finding]:
    before = _same(facts)
    if not before or usable_override(facts) is not None:
        return []
    first = before[0]
    mine = [each for each in facts.overrides if facts.beneficiary.is_same_as(each.beneficiary)]
    if any(each.granted_by == facts.user_id for each in mine):
        return [blocker("claim.override_by_payer", "override")]
    return [
        blocker(
            "claim.paid_before",
            "beneficiary_name",
            beneficiary=facts.beneficiary.name,
            claim=first.claim,
            movement=first.movement,
            paid_fen=sum(each.amount_fen for each in before),
            override_fen=max((each.amount_max_fen for each in mine), default=0),
        )
    ]


def _check_account_name(facts: PayeeFacts) -> list[Finding]:
    account = fold_account(facts.account)
    other = next(
        (
            each.payee
            for each in facts.earlier
            if each.account == account and folded(each.payee) != folded(facts.payee_name)
        ),
        None,
    )
    if other is None:
        return []
    return [blocker("claim.account_of_another", "payee_account", other=other)]


register(
    {
        "claim.victim_not_compensated": Text(
            "责任保险的赔款应付给受害第三者“{beneficiary}”；“{payee}”未证明已向其赔偿",
            "The money belongs to the victim “{beneficiary}”; “{payee}” has not shown that it "
            "compensated it",
            "请直接付给受害第三者，或填写被保险人已赔偿的凭证编号",
            "Pay the victim, or give the proof that the insured has compensated it",
            "保险法第六十五条",
        ),
        "claim.not_the_insured": Text(
            "受益对象填为被保险人，但“{beneficiary}”不是本保单的被保险人“{insured}”",
            "The money is said to be for the insured, but “{beneficiary}” is not “{insured}”",
            "请核对名称；付给受害第三者或第一受益人的，请选择相应的受益对象",
            "Check the name; for a victim or a mortgagee choose that kind of beneficiary",
            "POOLS §1.3（541号案）",
        ),
        "claim.payee_unauthorised": Text(
            "收款人“{payee}”不是受益对象“{beneficiary}”，且没有授权",
            "The payee “{payee}” is not the beneficiary “{beneficiary}” and holds no authority",
            "请付给受益对象，或填写授权文件编号",
            "Pay the beneficiary, or give the number of its authority",
        ),
        "claim.paid_before": Text(
            "同一损失已向“{beneficiary}”付过 {paid_fen}（{claim} 第 {movement} 笔）",
            "“{beneficiary}” was already paid {paid_fen} for this loss ({claim}, no. {movement})",
            "确需再付的，由本机构另一位负责人登记放行并写明理由（现有放行额度 {override_fen}）",
            "If it is right, another manager grants an override with a reason "
            "(granted so far: {override_fen})",
            "POOLS §1.3（541号案：681,342.40 元重复赔付）",
        ),
        "claim.override_by_payer": Text(
            "放行人与付款经办人不能是同一人",
            "Who grants the override may not make the payment",
            "请由另一位同事办理付款",
            "Let another colleague make the payment",
            "DESIGN law 9",
        ),
        "claim.account_of_another": Text(
            "该账号在同一损失中曾用于收款人“{other}”",
            "This account took a payment for the same loss under the name “{other}”",
            "请核对户名与账号是否一致",
            "Check that name and account belong together",
        ),
    }
)
