"""Golden files: what an answer was when a person last looked at it.

`EASTLAKE_RECORD=1 pytest tests/contract` writes them anew; the difference is then reviewed in git.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent.parent / "golden"
RECORDING = os.environ.get("EASTLAKE_RECORD") == "1"


def stored_text(path: Path, text: str) -> str:
    """The text of a golden file, which is first written when recording."""
    if RECORDING and (not path.exists() or path.read_text("utf-8") != text):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    assert path.exists(), f"{path.name} is missing: run with EASTLAKE_RECORD=1 and look at it"
    return path.read_text("utf-8")


def as_text(value: Any) -> str:
    """JSON as golden files hold it: readable, in a fixed order, with a last line end."""
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"
