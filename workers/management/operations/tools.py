"""The programs that a delivery is checked with, and nothing else needs: config/requirements-delivery.lock.

Invariant: only what the lock file names is installed, hashes checked, and nothing when all of it is there already.
"""

import shutil
import subprocess
import sys
from pathlib import Path

from django.conf import settings

LOCK = Path(settings.BASE_DIR) / "config" / "requirements-delivery.lock"
SECONDS = 600


def install() -> bool:
    """Bring this environment up to the lock file; say whether that could be done."""
    beside = Path(sys.prefix) / "bin" / "uv"
    program = shutil.which("uv") or (str(beside) if beside.exists() else None)
    pip = [program, "pip"] if program else [sys.executable, "-m", "pip"]
    where = ["--python", sys.executable] if program else []
    command = [*pip, "install", *where, "--quiet", "--require-hashes", "--requirement", str(LOCK)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False, timeout=SECONDS)
    return done.returncode == 0
