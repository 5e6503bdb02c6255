"""Results of pool years, development triangles, scorecards: as of a day, as known at a moment.

Summed by the database over members' parts; a follower sees the whole and its own part.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from typing import Any

from catalogue.products.counting import parse_moment
from catalogue.rules.library_count import Definition
from coinsurance import access
from coinsurance.result_shapes import (
    DefinitionShape,
    LinkShape,
    MemberResult,
    RatioShape,
    ResultShape,
    ScorecardShape,
    ScoreShape,
    SumsShape,
    TriangleRowShape,
    TriangleShape,
)
from coinsurance.rules.settlement.results import Ratio, Sums, added, ratios
from coinsurance.rules.settlement.scorecard import Measure, Timed, scores
from coinsurance.rules.settlement.triangles import (
    TRIANGLE,
    Development,
    LinkRatio,
    triangle,
)
from coinsurance.settlement_shapes import MemberShape
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.db import sql, sql_row, work
from service.kernel.errors import NotFound
from service.kernel.money import PPM_WHOLE, Rounding, ratio

# One pass over the book; accounts are named after what they hold, so their names are the columns.
_BOOKED = """
WITH sums AS (
  SELECT l.account, e.backstop, sum(l.amount_fen) AS fen FROM (
    SELECT id, reason LIKE 'backstop%' AS backstop FROM entry
     WHERE book = $1 AND kind IN ('posted', 'post_pending') AND effective_on <= $2
       AND ($3::timestamptz IS NULL OR recorded_at <= $3) OFFSET 0) e
    JOIN entry_line l ON l.entry = e.id GROUP BY l.account, e.backstop
)
SELECT a.owner, split_part(a.code, ':', 1) AS name, s.backstop, sum(s.fen)::bigint AS fen
  FROM sums s JOIN account a ON a.id = s.account
 WHERE a.code NOT LIKE 'current:%' AND a.code NOT LIKE 'disputed:%' GROUP BY 1, 2, 3
"""
_RESERVED = """
SELECT p.organisation, sum(p.reserve_fen)::bigint AS fen FROM claim_part p
  JOIN claim_movement m ON m.id = p.movement JOIN claim c ON c.id = m.claim
WHERE c.pool_year = $1 AND m.effective_on <= $2 AND ($3::timestamptz IS NULL OR m.recorded_at <= $3)
GROUP BY p.organisation
"""
# Earned by days, both ends of the period counted, of the period as it was known; half a fen is
# rounded up per member and policy.
_EARNED = """
SELECT x.organisation, sum(x.earned)::bigint AS fen FROM (
  SELECT p.organisation, floor(sum(p.amount_fen)
      * least(greatest($2::date - l.start_on + 1, 0), t.days)::numeric / t.days + 0.5) AS earned
  FROM placement l JOIN policy y ON y.id = l.policy CROSS JOIN LATERAL (
      SELECT coalesce((SELECT d.new_end_on FROM endorsement d WHERE d.policy = y.id
          AND d.new_end_on IS NOT NULL AND ($3::timestamptz IS NULL OR d.recorded_at <= $3)
        ORDER BY d.id DESC LIMIT 1), y.end_on) - l.start_on + 1 AS days) t
    JOIN premium_movement m ON m.placement = l.id JOIN premium_part p ON p.movement = m.id
  WHERE l.pool_year = $1 AND p.component = 'premium' AND m.effective_on <= $2
    AND ($3::timestamptz IS NULL OR m.recorded_at <= $3)
  GROUP BY p.organisation, l.id, t.days) x GROUP BY x.organisation
"""
# Whether a claim was open on a day is told by its events, not by what it is now.
_CLAIMS = """
SELECT count(*)::int AS claims, count(*) FILTER (WHERE coalesce(s.status, '') <> 'closed')::int
    AS open, count(a.id)::int AS large
