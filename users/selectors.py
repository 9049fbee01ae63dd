"""What is read of a person: profile, targets, the day's overview.

Invariant: reads go through the cache of their owner; nothing here writes.
"""

import datetime as dt
import zoneinfo
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import orjson
from django.conf import settings
from django.utils.module_loading import import_string

from config import cache, errors
from users import schemas, targets, vocabulary
from users.models import User

LB_PER_KG = 2.20462262
CM_PER_INCH = 2.54


class ProfileIncomplete(errors.Invalid):
    code = "profile_incomplete"
    detail = "Age, height and weight are needed first: PATCH /profile."


def today(user: User, now: dt.datetime) -> dt.date:
    """Return the date where the person is."""
    return now.astimezone(zoneinfo.ZoneInfo(user.timezone)).date()


def user_out(user: User, units: str | None = None) -> schemas.User:
    """Return the person as clients see them, with rounded twins for those who think in pounds."""
    shown = schemas.User.model_validate(user, from_attributes=True)
    if (units or user.units) == "imperial":
        shown.display = schemas.Imperial(
            height_in=round(user.height / CM_PER_INCH, 1) if user.height else None,
            weight_lb=round(user.weight * LB_PER_KG, 1) if user.weight else None,
        )
    return shown


def profile(user: User, units: str | None = None) -> cache.Answer:
    return cache.read_through(
        user.pk, f"profile:{units or ''}", lambda: _profile_json(User.objects.get(pk=user.pk), units)
    )


def readings(user: User) -> list[cache.Answer]:
    """Return the profile in every form that a client may have read it in."""
    return [cache.Answer.of(_profile_json(user, units)) for units in ("metric", "imperial")]


def _profile_json(user: User, units: str | None) -> bytes:
    return user_out(user, units).model_dump_json().encode()


def person(user: User, overrides: Mapping[str, Any] | None = None) -> targets.Person:
    """Return what the targets depend on.

    :raises ProfileIncomplete: naming each missing field.
    """
    missing = [field for field in ("age", "height", "weight") if getattr(user, field) is None]
    if missing:
        raise ProfileIncomplete(
            errors=[{"pointer": f"/{field}", "code": "missing", "detail": "is not known yet"} for field in missing]
        )
    values = overrides or {}
    return targets.Person(
        age=user.age or 0,
        sex=user.sex,
        height=user.height or 0,
        weight=user.weight or 0,
        fitness_goal=values.get("fitness_goal") or user.fitness_goal,
        activity_level=user.activity_level,
        conditions=frozenset(user.conditions),
        diets=frozenset(values.get("dietary_preferences", user.dietary_preferences)),
        body_fat=user.body_fat,
        goal_rate=user.goal_rate,
        training_level=user.training_level,
    )


def daily_targets(user: User) -> cache.Answer:
    """Return the person's targets with the way to each figure.

    :raises ProfileIncomplete: when the profile does not allow it.
    """
    return cache.read_through(user.pk, "targets", lambda: orjson.dumps(_targets_json(user)))


def _targets_json(user: User) -> dict[str, Any]:
    return asdict(targets.targets(person(User.objects.get(pk=user.pk))))


def excluded_allergens(user: User, overrides: Mapping[str, Any]) -> frozenset[str]:
    """Return every allergen that the person or a preference of theirs excludes. An override only ever adds."""
    preferences = [*user.dietary_preferences, *overrides.get("dietary_preferences", [])]
    return (
        frozenset(user.allergies) | frozenset(overrides.get("allergies", [])) | vocabulary.excluded_by_diet(preferences)
    )


def overview(user: User, date: dt.date) -> cache.Answer:
    """Return a day in one answer: targets, meals, session and what is logged, each None where there is none."""

    def load() -> bytes:
        parts = {name: import_string(path)(user, date) for name, path in settings.TODAY_PARTS.items()}
        return orjson.dumps({"date": date, "targets": _targets_or_none(user), **parts})

    return cache.read_through(user.pk, f"today:{date}", load)


def _targets_or_none(user: User) -> dict[str, Any] | None:
    try:
        return _targets_json(user)
    except ProfileIncomplete:
        return None
