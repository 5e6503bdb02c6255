"""The legal-character check of a risk: made from stored facts, kept with its hash, read again."""

from __future__ import annotations

from typing import Any

import msgspec

from catalogue.products.counting import standing_on
from catalogue.products.drafts import next_number
from coinsurance.access import keep_look
from coinsurance.placement_forms import CharacterCheckForm
from coinsurance.placements import gathering
from coinsurance.placements.gathering import Market
from coinsurance.placements.rows import Access, issuer_of, risk_for
from coinsurance.risk_shapes import CheckRecord
from coinsurance.rules.character import (
    CharacterFacts,
    CoInsurerFacts,
    InsurerTerms,
    check,
    content_hash,
    standing,
)
from coinsurance.rules.placement_lines import policy_shares
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Text, blocker, register


async def make(actor: Actor, number: str, form: CharacterCheckForm) -> CheckRecord:
    """Make a check of the risk as it stands; it is kept whether it passes or not."""
    moment = now()
    async with work():
        found = await issuer_of(actor, number)
        if found.risk.status not in ("submitted", "in_market", "undersubscribed"):
            raise Refused([blocker("character.not_the_time", "status", number=number)])
        market = await gathering.market_of(found, today())
        consent = await _consent_hash(found, form.consent_document)
        if consent is None:
            raise Refused([blocker("character.no_consent", "consent_document")])
        facts = await facts_of(found, market, form, consent)
        made = check(facts)
        check_number = await next_number("CC", moment)
        content = {
            **made.content,
            "number": check_number,
            "risk": number,
            "revision": found.risk.revision,
            "consent_document": form.consent_document,
        }
        digest = content_hash(content)
        await sql(
            "INSERT INTO character_check (number, risk, passed, content, hash, recorded_at,"
            " recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            check_number,
            found.risk.id,
            made.passed,
            journal.canonical(content),
            digest,
            moment,
            actor.user_id,
        )
        await journal.record(
            actor,
            "character_check",
            check_number,
            "make",
            facts={"risk": number, "passed": made.passed, "hash": digest},
        )
    return await record(actor, number, check_number)


async def _consent_hash(found: Access, document_id: int) -> str | None:
    """The hash of a consent document of the issuer or the insured."""
    value: str | None = await sql_value(
        "SELECT c.sha256 FROM document d JOIN document_content c ON c.id = d.content"
        " WHERE d.id = $1 AND d.organisation IN ($2, $3)",
        document_id,
        found.risk.issuer_id,
        found.risk.insured_id,
    )
    return value


async def facts_of(
    found: Access, market: Market, form: CharacterCheckForm, consent_hash: str
) -> CharacterFacts:
    """The facts of a check; made again at binding to see that nothing changed since."""
    risk, year, terms = found.risk, found.year, found.terms
    shared = await _shared_terms(found, market)
    order = {member.uscc: key for key, member in market.members.items()}
    sections = [
        (
            part.section.premium_fen,
            {market.members[key].uscc: units for key, units in _units(part).items()},
        )
        for part in market.sections
    ]
    conditions = _conditions(market)
    insurers = [
        CoInsurerFacts(
            name=market.members[order[uscc]].name,
            uscc=uscc,
            legal_root=market.members[order[uscc]].legal_root,
            kind=market.members[order[uscc]].kind,
            active=market.members[order[uscc]].active,
            share_units=units,
            terms=shared,
            conditions=conditions.get(order[uscc], ""),
        )
        for uscc, units in _shares(sections, list(order), market.whole).items()
    ]
    status = await sql_value("SELECT status FROM pool_agreement WHERE id = $1", year["agreement"])
    return CharacterFacts(
        subject=f"{risk.number} {risk.title}",
        today=today(),
        issued=form.issued,
        consent_hash=consent_hash,
        consented_on=form.consented_on,
        agreement_version=terms.version,
        agreement_hash=terms.hash,
        agreement_effective=status in ("effective", "superseded")
        and terms.valid_from <= risk.start_on
        and (terms.valid_to is None or risk.start_on <= terms.valid_to),
        lead_fee_ppm=terms.lead_fee.rate_ppm if terms.lead_fee else None,
        commission_ppm=terms.fee_benchmark.reinsurance_commission_ppm
        if terms.fee_benchmark
        else None,
        distance_min_ppm=terms.fee_benchmark.distance_min_ppm if terms.fee_benchmark else None,
        insurers=tuple(insurers),
    )


def _units(part: gathering.Participation) -> dict[int, int]:
    """Signed shares; while the lines are not whole, what is written of them counts."""
    if part.shares or part.signed is None:
        return part.shares
    return {
        line.organisation_id: signed.effective_units
        for line, signed in zip(part.counted, part.signed.lines, strict=True)
        if signed.effective_units
    }


def _shares(
    sections: list[tuple[int, dict[str, int]]], order: list[str], whole: bool
) -> dict[str, int]:
    """Shares of the policy; below the whole what each carries of every section, as it is."""
    if whole:
        return policy_shares(sections, order)
    found: dict[str, int] = {}
    for uscc in order:
        units = [shares.get(uscc, 0) for _, shares in sections]
        if any(units):
            found[uscc] = min(units)
    return found


