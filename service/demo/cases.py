"""The cases of the demo: which firm insures what from when, and how its application ends.

A case is one line of cases.csv. Its path is put together from the parts below; what happens on a
named day stands in the column `later`.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources

from service.demo import plot
from service.demo.plot import Act

_POLICY = "record:1 receive:2 confirm:2"
_ENROL = "enrol:1 hand_enrolment:1 confirm_enrolment:3 recognise:4"
_RECOGNISED = f"{_POLICY} {_ENROL}"
_QUOTA = "ask:1 recommend:3 examine:4 grant:3"
ENROLMENTS: dict[str, str] = {
    "": _POLICY,
    "pooled": _POLICY,
    "imported": "record_file:1 confirm:2",
    "active": _RECOGNISED,
    "short": _RECOGNISED,
    "future": _RECOGNISED,
    "revoked": f"{_RECOGNISED} revoke_enrolment:40",
    "refused": f"{_POLICY} enrol:1 hand_enrolment:1 confirm_enrolment:3 refuse_enrolment:5",
    "confirmed": f"{_POLICY} enrol:1 hand_enrolment:1 confirm_enrolment:2",
    "returned": f"{_POLICY} enrol:1 hand_enrolment:1 return_enrolment:3",
    "submitted": f"{_POLICY} enrol:1 hand_enrolment:1",
    "draft": f"{_POLICY} enrol:1",
    "quota_asked": "ask:1",
    "quota_recommended": "ask:1 recommend:3",
    "quota_reviewed": "ask:1 recommend:3 examine:4",
    "quota_refused": "ask:1 recommend:3 refuse_quota:5",
    "quota_revoked": f"{_QUOTA} revoke_quota:40",
    "quota_short": _QUOTA,
}
"""What becomes of policy, enrolment and qualification, by the column `enrol`.

`pooled`: three insurers share the policy. `imported`: it came with its premium in a file.
"""
_IN = "apply:4 hand_in:1"
_REVIEW = f"{_IN} accept:3 begin:2 first:4"
_NOTICE = f"{_REVIEW} second:4 announce:1"
_CORRECTED = f"{_IN} give_back:3 hand_in:4 accept:2 begin:2 first:4 second:4 announce:1"
CLAIMS: dict[str, str] = {
    "": "",
    "draft": "apply:4",
    "submitted": _IN,
    "accepted": f"{_IN} accept:3",
    "returned": f"{_IN} give_back:4",
    "lapsed": f"{_IN} give_back:4",
    "withdrawn": f"{_IN} accept:3 withdraw:2",
    "not_accepted": f"{_IN} refuse:4",
    "first_review": f"{_IN} accept:3 begin:2",
    "doubled": f"{_IN} accept:3 begin:2",
    "one_account": f"{_IN} accept:3 begin:2",
    "direct": f"{_NOTICE} approve:9",
    "second_review": _REVIEW,
    "public_notice": _NOTICE,
    "objection": f"{_NOTICE} object:2 admit:2",
    "upheld": f"{_NOTICE} object:2 admit:2 uphold:4",
    "dismissed": f"{_NOTICE} object:2 admit:2 dismiss:4 approve:8",
    "refused": f"{_REVIEW} refuse:4",
    "approved": f"{_NOTICE} approve:9",
    "paid": f"{_NOTICE} approve:9",
    "corrected": f"{_CORRECTED} approve:9",
    "evaluated": f"{_NOTICE} approve:9 evaluate:60",
    "revoked": f"{_NOTICE} approve:9 revoke:2",
}
"""What becomes of the application, by the column `claim`; batches pay what was approved.

Planted: `doubled` firms show one invoice, `one_account` firms were paid for from one account.
`direct`: the firm pays its own part, the scheme pays the rest to the insurer.
"""


@dataclass(frozen=True, slots=True)
class Case:
    """One line of cases.csv; `sum_fen` is the sum insured wanted, `firm` counts from 1."""

    number: int
    firm: int
    product: str
    kind: str
    start: date
    sum_fen: int
    enrol: str
    claim: str
    later: str


def cases() -> list[Case]:
    """Every case of the demo, as the file has them."""
    text = (resources.files("service.demo") / "cases.csv").read_text("utf-8")
    return [
        Case(
            number=number,
            firm=int(row["firm"]),
            product=row["product"],
            kind=row["kind"],
            start=date.fromisoformat(row["start"]),
            sum_fen=int(row["sum"]) * 1_000_000,
            enrol=row["enrol"],
            claim=row["claim"],
            later=row["later"],
        )
        for number, row in enumerate(csv.DictReader(io.StringIO(text)), 1)
    ]


def acts(case: Case) -> list[Act]:
    """Everything that happens in one case, in order."""
    parts = []
    if case.kind != "general":
        parts.append("register:1 sell:1")
    if case.kind == "first_batch" and not case.enrol.startswith("quota"):
        parts.append(_QUOTA)
    parts += [ENROLMENTS[case.enrol], CLAIMS[case.claim]]
    found = list(plot.walk(case.number, case.start, " ".join(parts)))
    last = found[-1].moment
    for event in filter(None, case.later.split(";")):
        verb, _, day = event.partition(":")
        act = Act(plot.moment(date.fromisoformat(day), case.number, 5), verb)
        last = act.moment if act.moment > last else last + plot.STEP
        found.append(replace(act, moment=last))
    return found
