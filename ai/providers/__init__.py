"""Models behind one port, one adapter a file.

Invariant: whoever asks knows the port alone; which dialect a provider speaks is decided by its settings.
"""

from collections.abc import Callable, Mapping

from ai.providers.anthropic import Anthropic
from ai.providers.gemini import Gemini
from ai.providers.openai_compatible import OpenAICompatible
from ai.providers.port import Provider, ProviderDown, Question, Reply
from config.providers import ProviderSettings

__all__ = ["Provider", "ProviderDown", "Question", "Reply", "build"]

_ADAPTERS: Mapping[str, Callable[[ProviderSettings], Provider]] = {
    "openai_compatible": OpenAICompatible,
    "anthropic": Anthropic,
    "gemini": Gemini,
}


def build(settings: ProviderSettings) -> Provider:
    """Return the provider of one entry of AI_PROVIDERS."""
    return _ADAPTERS[settings.adapter](settings)
