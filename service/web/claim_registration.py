"""Registration of a claim (立案) as its page asks for it: a first reserve for each section."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pydantic import Field

from coinsurance.claim_forms import Note, RegistrationForm, ReserveLineForm, SectionCode
from coinsurance.claims import notifying
from coinsurance.placements import records
from service.auth import Actor
from service.kernel.errors import Refused
from service.kernel.findings import Finding
from service.kernel.forms import Day, Fen, Form


class FirstReserveForm(Form):
    """What is expected to be paid on a section; left blank, nothing is reserved yet."""

    section: SectionCode = ""
    outstanding_fen: Fen | None = None


class RegisterForm(Form):
    """A registration with a row for every section, filled or not."""

    loss_on: Day | None = None
    estimate_fen: Fen | None = None
    reserves: list[FirstReserveForm] = Field(default_factory=list, max_length=40)
    note: Note = ""


async def register(actor: Actor, number: str, form: RegisterForm) -> object:
    """Register with the reserves that were filled in; findings name the rows of the page."""
    kept = [n for n, row in enumerate(form.reserves) if row.outstanding_fen is not None]
    lines = [
        ReserveLineForm(section=row.section, outstanding_fen=row.outstanding_fen)
        for row in form.reserves
        if row.outstanding_fen is not None
    ]
    asked = RegistrationForm(
        loss_on=form.loss_on, estimate_fen=form.estimate_fen, reserves=lines, note=form.note
    )
    try:
        return await notifying.register(actor, number, asked)
    except Refused as error:
        raise Refused([_on_page(finding, kept) for finding in error.findings]) from error


def _on_page(finding: Finding, kept: Sequence[int]) -> Finding:
    """A finding about a reserve that was sent, at the row of the page where it was typed."""
    group, _, rest = finding.field.partition(".")
    position, _, name = rest.partition(".")
    if group != "reserves" or not name:
        return finding
    return replace(finding, field=f"{group}.{kept[int(position)]}.{name}")


async def sections_of(actor: Actor, claim: Any) -> dict[str, str]:
    """Code and title of what the policy of a claim covers, which registration will take up."""
    if claim.placement is None:
        return {"": "保单"}
    placed = await records.placement_record(actor, claim.placement)
    return {section.code: section.title for section in placed.sections}
