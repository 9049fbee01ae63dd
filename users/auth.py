"""Tokens of a session, and who is asking.

Invariant: a token is good only while its session is live and its person active; both are looked up with each request.

A refresh token is a pure function of its session and counter, so the answer to a refresh that got lost can be given
again.
"""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from functools import cache as remembered
from typing import Any

import jwt
from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer
from ninja_jwt import tokens
from ninja_jwt.backends import TokenBackend
from ninja_jwt.exceptions import TokenError

from config import cache, errors, routes
from config.cache_trust import trust
from users.models import Session, User


class KeyRing(TokenBackend):
    """Signs with `JWT_SIGNING_KEY`, and verifies with `JWT_PREVIOUS_KEYS` too; a token's `kid` says which it was."""

    def encode(self, payload: dict[str, Any]) -> str:
        key = settings.JWT_SIGNING_KEY
        claims = {**payload, "aud": self.audience, "iss": self.issuer}
        return jwt.encode(claims, key, algorithm=self.algorithm, headers={"kid": key_id(key)})

    def get_verifying_key(self, token: str) -> bytes:
        keys = {key_id(key): key for key in (*settings.JWT_PREVIOUS_KEYS, settings.JWT_SIGNING_KEY)}
        named = jwt.get_unverified_header(token).get("kid", key_id(settings.JWT_SIGNING_KEY))
        if named not in keys:
            raise jwt.InvalidTokenError
        return bytes(keys[named].encode())


@remembered
def key_id(key: str) -> str:
    """Return what tokens call a key; 32 bits of a hash tell nothing about 50 random characters."""
    return hashlib.sha256(key.encode()).hexdigest()[:8]


_given: dict[str, Any] = settings.NINJA_JWT
_ring = KeyRing(
    _given["ALGORITHM"],
    settings.JWT_SIGNING_KEY,
    audience=_given["AUDIENCE"],
    issuer=_given["ISSUER"],
    leeway=_given["LEEWAY"],
)


class AccessToken(tokens.AccessToken):
    _token_backend = _ring


class RefreshToken(tokens.RefreshToken):
    _token_backend = _ring


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
    except (TokenError, OSError, OverflowError, ValueError):  # the last three: an expiry beyond all dates
        raise errors.Unauthorized from None
    if not (isinstance(claims.get("user_id"), int) and _is_id(claims.get("sid"))):
        raise errors.Unauthorized
    return claims


def _is_id(text: object) -> bool:
    try:
        return isinstance(text, str) and str(uuid.UUID(text)) == text
    except ValueError:
        return False


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


def claims_of(token: str) -> tuple[int, str, float] | None:
    """Return person, session and expiry (seconds of the epoch) of an access token, None when it is not good.

    Whether the session still lives is another question.
    """
    try:
        claims = read(AccessToken, token)
    except errors.Unauthorized:
        return None
    return claims["user_id"], claims["sid"], claims["exp"]


def is_live(user_id: int, session_id: str | uuid.UUID) -> bool:
    """Say whether the session has not ended and its person is active."""
    return Session.objects.filter(
        pk=session_id, user_id=user_id, revoked_at__isnull=True, user__is_active=True
    ).exists()


class Bearer(HttpBearer):
    """`Authorization: Bearer <access token>`; endpoints find the person as `request.auth`."""

    def authenticate(self, request: HttpRequest, token: str) -> User:
        user = authenticate(token)
        if request.method == "GET" and routes.find(request.path) and trust.believes():
            _note_life(user)
        return user


def _note_life(user: User) -> None:
    """Leave a note for `config.reads` that the session lives; like any answer, it goes with the next write."""
    session_id = user.session_id  # type: ignore[attr-defined]

    def load() -> bytes:
        if not is_live(user.pk, session_id):
            raise errors.Unauthorized
        return b"live"

    cache.read_through(user.pk, f"session:{session_id}", load)


bearer = Bearer()


class Request(HttpRequest):
    """A request whose person is known."""

    auth: User
