"""create_app(): the only place where routers, plugins, middleware and lifespan meet."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import asyncpg
from litestar import Litestar, Request, Response, Router, get
from litestar.config.compression import CompressionConfig
from litestar.config.csrf import CSRFConfig
from litestar.di import Provide
from litestar.exceptions import MethodNotAllowedException

from catalogue.api import ROUTES as CATALOGUE_ROUTES
from coinsurance.api import ROUTES as COINSURANCE_ROUTES
from service import docs, embedded
from service.api import as_domain_error, problem_response
from service.auth import Actor, Identify, anyone
from service.config import Settings, csrf_secret, settings
from service.idempotency import Idempotency
from service.incoming import CleanAddress, StrictRequest
from service.kernel import db
from service.kernel.ledger.texts import is_told
from service.openapi import openapi_config
from service.people_api import ROUTES as PEOPLE_ROUTES
from service.reports.api import ROUTES as REPORT_ROUTES
from service.shell import Compression, Shell
from service.telemetry import LOG, metrics_text, set_up_logs, slow_query_logger
from service.web.pages import console_routes
from service.web.render import error_page, negotiate

DATABASE_CHECK_SECONDS = 1


class Application(Litestar):
    """The framework's application inside the shell."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._shell = Shell(super().__call__)  # type: ignore[arg-type]

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        await self._shell(scope, receive, send)


def provide_actor(request: Request[Any, Any, Any]) -> Actor:
    """The actor that the Identify middleware found."""
    actor: Actor = request.scope["state"]["actor"]
    return actor


@get("/health/live", opt=anyone(), include_in_schema=False)
async def live() -> dict[str, str]:
    return {"status": "live"}


@get("/health/ready", opt=anyone(), include_in_schema=False)
async def ready() -> Response[dict[str, str]]:
    try:
        await db.sql_value("SELECT 1 FROM product_type LIMIT 1")
    except Exception as error:
        LOG.warning("not_ready", error=str(error))
        return Response({"status": "unavailable"}, status_code=503)
    return Response({"status": "ready"})


@get("/metrics", opt=anyone(), include_in_schema=False)
async def metrics() -> Response[bytes]:
    return Response(metrics_text(), media_type="text/plain; version=0.0.4")


def answer_error(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
    """Every exception: problem+json below /api, a Chinese page elsewhere; faults are logged.

    Not those of an attempt for a caller yet to be confirmed: it is thrown away and made again.
    """
    known = as_domain_error(error)
    actor = request.scope["state"].setdefault("actor", Actor())
    if known is None:
        if actor.is_confirmed:
            LOG.error("fault", path=request.scope["path"], exc_info=error)
    elif known.status == 503:
        LOG.warning("unavailable", path=request.scope["path"], code=known.code, error=str(error))
    elif is_told(error):
        LOG.warning("guarded", path=request.scope["path"], code=known.code, error=str(error))
    if negotiate(request.scope["path"]) == "json":
        return problem_response(request, error)
    answer = error_page(request, error)
    if isinstance(error, MethodNotAllowedException):
        answer.headers.update(error.headers or {})
    return answer


def create_app(config: Settings | None = None, *, lifespan: Any = None) -> Litestar:
    """The whole application. `lifespan` starts the database; without it the caller has done so."""
    config = config or settings()
    set_up_logs(config.log_level)
    routes = [*CATALOGUE_ROUTES, *COINSURANCE_ROUTES, *PEOPLE_ROUTES, *REPORT_ROUTES]
    api = Router("/api/v1", route_handlers=routes)
    return Application(
        route_handlers=[
            api,
            live,
            ready,
            metrics,
            docs.docs_page,
            docs.docs_start,
            docs.swagger_files(),
            *console_routes(),
        ],
        dependencies={"actor": Provide(provide_actor, sync_to_thread=False)},
        middleware=[CleanAddress, Identify, Idempotency],
        request_class=StrictRequest,
        logging_config=None,
        exception_handlers={Exception: answer_error},
        csrf_config=CSRFConfig(
            secret=csrf_secret(),
            cookie_name="eastlake_csrf",
            cookie_secure=config.secure_cookies,
            cookie_samesite="lax",
            exclude=["^/(api|static|health|metrics)(/|$)"],
        ),
        compression_config=CompressionConfig(
            backend="gzip", gzip_compress_level=4, middleware_class=Compression
        ),
        openapi_config=openapi_config(),
        lifespan=[lifespan] if lifespan else [],
        request_max_body_size=1_048_576,
        debug=False,
    )


@asynccontextmanager
async def database(dsn: dict[str, Any] | str, config: Settings) -> AsyncIterator[None]:
    """The connection pool for as long as the block lasts, and the embedded server kept alive."""
    await db.start_pool(
        dsn,
        min_size=config.pool_min,
        max_size=config.pool_max,
        slow_query=slow_query_logger(config.slow_query_ms),
    )
    keeper = None
    if config.database_url is None:
        keeper = asyncio.create_task(_keep_database(config.data_dir))
    try:
        yield
    finally:
        if keeper:
            keeper.cancel()
        await db.stop_pool()


async def _keep_database(data_dir: Path) -> None:
    """Start the embedded server again when it has died under us (killed, out of memory)."""
    while True:
        await asyncio.sleep(DATABASE_CHECK_SECONDS)
        try:
            await db.sql_value("SELECT 1")
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            LOG.warning("database_away", error=str(error))
            try:
                await embedded.ensure_running(data_dir)
            except embedded.EmbeddedError as problem:
                LOG.error("database_not_started", error=str(problem))
