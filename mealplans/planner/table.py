"""The table being laid: what is served when, and so what each recipe costs on a given date.

Invariant: a price depends on the dates, the seed and what is on the table, never on the order of a set.
"""

import datetime as dt
import random
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mealplans.planner import portions
from mealplans.planner.ladder import RELAXED_USES, STRICT, WEEKLY_USES, Bounds, Rung, bounds
from mealplans.planner.menu import Menu, Option, menu, option
from mealplans.planner.search import Found, Task, search
from mealplans.planner.values import SLOTS, Catalogue, Day, Dish, Eater

WEEK = 7  # days
REPEAT_COST, RECENT_COST = 0.6, 1.5  # a second time this week; served in the weeks before
PERISHABLE_COST = 0.08  # of each perishable food that no other dish of the plan uses
NEIGHBOUR_COST = 0.12  # of each kind in common with the day before or after
TIER_COST: Mapping[int, float] = {1: 0.0, 2: 0.1, 3: 0.25}
LEFTOVER_GAIN = 0.8  # what was dinner yesterday is lunch today, when leftovers are wanted
CHANCE_COST = 1.2  # the largest random part of a price: variety from seed to seed


@dataclass(slots=True)
class Table:
    """Dishes by date for one eater; `served` also knows what was eaten before and after the plan."""

    eater: Eater
    catalogue: Catalogue
    seed: int
    locked: Mapping[dt.date, Sequence[Dish]]
    recent: Mapping[dt.date, Collection[str]]
    slots: Mapping[dt.date, tuple[str, ...]] = field(default_factory=dict)
    menu: Menu = field(init=False)
    laid: dict[dt.date, tuple[tuple[str, Option], ...]] = field(init=False, default_factory=dict)
    planned: dict[dt.date, list[str]] = field(init=False, default_factory=dict)
    _chance: dict[str, float] = field(init=False)

    def __post_init__(self) -> None:
        self.menu = menu(self.eater, self.catalogue)
        rng = random.Random(f"{self.seed}")
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

    def task(self, date: dt.date, rung: Rung) -> Task:
        """Return the date as a task, every option at today's price."""
        prices = self.prices(date, rung)
        slots = tuple(tuple(_priced(self.menu.options[slot], prices)) for slot in self.free(date))
        return Task(slots, self.fixed(date), self._aim(rung), self.eater.targets)

    def _aim(self, rung: Rung) -> Bounds:
        """Return the rung's energy bounds and the strict ones of all else: nearer is better on every rung."""
        return replace(bounds(self.eater, STRICT), kcal=bounds(self.eater, rung).kcal)

    def solve(self, date: dt.date, rung: Rung, *, better: bool = False) -> Found | None:
        """Fill the date's free slots as near to the strict bounds as it goes; `better` starts from what is laid."""
        task, rng = self.task(date, rung), random.Random(f"{self.seed} {date} {rung.number} {better}")
        if better and not (start := self._repriced(date, task)):
            return None
        return search(task, rng, start=start if better else ())

    def lay(self, date: dt.date, found: Found) -> None:
        """Put the choice on the table."""
        self.laid[date] = tuple(zip(self.free(date), found.chosen, strict=True))

    def clear(self, date: dt.date) -> None:
        """Take the date's chosen dishes off the table."""
        self.laid.pop(date, None)

    def holders(self, slugs: Collection[str]) -> list[dt.date]:
        """Return the dates on which some of these recipes were chosen, those with the most first."""
        counts = {date: sum(chosen.recipe in slugs for _, chosen in dishes) for date, dishes in self.laid.items()}
        return sorted((date for date, count in counts.items() if count), key=lambda date: (-counts[date], date))

    def day(self, date: dt.date) -> Day:
        """Return the date's dishes, the locked ones as they were given, in the order of the day."""
        dishes = [*self.locked.get(date, ())]
        dishes += [Dish(slot, chosen.recipe, chosen.servings) for slot, chosen in self.laid.get(date, ())]
        return Day(date, tuple(sorted(dishes, key=lambda dish: SLOTS.index(dish.slot))))

    def prices(self, date: dt.date, rung: Rung) -> dict[str, float]:
        """Return the price of each recipe that may be served on the date."""
        uses, bought = self._uses(date), self._bought(date)
        beside = [date - dt.timedelta(1), date + dt.timedelta(1)]
        kinds = self._kinds(beside)
        found = {}
        for slug in self.menu.recipes:
            if self._obstacle(slug, date, uses.get(slug, ()), rung) is None:
                found[slug] = self._price(slug, uses.get(slug, ()), bought, kinds, date)
        return found

    def obstacle(self, slug: str, date: dt.date, rung: Rung) -> str | None:
        """Say why an allowed recipe may not be served on the date beside what is laid and planned, or None."""
        uses = self._uses(date).get(slug, [])
        if slug in self.planned.get(date, ()):
            uses = [*uses, date]
        return self._obstacle(slug, date, uses, rung)

    def _obstacle(self, slug: str, date: dt.date, uses: Sequence[dt.date], rung: Rung) -> str | None:
        limit, recipe = self.eater.minutes_on(date), self.menu.recipes[slug]
        if limit is not None and recipe.minutes > limit and not rung.allows("prep_time"):
            return f"takes {recipe.minutes} minutes, the limit is {limit}"
        if self._too_dear(slug) and not rung.allows("budget"):
            return "is above the budget"
        if date in uses:
            return "is served on that day already"
        if too_often([*uses, date], RELAXED_USES if rung.allows("repetition") else WEEKLY_USES):
            return "is served too often in one week"
        running = any(abs((use - date).days) == 1 for use in uses)
        if running and not (self.eater.leftovers or rung.allows("repetition")):
            return "is served on two days running"
        return None

    def _too_dear(self, slug: str) -> bool:
        return self.eater.budget is not None and self.menu.traits[slug].tier > self.eater.budget

    def _price(self, slug: str, uses: Sequence[dt.date], bought: int, kinds: int, date: dt.date) -> float:
        found = self.menu.traits[slug]
        price = self._chance[slug] + TIER_COST[found.tier]
        price += PERISHABLE_COST * (found.perishables & ~bought).bit_count()
        price += NEIGHBOUR_COST * (found.kinds & kinds).bit_count()
        if self.eater.leftovers and date - dt.timedelta(1) in uses:
            return price - LEFTOVER_GAIN
        return price + sum(REPEAT_COST if use in self.laid else RECENT_COST for use in uses)

    def _served(self, date: dt.date) -> list[str]:
        found = [chosen.recipe for _, chosen in self.laid.get(date, ())]
        found += [dish.recipe_slug for dish in self.locked.get(date, ())]
        return found + self.planned.get(date, []) + sorted(self.recent.get(date, ()))

    def _dates(self) -> list[dt.date]:
        return sorted({*self.laid, *self.locked, *self.planned, *self.recent})

    def _uses(self, date: dt.date) -> dict[str, list[dt.date]]:
        """Return when each recipe is served, other than by what was chosen for the date itself."""
        found: dict[str, list[dt.date]] = {}
        for other in self._dates():
            chosen = self._served(other) if other != date else [dish.recipe_slug for dish in self.locked.get(date, ())]
            for slug in chosen:
                found.setdefault(slug, []).append(other)
        return found

    def _bought(self, date: dt.date) -> int:
        bought = 0
        for other, dishes in self.laid.items():
            for _, chosen in dishes if other != date else ():
                bought |= self.menu.traits[chosen.recipe].perishables
        return bought

    def _kinds(self, dates: Iterable[dt.date]) -> int:
        kinds = 0
        for slug in (slug for date in dates for slug in self._served(date)):
            kinds |= self.menu.traits[slug].kinds if slug in self.menu.traits else 0
        return kinds

    def _option(self, dish: Dish) -> Option:
        recipe = self.catalogue.recipes[dish.recipe_slug]
        weighed = portions.portion(recipe, dish.servings, self.catalogue)
        return option(weighed, self.menu.traits[recipe.slug].kinds, 0.0)

    def _repriced(self, date: dt.date, task: Task) -> tuple[Option, ...]:
        found = []
        for (_, old), options in zip(self.laid.get(date, ()), task.slots, strict=True):
            same = [new for new in options if (new.recipe, new.servings) == (old.recipe, old.servings)]
            if not same:
                return ()
            found.append(same[0])
        return tuple(found)


def too_often(dates: Sequence[dt.date], most: int) -> bool:
    """Tell whether some seven days running hold more than `most` of the dates."""
    days = sorted(dates)
    return any((last - first).days < WEEK for first, last in zip(days, days[most:], strict=False))


def _priced(options: Sequence[Option], prices: Mapping[str, float]) -> Iterable[Option]:
    for found in options:
        if (price := prices.get(found.recipe)) is not None:
            yield Option(*found[:7], found.cost + price, *found[8:])
