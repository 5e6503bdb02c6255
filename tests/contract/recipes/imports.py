"""Imports of policies and of catalogue editions."""

from __future__ import annotations

from typing import Any

from catalogue.api.imports import XLSX
from tests.catalogue.test_edition_imports import EDITION, file_of
from tests.catalogue.test_policy_imports import POLICY
from tests.catalogue.test_policy_imports import file_of as policies_of
from tests.contract.stage import Call, Stage

API = "/api/v1"


def _policies(stage: Stage) -> dict[str, Any]:
    """A file with one policy on the product in the library."""
    row = {
        **POLICY,
        "产品编号": stage.numbers["in_library"],
        "被保险人统一社会信用代码": stage.values["policy.holder"],
    }
    return {"file": ("policies.xlsx", policies_of(row), XLSX)}


EDITIONS = {"file": ("editions.xlsx", file_of(EDITION), XLSX)}
WRITES: dict[str, Call] = {
    f"POST {API}/policy-imports": Call("clerk", files=_policies, form={"dry_run": "false"}),
    "POST /policies/import": Call("clerk", files=_policies, form={"mode": "import"}),
    f"POST {API}/catalogue-edition-imports": Call(
        "admin", files=EDITIONS, form={"dry_run": "false"}
    ),
    "POST /catalogue-imports": Call("admin", files=EDITIONS, form={"mode": "import"}),
}
READS: dict[str, Call] = {
    "GET /catalogues/{edition}": Call(params={"edition": "SB-2024"}),
}
