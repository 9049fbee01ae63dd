"""What all dialects share: how a schema is asked for in words, and how a reply is put together from what is heard.

Invariant: a reply is whole, of bounded size, and exactly the model's text; its tokens are plausible or estimated.
"""

import json
import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ai.providers.documents import MAX_BYTES
from ai.providers.http import Call
from ai.providers.port import ProviderDown, Question, Reply
from config.providers import ProviderSettings

TOOL = "hand_over_plan"
TOOL_PURPOSE = "Hand over the plan."
CHARACTERS_A_TOKEN = 3.5  # of English and JSON, on the safe side of the usual 4
MOST_TOKENS = 10_000_000  # what claims more is not believed

WHOLE = "whole"
CUT_OFF = "cut off at its longest"
DECLINED = "declined by the model or its guard"


def in_words(question: Question) -> str:
    """Return the system text with the schema in it, for a model that cannot be held to one."""
    schema = json.dumps(question.schema, separators=(",", ":"))
    return f"{question.system}\n\nAnswer with one JSON object of this JSON schema, and nothing around it:\n{schema}"


def at(document: Any, *path: str | int) -> Any:
    """Return what stands at a path of names and indexes; None where anything is missing or of another shape."""
    for step in path:
        if isinstance(step, str) and isinstance(document, dict):
            document = document.get(step)
        elif isinstance(step, int) and isinstance(document, list) and step < len(document):
            document = document[step]
        else:
            return None
    return document


def entries(document: Any, *path: str | int) -> Sequence[Any]:
    """Return the list at a path; an empty one where there is none."""
    found = at(document, *path)
    return found if isinstance(found, list) else ()


def figure(claimed: Any) -> int:
    """Return a number of tokens as it is claimed; 0 for what is none, or beyond belief."""
    whole = isinstance(claimed, int) and not isinstance(claimed, bool)
    return int(claimed) if whole and 0 < claimed <= MOST_TOKENS else 0


@dataclass(slots=True)
class Draft:
    """A reply as far as it has been heard: text that was spoken, and the arguments of the tool when it was called."""

    question: Question
    spoken: list[str] = field(default_factory=list)
    called: list[str] = field(default_factory=list)
    characters: int = 0
    end: str = ""
    counted: list[int] = field(default_factory=lambda: [0, 0])

    def say(self, text: Any) -> None:
        self._add(self.spoken, text)

    def call(self, arguments: Any) -> None:
        """Take a piece of the arguments as JSON text, or all of them as an object."""
        self._add(self.called, _json_text(arguments) if isinstance(arguments, dict) else arguments)

    def finish(self, reason: Any, meanings: Mapping[str, str]) -> None:
        """Take the dialect's word for why the model stopped; one that is not known is a refusal, which stays one."""
        if isinstance(reason, str) and reason and self.end != DECLINED:
            self.end = meanings.get(reason, DECLINED)

    def count(self, *tokens: Any) -> None:
        """Take the tokens of the prompt and of the completion; what is missing leaves the last figure."""
        for place, claimed in enumerate(tokens):
            self.counted[place] = figure(claimed) or self.counted[place]

    def tokens(self) -> tuple[int, int]:
        """Return the tokens of prompt and completion; before the end, the count may lag behind what was heard."""
        asked = len(self.question.system) + len(self.question.user) + len(json.dumps(self.question.schema))
        prompt, completion = self.counted
        if not (completion and self.end):
            completion = max(completion, _estimate(self.characters))
        return prompt or _estimate(asked), completion

    def reply(self) -> Reply:
        """Return the whole reply.

        :raises ProviderDown: when it is not whole, or empty.
        """
        if self.end != WHOLE:
            raise ProviderDown("invalid", self.end or "no end", again=not self.end, blames=False)
        text = "".join(self.called or self.spoken)
        if not text.strip():
            raise ProviderDown("invalid", "empty", blames=False)
        return Reply(text, *self.tokens())

    def _add(self, pieces: list[str], text: Any) -> None:
        if isinstance(text, str) and text:
            pieces.append(text)
            self.characters += len(text)
        if self.characters > MAX_BYTES:
            raise ProviderDown("invalid", "the answer is too large", blames=False)


@dataclass(frozen=True, slots=True)
class Dialogue(ABC):
    """A provider but for its dialect: how a question becomes a call, and how a document of the answer is read."""

    settings: ProviderSettings

    @abstractmethod
    def call(self, question: Question, mode: str) -> Call:
        """Return the call that asks the question in one of SCHEMA_MODES."""

    @abstractmethod
    def read(self, document: Any, draft: Draft) -> None:
        """Add a document of the answer to the draft."""

    def ask(
        self,
        question: Question,
        *,
        mode: str,
        seconds: float,
        should_stop: Callable[[], bool],
        heard: Callable[[int], None],
    ) -> Reply:
        """Return the model's reply, as `port.Provider` promises.

        :raises ProviderDown: for anything but a whole reply, with the tokens that it may have cost.
        """
        call, draft = self.call(question, mode), Draft(question)

        def take(arrived: Sequence[Any]) -> None:
            before = draft.characters
            for document in arrived:
                if at(document, "error"):
                    raise ProviderDown("unavailable", "an error inside the answer", again=True)
                self.read(document, draft)
            if draft.characters > before:
                heard(draft.characters)

        try:
            call.run(seconds=seconds, should_stop=should_stop, take=take)
            return draft.reply()
        except ProviderDown as down:
            down.tokens = draft.tokens() if call.billed else (0, 0)
            raise


def _json_text(arguments: Mapping[str, Any]) -> str:
    try:
        return json.dumps(arguments, ensure_ascii=False, allow_nan=False)
    except ValueError:  # a number like 1e400 is read as infinity
        raise ProviderDown("invalid", "not JSON", blames=False) from None


def _estimate(characters: int) -> int:
    return math.ceil(characters / CHARACTERS_A_TOKEN)
