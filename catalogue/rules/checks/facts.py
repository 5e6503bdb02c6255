"""Frozen evidence about one line of an application, as the registry knows it.

What a firm states in its form is judged by :mod:`catalogue.rules.subsidy`; what other records say
about the same policy, invoice, contract, unit or payer stands here. Amounts are whole fen, rates
ppm, days dates in Shanghai. Empty text or None: not known.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

from catalogue.rules.subsidy.nouns import SubjectKind

_NOT_IN_KEYS = re.compile(r"[\s\-‐-―/\\._]")


def match_key(text: str) -> str:
    """Return a number or name without what differs between prints: width, case, spaces, dashes.

    The same folding as that of policy numbers (``policy.number_key``).
    """
    return _NOT_IN_KEYS.sub("", unicodedata.normalize("NFKC", text).upper())


@dataclass(frozen=True, slots=True)
class Party:
    """An organisation; ``legal_root`` is the USCC of its legal person."""

    uscc: str = ""
    name: str = ""
    legal_root: str = ""

    @property
    def root(self) -> str:
        """USCC of the legal person, or what is known of it."""
        return self.legal_root or self.uscc

    def same_person(self, other: Party) -> bool:
        """Whether both are known to belong to one legal person."""
        return bool(self.root) and self.root == other.root


@dataclass(frozen=True, slots=True)
class ReceiptEvidence:
    """Premium received, or given back when negative; ``payer_root`` if the payer is registered."""

    source: str
    amount_fen: int
    received_on: date
    payer_name: str = ""
    payer_uscc: str = ""
    payer_root: str = ""
    invoice_number: str = ""


@dataclass(frozen=True, slots=True)
class EndorsementEvidence:
    """A change of the policy; ``undone`` when another has mirrored it, ``mirror`` when it does."""

    number: int
    kind: str
    effective_on: date
    recorded_on: date
    premium_change_fen: int
    sum_change_fen: int
    undone: bool = False
    mirror: bool = False


@dataclass(frozen=True, slots=True)
class LossEvidence:
    """A claim payment on the policy."""

    reference: str
    loss_on: date
    paid_on: date
    paid_fen: int
    payee_name: str = ""


@dataclass(frozen=True, slots=True)
class InstalmentEvidence:
    """A part of the premium and the day it is due."""

    due_on: date
    amount_fen: int


@dataclass(frozen=True, slots=True)
class PolicyEvidence:
    """The policy as it stands after its endorsements.

    ``standing_start``: what held for the product on the first day of cover; ``standing_now`` on the
    day of application. ``main_clause``: file number of the main clause.
    """

    number: str
    status: str
    start_on: date
    end_on: date
    sum_insured_fen: int
    limit_fen: int
    premium_fen: int
    insured: Party = Party()
    insurer: Party = Party()
    insurers: tuple[Party, ...] = ()
    product: str = ""
    standing_start: str = ""
    standing_now: str = ""
    main_clause: str = ""
    instalments: tuple[InstalmentEvidence, ...] = ()
    receipts: tuple[ReceiptEvidence, ...] = ()
    endorsements: tuple[EndorsementEvidence, ...] = ()
    losses: tuple[LossEvidence, ...] = ()

    @property
    def own_receipts(self) -> tuple[ReceiptEvidence, ...]:
        """Receipts that are not public money and not refunds."""
        return tuple(r for r in self.receipts if r.source == "own" and r.amount_fen > 0)


@dataclass(frozen=True, slots=True)
class ContractEvidence:
    """A sale of the object; ``buyer`` carries the legal root if the buyer is registered."""

    id: int
    number: str
    signed_on: date
    amount_fen: int
    buyer: Party = Party()
    relation: str = "none"


@dataclass(frozen=True, slots=True)
class ObjectEvidence:
    """What is insured, with its units and every sale of it."""

    number: str
    kind: str
    name: str
    value_fen: int | None = None
    item: str = ""
    batch: str = ""
    software_version: str = ""
    copyright_number: str = ""
    serials: tuple[str, ...] = ()
    contracts: tuple[ContractEvidence, ...] = ()


@dataclass(frozen=True, slots=True)
class EnrolmentEvidence:
    """The enrolment that the line rests on, with the policy and firm it was made for."""

    number: str
    status: str
    policy: str
    enterprise: str
    contract_id: int | None = None


@dataclass(frozen=True, slots=True)
class CertificateEvidence:
    """A status certificate of the firm; ``valid_to`` None: without end."""

    kind: str
    number: str
    valid_from: date
    valid_to: date | None = None

    def holds(self, day: date) -> bool:
        """Whether it is valid on that day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True, slots=True)
