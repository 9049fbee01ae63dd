"""What a status other than success means for the next step. Pure.

Invariant: only what may pass by itself is worth another try; a refused question may pass in a laxer schema mode.
"""

import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from ai.providers.port import ProviderDown

MAY_PASS = {408, 409, 429}
NOT_UNDERSTOOD = {400, 422}
TOO_LARGE = 413
SERVER_ERRORS = 500


def refusal(status: int, headers: Mapping[str, str], *, now: float) -> ProviderDown:
    """Return why there is no answer; `headers` are read by lower-case names, `now` is in s since the epoch."""
    detail = f"status {status}"
    if status in NOT_UNDERSTOOD:
        return ProviderDown("unavailable", detail, lower_mode=True, blames=False)
    if status == TOO_LARGE:
        return ProviderDown("invalid", detail, blames=False)
    again = status in MAY_PASS or status >= SERVER_ERRORS
    again = {"true": True, "false": False}.get(headers.get("x-should-retry", "").lower(), again)
    return ProviderDown("unavailable", detail, again=again, retry_after=_retry_after(headers, now) if again else None)


def _retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Return the seconds to wait: `retry-after-ms` as OpenAI sends it, else Retry-After (RFC 9110, 10.2.3)."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    text = headers.get("retry-after", "")
    seconds = _number(text)
    return seconds if seconds is not None else _until(text, now)


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


def _until(date: str, now: float) -> float | None:
    try:
        return max(0.0, parsedate_to_datetime(date).timestamp() - now)
    except (ValueError, OverflowError):
        return None
