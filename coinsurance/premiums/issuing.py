"""Issuing endorsements: on the policy, in the pool, on the members' capacity, at one stroke."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from catalogue.policies import endorsements
from catalogue.policy_forms import EndorsementForm, UndoForm
from coinsurance.pools import parts
from coinsurance.premium_forms import EndorsementStepForm
from coinsurance.premium_shapes import EndorsementState
from coinsurance.premiums import exposures, taking
from coinsurance.premiums.endorsement_rows import KIND, endorsement_row, state_of, subject_of
from coinsurance.premiums.gathering import facts_of
from coinsurance.premiums.receipts import answer_of
from coinsurance.premiums.rows import PlacementRow, placement_of
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.premium_cover import Amount, return_fen
from coinsurance.rules.workflows import PLACEMENT, PLACEMENT_ENDORSEMENT
from coinsurance.tables import Placement, PlacementEndorsement
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import today
from service.kernel.db import sql_row, sql_value, work
from service.kernel.errors import Refused
from service.kernel.findings import blocker

RETURNS = ("return_premium", "cancel")


async def issue(
    actor: Actor, number: str, which: int, form: EndorsementStepForm
) -> EndorsementState:
    """Issue an endorsement on the policy and take up what it gives back. By another person."""
    async with work():
        placement = await placement_of(actor, number, PoolRole.ISSUER, issuer=True)
        row = await endorsement_row(placement, which)
        PLACEMENT_ENDORSEMENT.advance(row["status"], "issue", actor.roles)
        await parts.four_eyes(actor, KIND, subject_of(placement, which), "propose")
        await _need_fresh(placement, row)
        endorsement_id = await _on_policy(actor, placement, row)
        await parts.move(
            actor,
            PLACEMENT_ENDORSEMENT,
            PlacementEndorsement,
            row,
            "issue",
            subject_of(placement, which),
            note=form.note,
            values={"endorsement": endorsement_id},
            facts={"premium_change_fen": row["premium_change_fen"]},
            effective_on=row["effective_on"],
        )
        outcome = await taking.take_up(actor, placement, row["reason"])
        await _follow(actor, placement, row)
        state = await state_of(placement, which)
        return replace(state, taken=answer_of(placement, outcome))


async def _need_fresh(placement: PlacementRow, row: Any) -> None:
    """What was reckoned by days must still be right when it is issued."""
    if row["method"] != Amount.PRO_RATA or row["kind"] not in RETURNS or row["undoes"]:
        return
    facts = await facts_of(placement)
    section = next((c for c, key in facts.section_ids.items() if key == row["section"]), "")
    fen = -min(return_fen(facts.cover, row["effective_on"], section), facts.premium_fen)
    if fen != row["premium_change_fen"]:
        raise Refused(
            [
                blocker(
                    "premium.endorsement_stale",
                    "premium_change_fen",
                    row["clause"],
                    amount_fen=fen,
                    proposed_fen=row["premium_change_fen"],
                )
            ]
        )


async def _on_policy(actor: Actor, placement: PlacementRow, row: Any) -> int:
    """The policy's own endorsement; returns its key."""
    if row["undoes"] is None:
        await endorsements.endorse(
            actor,
            placement.policy_id,
            EndorsementForm(
                kind=row["kind"],
                effective_on=row["effective_on"],
                premium_change_fen=row["premium_change_fen"],
                sum_change_fen=row["sum_change_fen"],
                new_end_on=row["new_end_on"],
                reason=row["reason"],
            ),
            as_keeper=True,
        )
    else:
        old = await sql_value(
            "SELECT d.number FROM placement_endorsement e JOIN endorsement d"
            " ON d.id = e.endorsement WHERE e.id = $1",
            row["undoes"],
        )
        undo = UndoForm(effective_on=row["effective_on"], reason=row["reason"])
        await endorsements.undo(actor, placement.policy_id, old, undo, as_keeper=True)
    endorsement_id: int = await sql_value(
        "SELECT id FROM endorsement WHERE policy = $1 ORDER BY number DESC LIMIT 1",
        placement.policy_id,
    )
    return endorsement_id


async def _follow(actor: Actor, placement: PlacementRow, row: Any) -> None:
    """The placement's own life and its members' capacity follow the endorsement."""
    current = await sql_row("SELECT * FROM placement WHERE id = $1", placement.id)
    assert current is not None
    if row["kind"] in ("cancel", "reinstate"):
        await journal.move(
            PLACEMENT,
            Placement,
            {"id": placement.id, "status": current["status"]},
            row["kind"],
            actor,
            subject_kind="placement",
            subject=placement.number,
            note=row["reason"],
            values={"revision": current["revision"] + 1},
            effective_on=row["effective_on"],
        )
    if row["kind"] == "cancel":
        from_start = row["effective_on"] <= placement.start_on or row["method"] == "ab_initio"
        if from_start or row["effective_on"] <= today():
            await exposures.release(placement, year_too=from_start)
    elif row["sum_change_fen"] or row["kind"] == "reinstate":
        await exposures.refresh(placement, max(row["effective_on"], placement.start_on))
