"""Contradictions in what a city says of batteries: cabinets at depots that are none, or twice; the grid's series."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic_core import InitErrorDetails

from scenarios.grid_checks import grid_errors
from scenarios.raw_rows import id_of, rows
from scenarios.schema_errors import Location, custom_error, nearest, pointer


def battery_errors(document: Mapping[str, Any]) -> Iterator[InitErrorDetails]:
    """Every contradiction in `batteries`, `grid` and `grid_series`; none where nothing is charged."""
    if document.get("batteries") is None:
        # [grid] is there with its defaults whenever a model is written down.
        if document.get("grid_series"):
            hint = "[batteries] says what is charged; for e-cars the series stands in cars/grid.csv"
            text = "is given, and nothing is charged"
            yield custom_error("grid_unused", text, at=("grid_series",), value=None, hint=hint)
        return
    depots = {id_ for _, row in rows(document, "depots") if (id_ := id_of(row))}
    seen: dict[str, Location] = {}
    for at, row in rows(document, "batteries", "cabinets"):
        id_ = id_of(row, "depot")
        if id_ is None:
            continue
        if id_ not in depots:
            guess = nearest(id_, depots)
            hint = f"did you mean {guess}?" if guess else f"known depots: {', '.join(sorted(depots)) or 'none'}"
            yield custom_error("unknown_depot", f"there is no depot {id_}", at=(*at, "depot"), value=id_, hint=hint)
        elif id_ in seen:
            text, hint = f"depot {id_} has cabinets twice", f"all its slots in one; the first is {pointer(seen[id_])}"
            yield custom_error("duplicate_id", text, at=(*at, "depot"), value=id_, hint=hint)
        seen.setdefault(id_, at)
    yield from grid_errors(document)
