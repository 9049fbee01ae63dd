"""What the coach saw and did, for the person whose plan it is. Pure.

Invariant: it tells what happened and nothing else: the brief as it was or would have been sent, each pick with where
it came from, each repair with its reason, each figure with its target. A model's words stand here as text only.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ai import prompts
from ai.proposals import Proposal
from mealplans import planner as meals
from workouts import planner as workouts

FIGURES = {"kcal": "kcal", "protein": "g", "carbs": "g", "fat": "g", "fibre": "g", "sodium": "mg", "sat_fat": "g"}


@dataclass(frozen=True, slots=True)
class Asked:
    """A provider that came into question, how that ended, and how often it was asked; see `AICall`."""

    provider: str
    model: str
    outcome: str
    attempts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Meals as they were planned."""

    eater: meals.Eater
    catalogue: meals.Catalogue
    week: meals.Week
    repairs: Sequence[meals.Repair] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """Workouts as they were planned."""

    catalogue: workouts.Catalogue
    week: workouts.Week
    repairs: Sequence[workouts.Repair] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """Everything that the explanation is made from."""

    brief: prompts.Brief
    seed: int
    source: str
    fallback_reason: str | None
    kept_ratio: float | None = None
    asked: Sequence[Asked] = ()
    proposal: Proposal | None = None
    table: Table | None = None
    training: Training | None = None
    notices: Sequence[str] = field(default_factory=tuple)


def build(story: Story) -> dict[str, Any]:
    """Return the explanation, ready for JSON. The same story gives the same bytes."""
    system, _ = prompts.question(story.brief)
    return {
        "brief": {"instructions": system, "data": prompts.document(story.brief), "struck": list(story.brief.struck)},
        "asked": [
            {"provider": one.provider, "model": one.model, "outcome": one.outcome, "sent": one.attempts > 0}
            for one in story.asked
        ],
        "source": story.source,
        "fallback_reason": story.fallback_reason,
        "kept_ratio": None if story.kept_ratio is None else round(story.kept_ratio, 3),
        "days": [_day(dt.date.fromisoformat(date), story) for date in story.brief.dates],
        "repairs": [*_meal_repairs(story.table), *_workout_repairs(story.training)],
        "gave_way": _gave_way(story),
        "targets": [dict(one) for one in story.table.eater.targets.explanation] if story.table else [],
        "notices": list(story.notices),
        "made_with": {
            "seed": story.seed,
            "prompt_version": prompts.VERSION,
            "food_catalogue": story.table.catalogue.version if story.table else None,
            "exercise_catalogue": story.training.catalogue.version if story.training else None,
        },
    }


def _day(date: dt.date, story: Story) -> dict[str, Any]:
    dishes, exercises = _dishes(date, story), _exercises(date, story)
    reason = story.proposal.reasons.get(date.isoformat()) if story.proposal else None
    kept = any(one["chosen_by"] == "model" for one in (*dishes, *exercises))
    return {
        "date": date.isoformat(),
        "reason": (reason or None) if kept else None,
        "dishes": dishes,
        "exercises": exercises,
        "figures": _figures(date, story.table),
    }


def _dishes(date: dt.date, story: Story) -> list[dict[str, Any]]:
    if story.table is None:
        return []
    day = next(one for one in story.table.week.days if one.date == date)
    wanted = list(story.proposal.dishes.get(date.isoformat(), ())) if story.proposal else []
    return [
        {
            "slot": dish.slot,
            "id": dish.recipe_slug,
            "title": story.table.catalogue.recipes[dish.recipe_slug].title,
            "chosen_by": _chosen_by((dish.slot, dish.recipe_slug) in wanted, locked=dish.locked),
        }
        for dish in day.dishes
    ]


def _exercises(date: dt.date, story: Story) -> list[dict[str, Any]]:
    if story.training is None:
        return []
    session = next(one for one in story.training.week.sessions if one.date == date)
    wanted = story.proposal.exercises.get(date.isoformat(), ()) if story.proposal else ()
    return [
        {
            "slot": None,
            "id": item.exercise_slug,
            "title": story.training.catalogue.exercises[item.exercise_slug].name,
            "chosen_by": _chosen_by(item.exercise_slug in wanted, locked=item.locked),
        }
        for item in session.items
    ]


def _chosen_by(is_wanted: bool, *, locked: bool) -> str:  # noqa: FBT001
    if locked:
        return "you"
    return "model" if is_wanted else "planner"


def _figures(date: dt.date, table: Table | None) -> list[dict[str, Any]]:
    """Return what the day's dishes add up to beside the targets; an unknown sum is None."""
    if table is None:
        return []
    day = next(one for one in table.week.days if one.date == date)
    totals = meals.totals(day, table.catalogue)
    return [_figure(name, unit, getattr(table.eater.targets, name), totals[name]) for name, unit in FIGURES.items()]


def _figure(name: str, unit: str, target: int, actual: float | None) -> dict[str, Any]:
    delta = None if actual is None or not target else round(100 * (actual / target - 1), 1)
    return {
        "figure": name,
        "unit": unit,
        "target": target,
        "actual": None if actual is None else round(actual, 1),
        "delta_pct": delta,
    }


def _meal_repairs(table: Table | None) -> list[dict[str, Any]]:
    titles = {slug: recipe.title for slug, recipe in table.catalogue.recipes.items()} if table else {}
    return [
        _repair(one.date, one.slot, _named(one.proposed, titles), _named(one.served, titles), one.why)
        for one in (table.repairs if table else ())
    ]


def _workout_repairs(training: Training | None) -> list[dict[str, Any]]:
    titles = {slug: one.name for slug, one in training.catalogue.exercises.items()} if training else {}
    return [
        _repair(one.date, "exercise", _named(one.proposed, titles), _named(one.served, titles), one.why)
        for one in (training.repairs if training else ())
    ]


def _repair(
    date: dt.date, slot: str, proposed: dict[str, str] | None, served: dict[str, str] | None, why: str
) -> dict[str, Any]:
    return {"date": date.isoformat(), "slot": slot, "proposed": proposed, "served": served, "why": why}


def _named(slug: str | None, titles: Mapping[str, str]) -> dict[str, str] | None:
    return None if slug is None else {"id": slug, "title": titles.get(slug, slug)}


def _gave_way(story: Story) -> list[str]:
    """Return what the planners had to relax, in words."""
    food = [meals.RELAXATIONS[code] for code in story.table.week.relaxations] if story.table else []
    return food + (list(story.training.week.relaxations) if story.training else [])
