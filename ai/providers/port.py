"""The port to models: what a provider is asked, what it answers, and how it fails.

Invariant: a provider returns text that nobody has believed yet; whatever goes wrong with it is a `ProviderDown`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent: our rules, one JSON document of data, and the JSON schema that the answer must have."""

    system: str
    user: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's text and what it cost in tokens; estimated where the provider does not say."""

    text: str
    prompt_tokens: int
    completion_tokens: int


class ProviderDown(Exception):  # noqa: N818 - an outcome
    """No usable answer. `reason` is `timeout`, `unavailable` or `invalid`; `detail` never quotes the exchange.

    `again` says that another try may help, and `retry_after` (s) when; `lower_mode` that a laxer schema mode might.
    `blames` says that the provider is ill, which its circuit breaker counts; what it spent is in `tokens`.
    """

    def __init__(  # noqa: PLR0913
        self,
        reason: str,
        detail: str,
        *,
        again: bool = False,
        retry_after: float | None = None,
        lower_mode: bool = False,
        blames: bool = True,
        tokens: tuple[int, int] = (0, 0),
    ) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail
        self.again = again
        self.retry_after = retry_after
        self.lower_mode = lower_mode
        self.blames = blames
        self.tokens = tokens


class Provider(Protocol):
    """One model behind one address."""

    def ask(
        self,
        question: Question,
        *,
        mode: str,
        seconds: float,
        should_stop: Callable[[], bool],
        heard: Callable[[int], None],
    ) -> Reply:
        """Return the model's reply within `seconds`, all told; `mode` is one of SCHEMA_MODES.

        `heard` is called with the number of characters received so far as they stream in; it may raise to end the
        exchange. Once `should_stop` says so, the connection is closed within 2 s. Both may use the database.

        :raises ProviderDown: for anything but a whole answer.
        """
        ...
