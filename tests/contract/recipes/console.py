"""The pages of the console and what they post."""

from __future__ import annotations

from tests.contract.recipes.catalogue import IMPORT, NOTE
from tests.contract.recipes.people import (
    CERTIFICATE,
    NEW_PASSWORD,
    ORGANISATION,
    ORGANISATION_CHANGE,
    OWN_PASSWORD,
    USER,
    USER_CHANGE,
)
from tests.contract.stage import Call
from tests.factories import PASSWORD

WRITES: dict[str, Call] = {
    "POST /login": Call(form={"login": "clerk", "password": PASSWORD}),
    "POST /logout": Call("clerk"),
    "POST /insurer/products/new": Call(
        "clerk", form={"type_code": "PT021", "name": "示例新产品", "_action": "save"}
    ),
    "POST /insurer/products/{number}/draft": Call(
        "clerk", "draft", form={"name": "示例改名产品", "_action": "save", "_revision": "1"}
    ),
    "POST /insurer/products/{number}/submission": Call("clerk", "draft"),
    "POST /insurer/products/{number}/versions": Call("clerk"),
    "POST /insurer/products/{number}/objections/{objection}/response": Call(
        "clerk", "returned", form={"text": "已补充查勘标准"}
    ),
    "POST /insurer/products/{number}/abandonment": Call("clerk", "submitted", form={"note": "改"}),
    "POST /insurer/products/{number}/withdrawal": Call("manager", form={"note": "停售"}),
    "POST /insurer/import": Call("clerk", files=IMPORT, form={"mode": "import"}),
    "POST /account/password": Call("clerk", form=OWN_PASSWORD),
    "POST /account/tokens": Call("clerk", form={"name": "报表", "scopes": ["read"], "days": "9"}),
    "POST /account/tokens/{token_id}/revocation": Call("clerk", form={"confirmed": "1"}),
    "POST /admin/organisations/new": Call("admin", form=ORGANISATION),
    "POST /admin/organisations/{uscc}": Call("admin", form={**ORGANISATION_CHANGE, "active": "1"}),
    "POST /admin/organisations/{uscc}/standing": Call("admin", form={"confirmed": "1"}),
    "POST /admin/organisations/{uscc}/certificates": Call("admin", form=CERTIFICATE),
    "POST /admin/users/new": Call("manager", form=USER),
    "POST /admin/users/{login}": Call("manager", form={**USER_CHANGE, "active": "1"}),
    "POST /admin/users/{login}/standing": Call("manager", form={"confirmed": "1"}),
    "POST /admin/users/{login}/password": Call("manager", form=NEW_PASSWORD),
    "POST /audit/verify": Call("auditor"),
    "POST /committee/products/{number}/acceptance": Call("officer", "submitted", form=NOTE),
    "POST /committee/products/{number}/review": Call("officer", "accepted", form=NOTE),
    "POST /committee/products/{number}/return": Call(
        "officer",
        "submitted",
        form={"note": "补正", "objections-0-field": "name", "objections-0-text": "名称不清"},
    ),
    "POST /committee/products/{number}/recommendation": Call(
        "officer", "in_review", form={"enter": "1", "note": "建议入库"}
    ),
    "POST /committee/products/{number}/entry": Call(
        "approver", "recommended", form={"confirmed": "1"}
    ),
    "POST /committee/products/{number}/rejection": Call(
        "approver", "recommended", form={"note": "不符", "confirmed": "1"}
    ),
    "POST /committee/products/{number}/suspension": Call(
        "approver", form={"note": "整改", "confirmed": "1"}
    ),
    "POST /committee/products/{number}/resumption": Call(
        "approver", "suspended", form={"note": "已整改", "confirmed": "1"}
    ),
    "POST /committee/products/{number}/withdrawal": Call(
        "approver", form={"note": "停售", "confirmed": "1"}
    ),
    "POST /committee/products/{number}/note": Call(
        "officer", "in_review", form={"text": "已电话核实"}
    ),
    "POST /committee/products/{number}/correction": Call(
        "approver",
        form=lambda stage: {
            "fact_id": str(stage.values["fact_id"]),
            "void": "1",
            "note": "误录",
            "confirmed": "1",
        },
    ),
}
READS: dict[str, Call] = {
    "GET /documents/{document_id}": Call("clerk"),
    "GET /static/swagger/{file_path}": Call(params={"file_path": "swagger-ui.css"}),
    "HEAD /static/swagger/{file_path}": Call(params={"file_path": "swagger-ui.css"}),
    "GET /insurer/products/{number}": Call("clerk", "renewing"),
    "GET /insurer/products/{number}/draft": Call("clerk", "draft"),
    "GET /insurer/products/{number}/abandonment": Call("clerk", "submitted"),
    "GET /committee/products/{number}": Call("officer", "in_review"),
}
