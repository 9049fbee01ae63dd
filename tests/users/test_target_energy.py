"""Energy follows the published formulas, worked by hand, and protects whom it must."""

from dataclasses import replace

import pytest

from tests.users.target_cast import MAN, ROUNDING, WOMAN, how
from users.targets import Targets, targets


def deficit(plan: Targets) -> int:
    return plan.tdee - plan.kcal


@pytest.mark.parametrize(
    ("sex", "rmr"),
    [("male", 800 + 1125 - 175 + 5), ("female", 800 + 1125 - 175 - 161), ("unspecified", 800 + 1125 - 175 - 78)],
)
def test_resting_energy_follows_mifflin_st_jeor(sex: str, rmr: int) -> None:
    plan = targets(replace(MAN, sex=sex))

    assert (plan.rmr, plan.formula, plan.tdee) == (rmr, "mifflin_st_jeor", round(rmr * 1.55))


def test_an_unspecified_sex_is_said_to_use_the_mean_of_both_constants() -> None:
    inputs = targets(replace(MAN, sex="unspecified")).inputs

    assert inputs["sex_constant"] == -78
    assert "mean" in str(inputs["sex_constant_note"])


def test_known_body_fat_switches_to_katch_mcardle() -> None:
    plan = targets(replace(MAN, body_fat=20.0))

    assert (plan.rmr, plan.formula) == (round(370 + 21.6 * 64), "katch_mcardle")
    assert "lean mass" in how(plan, "rmr")


@pytest.mark.parametrize("goal", ["maintain", "general_health", "improve_endurance"])
def test_without_a_wish_to_change_the_weight_is_kept(goal: str) -> None:
    plan = targets(replace(MAN, fitness_goal=goal))

    assert plan.kcal == plan.tdee
    assert plan.notices == ()


def test_the_default_deficit_is_half_a_percent_of_weight_a_week() -> None:
    plan = targets(replace(MAN, fitness_goal="lose_weight"))

    assert deficit(plan) == round(0.4 * 7700 / 7)
    assert plan.inputs["change_percent_per_week"] == -0.5


def test_a_wish_that_is_too_fast_is_capped_and_said() -> None:
    plan = targets(replace(MAN, fitness_goal="lose_weight", goal_rate=2.5))

    assert deficit(plan) == pytest.approx(0.25 * plan.tdee, abs=ROUNDING)
    assert "25 % of the energy you use" in plan.notices[0]


def test_the_general_limit_of_1000_kcal_holds_for_the_heaviest() -> None:
    plan = targets(replace(MAN, weight=200, activity_level="very_active", fitness_goal="lose_weight", goal_rate=1.0))

    assert deficit(plan) == pytest.approx(1000, abs=ROUNDING)


def test_one_percent_a_week_holds_for_the_light_and_very_active() -> None:
    light = replace(WOMAN, age=20, height=150, weight=50, activity_level="very_active", fitness_goal="lose_weight")

    plan = targets(replace(light, goal_rate=3.0))

    assert deficit(plan) == pytest.approx(0.5 * 7700 / 7, abs=ROUNDING)


def test_the_deficit_fades_out_on_the_way_to_a_bmi_of_18_5() -> None:
    slim = replace(WOMAN, height=164, weight=50, activity_level="active", fitness_goal="lose_weight")

    plan = targets(slim)

    margin = 50 - 18.5 * 1.64**2
    assert deficit(plan) == pytest.approx(margin * 7700 / 28, abs=ROUNDING)
    assert "BMI above 18.5" in plan.notices[0]


def test_a_surplus_stays_between_5_and_15_percent_whatever_the_wish() -> None:
    gainer = replace(MAN, fitness_goal="gain_muscle", weight=120)

    least, most = targets(replace(gainer, goal_rate=0.01)), targets(replace(gainer, goal_rate=0.45))

    assert least.kcal / least.tdee == pytest.approx(1.05, abs=0.001)
    assert most.kcal / most.tdee == pytest.approx(1.15, abs=0.001)


