"""`eastlake verify`: every promise of the registry recomputed from the stored rows.

One function for each invariant, all of them in `INVARIANTS`; each returns how many things it looked
at and what does not fit. All read one snapshot, nothing is written. The digest is taken over the
results and over the hashes of journal and seals: the same data give the same digest, a changed
history never does.

To add an invariant: write the function in `invariants.py` or `money.py`, put it into `INVARIANTS`,
register its texts in `texts.py`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import astuple, dataclass

from service.kernel import journal, seals
from service.kernel.db import in_work, sql, sql_value, work
from service.kernel.findings import Finding
from service.verify import invariants, money
from service.verify.claims import CLAIM_INVARIANTS
from service.verify.invariants import Outcome
from service.verify.placements import PLACEMENT_INVARIANTS
from service.verify.pools import POOL_INVARIANTS
from service.verify.premiums import PREMIUM_INVARIANTS
from service.verify.settlements import SETTLEMENT_INVARIANTS
from service.verify.shortfalls import SHORTFALL_INVARIANTS
from service.verify.told import TOLD_INVARIANTS

Progress = Callable[[str, int, int], None]
SHOWN_MAX = 100


@dataclass(frozen=True, slots=True)
class Checked:
    """One invariant with its result."""

    name: str
    zh: str
    ok: bool
    count: int


@dataclass(frozen=True, slots=True)
class Verification:
    """The result of a run; it passes when there is no finding."""

    digest: str
    findings: list[Finding]
    checks: list[Checked]

    @property
    def passes(self) -> bool:
        return not self.findings


async def run(progress: Progress | None = None) -> Verification:
    """Check every invariant on one snapshot of the database."""
    nested = in_work()
    async with work():
        if not nested:
            await sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return await _run(progress or (lambda _what, _done, _all: None))


async def _run(tell: Progress) -> Verification:
    checks: list[Checked] = []
    findings: list[Finding] = []
    for done, (name, (zh, invariant)) in enumerate(INVARIANTS.items()):
        tell(zh, done, len(INVARIANTS))
        outcome = await invariant()
        findings += outcome.findings[:SHOWN_MAX]
        checks.append(Checked(name, zh, not outcome.findings, outcome.count))
    tell("完成", len(INVARIANTS), len(INVARIANTS))
    return Verification(await _digest(checks, findings), findings, checks)


async def _digest(checks: list[Checked], findings: list[Finding]) -> str:
    text = journal.canonical(
        {
            "checks": [list(astuple(check)) for check in checks],
            "findings": [finding.as_dict() for finding in findings],
            "journal": await sql_value(
                "SELECT encode(sha256(coalesce(string_agg(content_hash, ''::bytea ORDER BY id),"
                " ''::bytea)), 'hex') FROM journal_event"
            ),
            "heads": [[head.chain, head.number, head.hash.hex()] for head in await seals.heads()],
        }
    )
    return hashlib.sha256(text.encode()).hexdigest()


Invariant = Callable[[], Awaitable[Outcome]]
INVARIANTS: dict[str, tuple[str, Invariant]] = {
    "journal_hashes": ("日志内容与摘要一致", invariants.journal_hashes),
    "journal_seals": ("日志封存链完整", invariants.journal_seals),
    "ledger": ("账簿可由分录重算", invariants.ledger_books),
    "guards": ("只增不改的保护已启用", invariants.guards),
    "filing_status": ("报送状态与日志一致", invariants.filing_status),
    "product_status": ("产品状态与日志一致", invariants.product_status),
    "journal_steps": ("状态变化均为规定步骤", invariants.journal_steps),
    "library_counts": ("在库数与历史重算一致", invariants.library_counts),
    "library_facts": ("在库记录与产品状态一致", invariants.library_facts),
    "fact_events": ("在库记录均有日志依据", invariants.fact_events),
    "four_eyes": ("经办与审批分离", invariants.four_eyes),
    "current_versions": ("在库版本指向正确", invariants.current_versions),
    "shelf_rows": ("货架与产品一致", invariants.shelf_rows),
    "document_hashes": ("材料内容与摘要一致", invariants.document_hashes),
    "rule_hashes": ("规则内容与摘要一致", invariants.rule_hashes),
    "decision_rules": ("决定所依规则可查", invariants.decision_rules),
    "policy_shares": ("保单共保份额合计为整体", money.policy_shares),
    "policy_receipts": ("各资金来源的保费收退相符", money.policy_receipts),
    "policy_premiums": ("现行保费与批单相符", money.policy_premiums),
    "policy_status": ("保单状态与日志一致", money.policy_status),
    "enrolment_status": ("登记状态与日志一致", money.enrolment_status),
    "qualification_status": ("资格状态与日志一致", money.qualification_status),
    "quota_draws": ("资格用款等于明细且不超额度", money.quota_draws),
    "application_status": ("补贴申请状态与日志一致", money.application_status),
    "application_sums": ("申请金额等于明细合计", money.application_sums),
    "assessment_hashes": ("测算结果与摘要一致", money.assessment_hashes),
    "scheme_budgets": ("补贴预算账与明细一致", money.scheme_budgets),
    "direct_receipts": ("直接支付与保费收款一致", money.direct_receipts),
    "batch_totals": ("拨付批次合计等于明细", money.batch_totals),
    "batch_status": ("拨付批次状态与日志一致", money.batch_status),
    "recovery_status": ("追回状态与日志一致", money.recovery_status),
    "payee_status": ("收款账户状态与日志一致", money.payee_status),
    "shelf_table": ("产品货架表与原表一致", money.shelf_table),
    **POOL_INVARIANTS,
    **PLACEMENT_INVARIANTS,
    **PREMIUM_INVARIANTS,
    **SETTLEMENT_INVARIANTS,
    **SHORTFALL_INVARIANTS,
    **CLAIM_INVARIANTS,
    **TOLD_INVARIANTS,
}
