"""Certificates of cover (承保证明) that anyone can check by a code, without an account."""

from __future__ import annotations

import io
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

import segno

from service.kernel.calendar import today
from service.kernel.db import sql_row
from service.kernel.errors import NotFound
from service.kernel.numbering import fold

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that a printed code is read one way only."""
GROUPS, GROUP_CHARACTERS = 5, 4
_READ_AS = str.maketrans("OIL", "011")


@dataclass(frozen=True, slots=True)
class Certificate:
    """What everybody may know of a recognised enrolment. The policy number is masked."""

    code: str
    number: str
    object_name: str
    kind: str
    firm: str
    insurer: str
    policy_number: str
    start_on: date
    end_on: date
    sum_insured_fen: int
    status: str
    checked_on: date


def new_code() -> str:
    """A code of 100 random bits in groups, for example 7K3M-00QZ-9D4T-X1CH-V8PB."""
    groups = (
        "".join(secrets.choice(ALPHABET) for _ in range(GROUP_CHARACTERS)) for _ in range(GROUPS)
    )
    return "-".join(groups)


def normalise_code(text: str) -> str:
    """A code however it was typed: case, spaces, dashes, O for 0, I and L for 1."""
    plain = fold(text[:200]).replace("-", "").translate(_READ_AS)
    return "-".join(
        plain[n : n + GROUP_CHARACTERS] for n in range(0, len(plain), GROUP_CHARACTERS)
    )[:40]


def masked(number: str) -> str:
    """A policy number with its middle hidden: at most four characters at each end are shown."""
    shown = min(4, len(number) // 4)
    hidden = len(number) - 2 * shown
    return number[:shown] + "*" * hidden + (number[-shown:] if shown else "")


def status_on(row: Any, day: date) -> str:
    """revoked, cancelled, upcoming, expired or valid on a day."""
    if row["enrolment_status"] == "revoked":
        return "revoked"
    if row["policy_status"] == "cancelled":
        return "cancelled"
    if day < row["start_on"]:
        return "upcoming"
    over = row["enrolment_status"] == "expired" or day > row["end_on"]
    return "expired" if over else "valid"


_FIND = """
SELECT n.certificate_code AS code, n.number, n.status AS enrolment_status,
  o.name AS object_name, o.kind, e.name AS firm, r.name AS insurer, y.number AS policy_number,
  y.status AS policy_status, y.start_on, y.current_end_on AS end_on,
  y.current_sum_fen AS sum_insured_fen
FROM enrolment n JOIN insured_object o ON o.id = n.insured_object
JOIN organisation e ON e.id = n.enterprise JOIN policy y ON y.id = n.policy
JOIN organisation r ON r.id = y.insurer WHERE n.certificate_code = $1
"""


async def certificate(code: str) -> Certificate:
    """The certificate of a code as it stands today; NotFound for any other text."""
    wanted = normalise_code(code)
    row = await sql_row(_FIND, wanted) if wanted else None
    if row is None:
        raise NotFound("承保证明", "Certificate", code[:40])
    day = today()
    return Certificate(
        code=row["code"],
        number=row["number"],
        object_name=row["object_name"],
        kind=row["kind"],
        firm=row["firm"],
        insurer=row["insurer"],
        policy_number=masked(row["policy_number"]),
        start_on=row["start_on"],
        end_on=row["end_on"],
        sum_insured_fen=row["sum_insured_fen"],
        status=status_on(row, day),
        checked_on=day,
    )


def page_path(code: str) -> str:
    """The public page of a certificate, as the QR code names it."""
    return f"/certificates/{code}"


def qr_svg(address: str) -> bytes:
    """A QR code of an address as an SVG image with a quiet zone."""
    image = io.BytesIO()
    segno.make(address, error="m", micro=False).save(
        image, kind="svg", scale=4, border=4, dark="#000", light="#fff", title="QR"
    )
    return image.getvalue()
