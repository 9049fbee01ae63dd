"""Make every file under clients/ that follows from the code.

Invariant: what it writes depends on the code and the lock file of clients/typescript alone.
"""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from workers.management.contracts import documents, node, postman

CLIENTS = Path(settings.BASE_DIR) / "clients"


def generated() -> dict[Path, str]:
    """Return the text of every generated file.

    :raises node.NodeFailed: openapi-typescript cannot be installed or run.
    """
    api, socket = documents.openapi(), documents.asyncapi()
    typescript, collection = CLIENTS / "typescript", CLIENTS / "postman"
    return {
        CLIENTS / "openapi.json": documents.text(api),
        CLIENTS / "asyncapi.json": documents.text(socket),
        typescript / "src" / "schema.ts": documents.types(api, typescript),
        typescript / "src" / "events.ts": documents.types(documents.messages(socket), typescript),
        collection / "regimen.postman_collection.json": documents.text(
            postman.collection(api, collection / "journeys.json")
        ),
        collection / "regimen.postman_environment.json": documents.text(postman.environment()),
    }


def stale(files: dict[Path, str]) -> list[str]:
    """Return the names of those that are not, or not so, on disk."""
    return [str(path.relative_to(CLIENTS)) for path, text in files.items() if _read(path) != text]


class Command(BaseCommand):
    help = "Make the API documents, the TypeScript types and the Postman collection under clients/."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="write nothing; fail when a file is out of date")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            files = generated()
        except node.NodeFailed as reason:
            raise CommandError(str(reason)) from reason
        old = stale(files)
        if options["check"] and old:
            raise CommandError(f"out of date: {', '.join(old)}; run `python3 manage.py generate_contracts`")
        for path, text in files.items():
            path.write_text(text, encoding="utf-8")
        self.stdout.write(f"made anew: {', '.join(old) or 'nothing'}")


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.exists() else None