def _conditions(market: Market) -> dict[int, str]:
    found: dict[int, list[str]] = {}
    for part in market.sections:
        for line in part.counted:
            if line.conditions:
                found.setdefault(line.organisation_id, []).append(line.conditions)
    return {key: "；".join(texts) for key, texts in found.items()}


async def _shared_terms(found: Access, market: Market) -> InsurerTerms:
    """The terms all insurers of the risk stand in for: one record, so they are the same."""
    risk = found.risk
    row = await sql_row("SELECT number FROM product WHERE id = $1", risk.product_id)
    assert row is not None
    standing_now = await standing_on(risk.product_id, risk.start_on)
    version = None
    if standing_now is not None:
        version = await sql_value(
            "SELECT number FROM product_version WHERE id = $1", standing_now.version_id
        )
    cover = "；".join(f"{p.section.code} {p.section.title}" for p in market.sections)
    return InsurerTerms(
        contract=f"{risk.number}（{found.terms.version}）",
        subject=f"{risk.title}（{risk.site}）" if risk.site else risk.title,
        liability=f"{row['number']}/{version or 0}：{cover}",
        start_on=risk.start_on,
        end_on=risk.end_on,
        sum_insured_fen=risk.sum_insured_fen,
    )


async def latest(risk_id: int) -> Any:
    """The last check of a risk with its parsed content, None without one."""
    row = await sql_row(
        "SELECT id, number, passed, hash, content::text AS body, recorded_at FROM character_check"
        " WHERE risk = $1 ORDER BY id DESC LIMIT 1",
        risk_id,
    )
    return None if row is None else {**row, "content": journal.parsed(row["body"])}


async def fits(found: Access, market: Market, kept: dict[str, Any]) -> bool:
    """Whether a kept check is still about the risk, its lines and its agreement as they stand."""
    if kept["revision"] != found.risk.revision:
        return False
    facts = kept["facts"]
    form = CharacterCheckForm(
        consent_document=kept["consent_document"],
        consented_on=facts["consented_on"],
        issued=facts["issued"],
    )
    consent = await _consent_hash(found, form.consent_document)
    if consent is None:
        return False
    return standing(facts, await facts_of(found, market, form, consent))


_CHECK = (
    "SELECT c.number, c.passed, c.hash, c.content::text AS body, c.recorded_at, u.name AS made_by"
    " FROM character_check c JOIN eastlake_user u ON u.id = c.recorded_by WHERE c.risk = $1"
)


async def record(actor: Actor, number: str, check_number: str) -> CheckRecord:
    """A check as it was made; a follower sees the answers and its own row only."""
    found = await risk_for(actor, number)
    row = await sql_row(_CHECK + " AND c.number = $2", found.risk.id, check_number)
    if row is None:
        raise NotFound("核查", "Check", check_number)
    await keep_look(actor, "character_check", check_number, "content")
    market = await gathering.market_of(found, today())
    return await _shape(found, market, row)


async def records(actor: Actor, number: str) -> list[CheckRecord]:
    """Every check of a risk, newest first."""
    found = await risk_for(actor, number)
    rows = await sql(_CHECK + " ORDER BY c.id DESC", found.risk.id)
    await keep_look(actor, "risk", number, "character_checks")
    market = await gathering.market_of(found, today()) if rows else None
    return [await _shape(found, market, row) for row in rows]


async def _shape(found: Access, market: Market | None, row: Any) -> CheckRecord:
    content = journal.parsed(row["body"])
    assert market is not None
    still = found.risk.status == "placed" or await fits(found, market, content)
    shown = content if found.sees_lines else await _masked(found, content)
    return msgspec.convert(
        {
            "number": row["number"],
            "risk": found.risk.number,
            "passed": row["passed"],
            "fits": still,
            "hash": row["hash"],
            "made_at": row["recorded_at"],
            "made_by": row["made_by"],
            "content": shown,
        },
        CheckRecord,
    )


async def _masked(found: Access, content: dict[str, Any]) -> dict[str, Any]:
    """Answers without what they were found from, and of the insurers the reader's own row.

    The insured sees every insurer with its share: the agreement is attached to its policy by law.
    """
    own = await sql_value(
        "SELECT uscc FROM organisation WHERE id = $1", found.view.organisation_id
    )
    insurers = content["facts"]["insurers"]
    if not found.is_insured:
        insurers = [insurer for insurer in insurers if insurer["uscc"] == own]
    facts = {**content["facts"], "insurers": insurers}
    for name in ("lead_fee_ppm", "commission_ppm", "distance_min_ppm"):
        facts.pop(name)
    items = [{**item, "findings": []} for item in content["items"]]
    return {**content, "facts": facts, "items": items}


register(
    {
        "character.not_the_time": Text(
            "风险 {number} 未在提交至成单之间，不能核查",
            "Risk {number} is not between submission and binding",
            "请先提交风险",
            "Submit the risk first",
        ),
    }
)
