"""The pages of staff: each opens with rows in it, none asks more for more rows, and nobody else gets in."""

import datetime as dt
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from ai.models import AICall, JobStatus, PlanJob
from mealplans import catalogue as food_catalogue
from mealplans.models import Food, MealPlan, MealPlanVersion, Recipe
from progress.models import ProgressLog
from tests import factories
from tests.conftest import Api
from users.models import Event, Session, User
from workouts import catalogue as exercise_catalogue
from workouts.models import Exercise, WorkoutPlan, WorkoutPlanVersion


def plan(model: type[Model], user: User, **fields: Any) -> Model:
    return model._default_manager.create(user=user, date=factories.MONDAY, source="planner", **fields)


def session(user: User) -> Session:
    return Session.objects.create(user=user, created_at=timezone.now(), rotated_at=timezone.now())


def food(number: int) -> Food:
    return Food.objects.create(
        slug=f"food_{number}", name="Food", category="fruit", aisle="produce", per_100g={"kcal": 1}
    )


def recipe(number: int) -> Recipe:
    return Recipe.objects.create(
        slug=f"recipe_{number}",
        title="Dish",
        slots=["lunch"],
        cuisine="test",
        servings=1,
        prep_minutes=1,
        cook_minutes=1,
        ingredients=[],
        steps=["Cook."],
    )


def exercise(number: int) -> Exercise:
    return Exercise.objects.create(
        slug=f"exercise_{number}", name="Move", pattern="squat", level="beginner", mode="reps", rep_range=[8, 12], met=5
    )


def call(user: User) -> AICall:
    job = factories.job(user, start_date=factories.MONDAY + dt.timedelta(days=AICall.objects.count()))
    return AICall.objects.create(job=job, provider="p", model="m", outcome="ok", latency_ms=1)


MAKERS: dict[type[Model], Callable[[int], Model]] = {
    Group: lambda number: Group.objects.create(name=f"group {number}"),
    User: lambda number: factories.user(),
    Session: lambda number: session(factories.user()),
    Event: lambda number: Event.objects.create(user=factories.user(), seq=1, type="thing.happened"),
    Food: food,
    Recipe: recipe,
    MealPlan: lambda number: plan(MealPlan, factories.user(), breakfast="Porridge"),
    MealPlanVersion: lambda number: plan(MealPlanVersion, factories.user()),
    Exercise: exercise,
    WorkoutPlan: lambda number: plan(WorkoutPlan, factories.user(), title="Legs"),
    WorkoutPlanVersion: lambda number: plan(WorkoutPlanVersion, factories.user(), title="Legs"),
    ProgressLog: lambda number: ProgressLog.objects.create(user=factories.user(), date=factories.MONDAY),
    PlanJob: lambda number: factories.job(factories.user()),
    AICall: lambda number: call(factories.user()),
}
PAGES = pytest.mark.parametrize("model", MAKERS, ids=lambda model: model._meta.label_lower)


