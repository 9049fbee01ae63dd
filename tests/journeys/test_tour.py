"""The tour and the quickstart, taken: every snippet is executed, and what they show as answers is compared.

Invariant: a snippet without an execution does not exist: other kinds of blocks are refused.
"""

import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tests.contracts import packages
from tests.contracts.declared import ROOT
from tests.contracts.packages import NODE
from tests.product import Stack
from workers.management.contracts import node

END, ANYTHING = "--- end of snippet ---", "…"


def blocks(page: str) -> list[tuple[str, str]]:
    """Return the fenced blocks of a page, each with its language."""
    text = (ROOT / "docs" / f"{page}.md").read_text()
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


BLOCKS = blocks("tour")


def differences(shown: Any, got: Any, where: str = "") -> Iterator[str]:
    """Yield where an answer is not as it is shown; what is not shown may be anything."""
    if isinstance(shown, dict) and isinstance(got, dict):
        for key, value in shown.items():
            yield from differences(value, got.get(key, "nothing"), f"{where}/{key}")
    elif isinstance(shown, list) and isinstance(got, list) and len(shown) == len(got):
        for number, (one, other) in enumerate(zip(shown, got, strict=True)):
            yield from differences(one, other, f"{where}/{number}")
    elif shown == ANYTHING and got not in ("nothing", "", None):
        return
    elif shown != got:
        yield f"{where}: shown {shown!r}, got {got!r}"


def test_the_tour_has_only_snippets_that_are_executed() -> None:
    kinds = [kind for kind, _ in BLOCKS]

    assert set(kinds) == {"bash", "json", "ts"}
    assert all(before == "bash" for before, kind in zip(kinds, kinds[1:], strict=False) if kind == "json")


def test_the_tours_shell_snippets_answer_what_is_shown(stack: Stack) -> None:
    assert shutil.which("curl"), "the tour needs curl"
    snippets = [text for kind, text in BLOCKS if kind == "bash"]
    shown = [
        json.loads(after)
        for (kind, _), (answers, after) in zip(BLOCKS, BLOCKS[1:], strict=False)
        if (kind, answers) == ("bash", "json")
    ]
    script = "set -eu; ACCESS=\n" + "".join(f"{text}\necho; echo '{END}'\n" for text in snippets)

    said = node.run("env", f"REGIMEN_URL={stack.url}", "bash", "-c", script, folder=ROOT)

    answers = [json.loads(answer) for answer in said.split(END)[:-1]]
    assert len(answers) == len(snippets) == len(shown)
    assert list(differences(shown, answers)) == []


def run_typescript(program: str, stack: Stack) -> list[str]:
    """Compile a program as strictly as the client itself, run it, and return the lines that it says."""
    folder = packages.built()
    options = {"rootDir": ".", "outDir": ".", "declaration": False, "sourceMap": False}
    settings = {"extends": "../../tsconfig.json", "compilerOptions": options, "files": ["program.ts"], "include": []}
    with tempfile.TemporaryDirectory(prefix="tour-", dir=folder / "build") as made:
        place = Path(made)
        (place / "program.ts").write_text(program)
        (place / "tsconfig.json").write_text(json.dumps(settings))
        node.run("tsc", "--project", made, folder=folder)
        said = node.run("env", f"REGIMEN_URL={stack.url}", *NODE, str(place / "program.js"), folder=folder)
    return said.splitlines()


def test_the_tours_typescript_compiles_strictly_and_runs(stack: Stack) -> None:
    said = run_typescript("".join(text for kind, text in BLOCKS if kind == "ts"), stack)

    assert said[0].startswith("2 ")  # the first event after plan.queued
    assert said.count("keep these for the next visit") == 1
    assert any(line.startswith("validation_failed") for line in said)
    assert said[-1] == "signed out"


def test_the_quickstarts_program_makes_a_plan(stack: Stack) -> None:
    [(kind, program)] = blocks("quickstart-typescript")

    said = run_typescript(program.replace("http://localhost:8000", stack.url), stack)

    assert kind == "ts"
    assert said[0].startswith("plan.queued")
    assert re.match(r"\d{4}-\d\d-\d\d \w", said[-1])
