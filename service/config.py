"""Settings, read once from the environment: the only module that looks there."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from service import embedded


class ConfigError(ValueError):
    """A setting that cannot be used; the text names the variable and the remedy."""


@dataclass(frozen=True, slots=True)
class Settings:
    """All that an operator may set; sizes in bytes, times in seconds unless the name says more."""

    database_url: str | None  # any PostgreSQL >= 15; None: the embedded server in data_dir
    data_dir: Path
    host: str
    port: int
    pool_min: int
    pool_max: int  # connections of each server process
    workers: int  # server processes; one serves inside the program itself
    secure_cookies: bool  # cookies only over https; on behind a proxy that ends TLS
    slow_query_ms: int
    log_level: str
    session_hours: int
    daily: bool  # what falls due is written by the serving program; off: by `eastlake due`
    demo_password: str | None  # fixed pass phrase of the demo accounts, else drawn at random


def _integer(name: str, default: int, low: int, high: int) -> int:
    text = os.environ.get(name, "")
    try:
        number = int(text) if text else default
    except ValueError:
        number = low - 1
    if not low <= number <= high:
        raise ConfigError(
            f"{name}={text!r}: a whole number from {low} to {high} is needed ({name} 应为"
            f" {low} 到 {high} 的整数)"
        )
    return number


def csrf_secret() -> str:
    """The key of form check codes: EASTLAKE_SECRET, else one kept in the data folder."""
    given = os.environ.get("EASTLAKE_SECRET", "")
    if given:
        if len(given) < 32:
            raise ConfigError("EASTLAKE_SECRET: at least 32 characters are needed (至少 32 个字符)")
        return given
    path = settings().data_dir / "secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with open(path, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text()


def child_environment(**extra: str) -> dict[str, str]:
    """The environment of this process with additions, for programs it runs."""
    return os.environ | extra


def _data_dir(database_url: str | None) -> Path:
    """EASTLAKE_DATA; else `.eastlake` here, or where root's server can reach its files."""
    given = os.environ.get("EASTLAKE_DATA")
    usual = Path(given or ".eastlake").expanduser().absolute()
    return usual if given or database_url else embedded.suggest_data_dir(usual)


@cache
def settings() -> Settings:
    """The settings of this process; ConfigError names the variable that is wrong."""
    database_url = os.environ.get("DATABASE_URL") or None
    return Settings(
        database_url=database_url,
        data_dir=_data_dir(database_url),
        host=os.environ.get("EASTLAKE_HOST") or "127.0.0.1",
        port=_integer("EASTLAKE_PORT", 8067, 0, 65535),
        pool_min=_integer("EASTLAKE_POOL_MIN", 2, 1, 100),
        pool_max=_integer("EASTLAKE_POOL_MAX", 10, 1, 100),
        workers=_integer("EASTLAKE_WORKERS", 1, 1, 64),
        secure_cookies=os.environ.get("EASTLAKE_SECURE_COOKIES", "") == "1",
        slow_query_ms=_integer("EASTLAKE_SLOW_QUERY_MS", 500, 1, 600_000),
        log_level=os.environ.get("EASTLAKE_LOG_LEVEL") or "INFO",
        session_hours=_integer("EASTLAKE_SESSION_HOURS", 12, 1, 720),
        daily=os.environ.get("EASTLAKE_DAILY", "") != "0",
        demo_password=os.environ.get("EASTLAKE_DEMO_PASSWORD") or None,
    )
