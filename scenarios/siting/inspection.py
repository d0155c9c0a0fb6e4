"""Looks a city over for siting without choosing a site: every error and warning of its files, and who reaches none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from scenarios.folder import CITY_FILE, read_city_file
from scenarios.loader import BUNDLED, list_cities
from scenarios.siting.files.source import files_of

BIKES = ("depots", "vans", "stations", "handling", "prices")
"""Parts of `city.toml` without which no bikes are planned."""


def is_for_siting(name_or_folder: str | Path) -> bool:
    """Whether there is something to site for: demand, or a word about it."""
    folder = _folder(name_or_folder)
    return folder.is_dir() and ("siting" in _document(folder) or bool(files_of(folder, "demand")))


def is_for_bikes(name_or_folder: str | Path) -> bool:
    """Whether a city says anything about bikes, stations or vans."""
    folder = _folder(name_or_folder)
    return any(part in _document(folder) for part in BIKES) or any(folder.glob("station_information.*"))


def inspect_siting(
    name_or_folder: str | Path, *, cache_dir: Path | None = None, on_message: Callable[[str], None] | None = None
) -> tuple[Finding, ...]:
    """Every error and warning of a study; `on_message` is told what was read, and what was assumed."""
    # Opens streets, which takes what compiles; most commands need neither.
    from scenarios.siting.loader import load_study
    from scenarios.siting.study import state_study

    findings = Findings()
    try:
        loaded = load_study(name_or_folder, cache_dir=cache_dir, on_message=on_message)
        findings.extend(loaded.warnings)
        stated = state_study(loaded.inputs, loaded.travel_of, loaded.city.assumed)
        findings.extend(stated.warnings)
        if on_message is not None:
            for sentence in loaded.city.assumed.sentences:
                on_message(f"assumed: {sentence}")
    except InvalidInput as error:
        findings.extend((*error.findings, *(item for item in error.warnings if item not in findings.items)))
        if not error.findings:
            findings.error("unusable", error.what, source=str(name_or_folder))
    return tuple(findings.items)


def _folder(name_or_folder: str | Path) -> Path:
    is_bundled = str(name_or_folder) in list_cities()
    return BUNDLED / str(name_or_folder) if is_bundled else Path(name_or_folder)


def _document(folder: Path) -> dict[str, object]:
    """What `city.toml` says; nothing where it cannot be read, which is told elsewhere."""
    return (read_city_file(folder, Findings()) or {}) if (folder / CITY_FILE).is_file() else {}