FROM claim c LEFT JOIN LATERAL (SELECT e.to_status AS status FROM journal_event e
    WHERE e.subject_kind = 'claim' AND e.subject = c.number AND e.to_status <> ''
      AND e.effective_on <= $2 AND ($3::timestamptz IS NULL OR e.recorded_at <= $3)
    ORDER BY e.id DESC LIMIT 1) s ON true
  LEFT JOIN claim_alert a ON a.claim = c.id AND ($3::timestamptz IS NULL OR a.raised_at <= $3)
    AND (a.raised_at AT TIME ZONE 'Asia/Shanghai')::date <= $2
WHERE c.pool_year = $1 AND c.loss_on <= $2 AND ($3::timestamptz IS NULL OR c.recorded_at <= $3)
"""
_MEMBERS = """
SELECT o.id, o.uscc, o.name, coalesce(m.position, 10000) AS position FROM organisation o
  LEFT JOIN pool_member m ON m.pool_year = $1 AND m.organisation = o.id
WHERE o.id = ANY($2::bigint[]) ORDER BY position, o.id
"""
_COLUMN = {
    "premium": ("premium_fen", -1),
    "claim_paid": ("paid_fen", 1),
    "claim_expense": ("expense_fen", 1),
    "recovery": ("recovery_fen", -1),
    "lead_fee_paid": ("lead_fee_paid_fen", 1),
    "lead_fee_tax_paid": ("lead_fee_paid_fen", 1),
    "lead_fee_earned": ("lead_fee_earned_fen", -1),
    "lead_fee_tax_earned": ("lead_fee_earned_fen", -1),
    "broker_fee": ("other_fee_fen", 1),
    "admin_fee_paid": ("other_fee_fen", 1),
    "admin_fee_earned": ("other_fee_fen", -1),
}


async def result(
    actor: Actor, year_number: str, as_of: date | None = None, as_known_at: str | None = None
) -> ResultShape:
    """The result of a pool year. The same day and moment give the same figures for ever."""
    day = as_of or today()
    known = parse_moment(as_known_at, "as_known_at") if as_known_at else None
    async with work():
        year = await access.year_row(year_number)
        view = await access.view_of(actor, year)
        await access.keep_look(actor, "pool_year", year_number, "经营结果")
        by_member = await member_sums(year, day, known)
        counts = (await sql(_CLAIMS, year["id"], day, known))[0]
        members = await sql(_MEMBERS, year["id"], list(by_member))
    whole = added(list(by_member.values()))
    return ResultShape(
        pool_year=year_number,
        as_of=day,
        as_known_at=known,
        claims=counts["claims"],
        open_claims=counts["open"],
        large_losses=counts["large"],
        whole=sums_shape(whole) if view.sees_all else _masked(sums_shape(whole)),
        ratios=[ratio_shape(one) for one in ratios(whole)],
        members=[
            MemberResult(
                MemberShape(row["uscc"], row["name"]),
                sums_shape(by_member[row["id"]]),
                [ratio_shape(one) for one in ratios(by_member[row["id"]])],
            )
            for row in members
            if view.shows(row["id"])
        ],
    )


async def member_sums(year: Any, day: date, known: datetime | None) -> dict[int, Sums]:
    """What the books say of every member of a pool year."""
    found: dict[int, dict[str, int]] = {}
    for row in await sql(_BOOKED, year["book"], day, known):
        if row["name"] not in _COLUMN or row["owner"] is None:
            continue
        column, sign = _COLUMN[row["name"]]
        if row["name"] == "recovery" and row["backstop"]:
            column = "backstop_fen"
        mine = found.setdefault(row["owner"], {})
        mine[column] = mine.get(column, 0) + sign * row["fen"]
    for query, column in ((_RESERVED, "outstanding_fen"), (_EARNED, "earned_fen")):
        for row in await sql(query, year["id"], day, known):
            found.setdefault(row["organisation"], {})[column] = row["fen"]
    return {owner: Sums(**columns) for owner, columns in found.items()}


def sums_shape(sums: Sums) -> SumsShape:
    """Sums with what is derived from them."""
    plain = {name: getattr(sums, name) for name in Sums.__slots__}
    return SumsShape(**plain, net_paid_fen=sums.net_paid_fen, incurred_fen=sums.incurred_fen)


def _masked(whole: SumsShape) -> SumsShape:
    """The sums of all for who sees only its own: without what tells the lead's share."""
    return replace(whole, lead_fee_paid_fen=None, lead_fee_earned_fen=None)


