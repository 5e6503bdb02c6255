"""Evidence bundles (证据包): everything about a claim, placement, statement, dispute or debt.

A stranger checks one with `sha256sum` alone. A follower's bundle holds its own rows only.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance import access
from coinsurance.result_shapes import BundleShape
from coinsurance.settlement_forms import EvidenceForm
from coinsurance.settlements import seats
from coinsurance.settlements.evidence import files, writing
from coinsurance.settlements.evidence.sources import SUBJECTS
from service.auth import Actor
from service.kernel import journal, ledger
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import NotFound

KIND = "evidence_bundle"


async def make(actor: Actor, form: EvidenceForm) -> BundleShape:
    """Make a bundle as known now and keep it; NotFound for what the actor may not see."""
    subject = SUBJECTS[form.subject_kind]
    moment = now()
    async with work():
        found = await sql_row(subject.find, form.subject)
        if found is None:
            raise NotFound(subject.zh, form.subject_kind.capitalize(), form.subject)
        mask = await _mask(actor, found, subject.zh, form)
        year = await access.year_row(found["year"]) if found["year"] else None
        if year is not None:
            await ledger.seal(year["book_code"])
        gathered = await files.gather(subject, found["id"], year, mask, moment)
        number = await next_number("EV", moment)
        content = writing.finish(gathered, f"{subject.zh} {form.subject} 证据包", [
            ("编号", number),
            *_terms(year),
            ("截至", moment.isoformat(timespec="microseconds")),
            ("范围", "全部成员" if mask is None else actor.organisation),
        ])  # fmt: skip
        holder = mask if year is not None or actor.sees_all else actor.organisation_id
        await _keep(actor, form, year, holder, number, content, moment)
    return await record(actor, number)


async def _mask(actor: Actor, found: Any, zh: str, form: EvidenceForm) -> int | None:
    """Whose rows the actor may have: all, or its own if it is a party; else NotFound.

    A single insurer is the only party and has all of them.
    """
    if found["year"] is None:
        if actor.sees_all or actor.organisation_id in found["parties"]:
            return None
        raise NotFound(zh, form.subject_kind.capitalize(), form.subject)
    seat = await seats.seen(actor, found["year"])
    view = seat[1] if seat else None
    if view is not None and view.sees_all:
        return None
    if view is None or view.organisation_id not in found["parties"]:
        raise NotFound(zh, form.subject_kind.capitalize(), form.subject)
    return view.organisation_id


def _terms(year: Any) -> list[tuple[str, str]]:
    """What the subject stands under, for the head of the printed page."""
    if year is None:
        return [("承保", "单一保险人，无共保协议")]
    return [("业务年度", year["number"]), ("协议版本", f"{year['agreement_version']}")]


async def _keep(
    actor: Actor,
    form: EvidenceForm,
    year: Any,
    holder: int | None,
    number: str,
    content: dict[str, bytes],
    moment: Any,
) -> None:
    packed = writing.archive(content)
    manifest = hashlib.sha256(content[writing.MANIFEST]).hexdigest()
    bundle = await sql_value(
        "INSERT INTO evidence_bundle (number, pool_year, organisation, subject_kind, subject,"
        " known_at, manifest_hash, archive_hash, recorded_at, recorded_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $6, $9) RETURNING id",
        number,
        year["id"] if year is not None else None,
        holder,
        form.subject_kind,
        form.subject,
        moment,
        manifest,
        hashlib.sha256(packed).hexdigest(),
        actor.user_id,
    )
    await sql("INSERT INTO evidence_archive (bundle, content) VALUES ($1, $2)", bundle, packed)
    await journal.record(
        actor,
        KIND,
        number,
        "make",
        facts={"subject": f"{form.subject_kind}/{form.subject}", "manifest_sha256": manifest},
    )


async def _row(actor: Actor, number: str) -> Any:
    row = await sql_row(
        "SELECT e.*, y.number AS year_number, a.content FROM evidence_bundle e"
        " LEFT JOIN pool_year y ON y.id = e.pool_year JOIN evidence_archive a ON a.bundle = e.id"
        " WHERE e.number = $1",
        number,
    )
    if row is None:
        raise NotFound("证据包", "Evidence bundle", number)
    if not await _may_have(actor, row):
        raise NotFound("证据包", "Evidence bundle", number)
    await access.keep_look(actor, KIND, number, "证据包", exported=True)
    return row


async def _may_have(actor: Actor, row: Any) -> bool:
    """Whether a bundle holds nothing but what the actor may see."""
    if row["year_number"] is None:
        return actor.sees_all or actor.owns(row["organisation"])
    seat = await seats.seen(actor, row["year_number"])
    return seat is not None and (seat[1].sees_all or seat[1].organisation_id == row["organisation"])


async def record(actor: Actor, number: str) -> BundleShape:
    """What a bundle holds, with the hashes that a stranger compares."""
    async with work():
        row = await _row(actor, number)
    with zipfile.ZipFile(io.BytesIO(row["content"])) as packed:
        names = packed.namelist()
    return BundleShape(
        row["number"],
        row["subject_kind"],
        row["subject"],
        row["known_at"],
        row["manifest_hash"],
        row["archive_hash"],
        names,
    )


async def archive(actor: Actor, number: str) -> bytes:
    """The bundle as an archive, the bytes that were handed out."""
    async with work():
        content: bytes = (await _row(actor, number))["content"]
    return content


async def page(actor: Actor, number: str) -> bytes:
    """The bundle as one page to print, as it stands in the archive."""
    with zipfile.ZipFile(io.BytesIO(await archive(actor, number))) as packed:
        return packed.read(writing.PAGE)
