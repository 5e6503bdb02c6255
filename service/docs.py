"""The documentation page of the API: Swagger UI from an installed package, no internet needed."""

from __future__ import annotations

from importlib import resources

from litestar import Response, Router, get
from litestar.datastructures import CacheControlHeader
from litestar.static_files import create_static_files_router

from service.auth import anyone

SWAGGER_PATH = "/static/swagger"
_PAGE = f"""<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>接口文档 · East Lake API</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{SWAGGER_PATH}/swagger-ui.css">
</head>
<body>
<div id="swagger-ui"></div>
<noscript><p>此页面需要 JavaScript；接口描述见
<a href="/api/openapi.json">/api/openapi.json</a>。</p></noscript>
<script src="{SWAGGER_PATH}/swagger-ui-bundle.js"></script>
<script src="{SWAGGER_PATH}/swagger-ui-standalone-preset.js"></script>
<script src="/api/docs/start.js"></script>
</body>
</html>
"""
_START = """window.addEventListener("load", () => {
  window.ui = SwaggerUIBundle({
    url: "/api/openapi.json", dom_id: "#swagger-ui", deepLinking: true,
    presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset.slice(1)],
    layout: "BaseLayout", validatorUrl: null, persistAuthorization: false,
  });
});
"""
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:;"
    " connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
)
"""Swagger UI sets style attributes, so this one page allows inline styles."""


@get("/api/docs", opt=anyone(), include_in_schema=False)
async def docs_page() -> Response[str]:
    return Response(
        _PAGE, media_type="text/html", headers={"Content-Security-Policy": POLICY}
    )


@get("/api/docs/start.js", opt=anyone(), include_in_schema=False)
async def docs_start() -> Response[str]:
    return Response(_START, media_type="text/javascript")


def swagger_files() -> Router:
    """The files of Swagger UI, served from the package that carries them."""
    folder = resources.files("litestar_offline_docs") / "static"
    return create_static_files_router(
        path=SWAGGER_PATH,
        directories=[str(folder)],
        name="swagger_files",
        cache_control=CacheControlHeader(public=True, max_age=86_400),
        opt=anyone(),
        include_in_schema=False,
    )
