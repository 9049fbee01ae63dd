"""manage.py before there is an environment: when it builds one, and that two starts do not harm each other.

Invariant: nothing is installed here; the programs that would do it are stood in for.
"""

import importlib.util
import subprocess
import sys
import threading
import time
from pathlib import Path
from types import ModuleType

import pytest

from config.embedded import ROOT


@pytest.fixture
def manage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Return manage.py for a checkout of the test's own, where `builds` records what would have been built."""
    monkeypatch.setenv("REGIMEN_VENV", str(tmp_path / "venv"))
    spec = importlib.util.spec_from_file_location("manage_under_test", ROOT / "manage.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    lock = tmp_path / "requirements.lock"
    lock.write_text("django==5.2.19")
    builds: list[bool] = []

    def make_environment(*, afresh: bool) -> None:
        builds.append(afresh)
        module.PYTHON.parent.mkdir(parents=True, exist_ok=True)
        module.PYTHON.touch()

    monkeypatch.setattr(module, "LOCK", lock)
    monkeypatch.setattr(module, "real_make_environment", module.make_environment, raising=False)
    monkeypatch.setattr(module, "make_environment", make_environment)
    monkeypatch.setattr(module, "install", lambda: time.sleep(0.05))
    monkeypatch.setattr(module, "builds", builds, raising=False)
    return module


def test_the_environment_is_built_once(manage: ModuleType) -> None:
    manage.ensure_environment()
    manage.ensure_environment()

    assert manage.builds == [True]


def test_of_two_starts_at_once_one_builds_and_the_other_waits(manage: ModuleType) -> None:
    starts = [threading.Thread(target=manage.ensure_environment) for _ in range(4)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()

    assert manage.builds == [True]


def test_a_new_lock_file_is_installed_into_the_same_environment(manage: ModuleType) -> None:
    manage.ensure_environment()
    manage.LOCK.write_text("django==5.2.20")

    manage.ensure_environment()

    assert manage.builds == [True, False]


def test_an_interrupted_build_starts_afresh(manage: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(manage, "install", interrupted)
        with pytest.raises(KeyboardInterrupt):
            manage.ensure_environment()

    manage.ensure_environment()
    manage.ensure_environment()

    assert manage.builds == [True, True]


def test_an_environment_that_outlived_its_python_is_made_afresh(manage: ModuleType, tmp_path: Path) -> None:
    manage.ensure_environment()
    (tmp_path / "python3.14").touch()
    manage.PYTHON.unlink()
    manage.PYTHON.symlink_to(tmp_path / "python3.14")

    manage.ensure_environment()

    assert manage.builds == [True, True]


def test_an_environment_made_by_hand_is_completed_and_not_thrown_away(manage: ModuleType) -> None:
    manage.PYTHON.parent.mkdir(parents=True)
    manage.PYTHON.touch()

    manage.ensure_environment()

    assert manage.builds == [False]


def test_an_ordinary_user_without_pythons_venv_is_told_the_command(
    manage: ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manage.os, "geteuid", lambda: 1000)

    with pytest.raises(SystemExit, match=r"sudo apt-get install .*python3\.\d+-venv"):
        manage.install_venv_module()


@pytest.mark.parametrize(("command", "settings"), [("up", "config.settings"), ("test", "config.settings_test")])
def test_each_command_has_its_settings_and_compiled_code_out_of_the_sources(
    manage: ModuleType, monkeypatch: pytest.MonkeyPatch, command: str, settings: str
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")

    environment = manage.environment_of(command)

    assert environment["DJANGO_SETTINGS_MODULE"] == settings
    assert "PYTHONDONTWRITEBYTECODE" not in environment
    assert environment["PYTHONPYCACHEPREFIX"].startswith(str(manage.VENV))


def test_it_needs_nothing_but_the_standard_library(tmp_path: Path) -> None:
    program = "import runpy; runpy.run_path('manage.py')"

    done = subprocess.run([sys.executable, "-I", "-S", "-c", program], cwd=ROOT, check=False, capture_output=True)

    assert done.stderr == b""


def test_without_django_any_other_command_says_how_to_get_it() -> None:
    done = subprocess.run(
        [sys.executable, "-S", "manage.py", "check"], cwd=ROOT, check=False, capture_output=True, text=True
    )

    assert done.returncode == 1
    assert "manage.py up" in done.stderr


def test_an_environment_that_is_only_linked_here_is_not_cleared(manage: ModuleType, tmp_path: Path) -> None:
    theirs = tmp_path / "another checkout's"
    theirs.mkdir()
    (theirs / "precious").touch()
    (tmp_path / "venv").symlink_to(theirs)

    with pytest.raises(SystemExit, match="is a link"):
        manage.real_make_environment(afresh=True)

    assert (theirs / "precious").exists()
