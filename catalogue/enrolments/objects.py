"""Insured objects (标的) of a firm, the contracts that sell them, the documents about them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from catalogue.enrolment_forms import ContractForm, ObjectDocumentForm, ObjectForm
from catalogue.enrolments import editions, records
from catalogue.enrolments import texts as _texts  # noqa: F401  registers the texts
from catalogue.enrolments.records import ObjectRow, object_row
from catalogue.products.drafts import next_number
from catalogue.rules.enrolment import CatalogueFacts, ContractFacts, check_contract
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_many, sql_row, sql_value, work
from service.kernel.errors import Conflict, NotFound, Refused, Stale
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.numbering import check_uscc, fold, normalise_uscc

_PLAIN = (
    "name",
    "level",
    "value_fen",
    "variety",
    "batch",
    "software_version",
    "copyright_number",
    "test_report_number",
    "test_report_body",
)
_IN_USE = """
SELECT number FROM enrolment WHERE insured_object = $1
  AND status IN ('submitted', 'insurer_confirmed', 'recognised', 'active', 'expired')
UNION ALL SELECT number FROM qualification WHERE insured_object = $1
  AND status IN ('recommended', 'reviewed', 'granted', 'exhausted') LIMIT 1
"""
_FILLED_LATER = ("invoice_number", "invoiced_on", "delivered_on", "delivery_place", "accepted_on")


@dataclass(frozen=True, slots=True)
class ObjectState:
    """An object after a write: number and ETag revision."""

    number: str
    revision: int


@dataclass(frozen=True, slots=True)
class ContractState:
    """A contract after a write; `revision` is that of its object."""

    id: int
    number: str
    object: str
    revision: int
    findings: list[dict[str, Any]]


async def in_use(object_id: int) -> str | None:
    """The enrolment or qualification that keeps an object from being changed."""
    number: str | None = await sql_value(_IN_USE, object_id)
    return number


async def _columns(form: ObjectForm) -> tuple[dict[str, Any], list[Finding]]:
    found, item = [], None
    if form.edition or form.item:
        item = await editions.item_id(form.edition, form.item)
        if item is None:
            found.append(
                blocker("object.unknown_item", "item", edition=form.edition, item=form.item)
            )
        elif form.kind != await sql_value(
            "SELECT subject_kind FROM catalogue_edition WHERE code = $1", form.edition
        ):
            found.append(blocker("object.item_other_kind", "edition"))
    seen: set[str] = set()
    for position, serial in enumerate(form.serial_numbers):
        if fold(serial) in seen:
            found.append(
                blocker("object.serial_twice", f"serial_numbers.{position}", serial=serial)
            )
        seen.add(fold(serial))
    parameters: list[dict[str, Any]] = [p.model_dump() for p in form.parameters]
    declared = form.declared.model_dump(mode="json", exclude_defaults=True)
    if declared:
        parameters.append({"declared": declared})
    columns = {
        **{name: getattr(form, name) for name in _PLAIN},
        "kind": form.kind.value,
        "catalogue_item": item,
        "parameters": json.dumps(parameters, ensure_ascii=False),
        "test_report_marks": sorted(set(form.test_report_marks)),
    }
    return columns, found


async def _write_units(object_id: int, form: ObjectForm) -> None:
    await sql("DELETE FROM object_unit WHERE insured_object = $1", object_id)
    await sql_many(
        "INSERT INTO object_unit (insured_object, serial_number) VALUES ($1, $2)",
        [(object_id, serial) for serial in form.serial_numbers],
    )


async def create_object(actor: Actor, form: ObjectForm) -> ObjectState:
    """Register an object of the actor's firm. Refused with all findings."""
    moment = now()
    async with work():
        columns, found = await _columns(form)
        if found:
            raise Refused(found)
        number = await next_number("OB", moment)
        values = {
            "number": number,
            "owner": actor.organisation_id,
            **columns,
            "revision": 1,
            "recorded_at": moment,
            "recorded_by": actor.user_id,
        }
        marks = ", ".join(f"${n}" for n in range(1, len(values) + 1))
        object_id = await sql_value(
            f"INSERT INTO insured_object ({', '.join(values)}) VALUES ({marks}) RETURNING id",
            *values.values(),
        )
        await _write_units(object_id, form)
        facts = {"kind": form.kind.value, "name": form.name}
        await journal.record(actor, "object", number, "register", facts=facts)
    return ObjectState(number, 1)


