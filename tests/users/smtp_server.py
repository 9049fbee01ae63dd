"""A mail server on loopback that speaks enough SMTP (RFC 5321) for one letter at a time, and can be made to fail.

Invariant: what it has answered with 250 it has kept.
"""

import email
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage


@dataclass
class Mailbox:
    """What came in. `refusals` answers to RCPT come first; with `drops` the line is cut after the letter was taken."""

    port: int = 0
    letters: list[EmailMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    drops: int = 0

    def to(self, address: str) -> list[EmailMessage]:
        return [letter for letter in self.letters if letter["To"] == address]


class _Conversation(socketserver.StreamRequestHandler):
    server: "_Server"

    def handle(self) -> None:
        self._say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(maxsplit=1)[0].upper()
            if verb == "QUIT":
                self._say("221 bye")
                return
            if verb == "DATA":
                if not self._take():
                    return
            elif verb == "RCPT" and self.server.mailbox.refusals:
                self._say(self.server.mailbox.refusals.pop(0))
            else:
                self._say("250 fine")

    def _take(self) -> bool:
        self._say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        self.server.mailbox.letters.append(email.message_from_bytes(b"".join(lines), policy=policy.default))
        if self.server.mailbox.drops:
            self.server.mailbox.drops -= 1
            return False
        self._say("250 taken")
        return True

    def _say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True
    mailbox: Mailbox


@contextmanager
def running() -> Iterator[Mailbox]:
    """Yield the mailbox of a server that runs until the end."""
    with _Server(("127.0.0.1", 0), _Conversation) as server:
        server.mailbox = Mailbox(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.mailbox
        finally:
            server.shutdown()
            thread.join()
