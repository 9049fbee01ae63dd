"""What is given to frontend teams, used on a running stack: the TypeScript client and the Postman collection."""

import json
import tempfile
from pathlib import Path

from tests.contracts import packages
from tests.contracts.packages import CHECKS, NODE, POSTMAN
from tests.product import Stack
from workers.management.contracts import node


def test_the_typescript_client_passes_its_own_tests(stack: Stack) -> None:
    folder = packages.built()
    files = [str(path) for path in sorted((folder / "build" / "test").glob("*.test.js"))]

    said = node.run("env", f"REGIMEN_URL={stack.url}", *NODE, "--test", "--test-timeout=180000", *files, folder=folder)

    assert "\n# fail 0\n" in said
    assert "\n# pass 0\n" not in said


def test_the_example_of_the_typescript_client_makes_a_plan(stack: Stack) -> None:
    folder = packages.built()

    said = node.run(*NODE, "build/examples/follow-a-plan.js", stack.url, folder=folder)

    assert "7 days, made by: planner\nbreakfast: " in said
    assert len((folder / "examples" / "follow-a-plan.ts").read_text().splitlines()) <= 40


def test_a_program_needs_no_more_of_the_client_than_what_is_packed(stack: Stack) -> None:
    folder = packages.built()
    example = (folder / "examples" / "follow-a-plan.ts").read_text()
    with tempfile.TemporaryDirectory(prefix="packed-", dir=folder / "build") as made:
        node.run("npm", "pack", "--silent", "--pack-destination", made, folder=folder)
        (packed,) = Path(made).glob("*.tgz")
        node.run("tar", "-xf", str(packed), folder=Path(made))
        home = Path(made) / "node_modules" / "regimen-client"
        home.parent.mkdir()
        (Path(made) / "package").rename(home)
        (Path(made) / "package.json").write_text('{"type": "module"}')
        (Path(made) / "program.ts").write_text(example)
        parts = {path.name for path in home.iterdir()} | {f"build/{path.name}" for path in (home / "build").iterdir()}
        node.run("tsc", "--target", "es2022", "--module", "nodenext", "--strict", f"{made}/program.ts", folder=folder)
        said = node.run("node", f"{made}/program.js", stack.url, folder=folder)

    assert parts == {"README.md", "build", "build/src", "package.json", "src"}
    assert "7 days, made by: planner\nbreakfast: " in said


def test_the_postman_collection_finds_nothing_wrong(stack: Stack, tmp_path: Path) -> None:
    folder, report = packages.installed(CHECKS), tmp_path / "report.json"
    files = (POSTMAN / f"regimen.postman_{name}.json" for name in ("collection", "environment"))
    collection, environment = map(str, files)
    where = ("--environment", environment, "--env-var", f"baseUrl={stack.url}")
    told = ("--reporters", "json", "--reporter-json-export", str(report))

    node.run("newman", "run", collection, *where, *told, folder=folder)

    run = json.loads(report.read_text())["run"]
    assert run["failures"] == []
    assert run["stats"]["assertions"]["total"] > 500
