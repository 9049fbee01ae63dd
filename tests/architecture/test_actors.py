"""What is sent to the workers, and what they can do.

Invariant: a message is the name of an actor that exists and the id of one row.
"""

import ast
import importlib
import inspect
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import dramatiq

from config import broker
from workers import actors, boot

ROOT = Path(__file__).resolve().parents[2]
APPS = ("users", "mealplans", "workouts", "progress", "ai", "workers")


def nudges() -> Iterator[tuple[str, str]]:
    """Yield where an actor is nudged, and its name as the running code would say it."""
    for file in sorted(file for app in APPS for file in (ROOT / app).rglob("*.py")):
        module = ".".join(file.relative_to(ROOT).with_suffix("").parts)
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] == "nudge":
                yield f"{module}:{node.lineno}", value_of(node.args[0], module)


def value_of(expression: ast.expr, module: str) -> str:
    """Return the text that a constant, a name or a dotted name stands for in its module."""
    if isinstance(expression, ast.Constant):
        return str(expression.value)
    return str(attrgetter(ast.unparse(expression))(importlib.import_module(module)))


def actors_by_name() -> dict[str, dramatiq.Actor[..., object]]:
    return {actor.actor_name: actor for actor in vars(actors).values() if isinstance(actor, dramatiq.Actor)}


def test_every_actor_that_is_nudged_exists() -> None:
    sent = dict(nudges())

    assert len(sent) >= 2
    assert {place: name for place, name in sent.items() if name not in actors_by_name()} == {}


def test_every_actor_is_nudged_by_somebody() -> None:
    assert set(actors_by_name()) <= set(dict(nudges()).values())


def test_every_actor_takes_the_id_of_a_row_and_nothing_else() -> None:
    taken = {name: [*inspect.signature(actor.fn).parameters.values()] for name, actor in actors_by_name().items()}

    assert taken != {}
    assert {name for name, parameters in taken.items() if [one.annotation for one in parameters] != [str]} == set()


def test_workers_listen_where_messages_are_sent() -> None:
    queues = {name: actor.queue_name for name, actor in actors_by_name().items()}

    assert queues == {name: broker.queue_of(name) for name in queues}
    assert set(broker.QUEUES) <= set(queues)
    assert set(queues.values()) <= set(boot.worker_broker.queues)


def test_no_message_is_tried_again_by_dramatiq_since_the_row_counts_its_own_attempts() -> None:
    assert "Retries" not in {type(middleware).__name__ for middleware in boot.worker_broker.middleware}
