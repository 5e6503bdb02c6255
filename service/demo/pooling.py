"""Pools of the demo from founding to open years: agreement, members, shares, each by its vote."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from importlib import resources
from typing import Any

from coinsurance.placement_forms import ZoneForm
from coinsurance.placements import zones
from coinsurance.pool_forms import (
    AcceptanceForm,
    AccountChangeForm,
    AgreementForm,
    AnswerForm,
    AskedForm,
    DefaultForm,
    EffectForm,
    MembershipForm,
    PoolForm,
    PoolYearForm,
    ScheduleForm,
    ServiceForm,
    ShareItemForm,
    VoteForm,
)
from coinsurance.pools import (
    agreements,
    answering,
    consents,
    founding,
    leaving,
    member_accounts,
    members,
    schedules,
    years,
)
from service.auth import Actor
from service.demo import people, plot
from service.demo.plot import Act
from service.kernel.shares import WHOLE_UNITS

ORDER = 8000
YI_FEN = 10_000_000_000
"""一亿元 in fen."""
ROLES = ["lead", "issuer", "claims_handler", "account_keeper"]
_SERVED = ServiceForm(how="系统通知并电子邮件")
_FOUND = "found:0 draft:1 vote_agreement:1 answer:4 effect_agreement:2"
_PREPARE = "year:0 invite:1 accept:2 propose:1 vote_shares:1 answer:3 effect_shares:2 sign:1"
_YEARS: tuple[tuple[int, date, date], ...] = (
    (2025, date(2025, 9, 8), date(2025, 12, 31)),
    (2026, date(2026, 1, 1), date(2026, 12, 31)),
)
"""Underwriting years: the first is short, from the day the pools opened."""
_PREPARED_ON = {2025: date(2025, 8, 18), 2026: date(2025, 12, 3)}


@dataclass(frozen=True, slots=True)
class PoolPlan:
    """A pool of the demo as planned; members are numbers of insurers, the lead first."""

    code: str
    founded: date
    members: tuple[int, ...]
    shares: tuple[str, ...]
    capacity: tuple[tuple[int, int, int], ...]
    resolution: str
    default: tuple[int, date] | None = None
    """Member (by its place in `members`) that is found in default, and when."""
    account: tuple[int, date] | None = None
    """Member that changes its settlement account in the last year, and when it asks."""


def plan() -> dict[str, Any]:
    """The plan as data."""
    return tomllib.loads((resources.files("service.demo") / "pools.toml").read_text("utf-8"))


def pools() -> list[PoolPlan]:
    """The pools of the plan."""
    return [
        PoolPlan(
            p["code"],
            p["founded"],
            tuple(p["members"]),
            tuple(p["shares"]),
            tuple((a, b, c) for a, b, c in p["capacity"]),
            p["resolution"],
            tuple(p["default"]) if "default" in p else None,
            tuple(p["account"]) if "account" in p else None,
        )
        for p in plan()["pool"]
    ]


def acts(pool: PoolPlan, number: int) -> list[Act]:
    """Everything that happens to a pool until its years are open, in order."""
    return sorted(_acts(pool, number), key=lambda act: act.moment)


def _acts(pool: PoolPlan, number: int) -> Iterator[Act]:
    if number == ORDER:
        yield Act(plot.moment(pool.founded, ORDER, 0) - timedelta(minutes=30), "make_zones")
    yield from plot.walk(number, pool.founded, _FOUND)
    for year, start_on, _ in _YEARS:
        for act in plot.walk(number, _PREPARED_ON[year], _PREPARE):
            yield replace(act, value=str(year))
        opened = start_on if year == _YEARS[0][0] else date(2025, 12, 29)
        yield Act(plot.moment(opened, number, 5), "open", str(year))
    if pool.default is not None:
        yield Act(plot.moment(pool.default[1], number, 6), "default", str(_YEARS[-1][0]))
    if pool.account is not None:
        day, last = pool.account[1], str(_YEARS[-1][0])
        yield Act(plot.moment(day, number, 7), "ask_account", last)
        yield Act(plot.moment(day + timedelta(days=2), number, 7), "confirm_account", last)


class Pooling:
    """The people of one pool, and one method for each verb."""

    def __init__(self, pool: PoolPlan, actors: dict[str, Actor]) -> None:
        self.pool = pool
        self.officer, self.approver = actors["officer2"], actors["approver2"]
        self.managers = [actors[people.login_of("manager", n)] for n in pool.members]
        self.usccs = [people.insurer_uscc(n) for n in pool.members]
        self.version = self.request = self.schedule = ""
        self.resolutions = 0

    async def take(self, act: Act) -> None:
        """Carry out one act; the clock has been set by the caller."""
        await getattr(self, act.verb)(act.value)

    def number(self, year: str) -> str:
        """The number of a year of the pool."""
        return f"{self.pool.code}-{year}"

    def _resolution(self) -> EffectForm:
        self.resolutions += 1
        return EffectForm(resolution_number=f"{self.pool.resolution}〔{self.resolutions}〕号")

    async def make_zones(self, _: str) -> None:
        """Zones in which the risks of all pools lie."""
        for zone in plan()["zone"]:
            await zones.create_zone(self.officer, ZoneForm(**zone))

    async def found(self, _: str) -> None:
        await founding.found(self.officer, PoolForm(family=f"pool/{self.pool.code}"))

    async def draft(self, _: str) -> None:
        made = await agreements.draft(self.officer, self.pool.code, AgreementForm())
        self.version = made.version

    async def vote_agreement(self, _: str) -> None:
        weight = WHOLE_UNITS // len(self.usccs)
        parties = [AskedForm(uscc=uscc, weight_units=weight) for uscc in self.usccs]
        form = VoteForm(parties=parties)
        voted = await agreements.vote(self.officer, self.pool.code, self.version, form)
        await self._serve(voted.consent_request)

    async def _serve(self, request: str | None) -> None:
        assert request is not None
        self.request = request
        await answering.serve(self.officer, request, _SERVED)

    async def answer(self, _: str) -> None:
        """Members answer until the rule is met; those who come later need not."""
        for manager in self.managers:
            if (await consents.request_row(self.request))["status"] != "open":
                return
            form = AnswerForm(answer="consented", note="同意。")
            await answering.answer(manager, self.request, form)

    async def effect_agreement(self, _: str) -> None:
        form = self._resolution()
        await agreements.take_effect(self.approver, self.pool.code, self.version, form)

    async def year(self, year: str) -> None:
        first, last = next((a, b) for n, a, b in _YEARS if n == int(year))
        form = PoolYearForm(year=int(year), start_on=first, end_on=last)
        await years.create(self.officer, self.pool.code, form)

    async def invite(self, year: str) -> None:
        for n, (uscc, capacity) in enumerate(zip(self.usccs, self.pool.capacity, strict=True)):
            risk, event, aggregate = (amount * YI_FEN for amount in capacity)
            form = MembershipForm(
                uscc=uscc,
                roles=ROLES if n == 0 else ["follower"],  # type: ignore[arg-type]
                risk_capacity_fen=risk,
                event_capacity_fen=event,
                aggregate_capacity_fen=aggregate,
                bank_account=f"4200 7700 {self.pool.members[n]:04d} 0001",
            )
            await members.invite(self.officer, self.number(year), form)

    async def accept(self, year: str) -> None:
        for manager, uscc in zip(self.managers, self.usccs, strict=True):
            form = AcceptanceForm(accept=True)
            await members.accept(manager, self.number(year), uscc, form)

    async def propose(self, year: str) -> None:
        """The shares of the year; a pool of single lines has none."""
        record = await years.read(self.officer, self.number(year))
        if record.share_mode == "per_risk_line":
            return
        shares = [
            ShareItemForm(uscc=uscc, share=share)
            for uscc, share in zip(self.usccs, self.pool.shares, strict=False)
        ]
        form = ScheduleForm(shares=shares, reason=f"{year} 年度份额")
        self.schedule = await schedules.propose(self.officer, self.number(year), form)

    async def vote_shares(self, _: str) -> None:
        if self.schedule:
            await self._serve(await schedules.vote(self.officer, self.schedule))

    async def effect_shares(self, _: str) -> None:
        if self.schedule:
            await schedules.take_effect(self.approver, self.schedule, self._resolution())
            self.schedule = ""

    async def sign(self, year: str) -> None:
        await years.step(self.officer, self.number(year), "sign")

    async def default(self, year: str) -> None:
        """A member lost its licence; what it leaves open is disclosed and charged to nobody."""
        assert self.pool.default is not None
        form = DefaultForm(cause="licence_lost", note="示例：监管机构吊销经营许可证。")
        uscc = self.usccs[self.pool.default[0]]
        await leaving.default(self.approver, self.number(year), uscc, form)

    async def ask_account(self, year: str) -> None:
        """A member's bank merged two branches: its settlement account changes."""
        assert self.pool.account is not None
        place = self.pool.account[0]
        form = AccountChangeForm(
            bank_account=f"4200 7700 {self.pool.members[place]:04d} 0002",
            reason="示例：开户行网点合并，基本存款账户账号变更。",
        )
        await member_accounts.ask(
            self.managers[place], self.number(year), self.usccs[place], form
        )

    async def confirm_account(self, year: str) -> None:
        assert self.pool.account is not None
        uscc = self.usccs[self.pool.account[0]]
        note = "示例：按预留电话回拨，与财务负责人核对无误。"
        await member_accounts.decide(self.officer, self.number(year), uscc, "confirm", note)

    async def open(self, year: str) -> None:
        await years.step(self.approver, self.number(year), "open")
