"""Whoever asks, the targets are safe, agree with themselves and move the right way."""

import json
from dataclasses import asdict, replace

from hypothesis import example, given
from hypothesis import strategies as st

from users import targets as domain
from users.targets import Person, Targets, targets

GOALS = ("lose_weight", "maintain", "gain_muscle", "improve_endurance", "general_health")
ACTIVITY = ("sedentary", "light", "moderate", "active", "very_active")
CONDITIONS = (
    "pregnant",
    "breastfeeding",
    "eating_disorder",
    "heart_disease",
    "hypertension",
    "diabetes",
    "kidney_disease",
)
DIETS = ("vegan", "keto", "low_carb", "mediterranean")
ROUNDING = 1  # kcal: energy, TDEE and RMR are each rounded to a whole kcal

people = st.builds(
    Person,
    age=st.integers(13, 120),
    sex=st.sampled_from(("female", "male", "unspecified")),
    height=st.floats(100, 250),
    weight=st.floats(25, 350),
    fitness_goal=st.sampled_from(GOALS),
    activity_level=st.sampled_from(ACTIVITY),
    conditions=st.frozensets(st.sampled_from(CONDITIONS), max_size=2),
    diets=st.frozensets(st.sampled_from(DIETS), max_size=2),
    body_fat=st.none() | st.floats(4, 60),
    goal_rate=st.none() | st.floats(0.05, 3),
    training_level=st.sampled_from(("beginner", "intermediate", "advanced")),
)
stout = Person(
    age=40,
    sex="female",
    height=190,
    weight=120,
    fitness_goal="lose_weight",
    activity_level="sedentary",
    conditions=frozenset(),
    diets=frozenset(),
    body_fat=60,
)
frail_and_busy = replace(stout, body_fat=5, activity_level="very_active", conditions=frozenset({"kidney_disease"}))
slimmers = people.map(lambda person: replace(person, fitness_goal="lose_weight"))


def deficit(plan: Targets) -> int:
    return plan.tdee - plan.kcal


@given(people)
def test_nobody_is_planned_below_the_floor_of_their_sex(person: Person) -> None:
    plan = targets(person)

    assert plan.kcal >= {"female": 1200, "male": 1500, "unspecified": 1350}[person.sex]


@given(people)
def test_nobody_at_risk_is_planned_below_their_resting_energy(person: Person) -> None:
    plan = targets(person)

    at_risk = person.conditions or person.age >= 70 or person.age < 18 or person.bmi < 18.5
    assert not at_risk or plan.kcal >= plan.rmr


@given(people)
def test_the_macros_add_up_to_the_energy(person: Person) -> None:
    plan = targets(person)

    assert abs(4 * plan.protein + 4 * plan.carbs + 9 * plan.fat - plan.kcal) <= 4.5
    assert min(plan.protein, plan.carbs, plan.fat) > 0


@given(slimmers)
def test_those_who_must_not_lose_weight_get_no_deficit(person: Person) -> None:
    plan = targets(person)

    adult_and_thin = person.age >= 18 and person.bmi < 18.5
    protected = person.age < 18 or adult_and_thin or person.conditions & domain.NO_SURPLUS
    assert not protected or (deficit(plan) <= 0 and plan.notices)


@given(slimmers)
def test_a_deficit_breaks_no_cap(person: Person) -> None:
    plan = targets(person)

    one_percent_a_week = person.weight * 0.01 * 7700 / 7
    assert deficit(plan) <= min(one_percent_a_week, 0.25 * plan.tdee, 1000) + ROUNDING


@given(slimmers)
def test_losing_for_four_weeks_never_crosses_a_bmi_of_18_5(person: Person) -> None:
    plan = targets(person)

    lost = max(0, deficit(plan) - ROUNDING) * 28 / 7700
    after = (person.weight - lost) / (person.height / 100) ** 2
    assert after >= min(18.5, person.bmi) - 1e-6


