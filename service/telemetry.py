"""Structured logs, metrics, slow-query log."""

from __future__ import annotations

import logging
import re
import sys
from functools import cache
from json.encoder import encode_basestring as _quoted
from typing import Any

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from service.kernel.calendar import now

LOG = structlog.get_logger("eastlake")
REGISTRY = CollectorRegistry()
REQUESTS = Counter(
    "eastlake_requests", "Answered requests", ["method", "route", "status"], registry=REGISTRY
)
SECONDS = Histogram(
    "eastlake_request_seconds", "Time to answer", ["method", "route"], registry=REGISTRY
)
SLOW = Counter("eastlake_slow_queries", "Statements over the slow-query limit", registry=REGISTRY)


def set_up_logs(level: str) -> None:
    """JSON lines on standard error, one event a line."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(
            logging.getLevelNamesMapping().get(level.upper(), logging.INFO)
        ),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=True,
    )


def slow_query_logger(limit_ms: int) -> Any:
    """An asyncpg query logger that writes statements slower than the limit, without parameters."""

    def log(record: Any) -> None:
        if record.elapsed * 1000 >= limit_ms:
            SLOW.inc()
            text = re.sub(r"\s+", " ", record.query)[:500]
            LOG.warning("slow_query", elapsed_ms=round(record.elapsed * 1000), query=text)

    return log


def metrics_text() -> bytes:
    """All metrics in the Prometheus text format."""
    return generate_latest(REGISTRY)


@cache
def _meters(method: str, route: str, status: int) -> tuple[Any, Any]:
    """Counter and histogram of one kind of answer; there are few kinds."""
    return REQUESTS.labels(method, route, str(status)), SECONDS.labels(method, route)


def note_answer(scope: Any, status: int, seconds: float) -> None:
    """Count and time an answer by route pattern and log one line, in the form of other events.

    Written by hand: every request pays for it.
    """
    method, state = scope["method"], scope["state"]
    answers, times = _meters(method, scope.get("path_template") or "(none)", status)
    answers.inc()
    times.observe(seconds)
    if not LOG.is_enabled_for(logging.INFO):
        return
    user = getattr(state.get("actor"), "login", "")
    sys.stderr.write(
        f'{{"method": "{method}", "path": {_quoted(scope["path"])}, "status": {status},'
        f' "ms": {seconds * 1000:.1f}, "request_id": "{state["request_id"]}",'
        f' "user": {_quoted(user)}, "event": "request", "level": "info",'
        f' "timestamp": "{now().isoformat().replace("+00:00", "Z")}"}}\n'
    )
