"""What the tests of documents share: how one is made, kept and compared.

Invariant: times are as documents hold them, to the millisecond.
"""

import datetime as dt
import json
from typing import Any

from django.utils import timezone
from hypothesis import strategies as st

from ai import documents
from ai.models import Document, PlanJob
from ai.prompts import Brief, Choice
from ai.providers import Question
from tests import factories
from users.models import User

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


def close_client(url: str) -> None:
    from ai.documents import mongo  # noqa: PLC0415 - needs pymongo

    mongo.client(url).close()