class BanEvidence:
    """A ban of the firm or of another organisation of the same legal person."""

    party: Party
    from_on: date
    to_on: date
    clause: str = ""


@dataclass(frozen=True, slots=True)
class SchemeEvidence:
    """A scheme: ``instrument`` says in which way its money moves, ``group`` excludes its like."""

    code: str = ""
    group: str = ""
    instrument: str = ""


@dataclass(frozen=True, slots=True)
class Frequency:
    """Policies and claim payments of one insurer and of all the others, same kind of subject."""

    policies_count: int
    claims_count: int
    other_policies_count: int
    other_claims_count: int


@dataclass(frozen=True, slots=True)
class Match:
    """Another policy that shares something with the line, with its application if there is one.

    ``kind`` says what is shared, ``key`` how it is written in the line. ``application`` is empty
    when nobody has applied for that policy; ``applied_fen`` what was assessed or granted.
    """

    kind: str
    key: str
    policy: str
    firm: Party
    insurer: Party = Party()
    status: str = ""
    start_on: date | None = None
    end_on: date | None = None
    premium_fen: int = 0
    object_number: str = ""
    item: str = ""
    buyers: tuple[str, ...] = ()
    application: str = ""
    line: int = 0
    line_status: str = ""
    applied_on: date | None = None
    applied_fen: int = 0
    scheme: SchemeEvidence = SchemeEvidence()

    @property
    def applied(self) -> bool:
        """Whether public money was asked for this policy."""
        return bool(self.application)

    def record(self) -> dict[str, object]:
        """Return the matching record as the console shows it beside the line."""
        return {
            "kind": self.kind,
            "key": self.key,
            "number": self.policy,
            "application": f"{self.application}/{self.line}" if self.application else "",
            "status": self.line_status or self.status,
            "day": self.applied_on or self.start_on,
            "amount_fen": self.applied_fen if self.applied else self.premium_fen,
            "party": self.firm.name,
            "party_uscc": self.firm.uscc,
            "insurer": self.insurer.name,
            "scheme": self.scheme.code,
        }


@dataclass(frozen=True, slots=True)
class LineEvidence:
    """One line with everything the registry knows that bears on it. ``key``: number in the form."""

    key: str
    applied_on: date
    firm: Party
    policy: PolicyEvidence
    application: str = ""
    line_status: str = "open"
    applied_fen: int = 0
    account_name: str = ""
    account_number: str = ""
    scheme: SchemeEvidence = SchemeEvidence()
    object: ObjectEvidence | None = None
    enrolment: EnrolmentEvidence | None = None
    certificates: tuple[CertificateEvidence, ...] = ()
    bans: tuple[BanEvidence, ...] = ()
    frequency: Frequency | None = None
    matches: tuple[Match, ...] = ()

    @property
    def kind(self) -> str:
        """Kind of the insured object; a policy without one is general."""
        return self.object.kind if self.object else SubjectKind.GENERAL.value

    @property
    def contracts(self) -> tuple[ContractEvidence, ...]:
        """The sale that was enrolled, or every sale of the object."""
        if self.object is None:
            return ()
        chosen = self.enrolment.contract_id if self.enrolment else None
        named = tuple(c for c in self.object.contracts if c.id == chosen)
        return named or self.object.contracts
