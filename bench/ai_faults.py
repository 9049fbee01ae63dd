"""Measure what models can do to plans when they fail or attack: `python bench/ai_faults.py --jobs 1000 --seed 1`.

Invariant: everything runs as in a worker, over real sockets, and each row of the table says what was promised beside
what was found. Exit status 1: something is not as promised. `--small` is for every change; `--local` adds a model that
is served, as `manage.py run_local_ai` does.
"""

import argparse
import datetime as dt
import json
import os
import random
import statistics
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from bench import ai_stage, injections  # noqa: E402, I001 - the stage first: it starts the servers
from ai import breaker, budget, consult, prompts, queue  # noqa: E402
from ai.models import AICall, AISpending, PlanJob  # noqa: E402
from bench.ai_stage import DEADLINE, Took, addresses, fulfil, job, people, provider, violations  # noqa: E402
from config.providers import ADAPTERS, ProviderSettings  # noqa: E402
from django.db import connections  # noqa: E402
from django.test.utils import override_settings  # noqa: E402
from django.utils import timezone  # noqa: E402
from mealplans.models import MealPlan  # noqa: E402
from tests.ai import dialects, model_server  # noqa: E402
from tests.ai.model_server import Handler, ModelServer  # noqa: E402
from users.models import Event, User  # noqa: E402
from workouts.models import WorkoutPlan  # noqa: E402

CROWD, CAP = 50, Decimal("0.20")
LATE = 1.5  # s after the deadline, at most
PATIENCE = 600.0  # s for a real model: what it answers is measured, not how soon a busy machine lets it
ENDINGS = ("plan.ready", "plan.failed", "plan.cancelled")


# --- 1: faults at random -------------------------------------------------------------------------
@dataclass(slots=True)
class Row:
    """How the jobs came out that met one fault first; `faults` collects what should not be."""

    jobs: int = 0
    plans: int = 0
    ends: int = 0
    took: list[Took] = field(default_factory=list)
    sources: Counter[str] = field(default_factory=Counter)
    hard: list[str] = field(default_factory=list)


def random_faults(jobs: int, workers: int, chance: random.Random) -> dict[str, Row]:
    """Run jobs whose one or two providers each do something wrong, or not; a fifth of them share their breakers."""
    rows: dict[str, Row] = {}
    with ExitStack() as stack:
        urls = addresses(stack)
        work = []
        for number, owner in enumerate(people(jobs, chance)):
            drawn = chance.sample(sorted(urls), chance.choice((1, 1, 2)))
            prefix = "shared" if chance.random() < 0.2 else f"own{number}"
            models = [
                provider(f"{prefix}-{sorted(urls).index(one)}", urls[one], chance.choice(list(ADAPTERS)))
                for one in drawn
            ]
            kind, days = chance.choice(("meal", "meal", "workout", "both")), chance.choice((1, 1, 2, 3))
            notes = chance.choice(("", chance.choice(injections.corpus())))
            work.append((drawn[0], owner, job(owner, kind=kind, days=days, overrides={"notes": notes}), models))
        with ThreadPoolExecutor(workers) as pool:
            times = list(pool.map(lambda one: fulfil(one[2], one[3]), work))
    for (fault, owner, made, _), took in zip(work, times, strict=True):
        _count(rows.setdefault(fault, Row()), owner, made, took)
    return rows


def _count(row: Row, owner: User, made: PlanJob, took: Took) -> None:
    made.refresh_from_db()
    plans = [*MealPlan.objects.filter(job_id=made.pk), *WorkoutPlan.objects.filter(job_id=made.pk)]
    row.jobs += 1
    row.plans += made.status == "succeeded" and len(plans) == made.days * (2 if made.kind == "both" else 1)
    row.ends += Event.objects.filter(user=owner, type__in=ENDINGS, data__job_id=str(made.pk)).count() == 1
    row.took.append(took)
    row.sources[made.source or made.status] += 1
    row.hard += violations(owner, made)


# --- 2: notes that want to be obeyed -------------------------------------------------------------
def echoes(handler: Handler, body: dict[str, Any]) -> None:
    """Choose well, and give the person's own words as reasons, as a model does that was taken in."""
    said = json.loads(body["messages"][1]["content"])["wishes"]
    handler.say(json.dumps({"days": [{**day, "reason": said} for day in model_server.picks(body)]}))


def injected(texts: Sequence[str], chance: random.Random) -> list[str]:
    """Return how plans with attacks as notes differ, other than in the picks, from a plan with neutral notes."""
    (owner,) = people(1, chance)
    found = []
    with ModelServer(echoes) as server:
        neutral = _seen(owner, "Something warm, please.", server)
        for text in texts:
            found += [f"{text[:40]!r} changed {part}" for part in _changed(neutral, _seen(owner, text, server))]
    return found


