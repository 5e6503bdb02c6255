"""The invariants of policies, enrolments and subsidies: each recomputes one promise."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from catalogue.books import scheme_book
from catalogue.rules.subsidy import ApplicationFacts, assess
from catalogue.rules.subsidy.nouns import Instrument, Payee
from catalogue.subsidies import schemes
from service.kernel import journal
from service.kernel.db import sql, sql_value
from service.kernel.errors import DomainError
from service.kernel.findings import Finding, blocker
from service.kernel.shares import WHOLE_UNITS
from service.verify.invariants import Outcome


async def _outcome(table: str, rows: list[Any]) -> Outcome:
    """One finding for each row of subject, what, stored, recomputed."""
    found = [
        blocker(
            "verify.money_differs",
            str(row["subject"]),
            subject=str(row["subject"]),
            what=row["what"],
            stored=row["stored"],
            counted=row["counted"],
        )
        for row in rows
    ]
    return Outcome(await _count(table), found)


async def _count(table: str) -> int:
    number: int = await sql_value(f"SELECT count(*) FROM {table}")  # noqa: S608
    return number


async def policy_shares() -> Outcome:
    """The insurers' shares of every policy make the whole."""
    rows = await sql(
        "SELECT y.number AS subject, 'share_units' AS what, $1::bigint AS stored,"
        " coalesce(sum(s.share_units), 0)::bigint AS counted FROM policy y"
        " LEFT JOIN policy_insurer s ON s.policy = y.id GROUP BY y.id"
        " HAVING coalesce(sum(s.share_units), 0) <> $1 ORDER BY y.id",
        WHOLE_UNITS,
    )
    return await _outcome("policy", rows)


async def policy_receipts() -> Outcome:
    """No funding source got back more than it paid; all paid is at most the present premium."""
    rows = await sql(
        "SELECT y.number AS subject, 'premium_receipt' AS what, y.current_premium_fen AS stored,"
        " r.fen AS counted FROM policy y JOIN (SELECT policy, sum(fen)::bigint AS fen,"
        " min(fen) AS least FROM (SELECT policy, source, sum(amount_fen) AS fen"
        " FROM premium_receipt GROUP BY policy, source) s GROUP BY policy) r ON r.policy = y.id"
        " WHERE r.least < 0 OR r.fen > y.current_premium_fen ORDER BY y.id"
    )
    return await _outcome("policy", rows)


async def policy_premiums() -> Outcome:
    """Premium and sum of every policy are what was agreed and what endorsements changed."""
    rows = await sql(
        "SELECT y.number AS subject, v.what, v.stored, v.counted FROM policy y"
        " LEFT JOIN (SELECT policy, sum(premium_change_fen)::bigint AS premium,"
        "  sum(sum_change_fen)::bigint AS amount FROM endorsement GROUP BY policy) d"
        " ON d.policy = y.id CROSS JOIN LATERAL (VALUES"
        "  ('premium', y.current_premium_fen, y.premium_fen + coalesce(d.premium, 0)),"
        "  ('sum', y.current_sum_fen, y.sum_insured_fen + coalesce(d.amount, 0)))"
        " v(what, stored, counted) WHERE v.stored <> v.counted ORDER BY y.id, v.what"
    )
    return await _outcome("policy", rows)


async def quota_draws() -> Outcome:
    """What a qualification has drawn is the sum of its draws and within its quota."""
    rows = await sql(
        "SELECT q.number AS subject, 'drawn' AS what, q.drawn_fen AS stored,"
        " coalesce(sum(d.amount_fen), 0)::bigint AS counted FROM qualification q"
        " LEFT JOIN qualification_draw d ON d.qualification = q.id GROUP BY q.id"
        " HAVING q.drawn_fen <> coalesce(sum(d.amount_fen), 0)"
        " OR q.drawn_fen > coalesce(q.quota_fen, 0) ORDER BY q.id"
    )
    return await _outcome("qualification", rows)


