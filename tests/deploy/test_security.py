"""What bandit says of the product's Python, beside ruff's own rules of the same kind.

Invariant: what is forgiven is named here with its reason, and none that is mended stays.
"""

import json
import subprocess
from pathlib import Path

from tests.deploy import running

PACKAGES = ("config", "users", "mealplans", "workouts", "progress", "ai", "workers", "deploy", "manage.py")
FORGIVEN = {
    ("config/admin_site.py", "B308"): "the picture of a second factor's secret: an SVG that we draw",
    ("config/admin_site.py", "B703"): "the same",
    ("config/embedded.py", "B108"): "a folder of ours alone below /var/tmp: its owner and mode are checked",
    ("config/metrics.py", "B104"): "it compares with that address, and binds nothing",
    ("workers/management/operations/delivery.py", "B314"): "XML that our own pytest has just written",
    ("workers/management/operations/doctor.py", "B108"): "it looks whether /dev/shm is there, and writes nothing",
}


def findings(root: Path, *paths: str) -> set[tuple[str, str]]:
    """Return what bandit finds of medium or high severity: file and rule."""
    command = [running.tool("bandit"), "--recursive", "--severity-level=medium", "--format=json", "--quiet", *paths]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    said = json.loads(done.stdout)
    assert said["errors"] == []
    return {(Path(one["filename"]).as_posix(), one["test_id"]) for one in said["results"]}


def test_bandit_finds_nothing_but_what_is_forgiven_here() -> None:
    assert findings(running.ROOT, *PACKAGES) == set(FORGIVEN)


def test_bandit_finds_what_is_planted(tmp_path: Path) -> None:
    (tmp_path / "faulty.py").write_text(
        "import pickle, subprocess, sys\npickle.loads(b'')\nsubprocess.run(sys.argv[1], shell=True)\n"
    )

    assert findings(tmp_path, "faulty.py") == {("faulty.py", "B301"), ("faulty.py", "B602")}