def ratio_shape(found: Ratio) -> RatioShape:
    """A ratio with its definition."""
    return RatioShape(
        definition_shape(found.definition), found.numerator_fen, found.denominator_fen, found.ppm
    )


def definition_shape(found: Definition) -> DefinitionShape:
    """A definition that travels with a figure."""
    return DefinitionShape(found.id, found.zh, found.en, found.source)


# Summed by days and kind first: what counts and in which quarter is asked of the sums, not of every
# row.
_MOVED = """
WITH moved AS (
  SELECT c.loss_on, m.effective_on, m.kind, sum({amount}) AS fen, sum({reserve}) AS reserve
  FROM claim_movement m JOIN claim c ON c.id = m.claim {join}
  WHERE c.pool_year = ANY($1::bigint[]) AND m.effective_on <= $2
    AND ($3::timestamptz IS NULL OR m.recorded_at <= $3)
  GROUP BY c.loss_on, m.effective_on, m.kind
)
SELECT extract(year FROM m.loss_on)::int AS loss, extract(year FROM m.effective_on)::int AS year,
  extract(quarter FROM m.effective_on)::int AS quarter,
  sum(CASE WHEN m.kind IN ('payment', 'advance') THEN m.fen
    WHEN m.kind IN ('recovery', 'salvage') THEN -m.fen ELSE 0 END)::bigint AS paid,
  sum(m.reserve)::bigint AS reserve
FROM moved m GROUP BY 1, 2, 3 ORDER BY 1, 2, 3
"""
_WHOLE = _MOVED.format(amount="m.amount_fen", reserve="m.reserve_change_fen", join="")
_OWN = _MOVED.format(
    amount="q.amount_fen",
    reserve="q.reserve_fen",
    join="JOIN claim_part q ON q.movement = m.id AND q.organisation = $4",
)


async def triangles(
    actor: Actor,
    pool_code: str,
    as_of: date | None = None,
    as_known_at: str | None = None,
    own: bool = False,
) -> TriangleShape:
    """The development triangle of a pool, of the whole or of the caller's own part."""
    day = as_of or today()
    known = parse_moment(as_known_at, "as_known_at") if as_known_at else None
    async with work():
        pool = await sql_row("SELECT id, code FROM pool WHERE code = $1", pool_code)
        if pool is None:
            raise NotFound("共保体", "Pool", pool_code)
        years, keys = await _years(actor, pool)
        await access.keep_look(actor, "pool", pool_code, "赔款进展")
        if own:
            rows = await sql(_OWN, keys, day, known, actor.organisation_id)
        else:
            rows = await sql(_WHOLE, keys, day, known)
    moved = [
        Development(row["loss"], row["year"], row["quarter"], row["paid"], row["reserve"])
        for row in rows
    ]
    wanted = sorted({*(y for y in years if y <= day.year), *(m.accident_year for m in moved)})
    found = triangle(moved, wanted, day)
    return TriangleShape(
        pool_code,
        day,
        known,
        definition_shape(TRIANGLE),
        [TriangleRowShape(r.accident_year, [*r.paid_fen], [*r.incurred_fen]) for r in found.rows],
        [_link(link) for link in found.paid_links],
        [_link(link) for link in found.incurred_links],
    )


