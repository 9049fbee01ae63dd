"""Make a proposal servable: keep as many of its picks as can be kept, replace the others, and say why.

Invariant: a repaired week is as good as a composed one; a proposal can only choose among what is allowed.
"""

import datetime as dt
import itertools
import random
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from mealplans.planner import conflict
from mealplans.planner.compose import NONE, lay, week
from mealplans.planner.deep import deepened
from mealplans.planner.ladder import STRICT, Rung, bounds
from mealplans.planner.menu import Option, option
from mealplans.planner.pairs import Task
from mealplans.planner.portions import USUAL_SERVINGS, portions
from mealplans.planner.reach import reachable
from mealplans.planner.rules import refusal
from mealplans.planner.search import Found, search
from mealplans.planner.table import Table
from mealplans.planner.values import Catalogue, Dish, Eater, Repair, Week

Picks = Mapping[dt.date, Sequence[tuple[str, str]]]
MOST_DROPPED, DROPS = 3, 10  # picks of a day given up for the others, and ways of giving up so many that are tried
STEPS = 30_000  # of a long search: enough for all portions of the picks and what may stand in for a few
OFF_TARGET = "the day could not meet its energy and nutrient targets with it"


@dataclass(slots=True)
class Draft:
    """A proposal laid against the free slots: what is picked for each, and why some picks were refused."""

    picked: dict[dt.date, list[str | None]] = field(default_factory=dict)
    refused: dict[tuple[dt.date, int], tuple[str, str]] = field(default_factory=dict)
    surplus: int = 0


def repair(
    picks: Picks,
    eater: Eater,
    catalogue: Catalogue,
    dates: Sequence[dt.date],
    *,
    seed: int,
    locked: Mapping[dt.date, Sequence[Dish]] = NONE,
    recent: Mapping[dt.date, Collection[str]] = NONE,
) -> tuple[Week, float, tuple[Repair, ...]]:
    """Return the week, the share of the picks that are served in it (0 to 1), and each replacement with its reason.

    :raises Conflict: when the person cannot be fed at all, as `compose` does.
    """
    table = Table(eater, catalogue, seed, locked, recent)
    conflict.refuse_locks(eater, catalogue, locked)
    draft = _draft(table, picks, dates)
    for date in dates:
        table.planned.pop(date, None)
        rung = lay(table, date)
        if found := _keeping(table, date, draft.picked[date], rung):
            table.lay(date, found)
    repairs = tuple(_repairs(table, draft, dates))
    proposed = sum(len(picks.get(date, ())) for date in dates)
    kept = sum(
        pick == chosen.recipe
        for date in dates
        for pick, (_, chosen) in zip(draft.picked[date], table.laid[date], strict=True)
    )
    return week(table, dates), kept / proposed if proposed else 0.0, repairs


def _draft(table: Table, picks: Picks, dates: Sequence[dt.date]) -> Draft:
    """Accept each pick that may be served beside the ones accepted before it."""
    draft = Draft()
    for date in dates:
        waiting = list(picks.get(date, ()))
        draft.picked[date] = []
        for place, slot in enumerate(table.free(date)):
            pick = next((slug for wanted, slug in waiting if wanted == slot), None)
            if pick is not None:
                waiting.remove((slot, pick))
                if why := _why_not(table, date, slot, pick):
                    draft.refused[date, place] = (pick, why)
                    pick = None
            draft.picked[date].append(pick)
            if pick is not None:
                table.planned.setdefault(date, []).append(pick)
    return draft


def _why_not(table: Table, date: dt.date, slot: str, slug: str) -> str | None:
    recipe = table.catalogue.recipes.get(slug)
    if recipe is None:
        return "is not a recipe of the catalogue"
    if why := refusal(table.menu.traits[slug], table.eater):
        return why
    if slot not in recipe.slots:
        return f"is not a {slot}"
    if not portions(table.catalogue)[slug]:
        return "has no portion in whole pieces"
    return table.obstacle(slug, date, STRICT)


def _keeping(table: Table, date: dt.date, picked: Sequence[str | None], rung: Rung) -> Found | None:
    """Return the cheapest day of the rung that drops the fewest picks, or None when none keeps any."""
    task = replace(table.task(date, rung), bounds=bounds(table.eater, rung))
    narrow = [
        _options(table, slot, pick) if pick else options
        for slot, pick, options in zip(table.free(date), picked, task.slots, strict=True)
    ]
    places = [place for place, pick in enumerate(picked) if pick]
    for count in range(min(len(places), MOST_DROPPED + 1)):
        drops = itertools.islice(itertools.combinations(places, count), DROPS)
        found = [_try(table, task, narrow, dropped) for dropped in drops]
        if fitting := [one for one in found if one and one.fits]:
            return min(fitting, key=lambda one: (not one.clean, one.cost))
    return None


def _try(table: Table, task: Task, narrow: Sequence[tuple[Option, ...]], dropped: tuple[int, ...]) -> Found | None:
    slots = tuple(task.slots[place] if place in dropped else options for place, options in enumerate(narrow))
    if not reachable(slots, task.fixed, task.bounds):
        return None
    task, rng = replace(task, slots=slots), random.Random(f"{table.seed} {dropped}")
    found = search(task, rng, aimed=1)
    return found if not found or found.fits else deepened(task, found, rng, steps=STEPS)[0]


def _options(table: Table, slot: str, slug: str) -> tuple[Option, ...]:
    """Return every usual portion of a pick, also one that is small or large for its slot."""
    sized = tuple(found for found in table.menu.options[slot] if found.recipe == slug)
    known = {found.servings for found in sized}
    others = (size for size in portions(table.catalogue)[slug] if size.servings <= USUAL_SERVINGS)
    kinds = table.menu.traits[slug].kinds
    return sized + tuple(option(size, kinds, 1.0, table.eater.targets) for size in others if size.servings not in known)


def _repairs(table: Table, draft: Draft, dates: Sequence[dt.date]) -> Iterator[Repair]:
    for date in dates:
        for place, (slot, chosen) in enumerate(table.laid[date]):
            pick = draft.picked[date][place]
            if pick == chosen.recipe:
                continue
            proposed, why = draft.refused.get((date, place), (pick, OFF_TARGET if pick else "nothing was proposed"))
            yield Repair(date, slot, proposed, chosen.recipe, why)
