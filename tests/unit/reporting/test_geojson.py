"""routes.geojson against the rules of RFC 7946."""

from __future__ import annotations

import json
from collections import Counter

from optimiser.network.straight_line import StraightLine
from optimiser.rebalancing.plan import Plan, Route, Stop
from optimiser.reporting.document import to_json
from optimiser.reporting.geojson import routes_geojson
from tests.builders import problem, station
from tests.unit.reporting.nights import LAT, LON, night_of, small_night

TRAVEL = StraightLine(circuity=1.3, speed_kmh=25)


def collection(night):
    return json.loads(to_json(routes_geojson(night, TRAVEL)))


def test_one_line_for_each_leg_and_one_point_for_each_stop_station_and_depot():
    features = collection(small_night())["features"]
    kinds = Counter(feature["properties"]["kind"] for feature in features)
    assert kinds == {"depot": 1, "station": 4, "stop": 2, "leg": 3}
    ids = [feature["id"] for feature in features]
    assert len(set(ids)) == len(ids)


def test_types_are_closed_and_positions_are_lon_lat_with_six_decimals():
    found = collection(small_night())
    assert found["type"] == "FeatureCollection"
    assert "crs" not in found
    for feature in found["features"]:
        assert set(feature) == {"type", "id", "geometry", "properties"}
        geometry = feature["geometry"]
        assert set(geometry) == {"type", "coordinates"}
        assert geometry["type"] in {"Point", "LineString"}
        points = geometry["coordinates"] if geometry["type"] == "LineString" else [geometry["coordinates"]]
        assert len(points) >= (2 if geometry["type"] == "LineString" else 1)
        for lon, lat in points:
            # A handful of kilometres around the depot; swapped axes would be far outside.
            assert LON <= lon <= LON + 0.1
            assert lat == LAT
            assert round(lon, 6) == lon


def test_legs_lead_from_depot_to_depot_with_the_load_on_board():
    legs = [item["properties"] for item in collection(small_night())["features"] if item["properties"]["kind"] == "leg"]
    assert [(leg["from"], leg["to"], leg["load"]) for leg in legs] == [("D", "A", 0), ("A", "B", 5), ("B", "D", 1)]
    assert [(leg["drive_s"], leg["distance_m"]) for leg in legs] == [(100, 1000), (200, 2000), (300, 3000)]


def test_two_places_at_the_same_point_still_make_a_line():
    given = problem([station("A", 3, low=0, high=2)], [0])
    plan = Plan(routes=(Route(van_id="van-1", stops=(Stop(station_id="A", pickup=1),)),))
    found = collection(night_of(given, plan, positions={"A": (LON, LAT), "D": (LON, LAT)}))
    lines = [item["geometry"]["coordinates"] for item in found["features"] if item["properties"]["kind"] == "leg"]
    assert lines == [[[LON, LAT], [LON, LAT]]] * 2


def test_labels_travel_along():
    found = collection(small_night())
    assert found["attribution"] == ["© OpenStreetMap contributors"]
    assert found["synthetic"] == ["fleet, depot and demand are made up from seed 1"]
    far = next(item for item in found["features"] if item["id"] == "station/X")
    assert far["properties"]["left_out"] == "FAR_FROM_STREET"
