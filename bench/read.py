"""Print whole weeks, meals and workouts, of ten very different people, to be read: `python bench/read.py --seed 1`.

Invariant: every figure printed is the planners' own, so that what is read here is what a user would be served.
"""

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from mealplans import planner as meals  # noqa: E402
from mealplans import shopping  # noqa: E402
from users import targets as needs  # noqa: E402
from workouts import planner as training  # noqa: E402

DATA, MOVES = ROOT / "mealplans" / "data", ROOT / "workouts" / "data" / "exercises.json"
DATES = [dt.date(2026, 3, 2) + dt.timedelta(days=i) for i in range(7)]
SHOWN = ("kcal", "protein", "carbs", "fat", "fibre", "sat_fat", "sodium")
GYM = frozenset({"dumbbell", "barbell", "machine", "cable", "bench", "pull_up_bar", "cardio_machine"})
LIFTS = {"barbell_bench_press": 120.0, "barbell_back_squat": 165.0, "barbell_deadlift": 190.0}
QUICK = dict.fromkeys(("mon", "tue", "wed", "thu", "fri"), 15) | {"sat": 30, "sun": 30}
SOME: dict[str, Any] = {"sex": "female", "height": 170, "fitness_goal": "maintain", "activity_level": "light"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """A person in words and how they differ from SOME; `table` holds fields of Eater, `gym` of Trainee."""

    who: str
    body: dict[str, Any]
    table: dict[str, Any] = field(default_factory=dict)
    gym: dict[str, Any] = field(default_factory=dict)

    @property
    def person(self) -> needs.Person:
        """Return the body as the targets want it."""
        sets = {name: frozenset(self.body.get(name, ())) for name in ("conditions", "diets")}
        return needs.Person(**(SOME | self.body | sets))

    @property
    def eater(self) -> meals.Eater:
        """Return the need and the wishes at table."""
        who = self.person
        return meals.Eater(targets=needs.targets(who), diets=who.diets, conditions=who.conditions, **self.table)

    @property
    def trainee(self) -> training.Trainee:
        """Return whom to train."""
        who, same = self.person, ("training_level", "age", "sex", "weight", "conditions", "activity_level")
        return training.Trainee(goal=who.fitness_goal, **{name: getattr(who, name) for name in same}, **self.gym)


PEOPLE = (
    Reader(
        who="Vegan girl of 17 who runs, no soy",
        body={"age": 17, "height": 166, "weight": 54, "fitness_goal": "improve_endurance", "activity_level": "active"}
        | {"diets": {"vegan"}, "training_level": "intermediate"},
        table={"meals_per_day": 5, "allergens": frozenset({"soy"})},
        gym={"days": ("mon", "wed", "thu", "sat"), "minutes": 60, "equipment": frozenset({"band"})},
    ),
    Reader(
        who="Man of 82, high blood pressure, gluten-free, three meals",
        body={"age": 82, "sex": "male", "height": 172, "weight": 74, "fitness_goal": "general_health"}
        | {"activity_level": "sedentary", "conditions": {"hypertension"}, "diets": {"gluten_free"}},
        table={"meals_per_day": 3, "disliked": frozenset({"mushroom"})},
        gym={"days": ("tue", "fri"), "minutes": 40},
    ),
    Reader(
        who="Pregnant vegetarian",
        body={"age": 31, "weight": 71, "conditions": {"pregnant"}, "diets": {"vegetarian"}},
        table={"meals_per_day": 5},
        gym={"days": ("mon", "wed", "sat"), "minutes": 45, "equipment": frozenset({"dumbbell", "band"})},
    ),
    Reader(
        who="Keto man, very active",
        body={"age": 38, "sex": "male", "height": 188, "weight": 96, "activity_level": "very_active"}
        | {"diets": {"keto"}, "training_level": "advanced"},
        gym={"days": ("mon", "tue", "thu", "fri"), "minutes": 75, "equipment": GYM, "e1rm": LIFTS},
    ),
    Reader(
        who="Kosher family cook, lowest budget, cooks for two days",
        body={"age": 44, "height": 163, "weight": 70, "activity_level": "moderate", "diets": {"kosher"}},
        table={"budget": 1, "leftovers": True},
        gym={"days": ("sun", "tue", "thu"), "minutes": 45, "equipment": frozenset({"kettlebell", "band"})},
    ),
    Reader(
        who="Man of 110 kg who begins, bad knee, half an hour, no kit",
        body={"age": 49, "sex": "male", "weight": 110, "fitness_goal": "lose_weight", "activity_level": "sedentary"},
        gym={"days": ("mon", "wed", "fri"), "minutes": 30, "injuries": frozenset({"knee"})},
    ),
    Reader(
        who="Student, gluten- and milk-free, 15 minutes to cook (30 at weekends), cheap food",
        body={"age": 20, "weight": 58, "fitness_goal": "general_health", "diets": {"gluten_free", "lactose_free"}},
        table={"max_prep_minutes": QUICK, "budget": 2},
        gym={"days": ("mon", "tue", "wed", "thu", "fri"), "minutes": 30, "equipment": frozenset({"dumbbell"})},
    ),
    Reader(
        who="Halal bodybuilder, six meals, no nuts or peanuts",
        body={"age": 27, "sex": "male", "height": 186, "weight": 92, "fitness_goal": "gain_muscle"}
        | {"activity_level": "very_active", "diets": {"halal"}, "training_level": "advanced"},
        table={"meals_per_day": 6, "allergens": frozenset({"nuts", "peanuts"})},
        gym={"days": ("mon", "tue", "wed", "fri", "sat"), "minutes": 90, "equipment": GYM, "e1rm": LIFTS},
    ),
    Reader(
        who="Woman with a history of an eating disorder, six small meals",
        body={"age": 24, "weight": 51, "conditions": {"eating_disorder"}},
        table={"meals_per_day": 6},
        gym={"days": ("tue", "sat"), "minutes": 45, "equipment": frozenset({"dumbbell"})},
    ),
    Reader(
        who="Man with kidney disease, pescatarian",
        body={"age": 61, "sex": "male", "weight": 75, "conditions": {"kidney_disease"}, "diets": {"pescatarian"}},
        gym={"days": ("mon", "wed", "fri"), "minutes": 60, "equipment": frozenset({"machine", "cable"})},
    ),
)


@lru_cache(maxsize=1)
def catalogues() -> tuple[meals.Catalogue, training.Catalogue]:
    """Return the shipped foods and recipes, and the shipped exercises."""
    texts = [file.read_text() for file in sorted((DATA / "recipes").glob("*.json"))]
    recipes = [recipe for text in texts for recipe in json.loads(text)["recipes"]]
    foods, moves = (json.loads(file.read_text()) for file in (DATA / "foods.json", MOVES))
    return meals.catalogue_from(foods["foods"], recipes), training.catalogue_from(moves["exercises"])


def week(reader: Reader, seed: int) -> Iterator[str]:
    """Yield the lines of one person's seven days: targets, meals, shopping list, workouts."""
    aim = reader.eater.targets
    yield f"\n{'=' * 100}\n{reader.who}\n{'=' * 100}"
    yield "targets: " + ", ".join(f"{name} {getattr(aim, name)}" for name in SHOWN)
    yield from (f"note: {notice}" for notice in aim.notices)
    try:
        yield from _table(reader.eater, seed)
        yield from _gym(reader.trainee, seed)
    except (meals.Conflict, training.Conflict) as reason:
        yield f"CONFLICT: {reason}"


def _table(eater: meals.Eater, seed: int) -> Iterator[str]:
    catalogue = catalogues()[0]
    composed = meals.compose(eater, catalogue, DATES, seed=seed)
    yield f"meals: rung {composed.rung} {', '.join(composed.relaxations)}"
    for day in composed.days:
        figures = meals.totals(day, catalogue)
        sums = ", ".join(f"{name} {_known(figures[name])}/{getattr(eater.targets, name)}" for name in SHOWN)
        yield f"\n{day.date:%A}: {sums}"
        for dish in meals.meal_json(day, catalogue):
            parts = "; ".join(f"{part['name']} {part['amount']}" for part in dish["ingredients"])
            facts = f"{dish['prep_minutes']}+{dish['cook_minutes']} min; {dish['nutrition']['kcal']:.0f} kcal"
            yield f"  {dish['slot']:9} {dish['title']} x {dish['servings']:g} ({facts})\n            {parts}"
    yield "\nshopping:"
    for aisle in shopping.shopping_list(composed.days, catalogue):
        yield f"  {aisle['aisle']}: " + "; ".join(f"{item['name']} {item['amount']}" for item in aisle["items"])


def _known(figure: float | None) -> str:
    return "?" if figure is None else f"{figure:.0f}"


def _gym(trainee: training.Trainee, seed: int) -> Iterator[str]:
    catalogue = catalogues()[1]
    composed = training.compose(trainee, catalogue, DATES, seed=seed)
    yield f"\nworkouts: rung {composed.rung} {'; '.join(composed.relaxations)}"
    yield from (f"note: {notice}" for notice in composed.notices)
    for session in composed.sessions:
        yield f"{session.date:%A}: {session.title}, {training.estimated_minutes(session):.0f} min"
        yield from (_exercise(row) for row in training.exercise_json(session, catalogue))


def _exercise(row: Mapping[str, Any]) -> str:
    work = row["reps"] if row["duration_s"] is None else f"{row['duration_s']} s"
    load = " ".join(str(row["load"][name]) for name in ("kind", "value") if row["load"][name] is not None)
    ramp = ", ".join(f"{one['reps']} at {one['percent']} %" for one in row["warmup"])
    tail = f"rest {row['rest_s']} s, RIR {row['rir']}" + (f", ramp {ramp}" if ramp else "")
    name = f"[{row['superset']}] {row['name']}" if row["superset"] else row["name"]
    return f"  {row['role']:9} {name}: {row['sets']} x {work}{' a side' * row['per_side']}, {load}; {tail}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the weeks of all the people, or of those whom `--who` describes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--who", default="", help="part of a person's description")
    options = parser.parse_args(arguments)
    for reader in (one for one in PEOPLE if options.who.lower() in one.who.lower()):
        sys.stdout.writelines(f"{line}\n" for line in week(reader, options.seed))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
