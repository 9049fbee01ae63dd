"""What each role of the staff may do, in one table.

Invariant: a role is what this release says: the groups in the database only say who has which, so nothing drifts and
nothing is to be run after a release. A superuser may everything; the first one is made by `createsuperuser`.
"""

from collections.abc import Mapping
from functools import cache
from typing import Any

from django.apps import apps
from django.contrib.auth.backends import ModelBackend
from django.db.models import Model

from users.models import User

HEALTH = "users.view_health"  # what people say of their body, and what follows from it
_VERBS = {"v": "view", "a": "add", "c": "change", "d": "delete"}
_EVERYBODYS = {  # model → verbs
    "users.user": "v",
    "users.session": "v",
    "users.event": "v",
    "users.letter": "v",
    "users.export": "v",
    "users.erasure": "v",
    "ai.planjob": "v",
    "ai.aicall": "v",
    "mealplans.food": "v",
    "mealplans.recipe": "v",
    "workouts.exercise": "v",
}
_COACHS = {
    "mealplans.food": "vac",
    "mealplans.recipe": "vac",
    "workouts.exercise": "vac",
    "mealplans.mealplan": "vc",
    "mealplans.mealplanversion": "v",
    "workouts.workoutplan": "vc",
    "workouts.workoutplanversion": "v",
    "workouts.performedset": "v",
    "progress.progresslog": "v",
    "ai.planjob": "vc",
}
ROLES = SUPPORT, COACH, ADMIN = "support", "coach", "admin"


class Backend(ModelBackend):
    """Django's own, but for what a group allows."""

    def get_group_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        """Return what the person's roles allow; nothing when they are not active or the question is about one row."""
        if not user_obj.is_active or user_obj.is_anonymous or obj is not None:
            return set()
        return {each for name in user_obj.groups.values_list("name", flat=True) for each in permissions_of(name)}


@cache
def permissions_of(role: str) -> frozenset[str]:
    """Return the permissions (`app.verb_model`) of a role; none for a group that is no role."""
    if role == ADMIN:
        return frozenset(_all())
    if role == COACH:
        return _named({**_EVERYBODYS, **_COACHS}) | {HEALTH}
    return _named(_EVERYBODYS) if role == SUPPORT else frozenset()


def may_see_health(user: User | Any) -> bool:
    return bool(user.has_perm(HEALTH))


def _named(table: Mapping[str, str]) -> frozenset[str]:
    pairs = ((*label.split("."), _VERBS[letter]) for label, letters in table.items() for letter in letters)
    return frozenset(f"{app}.{verb}_{model}" for app, model, verb in pairs)


def _all() -> set[str]:
    found = set()
    for model in apps.get_models():
        own = [codename for codename, _ in model._meta.permissions]
        verbs = [f"{verb}_{model._meta.model_name}" for verb in model._meta.default_permissions]
        found |= {f"{model._meta.app_label}.{name}" for name in (*verbs, *own)}
    return found
