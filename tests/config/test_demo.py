"""The demo client of `up`: what it makes of what the API says.

Invariant: the API is played by a stand-in here; `.ci/run` lets the demo meet the real one.
"""

import io
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import Console

from config import demo, demo_tables

PROBLEM = {
    "title": "Conflict",
    "code": "already_running",
    "detail": "A plan is being made already.",
    "job_id": "earlier",
    "errors": [{"pointer": "/age", "detail": "too young"}],
}
MEAL_PLAN = {
    "date": "2026-03-02",
    "source": "planner",
    "fallback_reason": "timeout",
    "meals": [
        {
            "slot": "breakfast",
            "title": "Oats with apple",
            "nutrition": {"kcal": 410.4, "protein": 18, "carbs": 60, "fat": 9.6, "fibre": None},
        }
    ],
    "totals": {"kcal": 1820, "protein": 112, "carbs": 214, "fat": 58, "fibre": 31},
    "certificate": {"passed": True, "allergens": {"excluded": ["peanuts"], "found": []}},
}
TARGETS = {"kcal": 1829, "protein": 113, "carbs": 216, "fat": 57, "fibre": 26}


class Api(demo.Client):
    """Answers calls from a table, and has the events that the test gives it."""

    def __init__(self, answers: dict[str, Any], events: tuple[demo.Json, ...] = ()) -> None:
        super().__init__(0)
        self.answers, self.told, self.calls = answers, events, list[tuple[str, demo.Json | None]]()

    def call(self, method: str, path: str, body: demo.Json | None = None) -> demo.Json:
        self.calls.append((f"{method} {path}", body))
        answer = self.answers[f"{method} {path}"]
        if isinstance(answer, Exception):
            raise answer
        return dict(answer)

    def events(self, seconds: float) -> Iterator[demo.Json]:
        yield {"type": "hello", "seq": 4}
        yield from self.told


def event(kind: str, job: str, **data: object) -> demo.Json:
    return {"seq": 5, "type": kind, "data": {"job_id": job, **data}}


def printed(*renderables: object) -> str:
    output = io.StringIO()
    Console(file=output, width=120).print(*renderables)
    return output.getvalue()


def follow(api: Api) -> tuple[demo.Json, list[tuple[float, str]]]:
    shown: list[tuple[float, str]] = []
    ready = demo.make_plan(api, lambda percent, stage: shown.append((percent, stage)), lambda: None)
    return ready, shown


def test_a_plan_is_followed_until_it_is_ready_and_other_jobs_are_ignored() -> None:
    api = Api(
        {"POST /generate-plan": {"id": "mine"}},
        (
            event("plan.failed", "another", detail="not ours"),
            event("plan.progress", "mine", percent=40, stage="meals"),
            demo.SILENCE,
            event("plan.ready", "mine", dates=["2026-03-02"], source="planner"),
        ),
    )

    ready, shown = follow(api)

    assert ready["dates"] == ["2026-03-02"]
    assert shown == [(40, "meals"), (100, "ready")]


def test_a_job_that_runs_already_is_followed() -> None:
    running = demo.Refused("POST /generate-plan", 409, PROBLEM)
    api = Api({"POST /generate-plan": running}, (event("plan.ready", "earlier", dates=[], source="planner"),))

    ready, _ = follow(api)

    assert ready["job_id"] == "earlier"


@pytest.mark.parametrize("outcome", ["plan.failed", "plan.cancelled"])
def test_a_plan_that_is_not_made_gives_its_reason(outcome: str) -> None:
    api = Api({"POST /generate-plan": {"id": "mine"}}, (event(outcome, "mine", detail="no dish fits"),))

    with pytest.raises(demo.DemoError, match=rf"{outcome}: no dish fits"):
        follow(api)


def test_waiting_ends_when_the_check_says_so() -> None:
    api = Api({"POST /generate-plan": {"id": "mine"}}, (demo.SILENCE,))

    def check() -> None:
        raise RuntimeError("the worker has ended")

    with pytest.raises(RuntimeError, match="the worker has ended"):
        demo.make_plan(api, lambda _percent, _stage: None, check)


