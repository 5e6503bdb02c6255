"""Who may read a confidential file of a risk: granted for a period, taken back, and seen (授权)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from coinsurance.placement_forms import GrantForm
from coinsurance.placements import files
from coinsurance.placements.rows import Access
from coinsurance.risk_shapes import FileShape, FileView, GrantShape
from service.auth import Actor
from service.kernel.calendar import today
from service.web.forms import Form

LABELS = {"reader": "登录名", "purpose": "用途", "from_on": "自", "to_on": "至"}


@dataclass(frozen=True, slots=True)
class Granted:
    """A confidential file with its grants, the views of it, and the form of a new grant."""

    file: FileShape
    grants: list[GrantShape]
    views: list[FileView]
    form: Form[Any]


async def granted(
    actor: Actor, number: str, access: Access, listed: list[FileShape], posted: Form[Any] | None
) -> list[Granted]:
    """What the keepers of a risk's files, the committee and the auditor see of each secret one."""
    if not (access.is_issuer or access.is_insured or actor.sees_all):
        return []
    found = []
    for file in listed:
        if not file.confidential:
            continue
        form: Form[Any] = Form(GrantForm, LABELS, {"from_on": today().isoformat()})
        form.form_id = f"grant-{file.id}"
        if posted is not None and posted.form_id == form.form_id:
            form = posted
        found.append(
            Granted(
                file,
                await files.grants(actor, number, file.id),
                await files.views(actor, number, file.id),
                form,
            )
        )
    return found
