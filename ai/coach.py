"""Making one plan: a model proposes, the planners dispose, and have a plan anyway.

Invariant: what a model says is only ever a wish among what is already allowed; no transaction is open while it is
asked.
"""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from ai import explanation, prompts, proposals
from ai.consult import consult
from ai.models import AICall, PlanJob, PlanKind
from ai.queue import Lease
from config.errors import AppError
from config.models import Origin
from mealplans import catalogue as food_catalogue
from mealplans import planner as meal_planner
from mealplans import selectors as meals
from mealplans import services as meal_services
from users import mentions
from users import selectors as people
from workouts import catalogue as exercise_catalogue
from workouts import planner as workout_planner
from workouts import selectors as workouts
from workouts import services as workout_services

EXERCISES_A_GROUP = 3  # twelve groups: at most 36 ids
LEAST_DISHES = 8  # that a slot keeps when a dislike of the notes is heeded


class Refused(Exception):  # noqa: N818 - an outcome
    """No plan can be made of this; the person has to change something."""

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.extra = extra


@dataclass(slots=True, kw_only=True)
class Made:
    """A plan that is ready to be stored, with the story of how it came about."""

    job_id: uuid.UUID
    source: str = "planner"
    fallback_reason: str | None = None
    explanation: dict[str, Any] = field(default_factory=dict)
    parts: list[Callable[[], list[dt.date]]] = field(default_factory=list)

    def save(self) -> list[dt.date]:
        """Store every part; return the dates. Runs in the transaction that finishes the job."""
        PlanJob.objects.filter(pk=self.job_id).update(explanation=self.explanation)
        return sorted({date for part in self.parts for date in part()})


@dataclass(slots=True, kw_only=True)
class Desk:
    """Everything that one plan is made from; `overrides` hold what the notes ask for, `readings` their words."""

    job: PlanJob
    dates: list[dt.date]
    overrides: Mapping[str, Any]
    readings: tuple[mentions.Mention, ...]
    eater: meal_planner.Eater | None = None
    foods: meal_planner.Catalogue | None = None
    trainee: workout_planner.Trainee | None = None
    exercises: workout_planner.Catalogue | None = None
    proposal: proposals.Proposal | None = None


@dataclass(slots=True)
class Weeks:
    """What the planners made, and how much of the model's proposal is in it."""

    table: explanation.Table | None = None
    training: explanation.Training | None = None
    kept: list[float] = field(default_factory=list)

    @property
    def repaired(self) -> bool:
        return any(part and part.repairs for part in (self.table, self.training))

    @property
    def kept_ratio(self) -> float | None:
        return sum(self.kept) / len(self.kept) if self.kept else None


def make(job: PlanJob, lease: Lease) -> Made:
    """Return the plan of a job.

    :raises Refused: when nobody could make one.
    """
    lease.report("reading", 5)
    try:
        desk = _prepare(job)
    except AppError as reason:
        raise Refused(reason.code, str(reason)) from None
    brief = _brief(desk)
    advice = consult(job, brief, lease)
    desk.proposal = advice.proposal
    made = Made(job_id=job.pk, fallback_reason=advice.fallback_reason)
    try:
        weeks = _compose(desk, lease)
    except (meal_planner.Conflict, workout_planner.Conflict) as no:
        raise Refused("conflict", str(no), conflict=list(no.reasons), relax=list(no.relax)) from None
    if advice.call is not None:
        _judge_kept(weeks, advice.call, made)
    _arrange(desk, weeks, made, advice.call.model if advice.call else None)
    made.explanation = explanation.build(_story(desk, advice.brief or brief, weeks, made))
    return made


