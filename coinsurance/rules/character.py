"""The legal-character check (共保法律性质核查): is it co-insurance, or reinsurance so named?

The regulator asks for five sames (保监发〔2002〕16号), for the insured's consent, a policy signed
by all or issued with the agreement attached, and a fee clearly unlike reinsurance commission
(保监发〔2006〕31号). The courts look at substance over form: a follower that is no insurer of the
policy, or whose part follows the cash received, is a reinsurer. Every item is answered, passed or
not, with its facts and its source, so that the sheet can be printed and read in court.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

from coinsurance.rules import character_texts as _texts  # noqa: F401  registers the texts
from service.kernel.findings import Finding, blocker, warning
from service.kernel.shares import WHOLE_UNITS

LAW_2002 = "保监发〔2002〕16号"
LAW_2006 = "保监发〔2006〕31号"
COURT = "北京金融法院：实质重于形式"


@dataclass(frozen=True, slots=True)
class InsurerTerms:
    """The terms an insurer stands in for: what the five sames compare."""

    contract: str
    subject: str
    liability: str
    start_on: date
    end_on: date
    sum_insured_fen: int


@dataclass(frozen=True, slots=True)
class CoInsurerFacts:
    """One insurer of the policy. `basis` is how its part of premium and loss is measured.

    `named` : whether policy or attached agreement names it as an insurer to the insured.
    """

    name: str
    uscc: str
    legal_root: str
    kind: str
    active: bool
    share_units: int
    terms: InsurerTerms
    named: bool = True
    basis: str = "signed_share"
    conditions: str = ""


@dataclass(frozen=True, slots=True)
class CharacterFacts:
    """What the check is about. Rates in ppm; None: not agreed, or not there.

    `issued` : `all_sign` when every insurer signs the policy, `agreement_attached` when the lead
    issues it with the agreement attached.
    """

    subject: str
    today: date
    issued: str
    consent_hash: str | None
    consented_on: date | None
    agreement_version: str
    agreement_hash: str
    agreement_effective: bool
    lead_fee_ppm: int | None
    commission_ppm: int | None
    distance_min_ppm: int | None
    insurers: tuple[CoInsurerFacts, ...]


@dataclass(frozen=True, slots=True)
class Item:
    """One question of the check with its answer."""

    code: str
    zh: str
    en: str
    source: str
    passed: bool
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Character:
    """The whole check; `hash` covers facts and answers."""

    items: tuple[Item, ...]
    content: dict[str, Any]
    hash: str

    @property
    def passed(self) -> bool:
        """Whether every item passed."""
        return all(item.passed for item in self.items)

    @property
    def findings(self) -> list[Finding]:
        """Everything found, in the order of the items."""
        return [finding for item in self.items for finding in item.findings]


def _same(
    facts: CharacterFacts, read: Callable[[InsurerTerms], object], what: str
) -> list[Finding]:
    """Insurers whose terms differ from those of the first one."""
    if not facts.insurers:
        return []
    first = read(facts.insurers[0].terms)
    return [
        blocker(
            "character.not_same",
            f"insurers.{n}",
            LAW_2002,
            member=insurer.name,
            what_zh=_SAMES[what][0],
            what_en=_SAMES[what][1],
            theirs=_shown(read(insurer.terms)),
            ours=_shown(first),
        )
        for n, insurer in enumerate(facts.insurers)
        if read(insurer.terms) != first
    ]


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " – ".join(_shown(part) for part in value)
    if isinstance(value, int):
        return f"{value // 100:,}.{value % 100:02d} 元"
    return value.isoformat() if isinstance(value, date) else str(value)


_SAMES: dict[str, tuple[str, str]] = {
    "contract": ("同一保险合同", "same contract"),
    "subject": ("同一保险标的", "same subject"),
    "liability": ("同一保险责任", "same liability"),
    "period": ("同一保险期限", "same period"),
    "sum": ("同一保险金额", "same sum insured"),
}
"""The five sames (五个同一)."""


def same_contract(facts: CharacterFacts) -> list[Finding]:
    """All insurers stand in one insurance contract."""
    return _same(facts, lambda terms: terms.contract, "contract")


def same_subject(facts: CharacterFacts) -> list[Finding]:
    """All insurers cover the same subject."""
    return _same(facts, lambda terms: terms.subject, "subject")


def same_liability(facts: CharacterFacts) -> list[Finding]:
    """All insurers owe the same cover; a condition of one of them is pointed out."""
    return _same(facts, lambda terms: terms.liability, "liability") + [
        warning(
            "character.own_condition",
            f"insurers.{n}",
            LAW_2002,
            member=insurer.name,
            condition=insurer.conditions,
        )
        for n, insurer in enumerate(facts.insurers)
        if insurer.conditions
    ]


def same_period(facts: CharacterFacts) -> list[Finding]:
    """All insurers are on risk for the same period."""
    return _same(facts, lambda terms: (terms.start_on, terms.end_on), "period")


def same_sum(facts: CharacterFacts) -> list[Finding]:
    """All insurers share one sum insured; a second sum would be another insurance."""
    return _same(facts, lambda terms: terms.sum_insured_fen, "sum")


def several_insurers(facts: CharacterFacts) -> list[Finding]:
    """Two or more insurers that together carry the whole."""
    found = []
    if len(facts.insurers) < 2:
        found.append(
            blocker("character.one_insurer", "insurers", LAW_2002, count=len(facts.insurers))
        )
    total = sum(insurer.share_units for insurer in facts.insurers)
    if total != WHOLE_UNITS:
        found.append(
            blocker(
                "shares.not_whole",
                "insurers",
                total_units=total,
                whole_units=WHOLE_UNITS,
                difference_units=total - WHOLE_UNITS,
            )
        )
    return found


def insured_consents(facts: CharacterFacts) -> list[Finding]:
    """The insured agreed in writing that several insurers carry its risk."""
    if facts.consent_hash is None or facts.consented_on is None:
        return [blocker("character.no_consent", "consent_document", LAW_2006)]
    if facts.consented_on > facts.today:
        return [blocker("character.consent_in_future", "consented_on", day=facts.consented_on)]
    return []


def contract_shown(facts: CharacterFacts) -> list[Finding]:
    """All insurers sign the policy, or the lead issues it with an agreement in force attached."""
    if facts.issued == "all_sign":
        return []
    if facts.issued != "agreement_attached":
        return [blocker("character.agreement_missing", "issued", LAW_2006)]
    if not facts.agreement_version or not facts.agreement_hash:
        return [blocker("character.agreement_missing", "issued", LAW_2006)]
    if not facts.agreement_effective:
        return [
            blocker(
                "character.agreement_not_effective",
                "issued",
                LAW_2006,
                version=facts.agreement_version,
            )
        ]
    return []


def fee_unlike_commission(facts: CharacterFacts) -> list[Finding]:
    """The lead's fee stays clearly away from the usual reinsurance commission."""
    if facts.lead_fee_ppm is None or facts.lead_fee_ppm == 0:
        return []
    if facts.commission_ppm is None or facts.distance_min_ppm is None:
        return [blocker("character.no_benchmark", "lead_fee", LAW_2006)]
    apart = abs(facts.lead_fee_ppm - facts.commission_ppm)
    if apart >= facts.distance_min_ppm:
        return []
    return [
        blocker(
            "character.fee_like_commission",
            "lead_fee",
            LAW_2006,
            fee_ppm=facts.lead_fee_ppm,
            commission_ppm=facts.commission_ppm,
            apart_ppm=apart,
            needed_ppm=facts.distance_min_ppm,
        )
    ]


