"""Sites of a street extract, or along streets where it knows none."""

from __future__ import annotations

import pytest

from optimiser.siting.problem import DemandPoint
from tests.unit.network.osm_files import streets_of, way, write_osm
from tests.unit.scenarios.siting.places import EAST, NORTH, codes, point, read, write

TOWN = {1: (0, 0), 2: (9, 0), 3: (9, 9), 4: (0, 9), 5: (4, 4), 6: (5, 4), 7: (5, 5), 8: (4, 5)}

RING = way(1, 2, 3, 4, 1)


def area(*nodes, **tags):
    return nodes, tags


def test_an_extract_supplies_chargers_and_candidates_with_a_reason_each(tmp_path):
    spots = {20 + index: (index, 2) for index in range(8)}
    tags = {
        20: {"amenity": "charging_station", "capacity": "3", "socket:type2": "3"},
        21: {"amenity": "fuel", "name": "Pump", "brand": "x"},
        22: {"amenity": "parking", "access": "private"},
        23: {"amenity": "car_sharing", "addr:street": "Long Street", "addr:housenumber": "5"},
        24: {"highway": "street_lamp"},
        25: {"amenity": "bench"},
    }
    car_park = area(5, 6, 7, 8, 5, amenity="parking", parking="surface")
    at_kerb = area(1, 2, 3, amenity="parking", parking="street_side")
    path = write_osm(tmp_path / "town.osm", {**TOWN, **spots}, RING, car_park, at_kerb, node_tags=tags)
    sites, findings, notes = read(tmp_path, streets=path)
    found = {site.id: (site.source, site.name) for site in sites}
    assert found == {
        "node/20": ("existing", "Charging station"),
        "node/21": ("fuel", "Pump"),
        "node/23": ("car_sharing", "Car sharing, Long Street 5"),
        "way/2": ("parking", "Car park"),
        "way/3": ("kerbside", "Street parking"),
    }
    assert sites[0].plugs == {"ac22": 3}
    assert all(site.why for site in sites)
    by_id = {site.id: site for site in sites}
    assert (by_id["way/2"].lon, by_id["way/2"].lat) == pytest.approx((4.5 * 0.0008993, 4.5 * 0.0008993))
    assert codes(findings) == ["private_places"]
    assert notes == [
        "candidate sites: 4 from the street extract: 1 car_sharing, 1 fuel, 1 kerbside, 1 parking",
        "candidate sites: 1 of street_lamp are left out, no kind of the study may come there",
    ]


def test_an_extract_whose_ids_do_not_rise_is_searched_like_any(tmp_path):
    grid, pump = {**TOWN, 20: (2, 0)}, {20: {"amenity": "fuel"}}
    car_park = area(5, 6, 7, 8, 5, amenity="parking")
    path = write_osm(tmp_path / "town.osm", grid, RING, car_park, node_tags=pump)
    in_order, _, _ = read(tmp_path, streets=path)
    lines = path.read_text().splitlines()
    ways = [line for line in lines if line.startswith("<way")]
    assert len(ways) == 2
    text = "\n".join([line for line in lines if line not in ways][:-1] + ways[::-1] + lines[-1:])
    path.write_text(text)
    sites, findings, _ = read(tmp_path, streets=path)
    assert findings.errors == ()
    assert [(site.id, site.lon, site.lat, site.source) for site in sites] == [
        (site.id, site.lon, site.lat, site.source) for site in in_order
    ]
    assert {"node/20", "way/2"} <= {site.id for site in sites}


def test_a_place_beside_chargers_is_no_site_of_its_own(tmp_path):
    tags = {20: {"amenity": "parking"}, 21: {"amenity": "parking"}}
    path = write_osm(tmp_path / "town.osm", {**TOWN, 20: (0.1, 0), 21: (3, 0)}, RING, node_tags=tags)
    charger = point(id="old", ac22=1)
    charger["geometry"]["coordinates"] = [0.0, 0.0]
    write(tmp_path, "chargers.geojson", charger)
    sites, _, notes = read(tmp_path, streets=path)
    assert [site.id for site in sites] == ["old", "node/21"]
    assert notes[-1] == "candidate sites: 1 beside chargers that stand already are left out"


def test_sites_of_the_extract_come_beside_those_of_a_file_where_that_is_asked_for(tmp_path):
    pumps = {20: {"amenity": "fuel"}, 21: {"amenity": "fuel"}, 22: {"amenity": "fuel"}}
    spots = {20: (2, 0), 21: (5, 0), 22: (8, 0)}
    path = write_osm(tmp_path / "town.osm", {**TOWN, **spots}, RING, node_tags=pumps)
    # Ours is where one of the pumps is; another one is called as it is in the file, some way off.
    (tmp_path / "candidates.csv").write_text("id,lon,lat\nours,0.0017986,0\nnode/22,0.1,0\n")
    sites, _, _ = read(tmp_path, streets=path)
    assert [site.id for site in sites] == ["ours", "node/22"]
    sites, findings, notes = read(tmp_path, streets=path, with_extract=True)
    assert [(site.id, site.source) for site in sites] == [
        ("ours", "upload"),
        ("node/22", "upload"),
        ("node/21", "fuel"),
    ]
    assert codes(findings) == []
    assert "candidate sites: 1 beside sites of the file or chargers that stand already are left out" in notes


def test_without_anything_better_sites_are_corners_some_way_apart(tmp_path):
    grid = {row * 10 + column: (column, row) for row in range(9) for column in range(9)}
    lines = [way(*(row * 10 + column for column in range(9))) for row in range(9)]
    lines += [way(*(row * 10 + column for row in range(9))) for column in range(9)]
    streets = streets_of(tmp_path, grid, *lines)
    sites, findings, notes = read(tmp_path, streets=tmp_path / "tiny.osm", graph=streets.graph)
    assert findings.items == []
    # 250 m or more on a raster of 100 m
    assert 4 <= len(sites) <= 12
    places = [(site.lon / 0.0008993, site.lat / 0.0008993) for site in sites]
    pairs = [(a, b) for index, a in enumerate(places) for b in places[:index]]
    assert all((a[0] - b[0]) ** 2 + (a[1] - b[1]) ** 2 > 6.2 for a, b in pairs)
    assert {site.source for site in sites} == {"kerbside"}
    assert notes == [f"candidate sites: {len(sites)} street corners, 250 m apart or more (kerbside)"]


def test_without_streets_sites_are_where_people_are(tmp_path):
    demand = tuple(DemandPoint(id=str(i), lon=EAST + i / 1000, lat=NORTH, weight=1, segment="x") for i in range(10))
    sites, _, notes = read(tmp_path, demand=demand)
    # 59.4 m between them, so every fifth
    assert [round((site.lon - EAST) * 1000) for site in sites] == [0, 5]
    assert notes == ["candidate sites: 2 places of demand, 250 m apart or more (kerbside)"]


def test_an_extract_that_cannot_be_read_is_told(tmp_path):
    (tmp_path / "torn.osm.pbf").write_bytes(b"torn")
    _, findings, _ = read(tmp_path, streets=tmp_path / "torn.osm.pbf")
    assert "streets_unreadable" in codes(findings)


def test_streets_that_know_no_places_to_offer_beside_those_of_a_file_are_told(tmp_path):
    write(tmp_path, "candidates.geojson", point(id="own"))
    sites, findings, _ = read(tmp_path, with_extract=True)
    assert [site.id for site in sites] == ["own"]
    assert [(item.source, item.code) for item in findings.items] == [("streets", "no_osm_candidates")]
