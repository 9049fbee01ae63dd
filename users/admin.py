"""People for staff.

Invariant: staff see and steer accounts; a password is only ever set, never shown.
"""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from config.admin import ReadOnlyPage
from users.models import Event, Session, User


@admin.register(User)
class UserPage(UserAdmin):  # type: ignore[type-arg]  # generic in the stubs only
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
