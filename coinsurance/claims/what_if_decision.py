"""The claim calculator's decision: may the handler decide alone, and have the members consented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from coinsurance.claim_what_if_forms import ClaimWhatIfForm, ConsentForm
from coinsurance.claim_what_if_shapes import DecisionAnswer
from coinsurance.claims.what_if_money import Shares
from coinsurance.rules.agreement.terms import Authority
from coinsurance.rules.claims.authority import judge as judge_authority
from coinsurance.rules.claims.decisions import consent_weights
from coinsurance.rules.consents import Judgement, Party, Request, check_request, judge, needed_units
from service.kernel.errors import Refused
from service.kernel.findings import blocker
from service.kernel.shares import WHOLE_UNITS

_SERVED = datetime(2026, 1, 5, tzinfo=UTC)
GIVEN = "试算条件"


def decide(
    form: ClaimWhatIfForm, shares: Mapping[str, Shares], payable: Mapping[str, int]
) -> DecisionAnswer:
    """Judge authority, and where it is not enough the members' answers, in their order."""
    asked = form.decision
    assert asked is not None
    amount_fen = sum(payable.values()) if asked.amount_fen is None else asked.amount_fen
    verdict = judge_authority(
        [
            Authority(a.role, a.amount_max_fen, tuple(f.value for f in a.flags_allowed))
            for a in asked.authority
        ],
        asked.roles,
        amount_fen,
        [flag.value for flag in asked.flags],
        GIVEN,
        members=len(form.members) or 2,
    )
    judged, weights = None, dict[str, int]()
    if asked.consent is not None:
        weights = _weights(form, shares, payable)
        judged = _consent(asked.consent, weights)
    return DecisionAnswer(
        amount_fen,
        verdict.alone,
        verdict.basis.value,
        verdict.amount_max_fen,
        [finding.as_dict() for finding in verdict.findings],
        judged.outcome if judged else None,
        list(judged.consenting) if judged else [],
        list(judged.missing) if judged else [],
        weights,
    )


def _weights(
    form: ClaimWhatIfForm, shares: Mapping[str, Shares], payable: Mapping[str, int]
) -> dict[str, int]:
    """The weight of each member in what is proposed, in units of 10^8."""
    if not form.members:
        raise Refused([blocker("consent.nobody", "decision.consent")])
    names = shares[""].names
    sections = [
        (fen, dict(enumerate(_scaled(shares.get(code, shares[""])))))
        for code, fen in (payable or {"": 0}).items()
    ]
    weights = consent_weights(sections, range(len(names)))
    return {names[n]: units for n, units in weights.items()}


def _scaled(shares: Shares) -> list[int]:
    """Weights as units of the whole, so that sections of different wholes may be added."""
    return [weight * WHOLE_UNITS // (shares.whole or 1) for weight in shares.weights]


def _consent(form: ConsentForm, weights: Mapping[str, int]) -> Judgement:
    units = form.threshold_units
    needed = None if units is None else needed_units(units, list(weights.values()))
    request = Request(form.rule, form.count, needed, form.deemed)
    answers = [*form.answers, *[""] * (len(weights) - len(form.answers))]
    due_at = _SERVED + timedelta(days=1)
    parties = [
        Party(name, weight, answer, _SERVED, due_at)
        for (name, weight), answer in zip(weights.items(), answers, strict=False)
    ]
    found = check_request(request, parties)
    if found:
        raise Refused(found)
    return judge(request, parties, _SERVED + timedelta(days=2 if form.after_deadline else 0))
