"""`manage.py bench scale`: what one of each thing takes, and what so many people therefore need, on paper.

Invariant: nothing in the arithmetic is assumed but a day's use, and how busy a core may be.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench import units
from bench.environment import ROOT
from bench.report import Section
from bench.stage import open_stage
from bench.units import Cost, Habits, Units

PAGE = ROOT / "docs" / "scale.md"
PARTS = ("web", "workers", "PostgreSQL", "Redis")
UNITS = ("CPU ms of one", *PARTS)
PAPER = ("people", "reads/s", "plans/s", "sockets", *(f"cores: {part}" for part in PARTS), "PostgreSQL", "Redis")
POWERS = {4: "10⁴", 5: "10⁵", 6: "10⁶", 7: "10⁷", 8: "10⁸"}
BUSY = 0.8  # of a core, at most
SIZES = ("B", "kB", "MB", "GB", "TB")
KEPT_DAYS = 7  # for which events are kept: settings.EVENT_AGE


@dataclass(frozen=True, slots=True)
class Use:
    """A day's use: the share of people who are there, and what each of those does; everybody has a plan a week."""

    present: float = 0.2
    reads: int = 40
    misses: int = 4  # of the reads: those after a change
    writes: int = 5  # one log of the day, and sets
    plans_a_week: float = 1
    minutes: float = 20  # with a socket open
    peak: float = 0.2  # of the day's load, in its busiest hour

    def habits(self) -> Habits:
        """Return what of this decides how many rows a person leaves."""
        days = round(365 * self.present)
        return Habits(days=days, sets=self.writes - 1, events=round(KEPT_DAYS * self.present * self.writes))


USE = Use()


def measure(*, small: bool) -> list[Section]:
    """Measure the units; reckon from them."""
    with open_stage() as stage:
        found = units.measure(stage, USE.habits(), small=small)
    return [_units(found), paper(found, USE)]


def _units(found: Units) -> Section:
    named: Mapping[str, Cost] = {
        "read from the cache": found.hit,
        "read that is not in the cache, and then is": found.miss,
        "write (a day's log)": found.write,
        "plan of seven days, meals and workouts": found.plan,
        "second of an open, idle socket": found.socket,
    }
    rows = [(name, *(_figure(cost[part]) for part in PARTS)) for name, cost in named.items()]
    tables = ", ".join(f"{name} {size / 1000:,.1f}" for name, size in found.rows.items())
    notes = [
        f"A person's year takes {sum(found.rows.values()) / 1e6:.2f} MB of PostgreSQL, indexes included; in kB:"
        f" {tables}. It has a plan for every day with its versions, one dish a week swapped, {USE.habits().days} days"
        f" with a log and {USE.habits().sets} sets, and the events of {KEPT_DAYS} days; what outside models answered is"
        " not in it.",
        f"Who was there today has {found.answers / 1000:,.0f} kB in Redis: {len(units.READS)} answers, with and without"
        " gzip, and the session.",
    ]
    return Section("units", "What one takes", UNITS, rows, notes, page=PAGE)


def _figure(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}" if value >= 1 else f"{value:.3f}"


def paper(found: Units, use: Use) -> Section:
    """Reckon the busiest hour of so many people."""
    rows = [(shown, *_row(10**power, found, use)) for power, shown in POWERS.items()]
    notes = [
        f"Assumed is a day's use: {use.present:.0%} of all people are there; each reads {use.reads} times, of which"
        f" {use.misses} are not in the cache, writes {use.writes} times, and has a socket open for {use.minutes:.0f}"
        f" minutes; everybody has {use.plans_a_week:g} plan made in a week. The busiest hour has {use.peak:.0%} of a"
        f" day's load, and a core is at most {BUSY:.0%} busy. Everything else is measured: the table above."
    ]
    return Section("paper", "On paper", PAPER, rows, notes, page=PAGE)


def _row(people: int, found: Units, use: Use) -> Sequence[str]:
    there = people * use.present
    an_hour = use.peak / 3600
    reads, plans = there * use.reads * an_hour, people * use.plans_a_week / 7 * an_hour
    sockets = there * use.minutes * use.peak / 60
    rates = (
        (found.hit, there * (use.reads - use.misses) * an_hour),
        (found.miss, there * use.misses * an_hour),
        (found.write, there * use.writes * an_hour),
        (found.plan, plans),
        (found.socket, sockets),
    )
    cores = [sum(rate * cost[part] for cost, rate in rates) / 1000 / BUSY for part in PARTS]
    memory = (people * sum(found.rows.values()), there * found.answers)
    return (
        *(f"{value:,.1f}" if value < 10 else f"{value:,.0f}" for value in (reads, plans)),
        f"{sockets:,.0f}",
        *(f"{value:,.2f}" if value < 1 else f"{value:,.1f}" if value < 10 else f"{value:,.0f}" for value in cores),
        *map(_bytes, memory),
    )


def _bytes(size: float) -> str:
    power = min(4, int(math.log10(max(1.0, size)) // 3))
    value = size / 1000**power
    return f"{value:,.1f} {SIZES[power]}" if value < 10 else f"{value:,.0f} {SIZES[power]}"
