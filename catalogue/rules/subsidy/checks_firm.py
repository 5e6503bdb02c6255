"""Checks of the firm and of the application as a whole; a blocker here refuses every line."""

from __future__ import annotations

from collections import Counter
from datetime import date

from catalogue.rules.subsidy.dates import add_years
from catalogue.rules.subsidy.judging import Judged, Whole, WholeCheck, in_days
from catalogue.rules.subsidy.nouns import Material
from service.kernel.findings import Finding

SUBJECT = "subject_conditions"


def lines(whole: Whole) -> Judged:
    """There is at least one line; no line and no object of a policy comes twice."""
    entries = whole.facts.lines
    found: list[Finding] = []
    if not entries:
        found.append(whole.blocks("subsidy.no_lines", "", "lines"))
    keys = Counter(line.key for line in entries)
    found += [
        whole.blocks("subsidy.line_twice", "", "lines", key=key) for key, n in keys.items() if n > 1
    ]
    same = Counter(
        (line.policy, line.carrier.name, line.object.name, line.object.ordinal, line.cover_year)
        for line in entries
    )
    found += [
        whole.blocks("subsidy.policy_twice", "", "lines", policy=key[0])
        for key, n in same.items()
        if n > 1
    ]
    return {"lines_count": len(entries)}, found


def ban(whole: Whole) -> Judged:
    """No ban runs on the day of application; a law of this system, the length is the rule's."""
    day = whole.applied_on
    running = [b for b in whole.facts.firm.bans if in_days(day, b.first_day, b.last_day)]
    found = [
        whole.blocks(
            "subsidy.banned", "recovery_ban_years", "firm", reason=b.reason, last_day=b.last_day
        )
        for b in running
    ]
    return {"applied_on": day}, found


def application_window(whole: Whole) -> Judged | None:
    """The day of application lies in the window of the rule and of the scheme."""
    window, context = whole.rules.window, whole.facts.context
    spans: list[tuple[str, date | None, date | None]] = [
        ("date_window", window.applied_from, window.applied_to),
        ("", context.scheme_from, context.scheme_to),
    ]
    spans = [span for span in spans if span[1] is not None or span[2] is not None]
    if not spans:
        return None
    found = [
        whole.blocks(
            "subsidy.application_window",
            key,
            "applied_on",
            day=whole.applied_on,
            first=first or "-",
            last=last or "-",
        )
        for key, first, last in spans
        if not in_days(whole.applied_on, first, last)
    ]
    return {"applied_on": whole.applied_on}, found


def place(whole: Whole) -> Judged | None:
    """The firm is registered where the rule asks (注册地)."""
    places = whole.rules.subject.places
    if not places:
        return None
    given = whole.facts.firm.place
    found = []
    if given not in places:
        found.append(
            whole.blocks("subsidy.firm_place", SUBJECT, "firm.place", place=given, places=places)
        )
    return {"place": given, "places": places}, found


def age(whole: Whole) -> Judged | None:
    """The firm is old enough, or young enough, on the day of application."""
    rule, born = whole.rules.subject, whole.facts.firm.registered_on
    if rule.age_min_years is None and rule.age_max_years is None:
        return None
    if born is None:
        return {"registered_on": None}, [
            whole.unknown(SUBJECT, "firm.registered_on", "registered_on")
        ]
    found = []
    if rule.age_min_years is not None and whole.applied_on < add_years(born, rule.age_min_years):
        found.append(
            whole.blocks(
                "subsidy.firm_too_young", SUBJECT, "firm", day=born, years=rule.age_min_years
            )
        )
    if rule.age_max_years is not None and whole.applied_on > add_years(born, rule.age_max_years):
        found.append(
            whole.blocks(
                "subsidy.firm_too_old", SUBJECT, "firm", day=born, years=rule.age_max_years
            )
        )
    return {"registered_on": born}, found


