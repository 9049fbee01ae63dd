"""Lay the table for some days: strict wherever it can be, a rung lower only where it cannot.

Invariant: a week is returned whole and without a hard fault, or a Conflict is raised.
"""

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from mealplans.planner import conflict, judge
from mealplans.planner.ladder import BY_SUMS, LOWEST, STRICT, Rung, bounds, ladder, rung_of
from mealplans.planner.search import Found
from mealplans.planner.table import Table
from mealplans.planner.values import Catalogue, Dish, Eater, Week

NONE: Mapping[dt.date, tuple[()]] = MappingProxyType({})


def compose(
    eater: Eater,
    catalogue: Catalogue,
    dates: Sequence[dt.date],
    *,
    seed: int,
    locked: Mapping[dt.date, Sequence[Dish]] = NONE,
    recent: Mapping[dt.date, Collection[str]] = NONE,
) -> Week:
    """Return a plan for the dates; the same arguments always give the same plan.

    `locked` dishes stay as they are; `recent` tells what is served on dates around these and is avoided.

    :raises Conflict: with a minimal set of wishes that cannot be met together.
    """
    conflict.refuse_locks(eater, catalogue, locked)
    table = Table(eater, catalogue, seed, locked, recent)
    for date in dates:
        lay(table, date)
    improve(table, dates)
    return week(table, dates)


def lay(table: Table, date: dt.date) -> Rung:
    """Fill one date on the highest rung that can, and return the rung.

    :raises Conflict: when not even the lowest rung can.
    """
    nearest = table.solve(date, STRICT)
    for rung in ladder(table.eater):
        if found := _fitting(table, date, rung, nearest):
            table.lay(date, found)
            return rung
        if rung == STRICT and conflict.hopeless(table, date):
            raise conflict.explained(table, date)
    found, sure = table.settle(date)
    if found is None:
        raise conflict.explained(table, date) if sure else conflict.unproven(table, date)
    table.lay(date, found)
    return LOWEST


def _fitting(table: Table, date: dt.date, rung: Rung, nearest: Found | None) -> Found | None:
    """Return a choice within the rung's bounds, one that is near the strict bounds if there is one."""
    limits = bounds(table.eater, rung)
    if nearest and limits.hold(*nearest.sums[:4]):
        return nearest
    if rung == STRICT:
        return table.struggle(date, nearest) if nearest else None
    for easy in _ways(rung):
        found = table.solve(date, rung, easy=easy)
        if found and limits.hold(*found.sums[:4]):
            return found
    return None


def _ways(rung: Rung) -> tuple[bool, ...]:
    return (True, False) if rung.allowed - BY_SUMS else (False,)


def improve(table: Table, dates: Sequence[dt.date]) -> None:
    """Lay each strict day once more, now that the others are known: fewer perishables, more variety."""
    for date in dates:
        found = table.solve(date, STRICT, better=True)
        if found and found.fits:
            table.lay(date, found)


def week(table: Table, dates: Sequence[dt.date]) -> Week:
    """Return what is on the table, and what had to give way for it."""
    days = tuple(table.day(date) for date in dates)
    used = judge.relaxations(days, table.eater, table.catalogue, recent=table.recent)
    return Week(days, rung_of(used), used, table.seed)
