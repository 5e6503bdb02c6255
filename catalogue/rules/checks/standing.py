"""Where policy, product, firm and enrolment stand on the days that count."""

from __future__ import annotations

from datetime import date

from catalogue.rules.checks.looking import REFUSALS, Examined, record
from catalogue.rules.subsidy.nouns import EnrolmentStatus
from service.kernel.findings import Finding

RECOGNISED = frozenset(
    {EnrolmentStatus.RECOGNISED, EnrolmentStatus.ACTIVE, EnrolmentStatus.EXPIRED}
)
CONDUCT_RULE = "保监发〔2002〕16号"
SANCTION = "工信厅原函〔2024〕473号"


def check_policy_disputed(one: Examined) -> list[Finding]:
    """The insured says that the record of the policy is wrong; the insurer has not answered."""
    policy = one.line.policy
    if policy.status != "disputed":
        return []
    shown = [record("policy", policy.number, policy.start_on, policy.premium_fen)]
    return one.says("check.policy_disputed", "policy", shown, blocks=True, source=REFUSALS)


def check_policy_cancelled(one: Examined) -> list[Finding]:
    """The policy was cancelled."""
    policy = one.line.policy
    if policy.status != "cancelled":
        return []
    shown = [record("policy", policy.number, policy.start_on, policy.premium_fen)]
    return one.says("check.policy_cancelled", "policy", shown, blocks=True)


def check_not_insured(one: Examined) -> list[Finding]:
    """Another than the insured of the policy applies."""
    policy, firm = one.line.policy, one.line.firm
    if policy.insured.uscc == firm.uscc:
        return []
    shown = [
        record(
            "policy",
            policy.number,
            policy.start_on,
            policy.premium_fen,
            party=policy.insured.name,
            party_uscc=policy.insured.uscc,
        )
    ]
    return one.says(
        "check.not_insured",
        "policy",
        shown,
        blocks=not policy.insured.same_person(firm),
        source=REFUSALS,
        insured=policy.insured.name,
        firm=firm.name,
    )


def check_insurers_one_person(one: Examined) -> list[Finding]:
    """Two insurers of the policy belong to one legal person."""
    insurers = one.line.policy.insurers
    roots = [party.root for party in insurers]
    twice = [party for party in insurers if roots.count(party.root) > 1]
    if not twice:
        return []
    return one.says(
        "check.insurers_one_person",
        "policy.insurers",
        [record("insurer", party.uscc, party=party.name) for party in twice],
        blocks=True,
        source=CONDUCT_RULE,
        names=tuple(party.name for party in twice),
    )


def _product(one: Examined, day: date, standing: str) -> list[dict[str, object]]:
    return [record("product", one.line.policy.product, day, status=standing or "-")]


def check_not_in_library(one: Examined) -> list[Finding]:
    """The product was not in the library on the first day of cover (不在库)."""
    policy = one.line.policy
    if policy.standing_start == "in_library":
        return []
    return one.says(
        "check.not_in_library",
        "policy.product",
        _product(one, policy.start_on, policy.standing_start),
        blocks=True,
        source=REFUSALS,
        day=policy.start_on,
    )


def check_left_library(one: Examined) -> list[Finding]:
    """The product was suspended or withdrawn between first day of cover and application."""
    policy, day = one.line.policy, one.line.applied_on
    if policy.standing_start != "in_library" or policy.standing_now == "in_library":
        return []
    return one.says(
        "check.left_library", "policy.product", _product(one, day, policy.standing_now), day=day
    )


def check_not_filed(one: Examined) -> list[Finding]:
    """The main clause of the product has no file number (未备案)."""
    policy = one.line.policy
    if policy.main_clause:
        return []
    shown = _product(one, policy.start_on, policy.standing_start)
    return one.says("check.not_filed", "policy.product", shown, blocks=True, source=REFUSALS)


def _bans(one: Examined, *, own: bool) -> list[dict[str, object]]:
    day, firm = one.line.applied_on, one.line.firm
    return [
        record("ban", b.clause or "-", b.to_on, party=b.party.name, party_uscc=b.party.uscc)
        for b in one.line.bans
        if b.from_on <= day <= b.to_on and (b.party.uscc == firm.uscc) is own
    ]


def check_own_ban(one: Examined) -> list[Finding]:
    """A ban of the firm itself runs on the day of application."""
    shown = _bans(one, own=True)
    return one.says("check.own_ban", "firm", shown, blocks=True, source=SANCTION) if shown else []


def check_related_ban(one: Examined) -> list[Finding]:
    """A ban runs for another organisation of the same legal person."""
    shown = _bans(one, own=False)
    if not shown:
        return []
    names = tuple(str(r["party"]) for r in shown)
    return one.says("check.related_ban", "firm", shown, blocks=True, source=SANCTION, parties=names)


def _status(one: Examined, code: str, day: date) -> list[Finding]:
    wanted = one.parameters.statuses
    held = [c for c in one.line.certificates if c.kind in wanted]
    if not wanted or any(c.holds(day) for c in held):
        return []
    return one.says(
        code,
        "firm.statuses",
        [record("certificate", c.number, c.valid_to, status=c.kind) for c in held],
        source=REFUSALS,
        day=day,
    )


def check_status_on_start(one: Examined) -> list[Finding]:
    """None of the certificates the rule asks for is valid on the first day of cover."""
    return _status(one, "check.status_on_start", one.line.policy.start_on)


def check_status_on_application(one: Examined) -> list[Finding]:
    """None of the certificates the rule asks for is valid on the day of application."""
    return _status(one, "check.status_on_application", one.line.applied_on)


def check_enrolment_unfit(one: Examined) -> list[Finding]:
    """The enrolment is not recognised, or was made for another policy or firm."""
    line, enrolment = one.line, one.line.enrolment
    if enrolment is None:
        return []
    fits = enrolment.policy == line.policy.number and enrolment.enterprise == line.firm.uscc
    if fits and enrolment.status in RECOGNISED:
        return []
    return one.says(
        "check.enrolment_unfit",
        "enrolment",
        [record("enrolment", enrolment.number, status=enrolment.status)],
        blocks=True,
        source=REFUSALS,
        status_zh=EnrolmentStatus.zh_of(enrolment.status),
        status_en=enrolment.status,
        policy=enrolment.policy,
    )


STANDING = (
    check_policy_disputed,
    check_policy_cancelled,
    check_not_insured,
    check_insurers_one_person,
    check_not_in_library,
    check_left_library,
    check_not_filed,
    check_own_ban,
    check_related_ban,
    check_status_on_start,
    check_status_on_application,
    check_enrolment_unfit,
)
