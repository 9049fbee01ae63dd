"""Whose health data staff looked at, and for how long that and their changes are remembered.

Invariant: the row of a view is written before the page is shown, so there is no page without its row. Lists show no
health data and cannot be asked for it: `HealthPage` answers only the filters that it names.
"""

import datetime as dt
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.sessions.models import Session as StaffSession
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from config.admin import ReadOnlyPage
from users import roles
from users.models import HealthView


def note_view(request: HttpRequest, row: Model, *, person_id: int, page: str = "") -> None:
    """Note that whoever is signed in sees this row, or the `page` of it that is named."""
    HealthView.objects.create(
        staff_id=request.user.pk,
        user_id=person_id,
        page=f"{row._meta.label_lower} {page}".strip(),
        object_id=str(row.pk),
        seen_at=timezone.now(),
    )


def prune() -> int:
    """Remove what is older than AUDIT_DAYS, and sessions of staff that are over; return how many. For the clock."""
    now = timezone.now()
    before = now - dt.timedelta(days=settings.AUDIT_DAYS)
    changes = [model for model in apps.get_models() if hasattr(model, "history_date")]
    gone = [model._default_manager.filter(history_date__lt=before).delete()[0] for model in changes]
    gone.append(HealthView.objects.filter(seen_at__lt=before).delete()[0])
    gone.append(LogEntry.objects.filter(action_time__lt=before).delete()[0])
    gone.append(StaffSession.objects.filter(expire_date__lt=now).delete()[0])
    return sum(gone)


class Watched(admin.ModelAdmin):  # type: ignore[type-arg]
    """A page with health data: who may see it is noted when they do, who may not is shown the rest.

    `health_fields` are those that only some may see; without any the whole page is for them alone.
    """

    health_fields: tuple[str, ...] = ()
    whose = "user_id"  # the attribute of a row that says whose it is

    def shows_health(self, request: HttpRequest) -> bool:
        return roles.may_see_health(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and (bool(self.health_fields) or self.shows_health(request))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and (bool(self.health_fields) or self.shows_health(request))

    def get_exclude(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return () if self.shows_health(request) else self.health_fields

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Answer declared filters only: Django's own rule lets any column of the table be asked for."""
        declared: list[Any] = [*self.get_list_filter(request), self.date_hierarchy]
        known = {each[0] if isinstance(each, tuple) else each for each in declared}
        return lookup.partition("__")[0] in known and super().lookup_allowed(lookup, value, request)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        if (row := kwargs.get("obj")) is not None:
            self._note(request, row)
        return super().render_change_form(request, context, *args, **kwargs)

    def _note(self, request: HttpRequest, row: Any, page: str = "") -> None:
        if self.shows_health(request):
            note_view(request, row, person_id=getattr(row, self.whose), page=page)


class HealthPage(Watched, ReadOnlyPage):
    """A list of people's health data that staff read."""


class PlanPage(Watched):
    """People's plans, which those who may change by `form`: what it does is done by a service, in its `clean`."""

    change_title: str
    change_fields: tuple[str, ...]
    list_select_related = ("user",)
    search_fields = ("user__email",)
    date_hierarchy = "date"
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the row, and below it what can be done."""
        stored = (None, {"fields": self.get_readonly_fields(request, obj)})
        change = (self.change_title, {"fields": self.change_fields})
        return (stored, change) if self.has_change_permission(request, obj) else (stored,)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return tuple(field.name for field in self.opts.concrete_fields if field.name != "id")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's order
        """Store nothing: the service did, and `obj` is as it was before."""

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> Any:  # noqa: FBT001, FBT002
        return f"{self.change_title}."
