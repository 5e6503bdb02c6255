"""Collecting the facts that a subsidy rule judges: a fixed number of queries for an application.

What the registry knows (policies, receipts, endorsements, contracts, qualifications, money granted
before) is read from it; what the firm declares fills only what nobody has recorded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import msgspec

from catalogue.books import subsidy_book
from catalogue.rules.subsidy import (
    ApplicationFacts,
    BanFacts,
    Context,
    FirmFacts,
    OtherMoney,
    PaidFacts,
    QualificationFacts,
    StatusFacts,
)
from catalogue.rules.subsidy.nouns import Instrument
from catalogue.subsidies.line_facts import PolicyFactsRow, line_facts, product_key, project_key
from service.kernel.db import sql, sql_row


@dataclass(frozen=True, slots=True)
class LineSpec:
    """A line to be judged: its number, its records, what the firm declares of it."""

    number: int
    policy_id: int
    enrolment_id: int | None = None
    qualification_id: int | None = None
    declared: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Ask:
    """What is to be judged, for which firm, under which scheme, on which day.

    `application_id` is left out of the money granted before; `materials` None: not judged yet.
    """

    scheme: Any
    family: str
    enterprise_id: int
    applied_on: date
    lines: Sequence[LineSpec]
    firm: Mapping[str, Any] = field(default_factory=dict)
    application_id: int | None = None
    materials: frozenset[str] | None = None


async def collect(ask: Ask) -> ApplicationFacts:
    """The facts of an application as the records now stand."""
    rows = await _policies(ask)
    money = await _other_money(ask, list(rows))
    lines = tuple(
        line_facts(
            spec.number,
            spec.declared,
            rows[spec.policy_id],
            money.get(spec.policy_id, ()),
            ask.applied_on,
        )
        for spec in ask.lines
        if spec.policy_id in rows
    )
    context = Context(
        applied_on=ask.applied_on,
        scheme_from=ask.scheme["window_from"],
        scheme_to=ask.scheme["window_to"],
        paid=await _paid(ask),
        qualifications=await _qualifications(ask),
        materials=ask.materials,
    )
    return ApplicationFacts(await firm_facts(ask.enterprise_id, ask.firm), lines, context)


_FIRM = """
SELECT o.name, o.uscc, o.district,
  (SELECT coalesce(json_agg(json_build_object('code', c.kind, 'valid_from', c.valid_from,
    'valid_to', c.valid_to, 'number', c.number) ORDER BY c.id), '[]')::text FROM certificate c
    WHERE c.organisation = o.id) AS statuses,
  (SELECT coalesce(json_agg(json_build_object('reason', b.clause, 'first_day', b.from_on,
    'last_day', b.to_on) ORDER BY b.id), '[]')::text FROM ban b
    JOIN organisation r ON r.id = b.organisation WHERE r.legal_root = o.legal_root) AS bans
