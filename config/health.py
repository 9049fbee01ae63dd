"""Whether this process lives (`/healthz`) and whether the whole can serve (`/readyz`).

Invariant: `/healthz` does no I/O; `/readyz` names each part and what it found, and waits for an absent server once.
"""

import time
from collections.abc import Callable, Iterator

from django.conf import settings
from django.db import Error as DatabaseFailure
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.module_loading import import_string
from django.views.decorators.http import require_safe
from django_redis import get_redis_connection
from prometheus_client.core import GaugeMetricFamily
from psycopg.errors import DiskFull
from redis.exceptions import RedisError

from config import errors

BEAT_KEY = "regimen:alive:{}"
MOST_SKEW = 2.0  # s


def beat(part: str) -> None:
    """Leave a sign of life of a worker or a clock."""
    get_redis_connection("default").set(BEAT_KEY.format(part), time.time(), ex=settings.WORKER_ALIVE)


@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"status": "ok"})


@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Answer 200 when every part is there, else 503 with the parts that are not. Of models it only tells."""
    parts, models = found(), _models()
    if any(outcome != "ok" for outcome in parts.values()):
        return errors.problem(503, "unavailable", errors.Unavailable.detail, parts=parts, models=models)
    return JsonResponse({"status": "ok", "parts": parts, "models": models})


def readiness() -> Iterator[GaugeMetricFamily]:
    """Yield what `/readyz` finds of each part, for Prometheus."""
    parts = GaugeMetricFamily("regimen_ready", "1: /readyz finds this part well.", labels=["part"])
    for name, outcome in found().items():
        parts.add_metric([name], float(outcome == "ok"))
    yield parts


def found() -> dict[str, str]:
    """Return what each part is like; what needs another one that is away is not asked."""
    parts: dict[str, str] = {}
    for name, check in CHECKS.items():
        needed = parts.get(NEEDS.get(name, ""), "ok")
        parts[name] = _outcome(check) if needed == "ok" else needed
    return parts


class NotReady(Exception):  # noqa: N818 - says what is missing
    """A part answered, and is not ready to serve."""


def _outcome(check: Callable[[], None]) -> str:
    try:
        check()
    except NotReady as reason:
        return str(reason)
    except (DatabaseFailure, RedisError) as error:
        return type(error).__name__
    return "ok"


def _database() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def _migrations() -> None:
    executor = MigrationExecutor(connection)
    if missing := executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise NotReady(f"{len(missing)} to apply")


def _disk() -> None:
    """Have the database write a temporary file: half a megabyte, no rows, no log."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL work_mem = '64kB'")
            cursor.execute("SELECT count(*) FROM generate_series(1, 20000)")
    except DatabaseFailure as error:
        if isinstance(error.__cause__, DiskFull):
            raise NotReady("no room on the database's disk") from None
        raise


def _time() -> None:
    """Compare this machine's clock with the database's: tokens are signed by the one, jobs are timed by the other."""
    before = time.time()
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float8")
        (theirs,) = cursor.fetchone()
    if (ahead := before - theirs) > MOST_SKEW:
        raise NotReady(f"{ahead:.0f} s ahead of the database")
    if (behind := theirs - time.time()) > MOST_SKEW:
        raise NotReady(f"{behind:.0f} s behind the database")


def _redis() -> None:
    get_redis_connection("default").ping()


def _alive(part: str) -> Callable[[], None]:
    def check() -> None:
        if not get_redis_connection("default").exists(BEAT_KEY.format(part)):
            raise NotReady("no sign of life")

    return check


CHECKS: dict[str, Callable[[], None]] = {
    "database": _database,
    "migrations": _migrations,
    "disk": _disk,
    "time": _time,
    "redis": _redis,
    "worker": _alive("worker"),
    "clock": _alive("clock"),
}
NEEDS = {"migrations": "database", "disk": "database", "time": "database", "worker": "redis", "clock": "redis"}


def _models() -> str:
    """Say which models are asked: a provider that failed too often rests for a while."""
    if not settings.AI_PROVIDERS:
        return "none"
    state: Callable[[str], str] = import_string(settings.MODEL_STATE)
    resting = [provider.name for provider in settings.AI_PROVIDERS if state(provider.name) == "open"]
    return f"resting: {', '.join(resting)}" if resting else "ok"
