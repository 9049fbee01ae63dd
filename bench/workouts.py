"""Measures the workout planner over seeded random people, prints one table: `python bench/workouts.py 1000 1`.

`rows(people, seed)` gives the table to others. Invariant: the checker reads only the contract's JSON and the catalogue
file, with tables and arithmetic of its own; nobody is kept once measured, so ten thousand take no more memory than ten.
"""

import argparse
import collections
import datetime as dt
import json
import random
import statistics
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # run as a file, this one would hide the package

from bench import workouts_checker as checker  # noqa: E402
from workouts import planner  # noqa: E402

CATALOGUE = Path(__file__).resolve().parent.parent / "workouts" / "data" / "exercises.json"
MOVING, WHO = ("improve_endurance", "general_health", "lose_weight"), 150  # minutes
FULL_MINUTES, CATEGORIES, MOST_HOSTILE = 45, 10, 100
WHOLE_WEEKS, PICKS, TINY = 0.7, 4, 1e-6  # the other ranges have 1-14 days

Table = list[tuple[str, str, str]]  # what, measured, goal
Data = tuple[planner.Catalogue, checker.Exercises]


@dataclass(slots=True)
class Results:
    """What was found so far: counts and figures only, nobody's plan."""

    broken: checker.Tally = field(default_factory=checker.Tally)
    rungs: checker.Tally = field(default_factory=checker.Tally)
    seconds: list[float] = field(default_factory=list)
    shares: dict[str, list[float]] = field(default_factory=lambda: collections.defaultdict(list))

    def note(self, who: planner.Trainee, week: planner.Week, data: Data) -> None:
        """Check a person's plan."""
        catalogue, known = data
        days = _json(week.sessions, catalogue)
        self.broken.update(checker.hard(days, who, known))
        self.broken.update("judge" for fault in planner.faults(week.sessions, who, catalogue) if fault.hard)
        self.rungs[week.rung] += 1
        verdict = planner.certificate(week.sessions, who, catalogue, rung=week.rung, relaxations=week.relaxations)
        self.shares["guideline"].append(checker.guided(week, days, who) and _says_ten(verdict))
        if len(days) == checker.WEEK:
            self._whole_week(who, week, days, known)

    def _whole_week(
        self, who: planner.Trainee, week: planner.Week, days: Mapping[dt.date, checker.Rows], known: checker.Exercises
    ) -> None:
        """Check what only a whole week can show."""
        met, roomy = (
            checker.is_full(days, who, known),
            (who.minutes or 0) >= FULL_MINUTES and len(who.days) >= checker.TWICE,
        )
        self.shares["fair"].append(met == (week.rung == "full"))
        if roomy:
            self.shares["full"].append(met)
            self.shares["balanced"].append(checker.balanced(days, known))
        if who.goal in MOVING:
            done = checker.cardio(days, known)
            named = any(text.startswith("Cardio") for text in week.relaxations)
            self.shares["said"].append((done >= WHO) != named)
            self.shares[f"moves {who.goal}"].append(done > 0)