def size(whole: Whole) -> Judged | None:
    """Revenue and staff are within the rule."""
    rule, firm = whole.rules.subject, whole.facts.firm
    inputs: dict[str, object] = {}
    found: list[Finding] = []
    for name, given, most in (
        ("revenue_fen", firm.revenue_fen, rule.revenue_max_fen),
        ("staff_count", firm.staff_count, rule.staff_max_count),
    ):
        if most is None:
            continue
        inputs[name] = given
        if given is None:
            found.append(whole.unknown(SUBJECT, f"firm.{name}", name))
        elif given > most and name == "revenue_fen":
            found.append(
                whole.blocks(
                    "subsidy.firm_revenue", SUBJECT, "firm", revenue_fen=given, maximum_fen=most
                )
            )
        elif given > most:
            found.append(
                whole.blocks("subsidy.firm_staff", SUBJECT, "firm", staff=given, maximum=most)
            )
    return (inputs, found) if inputs else None


def research(whole: Whole) -> Judged | None:
    """R&D spending is a large enough share of revenue."""
    least, given = whole.rules.subject.rd_share_min_ppm, whole.facts.firm.rd_share_ppm
    if least is None:
        return None
    found = []
    if given is None:
        found.append(whole.unknown(SUBJECT, "firm.rd_share_ppm", "rd_share_ppm"))
    elif given < least:
        found.append(
            whole.blocks(
                "subsidy.firm_research", SUBJECT, "firm", share_ppm=given, minimum_ppm=least
            )
        )
    return {"rd_share_ppm": given}, found


def credit(whole: Whole) -> Judged | None:
    """The firm has no serious bad record, where the rule asks."""
    if not whole.rules.subject.credit_required:
        return None
    given = whole.facts.firm.credit_good
    found = []
    if given is None:
        found.append(whole.unknown(SUBJECT, "firm.credit_good", "credit_good"))
    elif not given:
        found.append(whole.blocks("subsidy.firm_credit", SUBJECT, "firm"))
    return {"credit_good": given}, found


def status_now(whole: Whole) -> Judged | None:
    """One of the wanted statuses is valid on the day of application."""
    rule = whole.rules.subject
    if not rule.statuses or "application" not in rule.status_valid_on:
        return None
    found = []
    if not holds_status(whole, whole.applied_on):
        found.append(
            whole.blocks(
                "subsidy.status_on_application",
                SUBJECT,
                "firm.statuses",
                day=whole.applied_on,
                statuses=rule.statuses,
            )
        )
    return {"applied_on": whole.applied_on, "statuses": rule.statuses}, found


def holds_status(whole: Whole, day: date) -> bool:
    """Whether a wanted status is valid on a day."""
    wanted = whole.rules.subject.statuses
    return any(s.code in wanted and s.holds(day) for s in whole.facts.firm.statuses)


def materials(whole: Whole) -> Judged | None:
    """Every required paper is attached; judged once the papers are known."""
    attached = whole.facts.context.materials
    if attached is None or not whole.rules.materials:
        return None
    missing = [m for m in whole.rules.materials if m.required and m.code not in attached]
    found = [
        whole.blocks(
            "subsidy.material_missing",
            "materials",
            f"materials.{material.code}",
            paper_zh=Material.zh_of(material.code),
            paper_en=material.code.replace("_", " "),
        )
        for material in missing
    ]
    return {"attached": attached}, found


WHOLE_CHECKS: tuple[tuple[str, str, WholeCheck], ...] = (
    ("lines", "", lines),
    ("ban", "recovery_ban_years", ban),
    ("application_window", "date_window", application_window),
    ("place", SUBJECT, place),
    ("age", SUBJECT, age),
    ("size", SUBJECT, size),
    ("research", SUBJECT, research),
    ("credit", SUBJECT, credit),
    ("status_now", SUBJECT, status_now),
    ("materials", "materials", materials),
)
"""Name, rule key, check; in the order of the trace."""
