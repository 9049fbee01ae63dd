"""Measure the meal planner on random people: `python bench/plans.py --people 200 --seed 1`.

Invariant: the checker here works on the data files' own entries and shares no line with the planner, so that neither
can hide the other's mistake. The same people and seed give the same table, but for the times.
"""

import argparse
import datetime as dt
import json
import math
import random
import statistics
import sys
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

from mealplans import planner  # noqa: E402
from users import targets as needs  # noqa: E402
from users import vocabulary  # noqa: E402

DATA = ROOT / "mealplans" / "data"
MONDAY = dt.date(2026, 3, 2)
DIETS = vocabulary.DIETS
ALLERGENS = vocabulary.ALLERGENS
CONDITIONS = (
    "pregnant",
    "breastfeeding",
    "eating_disorder",
    "heart_disease",
    "hypertension",
    "diabetes",
    "kidney_disease",
)
GOALS = tuple(needs.PROTEIN_PER_KG)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
DISLIKES = ("mushroom", "tofu", "aubergine", "salmon", "beetroot", "lentil", "olive", "coriander", "liver", "kale")


@dataclass(frozen=True, slots=True)
class Someone:
    """A random person: the need and the wishes, and for how many days to plan."""

    number: int
    need: needs.Person
    eater: planner.Eater
    days: int


@dataclass(slots=True)
class Outcome:
    """What came of one person's plan: times in s, one entry a day in the lists, deviations as shares."""

    seconds: float = 0.0
    rung: int = 0
    conflict: str | None = None
    hard: list[str] = field(default_factory=list)
    energy: list[float] = field(default_factory=list)
    held: Counter[str] = field(default_factory=Counter)
    days: int = 0


@lru_cache(maxsize=1)
def entries() -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Return the foods and the recipes as the data files have them."""
    foods = json.loads((DATA / "foods.json").read_text())["foods"]
    files = sorted((DATA / "recipes").glob("*.json"))
    return foods, [recipe for file in files for recipe in json.loads(file.read_text())["recipes"]]


@lru_cache(maxsize=1)
def catalogue() -> planner.Catalogue:
    """Return the shipped catalogue."""
    return planner.catalogue_from(*entries())


def someone(number: int, seed: int) -> Someone:
    """Return the random person of that number."""
    rng = random.Random(f"{seed} {number}")
    sex = rng.choice(("female", "male", "unspecified"))
    height = rng.gauss(164 if sex == "female" else 177, 7)
    conditions = frozenset(rng.sample(CONDITIONS, 1) if rng.random() < 0.15 else ())
    diets = frozenset(rng.sample(DIETS, rng.choice((0, 0, 0, 1, 1, 2))))
    need = needs.Person(
        age=rng.randint(13, 90),
        sex=sex,
        height=height,
        weight=rng.uniform(17.5, 36) * (height / 100) ** 2,
        fitness_goal=rng.choice(GOALS),
        activity_level=rng.choice(tuple(needs.PAL)),
        conditions=conditions,
        diets=diets,
        training_level=rng.choice(("beginner", "intermediate", "advanced")),
    )
    return Someone(number, need, _eater(rng, need), rng.randint(1, 14))


def _eater(rng: random.Random, need: needs.Person) -> planner.Eater:
    busy = {day: rng.choice((30, 45, 60)) if day in WEEKDAYS[:5] else 90 for day in WEEKDAYS}
    return planner.Eater(
        targets=needs.targets(need),
        diets=need.diets,
        allergens=frozenset(rng.sample(ALLERGENS, rng.choice((0, 0, 1, 2, 3)))),
        disliked=frozenset(rng.sample(DISLIKES, rng.choice((0, 0, 0, 1, 2)))),
        meals_per_day=rng.choice((3, 4, 4, 5, 6)),
        max_prep_minutes=busy if rng.random() < 0.5 else None,
        budget=rng.choice((None, None, None, 2, 3)),
        leftovers=rng.random() < 0.15,
        conditions=need.conditions,
    )


def plan(number: int, seed: int) -> Outcome:
    """Compose and check one person's plan."""
    who, result = someone(number, seed), Outcome()
    dates = [MONDAY + dt.timedelta(days=i) for i in range(who.days)]
    started = time.perf_counter()
    try:
        week = planner.compose(who.eater, catalogue(), dates, seed=number)
    except planner.Conflict as reason:
        result.conflict = str(reason)
    result.seconds = time.perf_counter() - started
    if result.conflict is None:
        result.rung = week.rung
        check(who, week, result)
    return result


