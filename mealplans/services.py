"""Storing meal plans, and changing them by hand.

Invariant: no day is stored that the judge finds a hard fault in, whoever made it.
"""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any

from django.db import transaction

from config import cache, errors, journal
from config.models import Origin, PlanRejected, PlanSource, store_versions
from mealplans import catalogue as foods
from mealplans import planner, selectors
from mealplans.models import MealPlan, MealPlanVersion
from users import events
from users.models import User

SHOWN_TARGETS = ("kcal", "protein", "carbs", "fat", "fibre", "sodium", "sat_fat")
NO_FIGURES = frozenset({"eating_disorder"})  # to whom no text counts what they eat


class NoDish(errors.NotFound):
    code = "no_dish"
    detail = "There is no such dish on this day."


class NoVersion(errors.NotFound):
    code = "no_version"
    detail = "There is no such version of this day's plan."


class Conflict(errors.AppError):
    status = 409
    code = "conflict"


def save_days(
    *,
    user_id: int,
    week: planner.Week,
    eater: planner.Eater,
    catalogue: planner.Catalogue,
    origin: Origin,
    extra: Mapping[str, Any],
    expected_version: int | None = None,
) -> list[dt.date]:
    """Store each day as the newest version of its plan; `extra` joins the certificate. Return the dates.

    :raises PlanRejected: when a day is not safe.
    :raises errors.PreconditionFailed: when a single day is no longer at the expected version.
    """
    hard = [fault for fault in planner.faults(week.days, eater, catalogue) if fault.hard]
    if hard:
        raise PlanRejected("; ".join(f"{fault.code}: {fault.detail}" for fault in hard))
    days = {day.date: _fields(day, week, eater, catalogue, extra) | asdict(origin) for day in week.days}
    with transaction.atomic():
        User.objects.select_for_update(no_key=True).only("pk").get(pk=user_id)
        if expected_version is not None:
            _require_version(user_id, week.days[0].date, expected_version)
        store_versions(MealPlan, MealPlanVersion, user_id, days)
        cache.forget(user_id)
    return list(days)


def swap_dish(
    *,
    user: User,
    if_match: str | None = None,
    date: dt.date,
    slot: str,
    item: int | None,
    recipe_id: str | None,
    seed: int,
) -> None:
    """Put another dish in the place of one; the day stays on target and the other dishes stay as they are.

    :raises selectors.NoPlan: or NoDish, when there is nothing to swap.
    :raises Conflict: when nothing else fits, or the dish is locked.
    """

    def swapped(day: planner.Day, eater: planner.Eater, catalogue: planner.Catalogue) -> planner.Day:
        recent = selectors.recent(user.pk, [date])
        return planner.swap(day, slot, item, eater, catalogue, recipe_slug=recipe_id, seed=seed, recent=recent)

    _change(user, date, swapped, source=PlanSource.USER, if_match=if_match)


def lock_dish(
    *, user: User, if_match: str | None = None, date: dt.date, slot: str, item: int | None, locked: bool
) -> None:
    """Lock or unlock a dish: a locked one survives every regeneration.

    :raises selectors.NoPlan: or NoDish, when there is nothing to lock.
    """

    def marked(day: planner.Day, eater: planner.Eater, catalogue: planner.Catalogue) -> planner.Day:
        places = [place for place, dish in enumerate(day.dishes) if dish.slot == slot]
        if not places or (item or 0) >= len(places):
            raise NoDish
        place = places[item or 0]
        dishes = [replace(dish, locked=locked) if number == place else dish for number, dish in enumerate(day.dishes)]
        return replace(day, dishes=tuple(dishes))

    _change(user, date, marked, source=None, if_match=if_match)


def restore_version(*, user: User, date: dt.date, version: int) -> None:
    """Make an earlier version of a day the current one, as a new version.

    :raises NoVersion: when there is none.
    :raises PlanRejected: when it is not safe for the person as they are today.
    """
    earlier = MealPlanVersion.objects.filter(user=user, date=date, version=version).first()
    if earlier is None:
        raise NoVersion
    before = planner.Day(date, tuple(selectors.dish_from(meal) for meal in earlier.meals))
    _change(user, date, lambda *_: before, source=PlanSource.USER)


Change = Callable[[planner.Day, planner.Eater, planner.Catalogue], planner.Day]


def _change(user: User, date: dt.date, change: Change, *, source: str | None, if_match: str | None = None) -> None:
    """Read a day, change it outside any transaction, and store it if nobody else did in the meantime."""
    row = MealPlan.objects.filter(user=user, date=date).first()
    if row is None:
        raise selectors.NoPlan
    if if_match and cache.is_stale(if_match, selectors.reading(row)):
        raise errors.PreconditionFailed
    eater, catalogue = selectors.eater(user, _wishes(user, row)), foods.current()
    before = selectors.day_from(row)
    try:
        day = change(before, eater, catalogue)
    except planner.Conflict as conflict:
        raise Conflict(str(conflict), conflict=list(conflict.reasons), relax=list(conflict.relax)) from None
    except LookupError:
        raise NoDish from None
    week = planner.Week((day,), 0, planner.relaxations((day,), eater, catalogue), 0)
    origin = Origin(
        source=source or row.source, fallback_reason=row.fallback_reason, model=row.model, job_id=row.job_id
    )
    extra = {name: row.certificate.get(name, []) for name in ("notices", "not_enforced")}
    with transaction.atomic():
        save_days(
            user_id=user.pk,
            week=replace(week, rung=row.certificate.get("rung", 0)),
            eater=eater,
            catalogue=catalogue,
            origin=origin,
            extra=extra,
            expected_version=row.version,
        )
        events.record(user.pk, events.PlanUpdated(kind="meal", dates=[date.isoformat()]))
        edit = {"plan": "meal", "date": date.isoformat(), "before": _noted(before), "after": _noted(day)}
        journal.note(user.pk, edit)


def _noted(day: planner.Day) -> list[dict[str, Any]]:
    return [{"slot": dish.slot, "recipe": dish.recipe_slug, "locked": dish.locked} for dish in day.dishes]


def _wishes(user: User, row: MealPlan) -> dict[str, Any]:
    """Return the overrides under which a change keeps what the plan was made for, beside what the profile says."""
    certificate = row.certificate
    kept = {*user.dietary_preferences, *certificate.get("diets", {}).get("kept", [])}
    excluded = certificate.get("allergens", {}).get("excluded", [])
    conditions = certificate.get("conditions", {}).get("kept", [])
    return {"allergies": excluded, "dietary_preferences": sorted(kept), "conditions": conditions}


def _require_version(user_id: int, date: dt.date, version: int) -> None:
    if not MealPlan.objects.filter(user_id=user_id, date=date, version=version).exists():
        raise errors.PreconditionFailed


def _fields(
    day: planner.Day,
    week: planner.Week,
    eater: planner.Eater,
    catalogue: planner.Catalogue,
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    certificate = planner.certificate(day, eater, catalogue, rung=week.rung, relaxations=week.relaxations)
    return {
        **planner.describe(day, catalogue, figures=not eater.conditions & NO_FIGURES),
        "meals": planner.meal_json(day, catalogue),
        "totals": {
            name: None if sum_ is None else round(sum_, 1) for name, sum_ in planner.totals(day, catalogue).items()
        },
        "targets": {name: getattr(eater.targets, name) for name in SHOWN_TARGETS},
        "certificate": {**certificate, **extra},
    }
