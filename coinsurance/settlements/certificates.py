"""The year-end no-difference certificate (年终无差异证明) of a member, and its public check.

Prepared by who keeps the accounts, confirmed by a manager of the member. It names everything that
stands in its way at once: open breaks, disputed lines, statements nobody agreed to.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from catalogue.products.drafts import next_number
from coinsurance import access
from coinsurance.pools import parts
from coinsurance.result_shapes import CertificateShape, VerificationShape
from coinsurance.rules.nouns import PoolRole
from coinsurance.rules.settlement.statements import digest
from coinsurance.rules.settlement.workflows import CERTIFICATE
from coinsurance.settlement_forms import CertificateForm
from coinsurance.settlement_shapes import MemberShape
from coinsurance.settlements import seats
from coinsurance.settlements.seats import seen
from coinsurance.tables.reconciliations import NoDifferenceCertificate
from service.auth import Actor
from service.kernel import journal
from service.kernel.calendar import local_day, now, today
from service.kernel.db import sql, sql_row, sql_value, work
from service.kernel.errors import Conflict, Forbidden, NotFound, Refused
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.numbering import normalise_uscc


async def prepare(actor: Actor, form: CertificateForm) -> list[str]:
    """Prepare the certificate of a member, or of all; returns the numbers.

    Raises Refused with everything that is open, member by member, and writes none then.
    """
    async with work():
        year = await access.year_row(form.pool_year, "turn")
        await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        members = await _members(year, form.member_uscc)
        found = [*_check_day(form.as_of)]
        for member in members:
            found += await against(year, member, form.as_of)
        if found:
            raise Refused(found)
        return [await _write(actor, year, member, form.as_of) for member in members]


def _check_day(as_of: date) -> list[Finding]:
    if as_of > today():
        return [blocker("certificate.in_future", "as_of", today=today())]
    return []


async def _members(year: Any, uscc: str) -> list[Any]:
    wanted = normalise_uscc(uscc) if uscc else None
    rows = await sql(
        "SELECT DISTINCT o.id, o.uscc, o.name FROM statement s"
        " JOIN organisation o ON o.id = s.organisation WHERE s.pool_year = $1"
        " AND s.status <> 'cancelled' AND ($2::text IS NULL OR o.uscc = $2) ORDER BY o.id",
        year["id"],
        wanted,
    )
    if not rows:
        raise NotFound("结算单", "Statement", uscc or year["number"])
    return rows


async def against(year: Any, member: Any, as_of: date) -> list[Finding]:
    """What stands against a member's certificate, by name."""
    who = {"member": member["name"]}
    where = member["uscc"]
    found: list[Finding] = []
    reached = await sql_value(
        "SELECT max(p.to_month) FROM statement s JOIN statement_period p ON p.id = s.period"
        " WHERE s.pool_year = $1 AND s.organisation = $2 AND s.issued_at IS NOT NULL"
        " AND s.status <> 'cancelled'",
        year["id"],
        member["id"],
    )
    if (reached or "") < as_of.isoformat()[:7]:
        found.append(blocker("certificate.not_closed", where, **who, until=as_of))
    waiting = await sql(
        "SELECT number FROM statement WHERE pool_year = $1 AND organisation = $2"
        " AND status NOT IN ('agreed', 'settled', 'cancelled') ORDER BY id",
        year["id"],
        member["id"],
    )
    if waiting:
        found.append(blocker("certificate.not_agreed", where, **who, **_named(waiting)))
    breaks = await sql(
        "SELECT number FROM recon_break WHERE pool_year = $1 AND status = 'open'"
        " AND (organisation = $2 OR organisation IS NULL) ORDER BY id",
        year["id"],
        member["id"],
    )
    if breaks:
        found.append(blocker("certificate.break_open", where, **who, **_named(breaks)))
    disputes = await sql(
        "SELECT number FROM dispute WHERE pool_year = $1 AND (organisation = $2"
        " OR counterparty = $2) AND status IN ('open', 'escalated', 'referred') ORDER BY id",
        year["id"],
        member["id"],
    )
    if disputes:
        found.append(blocker("certificate.dispute_open", where, **who, **_named(disputes)))
    lists = await sql(_LISTS, year["id"], member["id"])
    if lists:
        found.append(blocker("certificate.list_differs", where, **who, **_named(lists)))
    return found


NAMED_MAX = 5


def _named(rows: list[Any]) -> dict[str, Any]:
    """How many there are and the first of them, for a sentence that somebody reads."""
    more = ["…"] if len(rows) > NAMED_MAX else []
    return {"count": len(rows), "numbers": [row["number"] for row in rows[:NAMED_MAX]] + more}


