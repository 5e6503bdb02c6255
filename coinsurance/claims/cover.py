"""What the policy can pay for a claim now: aggregate left, assessment with its steps and hash."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from coinsurance.claim_forms import AssessmentForm, DeductibleForm, LossForm
from coinsurance.claim_shapes import ClaimState
from coinsurance.claims import alerts, surveys
from coinsurance.claims.rows import Found, SectionRow, handled, sections_of
from coinsurance.claims.states import state_of
from coinsurance.rules.claims.cover import (
    TOWER,
    CoverResult,
    Deductible,
    Erosion,
    Loss,
    Reinstated,
    Section,
    aggregate_left,
    check_losses,
    pays,
)
from coinsurance.rules.claims.decisions import SectionClaim
from coinsurance.rules.claims.nouns import Combine
from coinsurance.rules.claims.workflow import CLAIM
from coinsurance.tables import Claim
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_many, sql_value, work
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker, blockers


@dataclass(frozen=True, slots=True)
class Aggregate:
    """What claims use of a section's aggregate, and what was filled up."""

    erosions: tuple[Erosion, ...]
    reinstated: tuple[Reinstated, ...]


async def lock_policy(policy_id: int) -> None:
    """Claims of one policy share its aggregates: decisions that use them take turns."""
    await sql("SELECT 1 FROM policy WHERE id = $1 FOR NO KEY UPDATE", policy_id)


async def aggregates_of(
    policy_id: int, without_claim: int | None = None
) -> dict[int | None, Aggregate]:
    """What claims of a policy use of each section, by the day of their loss, and what was filled.

    Sections by their key (None: the only one of a policy without a placement).
    """
    used = await sql(
        "SELECT s.section, c.loss_on, s.authorised_fen FROM claim c JOIN claim_section s"
        " ON s.claim = c.id WHERE c.policy = $1 AND s.authorised_fen > 0"
        " AND c.id IS DISTINCT FROM $2",
        policy_id,
        without_claim,
    )
    filled = await sql(
        "SELECT section, effective_on, amount_fen FROM reinstatement WHERE policy = $1", policy_id
    )
    return {
        key: Aggregate(
            tuple(Erosion(r["loss_on"], r["authorised_fen"]) for r in used if r["section"] == key),
            tuple(
                Reinstated(r["effective_on"], r["amount_fen"])
                for r in filled
                if r["section"] == key
            ),
        )
        for key in {row["section"] for row in (*used, *filled)}
    }


NOTHING_USED = Aggregate((), ())


async def lefts_of(found: Found, sections: Sequence[SectionRow]) -> dict[str, int | None]:
    """What this claim may use of each section's aggregate; None where there is no aggregate."""
    states = await aggregates_of(found.row["policy"], found.id)
    lefts: dict[str, int | None] = {}
    for section in sections:
        state = states.get(section.section_id, NOTHING_USED)
        lefts[section.code] = (
            None
            if section.aggregate_fen is None
            else aggregate_left(
                section.aggregate_fen, state.erosions, state.reinstated, found.row["loss_on"]
            )
        )
    return lefts


async def section_claims(found: Found, sections: Sequence[SectionRow]) -> list[SectionClaim]:
    """What was assessed on each section, what the policy can still pay, what was paid, reserved."""
    lefts = await lefts_of(found, sections)
    claims = []
    for section in sections:
        left_fen = lefts[section.code]
        most_fen = section.limit_fen if left_fen is None else min(section.limit_fen, left_fen)
        amounts = (section.assessed_fen, most_fen, section.paid_fen, section.reserve_fen)
        claims.append(SectionClaim(section.code, *amounts))
    return claims


async def limits_of(found: Found, sections: Sequence[SectionRow]) -> list[Section]:
    """The sections as the rules see them, with what is left of their aggregates."""
    lefts = await lefts_of(found, sections)
    return [
        Section(
            section.code,
            section.limit_fen,
            section.attachment_fen,
            lefts[section.code],
            section.layer,
            f"保单 {found.row['policy_number']} 分项 {section.code}",
        )
        for section in sections
    ]


async def deductible_of(found: Found) -> Deductible:
    """The deductible of the policy: of the risk, or of the product's only component."""
    if found.row["placement"] is not None:
        fen = await sql_value(
            "SELECT r.deductible_fen FROM placement g JOIN risk r ON r.id = g.risk WHERE g.id = $1",
            found.row["placement"],
        )
        return Deductible(fen)
    rows = await sql(
        "SELECT m.deductible_fen, m.deductible_ppm FROM policy l JOIN component m"
        " ON m.version = l.version WHERE l.id = $1",
        found.row["policy"],
    )
    if len(rows) != 1:
        return Deductible()
    return Deductible(rows[0]["deductible_fen"] or 0, rows[0]["deductible_ppm"] or 0)


