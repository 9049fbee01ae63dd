"""Nobody gets at what is somebody else's: every operation of the API, the admin and the socket, by a stranger.

Invariant: an operation stands in exactly one of the four tables below; one that is new and stands in none is a failure.
"""

import asyncio
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.contrib import admin
from django.db.models import Model
from django.test import Client
from django.urls import NoReverseMatch, reverse

from ai.models import PlanJob
from config.api import api
from tests import factories
from tests.conftest import Api
from users import consumers, feed
from users.models import Event, Export, Session, User

DAY = "2026-03-02"
MARK = "Zanzibar"  # in everything of the owner's that holds free text
SLUGS = {"recipe_id", "exercise_id", "food_id"}  # names in the catalogue, which is everybody's


@dataclass(frozen=True, slots=True)
class World:
    """What the owner has."""

    job: str
    session: str
    export: str
    exercise: str


Ask = Callable[[World], tuple[str, Any]]

# Each names a thing; the stranger names the owner's, and it is not there.
THINGS: dict[str, Ask] = {
    "GET /jobs/{job_id}": lambda world: (f"/jobs/{world.job}", None),
    "DELETE /jobs/{job_id}": lambda world: (f"/jobs/{world.job}", None),
    "GET /jobs/{job_id}/explanation": lambda world: (f"/jobs/{world.job}/explanation", None),
    "DELETE /sessions/{session_id}": lambda world: (f"/sessions/{world.session}", None),
    "GET /profile/export/{export_id}": lambda world: (f"/profile/export/{world.export}", None),
    "GET /profile/export/{export_id}/file": lambda world: (f"/profile/export/{world.export}/file", None),
    "GET /meal-plan": lambda world: (f"/meal-plan?date={DAY}", None),
    "POST /meal-plan/swap": lambda world: ("/meal-plan/swap", {"date": DAY, "slot": "lunch"}),
    "POST /meal-plan/lock": lambda world: ("/meal-plan/lock", {"date": DAY, "slot": "lunch", "locked": True}),
    "POST /meal-plans/versions/restore": lambda world: ("/meal-plans/versions/restore", {"date": DAY, "version": 1}),
    "GET /workout-plan": lambda world: (f"/workout-plan?date={DAY}", None),
    "POST /workout-plan/swap": lambda world: ("/workout-plan/swap", {"date": DAY, "exercise_id": world.exercise}),
    "POST /workout-plan/lock": lambda world: ("/workout-plan/lock", {"date": DAY, "exercise_id": world.exercise}),
    "DELETE /progress/{date}": lambda world: (f"/progress/{DAY}", None),
}
# Each is about whoever asks: there is no place in it for anybody else's thing. Path and body to ask with.
OWN: dict[str, tuple[str, Any]] = {
    "GET /profile": ("/profile", None),
    "GET /profile/targets": ("/profile/targets", None),
    "GET /today": (f"/today?date={DAY}", None),
    "GET /consents": ("/consents", None),
    "GET /events": ("/events?after=0", None),
    "GET /sessions": ("/sessions", None),
    "GET /jobs": ("/jobs", None),
    "GET /meal-plans": (f"/meal-plans?from={DAY}&to={DAY}", None),
    "GET /meal-plans/versions": (f"/meal-plans/versions?date={DAY}", None),
    "GET /shopping-list": (f"/shopping-list?from={DAY}&to={DAY}", None),
    "GET /workout-plans": (f"/workout-plans?from={DAY}&to={DAY}", None),
    "GET /progress": (f"/progress?from={DAY}&to={DAY}", None),
    "GET /progress/summary": ("/progress/summary", None),
    "PATCH /profile": ("/profile", {"weight": 99.5}),
    "PUT /profile": ("/profile", {"weight": 99.5, "name": "Sam"}),
    "POST /progress": ("/progress", {"date": DAY, "weight": 99.5}),
    "POST /progress/sets": ("/progress/sets", {"sets": []}),
    "POST /generate-plan": ("/generate-plan", {"kind": "meal", "days": 1, "start_date": DAY}),
    "POST /ws-ticket": ("/ws-ticket", None),
    "POST /profile/export": ("/profile/export", None),
    "POST /email/change": ("/email/change", {"email": "new@example.org", "password": factories.PASSWORD}),
    "POST /password/change": (
        "/password/change",
        {"current_password": factories.PASSWORD, "password": "four blue kettles sing"},
    ),
    "POST /logout": ("/logout", {"refresh": "no token"}),
    "POST /logout-all": ("/logout-all", None),
    "DELETE /profile": ("/profile", {"password": factories.PASSWORD}),
}
# Each is the same for everybody.
CATALOGUE = {"GET /foods", "GET /recipes", "GET /exercises"}
# Each asks for no session: what it does it does by a secret that its body brings, or only by a letter to the address.
BY_SECRET = {
    "POST /register",
    "POST /login",
    "POST /token/refresh",
    "POST /email/verify",
    "POST /email/verify/confirm",
    "POST /password/reset",
    "POST /password/reset/confirm",
}
DOCUMENT: dict[str, Any] = dict(api.get_openapi_schema())
OPERATIONS: dict[str, dict[str, Any]] = {
    f"{method.upper()} {path.removeprefix('/api/v1')}": operation
    for path, operations in DOCUMENT["paths"].items()
    for method, operation in operations.items()
}


