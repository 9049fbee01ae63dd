"""Writes a solved block out as sessions: lifts prescribed, then cardio and stretches in the time that is left.

Invariant: no session exceeds the trainee's minutes or the most exercises a session holds.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from workouts.planner import aerobic, assemble, framing, ladder, minutes, pairing, prescription, rules, words
from workouts.planner.framing import Attempt, Brief, Frame
from workouts.planner.state import MIN_SETS
from workouts.planner.values import Item, Session

LEAST_STRETCH = 60  # seconds
Chosen = Sequence[tuple[str, int]]  # exercise slugs with their sets


def sessions(brief: Brief, attempt: Attempt, frames: Sequence[Frame], chosen: Sequence[Chosen]) -> list[Session]:
    """Return the training sessions of a block."""
    done = [_aerobic(brief, date, at) for at, date in enumerate(attempt.plan.cardio)]
    counted = sum(aerobic.counted(item, brief.catalogue) for one in done for item in one.items)
    goal = rules.WHO_MINUTES.get(brief.trainee.goal, 0)
    for at, (one, lifts) in enumerate(zip(frames, chosen, strict=True)):
        made = _mixed(brief, attempt, one, lifts, wanted=(goal - counted) / (len(frames) - at), turn=brief.seed + at)
        counted += sum(aerobic.counted(item, brief.catalogue) for item in made.items)
        done.append(made)
    return done


def _aerobic(brief: Brief, date: dt.date, at: int) -> Session:
    """Return a session of cardio alone, with a locked cardio item in its place."""
    items = aerobic.day(brief.allowed, brief.trainee, turn=brief.seed + at, hard=at == 0)
    locked = brief.locked.get(date, ())
    roles = {item.role for item in locked}
    items = [*locked, *(item for item in items if item.role not in roles)]
    title = words.title("cardio", items, brief.catalogue, light=brief.trainee.deload)
    return assemble.session(date, title, items)


def _mixed(brief: Brief, attempt: Attempt, one: Frame, lifts: Chosen, *, wanted: float, turn: int) -> Session:
    """Return a strength session with what surrounds it; `wanted` are the minutes of cardio it should bring."""
    limit = brief.limits.minutes * 60
    before = [one.before] if one.before else []
    work = _lifts(brief, attempt, one, lifts)
    while assemble.seconds_of([*before, *work]) > limit and (fewer := _shorter(work)):
        work = fewer
    after = _after(brief, one, [*before, *work], wanted=wanted, turn=turn)
    title = words.title(one.focus, after, brief.catalogue, light=brief.trainee.deload, letter=one.letter)
    return assemble.session(one.date, title, [*before, *work, *after])


def _lifts(brief: Brief, attempt: Attempt, one: Frame, lifts: Chosen) -> list[Item]:
    """Return the exercises prescribed, in order, paired where the rests ask for it, with their ramp sets."""
    trainee, exercises = brief.trainee, brief.catalogue.exercises
    chosen = [
        prescription.prescribe(exercises[slug], trainee, brief.limits, sets=sets, rest=attempt.rest, on=brief.start)
        for slug, sets in lifts
    ]
    items = assemble.in_order([*one.fixed, *chosen], brief.catalogue)
    ordered = pairing.paired(items, brief.catalogue) if attempt.rest == "paired" else items
    return assemble.ramped(ordered, brief.catalogue)


def _shorter(work: Sequence[Item]) -> list[Item]:
    """Take a set from the longest exercise that can spare one; nothing when none can."""
    spare = [item for item in work if item.sets > MIN_SETS and not item.locked]
    if not spare:
        return []
    most = max(spare, key=lambda item: (item.sets, item.order))
    return [replace(item, sets=item.sets - 1) if item is most else item for item in work]


def _after(brief: Brief, one: Frame, done: Sequence[Item], *, wanted: float, turn: int) -> list[Item]:
    """Return the cardio and the stretch that time and room allow after what is done, locked ones first."""
    moving = framing.kept(brief, one.date, "cardio")
    after = framing.kept(brief, one.date, "cool_down")
    left = brief.limits.minutes * 60 - assemble.seconds_of([*done, *(item for item in (moving, after) if item)])
    seconds = min(brief.limits.cool_down, left - minutes.CHANGEOVER)
    if after is None and seconds >= LEAST_STRETCH:
        after = _stretch(brief, done, seconds, turn)
        left -= minutes.item_seconds(after) if after else 0
    lifts = sum(item.role in ladder.STRENGTH_ROLES for item in done)
    if moving is None and wanted > 0 and lifts < rules.MAX_EXERCISES:
        seconds = min(left - minutes.CHANGEOVER, max(int(wanted * 60), aerobic.LEAST_CARDIO))
        avoid = one.before.exercise_slug if one.before else ""
        moving = aerobic.cardio(brief.allowed, brief.trainee, seconds, turn=turn, avoid=avoid)
    return [item for item in (moving, after) if item is not None]


def _stretch(brief: Brief, items: Sequence[Item], seconds: int, turn: int) -> Item | None:
    """Return the cool-down for the muscles worked most."""
    worked = ladder.items_volume(items, brief.catalogue)
    trained = sorted((muscle for muscle in worked if worked[muscle]), key=lambda muscle: -worked[muscle])
    return aerobic.cool_down(brief.allowed, trained, seconds, turn=turn)