FROM organisation o WHERE o.id = $1
"""


async def firm_facts(enterprise_id: int, declared: Mapping[str, Any]) -> FirmFacts:
    """The firm with its certificates and the bans of its legal person."""
    row = await sql_row(_FIRM, enterprise_id)
    assert row is not None
    stated = {name: declared.get(name) for name in FIRM_DECLARED}
    return FirmFacts(
        name=row["name"],
        uscc=row["uscc"],
        place=row["district"],
        statuses=msgspec.json.decode(row["statuses"], type=tuple[StatusFacts, ...]),
        bans=msgspec.json.decode(row["bans"], type=tuple[BanFacts, ...]),
        registered_on=_day(stated.pop("registered_on")),
        **stated,
    )


FIRM_DECLARED = ("registered_on", "revenue_fen", "staff_count", "rd_share_ppm", "credit_good")


def _day(value: Any) -> date | None:
    return date.fromisoformat(value) if isinstance(value, str) else value


# One row per policy. `enrolments` runs beside `policies`; an object is the enrolled one, else that
# of the policy. Receipts are net of refunds; what a payer other than the insured paid is apart.
_POLICIES = """
SELECT y.id, y.number, y.status, y.start_on, y.current_end_on AS end_on, y.limit_fen,
  y.current_sum_fen AS sum_fen, y.current_premium_fen AS premium_fen, i.name AS insurer,
  i.district AS insurer_place, p.number AS product, coalesce(b.kind, 'general') AS kind,
  coalesce((SELECT c.file_number <> '' OR c.registration_number <> '' FROM clause c
    WHERE c.version = y.version AND c.kind = 'main' ORDER BY c.position LIMIT 1), false) AS filed,
  (SELECT f.status = 'in_library' FROM library_fact f WHERE f.product = y.product
    AND f.status <> 'void' AND f.effective_on <= y.start_on
    AND NOT EXISTS (SELECT 1 FROM library_fact c WHERE c.corrects = f.id)
    ORDER BY f.effective_on DESC, f.recorded_at DESC, f.id DESC LIMIT 1) AS in_library,
  r.own_fen, r.others_fen, r.paid_on, r.invoiced_on, r.invoice_to_insured,
  (SELECT sum(l.paid_fen)::bigint FROM policy_loss l WHERE l.policy = y.id) AS claim_paid_fen,
  (SELECT coalesce(array_agg(x.start_on ORDER BY x.start_on, x.id), '{}') FROM policy x
    WHERE x.id <> y.id AND x.insured = y.insured AND x.status <> 'cancelled'
    AND x.start_on < y.start_on AND CASE WHEN b.id IS NULL THEN x.product = y.product
      AND x.insured_object IS NULL ELSE x.insured_object = b.id END) AS earlier_from,
  (SELECT coalesce(array_agg(x.current_end_on ORDER BY x.start_on, x.id), '{}') FROM policy x
    WHERE x.id <> y.id AND x.insured = y.insured AND x.status <> 'cancelled'
    AND x.start_on < y.start_on AND CASE WHEN b.id IS NULL THEN x.product = y.product
      AND x.insured_object IS NULL ELSE x.insured_object = b.id END) AS earlier_to,
  b.number AS object, b.name AS object_name, b.level, b.value_fen, b.batch, b.software_version,
  b.test_report_number, cardinality(b.test_report_marks) AS marks,
  b.parameters::text AS actual, ci.number AS item, ci.parameters::text AS required,
  ce.code AS edition, ce.valid_from AS listed_from, ce.valid_to AS listed_to,
  (SELECT count(*)::int FROM object_unit u WHERE u.insured_object = b.id) AS units,
  s.number AS contract, s.buyer_uscc, s.buyer_relation, s.amount_fen AS contract_fen, s.quantity,
  s.delivered_on, s.accepted_on, t.first_on AS contract_first_on, t.last_on AS contract_last_on,
  e.number AS enrolment, e.status AS enrolment_status, q.number AS qualification
FROM unnest($1::bigint[], $2::bigint[], $3::bigint[]) AS a(policy, enrolment, qualification)
JOIN policy y ON y.id = a.policy JOIN organisation i ON i.id = y.insurer
JOIN organisation n ON n.id = y.insured JOIN product p ON p.id = y.product
LEFT JOIN enrolment e ON e.id = a.enrolment LEFT JOIN qualification q ON q.id = a.qualification
LEFT JOIN insured_object b ON b.id = coalesce(e.insured_object, y.insured_object)
LEFT JOIN catalogue_item ci ON ci.id = coalesce(e.matched_item, b.catalogue_item)
LEFT JOIN catalogue_edition ce ON ce.id = ci.edition
LEFT JOIN sales_contract s ON s.id = e.contract
LEFT JOIN LATERAL (SELECT min(signed_on) AS first_on, max(signed_on) AS last_on
  FROM sales_contract WHERE insured_object = b.id) t ON true
LEFT JOIN LATERAL (SELECT
    coalesce(sum(amount_fen) FILTER (WHERE payer_uscc = n.uscc
      OR payer_uscc = '' AND payer_name = n.name), 0)::bigint AS own_fen,
    coalesce(sum(amount_fen) FILTER (WHERE NOT (payer_uscc = n.uscc
      OR payer_uscc = '' AND payer_name = n.name)), 0)::bigint AS others_fen,
    max(received_on) FILTER (WHERE amount_fen > 0) AS paid_on,
    max(coalesce(invoiced_on, received_on)) FILTER (WHERE amount_fen > 0
      AND invoice_number <> '') AS invoiced_on,
    bool_and(payer_uscc = n.uscc OR payer_uscc = '' AND payer_name = n.name)
      FILTER (WHERE amount_fen > 0 AND invoice_number <> '') AS invoice_to_insured
  FROM premium_receipt WHERE policy = y.id AND source = 'own') r ON true
"""


async def _policies(ask: Ask) -> dict[int, PolicyFactsRow]:
    rows = await sql(
        _POLICIES,
        [spec.policy_id for spec in ask.lines],
        [spec.enrolment_id for spec in ask.lines],
        [spec.qualification_id for spec in ask.lines],
    )
    return {row["id"]: PolicyFactsRow(**row) for row in rows}


# What other schemes gave on a policy: premium they paid to the insurer, and lines of other
# applications. Money paid directly shows up in both; the larger of the two counts. What this
# application itself brought to the insurer is not other money.
_OTHER = """
SELECT q.policy, q.code, s.exclusivity_group, s.rule_version, max(q.fen)::bigint AS amount_fen,
  bool_or(q.direct) AS direct
