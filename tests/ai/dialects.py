"""How the three families of providers speak: OpenAI, Anthropic and Gemini, as their references describe it.

Invariant: `whole` and `events` say the same, and reading a question takes any of the ways to ask for a schema.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

PIECE = 24  # characters in an event
PROMPT_TOKENS, COMPLETION_TOKENS = 900, 80
DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Said:
    """What a model says: `finish` is stop, length or refusal; `called` that it goes as arguments of the tool."""

    text: str
    finish: str = "stop"
    called: bool = False

    def pieces(self) -> list[str]:
        return [self.text[start : start + PIECE] for start in range(0, len(self.text), PIECE)]

    def arguments(self) -> Any:
        """Return the text as the object it should be; as it is where it is none."""
        try:
            return json.loads(self.text)
        except ValueError:
            return self.text


class OpenAI:
    FINISH = {"stop": "stop", "length": "length", "refusal": "stop"}
    USAGE = {"prompt_tokens": PROMPT_TOKENS, "completion_tokens": COMPLETION_TOKENS}

    def whole(self, said: Said) -> Any:
        message = {"role": "assistant", "content": None, **self._says(said, said.text)}
        choice = {"index": 0, "message": message, "finish_reason": self._finish(said)}
        return {"object": "chat.completion", "choices": [choice], "usage": self.USAGE}

    def events(self, said: Said) -> Iterator[Any]:
        yield self._chunk({"role": "assistant", "content": None if said.called else ""})
        for piece in said.pieces():
            yield self._chunk(self._says(said, piece))
        yield self._chunk({}, self._finish(said))
        yield {"object": "chat.completion.chunk", "choices": [], "usage": self.USAGE}
        yield DONE

    def _says(self, said: Said, text: str) -> dict[str, Any]:
        if said.finish == "refusal":
            return {"refusal": text}
        if said.called:
            call = {"index": 0, "type": "function", "function": {"name": "hand_over_plan", "arguments": text}}
            return {"tool_calls": [call]}
        return {"content": text}

    def _finish(self, said: Said) -> str:
        return "tool_calls" if said.called and said.finish == "stop" else self.FINISH[said.finish]

    def _chunk(self, delta: dict[str, Any], finish: str | None = None) -> Any:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return {"object": "chat.completion.chunk", "choices": [choice], "usage": None}


class Anthropic:
    FINISH = {"stop": "end_turn", "length": "max_tokens", "refusal": "refusal"}

    def whole(self, said: Said) -> Any:
        thought = {"type": "thinking", "thinking": "Let me see.", "signature": "c2ln"}
        usage = {"input_tokens": PROMPT_TOKENS, "output_tokens": COMPLETION_TOKENS}
        block = {"type": "text", "text": said.text}
        if said.called:
            block = {"type": "tool_use", "id": "toolu_1", "name": "hand_over_plan", "input": said.arguments()}
        return {"type": "message", "content": [thought, block], "stop_reason": self._finish(said), "usage": usage}

    def events(self, said: Said) -> Iterator[Any]:
        usage = {"input_tokens": PROMPT_TOKENS, "output_tokens": 1}
        yield {"type": "message_start", "message": {"type": "message", "content": [], "usage": usage}}
        yield {"type": "ping"}
        yield self._delta(0, {"type": "thinking_delta", "thinking": "Let me see."})
        block = {"type": "tool_use", "input": {}} if said.called else {"type": "text", "text": ""}
        yield {"type": "content_block_start", "index": 1, "content_block": block}
        for piece in said.pieces():
            kind, name = ("input_json_delta", "partial_json") if said.called else ("text_delta", "text")
            yield self._delta(1, {"type": kind, name: piece})
        yield {"type": "content_block_stop", "index": 1}
        delta = {"stop_reason": self._finish(said), "stop_sequence": None}
        yield {"type": "message_delta", "delta": delta, "usage": {"output_tokens": COMPLETION_TOKENS}}
        yield {"type": "message_stop"}

    def _finish(self, said: Said) -> str:
        return "tool_use" if said.called and said.finish == "stop" else self.FINISH[said.finish]

    def _delta(self, index: int, delta: dict[str, Any]) -> Any:
        return {"type": "content_block_delta", "index": index, "delta": delta}


class Gemini:
    FINISH = {"stop": "STOP", "length": "MAX_TOKENS", "refusal": "SAFETY"}
    USAGE = {"promptTokenCount": PROMPT_TOKENS, "candidatesTokenCount": 60, "thoughtsTokenCount": 20}

    def whole(self, said: Said) -> Any:
        part = {"functionCall": {"name": "hand_over_plan", "args": said.arguments()}}
        return self._response([part if said.called else {"text": said.text}], self.FINISH[said.finish])

    def events(self, said: Said) -> Iterator[Any]:
        yield self._response([{"text": "Let me see.", "thought": True}])
        if not said.called:
            for piece in said.pieces():
                yield self._response([{"text": piece}])
            yield self._response([{"text": ""}], self.FINISH[said.finish])
        else:
            yield self.whole(said)

    def _response(self, parts: list[Any], finish: str | None = None) -> Any:
        candidate = {"content": {"role": "model", "parts": parts}, "index": 0}
        return {
            "candidates": [{**candidate, "finishReason": finish} if finish else candidate],
            "usageMetadata": self.USAGE,
        }


Dialect = OpenAI | Anthropic | Gemini


def of(path: str) -> Dialect:
    """Return the dialect of an address."""
    if path.endswith("/messages"):
        return Anthropic()
    return Gemini() if "GenerateContent" in path or "generateContent" in path else OpenAI()


def schema(body: dict[str, Any]) -> dict[str, Any]:
    """Return the schema that a question asks for: as a form, as a tool's, or on the last line of the system text."""
    tool = (body.get("tools") or [{}])[0]
    places = [
        body.get("response_format", {}).get("json_schema", {}).get("schema"),
        body.get("output_config", {}).get("format", {}).get("schema"),
        body.get("generationConfig", {}).get("responseJsonSchema"),
        tool.get("function", {}).get("parameters"),
        tool.get("input_schema"),
        tool.get("functionDeclarations", [{}])[0].get("parametersJsonSchema"),
    ]
    found = next((place for place in places if place), None)
    return dict(found or json.loads(system(body).splitlines()[-1]))


def system(body: dict[str, Any]) -> str:
    """Return the rules of a question."""
    if "messages" in body:
        return str(body.get("system") or body["messages"][0]["content"])
    return str(body["systemInstruction"]["parts"][0]["text"])
