"""The dialect of OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, gateways.

Invariant: what is sent is the question, the model's name and options; what comes back is text, or `ProviderDown`.
Source: OpenAI's API reference, "Chat completions"; Ollama's page "OpenAI compatibility".
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from ai.providers import dialogue
from ai.providers.dialogue import Dialogue, Draft, at
from ai.providers.http import Call
from ai.providers.port import Question
from config.providers import ADAPTERS

MAKERS = urlsplit(ADAPTERS["openai_compatible"]).hostname
ENDS = {"stop": dialogue.WHOLE, "tool_calls": dialogue.WHOLE, "length": dialogue.CUT_OFF}


@dataclass(frozen=True, slots=True)
class OpenAICompatible(Dialogue):
    """`base_url` ends where `/chat/completions` follows."""

    def call(self, question: Question, mode: str) -> Call:
        key = self.settings.api_key
        return Call(
            f"{self.settings.base_url}/chat/completions",
            {"Authorization": f"Bearer {key}"} if key else {},
            self._body(question, mode),
        )

    def read(self, document: Any, draft: Draft) -> None:
        """Add a chunk of a stream (`delta`), or a whole completion (`message`)."""
        choice = at(document, "choices", 0)
        said = at(choice, "delta") or at(choice, "message")
        draft.say(at(said, "content"))
        called = at(said, "tool_calls", 0)
        if not at(called, "index"):  # a second call is none of ours
            draft.call(at(called, "function", "arguments"))
        draft.finish(at(choice, "finish_reason"), ENDS)
        if at(said, "refusal"):
            draft.end = dialogue.DECLINED
        draft.count(at(document, "usage", "prompt_tokens"), at(document, "usage", "completion_tokens"))

    def _body(self, question: Question, mode: str) -> dict[str, Any]:
        system = dialogue.in_words(question) if mode == "json_object" else question.system
        return {
            "model": self.settings.model,
            "messages": [{"role": "system", "content": system}, {"role": "user", "content": question.user}],
            "stream": True,
            **self._limits(),
            **_form(question, mode),
        }

    def _limits(self) -> dict[str, Any]:
        """Return the options in the words of whoever serves.

        OpenAI's newer models refuse `max_tokens`, and no model takes both names; Ollama and LM Studio know that name
        alone, and vLLM, llama.cpp and gateways take it too. Only OpenAI itself would keep what it is asked, or knows
        the word for not doing so.
        """
        if urlsplit(self.settings.base_url).hostname == MAKERS:
            return {"max_completion_tokens": self.settings.max_tokens, "store": False}
        return {"max_tokens": self.settings.max_tokens}


def _form(question: Question, mode: str) -> dict[str, Any]:
    """Return how the schema is asked for; the laxest mode also leaves out what a simple server may refuse."""
    if mode == "json_object":
        return {"response_format": {"type": "json_object"}}
    usage = {"stream_options": {"include_usage": True}}
    if mode == "tool":
        function = {
            "name": dialogue.TOOL,
            "description": dialogue.TOOL_PURPOSE,
            "parameters": question.schema,
        }
        choice = {"type": "function", "function": {"name": dialogue.TOOL}}
        return {**usage, "tools": [{"type": "function", "function": function}], "tool_choice": choice}
    form = {"name": "plan", "strict": True, "schema": question.schema}
    return {**usage, "response_format": {"type": "json_schema", "json_schema": form}}
