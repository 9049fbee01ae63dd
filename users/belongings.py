"""Which rows are a person's, in every table there is.

Invariant: read from the models themselves, so a new table that leads to a person is found without a word here. A row
is theirs when it goes as they go: a key that is emptied instead (who of the staff did something) does not make it so.
"""

from collections.abc import Iterator
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db.models import SET_NULL, ManyToOneRel, Model, QuerySet

from users.models import User

NOT_THEIRS = {LogEntry}  # what staff did to others; it goes with whoever did it all the same


def tables() -> list[tuple[type[Model], str]]:
    """Return each model whose rows belong to a person, and the look-up that finds theirs: nearest first, no User."""
    found: dict[type[Model], str] = {}
    level: list[tuple[type[Model], str]] = [(User, "")]
    while level:
        level = [each for model, path in level for each in _next_to(model, path, found)]
    return list(found.items())


def rows(model: type[Model], path: str, user_id: int) -> QuerySet[Any]:
    """Return the person's rows of one of `tables`."""
    return QuerySet(model).filter(**{path: user_id})


def _next_to(model: type[Model], path: str, found: dict[type[Model], str]) -> Iterator[tuple[type[Model], str]]:
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ManyToOneRel) or relation.on_delete is SET_NULL:
            continue
        other, key = relation.related_model, relation.field.name
        if other not in {User, *NOT_THEIRS, *found}:
            found[other] = f"{key}__{path}" if path else key
            yield other, found[other]
