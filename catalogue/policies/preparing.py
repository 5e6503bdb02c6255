"""A policy before it is recorded: what it names, looked up, and everything the rules say."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from catalogue.policies import texts as _texts  # noqa: F401  registers the texts
from catalogue.policy_forms import PolicyForm
from catalogue.products.counting import standing_on
from catalogue.rules.policies import CoInsurer, FiledBand, PolicyFacts, check_policy
from service.auth import Actor
from service.kernel.db import sql_row
from service.kernel.findings import Finding, blocker, blockers
from service.kernel.numbering import check_uscc, normalise_uscc
from service.kernel.shares import WHOLE_UNITS


@dataclass(slots=True)
class Seen:
    """What was looked up before, for the many policies of one file."""

    organisations: dict[str, Any] = field(default_factory=dict)
    products: dict[str, Any] = field(default_factory=dict)
    bands: dict[tuple[int, date], tuple[int, FiledBand]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A policy that can be written when none of its findings is a blocker."""

    form: PolicyForm
    findings: list[Finding]
    product_id: int | None = None
    version_id: int | None = None
    insured_id: int | None = None
    object_id: int | None = None
    insurer_ids: tuple[int, ...] = ()
    insurers: tuple[CoInsurer, ...] = ()


_OWN = "own"
_ORGANISATION = "SELECT id, uscc, legal_root, kind, active FROM organisation WHERE "


async def prepare(actor: Actor, form: PolicyForm, seen: Seen | None = None) -> Prepared:
    """Look up what a policy names and judge it; what is unknown is told once, by itself."""
    seen = seen or Seen()
    found: list[Finding] = []
    insured = await _organisation(form.insured_uscc, "insured_uscc", seen, found)
    product = await _product(form.product, seen, found)
    ids, insurers = await _insurers(actor, form, seen, found)
    band = FiledBand("in_library")
    version = None
    if product is not None:
        version, band = await _band(product, form.start_on, seen)
    goods = await _object(form.object) if form.object else None
    facts = PolicyFacts(
        start_on=form.start_on,
        end_on=form.end_on,
        sum_insured_fen=form.sum_insured_fen,
        limit_fen=form.limit_fen,
        rate_ppm=form.rate_ppm,
        premium_fen=form.premium_fen,
        insured_kind=insured["kind"] if insured else "enterprise",
        insured_active=insured["active"] if insured else True,
        object_owner_is_insured=not form.object
        or (goods is not None and insured is not None and goods["owner"] == insured["id"]),
        insurers=insurers,
        instalments=tuple((i.due_on, i.amount_fen) for i in form.instalments),
        band=band,
    )
    found += check_policy(facts)
    if product is not None:
        found += _lead(actor, product, ids)
    return Prepared(
        form,
        sorted(found, key=lambda finding: not finding.blocks),
        product["id"] if product else None,
        version,
        insured["id"] if insured else None,
        goods["id"] if goods else None,
        tuple(ids),
        insurers,
    )


async def _object(number: str) -> Any:
    return await sql_row("SELECT id, owner FROM insured_object WHERE number = $1", number)


async def _organisation(text: str, place: str, seen: Seen, found: list[Finding]) -> Any:
    uscc = normalise_uscc(text)
    wrong = check_uscc(uscc, place)
    found += wrong
    if blockers(wrong):
        return None
    if uscc not in seen.organisations:
        seen.organisations[uscc] = await sql_row(_ORGANISATION + "uscc = $1", uscc)
    if seen.organisations[uscc] is None:
        found.append(blocker("policy.unknown_organisation", place, uscc=uscc))
    return seen.organisations[uscc]


async def _product(number: str, seen: Seen, found: list[Finding]) -> Any:
    if number not in seen.products:
        seen.products[number] = await sql_row(
            "SELECT id, insurer, current_version FROM product WHERE number = $1", number
        )
    row = seen.products[number]
    if row is None or row["current_version"] is None:
        found.append(blocker("policy.unknown_product", "product", number=number))
        return None
    return row


async def _band(product: Any, day: date, seen: Seen) -> tuple[int, FiledBand]:
    """The version that stood in the library on a day, and what was filed with it."""
    key = product["id"], day
    if key not in seen.bands:
        standing = await standing_on(product["id"], day)
        version = standing.version_id if standing else product["current_version"]
        row = await sql_row(
            "SELECT rate_min_ppm, rate_max_ppm, sum_min_fen, sum_max_fen, coalesce((SELECT"
            " file_number FROM clause WHERE version = v.id AND kind = 'main' ORDER BY position"
            " LIMIT 1), '') AS file_number FROM product_version v WHERE id = $1",
            version,
        )
        assert row is not None
        seen.bands[key] = version, FiledBand(standing.status if standing else "", **row)
    return seen.bands[key]


async def _insurers(
    actor: Actor, form: PolicyForm, seen: Seen, found: list[Finding]
) -> tuple[list[int], tuple[CoInsurer, ...]]:
    if not form.insurers:
        if _OWN not in seen.organisations:
            own = await sql_row(_ORGANISATION + "id = $1", actor.organisation_id)
            seen.organisations[_OWN] = own
        rows, shares = [seen.organisations[_OWN]], [WHOLE_UNITS]
    else:
        rows = [
            await _organisation(insurer.uscc, f"insurers.{position}.uscc", seen, found)
            for position, insurer in enumerate(form.insurers)
        ]
        shares = [insurer.share_units for insurer in form.insurers]
    facts = tuple(
        CoInsurer(r["uscc"], r["legal_root"], r["kind"], r["active"], share)
        if r is not None
        else CoInsurer("", f"?{position}", "insurer", True, share)
        for position, (r, share) in enumerate(zip(rows, shares, strict=True))
    )
    return [row["id"] if row is not None else 0 for row in rows], facts


def _lead(actor: Actor, product: Any, insurer_ids: list[int]) -> list[Finding]:
    """The actor's insurer sells the product and stands first among the insurers."""
    if product["insurer"] != actor.organisation_id:
        return [blocker("policy.product_of_another", "product")]
    if insurer_ids[0] not in (0, actor.organisation_id):
        return [blocker("policy.lead_first", "insurers.0.uscc")]
    return []
