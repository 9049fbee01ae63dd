"""Whom and what the tests of the AI layer share: somebody who said yes, scripted providers, stores of documents.

Invariant: a fixture is here when tests of more than one module ask for it.
"""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest

from ai import consult, providers
from ai.documents.port import Store
from ai.documents.postgres import PostgresStore
from tests.ai import document_server
from tests.ai.consents import agree
from tests.ai.consult_cast import Cast
from tests.ai.document_cast import close_client
from users.models import Consent, User


@pytest.fixture
def consent(owner: User) -> Consent:
    """The owner's yes to models."""
    return agree(owner)


@pytest.fixture
def person(owner: User, consent: Consent) -> User:
    """Somebody who said yes to models."""
    return owner


@pytest.fixture
def models(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Cast:
    cast = Cast(settings)
    monkeypatch.setattr(providers, "build", cast.build)
    monkeypatch.setattr(consult, "PAUSE_SECONDS", 0.01)
    return cast


@pytest.fixture(scope="module")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with document_server.any_url(tmp_path_factory.mktemp("mongo")) as url:
        yield url
        from ai.documents import mongo  # noqa: PLC0415 - needs pymongo

        database = mongo.client(url).get_default_database()
        database.client.drop_database(database.name)
        close_client(url)


@pytest.fixture
def in_mongo(settings: Any, mongo_url: str, owner: User) -> Store:
    """The product with DOCUMENT_STORE=mongodb; returns the store."""
    from ai.documents import mongo  # noqa: PLC0415 - needs pymongo

    settings.DOCUMENT_STORE, settings.MONGODB_URL = "mongodb", mongo_url
    store = mongo.MongoStore()
    store.prune(dt.datetime(9999, 1, 1, tzinfo=dt.UTC))
    return store


@pytest.fixture(params=["postgresql", "mongodb"])
def store(request: pytest.FixtureRequest, owner: User, stranger: User) -> Store:
    return PostgresStore() if request.param == "postgresql" else request.getfixturevalue("in_mongo")
