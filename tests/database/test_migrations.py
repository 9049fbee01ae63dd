"""Every migration, held against the rules of docs/operating/migrations.md: old and new code run beside each other.

Invariant: squawk reads the SQL that Django would run. Where the variable CI is set a missing squawk is a failure.
"""

import functools
import importlib.util
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations import RunPython, RunSQL

APPS = {"config", "users", "mealplans", "workouts", "progress", "ai", "workers"}
# What the first release brings at once, to a database that nobody uses yet. This list never grows after it.
FIRST_RELEASE = {
    "ai.0002_initial",
    "ai.0003_ledger",
    "mealplans.0002_initial",
    "progress.0002_initial",
    "users.0003_accounts",
}
MATTERS_OF_TASTE = "prefer-text-field,prefer-bigint-over-int,prefer-bigint-over-smallint"
# The connection has both (STATEMENT_LIMITS of the settings), so a migration that waits for a lock gives up.
SET_BY_THE_CONNECTION = "require-lock-timeout,require-statement-timeout"
DJANGOS_OWN = "prefer-robust-stmts"  # AddIndexConcurrently has no IF NOT EXISTS; the guide tells what to do


@functools.cache
def squawk() -> str:
    program = Path(sys.executable).with_name("squawk")
    if importlib.util.find_spec("squawk") is None and not program.exists():
        (pytest.fail if os.environ.get("CI") else pytest.skip)("no squawk here: install the extra `delivery`")
    return str(program)


def lint(folder: Path, statements: dict[str, str]) -> dict[str, list[str]]:
    """Return the rules that each text of SQL breaks."""
    for name, text in statements.items():
        (folder / f"{name}.sql").write_text(text)
    excluded = f"{MATTERS_OF_TASTE},{SET_BY_THE_CONNECTION},{DJANGOS_OWN}"
    command = [squawk(), "--pg-version=14", "-e", excluded, "--reporter=json"]
    files = [str(folder / f"{name}.sql") for name in statements]
    done = subprocess.run([*command, *files], capture_output=True, text=True, check=False)
    broken: dict[str, list[str]] = {name: [] for name in statements}
    for each in json.loads(done.stdout or "[]"):
        broken[Path(each["file"]).stem].append(each["rule_name"])
    return broken


def loaded() -> MigrationLoader:
    return MigrationLoader(connection, replace_migrations=False)


def sql_of(app: str, name: str) -> str:
    """Return what Django would run, with the BEGIN and COMMIT of a migration that is one transaction."""
    out = io.StringIO()
    call_command("sqlmigrate", app, name, stdout=out, no_color=True)
    return out.getvalue()


@pytest.mark.usefixtures("fresh_db")
def test_no_migration_after_the_first_release_locks_a_table_or_breaks_the_code_that_still_runs(tmp_path: Path) -> None:
    statements = {f"{app}.{name}": sql_of(app, name) for app, name in loaded().disk_migrations if app in APPS}

    broken = {name: rules for name, rules in lint(tmp_path, statements).items() if rules}

    assert len(statements) >= 13
    assert {name: rules for name, rules in broken.items() if name not in FIRST_RELEASE} == {}
    assert broken.keys() >= FIRST_RELEASE  # the linter does see what is forgiven


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("ALTER TABLE users ADD COLUMN mood integer NOT NULL;", "adding-required-field"),
        ("ALTER TABLE users DROP COLUMN name;", "ban-drop-column"),
        ("ALTER TABLE users RENAME COLUMN name TO called;", "renaming-column"),
        ("ALTER TABLE users RENAME TO people;", "renaming-table"),
        ("DROP TABLE sessions;", "ban-drop-table"),
        ("ALTER TABLE users ALTER COLUMN age TYPE bigint;", "changing-column-type"),
        ("ALTER TABLE users ALTER COLUMN age SET NOT NULL;", "adding-not-nullable-field"),
        ("CREATE INDEX users_age ON users (age);", "require-concurrent-index-creation"),
        ("ALTER TABLE users ADD CONSTRAINT old CHECK (age > 17);", "constraint-missing-not-valid"),
        (
            "ALTER TABLE users ADD CONSTRAINT fk FOREIGN KEY (id) REFERENCES sessions (id);",
            "adding-foreign-key-constraint",
        ),
    ],
)
def test_the_linter_knows_what_locks_or_breaks(tmp_path: Path, statement: str, rule: str) -> None:
    assert rule in lint(tmp_path, {"planted": f"BEGIN; {statement} COMMIT;"})["planted"]


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE moods (id bigint PRIMARY KEY); CREATE INDEX moods_id ON moods (id);",
        "ALTER TABLE users ADD COLUMN mood integer NULL;",
        "ALTER TABLE users ADD COLUMN mood integer DEFAULT 3 NOT NULL;",
    ],
)
def test_the_linter_lets_pass_what_harms_nobody(tmp_path: Path, statement: str) -> None:
    assert lint(tmp_path, {"harmless": f"BEGIN; {statement} COMMIT;"})["harmless"] == []


def test_an_index_is_made_beside_writes_and_outside_of_a_transaction(tmp_path: Path) -> None:
    statement = "CREATE INDEX CONCURRENTLY users_age ON users (age);"

    assert lint(tmp_path, {"alone": statement})["alone"] == []
    assert lint(tmp_path, {"within": f"BEGIN; {statement} COMMIT;"})["within"] != []


@pytest.mark.usefixtures("db")
def test_every_step_in_python_or_sql_says_how_it_is_undone() -> None:
    migrations = {f"{app}.{name}": each for (app, name), each in loaded().disk_migrations.items() if app in APPS}

    assert [
        name
        for name, migration in migrations.items()
        for operation in migration.operations
        if isinstance(operation, RunPython | RunSQL) and not operation.reversible
    ] == []


@pytest.mark.usefixtures("db")
def test_the_models_have_no_change_without_a_migration() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