@given(people.map(lambda person: replace(person, fitness_goal="gain_muscle")))
def test_a_surplus_is_at_most_15_percent_and_half_a_percent_of_weight_a_week(person: Person) -> None:
    plan = targets(person)

    most = min(0.15 * plan.tdee, 0.005 * person.weight * 7700 / 7) + ROUNDING
    assert plan.floor is not None or 0 <= plan.kcal - plan.tdee <= most


@given(people)
def test_wishes_are_ordered_lose_keep_gain(person: Person) -> None:
    lose, keep, gain = (targets(replace(person, fitness_goal=goal)).kcal for goal in GOALS[:3])

    assert lose <= keep <= gain


@given(people)
def test_who_moves_more_uses_more(person: Person) -> None:
    plans = [targets(replace(person, activity_level=level, fitness_goal="maintain")) for level in ACTIVITY]

    assert [plan.tdee for plan in plans] == sorted(plan.tdee for plan in plans)
    assert [plan.kcal for plan in plans] == sorted(plan.kcal for plan in plans)


@given(slimmers, st.floats(0.05, 3), st.floats(0.05, 3))
def test_a_faster_wish_never_gives_more_energy(person: Person, one: float, other: float) -> None:
    slow, fast = (targets(replace(person, goal_rate=rate)) for rate in sorted((one, other)))

    assert fast.kcal <= slow.kcal


@given(people, st.floats(0, 50))
def test_a_heavier_person_rests_on_no_less_energy(person: Person, more: float) -> None:
    light, heavy = targets(person), targets(replace(person, weight=person.weight + more))

    assert light.rmr <= heavy.rmr


@given(people)
@example(stout)
def test_protein_stays_within_the_accepted_range(person: Person) -> None:
    plan = targets(person)

    assert plan.protein * 4 <= 0.35 * plan.kcal
    assert "kidney_disease" in person.conditions or plan.protein * 4 >= 0.15 * plan.kcal - 4


@given(people)
def test_in_kidney_disease_protein_stays_low(person: Person) -> None:
    person = replace(person, conditions=person.conditions | {"kidney_disease"})

    plan = targets(person)

    least, most = (per_kg * person.reference_weight for per_kg in (0.8, 1.0))
    assert min(least, 0.35 * plan.kcal / 4 - 1) <= plan.protein <= most + 1


@given(people)
@example(frail_and_busy)
def test_a_balanced_plan_stays_within_the_accepted_ranges_of_carbs_and_fat(person: Person) -> None:
    person = replace(person, diets=frozenset())

    plan = targets(person)

    assert 0.45 * plan.kcal - 4 <= 4 * plan.carbs <= 0.65 * plan.kcal + 4
    assert 0.20 * plan.kcal - 9 <= 9 * plan.fat <= 0.35 * plan.kcal + 9


@given(people)
def test_side_goals_scale_with_energy(person: Person) -> None:
    plan = targets(person)

    assert plan.fibre >= (
        14 * plan.kcal / 1000 if plan.inputs["carbohydrate"] != "keto" else min(25, 14 * plan.kcal / 1000)
    )
    assert plan.sat_fat * 9 <= 0.10 * plan.kcal
    assert plan.sodium in {1800, 2000, 2300}


@given(people)
def test_every_figure_is_explained_with_the_value_that_is_served(person: Person) -> None:
    plan = targets(person)

    explained = {str(row["figure"]): row["value"] for row in plan.explanation}
    assert explained == {figure: getattr(plan, figure) for figure in explained}
    assert {"kcal", "protein", "carbs", "fat", "fibre", "sodium", "sat_fat", "bmi", "rmr", "tdee"} == set(explained)
    assert all(row["how"] and row["source"] and row["unit"] for row in plan.explanation)


@given(people)
def test_the_answer_is_ready_for_json(person: Person) -> None:
    plan = asdict(targets(person))

    assert json.loads(json.dumps(plan, allow_nan=False))["inputs"]["weight"] == person.weight
