"""Looking after an account over HTTP: sessions, addresses, passwords, a copy of everything.

Invariant: what may be asked for by address alone answers the same for every address.
"""

import uuid

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router, Status

from users import account_schemas, export, lifecycle, selectors, sessions
from users.auth import Request, bearer

router = Router()


@router.get(
    "/sessions",
    response=account_schemas.Sessions,
    auth=bearer,
    summary="Where I am signed in",
    operation_id="listSessions",
)
def list_sessions(request: Request) -> account_schemas.Sessions:
    """List the live sessions, the last used first; `current` is the one that asks."""
    return selectors.sessions(request.auth, timezone.now())


@router.delete(
    "/sessions/{session_id}",
    response={204: None},
    auth=bearer,
    summary="Sign one device out",
    operation_id="endSession",
)
def end_session(request: Request, session_id: uuid.UUID) -> Status[None]:
    """End a session: its next request, its refresh token and its socket are refused. 404 `no_session`."""
    if not sessions.end(request.auth.pk, session_id, timezone.now()):
        raise sessions.NoSession
    return Status(204, None)


@router.post("/logout-all", response={204: None}, auth=bearer, summary="Sign out everywhere", operation_id="logoutAll")
def logout_all(request: Request) -> Status[None]:
    """End every session, the one that asks included."""
    sessions.end_all(request.auth.pk, timezone.now())
    return Status(204, None)


@router.post(
    "/email/verify",
    response={202: None},
    summary="Send the letter that confirms an address",
    operation_id="requestEmailVerification",
)
def request_email_verification(request: HttpRequest, body: account_schemas.Address) -> Status[None]:
    """Answer the same whether or not the address has an account; a letter goes only to one that is not confirmed."""
    lifecycle.request_verification(email=body.email, now=timezone.now())
    return Status(202, None)


@router.post(
    "/email/verify/confirm",
    response={204: None, 409: None},
    summary="Confirm an address with a letter's token",
    operation_id="confirmEmail",
)
def confirm_email(request: HttpRequest, body: account_schemas.Confirmation) -> Status[None]:
    """Confirm the account's address, or the one that it is to change to. The token works once.

    422 `token_invalid`; 409 `email_taken` when the new address got an account in between.
    """
    lifecycle.confirm_email(token=body.token, now=timezone.now())
    return Status(204, None)


@router.post(
    "/email/change",
    response={202: None},
    auth=bearer,
    summary="Change the address of the account",
    operation_id="requestEmailChange",
)
def request_email_change(request: Request, body: account_schemas.EmailChange) -> Status[None]:
    """Send a letter to the new address; once it is confirmed there, the account has it, and the old one is told.

    Answers the same when the new address has an account already. 401 `wrong_password`.
    """
    lifecycle.request_email_change(user=request.auth, email=body.email, password=body.password, now=timezone.now())
    return Status(202, None)


@router.post(
    "/password/reset",
    response={202: None},
    summary="Send the letter that lets one choose a new password",
    operation_id="requestPasswordReset",
)
def request_password_reset(request: HttpRequest, body: account_schemas.Address) -> Status[None]:
    """Answer the same, and as fast, whether or not the address has an account."""
    lifecycle.request_reset(email=body.email, now=timezone.now())
    return Status(202, None)


@router.post(
    "/password/reset/confirm",
    response={204: None},
    summary="Choose a new password with a letter's token",
    operation_id="resetPassword",
)
def reset_password(request: HttpRequest, body: account_schemas.NewPasswordByLetter) -> Status[None]:
    """Set the password and end every session. The token works once, within an hour. 422 `token_invalid`."""
    lifecycle.reset_password(token=body.token, password=body.password, now=timezone.now())
    return Status(204, None)


@router.post(
    "/password/change", response={204: None}, auth=bearer, summary="Change the password", operation_id="changePassword"
)
def change_password(request: Request, body: account_schemas.PasswordChange) -> Status[None]:
    """Set the password and end every other session. 401 `wrong_password` when `current_password` is another one."""
    lifecycle.change_password(
        user=request.auth, current=body.current_password, password=body.password, now=timezone.now()
    )
    return Status(204, None)


@router.post(
    "/profile/export",
    response={202: account_schemas.Export},
    auth=bearer,
    summary="Ask for a copy of everything",
    operation_id="requestExport",
)
def request_export(request: Request, response: HttpResponse) -> Status[account_schemas.Export]:
    """Accept the job, or name the one that is under way. Follow it at its `Location`."""
    asked = export.shown(export.request(user=request.auth, now=timezone.now()))
    response["Location"], response["Retry-After"] = asked.links["self"], "1"
    return Status(202, asked)


@router.get(
    "/profile/export/{export_id}",
    response=account_schemas.Export,
    auth=bearer,
    summary="How far an export is",
    operation_id="getExport",
)
def get_export(request: Request, export_id: uuid.UUID) -> account_schemas.Export:
    """Show an export; `links.file` is there once it has succeeded. It goes after a week, or with the next one."""
    return export.shown(export.find(request.auth.pk, export_id, timezone.now()))


@router.get(
    "/profile/export/{export_id}/file",
    response={200: None, 409: None},
    auth=bearer,
    summary="The copy of everything",
    operation_id="downloadExport",
    openapi_extra={
        "responses": {
            200: {"content": {"application/zip": {"schema": {"type": "string", "contentEncoding": "binary"}}}}
        }
    },
)
def download_export(request: Request, export_id: uuid.UUID) -> HttpResponse:
    """Send the ZIP: each table as JSON and as CSV. 409 `export_not_ready` while it is being made."""
    made = export.document(request.auth.pk, export_id, timezone.now())
    headers = {"Content-Disposition": 'attachment; filename="regimen-export.zip"', "Cache-Control": "no-store"}
    return HttpResponse(made, content_type="application/zip", headers=headers)
