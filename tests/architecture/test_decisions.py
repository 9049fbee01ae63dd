"""The rules of `docs/decisions/` that no linter can hold.

Invariant: the source itself is judged, whether or not a test happens to run it.
"""

import ast
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import pytest
from django.conf import settings
from django.db.models import UniqueConstraint

from config.api import api
from users.models import Event

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "users", "mealplans", "workouts", "progress", "ai", "workers")
FILES = sorted(path for name in PACKAGES for path in (ROOT / name).rglob("*.py") if "migrations" not in path.parts)
SOURCES = {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in FILES}
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
PURE = next(each["source_modules"] for each in CONTRACTS if each["name"] == "pure modules know no framework")
WRITES_EVENTS = {
    "Event",
    "models.Event",
    *(f"Event.objects.{verb}" for verb in ("create", "bulk_create", "get_or_create")),
}

Node = TypeVar("Node", bound=ast.AST)


def nodes(kind: type[Node]) -> Iterator[tuple[str, Node]]:
    """Yield every node of a kind with the file that it stands in."""
    for file, tree in SOURCES.items():
        yield from ((file, node) for node in ast.walk(tree) if isinstance(node, kind))


def called(name: str) -> list[tuple[str, ast.Call]]:
    """Return where a function or method of this name is called."""
    return [(file, call) for file, call in nodes(ast.Call) if ast.unparse(call.func).rpartition(".")[2] == name]


def files_of(module: str) -> list[str]:
    """Return the files of a module or package."""
    path = module.replace(".", "/")
    return [file for file in SOURCES if file == f"{path}.py" or file.startswith(f"{path}/")]


def imported(file: str) -> set[str]:
    """Return the modules that a file names in its imports."""
    names = {alias.name for node in ast.walk(SOURCES[file]) if isinstance(node, ast.Import) for alias in node.names}
    froms = (node for node in ast.walk(SOURCES[file]) if isinstance(node, ast.ImportFrom))
    return names | {f"{node.module}.{alias.name}" for node in froms for alias in node.names}


def test_only_the_edges_are_async() -> None:
    assert {file for file, _ in nodes(ast.AsyncFunctionDef)} == {
        "users/consumers.py",
        "users/feed_follow.py",
        "users/feed_stream.py",
        "users/feed_watch.py",
        "config/drain.py",
        "config/handler.py",
        "config/pushes.py",
        "config/streams.py",
        "ai/providers/http.py",
        "config/reads.py",
        "config/serve.py",
        "config/uvicorn_socket.py",
        "config/pipeline.py",
        "config/body.py",
        "config/server.py",
    }


def test_only_the_feed_itself_writes_events_and_numbers_them() -> None:
    calls = [(file, ast.unparse(call.func)) for file, call in nodes(ast.Call)]
    unique = [rule.fields for rule in Event._meta.constraints if isinstance(rule, UniqueConstraint)]

    assert {file for file, call in calls if call in WRITES_EVENTS} == {"users/events.py"}
    assert unique == [("user", "seq")]


def test_a_push_says_look_and_nothing_else() -> None:
    named = [file for file, node in nodes(ast.Attribute) if node.attr == "group_send"]
    pushes = [ast.unparse(call.args[1]) for _, call in nodes(ast.Call) if "group_send" in ast.unparse(call.func)]

    assert named == ["users/events.py"]
    assert pushes == ["{'type': 'feed.look'}"]


def test_a_message_leaves_through_nudge_alone() -> None:
    assert {file for file, _ in called("enqueue")} == {"config/broker.py", "config/rabbit.py"}
    assert called("send_with_options") == []


def test_the_api_has_no_route_of_ninja_jwt() -> None:
    operations = [operation for path in api.get_openapi_schema()["paths"].values() for operation in path.values()]

    assert {operation["tags"][0] for operation in operations} == set(settings.API_ROUTERS)
    assert {app.partition(".")[0] for app in settings.INSTALLED_APPS} & {"ninja_jwt", "ninja_extra"} == set()


@pytest.mark.parametrize("module", PURE)
def test_a_pure_module_imports_the_standard_library_and_other_pure_modules_only(module: str) -> None:
    allowed = (*sys.stdlib_module_names, *PURE)
    files = files_of(module)

    assert files != []
    strange = {name for file in files for name in imported(file) if not is_in(name, allowed)}
    assert strange == set()


def is_in(name: str, modules: tuple[str, ...]) -> bool:
    return any(name == module or name.startswith(f"{module}.") for module in modules)
