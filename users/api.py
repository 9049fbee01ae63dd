"""Accounts over HTTP: parse, one call, status.

Invariant: the person is always the one behind the token; no path names another.
"""

from typing import Annotated, Literal

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Query, Router, Status

from config import cache
from config.schemas import Date
from users import account_schemas, day_schemas, erasure, feed_log, schemas, selectors, services
from users.auth import Request, bearer

router = Router()

Units = Literal["metric", "imperial"]
DEVICE_LENGTH = 200


def _device(request: HttpRequest) -> str:
    return request.headers.get("User-Agent", "")[:DEVICE_LENGTH].replace("\x00", "")


@router.post(
    "/register",
    response={201: schemas.Registered, 409: None},
    summary="Create an account and sign in",
    operation_id="register",
)
def register(request: HttpRequest, body: schemas.Register) -> Status[dict[str, object]]:
    """Email, password and name are needed; every field of the profile may come along.

    Nothing counts as consent but `ai_consent: true` and `health_consent: true`. A letter asks to confirm the address.
    """
    user, tokens = services.register(
        email=body.email,
        password=body.password,
        device=_device(request),
        now=timezone.now(),
        profile=body.model_dump(exclude={"email", "password"}),
    )
    return Status(201, {"user": selectors.user_out(user), **services.tokens_json(tokens)})


@router.post("/login", response={200: schemas.Tokens, 401: None}, summary="Sign in", operation_id="login")
def login(request: HttpRequest, body: schemas.Login) -> dict[str, object]:
    """Answers the same, and as slowly, for a wrong password and an unknown email."""
    tokens = services.login(email=body.email, password=body.password, device=_device(request), now=timezone.now())
    return services.tokens_json(tokens)


@router.post(
    "/token/refresh",
    response={200: schemas.Tokens, 401: None},
    summary="Trade a refresh token for a new pair",
    operation_id="refreshToken",
)
def refresh_token(request: HttpRequest, body: schemas.Refresh) -> dict[str, object]:
    """Each refresh token works once. Using one again ends its session (`token_reused`)."""
    return services.tokens_json(services.refresh(token=body.refresh, now=timezone.now()))


@router.post("/logout", response={204: None}, auth=bearer, summary="End this session", operation_id="logout")
def logout(request: Request, body: schemas.Refresh) -> Status[None]:
    """The session's access token stops working with the next request."""
    services.logout(token=body.refresh, user_id=request.auth.pk, now=timezone.now())
    return Status(204, None)


@router.get("/profile", response=schemas.User, auth=bearer, summary="Read the profile", operation_id="getProfile")
def get_profile(request: Request, units: Units | None = None) -> HttpResponse:
    """`?units=imperial` adds rounded twins under `display`; stored values stay metric."""
    return cache.respond(request, selectors.profile(request.auth, units))


@router.patch(
    "/profile",
    response={200: schemas.User, 412: None},
    auth=bearer,
    summary="Change some fields of the profile",
    operation_id="patchProfile",
    openapi_extra={"requestBody": {"content": {"application/json": {"example": {"weight": 70.8}}}}},
)
def patch_profile(request: Request, body: schemas.Profile) -> HttpResponse:
    """Only the fields that are sent change. `If-Match` with the profile's ETag guards against a lost update."""
    return _store(request, body, only_sent=True)


@router.put(
    "/profile",
    response={200: schemas.User, 412: None},
    auth=bearer,
    summary="Set the whole profile",
    operation_id="putProfile",
)
def put_profile(request: Request, body: schemas.Profile) -> HttpResponse:
    """Fields that are not sent go back to their defaults; the name and the consents stay when they are not sent."""
    return _store(request, body, only_sent=False)


@router.delete(
    "/profile", response={204: None}, auth=bearer, summary="Erase the account for good", operation_id="eraseProfile"
)
def erase_profile(request: Request, body: account_schemas.Farewell) -> Status[None]:
    """Erase every row, cached answer and document of the person, now. It cannot be undone. 401 `wrong_password`."""
    erasure.erase(user=request.auth, password=body.password, now=timezone.now())
    return Status(204, None)


@router.get(
    "/consents",
    response=account_schemas.Consents,
    auth=bearer,
    summary="What I may consent to, and what I said",
    operation_id="listConsents",
)
def list_consents(request: Request) -> HttpResponse:
    """The texts and their versions. `ai_consent` and `health_consent` in the profile say yes or no.

    Without a yes to `ai` no model is asked. A yes to `health` is the explicit consent of GDPR article 9.
    """
    return cache.respond(request, selectors.consents(request.auth))


@router.get(
    "/profile/targets",
    response=day_schemas.Targets,
    auth=bearer,
    summary="Daily energy and nutrient targets, explained",
    operation_id="getTargets",
)
def get_targets(request: Request) -> HttpResponse:
    """BMI, resting and total expenditure, kcal and macros, with the formula and the safety floor that applied."""
    return cache.respond(request, selectors.daily_targets(request.auth))


@router.get("/today", response=day_schemas.Today, auth=bearer, summary="A day in one call", operation_id="getToday")
def get_today(request: Request, date: Date | None = None) -> HttpResponse:
    """Targets, meals, session and the day's log; parts that do not exist are null."""
    day, until = selectors.asked_day(request.auth, date, timezone.now())
    return cache.respond(request, selectors.overview(request.auth, day, until=until))


@router.post(
    "/ws-ticket",
    response=schemas.Ticket,
    auth=bearer,
    summary="A one-use ticket for the WebSocket",
    operation_id="openTicket",
)
def ws_ticket(request: Request) -> dict[str, object]:
    """Open `/ws/events?ticket=…` with it within 30 seconds."""
    return {"ticket": services.open_ticket(request.auth), "expires_in": services.TICKET_SECONDS}


@router.get("/events", response=schemas.Events, auth=bearer, summary="Events after a number", operation_id="listEvents")
def list_events(
    request: Request,
    after: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 100,
) -> dict[str, object]:
    """The same feed as the WebSocket's, for clients that poll; `resync` stands for what is too old to be kept."""
    items = feed_log.after(request.auth.pk, after, request.auth.last_seq, limit)
    return {"items": items, "seq": items[-1]["seq"] if items else request.auth.last_seq}


def _store(request: Request, body: schemas.Profile, *, only_sent: bool) -> HttpResponse:
    user = request.auth
    changes = body.model_dump(exclude_unset=only_sent)
    if not changes.get("name"):
        changes.pop("name", None)
    services.update_profile(user, changes, if_match=request.headers.get("If-Match"))
    return cache.respond(request, selectors.profile(user))
