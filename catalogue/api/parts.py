"""What the routes of enrolment share: roles, parameters, ETag."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from litestar import Response
from litestar.params import Parameter

from service.api import etag
from service.auth import COMMITTEE, INSURER, Role, allow

FIRM = allow(Role.ENTERPRISE)
PARTIES = allow(*INSURER, Role.ENTERPRISE, *COMMITTEE, Role.AUDITOR)
OFFICER = allow(Role.COMMITTEE_OFFICER)
APPROVER = allow(Role.COMMITTEE_APPROVER)
REVIEWERS = allow(Role.COMMITTEE_OFFICER, Role.COMMITTEE_APPROVER)
Words = Annotated[str | None, Parameter(description="Words of number or name")]
Day = Annotated[date | None, Parameter(description="Day to judge for; today unless told")]


def tagged(record: Any, revision: int, status_code: int = 200) -> Response[Any]:
    """A record with the ETag of its revision."""
    return Response(record, status_code=status_code, headers={"ETag": etag(revision)})
