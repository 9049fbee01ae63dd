"""What the source declares: every error's code and status, every event's type. Read, not imported.

Invariant: nothing is missed because nobody imported it.
"""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("config", "users", "mealplans", "workouts", "progress", "ai", "workers")
BASE = "AppError"


def _trees() -> Iterator[ast.Module]:
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            yield ast.parse(path.read_text())


def _attributes(found: ast.ClassDef) -> dict[str, object]:
    """Return the constants that a class body sets, annotated or not."""
    constants: dict[str, object] = {}
    for line in found.body:
        target = line.targets[0] if isinstance(line, ast.Assign) else getattr(line, "target", None)
        if isinstance(target, ast.Name) and isinstance(getattr(line, "value", None), ast.Constant):
            constants[target.id] = line.value.value  # type: ignore[attr-defined]
    return constants


def errors() -> set[tuple[int, str]]:
    """Return status and code of every subclass of AppError, and of every problem that is rendered by name."""
    trees = list(_trees())
    classes = [one for tree in trees for one in ast.walk(tree) if isinstance(one, ast.ClassDef)]
    return {*_by_class(classes), *_rendered(trees)}


def _by_class(classes: list[ast.ClassDef]) -> set[tuple[int, str]]:
    """Follow each class to its base; two of one name in two apps stay two."""
    by_name = {one.name: one for one in classes}

    def facts(one: ast.ClassDef) -> tuple[int, str] | None:
        if one.name == BASE:
            return 400, "bad_request"
        for base in map(_last, one.bases):
            inherited = facts(by_name[base]) if base in by_name and base != one.name else None
            if inherited:
                own = _attributes(one)
                return int(str(own.get("status", inherited[0]))), str(own.get("code", inherited[1]))
        return None

    return {found for one in classes if (found := facts(one))}


def _rendered(trees: list[ast.Module]) -> Iterator[tuple[int, str]]:
    """Yield what is rendered without a class: `problem(404, "not_found")`."""
    for tree in trees:
        for call in ast.walk(tree):
            if isinstance(call, ast.Call) and _last(call.func) == "problem" and len(call.args) > 1:
                status, code = call.args[:2]
                if isinstance(status, ast.Constant) and isinstance(code, ast.Constant):
                    yield int(str(status.value)), str(code.value)


def events() -> set[str]:
    """Return the type of every class that has one."""
    found = (
        _attributes(one).get("TYPE") for tree in _trees() for one in ast.walk(tree) if isinstance(one, ast.ClassDef)
    )
    return {str(kind) for kind in found if kind}


def _last(name: ast.expr) -> str:
    return name.attr if isinstance(name, ast.Attribute) else getattr(name, "id", "")
