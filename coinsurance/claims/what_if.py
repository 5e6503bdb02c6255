"""The claim calculator (赔案试算): the rules of real claims on plain numbers; nothing written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from coinsurance.claim_backstop_shapes import BandShape
from coinsurance.claim_explain_shapes import DeadlineShape, StepShape
from coinsurance.claim_what_if_forms import (
    BackstopForm,
    BandForm,
    ClaimWhatIfForm,
    DeadlinesForm,
    InterestForm,
    LossForm,
    OccurrenceForm,
    SectionForm,
    TermForm,
)
from coinsurance.claim_what_if_shapes import (
    BackstopAnswer,
    ClaimAnswer,
    InterestAnswer,
    OccurrenceAnswer,
    SectionAnswer,
)
from coinsurance.claims import texts as _texts  # noqa: F401  registers the texts
from coinsurance.claims import what_if_money
from coinsurance.claims.what_if_decision import decide
from coinsurance.claims.what_if_money import Money
from coinsurance.rules.agreement.terms import BackstopBand, Deadline
from coinsurance.rules.claims.backstop import Position, check_bands, position
from coinsurance.rules.claims.cover import TOWER, Deductible, Loss, Section, check_losses
from coinsurance.rules.claims.cover import check_sections as sections_fit
from coinsurance.rules.claims.deadlines import (
    Due,
    due_after,
    payment_due,
    reimbursement_due,
)
from coinsurance.rules.claims.notices import needs_joint_survey
from coinsurance.rules.claims.nouns import Series
from coinsurance.rules.claims.series import (
    Occurrence,
    Refill,
    Refilled,
    Terms,
    Worked,
    work_through,
)
from coinsurance.rules.settlement.interest import LateDebt, Payment, RateStep, interest
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.forms import FEN_MAX
from service.kernel.money import PPM_WHOLE, split

RULE = "最大余数法；余数相同者按成员次序；同一分项的各笔按累计数分摊（累计应分额 − 已分额）"
GIVEN = "试算条件"


@dataclass(frozen=True, slots=True)
class _Cover:
    worked: tuple[Worked, ...]
    payable: dict[str, int]
    asked: bool

    @property
    def payable_fen(self) -> int:
        """What is payable over all sections and occurrences."""
        return sum(self.payable.values())

    @property
    def gross_fen(self) -> int:
        """All losses as stated."""
        return sum(each.result.gross_fen for each in self.worked)


def claim(form: ClaimWhatIfForm) -> ClaimAnswer:
    """Work a claim through; raises Refused with the findings of the first part that does not fit.

    Inside a part all findings come at once.
    """
    cover = _cover(form)
    money = what_if_money.run(form, cover.payable, cover.asked)
    paid_fen = money.total(Series.PAID)
    decision = decide(form, money.shares, cover.payable) if form.decision else None
    deadlines, reimbursed = _deadlines(form.deadlines)
    whole_fen = cover.payable_fen if cover.asked else paid_fen
    limit_fen, large_fen = form.cash_call_threshold_fen, form.large_loss_fen
    threshold_fen = form.survey_threshold_fen
    gross_fen = cover.gross_fen or whole_fen
    return ClaimAnswer(
        payable_fen=whole_fen,
        agreed_fen=decision.amount_fen if decision else whole_fen,
        paid_fen=paid_fen,
        recovered_fen=money.total(Series.RECOVERY),
        expense_fen=money.total(Series.EXPENSE),
        joint_survey=None
        if threshold_fen is None
        else needs_joint_survey(gross_fen, threshold_fen),
        cash_call=None if limit_fen is None else whole_fen > limit_fen,
        large_loss=None if large_fen is None else whole_fen >= large_fen,
        rule=RULE,
        occurrences=[_occurrence(n, each) for n, each in enumerate(cover.worked, 1)],
        movements=money.answers,
        members=what_if_money.members(money),
        decision=decision,
        deadlines=[_deadline(name, due) for name, due in deadlines],
        backstop=_backstop(form.backstop, whole_fen, money) if form.backstop else None,
        interest=[_interest(each, money, reimbursed) for each in form.interest],
    )


def _cover(form: ClaimWhatIfForm) -> _Cover:
    forms = list(form.occurrences)
    if form.losses:
        forms.insert(0, OccurrenceForm(losses=form.losses))
    if form.payable_fen is not None or not forms:
        code = form.sections[0].code if len(form.sections) == 1 else ""
        payable = {} if form.payable_fen is None else {code: form.payable_fen}
        return _Cover((), payable, form.payable_fen is not None)
    terms = [_terms(section) for section in form.sections or [SectionForm(limit_fen=FEN_MAX)]]
    sections = [t.section for t in terms]
    found = sections_fit(sections)
    occurrences = [_losses(each, sections) for each in forms]
    for each in occurrences:
        found += check_losses(each.losses, sections)
    if found:
        raise Refused(found)
    period = None
    if form.period_from is not None and form.period_to is not None:
        period = (form.period_from, form.period_to)
    deductible = Deductible(
        form.deductible.fixed_fen,
        form.deductible.rate_ppm,
        form.deductible.combine,
        form.deductible.franchise,
    )
    worked = work_through(terms, occurrences, deductible, period)
    sums: dict[str, int] = {section.code: 0 for section in sections}
    for done in worked:
        for result in done.result.sections:
            sums[result.code] += result.payable_fen
    return _Cover(tuple(worked), sums, True)


def _terms(form: SectionForm) -> Terms:
    section = Section(form.code, form.limit_fen, form.attachment_fen, None, form.layer, GIVEN)
    return Terms(
        section,
        form.aggregate_fen,
        form.aggregate_used_fen,
        form.premium_fen,
        tuple(Refill(each.rate_ppm, each.by_time) for each in form.reinstatements),
    )


def _losses(form: OccurrenceForm, sections: list[Section]) -> Occurrence:
    layers = [section for section in sections if section.layer]
    only = TOWER if len(layers) == len(sections) else sections[0].code
    single = only == TOWER or len(sections) == 1
    return Occurrence(
        tuple(_loss(each, only if single else "") for each in form.losses), form.loss_on
    )


def _loss(form: LossForm, only: str) -> Loss:
    return Loss(
        form.section or only,
        form.gross_fen,
        form.salvage_fen,
        form.sum_insured_fen,
        form.value_fen,
    )


def _occurrence(number: int, worked: Worked) -> OccurrenceAnswer:
    result = worked.result
    after = {each.code: each for each in worked.sections}
    return OccurrenceAnswer(
        number,
        worked.occurrence.loss_on,
        result.gross_fen,
        result.salvage_fen,
        result.average_fen,
        result.deductible_fen,
        result.payable_fen,
        result.uncovered_fen,
        [
            _section(section.code, section.payable_fen, section.over_fen, after, steps)
            for section in result.sections
            for steps in [
                [
                    StepShape(s.code, s.zh, s.before_fen, s.after_fen, s.clause)
                    for s in section.steps
                ]
            ]
        ],
    )


def _section(
    code: str, payable_fen: int, over_fen: int, after: dict[str, Refilled], steps: list[StepShape]
) -> SectionAnswer:
    left = after[code]
    return SectionAnswer(
        code,
        payable_fen,
        over_fen,
        left.left_fen,
        left.refilled_fen,
        left.premium_fen,
        left.refill_left_fen,
        steps,
    )


def _term(form: TermForm | None) -> Deadline | None:
    return None if form is None else Deadline(form.days, form.calendar)


def _deadlines(form: DeadlinesForm | None) -> tuple[list[tuple[str, Due]], date | None]:
    """The chain of deadlines, and the day reimbursement is due."""
    if form is None:
        return [], None
    found: list[tuple[str, Due]] = []
    if form.reported_on is not None:
        found.append(("notice", due_after(form.reported_on, _term(form.notice), GIVEN)))
    paid_on = form.paid_on
    if form.agreed_on is not None:
        due = payment_due(form.agreed_on, _term(form.payment), GIVEN)
        found.append(("payment", due))
        paid_on = paid_on or due.on
    reimbursed = None
    if paid_on is not None:
        due = reimbursement_due(paid_on, form.papers_on, _term(form.reimbursement), GIVEN)
        found.append(("reimbursement", due))
        reimbursed = due.on
    return found, reimbursed


def _deadline(name: str, due: Due) -> DeadlineShape:
    return DeadlineShape(
        name, due.start_on, due.days, due.calendar.value, due.on, due.clause, due.waiting_zh
    )


def _band(form: BandForm, place: str) -> tuple[BackstopBand, list[Finding]]:
    by_parts = form.pool_parts is not None or form.government_parts is not None
    if by_parts == (form.government_ppm is not None):
        found = [blocker("claim.band_without_bearer", place)]
        return BackstopBand(form.from_ppm, form.to_ppm), found
    if form.government_ppm is not None:
        weights = (PPM_WHOLE - form.government_ppm, form.government_ppm)
    else:
        weights = (form.pool_parts or 0, form.government_parts or 0)
    return BackstopBand(form.from_ppm, form.to_ppm, *weights), []


def _backstop(form: BackstopForm, payable_fen: int, money: Money) -> BackstopAnswer:
    read = [_band(band, f"backstop.bands.{n}") for n, band in enumerate(form.bands)]
    bands = [band for band, _ in read]
    found = [finding for _, findings in read for finding in findings]
    found += check_bands(bands, "backstop.bands") if not found else []
    if found:
        raise Refused(found)
    loss_fen = form.loss_before_fen + (payable_fen if form.loss_fen is None else form.loss_fen)
    before = position(bands, form.premium_fen, form.loss_before_fen)
    after = position(bands, form.premium_fen, loss_fen)
    change_fen = after.government_fen - before.government_fen
    shares = money.shares[""]
    members = {}
    if shares.names and shares.whole:
        parts = split(change_fen, shares.weights)
        members = dict(zip(shares.names, parts, strict=True))
    return _backstop_answer(before, after, change_fen, members)


def _backstop_answer(
    before: Position, after: Position, change_fen: int, members: dict[str, int]
) -> BackstopAnswer:
    return BackstopAnswer(
        after.premium_fen,
        before.loss_fen,
        after.loss_fen,
        after.pool_fen,
        after.government_fen,
        after.uncovered_fen,
        change_fen,
        after.uncovered_fen - before.uncovered_fen,
        members,
        [
            BandShape(
                band.from_fen,
                band.to_fen,
                band.loss_fen,
                band.pool_fen,
                band.government_fen,
                band.left_fen,
            )
            for band in after.bands
        ],
    )


def _interest(form: InterestForm, money: Money, reimbursed: date | None) -> InterestAnswer:
    owed = sum(
        member.net_fen
        for member in what_if_money.members(money)
        if money.form.members and member.member != money.handler
    )
    principal_fen = form.principal_fen or owed
    due_on = form.due_on or reimbursed
    steps = tuple(RateStep(step.from_on, step.rate_ppm) for step in form.rates)
    if due_on is None:
        return InterestAnswer(
            principal_fen, None, form.as_of, 0, 0, "0", principal_fen, form.day_count.value, []
        )
    debt = LateDebt(
        principal_fen,
        due_on,
        steps or (RateStep(due_on, form.rate_ppm),),
        form.day_count,
        tuple(Payment(each.on, each.amount_fen) for each in form.payments),
    )
    result = interest(debt, form.as_of)
    return InterestAnswer(
        principal_fen,
        due_on,
        form.as_of,
        result.days,
        result.amount_fen,
        str(result.exact),
        result.open_fen,
        form.day_count.value,
        [segment.as_dict() for segment in result.segments],
    )
