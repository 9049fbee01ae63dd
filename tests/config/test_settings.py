"""The settings as a process meets them that starts with an environment and nothing else.

Invariant: each start is a real one, in a process of its own, that inherits nothing of ours.
"""

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from ninja_jwt.settings import NinjaJWTSettings

ROOT = Path(__file__).resolve().parents[2]
SETTINGS = ast.parse((ROOT / "config" / "settings.py").read_text())
COMPOSE = (ROOT / "docker-compose.yml").read_text()
READERS = {"env", "env_list", "secret", "required"}
NO_DEFAULTS = {"secret", "required"}
SECRET_NAME = re.compile(r"_(KEY|PASSWORD|TOKEN)$")

GOOD = {
    "ENVIRONMENT": "production",
    "SECRET_KEY": "k0fH-2mW9_xQ7rTz4LbV8nYc1JdPgS5aEuKi3oXw6MhGtRqBv-ZsNyCjDf",
    "JWT_SIGNING_KEY": "Zp8_sLx3-QvN1tYb6HgRw4KcMj9uFd2XeAo7TiVn5BkWr0GyUqEhJmSzPf",
    "DATABASE_URL": "postgresql://regimen:pw@db.example:5432/regimen",
    "REDIS_URL": "redis://:pw@redis.example:6379/0",
    "ALLOWED_HOSTS": "api.example.com",
    "PYTHON_DOTENV_DISABLED": "1",
}


def start(code: str = "", /, **changes: str | None) -> subprocess.CompletedProcess[str]:
    """Load the settings with the good environment, changed (None: without), then run `code`."""
    environment = {name: value for name, value in {**GOOD, **changes}.items() if value is not None}
    command = [sys.executable, "-c", f"from config import settings\n{code}"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def answer(code: str, /, **changes: str | None) -> object:
    """Return the JSON that `code` prints in a start that must succeed."""
    started = start(f"import json\n{code}", **changes)
    assert started.returncode == 0, started.stderr
    return json.loads(started.stdout)


def readings(readers: set[str] = READERS) -> list[tuple[str, ast.Call]]:
    """Return each name that the settings read from the environment by one of `readers`, and the call that does."""
    calls = (node for node in ast.walk(SETTINGS) if isinstance(node, ast.Call) and node.args)
    named = ((call.args[0], call) for call in calls if isinstance(call.func, ast.Name) and call.func.id in readers)
    return [(str(name.value), call) for name, call in named if isinstance(name, ast.Constant)]


def example() -> list[tuple[str, str, str]]:
    """Return name, value and the comment above of every setting in the example."""
    lines = ["", *(ROOT / ".env.example").read_text().splitlines()]
    settings_at = [number for number, line in enumerate(lines) if line and not line.startswith("#")]
    return [(*lines[number].split("=", 1), lines[number - 1]) for number in settings_at]  # type: ignore[misc]


def with_default(calls: list[tuple[str, ast.Call]]) -> list[str]:
    return [name for name, call in calls if len(call.args) + len(call.keywords) > 1]


def test_production_starts_with_good_secrets() -> None:
    started = start()

    assert started.returncode == 0, started.stderr


def test_without_a_word_about_the_environment_it_is_production() -> None:
    assert answer("print(json.dumps(settings.PRODUCTION))", ENVIRONMENT=None) is True


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SIGNING_KEY", "DATABASE_URL", "REDIS_URL"])
@pytest.mark.parametrize("value", [None, ""], ids=["missing", "empty"])
def test_production_refuses_to_start_without_what_it_needs(name: str, value: str | None) -> None:
    started = start(**{name: value})

    assert started.returncode != 0
    assert re.search(rf"ImproperlyConfigured: {name} ", started.stderr)


@pytest.mark.parametrize("name", ["SECRET_KEY", "JWT_SIGNING_KEY"])
@pytest.mark.parametrize("value", ["change-me", GOOD["SECRET_KEY"][:31], "a" * 64, "secret" * 12])
def test_production_refuses_to_start_with_a_weak_secret(name: str, value: str) -> None:
    started = start(**{name: value})

    assert started.returncode != 0
    assert re.search(rf"ImproperlyConfigured: {name} needs at least", started.stderr)
    assert value not in started.stderr


def test_production_refuses_one_key_for_two_purposes() -> None:
    started = start(JWT_SIGNING_KEY=GOOD["SECRET_KEY"])

    assert "ImproperlyConfigured: JWT_SIGNING_KEY must differ from SECRET_KEY" in started.stderr


def test_a_mistyped_environment_is_not_taken_for_development() -> None:
    started = start(ENVIRONMENT="prod")

    assert "ImproperlyConfigured: ENVIRONMENT is one of" in started.stderr


def test_production_has_no_demo_logins_even_when_they_are_set() -> None:
    code = "print(json.dumps([settings.DEMO_EMAIL, settings.DEMO_PASSWORD, settings.STAFF_PASSWORD]))"
    demo = {"DEMO_EMAIL": "demo@example.com", "DEMO_PASSWORD": "known", "REGIMEN_STAFF_PASSWORD": "known"}

    assert answer(code, **demo) == ["", "", ""]
    assert answer(code, ENVIRONMENT="development", **demo) == ["demo@example.com", "known", "known"]


def test_production_passes_djangos_own_deployment_checks() -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]

    checked = subprocess.run(command, cwd=ROOT, env=GOOD, capture_output=True, text=True, check=False)

    assert checked.returncode == 0, checked.stderr


