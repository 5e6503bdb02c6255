"""The decision on a filing: by an approver who took no part in preparing it (four eyes)."""

from __future__ import annotations

from datetime import date

from catalogue.books import filing_book
from catalogue.forms import EffectiveForm, NoteForm
from catalogue.products import records
from catalogue.products.filing import (
    FilingState,
    checked_filing,
    filing_state,
    move_filing,
    open_filing,
)
from catalogue.products.library import check_effective_day, write_fact
from catalogue.products.records import ProductRow, VersionRow
from catalogue.rules.workflows import FILING, SHELF
from catalogue.tables import Product, ProductVersion
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_value, work
from service.kernel.errors import Conflict, Forbidden, Refused
from service.kernel.findings import Text, blocker, blockers, register


async def _four_eyes(actor: Actor, product: ProductRow, version: VersionRow) -> None:
    """The person who decides took no part in preparing the filing (law 9)."""
    taken = await sql_value(
        "SELECT count(*) FROM journal_event WHERE subject_kind = 'filing' AND subject = $1"
        " AND actor = $2 AND event IN ('draft','edit','submit','resubmit','accept','begin_review',"
        "'recommend')",
        records.filing_subject(product, version),
        actor.user_id,
    )
    if taken or actor.user_id in (version.reviewed_by, version.created_by):
        raise Forbidden("auth.four_eyes")


async def enter(actor: Actor, number: str, form: EffectiveForm) -> FilingState:
    """Enter a reviewed version into the library (批准入库), from a day that is not in the future.

    The version that stood there is replaced; the decision keeps rule version, hash and findings.
    """
    async with work():
        product, version = await open_filing(actor, number)
        FILING.advance(version.status, "enter", actor.roles)
        if product.status == "withdrawn":
            raise Conflict("product.is_withdrawn")
        if not version.recommendation:
            raise Refused([blocker("filing.no_recommendation", "recommendation")])
        await _four_eyes(actor, product, version)
        day = form.effective_on or today()
        book = await filing_book(day)
        found = await checked_filing(product, version, book, actor)
        if version.recommendation == "reject" and not form.note:
            found.append(blocker("filing.against_recommendation", "note"))
        found += await check_effective_day(product, day, version.submitted_at)
        if blockers(found):
            raise Refused(found)
        decision = {
            "rule": book.reference(),
            "findings": [f.as_dict() for f in found],
            "effective_on": day.isoformat(),
        }
        values = {
            "decided_at": now(),
            "decided_by": actor.user_id,
            "decision": journal.canonical(decision),
        }
        await _replace_current(product)
        await move_filing(
            product,
            version,
            "enter",
            actor,
            form.note,
            values=values,
            facts={"rule": book.reference()},
            effective_on=day,
        )
        await _put_on_shelf(actor, product, version, day, form.note)
        return await filing_state(product, version)


async def _replace_current(product: ProductRow) -> None:
    if product.current_version is None:
        return
    old = next(
        VersionRow(**row)
        for row in await sql(
            "SELECT id, number, status, revision, reviewed_by, recommendation, submitted_at,"
            " created_by FROM product_version WHERE id = $1",
            product.current_version,
        )
    )
    await journal.move(
        FILING,
        ProductVersion,
        old.as_row(),
        "replace",
        SYSTEM,
        subject_kind="filing",
        subject=records.filing_subject(product, old),
    )


async def _put_on_shelf(
    actor: Actor, product: ProductRow, version: VersionRow, day: date, note: str
) -> None:
    """Make the version current and write the library fact; a suspended product stays suspended."""
    status = product.status
    event_id = None
    if status == "new":
        step, event_id = await journal.move(
            SHELF,
            Product,
            {"id": product.id, "status": status},
            "enter",
            actor,
            subject_kind="product",
            subject=product.number,
            note=note,
            roles={"system"},
            effective_on=day,
        )
        status = step.target
    else:
        event_id = await journal.record(
            actor,
            "product",
            product.number,
            "new_version",
            note=note,
            facts={"version": version.number},
            effective_on=day,
        )
    await sql("UPDATE product SET current_version = $2 WHERE id = $1", product.id, version.id)
    await write_fact(actor, product.id, version.id, status, day, event_id)


async def reject(actor: Actor, number: str, form: NoteForm) -> FilingState:
    """Refuse a reviewed version with reasons (不予入库)."""
    async with work():
        product, version = await open_filing(actor, number)
        FILING.advance(version.status, "reject", actor.roles, form.note)
        if not version.recommendation:
            raise Refused([blocker("filing.no_recommendation", "recommendation")])
        await _four_eyes(actor, product, version)
        book = await filing_book(today())
        values = {
            "decided_at": now(),
            "decided_by": actor.user_id,
            "decision": journal.canonical({"rule": book.reference(), "note": form.note}),
        }
        return await move_filing(product, version, "reject", actor, form.note, values=values)


register(
    {
        "filing.no_recommendation": Text(
            "经办人尚未提出审核建议",
            "The reviewing officer has not given a recommendation yet",
            "请经办人先完成审核并提出建议",
            "Let the officer finish the review first",
            "DESIGN law 9",
        ),
        "filing.against_recommendation": Text(
            "经办人建议不予入库，批准入库须写明理由",
            "The officer recommends rejection; entering the product needs a reason",
            "请在意见中写明批准理由",
            "Write the reason in the note",
        ),
    }
)
