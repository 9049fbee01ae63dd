"""Measure what is promised while things are killed: `python bench/chaos.py --minutes 10 --seed 1`.

Invariant: each part runs the product as it is, with the settings that it ships, on a PostgreSQL and a Redis of its own;
each row says what was promised beside what was found. Exit status 1: something is not as promised.

`--only jobs,events` runs some parts; `--small` is for every change: the same parts, a fiftieth of the size, short
leases, under a minute, and times are told without a verdict.
"""

import argparse
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bench import (  # noqa: E402
    chaos_events,
    chaos_jobs,
    chaos_quota,
    chaos_reads,
    chaos_rolling,
    chaos_soak,
)
from bench.chaos_client import Stage  # noqa: E402
from bench.chaos_table import Row, Scale, lines  # noqa: E402
from tests.faults import scene as stage  # noqa: E402

PARTS: Mapping[str, Callable[[Stage], Iterator[Row]]] = {
    "jobs": chaos_jobs.run,
    "events": chaos_events.run,
    "reads": chaos_reads.run,
    "rolling": chaos_rolling.run,
    "quota": chaos_quota.run,
    "soak": chaos_soak.run,
}
SHORT = {
    "JOB_LEASE_SECONDS": "3",
    "JOB_RESEND_SECONDS": "3",
    "CLOCK_SECONDS": "1",
    "DRAIN_SECONDS": "4",
}  # of a small run alone


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the parts, print the table; return 1 when a bar was missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10, help="how long the soak is")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=lambda text: text.split(","), default=list(PARTS), help=",".join(PARTS))
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args(arguments)
    scale = Scale(options.small, options.seed, options.minutes)
    if unknown := set(options.only) - set(PARTS):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    rows = [row.told() for row in _small(options.only, scale)] if scale.small else list(_full(options.only, scale))
    print("\n".join(lines(rows)))
    return int(any(row.good is False for row in rows))


def _full(names: Sequence[str], scale: Scale) -> Iterator[Row]:
    """Run each part on a product of its own, with the settings that are shipped."""
    for name in names:
        with stage.scene() as scene:
            yield from _timed(name, Stage(scene, scale))


def _small(names: Sequence[str], scale: Scale) -> Iterator[Row]:
    """Run all parts on one product: starting one takes longer than a part."""
    with stage.scene(**SHORT) as scene:
        shared = Stage(scene, scale)
        for name in names:
            yield from _timed(name, shared)


def _timed(name: str, given: Stage) -> Iterator[Row]:
    started = time.monotonic()
    yield from PARTS[name](given)
    took = f"{time.monotonic() - started:.0f} s, load {os.getloadavg()[0]:.1f}"
    print(f"{name}: {took}", file=sys.stderr, flush=True)
    yield Row(name, "took", took)


if __name__ == "__main__":
    sys.exit(main())
