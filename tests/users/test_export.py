"""A copy of everything: complete by the models' own word, and nothing that opens a door."""

import csv
import io
import json
import zipfile
from typing import Any

import pytest
from django.db.models import Model
from django.utils import timezone
from dramatiq import get_broker

from tests.conftest import Api
from tests.users.belongings_cast import CANARY, MAKERS, somebody
from users import belongings, export
from users.models import Export, Session, User

EXPORT = "/api/v1/profile/export"
NEVER = ["password", "token_hash", "document", "lease_token"]
WORDLESS = {"users_groups", "users_user_permissions", "ai_spending", "exports"}
WORDLESS |= {"users_historicaluser_groups", "otp_static_statictoken"}


def models() -> dict[str, tuple[type[Model], str]]:
    """Return by table the models that an export must hold, with the look-up that finds a person's rows."""
    theirs: list[tuple[type[Model], str]] = [(User, "pk"), *belongings.tables()]
    return {model._meta.db_table: (model, path) for model, path in theirs}


@pytest.fixture
def person(db: None) -> User:
    somebody("socrates-of-athens")
    found = somebody()
    Export.objects.all().delete()
    return found


def asked(api: Api) -> dict[str, Any]:
    """Ask for an export and have it made; return what the API says of it then."""
    answer = api.post(EXPORT).json()
    for export_id in Export.objects.values_list("pk", flat=True):
        export.make(export_id)
    shown: dict[str, Any] = api.get(answer["links"]["self"]).json()
    return shown


def unpacked(api: Api) -> zipfile.ZipFile:
    answer = api.get(asked(api)["links"]["file"])
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/zip")
    return zipfile.ZipFile(io.BytesIO(answer.content))


