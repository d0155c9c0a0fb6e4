"""Reads `grid`: transformers with the power that they have to spare, and finds the one that a site hangs on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path

from shapely.geometry.base import BaseGeometry

from optimiser.basics.findings import Findings
from optimiser.siting.problem import GridNode
from scenarios.feed import some
from scenarios.schema_errors import nearest
from scenarios.siting.files.areas import Member, strangers
from scenarios.siting.files.feature import Feature, Notes, numbered, tell_spellings
from scenarios.siting.files.ground import Areas, Nearby, polygons_in
from scenarios.siting.files.source import read_filled, tell_their_ids
from scenarios.siting.files.whereabouts import Single

HOSTING = ("hosting_kw", "spare_kw", "headroom_kw", "available_kw", "capacity_kw", "kw")
NAMES = ("id", "node", "node_id", "transformer")
"""Columns that may hold what a node is called."""
UPGRADE = ("upgrade_kw", "upgrade_cost")
"""Where one of them is given, the other one is."""
COLUMNS = (*NAMES, *HOSTING, *UPGRADE)
KW = "kW, of which 1,000 W are one; if it is right, nothing has to be done"
FAR_M = 2000.0
"""Further from every transformer, a site is told: such a cable is a project of its own."""
MOST_KW = 10_000_000.0
LARGE_KW = 100_000.0
"""More than a transformer of a city can spare: probably told in another unit."""
MOST_COST = 1e12


@dataclass(frozen=True, kw_only=True, eq=False)
class Grid:
    """The nodes of a file, and where they are: points, areas that they supply, or some of both."""

    nodes: tuple[GridNode, ...]
    named: tuple[str, ...]
    """Ids of all nodes of the file, also of those with which something is wrong, which is told."""
    points: tuple[tuple[float, float], ...]
    """Longitude and latitude of each of the nodes."""
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
    """The nodes of `grid.geojson`, `.csv` or `.gpkg`; None where there is no such file, or not all tell their ids."""
    before = len(findings.errors)
    features = read_filled(folder, "grid", findings)
    if not features:
        return None
    needed = [name for name, other in (UPGRADE, UPGRADE[::-1]) if any(feature.has(other) for feature in features)]
    meant = tell_spellings(features, COLUMNS, findings, needed=needed)
    if not any(feature.spelled(HOSTING) for feature in features):
        guess = nearest("hosting_kw", dict.fromkeys(name for feature in features for name in feature.values))
        hint = f"is {guess} meant?" if guess else "a column hosting_kw, the power in kW to spare for charging"
        text = "says of no node what it hosts"
        findings.error("hosting_missing", text, source=features[0].source, hint=hint)
        return None
    nodes, points, placed = list[GridNode](), list[tuple[float, float]](), list[str]()
    supplied = list[tuple[str, BaseGeometry]]()
    seen, notes = dict[str, str](), Notes()
    for feature, otherwise in zip(features, numbered(features, "node ", names=NAMES), strict=True):
        point = feature.point(findings, hint="a Point, or the Polygon that it supplies")
        id_ = feature.text(NAMES, findings) or otherwise
        if id_ in seen:
            name = feature.spelled(NAMES) or "id"
            feature.error(findings, "duplicate_id", name, f"node {id_} is there twice", hint=f"first: {seen[id_]}")
        seen.setdefault(id_, feature.where)
        node = _node(feature, id_, findings, meant)
        if node is None or point is None:
            continue
        if (most := max(node.hosting_kw, node.upgrade_kw)) > LARGE_KW:
            notes.warn("hosting_large", f"node {id_}", feature, f"is told to have {most:,.0f} kW", value=most, hint=KW)
        nodes.append(node)
        points.append(point)
        placed.append(feature.where)
        polygon = polygons_in(feature.geometry)
        supplied += [] if polygon is None else [(id_, polygon)]
    findings.extend(notes.told())
    if not tell_their_ids(findings.errors[before:]):
        return None
    return Grid(
        nodes=tuple(nodes),
        named=tuple(seen),
        points=tuple(points),
        areas=Areas.of([id_ for id_, _ in supplied], [polygon for _, polygon in supplied]),
        source=features[0].source,
        rows=tuple(placed),
    )


def _node(feature: Feature, id_: str, findings: Findings, meant: Collection[str]) -> GridNode | None:
    """The node of a row; of columns that are `meant` by others, which is told, nothing is missed."""
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
    for stranger in strangers(members, [] if grid is None else grid.named):
        hint = f"did you mean {stranger.guess}?" if stranger.guess else _there(grid, findings)
        text = f"there is no grid node {stranger.told}"
        stranger.feature.error(findings, "unknown_grid_node", "grid_node", text, hint=hint)
    points = [member.point for member in members if member.point is not None]
    if grid is None or len(grid.nodes) < len(grid.named) or len(points) < len(members) or not members:
        return [None] * len(members)
    inside, _ = grid.areas.holding(points)
    known, (row, metres) = grid.ids, Nearby.of(grid.points).nearest(points)
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


def _there(grid: Grid | None, findings: Findings) -> str:
    """Which nodes there are, in words, or which file of them is missing or empty."""
    if grid is not None:
        return f"nodes are {some(grid.named)}"
    for item in findings.items:
        if item.code == "file_empty" and item.source.startswith("grid."):
            return f"nodes are those of {item.source}, which holds nothing"
    return "nodes are those of grid.geojson, missing"
