"""Reading pool premium: parts, explanations, endorsements, balances; peers are masked.

A follower sees its own rows and the totals of the whole; lead, issuer, claims handler and account
keeper see every member's, the committee and the auditor too, each look kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from coinsurance import access
from coinsurance.placements.records import placement_for
from coinsurance.premium_record_shapes import (
    BalanceList,
    BalanceRow,
    Contribution,
    EndorsementList,
    FeeTotal,
    MemberExplanation,
    PartPage,
    PartRow,
    PremiumExplanation,
    SourceTotal,
)
from coinsurance.premiums import views
from coinsurance.premiums.endorsement_rows import state_of
from coinsurance.premiums.gathering import Facts, facts_of
from coinsurance.premiums.rows import unlocked
from coinsurance.premiums.what_if import DAYS
from coinsurance.premiums.what_if_inputs import RULE
from coinsurance.rules.fees import FeeBase, FeeToDate, fees_to_date
from coinsurance.rules.nouns import Component
from coinsurance.rules.premium import Explained, explain
from coinsurance.rules.premium_nouns import MovementKind
from coinsurance.rules.premium_weights import Piece, Weights
from service.api import decode_cursor, encode_cursor, page_size
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.db import sql, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import blocker
from service.kernel.shares import WHOLE_UNITS

COMPONENTS = tuple(component.value for component in Component)

_PARTS = """
SELECT p.id, v.number, v.kind, v.source, v.effective_on, v.reference, o.uscc,
  o.short_name AS name, p.component, p.amount_fen, p.to_date_fen, p.exact_numerator,
  p.exact_denominator, p.clause
FROM premium_part p JOIN premium_movement v ON v.id = p.movement
  JOIN organisation o ON o.id = p.organisation
WHERE v.placement = $1 AND ($2::bigint IS NULL OR p.organisation = $2)
  AND ($3::text IS NULL OR o.uscc = $3) AND ($4::text IS NULL OR p.component = $4)
  AND ($5::text IS NULL OR v.source = $5) AND ($6::int IS NULL OR v.number = $6)
  AND ($7::bigint IS NULL OR p.id > $7) ORDER BY p.id LIMIT $8
"""


async def part_page(
    actor: Actor,
    number: str,
    member: str | None = None,
    component: str | None = None,
    source: str | None = None,
    movement: int | None = None,
    cursor: str | None = None,
    limit: int | None = None,
) -> PartPage:
    """Parts of a placement's movements; of a follower its own only."""
    if component and component not in COMPONENTS:
        raise Refused(
            [blocker("form.not_a_choice", "component", value=component, choices=COMPONENTS)]
        )
    size, after = page_size(limit), decode_cursor(cursor, (int,))
    async with work():
        row, found = await placement_for(actor, number)
        _no_firm(found, number)
        await access.keep_look(actor, "placement", number, "保费分额")
        rows = await sql(
            _PARTS,
            row["id"],
            None if found.sees_lines else found.view.organisation_id,
            member,
            component,
            source,
            movement,
            after[0] if after else None,
            size + 1,
        )
    more = encode_cursor([rows[size - 1]["id"]]) if len(rows) > size else None
    return PartPage([_part(row) for row in rows[:size]], more)


def _no_firm(found: Any, number: str) -> None:
    """The insured firm reads its policy and its shares, not what members pay each other."""
    if found.is_insured and found.view.seat is None:
        raise NotFound("共保保单", "Placement", number)


def _part(row: Any) -> PartRow:
    exact = Fraction(int(row["exact_numerator"]), int(row["exact_denominator"]))
    return PartRow(
        row["number"],
        row["kind"],
        MovementKind.zh_of(row["kind"]),
        row["source"],
        row["effective_on"],
        row["reference"],
        row["uscc"],
        row["name"],
        row["component"],
        Component.zh_of(row["component"]),
        row["amount_fen"],
        row["to_date_fen"],
        views.fraction(exact),
        views.fraction(row["to_date_fen"] - exact),
        row["clause"],
    )


async def explanation(actor: Actor, number: str, member: str | None = None) -> PremiumExplanation:
    """Why every visible member has its part, by which clause; `member`: one of them."""
    async with work():
        _, found = await placement_for(actor, number)
        _no_firm(found, number)
        await access.keep_look(actor, "placement", number, "保费说明")
        facts = await facts_of(await unlocked(number), by_source=True)
    visible = [
        uscc
        for uscc, key in facts.ids.items()
        if (found.sees_lines or key == found.view.organisation_id) and member in (None, uscc)
    ]
    if member is not None and not visible:
        raise NotFound("成员", "Member", member)
    weights = facts.weights()
    rows = explain(facts.held.total_fen, weights, facts.held.all_of(Component.PREMIUM))
    fees = _fees(facts, weights)
    return _explanation(
        facts,
        weights,
        [
            _member(facts, weights, row, fees.get(row.member, []))
            for row in rows
            if row.member in visible
        ],
    )


