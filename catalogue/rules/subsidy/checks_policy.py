"""Checks of one line: the policy, its insurer, its days, its premium and other public money."""

from __future__ import annotations

from datetime import date

from catalogue.rules.subsidy.checks_carrier import carrier, package, product, product_class
from catalogue.rules.subsidy.checks_firm import holds_status
from catalogue.rules.subsidy.judging import Judged, LineCheck, One, in_days
from catalogue.rules.subsidy.nouns import Instrument, Level, SubjectKind
from catalogue.rules.subsidy.steps import broken, cover_year, ratio_row
from service.kernel.findings import Finding

AMOUNTS = (
    "limit_fen",
    "premium_invoiced_fen",
    "annual_premium_fen",
    "premium_paid_own_fen",
    "premium_paid_by_others_fen",
    "premium_refunded_fen",
    "sum_insured_fen",
    "claim_paid_fen",
)


def plain(one: One) -> Judged:
    """Amounts are not negative, days stand in order, no more is paid or refunded than was due."""
    line = one.line
    found = [
        one.blocks("subsidy.amount_negative", "", one.field(name), amount_fen=amount)
        for name in AMOUNTS
        if (amount := getattr(line, name)) is not None and amount < 0
    ]
    found += [
        one.blocks("subsidy.amount_negative", "", one.field("other_money"), amount_fen=m.amount_fen)
        for m in line.other_money
        if m.amount_fen < 0
    ]
    if line.end_on < line.start_on:
        found.append(
            one.blocks(
                "subsidy.period_reversed",
                "",
                one.field("end_on"),
                start_on=line.start_on,
                end_on=line.end_on,
            )
        )
    paid_fen = line.premium_paid_own_fen + line.premium_paid_by_others_fen
    paid_fen += line.other_on("premium", "insurer")
    if paid_fen > line.premium_invoiced_fen >= 0:
        found.append(
            one.blocks(
                "subsidy.overpaid",
                "",
                one.field("premium_paid_own_fen"),
                paid_fen=paid_fen,
                invoiced_fen=line.premium_invoiced_fen,
            )
        )
    if line.premium_refunded_fen > line.premium_paid_own_fen >= 0:
        found.append(
            one.blocks(
                "subsidy.refund_too_large",
                "",
                one.field("premium_refunded_fen"),
                refunded_fen=line.premium_refunded_fen,
                paid_fen=line.premium_paid_own_fen,
            )
        )
    return {"start_on": line.start_on, "end_on": line.end_on}, found


def kind(one: One) -> Judged:
    """The rule is for this kind of subject."""
    found = []
    if one.line.kind not in one.rules.kinds:
        found.append(
            one.blocks(
                "subsidy.kind_not_covered",
                "subject_kind",
                one.field("kind"),
                kind_zh=SubjectKind.zh_of(one.line.kind),
                kind_en=one.line.kind,
            )
        )
    return {"kind": one.line.kind}, found


def years(one: One) -> Judged | None:
    """The year of cover (第几年) is within the years the rule pays for."""
    most = one.rules.years_max
    if most is None:
        return None
    year, found = cover_year(one.rules, one.line), []
    if year > most or year < 1:
        found.append(
            one.blocks(
                "subsidy.years_exceeded", "years_max", one.field("cover_year"), year=year, most=most
            )
        )
    return {"cover_year": year}, found


def continuity(one: One) -> Judged | None:
    """The cover was not interrupted for longer than the rule allows, or it starts again."""
    rule, line = one.rules.continuity, one.line
    if rule is None:
        return None
    found = []
    if line.cover_year > 1 and line.gap_days is None:
        found.append(one.unknown("continuity", one.field("gap_days"), "gap_days"))
    elif rule.on_break == "refuse" and broken(one.rules, line):
        found.append(
            one.blocks(
                "subsidy.cover_interrupted",
                "continuity",
                one.field("gap_days"),
                days=line.gap_days,
                most=rule.gap_days_max,
            )
        )
    return {"gap_days": line.gap_days or 0}, found


def window(one: One) -> Judged | None:
    """Start, end and invoice day lie in the windows; the policy is in force on application."""
    rule, line = one.rules.window, one.line
    spans: tuple[tuple[str, date | None, date | None, date | None], ...] = (
        ("start_on", line.start_on, rule.start_from, rule.start_to),
        ("end_on", line.end_on, rule.end_from, rule.end_to),
        ("invoice_on", line.invoice_on, rule.invoice_from, rule.invoice_to),
        ("delivered_on", line.object.delivered_on, rule.delivery_from, rule.delivery_to),
    )
    inputs: dict[str, object] = {}
    found: list[Finding] = []
    for name, day, first, last in spans:
        if first is None and last is None:
            continue
        inputs[name] = day
        found += _outside(one, name, day, first, last)
    if rule.delivery_within_listing:
        inputs["delivered_on"] = line.object.delivered_on
        first, last = line.object.listed_from, line.object.listed_to
        if first is None:
            found.append(one.unknown("date_window", one.field("object"), "listed_from"))
        else:
            found += _outside(one, "delivered_on", line.object.delivered_on, first, last)
    if rule.in_force_on_application:
        inputs["applied_on"] = one.applied_on
        if not in_days(one.applied_on, line.start_on, line.end_on):
            found.append(
                one.blocks(
                    "subsidy.not_in_force",
                    "date_window",
                    one.field("start_on"),
                    day=one.applied_on,
                    start_on=line.start_on,
                    end_on=line.end_on,
                )
            )
    return (inputs, found) if inputs else None


