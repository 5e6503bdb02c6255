"""The real program with its clock moved: `python -m tests.browser.at_clock 2026-11-16T10:00 demo`.

So a test can go from a public notice to the day after its end by starting the program again, and
reads the same on any day.
"""

from __future__ import annotations

import sys

from tests.clock import set_clock

if __name__ == "__main__":
    set_clock(sys.argv.pop(1))
    from service.cli import main

    main()
