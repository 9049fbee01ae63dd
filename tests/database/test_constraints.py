"""The tables as the owner named them, and what PostgreSQL itself refuses."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError, IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from ai.models import AICall, JobStatus, PlanJob
from config.models import DayPlan, store_versions
from mealplans.models import MealPlan, MealPlanVersion
from progress.models import ProgressLog
from tests import factories
from tests.factories import MONDAY
from users.models import Event, Session, User
from workouts.models import WorkoutPlan, WorkoutPlanVersion

OWNERS_TABLES = {
    "users": {"name", "email", "password", "age", "height", "weight", "fitness_goal", "dietary_preferences"},
    "meal_plans": {"user_id", "date", "breakfast", "lunch", "dinner", "snacks"},
    "workout_plans": {"user_id", "date", "exercises"},
    "progress_logs": {"user_id", "date", "weight", "calories_consumed", "workouts_completed"},
}
PLANS: dict[type[DayPlan], type[DayPlan]] = {MealPlan: MealPlanVersion, WorkoutPlan: WorkoutPlanVersion}


def fields_of(model: type[Model]) -> dict[str, Any]:
    return {"source": "planner"} if "source" in {field.name for field in model._meta.fields} else {}


def create(model: type[Model], user: User, **fields: Any) -> Any:
    return model._default_manager.create(user=user, **{"date": MONDAY, **fields_of(model), **fields})


def refused(write: Callable[[], object], *, by: str) -> None:
    def write_and_check() -> None:
        write()
        connection.check_constraints()  # foreign keys are checked at the commit otherwise

    with pytest.raises(IntegrityError, match=by), transaction.atomic():
        write_and_check()


def test_the_tests_run_on_postgresql(db: None) -> None:
    assert connection.vendor == "postgresql"


@pytest.mark.parametrize("table", OWNERS_TABLES)
def test_a_table_has_its_owners_columns(db: None, table: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
        columns = {name for (name,) in cursor.fetchall()}

    assert columns >= OWNERS_TABLES[table]


@pytest.mark.parametrize(
    ("table", "column", "kind"),
    [
        ("workout_plans", "exercises", "jsonb"),
        ("meal_plans", "meals", "jsonb"),
        ("meal_plans", "breakfast", "text"),
        ("users", "dietary_preferences", "ARRAY"),
        ("progress_logs", "date", "date"),
    ],
)
def test_a_column_is_of_the_kind_that_was_asked_for(db: None, table: str, column: str, kind: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT data_type FROM information_schema.columns WHERE table_name = %s AND column_name = %s",
            [table, column],
        )

        assert cursor.fetchone() == (kind,)


@pytest.mark.parametrize("model", [MealPlan, WorkoutPlan, ProgressLog])
def test_a_row_is_created_read_updated_and_deleted(owner: User, model: type[Model]) -> None:
    row = create(model, owner)
    model._default_manager.filter(pk=row.pk).update(date=MONDAY + dt.timedelta(days=1))

    row.refresh_from_db()
    assert (row.user, row.date) == (owner, dt.date(2026, 3, 3))
    assert row.updated_at >= row.created_at
    row.delete()
    assert not model._default_manager.exists()


def test_a_user_is_created_read_updated_and_deleted(db: None) -> None:
    user = factories.user(dietary_preferences=["vegan", "halal"])
    User.objects.filter(pk=user.pk).update(weight=70.5)

    user.refresh_from_db()
    assert (user.dietary_preferences, user.weight) == (["vegan", "halal"], 70.5)
    user.delete()
    assert not User.objects.exists()


@pytest.mark.parametrize("model", [MealPlan, WorkoutPlan, ProgressLog])
def test_there_is_one_row_for_a_person_and_date(owner: User, stranger: User, model: type[Model]) -> None:
    create(model, owner)
    create(model, stranger)
    create(model, owner, date=MONDAY + dt.timedelta(days=1))

    refused(lambda: create(model, owner), by="user_date")


@pytest.mark.parametrize("model", PLANS.values())
def test_there_is_one_row_for_each_version_of_a_day(owner: User, model: type[Model]) -> None:
    create(model, owner, version=1)
    create(model, owner, version=2)

    refused(lambda: create(model, owner, version=2), by="version")


@pytest.mark.parametrize("model", [MealPlan, MealPlanVersion, WorkoutPlan, WorkoutPlanVersion, ProgressLog, PlanJob])
def test_nothing_belongs_to_nobody(owner: User, model: type[Model]) -> None:
    nobody = owner.pk + 1000

    if model is PlanJob:
        refused(lambda: factories.job(User(pk=nobody)), by="user_id")
    else:
        refused(lambda: create(model, User(pk=nobody)), by="user_id")


@pytest.mark.parametrize(
    "table",
    ["meal_plans", "workout_plans", "progress_logs", "performed_sets", "sessions", "events", "plan_jobs"],
)
def test_a_foreign_key_to_users_stands_in_the_database(db: None, table: str) -> None:
    with connection.cursor() as cursor:
        found = connection.introspection.get_relations(cursor, table)

    assert found["user_id"] == ("id", "users")


def test_when_a_person_goes_everything_of_theirs_goes_and_nothing_else(owner: User, stranger: User) -> None:
    for person in (owner, stranger):
        for model in (MealPlan, MealPlanVersion, WorkoutPlan, WorkoutPlanVersion, ProgressLog):
            create(model, person)
        AICall.objects.create(job=factories.job(person), provider="p", model="m", outcome="ok", latency_ms=1)
        Session.objects.create(user=person, created_at=timezone.now(), rotated_at=timezone.now())
        Event.objects.create(user=person, seq=1, type="thing.happened")

    owner.delete()

    left = [MealPlan, MealPlanVersion, WorkoutPlan, WorkoutPlanVersion, ProgressLog, PlanJob, Session, Event]
    assert {model: list(model._default_manager.values_list("user", flat=True)) for model in left} == {
        model: [stranger.pk] for model in left
    }
    assert AICall.objects.count() == 1


def test_the_database_itself_does_not_let_a_person_go_while_something_of_theirs_stays(owner: User) -> None:
    create(MealPlan, owner)

    def delete_past_django() -> None:
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM users WHERE id = %s", [owner.pk])

    refused(delete_past_django, by="meal_plans")


def test_two_people_cannot_have_one_email(owner: User) -> None:
    refused(lambda: factories.user(email=owner.email), by="email")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("age", 12),
        ("age", 121),
        ("age", -1),
        ("height", 99.9),
        ("height", 250.1),
        ("height", float("nan")),
        ("weight", 24.9),
        ("weight", 350.1),
        ("weight", float("inf")),
    ],
)
def test_a_body_out_of_range_does_not_get_past_the_database(owner: User, field: str, value: float) -> None:
    refused(lambda: User.objects.filter(pk=owner.pk).update(**{field: value}), by=field)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weight", 24.9),
        ("weight", 350.1),
        ("weight", float("nan")),
        ("calories_consumed", -1),
        ("workouts_completed", -1),
    ],
)
def test_a_log_out_of_range_does_not_get_past_the_database(owner: User, field: str, value: float) -> None:
    refused(lambda: create(ProgressLog, owner, **{field: value}), by=field)


def test_there_is_one_active_job_for_the_same_days(owner: User) -> None:
    factories.job(owner)
    factories.job(owner, status=JobStatus.SUCCEEDED)

    refused(lambda: factories.job(owner), by="plan_jobs_one_active")


def test_there_is_one_job_for_an_idempotency_key_of_a_person(owner: User, stranger: User) -> None:
    factories.job(owner, idempotency_key="once", status=JobStatus.SUCCEEDED)
    factories.job(stranger, idempotency_key="once")

    refused(lambda: factories.job(owner, idempotency_key="once", kind="both"), by="idempotency_key")


def test_a_text_that_is_too_long_is_refused_and_not_cut(owner: User) -> None:
    with pytest.raises(DataError), transaction.atomic():
        create(ProgressLog, owner, note="x" * 501)


@pytest.mark.parametrize("model", PLANS)
def test_versions_count_up_from_one_and_the_plan_is_the_newest(owner: User, stranger: User, model: Any) -> None:
    history: Any = PLANS[model]
    for person, times in ((owner, 3), (stranger, 1)):
        for number in range(times):
            store_versions(
                model, history, person.pk, {MONDAY: {"source": "planner", "certificate": {"number": number}}}
            )

    plan = model.objects.get(user=owner)
    assert (plan.version, plan.certificate) == (3, {"number": 2})
    assert list(history.objects.filter(user=owner).order_by("version").values_list("version", "certificate")) == [
        (1, {"number": 0}),
        (2, {"number": 1}),
        (3, {"number": 2}),
    ]
    assert model.objects.get(user=stranger).version == 1


@pytest.mark.parametrize("model", PLANS)
def test_storing_a_day_again_leaves_its_other_days_and_its_first_time_alone(owner: User, model: Any) -> None:
    tuesday = MONDAY + dt.timedelta(days=1)
    store_versions(model, PLANS[model], owner.pk, {MONDAY: {"source": "planner"}, tuesday: {"source": "planner"}})
    before = {row.date: row for row in model.objects.all()}

    store_versions(model, PLANS[model], owner.pk, {MONDAY: {"source": "ai"}})

    after = {row.date: row for row in model.objects.all()}
    assert (after[MONDAY].pk, after[MONDAY].created_at) == (before[MONDAY].pk, before[MONDAY].created_at)
    assert after[MONDAY].updated_at > before[MONDAY].updated_at
    assert (after[tuesday].version, after[tuesday].updated_at) == (1, before[tuesday].updated_at)
