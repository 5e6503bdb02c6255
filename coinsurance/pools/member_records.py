"""Reading members: lists and records, masked by the reader's seat; what a defaulter left open."""

from __future__ import annotations

from typing import Any

from coinsurance.access import View, keep_look, view_of, year_row
from coinsurance.pool_shapes import MemberRecord, MemberShape, OpenAmount, ShortfallShape
from coinsurance.pools import member_accounts, parts, shortfall_facts
from coinsurance.pools.members import KIND, member_row, subject_of
from coinsurance.rules.agreement.book import terms_of
from coinsurance.rules.nouns import ConsentMatter, PoolRole
from coinsurance.rules.shortfall import take_over
from coinsurance.rules.workflows import MEMBER
from service.auth import Actor
from service.kernel.bank_accounts import mask_account
from service.kernel.calendar import today
from service.kernel.db import sql, sql_row
from service.kernel.errors import NotFound

_MEMBERS = """
SELECT m.*, o.uscc, o.name, o.short_name, i.share_units, (SELECT r.number FROM consent_request r
  WHERE r.subject_kind = 'pool_member' AND r.subject = $2 || '/' || o.uscc
  ORDER BY r.id DESC LIMIT 1) AS request
FROM pool_member m JOIN organisation o ON o.id = m.organisation
LEFT JOIN share_item i ON i.organisation = m.organisation AND i.schedule = (
  SELECT s.id FROM share_schedule s WHERE s.pool_year = m.pool_year AND s.section IS NULL
    AND s.status = 'effective' AND s.valid_from <= $3 ORDER BY s.valid_from DESC LIMIT 1)
WHERE m.pool_year = $1 AND ($4::text IS NULL OR m.status = $4)
  AND ($5::text IS NULL OR $5 = ANY(m.roles)) AND ($6::text IS NULL OR o.uscc = $6)
ORDER BY m.position
"""


async def members(
    actor: Actor, number: str, status: str | None = None, role: str | None = None
) -> list[MemberShape]:
    """The members of a year in order; a follower sees names and roles, figures of its own only."""
    year = await year_row(number)
    view = await view_of(actor, year)
    await keep_look(actor, "pool_year", number, "members")
    day = max(today(), year["start_on"])
    rows = await sql(_MEMBERS, year["id"], number, day, status, role, None)
    return [_shape(actor, view, row) for row in rows]


async def member(actor: Actor, number: str, uscc: str) -> MemberRecord:
    """One member with its past; the past of a peer is masked like its figures."""
    year = await year_row(number)
    view = await view_of(actor, year)
    found = await member_row(year, uscc)
    await keep_look(actor, KIND, subject_of(number, found["uscc"]), "member")
    day = max(today(), year["start_on"])
    row = await sql_row(_MEMBERS, year["id"], number, day, None, None, found["uscc"])
    shown = view.shows(found["organisation"])
    past = await parts.history(KIND, subject_of(number, found["uscc"])) if shown else []
    changes = await member_accounts.changes(actor, found)
    own = actor.owns(found["organisation"])
    return MemberRecord(number, own, _shape(actor, view, row), past, changes)


def _shape(actor: Actor, view: View, row: Any) -> MemberShape:
    shown = view.shows(row["organisation"])
    own = actor.owns(row["organisation"])

    def figure(name: str) -> Any:
        return row[name] if shown else None

    left_fen = row["aggregate_capacity_fen"] - row["aggregate_used_fen"]
    return MemberShape(
        uscc=row["uscc"],
        name=row["name"],
        short_name=row["short_name"],
        position=row["position"],
        roles=list(row["roles"]),
        roles_zh=[PoolRole.zh_of(role) for role in row["roles"]],
        status=row["status"],
        status_zh=MEMBER.label(row["status"]),
        joined_on=row["joined_on"],
        left_on=row["left_on"],
        excluded_classes=list(row["excluded_classes"]) if shown else [],
        risk_capacity_fen=figure("risk_capacity_fen"),
        event_capacity_fen=figure("event_capacity_fen"),
        aggregate_capacity_fen=figure("aggregate_capacity_fen"),
        aggregate_used_fen=figure("aggregate_used_fen"),
        aggregate_left_fen=left_fen if shown else None,
        bank_account=_account(row["bank_account"], shown, own),
        share_units=figure("share_units"),
        revision=row["revision"],
        consent_request=row["request"] if shown else None,
        steps=parts.steps(MEMBER, row["status"], actor.roles) if own or actor.sees_all else [],
    )


