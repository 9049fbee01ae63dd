"""The doctor: nothing to say of a healthy installation, and for every illness the right word and a remedy.

Invariant: every test plants one illness; what else is found stays as it was.
"""

import importlib.metadata
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from config import embedded_redis, health
from config.embedded_process import Child, free_port
from config.embedded_programs import Account, Place
from config.providers import ProviderSettings
from tests.config.test_settings import GOOD
from workers.management.operations import doctor, floors

ROOT = Path(__file__).resolve().parents[2]
LOCKS = ["config/requirements.lock", "config/requirements-dev.lock"]


@pytest.fixture(autouse=True)
def _alive(db: None) -> None:
    health.beat("worker")
    health.beat("clock")


def wrong() -> dict[str, str]:
    """Return what is wrong: each part with what was found; every one comes with a remedy."""
    return {each.part: each.found for each in doctor.examine() if each.advice}


@pytest.fixture
def start_redis(tmp_path: Path) -> Iterator[Callable[..., str]]:
    """Start a Redis without any file of settings; the values are its options."""
    account, children = Account.for_servers(), list[Child]()
    tmp_path.chmod(0o755)
    program = embedded_redis.find(Place(data=tmp_path, copies=tmp_path, account=account)).path

    def start(**options: str) -> str:
        port = free_port()
        given = [word for name, value in options.items() for word in (f"--{name.replace('_', '-')}", value)]
        folder = account.make_folder(tmp_path / str(port))
        child = Child(program, "--port", str(port), "--dir", folder, *given, log=tmp_path / f"{port}.log", cwd="/")
        children.append(child)
        assert child.becomes(lambda: "eady to accept" in child.tail()), child.tail()
        return f"redis://127.0.0.1:{port}/0"

    yield start
    for child in children:
        child.stop()


def test_a_healthy_installation_has_nothing_to_mend() -> None:
    found = list(doctor.examine())

    assert [each for each in found if each.advice] == []
    examined = {"Python", "packages", "PostgreSQL", "BROKER_URL", "worker", "clock", "clocks", "disk", "bcrypt"}
    assert {each.part for each in found} >= examined | {"settings", "migrations", "documents", "Redis persistence"}


def test_a_worker_that_gives_no_sign_of_life_is_missed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "BEAT_KEY", "nobody:{}")

    assert wrong() == {"worker": "no sign of life", "clock": "no sign of life"}


def test_a_migration_that_was_not_applied_is_named() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM django_migrations WHERE app = 'ai'")
        cursor.execute("DELETE FROM django_migrations WHERE id = %s", cursor.fetchone())

    assert wrong() == {"migrations": "1 to apply"}


def test_a_clock_that_is_off_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    fast = SimpleNamespace(time=lambda: time.time() + 5, perf_counter=time.perf_counter)
    monkeypatch.setattr(doctor, "time", fast)

    assert list(wrong()) == ["clocks"]


def test_a_disk_that_is_nearly_full_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=10 * 2**20, total=100 * 2**30))

    assert list(wrong()) == ["disk"]


def test_a_database_without_room_on_its_disk_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    def full() -> None:
        raise health.NotReady("no room on the database's disk")

    monkeypatch.setitem(health.CHECKS, "disk", full)

    assert wrong() == {"PostgreSQL's disk": "no room on the database's disk"}


def test_a_package_below_its_floor_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    version = importlib.metadata.version
    monkeypatch.setattr(importlib.metadata, "version", lambda name: "2.9.0" if name == "pyjwt" else version(name))

    assert wrong() == {"pyjwt": "2.9.0 is older than 2.15"}


def test_cheap_passwords_and_one_redis_for_all_are_wrong_in_production(settings: Any) -> None:
    settings.PRODUCTION = True

    assert {"bcrypt", "Redis persistence", "settings"} <= wrong().keys()


def test_a_redis_that_is_away_is_named_and_the_rest_examined_all_the_same(settings: Any) -> None:
    settings.BROKER_URL = f"redis://127.0.0.1:{free_port()}/0"

    assert wrong() == {"BROKER_URL": "ConnectionError"}
    assert "documents" in {each.part for each in doctor.examine()}


