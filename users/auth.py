"""Tokens of a session, and who is asking.

Invariant: a token is good only while its session is live and its person active; both are looked up with each request.

A refresh token is a pure function of its session and counter, so the answer to a refresh that got lost can be given
again.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja_jwt.exceptions import TokenError
from ninja_jwt.tokens import AccessToken, RefreshToken

from config import errors
from users.models import Session, User


@dataclass(frozen=True, slots=True)
class Tokens:
    access: str
    refresh: str
    expires_in: int
    token_type: str = "Bearer"  # noqa: S105 - a scheme's name


def issue(session: Session, *, now: dt.datetime) -> Tokens:
    """Return an access token from `now` and the refresh token that belongs to the session's counter."""
    access = AccessToken()
    access.payload |= {"user_id": session.user_id, "sid": str(session.pk)}
    access.set_iat(at_time=now)
    access.set_exp(from_time=now)
    refresh = RefreshToken()
    refresh.payload |= {
        "user_id": session.user_id,
        "sid": str(session.pk),
        "ctr": session.counter,
        "jti": f"{session.pk.hex}{session.counter:08x}",
    }
    refresh.set_iat(at_time=session.rotated_at)
    refresh.set_exp(from_time=session.rotated_at)
    return Tokens(str(access), str(refresh), int(settings.ACCESS_TOKEN_LIFETIME.total_seconds()))


def read(kind: type[AccessToken | RefreshToken], token: str) -> dict[str, Any]:
    """Return the claims of a token that we signed and that has not expired.

    :raises errors.Unauthorized: for anything else.
    """
    try:
        claims: dict[str, Any] = kind(token).payload
    except TokenError:
        raise errors.Unauthorized from None
    if not {"sid", "user_id"} <= set(claims):
        raise errors.Unauthorized
    return claims


def authenticate(token: str) -> User:
    """Return the active person behind an access token of a live session; `user.session_id` names the session.

    :raises errors.Unauthorized: otherwise.
    """
    claims = read(AccessToken, token)
    user = User.objects.filter(
        pk=claims["user_id"],
        is_active=True,
        sessions__pk=claims["sid"],
        sessions__revoked_at__isnull=True,
    ).first()
    if user is None:
        raise errors.Unauthorized
    user.session_id = claims["sid"]  # type: ignore[attr-defined]
    return user


class Bearer(HttpBearer):
    """`Authorization: Bearer <access token>`; endpoints find the person as `request.auth`."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        return authenticate(token)


bearer = Bearer()


class Request(HttpRequest):
    """A request whose person is known."""

    auth: User
