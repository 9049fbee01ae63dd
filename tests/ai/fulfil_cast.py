"""What the tests of whole jobs share: models that are configured for a while, and a job that is done on the spot.

Invariant: a model is a real server on loopback; nothing of the product is replaced.
"""

import datetime as dt
import itertools
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.test import override_settings

from ai import services
from ai.models import PlanJob
from config.providers import ProviderSettings
from tests import factories
from tests.ai.model_server import Behaviour, ModelServer
from users.models import User

_numbers = itertools.count(1)


def provider(url: str, **fields: Any) -> ProviderSettings:
    values = {"name": f"p{next(_numbers)}", "adapter": "openai_compatible", "model": "test-model", **fields}
    return ProviderSettings(base_url=url, **values)


@contextmanager
def model(behaviour: Behaviour, seconds: float = 1.0, **fields: Any) -> Iterator[ModelServer]:
    """Configure a model that behaves so, and so much time for it."""
    with ModelServer(behaviour) as server, configured(provider(server.url, **fields), seconds=seconds):
        yield server


@contextmanager
def configured(*providers: ProviderSettings, seconds: float = 1.0) -> Iterator[None]:
    with override_settings(AI_PROVIDERS=providers, AI_DEADLINE=dt.timedelta(seconds=seconds)):
        yield


def fulfil(owner: User, **fields: Any) -> PlanJob:
    job = factories.job(owner, **fields)
    services.fulfil(job.pk)
    job.refresh_from_db()
    return job
