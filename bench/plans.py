"""Measure the planners on random people, print one table: `python bench/plans.py --people 200 --seed 1`.

Invariant: the same people and seed give the same table, but for the times. Those are CPU time of the process that
plans: what else the machine does is not in them. An interrupt prints the table of those who were done.
"""

import argparse
import datetime as dt
import math
import random
import re
import signal
import statistics
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parents[1])  # run as a file, this one would hide the package

from bench import conflicts, workouts  # noqa: E402
from bench.people import MONDAY, catalogue, someone  # noqa: E402
from bench.plans_checker import Outcome, check  # noqa: E402
from mealplans import planner  # noqa: E402
from users import targets as needs  # noqa: E402

SMALL, SMALL_CONFLICTS, SMALL_REPAIRED = 40, 2, 12  # of a run that is short enough for every change
CONFLICTS, PICKY = 30, 2000  # conflict sets to sample, and the most people to look for them among
REPAIRED, CANDIDATES = 60, 40  # people whose picks are repaired, and the most that may be offered for a slot
REPORTED = 100  # people between two signs of life
SLOW = 1.5  # times its bar is what a time may take in a small run

Rows = list[tuple[str, str, str]]  # what, measured, goal


def plan(number: int, seed: int) -> Outcome:
    """Compose and check one person's plan."""
    who, result = someone(number, seed), Outcome()
    dates = [MONDAY + dt.timedelta(days=i) for i in range(who.days)]
    started = time.process_time()
    try:
        week = planner.compose(who.eater, catalogue(), dates, seed=number)
    except planner.Conflict as reason:
        result.conflict, result.proven = str(reason), reason.proven
    result.seconds = time.process_time() - started
    if result.conflict is None:
        result.rung = week.rung
        check(who, week, result)
    return result


def variety(seed: int) -> int:
    """Return how many distinct dishes four weeks hold for a person without restrictions."""
    need = needs.Person(
        age=35,
        sex="female",
        height=168,
        weight=66,
        fitness_goal="maintain",
        activity_level="moderate",
        conditions=frozenset(),
        diets=frozenset(),
    )
    eater = planner.Eater(targets=needs.targets(need))
    recent: dict[dt.date, list[str]] = {}
    for week in range(4):
        dates = [MONDAY + dt.timedelta(days=7 * week + i) for i in range(7)]
        composed = planner.compose(eater, catalogue(), dates, seed=seed + week, recent=recent)
        recent |= {day.date: [dish.recipe_slug for dish in day.dishes] for day in composed.days}
    return len({slug for slugs in recent.values() for slug in slugs})


def kept_picks(people: int, seed: int) -> Rows:
    """Repair random picks among the candidates: how many stay, how much is then wrong, how many are offered."""
    kept, hard, most = list[float](), 0, 0
    for number in range(people):
        who, rng, result = someone(number, seed), random.Random(f"{seed} {number} picks"), Outcome()
        offered = planner.candidates(who.eater, catalogue(), seed=number)
        most = max([most, *map(len, offered.values())])
        dates = [MONDAY + dt.timedelta(days=i) for i in range(who.days)]
        picks = {date: [(slot, rng.choice(offered[slot]).slug) for slot in who.eater.slots] for date in dates}
        try:
            week, ratio, _ = planner.repair(picks, who.eater, catalogue(), dates, seed=number)
        except planner.Conflict:
            continue
        check(who, week, result)
        kept.append(ratio)
        hard += len(result.hard)
    return [
        (f"kept of filtered picks, {people} people", f"{statistics.fmean(kept or [0]):.1%}", ">= 70%"),
        ("hard violations after repair", str(hard), "0"),
        ("candidates for a slot, at most", str(most), f"<= {CANDIDATES}"),
    ]