@pytest.fixture
def world(owner: User, as_owner: Api, run_jobs: Callable[[], int]) -> World:
    """Give the owner one of everything, by the API where it can be done there."""
    as_owner.patch("/api/v1/profile", {"name": MARK, "disliked_foods": [MARK]})
    as_owner.post("/api/v1/progress", {"date": DAY, "weight": 71, "note": MARK})
    body = {"kind": "both", "days": 1, "start_date": DAY, "notes": MARK}
    job = as_owner.post("/api/v1/generate-plan", body).json()["id"]
    run_jobs()
    export = as_owner.post("/api/v1/profile/export").json()["id"]
    plans = as_owner.get(f"/api/v1/workout-plans?from={DAY}&to={DAY}").json()
    exercises = re.findall(r'"exercise_id": "(\w+)"', json.dumps(plans))
    Event.objects.create(user=owner, seq=10_000, type="thing.happened", data={"text": MARK})
    return World(job, str(Session.objects.get(user=owner).pk), export, exercises[0])


def belongings(user: User) -> dict[str, list[Any]]:
    """Return every row of the person, by table."""
    found: dict[str, list[Any]] = {"users": list(User.objects.filter(pk=user.pk).values())}
    for relation in User._meta.related_objects:
        table = relation.related_model
        assert isinstance(table, type)
        rows = table._default_manager.filter(**{relation.field.name: user})
        found[table._meta.db_table] = list(rows.order_by("pk").values())
    return found


def ask(api_client: Api, name: str, path: str, body: Any) -> Any:
    return api_client.request(name.split(" ", maxsplit=1)[0], f"/api/v1{path}", body)


def tables() -> list[set[str]]:
    return [set(THINGS), set(OWN), CATALOGUE, BY_SECRET]


def test_every_operation_stands_in_exactly_one_table() -> None:
    stands = [name for table in tables() for name in table]

    assert sorted(stands) == sorted(OPERATIONS)


def test_operations_that_need_a_session_are_not_said_to_go_by_secret() -> None:
    assert {name for name, operation in OPERATIONS.items() if "security" not in operation} == BY_SECRET | CATALOGUE - {
        name for name in CATALOGUE if "security" in OPERATIONS[name]
    }


@pytest.mark.parametrize("name", sorted([*OWN, *CATALOGUE]))
def test_where_no_thing_is_said_to_be_named_there_is_no_place_to_name_one(name: str) -> None:
    operation = OPERATIONS[name]
    schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    body = DOCUMENT["components"]["schemas"].get(schema.get("$ref", "").rsplit("/", 1)[-1], {}).get("properties", {})
    named = {parameter["name"] for parameter in operation.get("parameters", [])} | set(body)

    assert "{" not in name
    assert {field for field in named - SLUGS if re.search(r"(^|_)(id|user|owner|person|account)$", field)} == set()


