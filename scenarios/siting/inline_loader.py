"""Loads a study given as one document, and tells what is wrong with it before any street is opened."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.network.straight_line import StraightLine
from scenarios.siting.changes import ChangesModel
from scenarios.siting.city import SitingCity
from scenarios.siting.conversion import Assumed
from scenarios.siting.inline import InlineStudyModel, inline_city, is_unknown, lay_out, pointed
from scenarios.siting.loader import LoadedStudy, load_read, look_at_files
from scenarios.siting.study import look_over

ABOUT_THEIR_FILE = ("demand", "candidates", "chargers")
"""Whose warnings are about what stands there; those about areas and the grid are about sites, too."""


def load_inline_study(
    model: InlineStudyModel, changes: ChangesModel | None, folder: Path, *, cache_dir: Path | None = None
) -> LoadedStudy:
    """
    The study of a city given as a document, whose files are laid out in an empty `folder`.

    Raises
    ------
    InvalidInput
        Every error at once, told of those files.
    """
    findings = Findings()
    lay_out(model.model_dump(), folder)
    city = inline_city(model, folder, findings)
    findings.raise_errors(f"siting study of {model.id}")
    assert city is not None, "streets that are not known are an error"
    return load_read(city, changes, findings, cache_dir=cache_dir)


def check_inline_study(
    document: Mapping[str, Any],
    model: InlineStudyModel | None,
    changes: ChangesModel | None,
    folder: Path,
    findings: Findings,
) -> None:
    """
    Tell what is wrong with a document, in its words, as far as it can be told without opening its streets.

    `model` is None where the document is no such model, which is told elsewhere; its files are looked at all the same.
    """
    found = Findings()
    if model is None:
        lay_out(document, folder)
        look_at_files(folder, document, found)
        streets = document.get("streets")
        named = streets.get("source") if isinstance(streets, Mapping) else streets
        if isinstance(named, str) and named:
            is_unknown(named, found)
        # What is no collection is told with the document.
        is_told = not isinstance(document.get("demand"), Mapping)
        errors = [error for error in found.errors if not (is_told and error.code == "demand_missing")]
        findings.extend(pointed((*errors, *_known_now(found.warnings, model))))
        return
    lay_out(model.model_dump(), folder)
    inline_city(model, folder, found)
    inside = Findings()
    as_line = SitingCity(model=model, folder=folder, streets=StraightLine(1.0, 30.0), assumed=Assumed.nothing())
    with suppress(InvalidInput):  # Its errors are among those found.
        look_over(load_read(as_line, changes, inside).inputs, inside)
    findings.extend(pointed((*found.errors, *inside.errors, *_known_now(inside.warnings, model))))


def _known_now(warnings: Iterable[Finding], model: InlineStudyModel | None) -> Iterator[Finding]:
    """Warnings that hold whatever the streets are; sites that a street file is asked for are not known yet."""
    is_whole = model is not None and None not in (model.candidates, model.chargers) and not model.siting.osm_candidates
    is_asked = not is_whole and (model is None or model.streets.source is not None)
    for warning in warnings:
        if not is_asked or warning.source.partition(".")[0] in ABOUT_THEIR_FILE:
            yield warning
