"""The files of a planned night, as bytes; whoever asks for them writes them."""

from __future__ import annotations

from collections.abc import Sequence

from optimiser.network.travel import TravelSource
from optimiser.reporting.document import labels, plan_document, to_json
from optimiser.reporting.geojson import routes_geojson
from optimiser.reporting.html import PAGE, report_html
from optimiser.reporting.night import Night
from optimiser.reporting.street_drawing import StreetLine
from optimiser.reporting.tables import route_sheet_csv
from optimiser.reporting.wishes import must_do, zone_outcomes

__all__ = ["PAGE", "night_files"]


def night_files(night: Night, travel: TravelSource, street_lines: Sequence[StreetLine] = ()) -> dict[str, bytes]:
    """
    `plan.json`, `routes.geojson`, `route_sheet.csv`, `unserved.json` and `report.html`, by name.

    `travel` draws the ways between stops; `street_lines` are (OSM highway class, (lon, lat) points), none for
    a city without streets.
    """
    plan = plan_document(night)
    geojson = routes_geojson(night, travel)
    left = {"city_id": night.city.id, "night_start": plan["night_start"], "labels": labels(night)}
    return {
        "plan.json": to_json(plan),
        "routes.geojson": to_json(geojson),
        "route_sheet.csv": route_sheet_csv(night).encode(),
        "unserved.json": to_json(
            {
                **left,
                "must_do": [entry.as_document() for entry in must_do(night) if entry.is_open],
                "zones": [zone.as_document() for zone in zone_outcomes(night) if zone.is_missed],
                "unserved": plan["unserved"],
            }
        ),
        "report.html": report_html(night, geojson=geojson, street_lines=street_lines).encode(),
    }
