"""The staff's pages as a whole: who gets in, by a password and a code, and for how long.

Invariant: every page but the three that lead in (`login`, `second-factor`, `enrol`) is shown only to staff who have
given a code in this session, where `settings.STAFF_TOTP` asks for it; production always does.
"""

from collections.abc import Callable
from functools import update_wrapper
from typing import Any

import django_otp
from django import forms
from django.conf import settings
from django.contrib import auth
from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache

from config import history, second_factor

View = Callable[..., HttpResponse]
BEGUN = "begun"  # in a session: when it was first seen, in seconds of the epoch


class CodeForm(forms.Form):
    """A code of the app, or a recovery code."""

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

    def second_factor(self, request: HttpRequest) -> HttpResponse:
        """Ask for a code; who has no device yet is led to enrol one."""
        if not second_factor.is_enrolled(request.user):
            return _on_to("admin:enrol", _goal(request))
        form = CodeForm(request.POST or None)
        if form.is_valid():
            if device := second_factor.verify(request.user, form.cleaned_data["code"]):
                _let_in(request, device)
                return HttpResponseRedirect(_goal(request))
            form.add_error("code", "This code does not open anything now. After wrong ones, wait before the next.")
        return self._page(request, "second_factor", "Enter a code", form=form)

    def enrol(self, request: HttpRequest) -> HttpResponse:
        """Offer a secret to put into an app; the first right code makes it the person's second factor."""
        if second_factor.is_enrolled(request.user):
            return _on_to("admin:second_factor", _goal(request))
        form = CodeForm(request.POST or None)
        if form.is_valid():
            if device := second_factor.enrol(request.user, form.cleaned_data["code"]):
                _let_in(request, device)
                return self._codes(request)
            form.add_error("code", "This is not the app's code of this moment. Is the clock of its device right?")
        offered = second_factor.offered(request.user)
        shown = {"picture": mark_safe(second_factor.picture(offered)), "secret": second_factor.secret_in_words(offered)}  # noqa: S308 - drawn by us
        return self._page(request, "enrol", "Set up a second factor", form=form, **shown)

    def recovery_codes(self, request: HttpRequest) -> HttpResponse:
        """Say how many recovery codes are left, and renew them when asked to."""
        if request.method == "POST":
            return self._codes(request)
        return self._page(request, "recovery", "Recovery codes", left=second_factor.codes_left(request.user))

    def _codes(self, request: HttpRequest) -> HttpResponse:
        codes = second_factor.new_recovery_codes(request.user)
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
