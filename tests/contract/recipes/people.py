"""Tokens, organisations and users."""

from __future__ import annotations

from service.kernel.numbering import make_uscc
from tests.contract.stage import Call, Stage
from tests.factories import PASSWORD

ANY_MATCH = {"If-Match": "*"}
ORGANISATION = {
    "uscc": make_uscc("91420100", "MA4K9001"),
    "kind": "insurer",
    "name": "示例汉江财产保险股份有限公司",
    "short_name": "示例汉江财险",
    "district": "洪山区",
    "licence_number": "000133",
    "contact": "示例联系人 027-00000001",
}
ORGANISATION_CHANGE = {
    key: value for key, value in ORGANISATION.items() if key not in ("uscc", "kind")
} | {"active": True}
CERTIFICATE = {
    "kind": "高新技术企业",
    "number": "GR202542000001",
    "valid_from": "2025-11-01",
    "valid_to": "2028-10-31",
}
USER = {
    "login": "li.ming",
    "name": "示例经办",
    "roles": ["insurer_clerk"],
    "password": "four-words-are-better-than-one",
}
USER_CHANGE = {"name": "示例经办", "roles": ["insurer_clerk"], "active": True}
TOKEN = {
    "login": "clerk",
    "password": PASSWORD,
    "name": "statistics export",
    "scopes": ["read"],
    "days": 90,
}
NEW_PASSWORD = {"password": "another-long-password-7"}
OWN_PASSWORD = {"old_password": PASSWORD, "new_password": "another-long-password-7"}

WRITES: dict[str, Call] = {
    "POST /api/v1/tokens": Call(json=TOKEN),
    "DELETE /api/v1/tokens/{token_id}": Call("clerk"),
    "POST /api/v1/me/password": Call("clerk", json=OWN_PASSWORD),
    "POST /api/v1/organisations": Call("admin", json=ORGANISATION),
    "PUT /api/v1/organisations/{uscc}": Call(
        "admin", json=ORGANISATION_CHANGE, headers=ANY_MATCH
    ),
    "POST /api/v1/organisations/{uscc}/certificates": Call("admin", json=CERTIFICATE),
    "POST /api/v1/users": Call("manager", json=USER),
    "PUT /api/v1/users/{login}": Call("manager", json=USER_CHANGE, headers=ANY_MATCH),
    "POST /api/v1/users/{login}/password": Call("manager", json=NEW_PASSWORD),
}
NAMED_RULE = {
    "family": lambda stage: stage.values["named rule"][0],
    "name": lambda stage: stage.values["named rule"][1],
    "version": lambda stage: stage.values["named rule"][2],
}
READS: dict[str, Call] = {
    "GET /api/v1/rule-versions/{family}/{name}/{version}": Call(params=NAMED_RULE),
    "GET /rules/{family}/{name}/{version}": Call("auditor", params=NAMED_RULE),
}


async def prepare(stage: Stage) -> None:
    """Find a rule whose family has two words."""
    rules = await stage.world.get("admin", "/rule-versions")
    rule = next(rule for rule in rules if "/" in rule["family"])
    stage.values["named rule"] = [*rule["family"].split("/"), rule["version"]]