def test_the_environment_cannot_change_how_tokens_are_checked() -> None:
    hostile = {"ALGORITHM": "none", "SIGNING_KEY": "x", "LEEWAY": "999999", "ISSUER": "evil", "AUDIENCE": "evil"}
    code = """
import os; os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django; django.setup()
from ninja_jwt.settings import api_settings as jwt
print(json.dumps([jwt.ALGORITHM, jwt.SIGNING_KEY == settings.JWT_SIGNING_KEY, jwt.LEEWAY, jwt.ISSUER, jwt.AUDIENCE]))
"""

    assert answer(code, **hostile) == ["HS256", True, 5, "regimen", "regimen"]


def test_every_setting_of_ninja_jwt_is_given_and_so_none_comes_from_the_environment() -> None:
    known = {field.alias or name for name, field in NinjaJWTSettings.model_fields.items()}

    assert set(settings.NINJA_JWT) >= known


def test_every_client_of_redis_says_how_long_it_waits() -> None:
    """redis-py 8 gives up after 5 s where nobody says otherwise, and with it every idle socket."""
    code = """
cache = settings.CACHES["default"]["OPTIONS"]
host = settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]
print(json.dumps([cache["SOCKET_TIMEOUT"], cache["SOCKET_CONNECT_TIMEOUT"], host["socket_timeout"]]))
"""

    assert answer(code) == [0.2, 0.2, 15]


def test_what_production_needs_has_no_default() -> None:
    needed = readings(NO_DEFAULTS)

    assert {name for name, _ in needed} == {"SECRET_KEY", "JWT_SIGNING_KEY", "DATABASE_URL", "REDIS_URL"}
    assert with_default(needed) == []


def test_no_password_key_or_token_has_a_default() -> None:
    secrets = [(name, call) for name, call in readings() if SECRET_NAME.search(name)]

    assert {"SECRET_KEY", "DEMO_PASSWORD", "METRICS_TOKEN"} <= {name for name, _ in secrets}
    assert with_default(secrets) == []


def test_the_settings_read_the_environment_in_one_place_only() -> None:
    attributes = [node.attr for node in ast.walk(SETTINGS) if isinstance(node, ast.Attribute)]

    assert attributes.count("environ") == 1
    assert "getenv" not in attributes


def test_the_example_names_every_setting_once_and_nothing_else() -> None:
    in_compose = re.findall(r"\$\{(\w+)", COMPOSE)
    in_settings = [name for name, _ in readings()]

    assert sorted(name for name, _, _ in example()) == sorted({*in_settings, *in_compose})


def test_the_example_says_what_each_setting_is_for() -> None:
    assert [name for name, _, comment in example() if not re.match(r"# \w", comment)] == []


def test_the_example_holds_no_value_that_somebody_could_leave_in() -> None:
    assert [name for name, value, _ in example() if value] == []