def _outside(
    one: One, name: str, day: date | None, first: date | None, last: date | None
) -> list[Finding]:
    if day is None:
        return [one.unknown("date_window", one.field(name), name)]
    if in_days(day, first, last):
        return []
    zh, en = DAY_NAMES[name]
    return [
        one.blocks(
            "subsidy.outside_window",
            "date_window",
            one.field(name),
            name_zh=zh,
            name_en=en,
            day=day,
            first=first or "-",
            last=last or "-",
        )
    ]


DAY_NAMES = {
    "start_on": ("保单起期", "first day of cover"),
    "end_on": ("保单止期", "last day of cover"),
    "invoice_on": ("保费发票日期", "day of the premium invoice"),
    "delivered_on": ("交付日期", "day of delivery"),
}


def exclusive(one: One) -> Judged | None:
    """No money of a group that excludes this one (奖励与补贴二选一, 不得重复)."""
    groups, line = one.rules.exclusive_with, one.line
    if not groups:
        return None
    taken = sorted(
        {m.group for m in line.other_money if m.amount_fen > 0 and ({m.group, "any"} & groups)}
    )
    found = [
        one.blocks("subsidy.exclusive_money", "exclusive_with", one.field("other_money"), group=g)
        for g in taken
    ]
    return {"other_groups": sorted({m.group for m in line.other_money})}, found


def payment(one: One) -> Judged:
    """The policy stands, the premium is paid as the rule asks, the invoice names the insured."""
    rule, line, key = one.rules.payment, one.line, "payment_conditions"
    found: list[Finding] = []
    if line.cancelled:
        found.append(one.blocks("subsidy.policy_cancelled", "", one.field("policy")))
    paid_fen = line.premium_paid_own_fen + line.premium_paid_by_others_fen
    paid_fen += line.other_on("premium", "insurer")
    if rule.paid_in_full and paid_fen < line.premium_invoiced_fen:
        found.append(
            one.blocks(
                "subsidy.premium_not_paid",
                key,
                one.field("premium_paid_own_fen"),
                paid_fen=paid_fen,
                invoiced_fen=line.premium_invoiced_fen,
            )
        )
    if rule.paid_by_insured and line.premium_paid_by_others_fen > 0:
        found.append(
            one.blocks(
                "subsidy.premium_paid_by_other",
                key,
                one.field("premium_paid_by_others_fen"),
                paid_fen=line.premium_paid_by_others_fen,
            )
        )
    if rule.invoice_to_insured:
        if line.invoice_to_insured is None:
            found.append(one.unknown(key, one.field("invoice_to_insured"), "invoice_to_insured"))
        elif not line.invoice_to_insured:
            found.append(one.blocks("subsidy.invoice_name", key, one.field("invoice_to_insured")))
    if one.rules.instrument == Instrument.LOSS_SHARING and not line.claim_paid_fen:
        found.append(one.blocks("subsidy.no_claim_paid", "ratio_base", one.field("claim_paid_fen")))
    return {
        "premium_invoiced_fen": line.premium_invoiced_fen,
        "premium_paid_own_fen": line.premium_paid_own_fen,
    }, found


def status_start(one: One) -> Judged | None:
    """One of the wanted statuses is valid on the first day of cover."""
    rule = one.rules.subject
    if not rule.statuses or "start" not in rule.status_valid_on:
        return None
    found = []
    if not holds_status(one, one.line.start_on):
        found.append(
            one.blocks(
                "subsidy.status_on_start",
                "subject_conditions",
                one.field("start_on"),
                day=one.line.start_on,
                statuses=rule.statuses,
            )
        )
    return {"start_on": one.line.start_on, "statuses": rule.statuses}, found


def ratio_known(one: One) -> Judged:
    """The rule gives a ratio for this line; where its text is silent nothing is made up."""
    line, found = one.line, []
    year = cover_year(one.rules, line)
    if ratio_row(one.rules, line) is None:
        found.append(
            one.blocks(
                "subsidy.ratio_absent",
                "ratio",
                one.field(),
                year=year,
                level_zh=Level.zh_of(line.object.level) or "-",
                level_en=line.object.level or "-",
                product_class=line.product_class or "-",
            )
        )
    return {
        "cover_year": year,
        "level": line.object.level,
        "product_class": line.product_class,
        "sum_insured_fen": line.sum_insured_fen,
    }, found


POLICY_CHECKS: tuple[tuple[str, str, LineCheck], ...] = (
    ("plain", "", plain),
    ("kind", "subject_kind", kind),
    ("class", "product_classes", product_class),
    ("product", "insurer_conditions", product),
    ("carrier", "insurer_conditions", carrier),
    ("years", "years_max", years),
    ("continuity", "continuity", continuity),
    ("window", "date_window", window),
    ("exclusive", "exclusive_with", exclusive),
    ("payment", "payment_conditions", payment),
    ("status_start", "subject_conditions", status_start),
    ("package", "package", package),
    ("ratio_known", "ratio", ratio_known),
)
