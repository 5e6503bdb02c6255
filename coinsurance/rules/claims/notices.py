"""Notices to the members on a risk (通知与送达), joint surveys, and what holds a decision back.

A notice counts from when it was served; a member's own acknowledgement proves service. Data that
enters the system a member named is served then (民法典第一百三十七条); otherwise the handler states
how and when (POOLS invariant 11).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from coinsurance.rules.claims.deadlines import is_late
from coinsurance.rules.claims.nouns import Attendance, NoticeKind
from service.kernel.findings import Finding, Text, blocker, register, warning


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """One notice to one member, as stored."""

    member: str
    kind: NoticeKind
    due_on: date | None
    sent_at: datetime | None
    served_at: datetime | None
    acknowledged_at: datetime | None


@dataclass(frozen=True, slots=True)
class NoticeState:
    """How a notice stands at a moment: its Chinese state, and whether it is or was late."""

    state: str
    late: bool


def state_of(notice: NoticeFacts, now: datetime) -> NoticeState:
    """Judge a notice when it is read."""
    late = is_late(notice.served_at, notice.due_on, now)
    if notice.acknowledged_at is not None:
        return NoticeState("acknowledged", late)
    if notice.served_at is not None:
        return NoticeState("served", late)
    return NoticeState("sent" if notice.sent_at is not None else "pending", late)


def check_service(
    notice: NoticeFacts, served_at: datetime, now: datetime, field: str = "served_at"
) -> list[Finding]:
    """A notice is served once, after it was sent and not in the future."""
    if notice.sent_at is None:
        return [blocker("claim.notice_not_sent", field, member=notice.member)]
    if notice.served_at is not None:
        return [blocker("claim.notice_served_before", field, member=notice.member)]
    if served_at < notice.sent_at or served_at > now:
        member, sent_at = notice.member, notice.sent_at
        return [blocker("claim.served_out_of_time", field, member=member, sent_at=sent_at)]
    return []


def unserved(notices: Sequence[NoticeFacts], members: Sequence[str]) -> list[Finding]:
    """Which members on the risk were never served the notice of loss: a blocker for each."""
    served = {n.member for n in notices if n.kind is NoticeKind.LOSS and n.served_at is not None}
    return [
        blocker("claim.notice_unserved", "notices", member=member)
        for member in members
        if member not in served
    ]


def late_notices(notices: Sequence[NoticeFacts], now: datetime, clause: str) -> list[Finding]:
    """Notices of loss that were served late, or are not served and overdue: warnings."""
    return [
        warning("claim.notice_late", "notices", clause, member=n.member, due_on=n.due_on)
        for n in notices
        if n.kind is NoticeKind.LOSS and is_late(n.served_at, n.due_on, now)
    ]


@dataclass(frozen=True, slots=True)
class SurveyFacts:
    """What is known of the joint surveys when a claim is assessed.

    `attendance` holds the best that is known of each member; `invited` those served an invitation.
    """

    amount_fen: int
    threshold_fen: int | None
    clause: str
    members: tuple[str, ...]
    attendance: Mapping[str, Attendance]
    invited: frozenset[str]


def needs_joint_survey(amount_fen: int, threshold_fen: int | None) -> bool:
    """Above the agreed threshold all members survey together (541号: above 100,000)."""
    return threshold_fen is not None and amount_fen > threshold_fen


def check_survey(facts: SurveyFacts) -> list[Finding]:
    """Above the threshold every member came, gave up its place, or was invited and stayed away."""
    if not needs_joint_survey(facts.amount_fen, facts.threshold_fen):
        return []
    found = []
    for member in facts.members:
        seen = facts.attendance.get(member)
        if seen is None:
            found.append(blocker("claim.survey_missing", "surveys", facts.clause, member=member))
        elif seen is Attendance.ABSENT and member not in facts.invited:
            found.append(
                blocker("claim.survey_uninvited", "surveys", facts.clause, member=member)
            )
    return found


register(
    {
        "claim.notice_not_sent": Text(
            "给“{member}”的通知尚未发出，不能登记送达",
            "The notice to “{member}” has not been sent, so it cannot have been served",
            "请先发出通知",
            "Send the notice first",
        ),
        "claim.notice_served_before": Text(
            "给“{member}”的通知已登记过送达",
            "Service of the notice to “{member}” is already recorded",
            "送达时间只登记一次；如有误请在日志中说明",
            "Service is recorded once; explain a mistake in the journal",
        ),
        "claim.served_out_of_time": Text(
            "给“{member}”的通知：送达时间早于发出时间 {sent_at} 或晚于现在",
            "Notice to “{member}”: served before it was sent ({sent_at}) or in the future",
            "请填写实际送达时间",
            "State when it was really served",
            "民法典第一百三十七条",
        ),
        "claim.notice_unserved": Text(
            "出险通知尚未送达成员“{member}”",
            "The notice of loss has not been served on “{member}”",
            "请送达该成员并登记送达时间，再作决定",
            "Serve the member and record when, then decide",
            "POOLS 不变量 11",
        ),
        "claim.notice_late": Text(
            "给“{member}”的出险通知超过期限 {due_on}",
            "The notice of loss to “{member}” is later than {due_on}",
            "该成员可能以迟延通知抗辩；请保存迟延原因的证据",
            "The member may plead lateness; keep evidence of the cause",
            "POOLS §1.3（成都18557号案）",
        ),
        "claim.survey_missing": Text(
            "损失超过联合查勘标准，没有成员“{member}”的到场记录",
            "The loss is above the threshold for a joint survey; nothing is known of “{member}”",
            "请组织联合查勘并登记每个成员到场、未到场或书面放弃",
            "Survey together and record who came, stayed away or gave up its place",
            "POOLS §1.3（541号案）",
        ),
        "claim.survey_uninvited": Text(
            "成员“{member}”未到场，也没有收到过联合查勘通知",
            "“{member}” stayed away from the joint survey and was never served an invitation",
            "请先送达联合查勘通知，或重新组织查勘",
            "Serve an invitation first, or survey again",
            "POOLS §1.3（541号案）",
        ),
    }
)
