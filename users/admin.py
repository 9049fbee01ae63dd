"""People for staff, and what staff did and saw.

Invariant: staff see and steer accounts; a password is only ever set, never shown, and neither are other secrets. What
people say of their body is shown to some, and noted.
"""

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.core.exceptions import ValidationError as FormError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from pydantic import ValidationError

from config import cache, second_factor
from config.admin import ChangesPage, ReadOnlyPage
from users import erasure, events, lifecycle, roles, schemas, sessions, vocabulary
from users.audit import Watched
from users.models import Consent, Erasure, Event, Export, HealthView, Letter, Session, User

ACCOUNT = ("email", "name", "timezone", "units", "is_email_verified")
BODY = ("age", "sex", "height", "weight", "body_fat", "conditions")
GOAL = ("fitness_goal", "goal_rate", "activity_level", "training_level")
FOOD = (
    *("dietary_preferences", "allergies", "disliked_foods"),
    *("meals_per_day", "max_prep_minutes", "budget", "leftovers"),
)
TRAINING = ("equipment", "injuries", "availability")


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
    """A password that staff set, or take away, ends every session of the person, who is told so."""

    def save(self, commit: bool = True) -> User:  # noqa: FBT001, FBT002 - Django's signature
        with transaction.atomic():
            person: User = super().save(commit)
            lifecycle.password_was_set(person.pk, timezone.now())
        return person


