"""What a policy pays for a loss (理算): salvage, average, deductible, layers, limits, aggregate.

All of it holds over the pool, on the 100 % figure; shares come afterwards. The order is that of
Chinese property policies: loss less salvage, average (保险法第五十五条), deductible once per
occurrence, layers, limit, what is left of the aggregate. Every step is kept with its amounts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from coinsurance.rules.claims import cover_texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.claims.nouns import Combine
from service.kernel.findings import Finding, blocker
from service.kernel.money import Rounding, of_ppm, ratio, split

TOWER = "layers"
"""The name under which the one loss of all layers is stated."""


@dataclass(frozen=True, slots=True)
class Deductible:
    """A deductible (免赔额): fixed, in percent of the loss, or both; once per occurrence.

    A `franchise` (相对免赔额) falls away when the loss exceeds it; an absolute one never does.
    """

    fixed_fen: int = 0
    rate_ppm: int = 0
    combine: Combine = Combine.GREATER
    franchise: bool = False

    def of(self, loss_fen: int) -> int:
        """What the insured bears of a loss, in fen; never more than the loss."""
        in_rate_fen = of_ppm(loss_fen, self.rate_ppm, Rounding.HALF_UP)
        if self.combine is Combine.SUM:
            amount_fen = self.fixed_fen + in_rate_fen
        elif self.combine is Combine.LESSER and self.rate_ppm and self.fixed_fen:
            amount_fen = min(self.fixed_fen, in_rate_fen)
        else:
            amount_fen = max(self.fixed_fen, in_rate_fen)
        if self.franchise and loss_fen > amount_fen:
            return 0
        return min(loss_fen, amount_fen)


@dataclass(frozen=True, slots=True)
class Section:
    """A section (attachment 0) or a layer of the cover; `left_fen` None: no aggregate limit."""

    code: str
    limit_fen: int
    attachment_fen: int = 0
    left_fen: int | None = None
    layer: bool = False
    clause: str = ""


@dataclass(frozen=True, slots=True)
class Loss:
    """The loss of one section, or of all layers together (`section` = TOWER).

    Where `value_fen` exceeds `sum_insured_fen` the section is under-insured and pays in that
    proportion.
    """

    section: str
    gross_fen: int
    salvage_fen: int = 0
    sum_insured_fen: int | None = None
    value_fen: int | None = None


@dataclass(frozen=True, slots=True)
class CoverStep:
    """One step of the calculation: its name, what went in and what came out, in fen."""

    code: str
    zh: str
    before_fen: int
    after_fen: int
    clause: str = ""


@dataclass(frozen=True, slots=True)
class SectionResult:
    """What a section pays and how it came about; `over_fen` is what its limits cut off."""

    code: str
    payable_fen: int
    over_fen: int
    steps: tuple[CoverStep, ...]


@dataclass(frozen=True, slots=True)
class CoverResult:
    """What the cover pays; payable, deductible, salvage, average and uncovered sum to the loss."""

    gross_fen: int
    salvage_fen: int
    average_fen: int
    deductible_fen: int
    payable_fen: int
    uncovered_fen: int
    sections: tuple[SectionResult, ...]


@dataclass(slots=True)
class _Item:
    loss: Loss
    amount_fen: int
    steps: list[CoverStep] = field(default_factory=list)

    def to(self, code: str, zh: str, after_fen: int, clause: str = "") -> None:
        """Take a step; one that changes nothing leaves no trace."""
        if after_fen != self.amount_fen:
            self.steps.append(CoverStep(code, zh, self.amount_fen, after_fen, clause))
        self.amount_fen = after_fen


def check_losses(losses: Sequence[Loss], sections: Sequence[Section]) -> list[Finding]:
    """Every loss names a section once; the layers of a tower share one loss."""
    known = {section.code for section in sections if not section.layer}
    layers = {section.code for section in sections if section.layer}
    known |= {TOWER} if layers else set()
    found: list[Finding] = []
    seen: set[str] = set()
    if not losses:
        found.append(blocker("claim.no_loss", "losses"))
    for position, loss in enumerate(losses):
        place = f"losses.{position}"
        if loss.section in layers:
            found.append(blocker("claim.loss_of_layer", f"{place}.section", section=loss.section))
        elif loss.section not in known:
            found.append(
                blocker(
                    "claim.unknown_section",
                    f"{place}.section",
                    section=loss.section,
                    choices=sorted(known),
                )
            )
        if loss.section in seen:
            found.append(blocker("claim.section_twice", f"{place}.section", section=loss.section))
        seen.add(loss.section)
        if loss.salvage_fen > loss.gross_fen:
            found.append(
                blocker("claim.salvage_above_loss", f"{place}.salvage_fen", loss_fen=loss.gross_fen)
            )
        if loss.value_fen is not None and not loss.sum_insured_fen:
            found.append(blocker("claim.value_without_sum", f"{place}.sum_insured_fen"))
    return found


def check_sections(sections: Sequence[Section]) -> list[Finding]:
    """Codes are told once, limits are above zero, layers do not overlap."""
    found: list[Finding] = []
    codes: set[str] = set()
    for position, section in enumerate(sections):
        place = f"sections.{position}"
        if section.code in codes or section.code == TOWER:
            found.append(blocker("claim.section_twice", f"{place}.code", section=section.code))
        codes.add(section.code)
        if section.attachment_fen and not section.layer:
            found.append(blocker("claim.attachment_of_section", f"{place}.attachment_fen"))
    layers = sorted((s for s in sections if s.layer), key=lambda s: s.attachment_fen)
    found += [
        blocker("claim.layers_overlap", "sections", lower=lower.code, upper=upper.code)
        for lower, upper in zip(layers, layers[1:], strict=False)
        if lower.attachment_fen + lower.limit_fen > upper.attachment_fen
    ]
    return found


def pays(
    losses: Sequence[Loss], sections: Sequence[Section], deductible: Deductible, clause: str = ""
) -> CoverResult:
    """Apply the cover to one occurrence; the losses have passed :func:`check_losses`."""
    items = [_Item(loss, loss.gross_fen) for loss in losses]
    for item in items:
        item.to("salvage", "扣除残值", item.amount_fen - item.loss.salvage_fen, "保险法第五十九条")
    before_average_fen = sum(item.amount_fen for item in items)
    for item in items:
        item.to("average", "不足额保险按比例", _average(item), "保险法第五十五条")
    adjusted_fen = sum(item.amount_fen for item in items)
    deductible_fen = deductible.of(adjusted_fen)
    _take_deductible(items, deductible_fen, clause)
    results = tuple(result for item in items for result in _answer(item, sections))
    payable_fen = sum(result.payable_fen for result in results)
    return CoverResult(
        gross_fen=sum(loss.gross_fen for loss in losses),
        salvage_fen=sum(loss.salvage_fen for loss in losses),
        average_fen=before_average_fen - adjusted_fen,
        deductible_fen=deductible_fen,
        payable_fen=payable_fen,
        uncovered_fen=adjusted_fen - deductible_fen - payable_fen,
        sections=results,
    )


def _average(item: _Item) -> int:
    sum_fen, value_fen = item.loss.sum_insured_fen, item.loss.value_fen
    if not sum_fen or value_fen is None or value_fen <= sum_fen:
        return item.amount_fen
    return ratio(item.amount_fen, sum_fen, value_fen, Rounding.HALF_UP)


def _take_deductible(items: list[_Item], deductible_fen: int, clause: str) -> None:
    """One deductible per occurrence, over the sections hurt in proportion to their losses."""
    if not deductible_fen:
        return
    parts = split(deductible_fen, [item.amount_fen for item in items])
    for item, part in zip(items, parts, strict=True):
        item.to("deductible", "扣除免赔额", item.amount_fen - part, clause)


def _answer(item: _Item, sections: Sequence[Section]) -> list[SectionResult]:
    wanted = [
        section
        for section in sections
        if (section.layer and item.loss.section == TOWER) or section.code == item.loss.section
    ]
    return [_section_pays(item, section) for section in wanted]


def _section_pays(item: _Item, section: Section) -> SectionResult:
    line = _Item(item.loss, item.amount_fen, list(item.steps))
    if section.layer:
        above_fen = max(0, line.amount_fen - section.attachment_fen)
        line.to("attachment", "扣除起赔点", above_fen, section.clause)
    reached_fen = line.amount_fen
    line.to("limit", "以每次事故限额为限", min(reached_fen, section.limit_fen), section.clause)
    if section.left_fen is not None:
        left_fen = max(0, section.left_fen)
        line.to("aggregate", "以累计限额余额为限", min(line.amount_fen, left_fen), section.clause)
    return SectionResult(
        section.code, line.amount_fen, reached_fen - line.amount_fen, tuple(line.steps)
    )


def limits_on_day(
    limits_fen: Sequence[int], own_fen: Sequence[int], changed_fen: int
) -> tuple[int, ...]:
    """By how much each section's limit has changed by a day, in fen.

    `own_fen` are changes of a section alone, `changed_fen` all changes of the policy: what names no
    section is spread in proportion to the limits agreed.
    """
    spread = split(changed_fen - sum(own_fen), limits_fen)
    return tuple(own + more for own, more in zip(own_fen, spread, strict=True))


@dataclass(frozen=True, slots=True)
class Erosion:
    """What a claim uses of an aggregate, by the day of its loss. Fen."""

    loss_on: date
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Reinstated:
    """An aggregate filled up again (恢复限额) for losses from a day on. Fen."""

    effective_on: date
    amount_fen: int


def aggregate_left(
    aggregate_fen: int,
    erosions: Sequence[Erosion],
    reinstated: Sequence[Reinstated],
    loss_on: date,
) -> int:
    """Return what a loss of that day may still use of an aggregate, in fen; never below zero.

    What was reinstated serves losses from its day on only. So on every later day all losses up to
    it must fit into all that was there by it; what is left is the least of those margins. The
    order in which claims are agreed makes no difference to it.
    """
    later = {loss_on, *(r.effective_on for r in reinstated), *(e.loss_on for e in erosions)}
    margins = (
        aggregate_fen
        + sum(r.amount_fen for r in reinstated if r.effective_on <= day)
        - sum(e.amount_fen for e in erosions if e.loss_on <= day)
        for day in later
        if day >= loss_on
    )
    return max(0, min(margins))


def reinstatable(
    erosions: Sequence[Erosion], reinstated: Sequence[Reinstated], effective_on: date
) -> int:
    """Return how much may be reinstated from a day on: what losses up to it used, in fen."""
    used = sum(e.amount_fen for e in erosions if e.loss_on <= effective_on)
    return max(0, used - sum(r.amount_fen for r in reinstated))


@dataclass(frozen=True, slots=True)
class ReinstatementTerms:
    """What a reinstatement costs: a rate of the section's premium, by amount, or also by time."""

    premium_fen: int
    limit_fen: int
    rate_ppm: int
    days_left: int = 1
    days_all: int = 1


def reinstatement_premium(terms: ReinstatementTerms, amount_fen: int) -> int:
    """Return the premium for reinstating an amount (恢复保费), half up to the fen.

    premium × rate × amount ÷ limit, and × days left ÷ days of the period where agreed by time.
    """
    return ratio(
        terms.premium_fen * terms.rate_ppm * amount_fen,
        terms.days_left,
        1_000_000 * terms.limit_fen * terms.days_all,
        Rounding.HALF_UP,
    )
