"""The ten things a guideline asks an exercise prescription to say (ACSM, as listed by Zaleski 2024), for one week.

Invariant: every sentence is made from the week's own items and the rules it was made by; none of the ten is ever empty.
"""

from collections.abc import Iterable, Sequence

from workouts import progression
from workouts.planner import minutes, rules, words
from workouts.planner.ladder import COUNTED_ROLES, session_volume
from workouts.planner.values import MUSCLES, Catalogue, Item, Session, Trainee

TOOLS = {"none": "", "bodyweight": "body weight", "band": "bands", "kg": "weights", "start_light": "weights"}
KINDS = {
    "balance": "balance",
    "power": "strength",
    "compound": "strength",
    "isolation": "strength",
    "carry": "strength",
}
KINDS |= {"core": "strength", "cardio": "cardio", "warm_up": "warm-up", "cool_down": "flexibility"}


def guideline(sessions: Sequence[Session], trainee: Trainee, catalogue: Catalogue) -> dict[str, str]:
    """Return the ten categories as sentences over the sessions of up to seven days."""
    trained = [session for session in sessions if session.items]
    items = [item for session in trained for item in session.items]
    return {
        "frequency": _frequency(trained, catalogue),
        "intensity": _intensity(items, trainee),
        "time": _time(trained, trainee),
        "type": _type(items),
        "volume": _volume(trained, trainee, catalogue),
        "progression": _progression(trainee),
        "warm_up_and_cool_down": _around(items),
        "special_considerations": " ".join(words.considerations(trainee)) or "None declared.",
        "clearance": " ".join(words.clearances(trainee)),
        "contraindications": _contraindications(trainee, catalogue),
    }


def _span(values: Iterable[float]) -> str:
    """Return the least and the most of some figures."""
    found = sorted(values)
    return f"{found[0]:g}" if found[0] == found[-1] else f"{found[0]:g}-{found[-1]:g}"


def _frequency(trained: Sequence[Session], catalogue: Catalogue) -> str:
    """Say how often, and how often each muscle."""
    if not trained:
        return "Rest on these dates."
    days = ", ".join(f"{session.date:%A}" for session in trained)
    counts = [session_volume(session, catalogue) for session in trained]
    times = [sum(count[muscle] >= rules.TRAINED_SETS for count in counts) for muscle in MUSCLES]
    return f"Sessions: {len(trained)} ({days}); each muscle is trained {_span(times)} times."


def _intensity(items: Sequence[Item], trainee: Trainee) -> str:
    """Say how hard: repetitions in reserve, and the pulse or effort of the cardio."""
    least, most = rules.rir_range(trainee)
    parts = [f"Lifts end with {least}-{most} repetitions in reserve, holds a few seconds before form goes."]
    pulses = [item.load_value for item in items if item.load_kind == "heart_rate" and item.load_value]
    efforts = [item.load_value for item in items if item.role == "cardio" and item.load_kind == "effort"]
    parts += [f"Cardio at {_span(pulses)} beats a minute."] if pulses else []
    parts += [f"Cardio at an effort of {_span(one for one in efforts if one)} of 10."] if efforts else []
    return " ".join(parts)


def _time(trained: Sequence[Session], trainee: Trainee) -> str:
    """Say how long."""
    limit = rules.limits(trainee).minutes
    lengths = [minutes.estimated_minutes(session) for session in trained]
    return f"Sessions last {_span(lengths)} of at most {limit} minutes." if lengths else f"At most {limit} minutes."


def _type(items: Sequence[Item]) -> str:
    """Say what kinds of work, and with what."""
    kinds = dict.fromkeys(KINDS[item.role] for item in items)
    tools = dict.fromkeys(TOOLS.get(item.load_kind, "") for item in items if item.role in COUNTED_ROLES)
    named = " and ".join(tool for tool in tools if tool)
    return f"{', '.join(kinds) or 'rest'}{f'; with {named}' if named else ''}.".capitalize()


def _volume(trained: Sequence[Session], trainee: Trainee, catalogue: Catalogue) -> str:
    """Say how much."""
    counts = [session_volume(session, catalogue) for session in trained]
    totals = [sum(count[muscle] for count in counts) for muscle in MUSCLES]
    lows, highs = zip(*(rules.band(trainee, muscle) for muscle in MUSCLES), strict=True)
    sets = sum(item.sets for session in trained for item in session.items if item.role in COUNTED_ROLES)
    band = f"{round(min(lows), 1):g}-{round(max(highs), 1):g}"
    return f"{sets} sets, {_span(totals)} for each muscle (a week's band: {band}; a helper counts half)."


def _progression(trainee: Trainee) -> str:
    """Say how the plan goes on."""
    weeks = progression.DELOAD_WEEKS[trainee.training_level]
    return (
        "Repetitions or seconds rise first; two sessions running at the top of the range bring 2-10 % more load or the "
        f"harder variant. At most a fifth more sets a week; a light week after {weeks} weeks, or when lifts stall."
    )


def _around(items: Sequence[Item]) -> str:
    """Say what comes before and after."""
    before = [(item.duration_s or 0) / 60 for item in items if item.role == "warm_up"]
    ramps = [len(item.warmup) for item in items if item.warmup]
    after = [minutes.item_seconds(item) // 60 for item in items if item.role == "cool_down"]
    parts = [f"{_span(before)} minutes of easy movement first" if before else "Begin with easy movement"]
    parts += [f"{_span(ramps)} lighter sets before heavy lifts"] if ramps else []
    parts += [f"about {_span(after)} minutes of stretching after"] if after else ["walk slowly for a few minutes after"]
    return f"{', '.join(parts)}."


def _contraindications(trainee: Trainee, catalogue: Catalogue) -> str:
    """Say what is left out and when to stop."""
    sore = [one for one in catalogue.exercises.values() if one.contraindications & trainee.injuries]
    unfit = [one for one in catalogue.exercises.values() if rules.condition_objection(one, trainee)]
    parts = [f"{len(sore)} exercises that load an injury are left out."] if sore else []
    parts += [f"{len(unfit)} exercises that age or condition rule out are left out."] if unfit else []
    return " ".join([*parts, words.STOP])
