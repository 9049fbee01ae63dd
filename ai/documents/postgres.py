"""Documents as JSONB, beside the facts that they tell of.

Invariant: a document goes with its person, in the transaction that erases them: its key cascades.
"""

import datetime as dt
import uuid
from collections.abc import Sequence

from ai.models import Document


class PostgresStore:
    """Keeps documents in `ai_documents`. While PostgreSQL is down its own error rises, as it does everywhere."""

    def put(self, documents: Sequence[Document]) -> None:
        Document.objects.bulk_create(documents, ignore_conflicts=True)

    def find(self, user_id: int, *, job_id: uuid.UUID | None = None) -> list[Document]:
        found = Document.objects.filter(user_id=user_id).order_by("at", "pk")
        return list(found if job_id is None else found.filter(job_id=job_id))

    def erase(self, user_id: int) -> int:
        return Document.objects.filter(user_id=user_id).delete()[0]

    def prune(self, before: dt.datetime) -> int:
        return Document.objects.filter(at__lt=before).delete()[0]