def _account(account: str, shown: bool, own: bool) -> str | None:
    if own:
        return account
    return mask_account(account) if shown else None


_OPEN = """
SELECT o.number, o.kind, c.uscc AS creditor, c.short_name AS creditor_name, o.amount_fen,
  o.settled_fen, o.amount_fen - o.settled_fen AS open_fen, o.due_on,
  coalesce(o.due_on < $3, false) AS late, o.clause, o.creditor AS creditor_id
FROM obligation o JOIN organisation c ON c.id = o.creditor
WHERE o.pool_year = $1 AND o.debtor = $2 AND o.status IN ('open', 'part_settled', 'disputed')
ORDER BY o.due_on NULLS LAST, o.id
"""


async def shortfall(actor: Actor, number: str, uscc: str) -> ShortfallShape:
    """What a member left open: disclosed to those who see all and to itself, charged to nobody.

    A creditor among the followers sees what is owed to it.
    """
    year = await year_row(number)
    view = await view_of(actor, year)
    row = await member_row(year, uscc)
    subject = subject_of(number, row["uscc"])
    await keep_look(actor, KIND, subject, "shortfall")
    items = [
        item
        for item in await sql(_OPEN, year["id"], row["organisation"], today())
        if view.shows(row["organisation"]) or actor.owns(item["creditor_id"])
    ]
    if not items and not view.shows(row["organisation"]):
        raise NotFound("未付款项", "Open amounts", subject)
    open_fen = sum(item["open_fen"] for item in items)
    request = await sql_row(
        "SELECT number, status FROM consent_request WHERE subject_kind = $1 AND subject = $2"
        " AND matter = $3 ORDER BY id DESC LIMIT 1",
        KIND,
        subject,
        ConsentMatter.SHORTFALL.value,
    )
    terms = terms_of(year["agreement_body"])
    return ShortfallShape(
        number,
        row["uscc"],
        row["short_name"],
        row["status"],
        open_fen,
        sum(item["open_fen"] for item in items if item["late"]),
        [OpenAmount(**{k: v for k, v in dict(i).items() if k != "creditor_id"}) for i in items],
        request["number"] if request else None,
        request["status"] if request else None,
        terms.consent_clause(ConsentMatter.SHORTFALL),
        await _would_bear(year, row) if view.sees_all and open_fen else [],
    )


async def _would_bear(year: Any, row: Any) -> list[dict[str, Any]]:
    """The others' parts of every debt by the shares signed for it, if they took it over now."""
    terms = terms_of(year["agreement_body"])
    consent = await shortfall_facts.consent_of(subject_of(year["number"], row["uscc"]))
    bearing = await shortfall_facts.bearers(year["id"], terms, consent, row["organisation"])
    items = await shortfall_facts.open_debts(year["id"], row["organisation"])
    debts, _ = await shortfall_facts.debts_of(items, bearing)
    names = {bearer.uscc: bearer.name for bearer in bearing}
    return [
        {
            "obligation": part.debt,
            "uscc": part.member,
            "name": names[part.member],
            "stands_in": not part.own,
            "weight": part.share_units,
            "allocated": part.amount_fen,
            "to_date_fen": part.to_date_fen,
            "exact_numerator": part.exact.numerator,
            "exact_denominator": part.exact.denominator,
        }
        for part in take_over(debts, await shortfall_facts.before(row["id"]))
    ]
