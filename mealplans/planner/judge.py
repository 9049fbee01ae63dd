"""The judge of a plan: recomputes everything from the foods, and is the only gate to storage.

Invariant: it shares no arithmetic with what composes plans, so that a mistake there cannot hide here.
"""

import datetime as dt
import math
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType

from mealplans.planner.ladder import LOWEST, RELAXATIONS, RELAXED_USES, STRICT, WEEKLY_USES, Rung, bounds
from mealplans.planner.rules import avoided
from mealplans.planner.traits import matches, phrase, traits
from mealplans.planner.values import NUTRIENTS, Catalogue, Day, Dish, Eater, Fault, Food

FOOD_DIETS = frozenset({"vegan", "vegetarian", "pescatarian", "halal", "kosher"})
FREE_FROM = MappingProxyType({"gluten_free": "gluten", "lactose_free": "milk"})
NO_DATES: Mapping[dt.date, tuple[()]] = MappingProxyType({})
SERVINGS = (0.5, 3.0)
MACROS = ("protein", "carbs", "fat")
SOFT_GOALS = ("fibre", "sodium", "sat_fat")
EPSILON = 1e-6


def faults(
    days: Sequence[Day], eater: Eater, catalogue: Catalogue, *, recent: Mapping[dt.date, Collection[str]] = NO_DATES
) -> tuple[Fault, ...]:
    """Return everything that is wrong with the days; a plan with a hard fault must not be stored.

    What the ladder may relax is soft up to its lowest rung and hard beyond it.
    """
    found = [fault for day in days for fault in _day_faults(day, eater, catalogue)]
    return tuple(found + list(_repetitions(days, eater, recent)))


def relaxations(
    days: Sequence[Day], eater: Eater, catalogue: Catalogue, *, recent: Mapping[dt.date, Collection[str]] = NO_DATES
) -> tuple[str, ...]:
    """Return which relaxations the days make use of, in the order of the ladder."""
    used = {fault.code for fault in faults(days, eater, catalogue, recent=recent)}
    for day in days:
        used |= _relaxed_macros(day, eater, catalogue)
    return tuple(name for name in RELAXATIONS if name in used)


def totals(day: Day, catalogue: Catalogue) -> dict[str, float | None]:
    """Return the day's nutrients; one of which any part is unknown is None."""
    sums, unknown = _sums(day, catalogue)
    return {name: None if name in unknown else sums[name] for name in NUTRIENTS}


def weighed(dish: Dish, catalogue: Catalogue) -> list[tuple[Food, float]]:
    """Return the dish's foods and their grams as served.

    Whole pieces for what is counted; else to 0.5 g below 5 g, to 1 g below 20 g, to 5 g above.
    """
    recipe = catalogue.recipes[dish.recipe_slug]
    found = []
    for part in recipe.ingredients:
        food, amount = catalogue.foods[part.food], part.grams * dish.servings / recipe.servings
        step = 0.5 if amount < 5 - EPSILON else 1.0 if amount < 20 - EPSILON else 5.0
        if food.unit is not None:
            step = food.unit.grams * food.unit.step
        pieces = math.floor(amount / step + 0.5 + EPSILON)
        found.append((food, round(step * pieces if pieces else step, 2)))
    return found


def excluded(eater: Eater) -> frozenset[str]:
    """Return the allergens that must not be found, by allergy or by diet."""
    return eater.allergens | {FREE_FROM[diet] for diet in eater.diets & FREE_FROM.keys()}


def _sums(day: Day, catalogue: Catalogue) -> tuple[dict[str, float], set[str]]:
    sums, unknown = dict.fromkeys(NUTRIENTS, 0.0), set()
    for dish in day.dishes:
        for food, grams in weighed(dish, catalogue):
            for name in NUTRIENTS:
                per_100g = getattr(food.per_100g, name)
                if per_100g is None:
                    unknown.add(name)
                else:
                    sums[name] += grams * per_100g / 100
    return sums, unknown


def _day_faults(day: Day, eater: Eater, catalogue: Catalogue) -> Iterator[Fault]:
    lost = [dish.recipe_slug for dish in day.dishes if dish.recipe_slug not in catalogue.recipes]
    for slug in lost:
        yield Fault("unknown_recipe", day.date, f"{slug} is not in the catalogue", hard=True)
    if lost:
        return
    for dish in day.dishes:
        yield from _dish_faults(dish, day.date, eater, catalogue)
        yield from _comfort_faults(dish, day.date, eater, catalogue)
    yield from _meal_faults(day, eater)
    yield from _bound_faults(day, eater, catalogue)
    yield from _goal_faults(day, eater, catalogue)


def _dish_faults(dish: Dish, date: dt.date, eater: Eater, catalogue: Catalogue) -> Iterator[Fault]:
    recipe = catalogue.recipes[dish.recipe_slug]
    foods = [food for food, _ in weighed(dish, catalogue)]
    for code, detail in _forbidden(foods, eater):
        yield Fault(code, date, f"{recipe.title}: {detail}", hard=True)
    names = [phrase(text) for food in foods for text in (food.slug, food.name, food.category)] + [phrase(recipe.title)]
    if word := avoided(names, eater.conditions):
        yield Fault("condition", date, f"{recipe.title}: {word}", hard=True)
    for wish in sorted(eater.disliked):
        if matches(names, wish):
            yield Fault("disliked", date, f"{recipe.title}: {wish} is disliked", hard=True)
    if recipe.slots and dish.slot not in recipe.slots:  # a retired recipe is in no slot and stays where it is locked
        yield Fault("wrong_slot", date, f"{recipe.title} is not a {dish.slot}", hard=True)
    if not SERVINGS[0] <= dish.servings <= SERVINGS[1]:
        yield Fault("servings", date, f"{recipe.title}: {dish.servings:g} servings", hard=True)


