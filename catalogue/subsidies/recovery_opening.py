"""Opening a recovery (追回): by the program when a premium falls, by an officer for other causes.

A claim mirrors what each source bore: what went to the insurer comes back as it left the policy,
what went to the firm in its share of the premium given back.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

from catalogue.money_forms import RecoveryForm
from catalogue.products.drafts import next_number
from catalogue.rules.recovery import SubsidyOnPremium, direct_parts, recovery_parts
from catalogue.rules.subsidy.nouns import Instrument
from catalogue.subsidies import recoveries
from catalogue.subsidies.recoveries import RecoveryShape
from service.auth import SYSTEM, Actor
from service.kernel import journal
from service.kernel.calendar import now
from service.kernel.db import sql, sql_row, work
from service.kernel.errors import NotFound, Refused
from service.kernel.findings import Text, blocker, register

REDUCED = ("cancellation", "downward_endorsement", "refund")
_CLAIMED = (
    "coalesce((SELECT sum(r.amount_fen) FROM recovery r WHERE r.application_line = l.id"
    " AND r.status <> 'cancelled'), 0)::bigint"
)
# Subsidies paid on the premium of a policy, the oldest first; what shares a loss is none of them.
_PAID_ON = f"""
SELECT l.id AS line, l.paid_fen, {_CLAIMED} AS claimed_fen, s.code AS scheme,
  EXISTS (SELECT 1 FROM payment_item i JOIN premium_receipt p ON p.payment_item = i.id
    WHERE i.application_line = l.id AND i.status = 'paid') AS direct