def distinct_persons(facts: CharacterFacts) -> list[Finding]:
    """Branches of one legal person are not co-insurers of each other (that is 联保)."""
    roots = [insurer.legal_root for insurer in facts.insurers]
    return [
        blocker(
            "character.one_legal_person",
            f"insurers.{n}",
            LAW_2002,
            member=insurer.name,
            other=facts.insurers[roots.index(insurer.legal_root)].name,
        )
        for n, insurer in enumerate(facts.insurers)
        if insurer.legal_root in roots[:n]
    ]


def direct_insurers(facts: CharacterFacts) -> list[Finding]:
    """Every member is a direct insurer of this insured, known to it by name."""
    found = []
    for n, insurer in enumerate(facts.insurers):
        if insurer.kind != "insurer" or not insurer.active:
            found.append(
                blocker(
                    "character.not_direct",
                    f"insurers.{n}",
                    COURT,
                    member=insurer.name,
                    kind=insurer.kind,
                )
            )
        if not insurer.named:
            found.append(
                blocker("character.not_named", f"insurers.{n}", COURT, member=insurer.name)
            )
    return found


def by_signed_share(facts: CharacterFacts) -> list[Finding]:
    """Every part follows the signed share, never the cash that was received."""
    return [
        blocker("character.by_cash", f"insurers.{n}", COURT, member=insurer.name)
        for n, insurer in enumerate(facts.insurers)
        if insurer.basis != "signed_share" or insurer.share_units <= 0
    ]


