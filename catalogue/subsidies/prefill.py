"""Which of a firm's policies could be lines under a scheme, filled in from what is recorded."""

from __future__ import annotations

from catalogue.books import scheme_book
from catalogue.subsidies import assessment, schemes
from catalogue.subsidies.gathering import Ask, LineSpec
from catalogue.subsidy_shapes import CandidateShape
from service.auth import Actor
from service.kernel.calendar import today
from service.kernel.db import sql

MOST = 100
"""Policies looked at, the newest first."""

_CANDIDATES = """
SELECT y.id AS policy, y.number AS policy_number, i.short_name AS insurer, b.number AS object,
  coalesce(b.kind, 'general') AS kind, y.start_on, y.current_end_on AS end_on,
  y.current_premium_fen AS premium_fen, e.number AS enrolment, e.id AS enrolment_id,
  q.number AS qualification, q.id AS qualification_id,
  (SELECT a.number FROM application_line l JOIN application a ON a.id = l.application
    WHERE l.policy = y.id AND a.scheme = $2 AND l.status <> 'refused'
    AND a.status NOT IN ('refused', 'withdrawn') ORDER BY a.id DESC LIMIT 1) AS applied_in
FROM policy y JOIN organisation i ON i.id = y.insurer
LEFT JOIN LATERAL (SELECT id, number, insured_object FROM enrolment WHERE policy = y.id
  AND enterprise = $1 AND status IN ('recognised', 'active', 'expired')
  ORDER BY id DESC LIMIT 1) e ON true
LEFT JOIN insured_object b ON b.id = coalesce(e.insured_object, y.insured_object)
LEFT JOIN LATERAL (SELECT id, number FROM qualification WHERE insured_object = b.id
  AND enterprise = $1 AND status = 'granted' ORDER BY valid_to DESC LIMIT 1) q ON true
WHERE y.insured = $1 AND y.status <> 'cancelled' ORDER BY y.id DESC LIMIT $3
"""


async def candidates(actor: Actor, code: str) -> list[CandidateShape]:
    """The firm's newest policies, each judged alone: what it would get, what stands in the way."""
    scheme = await schemes.scheme_row(code)
    book = await scheme_book(scheme["id"])
    assert actor.organisation_id is not None
    rows = await sql(_CANDIDATES, actor.organisation_id, scheme["id"], MOST)
    shapes = []
    for row in rows:
        spec = LineSpec(1, row["policy"], row["enrolment_id"], row["qualification_id"])
        ask = Ask(scheme, book.family, actor.organisation_id, today(), [spec])
        judged = await assessment.judge(ask, book)
        shown = {k: v for k, v in row.items() if not k.endswith("_id")}
        shapes.append(
            CandidateShape(
                **shown,
                would_be_fen=assessment.would_be_fen(judged.result),
                findings=[f.as_dict() for f in judged.result.all_findings()],
            )
        )
    return shapes
