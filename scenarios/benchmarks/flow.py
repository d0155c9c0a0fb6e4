"""
Instances of flow refuelling (AC-PC; Capar, Kuby, Leon & Tsai 2013): a folder with a road network and who drives on it.

    TNTP (Transportation Networks)   *_net.tntp with links, of which the length counts, and *_trips.tntp
    BeData (Mahmutogullari & Yaman)  edges.xlsx with rows i j length, flows.xlsx with rows i j flow; no other is read

Links can be driven both ways. Flows from one node to another and back are one trip, along the shortest path from the
lower number to the higher one; of equally long paths see `shortest_paths`. `p` and the range are asked by a list.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scenarios.benchmarks.files import finite_number, refuse
from scenarios.benchmarks.flow_files import Network, is_network, read_network
from scenarios.benchmarks.shortest_paths import neighbours_of, path_to, shortest_paths

LAYOUT = "a folder with *_net.tntp and *_trips.tntp, or with edges.xlsx and flows.xlsx"
ASKED = re.compile(r"_R[\d.]+_p\d+$")
"""What the name of an instance says after that of its folder."""
RANGE = re.compile(r"range\s*=\s*([^\s,;]+)")


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


def read_flow(path: Path, asked: Mapping[str, str] | None = None) -> FlowInstance:
    """
    Read a folder of either form; `asked` is a list's row for it, with `p` and `params` or `range`.

    Raises
    ------
    InvalidInput
        Everything that is wrong, located.
    """
    if not is_network(path):
        refuse(path, "network_missing", "holds no road network with flows", hint=LAYOUT)
    asked = asked or {}
    network = read_network(path)
    p = _number(path, asked.get("p", ""), "p")
    if not (p.is_integer() and 1 <= p <= len(network.nodes)):
        refuse(path, "p_wrong", f"p is {p:g}", value=p, hint=f"a whole number within 1..{len(network.nodes):,}")
    told = RANGE.search(asked.get("params", ""))
    reach = _number(path, told[1] if told else asked.get("range", ""), "range")
    if reach <= 0:
        refuse(path, "range_wrong", f"the range is {reach:g}", value=reach, hint="a number above 0")
    return FlowInstance(name=asked.get("instance") or path.name, p=int(p), reach=reach, network=network)


def _number(path: Path, told: str, what: str) -> float:
    value = finite_number(told) if told else None
    if value is None:
        hint = "name it in a cases.csv: a column p, and range=... in a column params"
        refuse(path, f"{what}_missing", f"no {what} is asked", value=told, hint=hint)
    return value
