"""Life cycles of subsidy, enrolment, qualification and policy as tables of data (DESIGN §4).

``SEPARATE`` holds the four-eyes notes (POLICY §10): who takes the step on the left must not have
taken any of the steps on the right for the same record. Automatic steps follow from another fact:
a deadline that passed, a bank result, an endorsement, a quota that is used up.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from catalogue.rules.nouns import Term
from catalogue.rules.subsidy.nouns import (
    EnrolmentStatus,
    PolicyStatus,
    QualificationStatus,
    SubsidyStatus,
)
from service.kernel.workflow import Step, Workflow

FIRM = frozenset({"enterprise"})
INSURER = frozenset({"insurer_clerk", "insurer_manager"})
MANAGER = frozenset({"insurer_manager"})
OFFICER = frozenset({"committee_officer"})
APPROVER = frozenset({"committee_approver"})
REVIEWERS = OFFICER | APPROVER
NOBODY: frozenset[str] = frozenset()

SEPARATE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "subsidy": {
        "pass_first": ("submit", "resubmit"),
        "pass_second": ("submit", "resubmit", "pass_first"),
        "approve": ("submit", "resubmit", "pass_first", "pass_second"),
        "approve_rest": ("submit", "resubmit", "pass_first", "pass_second"),
        "dismiss": ("contest",),
        "uphold": ("contest",),
        "recover": ("approve", "approve_rest"),
        "recover_part": ("approve", "approve_rest"),
    },
    "enrolment": {"confirm": ("submit", "resubmit"), "recognise": ("confirm",)},
    "qualification": {
        "review": ("recommend",),
        "grant": ("recommend", "review"),
    },
    "policy": {"confirm": ("record",)},
}


def state_names(terms: type[Term], english: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return the states of a life cycle: code to Chinese and English name."""
    return {term.value: (term.zh, english[term.value]) for term in terms}


def noted(
    sources: Iterable[str], event: str, target: str, roles: frozenset[str], zh: str, en: str
) -> tuple[Step, ...]:
    """Return one step from each source; all of them need a note."""
    return tuple(Step(s, event, target, roles, zh, en, needs_note=True) for s in sources)


def automatic(
    sources: Iterable[str], event: str, target: str, zh: str, en: str
) -> tuple[Step, ...]:
    """Return one step from each source that only the program takes."""
    return tuple(Step(s, event, target, NOBODY, zh, en, automatic=True) for s in sources)


_RETURN = ("退回补正", "Return for correction")
_REFUSE = ("不予补贴", "Refuse")
_OPEN = ("submitted", "returned", "accepted", "first_review", "second_review", "public_notice")

SUBSIDY = Workflow(
    name="subsidy",
    initial="draft",
    states=state_names(
        SubsidyStatus,
        {
            "draft": "Draft",
            "submitted": "Submitted",
            "accepted": "Accepted",
            "returned": "Returned for correction",
            "first_review": "First review",
            "second_review": "Second review",
            "public_notice": "Public notice",
            "objection": "Objection",
            "approved": "Approved",
            "paid": "Paid",
            "evaluated": "Evaluated",
            "refused": "Refused",
            "withdrawn": "Withdrawn",
            "part_recovered": "Partly recovered",
            "recovered": "Recovered",
        },
    ),
    steps=(
        Step("draft", "submit", "submitted", FIRM, "提交申请", "Submit"),
        Step("draft", "withdraw", "withdrawn", FIRM, "放弃草稿", "Discard the draft"),
        Step("submitted", "accept", "accepted", OFFICER, "受理", "Accept"),
        *noted(
            ("submitted", "first_review", "second_review"), "return", "returned", OFFICER, *_RETURN
        ),
        *noted(("submitted",), "refuse", "refused", OFFICER, "不予受理", "Refuse to accept"),
        Step("returned", "resubmit", "submitted", FIRM, "补正后重新提交", "Submit again"),
        *automatic(
            ("returned",), "lapse", "withdrawn", "逾期未补正", "Deadline for correction passed"
        ),
        Step("accepted", "begin_review", "first_review", OFFICER, "开始初审", "Begin the review"),
        Step("first_review", "pass_first", "second_review", OFFICER, "初审通过", "Pass first"),
        *noted(("second_review",), "send_back", "first_review", REVIEWERS, "退回初审", "Send back"),
        Step(
            "second_review",
            "pass_second",
            "public_notice",
            REVIEWERS,
            "复审通过并公示",
            "Pass second, give public notice",
        ),
        *noted(
            ("first_review", "second_review", "public_notice"),
            "refuse",
            "refused",
            APPROVER,
            *_REFUSE,
        ),
        *noted(
            ("public_notice",), "contest", "objection", OFFICER, "登记异议", "Admit an objection"
        ),
        *noted(
            ("objection",), "dismiss", "public_notice", APPROVER, "异议不成立", "Dismiss objection"
        ),
        *noted(("objection",), "uphold", "refused", APPROVER, "异议成立", "Uphold the objection"),
        *noted(
            ("objection",),
            "approve_rest",
            "approved",
            APPROVER,
            "批准无异议部分",
            "Approve the uncontested lines",
        ),
        Step("public_notice", "approve", "approved", APPROVER, "批准", "Approve"),
        *noted(("approved",), "revoke", "refused", APPROVER, "拨付前撤销批准", "Revoke approval"),
        *automatic(("approved",), "pay", "paid", "全部拨付成功", "The bank paid every line"),
        *noted(
            ("paid", "part_recovered"), "evaluate", "evaluated", OFFICER, "绩效评价", "Evaluate"
        ),
        *noted(
            ("paid", "evaluated", "part_recovered"),
            "recover_part",
            "part_recovered",
            APPROVER,
            "部分追回",
            "Recover a part",
        ),
        *noted(
            ("paid", "evaluated", "part_recovered"),
            "recover",
            "recovered",
            APPROVER,
            "全部追回",
            "Recover all",
        ),
        *noted(_OPEN, "withdraw", "withdrawn", FIRM, "撤回申请", "Withdraw"),
    ),
    final=frozenset({"refused", "withdrawn", "recovered"}),
)

