"""Measures the workout planner over seeded random people, prints one table: `python bench/workouts.py 1000 1`.

Invariant: the checker reads only the contract's JSON and the catalogue file, with tables and arithmetic of its own.
"""

import argparse
import collections
import datetime as dt
import json
import random
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

if not __package__:
    sys.path[0] = str(Path(__file__).resolve().parent.parent)  # run as a file, this one would hide the package

from workouts import planner  # noqa: E402

CATALOGUE = Path(__file__).resolve().parent.parent / "workouts" / "data" / "exercises.json"
GOALS = ("lose_weight", "maintain", "gain_muscle", "improve_endurance", "general_health")
LEVELS = ("beginner", "intermediate", "advanced")
EQUIPMENT = ("dumbbell", "barbell", "kettlebell", "machine", "cable", "band", "bench", "pull_up_bar", "cardio_machine")
INJURIES = ("knee", "shoulder", "lower_back", "wrist", "elbow", "ankle", "hip", "neck")
ACTIVITY = ("sedentary", "light", "moderate", "active", "very_active")
BANDS = {"beginner": (6, 10), "intermediate": (10, 16), "advanced": (12, 20)}
STEPS = {"barbell": 2.5, "dumbbell": 2.0, "kettlebell": 4.0, "machine": 5.0, "cable": 2.5}
LOW_VOLUME = {"pregnant", "heart_disease", "kidney_disease", "eating_disorder"}
CONDITIONS = (*sorted(LOW_VOLUME), "breastfeeding", "hypertension", "diabetes")
CLEARANCE = {"pregnant", "heart_disease", "kidney_disease", "diabetes"}
JUMPS = ("jump", "hop", "burpee", "sprint", "plyo", "jog", "running")
MONDAY = dt.date(2026, 3, 2)
FRAME = ("warm_up", "cool_down")
TIMED = (*FRAME, "cardio", "balance")
FULL_MINUTES, TWICE, WEEK = 45, 2, 7
YOUTH, ELDER, OLD, MOTHERS = 16, 65, 75, range(16, 51)
MOST_SETS, MOST_EXERCISES, MUSCLE_SETS, HARD_SETS = 6, 9, 10, 6
WHOLE_WEEKS, PICKS, TINY = 0.7, 4, 1e-6  # the other ranges have 1-14 days

Rows = list[dict[str, Any]]
Exercises = Mapping[str, dict[str, Any]]
Data = tuple[planner.Catalogue, Exercises]
Tally = collections.Counter[str]


def person(rng: random.Random) -> planner.Trainee:
    """Make somebody up: any goal, level, age 13-90, equipment, 0-2 injuries, conditions, 1-7 days of 30-90 minutes."""
    age, sex = rng.randint(13, 90), rng.choice(("female", "male", "unspecified"))
    conditions = set(rng.sample(CONDITIONS, rng.choice((0, 0, 0, 0, 1, 2))))
    if sex == "male" or age not in MOTHERS:
        conditions -= {"pregnant", "breastfeeding"}
    lifts = rng.sample(("barbell_bench_press", "barbell_back_squat", "lat_pulldown", "leg_press"), rng.randint(0, 3))
    return planner.Trainee(
        goal=rng.choice(GOALS),
        training_level=rng.choice(LEVELS),
        age=age,
        sex=sex,
        equipment=frozenset(rng.sample(EQUIPMENT, rng.choice((0, 0, 1, 2, 3, 5, 9)))),
        injuries=frozenset(rng.sample(INJURIES, rng.choice((0, 0, 0, 1, 1, 2)))),
        conditions=frozenset(conditions),
        days=tuple(rng.sample(planner.WEEKDAYS, rng.choice((1, 2, 2, 3, 3, 3, 4, 4, 5, 5, 6, 7)))),
        minutes=rng.choice((30, 40, 45, 50, 60, 75, 90)),
        e1rm={slug: rng.uniform(20, 180) for slug in lifts},
        activity_level=rng.choice(ACTIVITY),
    )


