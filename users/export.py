"""A copy of everything that is stored about a person: a ZIP with one JSON and one CSV file for each table.

Invariant: the tables are those of `belongings`, so none can be forgotten; what is left out are secrets, by name. One
export a person; a worker makes it from its row, however often it is told to, and it goes after a week.
"""

import csv
import datetime as dt
import io
import json
import logging
import uuid
import zipfile
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.models import F, Model
from django.db.models.functions import Now
from django.utils.module_loading import import_string

from config import errors
from config.broker import nudge
from users import account_schemas, belongings, sessions
from users.models import Export, User

ACTOR = "make_export"
BATCH = 200
LEASE = dt.timedelta(minutes=3)  # longer than an actor may run
MOST_ATTEMPTS = 3
GOOD_FOR = dt.timedelta(days=7)
SECRETS = {
    "password",
    "token_hash",
    "document",
    "lease_token",
    "otp_totp_totpdevice.key",
    "otp_static_statictoken.token",
}  # of whatever table where none is named: they open something, or are this
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet would run such a text (OWASP, CSV Injection)

READ_ME = """Everything that Regimen stores about you, table by table.

json/  each table as a list of rows, exactly as it is stored
csv/   the same for spreadsheets; a text that a spreadsheet would take for a formula has an apostrophe before it

Weights are kg, heights cm, energy kcal, instants UTC. Left out are the hashes of your password and of one-time tokens.
"""

log = logging.getLogger(__name__)


class NoExport(errors.NotFound):
    code = "no_export"
    detail = "There is no such export, or its time is over. Ask for another."


class NotReady(errors.AppError):
    status = 409
    code = "export_not_ready"
    detail = "The export is not there yet. Ask again shortly."


@transaction.atomic
def request(*, user: User, now: dt.datetime) -> Export:
    """Return the export that is being made for this person, a new one when there is none; an earlier one goes."""
    sessions.hold(user.pk)
    Export.objects.filter(user=user).exclude(finished_at=None, expires_at__gt=now, attempts__lt=MOST_ATTEMPTS).delete()
    made, is_new = Export.objects.get_or_create(
        user=user, defaults={"created_at": now, "run_after": now, "expires_at": now + GOOD_FOR}
    )
    if is_new:
        nudge(ACTOR, made.pk)
    return made


def find(user_id: int, export_id: uuid.UUID, now: dt.datetime) -> Export:
    """Return the person's export without its document.

    :raises NoExport: when there is none of theirs that is still good.
    """
    found = Export.objects.defer("document").filter(pk=export_id, user_id=user_id, expires_at__gt=now).first()
    if found is None:
        raise NoExport
    return found


def document(user_id: int, export_id: uuid.UUID, now: dt.datetime) -> bytes:
    """Return the ZIP.

    :raises NoExport: when there is none of theirs that is still good.
    :raises NotReady: when it is still to be made.
    """
    stored = find(user_id, export_id, now).document
    if stored is None:
        raise NotReady(headers={"Retry-After": "1"})
    return bytes(stored)


def shown(made: Export) -> account_schemas.Export:
    """Return an export as clients see it."""
    here = f"/api/v1/profile/export/{made.pk}"
    done = made.finished_at is not None
    return account_schemas.Export(
        id=str(made.pk),
        status="succeeded" if done else "failed" if made.attempts >= MOST_ATTEMPTS else "queued",
        created_at=made.created_at,
        finished_at=made.finished_at,
        expires_at=made.expires_at,
        links={"self": here} | ({"file": f"{here}/file"} if done else {}),
    )


def make(export_id: uuid.UUID) -> None:
    """Make an export that is due. May run any number of times, anywhere: one run's document is stored."""
    if not _due().filter(pk=export_id).update(attempts=F("attempts") + 1, run_after=Now() + LEASE):
        return
    user_id = Export.objects.values_list("user_id", flat=True).get(pk=export_id)
    made = archive(user_id)
    Export.objects.filter(pk=export_id, finished_at=None).update(document=made, finished_at=Now())
    log.info("export made", extra={"bytes": len(made)})


def archive(user_id: int) -> bytes:
    """Return a ZIP of every row that is the person's."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("README.txt", READ_ME)
        theirs: list[tuple[type[Model], str]] = [(User, "pk"), *belongings.tables()]
        for model, path in theirs:
            names, found = columns(model), list(_rows(model, path, user_id))
            name = model._meta.db_table
            file.writestr(f"json/{name}.json", json.dumps(found, cls=DjangoJSONEncoder, indent=1, ensure_ascii=False))
            file.writestr(f"csv/{name}.csv", _csv(names, found))
    return buffer.getvalue()


def columns(model: type[Model]) -> list[str]:
    """Return the columns of a table that a person is given."""
    named = {
        field.attname: {field.name, f"{model._meta.db_table}.{field.name}"} for field in model._meta.concrete_fields
    }
    return [name for name, names in named.items() if not names & SECRETS]


def send_again() -> int:
    """Nudge the workers for exports that are due and that nobody took; return how many. For the clock."""
    late = _due().filter(run_after__lte=Now() - settings.JOB_RESEND)
    due = list(late.order_by("run_after").values_list("pk", flat=True)[:BATCH])
    for export_id in due:
        nudge(ACTOR, export_id)
    _due().filter(pk__in=due).update(run_after=Now())
    return len(due)


def prune() -> int:
    """Remove exports whose time is over; return how many. For the clock."""
    return Export.objects.filter(expires_at__lte=Now()).delete()[0]


def _due() -> Any:
    return Export.objects.filter(
        finished_at=None, run_after__lte=Now(), expires_at__gt=Now(), attempts__lt=MOST_ATTEMPTS
    )


def _rows(model: type[Model], path: str, user_id: int) -> Iterable[dict[str, Any]]:
    if finder := settings.KEPT_ELSEWHERE.get(model._meta.db_table):
        found = import_string(finder)(user_id)
        return ({name: getattr(row, name) for name in columns(model)} for row in found)
    return belongings.rows(model, path, user_id).order_by("pk").values(*columns(model)).iterator()


def _csv(names: list[str], found: list[dict[str, Any]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(names)
    writer.writerows([_cell(row[name]) for name in names] for row in found)
    return text.getvalue()


def _cell(value: Any) -> Any:
    """Return what a spreadsheet shows: a list as JSON, and a text that it would take for a formula quoted."""
    if isinstance(value, list | dict):
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False)
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA) else value
