"""Seals: hash chains over rows that are already committed, made without slowing their writers.

A row carries the hash of its own content (`content_hash`) when it is written. A **seal** later
links all committed rows of a chain that no seal covers yet. Which rows those are is asked of the
rows themselves, not of the highest number, so a row that commits late is covered by the next seal:
where seals hold as many rows as there are up to their last one, only later ones are looked up.
Chains: `journal`, and `ledger:<book>` for each book.

To check a seal by hand, with nothing but psql (here number 3 of the chain `journal`; for a ledger
chain read `entry` instead of `journal_event`):

    SELECT s.rows_hash = sha256(string_agg(int8send(t.id) || t.content_hash, '' ORDER BY t.id)),
           s.hash = sha256(s.prev_hash || convert_to(s.chain || ':' || s.number || ':' ||
             to_char(s.sealed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'), 'UTF8')
             || s.rows_hash)
      FROM seal s JOIN sealed_row r ON r.seal = s.id JOIN journal_event t ON t.id = r.row_id
     WHERE s.chain = 'journal' AND s.number = 3 GROUP BY s.id;

Both columns must be true, `prev_hash` must be the `hash` of number 2 (32 zero bytes before number
1), and the last `hash` must be the one published or noted outside: that alone shows that no seal
was cut off the end.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.kernel.calendar import now
from service.kernel.db import advisory_lock, sql, work
from service.kernel.errors import NotFound
from service.kernel.findings import Finding, Text, blocker, register

JOURNAL = "journal"
LEDGER_PREFIX = "ledger:"
ROWS_MAX = 100_000

_STAMP = """to_char({} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""
_COLUMNS = "id, chain, number, row_count, first_row, last_row, hash, prev_hash, sealed_at"


@dataclass(frozen=True, slots=True)
class Sealed:
    """One seal as it was made."""

    id: int
    chain: str
    number: int
    row_count: int
    first_row: int
    last_row: int
    hash: bytes
    prev_hash: bytes
    sealed_at: datetime


def ledger_chain(book: str) -> str:
    """Return the name of a book's chain."""
    return LEDGER_PREFIX + book


def _source(chain: str) -> str:
    """Return the rows of a chain, as the tail of a FROM clause; `$1` is the chain."""
    if chain == JOURNAL:
        return "journal_event AS t WHERE true"
    if chain.startswith(LEDGER_PREFIX):
        code = f"substr($1, {len(LEDGER_PREFIX) + 1})"
        return f"entry AS t WHERE t.book = (SELECT id FROM book WHERE code = {code})"  # noqa: S608
    raise NotFound("封存链", "The chain", chain)


def _table(chain: str) -> str:
    return _source(chain).split()[0]


def _sealing(chain: str) -> str:
    return f"""
WITH prev AS (
  SELECT number, hash FROM seal WHERE chain = $1 ORDER BY number DESC LIMIT 1
), reach AS (
  SELECT coalesce(max(last_row), 0) AS top, coalesce(sum(row_count), 0) AS held
    FROM seal WHERE chain = $1
), dense AS MATERIALIZED (
  SELECT CASE WHEN held = (SELECT count(*) FROM {_source(chain)} AND t.id <= top)
           THEN top ELSE 0 END AS top FROM reach
), fresh AS MATERIALIZED (
  SELECT t.id, t.content_hash FROM {_source(chain)} AND t.id > (SELECT top FROM dense)
     AND NOT EXISTS (SELECT 1 FROM sealed_row AS r WHERE r.chain = $1 AND r.row_id = t.id)
   ORDER BY t.id LIMIT {ROWS_MAX}
), next AS (
  SELECT coalesce((SELECT number FROM prev), 0) + 1 AS number, count(*) AS n, min(id) AS low,
         max(id) AS high, coalesce((SELECT hash FROM prev), decode(repeat('00', 32), 'hex'))
           AS prev,
         sha256(string_agg(int8send(id) || content_hash, ''::bytea ORDER BY id)) AS rows_hash
    FROM fresh HAVING count(*) > 0
), made AS (
  INSERT INTO seal (chain, number, row_count, first_row, last_row, rows_hash, prev_hash, hash,
                    sealed_at)
  SELECT $1, number, n, low, high, rows_hash, prev,
         sha256(prev || convert_to($1 || ':' || number || ':' || {_STAMP.format("$2")}, 'UTF8')
                || rows_hash), $2
    FROM next RETURNING {_COLUMNS}
), marked AS (
  INSERT INTO sealed_row (chain, row_id, seal) SELECT $1, fresh.id, made.id FROM fresh, made
)
SELECT {_COLUMNS} FROM made"""  # noqa: S608


def _checking(chain: str) -> str:
    return f"""
WITH covered AS (
  SELECT r.seal, count(t.id) AS present, count(*) AS n,
         sha256(string_agg(int8send(r.row_id) || t.content_hash, ''::bytea ORDER BY r.row_id))
           AS rows_hash
    FROM sealed_row AS r LEFT JOIN {_table(chain)} AS t ON t.id = r.row_id
   WHERE r.chain = $1 GROUP BY r.seal
)
SELECT s.number, row_number() OVER w <> s.number AS gap,
       s.prev_hash <> coalesce(lag(s.hash) OVER w, decode(repeat('00', 32), 'hex')) AS unlinked,
       s.hash <> sha256(s.prev_hash || convert_to(s.chain || ':' || s.number || ':' ||
         {_STAMP.format("s.sealed_at")}, 'UTF8') || s.rows_hash) AS altered,
       coalesce(c.present, 0) AS present, s.row_count,
       (c.present, c.n, c.rows_hash)
         IS DISTINCT FROM (s.row_count::bigint, s.row_count::bigint, s.rows_hash) AS rows_differ
  FROM seal AS s LEFT JOIN covered AS c ON c.seal = s.id
 WHERE s.chain = $1 WINDOW w AS (ORDER BY s.number) ORDER BY s.number"""  # noqa: S608


async def seal(chain: str) -> Sealed | None:
    """Link the rows no seal covers yet; None when there are none.

    More than 100,000 rows make several seals; the last is returned. Racing sealers queue, so a
    chain never forks. Raises NotFound for a chain of an unknown kind.
    """
    query = _sealing(chain)
    last: Sealed | None = None
    async with work():
        await advisory_lock(f"seal:{chain}")
        while True:
            rows = await sql(query, chain, now())
            if not rows:
                return last
            last = Sealed(*rows[0])
            if last.row_count < ROWS_MAX:
                return last


async def chains() -> list[str]:
    """Return the names of all chains there are: the journal, then the books in order."""
    rows = await sql("SELECT code FROM book ORDER BY id")
    return [JOURNAL, *(ledger_chain(row["code"]) for row in rows)]


async def seal_all() -> list[Sealed]:
    """Seal every chain, each in its own transaction; return the seals that were made."""
    made = [await seal(chain) for chain in await chains()]
    return [one for one in made if one is not None]


async def heads() -> list[Sealed]:
    """Return the last seal of each chain: what to publish or note outside, as proof of the end."""
    rows = await sql(
        f"SELECT DISTINCT ON (chain) {_COLUMNS} FROM seal ORDER BY chain, number DESC"  # noqa: S608
    )
    return [Sealed(*row) for row in rows]


async def verify(chain: str) -> list[Finding]:
    """Recompute every seal of a chain from the rows; empty when all is well.

    Raises NotFound for a chain of an unknown kind.
    """
    found: list[Finding] = []
    for row in await sql(_checking(chain), chain):
        what = {"chain": chain, "number": row["number"]}
        where = f"{chain}#{row['number']}"
        if row["gap"]:
            found.append(blocker("seal.number_gap", where, **what))
        if row["unlinked"]:
            found.append(blocker("seal.unlinked", where, **what))
        if row["altered"]:
            found.append(blocker("seal.altered", where, **what))
        if row["rows_differ"]:
            counts = {"present": row["present"], "row_count": row["row_count"]}
            found.append(blocker("seal.rows_differ", where, **what, **counts))
    return found


register(
    {
        "seal.number_gap": Text(
            "封存链“{chain}”在第 {number} 号处断号",
            "The seals of “{chain}” are not numbered through at number {number}",
            "请停止使用并从备份核对封存记录",
            "Stop and compare the seals with a backup",
            "DESIGN law 4",
        ),
        "seal.unlinked": Text(
            "封存链“{chain}”第 {number} 号与前一号不衔接",
            "Seal {number} of “{chain}” does not link to the one before",
            "请停止使用并从备份核对封存记录",
            "Stop and compare the seals with a backup",
            "DESIGN law 4",
        ),
        "seal.altered": Text(
            "封存链“{chain}”第 {number} 号的摘要与内容不符",
            "Seal {number} of “{chain}” does not match its own hash",
            "请停止使用并从备份核对封存记录",
            "Stop and compare the seals with a backup",
            "DESIGN law 4",
        ),
        "seal.rows_differ": Text(
            "封存链“{chain}”第 {number} 号所封 {row_count} 条记录已被改动（现有 {present} 条）",
            "The {row_count} rows under seal {number} of “{chain}” were changed ({present} left)",
            "请停止使用并从备份核对被封存的记录",
            "Stop and compare the sealed rows with a backup",
            "DESIGN law 4",
        ),
    }
)