def hard(days: Mapping[dt.date, Rows], who: planner.Trainee, known: Exercises) -> Iterator[str]:
    """Yield a code for every broken promise, from the JSON alone."""
    for date, rows in days.items():
        if rows and planner.WEEKDAYS[date.weekday()] not in (who.days or planner.WEEKDAYS):
            yield "day"
        for row in rows:
            yield from _unsafe(known[row["exercise_id"]], who)
            yield from _load(row, known[row["exercise_id"]], who)
        yield from _session(rows, who, known)
    yield from _week(days, who, known)


def volume(rows: Rows, known: Exercises) -> dict[str, float]:
    """Count fractional sets by muscle."""
    count: dict[str, float] = collections.defaultdict(float)
    for row in rows:
        exercise = known[row["exercise_id"]]
        if row["role"] in TIMED or exercise["pattern"] in ("cardio", "mobility"):
            continue
        for share, muscles in ((1.0, exercise["primary"]), (0.5, exercise["secondary"])):
            for muscle in muscles:
                count[muscle] += share * row["sets"]
    return count


def band(who: planner.Trainee) -> tuple[int, int]:
    """Return the weekly sets due to this person."""
    frail = who.age < YOUTH or who.age >= OLD or who.conditions & LOW_VOLUME
    level = min(LEVELS.index(who.training_level), 0 if frail else 1 if who.age >= ELDER else 2)
    return BANDS[LEVELS[max(0, level - (who.goal == "improve_endurance"))]]


def is_full(days: Mapping[dt.date, Rows], who: planner.Trainee, known: Exercises) -> bool:
    """Tell whether a week has every muscle in its band and trained twice."""
    counts = [volume(rows, known) for rows in days.values()]
    low, high = band(who)
    return all(
        low <= sum(count[muscle] for count in counts) <= high
        and sum(count[muscle] >= TWICE for count in counts) >= TWICE
        for muscle in planner.MUSCLES
    )


def _unsafe(exercise: dict[str, Any], who: planner.Trainee) -> Iterator[str]:
    """Yield what makes an exercise wrong for a person."""
    if set(exercise["contraindications"]) & who.injuries:
        yield "injury"
    if set(exercise["equipment"]) - who.equipment:
        yield "equipment"
    if LEVELS.index(exercise["level"]) > LEVELS.index(who.training_level):
        yield "level"
    fragile = who.age >= ELDER or "pregnant" in who.conditions or who.injuries & {"knee", "ankle", "hip"}
    if fragile and any(f"_{word}" in f"_{exercise['slug']}" for word in JUMPS):
        yield "impact"
    lying = ("lying", "bench_press", "floor_press", "glute_bridge", "prone", "crunch", "dead_bug")
    on_side = "side_lying" in exercise["slug"]
    if "pregnant" in who.conditions and any(word in exercise["slug"] for word in lying) and not on_side:
        yield "lying in pregnancy"


def _load(row: dict[str, Any], exercise: dict[str, Any], who: planner.Trainee) -> Iterator[str]:
    """Yield what is wrong with a row's effort and load."""
    if row["role"] in TIMED:
        return
    if row["rir"] < (3 if who.age < YOUTH or "pregnant" in who.conditions else 1) or row["sets"] > MOST_SETS:
        yield "effort"
    value = row["load"]["value"]
    if row["load"]["kind"] == "kg":
        step = max((STEPS[tool] for tool in exercise["equipment"] if tool in STEPS), default=1.0)
        if value > 0.95 * who.e1rm.get(exercise["slug"], value * 2) or abs(value / step - round(value / step)) > TINY:
            yield "load"


