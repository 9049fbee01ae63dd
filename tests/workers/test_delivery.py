"""The table of check_delivery: it leaves no test out, and never says that something ran which did not."""

import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from workers.management.operations import delivery, tools
from workers.management.operations.delivery import Outcome, Part

PART = Part("a part", ("test_*.py",), "the real thing")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder whose tests pytest runs without any of ours."""
    (tmp_path / "pytest.ini").write_text("[pytest]\n")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "settings_test.py").write_text("SECRET_KEY = 'x'\n")
    return tmp_path


def told(report: str) -> list[ET.Element]:
    return list(ET.fromstring(report).iter("testcase"))  # noqa: S314 - the test's own words


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
    module = 'classname="tests.workers.test_delivery"'
    text = f"""<testsuite><testcase {module} name="one" time="1"><failure/><error/></testcase>
      <testcase {module} name="two" time="0.5"/></testsuite>"""

    outcome = delivery.read(Part("this", ("tests/workers/test_delivery.py",), "this"), told(text))

    assert (outcome.tests, outcome.failed, outcome.verdict) == (2, 1, "failed")
    assert outcome.seconds == 1.5


def test_of_a_report_of_all_tests_a_part_takes_its_own() -> None:
    text = """<testsuites><testsuite>
      <testcase classname="tests.workers.test_delivery.TestMachine" name="one" time="1.5"/>
      <testcase classname="tests.workers.test_doctor" name="two" time="3"><failure/></testcase>
      <testcase classname="" name="tests.workers.test_backup"><skipped message="no pg_dump"/></testcase>
    </testsuite></testsuites>"""
    parts = [
        Part(name, (f"tests/workers/test_{name}.py",), name) for name in ("delivery", "doctor", "backup", "worker")
    ]

    outcomes = [delivery.read(part, told(text)) for part in parts]

    assert [each.verdict for each in outcomes] == ["ok", "failed", "not run", "not run"]
    assert [each.seconds for each in outcomes] == [1.5, 3.0, 0.0, 0.0]


def test_a_part_of_which_one_file_is_not_in_the_report_has_failed() -> None:
    text = '<testsuite><testcase classname="tests.workers.test_doctor" name="one" time="1"/></testsuite>'
    part = Part("both", ("tests/workers/test_doctor.py", "tests/workers/test_backup.py"), "both")

    outcome = delivery.read(part, told(text))

    assert (outcome.verdict, outcome.reasons) == ("failed", ("did not run: tests.workers.test_backup",))


def test_the_command_reads_a_report_and_runs_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setattr(delivery, "check", lambda _: pytest.fail("it ran something"))
    report = tmp_path / "report.xml"
    report.write_text('<testsuite><testcase classname="tests.workers.test_doctor" name="one" time="7"/></testsuite>')

    call_command("check_delivery", "doctor", report=report)

    assert "ok: 1 passed" in capsys.readouterr().out


def test_every_part_has_tests_that_are_there() -> None:
    assert [part.name for part in delivery.PARTS if not part.files(delivery.ROOT)] == []


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
    monkeypatch.setattr(tools, "install", lambda: True)
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
