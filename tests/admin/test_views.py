"""Whose health data staff looked at: every page that shows any leaves a row, and nobody removes it."""

from typing import Any

import pytest
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.db import DatabaseError
from django.db.models import Model
from django.test import Client

from ai.models import Document, PlanJob
from mealplans.models import MealPlan, MealPlanVersion
from progress.models import ProgressLog
from tests import factories
from tests.admin.pages import MAKERS, address, filled_in
from tests.admin.test_roles import browser_of
from tests.conftest import Api
from users import roles
from users.audit import Watched
from users.models import Event, Export, HealthView, Letter, Session, User
from workers.models import DeadJob
from workouts.models import PerformedSet, WorkoutPlan, WorkoutPlanVersion

# Every table with rows of people: those whose rows say something of their health, and those whose rows do not.
HEALTH = {
    *(User, MealPlan, MealPlanVersion, WorkoutPlan, WorkoutPlanVersion, PerformedSet, ProgressLog),
    *(PlanJob, DeadJob, Document),
}
NO_HEALTH = {Session, Event, Letter, Export, HealthView, LogEntry}
PAGES = pytest.mark.parametrize("model", sorted(HEALTH, key=str), ids=lambda model: model._meta.label_lower)


def of_people() -> set[type[Model]]:
    """Return the models with a page whose rows lead to a person, and the person."""
    registered = admin.site._registry  # noqa: SLF001 - the only list of pages there is
    fields = {model: {field.name for field in model._meta.concrete_fields} for model in registered}
    return {model for model, names in fields.items() if "user" in names} | {User}


def views() -> list[tuple[int | None, int, str, str]]:
    return list(HealthView.objects.order_by("pk").values_list("staff_id", "user_id", "page", "object_id"))


def owner_of(row: Any) -> int:
    return int(row.pk if isinstance(row, User) else row.user_id)


def test_every_page_about_people_is_known_to_show_health_data_or_not_to() -> None:
    books = {model for model in of_people() if model._meta.label == "ai.AISpending"}

    assert of_people() - books == HEALTH | NO_HEALTH


@PAGES
def test_opening_a_row_is_noted_with_who_whose_and_what(as_staff: Client, staff: User, model: type[Model]) -> None:
    row = MAKERS[model](1)

    as_staff.get(address(model, "change", row.pk))

    assert views() == [(staff.pk, owner_of(row), model._meta.label_lower, str(row.pk))]


@PAGES
def test_a_list_shows_no_health_data_and_so_is_not_noted(as_staff: Client, model: type[Model]) -> None:
    MAKERS[model](1)
    page = admin.site._registry[model]  # noqa: SLF001

    as_staff.get(address(model, "changelist"))

    assert views() == []
    told = {"email", "name", "is_active", "is_staff", "id", "user", "date", "version", "source", "fallback_reason"}
    told |= {"created_at", "updated_at", "kind", "at", "job_id", "rest_day", "complete", "start_date", "days"}
    told |= {"status", "stage", "attempts", "code", "finished_at"}
    assert set(page.list_display) <= told


@pytest.mark.parametrize("model", sorted(NO_HEALTH, key=str), ids=lambda model: model._meta.label_lower)
def test_what_says_nothing_of_health_is_not_noted(as_staff: Client, model: type[Model]) -> None:
    row = MAKERS[model](1)
    before = len(views())

    as_staff.get(address(model, "change", row.pk))

    assert len(views()) == before


def test_the_history_of_a_person_is_noted_too(as_staff: Client, staff: User, owner: User) -> None:
    filled_in(as_staff, address(User, "change", owner.pk), weight=68.25)
    version = owner.changes.latest().pk
    HealthView.objects.all().delete()

    as_staff.get(address(User, "history", owner.pk))
    as_staff.get(f"{address(User, 'history', owner.pk)}{version}/")

    assert views() == [(staff.pk, owner.pk, "users.user history", str(owner.pk))] * 2


def test_a_form_that_is_refused_shows_the_data_again_and_is_noted_again(as_staff: Client, owner: User) -> None:
    filled_in(as_staff, address(User, "change", owner.pk), weight=5)

    assert len(views()) == 2


@pytest.mark.parametrize("model", [User, PlanJob])
def test_who_is_shown_the_page_without_health_data_is_not_noted(db: None, model: type[Model]) -> None:
    row = MAKERS[model](1)

    answer = browser_of(roles.SUPPORT).get(address(model, "change", row.pk))

    assert answer.status_code == 200
    assert views() == []


def test_who_is_refused_sees_nothing_and_is_not_noted(db: None) -> None:
    log = MAKERS[ProgressLog](1)

    answer = browser_of(roles.SUPPORT).get(address(ProgressLog, "change", log.pk))

    assert answer.status_code == 403
    assert views() == []


def test_without_its_row_there_is_no_page(as_staff: Client, owner: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**fields: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr(HealthView.objects, "create", fail)
    as_staff.raise_request_exception = False

    answer = as_staff.get(address(User, "change", owner.pk))

    assert answer.status_code == 500
    assert owner.email not in answer.content.decode()


@pytest.mark.parametrize("way", ["page", "action", "change"])
def test_nobody_removes_or_changes_a_row_not_even_a_superuser(as_staff: Client, way: str) -> None:
    row = MAKERS[HealthView](1)
    before = HealthView.objects.values().get()

    answer = {
        "page": lambda: as_staff.post(address(HealthView, "delete", row.pk), {"post": "yes"}),
        "change": lambda: as_staff.post(address(HealthView, "change", row.pk), {"page": "nothing"}),
        "action": lambda: as_staff.post(
            address(HealthView, "changelist"),
            {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"},
        ),
    }[way]()

    assert answer.status_code in {403, 302, 200}
    assert HealthView.objects.values().get() == before


def test_the_rows_are_read_by_the_role_admin_alone(db: None) -> None:
    row = MAKERS[HealthView](1)

    answers = [browser_of(role).get(address(HealthView, "change", row.pk)).status_code for role in roles.ROLES]

    assert answers == [403, 403, 200]


def test_a_person_who_is_erased_takes_the_rows_about_them_along(as_staff: Client, owner: User, stranger: User) -> None:
    for person in (owner, stranger):
        as_staff.get(address(User, "change", person.pk))

    Api(owner).delete("/api/v1/profile", {"password": factories.PASSWORD})

    assert [user_id for _, user_id, _, _ in views()] == [stranger.pk]


def test_an_erased_member_of_staff_leaves_the_rows_without_their_name(
    as_staff: Client, staff: User, owner: User
) -> None:
    as_staff.get(address(User, "change", owner.pk))

    Api(staff).delete("/api/v1/profile", {"password": factories.PASSWORD})

    assert views() == [(None, owner.pk, "users.user", str(owner.pk))]


def test_no_health_data_stands_in_the_log_of_a_view(as_staff: Client, caplog: pytest.LogCaptureFixture) -> None:
    person = factories.user(conditions=["diabetes"], weight=71.53)
    caplog.set_level("DEBUG")

    as_staff.get(address(User, "change", person.pk))

    assert "diabetes" not in caplog.text
    assert "71.53" not in caplog.text


def test_every_page_of_health_data_is_a_watched_one() -> None:
    watched = {model for model, page in admin.site._registry.items() if isinstance(page, Watched)}  # noqa: SLF001

    assert watched == HEALTH
