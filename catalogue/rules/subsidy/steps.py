"""The arithmetic of one line: base, ratio, own money, caps, quota, stacking, firm cap, budget.

The steps always come in that order (issue 3). Limits that several lines share are kept in a
:class:`Purse` and drawn in the order of the lines, only by what a line finally gets; so a line that
is refused takes nothing from the others. Where every line draws on the same shared limits the order
of the lines moves money between lines and never changes the total.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from catalogue.rules.subsidy.facts import Context, PolicyLine
from catalogue.rules.subsidy.nouns import CapScope, Instrument, RatioBase
from catalogue.rules.subsidy.rows import Facets, Row, pick
from catalogue.rules.subsidy.rules import SubsidyRules
from catalogue.rules.subsidy.trace import TraceStep, compute
from catalogue.rules.subsidy.trace_texts import BASE_NAMES, SCOPE_NAMES
from service.kernel.findings import Finding, blocker
from service.kernel.money import PPM_WHOLE, ratio

NO_RULE = ""
"""Key of a step that rests on a law of this system and on no rule value."""


@dataclass(slots=True)
class Purse:
    """What the lines before have drawn from each shared limit, by name and key."""

    drawn: dict[tuple[str, str], int] = field(default_factory=dict)

    def drawn_fen(self, name: str, key: str) -> int:
        """What earlier lines of this application have drawn."""
        return self.drawn.get((name, key), 0)

    def draw(self, name: str, key: str, amount_fen: int) -> None:
        """Draw an amount that was granted."""
        self.drawn[name, key] = self.drawn_fen(name, key) + amount_fen


@dataclass(slots=True)
class Chain:
    """The steps of one line while it is computed."""

    rules: SubsidyRules
    line: PolicyLine
    context: Context
    purse: Purse
    steps: list[TraceStep] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    amount_fen: int = 0
    base_fen: int = 0

    def add(self, key: str, op: str, text: str, **inputs: object) -> None:
        """Take a step; its result becomes the amount."""
        clause = self.rules.clauses.get(key)
        self.amount_fen = max(0, compute(op, inputs))
        self.steps.append(
            TraceStep(
                key,
                op,
                text,
                inputs,
                self.amount_fen,
                source=clause.source if clause else "",
                example=clause.example if clause else False,
                note=clause.note if clause else "",
            )
        )

    def limit(self, key: str, text: str, whole_fen: int, used_fen: int = 0, **more: object) -> None:
        """Keep the amount within what is left of a limit; nothing left is a blocker."""
        before_fen = self.amount_fen
        self.add(
            key,
            "limit",
            text,
            amount_fen=before_fen,
            whole_fen=whole_fen,
            used_fen=used_fen,
            **more,
        )
        if before_fen > 0 and self.amount_fen == 0 and text in EXHAUSTED:
            zh, en = EXHAUSTED[text]
            self.findings.append(
                blocker(
                    "subsidy.exhausted",
                    f"lines.{self.line.key}",
                    self.rules.source(key),
                    limit_zh=zh,
                    limit_en=en,
                    whole_fen=max(0, whole_fen),
                    used_fen=used_fen,
                )
            )


EXHAUSTED: dict[str, tuple[str, str]] = {
    "own": ("企业自付保费", "the premium the firm bore itself"),
    "due": ("尚未支付的保费", "the premium still due"),
    "claim": ("已付赔款", "the claim paid"),
    "cap": ("补贴上限", "the cap"),
    "quota": ("资格额度", "the quota"),
    "stacking": ("公共资金合计上限", "the ceiling of all public money"),
    "stacking_whole": ("公共资金合计上限", "the ceiling of all public money"),
    "budget": ("预算余额", "the budget"),
}


def facets(rules: SubsidyRules, line: PolicyLine) -> Facets:
    """Return the side of a line that conditions look at."""
    return Facets(
        kind=line.kind,
        level=line.object.level,
        product_class=line.product_class,
        counted_by=line.object.counted_by,
        key_part=line.object.key_part,
        first_time=line.first_time,
        year=cover_year(rules, line),
        insured_fen=line.sum_insured_fen,
    )


def broken(rules: SubsidyRules, line: PolicyLine) -> bool:
    """Whether the cover was interrupted for longer than the rule allows."""
    rule = rules.continuity
    return rule is not None and line.gap_days is not None and line.gap_days > rule.gap_days_max


def cover_year(rules: SubsidyRules, line: PolicyLine) -> int:
    """The year of cover; an interrupted cover starts again where the rule says so."""
    restarts = rules.continuity is not None and rules.continuity.on_break == "restart"
    return 1 if restarts and broken(rules, line) else line.cover_year


def ratio_row(rules: SubsidyRules, line: PolicyLine) -> Row | None:
    """The ratio that fits the line, or None where the rule is silent."""
    return pick(rules.ratio, facets(rules, line))


def subsidised_limit(rules: SubsidyRules, line: PolicyLine) -> int:
    """The part of the liability limit that counts, in fen."""
    rule = rules.limit
    limits = [line.limit_fen]
    whole = line.object.value_fen if rule.max_of == "value" else line.object.contract_fen
    if rule.max_multiple_ppm is not None and whole is not None:
        limits.append(ratio(whole, rule.max_multiple_ppm, PPM_WHOLE, rules.rounding.mode))
    if rule.max_fen is not None:
        limits.append(rule.max_fen)
    return max(0, min(limits))


def run(chain: Chain) -> None:
    """Take every step of a line whose ratio is known."""
    _base(chain)
    _ratio(chain)
    _own_money(chain)
    _line_caps(chain)
    _quota(chain)
    _stacking(chain)
    _shared_caps(chain)
    _budget(chain)
    _unit(chain)
    if chain.amount_fen == 0 and not chain.findings:
        field_name = f"lines.{chain.line.key}"
        chain.findings.append(blocker("subsidy.nothing_left", field_name))


def draw(chain: Chain) -> None:
    """Take what the line gets out of every limit it shares."""
    for name, key in _shares(chain.line):
        chain.purse.draw(name, key, chain.amount_fen)


def _shares(line: PolicyLine) -> Iterator[tuple[str, str]]:
    yield CapScope.POLICY, line.policy
    yield CapScope.FIRM_PRODUCT, line.product
    yield CapScope.PROJECT, line.project_key
    yield "quota", line.qualification
    yield CapScope.FIRM_YEAR, ""
    yield CapScope.TOTAL, ""
    yield "budget", ""


def base_premium(rules: SubsidyRules, line: PolicyLine) -> int:
    """The amount the ratio starts from, before limits, in fen."""
    if rules.ratio_base == RatioBase.PREMIUM_PAID:
        return line.own_fen
    if rules.ratio_base == RatioBase.PREMIUM_INVOICE:
        return line.premium_fen
    if rules.ratio_base == RatioBase.CLAIM_PAID:
        return max(0, line.claim_paid_fen or 0)
    return min(max(0, line.annual_premium_fen), line.premium_fen)


def _base(chain: Chain) -> None:
    rules, line = chain.rules, chain.line
    zh, en = BASE_NAMES[rules.ratio_base]
    start_fen = base_premium(rules, line)
    chain.add("ratio_base", "take", "base", amount_fen=start_fen, base_zh=zh, base_en=en)
    if rules.instrument == Instrument.LOSS_SHARING:
        chain.base_fen = chain.amount_fen
        return
    limit_fen = subsidised_limit(rules, line)
    if limit_fen < line.limit_fen:
        chain.add(
            "limit_rule",
            "scale",
            "limit_part",
            amount_fen=chain.amount_fen,
            numerator=limit_fen,
            denominator=line.limit_fen,
            counted_fen=limit_fen,
            limit_fen=line.limit_fen,
            mode=rules.rounding.mode.value,
        )
    if rules.rate_cap_ppm is not None:
        whole_fen = ratio(limit_fen, rules.rate_cap_ppm, PPM_WHOLE, rules.rounding.mode)
        chain.limit(
            "rate_cap",
            "rate_cap",
            whole_fen,
            of_fen=limit_fen,
            of_ppm=rules.rate_cap_ppm,
            mode=rules.rounding.mode.value,
        )
    chain.base_fen = chain.amount_fen


def _ratio(chain: Chain) -> None:
    row = ratio_row(chain.rules, chain.line)
    assert row is not None  # judged before: subsidy.ratio_absent
    chain.add(
        "ratio",
        "scale",
        "ratio",
        amount_fen=chain.amount_fen,
        numerator=row.value,
        denominator=PPM_WHOLE,
        ratio_ppm=row.value,
        mode=chain.rules.rounding.mode.value,
    )


def _own_money(chain: Chain) -> None:
    """A law of this system: never more than the firm bore, than is due, or than the claim."""
    line = chain.line
    if chain.rules.instrument == Instrument.LOSS_SHARING:
        chain.limit(NO_RULE, "claim", line.claim_paid_fen or 0, line.other_on("claim"))
    elif chain.rules.instrument == Instrument.PREMIUM_DIRECT_PAY:
        paid_fen = line.own_fen + line.premium_paid_by_others_fen + line.other_on("premium")
        chain.limit(NO_RULE, "due", line.premium_fen, paid_fen)
        if line.other_on("premium", "firm") > line.own_fen:  # more came back than the firm bore
            chain.limit(NO_RULE, "own", line.own_fen, line.other_on("premium", "firm"))
    else:
        chain.limit(NO_RULE, "own", line.own_fen, line.other_on("premium", "firm"))


def _line_caps(chain: Chain) -> None:
    line, paid = chain.line, chain.context.paid
    for scope, key, before in (
        (CapScope.POLICY, line.policy, paid.policy_fen.get(line.policy, 0)),
        (CapScope.FIRM_PRODUCT, line.product, paid.product_fen.get(line.product, 0)),
        (CapScope.PROJECT, line.project_key, paid.project_fen.get(line.project_key, 0)),
    ):
        _cap(chain, scope, key, before)


def _shared_caps(chain: Chain) -> None:
    paid = chain.context.paid
    _cap(chain, CapScope.FIRM_YEAR, "", paid.firm_year_fen)
    _cap(chain, CapScope.TOTAL, "", paid.total_fen)


def _cap(chain: Chain, scope: CapScope, key: str, before_fen: int) -> None:
    capped = [row for row in chain.rules.caps if row.scope == scope]
    row = pick(capped, facets(chain.rules, chain.line))
    if row is None:
        return
    zh, en = SCOPE_NAMES[scope.value]
    used_fen = before_fen + chain.purse.drawn_fen(scope, key)
    chain.limit("cap", "cap", row.value, used_fen, scope_zh=zh, scope_en=en)


def _quota(chain: Chain) -> None:
    rule, line = chain.rules.quota, chain.line
    if rule is None or (rule.kinds and line.kind not in rule.kinds):
        return
    held = chain.context.qualification(line.qualification)
    if held is None:  # judged before: subsidy.qualification_missing
        return
    chain.limit(
        "quota",
        "quota",
        max(0, held.left_fen),
        chain.purse.drawn_fen("quota", line.qualification),
        qualification=line.qualification or "-",
    )


def _stacking(chain: Chain) -> None:
    """All public money on one premium, or on one claim, stays within the ceiling."""
    rules, line = chain.rules, chain.line
    loss = rules.instrument == Instrument.LOSS_SHARING
    whole_fen = (line.claim_paid_fen or 0) if loss else line.premium_fen
    other_fen = line.other_on("claim" if loss else "premium")
    if rules.stacking_max_ppm is None:
        chain.limit(NO_RULE, "stacking_whole", whole_fen, other_fen)
        return
    ceiling_fen = ratio(whole_fen, rules.stacking_max_ppm, PPM_WHOLE, rules.rounding.mode)
    chain.limit(
        "stacking_max",
        "stacking",
        ceiling_fen,
        other_fen,
        of_fen=whole_fen,
        of_ppm=rules.stacking_max_ppm,
        mode=rules.rounding.mode.value,
    )


def _budget(chain: Chain) -> None:
    free_fen = chain.context.budget_free_fen
    if free_fen is not None:
        chain.limit(NO_RULE, "budget", max(0, free_fen), chain.purse.drawn_fen("budget", ""))


def _unit(chain: Chain) -> None:
    unit_fen = chain.rules.rounding.unit_fen
    if unit_fen > 1:
        chain.add("rounding", "unit", "unit", amount_fen=chain.amount_fen, unit_fen=unit_fen)
