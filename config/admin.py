"""The two kinds of staff pages that several apps have.

Invariant: what people own is read, not edited, in a list; what is shipped is retired, not deleted.
"""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest


class ReadOnlyPage(admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that staff read."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False


class CataloguePage(admin.ModelAdmin):  # type: ignore[type-arg]
    """Entries that staff add, change and retire."""

    actions = ("retire", "bring_back")

    def get_readonly_fields(self, request: HttpRequest, obj: object = None) -> tuple[str, ...]:
        return ("slug",) if obj else ()  # another slug would be another entry

    def has_delete_permission(self, request: HttpRequest, obj: object = None) -> bool:
        return False

    @admin.action(description="Retire the selected entries")
    def retire(self, request: HttpRequest, queryset: QuerySet) -> None:  # type: ignore[type-arg]
        _set_retired(queryset, retired=True)

    @admin.action(description="Bring the selected entries back")
    def bring_back(self, request: HttpRequest, queryset: QuerySet) -> None:  # type: ignore[type-arg]
        _set_retired(queryset, retired=False)


def _set_retired(queryset: QuerySet, *, retired: bool) -> None:  # type: ignore[type-arg]
    for entry in queryset:  # one by one: saving moves `updated_at`, which tells the planner to look again
        entry.retired = retired
        entry.save(update_fields=["retired", "updated_at"])
