"""The judge sees every planted fault, with arithmetic of its own."""

import datetime as dt
from dataclasses import replace

import pytest

from mealplans import planner
from tests.mealplans.planner_cast import MONDAY, aim, eater, food, recipe, shipped

EASY = {"targets": aim(1500, 75, 180, 53), "meals_per_day": 3}


def kitchen() -> planner.Catalogue:
    foods = [
        food("stew", 125, 6.25, 15, 4.4),
        food("nut_stew", 125, 6.25, 15, 4.4, allergens=["nuts"], diets=["vegetarian"], kosher_class="meat"),
        food("cheese_stew", 125, 6.25, 15, 4.4, kosher_class="dairy", cost=3),
        food("salty_stew", 125, 6.25, 15, 4.4, per_100g={"sodium": 900.0, "sat_fat": 4.0, "fibre": 0.1}),
        food("odd_stew", 125, 6.25, 15, 4.4, per_100g={"sodium": None}),
        food("lean_stew", 125, 10.0, 15, 2.7),
    ]
    slots = ["breakfast", "lunch", "dinner"]
    dishes = [recipe(f"{slot}_stew", [slot], {"stew": 400}) for slot in slots]
    dishes += [
        recipe(name, ["lunch"], {name: 400}, cook_minutes=50) for name in ("nut_stew", "cheese_stew", "salty_stew")
    ]
    dishes += [recipe(name, ["lunch"], {name: 400}) for name in ("odd_stew", "lean_stew")]
    dishes.append(recipe("mixed_stew", ["lunch"], {"nut_stew": 200, "cheese_stew": 200}))
    return planner.catalogue_from(foods, dishes)


def day(lunch: str = "lunch_stew", servings: float = 1.0, date: dt.date = MONDAY) -> planner.Day:
    dishes = (("breakfast", "breakfast_stew", 1.0), ("lunch", lunch, servings), ("dinner", "dinner_stew", 1.0))
    return planner.Day(date, tuple(planner.Dish(*dish) for dish in dishes))


def codes(days: list[planner.Day], person: planner.Eater) -> dict[str, bool]:
    return {fault.code: fault.hard for fault in planner.faults(days, person, kitchen())}


def test_a_good_day_has_no_fault() -> None:
    assert planner.faults([day()], eater(**EASY), kitchen()) == ()


@pytest.mark.parametrize(
    ("lunch", "person", "code"),
    [
        ("nut_stew", {"allergens": frozenset({"nuts"})}, "allergen"),
        ("nut_stew", {"diets": frozenset({"vegan"})}, "diet"),
        ("mixed_stew", {"diets": frozenset({"kosher"})}, "diet"),
        ("nut_stew", {"disliked": frozenset({"nut stew"})}, "disliked"),
        ("dinner_stew", {}, "wrong_slot"),
        ("dinner_stew", {}, "repetition"),
        ("no_such_stew", {}, "unknown_recipe"),
        ("lunch_stew", {"meals_per_day": 4}, "meals"),
        ("lunch_stew", {"targets": aim(1600, 80, 192, 57)}, "energy"),
        ("lunch_stew", {"targets": aim(1500, 75, 180, 53, floor={"kcal": 1501, "reason": "x"})}, "floor"),
        ("lunch_stew", {"targets": aim(1500, 100, 180, 53)}, "protein"),
        ("lunch_stew", {"targets": aim(1500, 75, 110, 53)}, "carbs"),
    ],
)
def test_a_broken_promise_is_a_hard_fault(lunch: str, person: dict[str, object], code: str) -> None:
    found = codes([day(lunch)], eater(**EASY | person))

    assert found[code] is True


@pytest.mark.parametrize(
    ("lunch", "person", "code"),
    [
        ("nut_stew", {"max_prep_minutes": {"mon": 30}}, "prep_time"),
        ("cheese_stew", {"budget": 2}, "budget"),
        ("salty_stew", {}, "sodium"),
        ("salty_stew", {"targets": aim(1500, 75, 180, 53, fibre=20)}, "fibre"),
        ("salty_stew", {"targets": aim(1500, 75, 180, 53, sat_fat=5)}, "sat_fat"),
        ("lunch_stew", {"targets": aim(1525, 75, 180, 53)}, "energy"),
        ("lean_stew", {}, "protein"),
        ("odd_stew", {"targets": aim(1500, 75, 180, 53, sodium=400)}, "unknown_figure"),
    ],
)
def test_what_the_ladder_may_relax_is_a_soft_fault(lunch: str, person: dict[str, object], code: str) -> None:
    found = codes([day(lunch)], eater(**EASY | person))

    assert found[code] is False


def test_portions_that_nobody_would_serve_are_refused() -> None:
    assert codes([day(servings=3.5)], eater(**EASY))["servings"] is True


