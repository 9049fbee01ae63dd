"""A device that reads once and then follows the events knows what one that reads again would see.

As Zulip's `verify_action`: the state before, changed as the events say, is the state after. A client acts on an event
as docs/events.md tells it to, and on nothing else; what an event does not announce stays old in its mirror, and shows.

Invariant: every function of the product that records an event is named by a case, in `emits`.
"""

import ast
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import Api
from tests.workers.happenings import CASES, DAYS, World
from users import events
from users.models import User

ROOT = Path(__file__).resolve().parents[2]
RECORD = {name for name in vars(events) if name.startswith("record")}
APPS = ("users", "mealplans", "workouts", "progress", "ai", "workers")

Key = tuple[str, str]
Mirror = dict[Key, Any]


def read(device: Api, key: Key) -> Any:
    """Return what the API says of one thing."""
    kind, name = key
    if kind == "sessions":
        listed = device.get("/api/v1/sessions").json()["items"]
        return {one["id"]: {**one, "last_seen": "moves without an event"} for one in listed}
    paths = {
        "meal": f"/meal-plan?date={name}",
        "workout": f"/workout-plan?date={name}",
        "today": f"/today?date={name}",
        "log": f"/progress?from={name}&to={name}",
        "summary": "/progress/summary",
        "shopping": f"/shopping-list?from={DAYS[0]}&to={DAYS[-1]}",
        "job": f"/jobs/{name}",
        "profile": "/profile",
        "targets": "/profile/targets",
    }
    answer = device.get(f"/api/v1{paths[kind]}")
    return answer.status_code, {**answer.json(), "request_id": ""}


def everything(device: Api) -> Mirror:
    """Return all that a device shows."""
    jobs = [("job", one["id"]) for one in device.get("/api/v1/jobs").json()["items"]]
    days = [(kind, day) for kind in ("meal", "workout", "today", "log") for day in DAYS]
    rest = [(kind, "") for kind in ("summary", "shopping", "profile", "targets", "sessions")]
    return {key: read(device, key) for key in [*jobs, *days, *rest]}


def named(event: dict[str, Any]) -> Iterator[Key]:
    """Yield what docs/events.md says is to be read again after an event."""
    kind, data = event["type"], event["data"]
    if kind.startswith("plan.") and "job_id" in data:
        yield "job", data["job_id"]
    dates = data.get("dates", [data["date"]] if "date" in data else [])
    yield from (("today", date) for date in dates)
    if kind.startswith("progress."):
        yield from (("log", date) for date in dates)
        yield "summary", ""
    elif dates:
        plans = ("meal", "workout") if data["kind"] == "both" else (data["kind"],)
        yield from ((plan, date) for plan in plans for date in dates)
        yield "shopping", ""
    elif kind == "profile.updated":
        yield from ((each, "") for each in ("profile", "targets", "summary"))
        yield from (("today", day) for day in DAYS)
    elif kind.startswith("session."):
        yield "sessions", ""


@contextmanager
def emitters(monkeypatch: pytest.MonkeyPatch) -> Iterator[set[str]]:
    """Give the set of functions that record an event meanwhile, by name."""
    found: set[str] = set()

    def noting(record: Callable[..., int]) -> Callable[..., int]:
        def noted(*arguments: Any) -> int:
            caller = sys._getframe(1)  # noqa: SLF001 - the documented way to a caller
            found.add(f"{caller.f_globals['__name__']}.{caller.f_code.co_name}")
            return record(*arguments)

        return noted

    with monkeypatch.context() as patch:
        for name in RECORD:
            patch.setattr(events, name, noting(getattr(events, name)))
        yield found
        found -= {f"{events.__name__}.{name}" for name in RECORD}  # one may call the other


@pytest.mark.django_db
@pytest.mark.parametrize("name", CASES)
def test_the_state_before_and_the_events_make_the_state_after(
    name: str, owner: User, as_owner: Api, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    world, happens = World(owner, as_owner, Api(owner), run_jobs), CASES[name]
    happens.before(world)
    mirror, seen = everything(as_owner), User.objects.get(pk=owner.pk).last_seq

    with emitters(monkeypatch) as found:
        happens.act(world)
    told = events.after(owner.pk, seen)
    for key in dict.fromkeys(key for event in told for key in named(event)):
        mirror[key] = read(as_owner, key)

    after = everything(as_owner)
    assert {key for key in after if after[key] != mirror.get(key)} == set()
    assert found == happens.emits
    assert [event["seq"] for event in told] == list(range(seen + 1, seen + 1 + len(told)))


@pytest.mark.django_db
def test_a_change_that_nothing_tells_of_shows(owner: User, as_owner: Api, run_jobs: Callable[[], int]) -> None:
    world = World(owner, as_owner, as_owner, run_jobs)
    world.plan()
    mirror = everything(as_owner)

    world.job().user.mealplans.filter(date=DAYS[0]).delete()

    after = everything(as_owner)
    assert {key for key in after if after[key] != mirror[key]} >= {("meal", DAYS[0]), ("shopping", "")}


def recording() -> set[str]:
    """Return every function in the source that records an event, by module and name."""
    found: set[str] = set()
    for file in sorted(file for app in APPS for file in (ROOT / app).rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for function in ast.walk(ast.parse(file.read_text())):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            calls = (ast.unparse(node.func) for node in ast.walk(function) if isinstance(node, ast.Call))
            if any(call in {f"events.{name}" for name in RECORD} for call in calls):
                found.add(f"{module}.{function.name}")
    return found


def test_every_service_that_tells_of_something_has_a_case() -> None:
    assert {name for each in CASES.values() for name in each.emits} == recording()


def test_nobody_records_an_event_by_another_name() -> None:
    for file in sorted(file for app in APPS for file in (ROOT / app).rglob("*.py")):
        names = [
            alias.name
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.ImportFrom) and node.module == "users.events"
            for alias in node.names
        ]
        assert not RECORD & set(names), file
