"""What makes a policy and its endorsements right (保单、批单规则).

One function each, all findings at once. The rate must lie in the band that was filed with the
product: the clause's file number is named in the finding.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from catalogue.rules import policy_texts as _texts  # noqa: F401  registers the texts
from service.kernel.bank_accounts import check_account
from service.kernel.findings import Finding, blocker, warning
from service.kernel.money import split
from service.kernel.numbering import check_uscc, normalise_uscc
from service.kernel.shares import WHOLE_UNITS

PERIOD_YEARS_MAX = 30
PREMIUM_TOLERANCE_PPM = 10_000
"""Premium and rate × sum may differ by 1 % before a warning: short periods, minimum premiums."""


@dataclass(frozen=True, slots=True)
class CoInsurer:
    """An insurer of a policy; `legal_root` is the USCC of its legal person."""

    uscc: str
    legal_root: str
    kind: str
    active: bool
    share_units: int


@dataclass(frozen=True, slots=True)
class FiledBand:
    """What was filed with the product version in the library on the first day of cover."""

    standing: str
    rate_min_ppm: int | None = None
    rate_max_ppm: int | None = None
    sum_min_fen: int | None = None
    sum_max_fen: int | None = None
    file_number: str = ""


@dataclass(frozen=True, slots=True)
class PolicyFacts:
    """A policy as it is to be recorded; amounts in fen, rate in ppm of the sum insured."""

    start_on: date
    end_on: date
    sum_insured_fen: int
    limit_fen: int
    rate_ppm: int
    premium_fen: int
    insured_kind: str
    insured_active: bool
    object_owner_is_insured: bool
    insurers: tuple[CoInsurer, ...]
    instalments: tuple[tuple[date, int], ...]
    band: FiledBand


def check_period(policy: PolicyFacts) -> list[Finding]:
    """The period ends after it starts and is not absurdly long; 29 February is an ordinary day."""
    if policy.end_on < policy.start_on:
        return [blocker("policy.ends_before_start", "end_on", start=policy.start_on)]
    if policy.end_on.year - policy.start_on.year > PERIOD_YEARS_MAX:
        return [blocker("policy.too_long", "end_on", years=PERIOD_YEARS_MAX)]
    return []


def check_product(policy: PolicyFacts) -> list[Finding]:
    """The product is in the library on the day the cover starts."""
    if policy.band.standing != "in_library":
        return [blocker("policy.not_in_library", "product", day=policy.start_on)]
    return []


def check_rate(policy: PolicyFacts) -> list[Finding]:
    """The rate lies in the filed band; the finding names the clause."""
    low, high = policy.band.rate_min_ppm, policy.band.rate_max_ppm
    outside = (low is not None and policy.rate_ppm < low) or (
        high is not None and policy.rate_ppm > high
    )
    if not outside:
        return []
    source = policy.band.file_number
    return [
        blocker(
            "policy.rate_outside_band",
            "rate_ppm",
            source,
            rate_ppm=policy.rate_ppm,
            low_ppm=low or 0,
            high_ppm=high or 1_000_000,
            clause=source,
        )
    ]


def check_sums(policy: PolicyFacts) -> list[Finding]:
    """Sum insured in the filed band; limit and sum fit each other."""
    found = []
    low, high = policy.band.sum_min_fen, policy.band.sum_max_fen
    value = policy.sum_insured_fen
    if (low is not None and value < low) or (high is not None and value > high):
        found.append(
            blocker(
                "policy.sum_outside_band",
                "sum_insured_fen",
                policy.band.file_number,
                sum_fen=value,
                low_fen=low or 0,
                high_fen=high or 0,
            )
        )
    if policy.premium_fen > value:
        found.append(blocker("policy.premium_above_sum", "premium_fen", sum_fen=value))
    return found


def check_premium(policy: PolicyFacts) -> list[Finding]:
    """Premium, rate and sum agree within one percent, or the difference is pointed out."""
    expected_fen = policy.sum_insured_fen * policy.rate_ppm // 1_000_000
    apart = abs(policy.premium_fen - expected_fen)
    if apart * 1_000_000 > expected_fen * PREMIUM_TOLERANCE_PPM:
        return [warning("policy.premium_unlike_rate", "premium_fen", expected_fen=expected_fen)]
    return []


def check_instalments(policy: PolicyFacts) -> list[Finding]:
    """Instalments sum to the premium and fall due in order."""
    if not policy.instalments:
        return []
    found = []
    total = sum(amount for _, amount in policy.instalments)
    if total != policy.premium_fen:
        found.append(
            blocker(
                "policy.instalments_not_whole",
                "instalments",
                total_fen=total,
                premium_fen=policy.premium_fen,
            )
        )
    days = [day for day, _ in policy.instalments]
    if days != sorted(days):
        found.append(blocker("policy.instalments_unordered", "instalments"))
    return found


def check_parties(policy: PolicyFacts) -> list[Finding]:
    """Insured is an active enterprise and owns the object; insurers are active and share it all."""
    found = []
    if policy.insured_kind != "enterprise" or not policy.insured_active:
        found.append(blocker("policy.insured_unfit", "insured_uscc"))
    if not policy.object_owner_is_insured:
        found.append(blocker("policy.object_of_another", "object"))
    for position, insurer in enumerate(policy.insurers):
        if insurer.kind != "insurer" or not insurer.active:
            found.append(blocker("policy.insurer_unfit", f"insurers.{position}.uscc"))
    total = sum(insurer.share_units for insurer in policy.insurers)
    if total != WHOLE_UNITS:
        found.append(blocker("policy.shares_not_whole", "insurers", sum_units=total))
    roots = [insurer.legal_root for insurer in policy.insurers]
    found += [
        blocker(
            "policy.one_legal_person_twice",
            f"insurers.{position}.uscc",
            "保监发〔2002〕16号",
            root=root,
        )
        for position, root in enumerate(roots)
        if root in roots[:position]
    ]
    return found


CHECKS: tuple[Callable[[PolicyFacts], list[Finding]], ...] = (
    check_period,
    check_product,
    check_rate,
    check_sums,
    check_premium,
    check_instalments,
    check_parties,
)


def check_policy(policy: PolicyFacts) -> list[Finding]:
    """All findings on a policy, blockers first."""
    found = [finding for check in CHECKS for finding in check(policy)]
    return sorted(found, key=lambda finding: not finding.blocks)


@dataclass(frozen=True, slots=True)
class ReceiptFacts:
    """Premium received as it is to be recorded; `source_known` None: the insured's own money.

    `left_fen` is the premium still due, `paid_here` whether the scheme pays through the registry.
    """

    amount_fen: int
    received_on: date
    today: date
    left_fen: int
    source: str = "own"
    source_known: bool | None = None
    paid_here: bool = False
    payer_uscc: str = ""
    payer_account: str = ""
    invoiced_on: date | None = None


def check_receipt(receipt: ReceiptFacts) -> list[Finding]:
    """Day, amount, payer and source of a receipt fit the policy."""
    found = []
    today, left_fen = receipt.today, receipt.left_fen
    if receipt.received_on > today:
        found.append(blocker("policy.receipt_in_future", "received_on", today=today))
    if receipt.invoiced_on is not None and receipt.invoiced_on > today:
        found.append(blocker("policy.invoice_in_future", "invoiced_on", today=today))
    if receipt.amount_fen > left_fen:
        found.append(blocker("policy.receipt_above_due", "amount_fen", left_fen=left_fen))
    if receipt.payer_uscc:
        found += check_uscc(normalise_uscc(receipt.payer_uscc), "payer_uscc")
    if receipt.payer_account:
        found += check_account(receipt.payer_account, "payer_account")
    if receipt.source_known is False:
        found.append(blocker("policy.unknown_source", "source", fund=receipt.source))
    if receipt.paid_here:
        found.append(blocker("policy.source_paid_here", "source", fund=receipt.source))
    return found


@dataclass(frozen=True, slots=True)
class Present:
    """A policy as it stands before an endorsement."""

    status: str
    start_on: date
    end_on: date
    sum_fen: int
    premium_fen: int


@dataclass(frozen=True, slots=True)
class Change:
    """What an endorsement changes, as differences."""

    kind: str
    effective_on: date
    premium_change_fen: int
    sum_change_fen: int
    new_end_on: date | None = None


def check_endorsement(present: Present, change: Change) -> list[Finding]:
    """An endorsement fits the policy it changes (signs, bounds, days, standing)."""
    found = []
    if present.status in ("cancelled", "expired") and change.kind != "reinstate":
        found.append(blocker("endorsement.policy_ended", "kind", status=present.status))
    if change.effective_on < present.start_on:
        found.append(
            blocker("endorsement.before_inception", "effective_on", start=present.start_on)
        )
    if change.kind != "undo" and change.effective_on > present.end_on:
        found.append(blocker("endorsement.after_end", "effective_on", end=present.end_on))
    wrong = {
        "additional_premium": change.premium_change_fen <= 0,
        "return_premium": change.premium_change_fen >= 0,
        "cancel": change.premium_change_fen > 0,
        "sum_change": change.sum_change_fen == 0 and change.new_end_on is None,
    }
    if wrong.get(change.kind):
        found.append(blocker("endorsement.wrong_sign", "premium_change_fen", kind=change.kind))
    if present.premium_fen + change.premium_change_fen < 0:
        found.append(
            blocker(
                "endorsement.returns_too_much",
                "premium_change_fen",
                premium_fen=present.premium_fen,
            )
        )
    if present.sum_fen + change.sum_change_fen < 0:
        found.append(blocker("endorsement.sum_below_zero", "sum_change_fen"))
    if change.new_end_on is not None and change.new_end_on < present.start_on:
        found.append(blocker("policy.ends_before_start", "new_end_on", start=present.start_on))
    return found


def refund_parts(paid_fen: Mapping[str, int], refund_fen: int) -> dict[str, int]:
    """Share a refund among the funding sources as they paid, to the fen (law 3).

    `paid_fen` is what each source has paid net of earlier refunds; no source gets more than that.
    """
    sources: Sequence[str] = [name for name, paid in paid_fen.items() if paid > 0]
    total = sum(paid_fen[name] for name in sources)
    if refund_fen <= 0 or not sources:
        return {}
    amount = min(refund_fen, total)
    parts = split(amount, [paid_fen[name] for name in sources])
    return {name: part for name, part in zip(sources, parts, strict=True) if part}
