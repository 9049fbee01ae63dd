"""The table being laid for one eater: what is locked, what was served lately, and what has been chosen so far.

Invariant: locked dishes are never touched; a date's choice depends on the seed and what is on the table alone.
"""

import datetime as dt
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mealplans.planner import portions, prices
from mealplans.planner.deep import deepened, settled
from mealplans.planner.ladder import LOWEST, STRICT, Bounds, Rung, bounds
from mealplans.planner.menu import Menu, Option, menu, option
from mealplans.planner.pairs import Task
from mealplans.planner.reach import reachable
from mealplans.planner.search import AIMED, Found, search
from mealplans.planner.values import SLOTS, Catalogue, Day, Dish, Eater

CHANCE_COST = 1.2  # the largest random part of a price: variety from seed to seed

PATIENCE = 4  # long searches of a plan that may come to nothing
LAST_STEPS = 10_000_000  # of the last of all searches, which tells a plan from a conflict


@dataclass(slots=True)
class Table:
    """Dishes by date for one eater; `served` also knows what was eaten before and after the plan."""

    eater: Eater
    catalogue: Catalogue
    seed: int
    locked: Mapping[dt.date, Sequence[Dish]]
    recent: Mapping[dt.date, Collection[str]]
    slots: Mapping[dt.date, tuple[str, ...]] = field(default_factory=dict)
    widest: Bounds | None = None
    menu: Menu = field(init=False)
    laid: dict[dt.date, tuple[tuple[str, Option], ...]] = field(init=False, default_factory=dict)
    planned: dict[dt.date, list[str]] = field(init=False, default_factory=dict)
    _chance: dict[str, float] = field(init=False)
    _patience: int = field(init=False, default=PATIENCE)

    def __post_init__(self) -> None:
        self.menu = menu(self.eater, self.catalogue, self.widest)
        rng = random.Random(f"{self.seed} chance")
        self._chance = {slug: rng.random() * CHANCE_COST for slug in self.menu.recipes}

    def free(self, date: dt.date) -> tuple[str, ...]:
        """Return the slots of the date that are to be filled: by default those that no locked dish takes."""
        if date in self.slots:
            return self.slots[date]
        slots = list(self.eater.slots)
        for dish in self.locked.get(date, ()):
            if dish.slot in slots:
                slots.remove(dish.slot)
        return tuple(slots)

    def fixed(self, date: dt.date) -> tuple[Option, ...]:
        """Return the date's locked dishes as options."""
        return tuple(self._option(dish) for dish in self.locked.get(date, ()))

    def task(self, date: dt.date, rung: Rung, *, easy: bool = False) -> Task:
        """Return the date as a task, every option at today's price, aiming at the rung's bounds.

        Taken easy, it aims at the strict ones instead (but for energy) and makes less of missing them: near, but not
        the one nearest dish on every day.
        """
        costs = self.prices(date, rung)
        slots = tuple(tuple(_priced(self.menu.options[slot], costs)) for slot in self.free(date))
        aim = bounds(self.eater, rung)
        if easy:
            aim = replace(bounds(self.eater, STRICT), kcal=aim.kcal)
        return Task(slots, self.fixed(date), aim, self.eater.targets, easy)

    def solve(self, date: dt.date, rung: Rung, *, better: bool = False, easy: bool = False) -> Found | None:
        """Fill the date's free slots within the rung's bounds or near them; `better` starts from what is laid."""
        task, rng = self.task(date, rung, easy=easy), random.Random(f"{self.seed} {date} {rung.number} {better}")
        if better and not (start := self._repriced(date, task)):
            return None
        return search(task, rng, start=start if better else (), aimed=AIMED if rung == STRICT else 2 * AIMED)

    def struggle(self, date: dt.date, nearest: Found) -> Found | None:
        """Look for a choice within the strict bounds by a longer search, while patience lasts."""
        task = self.task(date, STRICT)
        if self._patience <= 0 or not reachable(task.slots, task.fixed, task.bounds):
            return None
        found, _ = deepened(task, nearest, random.Random(f"{self.seed} {date} struggle"))
        self._patience -= found is None
        return found

    def settle(self, date: dt.date) -> tuple[Found | None, bool]:
        """Return a choice within the widest bounds, if one was found, and whether it is sure when there is none."""
        task, nearest = self.task(date, LOWEST), self.solve(date, LOWEST)
        if nearest is None:
            return None, True
        return settled(task, nearest, random.Random(f"{self.seed} {date} settle"), steps=LAST_STEPS)

    def lay(self, date: dt.date, found: Found) -> None:
        """Put the choice on the table."""
        self.laid[date] = tuple(zip(self.free(date), found.chosen, strict=True))

    def day(self, date: dt.date) -> Day:
        """Return the date's dishes, the locked ones as they were given, in the order of the day."""
        dishes = [*self.locked.get(date, ())]
        dishes += [Dish(slot, chosen.recipe, chosen.servings) for slot, chosen in self.laid.get(date, ())]
        return Day(date, tuple(sorted(dishes, key=lambda dish: SLOTS.index(dish.slot))))

    def prices(self, date: dt.date, rung: Rung) -> dict[str, float]:
        """Return the price of each recipe that may be served on the date."""
        known, leftovers = self.menu.traits, self.eater.leftovers
        near = prices.around(date, self._served(date), known)
        found = {}
        for slug, recipe in self.menu.recipes.items():
            uses = near.uses.get(slug, ())
            if prices.obstacle(recipe, date, uses, self.eater, rung, tier=known[slug].tier) is None:
                cost = prices.price(known[slug], date, near, uses, leftovers=leftovers)
                found[slug] = cost + self._chance[slug]
        return found

    def obstacle(self, slug: str, date: dt.date, rung: Rung) -> str | None:
        """Say why an allowed recipe may not be served on the date beside what is laid and planned, or None."""
        served = {**self._served(date), date: [*self._on(date), *self.planned.get(date, ())]}
        uses = [other for other in sorted(served) if slug in served[other]]
        recipe = self.menu.recipes[slug]
        return prices.obstacle(recipe, date, uses, self.eater, rung, tier=self.menu.traits[slug].tier)

    def _on(self, date: dt.date) -> list[str]:
        return [dish.recipe_slug for dish in self.locked.get(date, ())]

    def _served(self, date: dt.date) -> dict[dt.date, list[str]]:
        """Return what is served on every date, but for what was chosen or planned for the date itself."""
        served = {other: [*self.recent.get(other, ()), *self._on(other)] for other in {*self.recent, *self.locked}}
        for other in (other for other in {*self.laid, *self.planned} if other != date):
            chosen = [option.recipe for _, option in self.laid.get(other, ())]
            served[other] = [*served.get(other, ()), *chosen, *self.planned.get(other, ())]
        return served

    def _option(self, dish: Dish) -> Option:
        recipe = self.catalogue.recipes[dish.recipe_slug]
        weighed = portions.portion(recipe, dish.servings, self.catalogue)
        return option(weighed, self.menu.traits[recipe.slug].kinds, 0.0, self.eater.targets)

    def _repriced(self, date: dt.date, task: Task) -> tuple[Option, ...]:
        found = []
        for (_, old), options in zip(self.laid.get(date, ()), task.slots, strict=True):
            same = [new for new in options if (new.recipe, new.servings) == (old.recipe, old.servings)]
            if not same:
                return ()
            found.append(same[0])
        return tuple(found)


def _priced(options: Sequence[Option], costs: Mapping[str, float]) -> Iterable[Option]:
    for found in options:
        if (cost := costs.get(found.recipe)) is not None:
            yield found._replace(cost=found.cost + cost)
