"""Who of the staff changed what: kept for what is done in the admin, and costing nothing anywhere else."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as product
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.contrib.sessions.models import Session as StaffSession
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from ai.models import ProviderSwitch
from config import history
from mealplans.models import Food, Recipe
from tests import factories
from tests.admin.pages import MAKERS, address, filled_in
from tests.conftest import Api
from users import audit, lifecycle, roles, services
from users.models import HealthView, User
from workouts.models import Exercise

WITH_HISTORY: dict[type[Any], tuple[str, str]] = {  # model → a field that staff change, and to what
    User: ("name", "Renamed"),
    Food: ("name", "Renamed"),
    Recipe: ("title", "Renamed"),
    Exercise: ("name", "Renamed"),
    ProviderSwitch: ("reason", "Renamed"),
}
CHANGED = pytest.mark.parametrize("model", WITH_HISTORY, ids=lambda model: model._meta.label_lower)
HISTORIES = [model for model in apps.get_models() if hasattr(model, "history_date")]


def rows() -> int:
    return sum(model._default_manager.count() for model in HISTORIES)


def existing(model: type[Any]) -> Any:
    if model in {Food, Recipe, Exercise}:
        return model.objects.filter(retired=False)[0]
    return MAKERS[model](1)


def test_whatever_staff_can_change_has_a_history() -> None:
    assert {model for model in apps.get_models() if hasattr(model, "changes")} == set(WITH_HISTORY)


@CHANGED
def test_a_change_is_kept_with_who_when_and_what(as_staff: Client, staff: User, model: type[Any]) -> None:
    row, (field, value) = existing(model), WITH_HISTORY[model]
    began = timezone.now()

    answer = filled_in(as_staff, address(model, "change", row.pk), **{field: value})

    change = type(row).changes.filter(**{row._meta.pk.name: row.pk}).latest()
    assert answer.status_code == 302
    assert (change.history_user, change.history_type, getattr(change, field)) == (staff, "~", value)
    assert began <= change.history_date <= timezone.now()


@CHANGED
def test_the_history_page_shows_what_became_of_what(as_staff: Client, staff: User, model: type[Any]) -> None:
    row, (field, _) = existing(model), WITH_HISTORY[model]
    for value in ("first words", "second words"):
        filled_in(as_staff, address(model, "change", row.pk), **{field: value})

    page = as_staff.get(address(model, "history", row.pk)).content.decode()

    assert "first words → second words" in page
    assert staff.email in page


@CHANGED
def test_an_earlier_version_is_looked_at_and_never_stored_by_a_post(as_staff: Client, model: type[Any]) -> None:
    row, (field, _) = existing(model), WITH_HISTORY[model]
    filled_in(as_staff, address(model, "change", row.pk), **{field: "as it was then"})
    version = model.changes.filter(**{row._meta.pk.name: row.pk}).latest().pk
    page = f"{address(model, 'history', row.pk)}{version}/"

    shown = as_staff.get(page)
    posted = as_staff.post(page, {field: "planted"})

    row.refresh_from_db()
    assert (shown.status_code, posted.status_code) == (200, 403)
    assert "as it was then" in shown.content.decode()
    assert getattr(row, field) == "as it was then"


def test_retiring_is_a_change_like_any_other(as_staff: Client, staff: User) -> None:
    slugs = list(Food.objects.values_list("slug", flat=True)[:3])

    as_staff.post(address(Food, "changelist"), {"action": "retire", "_selected_action": slugs})

    by_staff = Food.changes.filter(history_user=staff).values_list("slug", "retired")
    before = Food.changes.filter(history_user=None).values_list("slug", "retired")
    assert sorted(by_staff) == sorted((slug, True) for slug in slugs)
    assert sorted(before) == sorted((slug, False) for slug in slugs)


def test_the_first_change_says_what_was_before_and_what_others_changed_is_nobodys_doing(
    as_staff: Client, staff: User, owner: User, as_owner: Api
) -> None:
    filled_in(as_staff, address(User, "change", owner.pk), weight=70)
    as_owner.patch("/api/v1/profile", {"weight": 69})
    filled_in(as_staff, address(User, "change", owner.pk), weight=68)

    entries = owner.changes.order_by("history_id").values_list("weight", "history_user", "history_change_reason")
    page = as_staff.get(address(User, "history", owner.pk)).content.decode()

    assert list(entries) == [
        (71.5, None, history.BEFORE),
        (70, staff.pk, None),
        (69, None, history.BEFORE),
        (68, staff.pk, None),
    ]
    assert "71.5 → 70.0" in page


def test_what_nobody_changed_in_between_is_not_written_twice(as_staff: Client, owner: User) -> None:
    for name in ("first", "second"):
        filled_in(as_staff, address(User, "change", owner.pk), name=name)

    assert list(owner.changes.order_by("history_id").values_list("name", flat=True)) == [
        "Olga Owner",
        "first",
        "second",
    ]


def test_a_new_role_stands_in_the_history(as_staff: Client, staff: User) -> None:
    person, coach = factories.user(is_staff=True), Group.objects.get_or_create(name=roles.COACH)[0]

    filled_in(as_staff, address(User, "change", person.pk), groups=[coach.pk])

    newest, before = person.changes.latest(), person.changes.earliest()
    assert not before.groups.all()
    assert [row.group for row in newest.groups.all()] == [coach]
    assert newest.history_user == staff


def test_no_history_holds_a_password(as_staff: Client, staff: User) -> None:
    password = {"password1": "four blue kettles sing", "password2": "four blue kettles sing"}

    as_staff.post(f"/admin/users/user/{factories.user().pk}/password/", {**password, "usable_password": "true"})

    assert rows() > 0
    assert {field.name for model in HISTORIES for field in model._meta.fields} & {"password", "key", "token"} == set()


def test_what_people_and_workers_do_leaves_no_history_and_asks_nothing_more(
    as_owner: Api, owner: User, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def everything() -> None:
        as_owner.patch("/api/v1/profile", {"weight": 70})
        as_owner.post("/api/v1/progress", {"date": "2026-03-02", "weight": 70})
        as_owner.post("/api/v1/generate-plan", {"kind": "both", "days": 1, "start_date": "2026-03-02"})
        assert run_jobs() == 1

    with CaptureQueriesContext(connection) as asked:
        everything()

    about_history = [query["sql"] for query in asked if "_changes" in query["sql"] or "otp_" in query["sql"]]
    assert len(asked) > 20
    assert about_history == []
    assert rows() == 0


def test_saving_a_person_is_one_query_although_there_is_a_history(owner: User, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        owner.save(update_fields=["name"])


def test_loading_the_catalogue_leaves_no_history_and_stays_a_handful_of_queries(db: None) -> None:
    for model in (Food, Recipe, Exercise):
        model.objects.update(shipped_hash="older")

    with CaptureQueriesContext(connection) as asked:
        call_command("load_catalogue", verbosity=0)

    assert rows() == 0
    assert len(asked) < 20


def test_a_request_that_fails_leaves_nobody_acting_for_the_next(as_staff: Client, owner: User) -> None:
    as_staff.raise_request_exception = False
    as_staff.get(address(User, "change", 10**12))

    services.update_profile(owner, {"weight": 61.0})

    assert rows() == 0


def test_an_erased_person_leaves_no_change_of_theirs_and_the_changes_that_they_made_lose_their_name(
    as_staff: Client, staff: User
) -> None:
    person, food = factories.user(weight=71.5), Food.objects.all()[0]
    filled_in(as_staff, address(User, "change", person.pk), weight=68.25)
    filled_in(as_staff, address(Food, "change", food.pk), name="Renamed")

    as_staff.post(address(User, "delete", person.pk), {"post": "yes"})
    left = User.changes.filter(id=person.pk).count()
    Api(staff).delete("/api/v1/profile", {"password": factories.PASSWORD})

    assert left == 0
    assert not User.objects.filter(pk__in=[person.pk, staff.pk]).exists()
    assert [change.history_user for change in Food.changes.all()] == [None, None]


def test_what_is_old_goes_and_the_rest_stays(as_staff: Client, staff: User) -> None:
    food, person = Food.objects.all()[0], factories.user()
    for name in ("older", "newer"):
        filled_in(as_staff, address(Food, "change", food.pk), name=name)
        as_staff.get(address(User, "change", person.pk))
    over = timezone.now() - dt.timedelta(days=product.AUDIT_DAYS, minutes=1)
    Food.changes.filter(name="older").update(history_date=over)
    for model, field in ((HealthView, "seen_at"), (LogEntry, "action_time")):
        first = model._default_manager.order_by("pk").values_list("pk", flat=True)[0]
        model._default_manager.filter(pk=first).update(**{field: over})
    ended = StaffSession.objects.create(session_key="over", session_data="", expire_date=timezone.now())

    removed = audit.prune()

    assert removed == 4
    assert "older" not in {change.name for change in Food.changes.all()}
    assert (HealthView.objects.count(), LogEntry.objects.count()) == (1, 1)
    assert not StaffSession.objects.filter(pk=ended.pk).exists()
    assert as_staff.get("/admin/").status_code == 200


def test_a_person_who_is_deactivated_by_a_service_is_no_change_by_staff(owner: User) -> None:
    lifecycle.deactivate(user_id=owner.pk, now=timezone.now())

    assert rows() == 0
