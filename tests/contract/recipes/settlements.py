"""Statements, disputes, runs, bank files, reconciliation, certificates, results.

Five pool years of one group of members: `live` has two quarters issued, `draft` and `approved` one
that is under way, `done` one that is agreed and paid, `due` debts that nobody pays.
"""

from __future__ import annotations

from typing import Any

from tests.coinsurance.placing import BOOKS
from tests.coinsurance.settling import Book, on, plant_book
from tests.coinsurance.settling import upload as send
from tests.coinsurance.test_settlement_runs import agreed_run, bank, yuan
from tests.contract.stage import Call, Stage

API = "/api/v1"
YEARS = f"{API}/pool-years"
STATEMENT = f"{API}/statements/{{number}}"
DISPUTE = f"{API}/disputes/{{number}}"
RUN = f"{API}/settlement-runs"
CERTIFICATE = f"{API}/certificates/no-difference"
Q1 = "2026-Q1"
NOTE = {"note": "示例说明"}
EXPLANATION = {"explanation": "付款行扣收手续费"}


def value(name: str) -> Any:
    """A value that `prepare` left on the stage."""
    return lambda stage: stage.values[f"settlement.{name}"]


def at(name: str, who: str, json: Any = None, **more: Any) -> Call:
    """A call on a record that `prepare` made."""
    params = {"number": value(name), **more.pop("params", {})}
    return Call(who, json=json, params=params, **more)


def _year(key: str, **more: Any) -> Any:
    return lambda stage: {"pool_year": stage.values[f"settlement.{key}"], **more}


def _dispute(stage: Stage) -> dict[str, Any]:
    return {"line": stage.values["settlement.line"], "reason": "金额与本机构账面不符"}


def _evidence(stage: Stage) -> dict[str, Any]:
    return {"subject_kind": "statement", "subject": stage.values["settlement.statement"]}


def _assignment(stage: Stage) -> dict[str, Any]:
    return {"reference": stage.values["settlement.reference"], "note": "付款人来函说明"}


PERIOD = {"period": value("period")}
PAYMENT = {"amount_fen": 1, "paid_on": "2026-11-20", "bank_reference": "HAND-1"}
RESULT = {"paid": True, "bank_reference": "HAND-2", "paid_on": "2026-11-20"}
DEBTS = [
    {"reference": "1", "debtor": "甲", "creditor": "乙", "amount_fen": 100, "kind": "premium"},
    {"reference": "2", "debtor": "乙", "creditor": "丙", "amount_fen": 80, "kind": "premium"},
    {"reference": "3", "debtor": "丙", "creditor": "甲", "amount_fen": 50, "kind": "premium"},
]
INTEREST = {
    "principal_fen": 10_000_000,
    "due_on": "2026-03-10",
    "until_on": "2026-03-20",
    "rate_ppm": 34_500,
}
SIDES = {
    "expected": [{"reference": "SR-1", "amount_fen": 10_000}],
    "stated": [{"reference": "SR-1", "amount_fen": 10_000}],
    "banked": [{"reference": "SR-1", "amount_fen": 9_850}],
}
PERIODS = {"periods": [[{"account": "premium:甲", "reason": "premium", "amount_fen": -500}]]}
BANK = "银行流水号,附言,金额(元),入账日期\r\nNEW-1,没有编号,1.00,2026-11-20\r\n"
LIST = "保单号,项目,金额(元)\r\n示例保单,保费,-1.00\r\n"


def _form(key: str, name: str) -> Any:
    """The fields beside a file; the stage knows the record only when it is sent."""
    return lambda stage: {name: stage.values[f"settlement.{key}"]}