def _comfort_faults(dish: Dish, date: dt.date, eater: Eater, catalogue: Catalogue) -> Iterator[Fault]:
    recipe = catalogue.recipes[dish.recipe_slug]
    limit = eater.minutes_on(date)
    if limit is not None and recipe.minutes > limit:
        yield Fault("prep_time", date, f"{recipe.title} takes {recipe.minutes} of {limit} minutes", hard=False)
    if eater.budget is not None and traits(catalogue)[recipe.slug].tier > eater.budget:
        yield Fault("budget", date, f"{recipe.title} is above the budget", hard=False)


def _forbidden(foods: Sequence[Food], eater: Eater) -> Iterator[tuple[str, str]]:
    """Yield each allergen and diet rule that the foods of one dish break."""
    for food in foods:
        for allergen in sorted(food.allergens & excluded(eater)):
            yield "allergen", f"{food.name} contains {allergen}"
        for diet in sorted((eater.diets & FOOD_DIETS) - food.diets):
            yield "diet", f"{food.name} is not {diet}"
    if "kosher" in eater.diets and {"meat", "dairy"} <= {food.kosher_class for food in foods}:
        yield "diet", "meat and dairy together are not kosher"


def _meal_faults(day: Day, eater: Eater) -> Iterator[Fault]:
    have, want = Counter(dish.slot for dish in day.dishes), Counter(eater.slots)
    for slot in sorted((want - have).keys() | (have - want).keys()):
        yield Fault("meals", day.date, f"{have[slot]} x {slot} instead of {want[slot]}", hard=True)
    for slug, count in sorted(Counter(dish.recipe_slug for dish in day.dishes).items()):
        if count > 1:
            yield Fault("repetition", day.date, f"{slug} {count} times in one day", hard=True)


def _bound_faults(day: Day, eater: Eater, catalogue: Catalogue) -> Iterator[Fault]:
    sums, _ = _sums(day, catalogue)
    strict, lowest = bounds(eater, STRICT), bounds(eater, LOWEST)
    floor = float(str((eater.targets.floor or {}).get("kcal", 0)))
    if sums["kcal"] < floor - EPSILON:
        yield Fault("floor", day.date, f"{sums['kcal']:.0f} kcal is below the floor of {floor:.0f}", hard=True)
    for name in ("kcal", *MACROS):
        if not _within(sums[name], getattr(strict, name)):
            code = "energy" if name == "kcal" else name
            detail = f"{sums[name]:.1f} for a target of {getattr(eater.targets, name)}"
            yield Fault(code, day.date, detail, hard=not _within(sums[name], getattr(lowest, name)))


def _goal_faults(day: Day, eater: Eater, catalogue: Catalogue) -> Iterator[Fault]:
    """Yield the soft goals missed, and those that cannot be judged because a figure is unknown."""
    sums, unknown = _sums(day, catalogue)
    for name in SOFT_GOALS:
        goal, value = getattr(eater.targets, name), sums[name]
        missed = value < goal - EPSILON if name == "fibre" else value > goal + EPSILON
        certain = name not in unknown or (name == "fibre") is not missed
        if missed and certain:
            yield Fault(name, day.date, f"{value:.1f} for a goal of {goal}", hard=False)
        elif not certain:
            yield Fault("unknown_figure", day.date, f"{name}: {value:.1f} or more, goal {goal}", hard=False)


def _repetitions(days: Sequence[Day], eater: Eater, recent: Mapping[dt.date, Collection[str]]) -> Iterator[Fault]:
    served: dict[str, set[dt.date]] = defaultdict(set)
    planned = {day.date for day in days}
    for date, slugs in [*((day.date, [dish.recipe_slug for dish in day.dishes]) for day in days), *recent.items()]:
        for slug in slugs:
            served[slug].add(date)
    for slug in sorted(served):
        dates = sorted(served[slug])
        for date in sorted(planned & served[slug]):
            count = _most_in_a_week(dates, date)
            if count > WEEKLY_USES:
                yield Fault("repetition", date, f"{slug} {count} times in 7 days", hard=count > RELAXED_USES)
            if not eater.leftovers and date - dt.timedelta(days=1) in served[slug]:
                yield Fault("repetition", date, f"{slug} two days running", hard=False)


def _most_in_a_week(dates: Sequence[dt.date], date: dt.date) -> int:
    """Return the most of the dates in any seven days running that hold `date`."""
    starts = [date - dt.timedelta(days=back) for back in range(7)]
    return max(sum(start <= other < start + dt.timedelta(days=7) for other in dates) for start in starts)


def _relaxed_macros(day: Day, eater: Eater, catalogue: Catalogue) -> set[str]:
    """Return the relaxation of protein, carbohydrate and fat that the day makes use of, if any."""
    sums, _ = _sums(day, catalogue)
    rungs = ((set[str](), STRICT), ({"macros"}, Rung(1, frozenset({"macros"}))))
    for used, rung in rungs:
        if all(_within(sums[name], getattr(bounds(eater, rung), name)) for name in MACROS):
            return used
    return {"macro_ranges"}


def _within(value: float, limits: tuple[float, float]) -> bool:
    return limits[0] - EPSILON <= value <= limits[1] + EPSILON
