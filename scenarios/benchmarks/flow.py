"""
Instances of flow refuelling (AC-PC; Capar, Kuby, Leon & Tsai 2013): a folder with a road network and who drives on it.

    TNTP (Transportation Networks)   *_net.tntp with links, of which the length counts, and *_trips.tntp
    BeData (Mahmutogullari & Yaman)  edges.xlsx with rows i j length, flows.xlsx with rows i j flow; no other is read

Links can be driven both ways. Flows from one node to another and back are one trip, along the shortest path from the
lower number to the higher one; of equally long paths see `shortest_paths`. `p` and the range are asked by a list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.findings import Findings
from scenarios.benchmarks.asked import Asked
from scenarios.benchmarks.files import finite_number, refuse
from scenarios.benchmarks.flow_files import FORMS, Network, form_of, is_network, read_network
from scenarios.benchmarks.shortest_paths import neighbours_of, path_to, shortest_paths

LAYOUT = "a folder with *_net.tntp and *_trips.tntp, or with edges.xlsx and flows.xlsx"
ASKED = re.compile(r"_R([\d.]+)_p(\d+)$")
"""What the name of an instance says after that of its folder."""
RANGE = re.compile(r"range\s*=\s*(.*)")
SOLVED = ("round trip", "shortest path")
"""What `params` may say beside the range."""


class Trips(NamedTuple):
    """Shortest paths that are driven there and back, one after another."""

    flow: NDArray[np.float64]
    first: NDArray[np.int64]
    """Where each path begins, shape (trips + 1,)."""
    node: NDArray[np.int32]
    """Nodes along the paths, counted from 0."""
    at: NDArray[np.float64]
    """Way from the beginning of the path."""


@dataclass(frozen=True, eq=False, kw_only=True)
class FlowInstance:
    """A network, what drives on it, and what is asked."""

    name: str
    p: int
    """Stations to choose."""
    reach: float
    """The range."""
    network: Network

    @property
    def nodes(self) -> tuple[int, ...]:
        """Numbers of the nodes, in order."""
        return self.network.nodes

    @cached_property
    def trips(self) -> Trips:
        """All that have a flow and a way."""
        place = {node: number for number, node in enumerate(self.nodes)}
        links = [(place[one], place[other], length) for one, other, length in self.network.links]
        neighbours = neighbours_of(links, len(self.nodes))
        flows: dict[int, dict[int, float]] = {}
        for one, other, flow in self.network.flows:
            if one != other and flow > 0:
                low, high = sorted((place[one], place[other]))
                own = flows.setdefault(low, {})
                own[high] = own.get(high, 0.0) + flow
        first, node, at, kept = [0], list[int](), list[float](), list[float]()
        for origin, own in sorted(flows.items()):
            way, before = shortest_paths(neighbours, origin)
            for destination, flow in sorted(own.items()):
                if np.isfinite(way[destination]):
                    path = path_to(before, destination)
                    node += path
                    at += [way[stop] for stop in path]
                    first.append(len(node))
                    kept.append(flow)
        return Trips(flow=np.array(kept), first=np.array(first), node=np.array(node, dtype=np.int32), at=np.array(at))


def folder_name(instance: str) -> str:
    """The name of the folder that an instance is about: `BE1` for `BE1_R100_p3`."""
    return ASKED.sub("", instance)


def read_flow(path: Path, asked: Asked | None = None) -> FlowInstance:
    """
    Read a folder of either form; `asked` by a list's row for it, with `p` and `params` or `range`.

    Raises
    ------
    InvalidInput
        Everything that is wrong with the files and the row, located.
    """
    findings, asked, network = Findings(), asked or Asked(), None
    with findings.noting():
        if not is_network(path):
            refuse(path, "network_missing", "holds no road network with flows", hint=LAYOUT)
        asked.check_form(findings, path, form_of(path), FORMS)
        network = read_network(path)
    p = asked.sites(findings, path, own=None, most=len(network.nodes) if network else None)
    reach = _range(path, asked, findings)
    name = asked.get("instance") or path.name
    for what, said, value in _named(name, reach, p):
        message = f"{name} is named after {what} {said}, and {value:g} is asked"
        asked.wrong(findings, path, "name_other", message, value=name, hint=f"{what} {said}, or another name")
    findings.raise_errors(f"benchmark folder {path}")
    assert network is not None, "or there were errors"
    assert reach is not None, "or there were errors"
    return FlowInstance(name=name, p=p, reach=reach, network=network)


def _range(path: Path, asked: Asked, findings: Findings) -> float | None:
    """What `params`, or else `range`, says; whatever else `params` says has to be what is solved."""
    told = asked.get("range")
    for part in filter(None, map(str.strip, re.split("[,;]", asked.get("params")))):
        if found := RANGE.fullmatch(part):
            told = found[1]
        elif part.casefold() not in SOLVED:
            message = f"params ask for {part[:60]!r}: only round trips along shortest paths are solved"
            hint = f"range=NUMBER, and nothing else but {', '.join(SOLVED)}"
            asked.wrong(findings, path, "params_unknown", message, value=part[:60], hint=hint)
    hint = "name it in a cases.csv: range=... in a column params, or a column range"
    reach = asked.number(findings, path, told, "range", hint=hint)
    if reach is not None and reach <= 0:
        told = f"the range is {reach:g}"
        asked.wrong(findings, path, "range_wrong", told, value=reach, hint="a number above 0")
    return reach


def _named(name: str, reach: float | None, p: int) -> Iterator[tuple[str, str, float]]:
    """Where an instance is named after another range or number of stations: which, that, and what is asked."""
    named = ASKED.search(name)
    for what, said, value in zip(("range", "p"), named.groups() if named else (), (reach, p or None), strict=False):
        if value is not None and finite_number(said) != value:
            yield what, said, value
