"""Making one plan: a model proposes, the planners dispose, and have a plan anyway.

Invariant: what a model says is only ever a wish among what is already allowed; no transaction is open while it is
asked.
"""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from ai import prompts, proposals
from ai.models import AICall, PlanJob, PlanKind
from ai.providers import Provider, ProviderDown, Question, Reply
from ai.queue import Cancelled, Lease
from config.errors import AppError
from config.models import Origin
from mealplans import catalogue as food_catalogue
from mealplans import planner as meal_planner
from mealplans import selectors as meals
from mealplans import services as meal_services
from users import vocabulary
from workouts import catalogue as exercise_catalogue
from workouts import planner as workout_planner
from workouts import selectors as workouts
from workouts import services as workout_services

MAX_DISHES_A_SLOT = 40
EXERCISES_A_GROUP = 3  # twelve groups: at most 36 ids


class Refused(Exception):  # noqa: N818 - an outcome
    """No plan can be made of this; the person has to change something."""

    def __init__(self, code: str, detail: str, **extra: Any) -> None:
        super().__init__(detail)
        self.code = code
        self.extra = extra


@dataclass(slots=True)
class Made:
    """A plan that is ready to be stored."""

    source: str = "planner"
    fallback_reason: str | None = None
    parts: list[Callable[[], list[dt.date]]] = field(default_factory=list)

    def save(self) -> list[dt.date]:
        """Store every part; return the dates. Runs in the transaction that finishes the job."""
        return sorted({date for part in self.parts for date in part()})


@dataclass(slots=True, kw_only=True)
class Desk:
    """Everything that one plan is made from."""

    job: PlanJob
    dates: list[dt.date]
    eater: meal_planner.Eater | None = None
    foods: meal_planner.Catalogue | None = None
    trainee: workout_planner.Trainee | None = None
    exercises: workout_planner.Catalogue | None = None
    proposal: proposals.Proposal | None = None


def make(job: PlanJob, provider: Provider | None, lease: Lease) -> Made:
    """Return the plan of a job.

    :raises Refused: when nobody could make one.
    """
    lease.report("reading", 5)
    try:
        desk = _prepare(job)
    except AppError as reason:
        raise Refused(reason.code, str(reason)) from None
    made = Made()
    call: AICall | None = None
    if provider is not None:
        lease.report("asking", 15)
        call = _consult(desk, provider, lease, made)
    try:
        weeks = _compose(desk, lease)
    except (meal_planner.Conflict, workout_planner.Conflict) as conflict:
        raise Refused(
            "conflict", str(conflict), conflict=list(conflict.reasons), relax=list(getattr(conflict, "relax", ()))
        ) from None
    if call is not None:
        _judge_kept(weeks, call, made)
    _arrange(desk, weeks, made, provider.model if provider else None)
    return made


def _prepare(job: PlanJob) -> Desk:
    dates = [job.start_date + dt.timedelta(days=offset) for offset in range(job.days)]
    desk = Desk(job=job, dates=dates)
    if job.kind != PlanKind.WORKOUT:
        desk.eater = meals.eater(job.user, job.overrides)
        desk.foods = food_catalogue.current()
    if job.kind != PlanKind.MEAL:
        desk.trainee = workouts.trainee(job.user, job.overrides, on=job.start_date)
        desk.exercises = exercise_catalogue.current()
    return desk


def _consult(desk: Desk, provider: Provider, lease: Lease, made: Made) -> AICall:
    """Ask the model within its deadline and write the ledger; whatever fails leaves the plan to the planner."""
    brief = _brief(desk)
    started = time.monotonic()
    call = AICall(job=desk.job, provider=provider.name, model=provider.model, outcome="ok")
    try:
        reply = _ask(provider, brief, lease, call)
        desk.proposal = proposals.parse(reply.text, brief)
    except ProviderDown as reason:
        made.fallback_reason, call.outcome, call.detail = reason.reason, reason.reason, reason.detail
    except proposals.InvalidProposal as reason:
        made.fallback_reason, call.outcome, call.detail = "invalid", "invalid", str(reason)
    call.latency_ms = round((time.monotonic() - started) * 1000)
    call.save()
    if lease.cancelled.is_set():
        raise Cancelled
    return call


def _ask(provider: Provider, brief: prompts.Brief, lease: Lease, call: AICall) -> Reply:
    seconds = min(settings.AI_DEADLINE, settings.AI_ATTEMPT).total_seconds()
    question = Question(prompts.messages(brief), prompts.schema(brief))
    reply = provider.ask(question, seconds=seconds, should_stop=lease.should_stop)
    call.prompt_tokens, call.completion_tokens = reply.prompt_tokens, reply.completion_tokens
    return reply


