"""What may be written about organisations, users, passwords and tokens."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from service.auth import Role
from service.kernel.forms import Day, Flag, Form, Line, Whole


class Kind(StrEnum):
    """What an organisation is; decides which roles its users may hold."""

    INSURER = "insurer"
    """Registers products, writes policies (保险公司)."""
    REINSURER = "reinsurer"
    """Takes shares behind insurers (再保险公司)."""
    ENTERPRISE = "enterprise"
    """Buys cover, enrols, applies for subsidies (企业)."""
    COMMITTEE = "committee"
    """Keeps the library and decides (示范区管委会)."""
    REGULATOR = "regulator"
    """Audits and supervises (审计监管)."""
    SURVEYOR = "surveyor"
    """Surveys losses; its people do not log in (公估机构)."""


KIND_NAMES: dict[str, str] = {
    "insurer": "保险公司",
    "reinsurer": "再保险公司",
    "enterprise": "企业",
    "committee": "示范区管委会",
    "regulator": "审计监管",
    "surveyor": "公估机构",
}

Password = Annotated[
    str,
    Field(
        min_length=1,
        max_length=200,
        repr=False,
        description="10 to 200 characters, at least 5 different ones",
        examples=["four-words-are-better-than-one"],
    ),
]
Name = Annotated[
    Line, Field(min_length=2, max_length=120, examples=["示例科技财产保险股份有限公司"])
]
ShortName = Annotated[Line, Field(max_length=40, examples=["示例科技财险"])]
Uscc = Annotated[Line, Field(max_length=40, examples=["91420100MA4K00013D"])]
District = Annotated[Line, Field(max_length=40, examples=["东湖高新区"])]
Licence = Annotated[Line, Field(max_length=40, examples=["000133"])]
Contact = Annotated[Line, Field(max_length=200, examples=["示例联系人 027-00000001"])]
PersonName = Annotated[Line, Field(min_length=1, max_length=60, examples=["示例经办"])]
Roles = Annotated[list[Role], Field(max_length=10, examples=[["insurer_clerk"]])]


class OrganisationForm(Form):
    """A new organisation; `legal_root` is the USCC of the legal person, its own when empty."""

    uscc: Uscc
    kind: Kind
    name: Name
    short_name: ShortName = ""
    legal_root: Uscc = ""
    district: District = ""
    licence_number: Licence = ""
    contact: Contact = ""


class OrganisationChange(Form):
    """All that may change of an organisation; USCC and kind never do.

    With `active` false its users cannot log in and their tokens stop.
    """

    name: Name
    short_name: ShortName = ""
    legal_root: Uscc = ""
    district: District = ""
    licence_number: Licence = ""
    contact: Contact = ""
    active: Flag = True


class CertificateForm(Form):
    """A status certificate (高新技术企业, 专精特新 …) and the days it is valid; both ends count."""

    kind: Line = Field(min_length=1, max_length=40, examples=["高新技术企业"])
    number: Line = Field(min_length=1, max_length=60, examples=["GR202542000001"])
    valid_from: Day
    valid_to: Day | None = None


class UserForm(Form):
    """A new user of an organisation (its USCC; empty: the caller's own)."""

    login: Line = Field(max_length=60, examples=["li.ming"])
    name: PersonName
    organisation: Uscc = ""
    roles: Roles
    password: Password


class UserChange(Form):
    """All that may change of a user, except the password."""

    name: PersonName
    roles: Roles
    active: Flag = True


class PasswordForm(Form):
    """A password set by an administrator."""

    password: Password


class OwnPasswordForm(Form):
    """A password changed by its owner."""

    old_password: str = Field(max_length=200, repr=False)
    new_password: Password


class TokenForm(Form):
    """A new API token: with log-in and password, or for the caller when both are left out."""

    login: Line = Field("", max_length=60, examples=["li.ming"])
    password: str = Field("", max_length=200, repr=False)
    name: Line = Field(min_length=1, max_length=60, examples=["statistics export"])
    scopes: list[Literal["read", "write"]] = Field(min_length=1, max_length=2, examples=[["read"]])
    days: Whole = Field(90, ge=1, le=365)
