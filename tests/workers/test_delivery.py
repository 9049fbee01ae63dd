"""The table of check_delivery: it leaves no test out, and never says that something ran which did not."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from workers.management.operations import delivery
from workers.management.operations.delivery import Outcome, Part

PART = Part("a part", ("test_*.py",), "the real thing")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder whose tests pytest runs without any of ours."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings_test.py").write_text("SECRET_KEY = 'x'\n")
    return tmp_path


def verdict(project: Path, *tests: str) -> Outcome:
    for number, text in enumerate(tests):
        (project / f"test_{number}.py").write_text(f"import pytest\n{text}\n")
    return delivery.check(PART, project)


def test_every_test_of_the_folders_is_in_exactly_one_part() -> None:
    files = [path for part in delivery.parts() for path in part.files(delivery.ROOT)]
    there = [path for folder in delivery.FOLDERS for path in (delivery.ROOT / folder).glob("test_*.py")]

    assert len(files) == len(set(files))
    assert set(there) <= set(files)


def test_a_part_is_well_when_all_its_tests_pass(project: Path) -> None:
    outcome = verdict(project, "def test_one(): pass", "def test_two(): pass")

    assert (outcome.verdict, outcome.tests, outcome.reasons) == ("ok", 2, ())


@pytest.mark.parametrize(
    ("test", "expected"),
    [
        ("def test_one(): assert False", "failed"),
        ("@pytest.fixture\ndef broken(): raise ValueError\ndef test_one(broken): pass", "failed"),
        ("import nothing_of_that_name\ndef test_one(): pass", "failed"),
        ("def test_one(): pytest.skip('no engine')", "not run"),
        ("pytest.skip('no engine', allow_module_level=True)", "not run"),
        ("def test_one(): pass\ndef test_two(): pytest.skip('no engine')", "partly"),
        ("@pytest.mark.xfail\ndef test_one(): assert False", "ok"),
        ("", "not run"),
    ],
)
def test_a_part_is_never_better_than_its_tests(project: Path, test: str, expected: str) -> None:
    assert verdict(project, test).verdict == expected


def test_a_part_without_tests_was_not_run(project: Path) -> None:
    assert verdict(project).verdict == "not run"


def test_the_table_says_why_something_did_not_run(project: Path) -> None:
    outcome = verdict(project, "def test_one(): pytest.skip('no engine')")

    assert outcome.reasons == ("no engine",)
    assert list(delivery.rows([outcome]))[1][2] == "nothing"


def test_a_report_counts_a_test_once_even_when_its_end_failed_too() -> None:
    text = '<testsuite><testcase name="one"><failure/><error/></testcase><testcase name="two"/></testsuite>'

    outcome = delivery.read(PART, ET.fromstring(text), 1.0)  # noqa: S314 - the test's own words

    assert (outcome.tests, outcome.failed, outcome.verdict) == (2, 1, "failed")


@pytest.mark.parametrize(
    ("outcome", "options", "status"),
    [
        (Outcome(PART, 1.0, tests=2), {}, 0),
        (Outcome(PART, 1.0, tests=2, failed=1), {"allow_missing": True}, 1),
        (Outcome(PART, 1.0, tests=1, skipped=1), {}, 1),
        (Outcome(PART, 1.0, tests=1, skipped=1), {"allow_missing": True}, 0),
    ],
)
def test_the_command_ends_with_status_1_when_a_part_failed_or_did_not_run(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    outcome: Outcome,
    options: dict[str, Any],
    status: int,
) -> None:
    monkeypatch.setattr(delivery, "parts", lambda: [PART])
    monkeypatch.setattr(delivery, "check", lambda _: outcome)
    ended = 0

    try:
        call_command("check_delivery", **options)
    except SystemExit as end:
        ended = int(str(end.code))

    assert ended == status
    assert outcome.verdict in capsys.readouterr().out


def test_a_part_that_does_not_exist_is_refused() -> None:
    with pytest.raises(CommandError, match="no such part: nonsense"):
        call_command("check_delivery", "nonsense")
