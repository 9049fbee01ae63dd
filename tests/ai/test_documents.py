"""Raw exchanges and edits of plans: what is kept, for how long, and who may read it.

Invariant: every test of `store` runs on PostgreSQL and on what `document_server` gives.
"""

import datetime as dt
import json
import threading
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import example, given
from hypothesis import strategies as st

from ai import consult, documents, providers, queue
from ai.documents import redaction
from ai.documents.port import Store, StoreDown
from ai.documents.postgres import PostgresStore
from ai.models import Document, DocumentSweep
from ai.providers import ProviderDown, Question, Reply
from config.embedded_process import free_port
from config.providers import ProviderSettings
from tests import factories
from tests.ai import document_server
from tests.ai.consents import agree
from tests.ai.document_cast import ABOUT, BRIEF, DAY, GOOD, NOW, QUESTION, close_client, document, keep, present, shown
from tests.conftest import Api
from users import erasure
from users.models import Consent, User
from workers import clock

# --- what is kept --------------------------------------------------------------------------------


@pytest.mark.parametrize("reply", ['{"days": []}', None], ids=["answered", "silent"])
def test_an_exchange_is_kept_with_what_was_sent_and_what_came_back(owner: User, reply: str | None) -> None:
    agree(owner)
    job = factories.job(owner)

    keep(job, reply)

    [kept] = documents.find(owner.pk, job_id=job.pk)
    assert kept.kind == "exchange"
    assert kept.at.microsecond % 1000 == 0
    sent = {"system": QUESTION.system, "user": QUESTION.user, "schema": QUESTION.schema}
    assert kept.body == {**ABOUT, "sent": sent, "received": reply}


