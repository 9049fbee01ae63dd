"""Protein, carbohydrate, fat, fibre and sodium follow the published figures, worked by hand."""

import math
from dataclasses import replace

import pytest

from tests.users.target_cast import GOALS, MAN, WOMAN, how, source
from users.targets import targets


@pytest.mark.parametrize("goal", GOALS)
def test_protein_by_goal_is_within_published_ranges(goal: str) -> None:
    plan = targets(replace(MAN, fitness_goal=goal))

    assert 1.2 <= plan.protein / 80 <= 2.0


def test_protein_is_counted_up_to_a_bmi_of_25() -> None:
    slimmer = replace(MAN, fitness_goal="lose_weight", activity_level="sedentary")

    heavy, heavier = (targets(replace(slimmer, weight=weight)) for weight in (100, 140))

    assert heavy.protein == heavier.protein == 130  # 1.6 g/kg x 25 x 1.8 m squared


@pytest.mark.parametrize(
    ("age", "weight", "activity", "share"),
    [(35, 60, "very_active", 0.15), (64, 60, "very_active", 0.15), (65, 60, "very_active", 0.18)],
)
def test_who_needs_much_energy_gets_protein_by_its_share(age: int, weight: float, activity: str, share: float) -> None:
    plan = targets(replace(MAN, age=age, weight=weight, activity_level=activity))

    assert plan.protein == math.ceil(share * plan.kcal / 4)
    assert plan.protein > 1.4 * weight
    assert "Nordic" in source(plan, "protein")


def test_where_the_weight_asks_for_more_than_the_share_it_decides() -> None:
    plan = targets(replace(MAN, fitness_goal="gain_muscle", activity_level="sedentary"))

    assert plan.protein == 144  # 1.8 g/kg


@pytest.mark.parametrize(("activity", "protein"), [("sedentary", 64), ("moderate", 79), ("very_active", 80)])
def test_kidney_disease_keeps_protein_between_0_8_and_1_and_asks_for_a_clinician(activity: str, protein: int) -> None:
    ill = replace(MAN, activity_level=activity, fitness_goal="gain_muscle", conditions=frozenset({"kidney_disease"}))

    plan = targets(ill)

    assert plan.protein == protein  # 0.8 g/kg, or a tenth of the energy, or 1 g/kg
    assert any("0.8-1 g per kg" in notice for notice in plan.notices)
    assert "KDIGO" in source(plan, "protein")


@pytest.mark.parametrize(("weight", "activity"), [(60, "sedentary"), (80, "moderate"), (110, "very_active")])
def test_keto_keeps_carbs_low_even_ten_percent_over(weight: float, activity: str) -> None:
    keto = replace(MAN, diets=frozenset({"keto"}), fitness_goal="lose_weight", weight=weight, activity_level=activity)

    plan = targets(keto)

    assert plan.carbs * 1.1 <= max(50, 0.09 * plan.kcal / 4)
    assert 0.20 * plan.kcal <= 4 * plan.protein <= 0.30 * plan.kcal
    assert 9 * plan.fat >= 0.50 * plan.kcal


def test_keto_asks_for_no_more_fibre_than_its_carbohydrate_has_room_for() -> None:
    keto, usual = targets(replace(MAN, diets=frozenset({"keto"}))), targets(MAN)

    assert keto.fibre == 25 < usual.fibre
    assert "EFSA" in source(keto, "fibre")
    assert "14 g per 1000 kcal" in how(usual, "fibre")


def test_where_protein_is_high_fat_gives_way_and_not_carbs() -> None:
    plan = targets(replace(MAN, fitness_goal="lose_weight", weight=81, activity_level="sedentary", goal_rate=1.0))

    assert 4 * plan.protein > 0.28 * plan.kcal
    assert 4 * plan.carbs == pytest.approx(0.45 * plan.kcal, abs=4)


def test_low_carb_is_a_fifth_to_a_quarter_of_energy() -> None:
    plan = targets(replace(MAN, diets=frozenset({"low_carb"})))

    assert 0.20 <= 4 * plan.carbs / plan.kcal <= 0.26


@pytest.mark.parametrize(
    "change",
    [
        {"age": 17},
        {"conditions": frozenset({"pregnant"})},
        {"conditions": frozenset({"breastfeeding"})},
        {"conditions": frozenset({"eating_disorder"})},
        {"conditions": frozenset({"kidney_disease"})},
    ],
)
@pytest.mark.parametrize("diet", ["keto", "low_carb"])
def test_carbs_are_not_cut_where_that_may_harm(change: dict[str, object], diet: str) -> None:
    plan = targets(replace(WOMAN, diets=frozenset({diet}), **change))  # type: ignore[arg-type]

    assert 4 * plan.carbs >= 0.45 * plan.kcal - 4
    assert any("Low carb is not planned" in notice for notice in plan.notices)


@pytest.mark.parametrize(
    ("age", "conditions", "sodium"),
    [
        (35, frozenset[str](), 2300),
        (35, frozenset({"hypertension"}), 2000),
        (35, frozenset({"heart_disease"}), 2000),
        (14, frozenset[str](), 2300),
        (13, frozenset[str](), 1800),
    ],
)
def test_sodium_follows_age_and_condition(age: int, conditions: frozenset[str], sodium: int) -> None:
    plan = targets(replace(MAN, age=age, conditions=conditions))

    assert plan.sodium == sodium


@pytest.mark.parametrize("condition", ["kidney_disease", "hypertension", "heart_disease"])
def test_that_potassium_is_not_counted_is_said_to_whom_it_matters(condition: str) -> None:
    healthy, ill = targets(MAN), targets(replace(MAN, conditions=frozenset({condition})))

    assert not any("Potassium" in notice for notice in healthy.notices)
    assert any("Potassium" in notice for notice in ill.notices)
