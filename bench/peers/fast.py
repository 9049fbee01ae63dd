"""One day's plan with FastAPI and asyncpg: `FAST` says whether from PostgreSQL, through redis.asyncio, or at its best.

Invariant: see `bench.peers`. At its best it has the product's own pipelined client and remembers verified tokens.
"""

import contextlib
import datetime as dt
import os
import uuid
from collections.abc import AsyncIterator
from typing import Annotated, Any

import asyncpg
import jwt
import orjson
import redis.asyncio
from fastapi import Depends, FastAPI, HTTPException, Request, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer
from pydantic import BaseModel

from bench.peers import bare, filled

MODE = os.environ["FAST"]
LIVE = """SELECT u.id FROM users u JOIN sessions s ON s.user_id = u.id
WHERE u.id = $1 AND u.is_active AND s.id = $2 AND s.revoked_at IS NULL"""
PLAN = """SELECT id, date, breakfast, lunch, dinner, snacks, meals, totals, targets, certificate, source,
fallback_reason, model, job_id, version, created_at, updated_at FROM meal_plans WHERE user_id = $1 AND date = $2"""
state: dict[str, Any] = {}
bearer = HTTPBearer()


class MealPlan(BaseModel):
    id: int
    date: dt.date
    breakfast: str
    lunch: str
    dinner: str
    snacks: str
    meals: list[dict[str, Any]]
    totals: dict[str, Any]
    targets: dict[str, Any]
    certificate: dict[str, Any]
    source: str
    fallback_reason: str | None
    model: str | None
    job_id: uuid.UUID | None
    version: int
    created_at: dt.datetime
    updated_at: dt.datetime


@contextlib.asynccontextmanager
async def lifespan(_: FastAPI) -> AsyncIterator[None]:
    async with asyncpg.create_pool(os.environ["DATABASE_URL"], min_size=1, max_size=10, init=_json) as pool:
        state["pool"] = pool
        state["redis"] = redis.asyncio.Redis.from_url(os.environ["REDIS_URL"])
        yield
        await state["redis"].aclose()


async def _json(connection: Any) -> None:
    await connection.set_type_codec("jsonb", encoder=orjson.dumps, decoder=orjson.loads, schema="pg_catalog")


app = FastAPI(lifespan=lifespan, openapi_url=None)


def claims_of(given: Annotated[HTTPAuthorizationCredentials, Depends(bearer)]) -> dict[str, Any]:
    try:
        return dict(jwt.decode(given.credentials, bare.KEY, ["HS256"], audience="regimen", issuer="regimen"))
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None


Claims = Annotated[dict[str, Any], Depends(claims_of)]


async def from_database(claims: Claims, date: dt.date) -> MealPlan:
    async with state["pool"].acquire() as connection:
        if await connection.fetchval(LIVE, claims["user_id"], uuid.UUID(claims["sid"])) is None:
            raise HTTPException(401)
        row = await connection.fetchrow(PLAN, claims["user_id"], date)
    if row is None:
        raise HTTPException(404)
    return MealPlan.model_validate(dict(row))


async def from_redis(claims: Claims, date: dt.date) -> Response:
    _, key, *fields = filled.question(claims["user_id"], claims["sid"], str(date))
    return _finished(*await state["redis"].hmget(key, fields))


async def at_its_best(request: Request, date: str) -> Response:
    try:
        claims = bare.claims_of(request.headers.get("authorization", "").encode())
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    return _finished(*await bare.pipeline().ask(*filled.question(claims["user_id"], claims["sid"], date)))


def _finished(alive: bytes | None, stored: bytes | None) -> Response:
    if alive is None:
        raise HTTPException(401)
    if stored is None:
        raise HTTPException(404)
    etag, body = filled.opened(stored)
    headers = {"ETag": etag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    return Response(body, media_type="application/json", headers=headers)


match MODE:
    case "database":
        app.get("/api/v1/meal-plan", response_model=MealPlan)(from_database)
    case "redis":
        app.get("/api/v1/meal-plan", response_model=None)(from_redis)
    case "best":
        app.get("/api/v1/meal-plan", response_model=None)(at_its_best)
