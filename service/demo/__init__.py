"""The demo: filings, policies and subsidies of invented organisations, through the use cases.

The clock is set to office hours of working days from June 2025 on; what would lie in the future of
the real clock has not happened yet. All of it is one transaction.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from catalogue.books import publish_shipped
from catalogue.enrolments.editions import load_editions
from catalogue.products.types import load_types
from coinsurance import books as pools
from coinsurance import due as pools_due
from service.auth import check_password
from service.config import csrf_secret, settings
from service.demo import (
    cases,
    office,
    people,
    plot,
    pool_accounts,
    pool_claims,
    pool_risks,
    pooling,
    texts,
)
from service.demo.claiming import Claiming
from service.demo.filings import Filing
from service.demo.people import DemoAccount
from service.kernel import seals
from service.kernel.calendar import SHANGHAI, at_moment, now
from service.kernel.db import sql_value, work
from service.kernel.errors import DomainError, Refused
from service.kernel.findings import Text, blocker, register

__all__ = ["DemoAccount", "play"]

Progress = Callable[[str, int, int], None]
FOUNDED = datetime(2025, 6, 16, 9, 30, tzinfo=SHANGHAI)
"""Ten days after 武政办〔2025〕67号 was issued: the organisations are registered."""
_CASES = 1000
"""Cases follow filings of the same moment."""
_PLACES = ("luojia", "donghu", "guanggu", "hanyang", "chutian", "changjiang", "nanhu", "moshan")


async def play(progress: Progress | None = None) -> list[DemoAccount]:
    """Play the history into an empty database and return the accounts; a second call only returns.

    `progress` is told what goes on, how far it is and of how much. Raises Refused where other
    products or log-ins are in the way.
    """
    tell = progress or (lambda _what, _done, _all: None)
    if await people.are_here():
        return people.accounts(await _password_if_known())
    await load_types()
    await load_editions()
    await publish_shipped()
    await pools.publish_shipped()
    password = _password()
    async with work():
        await _check_empty()
        with at_moment(min(FOUNDED, now())):
            await people.settle(password)
        await _replay(tell)
        await pools_due.run(now())
    await seals.seal_all()
    return people.accounts(password)


class _Player(Protocol):
    async def take(self, act: plot.Act) -> None: ...


async def _replay(tell: Progress) -> None:
    actors = await people.actors()
    end = now()
    played: list[tuple[plot.Act, int, _Player]] = []
    for row in texts.history():
        filing = Filing(row, actors)
        played += [(act, row.number, filing) for act in plot.acts(row)]
    for case in cases.cases():
        claiming = Claiming(case, actors)
        played += [(act, _CASES + case.number, claiming) for act in cases.acts(case)]
    for number, pool in enumerate(pooling.pools(), pooling.ORDER):
        one = pooling.Pooling(pool, actors)
        played += [(act, number, one) for act in pooling.acts(pool, number)]
    risks = pool_risks.risks_of(actors)
    for order, players in (
        (pool_risks.ORDER, risks),
        (pool_claims.ORDER, pool_claims.claims(risks, actors)),
        (pool_accounts.ORDER, pool_accounts.accounts(actors)),
    ):
        for number, player in enumerate(players, order):
            played += [(act, number, player) for act in player.acts(number)]
    committee = office.Office(actors)
    played += [(act, office.ORDER, committee) for act in office.acts()]
    played = sorted(
        (one for one in played if one[0].moment <= end), key=lambda one: (one[0].moment, one[1])
    )
    for done, (act, _, player) in enumerate(played, 1):
        with at_moment(act.moment):
            await player.take(act)
        tell("回放报送、投保与补贴历史", done, len(played))


async def _check_empty() -> None:
    if await sql_value("SELECT count(*) FROM product"):
        raise Refused([blocker("demo.not_empty")])
    logins = [account.login for account in people.accounts("")]
    taken = await sql_value(
        "SELECT string_agg(login, '、') FROM eastlake_user WHERE login = ANY($1::text[])", logins
    )
    if taken:
        raise Refused([blocker("demo.login_taken", logins=taken)])


def _password() -> str:
    """The pass phrase that was set, or one drawn from the secret of the data folder."""
    given = settings().demo_password
    if given:
        return given
    secret = csrf_secret().encode()

    def drawn(what: str) -> bytes:
        return hmac.digest(secret, f"demo accounts {what}".encode(), "sha256")

    number = int.from_bytes(drawn("")[:8]) % 10**9
    return f"{'-'.join(sorted(_PLACES, key=drawn)[:3])}-{number:09d}"


async def _password_if_known() -> str:
    """The pass phrase if it still opens the first account, else nothing."""
    password = _password()
    try:
        await check_password(people.accounts("")[0].login, password, "demo")
    except DomainError:
        return ""
    return password


register(
    {
        "demo.not_empty": Text(
            "数据库中已有产品，不能再装入演示数据",
            "The database already holds products; the demo needs an empty one",
            "请用 EASTLAKE_DATA 指定另一个数据目录",
            "Name another data folder with EASTLAKE_DATA",
        ),
        "demo.login_taken": Text(
            "登录名已被占用：{logins}",
            "These log-ins are taken already: {logins}",
            "请用 EASTLAKE_DATA 指定另一个数据目录",
            "Name another data folder with EASTLAKE_DATA",
        ),
    }
)