_Check = Callable[[CharacterFacts], list[Finding]]
ITEMS: tuple[tuple[str, str, str, str, _Check], ...] = (
    ("same_contract", "同一保险合同", "Same contract", LAW_2002, same_contract),
    ("same_subject", "同一保险标的", "Same subject", LAW_2002, same_subject),
    ("same_liability", "同一保险责任", "Same liability", LAW_2002, same_liability),
    ("same_period", "同一保险期限", "Same period", LAW_2002, same_period),
    ("same_sum", "同一保险金额", "Same sum insured", LAW_2002, same_sum),
    ("several_insurers", "两家以上保险人足额承保", "Several insurers", LAW_2002, several_insurers),
    ("insured_consents", "被保险人书面同意", "Insured's consent", LAW_2006, insured_consents),
    (
        "contract_shown",
        "共同签署保单或附共保协议",
        "Signed by all, or agreement attached",
        LAW_2006,
        contract_shown,
    ),
    (
        "fee_unlike_commission",
        "出单费明显区别于分保手续费",
        "Fee clearly unlike reinsurance commission",
        LAW_2006,
        fee_unlike_commission,
    ),
    ("distinct_persons", "不属同一法人", "Distinct legal persons", LAW_2002, distinct_persons),
    ("direct_insurers", "均为直接保险人", "Direct insurers", COURT, direct_insurers),
    ("by_signed_share", "按签署份额而非实收保费", "By signed share", COURT, by_signed_share),
)
"""The items in the order of the printed sheet."""


def check(facts: CharacterFacts) -> Character:
    """Answer every item; the hash is taken over facts and answers."""
    items = []
    for code, zh, en, source, ask in ITEMS:
        found = tuple(ask(facts))
        passed = not any(finding.blocks for finding in found)
        items.append(Item(code, zh, en, source, passed, found))
    content = {
        "facts": facts_of(facts),
        "items": [_item(item) for item in items],
        "passed": all(item.passed for item in items),
    }
    return Character(tuple(items), content, content_hash(content))


def facts_of(facts: CharacterFacts) -> dict[str, Any]:
    """The facts as plain values: what a later check of the same risk is compared with."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(facts), default=_plain))
    return plain


def content_hash(content: object) -> str:
    """SHA-256 over the canonical JSON of a check."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def standing(kept: dict[str, Any], now: CharacterFacts) -> bool:
    """Whether a kept check is still about the facts as they are; the day of asking may differ."""
    return _timeless(kept) == _timeless(facts_of(now))


def _timeless(facts: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in facts.items() if name != "today"}


def _plain(value: object) -> object:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{value!r} is not plain")


def _item(item: Item) -> dict[str, Any]:
    return {
        "code": item.code,
        "zh": item.zh,
        "en": item.en,
        "source": item.source,
        "passed": item.passed,
        "findings": [finding.as_dict() for finding in item.findings],
    }
