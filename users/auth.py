"""Tokens of a session, and who is asking.

Invariant: a token is good only while its session is live and its person active; both are looked up with each request.

A refresh token is a pure function of its session and counter, so the answer to a refresh that got lost can be given
again.
"""

import datetime as dt
import hashlib
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache as remembered
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer
from ninja_jwt import tokens
from ninja_jwt.backends import TokenBackend
from ninja_jwt.exceptions import TokenError

from config import cache, errors, routes
from config.cache_trust import trust
from config.postgres.prepared import Prepared
from users.models import Session, User

MOST_TOKENS = 10_000  # remembered in a process


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

    One that begins a few seconds from now is good: the clock of the machine that issued it may be ahead of ours.

    :raises errors.Unauthorized: for anything else.
    """
    try:
        keys = (settings.JWT_SIGNING_KEY, *settings.JWT_PREVIOUS_KEYS)
        claims = _verified(kind, token, keys)  # type: ignore[arg-type]  # a class is hashable
    except (TokenError, OSError, OverflowError, ValueError):  # the last three: an expiry beyond all dates
        raise errors.Unauthorized from None
    is_over = claims["exp"] <= timezone.now().timestamp()  # the leeway of the settings is for beginnings alone
    if is_over or not (isinstance(claims.get("user_id"), int) and _is_id(claims.get("sid"))):
        raise errors.Unauthorized
    return claims


@lru_cache(MOST_TOKENS)
def _verified(kind: Callable[[str], Any], token: str, keys: tuple[str, ...]) -> dict[str, Any]:
    """Return the claims of a token that one of these keys has signed; whether it is over is looked at each time."""
    return dict(kind(token).payload)


def _is_id(text: object) -> bool:
    try:
        return isinstance(text, str) and str(uuid.UUID(text)) == text
    except ValueError:
        return False


_LIVE = Prepared(
    lambda user_id, session_id: User.objects.filter(
        pk=user_id, is_active=True, sessions__pk=session_id, sessions__revoked_at__isnull=True
    ),
    user_id=-1,
    session_id=uuid.UUID(int=0),
)


def authenticate(token: str) -> User:
    """Return the active person behind an access token of a live session; `user.session_id` names the session.

    :raises errors.Unauthorized: otherwise.
    """
    claims = read(AccessToken, token)
    user = _LIVE.first(user_id=claims["user_id"], session_id=claims["sid"])
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
        if request.method == "GET" and routes.find(request.path) and trust.believes():
            return _noted(token)
        return authenticate(token)


def _noted(token: str) -> User:
    """Return who asks, and leave a note for `config.reads` that the session lives; it goes with the next write."""
    claims, found = read(AccessToken, token), list[User]()

    def load() -> bytes:
        found.append(authenticate(token))
        return b"live"

    cache.read_through(claims["user_id"], f"session:{claims['sid']}", load)
    return found[0] if found else authenticate(token)


bearer = Bearer()


class Request(HttpRequest):
    """A request whose person is known."""

    auth: User
