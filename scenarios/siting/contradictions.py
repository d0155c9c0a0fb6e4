"""
Rules between the parts of `[siting]`: names that lead nowhere, numbers that contradict each other.

They read the raw document, as `scenarios.cross_checks` does, so that they speak up beside field errors.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from pydantic_core import InitErrorDetails

from scenarios.feed import some
from scenarios.raw_rows import as_id, id_of, items, real, rows, table
from scenarios.schema_errors import MOST_CONTRADICTIONS, Location, custom_error, nearest, pointer
from scenarios.siting.presets import CURRENCY, KINDS, SEGMENTS, STUDIED

NEEDED = ("power_kw", "plug_cost", "session_minutes")
"""Of a kind of charger that is no preset."""


def contradictions(document: Mapping[str, Any]) -> list[InitErrorDetails]:
    """Every contradiction between parts of a raw city document, as far as siting reads it."""
    given = document.get("siting")
    study = given if isinstance(given, Mapping) else {}
    every = chain(
        _twice(study),
        _kinds(study),
        _segments(study),
        _unknown_kinds(study),
        _factors(study),
        _scenarios(study),
        _force_and_ban(study),
        _prices(document, study),
    )
    return list(islice(every, MOST_CONTRADICTIONS))


def studied_kinds(study: Mapping[str, Any]) -> tuple[str, ...]:
    """Ids of the kinds of a raw study."""
    return tuple(dict.fromkeys(id_ for _, row in rows(study, "kinds") if (id_ := id_of(row)))) or STUDIED


def _twice(study: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    for part, key in (("kinds", "id"), ("segments", "id"), ("phases", "name"), ("scenarios", "name")):
        seen: dict[str, Location] = {}
        for at, row in _rows(study, part):
            id_ = id_of(row, key)
            if id_ in seen:
                hint = f"each once; the first is {pointer(seen[id_])}"
                text = f"{key} {id_} appears more than once"
                yield custom_error("duplicate_id", text, at=(*at, key), value=id_, hint=hint)
            elif id_ is not None:
                seen[id_] = at


def _kinds(study: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """A kind that is no preset says all that a preset would."""
    for at, row in _rows(study, "kinds"):
        id_ = id_of(row)
        missing = [name for name in NEEDED if row.get(name) is None]
        if id_ is not None and id_ not in KINDS and missing:
            text = f"kind {id_} is no preset and lacks {', '.join(missing)}"
            yield custom_error("kind_incomplete", text, at=at, value=id_, hint=f"presets are {', '.join(KINDS)}")


def _segments(study: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    kinds = studied_kinds(study)
    for at, row in _rows(study, "segments"):
        id_ = id_of(row)
        preset = SEGMENTS.get(id_ or "", {})
        if id_ is not None and not preset:
            missing = [name for name in ("kinds", "reach_s") if row.get(name) is None]
            if missing:
                text = f"segment {id_} is no preset and lacks {', '.join(missing)}"
                hint = f"presets are {', '.join(SEGMENTS)}"
                yield custom_error("segment_incomplete", text, at=at, value=id_, hint=hint)
        elif row.get("kinds") is None and preset and not set(preset["kinds"]) & set(kinds):
            text = f"segment {id_} is served by {', '.join(preset['kinds'])}, of which the study has none"
            hint = f"give the segment kinds of its own, of {', '.join(kinds)}"
            yield custom_error("segment_without_kind", text, at=at, value=id_, hint=hint)
        full_s = real(row, "full_s")
        reach_s = preset.get("reach_s") if row.get("reach_s") is None else real(row, "reach_s")
        if reach_s is not None and full_s is not None and full_s > reach_s:
            text = f"segment {id_} has full value up to {full_s:g} s and goes {reach_s:g} s at most"
            hint = f"full_s of {reach_s:g} or less"
            yield custom_error("full_beyond_reach", text, at=(*at, "full_s"), value=full_s, hint=hint)


def _unknown_kinds(study: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Segments and sources name kinds that the study has."""
    kinds = studied_kinds(study)
    places = [
        *((at, row) for at, row in _rows(study, "segments")),
        *(
            (("siting", "sources", name), row)
            for name, row in table(study, "sources").items()
            if isinstance(row, Mapping)
        ),
    ]
    for at, row in places:
        for place, id_ in _named(row.get("kinds"), (*at, "kinds")):
            if id_ not in kinds:
                yield _unknown("kind", id_, kinds, at=place, hint="kinds of the study are")


def _factors(study: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Growth and scenarios speak of segments that there are; demand may use presets that are not listed."""
    segments = (*(id_ for _, row in rows(study, "segments") if (id_ := id_of(row))), *SEGMENTS)
    for part, name in (("phases", "growth"), ("scenarios", "by_segment")):
        for at, row in _rows(study, part):
            for id_ in table(row, name):
                if id_ not in segments:
                    yield _unknown("segment", id_, segments, at=(*at, name, id_), hint="segments are")


def _scenarios(study: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    shares = [real(row, "probability") for _, row in rows(study, "scenarios")]
    known = [share for share in shares if share is not None]
    total = math.fsum(known)
    if known and len(known) == len(shares) and abs(total - 1.0) > 1e-6:
        text = f"probabilities of scenarios add up to {total:g}"
        yield custom_error("probabilities", text, at=("siting", "scenarios"), value=total, hint="they have to make 1")


def _force_and_ban(study: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    banned = {id_ for _, id_ in _named(study.get("ban"), ())}
    for at, id_ in _named(study.get("force"), ("siting", "force")):
        if id_ in banned:
            text = f"site {id_} is both forced and banned"
            yield custom_error("force_and_ban", text, at=at, value=id_, hint="leave it in one of the two")


def _prices(document: Mapping[str, Any], study: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Prices that are assumed are in euros; another currency has to say what one is."""
    if not is_in_another_currency(document):
        return
    currency = as_id(document.get("currency"))
    told = {id_: row for _, row in rows(study, "kinds") if (id_ := id_of(row))}
    assumed = [id_ for id_ in studied_kinds(study) if told.get(id_, {}).get("plug_cost") is None]
    if assumed:
        text = f"plug_cost of {', '.join(assumed)} would be assumed, in euros, and the city counts in {currency}"
        hint = f"give currency_per_euro, or each plug_cost in {currency}"
        yield custom_error("prices_in_euros", text, at=("siting",), value=currency, hint=hint)


def is_in_another_currency(document: Mapping[str, Any]) -> bool:
    """Whether a raw city counts in another currency than that of assumed prices, and does not say what one is."""
    currency = as_id(document.get("currency"))
    return currency not in {None, CURRENCY} and table(document, "siting").get("currency_per_euro") is None


def _unknown(what: str, id_: str, known: Iterable[str], *, at: Location, hint: str) -> InitErrorDetails:
    names = list(dict.fromkeys(known))
    guess = nearest(id_, names)
    told = f"did you mean {guess}?" if guess else f"{hint} {some(names)}"
    return custom_error(f"unknown_{what}", f"there is no {what} {id_}", at=at, value=id_, hint=told)


def _rows(study: Mapping[str, Any], part: str) -> Iterator[tuple[Location, Mapping[str, Any]]]:
    """Rows of a list of the study, each with its place in the whole document."""
    for at, row in rows(study, part):
        yield ("siting", *at), row


def _named(value: Any, at: Location) -> Iterator[tuple[Location, str]]:
    """Well-formed ids of a list."""
    for place, item in items(value, at):
        if (id_ := as_id(item)) is not None:
            yield place, id_