def table(file: zipfile.ZipFile, name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(file.read(f"json/{name}.json"))
    return rows


def test_an_export_is_a_job_whose_result_is_a_file(person: User) -> None:
    api = Api(person)

    answer = api.post(EXPORT)

    waiting = answer.json()
    assert (answer.status_code, answer["Location"], answer["Retry-After"]) == (202, waiting["links"]["self"], "1")
    assert (waiting["status"], set(waiting["links"])) == ("queued", {"self"})
    early = api.get(f"{waiting['links']['self']}/file")
    assert (early.status_code, early.json()["code"], early["Retry-After"]) == (409, "export_not_ready", "1")

    done = asked(api)

    assert (done["id"], done["status"], set(done["links"])) == (waiting["id"], "succeeded", {"self", "file"})
    file = api.get(done["links"]["file"])
    assert file["Content-Disposition"] == 'attachment; filename="regimen-export.zip"'
    assert file["Cache-Control"] == "no-store"


def test_fault_53_every_table_is_there_twice_with_the_persons_rows_and_nobody_elses(person: User) -> None:
    file = unpacked(Api(person))

    tables = {"users", *MAKERS}
    assert set(models()) == tables
    assert set(file.namelist()) == {"README.txt"} | {
        f"{kind}/{name}.{kind}" for name in tables for kind in ("json", "csv")
    }
    assert [name for name in tables if not table(file, name)] == []
    everything = b"".join(file.read(name) for name in file.namelist()).decode()
    assert "socrates" not in everything


@pytest.mark.parametrize("name", ["users", *MAKERS])
def test_a_row_is_exported_as_it_is_stored_in_both_forms(person: User, name: str) -> None:
    model, path = models()[name]
    file = unpacked(Api(person))

    rows = table(file, name)
    lines = list(csv.DictReader(io.StringIO(file.read(f"csv/{name}.csv").decode())))

    stored = belongings.rows(model, path, person.pk)
    secret = {"otp_totp_totpdevice": "key", "otp_static_statictoken": "token"}.get(name)
    columns = {field.attname for field in model._meta.concrete_fields} - {*NEVER, secret}
    key = model._meta.pk.attname
    assert {str(row[key]) for row in rows} == {line[key] for line in lines} == {str(row.pk) for row in stored}
    assert all(set(row) == columns for row in rows)
    assert all(set(line) == columns for line in lines)
    if name not in WORDLESS:
        assert CANARY in json.dumps(rows)
        assert CANARY in json.dumps(lines)


def test_what_is_left_out_is_what_opens_something_and_the_export_itself() -> None:
    left_out = {
        (model._meta.db_table, field.name)
        for model, _ in models().values()
        for field in model._meta.concrete_fields
        if field.attname not in export.columns(model)
    }

    assert left_out == {
        ("users", "password"),
        ("letters", "token_hash"),
        ("exports", "document"),
        ("plan_jobs", "lease_token"),
        ("otp_totp_totpdevice", "key"),
        ("otp_static_statictoken", "token"),
    }


def test_a_text_that_a_spreadsheet_would_run_is_defused_in_the_csv_and_kept_in_the_json(person: User) -> None:
    formula = '=HYPERLINK("http://evil.example","x")'
    Session.objects.filter(user=person).update(device=formula)

    file = unpacked(Api(person))

    assert formula in {row["device"] for row in table(file, "sessions")}
    lines = {line["device"] for line in csv.DictReader(io.StringIO(file.read("csv/sessions.csv").decode()))}
    assert (f"'{formula}" in lines, formula in lines) == (True, False)


def test_nobody_else_sees_or_fetches_an_export(person: User, as_stranger: Api) -> None:
    links = asked(Api(person))["links"]

    answers = [as_stranger.get(link) for link in links.values()]

    assert [(answer.status_code, answer.json()["code"]) for answer in answers] == [(404, "no_export")] * 2
    assert Api().get(links["file"]).status_code == 401


def test_an_export_goes_when_its_time_is_over(person: User) -> None:
    api = Api(person)
    links = asked(api)["links"]
    assert export.prune() == 0

    Export.objects.filter(user=person).update(expires_at=timezone.now())

    assert [api.get(link).status_code for link in links.values()] == [404, 404]
    assert export.prune() == 1


def test_asking_again_names_the_one_that_is_being_made_and_replaces_the_one_that_was(person: User) -> None:
    api = Api(person)
    waiting = [api.post(EXPORT).json()["id"] for _ in range(2)]
    done = asked(api)

    newer = api.post(EXPORT).json()

    assert waiting == [done["id"]] * 2
    assert newer["id"] != done["id"]
    assert newer["status"] == "queued"
    assert api.get(done["links"]["file"]).status_code == 404
    assert Export.objects.filter(user=person).count() == 1


def test_making_it_twice_changes_nothing(person: User) -> None:
    api = Api(person)
    done = asked(api)
    before = Export.objects.get(pk=done["id"])

    export.make(before.pk)

    after = Export.objects.get(pk=done["id"])
    assert (after.finished_at, after.document, after.attempts) == (before.finished_at, before.document, 1)


def test_an_export_whose_worker_died_is_made_by_another_and_given_up_after_three(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = Api(person)
    waiting = api.post(EXPORT).json()
    killed = pytest.MonkeyPatch()
    killed.setattr(export, "archive", lambda user_id: (_ for _ in ()).throw(KeyboardInterrupt))
    sent: list[Any] = []
    monkeypatch.setattr(get_broker(), "enqueue", sent.append)

    for _ in range(export.MOST_ATTEMPTS + 1):
        Export.objects.filter(user=person).update(run_after=timezone.now() - export.LEASE)
        assert export.send_again() in {0, 1}
        assert export.send_again() == 0
        try:
            export.make(Export.objects.get(user=person).pk)
        except KeyboardInterrupt:
            continue
    killed.undo()

    assert Export.objects.get(user=person).attempts == export.MOST_ATTEMPTS
    assert api.get(waiting["links"]["self"]).json()["status"] == "failed"
    assert asked(api)["status"] == "succeeded"


def test_a_years_worth_of_rows_makes_a_small_file(person: User) -> None:
    first = Session.objects.filter(user=person)[0]
    Session.objects.bulk_create(
        Session(user=person, device="Regimen/2.1 (iPhone)", created_at=first.created_at, rotated_at=first.rotated_at)
        for _ in range(5000)
    )

    made = export.archive(person.pk)

    assert len(table(zipfile.ZipFile(io.BytesIO(made)), "sessions")) == 5001
    assert len(made) < 1_000_000
