"""Tiny files of places, about the middle of Göteborg, and the readers of a study called with the usual settings."""

from __future__ import annotations

import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from optimiser.basics.findings import Findings
from optimiser.siting.problem import ChargerKind, Site
from scenarios.siting.conversion import Assumed, SourceRule
from scenarios.siting.files.areas import read_districts, read_excluded
from scenarios.siting.files.draft import Surroundings
from scenarios.siting.files.grid import read_grid
from scenarios.siting.files.sites import read_sites

EAST, NORTH = 11.97, 57.70
KINDS = tuple(
    ChargerKind(id=id_, name=id_, power_kw=power_kw, plug_cost=1.0, session_minutes=60.0)
    for id_, power_kw in (("ac11", 11.0), ("ac22", 22.0), ("dc50", 50.0))
)
SEGMENTS = ("residents", "workers", "visitors", "shared_fleet")


def point(east: float = 0.0, north: float = 0.0, **properties: Any) -> dict[str, Any]:
    """A feature so many hundredths of a degree from the middle."""
    place = {"type": "Point", "coordinates": [EAST + east / 100, NORTH + north / 100]}
    return {"type": "Feature", "properties": properties, "geometry": place}


def square(west: float, south: float, east: float, north: float, **properties: Any) -> dict[str, Any]:
    """A rectangle in hundredths of a degree from the middle."""
    corners = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    ring = [[EAST + x / 100, NORTH + y / 100] for x, y in corners]
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Polygon", "coordinates": [ring]}}


def write(folder: Path, name: str, *features: Any, **members: Any) -> None:
    """A FeatureCollection in the folder."""
    document = {"type": "FeatureCollection", "features": list(features), **members}
    (folder / name).write_text(json.dumps(document))


def rule_of(source: str) -> SourceRule:
    """Everything may be built anywhere but at street lamps."""
    kinds = frozenset() if source == "street_lamp" else frozenset(kind.id for kind in KINDS)
    return SourceRule(open_cost=100.0, max_plugs=4, max_kw=None, kinds=kinds)


def around(**more: Any) -> Surroundings:
    """The surroundings of sites."""
    rows = tuple(f"row {number}" for number, _ in enumerate(more.get("demand", ()), start=2))
    return Surroundings(kinds=KINDS, rule_of=rule_of, demand_rows=rows, **more)


def told(findings: Findings) -> dict[str, tuple[str, str]]:
    """Code and hint by place."""
    return {f"{item.source}: {item.where}": (item.code, item.hint) for item in findings.items}


def codes(findings: Findings) -> list[str]:
    """Codes in order."""
    return [item.code for item in findings.items]


def assumed() -> Assumed:
    """Nothing so far."""
    return Assumed.nothing()


def read(
    folder: Path, *, streets: Path | None = None, wished: Collection[str] = (), **more: Any
) -> tuple[tuple[Site, ...] | None, Findings, list[str]]:
    """Sites of a folder, what was found, and what was assumed."""
    findings, notes = Findings(), assumed()
    districts, excluded = read_districts(folder, findings), read_excluded(folder, findings)
    given = around(districts=districts, excluded=excluded, grid=read_grid(folder, findings), **more)
    sites = read_sites(folder, streets, given, findings, notes, wished=wished).sites
    return sites, findings, list(notes.sentences)
