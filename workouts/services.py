"""Storing workout plans.

Invariant: no day is stored that the judge finds a hard fault in, whoever made it.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from config import cache
from config.models import Origin, PlanRejected, store_versions
from users.models import User
from workouts import planner, selectors
from workouts.models import WorkoutPlan, WorkoutPlanVersion


@transaction.atomic
def save_days(
    *,
    user_id: int,
    week: planner.Week,
    trainee: planner.Trainee,
    catalogue: planner.Catalogue,
    origin: Origin,
    extra: Mapping[str, Any],
) -> list[dt.date]:
    """Store each session as the newest version of its date; `extra` joins the certificate. Return the dates.

    :raises PlanRejected: when a session is not safe.
    """
    around = selectors.around(user_id, [session.date for session in week.sessions])
    hard = [fault for fault in planner.faults(week.sessions, trainee, catalogue, around=around) if fault.hard]
    if hard:
        raise PlanRejected("; ".join(f"{fault.code}: {fault.detail}" for fault in hard))
    User.objects.select_for_update(no_key=True).only("pk").get(pk=user_id)
    verdict = planner.certificate(
        week.sessions, trainee, catalogue, rung=week.rung, relaxations=week.relaxations, around=around
    )
    days = {
        session.date: {
            "title": session.title,
            "rest_day": session.rest_day,
            "exercises": planner.exercise_json(session, catalogue),
            "estimated_minutes": planner.estimated_minutes(session),
            "certificate": {**verdict, **extra},
            **asdict(origin),
        }
        for session in week.sessions
    }
    store_versions(WorkoutPlan, WorkoutPlanVersion, user_id, days)
    cache.forget(user_id)
    return list(days)