def _given(form: DeductibleForm | None, agreed: Deductible) -> tuple[Deductible, list[Finding]]:
    """The deductible to apply; one that was given must not be below what was agreed."""
    if form is None:
        return agreed, []
    given = Deductible(form.fixed_fen, form.rate_ppm, Combine(form.combine), form.franchise)
    if given.fixed_fen >= agreed.fixed_fen and given.rate_ppm >= agreed.rate_ppm:
        return given, []
    finding = blocker(
        "claim.deductible_below",
        "deductible",
        given_fen=given.fixed_fen,
        agreed_fen=agreed.fixed_fen,
    )
    return given, [finding]


def _losses(forms: Sequence[LossForm], sections: Sequence[SectionRow]) -> list[Loss]:
    """The losses; an empty section is the only one there is, or the tower of layers."""
    layers = [section for section in sections if section.layer]
    only = TOWER if len(layers) == len(sections) else sections[0].code
    single = only == TOWER or len(sections) == 1
    return [
        Loss(
            form.section or (only if single else ""),
            form.gross_fen,
            form.salvage_fen,
            form.sum_insured_fen,
            form.value_fen,
        )
        for form in forms
    ]


async def assess(actor: Actor, number: str, form: AssessmentForm) -> ClaimState:
    """Assess a claim: what the policy pays for the loss, step by step, kept with its hash.

    Above the threshold every member's attendance at a joint survey must be known. A new version
    may follow an old one until the claim is closed.
    """
    async with work():
        found = await handled(actor, number)
        CLAIM.advance(found.status, "assess", actor.roles)
        await lock_policy(found.row["policy"])
        sections = await sections_of(found.id)
        limits = await limits_of(found, sections)
        losses = _losses(form.losses, sections)
        deductible, checks = _given(form.deductible, await deductible_of(found))
        checks += check_losses(losses, limits)
        gross_fen = sum(loss.gross_fen for loss in losses)
        checks += await surveys.check(found, gross_fen)
        if form.report is not None:
            checks += await surveys.check_document(actor, form.report, "report")
        if blockers(checks):
            raise Refused(checks)
        result = pays(losses, limits, deductible, f"保单 {found.row['policy_number']} 免赔额")
        version = await _keep(actor, found, form, losses, limits, deductible, result)
        await _take(actor, found, form, result, version)
        await alerts.raise_if_large(actor, number)
    return await state_of(number, checks)


async def _keep(
    actor: Actor,
    found: Found,
    form: AssessmentForm,
    losses: Sequence[Loss],
    limits: Sequence[Section],
    deductible: Deductible,
    result: CoverResult,
) -> int:
    """Write a version of the calculation; its hash covers facts and result."""
    number: int = found.row["assessment"] + 1
    content = {
        "loss_on": found.row["loss_on"].isoformat(),
        "losses": [asdict(loss) for loss in losses],
        "sections": [asdict(section) for section in limits],
        "deductible": asdict(deductible),
        "result": asdict(result),
        "note": form.note,
    }
    text = journal.canonical(content)
    await sql(
        "INSERT INTO claim_assessment (claim, number, content, hash, payable_fen, report,"
        " recorded_at, recorded_by) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        found.id,
        number,
        text,
        hashlib.sha256(text.encode()).hexdigest(),
        result.payable_fen,
        form.report,
        now(),
        actor.user_id,
    )
    return number


async def _take(
    actor: Actor, found: Found, form: AssessmentForm, result: CoverResult, version: int
) -> None:
    payable = {section.code: section.payable_fen for section in result.sections}
    sections = await sections_of(found.id)
    await sql_many(
        "UPDATE claim_section SET assessed_fen = $2 WHERE id = $1",
        [(section.id, payable.get(section.code, 0)) for section in sections],
    )
    await journal.move(
        CLAIM,
        Claim,
        found.row,
        "assess",
        actor,
        subject_kind="claim",
        subject=found.number,
        note=form.note,
        values={
            "revision": found.row["revision"] + 1,
            "assessment": version,
            "assessed_by": actor.user_id,
        },
        facts={"version": version, "payable_fen": result.payable_fen},
    )