# The last list a member sent for each statement counts.
_LISTS = """
SELECT x.number FROM (
  SELECT DISTINCT ON (b.statement) b.number, b.altered + b.extra + b.missing AS off
  FROM bordereau b JOIN statement s ON s.id = b.statement
  WHERE s.pool_year = $1 AND b.organisation = $2 AND s.status <> 'cancelled'
  ORDER BY b.statement, b.id DESC) x WHERE x.off > 0 ORDER BY x.number
"""
_STATEMENTS = """
SELECT s.number, p.period, s.hash, s.brought_forward_fen, s.items_fen, s.settled_fen,
  s.carried_forward_fen, s.content
FROM statement s JOIN statement_period p ON p.id = s.period
WHERE s.pool_year = $1 AND s.organisation = $2 AND s.status <> 'cancelled'
  AND p.to_month <= $3 ORDER BY p.to_month
"""


async def _content(year: Any, member: Any, as_of: date) -> dict[str, Any]:
    """Everything the certificate says: what its hash is taken over."""
    rows = await sql(_STATEMENTS, year["id"], member["id"], as_of.isoformat()[:7])
    items: dict[str, int] = {}
    for row in rows:
        for part in journal.parsed(row["content"])["items"]:
            items[part["item"]] = items.get(part["item"], 0) + part["amount_fen"]
    explained = await sql(
        "SELECT number, code, difference_fen, explanation FROM recon_break WHERE pool_year = $1"
        " AND status = 'explained' AND (organisation = $2 OR organisation IS NULL) ORDER BY id",
        year["id"],
        member["id"],
    )
    last = journal.parsed(rows[-1]["content"])
    return {
        "pool_year": year["number"],
        "agreement": last["agreement"],
        "member": {"uscc": member["uscc"], "name": member["name"]},
        "as_of": as_of.isoformat(),
        "statements": [[row["number"], row["period"], row["hash"]] for row in rows],
        "brought_forward_fen": rows[0]["brought_forward_fen"],
        "items": dict(sorted(items.items())),
        "settled_fen": sum(row["settled_fen"] for row in rows),
        "carried_forward_fen": rows[-1]["carried_forward_fen"],
        "explained_breaks": [list(row.values()) for row in explained],
        "seal": last["seal"],
    }


async def _write(actor: Actor, year: Any, member: Any, as_of: date) -> str:
    standing = await sql_value(
        "SELECT number FROM no_difference_certificate WHERE pool_year = $1 AND organisation = $2"
        " AND as_of = $3 AND status <> 'withdrawn'",
        year["id"],
        member["id"],
        as_of,
    )
    if standing is not None:
        raise Conflict("certificate.standing", field="as_of", number=standing)
    body = await _content(year, member, as_of)
    number = await next_number("ND", now())
    await sql(
        "INSERT INTO no_difference_certificate (number, pool_year, organisation, as_of, content,"
        " hash, status, revision, prepared_at, prepared_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, 'prepared', 1, $7, $8)",
        number,
        year["id"],
        member["id"],
        as_of,
        journal.canonical(body),
        digest(body),
        now(),
        actor.user_id,
    )
    await journal.record(
        actor,
        CERTIFICATE.name,
        number,
        "prepare",
        to_status="prepared",
        facts={"hash": digest(body)},
        effective_on=as_of,
    )
    return number


_ROW = """
SELECT c.*, y.number AS year_number, o.uscc, o.name AS member_name
FROM no_difference_certificate c JOIN pool_year y ON y.id = c.pool_year
  JOIN organisation o ON o.id = c.organisation
"""


async def _row(actor: Actor, number: str, *, lock: bool = False) -> Any:
    if lock:
        await seats.lock_year_of("no_difference_certificate", number)
    row = await sql_row(
        _ROW + " WHERE c.number = $1" + (" FOR UPDATE OF c" if lock else ""), number
    )
    if row is None:
        raise NotFound("无差异证明", "Certificate", number)
    mine = actor.owns(row["organisation"])
    if not mine and not await seats.sees_whole(actor, row["year_number"]):
        raise NotFound("无差异证明", "Certificate", number)
    return row


async def confirm(actor: Actor, number: str) -> CertificateShape:
    """The member confirms; nothing may have come up meanwhile, and not the person who prepared."""
    async with work():
        row = await _row(actor, number, lock=True)
        if not actor.owns(row["organisation"]):
            raise Forbidden("settlement.not_own", number=number)
        await parts.four_eyes(actor, CERTIFICATE.name, number, "prepare")
        year = await access.year_row(row["year_number"])
        member = {"id": row["organisation"], "uscc": row["uscc"], "name": row["member_name"]}
        found = await against(year, member, row["as_of"])
        if found:
            raise Refused(found)
        await parts.move(
            actor,
            CERTIFICATE,
            NoDifferenceCertificate,
            row,
            "confirm",
            number,
            values={"confirmed_at": now(), "confirmed_by": actor.user_id},
            facts={"hash": row["hash"]},
        )
    return await record(actor, number)


