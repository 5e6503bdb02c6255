"""What the committee does on fixed days of the demo: schemes, payment batches, what falls due."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import date
from importlib import resources

from catalogue.enrolments.edition_imports import import_editions
from catalogue.money_forms import BatchForm, ResultForm, ResultRow, SchemeForm
from catalogue.payee_forms import PayeeAccountForm
from catalogue.subsidies import due, payee_accounts, payments, results, schemes
from catalogue.subsidy_forms import OpinionForm
from service.auth import Actor
from service.demo import people, plot, rules
from service.demo.plot import Act
from service.kernel.calendar import add_working_days, now, today
from service.kernel.errors import Refused

Opinion = Callable[[Actor, str, OpinionForm], Awaitable[object]]
ORDER = 9000
"""The number that the office's acts are ordered and timed by."""
_SCHEMES = {
    "eastlake-2025": (date(2025, 11, 3), date(2026, 5, 5), 300_000_000),
    "eastlake-2026": (date(2026, 5, 6), date(2026, 12, 31), 500_000_000),
}
DIRECT = "eastlake-direct-2026"
"""The scheme that pays the insurers; nobody applies for it unless the case says so."""
_ALL = {**_SCHEMES, DIRECT: (date(2026, 3, 2), date(2026, 12, 31), 80_000_000)}
_ACCOUNT_DAY = date(2026, 3, 9)
_EDITION_DAY = date(2026, 11, 10)
"""Next year's edition of a catalogue is put in from a file."""
_UNVERIFIED = len(people.INSURERS)
"""The account of the last insurer waits for the committee still."""
_PAY_DAYS = (
    date(2026, 1, 26),
    date(2026, 3, 23),
    date(2026, 4, 27),
    date(2026, 5, 25),
    date(2026, 7, 20),
    date(2026, 8, 24),
    date(2026, 9, 21),
)
_LAST_PAY_DAY = date(2026, 11, 16)
_RULE_DAY = date(2026, 11, 18)
"""The draft of next year's rule is put in."""
_FAILED_IN = _PAY_DAYS[1]
"""In this batch the bank turns down the first payment; the next batch pays it."""


_RULES = {DIRECT: "eastlake-direct-example"}


def scheme_on(day: date) -> str:
    """The scheme that takes applications on a day."""
    return next(code for code, (_, last, _) in _SCHEMES.items() if day <= last)


def acts() -> list[Act]:
    """Everything the office does, in order."""
    found = []
    for code, (first, _, _) in _ALL.items():
        steps = plot.walk(ORDER, first, "prepare_scheme:0 open_scheme:1")
        found += [replace(act, value=code) for act in steps]
    for day in (*_PAY_DAYS, _LAST_PAY_DAY):
        for code, (first, _, _) in _ALL.items():
            if first < day:
                found.append(Act(plot.moment(day, ORDER, 2), "pay", code))
        if day != _LAST_PAY_DAY:
            result_day = add_working_days(day, 2)
            found.append(Act(plot.moment(result_day, ORDER, 1), "result"))
    for month in range(12):
        day = add_working_days(date(2025 + (month + 11) // 12, (month + 11) % 12 + 1, 20), 1)
        found.append(Act(plot.moment(day, ORDER, 3), "run_due"))
    found += plot.walk(ORDER + 1, _ACCOUNT_DAY, "enter_accounts:0 verify_accounts:2")
    found.append(Act(plot.moment(_EDITION_DAY, ORDER, 5), "import_edition"))
    found.append(Act(plot.moment(_RULE_DAY, ORDER, 4), "prepare_rule"))
    return sorted(found, key=lambda act: act.moment)


class Office:
    """The committee's people, and one method for each verb."""

    def __init__(self, actors: dict[str, Actor]) -> None:
        self.officer, self.approver = actors["officer"], actors["approver"]
        self.admin, self.actors = actors["admin"], actors
        self.sent: list[str] = []
        self.accounts: list[int] = []
        self.paid_count = 0

    async def take(self, act: Act) -> None:
        """Carry out one act; the clock has been set by the caller."""
        await getattr(self, act.verb)(act.value)

    async def prepare_scheme(self, code: str) -> None:
        first, last, appropriation_fen = _ALL[code]
        kind = "直付" if code == DIRECT else "补贴"
        form = SchemeForm(
            code=code,
            name=f"东湖科技保险保费{kind} {code[-4:]}（示例）",
            rule_family=f"subsidy/{_RULES.get(code, 'eastlake-example')}",
            rule_version="2026.1",
            window_from=first,
            window_to=last,
            appropriation_fen=appropriation_fen,
            document=f"示例预算文件〔{code[-4:]}〕{2 if code == DIRECT else 1}号",
        )
        await schemes.prepare_scheme(self.officer, form)

    async def open_scheme(self, code: str) -> None:
        await schemes.open_scheme(self.approver, code)

    async def pay(self, code: str) -> None:
        """Everything payable goes into one batch; nothing happens when nothing is."""
        try:
            batch = await payments.prepare_batch(self.officer, code, BatchForm())
        except Refused:
            return
        await payments.approve_batch(self.approver, batch.number)
        await payments.bank_file(self.officer, batch.number)
        self.sent.append(batch.number)

    async def result(self, _: str) -> None:
        """The bank's answers two days later."""
        for number in self.sent:
            batch = await payments.batch(number)
            rows = []
            for item in batch.items:
                self.paid_count += 1
                fails = item.number == 1 and today() == add_working_days(_FAILED_IN, 2)
                rows.append(
                    ResultRow(
                        item=item.number,
                        amount_fen=item.amount_fen,
                        paid=not fails,
                        bank_reference="" if fails else f"BF{today():%Y%m%d}{self.paid_count:04d}",
                        paid_on=None if fails else today(),
                        failure="账号户名不符" if fails else "",
                    )
                )
            await results.take_result(self.officer, number, ResultForm(rows=rows))
        self.sent = []

    async def enter_accounts(self, _: str) -> None:
        """Every insurer enters the account it wants to be paid on."""
        for number, insurer in enumerate(people.INSURERS, 1):
            form = PayeeAccountForm(
                account_name=insurer.name,
                account_number=f"4200 8800 {number:04d} 0001",
                bank_name="示例银行武汉分行",
            )
            manager = self.actors[people.login_of("manager", number)]
            self.accounts.append((await payee_accounts.propose(manager, form)).id)

    async def verify_accounts(self, _: str) -> None:
        """The committee has looked at the banks' permits of all insurers but one."""
        for account in self.accounts[: _UNVERIFIED - 1]:
            await payee_accounts.verify(self.approver, account, "已核对开户许可证原件。")

    async def import_edition(self, _: str) -> None:
        """Next year's edition of the catalogue of materials, from a file."""
        content = (resources.files("service.demo") / "edition.csv").read_bytes()
        await import_editions(self.admin, "示例目录.csv", content)

    async def prepare_rule(self, _: str) -> None:
        """Next year's rule as a draft; it waits for the approver."""
        await rules.prepare(self.officer)

    async def run_due(self, _: str) -> None:
        await due.run(now())
