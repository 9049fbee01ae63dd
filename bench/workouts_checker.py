"""Checks workout plans and makes people up: all that `bench/workouts.py` measures by.

Invariant: reads only the contract's JSON and the catalogue file, with tables and arithmetic of its own.
"""

import collections
import datetime as dt
import random
from collections.abc import Iterator, Mapping
from typing import Any

from workouts import planner

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
CARDIO_FIRST = ("improve_endurance", "general_health")  # goals of less lifting
MONDAY = dt.date(2026, 3, 2)
FRAME = ("warm_up", "cool_down")
TIMED = (*FRAME, "cardio", "balance")
TWICE, WEEK = 2, 7
YOUTH, ELDER, OLD, MOTHERS = 16, 65, 75, range(16, 51)
MOST_SETS, MOST_EXERCISES, MUSCLE_SETS, HARD_SETS = 6, 9, 10, 6
HARD, LEAN, TINY = 6, 1.5, 1e-6  # MET; pushes a pull

Rows = list[dict[str, Any]]
Exercises = Mapping[str, dict[str, Any]]
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
    return BANDS[LEVELS[max(0, level - (who.goal in CARDIO_FIRST))]]


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


def cardio(days: Mapping[dt.date, Rows], known: Exercises) -> float:
    """Count a week's minutes of cardio, vigorous ones (6 MET) twice."""
    bouts = [row for rows in days.values() for row in rows if row["role"] == "cardio"]
    minutes = [(float(row["sets"] * row["duration_s"]) / 60, known[row["exercise_id"]]["met"] >= HARD) for row in bouts]
    return sum((length * (1 + is_hard) for length, is_hard in minutes), 0.0)


def balanced(days: Mapping[dt.date, Rows], known: Exercises) -> bool:
    """Tell whether pressing sets stay within one and a half times the pulling ones; half a set helps nobody."""
    sets = Tally()
    for row in (row for rows in days.values() for row in rows if row["role"] not in TIMED):
        if known[row["exercise_id"]]["compound"]:
            sets[known[row["exercise_id"]]["pattern"].split("_")[0]] += row["sets"]
    return sets["push"] <= LEAN * sets["pull"] + 1
