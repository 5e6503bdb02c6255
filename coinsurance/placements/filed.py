"""Whether a risk fits what was filed with its product, told before the market and not only then.

The policy itself is refused outside the filed bands when it is bound; here it is a warning.
"""

from __future__ import annotations

from dataclasses import replace

from catalogue.policies.preparing import prepare
from catalogue.policy_forms import PolicyForm
from coinsurance.placements.rows import Access
from service.auth import Actor
from service.kernel.db import sql_row
from service.kernel.findings import Finding, Severity

FILED = frozenset(
    {"policy.not_in_library", "policy.rate_outside_band", "policy.sum_outside_band"}
)
"""What binding would refuse and nobody in the market can change."""


async def check_filed(actor: Actor, found: Access) -> list[Finding]:
    """What of a risk lies outside its product as filed on the first day, as warnings."""
    risk = found.risk
    names = await sql_row(
        "SELECT o.uscc, p.number AS product FROM organisation o, product p"
        " WHERE o.id = $1 AND p.id = $2",
        risk.insured_id,
        risk.product_id,
    )
    assert names is not None
    form = PolicyForm(
        number=risk.number,
        product=names["product"],
        insured_uscc=names["uscc"],
        start_on=risk.start_on,
        end_on=risk.end_on,
        sum_insured_fen=risk.sum_insured_fen,
        limit_fen=risk.sum_insured_fen,
        rate_ppm=risk.rate_ppm,
        premium_fen=risk.premium_fen,
    )
    told = (await prepare(actor, form)).findings
    return [replace(f, severity=Severity.WARNING) for f in told if f.code in FILED]
