"""Why nothing fits: the smallest set of wishes that cannot be met together, and the ways out.

Invariant: every wish in the set is needed for the conflict: without any one of them a day comes out.
"""

import datetime as dt
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from mealplans.planner.ladder import LOWEST, Bounds, bounds
from mealplans.planner.reach import reachable
from mealplans.planner.rules import BY_PREFERENCE, BY_TARGETS, refusal
from mealplans.planner.search import search
from mealplans.planner.table import Table
from mealplans.planner.traits import traits
from mealplans.planner.values import Catalogue, Conflict, Dish, Eater

ANY = (0.0, 1e9)
OTHER_SHARES = "share the energy out otherwise"


@dataclass(frozen=True, slots=True)
class Wish:
    """One thing asked for: in words, what giving it up means, and the two ways to name it."""

    kind: str
    name: str
    reason: str
    relax: str


def refuse_locks(eater: Eater, catalogue: Catalogue, locked: Mapping[dt.date, Sequence[Dish]]) -> None:
    """Refuse locked dishes that break a hard rule.

    :raises Conflict: naming each of them.
    """
    known = traits(catalogue)
    broken = {}
    for dish in (dish for date in sorted(locked) for dish in locked[date]):
        why = refusal(known[dish.recipe_slug], eater) if dish.recipe_slug in known else "is no longer served"
        if why:
            broken[f"{dish.recipe_slug} (locked, but {why})"] = f"unlock {dish.recipe_slug}"
    if broken:
        raise Conflict(list(broken), list(broken.values()))


def explained(table: Table, date: dt.date) -> Conflict:
    """Return the conflict: start from all the wishes and drop each that the conflict does not need."""
    kept = wishes(table.eater, len(table.locked.get(date, ())))
    for wish in list(kept):
        fewer = [other for other in kept if other is not wish]
        if not _feasible(table, date, fewer):
            kept = fewer
    kept = kept or [Wish("energy", "", f"{table.eater.targets.kcal:,} kcal a day", "change the energy target")]
    return Conflict([wish.reason for wish in kept], [wish.relax for wish in kept])


def hopeless(table: Table, date: dt.date) -> bool:
    """Tell whether it is proven that not even the lowest rung can fill the date."""
    task = table.task(date, LOWEST)
    return not reachable(task.slots, task.fixed, bounds(table.eater, LOWEST))


def wishes(eater: Eater, locks: int) -> list[Wish]:
    """Return everything the eater asks for that a day can fail on, the dearest to give up last."""
    energy = f"{eater.targets.kcal:,} kcal"
    found = [Wish("locks", "", "the locked dishes of the day", "unlock a dish")] if locks else []
    found.append(Wish("meals", "", f"{eater.meals_per_day} meals a day with {energy}", "have another number of meals"))
    found += [Wish("disliked", name, f"no {name}", f"allow {name}") for name in sorted(eater.disliked)]
    found += [_fuel(eater, energy)]
    protein = f"{eater.targets.protein} g protein at {energy}"
    found.append(Wish("protein", "", protein, "change the protein or energy target"))
    diets = sorted(eater.diets - BY_TARGETS - BY_PREFERENCE)
    found += [Wish("diets", name, _plain(name), f"give up {_plain(name)}") for name in diets]
    free = [(name, f"{name.removesuffix('s')}-free") for name in sorted(eater.allergens)]
    return found + [Wish("allergens", name, reason, f"allow {name}") for name, reason in free]


def _fuel(eater: Eater, energy: str) -> Wish:
    """Return carbohydrate and fat as one wish, under the name of the diet that sets them."""
    target, diet = eater.targets, " and ".join(sorted(eater.diets & BY_TARGETS))
    amounts = f"{target.carbs} g carbohydrate and {target.fat} g fat at {energy}"
    reason, relax = (f"{_plain(diet)} ({amounts})", f"give up {_plain(diet)}") if diet else (amounts, OTHER_SHARES)
    return Wish("fuel", "", reason, relax)


def _plain(name: str) -> str:
    return name.replace("_", " ")


def _feasible(table: Table, date: dt.date, wanted: Sequence[Wish]) -> bool:
    """Tell whether some day meets these wishes alone, on the lowest rung."""
    names = {kind: frozenset(w.name for w in wanted if w.kind == kind) for kind in ("disliked", "diets", "allergens")}
    kinds = {wish.kind for wish in wanted}
    eater = replace(
        table.eater,
        disliked=names["disliked"],
        diets=names["diets"] | (table.eater.diets & BY_TARGETS),
        allergens=names["allergens"],
    )
    sizes = [eater.meals_per_day] if "meals" in kinds else [3, 4, 5, 6]
    return any(_comes_out(table, date, replace(eater, meals_per_day=size), kinds) for size in sizes)


def _comes_out(table: Table, date: dt.date, eater: Eater, kinds: set[str]) -> bool:
    widest = _bounds(eater, kinds)
    other = Table(eater, table.catalogue, table.seed, table.locked if "locks" in kinds else {}, {}, widest=widest)
    task = replace(other.task(date, LOWEST), bounds=widest)
    if not reachable(task.slots, task.fixed, task.bounds):
        return False
    found = search(task, random.Random(f"{table.seed} conflict"))
    return found is not None and found.fits


def _bounds(eater: Eater, kinds: set[str]) -> Bounds:
    found = bounds(eater, LOWEST)
    return Bounds(
        kcal=found.kcal,
        protein=found.protein if "protein" in kinds else ANY,
        carbs=found.carbs if "fuel" in kinds else ANY,
        fat=found.fat if "fuel" in kinds else ANY,
    )
