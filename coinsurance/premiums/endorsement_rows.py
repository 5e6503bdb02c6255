"""Endorsements of placements as stored: the row, its state, what follows from the consent."""

from __future__ import annotations

from typing import Any

from coinsurance.pools import consents, parts
from coinsurance.premium_shapes import EndorsementState
from coinsurance.premiums.rows import PlacementRow
from coinsurance.rules.consents import GIVEN
from coinsurance.rules.workflows import PLACEMENT_ENDORSEMENT
from coinsurance.tables import PlacementEndorsement
from service.auth import Actor
from service.kernel.db import sql_row
from service.kernel.errors import NotFound

KIND = PLACEMENT_ENDORSEMENT.name


def subject_of(placement: PlacementRow, number: int) -> str:
    """What an endorsement is called in the journal and in requests for consent."""
    return f"{placement.number}/{number}"


async def endorsement_row(placement: PlacementRow, number: int) -> Any:
    """An endorsement of a placement, locked; NotFound for an unknown one."""
    row = await sql_row(
        "SELECT * FROM placement_endorsement WHERE placement = $1 AND number = $2 FOR UPDATE",
        placement.id,
        number,
    )
    if row is None:
        raise NotFound("批单", "Endorsement", subject_of(placement, number))
    return row


async def state_of(placement: PlacementRow, number: int) -> EndorsementState:
    """Where an endorsement stands."""
    row = await sql_row(
        "SELECT e.*, s.code AS section_code, (SELECT r.number FROM consent_request r"
        " WHERE r.subject_kind = $3 AND r.subject = $4 ORDER BY r.id DESC LIMIT 1) AS consent,"
        " (SELECT o.number FROM placement_endorsement o WHERE o.id = e.undoes) AS undone"
        " FROM placement_endorsement e LEFT JOIN risk_section s ON s.id = e.section"
        " WHERE e.placement = $1 AND e.number = $2",
        placement.id,
        number,
        KIND,
        subject_of(placement, number),
    )
    assert row is not None
    return EndorsementState(
        placement.number,
        number,
        row["kind"],
        row["method"],
        row["status"],
        PLACEMENT_ENDORSEMENT.label(row["status"]),
        row["effective_on"],
        row["premium_change_fen"],
        row["sum_change_fen"],
        row["new_end_on"],
        row["section_code"] or "",
        row["reason"],
        row["clause"],
        row["consent"],
        row["undone"],
        row["revision"],
    )


async def _closed(actor: Actor, request: Any, outcome: str) -> None:
    """A proposal is consented or refused with its request."""
    number, _, which = request["subject"].rpartition("/")
    row = await sql_row(
        "SELECT e.* FROM placement_endorsement e JOIN placement l ON l.id = e.placement"
        " WHERE l.number = $1 AND e.number = $2 FOR UPDATE OF e",
        number,
        int(which),
    )
    assert row is not None
    await parts.move(
        actor,
        PLACEMENT_ENDORSEMENT,
        PlacementEndorsement,
        row,
        "consent" if outcome == GIVEN else "refuse",
        request["subject"],
        facts={"consent_request": request["number"], "outcome": outcome},
        follows=True,
    )


consents.when_closed(KIND, _closed)
