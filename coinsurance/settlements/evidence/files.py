"""The files of a bundle: facts, journal, entries, calculations, agreement, seals, their hashes.

Every file whose hash the registry wrote at the time is stored so that its plain SHA-256 is that
very hash: `sha256sum -c REGISTRY-SHA256SUMS` needs nothing of ours.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from coinsurance.settlements.evidence.sources import Subject
from service.kernel import journal, seals
from service.kernel.db import sql
from service.kernel.rulebook import load


@dataclass(slots=True)
class Files:
    """Files by path; `registry`: those whose hash the registry holds."""

    content: dict[str, bytes] = field(default_factory=dict)
    registry: dict[str, str] = field(default_factory=dict)
    tables: list[tuple[str, list[dict[str, Any]]]] = field(default_factory=list)

    def add(self, path: str, content: bytes, registered: str = "") -> None:
        """Take a file in; one with a registered hash is listed for checking against it."""
        self.content[path] = content
        if registered:
            self.registry[path] = registered

    def table(self, name: str, zh: str, rows: Sequence[Mapping[str, Any]]) -> None:
        """Take a table in, as JSON and for the printed page."""
        plain = [{key: _plain(value) for key, value in row.items()} for row in rows]
        self.tables.append((zh, plain))
        self.add(f"facts/{name}.json", _json(plain))


def _plain(value: Any) -> Any:
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


async def gather(
    subject: Subject, subject_id: int, year: Any, mask: int | None, known_at: datetime
) -> Files:
    """Every file about a subject but the manifests; `mask`: the organisation whose rows count.

    Without a `year` (a policy of a single insurer) there is no agreement and no book.
    """
    files = Files()
    for source in subject.tables:
        if mask is None or not source.whole:
            files.table(source.name, source.zh, await sql(source.query, subject_id, mask))
    if year is not None:
        agreement = load(year["agreement_body"])
        files.add("agreement/agreement.toml", year["agreement_body"].encode())
        files.add("agreement/canonical.json", agreement.canonical().encode(), agreement.hash)
    entries = [row["id"] for row in await sql(subject.entries, subject_id)]
    await _entries(files, entries, mask, known_at)
    await _events(files, subject, subject_id, mask, known_at)
    if subject.calculations and not (mask is not None and subject.peers_inside):
        args = (subject_id, mask) if "$2" in subject.calculations else (subject_id,)
        _calculations(files, await sql(subject.calculations, *args))
    await _seals(files, year["book_code"] if year is not None else "", entries)
    return files


# The text an entry's hash was taken over, byte for byte (see ledger_sql.py).
_ENTRIES = """
SELECT e.id, e.key, e.effective_on, e.recorded_at, e.reason, e.clause,
  encode(e.content_hash, 'hex') AS hash, ledger_content(b.code, e.key, e.kind, e.reason, e.clause,
    e.effective_on, e.period, e.recorded_at, e.reversal_of, e.resolves, e.journal_event, e.facts,
    (SELECT string_agg(ledger_line(a.code, l.amount_fen, l.memo, l.clause), E'\\n'
      ORDER BY l.position) FROM entry_line l JOIN account a ON a.id = l.account
      WHERE l.entry = e.id)) AS text
FROM entry e JOIN book b ON b.id = e.book
WHERE e.id = ANY($1::bigint[]) AND e.recorded_at <= $2 ORDER BY e.id
"""
_OWN_LINES = """
SELECT e.key, l.position, a.code AS account, l.amount_fen, coalesce(l.clause, e.clause) AS clause
FROM entry_line l JOIN entry e ON e.id = l.entry JOIN account a ON a.id = l.account
WHERE l.entry = ANY($1::bigint[]) AND a.owner = $2 AND e.recorded_at <= $3
ORDER BY e.id, l.position
"""


async def _entries(files: Files, ids: list[int], mask: int | None, known_at: datetime) -> None:
    """Entries with their hashes; whole where the reader may see all lines, else its own lines."""
    rows = await sql(_ENTRIES, ids, known_at)
    files.table(
        "entries",
        "记账凭证",
        [{key: row[key] for key in row.keys() if key != "text"} for row in rows],  # noqa: SIM118
    )
    if mask is None:
        for row in rows:
            files.add(f"entries/{row['id']:012d}.txt", row["text"].encode(), row["hash"])
    else:
        files.table("own_lines", "本机构分录行", await sql(_OWN_LINES, ids, mask, known_at))


_EVENTS = f"""
SELECT {", ".join(name for name in journal.COLUMNS if name != "content_hash")}, id, content_hash
FROM journal_event WHERE (subject_kind, subject) IN
  (SELECT * FROM unnest($1::text[], $2::text[])) AND recorded_at <= $3
  AND ($4::bigint IS NULL OR organisation = $4 OR subject_kind <> 'consent_request') ORDER BY id
"""


async def _events(
    files: Files, subject: Subject, subject_id: int, mask: int | None, known_at: datetime
) -> None:
    """The journal of the subject: what a reader may see, and the text behind each hash."""
    keys = await sql(subject.events, subject_id)
    kinds, subjects = [row["kind"] for row in keys], [row["subject"] for row in keys]
    rows = await sql(_EVENTS, kinds, subjects, known_at, mask)
    shown = ("recorded_at", "effective_on", "subject_kind", "subject", "event", "from_status",
             "to_status", "actor_name", "note")  # fmt: skip
    files.table("journal", "办理记录", [{name: row[name] for name in shown} for row in rows])
    if mask is None:
        for row in rows:
            text = journal.event_text(row)
            files.add(f"journal/{row['id']:012d}.json", text.encode(), row["content_hash"].hex())


def _calculations(files: Files, rows: Sequence[Any]) -> None:
    """Stored calculations as canonical JSON: what their hashes were taken over."""
    for row in rows:
        text = journal.canonical(json.loads(row["body"])).encode()
        kept = row["hash"] if hashlib.sha256(text).hexdigest() == row["hash"] else ""
        files.add(f"calculations/{row['name']}.json", text, kept)


_SEALS = """
SELECT s.number, s.chain, s.row_count, s.prev_hash, s.rows_hash, s.hash,
  to_char(s.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS sealed_at,
  (SELECT string_agg(int8send(e.id) || e.content_hash, ''::bytea ORDER BY e.id)
    FROM sealed_row r JOIN entry e ON e.id = r.row_id WHERE r.seal = s.id) AS rows
FROM seal s WHERE s.chain = $1 AND s.id IN
  (SELECT r.seal FROM sealed_row r WHERE r.chain = $1 AND r.row_id = ANY($2::bigint[]))
ORDER BY s.number
"""


async def _seals(files: Files, book: str, entries: list[int]) -> None:
    """The seals over the entries: rows and link as bytes, so that plain SHA-256 checks them."""
    chain = seals.ledger_chain(book)
    told = []
    for row in await sql(_SEALS, chain, entries):
        name = f"seals/{row['number']:06d}"
        files.add(f"{name}.rows", row["rows"], row["rows_hash"].hex())
        link = f"{row['chain']}:{row['number']}:{row['sealed_at']}".encode()
        files.add(f"{name}.link", row["prev_hash"] + link + row["rows_hash"], row["hash"].hex())
        told.append(
            {
                "chain": row["chain"],
                "number": row["number"],
                "rows": row["row_count"],
                "sealed_at": row["sealed_at"],
                "rows_hash": row["rows_hash"].hex(),
                "hash": row["hash"].hex(),
                "prev_hash": row["prev_hash"].hex(),
            }
        )
    files.table("seals", "封存链", told)
