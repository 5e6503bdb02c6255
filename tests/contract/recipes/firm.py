"""The enterprise's pages and the public ones, on the records of the other parts."""

from __future__ import annotations

from typing import Any

from service.kernel.db import sql_value
from tests.contract.recipes import enrolment, subsidy
from tests.contract.stage import Call, Stage, sessions
from tests.factories import PDF

OBJECT = {"kind": "general", "name": "示例研发实验室"}
FIRST = {"kind": "first_set", "name": "示例改名设备", "edition": "SB-2024", "item": "示例-11.3"}
NOTE = {"note": "不再申请"}
PAPER = {"file": ("paper.pdf", PDF + b"firm page", "application/pdf")}
WHAT_IF = {
    "lines-0-kind": "general",
    "lines-0-premium_fen": "20000",
    "lines-0-limit_fen": "10000000",
}
SCHEME = {"params": {"code": subsidy.CODE}}


def value(name: str) -> Any:
    """A value that `prepare` left on the stage."""
    return lambda stage: stage.values[f"firm.{name}"]


def made(name: str, **more: Any) -> Call:
    """A call of the maker on its object, enrolment or qualification."""
    return Call("maker", params={"number": enrolment.value(name)}, **more)


def applied(name: str, **more: Any) -> Call:
    """A call of the claimant on its application."""
    return Call("claimant", params={"number": subsidy.value(name)}, **more)


def policy(**more: Any) -> Call:
    """A call of the claimant on its policy."""
    return Call("claimant", params={"policy_id": value("policy")}, **more)


def contract(**more: Any) -> Call:
    """A call of the maker on a sale of its object."""
    params = {"number": enrolment.value("free_object"), "contract": enrolment.value("contract")}
    return Call("maker", params=params, **more)


def _sale(stage: Stage) -> dict[str, str]:
    return {
        "number": "HT-2026-001",
        "buyer_name": "示例长江存储制造有限公司",
        "buyer_uscc": stage.world.usccs["committee"],
        "buyer_relation": "none",
        "signed_on": "2026-03-01",
        "amount_fen": "10000000",
        "quantity": "2",
    }


def _enrolment(stage: Stage) -> dict[str, str]:
    given = stage.values["enrolment.form"]
    return {name: str(item) for name, item in given.items()}


def _objection(stage: Stage) -> dict[str, str]:
    return {
        "choice": f"{stage.values['subsidy.announced']}/1",
        "name": "示例举报人",
        "contact": "027-00000009",
        "text": "合同与发票存疑，请管委会核查。",
    }


OBJECTS, ENROLMENTS = "/firm/objects/{number}", "/firm/enrolments/{number}"
APPLICATIONS = "/firm/applications/{number}"
WRITES: dict[str, Call] = {
    "POST /notices/{number}/objections": Call(
        form=_objection, params={"number": subsidy.value("notice")}
    ),
    "POST /firm/policies/{policy_id}/confirmation": policy(),
    "POST /firm/policies/{policy_id}/dispute": policy(form={"text": "保险金额登记错了"}),
    "POST /firm/objects/new": Call("maker", form=OBJECT),
    f"POST {OBJECTS}/edit": made("free_object", form=FIRST),
    f"POST {OBJECTS}/contracts": made(
        "free_object", form=lambda stage: _sale(stage) | {"number": "HT-3"}
    ),
    f"POST {OBJECTS}/contracts/{{contract}}": contract(form=_sale),
    f"POST {OBJECTS}/documents": made("free_object", form={"material": "ip_proof"}, files=PAPER),
    "POST /firm/enrolments/new": Call("maker", form=_enrolment),
    f"POST {ENROLMENTS}": made("draft", form=_enrolment),
    f"POST {ENROLMENTS}/submission": made("draft"),
    "POST /firm/qualifications/new": Call(
        "maker",
        form=lambda stage: {"object": stage.values["enrolment.free_object"], "asked_fen": "1000"},
    ),
    "POST /firm/schemes/{code}/what-if": Call("claimant", form=WHAT_IF, **SCHEME),
    "POST /firm/applications/new": Call(
        "claimant",
        form=lambda stage: {"scheme": subsidy.CODE, "policies": str(stage.values["firm.policy"])},
    ),
    f"POST {APPLICATIONS}/edit": applied("draft", form={"contact_name": "示例联系人"}),
    f"POST {APPLICATIONS}/materials": applied(
        "draft", form={"material": "sales_contract"}, files=PAPER
    ),
    f"POST {APPLICATIONS}/submission": applied("draft"),
    f"POST {APPLICATIONS}/withdrawal": applied("submitted", form=NOTE),
}
READS: dict[str, Call] = {
    "GET /notices/{number}": Call(params={"number": subsidy.value("notice")}),
    "GET /certificates/{code}": Call(params={"code": enrolment.value("certificate")}),
    "GET /firm/policies/{policy_id}": policy(),
    f"GET {OBJECTS}": made("free_object"),
    f"GET {OBJECTS}/edit": made("free_object"),
    f"GET {OBJECTS}/contracts/{{contract}}": contract(),
    f"GET {ENROLMENTS}": made("draft"),
    "GET /firm/qualifications/{number}": made("applied"),
    "GET /firm/schemes/{code}": Call("claimant", **SCHEME),
    f"GET {APPLICATIONS}": applied("draft"),
    f"GET {APPLICATIONS}/edit": applied("draft"),
}


async def prepare(stage: Stage) -> None:
    """The claimant's policy that stands in no application; browsers of the people made since."""
    stage.cookies |= await sessions()
    stage.values["firm.policy"] = await sql_value("SELECT id FROM policy WHERE number = 'SUB-free'")
