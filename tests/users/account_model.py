"""What the state machine of accounts believes: whose devices are signed in, by which tokens, at what time.

Invariant: it knows nothing of how the product does it.
"""

import datetime as dt
from dataclasses import dataclass, field

from django.utils import timezone


class Clock:
    """Stands where the endpoints read the time; behind the real one, so that no token is from the future."""

    def __init__(self) -> None:
        self.time = timezone.now() - dt.timedelta(minutes=5)

    def now(self) -> dt.datetime:
        return self.time


@dataclass
class Device:
    access: str
    refresh: list[str]
    refreshed: dt.datetime
    live: bool = True


@dataclass
class Account:
    user_id: int
    password: str
    active: bool = True
    devices: list[Device] = field(default_factory=list)

    def end_all(self, *, but: Device | None = None) -> None:
        for device in self.devices:
            device.live = device.live and device is but
