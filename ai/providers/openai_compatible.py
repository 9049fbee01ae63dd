"""The adapter for every server that speaks OpenAI's chat completions: OpenAI, Ollama, vLLM, llama.cpp, gateways.

Invariant: what is sent is the question and nothing else; what comes back is text, or `ProviderDown`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ai.providers import ProviderDown, Question, Reply, http


@dataclass(frozen=True, slots=True)
class OpenAICompatible:
    """`base_url` ends where `/chat/completions` follows."""

    base_url: str
    api_key: str
    model: str
    name: str = "openai_compatible"

    def ask(self, question: Question, *, seconds: float, should_stop: Callable[[], bool]) -> Reply:
        answer = http.post(
            f"{self.base_url.rstrip('/')}/chat/completions",
            headers={"Authorization": f"Bearer {self.api_key}"} if self.api_key else {},
            body={
                "model": self.model,
                "messages": list(question.messages),
                "response_format": {
                    "type": "json_schema",
                    "json_schema": {"name": "plan", "strict": True, "schema": question.schema},
                },
            },
            seconds=seconds,
            should_stop=should_stop,
        )
        return _reply(answer)


def _reply(answer: object) -> Reply:
    try:
        choice = answer["choices"][0]  # type: ignore[index]
        text = choice["message"]["content"]
        usage = answer.get("usage") or {}  # type: ignore[attr-defined]
        tokens = int(usage.get("prompt_tokens", 0)), int(usage.get("completion_tokens", 0))
    except (AttributeError, KeyError, IndexError, TypeError, ValueError):
        raise ProviderDown("invalid", "not a chat completion") from None
    if choice.get("finish_reason") not in {"stop", None} or not isinstance(text, str) or not text.strip():
        raise ProviderDown("invalid", "unfinished or empty")
    return Reply(text, *tokens)
