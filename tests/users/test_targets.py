"""The targets follow the published formulas, worked by hand, and protect whom they must."""

import math
from dataclasses import replace

import pytest

from users.targets import Person, Targets, targets

GOALS = ("lose_weight", "maintain", "gain_muscle", "improve_endurance", "general_health")
ROUNDING = 1  # kcal: energy, TDEE and RMR are each rounded to a whole kcal


@pytest.fixture
def man() -> Person:
    return Person(
        age=35,
        sex="male",
        height=180,
        weight=80,
        fitness_goal="maintain",
        activity_level="moderate",
        conditions=frozenset(),
        diets=frozenset(),
    )


@pytest.fixture
def woman(man: Person) -> Person:
    return replace(man, sex="female", height=165, weight=62)


def deficit(plan: Targets) -> int:
    return plan.tdee - plan.kcal


def source(plan: Targets, figure: str) -> str:
    return next(str(row["source"]) for row in plan.explanation if row["figure"] == figure)


def how(plan: Targets, figure: str) -> str:
    return next(str(row["how"]) for row in plan.explanation if row["figure"] == figure)


@pytest.mark.parametrize(
    ("sex", "rmr"),
    [("male", 800 + 1125 - 175 + 5), ("female", 800 + 1125 - 175 - 161), ("unspecified", 800 + 1125 - 175 - 78)],
)
def test_resting_energy_follows_mifflin_st_jeor(man: Person, sex: str, rmr: int) -> None:
    plan = targets(replace(man, sex=sex))

    assert (plan.rmr, plan.formula, plan.tdee) == (rmr, "mifflin_st_jeor", round(rmr * 1.55))


def test_an_unspecified_sex_is_said_to_use_the_mean_of_both_constants(man: Person) -> None:
    inputs = targets(replace(man, sex="unspecified")).inputs

    assert inputs["sex_constant"] == -78
    assert "mean" in str(inputs["sex_constant_note"])


def test_known_body_fat_switches_to_katch_mcardle(man: Person) -> None:
    plan = targets(replace(man, body_fat=20.0))

    assert (plan.rmr, plan.formula) == (round(370 + 21.6 * 64), "katch_mcardle")
    assert "lean mass" in how(plan, "rmr")


@pytest.mark.parametrize("goal", ["maintain", "general_health", "improve_endurance"])
def test_without_a_wish_to_change_the_weight_is_kept(man: Person, goal: str) -> None:
    plan = targets(replace(man, fitness_goal=goal))

    assert plan.kcal == plan.tdee
    assert plan.notices == ()


def test_the_default_deficit_is_half_a_percent_of_weight_a_week(man: Person) -> None:
    plan = targets(replace(man, fitness_goal="lose_weight"))

    assert deficit(plan) == round(0.4 * 7700 / 7)
    assert plan.inputs["change_percent_per_week"] == -0.5


def test_a_wish_that_is_too_fast_is_capped_and_said(man: Person) -> None:
    plan = targets(replace(man, fitness_goal="lose_weight", goal_rate=2.5))

    assert deficit(plan) == pytest.approx(0.25 * plan.tdee, abs=ROUNDING)
    assert "25 % of the energy you use" in plan.notices[0]


def test_the_general_limit_of_1000_kcal_holds_for_the_heaviest(man: Person) -> None:
    plan = targets(replace(man, weight=200, activity_level="very_active", fitness_goal="lose_weight", goal_rate=1.0))

    assert deficit(plan) == pytest.approx(1000, abs=ROUNDING)


def test_one_percent_a_week_holds_for_the_light_and_very_active(woman: Person) -> None:
    light = replace(woman, age=20, height=150, weight=50, activity_level="very_active", fitness_goal="lose_weight")

    plan = targets(replace(light, goal_rate=3.0))

    assert deficit(plan) == pytest.approx(0.5 * 7700 / 7, abs=ROUNDING)


def test_the_deficit_fades_out_on_the_way_to_a_bmi_of_18_5(woman: Person) -> None:
    slim = replace(woman, height=164, weight=50, activity_level="active", fitness_goal="lose_weight")

    plan = targets(slim)

    margin = 50 - 18.5 * 1.64**2
    assert deficit(plan) == pytest.approx(margin * 7700 / 28, abs=ROUNDING)
    assert "BMI above 18.5" in plan.notices[0]


