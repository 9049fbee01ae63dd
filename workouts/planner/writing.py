"""Writes a solved block out as sessions: lifts prescribed, then cardio and stretches in the time that is left.

Invariant: no session exceeds the trainee's minutes or the most exercises a session holds.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace

from workouts.planner import aerobic, assemble, framing, ladder, minutes, pairing, prescription, rules, words
from workouts.planner.framing import Attempt, Brief, Frame
from workouts.planner.state import MIN_SETS
from workouts.planner.values import Item, Session

LEAST_STRETCH = 60  # seconds
Chosen = Sequence[tuple[str, int]]  # exercise slugs with their sets


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """The cardio that a session should bring: moderate minutes, and whether a bout of it may be vigorous."""

    minutes: float
    may_be_hard: bool


def sessions(brief: Brief, attempt: Attempt, frames: Sequence[Frame], chosen: Sequence[Chosen]) -> list[Session]:
    """Return the training sessions of a block."""
    done = [_aerobic(brief, date, at) for at, date in enumerate(attempt.plan.cardio)]
    counted = sum(aerobic.counted(item, brief.catalogue) for one in done for item in one.items)
    goal = rules.cardio_aim(brief.trainee)
    for at, (one, lifts) in enumerate(zip(frames, chosen, strict=True)):
        need = Need(minutes=(goal - counted) / (len(frames) - at), may_be_hard=_may_be_hard(one.date, done, brief))
        made = _mixed(brief, attempt, one, lifts, need=need, turn=brief.seed + at)
        counted += sum(aerobic.counted(item, brief.catalogue) for item in made.items)
        done.append(made)
    return done


def _may_be_hard(date: dt.date, done: Sequence[Session], brief: Brief) -> bool:
    """Tell whether a bout on a date may be vigorous: few a week, none on days running."""
    hard = [one.date for one in done if any(aerobic.is_hard(item, brief.catalogue) for item in one.items)]
    return len(hard) < aerobic.HARD_BOUTS and all(abs((date - other).days) > 1 for other in hard)


def _aerobic(brief: Brief, date: dt.date, at: int) -> Session:
    """Return a session of cardio alone, with a locked cardio item in its place."""
    items = aerobic.day(brief.allowed, brief.trainee, turn=brief.seed + at, hard=at == 0)
    locked = brief.locked.get(date, ())
    roles = {item.role for item in locked}
    items = [*locked, *(item for item in items if item.role not in roles)]
    title = words.title("cardio", items, brief.catalogue, light=brief.trainee.deload)
    return assemble.session(date, title, items)


def _mixed(brief: Brief, attempt: Attempt, one: Frame, lifts: Chosen, *, need: Need, turn: int) -> Session:
    """Return a strength session with what surrounds it."""
    limit = brief.limits.minutes * 60
    before = [one.before] if one.before else []
    work = _lifts(brief, attempt, one, lifts)
    while assemble.seconds_of([*before, *work]) > limit and (fewer := _shorter(work)):
        work = fewer
    after = _after(brief, one, [*before, *work], need=need, turn=turn)
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


def _after(brief: Brief, one: Frame, done: Sequence[Item], *, need: Need, turn: int) -> list[Item]:
    """Return the cardio and the stretch that time and room allow after what is done, locked ones first."""
    moving = framing.kept(brief, one.date, "cardio")
    after = framing.kept(brief, one.date, "cool_down")
    left = brief.limits.minutes * 60 - assemble.seconds_of([*done, *(item for item in (moving, after) if item)])
    wanted = moving is None and need.minutes > 0
    bout = aerobic.LEAST_CARDIO + minutes.CHANGEOVER
    crowded = wanted and left - LEAST_STRETCH - minutes.CHANGEOVER < bout <= left
    seconds = min(brief.limits.cool_down, left - minutes.CHANGEOVER)
    if wanted and not crowded and left > bout:
        seconds = min(seconds, max(LEAST_STRETCH, left - bout - minutes.CHANGEOVER))
    if after is None and seconds >= LEAST_STRETCH and not crowded:
        after = _stretch(brief, done, seconds, turn)
        left -= minutes.item_seconds(after) if after else 0
    lifts = sum(item.role in ladder.STRENGTH_ROLES for item in done)
    if wanted and lifts < rules.MAX_EXERCISES:
        moving = _cardio(brief, one, left - minutes.CHANGEOVER, need=need, turn=turn)
    return [item for item in (moving, after) if item is not None]


def _cardio(brief: Brief, one: Frame, left: int, *, need: Need, turn: int) -> Item | None:
    """Return the cardio after the lifts: moderate where time allows it, else vigorous for those who may."""
    avoid = {one.before.exercise_slug} if one.before else set()
    wanted = max(round(need.minutes * 60), aerobic.LEAST_CARDIO)
    hard = need.may_be_hard and wanted > left and aerobic.may_go_hard(brief.trainee)
    for vigorous in (True, False) if hard else (False,):
        seconds = min(left, max(wanted // (1 + vigorous), aerobic.LEAST_CARDIO))
        moving = aerobic.cardio(brief.allowed, brief.trainee, seconds, turn=turn, avoid=avoid, hard=vigorous)
        if moving:
            return moving
    return None


def _stretch(brief: Brief, items: Sequence[Item], seconds: int, turn: int) -> Item | None:
    """Return the cool-down for the muscles worked most."""
    worked = ladder.items_volume(items, brief.catalogue)
    trained = sorted((muscle for muscle in worked if worked[muscle]), key=lambda muscle: -worked[muscle])
    return aerobic.cool_down(brief.allowed, trained, seconds, turn=turn)
