"""What people do with their account.

Invariant: one transaction each; a session's refresh counter only moves under its row's lock.
"""

import datetime as dt
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth import authenticate
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django_redis import get_redis_connection
from ninja_jwt.tokens import RefreshToken
from redis.exceptions import RedisError

from config import cache, errors
from users import auth, events, selectors
from users.models import Session, User

TICKET_KEY = "regimen:ticket:{}"
TICKET_SECONDS = int(settings.TICKET_LIFETIME.total_seconds())


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


@dataclass(frozen=True, slots=True)
class SessionRevoked:
    TYPE: ClassVar[str] = "session.revoked"
    session_id: str


def register(
    *, email: str, password: str, device: str, now: dt.datetime, profile: Mapping[str, Any]
) -> tuple[User, auth.Tokens]:
    """Create a person and sign them in.

    :raises errors.Invalid: for a weak password.
    :raises EmailTaken: when the email has an account.
    """
    user = User(email=email, **profile)
    _check_password(password, user)
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            return user, _open_session(user, device, now)
    except IntegrityError:
        raise EmailTaken from None


def login(*, email: str, password: str, device: str, now: dt.datetime) -> auth.Tokens:
    """Open a session. An unknown email costs the same time as a wrong password.

    :raises InvalidCredentials: for either, and for a deactivated account.
    """
    user = authenticate(username=email, password=password)
    if not isinstance(user, User):
        raise InvalidCredentials
    with transaction.atomic():
        return _open_session(user, device, now)


def refresh(*, token: str, now: dt.datetime) -> auth.Tokens:
    """Trade a refresh token for the next pair. Within the grace time the same answer is given again.

    :raises errors.Unauthorized: for a token that is no longer good.
    :raises TokenReused: for one that was traded before; its whole session ends.
    """
    claims = auth.read(RefreshToken, token)
    with transaction.atomic():
        session = (
            Session.objects.select_for_update(of=("self",))
            .filter(pk=claims["sid"], revoked_at__isnull=True, user__is_active=True)
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
        _revoke(session, now)
    raise TokenReused


def logout(*, token: str, user_id: int, now: dt.datetime) -> None:
    """End the session of a refresh token of this person; ending an ended one is fine."""
    claims = auth.read(RefreshToken, token)
    with transaction.atomic():
        session = Session.objects.select_for_update().filter(pk=claims["sid"], user_id=user_id).first()
        if session is None:
            raise errors.Unauthorized
        if session.revoked_at is None:
            _revoke(session, now)


@transaction.atomic
def update_profile(user: User, changes: Mapping[str, Any], *, if_match: str | None = None) -> User:
    """Store the given fields of the profile.

    :raises errors.PreconditionFailed: when it has changed since the reading that `if_match` names.
    """
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if if_match and cache.is_stale(if_match, *selectors.readings(locked)):
        raise errors.PreconditionFailed
    for field, value in changes.items():
        setattr(locked, field, value)
    locked.save(update_fields=[*changes, "updated_at"])
    cache.forget(locked.pk)
    return locked


def open_ticket(user: User) -> str:
    """Return a secret that opens one socket, once, within `TICKET_LIFETIME`.

    :raises errors.Unavailable: when Redis is away; a client that can set headers needs no ticket.
    """
    ticket = secrets.token_urlsafe(32)
    value = f"{user.pk}:{user.session_id}"  # type: ignore[attr-defined]
    try:
        get_redis_connection("default").set(TICKET_KEY.format(ticket), value, ex=settings.TICKET_LIFETIME)
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


def is_live(user_id: int, session_id: uuid.UUID) -> bool:
    """Say whether the session may still listen."""
    return Session.objects.filter(
        pk=session_id, user_id=user_id, revoked_at__isnull=True, user__is_active=True
    ).exists()


def tokens_json(tokens: auth.Tokens) -> dict[str, Any]:
    return asdict(tokens)


def _open_session(user: User, device: str, now: dt.datetime) -> auth.Tokens:
    session = Session.objects.create(user=user, device=device[:200], created_at=now, rotated_at=now)
    return auth.issue(session, now=now)


def _revoke(session: Session, now: dt.datetime) -> None:
    session.revoked_at = now
    session.save(update_fields=["revoked_at"])
    events.record(session.user_id, SessionRevoked(session_id=str(session.pk)))


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as weak:
        raise errors.Invalid(
            "The password is too weak.",
            errors=[
                {"pointer": "/password", "code": str(reason.code), "detail": reason.messages[0]}
                for reason in weak.error_list
            ],
        ) from None
