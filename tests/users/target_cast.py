"""Whose targets are worked out by hand in the tests, and how an answer is read."""

from dataclasses import replace

from users.targets import Person, Targets

GOALS = ("lose_weight", "maintain", "gain_muscle", "improve_endurance", "general_health")
ROUNDING = 1  # kcal: energy, TDEE and RMR are each rounded to a whole kcal

MAN = Person(
    age=35,
    sex="male",
    height=180,
    weight=80,
    fitness_goal="maintain",
    activity_level="moderate",
    conditions=frozenset(),
    diets=frozenset(),
)
WOMAN = replace(MAN, sex="female", height=165, weight=62)


def source(plan: Targets, figure: str) -> str:
    """Return where a figure is said to come from."""
    return next(str(row["source"]) for row in plan.explanation if row["figure"] == figure)


def how(plan: Targets, figure: str) -> str:
    """Return how a figure is said to come about."""
    return next(str(row["how"]) for row in plan.explanation if row["figure"] == figure)