WRITES: dict[str, Call] = {
    f"POST {YEARS}/{{number}}/statements": at("live", "clerk", {"period": "2026-Q3"}),
    f"POST {YEARS}/{{number}}/statement-periods/{{period}}/approval": at(
        "draft", "manager", params=PERIOD
    ),
    f"POST {YEARS}/{{number}}/statement-periods/{{period}}/issue": at(
        "approved", "manager", params=PERIOD
    ),
    f"POST {YEARS}/{{number}}/statement-periods/{{period}}/cancellation": at(
        "draft", "clerk", NOTE, params=PERIOD
    ),
    f"POST {STATEMENT}/approval": at("drafted", "manager"),
    f"POST {STATEMENT}/issue": at("replacing", "manager"),
    f"POST {STATEMENT}/acknowledgement": at("statement", "clerk"),
    f"POST {STATEMENT}/agreement": at("statement", "manager", NOTE),
    f"POST {STATEMENT}/disputes": at("statement", "clerk", _dispute),
    f"POST {STATEMENT}/cancellation": at("statement", "manager", NOTE),
    f"POST {DISPUTE}/escalation": at("dispute", "clerk"),
    f"POST {DISPUTE}/referral": at("dispute", "manager", NOTE),
    f"POST {DISPUTE}/withdrawal": at("own_dispute", "clerk", NOTE),
    f"POST {DISPUTE}/upholding": at("dispute", "manager", NOTE),
    f"POST {DISPUTE}/dismissal": at("dispute", "approver", NOTE),
    f"POST {RUN}": Call("clerk", json=_year("due", due_until="2026-11-20")),
    f"POST {RUN}/{{number}}/approval": at("proposed", "manager"),
    f"POST {RUN}/{{number}}/bank-file": at("agreed", "clerk"),
    f"POST {RUN}/{{number}}/instructions/{{instruction}}/result": at(
        "agreed", "clerk", RESULT, params={"instruction": 2}
    ),
    f"POST {RUN}/{{number}}/cancellation": at("proposed", "clerk", NOTE),
    f"POST {API}/bank-files": Call(
        "clerk",
        files={"file": ("bank.csv", BANK.encode(), "text/csv")},
        form=_form("live", "pool_year"),
    ),
    f"POST {API}/bank-files/{{number}}/rows/{{row}}/assignment": at(
        "bank_file", "clerk", _assignment, params={"row": 2}
    ),
    f"POST {API}/reminders": Call("clerk", json=_year("due")),
    f"POST {API}/obligations/{{number}}/payments": at("obligation", "clerk", PAYMENT),
    f"POST {API}/obligations/{{number}}/interest": at(
        "obligation", "clerk", {"until_on": "2026-11-20"}
    ),
    f"POST {API}/reconciliation": Call("clerk", json=_year("live", until_on="2026-11-20")),
    f"POST {API}/reconciliation/breaks/{{number}}/explanation": at("break", "clerk", EXPLANATION),
    f"POST {API}/bordereaux": Call(
        "clerk",
        files={"file": ("list.csv", LIST.encode(), "text/csv")},
        form=_form("statement", "statement"),
    ),
    f"POST {CERTIFICATE}": Call("clerk", json=_year("done", as_of="2026-03-30")),
    f"POST {CERTIFICATE}/{{number}}/confirmation": at("certificate", "manager"),
    f"POST {CERTIFICATE}/{{number}}/withdrawal": at("certificate", "manager", NOTE),
    f"POST {API}/evidence-bundles": Call("clerk", json=_evidence),
    f"POST {API}/product-experience": Call("officer"),
    f"POST {API}/what-if/netting": Call("clerk", json={"debts": DEBTS}),
    f"POST {API}/what-if/interest": Call("clerk", json=INTEREST),
    f"POST {API}/what-if/reconciliation": Call("clerk", json=SIDES),
    f"POST {API}/what-if/statements": Call("clerk", json=PERIODS),
}
NOTHING_WRITTEN = {
    f"POST {API}/what-if/{name}" for name in ("netting", "interest", "reconciliation", "statements")
}
_OF_YEAR = ("statements", "statement-periods", "obligations", "ageing", "results", "scorecards")
READS: dict[str, Call] = {
    **{f"GET {YEARS}/{{number}}/{name}": at("live", "clerk") for name in _OF_YEAR},
    f"GET {YEARS}/{{number}}/books/{{book_format}}": at(
        "live", "clerk", params={"book_format": "beancount"}
    ),
    **{f"GET {STATEMENT}{rest}": at("statement", "clerk") for rest in ("", "/lines", "/lines.csv")},
    f"GET {DISPUTE}": at("dispute", "clerk"),
    f"GET {RUN}": Call("clerk", query=value("in_live")),
    f"GET {RUN}/{{number}}": at("agreed", "clerk"),
    f"GET {API}/bank-files": Call("clerk", query=value("in_live")),
    f"GET {API}/bank-files/{{number}}": at("bank_file", "clerk"),
    f"GET {API}/obligations/{{number}}": at("obligation", "clerk"),
    f"GET {API}/obligations/{{number}}/interest": at("obligation", "clerk"),
    f"GET {API}/reconciliation/breaks": Call("clerk", query=value("in_live")),
    f"GET {API}/reconciliation/breaks/{{number}}": at("break", "clerk"),
    f"GET {API}/bordereaux": Call("clerk", query=value("of_statement")),
    f"GET {API}/bordereaux/{{number}}": at("list", "clerk"),
    f"GET {CERTIFICATE}": Call("clerk", query=value("in_done")),
    f"GET {CERTIFICATE}/{{number}}": at("certificate", "clerk"),
    f"GET {CERTIFICATE}/{{number}}/verification": at(
        "certificate", "clerk", query={"hash": "0" * 64}
    ),
    **{
        f"GET {API}/evidence-bundles/{{number}}{rest}": at("bundle", "clerk")
        for rest in ("", "/archive.zip", "/print.html")
    },
    f"GET {API}/pools/{{pool}}/triangles": Call("clerk", params={"pool": "settle-live"}),
}


async def prepare(stage: Stage) -> None:
    """The five years."""
    stage.values["settlement.period"] = Q1
    live = await _book(stage, "live", None)
    others = {login: key for login, key in live.year.members.items() if login != "clerk"}
    await _live(stage, live)
    for name in ("draft", "approved", "done", "due"):
        book = await _book(stage, name, others)
        await {"draft": _draft, "approved": _approved, "done": _done, "due": _due}[name](
            stage, book
        )


