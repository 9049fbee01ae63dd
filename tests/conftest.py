"""The cast and the stage that every test may use.

Invariant: PostgreSQL and Redis are real; only a model's place is taken, and by a real HTTP server.
"""

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone
from django_redis import get_redis_connection

from ai import services as ai_services
from ai.models import JobStatus, PlanJob
from config import cache_trust
from config.cache_trust import trust
from tests import factories
from users import auth
from users.models import Session, User

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

JSON = "application/json"


class Api:
    """A client of the API that sends JSON and, when somebody is signed in, their access token."""

    def __init__(self, user: User | None = None) -> None:
        self.user = user
        self.client = Client(raise_request_exception=False)
        self.headers: dict[str, str] = {}
        if user is not None:
            now = timezone.now()
            session = Session.objects.create(user=user, created_at=now, rotated_at=now)
            self.tokens = auth.issue(session, now=now)
            self.headers["Authorization"] = f"Bearer {self.tokens.access}"

    def get(self, path: str, **headers: str) -> "Answer":
        return self.request("GET", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> "Answer":
        return self.request("POST", path, body, **headers)

    def patch(self, path: str, body: Any, **headers: str) -> "Answer":
        return self.request("PATCH", path, body, **headers)

    def put(self, path: str, body: Any, **headers: str) -> "Answer":
        return self.request("PUT", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str) -> "Answer":
        return self.request("DELETE", path, body, **headers)

    def request(self, method: str, path: str, body: Any = None, **headers: str) -> "Answer":
        """Send a request; a header is named as an argument: `If_None_Match`."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        content_type = JSON if data or method != "GET" else ""
        return self.client.generic(method, path, data, content_type, headers={**self.headers, **named})


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Every test finds the release's catalogue in the database."""
    with django_db_blocker.unblock():
        call_command("load_catalogue", verbosity=0)


@pytest.fixture(scope="module")
def _catalogue_again(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    yield  # a module's end is after the flush of its last test
    with django_db_blocker.unblock():
        call_command("load_catalogue", verbosity=0)


@pytest.fixture
def fresh_db(_catalogue_again: None, transactional_db: None) -> None:
    """Commit what a test writes, and flush it afterwards; the catalogue goes with it until the module's end."""


@pytest.fixture(autouse=True)
def _empty_cache() -> Iterator[None]:
    yield
    get_redis_connection("default").flushdb()
    trust.forget()


@pytest.fixture
def steady_cache(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Return what a commit would do to the cache: a test's transaction never commits. Debts are looked at once."""
    monkeypatch.setattr(cache_trust, "LEASE", 3600)
    monkeypatch.setattr(cache_trust, "LOOK", 3600)

    def commit() -> None:
        get_redis_connection("default").flushdb()
        trust.forget()
        trust.believes()

    return commit


@pytest.fixture
def anonymous(db: None) -> Api:
    return Api()


@pytest.fixture
def owner(db: None) -> User:
    """Whose things the tests are about."""
    return factories.user(email="owner@example.org", name="Olga Owner")


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody with an account of their own, and no business with the owner's things."""
    return factories.user(email="stranger@example.org", name="Sam Stranger")


@pytest.fixture
def staff(db: None) -> User:
    return factories.user(email="staff@example.org", name="Staff", is_staff=True, is_superuser=True)


@pytest.fixture
def as_owner(owner: User) -> Api:
    return Api(owner)


@pytest.fixture
def as_stranger(stranger: User) -> Api:
    return Api(stranger)


@pytest.fixture
def as_staff(staff: User) -> Client:
    """A browser that is signed in to the admin."""
    client = Client()
    client.force_login(staff)
    return client


@pytest.fixture
def run_jobs(db: None) -> Callable[[], int]:
    """Do what a worker would do with every queued job; return how many there were."""

    def run() -> int:
        waiting = list(PlanJob.objects.filter(status=JobStatus.QUEUED).values_list("pk", flat=True))
        for job_id in waiting:
            ai_services.fulfil(job_id)
        return len(waiting)

    return run
