"""What a delivery is checked by, part by part: the tests, what they really run, and what nobody could run here.

Invariant: a part whose tests did not run is never said to be well, and no test of the folders is left out.
"""

import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import dataclass
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
        ("tests/contracts/test_openapi.py", "tests/contracts/test_asyncapi.py", "tests/contracts/test_generated.py"),
        "the documents from the code, AsyncAPI's own parser, openapi-typescript",
    ),
    Part(
        "guides", ("tests/contracts/test_pages.py", "tests/contracts/test_tour.py"), "tables of docs/ against the code"
    ),
    Part(
        "clients",
        ("tests/contracts/test_typescript*.py", "tests/contracts/test_client*.py", "tests/contracts/test_postman*.py"),
        "tsc, Node and newman against the running server",
    ),
    Part(
        "containers",
        ("tests/deploy/test_containers.py", "tests/config/test_deploy_files.py"),
        "the services' commands as processes, docker-compose config",
        "Dockerfile (hadolint): no engine here, so no image is built",
    ),
    Part("nginx", ("tests/deploy/test_nginx.py",), "Debian's nginx before the running product"),
    Part(
        "prometheus",
        ("tests/deploy/test_prometheus.py", "tests/deploy/test_grafana*.py"),
        "Prometheus, promtool and Alertmanager on the running product; each query of the dashboard",
        "the dashboard's look: Grafana is in no registry here",
    ),
    Part("tracing", ("tests/deploy/test_tracing.py",), "OpenTelemetry and Sentry to collectors on loopback"),
    Part(
        "aws",
        ("tests/deploy/test_aws*.py",),
        "the main stack's whole life on ministack by the real awscli; scripts of an instance",
        "egress, pipeline, beanstalk, GitHub's provider (cfn-lint): ministack does not know their types",
    ),
    Part(
        "workflows",
        ("tests/deploy/test_workflows*.py", "tests/deploy/test_github*.py"),
        "the steps' own commands, in .ci/run",
        "the workflows themselves (actionlint, zizmor): GitHub cannot be run here",
    ),
    Part("migrations", ("tests/database/test_migrations.py",), "every migration on PostgreSQL", "their locks (squawk)"),
    Part("backup", ("tests/workers/test_backup.py",), "pg_dump, wipe, pg_restore; rows and hashes of every table"),
    Part(
        "documents",
        ("tests/ai/test_documents.py",),
        "both stores, stop and start; MongoDB's is MONGODB_URL's, else secantusdb",
        "mongod itself, unless MONGODB_URL names one",
    ),
    Part("doctor", ("tests/workers/test_doctor.py",), "each illness planted; Redis really started"),
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
        return read(part, ET.parse(report).getroot(), seconds)  # noqa: S314 - pytest's own words


def read(part: Part, report: ET.Element, seconds: float) -> Outcome:
    """Return what pytest's report in JUnit's form says."""
    skipped = [_why(each) for each in report.iter("skipped") if each.get("type") != "pytest.xfail"]
    broken = [case for case in report.iter("testcase") if {"failure", "error"} & {each.tag for each in case}]
    names = [f"failed: {case.get('name', '')}" for case in broken]
    return Outcome(
        part,
        seconds,
        tests=sum(1 for _ in report.iter("testcase")),
        failed=len(broken),
        skipped=len(skipped),
        reasons=tuple(dict.fromkeys([*names, *skipped])),
    )


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
