"""What happens to a person, once each, and which functions of the product tell their devices of it.

Invariant: a case does one thing through the public API, or as a worker, the clock or staff do it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.test import Client
from django.utils import timezone

from ai import queue
from ai.models import PlanJob
from tests import factories
from tests.admin.pages import filled_in
from tests.conftest import Api
from users import letters
from users.models import Letter, LetterKind, User
from workers import clock

DAYS = [f"2026-03-0{day}" for day in range(2, 6)]
PLAN = {"kind": "both", "days": 3, "start_date": DAYS[0]}


@dataclass(slots=True)
class World:
    """What a case may use: the owner's device, another of theirs, and what workers do."""

    owner: User
    device: Api
    other: Api
    run_jobs: Callable[[], int]

    def plan(self) -> None:
        assert self.device.post("/api/v1/generate-plan", PLAN).status_code == 202
        self.run_jobs()

    def job(self) -> PlanJob:
        return PlanJob.objects.latest("created_at")

    def meals(self) -> list[dict[str, Any]]:
        return list(self.device.get(f"/api/v1/meal-plan?date={DAYS[0]}").json()["meals"])

    def exercise(self) -> str:
        plans = self.device.get(f"/api/v1/workout-plans?from={DAYS[0]}&to={DAYS[-1]}").json()["items"]
        self.session = next(plan["date"] for plan in plans if plan["exercises"])
        return next(str(plan["exercises"][0]["exercise_id"]) for plan in plans if plan["exercises"])

    session: str = ""


Act = Callable[[World], Any]


@dataclass(frozen=True, slots=True)
class Case:
    """Something that happens to a person; `emits` names the functions that record its events."""

    emits: frozenset[str]
    act: Act
    before: Act = lambda world: None


def post(path: str, body: Any = None) -> Act:
    return lambda world: succeeded(world.device.post(f"/api/v1{path}", body))


def succeeded(answer: Any) -> None:
    assert answer.status_code < 300, answer.content


def planned(world: World) -> None:
    world.plan()


def swapped_twice(world: World) -> None:
    world.plan()
    post("/meal-plan/swap", {"date": DAYS[0], "slot": "lunch"})(world)


def asked(world: World) -> None:
    post("/generate-plan", PLAN)(world)


def change_exercise(verb: str, **more: Any) -> Act:
    def act(world: World) -> None:
        exercise = world.exercise()
        post(f"/workout-plan/{verb}", {"date": world.session, "exercise_id": exercise, **more})(world)

    return act


def claimed(world: World) -> queue.Lease:
    job = queue.claim(world.job().pk)
    assert job is not None
    return queue.Lease.of(job)


def cancelled_by_its_worker(world: World) -> None:
    lease = claimed(world)
    world.device.delete(f"/api/v1/jobs/{lease.job.pk}")
    lease.cancel()


def failed(world: World) -> None:
    claimed(world).fail("conflict", "No breakfast is left.")


def overdue(world: World) -> None:
    PlanJob.objects.update(deadline_at=timezone.now())
    clock.expire_overdue()


def confirmed(kind: LetterKind, to: str) -> Act:
    """Return what a person does who follows the link of a letter."""

    def act(world: World) -> None:
        now = timezone.now()
        letters.write(kind, to=to or world.owner.email, now=now, user_id=world.owner.pk)
        letter = Letter.objects.get(kind=kind)
        letters.deliver(letter.pk)
        token = letters.token_of(letter.pk)
        succeeded(world.device.post("/api/v1/email/verify/confirm", {"token": token}))

    return act


def changed_by_staff(world: World) -> None:
    browser = Client()
    browser.force_login(factories.user(is_staff=True, is_superuser=True))
    filled_in(browser, f"/admin/users/user/{world.owner.pk}/change/", name="Ada Byron", weight=71.5)


def signed_in_elsewhere(world: World) -> None:
    credentials = {"email": world.owner.email, "password": factories.PASSWORD}
    succeeded(Api().post("/api/v1/login", credentials, User_Agent="Regimen (phone)"))


