"""A person of whom there is a row in every table that can hold one, each with a word that occurs nowhere else.

Invariant: a table that leads to a person and that is not filled here fails whoever asks for everything.
"""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice, StaticToken
from django_otp.plugins.otp_totp.models import TOTPDevice

from ai.models import AICall, AISpending, Document
from mealplans.models import MealPlan, MealPlanVersion
from progress.models import ProgressLog
from tests import factories
from users.models import Consent, Event, Export, HealthView, Letter, Session, User
from workers.models import StoredAnswer
from workouts.models import PerformedSet, WorkoutPlan, WorkoutPlanVersion

CANARY = "xanthippe-of-athens"


def word(person: User) -> str:
    """Return the word that stands in every column of theirs that takes words."""
    return person.email.partition("@")[0]


def _plan(model: Any, person: User, **fields: Any) -> Model:
    said = word(person)
    made: Model = model.objects.create(
        user=person, date=factories.MONDAY, source="planner", model=said, certificate={"for": said}, **fields
    )
    return made


def _group(person: User) -> Model:
    person.groups.add(Group.objects.create(name=f"group of {person.pk}"))
    return User.groups.through._default_manager.get(user=person)


def _permission(person: User) -> Model:
    person.user_permissions.add(Permission.objects.all()[0])
    return User.user_permissions.through._default_manager.get(user=person)


def _letter(person: User) -> Model:
    now = timezone.now()
    return Letter.objects.create(
        user=person, kind="verify_email", address=person.email, created_at=now, run_after=now, expires_at=now
    )


def _export(person: User) -> Model:
    now = timezone.now()
    return Export.objects.create(
        user=person, created_at=now, run_after=now, expires_at=now, document=word(person).encode()
    )


def _job(person: User) -> Model:
    return factories.job(person, overrides={"notes": word(person)}, explanation={"of": word(person)})


def _call(person: User) -> Model:
    job = factories.job(person, start_date=factories.MONDAY + dt.timedelta(days=30))
    return AICall.objects.create(job=job, provider=word(person), model="m", outcome="ok", latency_ms=1)


def _session(person: User) -> Model:
    now = timezone.now()
    return Session.objects.create(user=person, device=word(person), created_at=now, rotated_at=now)


def _token(person: User) -> Model:
    device = StaticDevice.objects.create(user=person, name=word(person))
    made: Model = StaticToken.objects.create(device=device, token="0123456789abcdef")
    return made


def _change(person: User) -> Any:
    """Return a change of the person by staff, as the admin records it."""
    history = User._meta.get_field("changes_of").related_model
    made: Any = history._default_manager.create(
        id=person.pk,
        email=person.email,
        name=word(person),
        history_relation=person,
        history_date=person.created_at,
        history_type="~",
    )
    return made


def _changed_group(person: User) -> Model:
    change = _change(person)
    made: Model = change.groups.model.objects.create(id=1, history=change, user=person)
    return made


MAKERS: dict[str, Callable[[User], Model]] = {
    "sessions": _session,
    "consents": lambda who: Consent.objects.create(
        user=who, kind="ai", version=word(who)[:20], given_at=who.created_at
    ),
    "events": lambda who: Event.objects.create(user=who, seq=900, type="thing.happened", data={"to": word(who)}),
    "letters": _letter,
    "exports": _export,
    "users_groups": _group,
    "users_user_permissions": _permission,
    "meal_plans": lambda who: _plan(MealPlan, who, breakfast=word(who)),
    "meal_plan_versions": lambda who: _plan(MealPlanVersion, who, breakfast=word(who)),
    "workout_plans": lambda who: _plan(WorkoutPlan, who, title=word(who)),
    "workout_plan_versions": lambda who: _plan(WorkoutPlanVersion, who, title=word(who)),
    "performed_sets": lambda who: PerformedSet.objects.create(
        user=who, date=factories.MONDAY, exercise_id=word(who), reps=5
    ),
    "progress_logs": lambda who: ProgressLog.objects.create(user=who, date=factories.MONDAY, note=word(who)),
    "plan_jobs": _job,
    "ai_calls": _call,
    "ai_documents": lambda who: Document.objects.create(
        user=who, kind="edit", at=who.created_at, body={"of": word(who)}
    ),
    "ai_spending": lambda who: AISpending.objects.create(user=who, day=factories.MONDAY, calls=3),
    "stored_answers": lambda who: StoredAnswer.objects.create(
        user=who, key=word(who), request_hash="", status=202, body=word(who), created_at=who.created_at
    ),
    "health_views": lambda who: HealthView.objects.create(
        user=who, page=f"users.user {word(who)}", object_id=str(who.pk), seen_at=who.created_at
    ),
    "user_changes": _change,
    "users_historicaluser_groups": _changed_group,
    "otp_totp_totpdevice": lambda who: TOTPDevice.objects.create(user=who, name=word(who)),
    "otp_static_staticdevice": lambda who: StaticDevice.objects.create(user=who, name=word(who)),
    "otp_static_statictoken": _token,
}


def somebody(said: str = CANARY, **fields: Any) -> User:
    """Return a person with a row in every table; `said` stands in all of them."""
    person = factories.user(
        email=f"{said}@example.org",
        name=f"Xena {said}",
        disliked_foods=[said],
        dietary_preferences=[said],
        **fields,
    )
    for make in MAKERS.values():
        make(person)
    return person