def test_a_surplus_stays_between_5_and_15_percent_whatever_the_wish(man: Person) -> None:
    gainer = replace(man, fitness_goal="gain_muscle", weight=120)

    least, most = targets(replace(gainer, goal_rate=0.01)), targets(replace(gainer, goal_rate=0.45))

    assert least.kcal / least.tdee == pytest.approx(1.05, abs=0.001)
    assert most.kcal / most.tdee == pytest.approx(1.15, abs=0.001)


def test_a_small_sedentary_woman_is_lifted_to_the_floor_and_told(woman: Person) -> None:
    small = replace(woman, height=152, weight=52, activity_level="sedentary", fitness_goal="lose_weight", goal_rate=1.0)

    plan = targets(small)

    assert plan.kcal == 1200
    assert plan.floor is not None
    assert plan.floor["kcal"] == 1200
    assert any("1200" in notice for notice in plan.notices)
    assert how(plan, "kcal").startswith("raised to the floor")


def test_a_floor_that_did_not_bind_is_not_reported_as_applied(man: Person) -> None:
    plan = targets(man)

    assert plan.floor is None
    assert plan.inputs["floor_kcal"] == 1500


@pytest.mark.parametrize("condition", ["heart_disease", "hypertension", "diabetes", "kidney_disease"])
def test_a_condition_lifts_the_floor_to_resting_energy(man: Person, condition: str) -> None:
    sedentary = replace(man, activity_level="sedentary", fitness_goal="lose_weight", goal_rate=1.0)

    healthy, ill = targets(sedentary), targets(replace(sedentary, conditions=frozenset({condition})))

    assert healthy.kcal < healthy.rmr <= ill.kcal


def test_from_seventy_on_the_floor_is_resting_energy(man: Person) -> None:
    sedentary = replace(man, activity_level="sedentary", fitness_goal="lose_weight", goal_rate=1.0)

    younger, older = targets(replace(sedentary, age=69)), targets(replace(sedentary, age=70))

    assert younger.kcal < younger.rmr
    assert older.kcal == older.rmr


def test_a_floor_above_maintenance_warns_that_weight_may_rise(woman: Person) -> None:
    plan = targets(replace(woman, age=88, height=148, weight=44, activity_level="sedentary"))

    assert plan.kcal == 1200 > plan.tdee
    assert any("rise slowly" in notice for notice in plan.notices)


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"age": 16}, "growing"),
        ({"weight": 48.0}, "below 18.5"),
        ({"conditions": frozenset({"pregnant"})}, "pregnancy"),
        ({"conditions": frozenset({"breastfeeding"})}, "breastfeeding"),
        ({"conditions": frozenset({"eating_disorder"})}, "treatment team"),
    ],
)
def test_the_protected_keep_their_weight_and_are_told_why(woman: Person, change: dict[str, object], word: str) -> None:
    plan = targets(replace(woman, fitness_goal="lose_weight", goal_rate=1.0, **change))  # type: ignore[arg-type]

    assert plan.kcal == plan.tdee
    assert any(word in notice for notice in plan.notices)


@pytest.mark.parametrize(("condition", "extra"), [("pregnant", 260), ("breastfeeding", 500)])
def test_a_mother_gets_the_additions_of_efsa(woman: Person, condition: str, extra: int) -> None:
    before, plan = targets(woman), targets(replace(woman, conditions=frozenset({condition})))

    assert plan.kcal == before.kcal + extra
    assert plan.protein > before.protein
    assert condition in how(plan, "tdee")


@pytest.mark.parametrize("condition", ["pregnant", "breastfeeding", "eating_disorder"])
def test_no_surplus_is_planned_in_pregnancy_nursing_or_an_eating_disorder(woman: Person, condition: str) -> None:
    plan = targets(replace(woman, fitness_goal="gain_muscle", conditions=frozenset({condition})))

    assert plan.kcal == plan.tdee


def test_a_thin_person_may_gain(woman: Person) -> None:
    plan = targets(replace(woman, weight=48, fitness_goal="gain_muscle"))

    assert plan.kcal > plan.tdee


def test_adult_bmi_limits_do_not_judge_a_growing_teenager(woman: Person) -> None:
    plan = targets(replace(woman, age=13, height=155, weight=42))

    assert plan.bmi < 18.5
    assert not any("BMI" in notice for notice in plan.notices)


def test_growth_energy_is_added_under_eighteen(woman: Person) -> None:
    girl, adult = targets(replace(woman, age=17)), targets(replace(woman, age=18))

    assert girl.tdee - adult.tdee == pytest.approx(5 * 1.55 + 25, abs=ROUNDING)


