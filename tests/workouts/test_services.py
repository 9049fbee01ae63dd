"""Storing workout plans: every version is kept, nothing unsafe gets in, and nobody else's plan moves."""

import datetime as dt
import uuid
from dataclasses import replace
from typing import Any

import pytest

from config.models import Origin, PlanRejected
from tests.factories import MONDAY
from tests.workouts.conftest import Coach, Train
from users.models import User
from workouts import catalogue, planner, selectors, services
from workouts.models import WorkoutPlan, WorkoutPlanVersion

WEEK = [MONDAY + dt.timedelta(days=number) for number in range(7)]
TUESDAY = WEEK[1]


def save(user: User, week: planner.Week, **changes: Any) -> list[dt.date]:
    values: dict[str, Any] = {
        "trainee": selectors.trainee(user, {}, on=MONDAY),
        "catalogue": catalogue.current(),
        "origin": Origin(source="planner"),
        "extra": {},
        **changes,
    }
    return services.save_days(user_id=user.pk, week=week, **values)


def test_each_session_of_a_week_becomes_a_plan(owner: User, coach: Coach) -> None:
    week = coach(owner, WEEK)

    dates = save(owner, week)

    assert dates == WEEK
    stored = dict(WorkoutPlan.objects.filter(user=owner).values_list("date", "exercises"))
    assert {date: [row["exercise_id"] for row in rows] for date, rows in stored.items()} == {
        session.date: [item.exercise_slug for item in session.items] for session in week.sessions
    }


def test_planning_a_day_again_makes_a_new_version_and_keeps_the_old_one(owner: User, train: Train) -> None:
    train(owner, MONDAY, TUESDAY, seed=1)
    first = WorkoutPlan.objects.values().get(date=MONDAY)

    train(owner, MONDAY, seed=2)

    plan = WorkoutPlan.objects.get(date=MONDAY)
    history = list(WorkoutPlanVersion.objects.filter(user=owner, date=MONDAY).order_by("version"))
    assert (plan.pk, plan.version, plan.created_at) == (first["id"], 2, first["created_at"])
    assert [row.version for row in history] == [1, 2]
    assert [row.exercises for row in history] == [first["exercises"], plan.exercises]
    assert WorkoutPlan.objects.get(date=TUESDAY).version == 1


def test_where_a_plan_came_from_is_kept(owner: User, coach: Coach) -> None:
    job = uuid.uuid4()

    save(
        owner,
        coach(owner, [MONDAY]),
        origin=Origin(source="ai", model="tiny", job_id=job),
        extra={"kept_ratio": 1.0},
    )

    for row in (WorkoutPlan.objects.get(), WorkoutPlanVersion.objects.get()):
        assert (row.source, row.model, row.job_id, row.certificate["kept_ratio"]) == ("ai", "tiny", job, 1.0)


def test_a_session_that_needs_what_a_person_does_not_have_is_rejected_whoever_made_it(
    owner: User, coach: Coach
) -> None:
    week = coach(owner, WEEK)
    needs = {piece for session in week.sessions for item in session.items for piece in _exercise(item).equipment}
    without = replace(selectors.trainee(owner, {}, on=MONDAY), equipment=frozenset())

    with pytest.raises(PlanRejected):
        save(owner, week, trainee=without)

    assert needs
    assert not WorkoutPlan.objects.exists()
    assert not WorkoutPlanVersion.objects.exists()


def test_a_session_that_would_hurt_is_rejected(owner: User, coach: Coach) -> None:
    week = coach(owner, WEEK)
    hurts = next(
        injury
        for session in week.sessions
        for item in session.items
        for injury in sorted(_exercise(item).contraindications)
    )
    injured = replace(selectors.trainee(owner, {}, on=MONDAY), injuries=frozenset({hurts}))

    with pytest.raises(PlanRejected):
        save(owner, week, trainee=injured)

    assert not WorkoutPlan.objects.exists()


def test_four_hundred_repetitions_are_rejected(owner: User, coach: Coach) -> None:
    week = coach(owner, [MONDAY])
    (session,) = week.sessions
    item = next(item for item in session.items if item.reps)
    absurd = tuple(replace(one, reps=400) if one is item else one for one in session.items)

    with pytest.raises(PlanRejected):
        save(owner, replace(week, sessions=(replace(session, items=absurd),)))

    assert not WorkoutPlan.objects.exists()


def test_the_plan_of_somebody_else_does_not_move(owner: User, stranger: User, train: Train) -> None:
    train(stranger, MONDAY, seed=1)
    before = WorkoutPlan.objects.values().get(user=stranger)

    train(owner, MONDAY, seed=2)

    assert WorkoutPlan.objects.values().get(user=stranger) == before


def test_a_session_that_is_stored_is_read_back_as_the_planner_wrote_it(owner: User, train: Train) -> None:
    week = train(owner, *WEEK)

    stored = tuple(selectors.session_from(row) for row in WorkoutPlan.objects.order_by("date"))

    assert [session.items for session in stored] == [session.items for session in week.sessions]


def test_only_locked_exercises_are_handed_to_the_planner_as_such(owner: User, train: Train) -> None:
    train(owner, *WEEK)
    plan = WorkoutPlan.objects.get(date=MONDAY)
    plan.exercises[1]["locked"] = True
    plan.save()

    found = selectors.locked(owner.pk, WEEK)

    assert {date: [item.exercise_slug for item in items] for date, items in found.items()} == {
        MONDAY: [plan.exercises[1]["exercise_id"]]
    }


def test_the_sessions_around_the_dates_are_known_and_those_of_others_are_not(
    owner: User, stranger: User, train: Train
) -> None:
    train(owner, *WEEK)
    train(stranger, *WEEK)
    wednesday = WEEK[2]

    found = selectors.around(owner.pk, [wednesday])

    dates = [session.date for session in found]
    assert wednesday not in dates
    assert {TUESDAY, WEEK[3]} <= set(dates)
    assert len(dates) == len(set(dates))


def test_the_trainee_is_the_person_of_the_profile(owner: User) -> None:
    owner.training_level, owner.injuries, owner.conditions = "advanced", ["knee"], ["hypertension"]

    trainee = selectors.trainee(owner, {}, on=MONDAY)

    assert (trainee.training_level, trainee.injuries, trainee.conditions) == (
        "advanced",
        frozenset({"knee"}),
        frozenset({"hypertension"}),
    )
    assert (trainee.days, trainee.minutes, trainee.equipment) == (
        ("mon", "wed", "fri"),
        45,
        frozenset({"dumbbell", "band"}),
    )


def test_overrides_hold_for_one_plan_and_an_injury_is_none_of_them(owner: User) -> None:
    owner.injuries = ["knee"]
    overrides = {
        "equipment": [],
        "availability": {"days": ["sun"], "minutes_per_session": 20},
        "fitness_goal": "gain_muscle",
    }

    trainee = selectors.trainee(owner, overrides, on=MONDAY)

    assert (trainee.equipment, trainee.days, trainee.minutes, trainee.goal) == (
        frozenset(),
        ("sun",),
        20,
        "gain_muscle",
    )
    assert trainee.injuries == {"knee"}


def _exercise(item: planner.Item) -> planner.Exercise:
    return catalogue.current().exercises[item.exercise_slug]
