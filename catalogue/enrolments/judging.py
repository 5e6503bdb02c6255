"""Collecting the facts that the checks of an enrolment judge."""

from __future__ import annotations

from datetime import date
from typing import Any

from catalogue.enrolments.editions import enrolment_rules, match_object
from catalogue.enrolments.records import EnrolmentRow
from catalogue.rules.enrolment import (
    CatalogueFacts,
    ContractFacts,
    EnrolmentFacts,
    ObjectState,
    PolicyState,
)
from service.kernel.db import sql_row

_OBJECT = """
SELECT o.kind, o.value_fen, o.variety, o.batch, o.software_version, o.copyright_number,
  o.test_report_number, o.test_report_marks,
  (SELECT count(*) FROM object_unit u WHERE u.insured_object = o.id)::int AS units,
  (SELECT count(*) FROM object_unit u JOIN insured_object b ON b.id = u.insured_object
    WHERE b.id <> o.id AND b.owner = o.owner AND b.kind = o.kind
    AND (b.catalogue_item = o.catalogue_item OR b.name = o.name)
    AND EXISTS (SELECT 1 FROM enrolment n WHERE n.insured_object = b.id
      AND n.status IN ('recognised', 'active', 'expired')))::int AS units_before,
  (SELECT coalesce(array_agg(DISTINCT d.material), '{}') FROM object_document d
    WHERE d.insured_object = o.id) AS materials
FROM insured_object o WHERE o.id = $1
"""
_POLICY = """
SELECT y.status, y.start_on, y.current_end_on AS end_on, y.limit_fen,
  y.insured = $2 AS insures_firm, y.insured_object = $3 AS names_object,
  coalesce((SELECT n.number FROM enrolment n WHERE n.policy = y.id AND n.id <> $4
    AND n.status NOT IN ('draft', 'refused', 'revoked') LIMIT 1), '') AS enrolled_as
FROM policy y WHERE y.id = $1
"""
_CONTRACT = """
SELECT e.uscc AS seller_uscc, k.buyer_uscc, k.buyer_relation, k.signed_on, k.amount_fen,
  k.quantity, k.unit_price_fen, k.invoiced_on, k.delivered_on, k.accepted_on
FROM sales_contract k JOIN insured_object o ON o.id = k.insured_object
JOIN organisation e ON e.id = o.owner WHERE k.id = $1 AND k.insured_object = $2
"""


async def enrolment_facts(row: EnrolmentRow, day: date) -> EnrolmentFacts:
    """The facts of an enrolment as they stand now; `day` is today."""
    policy = await sql_row(_POLICY, row.policy_id, row.enterprise_id, row.object_id, row.id)
    assert policy is not None
    matched = await match_object(row.object_id, policy["start_on"])
    contract = await sql_row(_CONTRACT, row.contract_id, row.object_id)
    return EnrolmentFacts(
        object=await _object(row.object_id, matched[0] if matched else None),
        policy=PolicyState(**policy),
        contract=ContractFacts(**contract) if contract else None,
        rules=enrolment_rules(),
        today=day,
    )


async def _object(object_id: int, catalogue: CatalogueFacts | None) -> ObjectState:
    row: Any = dict(await sql_row(_OBJECT, object_id) or {})
    row["test_report_marks"] = tuple(row["test_report_marks"])
    row["materials"] = frozenset(row["materials"])
    return ObjectState(**row, catalogue=catalogue)
