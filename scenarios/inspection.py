"""Looks a city over without planning it: every error and warning of its files, and who is off its streets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from optimiser.basics.city import Depot, Station
from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from optimiser.network.travel import FarPlace, Place, TravelSource
from scenarios.feed import named
from scenarios.folder import read_folder
from scenarios.loader import LoadedCity, find_folder, load_city, open_travel


def inspect_city(
    name_or_folder: str | Path, *, cache_dir: Path | None = None, on_message: Callable[[str], None] | None = None
) -> tuple[Finding, ...]:
    """Every error and warning of a city, its streets and history included; `on_message` is told what was read."""
    # Reads histories with what compiles demand; most commands need neither.
    from scenarios.past import read_past

    findings = Findings()
    try:
        if read_folder(find_folder(name_or_folder), findings) is None:
            return tuple(findings.items)
        loaded = load_city(name_or_folder)
        travel = open_travel(loaded, cache_dir=cache_dir, on_message=on_message)
        far_stations(loaded, travel, findings)
        far_depots(loaded, travel, findings)
        past = read_past(loaded, cache_dir=cache_dir, on_message=on_message)
        if past is not None:
            findings.extend(past.warnings)
            if on_message is not None:
                for sentence in past.report.sentences():
                    on_message(f"history: {sentence}")
    except InvalidInput as error:
        findings.extend(error.findings)
        if not error.findings:
            findings.error("unusable", error.what, source=str(name_or_folder))
    return tuple(findings.items)


def far_stations(loaded: LoadedCity, travel: TravelSource, findings: Findings) -> tuple[FarPlace, ...]:
    """
    Stations further from the streets than the city allows.

    They are told as one warning, or as an error where the city rejects them or no station is left.
    """
    city = loaded.city
    far = travel.far_places([place_of(station) for station in city.stations], max_snap_m=loaded.max_snap_m)
    source = _street_source(loaded)
    if len(far) == len(city.stations):
        findings.error(
            "all_far_from_street",
            f"no station is within {loaded.max_snap_m:g} m of these streets",
            source=source,
            value=len(far),
            hint="check that the streets are of this city, and that lat and lon are not swapped",
        )
    elif far:
        tell = findings.error if loaded.on_far == "reject" else findings.warning
        tell(
            "far_from_street",
            f"{len(far)} of {len(city.stations)} stations are further than {loaded.max_snap_m:g} m from the streets"
            f"{' and left out' if loaded.on_far != 'reject' else ''}: {_with_distances(far)}",
            source=source,
            value=len(far),
            hint="use a larger extract, or raise max_snap_m",
        )
    return far


def far_depots(loaded: LoadedCity, travel: TravelSource, findings: Findings) -> None:
    """A depot off the streets is always an error."""
    city = loaded.city
    for item in travel.far_places([place_of(depot) for depot in city.depots], max_snap_m=loaded.max_snap_m):
        findings.error(
            "far_from_street",
            f"depot {item.place.id} is {item.distance_m:.0f} m from the nearest street",
            source=_street_source(loaded),
            value=round(item.distance_m),
            hint=f"move it to a street, {loaded.max_snap_m:g} m are allowed",
        )


def place_of(thing: Station | Depot) -> Place:
    """Where a station or depot is, for travel."""
    return Place(id=thing.id, lon=thing.lon, lat=thing.lat)


def _street_source(loaded: LoadedCity) -> str:
    return loaded.streets.name if isinstance(loaded.streets, Path) else "streets"


def _with_distances(far: Sequence[FarPlace]) -> str:
    return named([f"{item.place.id} ({item.distance_m:.0f} m)" for item in far])