def _prepare(job: PlanJob) -> Desk:
    """Read the person and the notes. The same stored request reads the same on every attempt."""
    dates = [job.start_date + dt.timedelta(days=offset) for offset in range(job.days)]
    foods = food_catalogue.current() if job.kind != PlanKind.WORKOUT else None
    names = [food.name for food in foods.foods.values()] if foods else []
    overrides, readings = people.mentioned(job.user, job.overrides, names)
    desk = Desk(job=job, dates=dates, overrides=overrides, readings=readings, foods=foods)
    if foods:
        eater = meals.eater(job.user, overrides)
        conditions = eater.conditions | frozenset(overrides["conditions"])
        _leave_out(desk, replace(eater, conditions=conditions), foods)
    if job.kind != PlanKind.MEAL:
        trainee = workouts.trainee(job.user, overrides, on=job.start_date)
        desk.trainee = replace(
            trainee,
            injuries=trainee.injuries | frozenset(overrides["injuries"]),
            conditions=trainee.conditions | frozenset(overrides["conditions"]),
        )
        desk.exercises = exercise_catalogue.current()
    return desk


def _leave_out(desk: Desk, eater: meal_planner.Eater, foods: meal_planner.Catalogue) -> None:
    """Leave out what the notes dislike, as long as there is enough to choose from."""
    for wish in desk.overrides["disliked_foods"]:
        without = replace(eater, disliked=eater.disliked | {wish})
        left = meal_planner.candidates(without, foods, limit=LEAST_DISHES, seed=desk.job.seed)
        if min(map(len, left.values()), default=0) == LEAST_DISHES:
            eater = without
        else:
            desk.readings = tuple(
                replace(one, kind="spared") if (one.kind, one.what) == ("dislike", wish) else one
                for one in desk.readings
            )
    desk.eater = eater


def _brief(desk: Desk) -> prompts.Brief:
    user, overrides = desk.job.user, desk.overrides
    own = [user.name, *(f"{value:g}" for value in (user.age, user.height, user.weight) if value is not None)]
    wishes, struck = prompts.wishes(people.own_words(overrides), own)
    return prompts.Brief(
        dates=tuple(date.isoformat() for date in desk.dates),
        goal=overrides.get("fitness_goal") or user.fitness_goal,
        age_band=prompts.age_band(user.age or 0),
        sex=user.sex,
        wishes=wishes,
        struck=struck,
        **_menu(desk),
        **_training(desk),
    )


def _menu(desk: Desk) -> dict[str, Any]:
    """Return what a brief says of meals; nothing without any."""
    if not (desk.eater and desk.foods):
        return {}
    allowed = meal_planner.candidates(desk.eater, desk.foods, limit=prompts.DISHES_A_SLOT, seed=desk.job.seed)
    targets = desk.eater.targets
    return {
        "slots": desk.eater.slots,
        "dishes": prompts.dishes(allowed, desk.foods),
        **{name: getattr(targets, name) for name in ("kcal", "protein", "carbs", "fat")},
    }


def _training(desk: Desk) -> dict[str, Any]:
    """Return what a brief says of workouts; nothing without a day to train on."""
    if not (desk.trainee and desk.exercises):
        return {}
    outline = workout_planner.outline(desk.trainee, desk.exercises, desk.dates)
    days = tuple(date.isoformat() for date, kind in outline.items() if kind not in {"rest", "cardio"})
    groups = workout_planner.candidates(desk.trainee, desk.exercises, seed=desk.job.seed, limit=EXERCISES_A_GROUP)
    choices = prompts.exercises(groups)
    return {"exercises": choices, "training_dates": days} if days and choices else {}


def _compose(desk: Desk, lease: Lease) -> Weeks:
    weeks = Weeks()
    if desk.eater and desk.foods:
        lease.report("meals", 35)
        _compose_meals(desk, desk.eater, desk.foods, weeks)
    if desk.trainee and desk.exercises:
        lease.report("workouts", 70)
        _compose_workouts(desk, desk.trainee, desk.exercises, weeks)
    return weeks