def table(outcomes: Sequence[Outcome], dishes: int) -> Rows:
    """Return the meals' rows of the table."""
    plans = [one for one in outcomes if one.conflict is None]
    energy = [error for one in plans for error in one.energy]
    times = [one.seconds for one in outcomes]
    held: Counter[str] = sum((one.held for one in plans), Counter())
    days = max(1, sum(one.days for one in plans))
    share = {name: held[name] / days for name in ("protein", "carbs", "fat", "fibre", "sodium", "sat_fat", "AMDR")}
    strict, open_ = sum(one.rung == 0 for one in plans), sum(not one.proven for one in outcomes)
    return [
        ("meals: people, days", f"{len(outcomes)}, {days}", ""),
        ("hard violations", str(sum(len(one.hard) for one in plans)), "0"),
        ("energy error, mean", f"{statistics.fmean(energy or [0]):.2%}", "<= 0.60%"),
        ("energy error, p95", f"{quantile(energy, 0.95):.2%}", "<= 1.00%"),
        *((f"{name} in band", f"{share[name]:.1%}", ">= 97%") for name in ("protein", "carbs", "fat")),
        *((f"{name} within limit", f"{share[name]:.1%}", ">= 95%") for name in ("fibre", "sodium", "sat_fat", "AMDR")),
        ("plan + conflict set", f"{len(plans)} + {len(outcomes) - len(plans) - open_}", ""),
        ("neither found nor proven impossible", str(open_), "0"),
        ("strict rung, of plans", f"{strict / max(1, len(plans)):.1%}", ">= 96%"),
        ("CPU a plan, p50", f"{quantile(times, 0.5):.3f} s", "<= 0.25 s"),
        ("CPU a plan, p95", f"{quantile(times, 0.95):.3f} s", "<= 1.00 s"),
        ("CPU a plan, max", f"{max(times, default=0.0):.2f} s", ""),
        ("distinct dishes in 4 weeks", str(dishes), ">= 40"),
    ]


def missed(measured: str, goal: str, people: int) -> bool:
    """Tell whether a bar is missed by more than chance (two standard errors) or a busy machine (half again) explain."""
    numbers = [re.search(r"[\d.]+", text) for text in (measured, goal)]
    value, bar = (float(found[0]) if found else math.nan for found in numbers)
    if goal.startswith(">="):
        noise = 200 * math.sqrt(bar / 100 * (1 - bar / 100) / people) if goal.endswith("%") else 0.0
        return value < bar - noise
    if goal.startswith("<="):
        return value > bar * (SLOW if goal.endswith((" s", "%")) else 1)
    return value != bar and not math.isnan(value + bar)


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def composed(people: int, seed: int, jobs: int) -> Iterator[Outcome]:
    """Yield everybody's outcome in turn, and signs of life on the error stream."""
    work = partial(plan, seed=seed)
    with ProcessPoolExecutor(jobs, initializer=_deaf) as pool:
        found = pool.map(work, range(people), chunksize=4) if jobs > 1 else map(work, range(people))
        try:
            for number, one in enumerate(found, start=1):
                yield one
                if number % REPORTED == 0:
                    sys.stderr.write(f"{number} of {people}\n")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _deaf() -> None:
    """Leave an interrupt to the process that prints: it ends the others in order."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 when there was a hard violation or, in a small run, a bar is clearly missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--small", action="store_true", help=f"{SMALL} people and a verdict, for every change")
    parser.add_argument("--conflicts", action="store_true", help="print every conflict set")
    options = parser.parse_args(arguments)
    small = (SMALL, SMALL_CONFLICTS, SMALL_REPAIRED)
    people, sample, repaired = small if options.small else (options.people, CONFLICTS, REPAIRED)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    outcomes, parts = list[Outcome](), list[Callable[[], Iterable[tuple[str, str, str]]]]()
    try:
        for one in composed(people, options.seed, options.jobs):
            outcomes.append(one)
        parts = [
            partial(kept_picks, min(people, repaired), options.seed),
            partial(conflicts.rows, PICKY, sample, options.seed),
            partial(workouts.rows, people, options.seed),
        ]
    except KeyboardInterrupt:
        _say(f"interrupted after {len(outcomes)} of {people} people")
    rows = _printed(table(outcomes, variety(options.seed)))
    for part in parts:
        rows += _printed(part())
    for number, one in enumerate(outcomes):
        for violation in one.hard:
            _say(f"HARD {number}: {violation}")
        if options.conflicts and one.conflict:
            _say(f"{number}: {one.conflict}")
    bad = [what for what, measured, goal in rows if (options.small or goal == "0") and missed(measured, goal, people)]
    for what in bad:
        _say(f"MISSED: {what}")
    return int(bool(bad))


def _printed(rows: Iterable[tuple[str, str, str]]) -> Rows:
    """Print the rows, each as soon as it is known, and return them."""
    found = Rows()
    for row in rows:
        _say("{:46} {:>40}   {}".format(*row))
        found.append(row)
    return found


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
