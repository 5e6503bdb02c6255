"""A logged-in browser without a browser: cookies, check codes and readable pages for tests."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx

from tests.factories import PASSWORD

CHECK_COOKIE = "eastlake_csrf"
_TAG = re.compile(r"<[^>]+>")


async def sign_in(client: httpx.AsyncClient, login: str) -> None:
    """Log in on the console; the client keeps the cookies."""
    await client.get("/login")
    answer = await send(client, "/login", {"login": login, "password": PASSWORD, "next": "/"})
    assert answer.status_code == 303, answer.text


async def send(
    client: httpx.AsyncClient,
    path: str,
    fields: dict[str, Any] | None = None,
    files: dict[str, Any] | None = None,
) -> httpx.Response:
    """Post a form with the check code of the cookie."""
    if CHECK_COOKIE not in client.cookies:
        await client.get("/login")
    data = {"_csrf_token": client.cookies[CHECK_COOKIE], **(fields or {})}
    return await client.post(path, data=data, files=files)


def file_links(answer: httpx.Response, kind: str) -> list[str]:
    """Addresses of the reports of a page in one format."""
    places = re.findall(r'href="(/reports/[^"]+)"', answer.text)
    return [unescape(place) for place in places if f".{kind}" in place]


def words(answer: httpx.Response) -> str:
    """The text of a page, tags out, spaces folded."""
    body = re.sub(r"<(script|style|template)\b.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(_TAG.sub(" ", body)).split())


def value_of(answer: httpx.Response, name: str) -> str:
    """What stands in an input or text area of a page."""
    plain = re.escape(name)
    area = re.search(rf'<textarea[^>]*name="{plain}"[^>]*>\n?(.*?)</textarea>', answer.text, re.S)
    if area:
        return unescape(area[1])
    field = re.search(rf'<input[^>]*name="{plain}"[^>]*?value="([^"]*)"', answer.text, re.S)
    assert field, f"no field {name}"
    return unescape(field[1])
