"""Documents in MongoDB, or what speaks its protocol.

Invariant: nothing takes longer than `SECONDS`, and a document counts as kept once a majority of the servers has it on
disk. The only module that imports pymongo, which the extra `mongo` installs.
"""

import contextlib
import datetime as dt
import functools
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import pymongo  # type: ignore[import-not-found, unused-ignore]
from django.conf import settings
from pymongo.errors import PyMongoError  # type: ignore[import-not-found, unused-ignore]

from ai.documents.port import StoreDown
from ai.models import Document

SECONDS = 2.0  # for one question, finding the server included
DATABASE, COLLECTION = "regimen", "documents"  # the database, where MONGODB_URL names none
FIELDS = ("user_id", "job_id", "kind", "at", "body")


class MongoStore:
    """Keeps each document under its own id; the fields are those of `ai_documents`."""

    def put(self, documents: Sequence[Document]) -> None:
        writes = [pymongo.ReplaceOne({"_id": each.pk}, _bson(each), upsert=True) for each in documents]
        with _collection() as collection:
            collection.bulk_write(writes, ordered=False)

    def find(self, user_id: int, *, job_id: uuid.UUID | None = None) -> list[Document]:
        wanted: dict[str, Any] = {"user_id": user_id} | ({} if job_id is None else {"job_id": job_id})
        with _collection() as collection:
            return [_document(found) for found in collection.find(wanted).sort([("at", 1), ("_id", 1)])]

    def erase(self, user_id: int) -> int:
        with _collection() as collection:
            return int(collection.delete_many({"user_id": user_id}).deleted_count)

    def prune(self, before: dt.datetime) -> int:
        with _collection() as collection:
            return int(collection.delete_many({"at": {"$lt": before}}).deleted_count)


def _bson(document: Document) -> dict[str, Any]:
    return {name: getattr(document, name) for name in FIELDS}


def _document(found: dict[str, Any]) -> Document:
    return Document(pk=found["_id"], **{name: found[name] for name in FIELDS})


@contextlib.contextmanager
def _collection() -> Iterator[Any]:
    """Give the collection, under one deadline.

    :raises StoreDown: for whatever the driver raises.
    """
    try:
        with pymongo.timeout(SECONDS):
            yield _opened(settings.MONGODB_URL)
    except PyMongoError as error:
        raise StoreDown(type(error).__name__) from error


@functools.cache
def client(url: str) -> Any:
    """Return this process's client: it connects when it is first asked, and finds its server again by itself."""
    return pymongo.MongoClient(
        url,
        appname="regimen",
        tz_aware=True,
        uuidRepresentation="standard",
        serverSelectionTimeoutMS=round(SECONDS * 1000),
        connectTimeoutMS=round(SECONDS * 1000),
        w="majority",
        journal=True,
    )


@functools.cache
def _opened(url: str) -> Any:
    """Return the collection with its indexes."""
    collection = client(url).get_default_database(DATABASE)[COLLECTION]
    collection.create_indexes([pymongo.IndexModel([("user_id", 1), ("at", 1)]), pymongo.IndexModel("at")])
    return collection