@pytest.mark.parametrize("name", THINGS)
def test_the_owner_finds_what_the_stranger_will_not(world: World, as_owner: Api, name: str) -> None:
    path, body = THINGS[name](world)

    answer = ask(as_owner, name, path, body)

    assert answer.status_code != 404 or answer.json()["code"] == "no_explanation", answer.content


@pytest.mark.parametrize("name", THINGS)
def test_a_thing_of_somebody_else_is_not_there(world: World, as_stranger: Api, owner: User, name: str) -> None:
    path, body = THINGS[name](world)
    before = belongings(owner)

    answer = ask(as_stranger, name, path, body)

    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")
    assert MARK not in answer.content.decode()
    assert belongings(owner) == before


@pytest.mark.parametrize("name", OWN)
def test_an_answer_about_oneself_tells_and_changes_nothing_of_anybody_else(
    world: World, as_stranger: Api, owner: User, name: str
) -> None:
    before = belongings(owner)

    answer = ask(as_stranger, name, *OWN[name])

    assert answer.status_code < 500
    assert MARK not in answer.content.decode(errors="replace")
    assert world.job not in answer.content.decode(errors="replace")
    assert belongings(owner) == before


def test_a_refresh_token_of_somebody_else_ends_no_session(world: World, as_owner: Api, as_stranger: Api) -> None:
    answer = as_stranger.post("/api/v1/logout", {"refresh": as_owner.tokens.refresh})

    assert answer.status_code == 401
    assert as_owner.get("/api/v1/profile").status_code == 200


def pages() -> list[tuple[type[Model], str]]:
    return [
        (model, page)
        for model in admin.site._registry  # noqa: SLF001 - how Django's own tests list them
        for page in ("changelist", "add", "change", "delete", "history")
    ]


@pytest.mark.parametrize("signed_in", ["by token", "in the admin"])
def test_the_admin_shows_nobody_but_staff_anything(
    world: World, as_stranger: Api, owner: User, stranger: User, signed_in: str
) -> None:
    browser = Client(headers=as_stranger.headers if signed_in == "by token" else None)
    if signed_in == "in the admin":
        browser.force_login(stranger)
    before, seen = belongings(owner), []

    for model, page in pages():
        row = model._default_manager.order_by("pk").first()
        arguments = [row.pk if row else 1] if page in {"change", "delete", "history"} else []
        try:
            path = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=arguments)
        except NoReverseMatch:
            continue
        answers = [browser.get(path), browser.post(path, {"post": "yes", "action": "delete_selected"})]
        seen += [(path, answer.status_code) for answer in answers if answer.status_code not in {302, 403, 404}]
        assert all(MARK.encode() not in answer.content for answer in answers)

    assert seen == []
    assert belongings(owner) == before


def test_the_socket_has_no_place_to_name_anybody() -> None:
    assert set(feed.Query.model_fields) == {"ticket", "after"}


@pytest.mark.usefixtures("fresh_db")
def test_the_socket_tells_the_stranger_nothing_of_the_owner(owner: User, stranger: User) -> None:
    for person, text in ((owner, MARK), (stranger, "own")):
        Event.objects.create(user=person, seq=1, type="thing.happened", data={"text": text})
    User.objects.update(last_seq=1)
    ticket = Api(stranger).post("/api/v1/ws-ticket").json()["ticket"]

    async def listen() -> list[dict[str, Any]]:
        line = WebsocketCommunicator(consumers.EventFeed.as_asgi(), f"/ws/events?ticket={ticket}&after=0")
        await line.connect()
        heard = [await line.receive_json_from(timeout=5), await line.receive_json_from(timeout=5)]
        assert await line.receive_nothing(timeout=0.2)
        await line.disconnect()
        return heard

    hello, event = asyncio.run(listen())

    assert hello["seq"] == 1
    assert event["data"] == {"text": "own"}


def test_the_world_of_the_owner_is_not_empty(world: World, owner: User) -> None:
    """What a stranger does not see would prove nothing if it were not there."""
    found = belongings(owner)

    assert {table for table, rows in found.items() if rows} >= {
        "users", "sessions", "events", PlanJob._meta.db_table, Export._meta.db_table
    }  # fmt: skip
    assert len([table for table, rows in found.items() if rows]) >= 8
    assert MARK in json.dumps(found, default=str)
