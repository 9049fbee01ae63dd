"""Backups and the way back, on the real server with the real programs.

Invariant: a restore is judged by the fingerprints of the tables, which the tests here show to mean something.
"""

import datetime as dt
import json
import secrets
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from tests import factories
from users import erasure
from users.models import Erasure, User
from workers.management.operations import backup, fingerprints
from workers.management.operations.backup import Database, Refused

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)


@pytest.fixture
def live(fresh_db: None) -> Database:
    """The database of the tests, with some people in it."""
    for name in ("Ada", "Žofie 'quoted'", "Back\\slash\ttab"):
        factories.job(factories.user(name=name), overrides={"notes": name})
    return Database.of_settings(connection.settings_dict)


@pytest.fixture
def spare(live: Database) -> Iterator[Database]:
    """An empty database on the same server."""
    name = f"regimen_spare_{secrets.token_hex(4)}"
    with live.connect(autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
    yield Database.of_settings(connection.settings_dict, name=name)
    with live.connect(autocommit=True) as server:
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def made(live: Database, tmp_path: Path) -> Path:
    backup.make(live, tmp_path / "monday", NOW)
    return tmp_path / "monday"


def prints(database: Database) -> dict[str, fingerprints.Fingerprint]:
    with database.connect() as server:
        return fingerprints.of(server)


def ask(database: Database, question: str) -> list[Any]:
    with database.connect(autocommit=True) as server:
        answer = server.execute(question)
        return list(answer.fetchall()) if answer.description else []


def test_dump_wipe_restore_gives_the_same_rows_in_every_table(live: Database, spare: Database, made: Path) -> None:
    before = prints(live)
    backup.restore(spare, made, force=False)
    ask(spare, "TRUNCATE users CASCADE")
    assert prints(spare) != before

    wrong = backup.restore(spare, made, force=True)

    assert wrong == []
    assert prints(spare) == before == backup.Manifest.read(made / backup.MANIFEST).tables
    assert before["users"].rows == 3
    assert len(before) > 20


def test_a_restored_database_gives_the_next_number_and_not_one_again(
    live: Database, spare: Database, made: Path
) -> None:
    backup.restore(spare, made, force=False)

    [(newest,)] = ask(live, "SELECT max(id) FROM users")
    [(following,)] = ask(spare, "SELECT nextval(pg_get_serial_sequence('users', 'id'))")
    assert following > newest


def test_a_restored_database_can_be_backed_up_and_restored_again(spare: Database, made: Path, tmp_path: Path) -> None:
    backup.restore(spare, made, force=False)

    again = backup.make(spare, tmp_path / "tuesday", NOW)

    assert again.tables == backup.Manifest.read(made / backup.MANIFEST).tables
    assert backup.restore(spare, tmp_path / "tuesday", force=True) == []


def test_what_is_written_while_it_is_made_is_neither_in_the_dump_nor_in_the_manifest(
    live: Database, spare: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = Database.run

    def later(self: Database, program: Path, *arguments: str | Path) -> None:
        ask(live, "UPDATE users SET name = 'changed meanwhile'")
        run(self, program, *arguments)

    monkeypatch.setattr(Database, "run", later)
    backup.make(live, tmp_path / "monday", NOW)
    monkeypatch.setattr(Database, "run", run)

    assert backup.restore(spare, tmp_path / "monday", force=False) == []
    assert User.objects.filter(name="changed meanwhile").count() == 3
    assert ask(spare, "SELECT count(*) FROM users WHERE name = 'changed meanwhile'") == [(0,)]


def test_tables_are_not_overwritten_without_force(live: Database, made: Path) -> None:
    before = prints(live)

    with pytest.raises(Refused, match="--force"):
        backup.restore(live, made, force=False)

    assert prints(live) == before


def test_a_damaged_dump_is_refused_before_anything_is_touched(spare: Database, made: Path) -> None:
    backup.restore(spare, made, force=False)
    before = prints(spare)
    content = bytearray((made / backup.DUMP).read_bytes())
    content[len(content) // 2] ^= 1
    (made / backup.DUMP).write_bytes(content)

    with pytest.raises(Refused, match="damaged"):
        backup.restore(spare, made, force=True)

    assert prints(spare) == before


def test_a_restore_that_fails_half_way_leaves_the_database_as_it_was(spare: Database, made: Path) -> None:
    backup.restore(spare, made, force=False)
    ask(spare, "DROP TABLE ai_calls CASCADE; CREATE VIEW ai_calls AS SELECT 1 AS id")  # in the way
    before = prints(spare)

    with pytest.raises(Refused, match="ai_calls"):
        backup.restore(spare, made, force=True)

    assert prints(spare) == before


def test_a_backup_is_never_written_over_another(live: Database, made: Path) -> None:
    before = (made / backup.MANIFEST).read_text()

    with pytest.raises(Refused, match="there already"):
        backup.make(live, made, NOW)

    assert (made / backup.MANIFEST).read_text() == before


def test_a_backup_that_fails_leaves_no_folder(live: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: Any) -> None:
        raise Refused("no space left")

    monkeypatch.setattr(Database, "run", full)

    with pytest.raises(Refused):
        backup.make(live, tmp_path / "monday", NOW)
    assert list(tmp_path.iterdir()) == []


def test_only_its_owner_may_read_a_backup(made: Path) -> None:
    assert made.stat().st_mode & 0o077 == 0


def test_the_password_is_no_argument_of_a_program(
    live: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    run = subprocess.run

    def noted(command: Sequence[Any], **options: Any) -> Any:
        seen.extend(map(str, command))
        return run(command, **options)

    monkeypatch.setattr(subprocess, "run", noted)
    backup.make(live, tmp_path / "monday", NOW)

    assert any("dbname=" in word for word in seen)
    assert not any(live.parameters["password"] in word for word in seen)


@pytest.mark.parametrize(
    ("change", "is_the_same"),
    [
        ("UPDATE users SET name = name", True),  # moves every row
        ("UPDATE users SET weight = weight + 0.1 WHERE name = 'Ada'", False),
        (
            "UPDATE users SET fitness_goal = sex, sex = units",
            False,
        ),
        ("DELETE FROM plan_jobs", False),
    ],
)
def test_a_fingerprint_tells_a_change_from_another_order(live: Database, change: str, is_the_same: bool) -> None:  # noqa: FBT001
    before = prints(live)

    ask(live, change)

    assert (prints(live) == before) is is_the_same
    assert (backup.differing(before, prints(live)) == []) is is_the_same


def test_the_commands_say_what_they_did_and_can_try_a_backup_beside_the_live_database(
    live: Database, spare: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("backup", tmp_path / "monday")
    call_command("restore", tmp_path / "monday", into=spare.parameters["dbname"])
    with pytest.raises(CommandError, match="--force"):
        call_command("restore", tmp_path / "monday")

    out = capsys.readouterr().out
    assert f"{len(prints(live))} tables" in out
    assert "every table is as the manifest says" in out
    assert prints(spare) == prints(live)


def test_who_was_erased_after_the_backup_does_not_come_back_with_it(live: Database, tmp_path: Path) -> None:
    call_command("backup", tmp_path / "monday")
    ada = User.objects.get(name="Ada")
    erasure.erase_person(ada.pk, timezone.now())
    newcomer = factories.user()
    erasure.erase_person(newcomer.pk, timezone.now())

    call_command("restore", tmp_path / "monday", force=True)

    assert sorted(User.objects.values_list("name", flat=True)) == ["Back\\slash\ttab", "Žofie 'quoted'"]
    assert set(Erasure.objects.values_list("user_id", flat=True)) == {ada.pk, newcomer.pk}


def test_a_manifest_is_readable_by_other_programs(made: Path) -> None:
    manifest = json.loads((made / backup.MANIFEST).read_text())

    assert manifest["made_at"] == NOW.isoformat()
    assert manifest["tables"]["users"]["rows"] == 3


def test_a_server_newer_than_every_pg_dump_is_told_so() -> None:
    with pytest.raises(Refused, match="postgresql-client-99"):
        backup.tool("pg_dump", 99)