def signed_out_elsewhere(world: World) -> None:
    current = next(one for one in world.other.get("/api/v1/sessions").json()["items"] if one["current"])
    succeeded(world.device.delete(f"/api/v1/sessions/{current['id']}"))


def case(*emits: str, act: Act, before: Act = lambda world: None) -> Case:
    return Case(frozenset(emits), act, before)


SET = {"date": DAYS[0], "exercise_id": "goblet_squat", "reps": 8, "load": 12}
CASES = {
    "a day is logged": case("progress.services.log_day", act=post("/progress", {"date": DAYS[0], "weight": 70})),
    "a log is changed": case(
        "progress.services.log_day",
        before=post("/progress", {"date": DAYS[0], "weight": 70}),
        act=post("/progress", {"date": DAYS[0], "weight": 71}),
    ),
    "a log is deleted": case(
        "progress.services.delete_day",
        before=post("/progress", {"date": DAYS[0], "weight": 70}),
        act=lambda world: succeeded(world.device.delete(f"/api/v1/progress/{DAYS[0]}")),
    ),
    "sets are stored": case("workouts.services.record_sets", act=post("/progress/sets", {"sets": [SET]})),
    "a plan is asked for": case("ai.services.request_plan", act=asked),
    "a plan is made": case("ai.queue.report", "ai.queue.succeed", before=asked, act=lambda world: world.run_jobs()),
    "a plan is made anew": case(
        "ai.services.request_plan", "ai.queue.report", "ai.queue.succeed", before=planned, act=planned
    ),
    "a queued job is cancelled": case(
        "ai.queue.cancel_queued",
        before=asked,
        act=lambda world: succeeded(world.device.delete(f"/api/v1/jobs/{world.job().pk}")),
    ),
    "a running job is cancelled": case("ai.queue.cancel", before=asked, act=cancelled_by_its_worker),
    "a job fails": case("ai.queue._fail", before=asked, act=failed),
    "a job is overdue": case("ai.queue._fail", before=asked, act=overdue),
    "a dish is swapped": case(
        "mealplans.services._change", before=planned, act=post("/meal-plan/swap", {"date": DAYS[0], "slot": "lunch"})
    ),
    "a dish is locked": case(
        "mealplans.services._change",
        before=planned,
        act=post("/meal-plan/lock", {"date": DAYS[0], "slot": "lunch", "locked": True}),
    ),
    "an earlier version is restored": case(
        "mealplans.services._change",
        before=swapped_twice,
        act=post("/meal-plans/versions/restore", {"date": DAYS[0], "version": 1}),
    ),
    "an exercise is swapped": case("workouts.services._change", before=planned, act=change_exercise("swap")),
    "an exercise is locked": case(
        "workouts.services._change", before=planned, act=change_exercise("lock", locked=True)
    ),
    "the profile is changed": case(
        "users.services.update_profile",
        act=lambda world: succeeded(world.device.patch("/api/v1/profile", {"weight": 68.5, "name": "Ada Byron"})),
    ),
    "an address is confirmed": case("users.lifecycle._store", act=confirmed(LetterKind.VERIFY_EMAIL, "")),
    "an address is changed": case("users.lifecycle._store", act=confirmed(LetterKind.CHANGE_EMAIL, "new@example.org")),
    "staff change a person": case("users.admin.save_model", act=changed_by_staff),
    "a consent is given": case(
        "users.services.update_profile",
        act=lambda world: succeeded(world.device.patch("/api/v1/profile", {"ai_consent": True})),
    ),
    "a session begins": case("users.sessions.begin", act=signed_in_elsewhere),
    "a session goes on": case(
        act=lambda world: succeeded(Api().post("/api/v1/token/refresh", {"refresh": world.other.tokens.refresh}))
    ),
    "a session is ended": case("users.sessions._end", act=signed_out_elsewhere),
}  # fmt: skip
