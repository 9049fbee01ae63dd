"""Raw exchanges and edits of plans: what is kept, in which store, for how long, and what happens while one is down.

Invariant: every test of `store` runs on PostgreSQL and on what `document_server` gives.
"""

import datetime as dt
import json
import threading
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, example, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ai import consult, documents, providers, queue
from ai.documents import redaction
from ai.documents.port import Store, StoreDown
from ai.documents.postgres import PostgresStore
from ai.models import Document, DocumentSweep, PlanJob
from ai.prompts import Brief, Choice
from ai.providers import ProviderDown, Question, Reply
from config.embedded_process import free_port
from config.providers import ProviderSettings
from tests import factories
from tests.ai import document_server
from tests.conftest import Api
from users import erasure, vocabulary
from users.models import Consent, User
from workers import clock

NOW = dt.datetime(2026, 3, 2, 9, 30, 15, 123000, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)
QUESTION = Question("Choose ids.", '{"wishes": "soup"}', {"$ref": "#/$defs/Day", "a.b": [1, None, True]})
BRIEF = Brief(dates=(str(factories.MONDAY),), slots=("lunch",), dishes={"lunch": [Choice("soup", "Soup", "15 min")]})
GOOD = json.dumps({"days": [{"date": str(factories.MONDAY), "reason": "Warm.", "lunch": "soup"}]})
ABOUT = {"provider": "one", "outcome": "ok"}
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(-1e6, 1e6).map(lambda x: x + 0.0) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=10,
)


@pytest.fixture(scope="module")
def mongo_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with document_server.any_url(tmp_path_factory.mktemp("mongo")) as url:
        yield url
        from ai.documents import mongo  # noqa: PLC0415 - needs pymongo

        database = mongo.client(url).get_default_database()
        database.client.drop_database(database.name)
        _close_client(url)


def _close_client(url: str) -> None:
    from ai.documents import mongo  # noqa: PLC0415 - needs pymongo

    mongo.client(url).close()


@pytest.fixture
def in_mongo(settings: Any, mongo_url: str, owner: User) -> Store:
    """The product with DOCUMENT_STORE=mongodb; returns the store."""
    from ai.documents import mongo  # noqa: PLC0415 - needs pymongo

    settings.DOCUMENT_STORE, settings.MONGODB_URL = "mongodb", mongo_url
    store = mongo.MongoStore()
    store.prune(dt.datetime(9999, 1, 1, tzinfo=dt.UTC))
    return store


@pytest.fixture(params=["postgresql", "mongodb"])
def store(request: pytest.FixtureRequest, owner: User, stranger: User) -> Store:
    return PostgresStore() if request.param == "postgresql" else request.getfixturevalue("in_mongo")


def agree(user: User) -> Consent:
    version = vocabulary.CONSENTS["ai"][0]
    return Consent.objects.create(user=user, kind="ai", version=version, given_at=timezone.now())


def document(user: User, **fields: Any) -> Document:
    return Document(**{"user_id": user.pk, "kind": "exchange", "at": NOW, "body": {"a": 1}, **fields})


def shown(found: list[Document]) -> list[tuple[Any, ...]]:
    return [(each.pk, each.user_id, each.job_id, each.kind, each.at, each.body) for each in found]


