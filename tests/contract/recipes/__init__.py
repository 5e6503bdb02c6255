"""How each route succeeds: who calls it, on which record, with what.

The tables serve the role matrix, the recorded examples of OpenAPI, the statuses and the fuzzing. A
route that is in none is called by the first role that may, with an empty body, on a product in the
library; a route that writes must be in one. To add a part: a module here with `WRITES`, `READS`
and, where its records must be made first, `async def prepare(stage)`, named in `PARTS`.
"""

from __future__ import annotations

from service.auth import Role
from tests.contract.recipes import (
    catalogue,
    claims,
    console,
    desk,
    enrolment,
    firm,
    imports,
    member_accounts,
    payees,
    people,
    placements,
    policies,
    pool_pages,
    pools,
    premiums,
    risk_imports,
    rules,
    settlements,
    shortfalls,
    subsidy,
)
from tests.contract.routes import PERSON_OF, RouteCase
from tests.contract.stage import Call, Stage

PARTS = (
    catalogue,
    people,
    console,
    policies,
    enrolment,
    subsidy,
    desk,
    firm,
    imports,
    rules,
    payees,
    placements,
    risk_imports,
    premiums,
    claims,
    pools,
    member_accounts,
    shortfalls,
    settlements,
    pool_pages,
)
WRITE_NOTHING = {
    "POST /api/v1/rule-checks",
    "POST /audit/verify",
    "POST /api/v1/schemes/{code}/what-if",
    "POST /firm/schemes/{code}/what-if",
    *premiums.NOTHING_WRITTEN,
    *pools.NOTHING_WRITTEN,
    *placements.NOTHING_WRITTEN,
    *claims.NOTHING_WRITTEN,
    *settlements.NOTHING_WRITTEN,
}
"""Posts that are long readings."""
_CALLS = {key: call for part in PARTS for key, call in (part.WRITES | part.READS).items()}


async def prepare(stage: Stage) -> None:
    """Make the records that the parts need."""
    for part in PARTS:
        if hasattr(part, "prepare"):
            await part.prepare(stage)


def recipe(case: RouteCase, stage: Stage) -> Call:
    """How this route succeeds, with its values filled in."""
    found = _CALLS.get(str(case))
    return found.on(stage) if found else Call(who=first_person(case))


def first_person(case: RouteCase) -> str | None:
    """The first person who may call a route; None when everybody may."""
    if case.is_public:
        return None
    return next(PERSON_OF[role] for role in Role if role in (case.roles or ()))


def writes() -> set[str]:
    """Routes that have a recipe of their own among those that write."""
    return {key for part in PARTS for key in part.WRITES}
