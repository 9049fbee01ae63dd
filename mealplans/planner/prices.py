"""What speaks for and against each recipe on a date, given what is served around it.

Invariant: a price depends on the dates, the seed and what is on the table, never on the order of a set.
"""

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from mealplans.planner.ladder import RELAXED_USES, WEEKLY_USES, Rung
from mealplans.planner.traits import Traits
from mealplans.planner.values import Eater, Recipe

WEEK = 7  # days
ONE_DAY = dt.timedelta(days=1)
REPEAT_COST = 1.5  # of a second time in the plan; of n times before, n squared as much
RUNNING_COST = 1.5  # of the same on the day before or after
RECENT_COST, RECENT_DAYS = 3.0, 35  # of what was served lately, fading with the days since
PERISHABLE_COST = 0.25  # of each perishable food that no other dish of the plan uses
NEIGHBOUR_COST = 0.12  # of each kind in common with the day before or after
KIND_COST = 0.06  # of each dish of the same kind in the week around …
PULSE_COST = 0.25  # … and of each with the same pulse
TIER_COST: Mapping[int, float] = {1: 0.0, 2: 0.1, 3: 0.25}
LEFTOVER_GAIN = 0.8  # of what is left from yesterday, when leftovers are wanted
FISH_GAIN, FISH_DISHES = 0.6, 2  # a week (NHS Eatwell Guide; AHA 2018: two portions of fish a week)


@dataclass(frozen=True, slots=True)
class Around:
    """What is served around a date: when each recipe is, which foods are bought, which kinds of dish there are."""

    uses: Mapping[str, Sequence[dt.date]]
    bought: int
    beside: int
    week: Counter[str]


def around(date: dt.date, served: Mapping[dt.date, Sequence[str]], known: Mapping[str, Traits]) -> Around:
    """Return what the dishes served by date mean for this one."""
    uses: dict[str, list[dt.date]] = {}
    bought, beside, week = 0, 0, Counter[str]()
    for other in sorted(served):
        for slug in served[other]:
            uses.setdefault(slug, []).append(other)
            if (found := known.get(slug)) and abs((other - date).days) < WEEK:
                bought |= found.perishables
                week.update(found.mains)
                beside |= found.kinds if abs(other - date) == ONE_DAY else 0
    return Around(uses, bought, beside, week)


def obstacle(
    recipe: Recipe, date: dt.date, uses: Sequence[dt.date], eater: Eater, rung: Rung, *, tier: int
) -> str | None:
    """Say why an allowed recipe may not be served on the date beside its other uses, or None."""
    limit = eater.minutes_on(date)
    if limit is not None and recipe.minutes > limit and not rung.allows("prep_time"):
        return f"takes {recipe.minutes} minutes, the limit is {limit}"
    if eater.budget is not None and tier > eater.budget and not rung.allows("budget"):
        return "is above the budget"
    if date in uses:
        return "is served on that day already"
    if too_often([*uses, date], RELAXED_USES if rung.allows("repetition") else WEEKLY_USES):
        return "is served too often in one week"
    running = any(abs(use - date) == ONE_DAY for use in uses)
    if running and not (eater.leftovers or rung.allows("repetition")):
        return "is served on two days running"
    return None


def price(found: Traits, date: dt.date, near: Around, uses: Sequence[dt.date], *, leftovers: bool) -> float:
    """Return what speaks against a recipe on the date; about 1 is a good reason, below 0 speaks for it."""
    cost = TIER_COST[found.tier] + PERISHABLE_COST * (found.perishables & ~near.bought).bit_count()
    cost += NEIGHBOUR_COST * (found.kinds & near.beside).bit_count()
    cost += KIND_COST * sum(near.week[kind] for kind in found.mains)
    cost += PULSE_COST * sum(near.week[pulse] for pulse in found.pulses)
    if "fish" in found.mains and near.week["fish"] < FISH_DISHES:
        cost -= FISH_GAIN
    if leftovers and date - ONE_DAY in uses:
        return cost - LEFTOVER_GAIN
    return cost + _repeated(date, uses)


def too_often(dates: Sequence[dt.date], most: int) -> bool:
    """Tell whether some seven days running hold more than `most` of the dates."""
    days = sorted(dates)
    return any((last - first).days < WEEK for first, last in zip(days, days[most:], strict=False))


def _repeated(date: dt.date, uses: Sequence[dt.date]) -> float:
    if not uses:
        return 0.0
    gaps = [abs((use - date).days) for use in uses]
    week = sum(gap < WEEK for gap in gaps)
    recent: Iterable[float] = (1 - gap / RECENT_DAYS for gap in gaps if WEEK <= gap < RECENT_DAYS)
    return REPEAT_COST * week**2 + RUNNING_COST * gaps.count(1) + RECENT_COST * sum(recent)
