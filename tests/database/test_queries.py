"""How many queries every endpoint makes: a number that does not grow with what is stored.

Invariant: an endpoint without an entry here, or with another count, fails.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ai import services as jobs
from ai.models import JobStatus, PlanJob
from config.api import api
from tests.conftest import Api
from tests.factories import MONDAY, PASSWORD, REGISTRATION, job
from users import letters, sessions
from users.models import Export, Letter, LetterKind, User
from workouts.models import PerformedSet, WorkoutPlan

NOW = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
JOB, QUEUED, EXPORT = uuid.UUID(int=1), uuid.UUID(int=2), uuid.UUID(int=3)
VERIFY, RESET = uuid.UUID(int=4), uuid.UUID(int=5)
RANGE = "from=2026-03-02&to=2026-03-15"
SAVEPOINTS = ("SAVEPOINT", "RELEASE", "ROLLBACK")  # a test's transaction has them where a request has BEGIN and COMMIT

QUERIES: Mapping[str, int] = {
    "POST /register": 7,
    "POST /login": 5,
    "POST /token/refresh": 2,
    "POST /logout": 7,
    "GET /profile": 3,
    "PATCH /profile": 7,
    "PUT /profile": 7,
    "DELETE /profile": 113,
    "GET /consents": 2,
    "GET /profile/targets": 2,
    "GET /today": 5,
    "POST /ws-ticket": 1,
    "GET /events": 2,
    "GET /sessions": 2,
    "DELETE /sessions/{session_id}": 6,
    "POST /logout-all": 7,
    "POST /email/verify": 1,
    "POST /email/verify/confirm": 6,
    "POST /email/change": 3,
    "POST /password/reset": 1,
    "POST /password/reset/confirm": 14,
    "POST /password/change": 11,
    "POST /profile/export": 5,
    "GET /profile/export/{export_id}": 2,
    "GET /profile/export/{export_id}/file": 3,
    "GET /meal-plan": 2,
    "GET /meal-plans": 2,
    "POST /meal-plan/swap": 14,
    "POST /meal-plan/lock": 13,
    "GET /meal-plans/versions": 2,
    "POST /meal-plans/versions/restore": 14,
    "GET /shopping-list": 4,
    "GET /foods": 2,
    "GET /recipes": 3,
    "GET /workout-plan": 2,
    "GET /workout-plans": 2,
    "POST /workout-plan/swap": 19,
    "POST /workout-plan/lock": 18,
    "POST /progress/sets": 6,
    "GET /exercises": 2,
    "POST /progress": 5,
    "GET /progress": 2,
    "GET /progress/summary": 2,
    "DELETE /progress/{date}": 4,
    "POST /generate-plan": 7,
    "GET /jobs": 2,
    "GET /jobs/{job_id}": 2,
    "DELETE /jobs/{job_id}": 8,
    "GET /jobs/{job_id}/explanation": 2,
}


@pytest.fixture(params=[2, 9], ids=["two of everything", "nine of everything"])
def stored(request: pytest.FixtureRequest, owner: User, steady_cache: Callable[[], None]) -> Callable[[], None]:
    """Give the owner so many plans, versions, logs, sets, jobs, sessions and events."""
    count = int(request.param)
    asked, _ = jobs.request_plan(
        user=owner,
        params={"kind": "both", "start_date": MONDAY, "days": count},
        seed=7,
        idempotency_key=None,
    )
    jobs.fulfil(asked.pk)
    PlanJob.objects.filter(pk=asked.pk).update(id=JOB)
    job(owner, id=QUEUED, start_date=MONDAY + dt.timedelta(days=60))
    Export.objects.create(
        id=EXPORT,
        user=owner,
        created_at=NOW,
        run_after=NOW,
        finished_at=timezone.now(),
        expires_at=timezone.now() + dt.timedelta(days=1),
        document=b"PK",
    )
    for letter_id, kind in ((VERIFY, LetterKind.VERIFY_EMAIL), (RESET, LetterKind.RESET_PASSWORD)):
        _letter(owner, letter_id, kind)
    for number in range(count):
        day = MONDAY + dt.timedelta(days=number)
        sessions.begin(owner, "telephone", timezone.now())
        job(owner, status=JobStatus.FAILED, start_date=day)
        owner.progress_logs.create(date=day, weight=71.5 + number / 10, calories_consumed=1800)
        PerformedSet.objects.create(user=owner, date=day, exercise_id="goblet_squat", reps=10, load=20)
    steady_cache()
    return steady_cache


def _letter(owner: User, letter_id: uuid.UUID, kind: LetterKind) -> None:
    Letter.objects.create(
        id=letter_id,
        user=owner,
        kind=kind,
        address=owner.email,
        token_hash=letters._hash(letters.token_of(letter_id)),  # noqa: SLF001 - as it is stored
        created_at=timezone.now(),
        run_after=timezone.now(),
        sent_at=timezone.now(),
        expires_at=timezone.now() + dt.timedelta(hours=1),
    )


def requests(owner: User, api_of_owner: Api) -> dict[str, tuple[str, Any]]:
    """Return for every operation a path below /api/v1 and a body that it accepts."""
    exercise = WorkoutPlan.objects.filter(user=owner, rest_day=False).order_by("date")[0]
    lift = next(one["exercise_id"] for one in exercise.exercises if one["role"] not in {"warm_up", "cool_down"})
    place = {"date": "2026-03-02", "slot": "dinner"}
    lifted = {"date": str(exercise.date), "exercise_id": lift}
    refresh = {"refresh": api_of_owner.tokens.refresh}
    return {
        "POST /register": ("/register", {**REGISTRATION, "health_consent": True}),
        "POST /login": ("/login", {"email": owner.email, "password": PASSWORD}),
        "POST /token/refresh": ("/token/refresh", refresh),
        "POST /logout": ("/logout", refresh),
        "GET /profile": ("/profile", None),
        "PATCH /profile": ("/profile", {"weight": 70.8}),
        "PUT /profile": ("/profile", {"age": 40, "height": 170, "weight": 70, "sex": "female"}),
        "DELETE /profile": ("/profile", {"password": PASSWORD}),
        "GET /consents": ("/consents", None),
        "GET /profile/targets": ("/profile/targets", None),
        "GET /today": ("/today?date=2026-03-02", None),
        "POST /ws-ticket": ("/ws-ticket", None),
        "GET /events": ("/events", None),
        "GET /sessions": ("/sessions", None),
        "DELETE /sessions/{session_id}": (f"/sessions/{owner.sessions.order_by('created_at')[0].pk}", None),
        "POST /logout-all": ("/logout-all", None),
        "POST /email/verify": ("/email/verify", {"email": owner.email}),
        "POST /email/verify/confirm": ("/email/verify/confirm", {"token": letters.token_of(VERIFY)}),
        "POST /email/change": ("/email/change", {"email": "new@example.org", "password": PASSWORD}),
        "POST /password/reset": ("/password/reset", {"email": owner.email}),
        "POST /password/reset/confirm": (
            "/password/reset/confirm",
            {"token": letters.token_of(RESET), "password": "four blue kettles sing"},
        ),
        "POST /password/change": (
            "/password/change",
            {"current_password": PASSWORD, "password": "four blue kettles sing"},
        ),
        "POST /profile/export": ("/profile/export", None),
        "GET /profile/export/{export_id}": (f"/profile/export/{EXPORT}", None),
        "GET /profile/export/{export_id}/file": (f"/profile/export/{EXPORT}/file", None),
        "GET /meal-plan": ("/meal-plan?date=2026-03-02", None),
        "GET /meal-plans": (f"/meal-plans?{RANGE}", None),
        "POST /meal-plan/swap": ("/meal-plan/swap", place),
        "POST /meal-plan/lock": ("/meal-plan/lock", {**place, "locked": True}),
        "GET /meal-plans/versions": ("/meal-plans/versions?date=2026-03-02", None),
        "POST /meal-plans/versions/restore": ("/meal-plans/versions/restore", {"date": "2026-03-02", "version": 1}),
        "GET /shopping-list": (f"/shopping-list?{RANGE}", None),
        "GET /foods": ("/foods?limit=50", None),
        "GET /recipes": ("/recipes?limit=50", None),
        "GET /workout-plan": ("/workout-plan?date=2026-03-02", None),
        "GET /workout-plans": (f"/workout-plans?{RANGE}", None),
        "POST /workout-plan/swap": ("/workout-plan/swap", lifted),
        "POST /workout-plan/lock": ("/workout-plan/lock", {**lifted, "locked": True}),
        "POST /progress/sets": (
            "/progress/sets",
            {"sets": [{"date": "2026-03-02", "exercise_id": "goblet_squat", "reps": 10, "load": 20}] * 20},
        ),
        "GET /exercises": ("/exercises?limit=50", None),
        "POST /progress": ("/progress", {"date": "2026-03-02", "weight": 70.5}),
        "GET /progress": (f"/progress?{RANGE}", None),
        "GET /progress/summary": ("/progress/summary", None),
        "DELETE /progress/{date}": ("/progress/2026-03-02", None),
        "POST /generate-plan": ("/generate-plan", {"kind": "both", "days": 7, "start_date": "2026-06-01"}),
        "GET /jobs": ("/jobs", None),
        "GET /jobs/{job_id}": (f"/jobs/{JOB}", None),
        "DELETE /jobs/{job_id}": (f"/jobs/{QUEUED}", None),
        "GET /jobs/{job_id}/explanation": (f"/jobs/{JOB}/explanation", None),
    }


def counted(asks: Api, method: str, path: str, body: Any) -> int:
    """Return how many queries a request makes; whatever it writes is undone."""
    with transaction.atomic(), CaptureQueriesContext(connection) as queries:
        answer = asks.request(method, f"/api/v1{path}", body)
        assert answer.status_code < 300, (method, path, answer.content)
        transaction.set_rollback(True)
    return sum(not query["sql"].startswith(SAVEPOINTS) for query in queries)


def operations() -> set[str]:
    return {
        f"{method.upper()} {path.removeprefix('/api/v1')}"
        for path, methods in api.get_openapi_schema()["paths"].items()
        for method in methods
    }


def test_every_endpoint_makes_its_number_of_queries_however_much_is_stored(
    stored: Callable[[], None], as_owner: Api, owner: User
) -> None:
    asked = requests(owner, as_owner)
    assert set(asked) == operations()

    found = {}
    for operation, (path, body) in asked.items():
        stored()
        ContentType.objects.clear_cache()
        found[operation] = counted(as_owner, operation.split(" ")[0], path, body)

    assert found == dict(QUERIES)
