"""People for staff.

Invariant: staff see and steer accounts; a password is only ever set, never shown.
"""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.core.exceptions import ValidationError as FormError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from pydantic import ValidationError

from config import cache
from config.admin import ReadOnlyPage
from users import erasure, letters, schemas, sessions, vocabulary
from users.models import Consent, Event, Session, User


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


class PasswordByStaff(AdminPasswordChangeForm):  # type: ignore[type-arg]  # generic in the stubs only
    """A password that staff set, or take away, ends every session of the person."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        with transaction.atomic():
            person: User = super().save(commit)
            letters.void(person)
            sessions.end_all(person.pk, timezone.now())
        return person


@admin.register(User)
class UserPage(UserAdmin):  # type: ignore[type-arg]  # generic in the stubs only
    form, add_form, change_password_form = PersonForm, NewPerson, PasswordByStaff
    actions = ("sign_out",)
    ordering = ("-created_at",)
    list_display = ("email", "name", "fitness_goal", "is_active", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "fitness_goal", "sex")
    search_fields = ("email", "name")
    readonly_fields = ("last_seq", "created_at", "updated_at", "last_login", "consent_history")
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
        ("Consent", {"fields": ("consent_history",)}),
        ("Training", {"fields": ("equipment", "injuries", "availability")}),
        ("Access", {"fields": ("is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Times", {"fields": ("last_seq", "last_login", "created_at", "updated_at")}),
    )
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)
    filter_horizontal = ("groups", "user_permissions")

    @admin.display(description="What they said yes to")
    def consent_history(self, person: User) -> str:
        said = person.consents.order_by("given_at")
        return "; ".join(f"{one.kind} {one.version}: {one.given_at:%Y-%m-%d %H:%M} {_end(one)}" for one in said) or "-"

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001
        with transaction.atomic():
            super().save_model(request, obj, form, change)
            cache.forget(obj.pk)
            if not obj.is_active:
                sessions.end_all(obj.pk, timezone.now())

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        erasure.erase_person(obj.pk, timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            erasure.erase_person(person.pk, timezone.now())

    @admin.action(description="Sign the selected people out everywhere")
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            sessions.end_all(person.pk, timezone.now())


def _end(consent: Consent) -> str:
    return f"until {consent.withdrawn_at:%Y-%m-%d %H:%M}" if consent.withdrawn_at else "and still"


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