def check(who: Someone, week: planner.Week, result: Outcome) -> None:
    """Judge the week from the data files alone."""
    foods, recipes = ({entry["slug"]: entry for entry in group} for group in entries())
    for day in week.days:
        sums: dict[str, float] = dict.fromkeys(("kcal", "protein", "carbs", "fat", "fibre", "sat_fat", "sodium"), 0.0)
        for dish in day.dishes:
            recipe = recipes[dish.recipe_slug]
            result.hard += _forbidden(who, recipe, foods)
            if dish.slot not in recipe["slots"]:
                result.hard.append(f"{dish.recipe_slug} as {dish.slot}")
            for part in recipe["ingredients"]:
                food = foods[part["food"]]
                grams = _grams(food, part["grams"] * dish.servings / recipe["servings"])
                for name in sums:
                    sums[name] += (food["per_100g"][name] or 0.0) * grams / 100
        _check_day(who, day, sums, result)


def _forbidden(who: Someone, recipe: Mapping[str, Any], foods: Mapping[str, Mapping[str, Any]]) -> list[str]:
    parts = [foods[part["food"]] for part in recipe["ingredients"]]
    held = {allergen for part in parts for allergen in part["allergens"]}
    banned = set(who.eater.allergens)
    banned |= {"gluten"} if "gluten_free" in who.eater.diets else set()
    banned |= {"milk"} if "lactose_free" in who.eater.diets else set()
    found = [f"{recipe['slug']} holds {allergen}" for allergen in sorted(held & banned)]
    for diet in set(who.eater.diets) & {"vegan", "vegetarian", "pescatarian", "halal", "kosher"}:
        found += [f"{recipe['slug']} is not {diet}" for part in parts if diet not in part["diets"]]
    if "kosher" in who.eater.diets and {"meat", "dairy"} <= {part["kosher_class"] for part in parts}:
        found.append(f"{recipe['slug']} mixes meat and dairy")
    text = " ".join([recipe["title"], *(part["slug"] + " " + part["name"] for part in parts)]).lower()
    return found + [f"{recipe['slug']} holds {word}" for word in who.eater.disliked if f" {word} " in f" {text} "]


def _grams(food: Mapping[str, Any], grams: float) -> float:
    if food["unit"]:
        piece = food["unit"]["grams"] * food["unit"]["step"]
    else:
        piece = 0.5 if grams < 4.9999999 else 1 if grams < 19.9999999 else 5
    return float(max(math.floor(grams / piece + 0.5000001), 1) * piece)


def _check_day(who: Someone, day: planner.Day, sums: Mapping[str, float], result: Outcome) -> None:
    aim = who.eater.targets
    slots = Counter(dish.slot for dish in day.dishes)
    wanted = Counter({"breakfast": 1, "lunch": 1, "dinner": 1, "snack": who.eater.meals_per_day - 3})
    if slots != +wanted:
        result.hard.append(f"meals {dict(slots)}")
    if aim.floor and sums["kcal"] < float(str(aim.floor["kcal"])) - 1e-6:
        result.hard.append(f"{sums['kcal']:.0f} kcal below the floor")
    off = sums["kcal"] / aim.kcal - 1
    if abs(off) > 0.03 + 1e-9:
        result.hard.append(f"energy {off:+.1%}")
    result.energy.append(abs(off))
    result.days += 1
    result.held.update(name for name, held in _goals(who, sums).items() if held)


