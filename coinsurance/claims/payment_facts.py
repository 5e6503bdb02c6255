"""What a payment has to know, read in one statement that locks nothing (see `paying`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from coinsurance.access import View
from coinsurance.claims.rows import Found, SectionRow, pick, terms_by_hash
from coinsurance.rules.claims.movements import Member
from coinsurance.rules.claims.payees import Earlier, Override, Party, folded
from service.auth import Actor, known
from service.kernel.bank_accounts import fold_account
from service.kernel.db import sql

_READ = f"""
SELECT c.*,
  y.number AS year, b.code AS book, a.hash AS terms_hash, g.number AS placement_number,
  l.number AS policy_number, l.insurer, h.uscc AS handler_uscc, i.uscc AS insured_uscc,
  i.name AS insured_name, s.id AS s_id, s.code AS s_code, s.position AS s_position,
  s.title AS s_title, s.limit_fen AS s_limit_fen, s.authorised_fen, s.agreed_fen, s.paid_fen,
  s.section AS s_section, s.reserve_fen, s.expense_fen, s.recovered_fen, s.assessed_fen,
  s.aggregate_fen, CASE WHEN $3::text IN ('', s.code)
    THEN claim_payment_facts(c.id, s.id, c.insured, c.loss_on, c.event, $7, $8, $9) END AS facts
FROM claim c JOIN policy l ON l.id = c.policy JOIN organisation h ON h.id = c.handler
  JOIN organisation i ON i.id = c.insured JOIN claim_section s ON s.claim = c.id
  LEFT JOIN placement g ON g.id = c.placement LEFT JOIN pool_year y ON y.id = c.pool_year
  LEFT JOIN book b ON b.id = y.book LEFT JOIN pool_agreement a ON a.id = g.agreement
WHERE {known.stands(4)} AND c.number = $1 AND c.handler = $2 AND (c.pool_year IS NULL OR EXISTS (
  SELECT 1 FROM pool_member m WHERE m.pool_year = c.pool_year AND m.organisation = $2
    AND m.status = 'active' AND 'claims_handler' = ANY(m.roles)))
ORDER BY s.position
"""


@dataclass(frozen=True, slots=True)
class Facts:
    """What counts beside the claim and its sections, as it stood when they were read.

    `earlier`: payments for the same loss to the beneficiary or the account. `calls`: what cash
    calls still ask for, by key of the part, member and fen. `elsewhere`: how many payments for the
    same loss were ever made on other claims.
    """

    members: tuple[Member, ...]
    earlier: tuple[Earlier, ...]
    overrides: tuple[Override, ...]
    calls: tuple[tuple[int, int, int], ...]
    elsewhere: int


def _facts(counted: Any) -> Facts:
    keys, usccs, *numbers, earlier, overrides, calls, elsewhere = counted
    return Facts(
        _members(keys, usccs, *numbers) if keys else (),
        tuple(
            [
                Earlier(claim, number, Party(name, uscc), payee, account, fen)
                for claim, number, name, uscc, payee, account, fen in _listed(earlier)
            ]
        ),
        tuple(
            [
                Override(key, Party(name, uscc), fen, by)
                for key, name, uscc, fen, by in _listed(overrides)
            ]
        ),
        tuple([(part, member, fen) for part, member, fen in _listed(calls)]),
        elsewhere,
    )


def _members(keys: str, usccs: str, *numbers: str) -> tuple[Member, ...]:
    """The members on the risk by position, from one text for each column."""
    columns = [map(int, each.split(",")) for each in (keys, *numbers)]
    rows = zip(columns[0], usccs.split(","), *columns[1:], strict=True)
    return tuple([Member(*row) for row in rows])


def _listed(text: str | None) -> list[Any]:
    return msgspec.json.decode(text, type=list[Any]) if text else []


async def read(
    actor: Actor, number: str, section: str, beneficiary: Party, account: str
) -> tuple[Found, list[SectionRow], SectionRow, Facts] | None:
    """The claim, its sections, the one that is paid and what counts for it; nothing is locked.

    None where the caller does not handle the claim (by now) or nothing is registered: `handled`
    and `pick` say which. Raises Refused where the section cannot be told, Unauthenticated where a
    caller yet to be confirmed is not (see `service.auth.known`).
    """
    rows = await sql(
        _READ,
        number,
        actor.organisation_id,
        section,
        *known.standing_of(actor),
        folded(beneficiary.name),
        beneficiary.uscc,
        fold_account(account),
    )
    known.confirm(actor, bool(rows))
    if not rows:
        return None
    first = rows[0]
    terms = await terms_by_hash(first["terms_hash"]) if first["terms_hash"] else None
    found = Found(first, terms, View(True, actor.organisation_id))
    sections = [_section(row) for row in rows]
    chosen = pick(sections, section)
    counted = next(row["facts"] for row in rows if row["s_id"] == chosen.id)
    return found, sections, chosen, _facts(counted)


_HOLD = """
SELECT claim_loss_lock(insured, loss_on, event) FROM claim WHERE number = $1
"""


async def hold_loss(number: str) -> None:
    """Let no other payment for the same loss pass until the open work ends.

    Before the claim is locked: whoever pays takes the loss first, the claim after it.
    """
    await sql(_HOLD, number)


def _section(row: Any) -> SectionRow:
    return SectionRow(
        row["s_id"],
        row["s_section"],
        row["s_position"],
        row["s_code"],
        row["s_title"],
        False,
        0,
        row["s_limit_fen"],
        row["aggregate_fen"],
        None,
        row["assessed_fen"],
        row["agreed_fen"],
        row["authorised_fen"],
        row["paid_fen"],
        row["reserve_fen"],
        row["expense_fen"],
        row["recovered_fen"],
    )
