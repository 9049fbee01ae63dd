"""One JSON object a line on standard error, each with the id of the request that caused it.

Invariant: a log line says which row and what happened, never what a person told us about their body.
"""

import datetime as dt
import logging
import logging.config
import random
import re
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

from pythonjsonlogger.json import JsonFormatter

request_id: ContextVar[str] = ContextVar("request_id", default="")

_ACCEPTABLE = re.compile(r"[A-Za-z0-9._-]{8,64}")


def accept_request_id(offered: str) -> str:
    """Return the id that `choose_request_id` gives; it then holds for this context."""
    chosen = choose_request_id(offered)
    request_id.set(chosen)
    return chosen


def choose_request_id(offered: str) -> str:
    """Return the caller's id when it is harmless, else a new one."""
    return offered if _ACCEPTABLE.fullmatch(offered) else f"{random.getrandbits(64):016x}"  # noqa: S311 - no secret


class Formatter(JsonFormatter):
    """One JSON object a line; its time is UTC, wherever the machine is."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:  # noqa: N802 - its name in logging
        return dt.datetime.fromtimestamp(record.created, dt.UTC).isoformat(timespec="milliseconds")


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = request_id.get()
        return True


def configure(options: Mapping[str, Any]) -> None:
    """Set logging up; Django calls it with `settings.LOGGING`."""
    logging.config.dictConfig(
        {
            "version": 1,
            "disable_existing_loggers": False,
            "filters": {"request_id": {"()": RequestIdFilter}},
            "formatters": {
                "json": {
                    "()": Formatter,
                    "format": "%(asctime)s %(levelname)s %(name)s %(message)s %(request_id)s",
                    "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
                }
            },
            "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json", "filters": ["request_id"]}},
            "root": {"handlers": ["stderr"], "level": options["level"]},
            "loggers": {
                "django.request": {"level": "ERROR"},  # config.middleware writes the access line
                "daphne": {"level": "WARNING"},
                "uvicorn": {"level": "WARNING"},  # below, it writes whole addresses, with a socket's ticket
                "httpx": {"level": "WARNING"},
                "httpcore": {"level": "WARNING"},
            },
        }
    )
