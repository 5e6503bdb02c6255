"""The invariants: each recomputes one promise and says what does not fit."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from catalogue import money_indexes
from catalogue.indexes import APPEND_ONLY
from catalogue.products import counting
from catalogue.rules.facts import LibraryRow
from catalogue.rules.library_count import DIMENSIONS, count, standing
from catalogue.rules.workflows import FILING, SHELF
from service.kernel import journal, ledger, seals
from service.kernel.calendar import now, today
from service.kernel.db import sql, sql_value
from service.kernel.errors import DomainError
from service.kernel.findings import Finding, blocker
from service.kernel.guards import switched_off
from service.kernel.rulebook import load
from service.verify import texts as _texts  # noqa: F401  registers the texts


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many things an invariant looked at, and what does not fit."""

    count: int
    findings: list[Finding]


async def journal_hashes() -> Outcome:
    """Every event still has the content it was written with."""
    return Outcome(await _count("journal_event"), await journal.verify())


async def journal_seals() -> Outcome:
    """The seals of the journal chain up and cover unchanged rows."""
    number = await sql_value("SELECT count(*) FROM seal WHERE chain = $1", seals.JOURNAL)
    return Outcome(number, await seals.verify(seals.JOURNAL))


async def ledger_books() -> Outcome:
    """Every book recomputed from its lines, with its seals and guards."""
    return Outcome(await _count("entry"), await ledger.verify())


async def guards() -> Outcome:
    """The triggers that keep what was written are switched on."""
    every = [*((table, f"{table}_append_only") for table in APPEND_ONLY), *money_indexes.GUARDS]
    found = [
        blocker("verify.guard_missing", table, table=table)
        for table, _ in await switched_off(every)
    ]
    return Outcome(len(every), found)


_LAST = """
last AS (SELECT DISTINCT ON (subject) subject, to_status FROM journal_event
  WHERE subject_kind = $1 AND to_status <> '' ORDER BY subject, id DESC)
"""


async def filing_status() -> Outcome:
    """The status of every version is the last one the journal moved it to."""
    rows = await sql(
        f"WITH {_LAST} SELECT p.number || '/' || v.number AS subject, v.status,"
        " coalesce(l.to_status, '') AS journal FROM product_version v JOIN product p"
        " ON p.id = v.product LEFT JOIN last l ON l.subject = p.number || '/' || v.number"
        " WHERE v.status IS DISTINCT FROM l.to_status ORDER BY 1",
        "filing",
    )
    found = [blocker("verify.status_differs", row["subject"], **row) for row in rows]
    return Outcome(await _count("product_version"), found)


async def product_status() -> Outcome:
    """The status of every product is the last one the journal moved it to."""
    rows = await sql(
        f"WITH {_LAST} SELECT p.number AS subject, p.status,"
        " coalesce(l.to_status, 'new') AS journal FROM product p LEFT JOIN last l"
        " ON l.subject = p.number WHERE p.status <> coalesce(l.to_status, 'new') ORDER BY 1",
        "product",
    )
    found = [blocker("verify.status_differs", row["subject"], **row) for row in rows]
    return Outcome(await _count("product"), found)


async def journal_steps() -> Outcome:
    """Every move in the journal is a step of its life cycle and starts where the last one ended."""
    steps = [
        f"{kind}/{step.source}/{step.event}/{step.target}"
        for kind, workflow in (("filing", FILING), ("product", SHELF))
        for step in workflow.steps
    ]
    rows = await sql(
        "SELECT * FROM (SELECT id, subject_kind, subject, event, from_status, to_status,"
        " lag(to_status) OVER (PARTITION BY subject_kind, subject ORDER BY id) AS before"
        " FROM journal_event WHERE subject_kind IN ('filing', 'product') AND to_status <> '') m"
        " WHERE CASE WHEN before IS NULL AND subject_kind = 'filing'"
        " THEN (event, to_status) <> ('draft', 'draft')"
        " ELSE from_status <> coalesce(before, 'new') OR NOT subject_kind || '/' || from_status"
        " || '/' || event || '/' || to_status = ANY($1::text[]) END ORDER BY id",
        steps,
    )
    found = [
        blocker("verify.step_unknown", row["subject"], subject=row["subject"], event=row["event"])
        for row in rows
    ]
    moves = "SELECT count(*) FROM journal_event WHERE subject_kind IN ('filing', 'product')"
    return Outcome(await sql_value(f"{moves} AND to_status <> ''"), found)


