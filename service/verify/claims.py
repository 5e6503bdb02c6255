"""The invariants of claims (POOLS 7 to 12, 19, 22): each recomputes one promise."""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

from coinsurance.rules.claims.cover import (
    Deductible,
    Erosion,
    Loss,
    Reinstated,
    Section,
    aggregate_left,
    pays,
)
from coinsurance.rules.claims.nouns import Combine
from coinsurance.rules.claims.payees import folded
from coinsurance.rules.claims.workflow import CASH_CALL, CLAIM, WORKFLOWS
from service.kernel import journal
from service.kernel.bank_accounts import fold_account
from service.kernel.db import sql, sql_value
from service.kernel.findings import Finding
from service.kernel.shares import WHOLE_UNITS
from service.verify.claim_money import (
    claim_debts,
    claim_entries,
    claim_series,
    claim_totals,
    compared,
    count,
    differs,
    grouped,
)
from service.verify.invariants import Outcome


async def claim_status() -> Outcome:
    """Claims and cash calls stand where the journal moved them last."""
    found: list[Finding] = []
    for workflow in WORKFLOWS:
        rows = await sql(
            "WITH last AS (SELECT DISTINCT ON (subject) subject, to_status FROM journal_event"  # noqa: S608
            " WHERE subject_kind = $1 AND to_status <> '' ORDER BY subject, id DESC)"
            " SELECT t.number, t.status, coalesce(l.to_status, '') AS journal"
            f" FROM {workflow.name} t LEFT JOIN last l ON l.subject = t.number"
            " WHERE t.status IS DISTINCT FROM l.to_status ORDER BY t.id",
            workflow.name,
        )
        found += [differs(r["number"], "状态", r["status"], r["journal"]) for r in rows]
    return Outcome(await count("claim"), found)


async def claim_steps() -> Outcome:
    """Every move is a step of its life cycle and starts where the last one ended."""
    steps = [
        f"{workflow.name}/{step.source}/{step.event}/{step.target}"
        for workflow in WORKFLOWS
        for step in workflow.steps
    ]
    first = [f"{workflow.name}/{workflow.initial}" for workflow in WORKFLOWS]
    kinds = [CLAIM.name, CASH_CALL.name]
    rows = await sql(
        "SELECT subject, event AS stored, coalesce(before, '') AS counted FROM (SELECT id,"
        " subject_kind, subject, event, from_status, to_status, lag(to_status) OVER"
        " (PARTITION BY subject_kind, subject ORDER BY id) AS before FROM journal_event"
        " WHERE subject_kind = ANY($3::text[]) AND to_status <> '') m WHERE CASE"
        " WHEN before IS NULL THEN NOT subject_kind || '/' || to_status = ANY($2::text[])"
        " ELSE from_status <> before OR NOT subject_kind || '/' || from_status || '/' || event"
        " || '/' || to_status = ANY($1::text[]) END ORDER BY id",
        steps,
        first,
        kinds,
    )
    found = [differs(r["subject"], "步骤", r["stored"], r["counted"]) for r in rows]
    moves = await sql_value(
        "SELECT count(*) FROM journal_event WHERE subject_kind = ANY($1::text[])"
        " AND to_status <> ''",
        kinds,
    )
    return Outcome(moves, found)


async def claim_shares() -> Outcome:
    """Shares of every claim are those of the schedule in force on the loss day, and the whole."""
    return await compared(
        "claim_section",
        "出险日份额",
        "SELECT c.number || '/' || s.code AS subject, h.shares AS stored,"
        " coalesce(w.shares, '') AS counted FROM claim_section s JOIN claim c ON c.id = s.claim"
        " JOIN LATERAL (SELECT string_agg(organisation || ':' || share_units, ' '"
        "  ORDER BY organisation) AS shares, sum(share_units) AS units FROM claim_share"
        "  WHERE section = s.id) h ON true"
        " LEFT JOIN LATERAL (SELECT string_agg(i.organisation || ':' || i.share_units, ' '"
        "  ORDER BY i.organisation) AS shares FROM share_item i WHERE i.schedule = (SELECT d.id"
        "   FROM share_schedule d WHERE d.section = s.section AND d.status = 'effective'"
        "   AND d.valid_from <= c.loss_on AND d.effective_at <= (SELECT min(recorded_at)"
        "    FROM journal_event WHERE subject_kind = 'claim' AND subject = c.number"
        "    AND event IN ('register', 'reopen'))"
        "   ORDER BY d.valid_from DESC, d.effective_at DESC LIMIT 1)) w ON true"
        f" WHERE h.units <> {WHOLE_UNITS} OR (s.section IS NOT NULL"
        " AND h.shares IS DISTINCT FROM w.shares) ORDER BY s.id",
    )