ENROLMENT = Workflow(
    name="enrolment",
    initial="draft",
    states=state_names(
        EnrolmentStatus,
        {
            "draft": "Draft",
            "submitted": "Submitted",
            "insurer_confirmed": "Confirmed by the insurer",
            "returned": "Returned for correction",
            "recognised": "Recognised",
            "active": "Active",
            "expired": "Expired",
            "refused": "Refused",
            "revoked": "Revoked",
        },
    ),
    steps=(
        Step("draft", "submit", "submitted", FIRM, "提交登记", "Submit"),
        Step("submitted", "confirm", "insurer_confirmed", INSURER, "确认承保", "Confirm the cover"),
        *noted(("submitted",), "return", "returned", INSURER, *_RETURN),
        *noted(("submitted",), "decline", "refused", MANAGER, "不予承保", "Decline the cover"),
        Step("returned", "resubmit", "submitted", FIRM, "补正后重新提交", "Submit again"),
        Step("insurer_confirmed", "recognise", "recognised", APPROVER, "予以认定", "Recognise"),
        *noted(("insurer_confirmed",), "return", "returned", OFFICER, *_RETURN),
        *noted(("insurer_confirmed",), "refuse", "refused", APPROVER, "不予认定", "Refuse"),
        *automatic(("recognised",), "activate", "active", "保险责任开始", "The cover begins"),
        *automatic(("active",), "expire", "expired", "保险期间届满", "The cover ends"),
        *noted(("recognised", "active"), "revoke", "revoked", APPROVER, "撤销认定", "Revoke"),
    ),
    final=frozenset({"expired", "refused", "revoked"}),
)

QUALIFICATION = Workflow(
    name="qualification",
    initial="applied",
    states=state_names(
        QualificationStatus,
        {
            "applied": "Applied",
            "recommended": "Recommended",
            "reviewed": "Reviewed",
            "granted": "Granted",
            "exhausted": "Exhausted",
            "expired": "Expired",
            "revoked": "Revoked",
            "refused": "Refused",
        },
    ),
    steps=(
        Step("applied", "recommend", "recommended", OFFICER, "推荐", "Recommend"),
        Step("recommended", "review", "reviewed", REVIEWERS, "专家评审通过", "Pass the experts"),
        Step("reviewed", "grant", "granted", APPROVER, "核定资格与额度", "Grant with a quota"),
        *noted(
            ("applied", "recommended", "reviewed"),
            "refuse",
            "refused",
            APPROVER,
            "不予通过",
            "Refuse",
        ),
        *automatic(("granted",), "exhaust", "exhausted", "额度用完", "The quota is used up"),
        *automatic(("exhausted",), "replenish", "granted", "额度因追回恢复", "Money came back"),
        *automatic(
            ("granted", "exhausted"), "expire", "expired", "有效期届满", "The validity ends"
        ),
        *noted(("granted", "exhausted"), "revoke", "revoked", APPROVER, "撤销资格", "Revoke"),
    ),
    final=frozenset({"expired", "revoked", "refused"}),
)

_LIVE = ("recorded", "confirmed", "disputed")

POLICY = Workflow(
    name="policy",
    initial="recorded",
    states=state_names(
        PolicyStatus,
        {
            "recorded": "Recorded",
            "confirmed": "Confirmed by the insured",
            "disputed": "Disputed by the insured",
            "cancelled": "Cancelled",
            "expired": "Expired",
        },
    ),
    steps=(
        Step("recorded", "confirm", "confirmed", FIRM, "确认保单", "Confirm the policy"),
        Step("disputed", "confirm", "confirmed", FIRM, "确认保单", "Confirm the policy"),
        *noted(("recorded", "confirmed"), "dispute", "disputed", FIRM, "提出异议", "Dispute"),
        *noted(("disputed",), "answer", "recorded", INSURER, "答复异议", "Answer the dispute"),
        *automatic(
            _LIVE, "cancel", "cancelled", "退保批单生效", "An endorsement cancels the policy"
        ),
        *automatic(("cancelled",), "reinstate", "recorded", "复效批单生效", "Reinstated"),
        *automatic(_LIVE, "expire", "expired", "保险期间届满", "The period ends"),
    ),
    final=frozenset({"expired"}),
)

WORKFLOWS = (SUBSIDY, ENROLMENT, QUALIFICATION, POLICY)