def test_a_plan_that_never_comes_is_an_error_with_the_jobs_state() -> None:
    api = Api({"POST /generate-plan": {"id": "mine"}, "GET /jobs/mine": {"status": "queued"}})

    with pytest.raises(demo.DemoError, match="queued"):
        follow(api)


def test_a_problem_is_told_in_its_own_words_with_the_fields() -> None:
    said = str(demo.Refused("POST /register", 422, PROBLEM))

    assert said == ("POST /register answered 422 already_running: A plan is being made already.\n  /age: too young")


def test_a_new_person_is_registered_with_the_whole_profile() -> None:
    api = Api({"POST /register": {"access": "token"}})

    is_new = demo.sign_in(api, ("demo@example.org", "secret"))

    assert is_new
    assert api.access == "token"
    assert api.calls == [("POST /register", {**demo.PERSON, "email": "demo@example.org", "password": "secret"})]


def test_a_known_person_logs_in_and_says_yes_to_models_again() -> None:
    answers = {"POST /register": demo.Refused("", 409, {}), "POST /login": {"access": "token"}, "PATCH /profile": {}}
    api = Api(answers)

    is_new = demo.sign_in(api, ("demo@example.org", "secret"))

    assert not is_new
    assert api.access == "token"
    assert api.calls[-1] == ("PATCH /profile", {"ai_consent": True})


def test_any_other_refusal_of_a_registration_is_an_error() -> None:
    api = Api({"POST /register": demo.Refused("POST /register", 422, PROBLEM)})

    with pytest.raises(demo.Refused, match="422"):
        demo.sign_in(api, ("demo@example.org", "secret"))


def test_the_logs_are_eight_weeks_of_a_plausible_loss() -> None:
    api = Api({"GET /today": {"date": "2026-03-02"}, "POST /progress": {}})

    demo.log_eight_weeks(api)

    logs = [body for call, body in api.calls if call == "POST /progress" and body]
    assert (logs[0]["date"], logs[-1]["date"], len(logs)) == ("2026-01-05", "2026-03-01", 56)
    assert 3 < logs[0]["weight"] - logs[-1]["weight"] < 5
    assert all(1400 < log["calories_consumed"] < 2200 for log in logs)
    assert 20 <= sum(log["workouts_completed"] for log in logs) <= 24


def test_the_meals_are_shown_against_the_targets() -> None:
    shown = printed(demo_tables.meals(MEAL_PLAN, TARGETS))

    assert "Meals on Monday 2 March" in shown
    assert "Oats with apple" in shown
    assert ["the", "day", "1820", "112", "214", "58", "31"] in [line.split() for line in shown.splitlines()]
    assert ["the", "targets", "1829", "113", "216", "57", "26"] in [line.split() for line in shown.splitlines()]
    assert "made by: planner (timeout) · certificate: passed · free of peanuts" in shown


def test_a_certificate_that_did_not_pass_is_not_hidden() -> None:
    shown = printed(demo_tables.meals({**MEAL_PLAN, "certificate": {"passed": False}}, TARGETS))

    assert "NOT passed" in shown


@pytest.mark.parametrize(
    ("load", "words"),
    [
        ({"kind": "kg", "value": 12.5}, "12.5 kg"),
        ({"kind": "effort", "value": 2}, "effort 2 of 10"),
        ({"kind": "heart_rate", "value": 129}, "129 beats a minute"),
        ({"kind": "start_light", "value": None}, "start light"),
        ({"kind": "something_new", "value": 3}, "3 something new"),
    ],
)
def test_a_load_is_told_in_words(load: demo.Json, words: str) -> None:
    exercise = {"name": "Goblet squat", "sets": 3, "reps": 10, "duration_s": None, "rest_s": 90, "load": load}
    plan = {**MEAL_PLAN, "title": "Full body", "estimated_minutes": 42, "exercises": [exercise]}

    shown = printed(demo_tables.session(plan))

    assert "Full body on Monday 2 March, 42 minutes" in shown
    assert f"Goblet squat 3 10 {words} 90 s" in " ".join(shown.split())


def test_progress_is_a_line_each_where_there_is_no_terminal() -> None:
    output = io.StringIO()

    with demo.progress_bar(Console(file=output)) as show:
        show(35, "meals")

    assert output.getvalue().split() == ["35", "%", "meals"]
