"""Products, documents, imports and the library."""

from __future__ import annotations

from catalogue.api.imports import XLSX
from tests.catalogue.sheets import product, whole
from tests.contract.stage import Call
from tests.factories import PDF, draft

ANY_MATCH = {"If-Match": "*"}
DRAFT = {key: value for key, value in draft().items() if key != "type_code"}
NOTE = {"note": "材料齐全"}
OBJECTIONS = {
    "note": "请补正",
    "objections": [{"field": "eligibility", "text": "请写明投保前查勘的标准"}],
}
IMPORT = {"file": ("products.xlsx", whole(product()), XLSX)}
SUSPENSION = {"note": "整改期间暂停"}

WRITES: dict[str, Call] = {
    "POST /api/v1/products": Call("clerk", json=draft()),
    "PUT /api/v1/products/{number}/draft": Call("clerk", "draft", DRAFT, headers=ANY_MATCH),
    "POST /api/v1/products/{number}/versions": Call("clerk"),
    "POST /api/v1/products/{number}/submission": Call("clerk", "draft", {}),
    "POST /api/v1/products/{number}/acceptance": Call("officer", "submitted", NOTE),
    "POST /api/v1/products/{number}/return": Call("officer", "submitted", OBJECTIONS),
    "POST /api/v1/products/{number}/objections/{objection}/responses": Call(
        "clerk", "returned", {"text": "已补充查勘标准"}
    ),
    "POST /api/v1/products/{number}/review": Call("officer", "accepted", {}),
    "POST /api/v1/products/{number}/notes": Call("officer", "in_review", {"text": "已电话核实"}),
    "POST /api/v1/products/{number}/recommendation": Call(
        "officer", "in_review", {"enter": True, "note": "建议入库"}
    ),
    "POST /api/v1/products/{number}/entry": Call("approver", "recommended", NOTE),
    "POST /api/v1/products/{number}/rejection": Call(
        "approver", "recommended", {"note": "责任范围与产品类型不符"}
    ),
    "POST /api/v1/products/{number}/abandonment": Call("clerk", "submitted", {"note": "改报"}),
    "POST /api/v1/products/{number}/suspension": Call("approver", json=SUSPENSION),
    "POST /api/v1/products/{number}/resumption": Call("approver", "suspended", {"note": "已整改"}),
    "POST /api/v1/products/{number}/withdrawal": Call("manager", json={"note": "停售"}),
    "POST /api/v1/documents": Call(
        "clerk",
        files={"file": ("clause.pdf", PDF, "application/pdf")},
        form={"kind": "clause_text"},
    ),
    "POST /api/v1/product-imports": Call(
        "clerk",
        files=IMPORT,
        form={"dry_run": "false"},
    ),
    "POST /api/v1/products/{number}/library-corrections": Call(
        "approver",
        json=lambda stage: {"fact_id": stage.values["fact_id"], "void": True, "note": "误录"},
    ),
}
READS: dict[str, Call] = {
    "GET /api/v1/products/{number}": Call("clerk", "renewing"),
    "GET /api/v1/products/{number}/findings": Call("clerk", "draft"),
    "GET /api/v1/products/{number}/likenesses": Call("officer", "submitted"),
    "GET /api/v1/products/{number}/difference": Call(
        "clerk", "renewing", query={"old": 1, "new": 2}
    ),
    "GET /api/v1/documents/{document_id}/content": Call("clerk"),
}
