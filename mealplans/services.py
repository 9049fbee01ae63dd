"""Storing meal plans.

Invariant: no day is stored that the judge finds a hard fault in, whoever made it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from config import cache
from config.models import Origin, PlanRejected, store_versions
from mealplans import planner
from mealplans.models import MealPlan, MealPlanVersion
from users.models import User

SHOWN_TARGETS = ("kcal", "protein", "carbs", "fat", "fibre", "sodium", "sat_fat")


@transaction.atomic
def save_days(
    *,
    user_id: int,
    week: planner.Week,
    eater: planner.Eater,
    catalogue: planner.Catalogue,
    origin: Origin,
    extra: Mapping[str, Any],
) -> list[dt.date]:
    """Store each day as the newest version of its plan; `extra` joins the certificate. Return the dates.

    :raises PlanRejected: when a day is not safe.
    """
    hard = [fault for fault in planner.faults(week.days, eater, catalogue) if fault.hard]
    if hard:
        raise PlanRejected("; ".join(f"{fault.code}: {fault.detail}" for fault in hard))
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user_id)
    days = {day.date: _fields(day, week, eater, catalogue, extra) | asdict(origin) for day in week.days}
    store_versions(MealPlan, MealPlanVersion, user_id, days)
    cache.forget(user_id)
    return list(days)


def _fields(
    day: planner.Day,
    week: planner.Week,
    eater: planner.Eater,
    catalogue: planner.Catalogue,
    extra: Mapping[str, Any],
) -> dict[str, Any]:
    certificate = planner.certificate(day, eater, catalogue, rung=week.rung, relaxations=week.relaxations)
    return {
        **planner.describe(day, catalogue),
        "meals": planner.meal_json(day, catalogue),
        "totals": planner.totals(day, catalogue),
        "targets": {name: getattr(eater.targets, name) for name in SHOWN_TARGETS},
        "certificate": {**certificate, **extra},
    }