async def _years(actor: Actor, pool: Any) -> tuple[list[int], list[int]]:
    """The years of a pool that the caller had a seat in, and the keys of all its years.

    NotFound for an organisation that never had a seat in it.
    """
    rows = await sql(
        "SELECT y.id, y.year, $3 OR EXISTS (SELECT 1 FROM pool_member m WHERE m.pool_year = y.id"
        " AND m.organisation = $2 AND m.status <> 'declined') AS seen"
        " FROM pool_year y WHERE y.pool = $1",
        pool["id"],
        actor.organisation_id,
        actor.sees_all,
    )
    years = [row["year"] for row in rows if row["seen"]]
    if not years and not actor.sees_all:
        raise NotFound("共保体", "Pool", pool["code"])
    return years, [row["id"] for row in rows]


def _link(link: LinkRatio) -> LinkShape:
    ppm = None
    if link.denominator_fen:
        ppm = ratio(link.numerator_fen, PPM_WHOLE, link.denominator_fen, Rounding.HALF_UP)
    return LinkShape(link.from_quarter, link.numerator_fen, link.denominator_fen, ppm)


_DAY = "(({}) AT TIME ZONE 'Asia/Shanghai')::date"
_TIMED = f"""
SELECT b.debtor AS member, CASE b.kind WHEN 'premium_remittance' THEN 'remittance'
    ELSE 'reimbursement' END AS measure, b.arose_on AS started, b.due_on AS due,
  CASE WHEN b.status = 'settled' THEN (SELECT max(d.settled_on) FROM discharge d
    WHERE d.obligation = b.id) END AS done
FROM obligation b WHERE b.pool_year = $1
  AND b.kind IN ('premium_remittance', 'claim_reimbursement', 'cash_call')
  AND b.status NOT IN ('void', 'disputed')
UNION ALL
SELECT c.handler, 'notice', {_DAY.format("c.reported_at")}, n.due_on, {_DAY.format("n.served_at")}
FROM claim_notice n JOIN claim c ON c.id = n.claim WHERE c.pool_year = $1 AND n.kind = 'loss'
UNION ALL
SELECT p.organisation, 'consent', {_DAY.format("p.served_at")},
  {_DAY.format("p.due_at - interval '1 second'")},
  CASE WHEN p.answer IN ('consented', 'refused') THEN {_DAY.format("p.answered_at")} END
FROM consent_party p JOIN consent_request r ON r.id = p.request
WHERE r.pool_year = $1 AND p.served_at IS NOT NULL AND r.status <> 'withdrawn'
  AND (p.answer IN ('consented', 'refused') OR r.closed_at IS NULL OR r.closed_at >= p.due_at)
UNION ALL
SELECT s.organisation, 'statement', {_DAY.format("s.issued_at")}, s.answer_due_on,
  {_DAY.format("s.answered_at")}
FROM statement s WHERE s.pool_year = $1 AND s.issued_at IS NOT NULL AND s.status <> 'cancelled'
"""


async def scorecard(actor: Actor, year_number: str, as_of: date | None = None) -> ScorecardShape:
    """How members of a pool year keep their terms; a follower sees its own."""
    day = as_of or today()
    async with work():
        year = await access.year_row(year_number)
        view = await access.view_of(actor, year)
        await access.keep_look(actor, "pool_year", year_number, "履约评分")
        rows = await sql(_TIMED, year["id"])
        members = await sql(_MEMBERS, year["id"], list({row["member"] for row in rows}))
    names = {str(row["id"]): MemberShape(row["uscc"], row["name"]) for row in members}
    found = scores(
        (
            Timed(str(row["member"]), Measure(row["measure"]), row["started"], row["due"],
                  row["done"])
            for row in rows
            if view.shows(row["member"])
        ),
        day,
    )  # fmt: skip
    return ScorecardShape(
        year_number,
        day,
        [
            ScoreShape(
                names[score.member],
                score.measure.value,
                score.measure.zh,
                score.done,
                score.days_total,
                score.on_time,
                score.late,
                score.late_days,
                score.open,
                score.overdue,
                score.undated,
            )
            for score in found
        ],
    )
