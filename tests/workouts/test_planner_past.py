"""What logged weeks ask of the next: the harder or easier variant, and which exercises go on."""

import datetime as dt

import pytest

from tests.workouts.people import CATALOGUE, MONDAY, WEEK
from workouts import planner
from workouts.planner import past
from workouts.progression import LoggedSet


def logged(*days: int, reps: int = 10, load: float = 0.0, pain: bool = False) -> list[LoggedSet]:
    """Return two sets on each of some days before Monday."""
    return [
        LoggedSet(date=MONDAY - dt.timedelta(days=day), reps=reps, load=load, pain=pain)
        for day in sorted((*days, *days), reverse=True)
    ]


@pytest.mark.parametrize(
    ("history", "due"),
    [
        ({"knee_push_up": logged(7, 4, reps=15)}, {"knee_push_up": "push_up"}),
        ({"knee_push_up": logged(4, reps=15)}, {}),
        ({"knee_push_up": logged(7, 4, reps=14)}, {}),
        ({"knee_push_up": logged(7, 4, reps=15, pain=True)}, {}),
        ({"push_up": logged(7, 4, reps=2)}, {"push_up": "knee_push_up"}),
        ({"push_up": logged(4, reps=2)}, {}),
        ({"knee_push_up": logged(21, 18, reps=15), "push_up": logged(7, 4, reps=2)}, {"push_up": "knee_push_up"}),
        ({"goblet_squat": logged(7, 4, reps=12, load=20)}, {}),
    ],
)
def test_a_variant_is_due_after_two_sessions_at_the_top_or_under_the_range(
    history: dict[str, list[LoggedSet]], due: dict[str, str]
) -> None:
    assert past.variants(history, CATALOGUE, on=MONDAY) == due


@pytest.mark.parametrize("seed", range(4))
def test_the_variant_comes_in_the_place_of_what_was_outgrown(seed: int) -> None:
    history = {"knee_push_up": logged(7, 4, reps=15), "knee_plank": logged(7, 4, reps=40)}
    trainee = planner.Trainee(
        goal="maintain",
        training_level="beginner",
        age=30,
        days=("mon", "wed", "fri"),
        minutes=45,
        history=history,
        variants=past.variants(history, CATALOGUE, on=MONDAY),
    )

    week = planner.compose(trainee, CATALOGUE, WEEK, seed=seed)

    served = {item.exercise_slug for session in week.sessions for item in session.items}
    assert {"push_up", "front_plank"} <= served
    assert not {"knee_push_up", "knee_plank"} & served


def test_what_stalls_hurts_or_was_long_ago_need_not_go_on_and_a_variant_takes_over() -> None:
    trainee = planner.Trainee(
        goal="maintain",
        training_level="beginner",
        age=30,
        history={
            "goblet_squat": logged(7, 4),
            "hammer_curl": logged(12, 9, 6, 3, load=12.0),
            "dumbbell_floor_press": logged(4, pain=True),
            "dumbbell_step_up": logged(40),
            "knee_plank": logged(7, 4, reps=40),
        },
        variants={"knee_plank": "front_plank"},
    )

    assert past.going_on(trainee, on=MONDAY) == {"goblet_squat", "front_plank"}
