"""Policies, objects, schemes and applications written straight into the tables, for evidence."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from service.kernel.calendar import SHANGHAI, now
from service.kernel.db import sql, sql_value
from tests.factories import World, make_in_library, make_organisation

APPLIED_AT = datetime(2027, 3, 20, 10, tzinfo=SHANGHAI)
RULE = """[rule]
family = "subsidy/planted-{code}"
name = "planted"
version = "1"
title_zh = "示例"
valid_from = 2026-01-01
document = "示例"
status = "example"
[values]
instrument = {{ value = "{instrument}", source = "示例", example = true }}
"""


async def insert(table: str, **values: Any) -> int:
    """One row; returns its id."""
    names, marks = ", ".join(values), ", ".join(f"${n}" for n in range(1, len(values) + 1))
    row_id: int = await sql_value(
        f'INSERT INTO "{table}" ({names}) VALUES ({marks}) RETURNING id', *values.values()
    )
    return row_id


@dataclass
class Planted:
    """A product in the library, two firms and a branch of the first, and what is planted."""

    world: World
    user: int
    product: int
    version: int
    serial: int = 0
    firms: dict[str, int] = field(default_factory=dict)

    def next(self) -> int:
        """A number nobody has had."""
        self.serial += 1
        return self.serial

    async def policy(self, firm: str = "a", thing: int | None = None, **changes: Any) -> int:
        """A policy of 20,000.00 yuan, wholly insured by one insurer."""
        number = changes.pop("number", f"PL-{self.next():06d}")
        insurer = self.world.organisations[changes.pop("insurer", "insurer")]
        row = {
            "number": number,
            "number_key": number.replace("-", ""),
            "insurer": insurer,
            "product": self.product,
            "version": self.version,
            "insured": self.firms[firm],
            "insured_object": thing,
            "status": "confirmed",
            "start_on": date(2026, 12, 1),
            "end_on": date(2027, 11, 30),
            "current_end_on": date(2027, 11, 30),
            "sum_insured_fen": 1_000_000_000,
            "current_sum_fen": 1_000_000_000,
            "limit_fen": 1_000_000_000,
            "rate_ppm": 2000,
            "premium_fen": 2_000_000,
            "current_premium_fen": 2_000_000,
            "recorded_at": now(),
            "recorded_by": self.user,
        } | changes
        policy_id = await insert("policy", **row)
        await insert(
            "policy_insurer", policy=policy_id, insurer=insurer, position=1, share_units=10**8
        )
        return policy_id

    async def receipt(self, policy: int, **changes: Any) -> int:
        """The whole premium from the first firm."""
        row = {
            "policy": policy,
            "source": "own",
            "amount_fen": 2_000_000,
            "received_on": date(2026, 11, 25),
            "payer_name": "示例光谷芯片科技有限公司",
            "payer_uscc": self.world.usccs["enterprise"],
            "invoice_number": "",
            "recorded_at": now(),
            "recorded_by": self.user,
        } | changes
        return await insert("premium_receipt", **row)

    async def thing(self, firm: str = "a", serials: tuple[str, ...] = (), **changes: Any) -> int:
        """An insured object with its units."""
        row = {
            "number": f"OB-2026-{self.next():06d}",
            "owner": self.firms[firm],
            "kind": "first_set",
            "name": "示例刻蚀设备",
            "value_fen": 1_000_000_000,
            "recorded_at": now(),
            "recorded_by": self.user,
        } | changes
        thing_id = await insert("insured_object", **row)
        for serial in serials:
            await insert("object_unit", insured_object=thing_id, serial_number=serial)
        return thing_id

    async def contract(self, thing: int, number: str, buyer: str, **changes: Any) -> int:
        """A sale of an object to an unrelated buyer of that USCC."""
        row = {
            "insured_object": thing,
            "number": number,
            "buyer_name": "示例用户有限公司",
            "buyer_uscc": buyer,
            "buyer_relation": "none",
            "signed_on": date(2026, 10, 1),
            "amount_fen": 1_000_000_000,
            "quantity": 1,
        } | changes
        return await insert("sales_contract", **row)

    async def scheme(self, code: str, group: str = "", instrument: str = "premium_subsidy") -> int:
        """An open scheme with a rule that names its instrument."""
        rule = await insert(
            "rule_version",
            family=f"subsidy/planted-{code}",
            version="1",
            title="示例",
            status="published",
            valid_from=date(2026, 1, 1),
            body=RULE.format(code=code, instrument=instrument),
            hash=code,
        )
        book = await insert(
            "book", code=f"b-{code}", kind="subsidy_budget", title="示例", opened_at=now()
        )
        return await insert(
            "scheme",
            code=code,
            name="示例",
            rule_version=rule,
            book=book,
            exclusivity_group=group,
            window_from=date(2026, 1, 1),
            window_to=date(2027, 12, 31),
            status="open",
            prepared_by=self.user,
            created_at=now(),
        )

    async def application(
        self, scheme: int, *policies: int, firm: str = "a", **changes: Any
    ) -> int:
        """A submitted application with a line for each policy; a draft has no day of submission."""
        lines = changes.pop("lines", {})
        row = {
            "number": f"SA-2027-{self.next():06d}",
            "scheme": scheme,
            "enterprise": self.firms[firm],
            "status": "submitted",
            "submitted_at": APPLIED_AT,
            "created_at": now(),
            "created_by": self.user,
        } | changes
        application_id = await insert("application", **row)
        for number, policy in enumerate(policies, 1):
            line = {"status": "open"} | lines
            await insert(
                "application_line",
                application=application_id,
                number=number,
                policy=policy,
                **line,
            )
        return application_id


async def plant(world: World) -> Planted:
    """The registry that the tests plant doubles into."""
    number = await make_in_library(world)
    row = (
        await sql("SELECT id, current_version AS version FROM product WHERE number = $1", number)
    )[0]
    user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'clerk'")
    planted = Planted(world, user, row["id"], row["version"])
    planted.firms["a"] = world.organisations["enterprise"]
    for serial, (key, name) in enumerate(
        (("b", "示例他企业有限公司"), ("branch", "示例光谷芯片科技分公司")), 601
    ):
        planted.firms[key], world.usccs[key] = await make_organisation(name, "enterprise", serial)
    await sql(
        "UPDATE organisation SET legal_root = $2 WHERE id = $1",
        planted.firms["branch"],
        world.usccs["enterprise"],
    )
    return planted