def _session(rows: Rows, who: planner.Trainee, known: Exercises) -> Iterator[str]:
    """Yield what is wrong with a session: minutes, size, sets of a muscle, repeats, order."""
    seconds = 0
    for row in rows:
        sides = 2 if row["per_side"] else 1
        work = sides * (row["duration_s"] if row["duration_s"] is not None else 3 * row["reps"])
        seconds += row["sets"] * work + (row["sets"] - 1) * row["rest_s"] + 60
        seconds += sum(45 + 3 * sides * ramp["reps"] for ramp in row["warmup"])
    if seconds > 60 * (who.minutes or 60):
        yield "minutes"
    if rows and (rows[0]["role"] != "warm_up" or [row["order"] for row in rows] != list(range(1, len(rows) + 1))):
        yield "order"
    if sum(row["role"] not in FRAME for row in rows) > MOST_EXERCISES or len(
        {row["exercise_id"] for row in rows}
    ) < len(rows):
        yield "size"
    if any(sets > MUSCLE_SETS for sets in volume(rows, known).values()):
        yield "ten sets"


def _week(days: Mapping[dt.date, Rows], who: planner.Trainee, known: Exercises) -> Iterator[str]:
    """Yield what is wrong across days: too much in a week, too little recovery, no rest day."""
    counts = {date: volume(rows, known) for date, rows in days.items()}
    for date, count in counts.items():
        after = counts.get(date + dt.timedelta(days=1), {})
        if any(min(sets, after.get(muscle, 0)) >= HARD_SETS for muscle, sets in count.items()):
            yield "recovery"
    dates = sorted(days)
    for block in (dates[at : at + WEEK] for at in range(0, len(dates), WEEK)):
        if len(block) == WEEK and all(days[date] for date in block):
            yield "no rest day"
        if any(sum(counts[date][muscle] for date in block) > band(who)[1] for muscle in planner.MUSCLES):
            yield "volume"


def guided(week: planner.Week, days: Mapping[dt.date, Rows], who: planner.Trainee) -> bool:
    """Tell whether the plan says what ACSM asks of one (the categories of Zaleski 2024).

    Sets, effort, rest, load and kind of every lift, a warm-up first, how to progress, and medical clearance.
    """
    text = " ".join(week.notices).lower()
    lifts = [row for rows in days.values() for row in rows if row["role"] not in TIMED]
    said = all(row["sets"] and row["rir"] is not None and row["rest_s"] and row["load"]["kind"] for row in lifts)
    warm = all(not rows or rows[0]["role"] == "warm_up" for rows in days.values())
    cleared = not who.conditions & CLEARANCE or "doctor" in text or "provider" in text
    return said and warm and cleared and "in reserve" in text and "add load" in text and "see a doctor" in text


