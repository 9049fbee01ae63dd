"""What of an exchange is not to be kept: names, addresses, and what no store can hold. Pure.

Invariant: the result is JSON that every store takes and gives back as it is.
"""

import re
from collections.abc import Mapping
from typing import Any

EMAIL = re.compile(r"[^\s\"'<>()\[\],;:]+@[^\s\"'<>()\[\],;:]+\.\w+")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # PostgreSQL's JSONB takes no NUL, and UTF-8 no lone surrogate


def without(value: Any, name: str) -> Any:
    """Return JSON without email addresses and without a person's `name`, whole words in any case, in every text."""
    whole = re.compile(rf"(?<!\w){re.escape(name.strip())}(?!\w)", re.IGNORECASE) if name.strip() else None

    def cleaned(part: Any) -> Any:
        if isinstance(part, str):
            text = EMAIL.sub("[email]", UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", part))
            return whole.sub("[name]", text) if whole else text
        if isinstance(part, Mapping):
            return {cleaned(key): cleaned(each) for key, each in part.items()}
        return [cleaned(each) for each in part] if isinstance(part, list | tuple) else part

    return cleaned(value)
