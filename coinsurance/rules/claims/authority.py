"""Who may decide a claim alone (理赔权限): by amount, at or below, and by complexity flags.

Above the amount, or with a flag that the clause does not allow, the members on the risk are asked;
the handler alone can never agree (POOLS invariant 12; London's SCAP as model).
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from coinsurance.rules.agreement.terms import Authority
from coinsurance.rules.claims.nouns import Basis, ClaimFlag
from service.kernel.findings import Finding, Text, blocker, register


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a claim may be decided without asking; `findings` say why not."""

    alone: bool
    basis: Basis
    role: str
    amount_max_fen: int | None
    clause: str
    findings: tuple[Finding, ...] = ()


def judge(
    authority: Sequence[Authority],
    roles: Collection[str],
    amount_fen: int,
    flags: Collection[str],
    clause: str,
    *,
    members: int,
) -> Verdict:
    """Judge a decision over an amount (the whole of the claim, not a share of it).

    `members` counts who carries the risk: a single insurer decides for itself.
    """
    if members == 1:
        return Verdict(True, Basis.SOLE, "", None, clause)
    mine = sorted(
        (a for a in authority if a.role in roles), key=lambda a: a.amount_max_fen, reverse=True
    )
    if not mine:
        found = blocker("claim.no_authority", "amount_fen", clause)
        return Verdict(False, Basis.CONSENT, "", None, clause, (found,))
    for each in mine:
        if not _against(each, amount_fen, flags, clause):
            return Verdict(True, Basis.AUTHORITY, each.role, each.amount_max_fen, clause)
    best = mine[0]
    found_all = tuple(_against(best, amount_fen, flags, clause))
    return Verdict(False, Basis.CONSENT, best.role, best.amount_max_fen, clause, found_all)


def _against(
    authority: Authority, amount_fen: int, flags: Collection[str], clause: str
) -> list[Finding]:
    found = []
    if amount_fen > authority.amount_max_fen:
        found.append(
            blocker(
                "claim.above_authority",
                "amount_fen",
                clause,
                amount_fen=amount_fen,
                limit_fen=authority.amount_max_fen,
            )
        )
    complex_flags = sorted(set(flags) - set(authority.flags_allowed))
    if complex_flags:
        found.append(
            blocker(
                "claim.flagged",
                "flags",
                clause,
                flags=complex_flags,
                flags_zh=[ClaimFlag.zh_of(flag) for flag in complex_flags],
                flags_en=[flag.replace("_", " ") for flag in complex_flags],
            )
        )
    return found


def check_flags(before: Collection[str], after: Collection[str], *, shared: bool) -> list[Finding]:
    """A flag takes the handler's authority away, so the handler cannot take the flag away.

    `shared`: others carry the risk too. Their consent decides; the flag need not go for it.
    """
    gone = [flag for flag in before if flag not in after]
    if not gone or not shared:
        return []
    zh = [ClaimFlag.zh_of(flag) for flag in gone]
    en = [flag.replace("_", " ") for flag in gone]
    return [blocker("claim.flag_stands", "flags", flags=gone, flags_zh=zh, flags_en=en)]


_ASK = (
    "请向承保本险的各成员征求同意",
    "Ask the members on the risk for their consent",
    "POOLS 不变量 12",
)

register(
    {
        "claim.no_authority": Text(
            "协议未授予主办人任何单独决定赔案的权限",
            "The agreement gives the handler no authority to decide claims alone",
            *_ASK,
        ),
        "claim.above_authority": Text(
            "赔案金额 {amount_fen} 超过主办人单独决定的权限 {limit_fen}",
            "The claim of {amount_fen} is above the handler's authority of {limit_fen}",
            *_ASK,
        ),
        "claim.flagged": Text(
            "赔案带有复杂情形（{flags_zh}），不论金额均不得由主办人单独决定",
            "The claim carries complexity flags ({flags_en}); no amount may be decided alone",
            *_ASK,
        ),
        "claim.flag_stands": Text(
            "复杂情形（{flags_zh}）一经登记，主办人不能自行撤销",
            "The flags ({flags_en}) were set; the handler cannot take them off by itself",
            "请征求各成员同意后决定；情形已查明的，在征求同意时说明",
            "Decide with the members' consent, and tell them there what was found",
            "POOLS 不变量 12",
        ),
    }
)
