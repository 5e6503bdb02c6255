"""Evidence for the checks before money moves: everything the registry knows about lines.

Five statements for any number of lines. Compared are all applications that were handed in and are
neither refused nor withdrawn; drafts of other firms are nobody's business. The lines of one
application are compared with each other by the rules themselves (``check_lines``).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import msgspec

from catalogue.rules.checks.facts import (
    BanEvidence,
    CertificateEvidence,
    EnrolmentEvidence,
    Frequency,
    LineEvidence,
    Match,
    ObjectEvidence,
    Party,
    PolicyEvidence,
    SchemeEvidence,
)
from catalogue.subsidies import evidence_sql
from service.kernel.calendar import today
from service.kernel.db import sql
from service.kernel.errors import Refused
from service.kernel.rulebook import load

FREQUENCY_DAYS = 1095
"""Days before the first application of which policies are counted for claim frequency (example)."""


@dataclass(frozen=True, slots=True)
class LineSpec:
    """A line to collect evidence for: one that is stored, or one that a firm only thinks of.

    ``application_id`` and ``enrolment_id`` 0: none. Amounts in fen.
    """

    key: str
    scheme_id: int
    enterprise_id: int
    policy_id: int
    applied_on: date
    line_id: int = 0
    application_id: int = 0
    application: str = ""
    enrolment_id: int = 0
    line_status: str = "open"
    applied_fen: int = 0
    account_name: str = ""
    account_number: str = ""


@dataclass(frozen=True, slots=True)
class _Own:
    firm: Party
    policy: PolicyEvidence
    insurer_root: str
    object: ObjectEvidence | None = None
    enrolment: EnrolmentEvidence | None = None
    certificates: tuple[CertificateEvidence, ...] = ()
    bans: tuple[BanEvidence, ...] = ()


_OWN = msgspec.json.Decoder(_Own)
_MATCH = msgspec.json.Decoder(Match)


async def collect(application_ids: Iterable[int]) -> dict[int, LineEvidence]:
    """Return the evidence of every line of applications by line id; refused lines are left out."""
    return {
        line_id: line
        for lines in (await collect_by_application(application_ids)).values()
        for line_id, line in lines.items()
    }


async def collect_by_application(
    application_ids: Iterable[int],
) -> dict[int, dict[int, LineEvidence]]:
    """Return the evidence by application, then by line: what ``check_lines`` takes together."""
    specs = await specs_of(application_ids)
    found: dict[int, dict[int, LineEvidence]] = defaultdict(dict)
    for spec, line in zip(specs, await collect_specs(specs), strict=True):
        found[spec.application_id][spec.line_id] = line
    return dict(found)


async def specs_of(application_ids: Iterable[int]) -> list[LineSpec]:
    """Return the stored lines of applications; a draft counts as applied for today."""
    rows = await sql(evidence_sql.SPECS, sorted(set(application_ids)), today())
    return [LineSpec(**row) for row in rows]


async def collect_specs(specs: Sequence[LineSpec]) -> list[LineEvidence]:
    """Return the evidence of each spec, in order; nothing is written.

    Raises LookupError when a policy or an enterprise does not exist.
    """
    if not specs:
        return []
    own = await _own(specs)
    matches, schemes = await _matches(specs)
    frequency = await _frequency(specs)
    return [
        LineEvidence(
            key=spec.key,
            applied_on=spec.applied_on,
            firm=mine.firm,
            policy=mine.policy,
            application=spec.application,
            line_status=spec.line_status,
            applied_fen=spec.applied_fen,
            account_name=spec.account_name,
            account_number=spec.account_number,
            scheme=schemes.get(spec.scheme_id, SchemeEvidence()),
            object=mine.object,
            enrolment=mine.enrolment,
            certificates=mine.certificates,
            bans=mine.bans,
            frequency=_compared(frequency, mine),
            matches=tuple(found),
        )
        for spec, mine, found in zip(specs, own, matches, strict=True)
    ]


async def _own(specs: Sequence[LineSpec]) -> list[_Own]:
    rows = await sql(
        evidence_sql.OWN,
        [spec.policy_id for spec in specs],
        [spec.enterprise_id for spec in specs],
        [spec.enrolment_id for spec in specs],
        [spec.applied_on for spec in specs],
    )
    if len(rows) != len(specs):
        raise LookupError("a policy or an enterprise of the lines does not exist")
    return [_OWN.decode(row["own"]) for row in rows]


async def _matches(
    specs: Sequence[LineSpec],
) -> tuple[list[list[Match]], dict[int, SchemeEvidence]]:
    rows = await sql(
        evidence_sql.MATCHES,
        [spec.policy_id for spec in specs],
        [spec.application_id for spec in specs],
        [spec.account_number for spec in specs],
    )
    wanted = {row["scheme_id"] for row in rows} | {spec.scheme_id for spec in specs}
    schemes = await _schemes(wanted - {0})
    found: list[list[Match]] = [[] for _ in specs]
    for row in rows:
        match = _MATCH.decode(row["match"])
        if row["scheme_id"]:
            match = replace(match, scheme=schemes[row["scheme_id"]])
        found[row["n"] - 1].append(match)
    return found, schemes


async def _schemes(ids: set[int]) -> dict[int, SchemeEvidence]:
    rows = await sql(evidence_sql.SCHEMES, sorted(ids))
    return {
        row["id"]: SchemeEvidence(
            row["code"], row["exclusivity_group"], _instrument(row["hash"], row["body"])
        )
        for row in rows
    }


@lru_cache(maxsize=256)
def _instrument(_hash: str, body: str) -> str:
    """The instrument of a rule; empty when the rule names none."""
    try:
        return load(body).text("instrument")
    except (Refused, KeyError, TypeError):
        return ""


Counts = dict[tuple[str, str], tuple[int, int]]


async def _frequency(specs: Sequence[LineSpec]) -> Counts:
    days = [spec.applied_on for spec in specs]
    rows = await sql(evidence_sql.FREQUENCY, min(days) - timedelta(days=FREQUENCY_DAYS), max(days))
    return {
        (row["legal_root"], row["kind"]): (row["policies_count"], row["claims_count"])
        for row in rows
    }


def _compared(counts: Counts, own: _Own) -> Frequency:
    """The insurer of a policy against all others, for the same kind of subject."""
    kind = own.object.kind if own.object else "general"
    same_kind = [(root, *both) for (root, of), both in counts.items() if of == kind]
    policies, claims = counts.get((own.insurer_root, kind), (0, 0))
    return Frequency(
        policies_count=policies,
        claims_count=claims,
        other_policies_count=sum(count for _, count, _ in same_kind) - policies,
        other_claims_count=sum(count for _, _, count in same_kind) - claims,
    )