def measure(people: int, seed: int, data: Data) -> Table:
    """Compose for everybody, check, and return the rows of the table."""
    rng, found = random.Random(seed), Results()  # noqa: S311 - people that can be made again
    for number in range(people):
        who, length = (
            checker.person(rng),
            checker.WEEK if rng.random() < WHOLE_WEEKS else rng.randint(1, 2 * checker.WEEK),
        )
        start = checker.MONDAY + dt.timedelta(days=rng.randint(0, 27))
        dates = [start + dt.timedelta(days=day) for day in range(length)]
        began = time.process_time()
        try:
            week = planner.compose(who, data[0], dates, seed=seed + number)
        except planner.Conflict as conflict:
            found.shares["complete"].append(bool(conflict.reasons and conflict.relax))
            found.rungs["conflict set"] += 1
            continue
        found.seconds.append((time.process_time() - began) / -(-length // checker.WEEK))
        found.shares["complete"].append([one.date for one in week.sessions] == dates)
        found.note(who, week, data)
    return _measured(found, f"{people}, seed {seed}")


def _measured(found: Results, people: str) -> Table:
    """Return the rows of what was found."""
    cuts, shares = statistics.quantiles(found.seconds, n=20), found.shares
    return [
        ("workouts: people", people, ""),
        ("workouts: plan or conflict set", _share(shares["complete"]), "100%"),
        ("workouts: hard violations", _counted(found.broken), "0"),
        ("full volume, 2x a week, >= 45 min, 2+ days", f"{_share(shares['full'])} of {len(shares['full'])}", ">= 95%"),
        ("rungs", ", ".join(f"{name} {count}" for name, count in found.rungs.most_common()), ""),
        ("rung says what the checker finds", _share(shares["fair"]), "100%"),
        ("cardio in the week: endurance", _share(shares["moves improve_endurance"]), "100%"),
        ("cardio in the week: health", _share(shares["moves general_health"]), "100%"),
        ("cardio in the week: weight loss", _share(shares["moves lose_weight"]), "100%"),
        ("WHO minutes, or said to be short of them", _share(shares["said"]), "100%"),
        ("pushes <= 1.5 x pulls, >= 45 min, 2+ days", _share(shares["balanced"]), ">= 90%"),
        ("guideline: all ten categories", _share(shares["guideline"]), "100%"),
        ("workouts: CPU a week, p50", f"{cuts[9]:.3f} s", ""),
        ("workouts: CPU a week, p95", f"{cuts[18]:.3f} s", "<= 0.30 s"),
        ("workouts: CPU a week, max", f"{max(found.seconds):.3f} s", ""),
    ]


def _says_ten(verdict: Mapping[str, Any]) -> bool:
    """Tell whether the certificate holds ACSM's ten categories in words."""
    return len(verdict["guideline"]) == CATEGORIES and all(verdict["guideline"].values())


def _counted(broken: checker.Tally) -> str:
    """Return how many violations there were, and which."""
    return f"{broken.total()} {dict(broken)}" if broken else "0"


def hostile(people: int, seed: int, data: Data) -> Table:
    """Repair random picks, any and allowed ones, and swap; count what breaks."""
    rng, (catalogue, known) = random.Random(seed), data  # noqa: S311 - likewise
    slugs = [*known, "ignore_previous_instructions", "", "barbell back squat"]
    broken, swapped = checker.Tally(), list[bool]()
    kept: dict[str, list[float]] = {"any": [], "allowed": []}
    dates = [checker.MONDAY + dt.timedelta(days=day) for day in range(checker.WEEK)]
    for number in range(people):
        who = checker.person(rng)
        offered = planner.candidates(who, catalogue, seed=number)
        menu = [one.slug for muscle in planner.MUSCLES for one in offered[muscle]]
        outline = planner.outline(who, catalogue, dates)
        lifting = [date for date, kind in outline.items() if kind not in ("rest", "cardio")]
        for kind, names, chosen in (("any", slugs, dates), ("allowed", menu, lifting)):
            picks = {date: rng.sample(names, min(len(names), PICKS)) for date in chosen}
            week, ratio, repairs = planner.repair(picks, who, catalogue, dates, seed=number)
            broken.update(
                checker.hard({one.date: planner.exercise_json(one, catalogue) for one in week.sessions}, who, known)
            )
            kept[kind].append(ratio)
            total = sum(map(len, picks.values()))
            broken.update("ratio" for _ in range(abs(ratio * total - total + len(repairs)) > TINY))
        for one in week.sessions:
            swapped += _swap(one, week, who, data, broken)
    return [
        ("hard violations after repair and swap", _counted(broken), "0"),
        (f"kept of {PICKS} random picks a day", _share(kept["any"]), ""),
        (f"kept of {PICKS} allowed picks a strength day", _share(kept["allowed"]), ">= 70%"),
        ("swaps that found a substitute", f"{_share(swapped)} of {len(swapped)}", ""),
    ]


def _json(sessions: Sequence[planner.Session], catalogue: planner.Catalogue) -> dict[dt.date, checker.Rows]:
    """Return what clients would read of sessions."""
    return {one.date: planner.exercise_json(one, catalogue) for one in sessions}


def _swap(
    one: planner.Session, week: planner.Week, who: planner.Trainee, data: Data, broken: checker.Tally
) -> list[bool]:
    """Swap each exercise of a session in turn; count what breaks, and tell which found a substitute."""
    catalogue, known = data
    others = [other for other in week.sessions if other is not one]
    done = []
    for old in (item for item in one.items if item.role not in checker.TIMED):
        try:
            new = planner.swap(one, old.exercise_slug, who, catalogue, seed=1, around=others)
        except planner.Conflict:
            done.append(False)
            continue
        done.append(True)
        changed = sum(was != now for was, now in zip(one.items, new.items, strict=True))
        broken.update("swap" for _ in range(changed != 1))
        broken.update(
            checker.hard({day.date: planner.exercise_json(day, catalogue) for day in [*others, new]}, who, known)
        )
    return done


def _share(values: Sequence[float]) -> str:
    """Return a mean as a percentage."""
    return f"{100 * statistics.mean(values):.1f}%" if values else "-"


def rows(people: int, seed: int) -> Table:
    """Return the table as (what, measured, goal); swaps and repairs are tried on a tenth of the people, at most 100."""
    entries = json.loads(CATALOGUE.read_text())["exercises"]
    data = planner.catalogue_from(entries), {entry["slug"]: entry for entry in entries}
    return measure(max(2, people), seed, data) + hostile(min(MOST_HOSTILE, max(1, people // 10)), seed + 1, data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=int, nargs="?", default=200)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    given = parser.parse_args()
    for what, measured, goal in rows(given.people, given.seed):
        print(f"{what:<46} {measured:>40}   {goal}")
