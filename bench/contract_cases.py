"""Have schemathesis ask the running product everything that its contract allows, and more.

`python bench/contract_cases.py` asks more than 20,000 times and takes about half an hour of one core; the tests run it
small. Prints what every operation was asked and answered; ends non-zero when anything is wrong.

Invariant: the stack is a real one, with its limits switched off by the setting for that, and is thrown away afterwards.
"""

import argparse
import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings_test")

import django  # noqa: E402

django.setup()

import psycopg  # noqa: E402

from config.embedded import Servers  # noqa: E402
from tests import product  # noqa: E402
from tests.product import Stack  # noqa: E402
from users import letters  # noqa: E402

PHASES = "examples,coverage,fuzzing,stateful"
CONFIG = """
[checks.positive_data_acceptance]  # 422: `sound_data_is_refused_for_a_reason` looks at the reasons
expected-statuses = ["2xx", "304", "401", "404", "409", "412", "422"]
[phases.stateful]
max-steps = 8
"""
# An export takes the place of the one before it, and who asks for them is another account than who looks at them.
SWITCHED_OFF = "ensure_resource_availability"
PEOPLE = 6  # whose letters can be opened


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was asked and answered, by operation: how often which `status kind`; and what schemathesis said."""

    seen: dict[str, Counter[str]]
    passed: bool
    words: str

    @property
    def cases(self) -> int:
        return sum(count.total() for count in self.seen.values())

    def unreached(self) -> set[str]:
        """Return the operations that never said yes."""
        return {name for name, count in self.seen.items() if not any(one.startswith("2") for one in count)}

    def crashes(self) -> Counter[str]:
        """Return the operations that answered 5xx, and how often."""
        return Counter({name: sum(v for k, v in found.items() if k >= "500") for name, found in self.seen.items()})

    def table(self) -> str:
        lines = (
            f"{name:48} {found.total():6} " + "  ".join(f"{k.split()[0]}×{v}" for k, v in sorted(found.items()))
            for name, found in sorted(self.seen.items())
        )
        return "\n".join(lines)


def run(stack: Stack, *, each: int, phases: str = PHASES, seed: int = 1, workers: int = 1) -> Outcome:
    """Ask a running stack; `each` is how many random cases an operation gets in a phase.

    Two workers trip over each other in `ast.parse` before CPython 3.11.5 (gh-106905).
    """
    base = stack.url
    with tempfile.TemporaryDirectory() as folder:
        config, seen = Path(folder, "schemathesis.toml"), Path(folder, "seen.json")
        config.write_text(CONFIG)
        command = [
            *(
                sys.executable,
                "-m",
                "schemathesis.cli",
                "--config-file",
                str(config),
                "run",
                f"{base}/api/v1/openapi.json",
            ),
            *(
                "--url",
                base,
                "--checks",
                "all",
                "--exclude-checks",
                SWITCHED_OFF,
                "--phases",
                phases,
                "--max-examples",
                str(each),
                "--seed",
                str(seed),
            ),
            *("--workers", str(workers), "--continue-on-failure", "--no-color", "--warnings", "off"),
            *("--generation-database", "none", "--no-shrink"),
        ]
        hooks = {
            **{"SCHEMATHESIS_HOOKS": "bench.contract_hooks", "CONTRACT_BASE": base, "CONTRACT_SEEN": str(seen)},
            "CONTRACT_LETTERS": json.dumps(letters_of(stack)),
        }
        environment = os.environ | hooks | {"PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
        counts = json.loads(seen.read_text()) if seen.exists() else {}
        words = done.stdout + done.stderr
        return Outcome({name: Counter(count) for name, count in counts.items()}, done.returncode == 0, words)


def letters_of(stack: Stack) -> dict[str, list[str]]:
    """Have a few people write to themselves; return the tokens of their letters, by kind."""
    for number in range(PEOPLE):
        email = f"letters{number}-{os.getpid()}@example.org"
        body = {"email": email, "password": "four blue kettles sing", "name": "Ada"}
        for path, sent in (("/register", body), ("/password/reset", {"email": email})):
            request = urllib.request.Request(f"{stack.url}/api/v1{path}", json.dumps(sent).encode())  # noqa: S310 - loopback
            request.add_header("Content-Type", "application/json")
            urllib.request.urlopen(request, timeout=60).close()  # noqa: S310
    sent_letters = "SELECT kind, id FROM letters WHERE sent_at IS NOT NULL"
    with psycopg.connect(stack.environment["DATABASE_URL"], autocommit=True) as database:
        end = time.monotonic() + 60
        while len(found := database.execute(sent_letters).fetchall()) < 2 * PEOPLE and time.monotonic() < end:
            time.sleep(0.2)
    kinds = {str(kind) for kind, _ in found}
    return {one: [letters.token_of(key) for kind, key in found if kind == one] for one in kinds}


@contextlib.contextmanager
def stack() -> Iterator[Stack]:
    """Run the product on an empty database, its limits off."""
    with contextlib.ExitStack() as cleanup:
        servers = cleanup.enter_context(Servers(throwaway=True))
        environment = product.environment(
            **product.own_redis(servers.environment["REDIS_URL"], "contracts"),
            DATABASE_URL=product.empty_database(servers.environment["DATABASE_URL"], "contract", cleanup),
            RATE_LIMITS="0",
        )
        yield product.started(servers, environment, cleanup)


def main(arguments: Sequence[str]) -> int:
    """Run by hand; return the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--each", type=int, default=400, help="random cases for each operation and phase")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    with stack() as started:
        outcome = run(started, each=options.each, seed=options.seed)
    print(outcome.words)
    print(outcome.table())
    print(f"{outcome.cases} answers of {len(outcome.seen)} operations, 5xx: {outcome.crashes().total()}")
    print(f"never said yes: {sorted(outcome.unreached()) or 'none'}")
    return 0 if outcome.passed else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
