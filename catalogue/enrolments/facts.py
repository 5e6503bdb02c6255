"""What the subsidy rules ask of an enrolment: the facts of its object, contract and delivery."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import msgspec

from catalogue.enrolments.editions import actual_parameters
from catalogue.rules.enrolment import Required, all_met, match_parameters
from catalogue.rules.subsidy.facts import ObjectFacts
from catalogue.rules.subsidy.nouns import CountedBy, SubjectKind
from service.kernel.db import sql

# The ordinal counts the sets of earlier recognised enrolments of the same item by the same firm.
_FACTS = """
SELECT n.id AS enrolment_id, o.kind, o.name, o.level, o.value_fen, o.software_version,
  o.parameters::text AS actual, o.test_report_number, o.test_report_marks,
  e.code AS edition, e.valid_from, e.valid_to, i.number AS item, i.parameters::text AS required,
  k.amount_fen, k.quantity, k.buyer_relation, k.delivered_on, k.accepted_on,
  (SELECT min(c.signed_on) FROM sales_contract c WHERE c.insured_object = o.id) AS first_on,
  (SELECT max(c.signed_on) FROM sales_contract c WHERE c.insured_object = o.id) AS last_on,
  (SELECT count(*) FROM object_unit u WHERE u.insured_object = o.id)::int AS units,
  (SELECT count(*) FROM object_unit u JOIN insured_object b ON b.id = u.insured_object
    WHERE b.id <> o.id AND b.owner = o.owner AND b.kind = o.kind
    AND (b.catalogue_item = o.catalogue_item OR b.name = o.name)
    AND EXISTS (SELECT 1 FROM enrolment p WHERE p.insured_object = b.id AND p.id < n.id
      AND p.status IN ('recognised', 'active', 'expired')))::int AS units_before
FROM enrolment n JOIN insured_object o ON o.id = n.insured_object
LEFT JOIN catalogue_item i ON i.id = coalesce(n.matched_item, o.catalogue_item)
LEFT JOIN catalogue_edition e ON e.id = i.edition
LEFT JOIN sales_contract k ON k.id = n.contract
WHERE n.id = ANY($1::bigint[])
"""


async def object_facts(enrolment_ids: Sequence[int]) -> dict[int, ObjectFacts]:
    """`PolicyLine.object` of each enrolment, in one statement however many they are."""
    rows = await sql(_FACTS, list(enrolment_ids))
    return {row["enrolment_id"]: _facts(row) for row in rows}


def _met(row: Any) -> bool | None:
    if row["required"] is None:
        return None
    required = [Required(**p) for p in msgspec.json.decode(row["required"])]
    return all_met(match_parameters(required, actual_parameters(row["actual"])))


def _declared(stored: str) -> dict[str, Any]:
    rows = msgspec.json.decode(stored)
    declared = next((dict(row["declared"]) for row in rows if "declared" in row), {})
    for name in ("on_sale_since", "completed_on"):
        if declared.get(name):
            declared[name] = date.fromisoformat(declared[name])
    return {name: value for name, value in declared.items() if value is not None}


def _facts(row: Any) -> ObjectFacts:
    kind = row["kind"]
    counted = {SubjectKind.FIRST_SET: CountedBy.SET, SubjectKind.FIRST_BATCH: CountedBy.BATCH}
    values: dict[str, Any] = {
        "name": row["name"],
        "edition": row["edition"] or "",
        "item": row["item"] or "",
        "listed_from": row["valid_from"],
        "listed_to": row["valid_to"],
        "parameters_met": _met(row),
        "level": row["level"],
        "counted_by": counted[kind].value if kind in counted else "",
        "ordinal": row["units_before"] + 1 if kind == SubjectKind.FIRST_SET else None,
        "units": row["units"] or row["quantity"],
        "value_fen": row["value_fen"],
        "contract_fen": row["amount_fen"],
        "contract_first_on": row["first_on"],
        "contract_last_on": row["last_on"],
        "first_purchase_on": row["first_on"],
        "buyer_relation": row["buyer_relation"],
        "delivered_on": row["delivered_on"],
        "accepted_on": row["accepted_on"],
        "version": row["software_version"],
        "tested": bool(row["test_report_number"] and row["test_report_marks"]),
    }
    return ObjectFacts(**{**values, **_declared(row["actual"])})
