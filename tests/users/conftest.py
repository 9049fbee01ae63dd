"""A post office for accounts: what the workers would send, and a mail server that takes it.

Invariant: letters go through Django's own SMTP backend to a real server on loopback.
"""

import re
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings

from tests.database.conftest import at_once
from tests.users import smtp_server
from tests.users.smtp_server import Mailbox
from users import letters
from users.models import Letter

__all__ = ["at_once"]


@pytest.fixture
def mailbox(settings: LazySettings) -> Iterator[Mailbox]:
    with smtp_server.running() as box:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", box.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        yield box


@pytest.fixture
def post(db: None, mailbox: Mailbox) -> Callable[[], Mailbox]:
    """Do what a worker would do with every letter that is waiting; return the mailbox."""

    def run() -> Mailbox:
        for letter_id in Letter.objects.filter(sent_at=None).order_by("created_at").values_list("pk", flat=True):
            letters.deliver(letter_id)
        return mailbox

    return run


@pytest.fixture
def token_to(post: Callable[[], Mailbox]) -> Callable[[str], str]:
    """Return the token in the newest letter to an address."""

    def find(address: str) -> str:
        text = post().to(address)[-1].get_content()
        return str(re.findall(r"#[a-z-]+=([\w-]{43})\s", text)[-1])

    return find