async def claim_assessments() -> Outcome:
    """Every assessment has its hash, and its facts give its result again."""
    rows = await sql(
        "SELECT c.number || '/' || a.number AS subject, a.content::text AS content, a.hash,"
        " a.payable_fen FROM claim_assessment a JOIN claim c ON c.id = a.claim ORDER BY a.id"
    )
    found = []
    for row in rows:
        content = msgspec.json.decode(row["content"])
        digest = hashlib.sha256(journal.canonical(content).encode()).hexdigest()
        payable = _assess_again(content)
        if digest != row["hash"] or payable != row["payable_fen"]:
            found.append(differs(row["subject"], "理算", row["payable_fen"], payable))
    return Outcome(len(rows), found)


def _assess_again(content: dict[str, Any]) -> int:
    agreed = content["deductible"]
    deductible = Deductible(
        agreed["fixed_fen"], agreed["rate_ppm"], Combine(agreed["combine"]), agreed["franchise"]
    )
    losses = [Loss(**loss) for loss in content["losses"]]
    sections = [Section(**section) for section in content["sections"]]
    return pays(losses, sections, deductible).payable_fen


async def claim_decisions() -> Outcome:
    """Agreements by consent rest on one that was given; assessor and decider differ.

    No notice of loss was unserved when a claim left `consent_pending` (invariant 11).
    """
    return await compared(
        "claim_decision",
        "决定依据",
        "SELECT c.number || '/' || d.number AS subject, d.basis AS stored, CASE"
        "  WHEN d.basis = 'consent' AND r.status IS DISTINCT FROM 'given' THEN r.status"
        "  WHEN d.basis = 'consent' AND n.unserved > 0 THEN 'unserved'"
        "  WHEN d.recorded_by = a.recorded_by THEN 'assessor' END AS counted"
        " FROM claim_decision d JOIN claim c ON c.id = d.claim"
        " LEFT JOIN consent_request r ON r.id = d.consent"
        " LEFT JOIN LATERAL (SELECT recorded_by FROM claim_assessment WHERE claim = c.id"
        "  AND recorded_at <= d.recorded_at ORDER BY number DESC LIMIT 1) a ON true"
        " LEFT JOIN LATERAL (SELECT count(*) AS unserved FROM claim_notice WHERE claim = c.id"
        "  AND kind = 'loss' AND (served_at IS NULL OR served_at > d.recorded_at)) n ON true"
        " WHERE d.kind IN ('agreement', 'declination') AND ((d.basis = 'consent'"
        "  AND (r.status IS DISTINCT FROM 'given' OR n.unserved > 0))"
        "  OR d.recorded_by = a.recorded_by) ORDER BY d.id",
    )


_USED = """
SELECT l.id AS policy, l.number, s.section, s.aggregate_fen, c.loss_on, s.authorised_fen
FROM claim_section s JOIN claim c ON c.id = s.claim JOIN policy l ON l.id = c.policy
WHERE s.aggregate_fen IS NOT NULL AND s.authorised_fen > 0 ORDER BY l.id, s.section, s.id
"""


async def claim_aggregates() -> Outcome:
    """On every day all losses up to it fit into the aggregate and what was reinstated by it."""
    found: list[Finding] = []
    groups = grouped(await sql(_USED), "policy")
    for rows in (section for group in groups for section in grouped(group, "section")):
        head = rows[0]
        filled = await sql(
            "SELECT effective_on, amount_fen FROM reinstatement WHERE policy = $1"
            " AND section IS NOT DISTINCT FROM $2",
            head["policy"],
            head["section"],
        )
        reinstated = [Reinstated(r["effective_on"], r["amount_fen"]) for r in filled]
        limit_fen = max(row["aggregate_fen"] for row in rows)
        for n, row in enumerate(rows):
            others = [
                Erosion(r["loss_on"], r["authorised_fen"]) for m, r in enumerate(rows) if m != n
            ]
            left = aggregate_left(limit_fen, others, reinstated, row["loss_on"])
            if row["authorised_fen"] > left:
                found.append(
                    differs(head["number"], "累计限额", row["authorised_fen"], left)
                )
    return Outcome(len(groups), found)


