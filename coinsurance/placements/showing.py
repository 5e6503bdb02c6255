"""From results of the signing rule to what the API answers; followers never see their peers."""

from __future__ import annotations

from fractions import Fraction

from coinsurance.access import View
from coinsurance.placement_shapes import SignedLineShape, SigningPreview, SigningShape
from coinsurance.placements.gathering import Market, Member, Participation
from coinsurance.placements.rows import Access
from coinsurance.rules.citing import citing
from coinsurance.rules.signing import OUTCOMES, Signed, SignedLine
from service.kernel.shares import WHOLE_UNITS


def line_shape(line: SignedLine, name: str, uscc: str = "") -> SignedLineShape:
    """One line with its whole reason."""
    zh, en = OUTCOMES[line.outcome]
    difference = Fraction(line.signed_units or 0) - line.exact
    if line.signed_units is None:
        difference = Fraction(0)
    return SignedLineShape(
        name=name,
        uscc=uscc,
        position=line.position + 1,
        written_units=line.written_units,
        up_to_units=line.up_to_units,
        cap_units=line.cap_units,
        effective_units=line.effective_units,
        stands=line.stands,
        exact_numerator=str(line.exact.numerator),
        exact_denominator=str(line.exact.denominator),
        remainder_rank=line.rank,
        rounded_up=line.rounded_up,
        signed_units=line.signed_units,
        difference_numerator=str(difference.numerator),
        difference_denominator=str(difference.denominator),
        outcome=line.outcome,
        outcome_zh=zh,
        outcome_en=en,
    )


def signing_shape(
    signed: Signed,
    lines: list[SignedLineShape],
    *,
    section: str = "",
    title: str = "",
    limit_fen: int | None = None,
    clause: str = "",
    left_out: list[str] | None = None,
) -> SigningShape:
    """A signing with the lines a reader may see."""
    factor = signed.factor
    return SigningShape(
        section=section,
        title=title,
        limit_fen=limit_fen,
        whole=signed.whole,
        written_units=signed.written_units,
        effective_units=signed.effective_units,
        missing_units=signed.missing_units,
        factor_numerator=None if factor is None else str(factor.numerator),
        factor_denominator=None if factor is None else str(factor.denominator),
        clause=clause,
        lines=lines,
        left_out=left_out or [],
        findings=[finding.as_dict() for finding in citing(signed.findings, clause)],
    )


def section_shape(
    part: Participation, members: dict[int, Member], view: View, clause: str
) -> SigningShape:
    """A section of a risk placed by lines, as a reader may see it."""
    assert part.signed is not None
    by_uscc = {member.uscc: member for member in members.values()}
    shown = [
        line_shape(line, by_uscc[line.key].name, line.key)
        for line in part.signed.lines
        if view.shows(by_uscc[line.key].organisation_id)
    ]
    return signing_shape(
        part.signed,
        shown,
        section=part.section.code,
        title=part.section.title,
        limit_fen=part.section.limit_fen,
        clause=clause,
        left_out=[
            uscc for uscc in part.left_out if view.shows(by_uscc[uscc].organisation_id)
        ],
    )


def scheduled_shape(
    part: Participation,
    members: dict[int, Member],
    view: View,
    clause: str,
    weights: dict[int, int],
) -> SigningShape:
    """A section on the year's schedule: every share with what it was derived from."""
    total = sum(weights.values()) or 1
    shown = []
    for organisation, units in part.shares.items():
        if not view.shows(organisation):
            continue
        member = members[organisation]
        exact = Fraction(WHOLE_UNITS * weights.get(organisation, 0), total)
        shown.append(_scheduled(member, units, exact))
    return SigningShape(
        section=part.section.code,
        title=part.section.title,
        limit_fen=part.section.limit_fen,
        whole=bool(part.shares),
        written_units=sum(part.shares.values()),
        effective_units=sum(part.shares.values()),
        missing_units=WHOLE_UNITS - sum(part.shares.values()),
        factor_numerator=None,
        factor_denominator=None,
        clause=clause,
        lines=shown,
        left_out=[],
        findings=[],
    )


def _scheduled(member: Member, units: int, exact: Fraction) -> SignedLineShape:
    difference = units - exact
    return SignedLineShape(
        name=member.name,
        uscc=member.uscc,
        position=member.position,
        written_units=units,
        up_to_units=None,
        cap_units=None,
        effective_units=units,
        stands=True,
        exact_numerator=str(exact.numerator),
        exact_denominator=str(exact.denominator),
        remainder_rank=None,
        rounded_up=difference > 0,
        signed_units=units,
        difference_numerator=str(difference.numerator),
        difference_denominator=str(difference.denominator),
        outcome="schedule",
        outcome_zh="按业务年度份额表",
        outcome_en="By the schedule of the pool year",
    )


def preview(access: Access, market: Market) -> SigningPreview:
    """What would be signed now, for one reader."""
    risk = access.risk
    view, clause = access.view, access.terms.clause("signing")
    if risk.by_lines:
        sections = [section_shape(p, market.members, view, clause) for p in market.sections]
    else:
        weights = market.schedule.weights if market.schedule else {}
        clause = market.schedule.clause if market.schedule else clause
        sections = [
            scheduled_shape(p, market.members, view, clause, weights) for p in market.sections
        ]
    return SigningPreview(
        risk.number,
        risk.method,
        market.whole,
        market.schedule.number if market.schedule else None,
        sections,
    )
