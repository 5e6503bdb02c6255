"""Pages that are refused before the framework has looked at the check code of forms."""

from __future__ import annotations

from service.auth.identify import COOKIE
from tests.factories import World
from tests.web.console import sign_in


async def test_a_refused_page_has_a_check_code_to_log_out_with(world: World) -> None:
    """The check code's cookie ends with the browser, the log-in's does not."""
    await sign_in(world.client, "clerk")
    cookie = world.client.cookies[COOKIE]
    world.client.cookies.clear()
    world.client.cookies.set(COOKIE, cookie)
    refused = await world.client.get("/audit/journal")
    assert refused.status_code == 403
    code = world.client.cookies["eastlake_csrf"]
    assert f'value="{code}"' in refused.text
    done = await world.client.post("/logout", data={"_csrf_token": code})
    assert done.status_code == 303
