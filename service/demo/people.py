"""The organisations and people of the demo: all invented, one account for every role and more."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, replace
from datetime import date
from importlib import resources

from service.auth import ROLE_NAMES, SYSTEM, Actor, Role
from service.kernel.db import sql, sql_value
from service.kernel.numbering import make_uscc
from service.people import add_certificate, create_organisation, create_user
from service.people_forms import CertificateForm, Kind, OrganisationForm, UserForm

OPERATOR = replace(SYSTEM, name="演示", via="demo")
COMMITTEE_USCC = make_uscc("11420100", "MB0D0001")


@dataclass(frozen=True, slots=True)
class Insurer:
    """An insurer of the demo; `code` stands in its registration numbers."""

    key: str
    name: str
    short_name: str
    district: str
    code: int

    @property
    def contact_name(self) -> str:
        return f"示例联系人{self.code - 990_000}"

    @property
    def contact_phone(self) -> str:
        return f"027-8800{self.code - 990_000:04d}"

    @property
    def contact_email(self) -> str:
        return f"product@{self.key}.example"


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """One account of the demo; `password` is empty when it was drawn in an earlier run."""

    login: str
    password: str
    name: str
    role: str
    role_name: str
    organisation: str


INSURERS = (
    Insurer("keji", "示例科技财产保险股份有限公司", "示例科技财险", "东湖高新区", 990_001),
    Insurer("changjiang", "示例长江财产保险股份有限公司", "示例长江财险", "武昌区", 990_002),
    Insurer("chutian", "示例楚天财产保险股份有限公司", "示例楚天财险", "江汉区", 990_003),
    Insurer("jiangcheng", "示例江城财产保险股份有限公司", "示例江城财险", "江岸区", 990_004),
    Insurer("huanghe", "示例黄鹤财产保险股份有限公司", "示例黄鹤财险", "硚口区", 990_005),
    Insurer("guanggu", "示例光谷科技保险股份有限公司", "示例光谷科险", "东湖高新区", 990_006),
    Insurer("yunmeng", "示例云梦责任保险股份有限公司", "示例云梦责险", "汉阳区", 990_007),
    Insurer("donghu", "示例东湖信用保险股份有限公司", "示例东湖信保", "洪山区", 990_008),
)
ENTERPRISES = tuple(
    row["name"]
    for row in csv.DictReader(
        io.StringIO((resources.files("service.demo") / "firms.csv").read_text("utf-8"))
    )
)
COMMITTEE = "示例科技保险创新示范区管理委员会"
REGULATOR = "示例金融监管审计机构"
_COMMITTEE_PEOPLE = (
    ("officer", "示例经办甲", Role.COMMITTEE_OFFICER),
    ("officer2", "示例经办乙", Role.COMMITTEE_OFFICER),
    ("approver", "示例审批甲", Role.COMMITTEE_APPROVER),
    ("approver2", "示例审批乙", Role.COMMITTEE_APPROVER),
    ("admin", "示例管理员", Role.COMMITTEE_ADMIN),
)


@dataclass(frozen=True, slots=True)
class _Organisation:
    uscc: str
    kind: str
    name: str
    short_name: str
    district: str
    licence: str
    people: tuple[tuple[str, str, Role], ...]

    def form(self) -> OrganisationForm:
        """What the administrator fills in."""
        return OrganisationForm(
            uscc=self.uscc,
            kind=Kind(self.kind),
            name=self.name,
            short_name=self.short_name,
            district=self.district,
            licence_number=self.licence,
            contact=f"{self.people[0][1]} 027-00000001",
        )


def _organisations() -> list[_Organisation]:
    found = [
        _Organisation(
            COMMITTEE_USCC,
            "committee",
            COMMITTEE,
            "示例示范区管委会",
            "东湖高新区",
            "",
            _COMMITTEE_PEOPLE,
        ),
        _Organisation(
            make_uscc("11420100", "MB0D0002"),
            "regulator",
            REGULATOR,
            "示例监管审计",
            "江汉区",
            "",
            (("auditor", "示例审计员", Role.AUDITOR),),
        ),
    ]
    for n, insurer in enumerate(INSURERS, 1):
        people = (
            (_login("clerk", n), f"示例经办{n}", Role.INSURER_CLERK),
            (_login("manager", n), f"示例负责人{n}", Role.INSURER_MANAGER),
        )
        uscc = insurer_uscc(n)
        licence = f"P1{n:03d}1WUH"
        found.append(
            _Organisation(
                uscc,
                "insurer",
                insurer.name,
                insurer.short_name,
                insurer.district,
                licence,
                people,
            )
        )
    for n, name in enumerate(ENTERPRISES, 1):
        person = (_login("firm", n), f"示例企业员{n}", Role.ENTERPRISE)
        uscc = firm_uscc(n)
        short = name.removesuffix("有限公司")
        found.append(_Organisation(uscc, "enterprise", name, short, "东湖高新区", "", (person,)))
    return found


def _login(role: str, number: int) -> str:
    return role if number == 1 else f"{role}{number}"


def accounts(password: str) -> list[DemoAccount]:
    """Every account of the demo, the first one of each role in front."""
    found = [
        DemoAccount(login, password, name, role.value, ROLE_NAMES[role], organisation.name)
        for organisation in _organisations()
        for login, name, role in organisation.people
    ]
    first = {account.role: account.login for account in reversed(found)}
    order = [role.value for role in Role]
    return sorted(found, key=lambda a: (first[a.role] != a.login, order.index(a.role), a.login))


async def are_here() -> bool:
    """Whether the demo has been played into this database."""
    return bool(
        await sql_value("SELECT count(*) FROM organisation WHERE uscc = $1", COMMITTEE_USCC)
    )


async def settle(password: str) -> None:
    """Register the committee and its administrator, who then registers everybody else."""
    first, *others = _organisations()
    await create_organisation(OPERATOR, first.form())
    await _admit(OPERATOR, first, password, only=Role.COMMITTEE_ADMIN)
    admin = (await actors())["admin"]
    await _admit(admin, first, password, but=Role.COMMITTEE_ADMIN)
    for organisation in others:
        await create_organisation(admin, organisation.form())
        await _admit(admin, organisation, password)
    for n in range(1, len(ENTERPRISES) + 1):
        await _certify(admin, n)


async def _certify(admin: Actor, number: int) -> None:
    """Put the certificate of an enterprise on record; every twentieth ends in 2026."""
    last = date(2026, 6, 30) if number % 20 == 0 else date(2028, 11, 30)
    await add_certificate(
        admin,
        firm_uscc(number),
        CertificateForm(
            kind="高新技术企业" if number % 3 else "专精特新",
            number=f"示例GR2025{number:06d}",
            valid_from=date(2025, 1, 1),
            valid_to=last,
        ),
    )


async def _admit(
    actor: Actor,
    organisation: _Organisation,
    password: str,
    *,
    only: Role | None = None,
    but: Role | None = None,
) -> None:
    for login, name, role in organisation.people:
        if role == (only or role) and role != but:
            await create_user(
                actor,
                UserForm(
                    login=login,
                    name=name,
                    organisation=organisation.uscc,
                    roles=[role],
                    password=password,
                ),
            )


async def actors() -> dict[str, Actor]:
    """The people of the demo as actors, by log-in."""
    rows = await sql(
        "SELECT u.id, u.login, u.name, u.roles, o.id AS organisation, o.short_name, o.kind"
        " FROM eastlake_user u JOIN organisation o ON o.id = u.organisation"
        " WHERE u.login = ANY($1::text[])",
        [account.login for account in accounts("")],
    )
    return {
        row["login"]: Actor(
            user_id=row["id"],
            login=row["login"],
            name=row["name"],
            organisation_id=row["organisation"],
            organisation=row["short_name"],
            organisation_kind=row["kind"],
            roles=frozenset(row["roles"]),
            via="demo",
        )
        for row in rows
    }


def insurer(key: str) -> tuple[int, Insurer]:
    """An insurer by its key, and its number from 1."""
    return next((n, one) for n, one in enumerate(INSURERS, 1) if one.key == key)


def login_of(role: str, number: int) -> str:
    """The log-in of an insurer's person: clerk, manager, clerk2 …"""
    return _login(role, number)


def firm_uscc(number: int) -> str:
    """The code of an enterprise by its number from 1."""
    return make_uscc("91420100", f"MA4E{number:04d}")


def firm_account(number: int) -> str:
    """The bank account of an enterprise by its number from 1."""
    return f"42000000{number:08d}"


def insurer_uscc(number: int) -> str:
    """The code of an insurer by its number from 1."""
    return make_uscc("91420100", f"MA4D{number:04d}")


def insurer_of(short_name: str) -> int:
    """The number from 1 of an insurer by its short name."""
    return next(n for n, one in enumerate(INSURERS, 1) if one.short_name == short_name)