def test_every_attempt_at_a_model_is_kept_as_it_came_out(
    owner: User, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(owner)
    answers: list[str | ProviderDown] = ["not JSON", ProviderDown("timeout", "no whole answer", again=True), GOOD]
    settings.AI_PROVIDERS = (ProviderSettings(name="one", adapter="gemini", model="m", base_url="http://127.0.0.1:1"),)
    monkeypatch.setattr(providers, "build", lambda _: SimpleNamespace(ask=lambda *_, **__: _said(answers.pop(0))))
    monkeypatch.setattr(consult, "PAUSE_SECONDS", 0.01)
    job = queue.claim(factories.job(owner).pk)
    assert job

    consult.consult(job, BRIEF, queue.Lease.of(job))

    kept = [each.body for each in documents.find(owner.pk, job_id=job.pk)]
    assert [(each["attempt"], each["outcome"], each["received"]) for each in kept] == [
        (1, "invalid", "not JSON"),
        (2, "timeout", None),
        (3, "ok", GOOD),
    ]
    assert all(str(factories.MONDAY) in json.dumps(each["sent"]) for each in kept)


def _said(answer: str | ProviderDown) -> Reply:
    if isinstance(answer, ProviderDown):
        raise answer
    return Reply(answer, 10, 5)


def test_without_consent_nothing_is_kept(owner: User) -> None:
    keep(factories.job(owner))
    documents.note_edit(owner.pk, {"kind": "meal"})
    Consent.objects.filter(pk=agree(owner).pk).update(withdrawn_at=NOW)
    keep(factories.job(owner, start_date=factories.MONDAY + DAY))

    assert documents.find(owner.pk) == []


def test_with_a_retention_of_no_days_nothing_is_kept(owner: User, settings: Any) -> None:
    settings.DOCUMENT_DAYS = 0
    agree(owner)

    keep(factories.job(owner))

    assert documents.find(owner.pk) == []


def test_an_edit_is_kept_in_the_transaction_that_makes_it(owner: User) -> None:
    agree(owner)

    with transaction.atomic():
        documents.note_edit(owner.pk, {"kind": "meal"})
        transaction.set_rollback(True)
    documents.note_edit(owner.pk, {"kind": "workout"})

    assert [(each.kind, each.body) for each in documents.find(owner.pk)] == [("edit", {"kind": "workout"})]


def test_names_and_addresses_are_not_kept_wherever_they_stand(owner: User) -> None:
    agree(owner)
    wishes = json.dumps({"notes": "I am OLGA OWNER, write to <owner@example.org>; Olga Ownership stays"})

    keep(factories.job(owner), "Dear Olga Owner (Olga@x.example)", Question("s", wishes, {"Olga Owner": ["a@b.cz"]}))

    [kept] = documents.find(owner.pk)
    stored = json.dumps(kept.body)
    assert "@" not in stored
    assert "Olga Ownership stays" in stored
    assert kept.body["received"] == "Dear [name] ([email])"
    assert kept.body["sent"]["schema"] == {"[name]": ["[email]"]}


@given(text=st.text(), name=st.text(max_size=12))
@example(text="\x00\ud800a@b.cz", name="")
@example(text="x (a|b)+ y", name="(a|b)+")
def test_what_is_kept_is_text_that_every_store_holds(text: str, name: str) -> None:
    kept = redaction.without({"text": text}, name)["text"]

    kept.encode()
    assert "\x00" not in kept
    assert redaction.EMAIL.search(kept) is None


def test_a_swap_and_a_lock_are_kept_with_what_was_there_before(
    as_owner: Api, owner: User, run_jobs: Callable[[], int]
) -> None:
    agree(owner)
    as_owner.post("/api/v1/generate-plan", {"kind": "both", "start_date": "2026-03-02", "days": 1})
    run_jobs()
    exercise = as_owner.get("/api/v1/workout-plan?date=2026-03-02").json()["exercises"][0]["exercise_id"]

    as_owner.post("/api/v1/meal-plan/swap", {"date": "2026-03-02", "slot": "lunch"})
    as_owner.post("/api/v1/workout-plan/lock", {"date": "2026-03-02", "exercise_id": exercise})

    meal, workout = [each.body for each in documents.find(owner.pk)]
    assert [one["slot"] for one, other in zip(meal["before"], meal["after"], strict=True) if one != other] == ["lunch"]
    assert [one["exercise"] for one in workout["after"] if one["locked"]] == [exercise]
    assert {one["locked"] for one in workout["before"]} == {False}


# --- the end of a document -------------------------------------------------------------------------


def test_documents_go_when_their_days_are_over_also_those_that_wait(store: Store, owner: User) -> None:
    now = present()
    store.put([document(owner, at=now - 31 * DAY), document(owner, at=now - 29 * DAY)])
    PostgresStore().put([document(owner, at=now - 31 * DAY)])

    documents.tend(now)

    assert [each.at for each in documents.find(owner.pk)] == [now - 29 * DAY]


def test_documents_that_wait_are_pruned_although_the_store_is_down(settings: Any, owner: User) -> None:
    document_server.require()
    settings.DOCUMENT_STORE, settings.MONGODB_URL = "mongodb", f"mongodb://127.0.0.1:{free_port()}/x"
    PostgresStore().put([document(owner, at=timezone.now() - 31 * DAY)])

    with pytest.raises(StoreDown):
        documents.tend(timezone.now())
    close_client(settings.MONGODB_URL)

    assert Document.objects.count() == 0


def test_an_erased_persons_documents_go_too(store: Store, owner: User, stranger: User) -> None:
    now, gone = present(), owner.pk
    others = document(stranger, at=now)
    store.put([document(owner, at=now), others])
    PostgresStore().put([document(owner, at=now)])

    erasure.erase_person(gone, now)
    assert Document.objects.filter(user_id=gone).count() == 0
    documents.tend(timezone.now())

    assert documents.find(gone) == []
    assert shown(store.find(stranger.pk)) == shown([others])
    assert list(DocumentSweep.objects.values_list("user_id", flat=True)) == [gone]


def test_who_withdraws_their_consent_has_no_documents_left(store: Store, owner: User, stranger: User) -> None:
    now = present()
    store.put([document(owner, at=now), document(stranger, at=now)])
    agree(stranger)
    consent = agree(owner)
    Consent.objects.filter(pk=consent.pk).update(withdrawn_at=now - dt.timedelta(minutes=1))

    documents.tend(now)

    assert (len(documents.find(owner.pk)), len(documents.find(stranger.pk))) == (0, 1)


def test_who_consents_again_keeps_what_came_after_the_sweep(store: Store, owner: User) -> None:
    now = present()
    Consent.objects.filter(pk=agree(owner).pk).update(withdrawn_at=now - dt.timedelta(minutes=1))
    documents.tend(now)
    agree(owner)
    keep(factories.job(owner))

    documents.tend(timezone.now())

    assert len(documents.find(owner.pk)) == 1


def test_the_clock_survives_a_store_that_is_down(
    settings: Any, owner: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    asked, stop = [], threading.Event()

    def tend(now: dt.datetime) -> None:
        asked.append(now)
        if len(asked) == 2:
            stop.set()
        raise StoreDown("away")

    monkeypatch.setattr(clock, "TEND_EVERY", dt.timedelta(0))
    monkeypatch.setattr(documents, "tend", tend)
    monkeypatch.setattr(connection, "close", lambda: None)  # the test's own

    clock.tend(stop)

    assert len(asked) == 2
    assert [record.getMessage() for record in caplog.records] == ["documents not tended: StoreDown"] * 2


def test_staff_can_read_the_exchanges_of_a_job(owner: User, capsys: pytest.CaptureFixture[str]) -> None:
    agree(owner)
    job = factories.job(owner)
    keep(job, "soup")

    call_command("show_documents", str(job.pk))

    assert [json.loads(line)["body"]["received"] for line in capsys.readouterr().out.splitlines()] == ["soup"]