@pytest.mark.parametrize("goal", GOALS)
def test_protein_by_goal_is_within_published_ranges(man: Person, goal: str) -> None:
    plan = targets(replace(man, fitness_goal=goal))

    assert 1.2 <= plan.protein / 80 <= 2.0


def test_protein_is_counted_up_to_a_bmi_of_25(man: Person) -> None:
    slimmer = replace(man, fitness_goal="lose_weight", activity_level="sedentary")

    heavy, heavier = (targets(replace(slimmer, weight=weight)) for weight in (100, 140))

    assert heavy.protein == heavier.protein == 130  # 1.6 g/kg x 25 x 1.8 m squared


@pytest.mark.parametrize(
    ("age", "weight", "activity", "share"),
    [(35, 60, "very_active", 0.15), (64, 60, "very_active", 0.15), (65, 60, "very_active", 0.18)],
)
def test_who_needs_much_energy_gets_protein_by_its_share(
    man: Person, age: int, weight: float, activity: str, share: float
) -> None:
    plan = targets(replace(man, age=age, weight=weight, activity_level=activity))

    assert plan.protein == math.ceil(share * plan.kcal / 4)
    assert plan.protein > 1.4 * weight
    assert "Nordic" in source(plan, "protein")


def test_where_the_weight_asks_for_more_than_the_share_it_decides(man: Person) -> None:
    plan = targets(replace(man, fitness_goal="gain_muscle", activity_level="sedentary"))

    assert plan.protein == 144  # 1.8 g/kg


@pytest.mark.parametrize(("activity", "protein"), [("sedentary", 64), ("moderate", 79), ("very_active", 80)])
def test_kidney_disease_keeps_protein_between_0_8_and_1_and_asks_for_a_clinician(
    man: Person, activity: str, protein: int
) -> None:
    ill = replace(man, activity_level=activity, fitness_goal="gain_muscle", conditions=frozenset({"kidney_disease"}))

    plan = targets(ill)

    assert plan.protein == protein  # 0.8 g/kg, or a tenth of the energy, or 1 g/kg
    assert any("0.8-1 g per kg" in notice for notice in plan.notices)
    assert "KDIGO" in source(plan, "protein")


@pytest.mark.parametrize(("weight", "activity"), [(60, "sedentary"), (80, "moderate"), (110, "very_active")])
def test_keto_keeps_carbs_low_even_ten_percent_over(man: Person, weight: float, activity: str) -> None:
    keto = replace(man, diets=frozenset({"keto"}), fitness_goal="lose_weight", weight=weight, activity_level=activity)

    plan = targets(keto)

    assert plan.carbs * 1.1 <= max(50, 0.09 * plan.kcal / 4)
    assert 0.20 * plan.kcal <= 4 * plan.protein <= 0.30 * plan.kcal
    assert 9 * plan.fat >= 0.50 * plan.kcal


def test_keto_asks_for_no_more_fibre_than_its_carbohydrate_has_room_for(man: Person) -> None:
    keto, usual = targets(replace(man, diets=frozenset({"keto"}))), targets(man)

    assert keto.fibre == 25 < usual.fibre
    assert "EFSA" in source(keto, "fibre")
    assert "14 g per 1000 kcal" in how(usual, "fibre")


def test_where_protein_is_high_fat_gives_way_and_not_carbs(man: Person) -> None:
    plan = targets(replace(man, fitness_goal="lose_weight", weight=81, activity_level="sedentary", goal_rate=1.0))

    assert 4 * plan.protein > 0.28 * plan.kcal
    assert 4 * plan.carbs == pytest.approx(0.45 * plan.kcal, abs=4)


def test_low_carb_is_a_fifth_to_a_quarter_of_energy(man: Person) -> None:
    plan = targets(replace(man, diets=frozenset({"low_carb"})))

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
def test_carbs_are_not_cut_where_that_may_harm(woman: Person, change: dict[str, object], diet: str) -> None:
    plan = targets(replace(woman, diets=frozenset({diet}), **change))  # type: ignore[arg-type]

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
def test_sodium_follows_age_and_condition(man: Person, age: int, conditions: frozenset[str], sodium: int) -> None:
    plan = targets(replace(man, age=age, conditions=conditions))

    assert plan.sodium == sodium


def test_an_unknown_word_is_an_error_and_not_a_default(man: Person) -> None:
    with pytest.raises(KeyError):
        targets(replace(man, activity_level="couch"))