def measure(people: int, seed: int, data: Data) -> dict[str, str]:
    """Compose for everybody, check, and return the rows of the table."""
    rng, (catalogue, known) = random.Random(seed), data  # noqa: S311 - people that can be made again
    broken, rungs, seconds = Tally(), Tally(), list[float]()
    complete, full, guideline, fair = list[bool](), list[bool](), list[bool](), list[bool]()
    for number in range(people):
        who, length = person(rng), WEEK if rng.random() < WHOLE_WEEKS else rng.randint(1, 2 * WEEK)
        start = MONDAY + dt.timedelta(days=rng.randint(0, 27))
        dates = [start + dt.timedelta(days=day) for day in range(length)]
        began = time.process_time()
        try:
            week = planner.compose(who, catalogue, dates, seed=seed + number)
        except planner.Conflict as conflict:
            complete.append(bool(conflict.reasons and conflict.relax))
            rungs["conflict set"] += 1
            continue
        seconds.append((time.process_time() - began) / -(-length // WEEK))
        days = {one.date: planner.exercise_json(one, catalogue) for one in week.sessions}
        complete.append(list(days) == dates)
        broken.update(hard(days, who, known))
        broken.update("judge" for fault in planner.faults(week.sessions, who, catalogue) if fault.hard)
        rungs[week.rung] += 1
        guideline.append(guided(week, days, who))
        if length == WEEK:
            met = is_full(days, who, known)
            fair.append(met == (week.rung == "full"))
            if (who.minutes or 0) >= FULL_MINUTES and len(who.days) >= TWICE:
                full.append(met)
    cuts = statistics.quantiles(seconds, n=20)
    return {
        "people": f"{people} (seed {seed})",
        "workouts: complete plan or conflict set": _share(complete),
        "hard violations": f"{broken.total()} {dict(broken)}",
        "full volume and 2x a week, sessions >= 45 min, 2+ days": f"{_share(full)} of {len(full)}",
        "rungs": ", ".join(f"{name} {count}" for name, count in rungs.most_common()),
        "rung says what the checker finds": _share(fair),
        "guideline checklist": _share(guideline),
        "CPU a week, p50 / p95 / max": f"{cuts[9]:.3f} / {cuts[18]:.3f} / {max(seconds):.3f} s",
    }


def hostile(people: int, seed: int, data: Data) -> dict[str, str]:
    """Repair random picks, any and allowed ones, and swap; count what breaks."""
    rng, (catalogue, known) = random.Random(seed), data  # noqa: S311 - likewise
    slugs = [*known, "ignore_previous_instructions", "", "barbell back squat"]
    broken, swapped = Tally(), list[bool]()
    kept: dict[str, list[float]] = {"any": [], "allowed": []}
    dates = [MONDAY + dt.timedelta(days=day) for day in range(WEEK)]
    for number in range(people):
        who = person(rng)
        offered = planner.candidates(who, catalogue, seed=number)
        menu = [one.slug for muscle in planner.MUSCLES for one in offered[muscle]]
        outline = planner.outline(who, catalogue, dates)
        lifting = [date for date, kind in outline.items() if kind not in ("rest", "cardio")]
        for kind, names, chosen in (("any", slugs, dates), ("allowed", menu, lifting)):
            picks = {date: rng.sample(names, min(len(names), PICKS)) for date in chosen}
            week, ratio, repairs = planner.repair(picks, who, catalogue, dates, seed=number)
            broken.update(hard({one.date: planner.exercise_json(one, catalogue) for one in week.sessions}, who, known))
            kept[kind].append(ratio)
            total = sum(map(len, picks.values()))
            broken.update("ratio" for _ in range(abs(ratio * total - total + len(repairs)) > TINY))
        for one in week.sessions:
            swapped += _swap(one, week, who, data, broken)
    return {
        "hard violations after repair and swap": f"{broken.total()} {dict(broken)}",
        f"kept of {PICKS} random picks a day": _share(kept["any"]),
        f"kept of {PICKS} allowed picks a strength day": _share(kept["allowed"]),
        "swaps that found a substitute": f"{_share(swapped)} of {len(swapped)}",
    }


def _swap(one: planner.Session, week: planner.Week, who: planner.Trainee, data: Data, broken: Tally) -> list[bool]:
    """Swap each exercise of a session in turn; count what breaks, and tell which found a substitute."""
    catalogue, known = data
    others = [other for other in week.sessions if other is not one]
    done = []
    for old in (item for item in one.items if item.role not in TIMED):
        try:
            new = planner.swap(one, old.exercise_slug, who, catalogue, seed=1, around=others)
        except planner.Conflict:
            done.append(False)
            continue
        done.append(True)
        changed = sum(was != now for was, now in zip(one.items, new.items, strict=True))
        broken.update("swap" for _ in range(changed != 1))
        broken.update(hard({day.date: planner.exercise_json(day, catalogue) for day in [*others, new]}, who, known))
    return done


def _share(values: Sequence[float]) -> str:
    """Return a mean as a percentage."""
    return f"{100 * statistics.mean(values):.1f} %" if values else "-"


def table(people: int, seed: int) -> dict[str, str]:
    """Return the rows of the table by name; swaps and repairs are tried on a tenth of the people."""
    rows = json.loads(CATALOGUE.read_text())["exercises"]
    data = planner.catalogue_from(rows), {row["slug"]: row for row in rows}
    return measure(people, seed, data) | hostile(max(1, people // 10), seed + 1, data)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("people", type=int, nargs="?", default=200)
    parser.add_argument("seed", type=int, nargs="?", default=1)
    given = parser.parse_args()
    for name, value in table(max(2, given.people), given.seed).items():
        print(f"{name:<58} {value}")
