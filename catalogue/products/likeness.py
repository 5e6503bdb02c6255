"""Candidates for near-duplicates, fetched by what could make them alike, judged by the rules."""

from __future__ import annotations

import msgspec

from catalogue.rules.duplicates import Likeness, near_duplicates
from catalogue.rules.facts import CandidateFacts, ClauseFacts, ComponentFacts, VersionFacts
from catalogue.rules.filing import FilingRules
from service.kernel.db import sql
from service.kernel.names import sort_key

CANDIDATES_MAX = 300

_CANDIDATES = """
SELECT json_build_object('number', p.number, 'insurer_id', p.insurer, 'insurer_name', o.name,
  'name', v.name, 'type_code', t.code, 'status', p.status,
  'clauses', (SELECT coalesce(json_agg(json_build_object('kind', c.kind, 'title', c.title,
    'file_number', c.file_number, 'registration_number', c.registration_number,
    'model_clause', c.model_clause) ORDER BY c.position), '[]') FROM clause c
    WHERE c.version = v.id),
  'components', (SELECT coalesce(json_agg(json_build_object('name', m.name, 'event', m.event)
    ORDER BY m.position), '[]') FROM component m WHERE m.version = v.id))::text AS record
FROM (SELECT DISTINCT ON (w.product) w.* FROM product_version w WHERE w.product IN (
    SELECT x.id FROM product x JOIN product_type y ON y.id = x.product_type WHERE y.code = $2
    UNION SELECT w2.product FROM clause c JOIN product_version w2 ON w2.id = c.version
      WHERE c.registration_number = ANY($3::text[]) OR c.file_number = ANY($4::text[])
    UNION SELECT w3.product FROM clause c JOIN product_version w3 ON w3.id = c.version
      WHERE c.model_clause = ANY($6::text[])
    UNION SELECT x.id FROM product x WHERE x.insurer = $7
    UNION SELECT w4.product FROM product_version w4 WHERE w4.status = 'in_library'
      AND w4.sort_key = $8)
    AND w.status NOT IN ('rejected', 'abandoned', 'replaced', 'draft')
    ORDER BY w.product, (w.status = 'in_library') DESC, w.number DESC) v
JOIN product p ON p.id = v.product JOIN product_type t ON t.id = p.product_type
JOIN organisation o ON o.id = p.insurer
WHERE p.number <> $1 AND p.status <> 'withdrawn' ORDER BY p.id DESC LIMIT $5
"""


async def likenesses(
    number: str, version: VersionFacts, rules: FilingRules
) -> list[Likeness]:
    """Other entries that may be the same product, most alike first, with the reasons."""
    rows = await sql(
        _CANDIDATES,
        number,
        version.type_code,
        [c.registration_number for c in version.clauses if c.registration_number],
        [c.file_number for c in version.clauses if c.file_number],
        CANDIDATES_MAX,
        [c.model_clause for c in version.clauses if c.model_clause],
        version.insurer_id,
        sort_key(version.name),
    )
    candidates = []
    for row in rows:
        record = msgspec.json.decode(row["record"])
        record["clauses"] = tuple(ClauseFacts(**clause) for clause in record["clauses"])
        record["components"] = tuple(ComponentFacts(**part) for part in record["components"])
        candidates.append(CandidateFacts(**record))
    return near_duplicates(version, candidates, rules, number)