async def _facts() -> list[LibraryRow]:
    rows = await sql(
        "SELECT f.id AS fact_id, p.number AS product, f.status, f.effective_on, f.recorded_at,"
        " f.corrects, v.stages, v.industries, t.code AS type_code, o.uscc AS insurer, f.district"
        " FROM library_fact f JOIN product p ON p.id = f.product JOIN product_version v"
        " ON v.id = f.version JOIN product_type t ON t.id = p.product_type"
        " JOIN organisation o ON o.id = p.insurer ORDER BY f.id"
    )
    return [
        LibraryRow(
            **{**row, "stages": tuple(row["stages"]), "industries": tuple(row["industries"])}
        )
        for row in map(dict, rows)
    ]


async def library_counts() -> Outcome:
    """Products by status, the count in SQL and the pure recount agree, today and at month ends."""
    facts, day = await _facts(), today()
    known = max([now(), *(fact.recorded_at for fact in facts)])
    found = await _splits_differ(facts, day, known)
    stored = await sql_value("SELECT count(*) FROM product WHERE status = 'in_library'")
    counted = count(facts, day, known).products
    if stored != counted:
        found.append(_differs("product.status", day, stored, counted))
    days = counting.month_ends(await counting.first_day(), day) if facts else []
    for month_end, products in await counting.trend(days, None) if days else []:
        again = count(facts, month_end, known).products
        if products != again:
            found.append(_differs("trend", month_end, products, again))
    return Outcome(1 + len(days), found)


async def _splits_differ(facts: list[LibraryRow], day: date, known: datetime) -> list[Finding]:
    text, _ = await counting.count_json(day, None)
    stored = msgspec.json.decode(text)
    whole = count(facts, day, known)
    found = []
    if (stored["products"], stored["types"]) != (whole.products, whole.types):
        found.append(_differs("products", day, stored["products"], whole.products))
    for dimension in DIMENSIONS:
        lines = count(facts, day, known, dimension).lines
        counted = {line.code: line.products for line in lines if line.products}
        if stored[dimension] != counted:
            for code in sorted({*stored[dimension], *counted}):
                pair = stored[dimension].get(code, 0), counted.get(code, 0)
                if pair[0] != pair[1]:
                    found.append(_differs(f"{dimension}.{code}", day, *pair))
    return found


def _differs(what: str, day: date, stored: int, counted: int) -> Finding:
    return blocker("verify.count_differs", what, what=what, day=day, stored=stored, counted=counted)


async def library_facts() -> Outcome:
    """What the facts say for today is the product's status, of its current version."""
    facts = await _facts()
    known = max([now(), *(fact.recorded_at for fact in facts)])
    holds = {number: row.status for number, row in standing(facts, today(), known).items()}
    known_products = {fact.product for fact in facts}
    rows = await sql("SELECT number, status FROM product ORDER BY id")
    found = []
    for row in rows:
        absent = "withdrawn" if row["number"] in known_products else "new"
        wanted = holds.get(row["number"], absent)
        if wanted != row["status"]:
            found.append(blocker("verify.fact_differs", row["number"], **row, facts=wanted))
    return Outcome(len(rows), found)


async def fact_events() -> Outcome:
    """Every library fact says what a journal event of its product says: day, person, standing."""
    rows = await sql(
        "SELECT p.number, f.id AS fact FROM library_fact f JOIN product p ON p.id = f.product"
        " JOIN product_version v ON v.id = f.version LEFT JOIN journal_event j"
        " ON j.id = f.journal_event AND j.subject_kind = 'product' AND j.subject = p.number"
        " AND j.effective_on = f.effective_on AND j.actor IS NOT DISTINCT FROM f.recorded_by"
        " AND CASE j.event WHEN 'correct' THEN f.corrects = (j.facts->>'fact')::bigint"
        "   AND f.status = CASE WHEN (j.facts->>'void')::boolean THEN 'void' ELSE"
        "    (SELECT o.status FROM library_fact o WHERE o.id = f.corrects) END"
        "  WHEN 'new_version' THEN v.number = (j.facts->>'version')::int AND f.corrects IS NULL"
        "  ELSE f.status = j.to_status AND f.corrects IS NULL END"
        " WHERE j.id IS NULL OR v.product <> p.id ORDER BY f.id"
    )
    found = [blocker("verify.fact_without_event", row["number"], **row) for row in rows]
    return Outcome(await _count("library_fact"), found)


