"""What people do with their account.

Invariant: one transaction each; a session's refresh counter only moves under its row's lock.
"""

import datetime as dt
import logging
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate
from django.db import IntegrityError, transaction
from django.db.models.functions import Now
from django_redis import get_redis_connection
from redis.exceptions import RedisError

from config import cache, errors, limits
from users import auth, events, letters, passwords, selectors, sessions, vocabulary
from users.models import Consent, LetterKind, Session, User

TICKET_KEY = "regimen:ticket:{}"
TICKETS_KEY = "regimen:tickets:{}"  # by person: which keys are theirs
TICKET_SECONDS = int(settings.TICKET_LIFETIME.total_seconds())

log = logging.getLogger(__name__)


class EmailTaken(errors.AppError):
    status = 409
    code = "email_taken"
    detail = "This email has an account. Sign in instead."


class InvalidCredentials(errors.Unauthorized):
    code = "invalid_credentials"
    detail = "Email and password do not fit together."


class TokenReused(errors.Unauthorized):
    code = "token_reused"
    detail = "This refresh token was used before. Its session has ended; sign in again."


def register(
    *, email: str, password: str, device: str, now: dt.datetime, profile: Mapping[str, Any]
) -> tuple[User, auth.Tokens]:
    """Create a person, sign them in and write them a letter; a consent in the profile is recorded beside them.

    :raises errors.Invalid: for a weak password.
    :raises EmailTaken: when the email has an account.
    """
    user = User(email=email, **_stored(profile))
    passwords.check_new(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            _record_consents(user.pk, profile)
            letters.write(LetterKind.VERIFY_EMAIL, to=user.email, now=now, user_id=user.pk)
            tokens = sessions.begin(user, device, now, is_first=True)
    except IntegrityError:
        raise EmailTaken from None
    log.info("registered", extra={"user": user.pk})
    return user, tokens


def login(*, email: str, password: str, device: str, now: dt.datetime) -> auth.Tokens:
    """Open a session. An unknown email costs the same time as a wrong password.

    :raises InvalidCredentials: for either, and for a deactivated account.
    """
    user = authenticate(username=email, password=password)
    with transaction.atomic():
        if not isinstance(user, User) or not _is_still(user):
            log.warning("sign-in refused", extra={"account": limits.digest(email)})
            raise InvalidCredentials
        tokens = sessions.begin(user, device, now)
    log.info("signed in", extra={"user": user.pk, "account": limits.digest(email)})
    return tokens


def refresh(*, token: str, now: dt.datetime) -> auth.Tokens:
    """Trade a refresh token for the next pair. Within the grace time the same answer is given again.

    :raises errors.Unauthorized: for a token that is no longer good.
    :raises TokenReused: for one that was traded before; its whole session ends.
    """
    claims = auth.read(auth.RefreshToken, token)
    with transaction.atomic():
        session = (
            Session.objects.select_for_update(of=("self",))
            .filter(pk=claims["sid"], revoked_at__isnull=True, user__is_active=True)
            .filter(created_at__gt=now - settings.SESSION_LIFETIME)
            .first()
        )
        if session is None:
            raise errors.Unauthorized
        if claims["ctr"] == session.counter:
            session.counter, session.rotated_at = session.counter + 1, now
            session.save(update_fields=["counter", "rotated_at"])
            return auth.issue(session, now=now)
        if claims["ctr"] == session.counter - 1 and now - session.rotated_at < settings.REFRESH_GRACE:
            return auth.issue(session, now=now)
    sessions.end(session.user_id, session.pk, now)
    log.warning("a refresh token was used again", extra={"user": session.user_id, "session": str(session.pk)})
    raise TokenReused


def logout(*, token: str, user_id: int, now: dt.datetime) -> None:
    """End the session of a refresh token of this person; ending an ended one is fine."""
    claims = auth.read(auth.RefreshToken, token)
    if not Session.objects.filter(pk=claims["sid"], user_id=user_id).exists():
        raise errors.Unauthorized
    sessions.end(user_id, claims["sid"], now)


@transaction.atomic
def update_profile(user: User, changes: Mapping[str, Any], *, if_match: str | None = None) -> User:
    """Store the given fields of the profile; a consent changes only where its field says yes or no.

    :raises errors.PreconditionFailed: when it has changed since the reading that `if_match` names.
    """
    locked = sessions.hold(user.pk)
    if if_match and cache.is_stale(if_match, *selectors.readings(locked)):
        raise errors.PreconditionFailed
    for field, value in _stored(changes).items():
        setattr(locked, field, value)
    locked.save(update_fields=[*_stored(changes), "updated_at"])
    _record_consents(locked.pk, changes)
    cache.forget(locked.pk)
    if changes:
        events.record(locked.pk, events.ProfileUpdated(sorted(changes)))
    return locked


def open_ticket(user: User) -> str:
    """Return a secret that opens one socket, once, within `TICKET_LIFETIME`.

    :raises errors.Unavailable: when Redis is away; a client that can set headers needs no ticket.
    """
    ticket = secrets.token_urlsafe(32)
    value = f"{user.pk}:{user.session_id}"  # type: ignore[attr-defined]
    theirs = TICKETS_KEY.format(user.pk)
    try:
        with get_redis_connection("default").pipeline() as pipe:
            pipe.set(TICKET_KEY.format(ticket), value, ex=settings.TICKET_LIFETIME)
            pipe.sadd(theirs, TICKET_KEY.format(ticket))
            pipe.expire(theirs, settings.TICKET_LIFETIME)
            pipe.execute()
    except RedisError:
        raise errors.Unavailable from None
    return ticket


def redeem_ticket(ticket: str) -> tuple[int, uuid.UUID] | None:
    """Return the person and session of a ticket and burn it; None when it is not good."""
    try:
        value = get_redis_connection("default").getdel(TICKET_KEY.format(ticket))
    except RedisError:
        return None
    if value is None:
        return None
    user_id, session_id = value.decode().split(":")
    return int(user_id), uuid.UUID(session_id)


def forget_tickets(user_id: int) -> None:
    """Burn every ticket of a person. Without Redis they end by themselves, within `TICKET_LIFETIME`."""
    redis, theirs = get_redis_connection("default"), TICKETS_KEY.format(user_id)
    try:
        redis.delete(theirs, *redis.smembers(theirs))
    except RedisError as error:
        log.info("tickets were left to end: %s", type(error).__name__)


def is_live(user_id: int, session_id: uuid.UUID) -> bool:
    """Say whether the session may still listen."""
    return auth.is_live(user_id, session_id)


def tokens_json(tokens: auth.Tokens) -> dict[str, Any]:
    return asdict(tokens)


def _stored(profile: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of the profile that are the person's own columns."""
    return {field: value for field, value in profile.items() if field not in vocabulary.CONSENT_FIELDS}


def _record_consents(user_id: int, said: Mapping[str, Any]) -> None:
    for field, kind in vocabulary.CONSENT_FIELDS.items():
        _record_consent(user_id, kind, given=said.get(field))


def _record_consent(user_id: int, kind: str, *, given: bool | None) -> None:
    """Record a yes to today's text, or end the one that stands; None changes nothing. The person's row is held."""
    if given is None:
        return
    version, _ = vocabulary.CONSENTS[kind]
    standing = Consent.objects.filter(user_id=user_id, kind=kind, withdrawn_at__isnull=True)
    over = standing.exclude(version=version) if given else standing
    over.update(withdrawn_at=Now())
    if given and not standing.exists():
        Consent.objects.create(user_id=user_id, kind=kind, version=version, given_at=Now())


def _is_still(user: User) -> bool:
    """Say whether the account is as it was when the password was checked; their row is held from here on."""
    same = User.objects.select_for_update(no_key=True).filter(pk=user.pk, is_active=True, password=user.password)
    return same.values_list("pk", flat=True).first() is not None
