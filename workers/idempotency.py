"""`Idempotency-Key`: a POST that is sent again is answered again, and done once. As with Stripe's API, per person.

Invariant: what a request changes and what it was answered are committed together, or neither is: a key has no answer
without its effect, whenever the process dies.

`POST /generate-plan` keeps its key with its job, since it may wait for the plan and so cannot be one transaction; its
answer is stored afterwards, and a request that finds the job without it is answered from the job.
"""

import datetime as dt
import hashlib
from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Now
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.module_loading import import_string

from ai.services import IdempotencyKeyReused
from config import errors
from users import auth
from workers.models import StoredAnswer

KEPT = dt.timedelta(hours=24)
LONGEST = 255
WAITS = "/api/v1/generate-plan"
HEADERS = ("Location", "Retry-After", "ETag", "Cache-Control")
BATCH = 1000

Handler = Callable[[HttpRequest], HttpResponseBase]


class IdempotencyInProgress(errors.AppError):
    status = 409
    code = "idempotency_in_progress"
    detail = "The first request with this Idempotency-Key is still being answered."


def repeatable(get_response: Handler) -> Handler:
    """Answer a POST that has a key as the first one with it was answered."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        key = request.headers.get("Idempotency-Key")
        if key is None or not _takes_key(request):
            return get_response(request)
        try:
            if (user_id := _person(request)) is None:
                return get_response(request)
            answer = _answer_waiting if request.path == WAITS else _answer_at_once
            return answer(request, get_response, user_id, _checked(key))
        except errors.AppError as error:
            return errors.render(error)
        except (OperationalError, InterfaceError):
            return errors.render(errors.Unavailable())

    return middleware


def prune() -> int:
    """Remove answers that are older than `KEPT`; return how many. For the clock."""
    old = StoredAnswer.objects.filter(created_at__lt=_ago()).values("pk")[:BATCH]
    return StoredAnswer.objects.filter(pk__in=old).delete()[0]


def _takes_key(request: HttpRequest) -> bool:
    return request.method == "POST" and request.path.startswith("/api/") and request.path not in settings.KEYLESS_POSTS


def _person(request: HttpRequest) -> int | None:
    """Return who asks, when their session lives; the endpoint says what is wrong with anybody else."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    claims = import_string(settings.CLAIMS_OF_TOKEN)(token.strip()) if scheme.casefold() == "bearer" else None
    return claims[0] if claims and auth.is_live(claims[0], claims[1]) else None


def _checked(key: str) -> str:
    if not key:
        raise errors.Invalid.field("/Idempotency-Key", "string_too_short", "A key has a character at least.")
    if len(key) > LONGEST:
        raise errors.Invalid.field("/Idempotency-Key", "string_too_long", f"A key has {LONGEST} characters at most.")
    return key


def _answer_at_once(request: HttpRequest, get_response: Handler, user_id: int, key: str) -> HttpResponseBase:
    with transaction.atomic():
        _hold(user_id, key)
        if earlier := _earlier(request, user_id, key):
            return earlier
        response = get_response(request)
        if not _store(request, response, user_id, key):
            transaction.set_rollback(True)  # nothing was done, and the key is free again
        return response


def _answer_waiting(request: HttpRequest, get_response: Handler, user_id: int, key: str) -> HttpResponseBase:
    if earlier := _earlier(request, user_id, key):
        return earlier
    response = get_response(request)
    _store(request, response, user_id, key)
    return response


def _hold(user_id: int, key: str) -> None:
    """Let nobody else answer this key until the transaction ends.

    :raises IdempotencyInProgress: somebody does.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))", [f"{user_id}:{key}"])
        (is_held,) = cursor.fetchone()
    if not is_held:
        raise IdempotencyInProgress(headers={"Retry-After": "1"})


def _earlier(request: HttpRequest, user_id: int, key: str) -> HttpResponse | None:
    """Return the answer that was given to this key.

    :raises IdempotencyKeyReused: to another request.
    """
    found = StoredAnswer.objects.filter(user_id=user_id, key=key, created_at__gte=_ago()).first()
    if found is None:
        return None
    if found.request_hash != _digest(request):
        raise IdempotencyKeyReused
    response = HttpResponse(found.body.encode(), status=found.status, headers=found.headers)
    response["Idempotent-Replayed"] = "true"
    return response


def _store(request: HttpRequest, response: HttpResponseBase, user_id: int, key: str) -> bool:
    """Keep a good answer, of two the first; say whether it was one."""
    if not (isinstance(response, HttpResponse) and response.status_code < 300):  # noqa: PLR2004 - the good ones
        return False
    headers = {name: response[name] for name in ("Content-Type", *HEADERS) if name in response}
    StoredAnswer.objects.filter(user_id=user_id, key=key, created_at__lt=_ago()).delete()
    StoredAnswer.objects.bulk_create(
        [
            StoredAnswer(
                user_id=user_id,
                key=key,
                request_hash=_digest(request),
                status=response.status_code,
                headers=headers,
                body=response.content.decode(),
            )
        ],
        ignore_conflicts=True,
    )
    return True


def _digest(request: HttpRequest) -> str:
    return hashlib.sha256(request.get_full_path().encode() + b"\n" + request.body).hexdigest()


def _ago() -> CombinedExpression:
    return Now() - KEPT
