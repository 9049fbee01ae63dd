"""`python3 manage.py bench [name …]`: measures, prints, and writes `docs/performance.md`. Without a name: all, small.

Invariant: it starts what it measures and ends it; a small run, whose figures say nothing, writes nothing.
"""

import argparse
import sys
import time

from bench import explain, growth, jobs, reads, scale, servers, sockets
from bench.report import publish

BENCHES = {
    "reads": (reads.cached, "a cached read, beside its peers", "3 min"),
    "uncached": (reads.uncached, "a read that is not cached, beside its peers", "2 min"),
    "servers": (servers.compare, "daphne, uvicorn and granian under the product", "1 min"),
    "sockets": (sockets.compare, "5,000 idle and 1,000 active WebSockets", "2 min"),
    "jobs": (jobs.measure, "from POST to the plan on the socket; 1, 2, 4 workers; 10,000 waiting", "3 min"),
    "explain": (explain.measure, "indexes under 100,000 users and 10,000,000 logs", "3 min"),
    "growth": (growth.measure, "the cost of a read from 100 to 1,000,000 users", "6 min"),
    "scale": (
        scale.measure,
        "what a read, a write, a plan, a socket takes; what 10⁸ people need: docs/scale.md",
        "2 min",
    ),
}


def main() -> int:
    """Run what is named."""
    names = "\n".join(f"  {name:9} {what} ({took})" for name, (_, what, took) in BENCHES.items())
    parser = argparse.ArgumentParser(
        prog="manage.py bench", description=names, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help="default: all of them, small")
    parser.add_argument("--small", action="store_true", help="only see that it runs")
    options = parser.parse_args()
    if unknown := set(options.names) - set(BENCHES):
        parser.error(f"no bench is called {', '.join(sorted(unknown))}\n{names}")
    small = options.small or not options.names
    if not options.names:
        print(f"{names}\n\nall, small:\n")
    for name in options.names or BENCHES:
        started = time.monotonic()
        for section in BENCHES[name][0](small=small):
            publish(section, write=not small)
        print(f"{name}: {time.monotonic() - started:.0f} s\n", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
