"""Raw exchanges with models and what people change of their plans, kept for a while: one port, one store a file.

Invariant: a document is a row of PostgreSQL first, in the transaction of what it tells of. Where DOCUMENT_STORE names
another store the clock moves rows there, so one that is down loses nothing; nothing is kept without consent.
"""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.module_loading import import_string

from ai.documents import redaction
from ai.documents.port import Store, StoreDown
from ai.documents.postgres import PostgresStore
from ai.models import Document, DocumentKind, DocumentSweep, PlanJob
from ai.providers import Question
from users import selectors as people
from users.models import Consent, Erasure

__all__ = ["Store", "StoreDown", "erase", "find", "keep_exchange", "note_edit", "tend"]

BATCH = 100
SETTLED = dt.timedelta(seconds=30)  # after a withdrawal nothing that asked before it is still about to be kept
_OTHERS: Mapping[str, str] = {"mongodb": "ai.documents.mongo.MongoStore"}  # imported where it is asked for


def keep_exchange(
    job: PlanJob, question: Question, reply: str | None, *, about: Mapping[str, Any], at: dt.datetime
) -> None:
    """Keep what was sent, what came back (None: nothing), and `about`: who was asked and how it came out."""
    sent = {"system": question.system, "user": question.user, "schema": question.schema}
    body = redaction.without({**about, "sent": sent, "received": reply}, job.user.name)
    _keep(job.user_id, DocumentKind.EXCHANGE, body, at, job.pk)


def note_edit(user_id: int, edit: Mapping[str, Any]) -> None:
    """Keep what a person changed of a plan, in the transaction that changes it."""
    _keep(user_id, DocumentKind.EDIT, dict(edit), timezone.now(), None)


def find(user_id: int, *, job_id: uuid.UUID | None = None) -> list[Document]:
    """Return a person's documents, or those of one job, oldest first, wherever they are.

    :raises StoreDown: when the store does not answer.
    """
    found = {document.pk: document for store in _stores() for document in store.find(user_id, job_id=job_id)}
    return sorted(found.values(), key=lambda document: (document.at, document.pk))


def erase(user_id: int) -> int:
    """Remove a person's documents everywhere; return how many there were.

    :raises StoreDown: when the store does not answer; those in PostgreSQL are gone all the same.
    """
    return sum(store.erase(user_id) for store in _stores())


def tend(now: dt.datetime) -> None:
    """Move what waits, remove what nobody may keep any more. For the clock: in any number of processes, at any time.

    :raises StoreDown: when the store does not answer; whatever is left is done by a later call.
    """
    before = now - dt.timedelta(days=settings.DOCUMENT_DAYS)
    PostgresStore().prune(before)
    for store in _stores()[1:]:
        while _move(store) == BATCH:
            pass
    for user_id in _to_sweep(before):
        erase(user_id)
        DocumentSweep.objects.update_or_create(user_id=user_id, defaults={"swept_at": now})
    for store in _stores():
        store.prune(before)
    DocumentSweep.objects.filter(swept_at__lt=before).delete()


def _keep(user_id: int, kind: DocumentKind, body: dict[str, Any], at: dt.datetime, job_id: uuid.UUID | None) -> None:
    if settings.DOCUMENT_DAYS and people.has_consented(user_id, "ai"):
        at = at.replace(microsecond=at.microsecond // 1000 * 1000)  # no store needs to hold more than milliseconds
        Document.objects.create(user_id=user_id, job_id=job_id, kind=kind, at=at, body=body)


def _stores() -> list[Store]:
    """Return where documents may be: in PostgreSQL always."""
    other = _OTHERS.get(settings.DOCUMENT_STORE)
    return [PostgresStore(), *([import_string(other)()] if other else [])]


def _move(store: Store) -> int:
    """Move some rows to the store; return how many.

    The rows stay locked while the store is written to, so an erasure waits for it: docs/operating/documents.md.
    """
    with transaction.atomic():
        rows = list(Document.objects.select_for_update(skip_locked=True).order_by("at")[:BATCH])
        if rows:
            store.put(rows)
            Document.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def _to_sweep(since: dt.datetime) -> Iterator[int]:
    """Yield who was erased or withdrew their consent `since` then, and was not swept after that."""
    erased = Erasure.objects.filter(erased_at__gte=since)
    withdrawn = Consent.objects.filter(kind="ai", withdrawn_at__gte=since, withdrawn_at__lte=Now() - SETTLED)
    yield from _unswept(erased, "erased_at")
    yield from _unswept(withdrawn, "withdrawn_at")


def _unswept(people_gone: QuerySet[Any], instant: str) -> list[int]:
    swept = DocumentSweep.objects.filter(user_id=OuterRef("user_id"), swept_at__gte=OuterRef(instant))
    return list(people_gone.exclude(Exists(swept)).values_list("user_id", flat=True).distinct())