_BOOKED = """
SELECT s.code,
  coalesce(sum(l.approved_fen) FILTER (WHERE l.status = 'approved'), 0)::bigint AS committed,
  coalesce(sum(l.paid_fen), 0)::bigint AS paid,
  (SELECT coalesce(sum(r.received_fen), 0)::bigint FROM recovery r JOIN application_line x
    ON x.id = r.application_line JOIN application b ON b.id = x.application
    WHERE b.scheme = s.id) AS recovered
FROM scheme s LEFT JOIN application a ON a.scheme = s.id
LEFT JOIN application_line l ON l.application = a.id GROUP BY s.id ORDER BY s.id
"""


async def scheme_budgets() -> Outcome:
    """The book of every scheme says what its lines, payments and recoveries say; free ≥ 0."""
    rows = await sql(_BOOKED)
    found: list[Finding] = []
    for row in rows:
        book = await schemes.budget(row["code"])
        free_fen = book.appropriated_fen - row["committed"] - row["paid"]
        pairs = {
            "committed": (book.committed_fen, row["committed"]),
            "paid": (book.paid_fen, row["paid"]),
            "recovered": (book.recovered_fen, row["recovered"]),
            "free": (book.free_fen, max(0, free_fen)),
        }
        found += [
            blocker(
                "verify.money_differs",
                row["code"],
                subject=row["code"],
                what=what,
                stored=stored,
                counted=counted,
            )
            for what, (stored, counted) in pairs.items()
            if stored != counted
        ]
    return Outcome(len(rows), found)


async def direct_receipts() -> Outcome:
    """Every premium paid to an insurer is one receipt of its policy, and no other is."""
    rows = await sql(
        "WITH paid AS (SELECT i.id, b.number || '/' || i.number AS subject, i.amount_fen,"
        "  s.code, l.policy FROM payment_item i JOIN payment_batch b ON b.id = i.batch"
        "  JOIN scheme s ON s.id = b.scheme JOIN application_line l ON l.id = i.application_line"
        "  JOIN application a ON a.id = l.application WHERE i.status = 'paid'"
        "  AND i.payee_kind = $1 AND a.assessment #>> '{result,instrument}' = $2),"
        " told AS (SELECT * FROM premium_receipt WHERE payment_item IS NOT NULL)"
        " SELECT coalesce(p.subject, r.id::text) AS subject, 'direct_payment' AS what,"
        " coalesce(p.amount_fen, 0) AS stored, coalesce(r.amount_fen, 0) AS counted"
        " FROM paid p FULL JOIN told r ON r.payment_item = p.id AND r.policy = p.policy"
        "  AND r.source = p.code WHERE p.amount_fen IS DISTINCT FROM r.amount_fen ORDER BY 1",
        Payee.INSURER,
        Instrument.PREMIUM_DIRECT_PAY,
    )
    return await _outcome("premium_receipt WHERE payment_item IS NOT NULL", rows)


async def batch_totals() -> Outcome:
    """The total of every payment batch is the sum of its payments."""
    rows = await sql(
        "SELECT b.number AS subject, 'total' AS what, b.total_fen AS stored,"
        " coalesce(sum(i.amount_fen), 0)::bigint AS counted FROM payment_batch b"
        " LEFT JOIN payment_item i ON i.batch = b.id GROUP BY b.id"
        " HAVING b.total_fen <> coalesce(sum(i.amount_fen), 0) ORDER BY b.id"
    )
    return await _outcome("payment_batch", rows)