def present() -> dt.datetime:
    """Return the time as documents hold it."""
    now = timezone.now()
    return now.replace(microsecond=now.microsecond // 1000 * 1000)


def keep(job: PlanJob, reply: str | None = "soup", question: Question = QUESTION) -> None:
    documents.keep_exchange(job, question, reply, about=ABOUT, at=timezone.now())


# --- the contract of every store -----------------------------------------------------------------


def test_a_store_gives_back_what_was_put_oldest_first(store: Store, owner: User) -> None:
    later = document(owner, at=NOW + DAY, job_id=uuid.uuid4(), body={"$ref": 1, "a.b": {"$x": [None]}, "": "ž"})
    earlier = document(owner, kind="edit")

    store.put([later, earlier])

    assert shown(store.find(owner.pk)) == shown([earlier, later])


def test_a_store_keeps_a_document_once_however_often_it_is_put(store: Store, owner: User) -> None:
    first, second = document(owner), document(owner, at=NOW + DAY)

    for batch in ([first], [first, second], [second, first]):
        store.put(batch)

    assert shown(store.find(owner.pk)) == shown([first, second])


def test_a_store_finds_by_job_and_never_anothers(store: Store, owner: User, stranger: User) -> None:
    job_id = uuid.uuid4()
    of_job = document(owner, job_id=job_id)
    store.put([of_job, document(owner), document(stranger, job_id=job_id)])

    assert shown(store.find(owner.pk, job_id=job_id)) == shown([of_job])
    assert store.find(owner.pk, job_id=uuid.uuid4()) == []


def test_a_store_erases_one_person_and_nobody_else(store: Store, owner: User, stranger: User) -> None:
    others = document(stranger)
    store.put([document(owner), document(owner), others])

    assert [store.erase(owner.pk), store.erase(owner.pk)] == [2, 0]
    assert store.find(owner.pk) == []
    assert shown(store.find(stranger.pk)) == shown([others])


def test_a_store_prunes_what_is_older_and_keeps_the_instant_itself(store: Store, owner: User) -> None:
    kept = document(owner, at=NOW)
    store.put([document(owner, at=NOW - dt.timedelta(milliseconds=1)), kept])

    assert [store.prune(NOW), store.prune(NOW)] == [1, 0]
    assert shown(store.find(owner.pk)) == shown([kept])


@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(TEXT, JSON, max_size=4))
def test_a_store_takes_any_json(store: Store, owner: User, body: dict[str, Any]) -> None:
    put = document(owner, body=body)

    store.put([put])

    assert [each.body for each in store.find(owner.pk) if each.pk == put.pk] == [body]


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


# --- the way to another store ----------------------------------------------------------------------


def test_what_was_kept_moves_to_mongodb_and_is_found_before_and_after(in_mongo: Store, owner: User) -> None:
    agree(owner)
    job = factories.job(owner)
    keep(job)
    before = shown(documents.find(owner.pk))

    documents.tend(timezone.now())

    assert len(before) == 1
    assert Document.objects.count() == 0
    assert shown(in_mongo.find(owner.pk, job_id=job.pk)) == before == shown(documents.find(owner.pk))


def test_more_than_a_batch_is_moved_in_one_go(in_mongo: Store, owner: User) -> None:
    PostgresStore().put([document(owner, at=timezone.now()) for _ in range(2 * documents.BATCH + 1)])

    documents.tend(timezone.now())

    assert len(in_mongo.find(owner.pk)) == 2 * documents.BATCH + 1
    assert Document.objects.count() == 0


def test_a_mover_that_dies_between_store_and_commit_leaves_no_double(
    in_mongo: Store, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    PostgresStore().put([document(owner, at=timezone.now()) for _ in range(3)])
    put = type(in_mongo).put

    def dies(self: Store, batch: Any) -> None:
        put(self, batch)
        raise StoreDown("the answer was lost")

    monkeypatch.setattr(type(in_mongo), "put", dies)
    with pytest.raises(StoreDown):
        documents.tend(timezone.now())
    assert (Document.objects.count(), len(in_mongo.find(owner.pk))) == (3, 3)
    assert len(documents.find(owner.pk)) == 3
    monkeypatch.setattr(type(in_mongo), "put", put)
    documents.tend(timezone.now())

    assert (Document.objects.count(), len(in_mongo.find(owner.pk))) == (0, 3)


def test_a_store_that_is_down_loses_nothing_and_gets_everything_once(
    tmp_path: Path, settings: Any, owner: User
) -> None:
    with document_server.running(tmp_path) as server:
        settings.DOCUMENT_STORE, settings.MONGODB_URL = "mongodb", server.url
        agree(owner)
        job = factories.job(owner)
        keep(job, "before")
        documents.tend(timezone.now())
        server.stop()

        keep(job, "meanwhile")  # work goes on
        keep(job, "meanwhile too")
        with pytest.raises(StoreDown):
            documents.tend(timezone.now())
        assert Document.objects.count() == 2

        server.start()
        documents.tend(timezone.now())
        documents.tend(timezone.now())
        found = [each.body["received"] for each in documents.find(owner.pk)]
        _close_client(server.url)

    assert Document.objects.count() == 0
    assert sorted(found) == ["before", "meanwhile", "meanwhile too"]


def test_two_movers_at_once_move_each_document_once(in_mongo: Store, fresh_db: None) -> None:
    person = factories.user()
    PostgresStore().put([document(person, at=timezone.now()) for _ in range(250)])

    def move() -> None:
        documents.tend(timezone.now())
        connection.close()

    threads = [threading.Thread(target=move) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    documents.tend(timezone.now())

    assert (Document.objects.count(), len(in_mongo.find(person.pk))) == (0, 250)


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
    _close_client(settings.MONGODB_URL)

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
