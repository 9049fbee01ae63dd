"""`manage.py bench explain`: the queries of every endpoint and of the clock among 100,000 people and 10,000,000 logs.

Invariant: it is the test of the same name, with more rows; a query that reads a big table as a whole fails it.
"""

import os
import re
import subprocess
import sys
import time

from bench import bulk, environment
from bench.report import Section

PEOPLE, SMALL = 100_000, 2_000


def measure(*, small: bool) -> list[Section]:
    """Run `tests/database/test_explain.py` with so many people."""
    people, started = SMALL if small else PEOPLE, time.monotonic()
    command = [sys.executable, "-m", "pytest", "tests/database/test_explain.py", "-q", "--no-header"]
    done = subprocess.run(
        command,
        env={**os.environ, "EXPLAIN_PEOPLE": str(people), "DJANGO_SETTINGS_MODULE": "config.settings_test"},
        cwd=environment.ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stdout[-4000:])
    passed = re.search(r"(\d+) passed", done.stdout)
    rows = [("people", f"{people:,}")]
    rows += [(table, f"{round(people * count):,}") for table, (count, _) in bulk.EACH.items()]
    found = (
        f"met: no query of any endpoint, nor of the clock, reads a big table as a whole ({passed and passed[1]} checks"
    )
    notes = [f"{found}, {time.monotonic() - started:.0f} s)."]
    return [Section("explain", "Indexes", ("table", "rows"), rows, notes)]