def address(model: type[Model], page: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def queries_of(browser: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        assert browser.get(path).status_code == 200
    return len(captured)


def filled_in(browser: Client, path: str, **changes: Any) -> Any:
    """Open a form, change some fields and send it, as a person would."""
    form = browser.get(path).context["adminform"].form
    values = {name: form[name].value() for name in form.fields}
    sent = {name: value for name, value in {**values, **changes}.items() if value is not None and value is not False}
    return browser.post(path, sent)


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
    "model", [Session, Event, MealPlan, MealPlanVersion, WorkoutPlan, WorkoutPlanVersion, ProgressLog]
)
def test_what_people_own_is_read_and_not_written(as_staff: Client, model: type[Model]) -> None:
    row = MAKERS[model](1)

    answers = [as_staff.post(address(model, "add"), {}), as_staff.post(address(model, "change", row.pk), {})]

    assert [answer.status_code for answer in answers] == [403, 403]


def test_no_page_shows_a_password_hash(as_staff: Client, owner: User) -> None:
    text = as_staff.get(address(User, "change", owner.pk)).content.decode()

    assert owner.password.rsplit("$", 1)[1] not in text


def test_jobs_are_found_by_their_state(as_staff: Client, owner: User) -> None:
    factories.job(owner, kind="meal")
    failed = factories.job(owner, kind="workout", status=JobStatus.FAILED)

    answer = as_staff.get(f"{address(PlanJob, 'changelist')}?status__exact=failed")

    assert list(answer.context["cl"].result_list) == [failed]


@pytest.mark.parametrize(
    ("action", "before", "after"),
    [
        ("retry", JobStatus.FAILED, JobStatus.QUEUED),
        ("retry", JobStatus.CANCELLED, JobStatus.QUEUED),
        ("retry", JobStatus.SUCCEEDED, JobStatus.SUCCEEDED),
        ("cancel", JobStatus.QUEUED, JobStatus.CANCELLED),
        ("cancel", JobStatus.FAILED, JobStatus.FAILED),
    ],
)
def test_staff_put_a_job_back_or_cancel_it_where_its_state_allows(
    as_staff: Client, owner: User, action: str, before: str, after: str
) -> None:
    job = factories.job(owner, status=before)

    answer = as_staff.post(address(PlanJob, "changelist"), {"action": action, "_selected_action": [job.pk]})

    job.refresh_from_db()
    assert (answer.status_code, job.status) == (302, after)


def test_a_retired_recipe_leaves_the_planners_catalogue_and_comes_back(as_staff: Client) -> None:
    slug = Recipe.objects.filter(slots__contains=["dinner"]).values_list("slug", flat=True)[0]
    before = food_catalogue.current().recipes[slug].slots

    slots = []
    for action in ("retire", "bring_back"):
        as_staff.post(address(Recipe, "changelist"), {"action": action, "_selected_action": [slug]})
        slots.append(food_catalogue.current().recipes[slug].slots)

    assert before
    assert slots == [(), before]


def test_a_retired_food_takes_its_dishes_with_it(as_staff: Client) -> None:
    dish = Recipe.objects.filter(slots__contains=["dinner"])[0]

    as_staff.post(address(Food, "changelist"), {"action": "retire", "_selected_action": [dish.ingredients[0]["food"]]})

    assert food_catalogue.current().recipes[dish.slug].slots == ()


def test_a_retired_exercise_leaves_the_planners_catalogue_and_comes_back(as_staff: Client) -> None:
    slug = Exercise.objects.values_list("slug", flat=True)[0]

    known = []
    for action in ("retire", "bring_back"):
        as_staff.post(address(Exercise, "changelist"), {"action": action, "_selected_action": [slug]})
        known.append(slug in exercise_catalogue.current().exercises)

    assert known == [False, True]


@pytest.mark.parametrize("model", [Food, Recipe, Exercise])
def test_what_ships_is_retired_and_never_deleted(as_staff: Client, model: type[Model]) -> None:
    row = MAKERS[model](1)

    answer = as_staff.post(address(model, "delete", row.pk), {"post": "yes"})
    as_staff.post(
        address(model, "changelist"), {"action": "delete_selected", "_selected_action": [row.pk], "post": "yes"}
    )

    assert answer.status_code == 403
    assert model._default_manager.filter(pk=row.pk).exists()


def test_an_edited_title_reaches_the_planner(as_staff: Client) -> None:
    slug = Recipe.objects.values_list("slug", flat=True)[0]

    answer = filled_in(as_staff, address(Recipe, "change", slug), title="As staff call it")

    assert answer.status_code == 302
    assert food_catalogue.current().recipes[slug].title == "As staff call it"


def test_an_edit_cannot_turn_one_entry_into_two(as_staff: Client) -> None:
    slug = Recipe.objects.values_list("slug", flat=True)[0]
    before = Recipe.objects.count()

    filled_in(as_staff, address(Recipe, "change", slug), slug="another_name")

    assert Recipe.objects.count() == before


BROKEN_RECIPES: dict[str, dict[str, Any]] = {
    "an unknown food": {"ingredients": json.dumps([{"food": "unobtainium", "grams": 5}])},
    "no grams": {"ingredients": json.dumps([{"food": "almonds"}])},
    "grams in words": {"ingredients": json.dumps([{"food": "almonds", "grams": "some"}])},
    "no list": {"ingredients": json.dumps({"food": "almonds", "grams": 5})},
    "no servings": {"servings": 0},
    "an unknown slot": {"slots": "brunch"},
}


@pytest.mark.parametrize("name", BROKEN_RECIPES)
def test_a_recipe_that_the_planner_could_not_use_is_refused(as_staff: Client, name: str) -> None:
    slug = Recipe.objects.values_list("slug", flat=True)[0]
    before = Recipe.objects.values().get(slug=slug)

    answer = filled_in(as_staff, address(Recipe, "change", slug), **BROKEN_RECIPES[name])

    assert answer.status_code == 200
    assert answer.context["adminform"].form.errors
    assert Recipe.objects.values().get(slug=slug) == before


@pytest.mark.parametrize("per_100g", [{}, {"kcal": 52}, {"kcal": "many"}, []])
def test_a_food_without_its_figures_is_refused(as_staff: Client, per_100g: Any) -> None:
    slug = Food.objects.values_list("slug", flat=True)[0]

    answer = filled_in(as_staff, address(Food, "change", slug), per_100g=json.dumps(per_100g))

    assert answer.status_code == 200
    assert "per_100g" in answer.context["adminform"].form.errors


@pytest.mark.parametrize("rep_range", [[], [8], [12, 8], "8-12"])
def test_an_exercise_without_a_range_is_refused(as_staff: Client, rep_range: Any) -> None:
    slug = Exercise.objects.values_list("slug", flat=True)[0]

    answer = filled_in(as_staff, address(Exercise, "change", slug), rep_range=json.dumps(rep_range))

    assert answer.status_code == 200
    assert "rep_range" in answer.context["adminform"].form.errors


def test_what_staff_change_is_in_the_persons_next_reading(as_staff: Client, as_owner: Api, owner: User) -> None:
    as_owner.get("/api/v1/profile")

    answer = filled_in(as_staff, address(User, "change", owner.pk), name="Renamed by staff")

    assert answer.status_code == 302
    assert as_owner.get("/api/v1/profile").json()["name"] == "Renamed by staff"


def test_somebody_whom_staff_deactivate_is_out_with_the_next_request(
    as_staff: Client, as_owner: Api, owner: User
) -> None:
    as_owner.get("/api/v1/profile")

    filled_in(as_staff, address(User, "change", owner.pk), is_active=False)

    assert as_owner.get("/api/v1/profile").status_code == 401


def test_somebody_whose_address_staff_change_signs_in_with_the_new_one(
    as_staff: Client, anonymous: Api, owner: User
) -> None:
    answer = filled_in(as_staff, address(User, "change", owner.pk), email="New.Address@Example.ORG")

    credentials = {"email": "new.address@example.org", "password": factories.PASSWORD}
    assert answer.status_code == 302
    assert anonymous.post("/api/v1/login", credentials).status_code == 200


@pytest.mark.parametrize(
    "changes",
    [
        {"timezone": "Mars/Olympus"},
        {"availability": '{"days": "mon"}'},
        {"max_prep_minutes": "[5]"},
        {"age": 12},
        {"weight": 10},
        {"allergies": "moonlight"},
    ],
)
def test_staff_cannot_store_a_profile_that_the_api_could_not_show(
    as_staff: Client, as_owner: Api, owner: User, changes: dict[str, Any]
) -> None:
    answer = filled_in(as_staff, address(User, "change", owner.pk), **changes)

    assert answer.status_code == 200
    assert set(answer.context["adminform"].form.errors) == set(changes)


def test_somebody_whom_staff_add_can_sign_in(as_staff: Client, anonymous: Api) -> None:
    new = {
        "email": "New.Person@Example.ORG",
        "name": "New",
        "password1": factories.PASSWORD,
        "password2": factories.PASSWORD,
    }

    answer = as_staff.post(address(User, "add"), {**new, "usable_password": "true"})

    credentials = {"email": "new.person@example.org", "password": factories.PASSWORD}
    assert answer.status_code == 302
    assert anonymous.post("/api/v1/login", credentials).status_code == 200


def test_staff_can_delete_an_account_with_all_that_belongs_to_it(as_staff: Client, owner: User, stranger: User) -> None:
    for person in (owner, stranger):
        plan(MealPlan, person)
        plan(WorkoutPlan, person)
        session(person)
        call(person)

    answer = as_staff.post(address(User, "delete", owner.pk), {"post": "yes"})

    assert answer.status_code == 302
    assert [MealPlan.objects.get().user, WorkoutPlan.objects.get().user, Session.objects.get().user] == [stranger] * 3


def test_the_style_of_the_pages_is_served(as_staff: Client) -> None:
    answer = as_staff.get("/static/admin/css/base.css")
    answer.close()

    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/css")
