"""Premium calculators (试算): the rules of a placement on plain numbers; nothing is written."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from catalogue.rules.policies import refund_parts
from coinsurance.premium_shapes import (
    EndorsementAnswer,
    PremiumAnswer,
    RefundAnswer,
    SplitAnswer,
    SplitPart,
)
from coinsurance.premium_what_if_forms import (
    EndorsementWhatIfForm,
    EventForm,
    FeesForm,
    MemberForm,
    PremiumForm,
    RefundForm,
    RemittanceForm,
    SplitForm,
)
from coinsurance.premiums import views
from coinsurance.premiums.what_if_inputs import (
    LAW_2,
    RULE,
    cover_of,
    later_schedule,
    one_section,
    terms_of,
)
from coinsurance.rules.premium import need_refundable
from coinsurance.rules.premium_cover import (
    Amount,
    additional_fen,
    check_day,
    condition_fen,
    cover_from,
    earned_fraction,
)
from coinsurance.rules.premium_series import (
    Held,
    Movement,
    Terms,
    change_shares,
    held_after,
    receive,
    reverse,
)
from coinsurance.rules.premium_weights import (
    Change,
    Cover,
    Weights,
    days_of,
    unearned_fen,
    weigh,
)
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.money import allocate, explain, ratio

DAYS = "首末日均计入；批改与份额变更自生效日零时起，生效日归变更后"


def split(form: SplitForm) -> SplitAnswer:
    """A total by weights, or the next movement of a series; every part explained."""
    names = form.names or [f"#{n}" for n in range(1, len(form.weights) + 1)]
    if len(names) != len(form.weights):
        raise Refused(
            [blocker("premium.names_differ", "names", names=len(names), weights=len(form.weights))]
        )
    running, before = 0, (0,) * len(form.weights)
    history = []
    for amount in form.history:
        running += amount
        step = allocate(running, form.weights, before)
        history.append(list(step))
        before = tuple(b + s for b, s in zip(before, step, strict=True))
    total = running + form.total_fen
    parts = explain(total, form.weights)
    return SplitAnswer(
        form.total_fen,
        total,
        sum(form.weights),
        RULE,
        LAW_2,
        [
            SplitPart(
                part.position + 1,
                name,
                part.weight,
                views.fraction(part.exact),
                part.exact.numerator,
                part.exact.denominator,
                part.allocated,
                views.fraction(part.difference),
                part.allocated - earlier,
            )
            for name, part, earlier in zip(names, parts, before, strict=True)
        ],
        history,
    )


def premium(form: PremiumForm) -> PremiumAnswer:
    """A whole series of movements: parts, fees, debts, accounts, and when cover begins."""
    run = _Run(cover_of(form), terms_of(form.members, form.fees, form.remittance))
    for position, event in enumerate(form.events):
        run.take(event, f"events.{position}")
    weights = weigh(run.cover)
    balances = views.balances(run.movements, run.terms)
    due = form.premium_fen or sum(s.premium_fen for s in run.cover.sections)
    needed = condition_fen(form.no_premium_no_cover, due, form.instalments)
    received = [(m.effective_on, m.amount_fen) for m in run.movements]
    return PremiumAnswer(
        run.held.total_fen,
        due + sum(change.amount_fen for change in run.cover.changes),
        weights.whole,
        cover_from(needed, form.start_on, received),
        views.member_totals(run.held, weights, balances),
        views.movement_views(run.movements, run.terms),
        views.piece_views(weights.pieces),
        views.account_views(balances),
    )


def endorsement(form: EndorsementWhatIfForm) -> EndorsementAnswer:
    """What an endorsement does to the premium, what goes back to whom, and each member's part."""
    members = form.members or [MemberForm(member="#1", units=10**8)]
    cover = one_section(members, form.premium_fen, form.start_on, form.end_on)
    found = [*check_day(cover, form.effective_on)]
    if form.method is Amount.STATED and form.change_fen * _SIGNS[form.kind] < 0:
        found.append(blocker("endorsement.wrong_sign", "change_fen", kind=form.kind))
    if found:
        raise Refused(found)
    change, change_fen = _change(form, cover)
    after = form.premium_fen + change_fen
    if after < 0:
        raise Refused([_returns_too_much(form.premium_fen, change_fen)])
    paid = dict(form.received)
    refunds = refund_parts(paid, sum(paid.values()) - after)
    terms = terms_of(members, FeesForm(), RemittanceForm())
    movements = _received(paid, cover, terms, form.start_on)
    if change_fen:
        moved = Change("endorsement", change_fen, form.effective_on, form.end_on)
        cover = replace(cover, changes=(moved,))
    movements += _refunded(refunds, movements, weigh(cover), terms, form.effective_on)
    whole = days_of(form.start_on, form.end_on)
    unearned = days_of(form.effective_on, form.end_on)
    return EndorsementAnswer(
        whole,
        whole - unearned,
        unearned,
        views.fraction(earned_fraction(form.start_on, form.end_on, form.effective_on)),
        change,
        change_fen,
        after,
        sum(refunds.values()),
        refunds,
        DAYS,
        views.movement_views(movements, terms),
    )


