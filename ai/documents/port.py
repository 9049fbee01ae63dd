"""The port to document stores: what each of them does, and how it fails.

Invariant: putting a document again changes nothing, so whoever is not sure may always put it again.
"""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Protocol

from ai.models import Document


class StoreDown(Exception):  # noqa: N818 - an outcome
    """The store did not do what it was asked, or did not say so in time."""


class Store(Protocol):
    """Keeps documents by their id. Whatever goes wrong with it is a `StoreDown`."""

    def put(self, documents: Sequence[Document]) -> None:
        """Keep the documents, durably once this returns."""
        ...

    def find(self, user_id: int, *, job_id: uuid.UUID | None = None) -> list[Document]:
        """Return the person's documents, or those of one job, oldest first."""
        ...

    def erase(self, user_id: int) -> int:
        """Remove every document of the person; return how many there were."""
        ...

    def prune(self, before: dt.datetime) -> int:
        """Remove every document from before then; return how many there were."""
        ...
