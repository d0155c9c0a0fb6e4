"""study.gpkg: sites, demand, districts, excluded areas and grid as a GeoPackage (OGC 12-128r19), for desktop maps."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import shapely

from optimiser.reporting.siting_outcome import Outcome
from optimiser.reporting.siting_rows import Table, demand_table, districts_table, grid_table, sites_table, table
from optimiser.reporting.siting_study import Study

WRITTEN = "2000-01-01T00:00:00.000Z"
"""Stands in the file as the time of its last change, so that the same study gives the same bytes."""


def geopackage(study: Study, told: Outcome) -> bytes:
    """
    Points of `sites` and `demand`; `districts`, as the hull around their demand points where borders are not known;
    `excluded` areas and points of `grid_nodes` where there are any.

    Longitudes and latitudes (EPSG:4326). The library writes to a file, so a temporary one is used.
    """
    import geopandas
    import pyogrio

    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN})
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "study.gpkg"
            for name, (rows, geometry) in _layers(study, told).items():
                columns = {column: [row[number] for row in rows.rows] for number, column in enumerate(rows.columns)}
                frame = geopandas.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")
                pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _layers(study: Study, told: Outcome) -> dict[str, tuple[Table, Sequence[shapely.Geometry]]]:
    """Rows and geometries by layer."""
    sites, demand, outlines = sites_table(study, told), demand_table(study, told), study.outlines
    layers: dict[str, tuple[Table, Sequence[shapely.Geometry]]]
    layers = {"sites": (sites, _points(sites)), "demand": (demand, _points(demand))}
    if study.problem.districts:
        layers["districts"] = (districts_table(told), _borders(study))
    if outlines.excluded:
        names = table("Excluded", [{"name": name} for name, _ in outlines.excluded])
        layers["excluded"] = (names, [area for _, area in outlines.excluded])
    if outlines.grid_nodes:
        grid = grid_table(study, told)
        placed = replace(grid, rows=tuple(row for row in grid.rows if row[0] in outlines.grid_nodes))
        layers["grid_nodes"] = (placed, [shapely.Point(outlines.grid_nodes[str(row[0])]) for row in placed.rows])
    return layers


def _points(rows: Table) -> Sequence[shapely.Geometry]:
    lon, lat = rows.columns.index("lon"), rows.columns.index("lat")
    places = np.array([(row[lon], row[lat]) for row in rows.rows], dtype=np.float64).reshape(-1, 2).tolist()
    return [shapely.Point(place) for place in places]


def _borders(study: Study) -> Sequence[shapely.Geometry]:
    """Of each district, else the hull around its demand points; with fewer than three a line, a point or nothing."""
    problem = study.problem
    return [
        study.outlines.districts.get(district.id)
        or shapely.MultiPoint(
            [(problem.demand[row].lon, problem.demand[row].lat) for row in problem.points_of[district.id].tolist()]
        ).convex_hull
        for district in problem.districts
    ]
