"""What GitHub runs, as far as it can be judged here: form, rights, and that it runs what runs everywhere.

Invariant: actionlint and zizmor, at its most demanding, find nothing; each is seen to find what is planted.
"""

import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.deploy import running
from workers.management.operations import delivery

GITHUB = running.ROOT / ".github"
FILES = sorted((GITHUB / "workflows").glob("*.yml"))
WORKFLOWS: dict[str, dict[Any, Any]] = {path.stem: yaml.safe_load(path.read_text()) for path in FILES}
NAMES = sorted(WORKFLOWS)
ON = True  # what YAML 1.1 makes of the key `on`
WRITES = {  # every right to write anything, by workflow and job
    ("deploy", "release", "id-token"),  # traded for a role of AWS
    ("release", "publish", "contents"),  # the release itself
}
JOBS = [(name, job, body) for name, workflow in WORKFLOWS.items() for job, body in workflow["jobs"].items()]
JOB_NAMES = [f"{name}: {job}" for name, job, _ in JOBS]
FAULTY = """
name: faulty
on: pull_request_target
jobs:
  faulty:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@v5
      - run: echo ${{ github.event.pull_request.title }}
      - run: echo ${{ github.no_such_thing }}
"""


def run(tool: str, *arguments: str | Path) -> tuple[int, str]:
    done = subprocess.run([running.tool(tool), *map(str, arguments)], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def zizmor(*paths: Path) -> tuple[int, str]:
    return run("zizmor", "--offline", "--no-progress", "--persona=auditor", *paths)


@pytest.fixture
def faulty(tmp_path: Path) -> Path:
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    (folder / "faulty.yml").write_text(FAULTY)
    return folder / "faulty.yml"


def test_actionlint_finds_nothing() -> None:
    assert run("actionlint", *FILES) == (0, "")


def test_zizmor_finds_nothing_even_where_it_is_most_demanding() -> None:
    status, said = zizmor(GITHUB)

    assert status == 0, said


def test_both_find_what_is_planted(faulty: Path) -> None:
    _, wrong = run("actionlint", faulty)
    _, dangerous = zizmor(faulty)

    assert "no_such_thing" in wrong
    for finding in ("dangerous-triggers", "template-injection", "unpinned-uses", "excessive-permissions"):
        assert f"[{finding}]" in dangerous


@pytest.mark.parametrize(
    ("schema", "file"),
    [*(("github-workflows", path) for path in FILES), ("dependabot", GITHUB / "dependabot.yml")],
    ids=lambda value: value.name if isinstance(value, Path) else value,
)
def test_a_file_is_valid_against_its_published_schema(schema: str, file: Path) -> None:
    status, said = run("check-jsonschema", "--builtin-schema", f"vendor.{schema}", file)

    assert status == 0, said


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_an_action_is_named_by_a_commit_and_says_which_release_that_is(path: Path) -> None:
    actions = re.findall(r"uses: (.+)", path.read_text())

    assert actions
    assert [one for one in actions if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", one)] == []


def test_the_same_action_is_the_same_commit_everywhere() -> None:
    actions = {found for path in FILES for found in re.findall(r"uses: (\S+)@(\S+)", path.read_text())}

    assert len(actions) == len({name for name, _ in actions})


@pytest.mark.parametrize("name", NAMES)
def test_a_workflow_may_do_nothing_and_never_runs_twice_at_once(name: str) -> None:
    assert WORKFLOWS[name]["permissions"] == {}
    assert "group" in WORKFLOWS[name]["concurrency"]
    assert not WORKFLOWS[name][ON].keys() & {"pull_request_target", "workflow_run", "issue_comment"}


@pytest.mark.parametrize(("name", "job", "body"), JOBS, ids=JOB_NAMES)
def test_a_job_has_an_end_and_no_right_to_write_that_is_not_named_here(name: str, job: str, body: Any) -> None:
    writes = {(name, job, right) for right, kind in body["permissions"].items() if kind == "write"}

    assert body["timeout-minutes"] <= 120
    assert writes == {one for one in WRITES if one[:2] == (name, job)}


def test_only_what_is_built_here_reaches_the_job_that_may_write_a_release() -> None:
    steps = WORKFLOWS["release"]["jobs"]["publish"]["steps"]

    assert [step["uses"].split("@")[0] for step in steps if "uses" in step] == ["actions/download-artifact"]
    assert "sha256sum --check" in steps[-1]["run"]


def test_no_workflow_keeps_a_cache_or_a_password() -> None:
    text = "".join(path.read_text() for path in FILES)

    assert "actions/cache" not in text
    assert "secrets." not in text
    assert text.count("persist-credentials: false") == text.count("uses: actions/checkout@")


def test_the_two_commands_of_the_readme_are_run_on_every_python_that_is_promised() -> None:
    (job,) = WORKFLOWS["test"]["jobs"].values()
    project = tomllib.loads((running.ROOT / "pyproject.toml").read_text())["project"]
    readme = (running.ROOT / "README.md").read_text()
    commands = [step["run"] for step in job["steps"] if "run" in step]

    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert project["requires-python"] == f">={job['strategy']['matrix']['python'][0]}"
    assert [command.split(" --")[0] for command in commands] == ["python3 manage.py up", "python3 manage.py test"]
    assert all(command.split(" --")[0] in readme for command in commands)


def test_every_part_of_the_delivery_is_checked_by_exactly_one_job() -> None:
    matrix = WORKFLOWS["delivery"]["jobs"]["parts"]["strategy"]["matrix"]["include"]
    checked = [part for one in matrix for part in one["parts"].split()]

    assert sorted(checked) == sorted(part.name for part in delivery.PARTS)


def test_the_programs_of_debian_are_those_that_the_tests_ask_for() -> None:
    for name in ("delivery", "release"):
        text = (GITHUB / "workflows" / f"{name}.yml").read_text()
        assert set(running.PACKAGES.split()) <= set(re.split(r"\s+", text))


def test_mongodb_is_the_one_of_the_compose_file() -> None:
    matrix = WORKFLOWS["delivery"]["jobs"]["parts"]["strategy"]["matrix"]["include"]
    composed = yaml.safe_load((running.ROOT / "docker-compose.yml").read_text())["services"]["mongo"]["image"]

    assert [one["mongo"] for one in matrix if "mongo" in one] == [composed]


def test_the_lock_file_of_the_tools_names_every_tool_of_the_extra() -> None:
    project = tomllib.loads((running.ROOT / "pyproject.toml").read_text())["project"]
    wanted = {re.split(r"[=>\[]", each)[0] for each in project["optional-dependencies"]["delivery"]}
    locked = (running.ROOT / "config" / "requirements-delivery.lock").read_text()

    assert {name for name in wanted if not re.search(rf"^{name}==", locked, re.MULTILINE)} == set()
