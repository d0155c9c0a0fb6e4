"""
Instances of maximal covering.

    city (Maximo et al. 2023)   DIMENSION n, NODE_COORD_SECTION with latitude and longitude, DEMAND_SECTION; every node
                                is a demand point and may be a site; ways are arcs on a sphere of 6,378,100 m
    bds                         nF nC, then lines `F id x y cost` for sites and `C id x y demand`; ways are straight

A point is covered by sites no further than the radius. `p` and `radius` are asked by a list.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from scenarios.benchmarks.files import finite_number, read_text, refuse

LAYOUT = "a city with NODE_COORD_SECTION and DEMAND_SECTION, or nF nC and lines F id x y cost, C id x y demand"
COORDINATES, DEMAND = "NODE_COORD_SECTION", "DEMAND_SECTION"
EARTH_M = 6_378_100.0
BLOCK = 256
"""Points whose ways are measured at once."""

Floats = NDArray[np.float64]
Sites = NDArray[np.int64]


@dataclass(frozen=True, eq=False, kw_only=True)
class MclpInstance:
    """Demand points, sites, and which reach which."""

    name: str
    p: int
    """Sites to choose."""
    radius: float
    weight: Floats
    """Of each demand point."""
    sites: int
    is_within: Callable[[slice, Sites], NDArray[np.bool_]]
    """Which of some sites reach a stretch of the points, shape (points, sites)."""

    @cached_property
    def pairs(self) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
        """Where the sites of each point begin, and these."""
        counts, sites, every = [], [], np.arange(self.sites)
        for start in range(0, len(self.weight), BLOCK):
            within = self.is_within(slice(start, start + BLOCK), every)
            counts.append(within.sum(axis=1))
            sites.append(np.nonzero(within)[1].astype(np.int32))
        return np.concatenate([[0], np.cumsum(np.concatenate(counts))]).astype(np.int64), np.concatenate(sites)


def read_mclp(path: Path, asked: Mapping[str, str] | None = None) -> MclpInstance:
    """
    Read an instance of either form, told apart by content; its name is that of the file.

    Parameters
    ----------
    asked
        A list's row for it, with `p` and `radius`.

    Raises
    ------
    InvalidInput
        One located error: the first thing that is wrong, with its value and what would be right.
    """
    text = read_text(path, hint=LAYOUT)
    weight, sites, measure = _city(path, text) if COORDINATES in text else _planar(path, text)
    p = _asked(path, asked, "p")
    if not (p.is_integer() and 1 <= p <= sites):
        refuse(path, "p_wrong", f"p is {p:g}", value=p, hint=f"a whole number within 1..{sites:,}")
    radius = _asked(path, asked, "radius")
    if radius < 0:
        refuse(path, "radius_wrong", f"the radius is {radius:g}", value=radius, hint="0 or more")
    return MclpInstance(
        name=path.stem, p=int(p), radius=radius, weight=weight, sites=sites, is_within=partial(measure, radius)
    )


def _asked(path: Path, asked: Mapping[str, str] | None, column: str) -> float:
    told = (asked or {}).get(column, "")
    value = finite_number(told) if told else None
    if value is None:
        hint = f"name it in a cases.csv with a column {column}"
        refuse(path, f"{column}_missing", f"no {column} is asked", value=told, hint=hint)
    return value


_Measure = Callable[[float, slice, Sites], NDArray[np.bool_]]
_Read = tuple[Floats, int, _Measure]
"""Weights, the number of sites, and what tells who is within a radius."""


def _city(path: Path, text: str) -> _Read:
    lines = text.splitlines()
    size = next((number for number, line in enumerate(lines) if line.startswith("DIMENSION")), None)
    first = next(number for number, line in enumerate(lines) if COORDINATES in line) + 1
    middle = next((number for number, line in enumerate(lines) if DEMAND in line and number >= first), None)
    if middle is None:
        refuse(path, "demand_missing", "has no DEMAND_SECTION", hint=LAYOUT)
    places = [_numbers(path, lines[number], number + 1, 2, "latitude and longitude") for number in range(first, middle)]
    demand = []
    for number in range(middle + 1, len(lines)):
        if lines[number].strip() in ("", "EOF"):
            break
        demand.append(_numbers(path, lines[number], number + 1, 1, "a demand")[0])
    if not places or len(places) != len(demand):
        told = f"has {len(places):,} points and {len(demand):,} demands"
        refuse(path, "point_count", told, value=len(demand), hint="as many demands as points, one at least")
    if size is not None:
        (told_n,) = _numbers(path, lines[size].partition(":")[2], size + 1, 1, "the number of points")
        if told_n != len(places):
            told = f"has {len(places):,} points, DIMENSION is {told_n:g}"
            refuse(path, "point_count", told, value=len(places), hint=f"{told_n:g} points, as it begins")
    return _weights(path, demand), len(places), partial(_on_the_sphere, np.radians(np.array(places)))


def _planar(path: Path, text: str) -> _Read:
    lines = [(number, line.split()) for number, line in enumerate(text.splitlines(), start=1) if line.strip()]
    number, head = lines[0]
    counts = _numbers(path, " ".join(head), number, 2, "nF nC")
    places: dict[str, list[tuple[float, float]]] = {"F": [], "C": []}
    demand = []
    for number, tokens in lines[1:]:
        if tokens[0] not in places:
            refuse(path, "line_wrong", "is no line F or C", where=f"line {number}", value=tokens[0], hint=LAYOUT)
        _, x, y, value = _numbers(path, " ".join(tokens[1:]), number, 4, "id, x, y and a value")
        places[tokens[0]].append((x, y))
        if tokens[0] == "C":
            demand.append(value)
    if [len(places["F"]), len(places["C"])] != list(counts) or not all(counts):
        told = f"has {len(places['F']):,} sites and {len(places['C']):,} demand points"
        refuse(path, "point_count", told, value=len(demand), hint=f"{counts[0]:g} and {counts[1]:g}, as it begins")
    measure = partial(_in_the_plane, np.array(places["C"]), np.array(places["F"]))
    return _weights(path, demand), len(places["F"]), measure


def _weights(path: Path, demand: list[float]) -> Floats:
    least = min(demand)
    if least < 0:
        refuse(path, "demand_wrong", f"a demand is {least:g}", value=least, hint="0 or more")
    return np.array(demand)


def _on_the_sphere(place: Floats, radius: float, stretch: slice, sites: Sites) -> NDArray[np.bool_]:
    here, there = place[stretch, :, None], place[sites].T
    across = np.cos(here[:, 0]) * np.cos(there[0]) * np.cos(there[1] - here[:, 1])
    angle = np.arccos(np.clip(np.sin(here[:, 0]) * np.sin(there[0]) + across, -1.0, 1.0))
    angle[np.arange(len(place))[stretch, None] == sites] = 0.0
    # The instances were made with single precision; some ways end at the radius.
    within: NDArray[np.bool_] = (angle * EARTH_M).astype(np.float32) <= np.float32(radius)
    return within


def _in_the_plane(points: Floats, places: Floats, radius: float, stretch: slice, sites: Sites) -> NDArray[np.bool_]:
    apart = points[stretch, None] - places[sites]
    within: NDArray[np.bool_] = np.sqrt((apart**2).sum(axis=2)) <= radius
    return within


def _numbers(path: Path, line: str, number: int, count: int, what: str) -> list[float]:
    values = [finite_number(token) for token in line.split()]
    found = [value for value in values if value is not None]
    if len(values) != count or len(found) != count:
        told = line.strip()[:60]
        refuse(path, "line_wrong", f"{told!r} is not {what}", where=f"line {number}", value=told, hint=LAYOUT)
    return found