def _brief(desk: Desk) -> prompts.Brief:
    dates = tuple(date.isoformat() for date in desk.dates)
    about: dict[str, Any] = {"goal": desk.job.overrides.get("fitness_goal") or desk.job.user.fitness_goal}
    if desk.eater and desk.foods:
        allowed = meal_planner.candidates(desk.eater, desk.foods, limit=MAX_DISHES_A_SLOT, seed=desk.job.seed)
        about |= {
            "slots": desk.eater.slots,
            "dishes": {slot: [_dish(recipe) for recipe in recipes] for slot, recipes in allowed.items()},
            "kcal": desk.eater.targets.kcal,
            "protein": desk.eater.targets.protein,
        }
    if desk.trainee and desk.exercises:
        groups = workout_planner.candidates(desk.trainee, desk.exercises, seed=desk.job.seed, limit=EXERCISES_A_GROUP)
        possible = {one.slug: one for group in groups.values() for one in group}.values()
        outline = workout_planner.outline(desk.trainee, desk.exercises, desk.dates)
        about |= {
            "exercises": [
                prompts.Choice(one.slug, one.name, f"{one.pattern}; {', '.join(one.primary)}") for one in possible
            ],
            "training_dates": tuple(
                date.isoformat() for date, kind in outline.items() if kind not in {"rest", "cardio"}
            ),
        }
    return prompts.Brief(dates=dates, wishes=desk.job.overrides.get("notes") or "", **about)


def _dish(recipe: meal_planner.Recipe) -> prompts.Choice:
    return prompts.Choice(recipe.slug, recipe.title, f"{recipe.cuisine}; {recipe.minutes} min")


@dataclass(slots=True)
class Weeks:
    """What the planners made, and how much of the model's proposal is in it."""

    meals: meal_planner.Week | None = None
    workouts: workout_planner.Week | None = None
    kept: list[float] = field(default_factory=list)
    repaired: bool = False


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
    user_id, seed = desk.job.user_id, desk.job.seed
    locked, recent = meals.locked(user_id, desk.dates), meals.recent(user_id, desk.dates)
    if desk.proposal is None:
        weeks.meals = meal_planner.compose(eater, foods, desk.dates, seed=seed, locked=locked, recent=recent)
        return
    picks = {dt.date.fromisoformat(date): list(dishes) for date, dishes in desk.proposal.dishes.items()}
    weeks.meals, kept, repairs = meal_planner.repair(
        picks, eater, foods, desk.dates, seed=seed, locked=locked, recent=recent
    )
    weeks.kept.append(kept)
    weeks.repaired |= bool(repairs)


def _compose_workouts(
    desk: Desk, trainee: workout_planner.Trainee, exercises: workout_planner.Catalogue, weeks: Weeks
) -> None:
    user_id, seed = desk.job.user_id, desk.job.seed
    locked, around = workouts.locked(user_id, desk.dates), workouts.around(user_id, desk.dates)
    if desk.proposal is None:
        weeks.workouts = workout_planner.compose(
            trainee, exercises, desk.dates, seed=seed, locked=locked, around=around
        )
        return
    picks = {dt.date.fromisoformat(date): list(slugs) for date, slugs in desk.proposal.exercises.items()}
    weeks.workouts, kept, repairs = workout_planner.repair(
        picks, trainee, exercises, desk.dates, seed=seed, locked=locked, around=around
    )
    weeks.kept.append(kept)
    weeks.repaired |= bool(repairs)


def _judge_kept(weeks: Weeks, call: AICall, made: Made) -> None:
    """Say whose plan it is: the model's, the model's repaired, or ours when nothing of the model's is in it."""
    if not weeks.kept:
        return
    call.kept_ratio = sum(weeks.kept) / len(weeks.kept)
    call.save(update_fields=["kept_ratio"])
    if call.kept_ratio == 0:
        made.fallback_reason = "invalid"
    else:
        made.source = "ai_repaired" if weeks.repaired else "ai"


def _arrange(desk: Desk, weeks: Weeks, made: Made, model: str | None) -> None:
    """Set out what is to be stored, and with which origin."""
    origin = Origin(
        source=made.source,
        fallback_reason=made.fallback_reason,
        model=model if made.source.startswith("ai") else None,
        job_id=desk.job.pk,
    )
    user_id = desk.job.user_id
    if (week := weeks.meals) and (eater := desk.eater) and (foods := desk.foods):
        extra = {
            "notices": list(eater.targets.notices),
            "not_enforced": vocabulary.not_enforced(_preferences(desk.job)),
        }
        made.parts.append(
            lambda: meal_services.save_days(
                user_id=user_id, week=week, eater=eater, catalogue=foods, origin=origin, extra=extra
            )
        )
    if (sessions := weeks.workouts) and (trainee := desk.trainee) and (exercises := desk.exercises):
        made.parts.append(
            lambda: workout_services.save_days(
                user_id=user_id, week=sessions, trainee=trainee, catalogue=exercises, origin=origin, extra={}
            )
        )


def _preferences(job: PlanJob) -> list[str]:
    preferences: list[str] = job.overrides.get("dietary_preferences", job.user.dietary_preferences)
    return preferences