async def withdraw(actor: Actor, number: str, note: str) -> CertificateShape:
    """Take a certificate back: who keeps the accounts, or the member; the check then says so."""
    async with work():
        row = await _row(actor, number, lock=True)
        if not actor.owns(row["organisation"]):
            year = await access.year_row(row["year_number"])
            await access.need_role(actor, year, PoolRole.ACCOUNT_KEEPER)
        await parts.move(
            actor, CERTIFICATE, NoDifferenceCertificate, row, "withdraw", number, note=note
        )
    return await record(actor, number)


async def record(actor: Actor, number: str) -> CertificateShape:
    """One certificate."""
    async with work():
        row = await _row(actor, number)
        await access.keep_look(actor, "certificate", number, "无差异证明")
    return _shape(actor, row)


async def certificates(actor: Actor, year_number: str) -> list[CertificateShape]:
    """The certificates of a pool year, newest first; a follower's own only."""
    async with work():
        found = await seen(actor, year_number)
        if found is None:
            return []
        year, view = found
        rows = await sql(
            _ROW + " WHERE c.pool_year = $1 AND ($2::bigint IS NULL OR c.organisation = $2)"
            " ORDER BY c.id DESC LIMIT 200",
            year["id"],
            None if view.sees_all else view.organisation_id,
        )
    return [_shape(actor, row) for row in rows]


def _shape(actor: Actor, row: Any) -> CertificateShape:
    return CertificateShape(
        number=row["number"],
        pool_year=row["year_number"],
        member=MemberShape(row["uscc"], row["member_name"]),
        as_of=row["as_of"],
        status=row["status"],
        status_zh=CERTIFICATE.label(row["status"]),
        revision=row["revision"],
        content=journal.parsed(row["content"]),
        hash=row["hash"],
        prepared_at=row["prepared_at"],
        confirmed_at=row["confirmed_at"],
        steps=parts.steps(CERTIFICATE, row["status"], actor.roles),
    )


async def verify(number: str, given_hash: str) -> VerificationShape:
    """What a stranger learns: whether a certificate of that number and hash stands. No figures.

    The hash is recomputed from the content, so a changed row never verifies.
    """
    row = await sql_row(_ROW + " WHERE c.number = $1", number)
    if row is None:
        raise NotFound("无差异证明", "Certificate", number)
    real = digest(journal.parsed(row["content"]))
    matches = real == row["hash"] == given_hash.strip().lower()
    confirmed = local_day(row["confirmed_at"]) if row["confirmed_at"] else None
    return VerificationShape(
        number=row["number"],
        valid=matches and row["status"] == "confirmed",
        status=row["status"],
        status_zh=CERTIFICATE.label(row["status"]),
        pool_year=row["year_number"],
        as_of=row["as_of"],
        hash_matches=matches,
        confirmed_on=confirmed,
    )


_OPEN = ("请先了结后再办理", "Settle this first")

register(
    {
        "certificate.in_future": Text(
            "截止日晚于今天（{today}）",
            "The day is after today ({today})",
            "请填写已过去的日期，一般为 12 月 31 日",
            "Name a day that is over, usually 31 December",
        ),
        "certificate.not_closed": Text(
            "“{member}”的结算单尚未出具至 {until}",
            "The statements of {member} do not reach {until}",
            "请先逐期出具结算单",
            "Issue the statements up to that day first",
        ),
        "certificate.not_agreed": Text(
            "“{member}”有 {count} 份结算单尚未确认：{numbers}",
            "{member} has not agreed to {count} statements: {numbers}",
            *_OPEN,
        ),
        "certificate.break_open": Text(
            "“{member}”有 {count} 项差异待说明：{numbers}",
            "{member}: {count} breaks are open: {numbers}",
            "差异须由具名人员说明，或核对一致后自动消除",
            "A named person explains a break, or it goes when the sides agree",
            "POOLS feature 10",
        ),
        "certificate.dispute_open": Text(
            "“{member}”有 {count} 项争议未了结：{numbers}",
            "{member}: {count} disputes are open: {numbers}",
            *_OPEN,
        ),
        "certificate.list_differs": Text(
            "“{member}”有 {count} 份对账清单与结算单不一致：{numbers}",
            "{count} lists of {member} differ from the statements: {numbers}",
            "请成员更正后重新上传，或对有误的明细提出争议",
            "Upload a corrected list, or dispute the lines that are wrong",
        ),
        "certificate.standing": Text(
            "该成员该日的证明 {number} 已在",
            "A certificate of that member and day stands: {number}",
            "如需重新出具，请先撤回",
            "Withdraw it first",
        ),
    }
)
