"""Whether a request for consent is given, refused, open or expired, and who is missing (征求同意).

Silence is consent only where a clause says so, and then only of a member that was served and whose
deadline has passed (POOLS invariant 11). What is deemed is written by the `due` run, never judged
into being: until it is written the request stays open.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from coinsurance.rules.nouns import ConsentRule
from coinsurance.rules.workflows import CONSENT
from service.kernel.findings import Finding, Text, blocker, register
from service.kernel.shares import WHOLE_UNITS

CONSENTED, REFUSED, DEEMED, SILENT = "consented", "refused", "deemed", ""
ANSWERS = {
    CONSENTED: ("同意", "consent"),
    REFUSED: ("不同意", "refusal"),
    DEEMED: ("视为同意", "deemed consent"),
}
"""Every answer in Chinese and English words."""
OPEN, GIVEN, REFUSED_OUTCOME, EXPIRED = "open", "given", "refused", "expired"


@dataclass(frozen=True, slots=True)
class Party:
    """A member that was asked. `due_at`: the first moment too late, None until it was served."""

    key: str
    weight_units: int = 0
    answer: str = SILENT
    served_at: datetime | None = None
    due_at: datetime | None = None

    @property
    def agrees(self) -> bool:
        """Whether it counts as consenting."""
        return self.answer in (CONSENTED, DEEMED)

    def is_late(self, moment: datetime) -> bool:
        """Whether its time has passed without an answer."""
        return self.answer == SILENT and self.due_at is not None and moment >= self.due_at


@dataclass(frozen=True, slots=True)
class Request:
    """What is needed: the rule with its number, and whether silence may count."""

    rule: ConsentRule
    needed_count: int | None = None
    needed_units: int | None = None
    deemed_allowed: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """Where a request stands at a moment, by keys of the parties."""

    outcome: str
    consenting: tuple[str, ...]
    refusing: tuple[str, ...]
    missing: tuple[str, ...]
    to_deem: tuple[str, ...]
    consenting_units: int
    still_needed: int
    """Members, or units under a weighted rule, that are not there yet."""


def needed_units(threshold_units: int, weights_units: Sequence[int]) -> int:
    """Units that must consent: the threshold is a part of 10^8 of the weights that are asked.

    Rounded up, so that two thirds of three equal members are two of them and not fewer.
    """
    return max(1, -(-sum(weights_units) * threshold_units // WHOLE_UNITS))


def judge(request: Request, parties: Sequence[Party], moment: datetime) -> Judgement:
    """Return where a request stands at a moment.

    Given as soon as the rule is met; refused as soon as refusals alone keep it from being met;
    expired when only lateness does. A member that may still be deemed counts as able to answer.
    """
    agreeing = [p for p in parties if p.agrees]
    refusing = [p for p in parties if p.answer == REFUSED]
    silent = [p for p in parties if p.answer == SILENT]
    late = [p for p in silent if p.is_late(moment)]
    to_deem = [p for p in late if request.deemed_allowed and p.served_at is not None]
    lost = {p.key for p in late} - {p.key for p in to_deem}
    able = [p for p in silent if p.key not in lost]
    have, could, would = (_count(request, g) for g in (agreeing, able, silent))
    needed = _needed(request, parties)
    if have >= needed:
        outcome = GIVEN
    elif have + would < needed:
        outcome = REFUSED_OUTCOME
    elif have + could < needed:
        outcome = EXPIRED
    else:
        outcome = OPEN
    return Judgement(
        outcome,
        _keys(agreeing),
        _keys(refusing),
        _keys(silent),
        _keys(to_deem) if outcome == OPEN else (),
        sum(p.weight_units for p in agreeing),
        max(0, needed - have),
    )


def _needed(request: Request, parties: Sequence[Party]) -> int:
    if request.rule == ConsentRule.ALL:
        return len(parties)
    if request.rule == ConsentRule.ANY:
        return 1
    return (request.needed_count or request.needed_units) or 1


def _count(request: Request, parties: Iterable[Party]) -> int:
    weighted = request.rule == ConsentRule.WEIGHTED
    return sum(p.weight_units if weighted else 1 for p in parties)


def _keys(parties: Iterable[Party]) -> tuple[str, ...]:
    return tuple(p.key for p in parties)


def check_request(request: Request, parties: Sequence[Party]) -> list[Finding]:
    """Return what keeps a request from being put: nobody to ask, a number nobody can reach."""
    if not parties:
        return [blocker("consent.nobody", "parties")]
    if request.rule == ConsentRule.COUNT and (request.needed_count or 0) > len(parties):
        return [
            blocker(
                "consent.count_unreachable",
                "parties",
                needed=request.needed_count,
                asked=len(parties),
            )
        ]
    if request.rule == ConsentRule.WEIGHTED:
        weight = sum(p.weight_units for p in parties)
        if weight <= 0 or (request.needed_units or 0) > weight:
            return [
                blocker(
                    "consent.weights_unreachable",
                    "parties",
                    needed_units=request.needed_units or 0,
                    weight_units=weight,
                )
            ]
    return []


def status_words(status: str) -> dict[str, str]:
    """Where a request stands: its code, and in both languages."""
    zh, en = CONSENT.label(status), CONSENT.label(status, "en")
    return {"status": status, "status_zh": zh, "status_en": en}


def check_answer(party: Party | None, status: str, moment: datetime) -> list[Finding]:
    """Return what keeps a member from answering now: not asked, answered, closed, too late."""
    if party is None:
        return [blocker("consent.not_asked", "request")]
    if party.answer != SILENT:
        zh, en = ANSWERS[party.answer]
        words = {"answer": party.answer, "answer_zh": zh, "answer_en": en}
        return [blocker("consent.answered", "answer", **words)]
    if status != OPEN:
        return [blocker("consent.closed", "request", **status_words(status))]
    if party.due_at is not None and moment >= party.due_at:
        return [blocker("consent.too_late", "answer", due_at=party.due_at)]
    return []


_ASK_AGAIN = (
    "确有需要的，请发起人重新征求同意",
    "Ask who opened the request to put it again",
)

register(
    {
        "consent.nobody": Text(
            "没有可征求的成员",
            "There is no member to ask",
            "请先邀请成员加入，或填写被征求的机构",
            "Invite members first, or name the organisations to be asked",
        ),
        "consent.count_unreachable": Text(
            "须 {needed} 家同意，但只征求 {asked} 家",
            "{needed} members must consent, but only {asked} are asked",
            "请核对协议条款或成员名单",
            "Check the clause and the list of members",
        ),
        "consent.weights_unreachable": Text(
            "须份额达 {needed_units} 同意，但被征求成员的份额合计 {weight_units}",
            "Shares of {needed_units} must consent, but those asked hold {weight_units}",
            "请先确定各成员份额，或在表决时写明权重",
            "Settle the members' shares first, or state the weights with the vote",
        ),
        "consent.not_asked": Text(
            "本机构不在被征求之列",
            "Your organisation is not among those asked",
            "请核对征求事项的编号",
            "Check the number of the request",
        ),
        "consent.answered": Text(
            "本机构已答复“{answer_zh}”，答复后不能更改",
            "Your organisation has answered: {answer_en}; an answer is final",
            *_ASK_AGAIN,
        ),
        "consent.closed": Text(
            "该征求事项已办结（{status_zh}）",
            "The request is closed ({status_en})",
            *_ASK_AGAIN,
        ),
        "consent.too_late": Text(
            "答复期限已于 {due_at} 届满",
            "The time to answer ended at {due_at}",
            *_ASK_AGAIN,
        ),
    }
)