def test_a_small_sedentary_woman_is_lifted_to_the_floor_and_told() -> None:
    small = replace(WOMAN, height=152, weight=52, activity_level="sedentary", fitness_goal="lose_weight", goal_rate=1.0)

    plan = targets(small)

    assert plan.kcal == 1200
    assert plan.floor is not None
    assert plan.floor["kcal"] == 1200
    assert any("1200" in notice for notice in plan.notices)
    assert how(plan, "kcal").startswith("raised to the floor")


def test_a_floor_that_did_not_bind_is_not_reported_as_applied() -> None:
    plan = targets(MAN)

    assert plan.floor is None
    assert plan.inputs["floor_kcal"] == 1500


@pytest.mark.parametrize("condition", ["heart_disease", "hypertension", "diabetes", "kidney_disease"])
def test_a_condition_lifts_the_floor_to_resting_energy(condition: str) -> None:
    sedentary = replace(MAN, activity_level="sedentary", fitness_goal="lose_weight", goal_rate=1.0)

    healthy, ill = targets(sedentary), targets(replace(sedentary, conditions=frozenset({condition})))

    assert healthy.kcal < healthy.rmr <= ill.kcal


def test_from_seventy_on_the_floor_is_resting_energy() -> None:
    sedentary = replace(MAN, activity_level="sedentary", fitness_goal="lose_weight", goal_rate=1.0)

    younger, older = targets(replace(sedentary, age=69)), targets(replace(sedentary, age=70))

    assert younger.kcal < younger.rmr
    assert older.kcal == older.rmr


def test_a_floor_above_maintenance_warns_that_weight_may_rise() -> None:
    plan = targets(replace(WOMAN, age=88, height=148, weight=44, activity_level="sedentary"))

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
def test_the_protected_keep_their_weight_and_are_told_why(change: dict[str, object], word: str) -> None:
    plan = targets(replace(WOMAN, fitness_goal="lose_weight", goal_rate=1.0, **change))  # type: ignore[arg-type]

    assert plan.kcal == plan.tdee
    assert any(word in notice for notice in plan.notices)


@pytest.mark.parametrize(("condition", "extra"), [("pregnant", 260), ("breastfeeding", 500)])
def test_a_mother_gets_the_additions_of_efsa(condition: str, extra: int) -> None:
    before, plan = targets(WOMAN), targets(replace(WOMAN, conditions=frozenset({condition})))

    assert plan.kcal == before.kcal + extra
    assert plan.protein > before.protein
    assert condition in how(plan, "tdee")


@pytest.mark.parametrize("condition", ["pregnant", "breastfeeding", "eating_disorder"])
def test_no_surplus_is_planned_in_pregnancy_nursing_or_an_eating_disorder(condition: str) -> None:
    plan = targets(replace(WOMAN, fitness_goal="gain_muscle", conditions=frozenset({condition})))

    assert plan.kcal == plan.tdee


def test_a_thin_person_may_gain() -> None:
    plan = targets(replace(WOMAN, weight=48, fitness_goal="gain_muscle"))

    assert plan.kcal > plan.tdee


def test_adult_bmi_limits_do_not_judge_a_growing_teenager() -> None:
    plan = targets(replace(WOMAN, age=13, height=155, weight=42))

    assert plan.bmi < 18.5
    assert not any("BMI" in notice for notice in plan.notices)


def test_growth_energy_is_added_under_eighteen() -> None:
    girl, adult = targets(replace(WOMAN, age=17)), targets(replace(WOMAN, age=18))

    assert girl.tdee - adult.tdee == pytest.approx(5 * 1.55 + 25, abs=ROUNDING)


def test_an_unknown_word_is_an_error_and_not_a_default() -> None:
    with pytest.raises(KeyError):
        targets(replace(MAN, activity_level="couch"))


def test_somebody_with_an_eating_disorder_reads_of_no_energy_and_no_rising_weight() -> None:
    small = replace(WOMAN, age=88, height=148, weight=44, activity_level="sedentary")

    usual, spared = targets(small), targets(replace(small, conditions=frozenset({"eating_disorder"})))

    assert any("kcal" in notice for notice in usual.notices)
    assert not any("kcal" in notice or "rise" in notice for notice in spared.notices)
