"""`eastlake serve` and `eastlake demo`: the web server.

One process: granian's server runs inside this program, on its event loop. Measured against granian
with a worker process and against uvicorn in this program, the whole application loaded: see
`README.md` of this package for the numbers. EASTLAKE_WORKERS > 1 starts worker processes instead.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
import socket
import threading
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import Annotated, Any

import asyncpg
import typer
from rich.table import Table

from service.cli.base import (
    EXIT_UNAVAILABLE,
    OUT,
    Dsn,
    Failure,
    database_address,
    not_migrated,
    progress_bar,
    say,
    with_pool,
)
from service.cli.migration import bring_up_to_date, missing_migrations
from service.config import Settings, settings
from service.loop import run_async

BACKLOG = 1024
GRACE_SECONDS = 10.0
"""How long running requests may take to end after a signal."""
LAST_SECONDS = 0.3
"""How long their answers may take to leave."""
POLL_SECONDS = 0.02
SPARE_CONNECTIONS = 10
"""Left to the command line, a backup and whoever looks into the database while it is served."""
_OPEN_TO_US = (
    "SELECT current_setting('max_connections')::int"
    " - current_setting('superuser_reserved_connections')::int"
    " - coalesce(current_setting('reserved_connections', true), '0')::int"
)

Port = Annotated[
    int | None,
    typer.Option(
        min=0, max=65535, help="端口，0 为自动选择 · Port, 0 for any free (EASTLAKE_PORT)"
    ),
]
Host = Annotated[str | None, typer.Option(help="监听地址 · Address (EASTLAKE_HOST)")]


def listen(config: Settings) -> socket.socket:
    """The listening socket; a port in use or an unknown address is a Failure that names it."""
    try:
        found = socket.getaddrinfo(config.host, config.port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(found[0], socket.SOCK_STREAM)
    except OSError as error:
        raise _cannot_listen(config, error) from error
    try:
        if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
        else:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(found[4])
        listener.listen(BACKLOG)
    except OSError as error:
        listener.close()
        raise _cannot_listen(config, error) from error
    listener.setblocking(False)
    return listener


def _cannot_listen(config: Settings, error: OSError) -> Failure:
    return Failure(
        f"无法监听 {config.host}:{config.port}（{error.strerror}）：请结束占用端口的程序，"
        "或用 EASTLAKE_PORT 换一个端口，0 为自动选择",
        f"Cannot listen on {config.host}:{config.port} ({error.strerror}): end the program that"
        " uses the port, or set EASTLAKE_PORT to another, 0 for any free one",
        EXIT_UNAVAILABLE,
    )


def address_of(listener: socket.socket) -> str:
    """The URL of a listening socket."""
    host, port = listener.getsockname()[:2]
    if host in ("0.0.0.0", "::"):
        host = "127.0.0.1"
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"


class InFlight:
    """ASGI wrapper: how many requests are being answered now."""

    def __init__(self, app: Any) -> None:
        self.app = app
        self.count = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.count += 1
        try:
            await self.app(scope, receive, send)
        finally:
            self.count -= 1


async def serve_here(
    dsn: Dsn, config: Settings, listener: socket.socket, announce: Callable[[], None]
) -> None:
    """Serve on this event loop until SIGINT, SIGTERM or SIGHUP."""
    from service import due
    from service.app import create_app, database

    app = create_app(config)
    requests = InFlight(app)
    server = _server(requests, listener)
    server.on_startup(announce)
    stopping = _on_signals()
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
    async with database(dsn, config), app.lifespan():
        serving = asyncio.create_task(server.serve())
        daily = asyncio.create_task(due.keep()) if config.daily else None
        waiting = asyncio.create_task(stopping.wait())
        await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
        if daily is not None:
            daily.cancel()
            await asyncio.wait({daily}, timeout=GRACE_SECONDS)
        if waiting.done():
            server.stop()
            await _let_go(serving, requests)
        else:
            waiting.cancel()
            await serving


def _server(app: Any, listener: socket.socket) -> Any:
    from granian._granian import SocketHolder
    from granian.constants import Interfaces
    from granian.server.embed import Server

    class OwnSocket(Server):
        """Serves on the socket we opened: the port is known, and nobody can share it."""

        def _init_shared_socket(self) -> None:
            holder: Any = SocketHolder
            self._shd: Any = holder(listener.detach(), False, BACKLOG)

    return OwnSocket(
        app,
        interface=Interfaces.ASGINL,
        websockets=False,
        backlog=BACKLOG,
        log_enabled=False,
    )


async def _let_go(serving: asyncio.Task[None], requests: InFlight) -> None:
    """Wait for running requests, not for clients that keep a connection open."""
    waited = 0.0
    while requests.count and waited < GRACE_SECONDS and not serving.done():
        await asyncio.sleep(POLL_SECONDS)
        waited += POLL_SECONDS
    await asyncio.wait({serving}, timeout=LAST_SECONDS)
    serving.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await serving


def _on_signals() -> asyncio.Event:
    """Set by the first signal; a second one ends the program as the system would."""
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()

    def end(number: int) -> None:
        stopping.set()
        with contextlib.suppress(NotImplementedError):
            loop.remove_signal_handler(number)

    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)
        if number is None:
            continue
        try:
            loop.add_signal_handler(number, end, number)
        except NotImplementedError:
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(stopping.set))
    return stopping


def worker_app() -> Any:
    """The application of a worker process, which finds the database by itself."""
    from service.app import create_app, database

    config = settings()

    @contextlib.asynccontextmanager
    async def connected(_: Any) -> AsyncIterator[None]:
        with database_address(config) as dsn:
            async with database(dsn, config):
                yield

    return create_app(config, lifespan=connected)


def _when_open(host: str, port: int, announce: Callable[[], None]) -> None:
    """Announce once the first worker listens."""
    while True:
        try:
            socket.create_connection((host, port), timeout=1).close()
        except OSError:
            time.sleep(POLL_SECONDS)
        else:
            announce()
            return


def serve_with_workers(config: Settings, port: int, announce: Callable[[], None]) -> None:
    """Serve with EASTLAKE_WORKERS processes; this program only watches over them."""
    from granian import Granian
    from granian.constants import Interfaces

    server = Granian(
        "service.cli.serve:worker_app",
        address=config.host,
        port=port,
        interface=Interfaces.ASGI,
        workers=config.workers,
        factory=True,
        websockets=False,
        backlog=BACKLOG,
        log_enabled=False,
        workers_kill_timeout=int(GRACE_SECONDS),
    )
    threading.Thread(target=_when_open, args=(config.host, port, announce), daemon=True).start()
    server.serve()


async def check_connections(dsn: Dsn, config: Settings) -> None:
    """Failure when all pools together could ask the database for more than it gives."""
    address: dict[str, Any] = {"dsn": dsn} if isinstance(dsn, str) else dict(dsn)
    connection = await asyncpg.connect(**address, timeout=15)
    try:
        given = await connection.fetchval(_OPEN_TO_US)
    finally:
        await connection.close()
    wanted = config.workers * config.pool_max
    if wanted + SPARE_CONNECTIONS > given:
        product = f"EASTLAKE_WORKERS × EASTLAKE_POOL_MAX = {config.workers} × {config.pool_max}"
        raise Failure(
            f"{product} 个连接，另留 {SPARE_CONNECTIONS} 个，超过数据库所给的 {given} 个："
            "请调低其一，或调高数据库的 max_connections",
            f"{product} connections and {SPARE_CONNECTIONS} to spare are more than the {given} the"
            " database gives: lower one of them, or raise its max_connections",
            EXIT_UNAVAILABLE,
        )


def _run(dsn: Dsn, config: Settings, announce: Callable[[str], None]) -> None:
    run_async(check_connections(dsn, config))
    listener = listen(config)
    url = address_of(listener)
    if config.workers == 1:
        run_async(serve_here(dsn, config, listener, lambda: announce(url)))
        return
    port = listener.getsockname()[1]
    listener.close()
    serve_with_workers(config, port, lambda: announce(url))


def _announce(url: str) -> None:
    say(f"东湖科技保险登记系统已启动：{url}", f"Serving at {url}")
    say(f"接口文档：{url}api/docs", "API documentation; stop with Ctrl+C")


def _chosen(host: str | None, port: int | None) -> Settings:
    config = settings()
    return replace(
        config,
        host=host or config.host,
        port=config.port if port is None else port,
    )


def serve_command(host: Host = None, port: Port = None) -> None:
    """启动服务 · Serve console and API"""
    config = _chosen(host, port)
    with database_address(config) as dsn:
        if config.database_url is None:
            run_async(bring_up_to_date(dsn))
        elif run_async(missing_migrations(dsn)):
            raise not_migrated()
        _run(dsn, config, _announce)
    say("已停止", "Stopped")


def demo_command(host: Host = None, port: Port = None) -> None:
    """装入演示数据并启动 · Load a played history and serve; the next start takes the same data"""
    config = _chosen(host, port)
    with database_address(config) as dsn:
        run_async(bring_up_to_date(dsn))
        accounts = run_async(with_pool(dsn, _play))
        _run(dsn, config, lambda url: _announce_demo(url, accounts))
    say("已停止", "Stopped")


async def _play() -> Any:
    from service.demo import play

    with progress_bar() as bar:
        task = bar.add_task("回放报送历史 · Playing the history", total=None)
        return await play(
            lambda what, done, total: bar.update(
                task, description=what, completed=done, total=total
            )
        )


def _announce_demo(url: str, accounts: Any) -> None:
    _announce(url)
    OUT.print("")
    say("演示账号（机构与人员均为虚构）", "Demo accounts, all fictional")
    table = Table("角色 Role", "用户名 Login", "机构 Organisation", box=None, pad_edge=False)
    first_of_role = {account.role: account for account in reversed(accounts)}
    shown = [account for account in accounts if first_of_role[account.role] is account]
    for account in shown:
        table.add_row(account.role_name, account.login, account.organisation)
    OUT.print(table)
    others = "、".join(account.login for account in accounts if account not in shown)
    if others:
        say(f"另有 {others}", "and more")
    password = accounts[0].password if accounts else ""
    if password:
        say(f"所有账号的口令：{password}", "password of every account")
    else:
        say("口令与首次启动时相同", "The password is the one of the first start")


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command("serve")(serve_command)
    app.command("demo")(demo_command)
