"""What a delivery is checked by, part by part: the tests, what they really run, and what nobody could run here.

Invariant: a part whose tests did not run is never said to be well, and no test of the folders is left out.
"""

import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("tests/contracts", "tests/deploy")  # whatever is in them and in no part is run as "the rest"


@dataclass(frozen=True, slots=True)
class Part:
    """Files of tests, as patterns below the root; what they really run, and what is only linted or not run at all."""

    name: str
    tests: tuple[str, ...]
    run: str
    linted: str = "-"

    def files(self, root: Path) -> list[Path]:
        return sorted({path for pattern in self.tests for path in root.glob(pattern)})


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a part came out: counts of tests, and why some were skipped."""

    part: Part
    seconds: float
    tests: int = 0
    failed: int = 0
    skipped: int = 0
    reasons: tuple[str, ...] = ()

    @property
    def verdict(self) -> str:
        """Return ok, failed, or not run: when there was no test, or each was skipped."""
        if self.failed:
            return "failed"
        if self.tests == self.skipped:
            return "not run"
        return "partly" if self.skipped else "ok"


PARTS = (
    Part(
        "contracts",
        ("tests/contracts/test_[acgo]*.py", "tests/contracts/test_schemathesis*.py", "tests/config/test_openapi.py"),
        "what the code makes against clients/; openapi-spec-validator, AsyncAPI's parser, openapi-typescript",
    ),
    Part(
        "guides",
        ("tests/contracts/test_pages.py", "tests/journeys/test_tour.py"),
        "each snippet of tour and quickstart on the running product; tables of docs/ against the code",
    ),
    Part(
        "clients", ("tests/journeys/test_clients.py",), "tsc (strict), Node's tests and newman on the running product"
    ),
    Part(
        "containers",
        ("tests/deploy/test_containers.py", "tests/config/test_deploy_files.py"),
        "the services' commands as processes; docker-compose config",
        "Dockerfile (hadolint), compose schema: no engine here, so no image is built",
    ),
    Part("nginx", ("tests/deploy/test_nginx.py",), "Debian's nginx before the running product"),
    Part(
        "prometheus",
        ("tests/deploy/test_prometheus.py",),
        "Prometheus and Alertmanager on the running product; promtool, amtool; each query of the dashboard",
        "the dashboard's look: Grafana is in no registry here",
    ),
    Part("tracing", ("tests/deploy/test_tracing.py",), "OpenTelemetry and Sentry to collectors on loopback"),
    Part(
        "aws",
        ("tests/deploy/test_aws*.py",),
        "the main stack made, described, updated, deleted on ministack by the real awscli; scripts of an instance",
        "egress, pipeline, beanstalk, GitHub's provider (cfn-lint): ministack does not know their types",
    ),
    Part(
        "workflows",
        ("tests/deploy/test_workflows.py",),
        "the commands that they run, as parts of this table and of .ci/run",
        "the workflows (actionlint, zizmor, schema): GitHub cannot be run here",
    ),
    Part("security", ("tests/deploy/test_security.py",), "bandit over all packages", "what it finds by reading alone"),
    Part("migrations", ("tests/database/test_migrations.py",), "every migration on PostgreSQL", "their locks (squawk)"),
    Part("backup", ("tests/workers/test_backup.py",), "pg_dump, wipe, pg_restore; rows and hashes of every table"),
    Part(
        "documents",
        ("tests/ai/test_document*.py",),
        "both stores, stop and start; MongoDB's is MONGODB_URL's, else secantusdb",
        "mongod itself, unless MONGODB_URL names one",
    ),
    Part("doctor", ("tests/workers/test_doctor.py",), "each illness planted; Redis really started"),
    Part(
        "screenshots", ("tests/journeys/test_screenshots.py",), "Chromium on API docs, admin and page, really running"
    ),
)


def parts(root: Path = ROOT) -> list[Part]:
    """Return the table, and a last part for the tests of the folders that it does not name."""
    named = {path for part in PARTS for path in part.files(root)}
    rest = sorted(path for folder in FOLDERS for path in (root / folder).glob("test_*.py") if path not in named)
    left = tuple(path.relative_to(root).as_posix() for path in rest)
    return [*PARTS, *([Part("the rest", left, ", ".join(path.stem for path in rest))] if left else [])]


def check(part: Part, root: Path = ROOT) -> Outcome:
    """Run the tests of a part by pytest, in a process of its own."""
    started = time.monotonic()
    files = part.files(root)
    if not files:
        return Outcome(part, 0.0)
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "report.xml"
        options = ["-q", "--ds=config.settings_test", f"--junitxml={report}", "-p", "no:cacheprovider"]
        command = [sys.executable, "-m", "pytest", *options, *map(str, files)]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
        seconds = time.monotonic() - started
        if not report.exists():
            return Outcome(part, seconds, tests=1, failed=1, reasons=(done.stdout[-500:] + done.stderr[-500:],))
        return replace(read(part, cases(report), root), seconds=seconds)


def cases(report: Path) -> list[ET.Element]:
    """Return the tests of a report that pytest wrote in JUnit's form, of one part or of all tests together."""
    return list(ET.parse(report).getroot().iter("testcase"))  # noqa: S314 - pytest's own words


def read(part: Part, told: list[ET.Element], root: Path = ROOT) -> Outcome:
    """Return what a report says of a part; its seconds are those of the tests, one after another.

    A file of which the report tells nothing, while it tells of the part's others, has failed.
    """
    modules = {path.relative_to(root).with_suffix("").as_posix().replace("/", ".") for path in part.files(root)}
    homes = [(_module(case, modules), case) for case in told]
    own = [case for module, case in homes if module]
    skipped = [_why(each) for case in own for each in case.iter("skipped") if each.get("type") != "pytest.xfail"]
    broken = [case for case in own if {"failure", "error"} & {each.tag for each in case}]
    absent = sorted(modules - {module for module, _ in homes}) if own else []
    names = [*(f"failed: {case.get('name', '')}" for case in broken), *(f"did not run: {name}" for name in absent)]
    return Outcome(
        part,
        sum(float(case.get("time", 0)) for case in own),
        tests=len(own) + len(absent),
        failed=len(broken) + len(absent),
        skipped=len(skipped),
        reasons=tuple(dict.fromkeys([*names, *skipped])),
    )


def _module(case: ET.Element, modules: set[str]) -> str:
    """Return the module that a test is of, in a class or not; empty when it is of none of these."""
    home = case.get("classname") or case.get("name", "")  # a file that could not be read has only a name
    return next((module for module in modules if f"{home}.".startswith(f"{module}.")), "")


def _why(skipped: ET.Element) -> str:
    said = skipped.get("message", "")
    return (skipped.text or said) if said == "collection skipped" else said  # a whole file has its reason inside


def rows(outcomes: list[Outcome]) -> Iterator[tuple[str, str, str, str, str]]:
    """Yield the table: part, how it came out, what was really run, what was only linted, seconds."""
    yield "part", "result", "really run", "only linted, or not run here", "s"
    for each in outcomes:
        passed = each.tests - each.failed - each.skipped
        counts = f"{passed} passed" + (f", {each.failed} failed" if each.failed else "")
        counts += f", {each.skipped} skipped" if each.skipped else ""
        was_run = each.part.run if passed else "nothing"
        yield each.part.name, f"{each.verdict}: {counts}", was_run, each.part.linted, f"{each.seconds:.0f}"
