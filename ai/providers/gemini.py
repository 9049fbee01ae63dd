"""The dialect of Google's Gemini API.

Invariant: what is sent is the question and options, and the model's name in the address; the key never stands there.
Source: Google's API reference, "Generating content", "Structured outputs" and "Function calling".
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ai.providers import dialogue
from ai.providers.dialogue import Dialogue, Draft, at, entries, figure
from ai.providers.http import Call
from ai.providers.port import Question

ENDS = {"STOP": dialogue.WHOLE, "MAX_TOKENS": dialogue.CUT_OFF}


@dataclass(frozen=True, slots=True)
class Gemini(Dialogue):
    """`base_url` ends where `/models` follows; a model with a path of its own, as a tuned one has, keeps it."""

    def call(self, question: Question, mode: str) -> Call:
        model = self.settings.model
        path = quote(model if "/" in model else f"models/{model}")
        key = self.settings.api_key
        return Call(
            f"{self.settings.base_url}/{path}:streamGenerateContent?alt=sse",
            {"x-goog-api-key": key} if key else {},
            self._body(question, mode),
        )

    def read(self, document: Any, draft: Draft) -> None:
        """Add a response, of which a stream has many; a model's thoughts only cost what answers cost."""
        for part in entries(document, "candidates", 0, "content", "parts"):
            if not at(part, "thought"):
                draft.say(at(part, "text"))
                draft.call(at(part, "functionCall", "args"))
        draft.finish(at(document, "candidates", 0, "finishReason"), ENDS)
        if at(document, "promptFeedback", "blockReason"):
            draft.end = dialogue.DECLINED
        usage = at(document, "usageMetadata")
        spent = figure(at(usage, "candidatesTokenCount")) + figure(at(usage, "thoughtsTokenCount"))
        draft.count(at(usage, "promptTokenCount"), spent)

    def _body(self, question: Question, mode: str) -> dict[str, Any]:
        options: dict[str, Any] = {"maxOutputTokens": self.settings.max_tokens}
        tools: dict[str, Any] = {}
        if mode == "tool":
            tools = _tools(question)
        else:
            options["responseMimeType"] = "application/json"
        if mode == "json_schema":
            options["responseJsonSchema"] = question.schema
        system = dialogue.in_words(question) if mode == "json_object" else question.system
        return {
            "systemInstruction": {"parts": [{"text": system}]},
            "contents": [{"role": "user", "parts": [{"text": question.user}]}],
            "generationConfig": options,
            **tools,
        }


def _tools(question: Question) -> dict[str, Any]:
    function = {
        "name": dialogue.TOOL,
        "description": dialogue.TOOL_PURPOSE,
        "parametersJsonSchema": question.schema,
    }
    calling = {"mode": "ANY", "allowedFunctionNames": [dialogue.TOOL]}
    return {"tools": [{"functionDeclarations": [function]}], "toolConfig": {"functionCallingConfig": calling}}
