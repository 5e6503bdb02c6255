"""Runs commands of the command line one after another in one process, each as if it were its own.

A line of JSON in (`words`, `given`, `environment`), a line of JSON out (`status`, `out`, `err`).
Starting Python and importing the program for each command would take most of the time of the tests.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import sys
from typing import Any

from service.cli import main
from service.config import settings


def run(order: dict[str, Any]) -> dict[str, Any]:
    """One command with its own settings, input and output."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    before = dict(os.environ)
    os.environ.update(order["environment"])
    settings.cache_clear()
    stdin, argv = sys.stdin, sys.argv
    sys.stdin, sys.argv = io.StringIO(order["given"]), ["eastlake", *order["words"]]
    status: Any = 0
    try:
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            main()
    except SystemExit as end:
        status = end.code or 0
    finally:
        sys.stdin, sys.argv = stdin, argv
        os.environ.clear()
        os.environ.update(before)
    said = [stream.buffer.getvalue().decode() for stream in (out, err)]  # type: ignore[attr-defined]
    return {"status": status, "out": said[0], "err": said[1]}


if __name__ == "__main__":
    for line in sys.stdin:
        answer = run(json.loads(line))
        print(json.dumps(answer), flush=True)
