"""How staff are told in their browser that they are declined before any page of theirs is reached.

Invariant: only a browser that asks for a page of `/admin/` gets one; everybody else gets the same problem document.
"""

from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string

from config import errors

PAGES = "/admin/"
HTML = "text/html"


class FormTooOld(errors.AppError):
    status = 403
    code = "csrf_failed"
    detail = "The form came from elsewhere, or is too old. Load the page again."


def answer(request: HttpRequest, error: errors.AppError) -> HttpResponse:
    """Return the problem, as a page for who asks for pages; status and headers are the same."""
    problem = errors.render(error)
    wanted = request.get_preferred_type([errors.CONTENT_TYPE, HTML])
    if wanted != HTML or not request.path.startswith(PAGES):
        return problem
    shown = {"title": problem.reason_phrase, "error": error, "wait": problem.headers.get("Retry-After")}
    problem.content = render_to_string("staff/declined.html", shown)
    problem["Content-Type"] = f"{HTML}; charset=utf-8"
    return problem


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return answer(request, FormTooOld())
