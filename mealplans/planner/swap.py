"""Put another dish in one place of a day, and leave everything else as it is.

Invariant: the other dishes of the day are the very same values before and after.
"""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import replace

from mealplans.planner import conflict
from mealplans.planner.compose import NONE
from mealplans.planner.ladder import Rung, bounds, ladder
from mealplans.planner.rules import refusal
from mealplans.planner.search import Found
from mealplans.planner.table import Table
from mealplans.planner.traits import traits
from mealplans.planner.values import Catalogue, Conflict, Day, Dish, Eater

OWN_CHOICE = frozenset({"prep_time", "budget", "repetition"})  # what somebody who names a dish has decided


def swap(
    day: Day,
    slot: str,
    item_index: int | None,
    eater: Eater,
    catalogue: Catalogue,
    *,
    seed: int,
    recipe_slug: str | None = None,
    recent: Mapping[dt.date, Collection[str]] = NONE,
) -> Day:
    """Return the day with the slot's dish (the `item_index`-th of the slot) replaced, the day staying on target.

    :raises LookupError: when the day has no such dish.
    :raises Conflict: when the dish is locked, or no other dish keeps the day on target.
    """
    place = _place(day, slot, item_index)
    old = day.dishes[place]
    if old.locked:
        raise Conflict([f"{old.recipe_slug} is locked"], [f"unlock {old.recipe_slug}"])
    others = [dish for i, dish in enumerate(day.dishes) if i != place]
    conflict.refuse_locks(eater, catalogue, {day.date: others})
    table = Table(eater, catalogue, seed, {day.date: others}, _without(recent, day.date), slots={day.date: (slot,)})
    _narrow(table, slot, old.recipe_slug, recipe_slug)
    chosen = _chosen(table, day.date, own=recipe_slug is not None)
    if chosen is None:
        raise _nothing(slot, recipe_slug, eater, catalogue)
    new = Dish(slot, chosen.chosen[0].recipe, chosen.chosen[0].servings)
    return replace(day, dishes=tuple(new if i == place else dish for i, dish in enumerate(day.dishes)))


def _place(day: Day, slot: str, item_index: int | None) -> int:
    places = [i for i, dish in enumerate(day.dishes) if dish.slot == slot]
    if item_index is None:
        places.sort(key=lambda i: day.dishes[i].locked)
    index = item_index or 0
    if not 0 <= index < len(places):
        raise LookupError(f"no {slot} number {index} on {day.date}")
    return places[index]


def _without(recent: Mapping[dt.date, Collection[str]], date: dt.date) -> dict[dt.date, Collection[str]]:
    return {other: slugs for other, slugs in recent.items() if other != date}


def _narrow(table: Table, slot: str, old: str, new: str | None) -> None:
    kept = tuple(o for o in table.menu.options[slot] if o.recipe != old and new in (None, o.recipe))
    table.menu = replace(table.menu, options={**table.menu.options, slot: kept})


def _chosen(table: Table, date: dt.date, *, own: bool) -> Found | None:
    for rung in ladder(table.eater):
        wider = Rung(rung.number, rung.allowed | OWN_CHOICE) if own else rung
        found = table.solve(date, wider)
        if found and bounds(table.eater, rung).hold(*found.sums[:4]):
            return found
    return None


def _nothing(slot: str, slug: str | None, eater: Eater, catalogue: Catalogue) -> Conflict:
    if slug is None:
        return Conflict([f"another {slot} beside the day's other dishes"], ["swap another dish", "unlock the day"])
    found = traits(catalogue).get(slug)
    why = (
        "is not in the catalogue"
        if found is None
        else refusal(found, eater) or f"keeps no {slot} of this day on target"
    )
    return Conflict([f"{slug} {why}"], ["choose another dish", "let the planner choose"])
