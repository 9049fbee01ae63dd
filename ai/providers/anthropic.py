"""The dialect of Anthropic's Messages API.

Invariant: what is sent is the question, the model's name and options; what comes back is text, or `ProviderDown`.
Source: Anthropic's API reference, "Messages", "Streaming messages" and "Structured outputs".
"""

from dataclasses import dataclass
from typing import Any

from ai.providers import dialogue
from ai.providers.dialogue import Dialogue, Draft, at, entries
from ai.providers.http import Call
from ai.providers.port import Question

VERSION = "2023-06-01"
ENDS = {
    "end_turn": dialogue.WHOLE,
    "tool_use": dialogue.WHOLE,
    "max_tokens": dialogue.CUT_OFF,
    "model_context_window_exceeded": dialogue.CUT_OFF,
}


@dataclass(frozen=True, slots=True)
class Anthropic(Dialogue):
    """`base_url` ends where `/messages` follows."""

    def call(self, question: Question, mode: str) -> Call:
        key = self.settings.api_key
        headers = {"anthropic-version": VERSION, **({"x-api-key": key} if key else {})}
        return Call(f"{self.settings.base_url}/messages", headers, self._body(question, mode))

    def read(self, document: Any, draft: Draft) -> None:
        """Add an event of a stream, or a whole message; a model's thinking is neither text nor tool."""
        kind = at(document, "type")
        if kind == "message":
            for block in entries(document, "content"):
                draft.say(at(block, "text"))
                draft.call(at(block, "input"))
        elif kind == "content_block_delta":
            draft.say(at(document, "delta", "text"))
            draft.call(at(document, "delta", "partial_json"))
        draft.finish(at(document, "stop_reason") or at(document, "delta", "stop_reason"), ENDS)
        for usage in (at(document, "message", "usage"), at(document, "usage")):
            draft.count(at(usage, "input_tokens"), at(usage, "output_tokens"))

    def _body(self, question: Question, mode: str) -> dict[str, Any]:
        return {
            "model": self.settings.model,
            "max_tokens": self.settings.max_tokens,
            "system": dialogue.in_words(question) if mode == "json_object" else question.system,
            "messages": [{"role": "user", "content": question.user}],
            "stream": True,
            **_form(question, mode),
        }


def _form(question: Question, mode: str) -> dict[str, Any]:
    """Return how the schema is asked for; there is no mode for JSON of any schema, so words must do in the laxest."""
    if mode == "json_object":
        return {}
    if mode == "tool":
        tool = {"name": dialogue.TOOL, "description": dialogue.TOOL_PURPOSE, "input_schema": question.schema}
        choice = {"type": "tool", "name": dialogue.TOOL, "disable_parallel_tool_use": True}
        return {"tools": [tool], "tool_choice": choice}
    return {"output_config": {"format": {"type": "json_schema", "schema": question.schema}}}
