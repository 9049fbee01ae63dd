"""The kinds of staff pages that several apps have.

Invariant: what people own is read, not edited or deleted, in a list; what is shipped is retired, not deleted; what was
is looked at, never brought back from a history page.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from simple_history.admin import SimpleHistoryAdmin

from config import history


class ReadOnlyPage(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that staff read."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class ChangesPage(SimpleHistoryAdmin):  # type: ignore[misc]  # the package has no types
    """A page whose history says who of the staff changed what."""

    object_history_list_template = "staff/changes.html"

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:  # noqa: FBT001 - Django's order
        if change:
            history.keep_as_it_is(obj)
        super().save_model(request, obj, form, change)

    def history_form_view(self, request: HttpRequest, object_id: str, version_id: str, **more: Any) -> HttpResponse:
        """Show a row as it was. django-simple-history would store what is posted here, for whoever may look."""
        if request.method != "GET":
            raise PermissionDenied
        shown: HttpResponse = super().history_form_view(request, object_id, version_id, **more)
        return shown


class CataloguePage(ChangesPage):
    """Entries that staff add, change and retire."""

    actions = ("retire", "bring_back")

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()  # another slug would be another entry

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.action(description="Retire the selected entries", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet) -> None:  # type: ignore[type-arg]
        _set_retired(queryset, retired=True)

    @admin.action(description="Bring the selected entries back", permissions=["change"])
    def bring_back(self, request: HttpRequest, queryset: QuerySet) -> None:  # type: ignore[type-arg]
        _set_retired(queryset, retired=False)


def _set_retired(queryset: QuerySet, *, retired: bool) -> None:  # type: ignore[type-arg]
    for entry in queryset:  # one by one: saving moves `updated_at`, which tells the planner to look again
        history.keep_as_it_is(entry)
        entry.retired = retired
        entry.save(update_fields=["retired", "updated_at"])
