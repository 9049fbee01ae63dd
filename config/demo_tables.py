"""A day's plans as tables that a person likes to read.

Invariant: a plan is shown as the API gave it, its sums and its certificate's verdict included.
"""

import datetime as dt
from typing import Any

from rich import box
from rich.table import Table

Json = dict[str, Any]

MACROS = ("kcal", "protein", "carbs", "fat", "fibre")
LOADS = {"effort": "effort {:g} of 10", "heart_rate": "{:g} beats a minute"}


def meals(plan: Json, targets: Json) -> Table:
    """Return a day's dishes with kcal and macros in g, the sums, and the targets under them."""
    table = _table(f"Meals on {_spoken(plan['date'])}", plan, "Meal", "Dish")
    for name in MACROS:
        table.add_column(name, justify="right")
    for meal in plan["meals"]:
        table.add_row(meal["slot"], meal["title"], *_figures(meal["nutrition"]))
    table.add_section()
    table.add_row("", "the day", *_figures(plan["totals"]), style="bold")
    table.add_row("", "the targets", *_figures(targets))
    return table


def session(plan: Json) -> Table:
    """Return a session's exercises with sets, repetitions, load and rest."""
    title = f"{plan['title']} on {_spoken(plan['date'])}, {plan['estimated_minutes']} minutes"
    table = _table(title, plan, "Exercise")
    for name in ("sets", "reps", "load", "rest"):
        table.add_column(name, justify="right")
    for exercise in plan["exercises"]:
        amount = str(exercise["reps"]) if exercise["reps"] else f"{exercise['duration_s']} s"
        rest = f"{exercise['rest_s']} s" if exercise["rest_s"] else ""
        table.add_row(exercise["name"], str(exercise["sets"]), amount, _load(exercise["load"]), rest)
    return table


def _table(title: str, plan: Json, *columns: str) -> Table:
    table = Table(
        title=f"\n{title}",
        caption=_verdict(plan),
        title_justify="left",
        caption_justify="left",
        title_style="bold",
        box=box.SIMPLE_HEAD,
    )
    for name in columns:
        table.add_column(name)
    return table


def _figures(nutrition: Json) -> list[str]:
    return ["?" if nutrition[name] is None else f"{nutrition[name]:.0f}" for name in MACROS]


def _load(prescribed: Json) -> str:
    """Return a load in words; without a figure its kind says enough: `start light`, `bodyweight`."""
    kind, value = prescribed["kind"], prescribed["value"]
    name = kind.replace("_", " ")
    return name if value is None else LOADS.get(kind, f"{{:g}} {name}").format(value)


def _verdict(plan: Json) -> str:
    """Return who made the plan and what its certificate says."""
    certificate = plan["certificate"]
    excluded = ", ".join(certificate.get("allergens", {}).get("excluded", ()))
    return " · ".join(
        [
            f"made by: {plan['source']}" + (f" ({plan['fallback_reason']})" if plan["fallback_reason"] else ""),
            f"certificate: {'passed' if certificate['passed'] else 'NOT passed'}",
            *([f"free of {excluded}"] if excluded else ()),
        ]
    )


def _spoken(date: str) -> str:
    return f"{dt.date.fromisoformat(date):%A %-d %B}"
