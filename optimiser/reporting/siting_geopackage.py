"""study.gpkg: sites, demand and districts as layers of a GeoPackage (OGC 12-128r19), for desktop maps."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from optimiser.reporting.siting_outcome import Outcome
from optimiser.reporting.siting_rows import Table, demand_table, districts_table, sites_table
from optimiser.reporting.siting_study import Study

WRITTEN = "2000-01-01T00:00:00.000Z"
"""Stands in the file as the time of its last change, so that the same study gives the same bytes."""


def geopackage(study: Study, told: Outcome) -> bytes:
    """
    Points of `sites` and `demand`; `districts` as the hull around their demand points, for want of borders.

    Longitudes and latitudes (EPSG:4326). The library writes to a file, so a temporary one is used.
    """
    import geopandas
    import pyogrio

    sites, demand, districts = sites_table(study, told), demand_table(study, told), districts_table(told)
    layers: dict[str, tuple[Table, Sequence[shapely.Geometry]]]
    layers = {"sites": (sites, _points(sites)), "demand": (demand, _points(demand))}
    if study.problem.districts:
        layers["districts"] = (districts, _hulls(study))
    pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": WRITTEN})
    try:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "study.gpkg"
            for name, (rows, geometry) in layers.items():
                columns = {column: [row[number] for row in rows.rows] for number, column in enumerate(rows.columns)}
                frame = geopandas.GeoDataFrame(columns, geometry=geometry, crs="EPSG:4326")
                pyogrio.write_dataframe(frame, path, layer=name, driver="GPKG", append=path.exists())
            return path.read_bytes()
    finally:
        pyogrio.set_gdal_config_options({"OGR_CURRENT_DATE": None})


def _points(rows: Table) -> Sequence[shapely.Geometry]:
    lon, lat = rows.columns.index("lon"), rows.columns.index("lat")
    places = np.array([(row[lon], row[lat]) for row in rows.rows], dtype=np.float64).reshape(-1, 2).tolist()
    return [shapely.Point(place) for place in places]


def _hulls(study: Study) -> Sequence[shapely.Geometry]:
    """Around all demand points of each district; with fewer than three of them a line, a point or nothing."""
    problem = study.problem
    return [
        shapely.MultiPoint(
            [(problem.demand[row].lon, problem.demand[row].lat) for row in problem.points_of[district.id].tolist()]
        ).convex_hull
        for district in problem.districts
    ]
