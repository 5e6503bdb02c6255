"""What a policy of a pool does not tell its co-insurers (POOLS invariant 20).

The catalogue shows its insurers to each of them; of a policy bound in a pool a follower reads
its own share only, here as everywhere.
"""

from __future__ import annotations

from catalogue.policies.records import hide_peers_when
from coinsurance.access import seat_of
from service.auth import Actor
from service.kernel.db import sql_value


async def _hides_peers(actor: Actor, policy_id: int) -> bool:
    """Whether the policy was bound in a pool year in which the actor does not see every share."""
    year_id = await sql_value("SELECT pool_year FROM placement WHERE policy = $1", policy_id)
    if year_id is None:
        return False
    seat = await seat_of(actor, year_id)
    return seat is None or not seat.sees_all


hide_peers_when(_hides_peers)