def refund(form: RefundForm) -> RefundAnswer:
    """A refund by source and member; never more to a source than it paid."""
    paid = dict(form.paid)
    if form.refund_fen is not None and not form.refunds:
        need_refundable({"all": sum(paid.values())}, {"all": form.refund_fen})
        refunds = refund_parts(paid, form.refund_fen)
    else:
        refunds = dict(form.refunds)
        need_refundable(paid, refunds)
    cover = one_section(form.members, max(1, sum(paid.values())), form.on, form.on)
    terms = terms_of(form.members, form.fees, form.remittance)
    weights = weigh(cover)
    movements = _received(paid, cover, terms, form.on)
    movements += _refunded(refunds, movements, weights, terms, form.on)
    return RefundAnswer(
        refunds,
        {source: fen - refunds.get(source, 0) for source, fen in paid.items()},
        views.movement_views(movements, terms),
        views.member_totals(held_after(movements), weights, views.balances(movements, terms)),
    )


@dataclass(slots=True)
class _Run:
    """A series as it grows."""

    cover: Cover
    terms: Terms
    held: Held = field(default_factory=Held)
    movements: list[Movement] = field(default_factory=list)
    reversed: set[int] = field(default_factory=set)

    def take(self, event: EventForm, where: str) -> None:
        """Carry one event into the series."""
        on = event.on or self.cover.start_on
        {
            "receipt": self._receipt,
            "reversal": self._reversal,
            "share_change": self._shares,
            "endorsement": self._endorse,
        }[event.kind](event, on, where)

    def _keep(self, movement: Movement) -> None:
        self.movements.append(movement)
        self.held = self.held.plus(movement)

    def _receipt(self, event: EventForm, on: date, where: str) -> None:
        if not event.amount_fen:
            raise Refused([blocker("premium.nothing_received", f"{where}.amount_fen")])
        weights = weigh(self.cover)
        self._keep(receive(self.held, weights, self.terms, event.source, event.amount_fen, on))

    def _reversal(self, event: EventForm, on: date, where: str) -> None:
        number = event.of or 0
        if not 1 <= number <= len(self.movements):
            raise Refused([blocker("premium.no_movement", f"{where}.of", number=number)])
        if number in self.reversed:
            raise Refused([blocker("premium.reversed_before", f"{where}.of", number=number)])
        original = self.movements[number - 1]
        self._keep(reverse(self.held, weigh(self.cover), self.terms, original, on))
        self.reversed.add(number)

    def _shares(self, event: EventForm, on: date, where: str) -> None:
        concerned = [s.code for s in self.cover.sections if event.section in ("", s.code)]
        found = check_day(self.cover, on, f"{where}.on")
        if not concerned:
            found.append(blocker("premium.no_section", f"{where}.section", section=event.section))
        if found:
            raise Refused(found)
        added = [
            later_schedule(code, on, event.units, f"{where}:{code}", self.cover)
            for code in concerned
        ]
        self.cover = replace(self.cover, schedules=(*self.cover.schedules, *added))
        for movement in change_shares(self.held, weigh(self.cover), self.terms, on):
            self._keep(movement)

    def _endorse(self, event: EventForm, on: date, where: str) -> None:
        found = check_day(self.cover, on, f"{where}.on")
        left_fen = int(unearned_fen(self.cover, self.cover.start_on, event.section))
        if event.amount_fen < -left_fen:
            too_much = _returns_too_much(left_fen, event.amount_fen)
            found.append(replace(too_much, field=f"{where}.amount_fen"))
        if found:
            raise Refused(found)
        change = Change(where, event.amount_fen, on, self.cover.end_on, event.section)
        self.cover = replace(self.cover, changes=(*self.cover.changes, change))


_SIGNS = {"additional_premium": 1, "return_premium": -1, "cancel": -1}
"""Which way the premium moves with each kind of endorsement."""


def _change(form: EndorsementWhatIfForm, cover: Cover) -> tuple[str, int]:
    """The change of premium, exact as text and in fen."""
    if form.method is Amount.STATED:
        return str(form.change_fen), form.change_fen
    if form.method is Amount.AB_INITIO:
        return str(-form.premium_fen), -form.premium_fen
    if form.kind == "additional_premium":
        whole = days_of(form.start_on, form.end_on)
        left = days_of(form.effective_on, form.end_on)
        fen = additional_fen(
            form.full_period_fen, form.start_on, form.end_on, form.effective_on, form.rounding
        )
        return views.fraction(Fraction(form.full_period_fen * left, whole)), fen
    exact = unearned_fen(cover, form.effective_on)
    fen = ratio(exact.numerator, 1, exact.denominator, form.rounding)
    return views.fraction(-exact), -fen


def _returns_too_much(premium_fen: int, change_fen: int) -> Finding:
    return blocker(
        "premium.return_above_due", "change_fen", premium_fen=premium_fen, return_fen=-change_fen
    )


def _received(paid: Mapping[str, int], cover: Cover, terms: Terms, on: date) -> list[Movement]:
    weights = weigh(cover)
    return _series([(source, fen) for source, fen in paid.items() if fen], [], weights, terms, on)


def _refunded(
    refunds: Mapping[str, int],
    before: Sequence[Movement],
    weights: Weights,
    terms: Terms,
    on: date,
) -> list[Movement]:
    amounts = [(source, -fen) for source, fen in refunds.items() if fen]
    return _series(amounts, before, weights, terms, on)


def _series(
    amounts: Sequence[tuple[str, int]],
    before: Sequence[Movement],
    weights: Weights,
    terms: Terms,
    on: date,
) -> list[Movement]:
    held, found = held_after(before), []
    for source, fen in amounts:
        movement = receive(held, weights, terms, source, fen, on)
        held = held.plus(movement)
        found.append(movement)
    return found