async def application_sums() -> Outcome:
    """The amounts of an application are the sums over its lines.

    The assessed amount is compared while no line is refused: a refused line's is struck out before
    the application is assessed again.
    """
    rows = await sql(
        "SELECT a.number AS subject, v.what, v.stored, v.counted FROM application a"
        " JOIN (SELECT application, sum(assessed_fen)::bigint AS assessed,"
        "  sum(approved_fen)::bigint AS approved, sum(paid_fen)::bigint AS paid,"
        "  sum(recovered_fen)::bigint AS recovered, bool_or(status = 'refused') AS refused"
        "  FROM application_line GROUP BY application) l ON l.application = a.id"
        " CROSS JOIN LATERAL (VALUES ('approved', a.approved_fen, l.approved),"
        "  ('paid', a.paid_fen, l.paid), ('recovered', a.recovered_fen, l.recovered),"
        "  ('assessed', a.assessed_fen, CASE WHEN l.refused THEN a.assessed_fen"
        "   ELSE l.assessed END)) v(what, stored, counted)"
        " WHERE v.stored <> v.counted ORDER BY a.id, v.what"
    )
    return await _outcome("application", rows)


async def assessment_hashes() -> Outcome:
    """Every stored assessment has its hash, and its facts and rule give that hash again."""
    rows = await sql(
        "SELECT a.number, a.scheme, a.assessment::text AS body, a.assessment_hash AS hash"
        " FROM application a WHERE a.assessment_hash <> ''"
        " ORDER BY a.id"
    )
    found = []
    for row in rows:
        body = journal.parsed(row["body"])
        kept = journal.canonical(body.get("result"))
        if hashlib.sha256(kept.encode()).hexdigest() != row["hash"] or not await _again(row, body):
            found.append(blocker("verify.assessment", row["number"], number=row["number"]))
    return Outcome(len(rows), found)


async def _again(row: Any, body: dict[str, Any]) -> bool:
    try:
        book = await scheme_book(row["scheme"])
        facts = msgspec.convert(body["facts"], ApplicationFacts)
        again: bool = assess(book.rules, facts).hash == row["hash"]
    except (DomainError, msgspec.ValidationError, KeyError):
        return False
    return again


async def policy_status() -> Outcome:
    """The status of every policy is the last one the journal moved it to."""
    return await _status("policy", "policy", "id::text")


async def enrolment_status() -> Outcome:
    """The status of every enrolment is the last one the journal moved it to."""
    return await _status("enrolment", "enrolment", "number")


async def qualification_status() -> Outcome:
    """The status of every qualification is the last one the journal moved it to."""
    return await _status("qualification", "qualification", "number")


async def application_status() -> Outcome:
    """The status of every application is the last one the journal moved it to."""
    return await _status("application", "application", "number")


async def batch_status() -> Outcome:
    """The status of every payment batch is the last one the journal moved it to."""
    return await _status("payment_batch", "batch", "number")


async def recovery_status() -> Outcome:
    """The status of every recovery is the last one the journal moved it to."""
    return await _status("recovery", "recovery", "number")


async def payee_status() -> Outcome:
    """The status of every insurer's account is the last one the journal moved it to."""
    return await _status("payee_account", "payee_account", "id::text")


async def _status(table: str, kind: str, subject: str) -> Outcome:
    rows = await sql(
        "WITH last AS (SELECT DISTINCT ON (subject) subject, to_status FROM journal_event"  # noqa: S608
        " WHERE subject_kind = $1 AND to_status <> '' ORDER BY subject, id DESC)"
        f" SELECT t.{subject} AS subject, t.status, coalesce(l.to_status, '') AS journal"
        f" FROM {table} t LEFT JOIN last l ON l.subject = t.{subject}"
        " WHERE t.status IS DISTINCT FROM l.to_status ORDER BY 1",
        kind,
    )
    found = [blocker("verify.status_differs", row["subject"], **row) for row in rows]
    return Outcome(await _count(table), found)


async def shelf_table() -> Outcome:
    """Every row of the shelf is what the tables behind it say."""
    rows = await sql(
        "SELECT p.number FROM shelf_differences() d(product) JOIN product p ON p.id = d.product"
        " ORDER BY p.id"
    )
    found = [blocker("verify.shelf", row["number"], number=row["number"]) for row in rows]
    return Outcome(await _count("shelf_item"), found)