def _seen(owner: User, notes: str, server: ModelServer) -> dict[str, Any]:
    """Return what was sent and what was stored."""
    made = job(owner, overrides={"notes": notes}, seed=1)
    fulfil(made, [provider("injected", server.url, deadline=10.0)])
    made.refresh_from_db()
    body, plan = server.requests[-1]["body"], MealPlan.objects.get(user=owner)
    rules, data = body["messages"][0]["content"], json.loads(body["messages"][1]["content"])
    fields = dialects.schema(body)["properties"]["days"]["items"]["properties"]
    ids = {one for field in fields.values() for one in field.get("items", field).get("enum", ())}
    return {
        "same": {
            "the rules": rules,
            "what is said of the person": [data["person"], data["daily_targets"], data["days"]],
            "the fields": sorted(fields),
            "the targets": plan.targets,
            "the source": str(made.source)[:2],
        },
        "ids": ids,
        "forbidden": [fault for one in ids - {data["days"][0]["date"]} for fault in ai_stage.forbidden(owner, one)],
        "excluded": set(plan.certificate["allergens"]["excluded"]),
        "understood": plan.certificate["notices"],
        "hard": violations(owner, made),
        "reasons": [day["reason"] or "" for day in (made.explanation or {})["days"]],
    }


def _changed(neutral: Mapping[str, Any], seen: Mapping[str, Any]) -> Iterator[str]:
    """Yield what differs; a note in which our own matcher found something to leave out may do just that."""
    yield from (name for name, value in neutral["same"].items() if seen["same"][name] != value)
    if seen["understood"] == neutral["understood"] and seen["ids"] != neutral["ids"]:
        yield "the ids that may be chosen"
    yield from (f"the ids: {fault}" for fault in seen["forbidden"])
    if not seen["excluded"] >= neutral["excluded"]:
        yield "the allergens"
    if seen["hard"]:
        yield f"the plan: {seen['hard'][0]}"
    if any(len(one) > 120 or set(one) & set("<>`\n\x1b") or "://" in one for one in seen["reasons"]):
        yield "what a reason may hold"


# --- 3: fifty at once ----------------------------------------------------------------------------
BRIEF = prompts.Brief(
    dates=("2026-03-02",), slots=("lunch",), dishes={"lunch": [prompts.Choice("soup", "Soup", "15 min")]}
)


def takes_a_moment(handler: Handler, body: dict[str, Any]) -> None:
    time.sleep(0.2)
    model_server.chooses_well(handler, body)


def race(owners: Sequence[User], **caps: Any) -> tuple[int, Decimal, Decimal]:
    """Ask for fifty plans at once; return calls made, the most money that was ever bound, and what was spent."""
    AISpending.objects.all().delete()
    AICall.objects.all().delete()
    work = [job(owners[number % len(owners)], start_date=ai_stage.day(number)) for number in range(CROWD)]
    over, peak = threading.Event(), [Decimal(0)]

    def watch() -> None:
        while not over.wait(0.01):
            peak.append(budget.spent(timezone.now()))
        connections.close_all()

    watcher = threading.Thread(target=watch)
    patient = dict.fromkeys(("AI_DEADLINE", "AI_CONNECT", "AI_FIRST_BYTE"), dt.timedelta(seconds=30))
    with ModelServer(takes_a_moment) as server, override_settings(**patient, **caps):
        watcher.start()
        with ThreadPoolExecutor(CROWD) as pool:
            list(pool.map(lambda one: _ask(one, provider("race", server.url, deadline=10.0)), work))
        over.set()
        watcher.join()
    spent = sum((call.usd for call in AICall.objects.all()), Decimal(0))
    return len(server.requests), max(peak), spent


def _ask(work: PlanJob, model: ProviderSettings) -> None:
    ai_stage.configured.are(model)
    try:
        claimed = queue.claim(work.pk)
        if claimed:
            consult.consult(claimed, BRIEF, queue.Lease.of(claimed))
    finally:
        connections.close_all()


# --- 4 and 5: an open breaker; a real model ------------------------------------------------------
def with_open_breaker(count: int, chance: random.Random) -> list[Took]:
    """Return how long a week of both kinds takes while the only provider's breaker is open."""
    times = []
    for owner in people(count, chance):
        for _ in range(breaker.FAILURES):
            breaker.record("ill", failed=True)
        work = job(owner, kind="both", days=7)
        times.append(fulfil(work, [provider("ill", model_server.closed_url())]))
    return times


