"""What the tests of subsidies share: a firm, policies, an open scheme, an application's steps."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time
from typing import Any

from catalogue.rules.subsidy.dates import year_end_on
from service.kernel.calendar import SHANGHAI, at_moment, today
from service.kernel.db import sql, sql_value
from tests.catalogue.test_policies import policy, receipt
from tests.factories import World, make_in_library, make_token, make_user, upload

SCHEME = "example-2026"
RULE = {"rule_family": "subsidy/eastlake-example", "rule_version": "2026.1"}
Lines = Sequence[int | dict[str, Any]]
FIRM = {"registered_on": "2020-05-06", "credit_good": True}
PAPERS = (
    "application_form",
    "business_licence",
    "policy_copy",
    "premium_invoice",
    "bank_voucher",
    "truth_statement",
)


@contextmanager
def on(day: str) -> Iterator[None]:
    """The clock stands at ten in the morning of a day in Shanghai."""
    with at_moment(datetime.combine(date.fromisoformat(day), time(10), SHANGHAI)):
        yield


async def make_committee(world: World) -> None:
    """A second officer and a second approver, and the firm's certificate."""
    for login, role in (
        ("second", "committee_officer"),
        ("chief", "committee_approver"),
    ):
        user = await make_user(world.organisations["committee"], login, role)
        world.headers[login] = await make_token(user, login)
    await sql("UPDATE api_token SET expires_at = '2100-01-01'")
    await sql(
        "INSERT INTO certificate (organisation, kind, number, valid_from, valid_to)"
        " VALUES ($1, '高新技术企业', $2, '2024-01-01', '2027-12-31')",
        world.organisations["enterprise"],
        f"GR2024{world.organisations['enterprise']:06d}",
    )


async def make_scheme(world: World, code: str = SCHEME, **changes: Any) -> str:
    """An open scheme on the example rule; 100,000.00 yuan unless told."""
    form = {
        "code": code,
        "name": "示例保费补贴 2026",
        **RULE,
        "window_from": "2026-01-01",
        "window_to": "2026-12-31",
        "appropriation_fen": 10_000_000,
        "document": "示例预算文件〔2026〕1号",
    } | changes
    await world.post("officer", "/schemes", form)
    await world.post("approver", f"/schemes/{code}/opening")
    return code


async def paid_policy(
    world: World, product: str, number: str, premium_fen: int = 2_000_000, **changes: Any
) -> int:
    """A policy that starts today, whose premium the firm paid in full, with the invoice."""
    start_on = today()
    form = policy(
        world,
        product,
        number=number,
        premium_fen=premium_fen,
        sum_insured_fen=premium_fen * 500,
        limit_fen=premium_fen * 500,
        start_on=start_on.isoformat(),
        end_on=year_end_on(start_on).isoformat(),
    )
    made = await world.post("clerk", "/policies", form | changes)
    paid = receipt(
        premium_fen,
        payer_name=await firm_name(world),
        invoice_number=f"INV{number}",
        received_on=start_on.isoformat(),
    )
    await world.post("clerk", f"/policies/{made['id']}/receipts", paid)
    policy_id: int = made["id"]
    return policy_id


async def firm_name(world: World) -> str:
    """Name of the firm of the world."""
    name: str = await sql_value(
        "SELECT name FROM organisation WHERE id = $1", world.organisations["enterprise"]
    )
    return name


async def draft_form(world: World, lines: Lines, **changes: Any) -> dict[str, Any]:
    """A complete draft over some policies."""
    if "materials" not in changes:
        changes["materials"] = await papers(world)
    return {
        "contact_name": "示例联系人",
        "contact_phone": "027-00000002",
        "bank_name": "示例银行光谷支行",
        "account_name": await firm_name(world),
        "account_number": "4200000000000001",
        "statement_signed_by": "示例法定代表人",
        "firm": FIRM,
        "lines": [x if isinstance(x, dict) else {"policy": x} for x in lines],
    } | changes


async def papers(world: World) -> list[dict[str, Any]]:
    """The papers that the rule requires, uploaded."""
    return [
        {"material": paper, "document": await upload(world, "firm", "other", f"{paper}.pdf")}
        for paper in PAPERS
    ]


async def make_application(world: World, lines: Lines, scheme: str = SCHEME, **changes: Any) -> str:
    """A complete draft; returns its number."""
    form = {"scheme": scheme, **await draft_form(world, lines, **changes)}
    state = await world.post("firm", "/applications", form)
    number: str = state["number"]
    return number


async def submitted(world: World, lines: Lines, **changes: Any) -> str:
    """A submitted application."""
    number = await make_application(world, lines, **changes)
    await world.post("firm", f"/applications/{number}/submission")
    return number


async def in_first_review(world: World, lines: Lines, **changes: Any) -> str:
    """An application on the first reviewer's desk."""
    number = await submitted(world, lines, **changes)
    await world.post("officer", f"/applications/{number}/acceptance")
    await world.post("officer", f"/applications/{number}/first-review")
    return number


async def reviewed(world: World, lines: Lines, **changes: Any) -> str:
    """An application past both reviews, not announced yet."""
    number = await in_first_review(world, lines, **changes)
    for who, step in (("officer", "first"), ("second", "second")):
        await world.post(who, f"/applications/{number}/{step}-opinion", {"passed": True})
    return number


async def announced(world: World, lines: Lines, **changes: Any) -> tuple[str, str]:
    """An application under public notice; returns its number and the notice's."""
    number = await reviewed(world, lines, **changes)
    form = {"title": "2026年保费补贴公示", "applications": [number]}
    notice = await world.post("officer", f"/schemes/{SCHEME}/notices", form)
    return number, notice["number"]


async def stage(world: World, *numbers: str) -> list[int]:
    """Committee, scheme and a paid policy per number; returns the policies."""
    await make_committee(world)
    await make_scheme(world)
    product = await make_in_library(world)
    policies = []
    for n in numbers:
        policies.append(await paid_policy(world, product, n))
    return policies
