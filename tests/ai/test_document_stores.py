"""Where documents are: what every store does, and the way from PostgreSQL to another one.

Invariant: every test of `store` runs on PostgreSQL and on what `document_server` gives.
"""

import datetime as dt
import threading
import uuid
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from ai import documents
from ai.documents.port import Store, StoreDown
from ai.documents.postgres import PostgresStore
from ai.models import Document
from tests import factories
from tests.ai import document_server
from tests.ai.consents import agree
from tests.ai.document_cast import DAY, JSON, NOW, TEXT, close_client, document, keep, shown
from users.models import User

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
        close_client(server.url)

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