FROM (
  SELECT policy, source AS code, sum(amount_fen) AS fen, true AS direct FROM premium_receipt r
    WHERE policy = ANY($1::bigint[]) AND source <> 'own' AND NOT EXISTS (SELECT 1
      FROM premium_receipt d JOIN payment_item i ON i.id = d.payment_item JOIN application_line l
      ON l.id = i.application_line WHERE d.id IN (r.id, r.refund_of) AND l.application = $2)
    GROUP BY policy, source
  UNION ALL
  SELECT l.policy, c.code, sum(l.approved_fen - l.recovered_fen), false FROM application_line l
    JOIN application a ON a.id = l.application JOIN scheme c ON c.id = a.scheme
    WHERE l.policy = ANY($1::bigint[]) AND ($2::bigint IS NULL OR a.id <> $2)
    GROUP BY l.policy, c.code
) q JOIN scheme s ON s.code = q.code
GROUP BY q.policy, q.code, s.exclusivity_group, s.rule_version HAVING max(q.fen) > 0
ORDER BY q.policy, q.code
"""


async def _other_money(ask: Ask, policy_ids: list[int]) -> dict[int, tuple[OtherMoney, ...]]:
    given: dict[int, list[OtherMoney]] = {}
    for row in await sql(_OTHER, policy_ids, ask.application_id):
        instrument = (await subsidy_book(row["rule_version"])).rules.instrument
        loss = instrument == Instrument.LOSS_SHARING
        direct = row["direct"] or instrument == Instrument.PREMIUM_DIRECT_PAY
        money = OtherMoney(
            group=row["exclusivity_group"] or row["code"],
            amount_fen=row["amount_fen"],
            on="claim" if loss else "premium",
            to="insurer" if direct or loss else "firm",
        )
        given.setdefault(row["policy"], []).append(money)
    return {policy: tuple(money) for policy, money in given.items()}


_PAID = """
SELECT y.number AS policy, p.number AS product, b.number AS object, coalesce(b.kind, 'general')
  AS kind, s.number AS contract, s.buyer_uscc, y.current_premium_fen AS premium_fen,
  l.approved_fen - l.recovered_fen AS amount_fen,
  extract(year FROM a.submitted_at AT TIME ZONE 'Asia/Shanghai')::int AS year
FROM application_line l JOIN application a ON a.id = l.application
JOIN scheme c ON c.id = a.scheme JOIN rule_version v ON v.id = c.rule_version
JOIN policy y ON y.id = l.policy JOIN product p ON p.id = y.product
LEFT JOIN enrolment e ON e.id = l.enrolment LEFT JOIN sales_contract s ON s.id = e.contract
LEFT JOIN insured_object b ON b.id = coalesce(e.insured_object, y.insured_object)
WHERE a.enterprise = $1 AND v.family = $2 AND ($3::bigint IS NULL OR a.id <> $3)
  AND l.approved_fen > l.recovered_fen ORDER BY l.id
"""


async def _paid(ask: Ask) -> PaidFacts:
    """What the firm was granted before under any version of the rule."""
    year_fen = total_fen = 0
    policy: dict[str, int] = {}
    product: dict[str, int] = {}
    project: dict[str, int] = {}
    premium: dict[str, int] = {}
    for row in await sql(_PAID, ask.enterprise_id, ask.family, ask.application_id):
        amount_fen = row["amount_fen"]
        total_fen += amount_fen
        year_fen += amount_fen if row["year"] == ask.applied_on.year else 0
        goods = product_key(row["kind"], row["object"], row["product"])
        sale = project_key(row["contract"], row["buyer_uscc"])
        policy[row["policy"]] = policy.get(row["policy"], 0) + amount_fen
        product[goods] = product.get(goods, 0) + amount_fen
        if sale:
            project[sale] = project.get(sale, 0) + amount_fen
            premium[sale] = premium.get(sale, 0) + row["premium_fen"]
    return PaidFacts(year_fen, total_fen, policy, product, project, premium)


async def _qualifications(ask: Ask) -> tuple[QualificationFacts, ...]:
    """The firm's qualifications that may be drawn on, of those the lines name."""
    wanted = sorted({s.qualification_id for s in ask.lines if s.qualification_id is not None})
    if not wanted:
        return ()
    rows = await sql(
        "SELECT q.number, quota_fen - drawn_fen AS left_fen, valid_from, valid_to,"
        " b.number AS product FROM qualification q JOIN insured_object b ON b.id ="
        " q.insured_object WHERE q.id = ANY($1::bigint[]) AND q.enterprise = $2"
        " AND q.status IN ('granted', 'exhausted') ORDER BY q.number",
        wanted,
        ask.enterprise_id,
    )
    return tuple(QualificationFacts(**row) for row in rows)


__all__ = ["FIRM_DECLARED", "Ask", "LineSpec", "collect", "firm_facts"]
