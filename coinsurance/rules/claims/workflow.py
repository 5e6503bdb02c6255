"""Life cycles of a claim (赔案) and of a cash call (预收赔款) as tables of data (DESIGN law 5).

The roles of a step are roles of persons; that it is the member who handles claims, or a member on
the risk, is asked by the use case.
"""

from __future__ import annotations

from service.kernel.workflow import Step, Workflow

INSURER = frozenset({"insurer_clerk", "insurer_manager"})
MANAGER = frozenset({"insurer_manager"})
DISPUTERS = INSURER | {"enterprise"}
_NOBODY: frozenset[str] = frozenset()

CLOSABLE = ("notified", "registered", "survey", "assessed", "declined", "paid", "recovery")
"""States in which a claim may be closed, when nothing is open; and `reopened`."""
PAYABLE = frozenset({"agreed", "part_paid"})
ADVANCEABLE = frozenset({"registered", "survey", "assessed", "consent_pending", "disputed"})
RECOVERABLE = frozenset({"agreed", "part_paid", "paid", "recovery"})
RUNNING = frozenset(
    {
        "registered",
        "survey",
        "assessed",
        "consent_pending",
        "agreed",
        "disputed",
        "declined",
        "part_paid",
        "paid",
        "recovery",
        "reopened",
    }
)
"""States in which reserves may be set and expenses booked."""


def _follows(source: str, event: str, target: str, zh: str, en: str) -> Step:
    """A step that follows from another one."""
    return Step(source, event, target, _NOBODY, zh, en, automatic=True)


def _assess(source: str) -> Step:
    return Step(source, "assess", "assessed", INSURER, "定损理算", "Assess")


def _dispute(source: str) -> Step:
    return Step(source, "dispute", "disputed", DISPUTERS, "提出争议", "Dispute", needs_note=True)


def _close(source: str) -> Step:
    return Step(source, "close", "closed", MANAGER, "结案", "Close", needs_note=True)


CLAIM = Workflow(
    name="claim",
    initial="notified",
    states={
        "notified": ("已报案", "Notified"),
        "registered": ("已立案", "Registered"),
        "survey": ("查勘中", "Survey"),
        "assessed": ("已定损", "Assessed"),
        "consent_pending": ("征求同意中", "Consent pending"),
        "agreed": ("已核定赔付", "Agreed"),
        "declined": ("已拒赔", "Declined"),
        "disputed": ("有争议", "Disputed"),
        "part_paid": ("部分赔付", "Part paid"),
        "paid": ("已赔付", "Paid"),
        "recovery": ("追偿中", "Recovery"),
        "closed": ("已结案", "Closed"),
        "reopened": ("已重开", "Reopened"),
    },
    steps=(
        Step("notified", "register", "registered", INSURER, "立案", "Register"),
        Step("registered", "survey", "survey", INSURER, "查勘", "Survey"),
        Step("survey", "survey", "survey", INSURER, "再次查勘", "Survey again"),
        Step("assessed", "survey", "survey", INSURER, "补充查勘", "Survey once more"),
        _assess("registered"),
        _assess("survey"),
        _assess("assessed"),
        _assess("disputed"),
        _assess("declined"),
        _assess("reopened"),
        _assess("agreed"),
        _assess("part_paid"),
        _assess("paid"),
        Step("assessed", "ask", "consent_pending", MANAGER, "征求成员同意", "Ask for consent"),
        Step(
            "consent_pending", "withdraw", "assessed", MANAGER, "撤回征求", "Withdraw",
            needs_note=True,
        ),
        Step("assessed", "agree", "agreed", MANAGER, "核定赔付", "Agree"),
        Step("consent_pending", "agree", "agreed", MANAGER, "核定赔付", "Agree"),
        Step("assessed", "decline", "declined", MANAGER, "拒赔", "Decline", needs_note=True),
        Step("consent_pending", "decline", "declined", MANAGER, "拒赔", "Decline", needs_note=True),
        Step("disputed", "decline", "declined", MANAGER, "拒赔", "Decline", needs_note=True),
        _dispute("assessed"),
        _dispute("consent_pending"),
        _dispute("agreed"),
        _dispute("declined"),
        _dispute("part_paid"),
        _follows("agreed", "pay_part", "part_paid", "部分赔付", "Paid in part"),
        _follows("agreed", "pay", "paid", "付清", "Paid in full"),
        _follows("part_paid", "pay", "paid", "付清", "Paid in full"),
        _follows("paid", "pay_back_part", "part_paid", "赔款部分冲销", "A payment was reversed"),
        _follows("paid", "pay_back", "agreed", "赔款冲销", "All payments were reversed"),
        _follows("part_paid", "pay_back", "agreed", "赔款冲销", "All payments were reversed"),
        _follows(
            "recovery", "pay_back_part", "part_paid", "赔款部分冲销", "A payment was reversed"
        ),
        _follows("recovery", "pay_back", "agreed", "赔款冲销", "All payments were reversed"),
        _follows("paid", "recover", "recovery", "收到追偿", "Something was recovered"),
        *(_close(state) for state in (*CLOSABLE, "reopened")),
        Step("closed", "reopen", "reopened", MANAGER, "重开赔案", "Reopen", needs_note=True),
    ),
)  # fmt: skip

CASH_CALL = Workflow(
    name="cash_call",
    initial="issued",
    states={
        "issued": ("已发出", "Issued"),
        "part_funded": ("部分到账", "Part funded"),
        "funded": ("已到账", "Funded"),
        "released": ("已解除", "Released"),
    },
    steps=(
        _follows("issued", "fund_part", "part_funded", "部分到账", "Part of it was paid"),
        _follows("issued", "fund", "funded", "全部到账", "All of it was paid"),
        _follows("part_funded", "fund", "funded", "全部到账", "All of it was paid"),
        Step("issued", "release", "released", INSURER, "解除", "Release", needs_note=True),
        Step("part_funded", "release", "released", INSURER, "解除", "Release", needs_note=True),
        Step("funded", "release", "released", INSURER, "解除", "Release", needs_note=True),
    ),
    final=frozenset({"released"}),
)

WORKFLOWS = (CLAIM, CASH_CALL)


def in_words(status: str) -> dict[str, str]:
    """Where a claim stands, as findings tell it: the code and its names."""
    return {
        "state": status,
        "state_zh": CLAIM.label(status),
        "state_en": CLAIM.label(status, "en"),
    }
