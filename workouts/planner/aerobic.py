"""What surrounds the strength work: warm-up, balance, cardio and cool-down, with their time and intensity.

Invariant: a bout lasts five minutes or more, and the pulse it asks for is the one its exercise brings.
"""

from collections.abc import Collection, Sequence
from dataclasses import replace

from workouts.planner import minutes, rules
from workouts.planner.values import Catalogue, Exercise, Item, Trainee

RESET = "lying_breathing_reset"  # where no stretch fits what was trained
STRETCHES = ("stretch", "childs_pose", "open_book", "breathing_reset")
VIGOROUS_MET = 6.0  # Ainsworth 2011
LIGHT_MET = 3.0
SOON = 600  # seconds: what is meant to last longer is no warm-up
INTERVALS = ("intervals",)
MOST_HARD = 1800  # seconds of vigorous work in a bout
LEAST_CARDIO = 300  # seconds worth starting for; minutes of any bout count (WHO 2020)
MOST_CARDIO = {"beginner": 2400, "intermediate": 2700, "advanced": 3600}  # seconds in one go
CARDIO_SHARE = {"improve_endurance": 0.65, "lose_weight": 0.4, "general_health": 0.55}  # of a mixed session kept
LASTING = 600  # seconds: what is meant for less is a burst
BOUTS = 2  # in a session of cardio alone
HARD_BOUTS = 3  # a week
HEART_RATE = {False: 70, True: 80}  # per cent of the maximum: moderate 64-76, vigorous 77-95 (ACSM)
EASY, STEADY = 2.0, 5.0  # effort of 10: hardly any; moderate, one can talk but not sing (WHO 2020: 5-6)
INACTIVE = frozenset({"sedentary", "light"})


def wants_cardio(trainee: Trainee, allowed: Sequence[Exercise]) -> bool:
    """Tell whether the goal asks for cardio and any is possible."""
    return trainee.goal in rules.WHO_MINUTES and any(found.pattern == "cardio" for found in allowed)


def warm_up(allowed: Sequence[Exercise], trainee: Trainee, *, turn: int) -> Item | None:
    """Return easy whole-body movement: on a machine when there is one, else on the spot."""
    easy = [found for found in allowed if found.pattern == "cardio" and found.met < VIGOROUS_MET]
    easy = [found for found in easy if found.rep_range[0] <= SOON and not rules.has_word(found.slug, rules.IMPACT)]
    best = sorted(easy, key=_warmth)[:3]
    if not best:
        return None
    item = _timed(best[turn % len(best)], "warm_up", rules.limits(trainee).warm_up)
    return replace(item, load_kind="effort", load_value=EASY)


def _warmth(exercise: Exercise) -> tuple[bool, bool, bool, float, str]:
    """Rank warm-ups: not too light, by the legs, on a machine where owned, the easiest first."""
    return exercise.met < LIGHT_MET, "delts" in exercise.primary, not exercise.equipment, exercise.met, exercise.slug


