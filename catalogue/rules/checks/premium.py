"""Who paid the premium, what came back, and whom the claims reached (虚假投保、变相退费)."""

from __future__ import annotations

from datetime import timedelta

from catalogue.rules.checks.facts import (
    LossEvidence,
    Match,
    Party,
    ReceiptEvidence,
    match_key,
)
from catalogue.rules.checks.looking import REFUSALS, Examined, record
from catalogue.rules.subsidy.nouns import FIRST_KINDS, Instrument
from service.kernel.findings import Finding
from service.kernel.money import PPM_WHOLE

HELD = frozenset({"approved", "paid", "recovered"})
"""States of a line after which less premium means money to be given back."""


PAYER = ("payer", "payer_account")
"""What one payer is known by: its code or name, and the account the money came from."""


def _payer(receipt: ReceiptEvidence) -> Party:
    return Party(receipt.payer_uscc, receipt.payer_name, receipt.payer_root)


def _receipt(receipt: ReceiptEvidence) -> dict[str, object]:
    number = receipt.invoice_number or "-"
    return record(
        "receipt",
        number,
        receipt.received_on,
        receipt.amount_fen,
        party=receipt.payer_name,
        party_uscc=receipt.payer_uscc,
    )


def check_premium_paid_by_another(one: Examined) -> list[Finding]:
    """Somebody else than the insured paid; a branch of the same legal person is the insured."""
    insured = one.line.policy.insured
    strange = [
        r
        for r in one.line.policy.own_receipts
        if r.payer_uscc and not _payer(r).same_person(insured)
    ]
    if not strange:
        return []
    names = tuple(dict.fromkeys(r.payer_name for r in strange))
    return one.says(
        "check.premium_paid_by_another",
        "policy.payer",
        map(_receipt, strange),
        source=REFUSALS,
        payers=names,
        paid_fen=sum(r.amount_fen for r in strange),
    )


def check_payer_name_differs(one: Examined) -> list[Finding]:
    """The name on a payment is not the insured's, and no other code says who paid (户名不符)."""
    insured = one.line.policy.insured
    strange = [
        r
        for r in one.line.policy.own_receipts
        if r.payer_uscc in ("", insured.uscc) and match_key(r.payer_name) != match_key(insured.name)
    ]
    if not strange:
        return []
    names = tuple(dict.fromkeys(r.payer_name for r in strange))
    return one.says(
        "check.payer_name_differs",
        "policy.payer",
        map(_receipt, strange),
        source=REFUSALS,
        payers=names,
        insured=insured.name,
    )


def _firms(matches: list[Match]) -> list[Match]:
    """One match for each legal person, the first of them."""
    return list({m.firm.root: m for m in reversed(matches)}.values())[::-1]


def check_payer_of_many(one: Examined) -> list[Finding]:
    """One payer paid the premiums of several firms (同一付款人), by code, name or bank account."""
    firm = one.line.policy.insured
    found = [m for kind in PAYER for m in one.matches(kind, applied=False)]
    others = _firms([m for m in found if not m.firm.same_person(firm)])
    least = one.parameters.payer_firms_count
    if len(others) + 1 < least.value:
        return []
    return one.alike(
        "check.payer_of_many", "policy.payer", others, blocks=False, firms=len(others) + 1
    )


def check_account_shared(one: Examined) -> list[Finding]:
    """Another firm has asked for its money on the same bank account (同一收款账户)."""
    others = _firms([m for m in one.matches("account") if not m.firm.same_person(one.line.firm)])
    return one.alike("check.account_shared", "account_number", others, blocks=True)


def check_account_name_differs(one: Examined) -> list[Finding]:
    """The account is not in the name of the firm that applies, nor of an insurer paid directly."""
    line = one.line
    if not line.account_name:
        return []
    named = [line.firm.name]
    if line.scheme.instrument == Instrument.PREMIUM_DIRECT_PAY:
        named += [party.name for party in (line.policy.insurer, *line.policy.insurers)]
    if match_key(line.account_name) in {match_key(name) for name in named}:
        return []
    return one.says(
        "check.account_name_differs",
        "account_name",
        [record("account", line.account_number, party=line.account_name)],
        source=REFUSALS,
        account=line.account_name,
        firm=line.firm.name,
    )


def check_premium_not_full(one: Examined) -> list[Finding]:
    """Less premium has come in than is due on the day of application (未足额缴费)."""
    policy, day = one.line.policy, one.line.applied_on
    due_fen = policy.premium_fen
    if policy.instalments:
        due = sum(i.amount_fen for i in policy.instalments if i.due_on <= day)
        due_fen = min(due_fen, due)
    received_fen = sum(r.amount_fen for r in policy.receipts)
    if one.line.scheme.instrument == Instrument.PREMIUM_DIRECT_PAY:
        due_fen -= one.line.applied_fen or due_fen  # before assessment the rule itself says what
    if received_fen >= due_fen:
        return []
    return one.says(
        "check.premium_not_full",
        "policy.premium",
        map(_receipt, policy.receipts),
        source=REFUSALS,
        received_fen=received_fen,
        due_fen=due_fen,
    )


