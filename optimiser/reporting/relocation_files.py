"""The files of a planned night of e-cars, as bytes; whoever asks for them writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from optimiser.network.travel import TravelSource
from optimiser.reporting.document import to_json
from optimiser.reporting.relocation_document import relocation_document, unserved_document
from optimiser.reporting.relocation_geojson import relocation_geojson
from optimiser.reporting.relocation_html import PAGE, relocation_html
from optimiser.reporting.relocation_night import RelocationNight
from optimiser.reporting.relocation_sheet import driver_sheet_csv
from optimiser.reporting.street_drawing import StreetLine

__all__ = ["PAGE", "relocation_files"]


def relocation_files(
    night: RelocationNight,
    drive: TravelSource,
    ways: Mapping[str, TravelSource],
    street_lines: Sequence[StreetLine] = (),
) -> dict[str, bytes]:
    """
    `plan.json`, `routes.geojson`, `driver_sheet.csv`, `unserved.json` and `report.html`, by name.

    `drive` and `ways` (by mode) draw the lines; `street_lines` are (OSM highway class, (lon, lat) points), none for a
    city without streets.
    """
    geojson = relocation_geojson(night, drive, ways)
    return {
        "plan.json": to_json(relocation_document(night)),
        "routes.geojson": to_json(geojson),
        "driver_sheet.csv": driver_sheet_csv(night).encode(),
        "unserved.json": to_json(unserved_document(night)),
        "report.html": relocation_html(night, geojson=geojson, street_lines=street_lines).encode(),
    }