@admin.register(User)
class UserPage(Watched, ChangesPage, UserAdmin):  # type: ignore[type-arg]
    form, add_form, change_password_form = PersonForm, NewPerson, PasswordByStaff
    actions = ("sign_out", "forget_second_factor", "invite")
    ordering = ("-created_at",)
    list_display = ("email", "name", "is_active", "is_staff", "created_at")
    list_filter = ("is_active", "is_staff", "is_superuser", "groups")
    search_fields = ("email", "name")
    readonly_fields = ("last_seq", "created_at", "updated_at", "last_login", "consent_history", "has_second_factor")
    show_full_result_count = False
    health_fields = (*BODY, *GOAL, *FOOD, *TRAINING)
    whose = "pk"
    add_fieldsets = ((None, {"fields": ("email", "name", "password1", "password2")}),)
    filter_horizontal = ("groups",)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Leave out what the person says of their body, and the password, for who may not see or set them."""
        if obj is None:
            return self.add_fieldsets
        health = (("Body", BODY), ("Goal", GOAL), ("Food", FOOD), ("Training", TRAINING))
        parts = (
            (None, (*ACCOUNT, *(("password",) if self.has_change_permission(request, obj) else ()))),
            *(health if self.shows_health(request) else ()),
            ("Consent", ("consent_history",)),
            ("Access", ("is_active", "is_staff", "is_superuser", "groups", "has_second_factor")),
            ("Times", ("last_seq", "last_login", "created_at", "updated_at")),
        )
        return tuple((title, {"fields": fields}) for title, fields in parts)

    def has_view_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_view_permission(request, obj) and self.shows_health(request)

    def has_change_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_view_history_or_change_history_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Show earlier values, which are health data too, to who may see today's."""
        return self.has_view_history_permission(request, obj)

    def render_history_view(self, request: HttpRequest, template: str, context: Any, **more: Any) -> HttpResponse:
        self._note(request, context.get("object") or context["original"], "history")
        shown: HttpResponse = super().render_history_view(request, template, context, **more)
        return shown

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Say that everything goes; `erasure` knows what that is, and no page needs to list it."""
        people = [f"{person.email}, and everything of theirs" for person in objs]
        return people, {str(self.opts.verbose_name_plural): len(people)}, set(), []

    @admin.display(description="Second factor", boolean=True)
    def has_second_factor(self, person: User) -> bool:
        return second_factor.is_enrolled(person)

    @admin.display(description="What they said yes to")
    def consent_history(self, person: User) -> str:
        said = person.consents.order_by("given_at")
        return "; ".join(f"{one.kind} {one.version}: {one.given_at:%Y-%m-%d %H:%M} {_end(one)}" for one in said) or "-"

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:  # noqa: FBT001
        """Store what was changed; `last_seq` may have grown since the form was shown."""
        columns = {field.name for field in User._meta.concrete_fields}  # noqa: SLF001 - Django's documented name
        changed = sorted(columns.intersection(form.changed_data))
        with transaction.atomic():
            if change:
                obj.last_seq = sessions.hold(obj.pk).last_seq
            super().save_model(request, obj, form, change)
            cache.forget(obj.pk)
            if change and changed:
                events.record(obj.pk, events.ProfileUpdated(changed))
            if not obj.is_active:
                sessions.end_all(obj.pk, timezone.now())

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        erasure.erase_person(obj.pk, timezone.now())

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            erasure.erase_person(person.pk, timezone.now())

    @admin.action(description="Sign the selected people out everywhere", permissions=["change"])
    def sign_out(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset:
            sessions.end_all(person.pk, timezone.now())
            self.log_change(request, person, "Signed out everywhere.")

    @admin.action(description="Forget the lost second factor of the selected staff", permissions=["change"])
    def forget_second_factor(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for person in queryset.filter(is_staff=True):
            second_factor.reset(person)
            self.log_change(request, person, "Second factor forgotten.")

    @admin.action(description="Invite the selected staff to set up a second factor", permissions=["change"])
    def invite(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        """Show a code for each who has none, once, to be handed over to them and nobody else."""
        for person in queryset.filter(is_staff=True, is_active=True):
            if second_factor.is_enrolled(person):
                self.message_user(request, f"{person.email} has a second factor.", messages.WARNING)
                continue
            self.message_user(request, f"{person.email}, within three days: {second_factor.invite(person)}")
            self.log_change(request, person, "Invited to set up a second factor.")


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


@admin.register(Letter)
class LetterPage(ReadOnlyPage):
    fields = ("user", "kind", "address", "attempts", "created_at", "run_after", "sent_at", "expires_at")
    list_display = ("address", "kind", "created_at", "sent_at", "attempts", "expires_at")
    list_filter = ("kind", ("sent_at", admin.EmptyFieldListFilter))
    search_fields = ("address",)
    date_hierarchy = "created_at"


@admin.register(Export)
class ExportPage(ReadOnlyPage):
    """When somebody asked for a copy, and whether it was made; never what is in it."""

    fields = ("user", "attempts", "created_at", "run_after", "finished_at", "expires_at")
    list_display = ("user", "created_at", "finished_at", "attempts", "expires_at")
    list_select_related = ("user",)
    search_fields = ("user__email",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Export]:
        return super().get_queryset(request).defer("document")


@admin.register(Erasure)
class ErasurePage(ReadOnlyPage):
    list_display = ("user_id", "erased_at")
    search_fields = ("=user_id",)
    date_hierarchy = "erased_at"


@admin.register(HealthView)
class HealthViewPage(ReadOnlyPage):
    """Who of the staff looked at whose health data."""

    list_display = ("seen_at", "staff_email", "user_email", "page", "object_id")
    list_select_related = ("staff", "user")
    search_fields = ("staff__email", "user__email")
    list_filter = ("page",)
    date_hierarchy = "seen_at"

    @admin.display(description="who", ordering="staff__email")
    def staff_email(self, row: HealthView) -> str:
        return row.staff.email if row.staff else "an account that is gone"

    @admin.display(description="whose", ordering="user__email")
    def user_email(self, row: HealthView) -> str:
        return row.user.email


@admin.register(LogEntry)
class StaffLogPage(ReadOnlyPage):
    """What staff did: who signed in, who failed to, and what was changed by whom."""

    fields = list_display = ("action_time", "who", "what", "object_repr", "change_message")
    list_select_related = ("user", "content_type")
    search_fields = ("user__email",)
    date_hierarchy = "action_time"

    @admin.display(description="who", ordering="user__email")
    def who(self, row: LogEntry) -> str:
        return str(row.user.email)

    @admin.display(description="what")
    def what(self, row: LogEntry) -> str:
        return str(row.content_type)


admin.site.unregister([Group, TOTPDevice, StaticDevice])  # their own pages edit roles, and show secrets


@admin.register(Group)
class RolePage(ReadOnlyPage, GroupAdmin):
    """The roles; what they may do is in `users.roles`, so that nobody finds out by trying."""

    fields = ("name", "may")
    readonly_fields = ("may",)
    filter_horizontal = ()

    @admin.display(description="may")
    def may(self, group: Group) -> str:
        return ", ".join(sorted(roles.permissions_of(group.name))) or "nothing: this is no role"
