"""What a refunded premium takes back from each subsidy (追回), by the share each source bore."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.kernel.money import split


@dataclass(frozen=True, slots=True)
class SubsidyOnPremium:
    """A subsidy that was paid on a premium; `claimed_fen` has been claimed back before.

    `refunded_fen`: what the policy has given back of a payment to the insurer (直付保费); None for
    a subsidy that went to the firm.
    """

    line: int
    paid_fen: int
    claimed_fen: int = 0
    refunded_fen: int | None = None


def recovery_parts(
    premium_fen: int, refunded_to_date_fen: int, subsidies: Sequence[SubsidyOnPremium]
) -> dict[int, int]:
    """What is to be claimed back now, by application line, in fen.

    Money paid to the insurer comes back as it left the policy. The rest of the premium was borne by
    the firm and the subsidies it got in the proportion firm's own : subsidy 1 : subsidy 2 …; a
    refund is shared the same way, cumulatively (law 2), so several refunds never drift and no
    subsidy gives back more than was paid. Lines with nothing to claim are left out.
    """
    direct = {s.line: s for s in subsidies if s.refunded_fen is not None}
    firm = [s for s in subsidies if s.refunded_fen is None]
    due = {line: min(s.refunded_fen or 0, s.paid_fen) - s.claimed_fen for line, s in direct.items()}
    rest_fen = max(0, premium_fen - sum(s.paid_fen for s in direct.values()))
    back_fen = refunded_to_date_fen - sum(s.refunded_fen or 0 for s in direct.values())
    own_fen = max(0, rest_fen - sum(s.paid_fen for s in firm))
    weights = [own_fen, *(s.paid_fen for s in firm)]
    if back_fen > 0 and any(weights):
        parts = split(min(back_fen, rest_fen), weights)[1:]
        due |= {
            s.line: min(part, s.paid_fen) - s.claimed_fen
            for s, part in zip(firm, parts, strict=True)
        }
    return {line: amount for line, amount in due.items() if amount > 0}


def direct_parts(premium_fen: int, reduced_fen: int, paid_fen: Mapping[str, int]) -> dict[str, int]:
    """What each source that paid the insurer directly is to have back, to date, in fen.

    Public money falls with the premium it was paid on, whatever the firm still owes.
    """
    own_fen = max(0, premium_fen - sum(paid_fen.values()))
    weights = [own_fen, *paid_fen.values()]
    if reduced_fen <= 0 or not any(paid_fen.values()):
        return dict.fromkeys(paid_fen, 0)
    parts = split(min(reduced_fen, premium_fen), weights)[1:]
    return {
        source: min(part, paid)
        for (source, paid), part in zip(paid_fen.items(), parts, strict=True)
    }
