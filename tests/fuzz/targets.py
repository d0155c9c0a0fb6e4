"""Every parser of files, with a valid folder for it, and what it makes of a folder as plain values."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from optimiser.basics.finding import Finding
from optimiser.basics.findings import Findings
from tests.fuzz import seeds


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a parser found, and what it took: plain values, or None where it refused."""

    findings: tuple[Finding, ...]
    taken: Any = None
    ids: Mapping[str, frozenset[str]] = dataclasses.field(default_factory=dict)
    """By the file that tells them, the ids of all that was taken."""


@dataclass(frozen=True, kw_only=True)
class Target:
    """A parser, or several that read one folder."""

    name: str
    make: Callable[[], Mapping[str, bytes]]
    read: Callable[[Path], Answer]
    broken: Callable[[str], bool] = lambda name: True
    """Which of its files are broken."""
    weight: int = 1
    """Slow ones have fewer cases."""


def look(folder: Path) -> Answer:
    """What `city check` and an upload do with a folder, and what becomes of it when nothing is wrong."""
    from scenarios.describing import describe
    from scenarios.looking import look_over

    findings = look_over(folder)
    if any(finding.severity == "error" for finding in findings):
        return Answer(findings=findings)
    told = describe(folder)
    named = {name: frozenset(str(row.get("id", "")) for row in rows) for name, rows in told["lists"].items()}
    return Answer(
        findings=findings,
        taken=told,
        ids={
            "station_information.json": named["stations"],
            "station_information.csv": named["stations"],
            "station_status.json": named["stations"],
            "station_status.csv": named["stations"],
            "cars/stations.csv": named["car_stations"],
            "cars/station_information.json": named["car_stations"],
            "cars/cars.csv": named["cars"],
            "cars/vehicle_status.json": named["cars"],
        },
    )


def study(folder: Path) -> Answer:
    """A siting study of a folder, stated but not solved."""
    from scenarios.siting.loader import load_study
    from scenarios.siting.study import state_study

    loaded = load_study(folder)
    stated = state_study(loaded.inputs, loaded.travel_of, loaded.city.assumed)
    inputs = loaded.inputs
    people = frozenset(point.id.partition("/")[0] for point in inputs.demand)
    return Answer(
        findings=(*loaded.warnings, *stated.warnings),
        taken=[inputs.demand, inputs.sites, inputs.grid, inputs.districts, inputs.kinds, inputs.segments],
        ids={
            **{f"demand.{ending}": people for ending in ("geojson", "csv")},
            "candidates.geojson": frozenset(site.id for site in inputs.sites),
            "grid.csv": frozenset(node.id for node in inputs.grid),
            "districts.geojson": frozenset(district.id for district in inputs.districts),
        },
    )


def streets(folder: Path) -> Answer:
    """A street file as a graph and as a source of sites."""
    from optimiser.network.profiles import DRIVE
    from optimiser.network.streets import open_streets
    from scenarios.siting.files.osm_sites import read_osm_sites

    [path] = folder.iterdir()
    opened = open_streets(path, profile=DRIVE)
    findings = Findings()
    sites = read_osm_sites(path, findings)
    graph = opened.graph
    places = [[site.values, site.geometry.wkt] for site in sites.found]
    nodes = {"lon": graph.node_lon.tolist(), "lat": graph.node_lat.tolist()} if hasattr(graph, "node_lon") else {}
    return Answer(findings=tuple(findings.items), taken=[places, nodes])


def unpacked(folder: Path) -> Answer:
    """The zip file of a city, unpacked beside it; whatever lands elsewhere is found by `judge`."""
    from service.cities.archive import unpack

    findings = Findings()
    unpack(folder / "upload.zip", folder / "city", max_bytes=1_000_000, findings=findings)
    outside = sorted(path.name for path in folder.iterdir() if path.name not in ("upload.zip", "city"))
    assert not outside, f"files outside the folder: {outside}"
    return Answer(findings=tuple(findings.items))


def _only(part: str) -> Callable[[str], bool]:
    return lambda name: part in name


def city_targets() -> tuple[Target, ...]:
    """Every parser of city folders, the quick ones with more cases."""
    return (
        *(
            Target(name=name, make=lambda name=name: seeds.feeds()[name], read=look, weight=4)
            for name in ("gbfs-1", "gbfs-2", "gbfs-3", "tables")
        ),
        Target(name="history", make=seeds.history, read=look, broken=_only("history/"), weight=2),
        Target(name="cars", make=seeds.cars, read=look, weight=4),
        Target(name="car-feed", make=seeds.car_feed, read=look, weight=2),
        *(
            Target(name=f"siting-{ending}", make=lambda ending=ending: seeds.siting(ending), read=study, weight=2)
            for ending in ("geojson", "csv", "gpkg")
        ),
        *(
            Target(name=f"streets{ending}", make=lambda ending=ending: seeds.streets(ending), read=streets, weight=2)
            for ending in (".osm", ".osm.pbf", ".osm.gz", ".osm.bz2", ".graphml")
        ),
        Target(name="zip", make=seeds.archive, read=unpacked),
    )
