"""Streets of a city, ready for questions: opened from a file or a place name, cached, behind `TravelSource`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from optimiser.basics.errors import InvalidInput, NetworkError
from optimiser.basics.finding import Finding, Severity
from optimiser.basics.hashing import content_hash
from optimiser.network import cache
from optimiser.network.access import access_pairs
from optimiser.network.build import build_graph
from optimiser.network.geodesy import coordinates
from optimiser.network.graph import ATTRIBUTION, GraphReport, StreetGraph, StreetLine
from optimiser.network.isochrone import isochrone_of
from optimiser.network.limits import limits_of
from optimiser.network.matrix import doors, search_graph, times_of, travel_matrices
from optimiser.network.osm import OSM_SUFFIXES, check_file, read_osm
from optimiser.network.osmnx_graphs import read_graphml
from optimiser.network.paths import fastest_path, join
from optimiser.network.profiles import DRIVE, Profile
from optimiser.network.search import SearchGraph
from optimiser.network.snap import Snapping, StreetIndex, index_streets, snap
from optimiser.network.tags import WayRule
from optimiser.network.travel import AccessPairs, FarPlace, Isochrone, Place, TravelTimes
from optimiser.network.ways import Way, Ways, cut_ways

OnMessage = Callable[[str], None]


@dataclass(frozen=True, eq=False)
class Streets:
    """A street graph that answers travel questions; implements `TravelSource`. Safe to share between threads."""

    graph: StreetGraph
    cache_dir: Path | None = None
    attribution: str = ATTRIBUTION

    @property
    def report(self) -> GraphReport:
        """What became of the file that the streets were read from."""
        return self.graph.report

    @property
    def label(self) -> str:
        """How times are made, in words."""
        return f"street graph, {self.graph.profile}, {'night' if self.graph.night else 'day'}"

    @cached_property
    def content_hash(self) -> str:
        """Changes with every street, speed or direction."""
        return content_hash(cache.pack(self.graph))

    @cached_property
    def _index(self) -> StreetIndex:
        return index_streets(self.graph)

    @cached_property
    def _search_graph(self) -> SearchGraph:
        return search_graph(self.graph)

    def lines(self) -> tuple[StreetLine, ...]:
        """Every street once, with its highway class, for drawing maps."""
        return tuple(self.graph.lines())

    def get_ready(self) -> None:
        """Load what `path` needs, so that it is quick later."""
        node = Place(id="node", lon=float(self.graph.node_lon[0]), lat=float(self.graph.node_lat[0]))
        self.path(node, node)

    def snap(self, places: Sequence[Place]) -> Snapping:
        """The nearest point of the nearest street for each place, however far."""
        return snap(self._index, places)

    def far_places(self, places: Sequence[Place], *, max_snap_m: float) -> tuple[FarPlace, ...]:
        """Every place further than `max_snap_m` from the nearest street, with its distance."""
        return self.snap(places).far(max_snap_m=max_snap_m)

    def off_street_m(self, places: Sequence[Place]) -> NDArray[np.float64]:
        """Metres from each place straight to where it meets the streets, which no time and no length counts."""
        return self.snap(places).distance_m

    def times(self, places: Sequence[Place]) -> TravelTimes:
        """Fastest travel times between all places, from the cache when they were asked for before."""
        name = f"times-{content_hash(cache.recipe(), self.content_hash, coordinates(places))[:32]}"
        kept = cache.load(self.cache_dir, name)
        if kept is None:
            travel_s, length_m = travel_matrices(self.graph, self.snap(places))
            cache.save(self.cache_dir, name, {"travel_s": travel_s, "length_m": length_m})
        else:
            travel_s, length_m = kept["travel_s"], kept["length_m"]
        return times_of(places, travel_s, length_m, label=self.label)

    def access(
        self,
        demand: Sequence[Place],
        sites: Sequence[Place],
        *,
        cutoff_s: float | None,
        cutoff_m: float | None,
        max_snap_m: float,
    ) -> AccessPairs:
        """
        Every way from a demand point to a site within both limits, None being no limit; figures are those of `times`.

        Raises InvalidInput for positions off the globe and limits below 0.
        """
        return access_pairs(
            self.graph,
            self._search_graph,
            self.snap(demand),
            self.snap(sites),
            limits=limits_of(cutoff_s, cutoff_m),
            max_snap_m=max_snap_m,
            label=self.label,
        )

    def isochrone(self, site: Place, *, cutoff_s: float | None, cutoff_m: float | None) -> Isochrone:
        """The streets from which the site is reached within both limits, and the area along them."""
        snapping = self.snap((site,))
        return isochrone_of(self.graph, self._search_graph, snapping, limits=limits_of(cutoff_s, cutoff_m))

    def path(self, origin: Place, destination: Place) -> tuple[tuple[float, float], ...]:
        """
        The fastest path as (lon, lat) points, from place to place, so it begins and ends off the street.

        Raises NetworkError when no street leads there.
        """
        snapping = self.snap((origin, destination))
        points = fastest_path(self.graph, snapping, over=self._search_graph, at=doors(self.graph, snapping))
        if points is None:
            message = f"no street leads from {origin.id} to {destination.id}"
            raise NetworkError(message, ids=(origin.id, destination.id))
        first, last = (np.array([[place.lon, place.lat]]) for place in (origin, destination))
        return tuple((lon, lat) for lon, lat in join([first, points, last]).tolist())


def open_streets(
    path: Path,
    *,
    profile: Profile = DRIVE,
    night: bool = True,
    cache_dir: Path | None = None,
    on_message: OnMessage | None = None,
) -> Streets:
    """
    Read the streets of a file, or take them from the cache when the same file was read before.

    Parameters
    ----------
    path
        `.osm.pbf`, `.osm`, `.osm.gz`, `.osm.bz2`, or `.graphml` as OSMnx saves it.
    night
        Whether times are those of the night.
    cache_dir
        Where parsed graphs and matrices are kept; None keeps nothing.
    on_message
        Told in a sentence what was read and dropped.

    Raises
    ------
    InvalidInput
        The file is absent, empty, damaged, of an unknown kind, or holds no street for this profile.
    """
    path = Path(path)
    check_file(path, (*OSM_SUFFIXES, ".graphml"))
    name = f"graph-{content_hash(cache.recipe(), cache.file_hash(path), profile, night, path.suffix)[:32]}"
    kept = cache.load(cache_dir, name)
    if kept is not None:
        graph = cache.unpack(kept)
    else:
        ways = read_graphml(path, profile) if path.suffix == ".graphml" else read_osm(path, profile)
        graph = _graph_of(ways, profile, night=night, source=path.name)
        cache.save(cache_dir, name, cache.pack(graph))
    if on_message:
        on_message(f"{path.name}{' (cached)' if kept is not None else ''}: {graph.report}")
    return Streets(graph, cache_dir)


def _graph_of(ways: Ways, profile: Profile, *, night: bool, source: str) -> StreetGraph:
    graph = build_graph(ways, profile, night=night)
    if len(graph.street) == 0:
        held = f"{ways.ways_read} ways, none of which leads back" if len(ways.rule) else f"{ways.ways_read} ways"
        finding = Finding(
            code="streets_none",
            severity=Severity.ERROR,
            source=source,
            where="",
            value=ways.ways_read,
            message=f"holds no street network for profile {profile.name}: {held}",
            hint="an extract with highway ways and the nodes that they name",
        )
        raise InvalidInput("streets", findings=(finding,))
    return graph


def warm_up() -> None:
    """Compile the searches, so that the first night need not wait; slow once, then kept on disk by Numba."""
    street = Way((0, 1), WayRule("residential", 30.0, 30.0, True))
    streets = Streets(build_graph(cut_ways([street], {0: (0.0, 0.0), 1: (0.003, 0.0)}), DRIVE, night=True))
    places = (Place(id="a", lon=0.001, lat=0.0), Place(id="b", lon=0.002, lat=0.0))
    streets.times(places)
    streets.path(*places)
    streets.access(places, places, cutoff_s=60, cutoff_m=None, max_snap_m=250)
    streets.isochrone(places[0], cutoff_s=60, cutoff_m=None)
