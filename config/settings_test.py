"""Settings of the tests: the product's own, on a real PostgreSQL and Redis that are thrown away afterwards.

Invariant: importing this module is enough, for plain `pytest` too; whoever inherits its environment, as the workers of
xdist do, starts no further servers.
"""

import atexit
import contextlib
import os
import secrets

from django.contrib.auth.hashers import BCryptSHA256PasswordHasher

from config.embedded import Servers

if not (os.environ.get("DATABASE_URL") and os.environ.get("REDIS_URL")):
    _servers = contextlib.ExitStack()
    atexit.register(_servers.close)
    os.environ.update(_servers.enter_context(Servers(throwaway=True)).environment)

os.environ.update(
    ENVIRONMENT="test",
    SECRET_KEY=secrets.token_urlsafe(48),
    JWT_SIGNING_KEY=secrets.token_urlsafe(48),
    PYTHON_DOTENV_DISABLED="1",  # a developer's .env must not decide what the tests find
    AI_PROVIDERS="",
    ALLOWED_HOSTS="",
    DEMO_EMAIL="",
    DEMO_PASSWORD="",
)

from config.settings import *  # noqa: E402, F403


class QuickBCryptHasher(BCryptSHA256PasswordHasher):
    """The product's own hasher at bcrypt's least cost: a hundred times faster, otherwise the same code."""

    rounds = 4


PASSWORD_HASHERS = ["config.settings_test.QuickBCryptHasher"]

# Each worker of xdist has Redis databases of its own, as it has a PostgreSQL database of its own.
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % 2
BROKER_URL, CACHE_URL, CHANNELS_URL = (redis_database(3 * _worker + offset) for offset in range(3))  # noqa: F405
CACHES["default"]["LOCATION"] = CACHE_URL  # noqa: F405
CHANNEL_LAYERS["default"]["CONFIG"]["hosts"][0]["address"] = CHANNELS_URL  # noqa: F405
CHANNEL_LAYERS["default"]["CONFIG"]["prefix"] = f"regimen{_worker}"  # noqa: F405

# A test may sit in a transaction for longer than a request ever would.
DATABASES["default"]["OPTIONS"]["options"] = "-c statement_timeout=60000 -c lock_timeout=30000"  # noqa: F405