def check_receipt_outside_period(one: Examined) -> list[Finding]:
    """Premium came in after the cover was over, or unusually long before it began."""
    policy, early = one.line.policy, one.parameters.receipt_early_days
    first = policy.start_on - timedelta(days=early.value)
    strange = [
        r for r in policy.own_receipts if r.received_on > policy.end_on or r.received_on < first
    ]
    if not strange:
        return []
    return one.says(
        "check.receipt_outside_period",
        "policy.premium",
        map(_receipt, strange),
        source=early.source,
        start=policy.start_on,
        end=policy.end_on,
        days=early.value,
    )


def check_premium_reduced(one: Examined) -> list[Finding]:
    """A refund, a downward endorsement or a cancellation was recorded after the application.

    Blocks once money has been granted: the difference is to be recovered first.
    """
    line = one.line
    down = [
        e
        for e in line.policy.endorsements
        if not e.undone
        and not e.mirror
        and (e.kind == "cancel" or e.premium_change_fen < 0 or e.sum_change_fen < 0)
        and max(e.recorded_on, e.effective_on) >= line.applied_on
    ]
    if not down:
        return []
    return one.says(
        "check.premium_reduced",
        "policy.endorsements",
        [
            record("endorsement", e.number, e.effective_on, e.premium_change_fen, status=e.kind)
            for e in down
        ],
        blocks=line.line_status in HELD,
        returned_fen=-sum(e.premium_change_fen for e in down),
        reduced_fen=-sum(e.sum_change_fen for e in down),
        applied_on=line.applied_on,
    )


def _soon(one: Examined, loss: LossEvidence) -> bool:
    """Whether a claim was paid within the days after a premium receipt, or before any."""
    days = timedelta(days=one.parameters.claim_within_days.value)
    received = [r.received_on for r in one.line.policy.own_receipts]
    return loss.paid_on < min(received) or any(
        day <= loss.paid_on <= day + days for day in received
    )


def check_claim_like_refund(one: Examined) -> list[Finding]:
    """Claims paid soon after the premium are near it in size: premium in disguise (变相退费).

    One claim or all of the days together may come near the premium received.
    """
    policy, given = one.line.policy, one.parameters
    own = policy.own_receipts
    premium_fen = sum(r.amount_fen for r in policy.receipts if r.source == "own")
    if not own or premium_fen <= 0:
        return []
    soon = [loss for loss in policy.losses if _soon(one, loss)]
    low = premium_fen * given.claim_ratio_min_ppm.value
    high = premium_fen * given.claim_ratio_max_ppm.value
    near = [loss for loss in soon if low <= loss.paid_fen * PPM_WHOLE <= high]
    if not near and low <= sum(loss.paid_fen for loss in soon) * PPM_WHOLE <= high:
        near = soon
    if not near:
        return []
    return one.says(
        "check.claim_like_refund",
        "policy.losses",
        [
            record("loss", loss.reference, loss.paid_on, loss.paid_fen, party=loss.payee_name)
            for loss in near
        ]
        + [_receipt(r) for r in own],
        paid_fen=sum(loss.paid_fen for loss in near),
        premium_fen=premium_fen,
        paid_on=max(r.received_on for r in own),
        days=given.claim_within_days.value,
        threshold_source=given.claim_within_days.source,
    )


def check_payee_is_applicant(one: Examined) -> list[Finding]:
    """A claim on a first sale was paid to the maker, though the user is to benefit."""
    line = one.line
    if line.kind not in FIRST_KINDS:
        return []
    own = {match_key(line.firm.name), match_key(line.policy.insured.name)}
    taken = [loss for loss in line.policy.losses if match_key(loss.payee_name) in own]
    if not taken:
        return []
    return one.says(
        "check.payee_is_applicant",
        "policy.losses",
        [
            record("loss", loss.reference, loss.paid_on, loss.paid_fen, party=loss.payee_name)
            for loss in taken
        ],
        paid_fen=sum(loss.paid_fen for loss in taken),
    )


def check_claims_outlier(one: Examined) -> list[Finding]:
    """The insurer has far more claims per policy than the others, for the same kind of subject."""
    seen, given = one.line.frequency, one.parameters
    if seen is None or seen.claims_count < given.frequency_claims_count.value:
        return []
    if seen.other_policies_count < given.frequency_policies_count.value:
        return []
    mine = seen.claims_count * seen.other_policies_count * PPM_WHOLE
    others = seen.other_claims_count * seen.policies_count * given.frequency_factor_ppm.value
    if mine <= others:
        return []
    return one.says(
        "check.claims_outlier",
        "policy.insurer",
        [record("insurer", one.line.policy.insurer.name)],
        source=given.frequency_factor_ppm.source,
        insurer=one.line.policy.insurer.name,
        claims=seen.claims_count,
        policies=seen.policies_count,
        other_claims=seen.other_claims_count,
        other_policies=seen.other_policies_count,
    )


PREMIUM = (
    check_premium_paid_by_another,
    check_payer_name_differs,
    check_payer_of_many,
    check_account_shared,
    check_account_name_differs,
    check_premium_not_full,
    check_receipt_outside_period,
    check_premium_reduced,
    check_claim_like_refund,
    check_payee_is_applicant,
    check_claims_outlier,
)
