"""Reading a model's answer. Pure.

Invariant: what comes out names only dates and ids that the brief offered.

Refused whole: what is not JSON, NaN, a key given twice, a date that is missing, unknown or given twice, a field of
another type, an id that was not offered. Dropped alone: fields that nobody asked for, snacks and exercises beyond the
number of the day, exercises on days without training, a reason that is no text.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ai.prompts import Brief, Choice, offered, plain, wishes

MAX_REASON = 120
MAX_EXERCISES = 10  # of one session: more than fit into it
_NO_MARKUP = str.maketrans("<>`", "   ")


class InvalidProposal(Exception):  # noqa: N818 - an outcome
    """The answer is not of the schema that was asked for."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """The picks by date: dishes as (slot, id), exercises as ids; and a short reason for each day."""

    dishes: Mapping[str, tuple[tuple[str, str], ...]]
    exercises: Mapping[str, tuple[str, ...]]
    reasons: Mapping[str, str]


def parse(text: str, brief: Brief) -> Proposal:
    """Return the picks of an answer.

    :raises InvalidProposal: when it is not JSON of the schema; the words say what is wrong and quote nothing.
    """
    days = _days(text)
    dates = [_date(day, brief) for day in days]
    if sorted(dates) != sorted(brief.dates):
        raise InvalidProposal("not every date is there once")
    by_date = dict(zip(dates, days, strict=True))
    return Proposal(
        dishes={date: tuple(_dishes(by_date[date], brief)) for date in brief.dates} if brief.dishes else {},
        exercises={date: _exercises(by_date[date], brief) for date in brief.dates if date in brief.training_dates},
        reasons={date: _reason(by_date[date]) for date in brief.dates},
    )


def _days(text: str) -> Sequence[Mapping[str, Any]]:
    try:
        answer = json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise InvalidProposal("not JSON, or a key twice") from None
    days = answer.get("days") if isinstance(answer, dict) else None
    if not isinstance(days, list) or not all(isinstance(day, dict) for day in days):
        raise InvalidProposal("no list of days")
    return days


def _refuse(name: str) -> None:
    raise ValueError(name)


def _once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON; which of two values of one key was meant, nobody knows."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found


def _date(day: Mapping[str, Any], brief: Brief) -> str:
    date = day.get("date")
    if not isinstance(date, str) or date not in brief.dates:
        raise InvalidProposal("an unknown date")
    return date


def _dishes(day: Mapping[str, Any], brief: Brief) -> list[tuple[str, str]]:
    picks: list[tuple[str, str]] = []
    for slot, choices in brief.dishes.items():
        value = day.get(slot)
        if isinstance(value, list) is not (slot == "snack"):
            raise InvalidProposal(f"{slot} is of another type")
        named = _ids(value if isinstance(value, list) else [value], choices)
        picks += [(slot, one) for one in named[: brief.slots.count(slot)]]
    return picks


def _exercises(day: Mapping[str, Any], brief: Brief) -> tuple[str, ...]:
    value = day.get("exercises")
    if not isinstance(value, list):
        raise InvalidProposal("exercises is of another type")
    return tuple(dict.fromkeys(_ids(value, brief.exercises)))[:MAX_EXERCISES]


def _ids(named: Sequence[object], choices: Sequence[Choice]) -> list[str]:
    known = {choice.id for choice in offered(choices)}
    found = [one for one in named if isinstance(one, str) and one in known]
    if len(found) < len(named):
        raise InvalidProposal("an id that was not offered")
    return found


def _reason(day: Mapping[str, Any]) -> str:
    """Return the reason as text to show: one line, no addresses or links, nothing that could pass for markup."""
    given = day.get("reason")
    text, _ = wishes(given if isinstance(given, str) else "")
    return plain(text.translate(_NO_MARKUP))[:MAX_REASON].rstrip()