@pytest.mark.parametrize(
    ("cache", "expected"),
    [
        ({"save": "", "appendonly": "no", "maxmemory_policy": "allkeys-lru"}, {}),
        ({"save": "", "appendonly": "yes", "maxmemory_policy": "allkeys-lru"}, {"cache's Redis": "persists"}),
        ({"save": "60 1", "appendonly": "no", "maxmemory_policy": "allkeys-lru"}, {"cache's Redis": "persists"}),
        ({"save": "", "appendonly": "no", "maxmemory_policy": "noeviction"}, {"cache's Redis": "noeviction"}),
    ],
    ids=["good", "append-only file", "snapshots", "never forgets"],
)
def test_the_caches_redis_must_not_persist_and_must_forget(
    start_redis: Callable[..., str], settings: Any, cache: dict[str, str], expected: dict[str, str]
) -> None:
    settings.CACHE_URL = start_redis(**cache)

    assert wrong() == expected


def test_the_brokers_redis_must_not_forget(start_redis: Callable[..., str], settings: Any) -> None:
    settings.BROKER_URL = start_redis(save="", appendonly="yes", maxmemory_policy="allkeys-lru")
    settings.CACHE_URL = start_redis(save="", appendonly="no", maxmemory_policy="allkeys-lru")

    assert wrong() == {"broker's Redis": "allkeys-lru"}


def test_a_mail_server_that_is_away_and_letters_that_only_a_log_gets_are_told(settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", free_port()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    away = wrong()

    settings.EMAIL_BACKEND, settings.PRODUCTION = "django.core.mail.backends.console.EmailBackend", True
    nobody = wrong()

    assert away == {"letters": f"127.0.0.1:{settings.EMAIL_PORT}: ConnectionRefusedError"}
    assert nobody["letters"] == "into the worker's log"


def test_a_model_without_its_key_is_told_and_one_beside_us_needs_none(settings: Any) -> None:
    near = ProviderSettings(name="near", adapter="openai_compatible", model="m", base_url="http://127.0.0.1:1/v1")
    settings.AI_PROVIDERS = [near, replace(near, name="far", base_url="https://api.example.com/v1")]

    assert wrong() == {"models": "far has no key"}


def test_the_limits_own_redis_is_examined_too(settings: Any) -> None:
    settings.LIMITS_URL = f"redis://127.0.0.1:{free_port()}/0"

    assert wrong() == {"LIMITS_URL": "ConnectionError"}


def test_settings_that_are_missing_are_said_in_words_before_anything_else() -> None:
    bare = {name: value for name, value in GOOD.items() if name != "SECRET_KEY"}
    command = [sys.executable, "manage.py", "doctor"]

    done = subprocess.run(command, cwd=ROOT, env=bare, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "SECRET_KEY needs at least 50 random characters" in done.stderr
    assert ".env.example" in done.stderr


def test_documents_without_their_driver_are_told(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DOCUMENT_STORE = "mongodb"
    find = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "pymongo" else find(name))

    assert wrong() == {"documents": "pymongo is not installed"}


def test_the_command_is_content_with_a_healthy_installation(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("doctor")

    assert capsys.readouterr().out.endswith("all is well\n")


def test_with_every_server_down_the_command_still_examines_everything_and_ends_with_status_1() -> None:
    nowhere = {
        "DATABASE_URL": f"postgresql://nobody:pw@127.0.0.1:{free_port()}/nothing",
        "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
    }
    command = [sys.executable, "manage.py", "doctor"]

    done = subprocess.run(command, cwd=ROOT, env={**GOOD, **nowhere}, capture_output=True, text=True, check=False)

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    parts = ["PostgreSQL", "BROKER_URL", "CACHE_URL", "CHANNELS_URL", "migrations", "worker", "clock", "clocks"]
    assert [part for part in parts if not re.search(rf"^WRONG  {part} ", done.stdout, re.MULTILINE)] == []
    assert re.search(r"^ok     bcrypt ", done.stdout, re.MULTILINE)
    assert done.stdout.count("→") == done.stdout.count("WRONG")


@pytest.mark.parametrize("lock", LOCKS)
@pytest.mark.parametrize("name", floors.FLOORS)
def test_the_lock_files_are_above_every_floor(lock: str, name: str) -> None:
    [locked] = re.findall(rf"^{name}==([\d.]+)", (ROOT / lock).read_text(), re.MULTILINE)

    assert floors.number(locked) >= floors.number(floors.FLOORS[name][0])
