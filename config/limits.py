"""How often whom may ask for what: the one table of it, and the middleware that applies it.

Invariant: an operation has no limit but those of this table; what a client writes in a header changes none of them
unless `settings.TRUSTED_PROXIES` says how many proxies of ours add to `X-Forwarded-For`.

Answers that `config.reads` gives from the cache never come here: they cost less than a bucket would. Buckets are
`config.buckets`; the headers are those of draft-ietf-httpapi-ratelimit-headers-10.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import import_module
from typing import Literal

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string

from config import addresses, declined, errors
from config.buckets import Bucket, Buckets, Level

Handler = Callable[[HttpRequest], HttpResponse]
Whom = Literal["person", "address", "account", "account and address"]
MINUTE, QUARTER, HOUR = 60, 15 * 60, 60 * 60
ADMIN_LOGIN = "/admin/login/"


@dataclass(frozen=True, slots=True)
class Limit:
    """`quota` in `window` seconds `per` whom; with `only`, just the answers with these statuses count."""

    name: str
    quota: int
    window: int
    per: Whom
    only: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Rule:
    """The limits of one operation beside `USUAL`, and whether it hashes a password."""

    limits: tuple[Limit, ...] = ()
    hashes: bool = False


USUAL = {
    "person": Limit("person", 600, MINUTE, per="person"),
    "address": Limit("address", 300, MINUTE, per="address"),  # of those who are not signed in
}
GUESSES = (
    Limit("login", 5, QUARTER, per="account and address", only=(401,)),
    Limit("login-address", 20, QUARTER, per="address", only=(401,)),
    Limit("login-account", 50, HOUR, per="account", only=(401,)),
)
STAFF_GUESSES = tuple(Limit(f"staff-{one.name}", one.quota, one.window, one.per, only=(200,)) for one in GUESSES)
STAFF_OWN_PASSWORD = replace(STAFF_GUESSES[0], name="staff-own-password")
STAFF_CODES = tuple(replace(one, name=one.name.replace("login", "code")) for one in STAFF_GUESSES)
OWN_PASSWORD = Limit("own-password", 5, QUARTER, per="person", only=(401, 422))
LETTERS = (Limit("letter-account", 5, HOUR, per="account"), Limit("letter-address", 20, HOUR, per="address"))
LETTER_TOKENS = Limit("letter-token", 20, HOUR, per="address")
RULES: Mapping[str, Rule] = {
    "POST /api/v1/login": Rule(GUESSES, hashes=True),
    f"POST {ADMIN_LOGIN}": Rule(STAFF_GUESSES, hashes=True),  # the form comes again with 200
    "POST /admin/password_change/": Rule((STAFF_OWN_PASSWORD,), hashes=True),
    "POST /admin/second-factor/": Rule(STAFF_CODES),
    "POST /admin/enrol/": Rule(STAFF_CODES),
    "POST /api/v1/register": Rule((Limit("register", 20, HOUR, per="address"),), hashes=True),
    "POST /api/v1/password/change": Rule((OWN_PASSWORD,), hashes=True),
    "POST /api/v1/password/reset": Rule(LETTERS),
    "POST /api/v1/password/reset/confirm": Rule((LETTER_TOKENS,), hashes=True),
    "POST /api/v1/email/verify": Rule(LETTERS),
    "POST /api/v1/email/verify/confirm": Rule((LETTER_TOKENS,)),
    "POST /api/v1/email/change": Rule((OWN_PASSWORD, *LETTERS), hashes=True),
    "DELETE /api/v1/profile": Rule((OWN_PASSWORD,), hashes=True),
    "POST /api/v1/profile/export": Rule((Limit("export", 5, HOUR, per="person"),)),
    "POST /api/v1/generate-plan": Rule((Limit("generate", 30, 10 * MINUTE, per="person"),)),
    "POST /api/v1/ws-ticket": Rule((Limit("ticket", 60, MINUTE, per="person"),)),
}


class RateLimited(errors.AppError):
    status = 429
    code = "rate_limited"
    detail = "That was too often. `Retry-After` says when to come back."


def limited(get_response: Handler) -> Handler:
    """Decline what comes too often (429), and say with each answer how much is left."""

    def middleware(request: HttpRequest) -> HttpResponse:
        wanted = _wanted(request) if settings.RATE_LIMITS else {}
        if not wanted:
            return get_response(request)
        taken, levels = _buckets().take(list(wanted.values()))
        if not taken:
            seconds = max(level.wait for level in levels if not level.left)
            response = declined.answer(request, RateLimited(headers={"Retry-After": str(max(seconds, 1))}))
        else:
            response = get_response(request)
            levels = _settled(wanted, levels, response.status_code)
        return _labelled(response, list(wanted), levels)

    return middleware


def rule_of(request: HttpRequest) -> Rule:
    return RULES.get(f"{request.method} {request.path}", Rule())


def _wanted(request: HttpRequest) -> dict[Limit, Bucket]:
    """Return the buckets that the request takes from; none outside of the API but where the table says so."""
    rule = rule_of(request)
    if not (rule.limits or request.path.startswith("/api/")):
        return {}
    who = _who(request)
    usual = USUAL["person" if "person" in who else "address"]
    return {
        limit: Bucket(f"{limit.name}:{who[limit.per]}", limit.quota, limit.window)
        for limit in (*rule.limits, usual)
        if limit.per in who
    }


def _who(request: HttpRequest) -> dict[Whom, str]:
    """Return what is known of who asks. A token whose session has ended still names its person."""
    who: dict[Whom, str] = {"address": addresses.of(request)}
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer" and (claims := import_string(settings.CLAIMS_OF_TOKEN)(token.strip())):
        who["person"] = str(claims[0])
    if named := _account(request):
        who["account"] = named
        who["account and address"] = f"{named}@{who['address']}"
    return who


def _account(request: HttpRequest) -> str:
    """Return a digest of the email that is named in the body, in whatever spelling; empty when there is none.

    Staff who have given their password are known by their session, whatever the body says.
    """
    if request.path.startswith("/api/"):
        body = getattr(request, "json", None)
        email = body.get("email") if isinstance(body, dict) else None
    elif request.path == ADMIN_LOGIN:
        email = request.POST.get("username")
    else:
        store = import_module(settings.SESSION_ENGINE).SessionStore
        email = store(request.COOKIES.get(settings.SESSION_COOKIE_NAME)).get(SESSION_KEY)
    return digest(email) if isinstance(email, str) else ""


def digest(email: str) -> str:
    """Return what stands for an address, in whatever spelling, where the address itself must not: in Redis, in logs."""
    plain = unicodedata.normalize("NFKC", email).strip().casefold()
    key = settings.SECRET_KEY[:64].encode()
    return hashlib.blake2b(plain.encode(errors="replace"), digest_size=12, key=key).hexdigest()


@cache
def _buckets_at(url: str) -> Buckets:
    return Buckets(url)


def _buckets() -> Buckets:
    return _buckets_at(settings.LIMITS_URL or settings.CACHE_URL)


def _settled(wanted: Mapping[Limit, Bucket], levels: list[Level], status: int) -> list[Level]:
    """Give back what does not count after all; return what the buckets hold then."""
    spared = [bucket for limit, bucket in wanted.items() if limit.only and status not in limit.only]
    if not spared:
        return levels
    now = {level.bucket: level for level in _buckets().give_back(spared)}
    return [now.get(level.bucket, level) for level in levels]


def _labelled(response: HttpResponse, limits: list[Limit], levels: list[Level]) -> HttpResponse:
    response["RateLimit-Policy"] = ", ".join(f'"{one.name}";q={one.quota};w={one.window}' for one in limits)
    response["RateLimit"] = ", ".join(
        f'"{limit.name}";r={level.left};t={level.wait}' for limit, level in zip(limits, levels, strict=True)
    )
    return response
