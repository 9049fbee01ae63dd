"""Making a plan: what free text takes out of it, whether a model is asked or not."""

from typing import Any

import pytest

from mealplans import services as meal_services
from mealplans.models import MealPlan
from tests.ai.coach_cast import eaten, fulfil, notices
from users.models import User
from workouts.models import WorkoutPlan

pytestmark = pytest.mark.django_db


# --- notes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("notes", "allergens"),
    [
        ("I'm allergic to peanuts", {"peanuts"}),
        ("no dairy please, lactose intolerant", {"milk"}),
        ("not allergic to eggs anymore", {"eggs"}),
        ("allergisch gegen Soja", {"soy"}),
    ],
)
def test_an_allergy_that_only_the_notes_name_is_kept_out_and_said(owner: User, notes: str, allergens: set[str]) -> None:
    job = fulfil(owner, days=3, overrides={"notes": notes})

    plan = MealPlan.objects.filter(user=owner).latest("date")
    assert allergens <= set(plan.certificate["allergens"]["excluded"])
    assert eaten(owner).isdisjoint(allergens)
    assert "You wrote “" in notices(owner)
    assert f"nothing with {allergens.copy().pop()} is planned" in notices(owner)
    assert set(plan.certificate["notices"]) <= set((job.explanation or {})["notices"])


def test_a_denied_allergy_changes_nothing(owner: User) -> None:
    fulfil(owner, overrides={"notes": "I am not allergic to eggs"})

    plan = MealPlan.objects.get(user=owner)
    assert (plan.certificate["allergens"]["excluded"], plan.certificate["notices"]) == ([], [])


def test_notes_never_take_an_allergy_of_the_profile_back(owner: User) -> None:
    owner.allergies = ["eggs"]
    owner.save()

    fulfil(owner, overrides={"notes": "I am not allergic to eggs, lots of eggs please"})

    assert "eggs" not in eaten(owner)


def test_an_allergy_among_the_preferences_is_kept_out_too(owner: User) -> None:
    owner.dietary_preferences = ["peanut_allergy", "colourful"]
    owner.save()

    fulfil(owner)

    plan = MealPlan.objects.get(user=owner)
    assert plan.certificate["allergens"]["excluded"] == ["peanuts"]
    assert plan.certificate["not_enforced"] == ["colourful"]


def test_a_food_that_the_notes_refuse_is_left_out(owner: User) -> None:
    fulfil(owner, days=3, overrides={"notes": "no mushrooms or tomatoes"})

    names = {
        part["name"].lower()
        for plan in MealPlan.objects.filter(user=owner)
        for meal in plan.meals
        for part in meal["ingredients"]
    }
    assert not [name for name in names if "mushroom" in name or "tomato" in name]
    assert "mushrooms and tomatoes are left out" in notices(owner)


def test_a_wish_that_would_leave_too_few_dishes_is_not_heeded_and_that_is_said(owner: User) -> None:
    owner.dietary_preferences = ["vegan", "keto"]
    owner.save()

    fulfil(owner, overrides={"notes": "no salt"})

    assert "too few dishes would be left without salt" in notices(owner)


def test_a_diet_in_the_notes_holds_for_the_plan(owner: User) -> None:
    fulfil(owner, days=2, overrides={"notes": "I'm vegan"})

    assert MealPlan.objects.filter(user=owner).latest("date").certificate["diets"]["kept"] == ["vegan"]
    assert eaten(owner).isdisjoint({"milk", "eggs", "fish"})


def test_a_pregnancy_in_the_notes_is_planned_for(owner: User) -> None:
    fulfil(owner, kind="both", overrides={"notes": "I am pregnant, 12 weeks", "fitness_goal": "lose_weight"})

    plan = MealPlan.objects.get(user=owner)
    assert plan.targets["kcal"] > 2200  # no deficit, and what EFSA adds; without it 1829
    assert "No deficit in pregnancy" in notices(owner)
    training = WorkoutPlan.objects.get(user=owner)
    assert training.certificate["conditions"]["declared"] == ["pregnant"]
    assert "takes care of it (pregnant)" in notices(owner, WorkoutPlan)


def test_what_is_unsafe_in_pregnancy_is_kept_out_by_the_notes_alone(
    owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged: list[frozenset[str]] = []
    save = meal_services.save_days

    def watched(**fields: Any) -> Any:
        judged.append(fields["eater"].conditions)
        return save(**fields)

    monkeypatch.setattr(meal_services, "save_days", watched)

    fulfil(owner, overrides={"notes": "I am pregnant"})

    assert judged == [frozenset({"pregnant"})]


def test_an_injury_in_the_notes_is_spared(owner: User) -> None:
    fulfil(owner, kind="workout", days=7, overrides={"notes": "my knee hurts"})

    training = WorkoutPlan.objects.filter(user=owner).latest("date")
    assert training.certificate["injuries"] == {"declared": ["knee"], "found": []}
    assert "You wrote “my knee hurts”" in notices(owner, WorkoutPlan)


def test_what_is_said_of_somebody_else_is_only_asked_about(owner: User) -> None:
    fulfil(owner, overrides={"notes": "my wife is pregnant"})

    assert "not clear what to leave out (pregnant)" in notices(owner)
