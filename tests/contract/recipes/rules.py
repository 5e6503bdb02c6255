"""Rule files: checks, drafts, publication."""

from __future__ import annotations

from typing import Any

from tests.catalogue.rule_drafts import next_procedure
from tests.contract.stage import Call, Stage

API = "/api/v1"
NOTE = {"note": "请核对第三条"}


def _seen(**more: str) -> Any:
    """What a decision names: the draft that `prepare` left."""
    return lambda stage: {"hash": stage.values["draft hash"], **more}


NEW = {"text": next_procedure("2028.1", "2028-01-01")}
WRITES: dict[str, Call] = {
    f"POST {API}/rule-checks": Call("auditor", json=NEW),
    f"POST {API}/rule-drafts": Call("officer", json=NEW),
    f"POST {API}/rule-drafts/{{draft}}/publication": Call("approver", json=_seen()),
    f"POST {API}/rule-drafts/{{draft}}/refusal": Call("approver", json=_seen(**NOTE)),
    f"POST {API}/rule-drafts/{{draft}}/withdrawal": Call("admin", json=NOTE),
    "POST /rules/new": Call("officer", form={**NEW, "_action": "store"}),
    "POST /rules/drafts/{draft}/publication": Call("approver", form=_seen()),
    "POST /rules/drafts/{draft}/refusal": Call("approver", form=_seen(**NOTE)),
    "POST /rules/drafts/{draft}/withdrawal": Call("officer", form=NOTE),
}
READS: dict[str, Call] = {
    f"GET {API}/rule-drafts/{{draft}}": Call("approver"),
    "GET /rules/drafts/{draft}": Call("approver"),
}


async def prepare(stage: Stage) -> None:
    """A draft that waits for its publication."""
    made = await stage.world.post("officer", "/rule-drafts", {"text": next_procedure()})
    stage.values |= {"draft": made["draft"]["id"], "draft hash": made["draft"]["hash"]}
