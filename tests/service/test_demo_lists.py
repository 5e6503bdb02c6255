"""Every list of policies, enrolments and money of the demo: both ways, searched, empty, as file."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from catalogue.enrolments import records
from catalogue.policies import records as policies
from catalogue.subsidies import (
    direct_payments,
    listing,
    notices,
    objections,
    payee_accounts,
    payments,
    recoveries,
)
from service import reports
from service.auth import Actor
from service.demo import DemoAccount, people
from service.kernel.errors import Refused

Turn = Callable[[Actor, str | None, int], Awaitable[Any]]
LISTS: dict[str, Turn] = {
    "policies": lambda a, c, n: policies.policy_page(a, cursor=c, limit=n),
    "objects": lambda a, c, n: records.object_page(a, None, None, c, n),
    "enrolments": lambda a, c, n: records.enrolment_page(a, None, None, None, c, n),
    "qualifications": lambda a, c, n: records.qualification_page(a, None, None, c, n),
    "applications": lambda a, c, n: listing.application_page(a, cursor=c, limit=n),
    "notices": lambda a, c, n: notices.notice_page(cursor=c, limit=n),
    "objections": lambda a, c, n: objections.objection_page(a, cursor=c, limit=n),
    "batches": lambda a, c, n: payments.batch_page(cursor=c, limit=n),
    "recoveries": lambda a, c, n: recoveries.recovery_page(a, cursor=c, limit=n),
    "accounts": lambda a, c, n: payee_accounts.account_page(a, cursor=c, limit=n),
    "direct": lambda a, c, n: direct_payments.payment_page(a, c, n),
}


def _of(page: Any, name: str) -> Any:
    return page[name] if isinstance(page, dict) else getattr(page, name)


@pytest.mark.parametrize("name", LISTS)
async def test_a_list_turns_forward_and_back(played: list[DemoAccount], name: str) -> None:
    officer, ask = (await people.actors())["officer"], LISTS[name]
    whole = _of(await ask(officer, None, 100), "items")
    assert len(whole) > 1, name
    forward: list[Any] = []
    cursor: str | None = None
    while True:
        page = await ask(officer, cursor, 1)
        forward += _of(page, "items")
        assert (_of(page, "previous") is None) == (cursor is None)
        if _of(page, "next") is None:
            break
        cursor = _of(page, "next")
    assert forward == whole
    back = list(_of(page, "items"))
    while (earlier := _of(page, "previous")) is not None:
        page = await ask(officer, earlier, 1)
        assert _of(page, "next") is not None
        back = _of(page, "items") + back
    assert back == whole


SEARCHES = {
    "policies": ("policies", "number"),
    "objects": ("objects", "name"),
    "enrolments": ("enrolments", "policy_number"),
    "qualifications": ("qualifications", "number"),
    "applications": ("applications", "number"),
    "objections": ("objections", "application"),
    "payments": ("payments", "batch"),
    "recoveries": ("recoveries", "policy"),
    "payee-accounts": ("payee-accounts", "organisation"),
}


async def _rows(name: str, actor: Actor, **params: str) -> list[dict[str, Any]]:
    file = await reports.run(name, actor, params, "json")
    rows: list[dict[str, Any]] = json.loads(file.content)["rows"]
    return rows


@pytest.mark.parametrize("name", SEARCHES)
async def test_a_file_holds_what_the_list_shows(played: list[DemoAccount], name: str) -> None:
    report, field = SEARCHES[name]
    officer = (await people.actors())["officer"]
    every = await _rows(report, officer)
    some = await _rows(report, officer, q=str(every[0][field]))
    assert every[0] in some
    assert all(row in every for row in some)
    assert await _rows(report, officer, q="不存在的词") == []


async def test_files_narrow_by_status_and_show_chinese_words(played: list[DemoAccount]) -> None:
    officer = (await people.actors())["officer"]
    paid = await _rows("applications", officer, status="paid")
    assert paid
    assert {row["status"] for row in paid} == {"已拨付"}
    due = await _rows("recoveries", officer, status="open")
    assert {row["status"] for row in due} <= {"待缴回"}
    for report in ("applications", "recoveries", "objections", "payments", "payee-accounts"):
        with pytest.raises(Refused) as error:
            await _rows(report, officer, status="nonsense")
        assert error.value.findings[0].code == "form.not_a_choice"


async def test_files_hold_neither_whole_accounts_nor_objectors(played: list[DemoAccount]) -> None:
    officer = (await people.actors())["officer"]
    for report in ("payments", "payee-accounts"):
        rows = await _rows(report, officer)
        assert all(row["account_number"].startswith("****") for row in rows), report
    assert not {"objector_name", "objector_contact"} & set((await _rows("objections", officer))[0])


async def test_firm_and_insurer_get_their_own_rows_only(played: list[DemoAccount]) -> None:
    actors = await people.actors()
    for report in ("enrolments", "applications", "qualifications", "objects"):
        mine, every = await _rows(report, actors["firm"]), await _rows(report, actors["officer"])
        field = "owner" if report == "objects" else "enterprise"
        assert len({row[field] for row in mine}) <= 1, report
        assert len(mine) < len(every), report
    accounts = await _rows("payee-accounts", actors["clerk"])
    assert len({row["organisation"] for row in accounts}) == 1