FROM application_line l JOIN application a ON a.id = l.application
JOIN scheme s ON s.id = a.scheme
WHERE l.policy = $1 AND l.paid_fen > 0
  AND coalesce(a.assessment #>> '{{result,instrument}}', '') <> $2
ORDER BY l.id FOR UPDATE OF l
"""
_PREMIUM = """
SELECT y.status, y.premium_fen + coalesce((SELECT sum(d.premium_change_fen) FROM endorsement d
  WHERE d.policy = y.id AND d.premium_change_fen > 0 AND d.undoes IS NULL), 0)::bigint AS whole_fen,
  y.current_premium_fen FROM policy y WHERE y.id = $1
"""
# What each scheme has paid to the insurer through payment batches, and what is left of it.
_DIRECT = """
SELECT source, sum(amount_fen) FILTER (WHERE payment_item IS NOT NULL)::bigint AS paid_fen,
  sum(amount_fen)::bigint AS left_fen FROM premium_receipt WHERE policy = $1 GROUP BY source
HAVING bool_or(payment_item IS NOT NULL) ORDER BY min(id)
"""


async def direct_back(policy_id: int) -> dict[str, int]:
    """What each direct source is to have back now, its premium as it stands, in fen.

    Sources that paid the insurer directly are all named, with zero when nothing is to go back.
    """
    rows = await sql(_DIRECT, policy_id)
    if not rows:
        return {}
    premium = await sql_row(_PREMIUM, policy_id)
    assert premium is not None
    to_date = direct_parts(
        premium["whole_fen"],
        premium["whole_fen"] - premium["current_premium_fen"],
        {row["source"]: row["paid_fen"] for row in rows},
    )
    return {
        row["source"]: max(0, to_date[row["source"]] - (row["paid_fen"] - row["left_fen"]))
        for row in rows
    }


async def open_for_policy(actor: Actor, policy_id: int, cause: str) -> list[str]:
    """Propose what each paid subsidy on a policy owes back after its premium was reduced.

    Called with every endorsement that returns premium; nothing happens when nothing was paid.
    Returns the numbers of the recoveries proposed.
    """
    async with work():
        lines = await sql(_PAID_ON, policy_id, Instrument.LOSS_SHARING.value)
        if not lines:
            return []
        premium = await sql_row(_PREMIUM, policy_id)
        assert premium is not None
        refunded_fen = premium["whole_fen"] - premium["current_premium_fen"]
        given_back = await _given_back(policy_id, lines)
        parts = recovery_parts(
            premium["whole_fen"],
            refunded_fen,
            [
                SubsidyOnPremium(
                    row["line"], row["paid_fen"], row["claimed_fen"], given_back.get(row["line"])
                )
                for row in lines
            ],
        )
        calculation = {
            "premium_fen": premium["whole_fen"],
            "refunded_to_date_fen": refunded_fen,
            "paid_fen": {str(row["line"]): row["paid_fen"] for row in lines},
            "claimed_before_fen": {str(row["line"]): row["claimed_fen"] for row in lines},
            "given_back_fen": {str(line): fen for line, fen in given_back.items()},
        }
        return [
            await _propose(actor, line, cause, amount, calculation)
            for line, amount in parts.items()
        ]


async def _given_back(policy_id: int, lines: list[Any]) -> dict[int, int]:
    """What the policy has given back of each direct payment, the latest payment first."""
    direct: dict[str, list[Any]] = defaultdict(list)
    for row in lines:
        if row["direct"]:
            direct[row["scheme"]].append(row)
    found: dict[int, int] = {}
    for row in await sql(_DIRECT, policy_id) if direct else []:
        left_fen = row["paid_fen"] - row["left_fen"]
        for line in reversed(direct[row["source"]]):
            found[line["line"]] = min(max(0, left_fen), line["paid_fen"])
            left_fen -= found[line["line"]]
    return found


async def open_if_reduced(actor: Actor, policy_id: int) -> list[str]:
    """The same after a payment, when the premium had fallen while the bank was paying."""
    premium = await sql_row(_PREMIUM, policy_id)
    assert premium is not None
    if premium["current_premium_fen"] >= premium["whole_fen"]:
        return []
    cancelled = premium["status"] == "cancelled"
    return await open_for_policy(
        actor, policy_id, "cancellation" if cancelled else "downward_endorsement"
    )


async def lapse(policy_id: int) -> set[str]:
    """Drop the proposals that rest on a reduction which is being undone.

    Returns the schemes whose direct payment is claimed back all the same, since that was approved:
    their premium does not come back with the policy.
    """
    rows = await sql(
        "SELECT r.id, r.number, r.status, s.code, EXISTS (SELECT 1 FROM payment_item i JOIN"
        " premium_receipt p ON p.payment_item = i.id WHERE i.application_line = l.id) AS direct"
        " FROM recovery r JOIN application_line l"
        " ON l.id = r.application_line JOIN application a ON a.id = l.application JOIN scheme s"
        " ON s.id = a.scheme WHERE l.policy = $1 AND r.cause = ANY($2::text[])"
        " AND r.status <> 'cancelled' ORDER BY r.id FOR UPDATE OF r",
        policy_id,
        list(REDUCED),
    )
    for row in rows:
        if row["status"] == "proposed":
            await recoveries.move(SYSTEM, row, "lapse")
    return {row["code"] for row in rows if row["direct"] and row["status"] != "proposed"}


async def _propose(
    actor: Actor, line_id: int, cause: str, amount_fen: int, calculation: dict[str, Any]
) -> str:
    number = await next_number("RC", now())
    await sql(
        "INSERT INTO recovery (number, application_line, cause, amount_fen, received_fen,"
        " calculation, status, opened_at, opened_by) VALUES ($1, $2, $3, $4, 0, $5, 'proposed',"
        " $6, $7)",
        number,
        line_id,
        cause,
        amount_fen,
        journal.canonical(calculation),
        now(),
        actor.user_id,
    )
    await journal.record(
        actor,
        "recovery",
        number,
        "propose",
        to_status="proposed",
        facts={"line": line_id, "cause": cause, "amount_fen": amount_fen},
    )
    return number


async def claim(
    actor: Actor, application: str, line_number: int, form: RecoveryForm
) -> RecoveryShape:
    """Propose a recovery for a false claim or a double payment; at most what is still kept."""
    async with work():
        row = await sql_row(
            f"SELECT l.id, l.paid_fen, {_CLAIMED} AS claimed"
            " FROM application_line l JOIN application a ON a.id = l.application"
            " WHERE a.number = $1 AND l.number = $2 FOR UPDATE OF l",
            application,
            line_number,
        )
        if row is None:
            raise NotFound("申请明细", "Application line", f"{application}/{line_number}")
        left_fen = row["paid_fen"] - row["claimed"]
        if form.amount_fen > left_fen:
            raise Refused([blocker("recovery.above_paid", "amount_fen", left_fen=left_fen)])
        number = await _propose(
            actor, row["id"], form.cause, form.amount_fen, {"reason": form.reason}
        )
    return await recoveries.recovery(actor, number)


register(
    {
        "recovery.above_paid": Text(
            "追回超过尚未追回的金额 {left_fen}",
            "The recovery is above what is still kept, {left_fen}",
            "追回不得超过已拨付金额",
            "Never claim back more than was paid",
            "DESIGN law 3",
        ),
    }
)
