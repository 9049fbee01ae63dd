"""Who may do what, and how much: the tables behind every workout plan."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workouts import planner
from workouts.planner import pool, rules

CATALOGUE = planner.catalogue_from(
    json.loads((Path(__file__).parents[2] / "workouts" / "data" / "exercises.json").read_text())["exercises"]
)
GYM = frozenset({"dumbbell", "barbell", "kettlebell", "machine", "cable", "band", "bench", "pull_up_bar"})
LYING = ("on your back", "face down", "lie on the bench", "lie on the floor", "lie down", "lie with", "lie along")


def somebody(**changes: object) -> planner.Trainee:
    return planner.Trainee(**{"goal": "gain_muscle", "training_level": "intermediate", "age": 30} | changes)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "band"),
    [
        ({"training_level": "beginner"}, (6, 10)),
        ({"training_level": "intermediate"}, (10, 16)),
        ({"training_level": "advanced"}, (12, 20)),
        ({"training_level": "advanced", "age": 68}, (10, 16)),
        ({"training_level": "advanced", "age": 80}, (6, 10)),
        ({"training_level": "advanced", "age": 14}, (6, 10)),
        ({"training_level": "advanced", "conditions": frozenset({"pregnant"})}, (6, 10)),
        ({"training_level": "advanced", "goal": "improve_endurance"}, (10, 16)),
        ({"training_level": "advanced", "goal": "general_health"}, (10, 16)),
        ({"training_level": "intermediate", "deload": True}, (5, 9.6)),
    ],
)
def test_weekly_sets_follow_level_goal_age_and_condition(changes: dict[str, object], band: tuple[float, float]) -> None:
    assert rules.band(somebody(**changes), "chest") == pytest.approx(band)


@given(last=st.floats(0, 30), level=st.sampled_from(["beginner", "intermediate", "advanced"]))
def test_sets_never_rise_by_more_than_a_fifth_but_for_a_beginners_least(last: float, level: str) -> None:
    low, high = rules.band(somebody(training_level=level, last_week={"back": last}), "back")

    assert 0 <= low < high <= max(6, 1.2 * last)


@pytest.mark.parametrize(
    ("slug", "changes", "why"),
    [
        ("barbell_back_squat", {"injuries": frozenset({"knee"})}, "loads the injured knee"),
        ("barbell_back_squat", {"equipment": frozenset()}, "needs a barbell"),
        ("pistol_squat", {}, "is for the advanced"),
        ("barbell_back_squat", {"disliked": frozenset({"barbell_back_squat"})}, "is disliked"),
        ("jump_squat", {"age": 70}, "has impact"),
        ("jumping_jack", {"injuries": frozenset({"lower_back"})}, "has impact"),
        ("jumping_jack", {"conditions": frozenset({"kidney_disease"})}, "has impact"),
        ("barbell_bench_press", {"conditions": frozenset({"pregnant"})}, "lying on the back"),
        ("kettlebell_swing", {"conditions": frozenset({"pregnant"})}, "jerky"),
        ("pike_push_up", {"conditions": frozenset({"hypertension"})}, "head down"),
    ],
)
def test_a_forbidden_exercise_is_named_with_its_reason(slug: str, changes: dict[str, object], why: str) -> None:
    trainee = somebody(**{"equipment": GYM} | changes)

    objection = rules.objection(CATALOGUE.exercises[slug], trainee)

    assert objection is not None
    assert why in objection


def test_what_nothing_forbids_has_no_objection() -> None:
    assert rules.objection(CATALOGUE.exercises["barbell_back_squat"], somebody(equipment=GYM)) is None


def test_no_strength_exercise_open_to_a_pregnant_trainee_is_done_lying() -> None:
    trainee = somebody(training_level="advanced", equipment=GYM, conditions=frozenset({"pregnant"}))

    served = pool.strength(pool.eligible(trainee, CATALOGUE))
    lying = [one.slug for one in served if any(cue.lower().startswith(LYING) for cue in one.cues)]

    assert lying == []


@pytest.mark.parametrize("injury", ["knee", "shoulder", "lower_back", "wrist", "elbow", "ankle", "hip", "neck"])
@pytest.mark.parametrize("condition", [frozenset[str](), frozenset({"pregnant"})])
def test_body_weight_alone_trains_every_muscle_whatever_hurts(injury: str, condition: frozenset[str]) -> None:
    trainee = somebody(training_level="beginner", injuries=frozenset({injury}), conditions=condition)

    trained = {muscle for one in pool.eligible(trainee, CATALOGUE) for muscle in rules.weights(one)}

    assert trained == set(planner.MUSCLES)


def test_lying_on_the_side_is_neither_supine_nor_prone() -> None:
    assert not rules.has_word("side_lying_leg_raise", rules.SUPINE)
    assert rules.has_word("lying_leg_raise", rules.SUPINE)


def test_cardio_and_mobility_count_as_no_sets() -> None:
    served = [one for one in CATALOGUE.exercises.values() if one.pattern in ("cardio", "mobility")]

    assert served
    assert all(rules.weights(one) == {} for one in served)


@pytest.mark.parametrize(
    ("changes", "rir"),
    [({}, (1, 3)), ({"training_level": "beginner"}, (2, 4)), ({"age": 15}, (3, 5)), ({"deload": True}, (3, 5))],
)
def test_the_young_and_the_new_stay_further_from_failure(changes: dict[str, object], rir: tuple[int, int]) -> None:
    assert rules.rir_range(somebody(**changes)) == rir


def test_the_words_that_rank_exercises_speak_of_exercises_that_exist() -> None:
    slugs = set(CATALOGUE.exercises)

    assert slugs >= pool.STAPLES
    assert [
        word for word in (*pool.ODDITIES, *pool.FLOOR) if not any(rules.has_word(one, (word,)) for one in slugs)
    ] == []


@pytest.mark.parametrize(
    ("changes", "open_to"),
    [
        ({"variants": {"knee_push_up": "push_up"}}, True),
        ({"history": {"push_up": []}}, True),
        ({}, False),
        ({"variants": {"knee_push_up": "push_up"}, "age": 80}, False),
    ],
)
def test_a_harder_level_is_open_to_those_who_earned_it(changes: dict[str, object], *, open_to: bool) -> None:
    beginner = somebody(training_level="beginner", **changes)

    assert (rules.objection(CATALOGUE.exercises["push_up"], beginner) is None) is open_to


def test_two_levels_up_stay_closed_even_when_logged() -> None:
    beginner = somebody(training_level="beginner", history={"pistol_squat": []})

    assert rules.objection(CATALOGUE.exercises["pistol_squat"], beginner) == "is for the advanced"


def test_the_variant_that_is_due_becomes_the_familiar_one() -> None:
    usual = somebody(history={"glute_bridge": []})
    grown = somebody(history={"glute_bridge": []}, variants={"glute_bridge": "marching_glute_bridge"})
    easy, hard = (CATALOGUE.exercises[slug] for slug in ("glute_bridge", "marching_glute_bridge"))

    assert pool.liking(hard, grown) == pool.liking(hard, usual) + pool.FAMILIAR
    assert pool.liking(easy, grown) < pool.liking(hard, grown) - pool.FAMILIAR