async def _open_object(actor: Actor, number: str, revision: int | None) -> ObjectRow:
    """The actor's own object, locked, as the caller read it. Raises Stale."""
    row = await object_row(actor, number, own=True, lock=True)
    if revision is not None and revision != row.revision:
        raise Stale("conflict.stale")
    return row


async def _touch(row: ObjectRow) -> None:
    await sql("UPDATE insured_object SET revision = revision + 1 WHERE id = $1", row.id)


async def change_object(
    actor: Actor, number: str, form: ObjectForm, revision: int | None
) -> ObjectState:
    """Replace an object's facts, unless an enrolment or qualification rests on them."""
    async with work():
        row = await _open_object(actor, number, revision)
        user = await in_use(row.id)
        if user is not None:
            raise Conflict("object.in_use", number=user)
        columns, found = await _columns(form)
        if found:
            raise Refused(found)
        assignments = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
        await sql(
            f"UPDATE insured_object SET {assignments}, revision = revision + 1 WHERE id = $1",
            row.id,
            *columns.values(),
        )
        await _write_units(row.id, form)
        facts = {"revision": row.revision + 1, "name": form.name}
        await journal.record(actor, "object", number, "change", facts=facts)
    return ObjectState(number, row.revision + 1)


async def match_of(actor: Actor, number: str, day: date | None) -> dict[str, Any]:
    """The exact catalogue row of an object, the day its edition took effect, each parameter."""
    row = await object_row(actor, number)
    on = day or today()
    found = await editions.match_object(row.id, on)
    if found is None:
        raise NotFound("目录条目", "Catalogue row of the object", number)
    facts, stored = found
    return _match_shape(facts, stored, on)


def _match_shape(facts: CatalogueFacts, stored: Any, on: date) -> dict[str, Any]:
    return {
        "edition": facts.edition,
        "edition_title": stored["title"],
        "example": stored["example"],
        "valid_from": facts.valid_from,
        "valid_to": facts.valid_to,
        "item": facts.item,
        "item_name": stored["name"],
        "judged_on": on,
        "edition_holds": facts.holds(on),
        "edition_then": facts.edition_then,
        "parameters": [
            {"name": m.name, "required": m.required, "actual": m.actual, "met": m.met}
            for m in facts.matches
        ],
    }


def _contract_facts(form: ContractForm, seller_uscc: str) -> ContractFacts:
    return ContractFacts(
        seller_uscc=seller_uscc,
        buyer_uscc=normalise_uscc(form.buyer_uscc),
        buyer_relation=form.buyer_relation.value,
        signed_on=form.signed_on,
        amount_fen=form.amount_fen,
        quantity=form.quantity,
        unit_price_fen=form.unit_price_fen,
        invoiced_on=form.invoiced_on,
        delivered_on=form.delivered_on,
        accepted_on=form.accepted_on,
    )


async def _judged(row: ObjectRow, form: ContractForm) -> list[Finding]:
    """Warnings of a contract; Refused when it cannot be recorded."""
    seller = await sql_value("SELECT uscc FROM organisation WHERE id = $1", row.owner_id)
    found = check_uscc(normalise_uscc(form.buyer_uscc), "buyer_uscc")
    found += check_contract(_contract_facts(form, seller), today())
    if blockers(found):
        raise Refused(found)
    return found


def _contract_columns(form: ContractForm) -> dict[str, Any]:
    return {
        **form.model_dump(),
        "buyer_uscc": normalise_uscc(form.buyer_uscc),
        "buyer_relation": form.buyer_relation.value,
    }


