"""What is read of a person: profile, targets, the day's overview.

Invariant: reads go through the cache of their owner; nothing here writes.
"""

import datetime as dt
import zoneinfo
from collections.abc import Collection, Mapping
from dataclasses import asdict
from typing import Any

import orjson
from django.conf import settings
from django.utils.module_loading import import_string

from config import cache, errors
from users import account_schemas, mentions, schemas, targets, vocabulary
from users.models import Consent, Session, User

MOST_SESSIONS = 100  # shown, newest first

LB_PER_KG = 2.20462262
CM_PER_INCH = 2.54


class ProfileIncomplete(errors.Invalid):
    code = "profile_incomplete"
    detail = "Age, height and weight are needed first: PATCH /profile."


def today(user: User, now: dt.datetime) -> dt.date:
    """Return the date where the person is."""
    return now.astimezone(zoneinfo.ZoneInfo(user.timezone)).date()


def asked_day(user: User, date: dt.date | None, now: dt.datetime) -> tuple[dt.date, int]:
    """Return the date, and 0; or today where the person is, and the second (of the epoch) in which that ends."""
    if date:
        return date, 0
    day = today(user, now)
    midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), zoneinfo.ZoneInfo(user.timezone))
    return day, int(midnight.timestamp())


def user_out(user: User, units: str | None = None) -> schemas.User:
    """Return the person as clients see them, with rounded twins for those who think in pounds."""
    shown = schemas.User.model_validate(user, from_attributes=True)
    if (units or user.units) == "imperial":
        shown.display = schemas.Imperial(
            height_in=round(user.height / CM_PER_INCH, 1) if user.height else None,
            weight_lb=round(user.weight * LB_PER_KG, 1) if user.weight else None,
        )
    standing = _standing(user.pk)
    for field, kind in vocabulary.CONSENT_FIELDS.items():
        setattr(shown, field, kind in standing)
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
    """Return what the targets depend on. Conditions of the overrides only ever add.

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
        conditions=frozenset(user.conditions) | frozenset(values.get("conditions", ())),
        diets=frozenset(values.get("dietary_preferences", user.dietary_preferences)),
        body_fat=user.body_fat,
        goal_rate=user.goal_rate,
        training_level=user.training_level,
    )


def daily_targets(user: User) -> cache.Answer:
    """Return the person's targets with the way to each figure.

    :raises ProfileIncomplete: when the profile does not allow it.
    """
    return cache.read_through(user.pk, "targets:", lambda: orjson.dumps(_targets_json(user)))


def _targets_json(user: User) -> dict[str, Any]:
    return asdict(targets.targets(person(User.objects.get(pk=user.pk))))


def mentioned(
    user: User, overrides: Mapping[str, Any], foods: Collection[str] = ()
) -> tuple[dict[str, Any], tuple[mentions.Mention, ...]]:
    """Return the overrides with what the notes and free-form preferences ask for, and each reading.

    Readings only ever add: allergies, `disliked_foods`, diets, `conditions` and `injuries`.
    """
    preferences = list(overrides.get("dietary_preferences", user.dietary_preferences))
    found = mentions.read(own_words({**overrides, "dietary_preferences": preferences}), foods)
    added = {kind: [one.what for one in found if one.kind == kind] for kind in mentions.KINDS}
    return {
        **overrides,
        "allergies": [*overrides.get("allergies", []), *added["allergen"]],
        "dietary_preferences": list(dict.fromkeys([*preferences, *added["diet"]])),
        "disliked_foods": added["dislike"],
        "conditions": added["condition"],
        "injuries": added["injury"],
    }, found


def own_words(overrides: Mapping[str, Any]) -> str:
    """Return everything in their own words: the notes, and the preferences that no rule of ours stands for."""
    free = [text.replace("_", " ") for text in vocabulary.not_enforced(overrides["dietary_preferences"])]
    return ". ".join(filter(None, [overrides.get("notes"), *free]))


def unheeded(overrides: Mapping[str, Any]) -> list[str]:
    """Return the preferences that no rule stands for and that say nothing as free text either; a plan says so."""
    free = vocabulary.not_enforced(overrides["dietary_preferences"])
    return [text for text in free if not mentions.read(text.replace("_", " "))]


def excluded_allergens(user: User, overrides: Mapping[str, Any]) -> frozenset[str]:
    """Return every allergen that the person or a preference of theirs excludes. An override only ever adds."""
    preferences = [*user.dietary_preferences, *overrides.get("dietary_preferences", [])]
    return (
        frozenset(user.allergies) | frozenset(overrides.get("allergies", [])) | vocabulary.excluded_by_diet(preferences)
    )


def overview(user: User, date: dt.date, *, until: int = 0) -> cache.Answer:
    """Return a day in one answer: targets, meals, session and what is logged, each None where there is none.

    With `until` it is kept as the answer to a request without a date.
    """

    def load() -> bytes:
        parts = {name: import_string(path)(user, date) for name, path in settings.TODAY_PARTS.items()}
        return orjson.dumps({"date": date, "targets": _targets_or_none(user), **parts})

    return cache.read_through(user.pk, f"today:{'' if until else date}", load, until=until)


def _targets_or_none(user: User) -> dict[str, Any] | None:
    try:
        return _targets_json(user)
    except ProfileIncomplete:
        return None


def has_consented(user_id: int, kind: str) -> bool:
    """Say whether the person's yes to today's version of the text stands."""
    return kind in _standing(user_id)


def _standing(user_id: int) -> set[str]:
    said = Consent.objects.filter(user_id=user_id, withdrawn_at__isnull=True).values_list("kind", "version")
    return {kind for kind, version in said if kind in vocabulary.CONSENTS and version == vocabulary.CONSENTS[kind][0]}


def consents(user: User) -> cache.Answer:
    """Return every text that may be consented to, whether the person's yes to it stands, and all that they said."""
    return cache.read_through(user.pk, "consents", lambda: _consents(user.pk).model_dump_json().encode())


def _consents(user_id: int) -> account_schemas.Consents:
    said = list(Consent.objects.filter(user_id=user_id).order_by("-given_at", "-pk"))
    return account_schemas.Consents(
        items=[
            account_schemas.Consent(
                kind=kind,
                version=version,
                text=text,
                given=any(one.version == version and one.withdrawn_at is None for one in said if one.kind == kind),
                history=[
                    account_schemas.ConsentRecord.model_validate(one, from_attributes=True)
                    for one in said
                    if one.kind == kind
                ],
            )
            for kind, (version, text) in vocabulary.CONSENTS.items()
        ]
    )


def sessions(user: User, now: dt.datetime) -> account_schemas.Sessions:
    """Return where the person is signed in, the last used first. A session whose refresh token is too old is over."""
    current = user.session_id  # type: ignore[attr-defined]
    live = Session.objects.filter(
        user_id=user.pk,
        revoked_at__isnull=True,
        rotated_at__gt=now - settings.REFRESH_TOKEN_LIFETIME,
        created_at__gt=now - settings.SESSION_LIFETIME,
    )
    return account_schemas.Sessions(
        items=[
            account_schemas.Session(
                id=str(one.pk),
                device=one.device,
                created_at=one.created_at,
                last_seen=one.rotated_at,
                current=str(one.pk) == current,
            )
            for one in live.order_by("-rotated_at", "-pk")[:MOST_SESSIONS]
        ]
    )
