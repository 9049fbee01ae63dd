"""An examination of an installation: each part, what was found, and what to do where it is wrong.

Invariant: it changes nothing, and one part that cannot be examined keeps no other from it.
"""

import importlib.metadata
import importlib.util
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from smtplib import SMTPException
from typing import Any

import bcrypt
import dramatiq
import redis
from django.conf import settings
from django.contrib.auth.hashers import get_hasher
from django.core import checks, mail
from django.db import Error as DatabaseFailure
from django.db import connection
from redis.exceptions import RedisError

from ai import documents
from config import broker, health
from workers.management.operations import floors

OLDEST_PYTHON, OLDEST_POSTGRES, OLDEST_REDIS = (3, 11), 14, (6, 0)
CLOCK_SECONDS = 1.0  # by which machine and database may differ
FREE_BYTES, FREE_SHARE = 2**30, 0.05
BCRYPT_ROUNDS = 10  # at least (OWASP, Password Storage Cheat Sheet)
REDIS_URLS = ("BROKER_URL", "CACHE_URL", "CHANNELS_URL", "LIMITS_URL")
MAIL_SECONDS = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found of a part; `advice` says what to do, and is empty when all is well."""

    part: str
    found: str
    advice: str = ""


def examine() -> Iterator[Finding]:
    """Yield what every check finds."""
    for check in CHECKS:
        try:
            yield from check()
        except (DatabaseFailure, RedisError, OSError) as error:
            part = check.__name__.removeprefix("_").replace("_", " ")
            yield Finding(part, type(error).__name__, "it did not answer: see the connections")


def _settings() -> Iterator[Finding]:
    found = checks.run_checks(include_deployment_checks=settings.PRODUCTION)
    serious = [each for each in found if each.level >= checks.WARNING and not each.is_silenced()]
    for each in serious:
        yield Finding("settings", f"{each.id}: {each.msg}", each.hint or "see .env.example")
    if settings.PRODUCTION and not settings.METRICS_TOKEN:
        yield Finding("settings", "METRICS_TOKEN is empty", "nobody can read /metrics: set it, here and in Prometheus")
    if settings.PRODUCTION and not settings.PUBLIC_URL.startswith("https://"):
        yield Finding("settings", f"PUBLIC_URL is {settings.PUBLIC_URL}", "letters would link to it: use https://")
    if not serious:
        yield Finding("settings", f"{settings.ENVIRONMENT}: Django finds nothing wrong")


def _versions() -> Iterator[Finding]:
    yield _at_least("Python", tuple(sys.version_info[:3]), OLDEST_PYTHON)
    too_old = [
        Finding(name, f"{installed} is older than {floor}", f"install the lock file again: {why}")
        for name, (floor, why) in floors.FLOORS.items()
        if floors.number(installed := importlib.metadata.version(name)) < floors.number(floor)
    ]
    yield from too_old or [Finding("packages", f"{len(floors.FLOORS)} floors are kept")]


def _database() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('server_version_num')::int / 10000, current_setting('fsync')")
            major, fsync = cursor.fetchone()
    except DatabaseFailure as error:
        advice = "is PostgreSQL up, and DATABASE_URL right? Everything below that needs it fails too"
        yield Finding("PostgreSQL", type(error).__name__, advice)
        return
    yield _at_least("PostgreSQL", (major,), (OLDEST_POSTGRES,))
    if settings.PRODUCTION and fsync != "on":
        yield Finding("PostgreSQL", "fsync is off", "a power failure would lose the database: switch fsync on")


def _parts() -> Iterator[Finding]:
    """Say what readiness says of what runs."""
    for check, (part, advice) in ALIVE.items():
        try:
            health.CHECKS[check]()
        except health.NotReady as reason:
            yield Finding(part, str(reason), advice)
        except (DatabaseFailure, RedisError) as error:
            yield Finding(part, type(error).__name__, "it cannot be told while that is away")
        else:
            yield Finding(part, "ok")


def _clocks() -> Iterator[Finding]:
    with connection.cursor() as cursor:
        before = time.time()
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())")
        theirs = float(cursor.fetchone()[0])
        middle = (before + time.time()) / 2
    apart = abs(theirs - middle)
    advice = "" if apart <= CLOCK_SECONDS else "tokens and letters expire by this clock: let chrony or NTP set both"
    yield Finding("clocks", f"{apart:.3f} s between machine and database", advice)


def _disk() -> Iterator[Finding]:
    usage = shutil.disk_usage(settings.BASE_DIR)
    short = usage.free < min(FREE_BYTES, FREE_SHARE * usage.total)
    yield Finding("disk", f"{usage.free / 2**30:.1f} GiB free", "make room: logs and backups first" if short else "")
    shared = Path("/dev/shm")  # noqa: S108 - where Dramatiq's processes share what they have in common
    if sys.platform == "linux" and not shared.is_dir():
        yield Finding("disk", f"{shared} is not there", "Dramatiq's workers need it: mount a tmpfs there")


def _bcrypt() -> Iterator[Finding]:
    hasher = get_hasher("default")
    rounds = int(getattr(hasher, "rounds", 0))
    started = time.perf_counter()
    bcrypt.hashpw(b"a password", bcrypt.gensalt(max(rounds, 4)))
    milliseconds = (time.perf_counter() - started) * 1000
    weak = settings.PRODUCTION and rounds < BCRYPT_ROUNDS
    advice = "new passwords are too cheap to guess: use Django's own BCryptSHA256PasswordHasher" if weak else ""
    yield Finding("bcrypt", f"{hasher.algorithm}, 2^{rounds} rounds, {milliseconds:.0f} ms a password", advice)


def _rabbitmq() -> Iterator[Finding]:
    if not broker.is_rabbitmq():
        return
    from config import rabbit  # noqa: PLC0415 - its package is an extra

    try:
        rabbit.reach(settings.BROKER_URL)
    except dramatiq.errors.BrokerConnectionError as error:
        yield Finding("BROKER_URL", str(error), "is RabbitMQ up, and BROKER_URL right?")
    else:
        yield Finding("BROKER_URL", "RabbitMQ lets us in")


def _redis() -> Iterator[Finding]:
    servers = {}
    names = REDIS_URLS[1:] if broker.is_rabbitmq() else REDIS_URLS
    for name in filter(lambda each: getattr(settings, each), names):
        try:
            servers[name] = _info(getattr(settings, name))
        except RedisError as error:
            yield Finding(name, type(error).__name__, f"is it up, and {name} right?")
            continue
        version = floors.number(servers[name]["redis_version"])
        yield _at_least(name, version[:2], OLDEST_REDIS)
    messages = "CHANNELS_URL" if broker.is_rabbitmq() else "BROKER_URL"
    if {messages, "CACHE_URL"} <= servers.keys():
        yield from _keeping(servers[messages], servers["CACHE_URL"])


def _keeping(messenger: dict[str, Any], cache: dict[str, Any]) -> Iterator[Finding]:
    """Judge what each of the two Redis keeps: the cache's nothing, so that what is erased is gone."""
    if messenger["run_id"] == cache["run_id"]:
        advice = "give CACHE_URL a Redis of its own, without persistence" if settings.PRODUCTION else ""
        yield Finding("Redis persistence", "one Redis for messages and cache", advice)
        return
    kept = bool(cache["aof_enabled"]) or cache["saves"]
    advice = "it would write answers about people to disk: start it with --save '' --appendonly no"
    yield Finding("cache's Redis", "persists" if kept else "keeps nothing on disk", advice if kept else "")
    evicts = cache["maxmemory_policy"] != "noeviction"
    advice = "it fails when it is full: set maxmemory and maxmemory-policy allkeys-lru"
    yield Finding("cache's Redis", cache["maxmemory_policy"], "" if evicts else advice)
    safe = messenger["maxmemory_policy"] == "noeviction"
    advice = "it drops messages when it is full: set maxmemory-policy noeviction"
    yield Finding("broker's Redis", messenger["maxmemory_policy"], "" if safe else advice)


