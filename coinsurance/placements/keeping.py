"""Policies bound in a pool change only with their placement."""

from __future__ import annotations

from catalogue.policies.keepers import kept_by
from service.kernel.db import sql_value


async def _placement_of(policy_id: int) -> str | None:
    number: str | None = await sql_value(
        "SELECT number FROM placement WHERE policy = $1", policy_id
    )
    return number


kept_by(_placement_of)
