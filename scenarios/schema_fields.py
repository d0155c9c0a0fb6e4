"""Kinds of values at the border: ids, names, places, prices, clocks, each judged where it is read."""

from __future__ import annotations

import re
from datetime import datetime, time
from functools import cache
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import available_timezones

from pydantic import AfterValidator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from scenarios.currencies import ISO_4217, WITHDRAWN
from scenarios.schema_errors import CURRENCY_FORM, nearest

FORMAT_EARLIEST, FORMAT_LATEST = 2000, 2100
"""Years a snapshot may carry; outside, seconds and milliseconds were confused."""

CONTROL_CHARACTERS = re.compile("[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
"""In no id and no name: with them one could pose as another."""


def _plain_text(text: str) -> str:
    if CONTROL_CHARACTERS.search(text):
        raise PydanticCustomError("text_control", "holds a control character", {"hint": "use printable characters"})
    return text


def _known_zone(name: str) -> str:
    zones = _zones()
    if name not in zones:
        hint = f"did you mean {guess}?" if (guess := nearest(name, zones)) else "use an IANA name like Europe/Oslo"
        raise PydanticCustomError("time_zone", "is not a time zone of the IANA database", {"hint": hint})
    return name


@cache
def _zones() -> frozenset[str]:
    """All names; looking for them walks a folder."""
    return frozenset(available_timezones())


def _known_currency(code: str) -> str:
    if code not in ISO_4217 | WITHDRAWN:
        # The first two letters are the country's.
        alike = [known for known in sorted(ISO_4217) if known[:2] == code[:2]]
        guess = nearest(code, alike or sorted(ISO_4217))
        hint = f"did you mean {guess}?" if guess else "a code of ISO 4217, like NOK"
        raise PydanticCustomError("currency", "is not a currency of ISO 4217", {"hint": hint})
    return code


def known_country(code: str) -> str:
    """A country, or country and part, whose public holidays are known."""
    import holidays

    country, _, part = code.partition("-")
    known = holidays.list_supported_countries()
    if country not in known or (part and part not in known[country]):
        hint = f"parts of {country}: {', '.join(known[country]) or 'none'}" if country in known else "like NO or US-CA"
        raise PydanticCustomError("country", "is not a country whose holidays are known", {"hint": hint})
    return code


def _feed_address(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise PydanticCustomError("address_scheme", "is not an http or https address", {"hint": "https://…/gbfs.json"})
    return text


def _naive_time(value: time) -> time:
    if value.tzinfo is not None:
        raise PydanticCustomError("time_offset", "has an offset", {"hint": "use the city's local time, like 22:00"})
    return value


def _sane_year(value: datetime) -> datetime:
    if not FORMAT_EARLIEST <= value.year <= FORMAT_LATEST:
        raise PydanticCustomError(
            "time_range", "is outside the years 2000..2100", {"hint": "use RFC 3339 with an offset, or Unix seconds"}
        )
    return value


def _not_empty(value: Any) -> Any:
    # Pydantic's own minimum counts only valid items, so one bad van would also be "no van".
    if isinstance(value, (list, tuple)) and not value:
        raise PydanticCustomError("too_short", "is empty", {"hint": "at least one"})
    return value


def _not_quoted(value: Any) -> Any:
    # Pydantic would take "4.200" for 4.2, where some mean 4200.
    if isinstance(value, str):
        raise PydanticCustomError("number_quoted", "is a text", {"hint": "write the number without quotes"})
    return value


def street_table(value: Any) -> Any:
    """A plain name is the source of the streets."""
    return {"source": value} if isinstance(value, str) else value


Id = Annotated[str, Field(min_length=1, max_length=100), AfterValidator(_plain_text)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_plain_text)]
Sentence = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_plain_text)]
Longitude = Annotated[float, Field(ge=-180, le=180)]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Price = Annotated[float, Field(ge=0, le=1_000_000)]
Bikes = Annotated[int, Field(ge=0, le=10_000)]
Skill = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_plain_text)]
ClockTime = Annotated[time, AfterValidator(_naive_time)]
Moment = Annotated[AwareDatetime, AfterValidator(_sane_year)]
AtLeastOne = BeforeValidator(_not_empty)
Figure = BeforeValidator(_not_quoted)
"""A number that is no text."""
Flag = Annotated[bool, Field(strict=True)]
"""Said outright: no text and no number is taken for it."""
FILLED: dict[str, Any] = {"minItems": 1}
"""Told to readers of the JSON Schema, where `AtLeastOne` is not seen."""
Currency = Annotated[str, Field(pattern=CURRENCY_FORM), AfterValidator(_known_currency)]
TimeZone = Annotated[str, AfterValidator(_known_zone)]
FeedAddress = Annotated[str, Field(max_length=2000), AfterValidator(_plain_text), AfterValidator(_feed_address)]
OnFar = Literal["reject", "drop", "warn"]


class Part(BaseModel):
    """Nothing unknown, nothing infinite; numbers are accepted as ids because feeds write them so."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        coerce_numbers_to_str=True,
        str_strip_whitespace=True,
        serialize_by_alias=True,
    )
