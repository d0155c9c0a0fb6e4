"""Reads `grid`: transformers with the power that they have to spare, and finds the one that a site hangs on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from optimiser.basics.findings import Findings
from optimiser.siting.problem import GridNode
from scenarios.feed import some
from scenarios.schema_errors import nearest
from scenarios.siting.files.areas import Member, strangers
from scenarios.siting.files.feature import Feature, numbered, tell_spellings
from scenarios.siting.files.ground import Areas, Nearby, point_of, polygons_in
from scenarios.siting.files.source import read_filled
from scenarios.siting.files.whereabouts import Single

HOSTING = ("hosting_kw", "spare_kw", "headroom_kw", "available_kw", "capacity_kw", "kw")
NAMES = ("id", "node", "node_id", "transformer")
"""Columns that may hold what a node is called."""
UPGRADE = ("upgrade_kw", "upgrade_cost")
"""Where one of them is given, the other one is."""
COLUMNS = (*NAMES, *HOSTING, *UPGRADE)
FAR_M = 2000.0
"""Further from every transformer, a site is told: such a cable is a project of its own."""
MOST_KW = 10_000_000.0
MOST_COST = 1e12


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """The nodes of a file, and where they are: points, areas that they supply, or some of both."""

    nodes: tuple[GridNode, ...]
    points: tuple[tuple[float, float], ...]
    """Longitude and latitude of each."""
    places: Nearby
    areas: Areas
    source: str
    rows: tuple[str, ...]
    """Where in the file each node is."""

    @property
    def ids(self) -> list[str]:
        """Of the nodes."""
        return [node.id for node in self.nodes]

    @property
    def singles(self) -> list[Single]:
        """The nodes as places of their file."""
        return [Single(*told) for told in zip(self.ids, self.rows, self.points, strict=True)]


def read_grid(folder: Path, findings: Findings) -> Grid | None:
    """The nodes of `grid.geojson`, `.csv` or `.gpkg`; None where there is no such file, or an error."""
    features = read_filled(folder, "grid", findings)
    if not features:
        return None
    before = len(findings.errors)
    needed = [name for name, other in (UPGRADE, UPGRADE[::-1]) if any(feature.has(other) for feature in features)]
    meant = tell_spellings(features, COLUMNS, findings, needed=needed)
    if not any(feature.spelled(HOSTING) for feature in features):
        guess = nearest("hosting_kw", dict.fromkeys(name for feature in features for name in feature.values))
        hint = f"is {guess} meant?" if guess else "a column hosting_kw, the power in kW to spare for charging"
        text = "says of no node what it hosts"
        findings.error("hosting_missing", text, source=features[0].source, hint=hint)
        return None
    nodes, points, placed = list[GridNode](), list[tuple[float, float]](), list[str]()
    seen = dict[str, str]()
    for feature, otherwise in zip(features, numbered(features, "node ", names=NAMES), strict=True):
        point = point_of(feature.geometry)
        if point is None:
            text = f"is a {feature.geometry.geom_type}"
            feature.error(findings, "geometry_kind", "", text, hint="a Point, or the Polygon that it supplies")
        node = _node(feature, otherwise, findings, meant)
        if node is not None and node.id in seen:
            feature.error(
                findings, "duplicate_id", "id", f"node {node.id} is there twice", hint=f"first: {seen[node.id]}"
            )
        if node is None or point is None:
            continue
        seen.setdefault(node.id, feature.where)
        nodes.append(node)
        points.append(point)
        placed.append(feature.where)
    if len(findings.errors) > before:
        return None
    supplied = [(node.id, polygons_in(feature.geometry)) for node, feature in zip(nodes, features, strict=True)]
    areas = [(id_, polygon) for id_, polygon in supplied if polygon is not None]
    return Grid(
        nodes=tuple(nodes),
        points=tuple(points),
        places=Nearby.of(points),
        areas=Areas.of([id_ for id_, _ in areas], [polygon for _, polygon in areas]),
        source=features[0].source,
        rows=tuple(placed),
    )


def _node(feature: Feature, otherwise: str, findings: Findings, meant: Collection[str]) -> GridNode | None:
    """The node of a row; of columns that are `meant` by others, which is told, nothing is missed."""
    id_ = feature.text(NAMES, findings) or otherwise
    before = len(findings.errors)
    hosting_kw = feature.number(HOSTING, findings, most=MOST_KW)
    upgrade_kw = feature.number(("upgrade_kw",), findings, most=MOST_KW)
    upgrade_cost = feature.number(("upgrade_cost",), findings, most=MOST_COST)
    if feature.spelled(HOSTING) is None:
        hint = "the power in kW that it has to spare for charging"
        feature.error(findings, "hosting_missing", "hosting_kw", f"node {id_} has no hosting_kw", hint=hint)
    missing = {name for name in UPGRADE if name not in meant and not feature.has(name)}
    if upgrade_kw and upgrade_cost is None and "upgrade_cost" in missing:
        text = f"an upgrade of node {id_} has no price"
        feature.error(findings, "upgrade_unpriced", "upgrade_cost", text, hint="what it costs; 0 if nothing")
    if upgrade_cost and not upgrade_kw and "upgrade_kw" in missing:
        text = f"an upgrade of node {id_} adds nothing"
        feature.error(findings, "upgrade_empty", "upgrade_kw", text, hint="the power in kW that it adds")
    if len(findings.errors) > before or hosting_kw is None:
        return None
    return GridNode(id=id_, hosting_kw=hosting_kw, upgrade_kw=upgrade_kw or 0.0, upgrade_cost=upgrade_cost or 0.0)


def grid_nodes_of(members: Sequence[Member], grid: Grid | None, findings: Findings) -> list[str | None]:
    """
    The node of each site: the one that its file names, else the one that supplies its place, else the nearest.

    Without a grid nothing limits the power of sites, and a site that names a node is a mistake. With one that cannot
    be read, which is told already, nobody knows.
    """
    if grid is None and any(item.source.startswith("grid.") for item in findings.errors):
        return [None] * len(members)
    known = [] if grid is None else grid.ids
    for stranger in strangers(members, known):
        there = f"nodes are {some(known) or 'those of grid.geojson, missing'}"
        hint = f"did you mean {stranger.guess}?" if stranger.guess else there
        text = f"there is no grid node {stranger.told}"
        stranger.feature.error(findings, "unknown_grid_node", "grid_node", text, hint=hint)
    if grid is None or not members:
        return [None] * len(members)
    points = [member.point for member in members]
    inside, _ = grid.areas.holding(points)
    row, metres = grid.places.nearest(points)
    chosen = [
        member.given if member.given is not None else within or known[at]
        for member, within, at in zip(members, inside, row.tolist(), strict=True)
    ]
    far = [
        f"{member.id} ({away / 1000:.1f} km)"
        for member, within, away in zip(members, inside, metres.tolist(), strict=True)
        if member.given is None and within is None and away > FAR_M
    ]
    if far:
        are = "1 site is" if len(far) == 1 else f"{len(far)} sites are"
        text = f"{are} further than {FAR_M / 1000:g} km from every node: {some(far)}"
        findings.warning("grid_far", text, source=grid.source, value=len(far), hint="name the node with grid_node")
    return chosen
