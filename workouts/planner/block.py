"""One block of up to seven days: tries the sensible ways to spread the work, searches each, keeps the best week.

Invariant: frozen days stay as they are, locked items stay where they are, and the same brief gives the same block.
"""

import datetime as dt
import random
from collections.abc import Sequence
from dataclasses import dataclass

from workouts.planner import aerobic, assemble, framing, ladder, pool, ruin, rules, schedule, writing
from workouts.planner.framing import Attempt, Brief, Frame
from workouts.planner.problem import Problem
from workouts.planner.values import Session

LEAST_SHARE = 0.01  # of the cardio that a goal asks for: a bout worth starting for and no more
SHARES = (1.0, 0.8, 0.65, 0.5, 0.25, LEAST_SHARE)
# In short sessions both cannot be whole: cardio keeps its part where the goal is health or endurance.
SHORT_SHARES = {"improve_endurance": (0.75,), "lose_weight": (0.5, 0.25), "general_health": (0.35,)}
SHORT, NO_ROOM = 45, 25  # minutes
WHOLE = (0.0, False)  # the verdict on a block without an unmet need that is not lopsided
# Of the time, what the least that is needed may take for a style of rest to be worth a try; past 0.82 no search has
# met every need.
RESTS = ("generous", "tight", "paired")
TIGHT = {"generous": 0.5, "tight": 0.7, "paired": 0.82}
EASIER = 0.01  # by which another try must be less tight than one that failed


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """An attempt with its frames and problem."""

    attempt: Attempt
    frames: Sequence[Frame]
    problem: Problem


def solve(brief: Brief, dates: Sequence[dt.date], around: Sequence[Session]) -> tuple[Session, ...]:
    """Return the sessions of a block; `around` are those before and after that need recovery."""
    rng = random.Random(f"{brief.seed}:{dates[0].isoformat()}")
    best: tuple[tuple[float, bool], list[Session]] | None = None
    tightest = float("inf")
    tries = _tries(brief, dates, around, rng)
    for one in tries:
        if best is not None and (best[0] == WHOLE or one.problem.tightness > tightest - EASIER):
            continue
        state = ruin.solve(one.problem, rng=rng, effort=1.0 if one is tries[-1] else 0.5)
        tightest = one.problem.tightness
        verdict = round(state.needs(), 6), state.is_lopsided()
        if best is None or verdict < best[0]:
            best = verdict, writing.sessions(brief, one.attempt, one.frames, state.chosen())
    made = {session.date: session for session in best[1]} if best else {}
    return tuple(brief.frozen.get(date) or made.get(date) or assemble.rest(date) for date in dates)


def _tries(brief: Brief, dates: Sequence[dt.date], around: Sequence[Session], rng: random.Random) -> list[Try]:
    """Return what is worth trying, the most generous first; the least tight alone when nothing can be full."""
    wanted = {slug for slugs in brief.wanted.values() for slug in slugs}
    keep = brief.going_on | wanted
    liked = pool.menu(brief.trainee, pool.strength(brief.allowed), rng=rng, keep=keep)
    options = {
        rest: pool.options(liked, brief.trainee, brief.limits, rest=rest, on=brief.start, keep=brief.going_on)
        for rest in RESTS
    }
    found = []
    for attempt in _attempts(brief, dates):
        frames = [framing.frame(brief, attempt, at) for at in range(len(attempt.plan.strength))]
        problem = framing.problem(brief, frames, options[attempt.rest], around)
        found.append(Try(attempt=attempt, frames=frames, problem=problem))
    loosest = min(found, key=lambda one: one.problem.tightness, default=None)
    return [one for one in found if one.problem.tightness <= TIGHT[one.attempt.rest] or one is loosest]


def _shares(brief: Brief) -> tuple[float, ...]:
    """Return the shares of cardio worth trying, the best first."""
    if brief.limits.minutes >= SHORT:
        return SHARES
    if brief.trainee.age >= rules.ELDER:
        return (LEAST_SHARE,)
    return SHORT_SHARES[brief.trainee.goal] if brief.limits.minutes >= NO_ROOM else (0.0,)


def _attempts(brief: Brief, dates: Sequence[dt.date]) -> list[Attempt]:
    """Return the ways to fill a block in order of preference: cardio's share first, then rests, then cardio's days."""
    moves = aerobic.wants_cardio(brief.trainee, brief.allowed)
    lifting = frozenset(
        date for date, items in brief.locked.items() if any(item.role in ladder.STRENGTH_ROLES for item in items)
    )
    wishes = schedule.Wishes(
        standing=brief.frozen, training=brief.locked, lifting=lifting, picked=brief.wanted, cardio=moves
    )
    plans = schedule.schedules(brief.trainee, dates, wishes)
    shares = _shares(brief) if moves else (0.0,)
    return [Attempt(plan=plan, share=share, rest=rest) for share in shares for rest in RESTS for plan in plans]
