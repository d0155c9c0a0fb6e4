"""Tiny OpenStreetMap files: nodes on a 100 m grid at the equator, ways over them."""

from __future__ import annotations

import bz2
import dataclasses
import gzip
from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

from optimiser.network.profiles import DRIVE
from optimiser.network.streets import Streets, open_streets
from optimiser.network.travel import Place

STEP = 0.0008993
"""Degrees; 99.998 m at the equator, so 10 s at 36 km/h once rounded up."""

LEGAL = dataclasses.replace(DRIVE, name="legal", time_factor=1.0, night_factor=1.0)
"""Drives exactly as fast as posted, so that arithmetic fits in a comment."""

Grid = Mapping[int, tuple[float, float]]
"""Node id to (east, north) in steps of 100 m."""


def way(*nodes: int, **tags: str) -> tuple[Sequence[int], dict[str, str]]:
    """A residential street at 36 km/h = 10 m/s, unless tags say otherwise; `_` in a key stands for `:`."""
    given = {key.replace("__", ":"): value for key, value in tags.items()}
    return nodes, {"highway": "residential", "maxspeed": "36", **given}


def osm_xml(
    grid: Grid, ways: Sequence[tuple[Sequence[int], Mapping[str, str]]], *, node_tags: Mapping[int, Mapping[str, str]]
) -> str:
    """The file's text; ways may name nodes that the grid lacks."""

    def tags(pairs: Mapping[str, str]) -> str:
        return "".join(f"<tag k={quoteattr(key)} v={quoteattr(value)}/>" for key, value in pairs.items())

    nodes = "".join(
        f'<node id="{id_}" lat="{north * STEP:.7f}" lon="{east * STEP:.7f}">{tags(node_tags.get(id_, {}))}</node>\n'
        for id_, (east, north) in grid.items()
    )
    lines = "".join(
        f'<way id="{number}">{"".join(f"<nd ref={quoteattr(str(ref))}/>" for ref in refs)}{tags(pairs)}</way>\n'
        for number, (refs, pairs) in enumerate(ways, start=1)
    )
    return f'<?xml version="1.0"?>\n<osm version="0.6">\n{nodes}{lines}</osm>\n'


def write_osm(
    path: Path,
    grid: Grid,
    *ways: tuple[Sequence[int], Mapping[str, str]],
    node_tags: Mapping[int, Mapping[str, str]] | None = None,
) -> Path:
    """Write the file in the format of its ending; the path, for chaining."""
    text = osm_xml(grid, ways, node_tags=node_tags or {}).encode()
    if path.name.endswith(".pbf"):
        return _to_pbf(text, path)
    compress = {".gz": gzip.compress, ".bz2": bz2.compress}.get(path.suffix, bytes)
    path.write_bytes(compress(text))
    return path


def _to_pbf(text: bytes, path: Path) -> Path:
    import osmium

    with osmium.SimpleWriter(str(path)) as writer:
        for thing in osmium.FileProcessor(osmium.io.FileBuffer(text, "osm")):
            writer.add(thing)
    return path


def streets_of(folder: Path, grid: Grid, *ways: tuple[Sequence[int], Mapping[str, str]], **options: object) -> Streets:
    """Write a file and open it as the profile `LEGAL`."""
    return open_streets(write_osm(folder / "tiny.osm", grid, *ways, **options), profile=LEGAL)


def at(id_: str, east: float, north: float) -> Place:
    """A place on the grid."""
    return Place(id=id_, lon=east * STEP, lat=north * STEP)