def with_local_model(url: str, count: int, chance: random.Random) -> tuple[int, list[float]]:
    """Return how many answers of a real model had the schema at once, and what was kept of each."""
    entry: dict[str, Any] = {"schema_mode": "grammar", "max_choices": 8}  # as `up --ai local` asks it
    model = provider("local", url, deadline=PATIENCE, price_in=Decimal(0), price_out=Decimal(0), **entry)
    patience = dt.timedelta(seconds=PATIENCE)
    with override_settings(AI_DEADLINE=patience, AI_FIRST_BYTE=patience):
        for owner in people(count, chance):
            fulfil(job(owner), [model])
    calls = AICall.objects.filter(provider="local", outcome="ok", attempts=1, schema_mode="grammar")
    return calls.count(), [call.kept_ratio or 0.0 for call in calls]


# --- the table -----------------------------------------------------------------------------------
@dataclass(slots=True)
class Table:
    """What was promised, what was found, and whether that holds; in a small run a time is told, and decides nothing."""

    small: bool = False
    missed: int = 0

    def row(self, what: str, found: object, *, holds: bool, examples: Sequence[str] = (), timed: bool = False) -> None:
        told = timed and self.small
        self.missed += not (holds or told)
        print(f"{'ok  ' if holds else 'slow' if told else 'MISS'}  {what:66} {found}")
        for example in examples[:5]:
            print(f"          {example}")


def print_faults(rows: Mapping[str, Row], table: Table) -> None:
    print(f"\n{'first provider':32} jobs plans  p50 s  max s  hard  sources")
    for name, row in sorted(rows.items()):
        middle = statistics.median(one.seconds for one in row.took)
        figures = f"{row.jobs:4} {row.plans:5} {middle:6.2f} {max(row.took).seconds:6.2f}"
        print(f"{name:32} {figures} {len(row.hard):5}  {dict(row.sources.most_common())}")
    jobs = sum(row.jobs for row in rows.values())
    plans, ends = sum(row.plans for row in rows.values()), sum(row.ends for row in rows.values())
    latest = max(took for row in rows.values() for took in row.took)
    late, load = latest.seconds - DEADLINE, os.getloadavg()[0] / (os.cpu_count() or 1)
    hard = [fault for row in rows.values() for fault in row.hard]
    print(f"\nload of this machine, per core: {load:.1f}")
    found = f"{late:.2f} s (computing {latest.cpu:.2f} s)"
    table.row("valid stored plans, of jobs", f"{plans} of {jobs}", holds=plans == jobs)
    table.row(f"the latest after the deadline of {DEADLINE} s: at most {LATE} s", found, holds=late <= LATE, timed=True)
    table.row("hard violations: 0", len(hard), holds=not hard, examples=hard)
    table.row("jobs with exactly one terminal event", f"{ends} of {jobs}", holds=ends == jobs)


def print_rest(table: Table, options: argparse.Namespace, chance: random.Random) -> None:
    texts = injections.corpus()[:: 12 if options.small else 1]
    changed = injected(texts, chance)
    table.row(f"{len(texts)} notes that want to be obeyed: changes", len(changed), holds=not changed, examples=changed)
    calls, _, _ = race(people(5, chance), AI_CALLS_PER_USER=6)
    table.row(f"{CROWD} at once, 5 people with 6 calls each: calls, exactly 30", calls, holds=calls == 30)
    calls, peak, spent = race(people(CROWD, chance), AI_USD_FOR_ALL=CAP)
    holds = 0 < spent <= peak <= CAP and calls < CROWD
    table.row(
        f"{CROWD} at once, ${CAP} for all: most ever bound", f"${peak} (spent ${spent}, {calls} calls)", holds=holds
    )
    times = sorted(with_open_breaker(8 if options.small else 50, chance))
    p95 = times[int(0.95 * (len(times) - 1))]
    found = f"{p95.seconds:.2f} s (computing {p95.cpu:.2f} s)"
    table.row("a week's plan with the breaker open: p95 at most 1.0 s", found, holds=p95.seconds <= 1.0, timed=True)
    if options.local:
        count = 5 if options.small else 50
        valid, kept = with_local_model(options.local, count, chance)
        mean = statistics.fmean(kept or [0.0])
        table.row("answers of a real model with the schema", f"{valid} of {count}", holds=valid == count)
        table.row("kept of its picks, mean: at least 0.70", f"{mean:.2f}", holds=mean >= 0.70)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the tables; return 1 when a promise is not kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=None, help="default: 1000; 40 with --small")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=4, help="threads")
    parser.add_argument("--small", action="store_true", help="less of everything, for every change")
    parser.add_argument("--local", default="", help="the base URL of a served model, such as http://127.0.0.1:8091/v1")
    options = parser.parse_args(arguments)
    chance, table = random.Random(options.seed), Table(options.small)
    with ai_stage.stage():
        print_faults(random_faults(options.jobs or (40 if options.small else 1000), options.workers, chance), table)
        print_rest(table, options, chance)
    return min(1, table.missed)


if __name__ == "__main__":
    raise SystemExit(main())
