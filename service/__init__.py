"""The shell (web, API, command line, reports) and the kernel that both domains stand on."""

import os

# Piccolo looks its configuration up by this name whenever a table is first used.
os.environ.setdefault("PICCOLO_CONF", "service.piccolo_conf")
# The phrase table of pypinyin costs 43 MB; service/kernel/names.py has the readings that matter.
os.environ["PYPINYIN_NO_PHRASES"] = "1"
