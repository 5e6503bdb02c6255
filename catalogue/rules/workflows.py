"""Life cycles of a filing, a product and a rule file as tables of data (DESIGN law 5 and §4).

``FILING`` moves ``ProductVersion.status``, ``SHELF`` moves ``Product.status``, ``RULE`` moves
``RuleVersion.status``; nothing else does.
The rejecting, suspending and withdrawing steps insist on a note, because the other side works
from it. Automatic steps follow from another one: entering a version puts its product on the shelf
and replaces the version that stood there.
"""

from __future__ import annotations

from catalogue.rules.nouns import FilingStatus, ProductStatus
from service.kernel.workflow import Step, Workflow

CLERK = "insurer_clerk"
MANAGER = "insurer_manager"
OFFICER = "committee_officer"
APPROVER = "committee_approver"
ADMIN = "committee_admin"

INSURER = frozenset({CLERK, MANAGER})
_OFFICER = frozenset({OFFICER})
_APPROVER = frozenset({APPROVER})
_NOBODY: frozenset[str] = frozenset()

_ENGLISH_FILING = {
    FilingStatus.DRAFT: "Draft",
    FilingStatus.SUBMITTED: "Submitted",
    FilingStatus.ACCEPTED: "Accepted for review",
    FilingStatus.RETURNED: "Returned for correction",
    FilingStatus.IN_REVIEW: "In review",
    FilingStatus.IN_LIBRARY: "In the library",
    FilingStatus.REJECTED: "Rejected",
    FilingStatus.REPLACED: "Replaced",
    FilingStatus.ABANDONED: "Withdrawn before a decision",
}
_ENGLISH_SHELF = {
    ProductStatus.NEW: "Not entered yet",
    ProductStatus.IN_LIBRARY: "In the library",
    ProductStatus.SUSPENDED: "Suspended",
    ProductStatus.WITHDRAWN: "Withdrawn",
}


def _abandon(source: FilingStatus) -> Step:
    return Step(
        source.value,
        "abandon",
        FilingStatus.ABANDONED.value,
        INSURER,
        "撤回报送",
        "Withdraw the filing",
        needs_note=source is not FilingStatus.DRAFT,
    )


def _give_back(source: FilingStatus) -> Step:
    return Step(
        source.value,
        "return",
        FilingStatus.RETURNED.value,
        _OFFICER,
        "退回补正",
        "Return for correction",
        needs_note=True,
    )


FILING = Workflow(
    name="filing",
    initial=FilingStatus.DRAFT.value,
    states={state.value: (state.zh, _ENGLISH_FILING[state]) for state in FilingStatus},
    steps=(
        Step("draft", "submit", "submitted", INSURER, "提交报送", "Submit"),
        Step("submitted", "accept", "accepted", _OFFICER, "受理", "Accept for review"),
        _give_back(FilingStatus.SUBMITTED),
        Step("accepted", "begin_review", "in_review", _OFFICER, "开始审核", "Begin the review"),
        _give_back(FilingStatus.IN_REVIEW),
        Step("returned", "resubmit", "submitted", INSURER, "补正后重新提交", "Submit again"),
        Step("in_review", "enter", "in_library", _APPROVER, "批准入库", "Enter into the library"),
        Step("in_review", "reject", "rejected", _APPROVER, "不予入库", "Reject", needs_note=True),
        _abandon(FilingStatus.DRAFT),
        _abandon(FilingStatus.SUBMITTED),
        _abandon(FilingStatus.ACCEPTED),
        _abandon(FilingStatus.RETURNED),
        _abandon(FilingStatus.IN_REVIEW),
        Step(
            "in_library",
            "replace",
            "replaced",
            _NOBODY,
            "由新版本替换",
            "Replaced by a later version",
            automatic=True,
        ),
    ),
    final=frozenset(
        {
            FilingStatus.REJECTED.value,
            FilingStatus.ABANDONED.value,
            FilingStatus.REPLACED.value,
        }
    ),
)

def _follow(source: str, event: str, target: str, label_zh: str) -> Step:
    """A step that follows from the correction of a library fact."""
    return Step(
        source, event, target, _NOBODY, label_zh, "A library fact was made void", automatic=True
    )


SHELF = Workflow(
    name="shelf",
    initial=ProductStatus.NEW.value,
    states={state.value: (state.zh, _ENGLISH_SHELF[state]) for state in ProductStatus},
    steps=(
        Step(
            "new",
            "enter",
            "in_library",
            _NOBODY,
            "首个版本入库",
            "First version entered",
            automatic=True,
        ),
        Step(
            "in_library", "suspend", "suspended", _APPROVER, "暂停在库", "Suspend", needs_note=True
        ),
        Step("suspended", "resume", "in_library", _APPROVER, "恢复在库", "Resume", needs_note=True),
        Step(
            "in_library",
            "withdraw",
            "withdrawn",
            frozenset({APPROVER, MANAGER}),
            "退出产品库",
            "Withdraw from the library",
            needs_note=True,
        ),
        Step(
            "suspended",
            "withdraw",
            "withdrawn",
            frozenset({APPROVER, MANAGER}),
            "退出产品库",
            "Withdraw from the library",
            needs_note=True,
        ),
        _follow("in_library", "void_entry", "withdrawn", "入库记录作废"),
        _follow("suspended", "void_entry", "withdrawn", "入库记录作废"),
        _follow("suspended", "void_suspension", "in_library", "暂停记录作废"),
    ),
    final=frozenset({ProductStatus.WITHDRAWN.value}),
)

_PREPARERS = frozenset({OFFICER, ADMIN})
RULE = Workflow(
    name="rule",
    initial="draft",
    states={"draft": ("草案", "Draft"), "published": ("已发布", "Published")},
    steps=(
        Step("draft", "change", "draft", _PREPARERS, "修改草案", "Change the draft"),
        Step(
            "draft", "refuse", "draft", _APPROVER, "退回修改", "Refuse to publish", needs_note=True
        ),
        Step("draft", "publish", "published", _APPROVER, "发布", "Publish"),
    ),
    final=frozenset({"published"}),
)
"""A rule file; a draft may also be withdrawn, which removes it. A published one never changes."""
