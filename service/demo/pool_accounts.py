"""Accounts of the demo's pools: statements, answers, runs, a late payer, a break, a dispute."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from coinsurance.settlement_forms import (
    AgreementForm,
    CertificateForm,
    DisputeForm,
    ReconciliationForm,
    RunForm,
)
from coinsurance.settlements import (
    answers,
    bank_files,
    certificates,
    closing,
    disputes,
    reconciling,
    records,
    run_views,
    runs,
)
from service.auth import Actor
from service.demo import people, plot
from service.demo.plot import Act
from service.demo.pooling import plan, pools
from service.kernel.calendar import today
from service.kernel.errors import Refused

ORDER = 8600
_PATH = "draft:0 approve:1 issue:1 answer:4 run:1 agree_run:1 pay:2"
_HEADER = "银行流水号,附言,付款户名,收款户名,金额(元),入账日期,结果\r\n"


class PoolAccounts:
    """The people who keep and answer the accounts of one pool year; one method for each verb."""

    def __init__(self, account: dict[str, Any], actors: dict[str, Actor]) -> None:
        self.account = account
        self.pool = next(p for p in pools() if p.code == account["pool"])
        self.year = f"{account['pool']}-{account['year']}"
        self.clerk = actors[people.login_of("clerk", self.pool.members[0])]
        self.manager = actors[people.login_of("manager", self.pool.members[0])]
        self.clerks = [actors[people.login_of("clerk", n)] for n in self.pool.members]
        self.managers = [actors[people.login_of("manager", n)] for n in self.pool.members]
        self.period = self.run_number = ""
        self.serial = 0
        self.waiting: list[Any] = []

    def acts(self, number: int) -> list[Act]:
        """What is done about the accounts, in order."""
        return sorted(self._acts(number), key=lambda act: act.moment)

    def _acts(self, number: int) -> Iterator[Act]:
        for period, day in self.account["periods"]:
            for act in plot.walk(number, day, _PATH):
                yield Act(act.moment, act.verb, period)
        if self.account["late"]:
            yield Act(plot.moment(self.account["late"][1], number, 6), "pay_late")
        last = self.account["periods"][-1][1]
        done = plot.add_working_days(last, 15)
        yield Act(plot.moment(done, number, 2), "reconcile")
        if self.account["certificate"]:
            yield Act(plot.moment(done, number, 5), "certify")

    async def take(self, act: Act) -> None:
        """Carry out one act; the clock has been set by the caller."""
        await getattr(self, act.verb)(act.value)

    async def draft(self, period: str) -> None:
        await closing.prepare(self.clerk, self.year, period)

    async def approve(self, period: str) -> None:
        await closing.approve(self.manager, self.year, period)

    async def issue(self, period: str) -> None:
        await closing.issue(self.manager, self.year, period)

    async def answer(self, period: str) -> None:
        """Members agree; where the plan says so one of them disputes its first line first."""
        for n, (clerk, manager) in enumerate(zip(self.clerks, self.managers, strict=True)):
            page = await records.page(manager, self.year, period=period, standing=True, limit=60)
            own = [
                s for s in page.items if s.member.uscc == people.insurer_uscc(self.pool.members[n])
            ]
            for statement in own:
                if n and n == self.account["dispute"] and statement.lines:
                    await self._dispute(clerk, statement.number)
                    self.account["dispute"] = 0
                await answers.agree(manager, statement.number, AgreementForm(note="").note)

    async def _dispute(self, clerk: Actor, statement: str) -> None:
        lines = await records.line_page(clerk, statement, None, 50)
        line = next((x for x in lines.items if x.dispute is None), None)
        if line is not None:
            form = DisputeForm(line=line.line, reason="本机构账面金额不同，请提供计算依据。")
            await disputes.open_dispute(clerk, statement, form)

    async def run(self, _: str) -> None:
        """What is due goes into a run; nothing happens when nothing is."""
        form = RunForm(pool_year=self.year, due_until=today())
        try:
            self.run_number = await runs.prepare(self.clerk, form)
        except Refused:
            self.run_number = ""

    async def agree_run(self, _: str) -> None:
        if self.run_number:
            await runs.agree(self.manager, self.run_number)

    async def pay(self, _: str) -> None:
        """The bank pays all but the late member; one amount comes short in the bank's file."""
        if not self.run_number:
            return
        await runs.bank_file(self.clerk, self.run_number)
        record = await run_views.record(self.clerk, self.run_number)
        late = self.account["late"]
        slow = people.insurer_uscc(self.pool.members[late[0]]) if late else ""
        self.waiting += [item for item in record.instructions if item.payer == slow]
        await self._banked([item for item in record.instructions if item.payer != slow])

    async def _banked(self, items: list[Any]) -> None:
        """The bank's file. Once the payer's bank kept 150.00 yuan back: that break stays open."""
        rows = []
        for item in items:
            self.serial += 1
            fen = item.amount_fen - self.account["short_fen"]
            self.account["short_fen"] = 0
            rows.append(
                f"{self.pool.code[:2].upper()}{self.account['year']}{self.serial:05d},"
                f"{item.reference},{item.payer_name},{item.payee_name},"
                f"{fen // 100}.{fen % 100:02d},{today().isoformat()},成功\r\n"
            )
        if rows:
            content = (_HEADER + "".join(rows)).encode("gb18030")
            name = f"银行流水{today():%Y%m%d}.csv"
            await bank_files.take_in(self.clerk, self.year, name, content)

    async def pay_late(self, _: str) -> None:
        """The late member pays at last."""
        await self._banked(self.waiting)
        self.waiting = []

    async def reconcile(self, _: str) -> None:
        form = ReconciliationForm(pool_year=self.year, until_on=today())
        await reconciling.run(self.clerk, form)

    async def certify(self, _: str) -> None:
        """Certificates of no difference for those against whom nothing stands."""
        for manager, number in zip(self.managers, self.pool.members, strict=True):
            form = CertificateForm(
                pool_year=self.year,
                as_of=date(2026, 9, 30),
                member_uscc=people.insurer_uscc(number),
            )
            try:
                (made,) = await certificates.prepare(self.clerk, form)
            except Refused:
                continue
            await certificates.confirm(manager, made)


def accounts(actors: dict[str, Actor]) -> list[PoolAccounts]:
    """The accounts of the plan."""
    return [PoolAccounts(account, actors) for account in plan()["account"]]
