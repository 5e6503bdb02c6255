"""What falls due in pools, placements and their money: one run, safe to repeat (law 12).

To add a task: an `async def due(moment)` beside the records it writes, and its place in `run`.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime

from coinsurance.placements import due as placements
from coinsurance.pools import agreements as _agreements  # noqa: F401  what follows a vote
from coinsurance.pools import due as pools
from coinsurance.pools import schedules as _schedules  # noqa: F401  what follows a vote
from coinsurance.premiums import due as premiums
from coinsurance.settlements import due as settlements

WORDS: dict[str, tuple[str, str]] = {
    "told": ("日历更新后确定答复期限 {} 项", "{} deadlines of requests are known now"),
    "deemed": ("默示同意 {} 项", "{} consents deemed after service and deadline"),
    "closed": ("征求同意办结 {} 件", "{} requests for consent closed"),
    "exits": ("成员退出 {} 家", "{} members left after their notice"),
    "lines_lapsed": ("份额线失效 {} 条", "{} lines lapsed"),
    "undersubscribed": ("认购不足 {} 笔", "{} risks undersubscribed"),
    "risks_lapsed": ("风险失效 {} 笔", "{} risks lapsed"),
    "attached": ("共保保障开始 {} 笔", "{} placements in force"),
    "expired": ("共保保障届满 {} 笔", "{} placements expired"),
    "dues_told": ("日历更新后确定应付日 {} 项", "{} due days of debts are known now"),
    "given_back": ("变更到期，释放承保能力 {} 张", "{} placements gave capacity back"),
    "reminded": ("催付逾期应付 {} 项", "{} reminders of overdue debts"),
    "experience": ("反馈产品经验 {} 个版本", "experience of {} product versions"),
}
"""How each count is said, in Chinese and English."""


async def run(moment: datetime) -> dict[str, int]:
    """Write what fell due up to a moment, and how many of each. Running it again writes nothing."""
    return {
        **asdict(await pools.due(moment)),
        **asdict(await placements.due(moment)),
        **asdict(await premiums.due(moment)),
        **asdict(await settlements.due(moment)),
    }
