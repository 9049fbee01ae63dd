"""Who of the staff changed what: a row of history before and after each change by them, and for no other.

Invariant: rows are written only while staff act, so the API, the workers and the loading of the catalogue ask nothing
more of the database. What others changed in between is in the row before (`BEFORE`), which names nobody. A deletion
leaves none: what has history is retired, or is a person who is erased.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import models
from django.http import HttpRequest
from simple_history.models import HistoricalRecords

BEFORE = "as it was before"  # the reason of a row that is no change by staff


class Changes(HistoricalRecords):  # type: ignore[misc]  # the package has no types
    """The history of a model, in a table of its own; `excluded_fields` are not in it."""

    def __init__(self, table_name: str, **options: Any) -> None:
        super().__init__(table_name=table_name, history_id_field=models.BigAutoField(), **options)

    def contribute_to_class(self, cls: type[models.Model], name: str) -> None:
        super().contribute_to_class(cls, name)
        _kept[cls] = self

    def keep(self, row: Any) -> None:
        """Write how a row is now, unless its newest entry says so already."""
        newest = row.changes.first()
        if newest is None or _differ(newest, row, self.fields_included(row)):
            row._history_user, row._change_reason = None, BEFORE  # noqa: SLF001 - documented
            self.create_historical_record(row, "~")

    def post_save(self, instance: models.Model, created: bool, using: str | None = None, **more: Any) -> None:  # noqa: FBT001 - the signal's own order
        if staff_act():
            super().post_save(instance, created, using, **more)

    def m2m_changed(self, instance: models.Model, action: str, **more: Any) -> None:
        if staff_act():
            super().m2m_changed(instance, action, **more)

    def pre_delete(self, instance: models.Model, **more: Any) -> None:
        """Load nothing for a row that goes."""

    def post_delete(self, instance: models.Model, using: str | None = None, **more: Any) -> None:
        """Write nothing: an erased person would come back as a row of history."""


_kept: dict[type[models.Model], Changes] = {}


def keep_as_it_is(row: models.Model) -> None:
    """Remember how a row is stored before staff change it, so that its history says what they changed."""
    model = type(row)
    _kept[model].keep(model._default_manager.get(pk=row.pk))


@contextmanager
def staff_acting(request: HttpRequest | None) -> Iterator[None]:
    """Have what is changed in here recorded as the doing of whoever is signed in: of nobody, without a request."""
    HistoricalRecords.context.request = request
    try:
        yield
    finally:
        del HistoricalRecords.context.request


def staff_act() -> bool:
    """Say whether what happens now happens in the admin."""
    return hasattr(HistoricalRecords.context, "request")


def _differ(entry: Any, row: Any, fields: list[Any]) -> bool:
    if any(getattr(entry, field.attname) != getattr(row, field.attname) for field in fields):
        return True
    return any(
        set(getattr(entry, field.name).values_list(field.m2m_reverse_field_name(), flat=True))
        != set(getattr(row, field.name).values_list("pk", flat=True))
        for field in entry._history_m2m_fields  # noqa: SLF001 - how the package itself finds them
    )
