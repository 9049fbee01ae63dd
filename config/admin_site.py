"""The staff's pages as a whole: who gets in, by a password and a code, and for how long.

Invariant: every page but the three that lead in (`login`, `second-factor`, `enrol`) is shown only to staff who have
given a code in this session, where `settings.STAFF_TOTP` asks for it; production always does. Whatever is tried on the
way in is noted.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import django_otp
from django import forms
from django.conf import settings
from django.contrib import auth
from django.contrib.admin import AdminSite
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.module_loading import import_string
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache

from config import history, second_factor, staff_log

View = Callable[..., HttpResponse]
BEGUN = "begun"  # in a session: when it was first seen, in seconds of the epoch
INVITED = "invited"  # in a session: an invitation to set up a second factor was used up
FOUND = 302


class CodeForm(forms.Form):
    """A code of the app, a recovery code, or an invitation."""

    code = forms.CharField(
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "autocapitalize": "off"}),
    )


class StaffSite(AdminSite):
    site_header = site_title = "Regimen"
    index_title = "Staff"
    index_template = "staff/index.html"

    def has_permission(self, request: HttpRequest) -> bool:
        return super().has_permission(request) and (not settings.STAFF_TOTP or _is_verified(request))

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Add the way in, and the page on which staff renew their recovery codes."""
        own = [
            path("second-factor/", _leading_in(self.second_factor), name="second_factor"),
            path("enrol/", _leading_in(self.enrol), name="enrol"),
            path("recovery-codes/", self.admin_view(self.recovery_codes), name="recovery_codes"),
        ]
        return [*own, *super().get_urls()]

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:  # noqa: FBT001, FBT002 - Django's signature
        """Show `view` to whom it is for, and record what they change in it."""
        shown: View = super().admin_view(view, cacheable)

        def guarded(request: HttpRequest, *arguments: Any, **named: Any) -> HttpResponse:
            _end_if_old(request)
            if request.path == reverse("admin:logout") and request.user.is_authenticated:
                return self.logout(request)  # also of who has given no code yet
            if _lacks_code(request):
                return _on_to("admin:second_factor", request.get_full_path())
            with history.staff_acting(request):
                return shown(request, *arguments, **named)

        return update_wrapper(guarded, view)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Ask for a password, and note what comes of it."""
        shown: HttpResponse = super().login(request, extra_context)
        if request.method == "POST":
            if shown.status_code == FOUND:
                staff_log.note(request.user, "Gave the password.")
            else:
                staff_log.note_attempt(request.POST.get("username", ""), "A wrong password was given.")
        return shown

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Set one's own password, which ends every session that the old one opened but this."""
        with transaction.atomic():
            shown = super().password_change(request, extra_context)
            if request.method == "POST" and shown.status_code == FOUND:
                import_string(settings.PASSWORD_WAS_SET)(request.user.pk, timezone.now())
                staff_log.note(request.user, "Changed their password.")
        return shown

    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Ask for a code; who has no device yet is led to enrol one."""
        if not second_factor.is_enrolled(request.user):
            return _on_to("admin:enrol", _goal(request))
        form = CodeForm(request.POST or None)
        if form.is_valid():
            if device := second_factor.verify(request.user, form.cleaned_data["code"]):
                _let_in(request, device)
                staff_log.note(request.user, f"Gave a code of their {device.name}.")
                return HttpResponseRedirect(_goal(request))
            staff_log.note(request.user, "A wrong code was given.")
            form.add_error("code", "This code does not open anything now. After wrong ones, wait before the next.")
        return self._page(request, "second_factor", "Enter a code", form=form)

    def enrol(self, request: HttpRequest) -> HttpResponse:
        """Offer the invited a secret to put into an app; the first right code makes it their second factor."""
        if second_factor.is_enrolled(request.user):
            return _on_to("admin:second_factor", _goal(request))
        if INVITED not in request.session:
            return self._invitation(request)
        form = CodeForm(request.POST or None)
        if form.is_valid():
            if device := second_factor.enrol(request.user, form.cleaned_data["code"]):
                _let_in(request, device)
                del request.session[INVITED]
                staff_log.note(request.user, "Set up a second factor.")
                return self._codes(request)
            form.add_error("code", "This is not the app's code of this moment. Is the clock of its device right?")
        offered = second_factor.offered(request.user)
        shown = {"picture": mark_safe(second_factor.picture(offered)), "secret": second_factor.secret_in_words(offered)}  # noqa: S308 - drawn by us
        return self._page(request, "enrol", "Set up a second factor", form=form, **shown)

    def _invitation(self, request: HttpRequest) -> HttpResponse:
        form = CodeForm(request.POST or None)
        if form.is_valid():
            if second_factor.accept(request.user, form.cleaned_data["code"]):
                request.session[INVITED] = True
                request.session.cycle_key()
                staff_log.note(request.user, "Used an invitation.")
                return _on_to("admin:enrol", _goal(request))
            staff_log.note(request.user, "A wrong invitation was given.")
            form.add_error("code", "This invitation opens nothing now. It may be too old, or used.")
        return self._page(request, "invitation", "Show your invitation", form=form)

    def recovery_codes(self, request: HttpRequest) -> HttpResponse:
        """Say how many recovery codes are left, and renew them when asked to."""
        if request.method == "POST":
            return self._codes(request)
        return self._page(request, "recovery", "Recovery codes", left=second_factor.codes_left(request.user))

    def _codes(self, request: HttpRequest) -> HttpResponse:
        codes = second_factor.new_recovery_codes(request.user)
        staff_log.note(request.user, "Was given new recovery codes.")
        return self._page(request, "codes", "Recovery codes", codes=codes)

    def _page(self, request: HttpRequest, template: str, title: str, **more: Any) -> HttpResponse:
        context = {**self.each_context(request), "title": title, "goal": _goal(request), **more}
        return TemplateResponse(request, f"staff/{template}.html", context)


def _leading_in(view: View) -> View:
    """Show a page of the way in to staff who have given their password and no code yet."""

    @never_cache
    def shown(request: HttpRequest) -> HttpResponse:
        _end_if_old(request)
        if not (request.user.is_active and request.user.is_staff):
            return _on_to("admin:login", _goal(request))
        if _is_verified(request) or not settings.STAFF_TOTP:
            return HttpResponseRedirect(_goal(request))
        return view(request)

    return shown


def _is_verified(request: HttpRequest) -> bool:
    return bool(request.user.is_verified())  # type: ignore[union-attr]  # django-otp's middleware adds it


def _lacks_code(request: HttpRequest) -> bool:
    user = request.user
    return settings.STAFF_TOTP and user.is_active and user.is_staff and not _is_verified(request)


def _let_in(request: HttpRequest, device: Any) -> None:
    django_otp.login(request, device)
    request.session.cycle_key()


def _end_if_old(request: HttpRequest) -> None:
    """End a session of staff that began too long ago, however busy it was."""
    if not request.user.is_authenticated:
        return
    now = timezone.now().timestamp()
    if now - request.session.setdefault(BEGUN, now) > settings.STAFF_SESSION_LIFETIME.total_seconds():
        auth.logout(request)


def _goal(request: HttpRequest) -> str:
    """Return where the person was going: a page of ours, else the first one."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if ours else reverse("admin:index")


def _on_to(name: str, goal: str) -> HttpResponse:
    return redirect(f"{reverse(name)}?{urlencode({'next': goal})}")