async def four_eyes() -> Outcome:
    """Nobody decided on what they had prepared, nobody corrected their own record."""
    rows = await sql(
        "SELECT p.number || '/' || v.number AS subject, u.name AS person FROM product_version v"
        " JOIN product p ON p.id = v.product LEFT JOIN eastlake_user u ON u.id = v.decided_by"
        " WHERE v.decided_at IS NOT NULL AND (v.decided_by IS NULL OR v.decided_by IN"
        " (v.created_by, v.reviewed_by) OR EXISTS (SELECT 1 FROM journal_event j"
        "  WHERE j.subject_kind = 'filing' AND j.subject = p.number || '/' || v.number"
        "  AND j.actor = v.decided_by AND j.event IN ('draft', 'edit', 'amend', 'submit',"
        "  'resubmit', 'accept', 'begin_review', 'recommend'))"
        " OR NOT EXISTS (SELECT 1 FROM journal_event j WHERE j.subject_kind = 'filing'"
        "  AND j.subject = p.number || '/' || v.number AND j.actor = v.decided_by"
        "  AND j.event IN ('enter', 'reject')))"
        " UNION ALL SELECT p.number, u.name FROM library_fact c JOIN library_fact f"
        " ON f.id = c.corrects JOIN product p ON p.id = c.product LEFT JOIN eastlake_user u"
        " ON u.id = c.recorded_by WHERE c.recorded_by = f.recorded_by ORDER BY 1"
    )
    found = [
        blocker("verify.four_eyes", r["subject"], subject=r["subject"], person=r["person"] or "?")
        for r in rows
    ]
    decided = "SELECT count(*) FROM product_version WHERE decided_at IS NOT NULL"
    return Outcome(await sql_value(decided), found)


async def current_versions() -> Outcome:
    """A product that was entered points to its own version in the library, any other to none."""
    rows = await sql(
        "SELECT p.number FROM product p LEFT JOIN product_version v ON v.id = p.current_version"
        " AND v.product = p.id AND v.status = 'in_library' WHERE (p.status = 'new')"
        " <> (p.current_version IS NULL) OR (p.current_version IS NOT NULL AND v.id IS NULL)"
        " ORDER BY p.id"
    )
    found = [blocker("verify.current_version", row["number"], **row) for row in rows]
    return Outcome(await _count("product"), found)


async def shelf_rows() -> Outcome:
    """The table behind the public shelf says what the products say of themselves."""
    rows = await sql(
        "SELECT p.number FROM shelf_differences() d(product) JOIN product p ON p.id = d.product"
        " ORDER BY p.id"
    )
    found = [blocker("verify.shelf_row", row["number"], **row) for row in rows]
    return Outcome(await _count("shelf_item"), found)


async def document_hashes() -> Outcome:
    """Every stored file has the bytes it was stored with."""
    rows = await sql(
        "SELECT id AS content FROM document_content WHERE encode(sha256(content), 'hex') <> sha256"
        " OR length(content) <> size_bytes ORDER BY id"
    )
    found = [blocker("verify.document_hash", str(row["content"]), **row) for row in rows]
    return Outcome(await _count("document_content"), found)


async def rule_hashes() -> Outcome:
    """Every rule version is the text that its hash was taken over."""
    rows = await sql("SELECT family, version, hash, body FROM rule_version ORDER BY id")
    found = []
    for row in rows:
        try:
            fits = load(row["body"]).hash == row["hash"]
        except DomainError:
            fits = False
        if not fits:
            name = f"{row['family']} {row['version']}"
            found.append(blocker("verify.rule_hash", name, rule=name))
    return Outcome(len(rows), found)


async def decision_rules() -> Outcome:
    """Every decision names a published rule version by its hash."""
    rows = await sql(
        "SELECT p.number || '/' || v.number AS subject FROM product_version v JOIN product p"
        " ON p.id = v.product WHERE v.decided_at IS NOT NULL AND NOT EXISTS (SELECT 1 FROM"
        " rule_version r WHERE r.family = v.decision->'rule'->>'family' AND r.version ="
        " v.decision->'rule'->>'version' AND r.hash = v.decision->'rule'->>'hash'"
        " AND r.status <> 'draft') ORDER BY v.id"
    )
    found = [blocker("verify.decision_rule", row["subject"], **row) for row in rows]
    decided = "SELECT count(*) FROM product_version WHERE decided_at IS NOT NULL"
    return Outcome(await sql_value(decided), found)


async def _count(table: str) -> int:
    number: int = await sql_value(f"SELECT count(*) FROM {table}")  # noqa: S608
    return number