def cool_down(allowed: Sequence[Exercise], trained: Sequence[str], seconds: int, *, turn: int) -> Item | None:
    """Return a stretch for what was trained, as many rounds as the seconds allow."""
    held = [found for found in allowed if found.pattern == "mobility" and found.mode == "time"]
    held = [found for found in held if not rules.has_word(found.slug, rules.BALANCE)]
    held = [found for found in held if found.rep_range[0] * 2 <= seconds]
    held = [found for found in held if rules.has_word(found.slug, STRETCHES)] or held
    fitting = [found for muscle in trained for found in held if muscle in found.primary]
    fitting = fitting or [found for found in held if found.slug == RESET] or held
    if not fitting:
        return None
    exercise = fitting[turn % min(3, len(fitting))]
    sides = 2 if exercise.unilateral else 1
    hold = min(exercise.rep_range[1], seconds // sides) // 5 * 5
    return replace(_timed(exercise, "cool_down", hold), sets=max(1, min(4, seconds // (hold * sides))))


def balance(allowed: Sequence[Exercise], *, turn: int) -> Item | None:
    """Return balance work (WHO 2020: for those of 65 and over), or None when nothing fits."""
    found = [one for one in allowed if rules.has_word(one.slug, rules.BALANCE)]
    found = found or [one for slug in rules.BALANCE_SPARE for one in allowed if one.slug == slug][:2]
    if not found:
        return None
    exercise = found[turn % len(found)]
    low, high = exercise.rep_range
    item = replace(_timed(exercise, "balance", min(30, high) // 5 * 5), sets=2, rest_s=30)
    return item if exercise.mode == "time" else replace(item, duration_s=None, reps=low)


def cardio(
    allowed: Sequence[Exercise],
    trainee: Trainee,
    seconds: int,
    *,
    turn: int,
    avoid: Collection[str] = (),
    hard: bool = False,
) -> Item | None:
    """Return continuous or interval work of at most `seconds`, in whole minutes, other than `avoid`.

    A `hard` bout is vigorous work at its pulse, any other moderate work at its own. None when time is too short.
    """
    hard = hard and may_go_hard(trainee)
    seconds = min(seconds, MOST_HARD if hard else MOST_CARDIO[rules.fitness_of(trainee)]) // 60 * 60
    fitting = [one for one in allowed if one.pattern == "cardio" and one.rep_range[0] <= seconds]
    fitting = [one for one in fitting if one.slug not in avoid and is_vigorous(one) == hard]
    if seconds < LEAST_CARDIO or not fitting:
        return None
    ranked = sorted(fitting, key=lambda one: (-_suits(one, seconds, hard=hard), one.slug))[:3]
    exercise = ranked[turn % len(ranked)]
    item = _timed(exercise, "cardio", min(seconds, exercise.rep_range[1] // 60 * 60))
    if trainee.conditions & rules.PULSE_UNRELIABLE:
        return replace(item, load_kind="effort", load_value=STEADY)
    pulse = (208 - 0.7 * trainee.age) * HEART_RATE[hard] / 100  # maximum by Tanaka 2001
    return replace(item, load_kind="heart_rate", load_value=float(round(pulse)))


def may_go_hard(trainee: Trainee) -> bool:
    """Tell whether vigorous cardio is for this trainee: used to training, active, and nothing speaks for care."""
    cautious = rules.is_careful(trainee) or rules.is_gentle(trainee) or trainee.activity_level in INACTIVE
    return trainee.goal in rules.WHO_MINUTES and trainee.training_level != "beginner" and not cautious


def day(allowed: Sequence[Exercise], trainee: Trainee, *, turn: int, hard: bool) -> list[Item]:
    """Return the items of a session of cardio alone; none when no cardio fits."""
    limits = rules.limits(trainee)
    before = warm_up(allowed, trainee, turn=turn)
    left = limits.minutes * 60 - (minutes.item_seconds(before) if before else 0)
    left -= limits.cool_down + minutes.CHANGEOVER if limits.cool_down else 0
    main = _bouts(allowed, trainee, left, turn=turn, avoid=before.exercise_slug if before else "", hard=hard)
    if not main:
        return []
    after = cool_down(allowed, ("quads", "hams", "calves", "glutes"), limits.cool_down, turn=turn)
    return [item for item in (before, *main, after) if item is not None]


def _bouts(
    allowed: Sequence[Exercise], trainee: Trainee, left: int, *, turn: int, avoid: str, hard: bool
) -> list[Item]:
    """Return one bout, or two of different kinds where one exercise should not last as long as there is time."""
    done: list[Item] = []
    most = MOST_CARDIO[rules.fitness_of(trainee)]
    while len(done) < BOUTS:
        room = min(left - minutes.CHANGEOVER, most)
        known = {avoid, *(item.exercise_slug for item in done)}
        one = cardio(allowed, trainee, room, turn=turn, avoid=known, hard=hard and not done)
        if one is None:
            break
        done.append(one)
        left, most = left - minutes.item_seconds(one), most - (one.duration_s or 0)
    return done


def reserve(trainee: Trainee, *, share: float, mixed: int, alone: int) -> int:
    """Return the seconds each of the `mixed` sessions keeps for cardio, given how many days are cardio alone.

    What the week still lacks of the WHO's minutes, evenly and half of it where it may be hard, at most `share` of the
    goal's share of the session, and at least what is worth starting for.
    """
    limits = rules.limits(trainee)
    free = limits.minutes * 60 - limits.warm_up - limits.cool_down - 3 * minutes.CHANGEOVER
    lacking = rules.WHO_MINUTES.get(trainee.goal, 0) * 60 - alone * min(MOST_CARDIO[rules.fitness_of(trainee)], free)
    if not share or not mixed or lacking <= 0:
        return 0
    most = CARDIO_SHARE[trainee.goal] * share * limits.minutes * 60
    short = lacking / mixed > most and may_go_hard(trainee)
    each = min(most, lacking / (mixed + min(mixed, HARD_BOUTS) if short else mixed))
    return max(LEAST_CARDIO, int(each) // 60 * 60) + minutes.CHANGEOVER


def counted(item: Item, catalogue: Catalogue) -> float:
    """Return the minutes of moderate activity an item counts for; vigorous ones count twice (WHO 2020)."""
    if item.role != "cardio" or item.duration_s is None:
        return 0.0
    return item.sets * item.duration_s / 60 * (2 if is_hard(item, catalogue) else 1)


def is_hard(item: Item, catalogue: Catalogue) -> bool:
    """Tell whether an item is vigorous cardio."""
    return item.role == "cardio" and is_vigorous(catalogue.exercises[item.exercise_slug])


def is_vigorous(exercise: Exercise) -> bool:
    """Tell whether an exercise is vigorous: 6 MET or more (Ainsworth 2011)."""
    return exercise.met >= VIGOROUS_MET


def _suits(exercise: Exercise, seconds: int, *, hard: bool) -> float:
    """Return how well a cardio exercise suits: steady or in intervals, long enough, on a machine where owned."""
    total = 1.5 if exercise.equipment else 0.0
    total += 2.0 * (rules.has_word(exercise.slug, INTERVALS) == hard)
    total -= 4.0 if exercise.met < LIGHT_MET or exercise.rep_range[1] < LASTING else 0.0
    return total - 3.0 * (exercise.rep_range[1] < seconds) + min(exercise.met, 7.0) / 10


def _timed(exercise: Exercise, role: str, seconds: int) -> Item:
    """Return one bout without load."""
    return Item(
        exercise_slug=exercise.slug,
        order=0,
        role=role,
        sets=1,
        reps=None,
        duration_s=seconds,
        rest_s=0,
        load_kind="none",
        load_value=None,
        rir=None,
        per_side=exercise.unilateral,
    )
