"""Who may read files of a risk (风险资料): confidential ones named persons only, for a period."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from catalogue.rules.nouns import Term
from service.kernel.findings import Finding, Text, blocker, register

GRANT_DAYS_MAX = 366


class RiskFileKind(Term):
    """What a file of a risk is (资料类别)."""

    SURVEY = "survey", "查勘报告", "What a survey found on site."
    VALUES = "values", "价值清单", "The schedule of values with its evidence."
    PROCESS = "process", "工艺与图纸", "Layout, process and equipment of the insured."
    CONSENT = "consent", "被保险人同意书", "The insured's consent to several insurers."
    EVIDENCE = "evidence", "书面凭证", "Papers of lines and conditions."
    OTHER = "other", "其他资料", "Anything else about the risk."


@dataclass(frozen=True, slots=True)
class Reader:
    """Who wants to read a file; `granted`: by a grant that holds today."""

    sees_all: bool
    uploaded_it: bool
    granted: bool


def may_read(confidential: bool, reader: Reader) -> bool:
    """Whether a person who sees the risk reads a file of it; being a colleague is not enough."""
    return not confidential or reader.sees_all or reader.uploaded_it or reader.granted


def check_grant(
    from_on: date, to_on: date, today: date, *, confidential: bool, is_party: bool
) -> list[Finding]:
    """A grant names a person of a party, for a period that is not over and not for ever."""
    found = []
    if not confidential:
        found.append(blocker("file.open_anyway", "reader"))
    if not is_party:
        found.append(blocker("file.reader_no_party", "reader"))
    if to_on < from_on:
        found.append(blocker("file.grant_reversed", "to_on", start=from_on))
    elif to_on < today:
        found.append(blocker("file.grant_over", "to_on", today=today))
    elif (to_on - from_on).days >= GRANT_DAYS_MAX:
        found.append(blocker("file.grant_too_long", "to_on", days=GRANT_DAYS_MAX))
    return found


register(
    {
        "file.open_anyway": Text(
            "该资料不是保密资料，各成员均可查阅",
            "The file is not confidential: every member reads it",
            "无须授权",
            "No grant is needed",
        ),
        "file.reader_no_party": Text(
            "该人员不是本业务年度成员或被保险人的在职用户",
            "The person belongs neither to an active member nor to the insured",
            "请填写成员机构或被保险人的用户名",
            "Name a user of a member or of the insured",
        ),
        "file.grant_reversed": Text(
            "授权止期早于起期 {start}",
            "The grant ends before it starts on {start}",
            "请核对授权期间",
            "Check the period",
        ),
        "file.grant_over": Text(
            "授权止期早于今天 {today}",
            "The grant would be over before today {today}",
            "请填写今天或以后的日期",
            "Give today or a later day",
        ),
        "file.grant_too_long": Text(
            "授权期间最长 {days} 天",
            "A grant lasts at most {days} days",
            "请缩短期间，到期后可再次授权",
            "Shorten it; it can be granted again",
        ),
        "file.no_grant": Text(
            "保密资料只供获授权的人员在授权期间内查阅",
            "A confidential file is read by those it was granted to, while the grant holds",
            "请向出单人或被保险人申请授权",
            "Ask the issuer or the insured for a grant",
        ),
        "file.keeper_only": Text(
            "资料的授权和查阅记录由出单人和被保险人掌握",
            "Grants and views of a file belong to the issuer and the insured",
            "请联系出单人",
            "Ask the issuer",
        ),
    }
)