def _info(url: str) -> dict[str, Any]:
    """Return what a Redis says of itself; `saves`: whether it writes snapshots, which a managed one does not tell."""
    with redis.Redis.from_url(url, socket_timeout=2, socket_connect_timeout=2) as client:
        info: dict[str, Any] = dict(client.info())
        try:
            saves = client.config_get("save")
        except redis.ResponseError:
            saves = {}
        return info | {"saves": any(saves.values())}


def _letters() -> Iterator[Finding]:
    """Greet the mail server, which sends nothing."""
    if "console" in settings.EMAIL_BACKEND:
        advice = "nobody gets a letter: set EMAIL_URL" if settings.PRODUCTION else ""
        yield Finding("letters", "into the worker's log", advice)
        return
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    try:
        with mail.get_connection(timeout=MAIL_SECONDS):
            yield Finding("letters", f"by {where}")
    except (SMTPException, OSError) as error:
        advice = "letters wait for two hours: is the mail server up, and EMAIL_URL right?"
        yield Finding("letters", f"{where}: {type(error).__name__}", advice)


def _models() -> Iterator[Finding]:
    """Name who may be asked; whether they answer costs money to find out, and the admin's AI calls tell."""
    named = ", ".join(f"{one.name} ({one.model})" for one in settings.AI_PROVIDERS)
    yield Finding("models", named or "none: the planner makes every plan")
    for one in settings.AI_PROVIDERS:
        if one.base_url.startswith("https://") and not one.api_key:
            yield Finding("models", f"{one.name} has no key", "name the variable that holds it as `api_key_env`")


def _documents() -> Iterator[Finding]:
    if settings.DOCUMENT_STORE != "mongodb":
        yield Finding("documents", f"in PostgreSQL, for {settings.DOCUMENT_DAYS} days")
    elif importlib.util.find_spec("pymongo") is None:
        yield Finding("documents", "pymongo is not installed", "install the extra `mongo`")
    else:
        try:
            documents.find(0)
        except documents.StoreDown as error:
            advice = "documents wait in PostgreSQL meanwhile: is it up, and MONGODB_URL right?"
            yield Finding("documents", f"MongoDB: {error}", advice)
        else:
            yield Finding("documents", f"in MongoDB, for {settings.DOCUMENT_DAYS} days")


def _at_least(part: str, found: tuple[int, ...], oldest: tuple[int, ...]) -> Finding:
    advice = "" if found >= oldest else f"it is too old: {'.'.join(map(str, oldest))} or newer is needed"
    return Finding(part, ".".join(map(str, found)), advice)


ALIVE = {
    "migrations": ("migrations", "run `manage.py migrate`"),
    "disk": ("PostgreSQL's disk", "writes are refused: docs/operating/alerts.md#databasediskfull"),
    "worker": ("worker", "start one: `python -m dramatiq workers.boot`; if it runs, look at its log"),
    "clock": ("clock", "start one: `manage.py clock`; without it nothing is sent again and nothing ends"),
}
CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    _settings,
    _versions,
    _database,
    _rabbitmq,
    _redis,
    _parts,
    _clocks,
    _disk,
    _bcrypt,
    _letters,
    _models,
    _documents,
)
