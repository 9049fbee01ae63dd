"""The event feed as a program reads it over plain HTTP.

Invariant: knows the public contract only.
"""

import http.client
import json
from collections.abc import Iterator
from typing import Any

from tests.journeys.person import Person


class Stream:
    """The feed over plain HTTP, as a program reads it."""

    def __init__(self, person: Person, query: str = "", **headers: str) -> None:
        self.line = http.client.HTTPConnection(person.base.removeprefix("http://"), timeout=30)
        accept = {"Accept": "text/event-stream", "Authorization": f"Bearer {person.access}"}
        self.line.request("GET", f"/api/v1/events{query}", headers={**accept, **headers})
        self.answer = self.line.getresponse()

    def __enter__(self) -> "Stream":
        return self

    def __exit__(self, *_: object) -> None:
        self.answer.close()
        self.line.close()

    def entries(self) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield each entry's id and frame, until the server ends the stream; comments are not entries."""
        fields: dict[str, str] = {}
        for line in self.answer:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                fields[name] = value
            elif "data" in fields:
                yield int(fields["id"]), json.loads(fields["data"])
                fields = {}

    def next(self) -> tuple[int, dict[str, Any]]:
        return next(self.entries())