async def backstop_bands() -> Outcome:
    """Pool, government and uncovered part sum to the loss; parts are their call (invariant 22)."""
    return await compared(
        "backstop_movement",
        "政府兜底",
        "SELECT y.number || '/' || b.number AS subject, b.content ->> 'loss_fen' AS stored,"
        " ((b.content ->> 'pool_fen')::bigint + (b.content ->> 'government_fen')::bigint"
        "  + (b.content ->> 'uncovered_fen')::bigint)::text AS counted"
        " FROM backstop_movement b JOIN pool_year y ON y.id = b.pool_year"
        " LEFT JOIN LATERAL (SELECT coalesce(sum(amount_fen), 0) AS fen FROM backstop_part"
        "  WHERE movement = b.id) p ON true"
        " WHERE (b.content ->> 'loss_fen')::bigint <> (b.content ->> 'pool_fen')::bigint"
        "  + (b.content ->> 'government_fen')::bigint + (b.content ->> 'uncovered_fen')::bigint"
        "  OR (b.kind = 'call' AND p.fen <> b.amount_fen) ORDER BY b.id",
    )


_PAYEES = """
SELECT k.id, c.number || '/' || m.number AS subject, k.beneficiary_name, k.beneficiary_key,
  k.payee_account
FROM claim_payee k JOIN claim_movement m ON m.id = k.movement JOIN claim c ON c.id = m.claim
WHERE k.id > $1 ORDER BY k.id LIMIT $2
"""
_PAYEES_AT_ONCE = 20_000
_PAID_TWICE = """
WITH paid AS (
  SELECT k.beneficiary_key AS key, k.beneficiary_uscc AS uscc, k.override, m.id, c.insured,
    c.loss_on, c.event, c.number || '/' || m.number AS subject
  FROM claim_payee k JOIN claim_movement m ON m.id = k.movement JOIN claim c ON c.id = m.claim
  WHERE m.reversal_of IS NULL
    AND NOT EXISTS (SELECT 1 FROM claim_movement r WHERE r.reversal_of = m.id)
), pairs AS (
  SELECT a.id AS before, b.id AS after FROM paid a
    JOIN paid b ON b.insured = a.insured AND b.loss_on = a.loss_on
  UNION
  SELECT a.id, b.id FROM paid a JOIN paid b ON b.event = a.event AND b.event <> ''
)
SELECT b.subject, min(a.subject) AS before
FROM pairs JOIN paid a ON a.id = pairs.before JOIN paid b ON b.id = pairs.after
WHERE a.id < b.id AND b.override IS NULL
  AND (b.key = a.key OR b.uscc = a.uscc AND b.uscc <> '')
GROUP BY b.subject ORDER BY b.subject
"""


async def claim_payees() -> Outcome:
    """Nobody is paid twice for one loss without an override; keys are the folded names."""
    found: list[Finding] = []
    checked, last = 0, 0
    while rows := await sql(_PAYEES, last, _PAYEES_AT_ONCE):
        checked, last = checked + len(rows), rows[-1]["id"]
        for row in rows:
            stored = row["beneficiary_key"], row["payee_account"]
            counted = folded(row["beneficiary_name"]), fold_account(row["payee_account"])
            if stored != counted:
                found.append(differs(row["subject"], "受益人", stored, counted))
    found += [
        differs(row["subject"], "重复赔付", "无放行", row["before"])
        for row in await sql(_PAID_TWICE)
    ]
    return Outcome(checked, found)


CLAIM_INVARIANTS = {
    "claim_status": ("赔案状态与日志一致", claim_status),
    "claim_steps": ("赔案状态变化均为规定步骤", claim_steps),
    "claim_totals": ("赔案分项合计等于变动", claim_totals),
    "claim_series": ("赔案分摊可由规则重算", claim_series),
    "claim_entries": ("赔案分录等于成员部分", claim_entries),
    "claim_debts": ("赔案应付与成员部分一致", claim_debts),
    "claim_shares": ("赔案份额为出险日份额", claim_shares),
    "claim_assessments": ("理算可由事实重算", claim_assessments),
    "claim_decisions": ("赔案决定均有依据", claim_decisions),
    "claim_payees": ("同一损失同一受益人未经放行不重复赔付", claim_payees),
    "claim_aggregates": ("累计限额未被超用", claim_aggregates),
    "backstop_bands": ("政府兜底各部分合计等于损失", backstop_bands),
}