def _goals(who: Someone, sums: Mapping[str, float]) -> dict[str, bool]:
    """Return which bands and soft goals the day meets. A keto day's carbohydrate has a most and no least."""
    aim, tiny = who.eater.targets, 1e-6
    carbs_from = 0.0 if "keto" in who.eater.diets else 0.9 * aim.carbs
    low_carb = bool(who.eater.diets & {"keto", "low_carb"}) or 4 * aim.carbs < 0.45 * aim.kcal
    carb_share, fat_share = 4 * sums["carbs"] / sums["kcal"], 9 * sums["fat"] / sums["kcal"]
    return {
        "protein": aim.protein - tiny <= sums["protein"] <= 1.1 * aim.protein + tiny,
        "carbs": carbs_from - tiny <= sums["carbs"] <= 1.1 * aim.carbs + tiny,
        "fat": 0.9 * aim.fat - tiny <= sums["fat"] <= 1.1 * aim.fat + tiny,
        "fibre": sums["fibre"] >= aim.fibre - tiny,
        "sodium": sums["sodium"] <= aim.sodium + tiny,
        "sat_fat": sums["sat_fat"] <= aim.sat_fat + tiny,
        "AMDR": low_carb or (0.43 <= carb_share <= 0.67 and 0.19 <= fat_share <= 0.36),
    }


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


def table(outcomes: Sequence[Outcome], dishes: int) -> list[tuple[str, str, str]]:
    """Return the rows of the table: what, measured, goal."""
    plans = [one for one in outcomes if one.conflict is None]
    energy = [error for one in plans for error in one.energy]
    times = [one.seconds for one in outcomes]
    held: Counter[str] = sum((one.held for one in plans), Counter())
    days = max(1, sum(one.days for one in plans))
    share = {name: held[name] / days for name in ("protein", "carbs", "fat", "fibre", "sodium", "sat_fat", "AMDR")}
    strict = sum(one.rung == 0 for one in plans)
    return [
        ("people, days", f"{len(outcomes)}, {days}", ""),
        ("hard violations", str(sum(len(one.hard) for one in plans)), "0"),
        ("energy error, mean", f"{statistics.fmean(energy or [0]):.2%}", "<= 0.60%"),
        ("energy error, p95", f"{quantile(energy, 0.95):.2%}", "<= 1.00%"),
        *((f"{name} in band", f"{share[name]:.1%}", ">= 97%") for name in ("protein", "carbs", "fat")),
        *((f"{name} within limit", f"{share[name]:.1%}", ">= 95%") for name in ("fibre", "sodium", "sat_fat", "AMDR")),
        ("plan or conflict set", f"{len(plans)} + {len(outcomes) - len(plans)}", "100%"),
        ("strict rung, of plans", f"{strict / max(1, len(plans)):.1%}", ">= 96%"),
        ("time p50", f"{quantile(times, 0.5):.3f} s", "<= 0.25 s"),
        ("time p95", f"{quantile(times, 0.95):.3f} s", "<= 1.00 s"),
        ("time max", f"{max(times):.2f} s", ""),
        ("distinct dishes in 4 weeks", str(dishes), ">= 40"),
    ]


def quantile(values: Iterable[float], share: float) -> float:
    """Return the value that this share of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the table; return 1 when there was a hard violation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=1, help="processes; more than one makes the times longer")
    parser.add_argument("--conflicts", action="store_true", help="print every conflict set")
    options = parser.parse_args(arguments)
    work = partial(plan, seed=options.seed)
    if options.jobs > 1:
        with ProcessPoolExecutor(options.jobs) as pool:
            outcomes = list(pool.map(work, range(options.people), chunksize=8))
    else:
        outcomes = [work(number) for number in range(options.people)]
    for what, measured, goal in table(outcomes, variety(options.seed)):
        _say(f"{what:28}{measured:>16}   {goal}")
    for number, one in enumerate(outcomes):
        for violation in one.hard:
            _say(f"HARD {number}: {violation}")
        if options.conflicts and one.conflict:
            _say(f"{number}: {one.conflict}")
    return int(any(one.hard for one in outcomes))


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


if __name__ == "__main__":
    raise SystemExit(main())
