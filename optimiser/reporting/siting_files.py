"""The files of a siting study, as bytes; whoever asks for them writes them."""

from __future__ import annotations

from optimiser.reporting.document import to_json
from optimiser.reporting.siting_document import study_document
from optimiser.reporting.siting_geojson import demand_geojson, outlines_geojson, sites_geojson
from optimiser.reporting.siting_geopackage import geopackage
from optimiser.reporting.siting_html import study_html
from optimiser.reporting.siting_outcome import outcome
from optimiser.reporting.siting_rows import (
    comparison_table,
    districts_table,
    front_table,
    grid_table,
    phases_table,
    runs_table,
    servings_table,
    sites_table,
    stability_table,
    summary_table,
    unserved_table,
)
from optimiser.reporting.siting_study import Study
from optimiser.reporting.siting_workbook import table_csv, workbook


def study_files(study: Study) -> dict[str, bytes]:
    """
    `study.json`, `report.html`, `sites.geojson`, `demand.geojson`, `sites.csv`, `servings.csv`, `study.gpkg` and
    `study.xlsx`, by name; `districts.geojson`, `excluded.geojson` and `grid_nodes.geojson` where there are such.
    """
    told = outcome(study)
    sites = sites_table(study, told)
    sheets = [summary_table(study, told), phases_table(study, told), sites, districts_table(told)]
    sheets += [grid_table(study, told), unserved_table(told)]
    if study.front is not None:
        sheets.append(front_table(study, study.front))
    if study.sensitivity is not None:
        sheets += [runs_table(study.sensitivity), stability_table(study, study.sensitivity)]
    if study.comparison is not None:
        sheets.append(comparison_table(study, study.comparison))
    return {
        "study.json": to_json(study_document(study, told)),
        "sites.geojson": to_json(sites_geojson(study, told)),
        "demand.geojson": to_json(demand_geojson(study, told)),
        **{f"{layer}.geojson": to_json(features) for layer, features in outlines_geojson(study, told).items()},
        "sites.csv": table_csv(sites).encode(),
        "servings.csv": table_csv(servings_table(study)).encode(),
        "study.gpkg": geopackage(study, told),
        "study.xlsx": workbook(sheets),
        "report.html": study_html(study, told).encode(),
    }