def test_a_dish_too_often_in_seven_days_is_seen_across_the_plans_edge() -> None:
    person = eater(**EASY)
    recent = {MONDAY - dt.timedelta(days=back): ["lunch_stew"] for back in (2, 4)}

    found = planner.faults([day()], person, kitchen(), recent=recent)

    assert [(fault.code, fault.detail) for fault in found] == [("repetition", "lunch_stew 3 times in 7 days")]


def test_two_days_running_is_a_fault_unless_leftovers_are_wanted() -> None:
    days = [day(), day(date=MONDAY + dt.timedelta(days=1))]

    assert codes(days, eater(**EASY)) == {"repetition": False}
    assert codes(days, eater(**EASY, leftovers=True)) == {}


def test_a_retired_dish_may_stay_where_it_is() -> None:
    catalogue = kitchen()
    retired = {**catalogue.recipes, "lunch_stew": replace(catalogue.recipes["lunch_stew"], slots=())}

    assert planner.faults([day()], eater(**EASY), replace(catalogue, recipes=retired)) == ()


def test_an_unknown_figure_makes_the_total_unknown_and_never_nothing() -> None:
    totals = planner.totals(day("odd_stew"), kitchen())

    assert totals["sodium"] is None
    assert totals["kcal"] == 1500


def test_what_gave_way_is_recomputed_from_the_plan() -> None:
    person = eater(**EASY | {"max_prep_minutes": {"mon": 30}})

    assert planner.relaxations([day()], person, kitchen()) == ()
    assert planner.relaxations([day("salty_stew")], person, kitchen()) == ("prep_time",)
    assert planner.relaxations([day("lean_stew")], eater(**EASY), kitchen()) == ("macros",)


def test_the_certificate_shows_the_judges_own_figures() -> None:
    person = eater(**EASY | {"allergens": frozenset({"nuts"}), "diets": frozenset({"lactose_free"})})

    found = planner.certificate(day(), person, kitchen(), rung=1, relaxations=("macros",))

    assert found["kcal"] == {"target": 1500, "actual": 1500.0, "delta_pct": 0.0}
    assert found["protein"]["actual"] == 75.0
    assert found["fibre"] == {"at_least": 10, "actual": 24.0, "met": True}
    assert found["allergens"] == {"excluded": ["milk", "nuts"], "found": []}
    assert found["relaxations"][0]["code"] == "macros"
    assert found["passed"] is True


def test_a_certificate_of_an_unsafe_day_does_not_pass() -> None:
    person = eater(**EASY | {"allergens": frozenset({"nuts"})})

    found = planner.certificate(day("nut_stew"), person, kitchen(), rung=0, relaxations=())

    assert found["passed"] is False
    assert found["allergens"]["found"] == ["Nut stew: Nut stew contains nuts"]


def test_an_unknown_goal_is_neither_met_nor_missed() -> None:
    found = planner.certificate(day("odd_stew"), eater(**EASY), kitchen(), rung=0, relaxations=())

    assert found["sodium"] == {"at_most": 2300, "actual": None, "met": None}


def test_the_floor_is_in_the_certificate() -> None:
    person = eater(**EASY | {"targets": aim(1500, 75, 180, 53, floor={"kcal": 1500, "reason": "the least"})})

    found = planner.certificate(day(), person, kitchen(), rung=0, relaxations=())

    assert found["floors"] == {"kcal": {"floor": 1500, "reason": "the least", "held": True}}


def test_protein_above_its_ceiling_is_unsafe_with_kidney_disease_and_else_only_noted() -> None:
    ill, well = (
        eater(**EASY | {"targets": aim(1500, 75, 180, 53), "conditions": frozenset(names)})
        for names in ({"kidney_disease"}, set[str]())
    )

    assert codes([day("lean_stew")], well)["protein"] is False
    assert codes([day("lean_stew")], ill)["protein"] is True


def test_the_ceiling_is_in_the_certificate() -> None:
    person = eater(**EASY | {"conditions": frozenset({"kidney_disease"})})

    kept, broken = (
        planner.certificate(day(lunch), person, kitchen(), rung=0, relaxations=())
        for lunch in ("lunch_stew", "lean_stew")
    )

    assert (kept["ceilings"]["protein"]["ceiling"], kept["ceilings"]["protein"]["held"]) == (82.5, True)
    assert kept["conditions"] == {"kept": ["kidney_disease"], "found": []}
    assert broken["ceilings"]["protein"]["held"] is broken["passed"] is False


def test_the_judge_and_the_cook_agree_on_whole_weeks() -> None:
    person = eater()
    week = planner.compose(person, shipped(), [MONDAY], seed=4)

    shown = sum(meal["nutrition"]["kcal"] for meal in planner.meal_json(week.days[0], shipped()))

    assert shown == pytest.approx(planner.totals(week.days[0], shipped())["kcal"], abs=0.3)
