"""The pages of staff: each opens with rows in it, none asks more for more rows, and nobody else gets in."""

import pytest
from django.contrib import admin
from django.contrib.auth.models import Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext

from ai.models import AICall, AISpending, Document, PlanJob
from mealplans.models import Food, MealPlanVersion
from progress.models import ProgressLog
from tests import factories
from tests.admin.pages import MAKERS, address
from tests.conftest import Api
from users.models import Erasure, Event, Export, HealthView, Letter, Session, User
from workouts.models import PerformedSet, WorkoutPlanVersion

PAGES = pytest.mark.parametrize("model", MAKERS, ids=lambda model: model._meta.label_lower)


def queries_of(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def test_every_table_has_a_page_and_every_page_a_test() -> None:
    assert set(admin.site._registry) == set(MAKERS)  # noqa: SLF001 - the only list of pages there is


@PAGES
def test_a_list_shows_its_rows_with_the_same_queries_for_two_as_for_ten(as_staff: Client, model: type[Model]) -> None:
    rows = [MAKERS[model](number) for number in range(2)]
    queries_of(as_staff, address(model, "changelist"))
    few = queries_of(as_staff, address(model, "changelist"))

    rows += [MAKERS[model](number) for number in range(2, 10)]

    assert queries_of(as_staff, address(model, "changelist")) == few
    shown = as_staff.get(address(model, "changelist")).context["cl"].result_list
    assert len(shown) >= min(len(rows), 10)


@PAGES
def test_a_row_opens(as_staff: Client, model: type[Model]) -> None:
    row = MAKERS[model](1)

    answer = as_staff.get(address(model, "change", row.pk))

    assert answer.status_code == 200
    assert answer.context["original"] == row


@PAGES
def test_a_list_can_be_searched_and_sorted(as_staff: Client, model: type[Model]) -> None:
    MAKERS[model](1)

    answers = [as_staff.get(f"{address(model, 'changelist')}?q=example&o={number}") for number in (1, -2)]

    assert [answer.status_code for answer in answers] == [200, 200]


@PAGES
def test_who_is_not_staff_gets_nowhere(as_staff: Client, owner: User, model: type[Model]) -> None:
    row = MAKERS[model](1)
    outsider = Client()
    outsider.force_login(owner)

    for browser in (Client(), outsider):
        for path in (address(model, "changelist"), address(model, "change", row.pk), address(model, "delete", row.pk)):
            answer = browser.get(path)
            assert (answer.status_code, answer["Location"]) == (302, f"/admin/login/?next={path}")


def test_staff_without_a_permission_see_no_table(db: None) -> None:
    browser = Client(raise_request_exception=False)
    browser.force_login(factories.user(is_staff=True))

    answers = {browser.get(address(model, "changelist")).status_code for model in MAKERS}

    assert answers == {403}


def test_staff_with_a_permission_see_that_table_alone(db: None) -> None:
    reader = factories.user(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_food"))
    browser = Client(raise_request_exception=False)
    browser.force_login(reader)

    allowed = [model for model in MAKERS if browser.get(address(model, "changelist")).status_code == 200]

    assert allowed == [Food]


def test_an_access_token_is_no_key_to_the_pages(as_owner: Api) -> None:
    assert as_owner.get("/admin/").status_code == 302


@pytest.mark.parametrize(
    "model",
    [Session, Event, Letter, Export, Erasure, HealthView, MealPlanVersion, WorkoutPlanVersion, PerformedSet]
    + [ProgressLog, PlanJob, AICall, AISpending, Document],
)
def test_what_people_own_is_read_and_not_written(as_staff: Client, model: type[Model]) -> None:
    row = MAKERS[model](1)

    pages = [address(model, "add"), address(model, "change", row.pk), address(model, "delete", row.pk)]
    answers = [as_staff.post(page, {"post": "yes"}) for page in pages]

    assert [answer.status_code for answer in answers] == [403] * 3


def test_no_page_shows_a_password_hash(as_staff: Client, owner: User) -> None:
    text = as_staff.get(address(User, "change", owner.pk)).content.decode()

    assert owner.password.rsplit("$", 1)[1] not in text


def test_the_style_of_the_pages_is_served(as_staff: Client) -> None:
    answer = as_staff.get("/static/admin/css/base.css")
    answer.close()

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/css")


@pytest.mark.parametrize(("model", "secret"), [(Letter, "token_hash"), (Export, "document"), (PlanJob, "lease_token")])
def test_no_page_shows_what_opens_something(as_staff: Client, model: type[Model], secret: str) -> None:
    row = MAKERS[model](1)
    value: object = b"secret-canary" if secret == "document" else "6f1c9a52-0000-4000-8000-0000000ca4a1"
    model._default_manager.filter(pk=row.pk).update(**{secret: value})

    text = as_staff.get(address(model, "change", row.pk)).content.decode()

    assert "canary" not in text
    assert "0000000ca4a1" not in text
