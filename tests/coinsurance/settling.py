"""Money between members for the tests of settlement, planted by recipe: premium, claims, debts.

The first member (`clerk`) issues, leads, handles claims and keeps the accounts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import httpx

from coinsurance.premiums import books
from coinsurance.rules import accounts
from service.kernel.calendar import SHANGHAI, at_moment
from service.kernel.db import sql_value
from service.kernel.money import Rounding, of_ppm, split
from tests.coinsurance.placing import Year, plant_year
from tests.factories import World, make_token, make_user

SHARES = [40_000_000, 30_000_000, 20_000_000, 10_000_000]
FEE_PPM = 15_000


def on(day: str, hour: int = 10) -> Any:
    """Stop the clock on a day in Shanghai."""
    return at_moment(datetime.fromisoformat(day).replace(hour=hour, tzinfo=SHANGHAI))


@dataclass
class Book:
    """A pool year whose money the tests move."""

    world: World
    year: Year
    serial: int = 0
    shares: list[int] = field(default_factory=lambda: list(SHARES))

    @property
    def number(self) -> str:
        """The number of the pool year."""
        return self.year.number

    def uscc(self, member: str) -> str:
        """The credit code of a member."""
        return self.year.usccs[member]

    def members(self) -> list[str]:
        """The members' log-ins by position."""
        return list(self.year.members)

    def parts(self, amount_fen: int) -> dict[str, int]:
        """An amount by share, as the rule divides it."""
        return dict(zip(self.members(), split(amount_fen, self.shares), strict=True))

    async def entry(
        self, reason: str, day: str, lines: list[accounts.AccountLine], clause: str = "第八条"
    ) -> int:
        """An entry of the book."""
        self.serial += 1
        return await books.post(
            f"pool:{self.number}",
            f"test:{self.number}:{self.serial}",
            reason,
            clause,
            date.fromisoformat(day),
            lines,
        )

    async def owe(
        self,
        debtor: str,
        creditor: str,
        fen: int,
        kind: str,
        day: str,
        due: str | None,
        entry: int = 0,
    ) -> str:
        """An obligation between two members."""
        self.serial += 1
        number = f"OW-{self.serial:06d}"
        await sql_value(
            "INSERT INTO obligation (number, pool_year, kind, debtor, creditor, amount_fen,"
            " settled_fen, arose_on, due_on, due_days, due_calendar, clause, cause_kind, cause,"
            " entry, status, recorded_at) VALUES ($1, $2, $3, $4, $5, $6, 0, $7, $8, 21,"
            " 'calendar', '第十二条', 'test', 0, $9, 'open', now()) RETURNING id",
            number,
            self.year.id,
            kind,
            self.year.members[debtor],
            self.year.members[creditor],
            fen,
            date.fromisoformat(day),
            date.fromisoformat(due) if due else None,
            entry,
        )
        return number

    async def premium(self, fen: int, day: str, due: str | None = None) -> dict[str, str]:
        """Premium received by the issuer (below zero: given back) with the lead fee, owed gross."""
        parts, lead = self.parts(fen), self.members()[0]
        fees = {m: of_ppm(f, FEE_PPM, Rounding.HALF_UP) for m, f in parts.items() if m != lead}
        by_uscc = {self.uscc(m): f for m, f in parts.items()}
        lines = accounts.recipe("premium", by_uscc, holder=self.uscc(lead), source="own")
        lines += accounts.recipe(
            "lead_fee", {self.uscc(m): f for m, f in fees.items()}, holder=self.uscc(lead)
        )
        entry = await self.entry("premium", day, lines)
        owed = {}
        for member, part in parts.items():
            if member == lead:
                continue
            there, back = (lead, member), (member, lead)
            kind = "premium_remittance" if fen > 0 else "premium_return"
            if fen < 0:
                there, back = back, there
            owed[member] = await self.owe(*there, abs(part), kind, day, due, entry)
            await self.owe(*back, abs(fees[member]), "lead_fee", day, due, entry)
        return owed

    async def claim(self, fen: int, day: str, due: str | None = None) -> dict[str, str]:
        """A claim paid by the handler; the others owe their parts."""
        return await self._spent("claim_payment", "claim_reimbursement", fen, day, due)

    async def expense(self, fen: int, day: str, due: str | None = None) -> dict[str, str]:
        """Costs of a claim paid by the handler; the others owe their parts."""
        return await self._spent("claim_expense", "expense_share", fen, day, due)

    async def recovery(self, fen: int, day: str, due: str | None = None) -> dict[str, str]:
        """Money recovered by the handler; it owes the others their parts."""
        return await self._spent("recovery", "recovery_share", fen, day, due)

    async def _spent(
        self, recipe: str, kind: str, fen: int, day: str, due: str | None
    ) -> dict[str, str]:
        parts, lead = self.parts(fen), self.members()[0]
        by_uscc = {self.uscc(m): f for m, f in parts.items()}
        lines = accounts.recipe(recipe, by_uscc, holder=self.uscc(lead))
        entry = await self.entry(recipe, day, lines, "第十六条")
        owed = {}
        for member, part in parts.items():
            if member != lead:
                pair = (lead, member) if recipe == "recovery" else (member, lead)
                owed[member] = await self.owe(*pair, part, kind, day, due, entry)
        return owed

    async def close(self, period: str, day: str) -> dict[str, dict[str, Any]]:
        """Statements of a period drafted, approved and issued; the newest by member."""
        base = f"/pool-years/{self.number}"
        with on(day):
            await self.world.post("clerk", f"{base}/statements", {"period": period})
            await self.world.post("manager", f"{base}/statement-periods/{period}/approval")
            page = await self.world.post("manager", f"{base}/statement-periods/{period}/issue")
        logins = {self.uscc(m): m for m in self.members()}
        return {
            logins.get(item["member"]["uscc"], item["member"]["uscc"]): item
            for item in page["items"]
        }

    async def agree_all(self, issued: Mapping[str, Any], day: str) -> None:
        """Every member agrees to its statement."""
        with on(day):
            for member, item in issued.items():
                who = "manager" if member == "clerk" else f"{member}_manager"
                await self.world.post(who, f"/statements/{item['number']}/agreement", {})


async def plant_book(
    world: World, code: str = "integrated-circuit", *, schedule: bool = True, **more: Any
) -> Book:
    """A pool year with four members on fixed shares, and a second clerk who keeps its accounts."""
    shares = SHARES if schedule else None
    year = await plant_year(world, code, shares=shares, product="none", **more)
    if "keeper" not in world.headers:
        for login, role in (("keeper", "insurer_clerk"), ("keeper_manager", "insurer_manager")):
            user = await make_user(world.organisations["insurer"], login, role)
            world.headers[login] = await make_token(user, login)
    return Book(world, year)


async def upload(
    world: World,
    who: str,
    path: str,
    content: bytes,
    name: str = "bank.csv",
    **fields: str,
) -> httpx.Response:
    """Send a file to a route below /api/v1."""
    return await world.client.post(
        f"/api/v1{path}",
        files={"file": (name, content, "text/csv")},
        data=fields,
        headers=world.headers[who],
    )
