"""People for staff.

Invariant: staff see and steer accounts; a password is only ever set, never shown.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError as FormError
from django.http import HttpRequest
from pydantic import ValidationError

from config import cache
from config.admin import ReadOnlyPage
from users import schemas, vocabulary
from users.models import Event, Session, User


class OneAddress:
    """The address gets the one form that signing in looks for."""

    cleaned_data: dict[str, Any]

    def clean_email(self) -> str:
        try:
            return vocabulary.email(self.cleaned_data["email"])
        except ValueError as reason:
            raise FormError(str(reason)) from None


class NewPerson(OneAddress, AdminUserCreationForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Staff add a person; the address gets the one form that signing in looks for."""

    class Meta:
        model = User
        fields = ("email", "name")


class PersonForm(OneAddress, UserChangeForm):  # type: ignore[type-arg]  # generic in the stubs only
    """Staff may store what the API would take, and nothing else."""

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        names = schemas.Profile.model_fields.keys() & cleaned.keys()
        try:
            profile = schemas.Profile.model_validate({name: cleaned[name] for name in names})
        except ValidationError as refusal:
            for finding in refusal.errors():
                self.add_error(str(finding["loc"][0]), finding["msg"].removeprefix("Value error, "))
            return cleaned
        return cleaned | profile.model_dump(include=set(names))


@admin.register(User)
class UserPage(UserAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    form, add_form = PersonForm, NewPerson
    ordering = ("-created_at",)
    list_display = ("email", "name", "fitness_goal", "is_active", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "fitness_goal", "sex")
    search_fields = ("email", "name")
    readonly_fields = ("last_seq", "created_at", "updated_at", "last_login")
    show_full_result_count = False
    fieldsets = (
        (None, {"fields": ("email", "name", "password", "timezone", "units", "is_email_verified")}),
        ("Body", {"fields": ("age", "sex", "height", "weight", "body_fat", "conditions")}),
        ("Goal", {"fields": ("fitness_goal", "goal_rate", "activity_level", "training_level")}),
        (
            "Food",
            {
                "fields": (
                    "dietary_preferences",
                    "allergies",
                    "disliked_foods",
                    "meals_per_day",
                    "max_prep_minutes",
                    "budget",
                    "leftovers",
                )
            },
        ),
        ("Training", {"fields": ("equipment", "injuries", "availability")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Times", {"fields": ("last_seq", "last_login", "created_at", "updated_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)
    filter_horizontal = ("groups", "user_permissions")

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001
        super().save_model(request, obj, form, change)
        cache.forget(obj.pk)


@admin.register(Session)
class SessionPage(ReadOnlyPage):
    list_display = ("id", "user", "device", "created_at", "rotated_at", "revoked_at")
    list_select_related = ("user",)
    list_filter = ("revoked_at",)
    search_fields = ("user__email",)


@admin.register(Event)
class EventPage(ReadOnlyPage):
    list_display = ("user", "seq", "type", "time")
    list_select_related = ("user",)
    list_filter = ("type",)
    search_fields = ("user__email",)
