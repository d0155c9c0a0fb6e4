"""OpenStreetMap files, `.osm.pbf`, `.osm`, `.osm.gz` and `.osm.bz2`, read into ways."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import cast

import osmium

from optimiser.basics.errors import InvalidInput
from optimiser.basics.finding import Finding, Severity
from optimiser.basics.findings import Findings
from optimiser.network.osm_limits import excess_of
from optimiser.network.profiles import Profile
from optimiser.network.tags import blocks, way_rule
from optimiser.network.ways import Position, Way, Ways, cut_ways

OSM_SUFFIXES = (".osm.pbf", ".pbf", ".osm", ".osm.gz", ".osm.bz2")
UNREADABLE = (RuntimeError, ValueError, IndexError, OverflowError, osmium.InvalidLocationError)
"""What libosmium raises: of torn archives and broken XML the first, of what is no id, text or place the others."""


def read_osm(path: Path, profile: Profile) -> Ways:
    """
    Read the ways that the profile may use, cut at nodes that the file lacks.

    The file is read twice, ways first, so that only nodes on streets are kept and their order does not matter.

    Raises
    ------
    InvalidInput
        The file cannot be read as OpenStreetMap data, or holds no way for this profile.
    """
    check_limits(path)
    try:
        ways = _read_ways(path, profile)
        positions, blocked = _read_nodes(path, {node for way in ways for node in way.nodes}, profile)
    except UNREADABLE as error:
        raise _unreadable(path, str(error)) from error
    return cut_ways(ways, positions, blocked=blocked)


def _read_ways(path: Path, profile: Profile) -> list[Way]:
    ways = []
    with_highway = osmium.filter.KeyFilter("highway")
    found = osmium.FileProcessor(str(path), osmium.osm.WAY).with_filter(with_highway)
    for way in cast("Iterable[osmium.osm.Way]", found):
        rule = way_rule(dict(way.tags), profile)
        if rule is not None:
            ways.append(Way([node.ref for node in way.nodes], rule))
    return ways


def _read_nodes(path: Path, wanted: set[int], profile: Profile) -> tuple[dict[int, Position], set[int]]:
    """Positions of the wanted nodes, and which of them block the profile; positions off the globe are left out."""
    positions: dict[int, Position] = {}
    blocked: set[int] = set()
    for node in cast("Iterable[osmium.osm.Node]", osmium.FileProcessor(str(path), osmium.osm.NODE)):
        if node.id in wanted and node.location.valid():
            positions[node.id] = (node.location.lon, node.location.lat)
            if "barrier" in node.tags and blocks(dict(node.tags), profile):
                blocked.add(node.id)
    return positions, blocked


def check_limits(path: Path) -> None:
    """Raise InvalidInput where the file is over a limit of its format; see `osm_limits`."""
    excess = excess_of(path)
    if excess is not None:
        raise _unreadable(path, excess.what, where=excess.where)


def _unreadable(path: Path, reason: str, *, where: str = "") -> InvalidInput:
    finding = Finding(
        code="streets_unreadable",
        severity=Severity.ERROR,
        source=path.name,
        where=where,
        value=str(path),
        message=f"cannot be read: {reason}",
        hint="a whole OpenStreetMap file; is the download complete and the name's ending right?",
    )
    return InvalidInput("streets", findings=(finding,))


def check_file(path: Path, suffixes: tuple[str, ...]) -> None:
    """Raise InvalidInput unless the path names a file, not empty, with one of the endings."""
    findings = Findings()
    if not path.is_file():
        what = "is a folder" if path.is_dir() else "does not exist"
        findings.error("streets_absent", what, source=path.name, value=str(path), hint="name a street file")
    elif not path.name.endswith(suffixes):
        hint = f"one of {', '.join(suffixes)}"
        findings.error("streets_ending", "its ending is not known", source=path.name, value=path.suffix, hint=hint)
    elif path.stat().st_size == 0:
        findings.error("streets_empty", "is empty", source=path.name, value=0, hint="was the download interrupted?")
    findings.raise_errors("streets")
