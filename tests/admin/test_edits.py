"""What staff do on their pages: steer jobs, retire and edit what ships, look after accounts; never break a reading."""

import json
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client

from ai.models import JobStatus, PlanJob
from mealplans import catalogue as food_catalogue
from mealplans.models import Food, MealPlan, Recipe
from tests import factories
from tests.admin.pages import MAKERS, address, call, filled_in, plan, session
from tests.conftest import Api
from users.models import Session, User
from workouts import catalogue as exercise_catalogue
from workouts.models import Exercise, WorkoutPlan


def test_jobs_are_found_by_their_state(as_staff: Client, owner: User) -> None:
    factories.job(owner, kind="meal")
    failed = factories.job(owner, kind="workout", status=JobStatus.FAILED)

    answer = as_staff.get(f"{address(PlanJob, 'changelist')}?status__exact=failed")

    assert list(answer.context["cl"].result_list) == [failed]


@pytest.mark.parametrize(
    ("before", "after"), [(JobStatus.QUEUED, JobStatus.CANCELLED), (JobStatus.FAILED, JobStatus.FAILED)]
)
def test_staff_cancel_a_job_where_its_state_allows(as_staff: Client, owner: User, before: str, after: str) -> None:
    job = factories.job(owner, status=before)

    answer = as_staff.post(address(PlanJob, "changelist"), {"action": "cancel", "_selected_action": [job.pk]})

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
