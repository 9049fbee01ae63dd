"""The plan of a date range: blocks of seven days, one after another, each aware of the last.

Invariant: a range shorter than a week is cut from a whole good week, so its volume is that of a week in progress.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace

from workouts.planner import aerobic, assemble, block, ladder, past, pool, rules, schedule, words
from workouts.planner.framing import Brief
from workouts.planner.values import Catalogue, Conflict, Exercise, Item, Session, Trainee, Week

WEEK = 7
Locked = Mapping[dt.date, Session | Sequence[Item]]


def compose(
    trainee: Trainee,
    catalogue: Catalogue,
    dates: Sequence[dt.date],
    *,
    seed: int,
    locked: Locked | None = None,
    around: Sequence[Session] = (),
) -> Week:
    """Return the best week, or two, for a trainee over 1-14 consecutive dates.

    `locked` maps a date to a whole session, which stays as it is, or to the items that must stay on it; `around` are
    sessions outside the dates that recovery has to respect.

    :raises Conflict: when nothing may be served at all, or a locked item is no longer safe.
    """
    return plan(trainee, catalogue, dates, seed=seed, locked=locked or {}, around=around, wanted={})


def outline(trainee: Trainee, catalogue: Catalogue, dates: Sequence[dt.date]) -> dict[dt.date, str]:
    """Return what each date is for, before any exercise is chosen: full, upper, lower, push, pull, legs, cardio, rest.

    Whoever picks exercises for `repair` should pick for the dates of strength.
    """
    allowed = pool.eligible(trainee, catalogue)
    found = dict.fromkeys(dates, "rest")
    for at in range(0, len(dates), WEEK):
        whole = [dates[at] + dt.timedelta(days=day) for day in range(WEEK)]
        wishes = schedule.Wishes(cardio=aerobic.wants_cardio(trainee, allowed))
        for best in schedule.schedules(trainee, whole, wishes)[:1]:
            kinds = {**dict(zip(best.strength, best.focus, strict=True)), **dict.fromkeys(best.cardio, "cardio")}
            found |= {date: kind for date, kind in kinds.items() if date in found}
    return found


def plan(
    trainee: Trainee,
    catalogue: Catalogue,
    dates: Sequence[dt.date],
    *,
    seed: int,
    locked: Locked,
    around: Sequence[Session],
    wanted: Mapping[dt.date, tuple[str, ...]],
) -> Week:
    """Compose with exercises `wanted` on certain dates, which stay wherever the rules let them."""
    allowed = pool.eligible(trainee, catalogue)
    refuse(trainee, catalogue, allowed, locked)
    standing = {date: kept for date, kept in locked.items() if isinstance(kept, Session)}
    brief = Brief(
        trainee=trainee,
        catalogue=catalogue,
        limits=rules.limits(trainee),
        start=dates[0],
        allowed=allowed,
        seed=seed,
        locked={date: tuple(kept) for date, kept in locked.items() if not isinstance(kept, Session) and kept},
        wanted=wanted,
        going_on=past.going_on(trainee, on=dates[0]),
    )
    done: list[Session] = []
    verdicts: list[tuple[str, tuple[str, ...]]] = []
    who = trainee
    for at in range(0, len(dates), WEEK):
        whole = [dates[at] + dt.timedelta(days=day) for day in range(WEEK)]
        frozen = {date: one for date, one in standing.items() if date in whole}
        others = [one for date, one in standing.items() if date not in whole]
        brief = replace(brief, trainee=who, limits=rules.limits(who), start=whole[0])
        made = block.solve(replace(brief, frozen=frozen), whole, [*around, *done, *others])
        verdicts.append(ladder.assess(made, who, catalogue, allowed))
        done += [one for one in made if one.date in dates]
        who = rules.after_block(who, ladder.volume(made, catalogue))
        brief = replace(brief, going_on=brief.going_on.union(ladder.lifts(made)))
    return Week(
        sessions=tuple(done),
        rung=max((rung for rung, _ in verdicts), key=ladder.RUNGS.index),
        relaxations=tuple(dict.fromkeys(text for _, texts in verdicts for text in texts)),
        seed=seed,
        notices=words.notices(trainee),
    )


def refuse(trainee: Trainee, catalogue: Catalogue, allowed: Sequence[Exercise], locked: Locked) -> None:
    """Decline what no plan can meet.

    :raises Conflict: with every reason and what to change.
    """
    reasons: list[str] = []
    relax: list[str] = []
    if (minutes := rules.limits(trainee).minutes) < rules.MIN_MINUTES:
        reasons.append(f"{minutes} minutes do not hold a warm-up and three exercises.")
        relax.append(f"Allow at least {rules.MIN_MINUTES} minutes a session.")
    if sum(bool(rules.weights(exercise)) for exercise in allowed) < rules.MIN_EXERCISES:
        reasons.append("Fewer than three exercises fit the equipment, injuries, level and dislikes.")
        relax.append("Dislike fewer exercises, or add equipment.")
    for date, kept in locked.items():
        items = kept.items if isinstance(kept, Session) else kept
        if assemble.seconds_of(items) > minutes * 60:
            reasons.append(f"What is locked on {date:%A} takes longer than {minutes} minutes.")
            relax.append(f"Unlock an exercise of {date:%A}, or allow more minutes.")
        for item in items:
            known = catalogue.exercises.get(item.exercise_slug)
            why = rules.objection(known, trainee) if known else "is no longer in the catalogue"
            if why:
                name = known.name if known else item.exercise_slug
                reasons.append(f"The locked {name.lower()} {why}.")
                relax.append(f"Unlock {name.lower()}.")
    if reasons:
        raise Conflict(reasons, relax)
