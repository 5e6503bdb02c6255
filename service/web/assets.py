"""Static files of the console: addresses that carry the content's hash, and their route."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from litestar.datastructures import CacheControlHeader
from litestar.router import Router
from litestar.static_files import create_static_files_router

from service.auth import anyone

STATIC_FOLDER = Path(__file__).parent / "static"
STATIC_PATH = "/static/console"
ONE_YEAR_SECONDS = 31_536_000

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; form-action 'self'; frame-ancestors 'none'; "
    "base-uri 'none'"
)
"""For every console page: no inline script or style, nothing from another host."""

CHART_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"
"""For SVG charts at their own address: the style sheet stands inside the drawing."""


@cache
def asset_url(name: str) -> str:
    """Return the address of a static file with the hash of its content; raises FileNotFoundError.

    The hash changes with the content, so browsers may keep the file for a year.
    """
    digest = hashlib.sha256((STATIC_FOLDER / name).read_bytes()).hexdigest()
    return f"{STATIC_PATH}/{name}?v={digest[:12]}"


def static_router() -> Router:
    """Route of the console's own files, without log-in, cached for a year."""
    return create_static_files_router(
        path=STATIC_PATH,
        directories=[STATIC_FOLDER],
        name="console_static",
        cache_control=CacheControlHeader(public=True, max_age=ONE_YEAR_SECONDS, immutable=True),
        opt=anyone(),
        include_in_schema=False,
    )
