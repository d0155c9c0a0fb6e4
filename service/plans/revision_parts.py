"""What of a revision can be read, also where something else in it is wrong: so that all errors are told at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar, get_args

from pydantic import BaseModel, TypeAdapter, ValidationError

from scenarios.schema_fields import Moment
from service.jobs.bodies import part
from service.plans.shapes import FrozenStop, Happening, RevisionRequest, VanTold

Shape = TypeVar("Shape", bound=BaseModel)

MOST = 10_000
"""Entries of one list that are looked at; more are an error by themselves."""

_MOMENT: TypeAdapter[datetime] = TypeAdapter(Moment)
_HAPPENINGS: dict[str, type[BaseModel]] = {
    get_args(kind.model_fields["type"].annotation)[0]: kind for kind in get_args(get_args(Happening)[0])
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Each part by its position in what was told; None stands for one that cannot be read."""

    at: datetime | None
    reports: tuple[VanTold | None, ...]
    frozen: tuple[FrozenStop | None, ...]
    events: tuple[BaseModel | None, ...]


def parts_of(asked: RevisionRequest) -> Parts:
    """All of a revision whose form is right."""
    return Parts(at=asked.at, reports=asked.reports, frozen=asked.freeze.stops, events=asked.events)


def readable_parts(told: Any) -> Parts:
    """What can be read of a document with errors: parts without those of their fields that are wrong."""
    try:
        at = _MOMENT.validate_python(part(told, "at"))
    except ValidationError:
        at = None
    return Parts(
        at=at,
        reports=tuple(_readable(VanTold, each) for each in _list(told, "reports")),
        frozen=tuple(_readable(FrozenStop, each) for each in _list(part(told, "freeze"), "stops")),
        events=tuple(_happening(each) for each in _list(told, "events")),
    )


def _list(told: Any, name: str) -> Iterator[Any]:
    found = part(told, name)
    return islice(found if isinstance(found, list) else (), MOST)


def _happening(told: Any) -> BaseModel | None:
    kind = part(told, "type")
    shape = _HAPPENINGS.get(kind) if isinstance(kind, str) else None
    return None if shape is None else _readable(shape, told)


def _readable(shape: type[Shape], told: Any) -> Shape | None:
    try:
        return shape.model_validate(told)
    except ValidationError as error:
        if not isinstance(told, Mapping):
            return None
        wrong = {each["loc"][0] for each in error.errors(include_url=False, include_input=False) if each["loc"]}
    try:
        return shape.model_validate({name: value for name, value in told.items() if name not in wrong})
    except ValidationError:
        return None