async def _book(stage: Stage, name: str, others: dict[str, int] | None) -> Book:
    text = (BOOKS / "integrated-circuit.toml").read_text("utf-8")
    book = await plant_book(
        stage.world, f"settle-{name}", schedule=False, text=text, prefix="settler", serial=740,
        others=others,
    )  # fmt: skip
    book.serial = {"live": 0, "draft": 100, "approved": 200, "done": 300, "due": 400}[name]
    stage.values[f"settlement.{name}"] = book.number
    with on("2026-03-10"):
        await book.premium(100_000_000, "2026-01-20", "2026-02-10")
        if name != "done":
            await book.claim(30_000_000, "2026-02-20", "2026-03-06")
    return book


async def _live(stage: Stage, book: Book) -> None:
    """Two quarters issued, two disputes, a run proposed, one agreed, a bank file, a list."""
    world, values = stage.world, stage.values
    values["settlement.in_live"] = {"pool_year": book.number}
    first = await book.close(Q1, "2026-04-02")
    for who, name in (("settler3", "dispute"), ("clerk", "own_dispute")):
        line = await _line(book, who, first[who]["number"], "claim")
        with on("2026-04-08"):
            body = {"line": line, "reason": "出险通知迟延"}
            made = await world.post(who, f"/statements/{first[who]['number']}/disputes", body)
        values[f"settlement.{name}"] = made["number"]
    await _run(stage, book)
    with on("2026-06-10"):
        await book.premium(10_000_000, "2026-06-10", "2026-07-01")
    second = await book.close("2026-Q2", "2026-07-02")
    values["settlement.statement"] = number = second["clerk"]["number"]
    values["settlement.of_statement"] = {"statement": number}
    values["settlement.line"] = await _line(book, "clerk", number, "premium")
    replaced = second["settler4"]["number"]
    with on("2026-07-03"):
        fresh = await world.post("manager", f"/statements/{replaced}/cancellation", NOTE)
        await world.post("keeper_manager", f"/statements/{fresh['number']}/approval")
        values["settlement.replacing"] = fresh["number"]
        made = await send(world, "clerk", "/bordereaux", b"\xef\xbb\xbf" + LIST.encode(), "l.csv",
                          statement=number)  # fmt: skip
        values["settlement.list"] = made.json()["number"]
        bundle = {"subject_kind": "statement", "subject": number}
        values["settlement.bundle"] = (await world.post("clerk", "/evidence-bundles", bundle))[
            "number"
        ]
        due = {"pool_year": book.number, "due_until": "2026-07-03"}
        run = await world.post("clerk", "/settlement-runs", due)
        values["settlement.proposed"] = run["number"]


async def _run(stage: Stage, book: Book) -> None:
    """A run that is agreed, and a bank file with money nobody knows."""
    run = await agreed_run(book, day="2026-04-13")
    values = stage.values
    values["settlement.agreed"] = run["number"]
    values["settlement.reference"] = run["instructions"][0]["reference"]
    unknown = bank(("U1", "没有编号", "", "", yuan(1_000), "2026-04-14", "成功"))
    with on("2026-04-15"):
        made = await send(stage.world, "clerk", "/bank-files", unknown, pool_year=book.number)
    values["settlement.bank_file"] = made.json()["number"]
    values["settlement.break"] = made.json()["breaks"][0]


async def _line(book: Book, who: str, number: str, item: str) -> int:
    lines = (await book.world.get(who, f"/statements/{number}/lines"))["items"]
    line: int = next(x["line"] for x in lines if x["item"] == item)
    return line


async def _draft(stage: Stage, book: Book) -> None:
    with on("2026-04-02"):
        path = f"/pool-years/{book.number}/statements"
        page = await stage.world.post("clerk", path, {"period": Q1})
    stage.values.setdefault("settlement.drafted", page["items"][0]["number"])


async def _approved(stage: Stage, book: Book) -> None:
    await _draft(stage, book)
    with on("2026-04-02"):
        path = f"/pool-years/{book.number}/statement-periods/{Q1}/approval"
        await stage.world.post("manager", path)


async def _done(stage: Stage, book: Book) -> None:
    """A quarter that is paid and agreed, with one certificate prepared."""
    run = await agreed_run(book, day="2026-03-12")
    with on("2026-03-13"):
        for n, instruction in enumerate(run["instructions"]):
            path = f"/settlement-runs/{run['number']}/instructions/{instruction['number']}/result"
            await stage.world.post("clerk", path, {"bank_reference": f"DONE-{n}"})
    issued = await book.close(Q1, "2026-04-02")
    await book.agree_all(issued, "2026-04-03")
    form = {"pool_year": book.number, "as_of": "2026-03-31", "member_uscc": book.uscc("clerk")}
    with on("2026-04-07"):
        (made,) = await stage.world.post("clerk", "/certificates/no-difference", form)
    stage.values["settlement.certificate"] = made["number"]
    stage.values["settlement.in_done"] = {"pool_year": book.number}


async def _due(stage: Stage, book: Book) -> None:
    page = await stage.world.get("clerk", f"/pool-years/{book.number}/obligations")
    claim = next(x for x in page["items"] if x["kind"] == "claim_reimbursement")
    stage.values["settlement.obligation"] = claim["number"]