def _explanation(
    facts: Facts, weights: Weights, members: list[MemberExplanation]
) -> PremiumExplanation:
    terms, placement = facts.terms, facts.placement
    mode = "全额" if terms.remittance.mode == "gross" else "差额"
    unit = "个工作日" if terms.remittance.calendar == "working" else "日"
    condition = terms.no_premium_no_cover
    return PremiumExplanation(
        placement.number,
        placement.year,
        terms.version,
        facts.premium_fen,
        facts.held.total_fen,
        [SourceTotal(source, net) for source, net in facts.held.net.items()],
        placement.cover_from,
        f"{condition}（{terms.clause('no_premium_no_cover')}）",
        RULE,
        DAYS,
        f"{mode}，{terms.remittance.days} {unit}（{terms.clause('remittance')}）",
        members,
    )


def _fees(facts: Facts, weights: Weights) -> dict[str, list[FeeToDate]]:
    base = FeeBase(
        facts.rested.roles.lead,
        facts.held.all_of(Component.PREMIUM),
        dict(zip(weights.members, weights.weights, strict=True)),
    )
    found: dict[str, list[FeeToDate]] = {}
    for fee in fees_to_date(facts.rested.fees, base):
        found.setdefault(fee.member, []).append(fee)
    return found


def _member(
    facts: Facts, weights: Weights, row: Explained, fees: list[FeeToDate]
) -> MemberExplanation:
    held = facts.held
    return MemberExplanation(
        row.member,
        facts.names.get(row.member, row.member),
        row.position + 1,
        row.weight,
        row.whole,
        views.fraction(row.exact),
        row.allocated_fen,
        views.fraction(row.difference),
        f"drift:{row.member}",
        {source: held.of(source, Component.PREMIUM).get(row.member, 0) for source in held.net},
        [_contribution(piece, row.member) for piece in weights.pieces],
        [_fee(facts, held.all_of(fee.component), fee) for fee in fees],
        facts.rested.share_clause,
    )


def _contribution(piece: Piece, member: str) -> Contribution:
    assert piece.schedule is not None
    units = {share.member: share.units for share in piece.schedule.shares}.get(member, 0)
    return Contribution(
        piece.section,
        piece.label,
        piece.from_on,
        piece.to_on,
        piece.days,
        views.fraction(piece.amount),
        piece.schedule.number,
        units,
        views.fraction(piece.amount * units / WHOLE_UNITS),
        piece.schedule.clause,
    )


def _fee(facts: Facts, held: Mapping[str, int], fee: FeeToDate) -> FeeTotal:
    to_date = held.get(fee.member, 0)
    return FeeTotal(
        fee.component.value,
        fee.component.zh,
        to_date,
        fee.exact.text,
        fee.exact.gap(to_date).text,
        facts.rested.fees.clause(fee.component),
    )


async def endorsements(actor: Actor, number: str) -> EndorsementList:
    """The endorsements of a placement, for its members, the committee and the auditor."""
    async with work():
        row, found = await placement_for(actor, number)
        _no_firm(found, number)
        placement = await unlocked(number)
        numbers = await sql(
            "SELECT number FROM placement_endorsement WHERE placement = $1 ORDER BY number",
            row["id"],
        )
        return EndorsementList([await state_of(placement, one["number"]) for one in numbers])


_KEYS = {
    "member": ("o.uscc", "max(o.short_name)"),
    "policy": ("l.number", "max(c.number)"),
    "source": ("v.source", "v.source"),
    "clause": ("p.clause", "p.clause"),
    "component": ("p.component", "p.component"),
}


def _balances(by: str) -> str:
    key, label = _KEYS[by]
    return (
        f"SELECT {key} AS key, {label} AS label, p.component, sum(p.amount_fen)::bigint AS fen"
        " FROM premium_part p JOIN premium_movement v ON v.id = p.movement"
        " JOIN placement l ON l.id = v.placement JOIN policy c ON c.id = l.policy"
        " JOIN organisation o ON o.id = p.organisation"
        " WHERE l.pool_year = $1 AND ($2::bigint IS NULL OR p.organisation = $2)"
        f" AND v.effective_on <= $3 GROUP BY {key}, p.component"
        " ORDER BY 1, 3"
    )


async def balances(
    actor: Actor, number: str, by: str = "member", as_of: date | None = None
) -> BalanceList:
    """Premium and fees of a pool year by member, policy, source, clause or component.

    Of a follower its own parts only. `as_of` counts movements effective up to and on that day.
    """
    if by not in _KEYS:
        raise Refused([blocker("form.not_a_choice", "by", value=by, choices=list(_KEYS))])
    day = as_of or today()
    async with work():
        year = await access.year_row(number)
        view = await access.view_of(actor, year)
        await access.keep_look(actor, "pool_year", number, "保费余额")
        rows = await sql(
            _balances(by), year["id"], None if view.sees_all else view.organisation_id, day
        )
    return BalanceList(
        number,
        by,
        day,
        [
            BalanceRow(
                row["key"],
                Component.zh_of(row["label"]) if by == "component" else row["label"],
                row["component"],
                Component.zh_of(row["component"]),
                row["fen"],
            )
            for row in rows
        ],
    )
