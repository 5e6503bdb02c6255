"""The rule books of agreements (``books/pools``): their keys, their values, their worked cases.

One family per pool, named ``pool/<code>``. The keys are the fields of :class:`AgreementTerms`; the
source of a value is the clause of the agreement (第八条). A key that is absent was not agreed. What
no public document says is marked ``example = true`` and the note tells where the number is from.

To add a clause: a field in ``terms``, a line in SCHEMA and READERS here, its words in ``words``,
its check in ``checks`` where values must fit together, a case in a pool file.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache

from coinsurance.rules.agreement import texts as _texts  # noqa: F401  registers the texts
from coinsurance.rules.agreement.reading import fill, listed, member, whole, word, words
from coinsurance.rules.agreement.terms import (
    AgreementTerms,
    Authority,
    Backdating,
    BackstopBand,
    ConsentTerm,
    Deadline,
    DisputeLevel,
    Entry,
    Facility,
    FeeBenchmark,
    Interest,
    LeadChoice,
    LeadFee,
    Netting,
    Remittance,
    ReSigning,
    ShareFee,
    Signing,
)
from coinsurance.rules.nouns import Component, ConsentMatter, PoolRole, ShareMode
from coinsurance.rules.settlement.day_count import DayCount
from service.kernel.errors import Refused
from service.kernel.findings import Finding, blocker
from service.kernel.money import Rounding
from service.kernel.rulebook import Key, Kind, RuleBook, Schema, load

FAMILY_PREFIX = "pool/"
CODE_CHARACTERS_MAX = 30
VERSION_CHARACTERS_MAX = 24
LEAD_RULES = ("largest_share", "elected")
LEAD_TIES = ("position", "capacity", "joined", "uscc", "drawn")
CAPACITY_BASES = ("risk", "event", "aggregate")
LEAD_FEE_BASES = ("follower_premium", "follower_premium_without_tax")
REMITTANCE_MODES = ("gross", "net")
NO_PREMIUM_NO_COVER = ("none", "first_instalment", "full_premium")
"""Cover begins regardless of payment, with the first instalment, or with the whole premium."""
ZONE_KINDS = ("park", "building", "cleanroom", "process")
DAY_COUNTS = tuple(basis.value for basis in DayCount)
SHARE_FEE_BASES = ("premium_gross", "premium_without_tax")
EXPENSE_SHARING = ("by_share", "handler_bears")
PERIODS = ("month", "quarter")
NETTING_MATTERS = ("premium", "fees", "claims", "expenses", "recoveries", "interest")
CONSENT_KEYS = {matter: f"consent_{matter}" for matter in ConsentMatter}

SCHEMA: Schema = {
    "pool_name": Key(Kind.TEXT),
    "industry": Key(Kind.TEXT),
    "classes": Key(Kind.LIST),
    "product_types": Key(Kind.LIST, required=False),
    "zone_kinds": Key(Kind.LIST),
    "share_mode": Key(Kind.TEXT, choices=tuple(mode.value for mode in ShareMode)),
    "capacity_basis": Key(Kind.TEXT, required=False, choices=CAPACITY_BASES),
    "currency": Key(Kind.TEXT),
    "lead_choice": Key(Kind.TABLE),
    "entry": Key(Kind.TABLE, required=False),
    "exit_notice": Key(Kind.TABLE, required=False),
    "default_grace": Key(Kind.TABLE, required=False),
    "re_signing": Key(Kind.TABLE, required=False),
    "signing": Key(Kind.TABLE, required=False),
    "facility": Key(Kind.TABLE, required=False),
    "backdating": Key(Kind.TABLE, required=False),
    "no_premium_no_cover": Key(Kind.TEXT, required=False, choices=NO_PREMIUM_NO_COVER),
    "remittance": Key(Kind.TABLE),
    "lead_fee": Key(Kind.TABLE, required=False),
    "broker_fee": Key(Kind.TABLE, required=False),
    "admin_fee": Key(Kind.TABLE, required=False),
    "fee_whitelist": Key(Kind.LIST, required=False),
    "fee_benchmark": Key(Kind.TABLE, required=False),
    "rounding_fee": Key(Kind.TEXT, required=False, choices=tuple(r.value for r in Rounding)),
    "premium_tax_ppm": Key(Kind.WHOLE, "ppm", required=False),
    "notice": Key(Kind.TABLE, required=False),
    "survey_threshold_fen": Key(Kind.WHOLE, "fen", required=False),
    "authority": Key(Kind.LIST, required=False),
    "payment": Key(Kind.TABLE, required=False),
    "reimbursement": Key(Kind.TABLE, required=False),
    "cash_call": Key(Kind.TABLE, required=False),
    "cash_call_threshold_fen": Key(Kind.WHOLE, "fen", required=False),
    "expense_sharing": Key(Kind.TEXT, required=False, choices=EXPENSE_SHARING),
    "large_loss_fen": Key(Kind.WHOLE, "fen", required=False),
    "interest": Key(Kind.TABLE, required=False),
    "netting": Key(Kind.TABLE, required=False),
    "backstop": Key(Kind.LIST, required=False),
    "statement_period": Key(Kind.TEXT, required=False, choices=PERIODS),
    "statement_answer": Key(Kind.TABLE, required=False),
    "dispute_levels": Key(Kind.LIST, required=False),
    **{key: Key(Kind.TABLE) for key in CONSENT_KEYS.values()},
}

_ROLES = [role.value for role in PoolRole]
_Read = Callable[[RuleBook, str], object]
_Choices = Mapping[str, Collection[str]]


def _table(kind: type[object], choices: _Choices | None = None) -> _Read:
    return lambda book, key: fill(kind, key, book.table(key), choices)


def _rows(kind: type[object], choices: _Choices | None = None) -> _Read:
    return lambda book, key: tuple(
        fill(kind, f"{key}.{position}", item, choices)
        for position, item in enumerate(listed(key, book.items(key)))
    )


def _codes(choices: Collection[str] = ()) -> _Read:
    return lambda book, key: words(key, book.items(key), choices)


def _word(book: RuleBook, key: str) -> object:
    return word(key, book.text(key))


def _whole(book: RuleBook, key: str) -> object:
    return whole(key, book.whole(key))


READERS: Mapping[str, _Read] = {
    "pool_name": _word,
    "industry": _word,
    "classes": _codes(),
    "product_types": _codes(),
    "zone_kinds": _codes(ZONE_KINDS),
    "share_mode": lambda book, key: member(ShareMode, key, book.text(key)),
    "capacity_basis": _word,
    "currency": _word,
    "lead_choice": _table(LeadChoice, {"rule": LEAD_RULES, "tie": LEAD_TIES}),
    "entry": _table(Entry),
    "exit_notice": _table(Deadline),
    "default_grace": _table(Deadline),
    "re_signing": _table(ReSigning),
    "signing": _table(Signing),
    "facility": _table(Facility),
    "backdating": _table(Backdating),
    "no_premium_no_cover": _word,
    "remittance": _table(Remittance, {"mode": REMITTANCE_MODES}),
    "lead_fee": _table(LeadFee, {"base": LEAD_FEE_BASES}),
    "broker_fee": _table(ShareFee, {"base": SHARE_FEE_BASES}),
    "admin_fee": _table(ShareFee, {"base": SHARE_FEE_BASES}),
    "fee_whitelist": _codes([component.value for component in Component]),
    "fee_benchmark": _table(FeeBenchmark),
    "rounding_fee": _word,
    "premium_tax_ppm": _whole,
    "notice": _table(Deadline),
    "survey_threshold_fen": _whole,
    "authority": _rows(Authority, {"role": _ROLES}),
    "payment": _table(Deadline),
    "reimbursement": _table(Deadline),
    "cash_call": _table(Deadline),
    "cash_call_threshold_fen": _whole,
    "expense_sharing": _word,
    "large_loss_fen": _whole,
    "interest": _table(Interest, {"day_count": DAY_COUNTS}),
    "netting": _table(Netting, {"sets": NETTING_MATTERS}),
    "backstop": _rows(BackstopBand),
    "statement_period": _word,
    "statement_answer": _table(Deadline),
    "dispute_levels": _rows(DisputeLevel),
}
"""How each key is read; it fills the field of its name."""


def is_pool_family(family: str) -> bool:
    """Whether a family of rule books is an agreement of a pool."""
    return family.startswith(FAMILY_PREFIX) and family != FAMILY_PREFIX


def agreement_terms(book: RuleBook) -> AgreementTerms:
    """Return what a book says; raises Refused with one finding for each unusable key."""
    found: list[Finding] = []
    read = {key: _read(book, key, reader, found) for key, reader in READERS.items()}
    term = _table(ConsentTerm)
    consents = {m.value: _read(book, key, term, found) for m, key in CONSENT_KEYS.items()}
    if found:
        raise Refused(found)
    return AgreementTerms(
        version=f"{book.family}/{book.version}",
        hash=book.hash,
        title_zh=book.title_zh,
        valid_from=book.valid_from,
        valid_to=book.valid_to,
        clauses=book.values,
        pool_code=book.family.removeprefix(FAMILY_PREFIX),
        consents=consents,  # type: ignore[arg-type]
        **{key: value for key, value in read.items() if value is not None},  # type: ignore[arg-type]
    )


def _read(book: RuleBook, key: str, reader: _Read, found: list[Finding]) -> object:
    if key not in book.values:
        if SCHEMA[key].required:
            found.append(blocker("rulebook.missing_key", f"values.{key}", key=key))
        return None
    try:
        return reader(book, key)
    except (TypeError, ValueError) as error:
        clause = book.source(key)
        found.append(
            blocker("agreement.value", f"values.{key}", clause, key=key, detail=str(error))
        )
        return None


@lru_cache(maxsize=256)
def terms_of(body: str) -> AgreementTerms:
    """The terms of a stored agreement text, read once; raises Refused."""
    return agreement_terms(load(body))
