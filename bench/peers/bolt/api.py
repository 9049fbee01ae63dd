"""One day's plan with django-bolt: the token is checked in Rust, the answer comes from Redis in one pipelined trip.

Invariant: see `bench.peers`.
"""

import os
from typing import Any

from django.conf import settings
from django_bolt import BoltAPI
from django_bolt.auth import IsAuthenticated, JWTAuthentication
from django_bolt.exceptions import NotFound, Unauthorized
from django_bolt.responses import Response

from bench.peers import filled
from config.pipeline import Pipeline

api = BoltAPI()
jwt = JWTAuthentication(secret=settings.SIGNING_KEY, audience="regimen", issuer="regimen")
pipelines: list[Pipeline] = []
urlpatterns: list[Any] = []  # Django asks for them; bolt has routes of its own


@api.get("/api/v1/meal-plan", auth=[jwt], guards=[IsAuthenticated()])
async def meal_plan(request: Any, date: str) -> Any:
    claims = request["context"]["auth_claims"]
    if not pipelines:  # there is one event loop; to ask for it would be a system call (Python 3.11)
        pipelines.append(Pipeline(os.environ["REDIS_URL"]))
    alive, stored = await pipelines[0].ask(*filled.question(claims["user_id"], claims["sid"], date))
    if alive is None:
        raise Unauthorized(detail="the session has ended")
    if stored is None:
        raise NotFound(detail="there is no plan")
    etag, body = filled.opened(stored)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    return Response(content=body, headers=headers, media_type="application/json; charset=utf-8")
