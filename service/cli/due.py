"""`eastlake due`: write what has fallen due; safe to repeat. A serving program does it daily."""

from __future__ import annotations

import typer

from service.cli.base import in_database, say


def due_command() -> None:
    """办理到期事项：逾期失效、保障起止、封存 · Write what has fallen due"""
    from coinsurance.due import WORDS
    from service import due
    from service.kernel.calendar import now

    counts, done = in_database(lambda: due.run(now()))
    say(f"逾期未补正失效 {done.lapsed} 件", f"{done.lapsed} returned applications lapsed")
    if done.told:
        say(f"日历更新后确定期限 {done.told} 项", f"{done.told} terms have their last day now")
    begun, over = done.enrolments.get("activate", 0), done.enrolments.get("expire", 0)
    say(f"保障开始 {begun} 件，届满 {over} 件", f"cover begun {begun}, over {over}")
    say(
        f"资格到期 {done.qualifications.get('expire', 0)} 件",
        f"{done.qualifications.get('expire', 0)} qualifications expired",
    )
    say(f"公示期满待审批 {done.approvable} 件", f"{done.approvable} applications may be decided")
    for name, count in counts.items():
        if count:
            zh, en = WORDS[name]
            say(zh.format(count), en.format(count))
    say(f"封存 {done.seals} 条链", f"{done.seals} chains sealed")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("due")(due_command)
