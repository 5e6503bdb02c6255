"""Every route with every role, anonymously, and by a foreign organisation (DESIGN law 9)."""

from __future__ import annotations

import httpx
import pytest

from service.kernel.db import sql_value
from service.reports import REGISTRY
from service.reports.shape import Report
from tests import factories
from tests.contract.recipes import WRITE_NOTHING, recipe
from tests.contract.routes import PERSON_OF, RouteCase, guarded, listed_routes
from tests.contract.stage import COLLEAGUE, SECRET, Call, Stage, undone

REFUSED = (401, 403)
OF_THE_STATE = ("workflow.role_lacks_step", "您的角色不能", "auth.four_eyes", "不能是同一人")
"""Said to a role that may call the route, but not in this state or after this person's own step."""
NOT_A_RECORD = {"code", "family", "name", "version", "file_path", "file", "objection"}
"""Parameters that name something which belongs to no organisation, or lies inside a record."""
FOREIGN = ("rival", "rival_manager", "firm")


def is_record(case: RouteCase) -> bool:
    """Whether the address names a record of an organisation."""
    return bool(set(case.names) - NOT_A_RECORD) or case.path.endswith("/agreements/{version}")


def turned_away(case: RouteCase, answer: httpx.Response) -> bool:
    """Whether an anonymous caller got what is due: log-in page for a browser, 401 for the rest."""
    if not case.is_api and case.method == "GET":
        target = answer.headers.get("location", "")
        return answer.status_code == 303 and target.startswith("/login?next=%2F")
    return answer.status_code == 401


@pytest.mark.parametrize("case", listed_routes(), ids=str)
async def test_exactly_the_declared_roles_may_call(case: RouteCase, stage: Stage) -> None:
    call, wrong = recipe(case, stage), {}
    for role, who in PERSON_OF.items():
        async with undone():
            answer = await stage.send(case, call, who)
        may = case.is_public or role in case.roles
        status = answer.status_code
        if may and status == 403 and any(words in answer.text for words in OF_THE_STATE):
            continue
        if status >= 500 or (status in REFUSED if may else status != 403):
            wrong[role.value] = (status, answer.text[:300])
    assert wrong == {}


@pytest.mark.parametrize("case", guarded(), ids=str)
async def test_nobody_passes_without_log_in(case: RouteCase, stage: Stage) -> None:
    async with undone():
        answer = await stage.send(case, recipe(case, stage), None)
    assert turned_away(case, answer), (answer.status_code, answer.text[:300])
    assert SECRET not in answer.text
    assert COLLEAGUE not in answer.text


@pytest.mark.parametrize("case", [c for c in listed_routes() if c.is_public], ids=str)
async def test_public_routes_keep_what_is_not_public(case: RouteCase, stage: Stage) -> None:
    params = recipe(case, stage).params
    of_product = "number" in case.names and "number" not in params
    for state in stage.numbers:
        call = Call(None, state, params=params)
        async with undone():
            answer = await stage.send(case, call, None)
        assert SECRET not in answer.text
        assert COLLEAGUE not in answer.text
        if not of_product:
            break
        if state not in ("in_library", "renewing"):
            assert answer.status_code == 404, state


@pytest.mark.parametrize("case", listed_routes(), ids=str)
async def test_every_route_works_for_somebody(case: RouteCase, stage: Stage) -> None:
    call = recipe(case, stage)
    events = "SELECT count(*) FROM journal_event"
    async with undone():
        before = await sql_value(events)
        answer = await stage.send(case, call, call.who)
        written = await sql_value(events) - before
    assert answer.status_code < 400, answer.text[:500]
    writing = case.method not in ("GET", "HEAD") and str(case) not in WRITE_NOTHING
    assert (written > 0) == writing, "every change is journalled"


