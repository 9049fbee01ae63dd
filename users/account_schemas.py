"""What goes in and out of looking after an account: consents, sessions, letters with links, passwords, exports.

Invariant: a password or a token only ever comes in.
"""

import datetime as dt
from typing import Annotated, Literal

from ninja import Schema
from pydantic import BaseModel, Field

from config.schemas import In, example
from users import examples
from users.schemas import Email, NewPassword, Password

Token = Annotated[str, Field(strict=True, min_length=1, max_length=200, description="from the link in the letter")]


class ConsentRecord(BaseModel):
    """One yes: to which version of the text, and from when to when it stood."""

    version: str
    given_at: dt.datetime
    withdrawn_at: dt.datetime | None


class Consent(Schema):
    """A text of today's `version`; `given` while the person's yes to this very version stands."""

    kind: str
    version: str
    text: str
    given: bool
    history: list[ConsentRecord]


class Consents(Schema):
    """What a person may say yes to, and all that they said, newest first."""

    model_config = example(items=[examples.CONSENT])

    items: list[Consent]


class Session(Schema):
    """A device that is signed in. `last_seen` is when it last got tokens, which is every ten minutes of use."""

    id: str
    device: str
    created_at: dt.datetime
    last_seen: dt.datetime
    current: bool


class Sessions(Schema):
    """Where the person is signed in, the last used first."""

    model_config = example(items=[examples.SESSION])

    items: list[Session]


class Address(Email):
    model_config = example(email="ada@example.org")


class Confirmation(In):
    model_config = example(token=examples.LETTER_TOKEN)

    token: Token


class EmailChange(Email):
    """The new address, and the password as proof of who asks."""

    model_config = example(email="ada@example.net", password="correct horse battery")  # noqa: S106 - an example

    password: Password


class NewPasswordByLetter(In):
    model_config = example(token=examples.LETTER_TOKEN, password="four blue kettles sing")  # noqa: S106 - an example

    token: Token
    password: NewPassword


class PasswordChange(In):
    model_config = example(
        current_password="correct horse battery",  # noqa: S106 - an example
        password="four blue kettles sing",  # noqa: S106 - an example
    )

    current_password: Password
    password: NewPassword


class Farewell(In):
    """The password, as proof of who asks."""

    model_config = example(password="correct horse battery")  # noqa: S106 - an example

    password: Password


class Export(Schema):
    """A copy of everything that is stored about the person: when it is there, `links.file` is the ZIP."""

    model_config = example(**examples.EXPORT)

    id: str
    status: Literal["queued", "succeeded", "failed"]
    created_at: dt.datetime
    finished_at: dt.datetime | None
    expires_at: dt.datetime
    links: dict[str, str]
