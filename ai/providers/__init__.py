"""The port to models: what a provider is asked, what it answers, and how it fails.

Invariant: a provider returns text that nobody has believed yet; whatever goes wrong with it is a `ProviderDown`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Question:
    """What is sent: messages, and the JSON schema that the answer must have."""

    messages: Sequence[Mapping[str, str]]
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Reply:
    """A model's text and what it cost."""

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0


class ProviderDown(Exception):  # noqa: N818 - an outcome
    """No usable answer. `reason` is `timeout`, `unavailable` or `invalid`; `detail` never quotes the exchange."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason = reason
        self.detail = detail


class Provider(Protocol):
    """One model behind one address."""

    @property
    def name(self) -> str: ...

    @property
    def model(self) -> str: ...

    def ask(self, question: Question, *, seconds: float, should_stop: Callable[[], bool]) -> Reply:
        """Return the model's reply within `seconds`, all told.

        :raises ProviderDown: otherwise.
        """
        ...