@pytest.mark.parametrize("who", FOREIGN)
@pytest.mark.parametrize("case", [c for c in guarded() if is_record(c)], ids=str)
async def test_records_of_others_do_not_exist(case: RouteCase, who: str, stage: Stage) -> None:
    held = {role for role, person in PERSON_OF.items() if person == who}
    held |= {factories.PEOPLE[who][1]}
    wanted = 404 if held & set(case.roles) else 403
    call = recipe(case, stage)
    if who in call.parties:
        return
    of_product = "number" in case.names and "number" not in call.params
    for state in {call.state, *(("draft", "in_library", "suspended") if of_product else ())}:
        given = Call(None, state, call.json, call.form, call.files, call.query, call.params)
        async with undone():
            answer = await stage.send(case, _with(given, call.headers), who)
        assert answer.status_code == wanted, (state, answer.text[:300])
        assert SECRET not in answer.text
        assert COLLEAGUE not in answer.text


def _with(call: Call, headers: dict[str, str]) -> Call:
    return Call(
        call.who, call.state, call.json, call.form, call.files, call.query, call.params, headers
    )


@pytest.mark.parametrize("who", FOREIGN)
@pytest.mark.parametrize(
    "case", [c for c in guarded() if not is_record(c) and c.method == "GET"], ids=str
)
async def test_lists_of_others_stay_empty(case: RouteCase, who: str, stage: Stage) -> None:
    async with undone():
        answer = await stage.send(case, recipe(case, stage), who)
    assert answer.status_code in (200, 303, 403)
    assert SECRET not in answer.text
    assert COLLEAGUE not in answer.text


REPORT_FILE = next(c for c in listed_routes() if str(c) == "GET /api/v1/reports/{file}")


@pytest.mark.parametrize("report", REGISTRY.values(), ids=lambda report: report.name)
async def test_reports_are_for_their_roles_and_hold_nothing_foreign(
    report: Report, stage: Stage
) -> None:
    call = Call(params={"file": f"{report.name}.json"})
    for who in (*PERSON_OF.values(), "rival", "rival_manager", None):
        role = factories.PEOPLE[who][1] if who else None
        may = report.roles is None or role in report.roles
        async with undone():
            answer = await stage.send(REPORT_FILE, call, who)
        assert answer.status_code == (200 if may else 403 if who else 401), who
        if who in (*FOREIGN, None):
            assert SECRET not in answer.text
            assert COLLEAGUE not in answer.text


def _unseen(case: RouteCase, who: str | None) -> int:
    """What an outsider gets: roles are asked before the record, so its being there is not told."""
    if not case.roles or case.is_public or (who and factories.PEOPLE[who][1] in case.roles):
        return 404
    return 403 if who else 401


@pytest.mark.parametrize("who", [None, "rival", "firm"])
async def test_documents_of_others_do_not_exist(who: str | None, stage: Stage) -> None:
    for case in listed_routes():
        if "document_id" in case.names and case.method == "GET":
            async with undone():
                answer = await stage.send(case, Call(), who)
            assert answer.status_code == _unseen(case, who), case


async def test_token_of_another_person_cannot_be_revoked(stage: Stage) -> None:
    case = next(c for c in listed_routes() if str(c) == "DELETE /api/v1/tokens/{token_id}")
    for who in ("manager", "rival", "admin", "auditor"):
        async with undone():
            answer = await stage.send(case, Call(), who)
            kept = await sql_value(
                "SELECT revoked_at FROM api_token WHERE id = $1", stage.values["token_id"]
            )
        assert (answer.status_code, kept) == (404, None)


@pytest.mark.parametrize("scope", ["read", "write"])
async def test_token_does_no_more_than_its_scope(scope: str, stage: Stage) -> None:
    user = await sql_value("SELECT id FROM eastlake_user WHERE login = 'admin'")
    headers = await factories.make_token(user, "admin", scope)
    for case in guarded():
        if not case.is_api or "committee_admin" not in case.roles:
            continue
        reading = case.method in ("GET", "HEAD")
        call = _with(recipe(case, stage), recipe(case, stage).headers | headers)
        async with undone():
            answer = await stage.send(case, call, None)
        if reading == (scope == "read"):
            assert answer.status_code not in REFUSED, case
        else:
            assert (answer.status_code, answer.json()["code"]) == (403, "auth.scope"), case


async def test_cookie_counts_on_pages_only_and_token_in_the_api_only(stage: Stage) -> None:
    me = await stage.client.get("/api/v1/me", headers={"Cookie": stage.cookie("clerk")})
    page = await stage.client.get("/insurer/products", headers=stage.world.headers["clerk"])
    assert (me.status_code, page.status_code) == (401, 303)
