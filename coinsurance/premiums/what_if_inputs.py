"""What the calculators were told, as the rules take it: members, sections, schedules, terms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from coinsurance.premium_what_if_forms import (
    FeesForm,
    MemberForm,
    PremiumForm,
    RemittanceForm,
)
from coinsurance.rules.agreement.terms import LeadFee, ShareFee
from coinsurance.rules.fees import FeeTerms
from coinsurance.rules.nouns import Component
from coinsurance.rules.premium_dues import Remit, Roles
from coinsurance.rules.premium_series import Terms
from coinsurance.rules.premium_weights import Cover, Schedule, Section, Share
from service.kernel.errors import Refused
from service.kernel.findings import blocker
from service.kernel.shares import WHOLE_UNITS

RULE = "最大余数法；余数相同者按成员次序；同一系列按累计数分摊（累计应分额 − 已分额）"
LAW_2 = "DESIGN law 2"
GIVEN = "试算条件"
"""The clause of what the calculator was told."""
WHOLE = "*"
"""The section of a placement without sections."""


def later_schedule(
    section: str, on: date, units: Mapping[str, int], number: str, cover: Cover
) -> Schedule:
    """A later schedule; members keep their places, new ones follow."""
    places = {share.member: share.position for s in cover.schedules for share in s.shares}
    for member in units:
        places.setdefault(member, len(places) + 1)
    free = any(s.whole_units != WHOLE_UNITS for s in cover.schedules)
    return _shared(number, section, on, units, places, free)


def _shared(
    number: str,
    section: str,
    on: date,
    units: Mapping[str, int],
    places: Mapping[str, int],
    free: bool,
) -> Schedule:
    """A schedule; `free`: of weights, whatever they sum to."""
    shares = tuple(Share(member, places[member], own) for member, own in units.items())
    whole = sum(units.values()) if free else WHOLE_UNITS
    if free and not whole:
        raise Refused([blocker("money.no_weight", "members")])
    return Schedule(number, section, on, shares, RULE, whole)


def _units(members: Sequence[MemberForm]) -> tuple[dict[str, int], bool]:
    """Each member's units, or its weight where weights were given."""
    free = any(member.weight is not None for member in members)
    own = {m.member: (m.weight or 0) if free else m.units for m in members}
    return own, free


def cover_of(form: PremiumForm) -> Cover:
    places = _places(form.members)
    common, free = _units(form.members)
    received = sum(e.amount_fen for e in form.events if e.kind == "receipt" and e.amount_fen > 0)
    premium_fen = form.premium_fen if form.premium_fen is not None else max(received, 1)
    named = [(s.code, s.premium_fen, s.units or common) for s in form.sections]
    rows = named or [(WHOLE, premium_fen, common)]
    found = [
        blocker("premium.unknown_member", f"sections.{position}.units", member=member)
        for position, (_, _, units) in enumerate(rows)
        for member in units
        if member not in places
    ]
    if found:
        raise Refused(found)
    return Cover(
        form.start_on,
        form.end_on,
        tuple(Section(code, fen) for code, fen, _ in rows),
        tuple(
            _shared(f"inception:{code}", code, form.start_on, units, places, free)
            for code, _, units in rows
        ),
    )


def one_section(
    members: Sequence[MemberForm], premium_fen: int, start_on: date, end_on: date
) -> Cover:
    places = _places(members)
    units, free = _units(members)
    schedule = _shared("inception", WHOLE, start_on, units, places, free)
    return Cover(start_on, end_on, (Section(WHOLE, premium_fen),), (schedule,))


def _places(members: Sequence[MemberForm]) -> dict[str, int]:
    """The order of the members; nobody may stand in it twice."""
    names = [member.member for member in members]
    found = [
        blocker("premium.member_twice", f"members.{position}.member", member=name)
        for position, name in enumerate(names)
        if name in names[:position]
    ]
    if found:
        raise Refused(found)
    return {name: position for position, name in enumerate(names, 1)}


def terms_of(members: Sequence[MemberForm], fees: FeesForm, remit: RemittanceForm) -> Terms:
    def holder(role: str, fallback: str) -> str:
        return next((m.member for m in members if role in m.roles), fallback)

    lead = holder("lead", members[0].member)
    roles = Roles(holder("issuer", lead), lead, holder("account_keeper", lead))
    lead_fee, broker, admin = fees.lead_fee, fees.broker_fee, fees.admin_fee
    agreed = FeeTerms(
        LeadFee(lead_fee.rate_ppm, lead_fee.base, lead_fee.tax_ppm) if lead_fee else None,
        ShareFee(broker.rate_ppm, broker.base) if broker else None,
        ShareFee(admin.rate_ppm, admin.base) if admin else None,
        fees.premium_tax_ppm,
        fees.rounding,
        dict.fromkeys(Component, GIVEN),
    )
    return Terms(
        roles,
        agreed,
        Remit(remit.mode, remit.days, remit.calendar, GIVEN),
        LAW_2,
        "DESIGN law 3",
    )