async def add_contract(actor: Actor, number: str, form: ContractForm) -> ContractState:
    """Record the sale of an object; its warnings come back with it."""
    async with work():
        row = await _open_object(actor, number, None)
        found = await _judged(row, form)
        columns = _contract_columns(form)
        marks = ", ".join(f"${n}" for n in range(2, len(columns) + 2))
        contract_id = await sql_value(
            f"INSERT INTO sales_contract (insured_object, {', '.join(columns)})"
            f" VALUES ($1, {marks})"
            " ON CONFLICT (insured_object, number) DO NOTHING RETURNING id",
            row.id,
            *columns.values(),
        )
        if contract_id is None:
            raise Conflict("contract.number_twice", field="number", number=form.number)
        await _touch(row)
        await _journal_contract(actor, row, "add_contract", form)
    shown = [f.as_dict() for f in found]
    return ContractState(contract_id, form.number, number, row.revision + 1, shown)


async def change_contract(
    actor: Actor, number: str, contract_id: int, form: ContractForm, revision: int | None
) -> ContractState:
    """Change a contract. Once the object is enrolled only empty days of delivery are filled in."""
    async with work():
        row = await _open_object(actor, number, revision)
        old = await sql_row(
            "SELECT * FROM sales_contract WHERE id = $1 AND insured_object = $2 FOR UPDATE",
            contract_id,
            row.id,
        )
        if old is None:
            raise NotFound("合同", "Contract", contract_id)
        found = await _judged(row, form)
        columns = _contract_columns(form)
        _check_agreed(await in_use(row.id), old, columns)
        if old["number"] != form.number and await sql_value(
            "SELECT 1 FROM sales_contract WHERE insured_object = $1 AND number = $2",
            row.id,
            form.number,
        ):
            raise Conflict("contract.number_twice", field="number", number=form.number)
        assignments = ", ".join(f"{name} = ${n}" for n, name in enumerate(columns, 2))
        await sql(
            f"UPDATE sales_contract SET {assignments} WHERE id = $1",
            contract_id,
            *columns.values(),
        )
        await _touch(row)
        await _journal_contract(actor, row, "change_contract", form)
    shown = [f.as_dict() for f in found]
    return ContractState(contract_id, form.number, number, row.revision + 1, shown)


def _check_agreed(user: str | None, old: Any, columns: dict[str, Any]) -> None:
    if user is None:
        return
    changed = [
        name
        for name, value in columns.items()
        if value != old[name] and not (name in _FILLED_LATER and old[name] in (None, ""))
    ]
    if changed:
        raise Conflict("contract.agreed", field=changed[0], number=user)


async def _journal_contract(actor: Actor, row: ObjectRow, event: str, form: ContractForm) -> None:
    facts = {
        "number": form.number,
        "buyer_relation": form.buyer_relation.value,
        "amount_fen": form.amount_fen,
        "delivered_on": form.delivered_on and form.delivered_on.isoformat(),
        "accepted_on": form.accepted_on and form.accepted_on.isoformat(),
    }
    await journal.record(actor, "object", row.number, event, facts=facts)


async def attach(actor: Actor, number: str, form: ObjectDocumentForm) -> dict[str, Any]:
    """Say what an uploaded document proves about an object; the same twice changes nothing."""
    async with work():
        row = await _open_object(actor, number, None)
        if not await sql_value(
            "SELECT 1 FROM document WHERE id = $1 AND organisation = $2",
            form.document,
            actor.organisation_id,
        ):
            raise Refused([blocker("object.unknown_document", "document", document=form.document)])
        await sql(
            "INSERT INTO object_document (insured_object, document, material) VALUES ($1, $2, $3)"
            " ON CONFLICT (insured_object, document) DO UPDATE SET material = EXCLUDED.material",
            row.id,
            form.document,
            form.material.value,
        )
        await _touch(row)
        facts = {"document": form.document, "material": form.material.value}
        await journal.record(actor, "object", number, "attach", facts=facts)
    return await records.object_record(actor, number)