def _compose_meals(desk: Desk, eater: meal_planner.Eater, foods: meal_planner.Catalogue, weeks: Weeks) -> None:
    user_id, seed, repairs = desk.job.user_id, desk.job.seed, tuple[meal_planner.Repair, ...]()
    locked, recent = meals.locked(user_id, desk.dates), meals.recent(user_id, desk.dates)
    if desk.proposal is None:
        week = meal_planner.compose(eater, foods, desk.dates, seed=seed, locked=locked, recent=recent)
    else:
        picks = {dt.date.fromisoformat(date): list(dishes) for date, dishes in desk.proposal.dishes.items()}
        week, kept, repairs = meal_planner.repair(
            picks, eater, foods, desk.dates, seed=seed, locked=locked, recent=recent
        )
        weeks.kept.append(kept)
    weeks.table = explanation.Table(eater=eater, catalogue=foods, week=week, repairs=repairs)


def _compose_workouts(
    desk: Desk, trainee: workout_planner.Trainee, exercises: workout_planner.Catalogue, weeks: Weeks
) -> None:
    user_id, seed, repairs = desk.job.user_id, desk.job.seed, tuple[workout_planner.Repair, ...]()
    locked, around = workouts.locked(user_id, desk.dates), workouts.around(user_id, desk.dates)
    picks = desk.proposal.exercises if desk.proposal else {}
    if not any(picks.values()):
        week = workout_planner.compose(trainee, exercises, desk.dates, seed=seed, locked=locked, around=around)
    else:
        wanted = {dt.date.fromisoformat(date): list(slugs) for date, slugs in picks.items()}
        week, kept, repairs = workout_planner.repair(
            wanted, trainee, exercises, desk.dates, seed=seed, locked=locked, around=around
        )
        weeks.kept.append(kept)
    weeks.training = explanation.Training(catalogue=exercises, week=week, repairs=repairs)


def _judge_kept(weeks: Weeks, call: AICall, made: Made) -> None:
    """Say whose plan it is: the model's, the model's repaired, or ours when nothing of the model's is in it."""
    call.kept_ratio = weeks.kept_ratio
    call.save(update_fields=["kept_ratio"])
    if call.kept_ratio:
        made.source = "ai_repaired" if weeks.repaired else "ai"
    else:
        made.fallback_reason = "invalid"


def _arrange(desk: Desk, weeks: Weeks, made: Made, model: str | None) -> None:
    """Set out what is to be stored, and with which origin."""
    origin = Origin(
        source=made.source,
        fallback_reason=made.fallback_reason,
        model=model if made.source.startswith("ai") else None,
        job_id=desk.job.pk,
    )
    user_id = desk.job.user_id
    if table := weeks.table:
        made.parts.append(
            lambda: meal_services.save_days(
                user_id=user_id,
                week=table.week,
                eater=table.eater,
                catalogue=table.catalogue,
                origin=origin,
                extra={"notices": _meal_notices(desk), "not_enforced": people.unheeded(desk.overrides)},
            )
        )
    if (training := weeks.training) and (trainee := desk.trainee):
        made.parts.append(
            lambda: workout_services.save_days(
                user_id=user_id,
                week=training.week,
                trainee=trainee,
                catalogue=training.catalogue,
                origin=origin,
                extra={"notices": _workout_notices(desk)},
            )
        )


def _story(desk: Desk, brief: prompts.Brief, weeks: Weeks, made: Made) -> explanation.Story:
    calls = AICall.objects.filter(job=desk.job).order_by("pk").values_list("provider", "model", "outcome", "attempts")
    return explanation.Story(
        brief=brief,
        seed=desk.job.seed,
        source=made.source,
        fallback_reason=made.fallback_reason,
        kept_ratio=weeks.kept_ratio,
        asked=[explanation.Asked(*call) for call in calls],
        proposal=desk.proposal,
        table=weeks.table,
        training=weeks.training,
        notices=list(dict.fromkeys([*_meal_notices(desk), *_workout_notices(desk)])),
    )


def _meal_notices(desk: Desk) -> list[str]:
    return [*mentions.notices(desk.readings, "meals"), *desk.eater.targets.notices] if desk.eater else []


def _workout_notices(desk: Desk) -> list[str]:
    read = mentions.notices(desk.readings, "workouts")
    return [*read, *workout_planner.notices(desk.trainee)] if desk.trainee else []
