"""Loads a fleet of e-cars, ready to be planned: of a bundled city by name, of a folder, or of one document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from optimiser.basics.car_fleet import CarFleet, ModeKind
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.network.profiles import PROFILES
from optimiser.network.straight_line import StraightLine
from optimiser.network.travel import TravelSource
from scenarios.credits import whom_to_name
from scenarios.loader import find_folder, inline_streets, list_cities, streets_of
from scenarios.relocation.conversion import to_fleet
from scenarios.relocation.folder import CARS_FILE, has_fleet, read_fleet_folder
from scenarios.relocation.schema import CarFleetModel
from scenarios.schema_fields import OnFar

OnMessage = Callable[[str], None]

PROFILE_OF = {ModeKind.FOLDING_BIKE: "bike", ModeKind.FOOT: "walk", ModeKind.SHUTTLE: "drive"}
"""Whose streets a mode uses."""
SPEEDS_KMH = {"walk": 4.8, "bike": 15.0}
"""Along a straight line, where the city's own speed is that of cars."""


@dataclass(frozen=True, kw_only=True)
class LoadedFleet:
    """A fleet, ready to be planned, with where its streets are and what was odd about it."""

    fleet: CarFleet
    streets: Path | StraightLine
    max_snap_m: float
    on_far: OnFar
    station_m: float
    """What stands no further belongs to a station."""
    zone_m: float
    """Else to the zone whose middle is no further."""
    folder: Path | None
    """None for a fleet given as a document."""
    warnings: tuple[Finding, ...] = ()


def list_fleets() -> tuple[str, ...]:
    """Names of the bundled cities that have e-cars."""
    return tuple(name for name in list_cities() if has_fleet(find_folder(name)))


def load_fleet(name_or_folder: str | Path) -> LoadedFleet:
    """
    Load the fleet of a bundled city by its name, or of a city folder.

    Raises
    ------
    InvalidInput
        Every error of all files at once, each with file, row or field, value and what would be right.
    """
    folder = find_folder(name_or_folder)
    findings = Findings()
    if not has_fleet(folder):
        hint = "write one; docs/cars.md shows what it holds"
        findings.error("file_missing", f"{folder.name} has no fleet of cars", source=CARS_FILE, hint=hint)
        findings.raise_errors(f"cars of {folder.name}")
    model = read_fleet_folder(folder, findings)
    if model is None:
        findings.raise_errors(f"cars of {folder.name}")
        raise AssertionError("a fleet without a model has errors")
    streets = streets_of(model.streets, folder, findings)
    fleet = to_fleet(model, findings, source=CARS_FILE)
    findings.raise_errors(f"cars of {folder.name}")
    return LoadedFleet(
        fleet=_crediting(fleet, streets),
        streets=streets,
        max_snap_m=model.max_snap_m,
        on_far=model.on_far,
        station_m=model.station_m,
        zone_m=model.zone_m,
        folder=folder,
        warnings=findings.warnings,
    )


def load_inline_fleet(model: CarFleetModel) -> LoadedFleet:
    """
    Load a fleet given as a document; its streets are those of a bundled city, or a straight line.

    Raises
    ------
    InvalidInput
        When `streets` does not name a bundled city with streets, or a car is on a plug that does not fit.
    """
    findings = Findings()
    streets = inline_streets(model.streets, findings)
    fleet = to_fleet(model, findings)
    findings.raise_errors(f"cars of {model.id}")
    return LoadedFleet(
        fleet=_crediting(fleet, streets),
        streets=streets,
        max_snap_m=model.max_snap_m,
        on_far=model.on_far,
        station_m=model.station_m,
        zone_m=model.zone_m,
        folder=None,
        warnings=findings.warnings,
    )


def _crediting(fleet: CarFleet, streets: Path | StraightLine) -> CarFleet:
    """The fleet, which names OpenStreetMap where its streets are from there."""
    return replace(fleet, attribution=whom_to_name(fleet.attribution, is_osm=isinstance(streets, Path)))


def open_drive(
    loaded: LoadedFleet, *, cache_dir: Path | None = None, on_message: OnMessage | None = None
) -> TravelSource:
    """The streets of cars at night, or the city's straight line."""
    return _open(loaded, "drive", cache_dir=cache_dir, on_message=on_message)


def open_modes(
    loaded: LoadedFleet, *, cache_dir: Path | None = None, on_message: OnMessage | None = None
) -> Mapping[str, TravelSource]:
    """The streets of each mode that a driver uses and that goes by streets, by its name."""
    used = {driver.mode for driver in loaded.fleet.drivers}
    profiles = {
        mode.name: PROFILE_OF[mode.kind]
        for mode in loaded.fleet.modes
        if mode.name in used and mode.kind is not ModeKind.MATRIX
    }
    opened = {
        profile: _open(loaded, profile, cache_dir=cache_dir, on_message=on_message)
        for profile in dict.fromkeys(profiles.values())
    }
    return {name: opened[profile] for name, profile in profiles.items()}


def _open(loaded: LoadedFleet, profile: str, *, cache_dir: Path | None, on_message: OnMessage | None) -> TravelSource:
    if isinstance(loaded.streets, StraightLine):
        return replace(loaded.streets, speed_kmh=SPEEDS_KMH.get(profile, loaded.streets.speed_kmh))
    from optimiser.network.streets import open_streets

    return open_streets(loaded.streets, profile=PROFILES[profile], cache_dir=cache_dir, on_message=on_message)
