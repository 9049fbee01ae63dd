"""The strict base of every body that comes in, and the problem document that goes out.

Invariant: a field is taken as it was meant or refused; nothing is coerced, nothing unknown is ignored.
"""

import datetime as dt
import re
import unicodedata
from typing import Annotated, Any

from ninja import Query, Schema
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StringConstraints

from config import errors

FIRST_YEAR, LAST_YEAR = 1900, 2100
_ISO_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)


def _iso_date(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value
    if not (isinstance(value, str) and _ISO_DATE.fullmatch(value)):
        raise ValueError("must be a date as YYYY-MM-DD")
    if not FIRST_YEAR <= int(value[:4]) <= LAST_YEAR:
        raise ValueError(f"must be a date between {FIRST_YEAR} and {LAST_YEAR}")
    return value


def _normal(value: Any) -> Any:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


Int = Annotated[int, Strict()]
Number = Annotated[float, Strict(), Field(allow_inf_nan=False)]
Bool = Annotated[bool, Strict()]
Date = Annotated[
    dt.date,
    BeforeValidator(_iso_date),
    Field(json_schema_extra={"pattern": r"^(19\d\d|20\d\d|2100)-\d\d-\d\d$"}),
]
Text = Annotated[str, Strict(), BeforeValidator(_normal), StringConstraints(strip_whitespace=True)]


def example(**values: Any) -> ConfigDict:
    """Return the part of a model's configuration that shows it in the API docs."""
    return ConfigDict(json_schema_extra={"example": values})


class In(BaseModel):
    """A body that a client sends."""

    model_config = ConfigDict(extra="forbid")


class ProblemEntry(Schema):
    """One field that could not be accepted; `pointer` is RFC 6901."""

    pointer: str
    code: str
    detail: str


class Problem(Schema):
    """RFC 9457, with a stable `code`."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str = ""
    errors: list[ProblemEntry] = []


MAX_RANGE_DAYS = 62
From = Annotated[Date, Query(alias="from", description="first date")]
To = Annotated[Date, Query(description="last date, included")]


def date_range(first: dt.date, last: dt.date) -> tuple[dt.date, dt.date]:
    """Return the range.

    :raises errors.Invalid: when it is turned round or longer than 62 days.
    """
    if last < first:
        raise errors.Invalid.field("/to", "range_reversed", "must not be before `from`")
    if (last - first).days >= MAX_RANGE_DAYS:
        raise errors.Invalid.field("/to", "range_too_long", f"must be within {MAX_RANGE_DAYS} days of `from`")
    return first, last
